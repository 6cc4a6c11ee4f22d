"""Says what a text threatens for a violation: how many yuan, for whom and on what condition."""

from __future__ import annotations

from collections.abc import Sequence

from citycover.law.regulation import PATHS, Money, Penalty, Rulebook
from citycover.terms import Label, Lang

NO_FINE = "none"
"""Path of a violation for which the text has no fine of its own."""

_WHO: tuple[Label, ...] = (("单位", "unit"), ("有关责任人员", "persons in charge"), ("个人", "individual"))
_NONE: Label = ("本规章未设专门罚款", "the text has no fine of its own")


def say_fine(
    rulebook: Rulebook, article: str, violations: Sequence[str], *, duty_first: bool = False, lang: Lang = "zh"
) -> tuple[str, str]:
    """Return what a violation of an article costs, in words, and its path (a key of ``PATHS``, or ``none``).

    The penalty is the first of these violations whose basis is the article (or holds it, or is a part of it); a
    penalty without a basis stands for every article. Where there is none, the text's penalty for ``any`` violation
    answers, else there is no fine.

    Parameters
    ----------
    rulebook
        The regulation.
    article
        The article that is broken, such as 第十五条第二款.
    violations
        Keys of ``VIOLATIONS``, in order of preference.
    duty_first
        An article that the text's list of duties without a fine (``unfined``) names exactly has no fine, even where
        a penalty rests on it: the ten days' notice of Wuxi 17, of which art. 37 fines unauthorised dismantling only.
    lang
        Language of the words.

    Examples
    --------
    >>> from citycover.law.rulebook import load_rulebook
    >>> say_fine(load_rulebook("wuxi_2019"), "第二十一条", ["not_connected"])[0]
    '第三十四条（二）：责令限期改正并给予警告；逾期未改正的，罚款：单位10000元以上30000元以下，有关责任人员1000元以下'
    """
    which = 0 if lang == "zh" else 1
    unfined = duty_first and any(article in clause.article.split(";") for clause in rulebook.unfined)
    penalty = find_penalty(rulebook, article, () if unfined else violations)
    if penalty is None:
        return _NONE[which], NO_FINE
    amounts = [
        f"{who[which]}{_say_money(money, lang)}" if lang == "zh" else f"{who[which]} {_say_money(money, lang)}"
        for who, money in zip(_WHO, (penalty.unit, penalty.persons, penalty.individual), strict=True)
        if money is not None
    ]
    head, note = PATHS[penalty.path][which], penalty.note[which]
    if lang == "zh":
        words = f"{penalty.article}：{head}" + (f"：{'，'.join(amounts)}" if amounts else "")
        return words + (f"（{note}）" if note else ""), penalty.path
    words = f"{penalty.article}: {head}" + (f": {', '.join(amounts)}" if amounts else "")
    return words + (f" ({note})" if note else ""), penalty.path


def find_penalty(rulebook: Rulebook, article: str, violations: Sequence[str]) -> Penalty | None:
    """Return the penalty for one of these violations that rests on the article, else that for any violation.

    >>> from citycover.law.rulebook import load_rulebook
    >>> find_penalty(load_rulebook("wuxi_2019"), "第二十八条第二款", ["user_duties"]) is None
    True
    """
    for violation in violations:
        for penalty in rulebook.penalties:
            if penalty.violation == violation and rests_on(penalty.basis, article):
                return penalty
    return next((penalty for penalty in rulebook.penalties if penalty.violation == "any"), None)


def rests_on(basis: Sequence[str], article: str) -> bool:
    """Return whether one of the articles is this one, holds it or is a part of it; an empty list rests on every one.

    >>> rests_on(["第十条"], "第十条第一款"), rests_on(["第二十条（一）"], "第二十条"), rests_on(["第二条"], "第二十条")
    (True, True, False)
    """
    return not basis or any(article.startswith(b) or b.startswith(article) for b in basis)


def _say_money(money: Money, lang: Lang) -> str:
    assert money is not None
    low, high = money
    if low == high:
        return f"{low}元" if lang == "zh" else f"{low} yuan"
    if low == 0:
        return f"{high}元以下" if lang == "zh" else f"up to {high} yuan"
    return f"{low}元以上{high}元以下" if lang == "zh" else f"{low} to {high} yuan"
