"""Assigns who must build each mandate: the first rule whose conditions hold, and a higher law laid over it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import tables
from citycover.errors import RulebookError
from citycover.law.criteria import Criteria, load_criteria
from citycover.law.facts import Facts, read_facts
from citycover.law.phrases import phrase
from citycover.law.regulation import BuilderRule, Rulebook
from citycover.terms import Lang

Texts = npt.NDArray[np.object_]
Masks = npt.NDArray[np.bool_]

SAME_PARTY: frozenset[frozenset[str]] = frozenset(
    {
        frozenset({"manager", "operating_unit"}),
        frozenset({"manager_or_user", "operating_unit"}),
        frozenset({"manager", "manager_or_user"}),
        frozenset({"holder_by_inference", "operating_unit"}),
    }
)
"""Answers that two laws word differently and that name the same party: no conflict. Who holds a bus and who runs it are
one; that the city's text means the holder is our inference besides, so that there is no word of it to disagree with."""

UNSETTLED: tuple[str, ...] = ("unspecified", "review")
"""City's or overlay's answers that cannot disagree with another."""


def assign_builders(
    mandates: gpd.GeoDataFrame,
    rulebook: Rulebook,
    *,
    records: pd.DataFrame | None = None,
    overlay: Rulebook | None = None,
    criteria: Criteria | None = None,
    on: str | None = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Return the same mandates with who must build each, by which rule and article, on what facts and how surely.

    The rulebook's builder rules are tried in order and the first whose conditions hold answers. What only
    OpenStreetMap shows never gives more than ``medium`` for ownership; records give ``high``. ``builder`` stays the
    city's answer; ``builder_effective`` is the overlay's where it speaks, and ``overlay_conflict`` says that the two
    disagree.

    Parameters
    ----------
    mandates
        From ``find_mandates`` under the same rulebook, with its fact columns.
    rulebook
        The city's regulation.
    records
        Table ``records``: agreements, owners, managers, operating units, ownership by the State.
    overlay
        The higher law, such as ``national_2025``.
    criteria
        The planner's numbers, the same as for ``find_mandates``.
    on
        Day of the study (ISO): an overlay that is not yet in force then is left out.
    lang
        Language of ``builder_evidence``.

    Raises
    ------
    RulebookError
        The mandates were found under another rulebook, or ``overlay`` is none.
    TableError
        The records contradict each other.
    """
    _refuse_wrong_books(mandates, rulebook, overlay)
    criteria = criteria or load_criteria()
    facts = read_facts(mandates, records, criteria, lang=lang)
    out = pd.DataFrame(mandates.drop(columns="geometry"))
    fired = _fire(mandates, rulebook.builders, facts, criteria)
    if len(fired) and fired.min() < 0:
        raise RulebookError(f"{rulebook.id}: needed a builder rule for every mandate, given none for some")
    out["builder"] = _take([r.builder for r in rulebook.builders], fired)
    out["builder_rule"] = _take([r.id for r in rulebook.builders], fired)
    out["builder_article"] = _take([r.article for r in rulebook.builders], fired)
    out["builder_confidence"] = _take([r.confidence for r in rulebook.builders], fired)
    out["builder_alternatives"] = _alternatives(rulebook.builders, fired, facts)
    out["builder_evidence"] = _evidence(mandates, rulebook.builders, fired, facts, criteria, lang)
    out["needs_record"] = _needs(rulebook.builders, fired, facts)
    out["builder_effective"] = out["builder"]
    out["overlay_article"] = None
    out["overlay_conflict"] = False
    if overlay is not None and (on is None or on >= overlay.in_force):
        _lay_over(out, mandates, overlay, facts, criteria)
    texts = ["builder_alternatives", "needs_record"]
    out[texts] = out[texts].where(out[texts] != "", None)
    return tables.conform("mandates", gpd.GeoDataFrame(out, geometry=mandates.geometry), crs=mandates.crs)


def _refuse_wrong_books(mandates: pd.DataFrame, rulebook: Rulebook, overlay: Rulebook | None) -> None:
    others = sorted(set(mandates["rulebook"].dropna()) - {rulebook.id})
    if others:
        raise RulebookError(f"needed mandates found under {rulebook.id}, given some of {', '.join(others)}")
    if overlay is not None and overlay.role != "overlay":
        raise RulebookError(f"needed a rulebook with role 'overlay' to lay over, given {overlay.id} ({overlay.role})")


def _take(words: list[str], fired: npt.NDArray[np.int64]) -> Texts:
    """Return the word of the rule that fired per row, empty where none did."""
    return np.array([*words, ""], dtype=object)[fired]


def _fire(
    mandates: pd.DataFrame, rules: tuple[BuilderRule, ...], facts: Facts, criteria: Criteria
) -> npt.NDArray[np.int64]:
    """Return the number of the first rule that holds per row, -1 where none does."""
    sizes: dict[str, Texts] = {}
    masks = [_holds(rule, mandates, facts, criteria, sizes) for rule in rules]
    return np.asarray(np.select(masks, list(range(len(rules))), -1) if masks else np.full(len(mandates), -1), np.int64)


def _holds(
    rule: BuilderRule, mandates: pd.DataFrame, facts: Facts, criteria: Criteria, sizes: dict[str, Texts]
) -> Masks:
    when = rule.when
    mask = np.ones(len(mandates), dtype=bool)
    if when.kinds:
        mask &= mandates["kind"].isin(when.kinds).to_numpy(bool)
    if when.kinds_from:
        mask &= mandates["kind"].isin(criteria.choices(when.kinds_from)).to_numpy(bool)
    if when.items:
        mask &= mandates["item"].isin(when.items).to_numpy(bool)
    if when.road_classes:
        mask &= mandates["road_class"].isin(when.road_classes).fillna(False).to_numpy(bool)
    if when.mentions:
        mask &= _mentions(mandates, when.mentions)
    for fact, states in when.facts:
        if fact == "size":
            if when.criterion not in sizes:
                sizes[when.criterion] = _size_states(when.criterion, mandates, criteria)
            mask &= np.isin(sizes[when.criterion].astype(str), states)
        else:
            mask &= facts.states[fact].isin(states).to_numpy(bool)
    return mask


def _mentions(mandates: pd.DataFrame, words: tuple[str, ...]) -> Masks:
    text = mandates["name"].fillna("") + "\n" + mandates["evidence"].fillna("")
    mask = np.zeros(len(mandates), dtype=bool)
    for word in words:
        mask |= text.str.contains(word, regex=False).to_numpy(bool)
    return mask


def _size_states(criterion: str, mandates: pd.DataFrame, criteria: Criteria) -> Texts:
    """Return the states of ``size``; the review band holds neither of its own ends."""
    ratio = criteria.ratio(criterion, mandates).to_numpy(float)
    low, high = (float(v) for v in criteria.numbers["size_review_band"].value)  # type: ignore[union-attr]
    masks = [np.isnan(ratio), ratio >= high, ratio >= 1.0, ratio > low]
    return np.asarray(np.select(masks, ["unknown", "above", "near_above", "near_below"], "below"), dtype=object)


def _evidence(
    mandates: pd.DataFrame,
    rules: tuple[BuilderRule, ...],
    fired: npt.NDArray[np.int64],
    facts: Facts,
    criteria: Criteria,
    lang: Lang,
) -> Texts:
    """Return the rule's reason and the facts at hand; a rule by kind alone needs none of them."""
    words = np.full(len(mandates), "", dtype=object)
    for number in np.unique(fired):
        when = rules[number].when
        rows = fired == number
        text = np.full(int(rows.sum()), rules[number].why[0 if lang == "zh" else 1], dtype=object)
        if when.road_classes:
            text = text + _joined(mandates["road_class"][rows].map(lambda c: phrase("road_class", lang, c)))
        if when.criterion:
            text = text + _joined(_size_words(when.criterion, mandates[rows], criteria, lang))
        elif not when.kinds or when.facts:
            for fact in ("agreement", "state_owned", "owner", "manager"):
                text = text + _joined(facts.words[fact][rows])
        for fact in ("operated", "access"):
            if any(name == fact for name, _ in when.facts):
                text = text + _joined(facts.words[fact][rows])
        words[rows] = text
    return words


def _joined(words: pd.Series) -> Texts:
    return np.asarray(("；" + words).where(words != "", "").fillna(""), dtype=object)


def _size_words(criterion: str, mandates: pd.DataFrame, criteria: Criteria, lang: Lang) -> pd.Series:
    ratio = criteria.ratio(criterion, mandates).round(2)
    number = criteria.describe(criterion, lang)
    known = ratio.map(lambda r: phrase("size", lang, number, f"{r:g}"))
    return known.where(ratio.notna(), phrase("size_unknown", lang, number)).astype("str")


def _needs(rules: tuple[BuilderRule, ...], fired: npt.NDArray[np.int64], facts: Facts) -> Texts:
    """Return the records that would settle the answer, without those at hand."""
    words = np.full(len(fired), "", dtype=object)
    for number in np.unique(fired[fired >= 0]):
        rows = fired == number
        for need in rules[number].needs:
            here = facts.recorded[need].to_numpy(bool) if need in facts.recorded.columns else np.zeros(len(fired), bool)
            words[rows & ~here] = words[rows & ~here] + (need + ";")
    return np.array([w.rstrip(";") for w in words], dtype=object)


def _alternatives(rules: tuple[BuilderRule, ...], fired: npt.NDArray[np.int64], facts: Facts) -> Texts:
    """Return the other answers that are open; who agreed is none where the record says that nobody did."""
    words = _take([";".join(r.alternatives) for r in rules], fired)
    left = _take([";".join(a for a in r.alternatives if a != "agreed_party") for r in rules], fired)
    return np.where(facts.states["agreement"] == "recorded_no", left, words).astype(object)


def _lay_over(out: pd.DataFrame, mandates: pd.DataFrame, overlay: Rulebook, facts: Facts, criteria: Criteria) -> None:
    """Fill the overlay's columns of ``out``, a frame of our own."""
    fired = _fire(mandates, overlay.builders, facts, criteria)
    answer = pd.Series(_take([r.builder for r in overlay.builders], fired), index=out.index, dtype="str")
    article = pd.Series(_take([r.article for r in overlay.builders], fired), index=out.index, dtype="str")
    speaks = answer != ""
    out["builder_effective"] = out["builder"].where(~speaks, answer)
    out["overlay_article"] = article.where(article != "", None)
    pairs = pd.Series(list(zip(out["builder"], answer, strict=True)), index=out.index, dtype=object)
    out["overlay_conflict"] = pairs.map({pair: _disagree(*pair) for pair in set(pairs)}).astype(bool)
    out["needs_record"] = _union(out["needs_record"], _needs(overlay.builders, fired, facts))
    further = _alternatives(overlay.builders, fired, facts)
    out["builder_alternatives"] = _union(out["builder_alternatives"], further)


def _disagree(city: str, higher: str) -> bool:
    if not higher or city == higher or city in UNSETTLED or higher in UNSETTLED:
        return False
    return frozenset({city, higher}) not in SAME_PARTY


def _union(one: pd.Series, other: Texts) -> list[str]:
    """Return both lists of words joined by ``;``, each word once, in order."""
    pairs = list(zip(one.fillna(""), other, strict=True))
    joined = {p: ";".join(dict.fromkeys(w for part in p for w in str(part).split(";") if w)) for p in set(pairs)}
    return [joined[p] for p in pairs]
