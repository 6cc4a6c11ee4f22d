"""Rows of a planner's own lists as the tables ``places``, ``districts`` and ``records``."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import cache

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from citycover import terms
from citycover.city.cells import Notes, dates, truths
from citycover.city.privacy import hide_persons, mask
from citycover.errors import InputError
from citycover.tables import TABLES, conform, content_ids, number_repeats

Objects = npt.NDArray[np.object_]
FACTS: dict[str, tuple[str, ...]] = {
    "agreement": ("约定", "协议", "约定责任主体"),
    "owner": ("所有者", "产权单位", "业主"),
    "manager": ("管理者", "管理单位"),
    "operating_unit": ("运营管理单位", "运营单位"),
    "state_owned": ("国有", "是否国有"),
    "designation": ("确定", "认定", "指定", "列入"),
    "completed_on": ("竣工日期", "竣工时间", "竣工"),
}
_BAN_WORDS = {
    "公厕": "toilet",
    "公共厕所": "toilet",
    "公共浴室": "public_bath",
    "投票点": "voting_place",
    "投票站": "voting_place",
    "选举箱": "voting_place",
    "军事禁区": "military",
    "军事管理区": "military",
}
_PERSONAL = ("owner", "manager", "operator", "operating_unit", "agreement")
_BRACKETS = re.compile(r"[（(].*?[)）]")


def parse_kinds(texts: pd.Series, *, bans: bool = False) -> tuple[pd.Series, pd.Series]:
    """Return kinds as keys joined by ``;``, and why a cell gives none.

    A cell holds keys of :data:`citycover.terms.KINDS` or their Chinese or English labels (whole, without brackets, or
    one of the words between slashes), several joined by ``;`` or ``、``; with ``bans`` also place types of
    bans, such as 投票点.

    >>> kinds, fault = parse_kinds(pd.Series(["医院", "bridge;tunnel", "宫殿", None]))
    >>> kinds.tolist(), fault.notna().tolist()
    (['hospital', 'bridge;tunnel', nan, nan], [False, False, True, False])
    """
    words = _ban_names() if bans else _kind_names()
    answers = {text: _kinds(str(text), words) for text in texts.dropna().unique()}
    cells = texts.astype(object)
    kinds = cells.map({text: kind for text, (kind, _) in answers.items()}).astype("str")
    faults = cells.map({text: why for text, (_, why) in answers.items()}).astype(object)
    return kinds, faults.where(faults.notna(), None)


def _kinds(text: str, names: dict[str, str]) -> tuple[str | None, str | None]:
    found: list[str] = []
    whole = names.get(_plain(text))
    for part in [text] if whole else re.split(r"[;；、]", text):
        key = names.get(_plain(part))
        if key is None:
            near = difflib.get_close_matches(_plain(part), list(names), n=2, cutoff=0.4)
            hint = f"; nearest: {', '.join(f'{names[n]} ({n})' for n in near)}" if near else ""
            return None, f"needed a kind by key or label, given {mask(pd.Series([part])).iloc[0]!r}{hint}"
        found.append(key)
    return ";".join(dict.fromkeys(found)), None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


@cache
def _kind_names() -> dict[str, str]:
    names: dict[str, str] = {}
    loose: dict[str, set[str]] = {}
    for key, (zh, en) in terms.KINDS.items():
        names |= {key: key, _plain(zh): key, _plain(en): key}
        bare = _BRACKETS.sub("", zh)
        for piece in (bare, *bare.split("/")):
            loose.setdefault(_plain(piece), set()).add(key)
    for piece, keys in loose.items():
        if len(keys) == 1 and piece:
            names.setdefault(piece, next(iter(keys)))
    return names


@cache
def _ban_names() -> dict[str, str]:
    """Return the words for kinds and, behind them, those for place types of bans."""
    types = (terms.BAN_PLACES | terms.CONSENT_PLACES).items()
    said = {_plain(word): key for key, words in types for word in (key, *words)}
    return {**said, **_BAN_WORDS, **_kind_names()}


def place_table(
    cells: pd.DataFrame,
    *,
    rows: npt.NDArray[np.int64],
    degrees: Objects,
    metric: Objects,
    crs: CRS,
    source: str,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame, dict[str, int]]:
    """Return the declared table of a planner's places, the faults of the rows left out, and what was noticed by count.

    Behind the declared columns stand ``kinds`` (keys joined by ``;``), ``evidence``, ``source_row``, and those facts of
    :data:`FACTS` that the file has. A row without an id gets a content key.
    """
    notes = Notes(len(cells))

    def cell(name: str) -> pd.Series:
        return cells[name] if name in cells else pd.Series([None] * len(cells), dtype="str")

    kinds, why = parse_kinds(cell("kind"), bans=True)
    faults = pd.DataFrame({"column": None, "reason": why}, dtype=object)
    faults.loc[why.notna(), "column"] = "kind"
    out = pd.DataFrame(index=cells.index)
    names = [c.name for c in TABLES["places"].columns]
    for column in TABLES["places"].columns:
        if column.dtype in ("float", "int"):
            out[column.name] = _numbers(cell(column.name), column.name, notes)
        elif column.dtype == "bool":
            out[column.name] = truths(cell(column.name), notes=notes, name=column.name)
        elif column.dtype == "date":
            text = cell(column.name)
            year = text.where(text.str.fullmatch(r"\d{4}", na=False))
            out[column.name] = year.fillna(dates(text.where(year.isna()), notes=notes, name=column.name))
        else:
            out[column.name] = _text(cell(column.name), column.name)
    for fact in FACTS:
        if fact in cells and fact not in names:
            out[fact] = _text(cell(fact), fact)
    for day in ("valid_from", "valid_to"):
        if day in cells:
            out[day] = dates(cell(day), notes=notes, name=day)
    point = np.array(shapely.to_wkt(degrees, rounding_precision=6), dtype=object)
    key = content_ids("R", point, out["name"].fillna(""), kinds.fillna(""))
    notes.add("id_missing", out["place_id"].isna())
    notes.add("id_repeated", out["place_id"].duplicated() & out["place_id"].notna())
    out["place_id"] = number_repeats(out["place_id"].fillna(pd.Series(key, dtype="str")))
    out["source"] = "register"
    ground = shapely.area(metric)
    out["ground"] = out["ground"].fillna(pd.Series(np.where(ground > 0, ground, np.nan)))
    length = np.where(shapely.get_dimensions(metric) == 1, shapely.length(metric), np.nan)
    out["length"] = out["length"].fillna(pd.Series(length))
    out["kinds"], out["source_row"] = kinds, rows
    said = pd.Series([f"{source} {row}" for row in rows], dtype="str")
    out["evidence"] = mask(cell("evidence")).fillna(said)
    out["geometry"] = metric
    return conform("places", out[why.isna()], crs=crs), faults, notes.counts


def kinds_of_places(places: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``place_kinds`` of places that carry a column ``kinds`` (see :func:`parse_kinds`)."""
    rows = places[["place_id", "kinds", "evidence"]].dropna(subset=["kinds"])
    rows = rows.assign(kind=rows["kinds"].str.split(";")).explode("kind")
    rows = rows[rows["kind"].isin(terms.KINDS)]
    rows = rows.drop(columns="kinds").assign(confidence="high", candidate=False)
    return conform("place_kinds", rows)


def _numbers(texts: pd.Series, name: str, notes: Notes) -> pd.Series:
    bare = texts.astype("str").str.normalize("NFKC").str.replace(r"[,\s]|平方米|㎡|m2|米|m$|个|座|人$", "", regex=True)
    values = pd.to_numeric(bare, errors="coerce").astype("float64")
    notes.add(f"{name}_unreadable", texts.notna() & values.isna())
    return values


def _text(texts: pd.Series, name: str) -> pd.Series:
    return hide_persons(texts)[0] if name in _PERSONAL else texts if name == "place_id" else mask(texts)


def district_table(cells: pd.DataFrame, *, degrees: Objects, metric: Objects, crs: CRS) -> gpd.GeoDataFrame:
    """Return the declared table of districts; the id is the code, else the name, else a content key."""
    out = cells[[c for c in ("district_id", "name", "level") if c in cells]].copy()
    key = content_ids("D", shapely.to_wkt(shapely.centroid(degrees), rounding_precision=6))
    ids = cells.get("district_id", pd.Series([None] * len(out), dtype="str"))
    names = cells.get("name", ids)
    out["district_id"] = number_repeats(ids.fillna(names).fillna(pd.Series(key, dtype="str")))
    out["geometry"] = shapely.make_valid(metric)
    return conform("districts", out, crs=crs)


def record_table(cells: pd.DataFrame, *, source: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the declared table of records and one fault (column, reason) per row of ``cells``.

    One row is one fact (columns ``fact`` and ``value``), or one place with a column per fact of :data:`FACTS`.
    """
    wide = [fact for fact in FACTS if fact in cells]
    if "place_id" not in cells or not ({"fact", "value"} <= set(cells) or wide):
        raise InputError(
            f"{source}: needed the columns place_id, fact and value, or place_id and a column per fact "
            f"({', '.join(FACTS)}); recognised: {', '.join(map(str, cells.columns)) or 'none'}"
        )
    missing = cells["place_id"].isna()
    faults = pd.DataFrame({"column": None, "reason": None}, index=cells.index, dtype=object)
    faults.loc[missing, ["column", "reason"]] = ["place_id", "needed the id of a place, given nothing"]
    keep = [name for name in ("place_id", "document", "date") if name in cells]
    if {"fact", "value"} <= set(cells):
        names = {alias: fact for fact, aliases in FACTS.items() for alias in (fact, *aliases)}
        fact = cells["fact"].astype(object).map(names)
        unknown = fact.isna() & ~missing
        faults.loc[unknown, "column"] = "fact"
        faults.loc[unknown, "reason"] = f"needed one of {', '.join(FACTS)}, given another word"
        long = cells[[*keep, "value"]].assign(fact=fact)[~missing & ~unknown]
    else:
        stacked = cells.loc[~missing, [*keep, *wide]].melt(id_vars=keep, var_name="fact", ignore_index=False)
        long = stacked[stacked["value"].notna()].sort_index(kind="stable")
    values = long["value"].astype("str")
    personal = long["fact"].isin(_PERSONAL)
    long = long.assign(value=hide_persons(values)[0].where(personal, mask(values)))
    if "date" in long:
        long = long.assign(date=dates(long["date"], notes=Notes(len(long)), name="date"))
    if "document" in long:
        long = long.assign(document=mask(long["document"]))
    return conform("records", long.drop_duplicates(["place_id", "fact"], keep="last")), faults
