"""Finds the mandates: which place falls under which item, and how sure that is."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables
from citycover.city.model import City
from citycover.errors import TableError
from citycover.law.criteria import Criteria, load_criteria
from citycover.law.departments import load_departments
from citycover.law.phrases import phrase
from citycover.law.records import spread_records
from citycover.law.regulation import Rulebook
from citycover.terms import Lang

FACT_COLUMNS: tuple[str, ...] = (
    "ground",
    "gfa",
    "length",
    "spaces",
    "road_class",
    "operator",
    "operator_type",
    "owner",
    "access",
    "fee",
    "secret",
    "place_source",
)
"""Facts of the place that the builder rules need; they stand behind the declared columns of ``mandates``."""

_COARSE = 10.0  # m: the middle of a place is rounded to this for the ids of its mandates
_OSM_ID = r"(?:node|way|relation)/\d+"
_RANKS = ("low", "medium", "high")


def find_mandates(
    city: City,
    rulebook: Rulebook,
    *,
    criteria: Criteria | None = None,
    records: pd.DataFrame | None = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Return the places that fall under an item of the rulebook: one row per place, item and kind.

    ``standing`` is ``named`` (no qualifier, one that the kind itself bears, or an ambiguous one, which never drops),
    ``qualified`` (an explicit qualifier whose criterion is met), ``undecided`` (no size, level or date; evidence that
    only suggests; an official list that is missing) or ``designated`` (by a record, a register or a decision). A place
    that clearly does not meet an explicit qualifier has no mandate: see :func:`judge_places`. Vehicles come from
    registers alone, and their mandates have no geometry, so that they are never points on a map.

    Parameters
    ----------
    city
        Its ``places`` and ``place_kinds`` are read.
    rulebook
        The regulation of the city.
    criteria
        The planner's numbers; our defaults where left out.
    records
        Table ``records``: designations and dates of completion override what the map shows.
    lang
        Language of ``standing_reason`` and ``department``.

    Returns
    -------
    GeoDataFrame
        Table ``mandates`` with the place's geometry, in the order of the rulebook's rows, then of ``place_id``; the
        columns of :data:`FACT_COLUMNS` come last. The builder columns are null until ``assign_builders``.

    Raises
    ------
    TableError
        ``place_kinds`` names a place that ``places`` lacks.
    """
    judged = judge_places(city, rulebook, criteria=criteria, records=records, lang=lang)
    kept = judged[judged["verdict"] == "mandate"].drop(columns="verdict")
    return tables.conform("mandates", kept, crs=city.crs)


def judge_places(
    city: City,
    rulebook: Rulebook,
    *,
    criteria: Criteria | None = None,
    records: pd.DataFrame | None = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Return every place of a kind that the rulebook names, with ``verdict`` and the reason.

    ``verdict`` is ``mandate``, ``not_met`` (an explicit qualifier is clearly not met, or a record says no) or
    ``vehicle``. Columns as in :func:`find_mandates`; ``standing`` is null where there is no mandate.

    Raises
    ------
    TableError
        ``place_kinds`` names a place that ``places`` lacks.
    """
    criteria = criteria or load_criteria()
    _refuse_strangers(city)
    joined = _join(city, rulebook)
    if records is not None and len(records):
        joined = joined.merge(
            spread_records(records)[["place_id", "designation", "completed_on"]], on="place_id", how="left"
        )
        joined["start_date"] = joined["completed_on"].where(joined["completed_on"].notna(), joined["start_date"])
    state = _criterion_states(joined, criteria)
    rows = _stand(joined, state, rulebook, criteria, lang)
    rows["criterion"] = joined["criterion"].map({c: criteria.describe(c) for c in set(joined["criterion"]) if c})
    departments = joined["kind"].map(load_departments(lang=lang))
    rows["department"] = joined["department"].where(joined["department"].notna(), departments)
    rows["mandate_id"] = _mandate_ids(joined)
    wanted = [c.name for c in tables.TABLES["mandates"].columns]
    columns = [c for c in wanted if c in rows.columns] + ["verdict", *FACT_COLUMNS, "geometry"]
    frame = gpd.GeoDataFrame(rows[columns], geometry="geometry", crs=city.crs)
    frame.loc[frame["part"] == "vehicle_interior", "geometry"] = None
    return tables.conform("mandates", frame)


def unshown_rows(rulebook: Rulebook, shown_kinds: set[str] | frozenset[str], *, lang: Lang = "zh") -> pd.DataFrame:
    """Return the rows of a rulebook for which OpenStreetMap can show no place, with the reason, in its order.

    "Not in OpenStreetMap" is not "none exists": the planner supplies these as ``places`` tables or fleet registers.

    Parameters
    ----------
    rulebook
        The regulation.
    shown_kinds
        Kinds that the map can show.
    lang
        Language of label and reason.
    """
    number = 0 if lang == "zh" else 1
    found = [
        {
            "article": row.article,
            "item": row.item,
            "kind": row.kind,
            "term": row.term,
            "label": rulebook.label_of(row)[number],
            "reason": (
                phrase("vehicle_register", lang)
                if row.part == "vehicle_interior"
                else phrase("list", lang, row.official_list[number])
                if row.official_list[number]
                else phrase("needs_layer", lang)
            ),
        }
        for row in rulebook.rows
        if row.kind not in shown_kinds or row.part == "vehicle_interior"
    ]
    return pd.DataFrame(found, columns=["article", "item", "kind", "term", "label", "reason"])


def _refuse_strangers(city: City) -> None:
    strangers = city.place_kinds[~city.place_kinds["place_id"].isin(city.places["place_id"])]
    if len(strangers):
        raise TableError(
            f"table place_kinds: needed place_ids that the table places holds, given {len(strangers)} others, "
            f"such as {strangers['place_id'].iloc[0]!r}"
        )


def _rulebook_rows(rulebook: Rulebook) -> pd.DataFrame:
    """Return the rows of the rulebook as a table, numbered in its order."""
    columns = {
        "kind": [r.kind for r in rulebook.rows],
        "article": [r.article for r in rulebook.rows],
        "item": [r.item for r in rulebook.rows],
        "term": [r.term for r in rulebook.rows],
        "part": [r.part for r in rulebook.rows],
        "qualifier": [r.qualifier for r in rulebook.rows],
        "qualifier_scope": [r.scope for r in rulebook.rows],
        "criterion": [r.criterion for r in rulebook.rows],
        "row_confidence": [r.confidence for r in rulebook.rows],
    }
    frame = pd.DataFrame(columns).astype("str")
    frame["ranking_only"] = np.array([r.ranking for r in rulebook.rows], dtype=bool)
    frame["listed"] = np.array([bool(r.official_list[0]) for r in rulebook.rows], dtype=bool)
    frame["row_number"] = np.arange(len(frame))
    frame["rulebook"] = pd.Series([rulebook.id] * len(frame), dtype="str")
    return frame


def _join(city: City, rulebook: Rulebook) -> gpd.GeoDataFrame:
    kinds = city.place_kinds[["place_id", "kind", "evidence", "confidence", "candidate"]]
    pairs = kinds.merge(_rulebook_rows(rulebook), on="kind", how="inner")
    places = city.places.rename(columns={"source": "place_source"})
    joined = pairs.merge(pd.DataFrame(places), on="place_id", how="inner")
    return joined.sort_values(["row_number", "place_id"], kind="stable").reset_index(drop=True)


def _mandate_ids(joined: gpd.GeoDataFrame) -> pd.Series:
    """Return ids that follow from the place, the rulebook, the item and the kind.

    The place is told by its own id where that is no OSM id (a section, a junction, a register's row), else by its name
    and its middle rounded to 10 m: an object that was deleted and drawn anew keeps its id. Repeats are numbered by
    where they lie.
    """
    middle = shapely.centroid(joined.geometry.to_numpy())
    x, y = shapely.get_x(middle), shapely.get_y(middle)
    drawn = joined["place_id"].str.fullmatch(_OSM_ID).to_numpy(dtype=bool) & ~np.isnan(x)
    spot = [f"{i:.0f}/{j:.0f}" for i, j in zip(np.round(x / _COARSE), np.round(y / _COARSE), strict=True)]
    place = np.where(drawn, joined["name"].astype(object).fillna("") + "@" + pd.Series(spot, dtype=object), "")
    place = np.where(drawn, place, joined["place_id"].to_numpy(dtype=object))
    citation = joined["article"] + joined["item"]
    ids = pd.DataFrame(
        {"id": tables.content_ids("M", place, joined["rulebook"], citation, joined["kind"]), "x": x, "y": y}
    )
    order = ids.sort_values(["id", "x", "y"], kind="stable")
    return pd.Series(tables.number_repeats(order["id"]), index=order.index, dtype="str").sort_index()


def _criterion_states(joined: pd.DataFrame, criteria: Criteria) -> pd.Series:
    """Return met, not_met or unknown per row; empty where the row has no criterion."""
    state = pd.Series("", index=joined.index, dtype="str")
    for criterion in sorted(set(joined["criterion"]) - {""}):
        mask = joined["criterion"] == criterion
        state[mask] = criteria.judge(criterion, joined[mask])
    return state


def _stand(joined: pd.DataFrame, state: pd.Series, rulebook: Rulebook, criteria: Criteria, lang: Lang) -> pd.DataFrame:
    """Return the joined rows with standing, verdict and reason: the first condition that holds decides."""
    decides = (joined["criterion"] != "") & ~joined["ranking_only"]
    candidate = joined["candidate"].fillna(False).astype(bool)
    from_list = joined["place_source"].isin(["register", "decision"]).fillna(False).astype(bool)
    yes, no = _designations(joined)
    open_question = candidate | joined["listed"] | (decides & (state != "met"))
    explicit_out = decides & (state == "not_met")
    number = 0 if lang == "zh" else 1
    lists = np.array([r.official_list[number] for r in rulebook.rows], dtype=object)[joined["row_number"].to_numpy()]
    list_words = pd.Series(lists, index=joined.index).map(lambda word: phrase("list", lang, word))
    ambiguous = joined["qualifier"].map(lambda word: phrase("ambiguous", lang, word))
    by_kind = joined["qualifier"].map(lambda word: phrase("by_kind", lang, word))
    steps = [
        ((joined["part"] == "vehicle_interior") & ~from_list, "vehicle", None, phrase("vehicle", lang)),
        (no & open_question, "not_met", None, phrase("designated_out", lang)),
        (yes & open_question, "mandate", "designated", phrase("designated", lang)),
        (explicit_out, "not_met", None, phrase("not_met", lang)),
        (joined["listed"] & from_list & ~candidate & ~decides, "mandate", "designated", phrase("listed", lang)),
        (candidate, "mandate", "undecided", phrase("candidate", lang)),
        (decides & (state == "met"), "mandate", "qualified", phrase("met", lang)),
        (decides & ~joined["listed"], "mandate", "undecided", phrase("criterion_unknown", lang)),
        (joined["listed"], "mandate", "undecided", list_words),
        (joined["qualifier_scope"] == "ambiguous", "mandate", "named", ambiguous),
        (joined["qualifier_scope"] == "explicit", "mandate", "named", by_kind),
    ]
    masks = [mask.to_numpy(bool) for mask, *_ in steps]
    rows = joined.copy()
    rows["verdict"] = np.select(masks, [verdict for _, verdict, _, _ in steps], "mandate")
    standings = [standing or "" for _, _, standing, _ in steps]
    standing = pd.Series(np.select(masks, standings, "named"), index=rows.index, dtype="str")
    rows["standing"] = standing.where(standing != "", None)
    reasons = [np.asarray(words, dtype=object) for *_, words in steps]
    reason = pd.Series(np.select(masks, reasons, phrase("named", lang)), index=rows.index, dtype="str")
    rank = _rank_words(joined, state, criteria, lang)
    rows["standing_reason"] = reason.where(rank == "", reason + "；" + rank)
    rows["qualifier"] = rows["qualifier"].where(rows["qualifier"] != "", None)
    rows["qualifier_scope"] = rows["qualifier_scope"].where(rows["qualifier_scope"] != "", None)
    rows["confidence"] = _weaker(joined["confidence"], joined["row_confidence"])
    return rows


def _designations(joined: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Return which rows are on record as designated and which as not.

    A record that cites the item or kind, or whose words hold the row's term (宗教活动场所登记证), speaks of that row
    alone; any other one but a plain no speaks of all open rows of its place.
    """
    if "designation" not in joined.columns:
        none = pd.Series(False, index=joined.index)
        return none, none
    value = joined["designation"]
    cited = (value == joined["kind"]) | (value == joined["item"]) | (value == joined["article"] + joined["item"])
    pairs = pd.Series(list(zip(value.fillna(""), joined["term"], strict=True)), index=joined.index, dtype=object)
    cited |= pairs.map({pair: bool(pair[0]) and pair[1] in pair[0] for pair in set(pairs)}).astype(bool)
    place_cited = cited.groupby(joined["place_id"]).transform("any") if len(joined) else cited
    no = (value == "no").astype(bool)
    return cited | (value.notna() & ~no & ~place_cited), no


def _rank_words(joined: pd.DataFrame, state: pd.Series, criteria: Criteria, lang: Lang) -> pd.Series:
    key = ("rank_" + state).where(joined["ranking_only"] & (state != ""), "")
    labels = {c: criteria.criteria[c].label[0 if lang == "zh" else 1] for c in set(joined["criterion"]) if c}
    words = {(k, c): phrase(k, lang, labels[c]) for k, c in set(zip(key, joined["criterion"], strict=True)) if k}
    pairs = pd.Series(list(zip(key, joined["criterion"], strict=True)), index=joined.index, dtype=object)
    return pairs.map(words).astype("str").fillna("")


def _weaker(one: pd.Series, other: pd.Series) -> pd.Series:
    order = {word: n for n, word in enumerate(_RANKS)}
    low = one.map(order).fillna(0).clip(upper=other.map(order).fillna(0)).astype(int)
    return pd.Series(np.array(_RANKS, dtype=object)[low.to_numpy()], index=one.index, dtype="str")
