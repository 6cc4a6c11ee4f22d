"""Pack findings on cameras for the map: conflicts with bans."""

from __future__ import annotations

from typing import Any

import pandas as pd

from citycover import terms
from citycover.publish.columnar import pack_column
from citycover.publish.filters import district_of
from citycover.publish.palette import CONFLICT
from citycover.publish.results import Results
from citycover.publish.theme_parts import article_words, label_cells, label_column, make_theme, number_column
from citycover.publish.wording import text
from citycover.terms import Lang


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
