"""Tells which cameras, buildings and decisions differ between two studies."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.audit.matching import Reach, match_things
from citycover.audit.snapshot import Snapshot

SAME_SPOT = 0.5
"""m: a camera that moved by less stands where it stood. Ours."""
SAME_SHAPE = 0.99
"""Intersection over union from which on a building is drawn as it was. Ours."""

_POSE = ("azimuth", "hfov", "vfov", "tilt", "mount_height", "pixels", "reach", "count", "layer")
_STATE = ("status", "counts", "purpose", "ptz")
_HEIGHTS = ("height", "levels", "min_height")


@dataclass(frozen=True)
class Changed:
    """What of one study is not so in the other: cameras and obstacles by id, with how they differ.

    ``cameras`` maps the id of a camera to the columns that differ, joined by ``;`` (empty: the other study lacks it);
    ``renamed`` maps the ids of cameras to those in the other study. ``obstacles`` are buildings and barriers that the
    other study lacks or draws otherwise, ``partner`` their shapes there (null: none).
    """

    cameras: dict[str, str]
    places_of_cameras: gpd.GeoSeries
    reach: pd.Series
    housed: frozenset[str]
    obstacles: npt.NDArray[np.object_]
    obstacle_ids: npt.NDArray[np.object_]
    partner: npt.NDArray[np.object_]
    new_obstacle: npt.NDArray[np.bool_]


def find_changed(one: Snapshot, other: Snapshot) -> Changed:
    """Return what of one study is not so in the other."""
    differ, housed = _cameras(one.cameras, other.cameras)
    shapes, ids, partner = _obstacles(one, other)
    spots = gpd.GeoSeries(one.cameras.geometry.to_numpy(), index=one.cameras["camera_id"].to_numpy(), crs=one.crs)
    reach = pd.Series(one.cameras["reach"].to_numpy(dtype=np.float64), index=one.cameras["camera_id"].to_numpy())
    return Changed(differ, spots, reach, housed, shapes, ids, partner, shapely.is_missing(partner))


def find_touched(one: Snapshot, other: Snapshot) -> dict[str, str]:
    """Return the ids (of places, mandates, entrances, cameras) that decisions of only one of the studies speak of.

    Each with the decision in short: subject, field, value, who and when.
    """
    mine, theirs = (_used(s.decisions) for s in (one, other))
    key = ["subject", "id", "field", "value"]
    known = set(map(tuple, theirs[key].to_numpy().tolist()))
    rows = [row for row in mine.to_dict("records") if tuple(row[k] for k in key) not in known]
    known = set(map(tuple, mine[key].to_numpy().tolist()))
    rows += [row for row in theirs.to_dict("records") if tuple(row[k] for k in key) not in known]
    touched: dict[str, str] = {}
    for row in rows:
        told = f"{row['subject']} {row['id']} {row['field']}={row['value']}, {row['decided_by']} {row['decided_on']}"
        for name in (row["id"], row["found_id"], row["value"] if row["subject"] == "entrance" else ""):
            if name:
                touched.setdefault(str(name), told)
    return touched


def _used(decisions: pd.DataFrame) -> pd.DataFrame:
    columns = ["subject", "id", "field", "value", "decided_by", "decided_on", "found_id", "state"]
    rows = pd.DataFrame(decisions).reindex(columns=columns).astype(object)
    rows = rows.where(rows.notna(), "")
    found: pd.DataFrame = rows[rows["state"].isin(["used", ""])]
    return found


def _cameras(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> tuple[dict[str, str], frozenset[str]]:
    """Return how each camera differs from the other study's, and those that only a building made not count."""
    if not len(one):
        return {}, frozenset()
    same = np.zeros(len(one), dtype=np.int64), np.zeros(len(other), dtype=np.int64)
    tables = [t[["camera_id", "geometry"]].assign(all=n) for t, n in zip((one, other), same, strict=True)]
    links = match_things(tables[0], tables[1], same=["all"], reach=Reach(2.0, 2.0), hint="camera_id")
    by_id = pd.Index(other["camera_id"]).get_indexer(pd.Index(one["camera_id"]))
    partner = by_id.copy()
    free = links[links["kept"].to_numpy(dtype=bool)]
    free = free[(by_id[free["old"]] < 0) & ~np.isin(free["new"], by_id)]
    partner[free["old"].to_numpy()] = free["new"].to_numpy()
    there = np.flatnonzero(partner >= 0)
    mine, theirs = one.iloc[there], other.iloc[partner[there]]
    words = np.full(len(one), "", dtype=object)
    moved = shapely.distance(mine.geometry.to_numpy(), theirs.geometry.to_numpy()) > SAME_SPOT
    words[there[moved]] += "position;"
    for column in (*_STATE, *_POSE):
        if column not in mine.columns or column not in theirs.columns:
            continue
        a, b = (t[column].astype(object).where(t[column].notna(), "").to_numpy() for t in (mine, theirs))
        differs = a != b
        words[there[np.asarray(differs, dtype=bool)]] += column + ";"
    gone = partner < 0
    ids = one["camera_id"].to_numpy(dtype=object)
    differ = {str(i): str(w).rstrip(";") for i, w, g in zip(ids, words, gone, strict=True) if w or g}
    reasons = [t.reindex(columns=["counts_reason"])["counts_reason"] for t in (mine, theirs)]
    walled = [
        str(i)
        for i, a, b in zip(ids[there], *reasons, strict=False)
        if "inside_building" in (a, b) and differ.get(str(i)) == "counts"
    ]
    return differ, frozenset(walled)


def _obstacles(
    one: Snapshot, other: Snapshot
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return shapes and ids of the buildings and barriers that the other study draws otherwise, and its shapes."""
    parts = [
        _differing(one.buildings, other.buildings, "building_id"),
        _differing(one.barriers, other.barriers, "barrier_id"),
    ]
    shapes, ids, partner = (np.concatenate([part[i] for part in parts]) for i in range(3))
    return shapes, ids, partner


def _differing(
    one: gpd.GeoDataFrame, other: gpd.GeoDataFrame, key: str
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    none = np.empty(0, dtype=object)
    one, other = (t[t["opaque"].fillna(True).astype(bool)] if "opaque" in t.columns else t for t in (one, other))
    if not len(one):
        return none, none, none
    a, b = (t[[key, "geometry"]].assign(all=0) for t in (one, other))
    links = match_things(a, b, same=["all"], reach=Reach(2.0, 2.0), hint=key)
    links = links[links["kept"].to_numpy(dtype=bool)]
    row, to = links["old"].to_numpy(dtype=np.int64), links["new"].to_numpy(dtype=np.int64)
    mine, theirs = (shapely.buffer(t.geometry.to_numpy(), 0.05) for t in (one, other))
    common = shapely.area(shapely.intersection(mine[row], theirs[to]))
    union = shapely.area(mine[row]) + shapely.area(theirs[to]) - common
    alike = common >= SAME_SHAPE * union
    as_high = np.ones(len(row), dtype=bool)
    for column in (c for c in _HEIGHTS if c in one.columns and c in other.columns):
        x, y = one[column].to_numpy(dtype=np.float64)[row], other[column].to_numpy(dtype=np.float64)[to]
        as_high &= (x == y) | (np.isnan(x) & np.isnan(y))
    partner = np.full(len(one), None, dtype=object)
    partner[row] = other.geometry.to_numpy()[to]
    differs = np.ones(len(one), dtype=bool)
    differs[row[alike & as_high]] = False
    partner[row[~as_high]] = shapely.Point()  # as if it stood nowhere: its height is what changed
    return one.geometry.to_numpy()[differs], one[key].to_numpy(dtype=object)[differs], partner[differs]
