"""Pack what a study found for the map: gaps, mandates, cameras and views with their groups and popup texts."""

from __future__ import annotations

import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import terms
from citycover.audit.priorities import PARTS
from citycover.publish.columnar import named, pack_column
from citycover.publish.figures import effective_builder, is_undecided, items_of
from citycover.publish.filters import builder_of, district_of
from citycover.publish.map_duplicates import pack_duplicates
from citycover.publish.map_findings import pack_conflicts, pack_obstructions
from citycover.publish.map_sites import pack_sites
from citycover.publish.palette import CAMERA, DENSITY, ITEMS, UNDECIDED, VIEW_END
from citycover.publish.results import Results
from citycover.publish.summary import format_share
from citycover.publish.theme_parts import (
    article_words,
    label_cells,
    label_column,
    make_grouping,
    make_theme,
    number_column,
)
from citycover.publish.wording import text
from citycover.sight.optics import load_edition
from citycover.sight.zones import view_zones
from citycover.terms import Lang

VIEW_TOLERANCE = 0.5
PLACE_TOLERANCE = 0.5
MOST_ZONED = 5_000
"""Above so many views the map leaves out where they reach each pixel density."""

PRIORITY_FROM = {"high": 75.0, "medium": 60.0}
"""Lowest priority (0 to 100) of a class; below is ``low``, unknown is ``none``."""


def pack_themes(results: Results, lang: Lang) -> list[dict[str, Any]]:
    """Return the themes of the map, lowest first; one without rows is left out.

    Each has ``id``, ``title``, ``geometry``, ``groups`` (key, label, on, style), ``group`` (code of each row),
    ``names``, ``ids``, ``fields`` (label and packed column, in the order of the popup), and drawing columns.
    """
    packers = (
        (lambda r, words: pack_views(r.views, r.cameras, words), results.views),
        (_pack_zones, results.views if len(results.views) <= MOST_ZONED else []),
        (_pack_mandates, results.mandates),
        (pack_obstructions, results.obstructions),
        (lambda r, words: pack_cameras(r.cameras, words), results.cameras),
        (pack_conflicts, results.conflicts),
        (lambda r, words: pack_gaps(r.gaps, r.mandates, words), results.gaps),
        (lambda r, words: pack_duplicates(r.duplicates, words), results.duplicates),
        (pack_sites, results.sites),
    )
    packed = (pack(results, lang) for pack, frame in packers if len(frame))
    return [theme for theme in packed if theme["groups"]]


def priority_classes(priority: pd.Series) -> pd.Series:
    """Return ``high``, ``medium``, ``low`` or ``none`` for each priority.

    >>> priority_classes(pd.Series([75.0, 74.9, 0.0, None])).tolist()
    ['high', 'medium', 'low', 'none']
    """
    values = priority.to_numpy("float64", na_value=np.nan)
    steps = [np.isnan(values), values >= PRIORITY_FROM["high"], values >= PRIORITY_FROM["medium"]]
    return pd.Series(np.select(steps, ["none", "high", "medium"], "low"), index=priority.index, dtype="str")


def pack_gaps(gaps: gpd.GeoDataFrame, duties: gpd.GeoDataFrame, lang: Lang) -> dict[str, Any]:
    """Return the theme of gaps, by builder; ``duties`` are their mandates."""
    mandates = duties.set_index("mandate_id")
    builder = gaps["builder"].fillna("review")
    undecided = is_undecided(gaps)
    order = [*terms.BUILDERS, "undecided"]
    key = builder.where(~undecided, "undecided")
    groups = [
        {
            "key": name,
            "label": text("gaps_undecided", lang) if name == "undecided" else terms.label(terms.BUILDERS, name, lang),
            "on": name != "undecided" or bool(undecided.all()),
            "colour": UNDECIDED if name == "undecided" else "",
        }
        for name in order
        if (key == name).any()
    ]
    fields = [
        ("f_article", article_words(gaps, gaps["mandate_id"].map(mandates["term"]), lang)),
        ("f_kind", label_column(gaps["kind"], terms.KINDS, lang)),
        ("f_builder", label_column(builder, terms.BUILDERS, lang)),
        ("f_builder_article", gaps["mandate_id"].map(mandates["builder_article"])),
        ("f_builder_evidence", gaps["mandate_id"].map(mandates["builder_evidence"])),
        ("f_overlay", gaps["mandate_id"].map(_higher_law(mandates, lang))),
        ("f_needs_record", label_cells(gaps["mandate_id"].map(mandates["needs_record"]), terms.RECORD_FACTS, lang)),
        ("f_component", label_column(gaps["component"], terms.COMPONENTS, lang)),
        ("f_size", number_column(gaps["size"]) + " " + label_column(gaps["unit"], terms.UNITS, lang)),
        ("f_reason", label_column(gaps["reason"], terms.GAP_REASONS, lang)),
        ("f_nearest", _nearest(gaps, lang)),
        ("f_standing", label_column(gaps["standing"], terms.STANDINGS, lang)),
        ("f_priority", _priority_words(gaps, lang)),
        ("f_decided", _decided_words(gaps, lang)),
        ("f_department", gaps["department"]),
        ("f_district", gaps["district"]),
        ("f_gap_id", gaps["gap_id"]),
    ]
    theme = make_theme("gaps", "gaps_by_builder", gaps, groups, key, fields, lang, tolerance=PLACE_TOLERANCE)
    theme["names"], theme["ids"] = pack_column(named(gaps["name"], lang)), pack_column(gaps["gap_id"])
    theme["style"] = pack_column(priority_classes(gaps["priority"]))
    theme["rank"] = pack_column(gaps["priority"], decimals=1)
    theme |= {"district": pack_column(district_of(gaps)), "builder": pack_column(builder_of(gaps))}
    return theme


def _pack_mandates(results: Results, lang: Lang) -> dict[str, Any]:
    mandates = results.mandates
    item = items_of(mandates).replace("", text("unnumbered", lang))
    names = sorted(set(item), key=item_order)
    groups = [
        {
            "key": name,
            "label": _with_terms(name, mandates.loc[item == name, "term"], lang),
            "on": False,
            "colour": ITEMS[i % len(ITEMS)],
            "tag": _tag(name),
        }
        for i, name in enumerate(names)
    ]
    fields = [
        ("f_article", article_words(mandates, mandates["term"], lang)),
        ("f_kind", label_column(mandates["kind"], terms.KINDS, lang)),
        ("f_part", label_column(mandates["part"], terms.PARTS, lang)),
        ("f_standing", label_column(mandates["standing"], terms.STANDINGS, lang)),
        ("f_standing_reason", mandates["standing_reason"]),
        ("f_evidence", mandates["evidence"]),
        ("f_covered", mandates["mandate_id"].map(_coverage_words(results, lang))),
        ("f_must_build", label_column(effective_builder(mandates), terms.BUILDERS, lang)),
        ("f_builder_article", mandates["builder_article"]),
        ("f_builder_evidence", mandates["builder_evidence"]),
        ("f_overlay", _higher_law(mandates, lang)),
        ("f_needs_record", label_cells(mandates["needs_record"], terms.RECORD_FACTS, lang)),
        ("f_district", mandates["district"]),
        ("f_place_id", mandates["place_id"]),
        ("f_mandate_id", mandates["mandate_id"]),
    ]
    theme = make_theme("mandates", "mandates_by_item", mandates, groups, item, fields, lang, tolerance=PLACE_TOLERANCE)
    theme["names"], theme["ids"] = pack_column(named(mandates["name"], lang)), pack_column(mandates["mandate_id"])
    theme["style"] = pack_column(mandates["standing"])
    department = mandates["department"].fillna(text("unnamed_department", lang))
    theme["groupings"] = [
        {"title": text("by_item", lang), "groups": theme["groups"], "group": theme["group"]},
        make_grouping("by_builder", builder_of(mandates), lang, terms.BUILDERS),
        make_grouping("by_department", department, lang, {}),
    ]
    theme |= {"district": pack_column(district_of(mandates)), "builder": pack_column(builder_of(mandates))}
    return theme


def pack_cameras(cameras: gpd.GeoDataFrame, lang: Lang) -> dict[str, Any]:
    """Return the theme of cameras, with ``counts`` as :func:`citycover.sight.cameras.assign_counting` tells it."""
    counts = cameras["counts"].fillna("no")
    groups = [
        {"key": key, "label": terms.label(terms.COUNTS, key, lang), "on": True, "colour": CAMERA[key]}
        for key in terms.COUNTS
        if (counts == key).any()
    ]
    fields = [
        ("f_counts", label_column(counts, terms.COUNTS, lang)),
        ("f_counts_reason", label_column(cameras["counts_reason"], terms.COUNT_REASONS, lang)),
        ("f_status", label_column(cameras["status"], terms.STATUSES, lang)),
        ("f_owner_class", label_column(cameras["owner_class"], terms.OWNER_CLASSES, lang)),
        ("f_azimuth", (number_column(cameras["azimuth"]) + "°").fillna(text("unknown", lang))),
        ("f_hfov", (number_column(cameras["hfov"]) + "°").fillna(text("unknown", lang))),
        ("f_reach", (number_column(cameras["reach"]) + " m").fillna(text("unknown", lang))),
        ("f_count", number_column(cameras["count"].where(cameras["count"] > 1))),
        ("f_register", cameras["register"]),
        ("f_department", cameras["department"]),
        ("f_district", cameras["district"]),
        ("f_camera_id", cameras["camera_id"]),
    ]
    theme = make_theme("cameras", "cameras_by_counting", cameras, groups, counts, fields, lang)
    theme["names"] = pack_column(cameras["name"].fillna(cameras["camera_id"]))
    theme["ids"] = pack_column(cameras["camera_id"])
    theme["style"] = pack_column(counts)
    theme["azimuth"] = pack_column(cameras["azimuth"], decimals=0)
    theme["hfov"] = pack_column(cameras["hfov"], decimals=0)
    theme["district"] = pack_column(district_of(cameras))
    return theme


def pack_views(views: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, lang: Lang) -> dict[str, Any]:
    """Return the theme of views; ``cameras`` tell their districts."""
    groups = [
        {
            "key": key,
            "label": terms.label(terms.VIEW_ENDS, key, lang),
            "on": key in ("exact", "low"),
            "colour": VIEW_END[key],
        }
        for key in terms.VIEW_ENDS
        if (views["end"] == key).any()
    ]
    fields = [
        ("f_end", label_column(views["end"], terms.VIEW_ENDS, lang)),
        ("f_ground", number_column(views["ground"]) + " m²"),
        ("f_assumed", views["assumed"]),
        ("f_camera_id", views["camera_id"]),
    ]
    theme = make_theme("views", "views_by_end", views, groups, views["end"], fields, lang, tolerance=VIEW_TOLERANCE)
    theme["names"], theme["ids"] = pack_column(views["camera_id"]), pack_column(views["view_id"])
    theme["style"] = pack_column(views["end"])
    where = cameras.set_index("camera_id")[["district"]].reindex(views["camera_id"])
    theme["district"] = pack_column(district_of(where))
    return theme


def _pack_zones(results: Results, lang: Lang) -> dict[str, Any]:
    """Return the certain views (exact, or the pessimistic end) cut by pixel density, the sharpest on top."""
    views = results.views[results.views["end"].isin(("exact", "low"))]
    zones = view_zones(views, results.cameras, levels=results.levels or load_edition())
    zones = zones.sort_values("density_from", kind="stable").reset_index(drop=True)
    sharp = zones["density_from"].map("{:g}".format).astype("str")
    steps = sorted(zones["density_from"].unique(), reverse=True)
    groups = [
        {
            "key": f"{step:g}",
            "label": text("density_from", lang, n=f"{step:g}") if step else text("density_below", lang),
            "on": False,
            "colour": DENSITY[min(i, len(DENSITY) - 1)],
        }
        for i, step in enumerate(steps)
    ]
    fields = [
        ("f_density", sharp + " px/m"),
        ("f_ground", number_column(zones["ground"]) + " m²"),
        ("f_camera_id", zones["camera_id"]),
    ]
    theme = make_theme("zones", "views_by_density", zones, groups, sharp, fields, lang, tolerance=VIEW_TOLERANCE)
    theme["names"] = theme["ids"] = pack_column(zones["camera_id"])
    theme["style"] = pack_column(pd.Series("exact", index=zones.index, dtype="str"))
    where = results.cameras.set_index("camera_id")[["district"]].reindex(zones["camera_id"])
    theme["district"] = pack_column(district_of(where))
    return theme


def _higher_law(mandates: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return the higher law's article and answer, and the city's beside it, where the two disagree on the builder."""
    higher = label_column(mandates["builder_effective"], terms.BUILDERS, lang)
    city = label_column(mandates["builder"], terms.BUILDERS, lang)
    between = ("：", "；地方规章：") if lang == "zh" else (": ", "; the city's text: ")
    words = mandates["overlay_article"].fillna("") + between[0] + higher + between[1] + city
    return words.where(mandates["overlay_conflict"].fillna(False).astype(bool)).astype("str")


def _priority_words(gaps: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return each priority with the parts that add up to it, where they are known."""
    columns = zip(*(gaps[name] for name in ("priority", *PARTS)), strict=True)
    words = [
        text(
            "priority_sum",
            lang,
            total=f"{total:g}",
            duty=f"{duty:g}",
            kind=f"{kind:g}",
            road=f"{road:g}",
            size=f"{size:g}",
        )
        for total, duty, kind, road, size in columns
    ]
    told = pd.Series(words, index=gaps.index, dtype="str")
    sums = gaps[[*PARTS]].sum(axis=1, skipna=False).round(1)  # a person may have set another priority
    return told.where(sums.eq(gaps["priority"].round(1)), number_column(gaps["priority"])).astype("str")


def _decided_words(gaps: pd.DataFrame, lang: Lang) -> pd.Series:
    """Return what a person settled on each gap, and who; null where nobody did."""
    columns = ("decided_by", "accepted_until", "postponed_until", "note")
    rows = zip(*(gaps[name].astype(object).where(gaps[name].notna(), "") for name in columns), strict=True)
    words = [
        ("；" if lang == "zh" else "; ").join(
            part
            for part in (
                text("gap_accepted", lang, day=accepted) if accepted else "",
                text("gap_postponed", lang, day=postponed) if postponed else "",
                note,
                who,
            )
            if part
        )
        for who, accepted, postponed, note in rows
    ]
    return pd.Series(words, index=gaps.index, dtype="str").where(gaps["decided_by"].notna()).astype("str")


def _nearest(gaps: pd.DataFrame, lang: Lang) -> pd.Series:
    metres = number_column(gaps["nearest_camera"]) + (" 米" if lang == "zh" else " m")
    known = metres + "（" + gaps["nearest_camera_id"].fillna("") + "）"
    return known.where(gaps["nearest_camera_id"].notna(), metres)


def _coverage_words(results: Results, lang: Lang) -> pd.Series:
    """Return for each mandate its shares by component, low – expected – high, as one text."""
    rows = results.coverage
    if rows.empty:
        return pd.Series(dtype="str")
    columns = zip(
        label_column(rows["component"], terms.COMPONENTS, lang),
        rows["share_low"],
        rows["share_expected"],
        rows["share_high"],
        label_column(rows["state"], terms.COVERAGE_STATES, lang),
        strict=True,
    )
    words = [
        f"{part} {state} {' / '.join(format_share(share, lang) for share in shares)}"
        for part, *shares, state in columns
    ]
    joined = pd.Series(words, index=rows["mandate_id"].to_numpy(), dtype="str")
    return joined.groupby(level=0, sort=False).agg("；".join if lang == "zh" else "; ".join)


def item_order(item: str) -> list[int]:
    """Return a key that sorts items by their Chinese numbers: article first, then item.

    >>> sorted(["第八条（十）", "第八条（二）", "第八条（十一）", "第七条"], key=item_order)
    ['第七条', '第八条（二）', '第八条（十）', '第八条（十一）']
    """
    return [_chinese_number(word) for word in re.findall(r"[一二三四五六七八九十百]+", item)]


def _chinese_number(word: str) -> int:
    digits = {sign: i for i, sign in enumerate("一二三四五六七八九", start=1)}
    total, digit = 0, 0
    for sign in word:
        if sign in digits:
            digit = digits[sign]
        else:
            total, digit = total + (digit or 1) * (10 if sign == "十" else 100), 0
    return total + digit


def _with_terms(item: str, words: pd.Series, lang: Lang, *, most: int = 2) -> str:
    """Return the item with up to two words of the text that its places fall under."""
    found = list(dict.fromkeys(words.dropna()))
    more = ("等" if lang == "zh" else " …") if len(found) > most else ""
    return f"{item} {'、'.join(found[:most])}{more}".strip()


def _tag(item: str) -> str:
    """Return the short mark of an item on the map: what stands in its brackets, else its first characters."""
    inside = item.partition("（")[2].partition("）")[0]
    return inside or item[:4]
