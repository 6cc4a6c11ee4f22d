"""Parts that the themes of a map share: groups, packed columns, labels of cells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import pandas as pd

from citycover import terms
from citycover.publish.columnar import pack_column, pack_geometry
from citycover.publish.figures import items_of
from citycover.publish.palette import ITEMS
from citycover.publish.wording import text
from citycover.terms import Label, Lang


def make_theme(
    name: str,
    title: str,
    frame: gpd.GeoDataFrame,
    groups: list[dict[str, Any]],
    key: pd.Series,
    fields: list[tuple[str, pd.Series]],
    lang: Lang,
    *,
    tolerance: float = 0.0,
) -> dict[str, Any]:
    """Return a theme with its groups, the code of each row, popup fields that hold anything, and packed geometry."""
    code = {group["key"]: i for i, group in enumerate(groups)}
    counted = key.value_counts()
    return {
        "id": name,
        "title": text(title, lang),
        "groups": [{**group, "n": int(counted[group["key"]])} for group in groups],
        "group": pack_column(key.map(code)),
        "fields": [
            {"label": text(label, lang), **pack_column(column)} for label, column in fields if column.notna().any()
        ],
        "geometry": pack_geometry(frame.geometry, tolerance=tolerance),
    }


def label_column(values: pd.Series, vocabulary: Mapping[str, Label], lang: Lang) -> pd.Series:
    """Return the labels of terms; a term that the vocabulary lacks stays, an empty one becomes null."""
    words = {term: zh if lang == "zh" else en for term, (zh, en) in vocabulary.items()}
    return values.map(words).fillna(values).replace("", None).astype("str")


def label_cells(values: pd.Series, vocabulary: Mapping[str, Label], lang: Lang) -> pd.Series:
    """Return the labels of cells that hold several terms joined by ``;``; empty cells become null."""
    known = {v: terms.label_all(vocabulary, v, lang) for v in values.dropna().unique() if v}
    return values.map(known).astype("str")


def number_column(values: pd.Series) -> pd.Series:
    """Return numbers as text: whole from 10 on, else with one decimal; unknown stays unknown."""
    numbers = values.astype("float64")
    whole = numbers.round(0).astype("Int64").astype("str")
    fine = numbers.round(1).astype("str")
    return whole.where((numbers >= 10) | (numbers == numbers.round(0)), fine).where(numbers.notna()).astype("str")


def article_words(frame: pd.DataFrame, term: pd.Series, lang: Lang) -> pd.Series:
    """Return article and item of each row with the word of the text behind."""
    items = items_of(frame).replace("", text("unnumbered", lang))
    words = ("“" + term.astype("str") + "”") if lang == "zh" else (" “" + term.astype("str") + "”")
    return items + words.where(term.notna() & term.ne(""), "").astype("str")


def make_grouping(title: str, values: pd.Series, lang: Lang, labels: Mapping[str, Label]) -> dict[str, Any]:
    """Return another way to group the rows of a theme: its title, groups, and the group of each row."""
    found = values.value_counts()
    names = [*(name for name in labels if name in found), *sorted(set(found.index) - set(labels))]
    groups = [
        {
            "key": name,
            "label": terms.label(labels, name, lang) if name in labels else name,
            "on": False,
            "colour": ITEMS[i % len(ITEMS)],
            "n": int(found[name]),
        }
        for i, name in enumerate(names)
    ]
    return {
        "title": text(title, lang),
        "groups": groups,
        "group": pack_column(values.map({name: i for i, name in enumerate(names)})),
    }
