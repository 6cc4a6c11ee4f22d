"""The machinery of decisions: which of them hold, in which order, and how a row of a table is changed by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from citycover import terms
from citycover.city.cells import Notes, dates
from citycover.city.decision_words import SUBJECTS, RefusedError, StaleError
from citycover.geo import to_metric
from citycover.tables import TABLES, conform
from citycover.terms import Lang

REFIND_WITHIN = 25.0
"""A place whose id is gone is found again by the geometry of its decision within this distance (m)."""

NO = {"no", "false", "0", "否", "无", "不存在", "删除"}
YES = {"yes", "true", "1", "是", "有", "存在"}
FIXED = {
    "place_id",
    "camera_id",
    "mandate_id",
    "entrance_id",
    "gap_id",
    "ban_id",
    "register",
    "source_row",
    "source",
    "geometry",
}


OSM_ID = r"(?:node|way|relation)/\d+$"


@dataclass(frozen=True)
class Decision:
    """One decision as it is applied; ``lang`` is the language of what it leaves behind as evidence."""

    lang: Lang
    id: str
    field: str
    value: str
    wkt: str
    decided_by: str
    decided_on: str

    @property
    def evidence(self) -> str:
        """Who decided, and when, in words."""
        return f"{'人工决定：' if self.lang == 'zh' else 'decision: '}{self.decided_by} {self.decided_on}"

    def shape(self, crs: CRS | None) -> BaseGeometry | None:
        """Return the decided geometry in metres."""
        if not self.wkt or crs is None:
            return None
        return shapely.transform(
            shapely.force_2d(shapely.from_wkt(self.wkt)), lambda c: np.column_stack(to_metric(c[:, 0], c[:, 1], crs))
        )


class Rows:
    """A copy of a declared table whose rows are changed one decision at a time."""

    def __init__(self, frame: gpd.GeoDataFrame, name: str, key: str, crs: CRS | None) -> None:
        self.frame = frame.reset_index(drop=True)
        self.name, self.key, self.crs = name, key, crs
        self.columns = {c.name: c for c in TABLES[name].columns}

    def find(self, id_: str) -> str | None:
        """Return the id where a row has it."""
        return id_ if bool((self.frame[self.key] == id_).any()) else None

    def find_by(self, column: str, value: str) -> str | None:
        """Return the id of the one row that has this value in a column."""
        rows = self.frame.loc[self.frame[column] == value, self.key]
        return str(rows.iloc[0]) if len(rows) == 1 else None

    def near(self, shape: BaseGeometry | None, like: str) -> str | None:
        """Return the nearest row: mapped objects before derived ones where ``like`` is an OSM id, else the reverse."""
        if shape is None or not len(self.frame):
            return None
        mapped = self.frame[self.key].str.match(OSM_ID)
        strange = mapped != bool(re.match(OSM_ID, like))
        distance = pd.Series(shapely.distance(self.frame.geometry.to_numpy(), shape)).round(3)
        size = shapely.get_dimensions(shape)
        other = (shapely.get_dimensions(self.frame.geometry.to_numpy()) != size) & (size > 0)
        close = self.frame[[self.key]].assign(distance=distance, other=other, strange=strange)[
            distance <= REFIND_WITHIN
        ]
        order = ["strange", "other", "distance", self.key]
        return None if close.empty else str(close.sort_values(order)[self.key].iloc[0])

    def drop(self, id_: str) -> None:
        """Drop a row."""
        self.frame = self.frame[self.frame[self.key] != id_].reset_index(drop=True)

    def clear(self, column: str, value: str) -> None:
        """Set to null wherever a column has this value."""
        self.frame = self.frame.assign(**{column: self.frame[column].mask(self.frame[column] == value)})

    def add(self, row: dict[str, Any], shape: BaseGeometry | None) -> None:
        """Add a row."""
        new = conform(self.name, gpd.GeoDataFrame([row], geometry=[shape], crs=self.crs))
        ground = float(shapely.area(shape)) if shape is not None else 0.0
        if self.name == "places" and ground > 0:
            new["ground"] = ground
        self.frame = conform(self.name, pd.concat([self.frame, new], ignore_index=True), crs=self.crs)

    def get(self, id_: str, column: str) -> Any:
        """Return one cell."""
        return self.frame.loc[self.frame[self.key] == id_, column].iloc[0] if column in self.frame else None

    def put(self, id_: str, column: str, value: Any) -> None:
        """Set one cell."""
        frame = self.frame.copy()
        if column not in frame:
            frame[column] = pd.Series([None] * len(frame), dtype="str")
        frame.loc[frame[self.key] == id_, column] = value
        self.frame = frame

    def set(self, id_: str, row: Decision) -> terms.Label:
        """Set a column as decided and return what changed, in words."""
        if row.field in ("geometry", "position"):
            if not row.wkt:
                raise RefusedError("移动位置需要几何坐标", "a new position needs a geometry")
            self.put(id_, "geometry", row.shape(self.crs))
            return "已移动", "moved"
        column = self.columns.get(row.field)
        if column is None or row.field in FIXED:
            raise RefusedError(
                f"表 {self.name} 没有可由人工决定的列 {row.field!r}",
                f"{self.name} has no column {row.field!r} that can be decided",
            )
        value = _typed(row.value, column.dtype)
        if column.values and value not in column.values:
            choice = ", ".join(column.values)
            raise RefusedError(f"{row.field} 需要填以下之一：{choice}", f"{row.field} needs one of {choice}")
        if row.field == "azimuth" and not (isinstance(value, float) and 0 <= value < 360):
            raise RefusedError("azimuth 需要 0 至 360（不含）度", "azimuth needs degrees from 0 to under 360")
        before = self.get(id_, row.field)
        self.put(id_, row.field, value)
        was = "" if pd.isna(before) else str(before)
        return (
            f"{row.field}：{was or '不明'} → {row.value or '不明'}",
            f"{row.field}: {was or 'unknown'} → {row.value or 'unknown'}",
        )

    def done(self) -> gpd.GeoDataFrame:
        """Return the table as declared."""
        return conform(self.name, self.frame, crs=self.crs)


def _typed(text: str, dtype: str) -> Any:
    if text == "":
        return None
    if dtype in ("float", "int"):
        if not re.fullmatch(r"[+-]?\d+(?:\.\d+)?", text):
            raise RefusedError("该列需要数字", "the column needs a number")
        return float(text) if dtype == "float" else int(float(text))
    if dtype == "date":
        day = dates(pd.Series([text], dtype="str"), notes=Notes(1), name="value").iloc[0]
        if pd.isna(day):
            raise RefusedError("该列需要日期，如 2026-03-05", "the column needs a date such as 2026-03-05")
        return str(day)
    if dtype == "bool":
        if text.lower() not in YES | NO:
            raise RefusedError("该列需要填 是 或者 否", "the column needs yes or no")
        return text.lower() in YES
    return text


def apply_each(
    decisions: pd.DataFrame, subject: str, on: str, act: Callable[[Decision], tuple[str, terms.Label]], lang: Lang
) -> pd.DataFrame:
    """Apply the decisions on a subject, additions first and removals last, and return what became of each.

    ``act`` changes what it is about, and returns the id that was found and what changed, in both languages; it raises
    StaleError where the subject is gone and RefusedError where the decision cannot be applied. ``on`` is the study's
    date. Returned are the decisions with ``state``, ``detail`` and ``found_id``.
    """
    mine = decisions[decisions["subject"] == subject].reset_index(drop=True)
    state = ["used"] * len(mine)
    found_id: list[str | None] = [None] * len(mine)
    words: list[terms.Label] = [("", "")] * len(mine)
    for at, row in _in_order(mine, on, state, lang):
        try:
            found_id[at], words[at] = act(row)
        except StaleError:
            state[at] = "stale"
            words[at] = (f"数据中没有{SUBJECTS[subject]} {row.id}", f"{subject} {row.id} is not in the data")
        except RefusedError as error:
            state[at], words[at] = "refused", error.reason
    spoken = 0 if lang == "zh" else 1
    out = mine.assign(state=state, detail=pd.Series([label[spoken] for label in words], dtype="str", index=mine.index))
    out["found_id"] = pd.Series(found_id, dtype="str", index=out.index)
    return out


def _in_order(mine: pd.DataFrame, on: str, state: list[str], lang: Lang) -> Iterator[tuple[int, Decision]]:
    several = mine["field"].isin(["kind+", "kind-"])
    key = mine["subject"] + "\x1f" + mine["id"] + "\x1f" + mine["field"] + mine["value"].fillna("").where(several, "")
    gate = mine["subject"].eq("entrance") & ~mine["value"].fillna("").str.lower().isin(NO)
    key = key + mine["geometry_wkt"].fillna("").where(gate, "")  # one place may get several entrances
    adds = mine["field"].eq("exists") & mine["value"].fillna("").str.lower().isin(YES)
    drops = mine["field"].eq("exists") & mine["value"].fillna("").str.lower().isin(NO)
    rank = pd.Series(np.select([adds, drops, several], [0, 3, 2], 1), index=mine.index)
    ordered = mine.assign(key=key, rank=rank).sort_values(["rank", "decided_on"], kind="stable")
    valid = ordered[~(ordered["valid_until"].fillna("9999-12-31") < on)]
    last = valid.drop_duplicates("key", keep="last").index
    for at in ordered.index.difference(valid.index):
        state[at] = "expired"
    for at in valid.index.difference(last):
        state[at] = "superseded"
    names = ["id", "field", "value", "geometry_wkt", "decided_by", "decided_on"]
    rows = valid.loc[valid.index.isin(last), names].fillna("")
    for at, cells in zip(rows.index, rows.itertuples(index=False), strict=True):
        yield int(at), Decision(lang, *(str(cell) for cell in cells))
