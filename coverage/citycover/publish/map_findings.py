"""Pack findings on cameras for the map: conflicts with bans, and obstacles in views."""

from __future__ import annotations

from typing import Any

import pandas as pd

from citycover import terms
from citycover.publish.columnar import pack_column
from citycover.publish.filters import district_of
from citycover.publish.palette import CONFLICT, OBSTACLE
from citycover.publish.results import Results
from citycover.publish.summary import format_share
from citycover.publish.theme_parts import article_words, label_cells, label_column, make_theme, number_column
from citycover.publish.wording import text
from citycover.terms import Lang

RISK_TOLERANCE = 0.3
"""Metres to which outlines of the ground at risk are simplified for drawing."""


def pack_conflicts(results: Results, lang: Lang) -> dict[str, Any]:
    """Return the theme of suspected conflicts by level: each a sign about its camera, the gravest on top."""
    rank = {level: -i for i, level in enumerate(terms.CONFLICT_LEVELS)}
    rows = results.conflicts.sort_values("level", key=lambda level: level.map(rank), kind="stable")
    rows = rows.reset_index(drop=True)
    level = rows["level"]
    groups = [
        {"key": key, "label": label[0 if lang == "zh" else 1], "on": key == "error", "colour": CONFLICT[key]}
        for key, label in terms.CONFLICT_LEVELS.items()
        if (level == key).any()
    ]
    places = terms.BAN_PLACES | terms.CONSENT_PLACES | terms.KINDS
    amount = (number_column(rows["amount"]) + " " + rows["unit"].astype("str")).where(rows["amount"].notna())
    fields = [
        ("f_check", label_column(rows["check"], terms.CONFLICT_CHECKS, lang)),
        ("f_reason_found", rows["reason"]),
        ("f_place", rows["name"]),
        ("f_place_type", label_cells(rows["place_type"], places, lang)),
        ("f_article", article_words(rows, rows["term"], lang)),
        ("f_overlay_article", rows["overlay_article"]),
        ("f_penalty", rows["penalty_article"]),
        ("f_amount", amount.astype("str")),
        ("f_remedy", label_column(rows["remedy"], terms.REMEDIES, lang)),
        ("f_suspected", pd.Series(text("suspected_only", lang), index=rows.index, dtype="str")),
        ("f_department", rows["department"]),
        ("f_district", rows["district"]),
        ("f_camera_id", rows["camera_id"]),
    ]
    theme = make_theme("conflicts", "conflicts_by_level", rows, groups, level, fields, lang)
    names = results.cameras.drop_duplicates("camera_id").set_index("camera_id")["name"]
    theme["names"] = pack_column(rows["camera_id"].map(names).fillna(rows["camera_id"]))
    theme["ids"] = pack_column(rows["camera_id"])
    theme["style"] = pack_column(level)
    theme["district"] = pack_column(district_of(rows))
    return theme


def pack_obstructions(results: Results, lang: Lang) -> dict[str, Any]:
    """Return the theme of the ground at risk behind trees, boards and planned buildings, by what it is."""
    rows = results.obstructions.reset_index(drop=True)
    groups = [
        {"key": key, "label": label[0 if lang == "zh" else 1], "on": False, "colour": OBSTACLE[key]}
        for key, label in terms.OBSTACLES.items()
        if (rows["obstacle"] == key).any()
    ]
    share = pd.Series([format_share(share, lang) for share in rows["share"]], index=rows.index, dtype="str")
    limit = rows["at_most"].fillna(False).astype(bool)
    ground = share + " · " + number_column(rows["ground_at_risk"]) + " m²"
    named = rows["named"].map({True: text("named_by_text", lang), False: text("open_words", lang)})
    no_item = pd.Series("", index=rows.index, dtype="str")
    fields = [
        ("f_obstacle", label_column(rows["obstacle"], terms.OBSTACLES, lang)),
        ("f_obstacle_state", label_column(rows["state"], terms.OBSTACLE_STATES, lang)),
        ("f_share", (ground + ("（" + text("at_most", lang) + "）")).where(limit, ground).astype("str")),
        ("f_height", (number_column(rows["height"]) + " m").fillna(text("unknown", lang))),
        ("f_distance", number_column(rows["distance"]) + " m"),
        ("f_article", article_words(rows.assign(item=""), no_item, lang).where(rows["article"].notna()).astype("str")),
        ("f_named", named.astype("str")),
        ("f_penalty", rows["penalty_article"]),
        ("f_remedy", label_column(rows["remedy"], terms.OBSTACLE_REMEDIES, lang)),
        ("f_suspected", pd.Series(text("suspected_only", lang), index=rows.index, dtype="str")),
        ("f_department", rows["department"]),
        ("f_district", rows["district"]),
        ("f_object_id", rows["object_id"]),
        ("f_camera_id", rows["camera_id"]),
    ]
    theme = make_theme(
        "obstructions", "obstructions_by_kind", rows, groups, rows["obstacle"], fields, lang, tolerance=RISK_TOLERANCE
    )
    theme["names"] = pack_column(rows["name"].fillna(rows["object_id"]))
    theme["ids"] = pack_column(rows["object_id"])
    theme["style"] = pack_column(rows["state"])
    theme["district"] = pack_column(district_of(rows))
    return theme
