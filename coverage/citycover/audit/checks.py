"""Checks the facts of a register against the clauses, deadlines and penalties of one regulation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from citycover.audit.register_facts import NO, PRIVATE_OWNERS, UNKNOWN, YES, Bools, Dates, RegisterFacts, Signs
from citycover.law.fines import rests_on, say_fine
from citycover.law.regulation import Deadline, Rulebook, article_number
from citycover.terms import OWNER_CLASSES, Lang

Texts = npt.NDArray[np.object_]
BREACH, MET, NOT_CHECKABLE, NOT_BOUND = "suspected", "met", "not_checkable", "not_bound"
PUBLIC_SHARE = 0.3
"""Share of a third party's view on public ground above which it is asked by what right it looks there. Ours."""
TURNED_BY = 10.0
"""Degrees by which a camera may stand off its approved direction. Ours: no text gives a number."""
_NOT_GRADED = r"未|无|否|没有|不合格|不符合|^no$|^none$|^not\b"

TOPICS: dict[str, tuple[str, str, str]] = {
    "not_connected": ("connection", "not_connected", ""),
    "not_accepted": ("acceptance", "not_accepted", ""),
    "no_sign": ("sign", "no_sign", "siting"),
    "no_interface": ("interface", "no_interface", ""),
    "grading": ("grading", "grading", ""),
    "not_entitled": ("authority", "not_entitled", ""),
    "turned": ("pointing", "changed", ""),
}
"""Which article a fact speaks against: that of the clause of the first topic, else the basis of the penalty for the
violation, else that of the clause of the last topic. A rulebook that has none of them does not raise the fact. What a
text forbids to change need not be the pointing (Chongqing 20（七）: position and function): only the topic says so."""
_TOPIC_ALONE = ("turned",)

_FINED_AS: dict[str, tuple[str, ...]] = {
    "retention": ("user_duties",),
    "not_filed": ("not_filed",),
    "filed_late": ("not_filed",),
    "dismantling_due": ("dismantled", "not_filed"),
    "dismantling_unreported": ("dismantled", "not_filed"),
}


@dataclass(frozen=True)
class Check:
    """One fact under one article: per camera the verdict, the words and the day due (NaT where there is none)."""

    clause: str
    article: str
    fine: str
    path: str
    verdict: Texts
    fact: Texts
    due: Dates
    place_id: Texts = field(default_factory=lambda: np.empty(0, object))


def check_cameras(facts: RegisterFacts, rulebook: Rulebook, *, lang: Lang) -> Iterator[Check]:
    """Yield the checks that the rulebook gives a ground for, in the order of ``terms.BREACHES``."""
    if str(facts.today) < rulebook.in_force:
        return
    days = {deadline.id: deadline for deadline in rulebook.deadlines}
    checks = _Checks(facts, rulebook, lang)
    if "retention" in days and days["retention"].days is not None:
        yield checks.retention(days["retention"])
    yield from checks.simple(
        "not_connected", "networked", "未接入联网共享平台", "not connected to the sharing platform"
    )
    yield from checks.acceptance()
    yield from checks.filing(days.get("new_system_filing"), days.get("preexisting_filing"))
    yield from checks.simple("no_sign", "has_sign", "未设置标志", "no sign")
    yield from checks.simple("no_interface", "has_interface", "未预留接口", "no interface reserved")
    yield from checks.grading()
    if "dismantling_report" in days and days["dismantling_report"].days is not None:
        yield from checks.dismantling(days["dismantling_report"])
    yield from checks.entitled()
    yield from checks.turned()


def find_article(rulebook: Rulebook, clause: str) -> tuple[str, tuple[str, ...]]:
    """Return the article that a fact of :data:`TOPICS` speaks against and what it is limited to; empty where none.

    >>> from citycover.law.rulebook import load_rulebook
    >>> find_article(load_rulebook("wuxi_2019"), "not_accepted")[0]
    '第十五条'
    """
    topic, violation, last = TOPICS[clause]
    found = [c for c in rulebook.clauses if c.topic == topic]
    if not found:
        bans = {ban.article for ban in rulebook.bans}
        basis = [b for p in rulebook.penalties if p.violation == violation for b in p.basis if b not in bans]
        if basis and clause not in _TOPIC_ALONE:
            limits = (c.applies_to for c in rulebook.clauses if c.applies_to and rests_on([c.article], basis[0]))
            return basis[0], next(limits, ())
        found = [c for c in rulebook.clauses if c.topic == last]
    return (found[0].article, found[0].applies_to) if found else ("", ())


class _Checks:
    """The checks of one rulebook on one set of cameras."""

    def __init__(self, facts: RegisterFacts, rulebook: Rulebook, lang: Lang) -> None:
        self.facts, self.rulebook, self.lang = facts, rulebook, lang
        self.n = len(facts.cameras)
        self.none = np.full(self.n, np.datetime64("NaT"), "datetime64[D]")

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def judge(self, *, bound: Bools, limits: tuple[str, ...], bad: Signs) -> Texts:
        """Return the verdict: a limit that is unknown makes a fault not checkable, and never hides that none is."""
        applies = self.facts.applies(limits)
        conditions = [~bound | (applies == NO), bad == NO, (bad == UNKNOWN) | (applies == UNKNOWN)]
        return np.select(conditions, [NOT_BOUND, MET, NOT_CHECKABLE], BREACH).astype(object)

    def make(self, clause: str, article: str, verdict: Texts, fact: Texts | str, due: Dates | None = None) -> Check:
        violations = _FINED_AS.get(clause) or (TOPICS[clause][1],)
        fine, path = say_fine(
            self.rulebook, article, violations, duty_first=clause.startswith("dismantling"), lang=self.lang
        )
        words = np.full(self.n, fact, object) if isinstance(fact, str) else fact
        return Check(clause, article, fine, path, verdict, words, self.none if due is None else due)

    def retention(self, deadline: Deadline) -> Check:
        assert deadline.days is not None
        days = self.facts.number("retention_days")
        bad = np.select([np.isnan(days), days < deadline.days], [UNKNOWN, YES], NO).astype(np.int8)
        verdict = self.judge(bound=self.facts.standing, limits=deadline.applies_to, bad=bad)
        short = _numbers(days)
        fact = (
            "登记留存 " + short + f" 天，少于 {deadline.days} 天"
            if self.lang == "zh"
            else "kept " + short + f" days, fewer than {deadline.days}"
        )
        return self.make("retention", deadline.article, verdict, fact + self._note(deadline))

    def simple(self, clause: str, column: str, zh: str, en: str) -> Iterator[Check]:
        """A column that says no where the clause says yes."""
        article, limits = find_article(self.rulebook, clause)
        if not article:
            return
        has = self.facts.truth(column)
        bad = np.select([has == UNKNOWN, has == NO], [UNKNOWN, YES], NO).astype(np.int8)
        verdict = self.judge(bound=self.facts.standing, limits=limits, bad=bad)
        yield self.make(clause, article, verdict, self.say("登记为" + zh, "register: " + en))

    def acceptance(self) -> Iterator[Check]:
        """In use without acceptance; systems in use before the text was in force are not bound by it."""
        article, limits = find_article(self.rulebook, "not_accepted")
        if not article:
            return
        status, today = self.facts.words("status"), self.facts.today
        used, accepted = self.facts.date("in_use_since"), self.facts.date("accepted_on")
        unbuilt = status.isin(["planned", "approved", "building"]).to_numpy(dtype=bool) & (used <= today)
        assumed = self.facts.truth("status_assumed") == YES
        running = status.eq("in_use").to_numpy(dtype=bool)
        done = ~np.isnat(accepted) & (accepted <= today)
        known = ~np.isnat(accepted) | (self.facts.keeps_acts & ~assumed)
        bad = np.select([done, unbuilt, ~known], [NO, YES, UNKNOWN], YES).astype(np.int8)
        verdict = self.judge(bound=(running | unbuilt) & ~self._before(used), limits=limits, bad=bad)
        fact: Texts = np.select(
            [unbuilt, ~np.isnat(accepted)],
            [
                self.say("登记为未建成，启用日期已到 ", "not yet built by its status, in use since ") + _iso(used),
                self.say("在用，验收日期在后 ", "in use, accepted only on ") + _iso(accepted),
            ],
            self.say("在用，登记无验收日期", "in use, no date of acceptance on record"),
        ).astype(object)
        yield self.make("not_accepted", article, verdict, fact)

    def filing(self, new: Deadline | None, earlier: Deadline | None) -> Iterator[Check]:
        """Filing of systems before and after the text's start: never filed, or filed after the day due."""
        used, accepted = self.facts.date("in_use_since"), self.facts.date("accepted_on")
        by_use = new is not None and new.trigger == "in_use"
        done = used if by_use else np.fmin(used, accepted)
        filed, today = self.facts.date("filed_on"), self.facts.today
        built = self.facts.standing | self.facts.words("status").eq("out_of_use").to_numpy(dtype=bool)
        undated = built & np.isnat(done)  # told once, under the first of the two deadlines
        for deadline, old in ((earlier, True), (new, False)):
            if deadline is None or deadline.days is None:
                continue
            start = np.datetime64(self.rulebook.in_force, "D")
            base = np.full(self.n, start) if old else (used if by_use else accepted)
            due = base + np.timedelta64(deadline.days, "D")
            bound = undated | (built & ~np.isnat(done) & (self._before(done) == old))
            undated = np.zeros(self.n, bool)
            has, unknown = ~np.isnat(filed), np.isnat(done) | np.isnat(due)
            silent = ~self.facts.keeps_acts & (today > due)
            never = np.select([has, unknown | silent, today > due], [NO, UNKNOWN, YES], NO).astype(np.int8)
            late = np.select([unknown, filed > due], [UNKNOWN, YES], NO).astype(np.int8)
            to = f"（{deadline.to}）" if self.lang == "zh" and deadline.to else ""
            tail = self._note(deadline)
            words = {
                "not_filed": self.say(f"登记无备案日期{to}，", "no date of filing on record; ")
                + self._since(base, deadline)
                + tail,
                "filed_late": self.say("备案于 ", "filed on ")
                + _iso(filed)
                + self.say("，", "; ")
                + self._since(base, deadline)
                + tail,
            }
            for clause, bad, whom in (("not_filed", never, bound), ("filed_late", late, bound & has)):
                verdict = self.judge(bound=whom, limits=deadline.applies_to, bad=bad)
                yield self.make(clause, deadline.article, verdict, words[clause], due)

    def grading(self) -> Iterator[Check]:
        article, limits = find_article(self.rulebook, "grading")
        if not article:
            return
        said = self.facts.words("grading")
        failed = said.str.contains(_NOT_GRADED, case=False, na=False, regex=True).to_numpy(dtype=bool)
        bad = np.select([said.isna().to_numpy(), failed], [UNKNOWN, YES], NO).astype(np.int8)
        verdict = self.judge(bound=self.facts.standing, limits=limits, bad=bad)
        words = self.say("登记为未定级、未测评或者不符合", "register: not graded, not tested or not met")
        yield self.make("grading", article, verdict, words)

    def dismantling(self, deadline: Deadline) -> Iterator[Check]:
        """The report on a dismantling, before or after it: still to come, or not on record after the day due."""
        assert deadline.days is not None
        gone, told, today = self.facts.date("removed_on"), self.facts.date("removal_reported_on"), self.facts.today
        step = np.timedelta64(deadline.days, "D")
        due = gone - step if deadline.direction == "before" else gone + step
        status = self.facts.words("status")
        removed = status.eq("removed").to_numpy(dtype=bool)
        concerned = (removed | ~np.isnat(gone)) & ~self._before(gone)
        unknown = np.isnat(due)
        late = ~np.isnat(told) & (told > due)
        passed = np.isnat(told) & (today > due)
        ahead = np.isnat(told) & (today <= due)
        which = (
            self.say(f"前 {deadline.days} 日报告", f": report {deadline.days} days before")
            if deadline.direction == "before"
            else self.say(f"后 {deadline.days} 日内报告", f": report within {deadline.days} days")
        )
        plan = self.say("拆除日期 ", "dismantling on ") + _iso(gone) + self.say("，应在拆除" + which, which)
        tail = self._note(deadline)
        late_words = self.say("，报告于 ", "; reported on ") + _iso(told)
        missing = self.say("，登记无报告日期", "; no report on record")
        for clause, fault, words in (
            ("dismantling_due", ahead, plan + tail),
            ("dismantling_unreported", late | passed, plan + np.where(late, late_words, missing) + tail),
        ):
            bad = np.select([unknown, fault], [UNKNOWN, YES], NO).astype(np.int8)
            verdict = self.judge(bound=concerned, limits=deadline.applies_to, bad=bad)
            yield self.make(clause, deadline.article, verdict, words, due)

    def entitled(self) -> Iterator[Check]:
        """A private owner's camera that stands on public ground, or sees much of it, where the text reserves that.

        A higher law that speaks of *installing* in such places (role ``overlay``) is asked by the position alone.
        """
        article, limits = find_article(self.rulebook, "not_entitled")
        if not article:
            return
        owner = self.facts.words("owner_class")
        private = owner.isin(PRIVATE_OWNERS).to_numpy(dtype=bool)
        unknown_owner = (owner.isna() | owner.eq("unknown")).to_numpy(dtype=bool)
        ground, share = self.facts.on_public_ground, self.facts.public_share
        if self.rulebook.role != "city":
            share = np.full(self.n, np.nan)
        sees = share > PUBLIC_SHARE  # unknown is no
        none = (ground == NO) | self.facts.own_place | ~(private | unknown_owner)
        none |= (ground != YES) & (share <= PUBLIC_SHARE)
        unknown = unknown_owner | ((ground == UNKNOWN) & ~sees)
        bad = np.select([none, unknown], [NO, UNKNOWN], YES).astype(np.int8)
        built = self.facts.standing | self.facts.words("status").isin(["building", "out_of_use"]).to_numpy(dtype=bool)
        # that the place is public is what is asked here
        verdict = self.judge(bound=built, limits=tuple(n for n in limits if n != "public_places"), bad=bad)
        which = 0 if self.lang == "zh" else 1
        label: Texts = owner.map({key: name[which] for key, name in OWNER_CLASSES.items()}).fillna("").to_numpy(object)
        percent = _numbers(100.0 * share)
        fact: Texts = np.where(
            ground == YES,
            self.say("立于公共空间", "stands on public ground"),
            self.say("视域在公共空间的份额 ", "share of the view on public ground: ")
            + percent
            + self.say(
                f"%（超过 {100 * PUBLIC_SHARE:g}%，本工具标准）", f" % (more than {100 * PUBLIC_SHARE:g} %, ours)"
            ),
        ).astype(object)
        fact = fact + self.say("，所有者类别：", "; class of owner: ") + label
        around = [
            e.article for e in self.rulebook.encouragements if article_number(e.article) == article_number(article)
        ]
        excused = self.say("；依法或者经约定负责建设的除外", "; unless answerable by law or agreement")
        fact = fact + excused
        if around:  # firms and institutions that cover the ground around them
            kind = self.say(f"，属{around[0]}鼓励的周边建设的除外", f", or building what {around[0]} encourages")
            fact = fact + np.where(owner.eq("enterprise").to_numpy(dtype=bool), kind, "").astype(object)
        found = self.make("not_entitled", article, verdict, fact)
        yield Check(**{**vars(found), "place_id": self.facts.place_id})

    def turned(self) -> Iterator[Check]:
        """An azimuth that is not the approved one; a pan-tilt is asked for its home preset."""
        article, limits = find_article(self.rulebook, "turned")
        if not article:
            return
        now, approved = self.facts.number("azimuth"), self.facts.number("azimuth_approved")
        off = np.abs((now - approved + 180.0) % 360.0 - 180.0)
        bad = np.select([np.isnan(off), off > TURNED_BY], [UNKNOWN, YES], NO).astype(np.int8)
        verdict = self.judge(bound=self.facts.standing, limits=limits, bad=bad)
        fact: Texts = (
            self.say("登记方位 ", "azimuth ")
            + _numbers(now)
            + self.say("°，批准方位 ", "°, approved ")
            + _numbers(approved)
            + self.say(f"°，相差超过 {TURNED_BY:g}°（本工具标准）", f"°: more than {TURNED_BY:g}° off (our limit)")
        )
        yield self.make("turned", article, verdict, fact)

    def _before(self, days: Dates) -> Bools:
        """Return where a known day lies before the text was in force."""
        return ~np.isnat(days) & (days < np.datetime64(self.rulebook.in_force, "D"))

    def _since(self, base: Dates, deadline: Deadline) -> Texts:
        what = {
            "in_force": ("施行", "in force"),
            "acceptance": ("验收合格", "accepted"),
            "in_use": ("启用", "in use"),
        }.get(deadline.trigger, ("起算", "counted from"))
        tail = self.say(f" 起 {deadline.days} 日内", f": within {deadline.days} days")
        words: Texts = self.say(f"自{what[0]} ", f"{what[1]} ") + _iso(base) + tail
        return words

    def _note(self, deadline: Deadline) -> str:
        note = deadline.note[0 if self.lang == "zh" else 1]
        return (f"（{note}）" if self.lang == "zh" else f" ({note})") if note else ""


def _iso(days: Dates) -> Texts:
    words: Texts = np.where(np.isnat(days), "", np.datetime_as_string(days)).astype(object)
    return words


def _numbers(values: npt.NDArray[np.float64]) -> Texts:
    words: Texts = np.where(np.isnan(values), "", np.char.mod("%g", np.round(values, 1))).astype(object)
    return words
