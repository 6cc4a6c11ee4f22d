"""Find views that reach what the law protects: entrances of forbidden places, façades, private ground."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import terms
from citycover.audit.ban_law import COLUMNS, OPEN_CLAUSE, list_banned
from citycover.city.model import City
from citycover.law.criteria import Criteria
from citycover.law.regulation import Rulebook
from citycover.sight import optics
from citycover.sight.cameras import find_poses
from citycover.terms import Lang

ENTRANCES = ("toilet", "public_bath", "changing_room", "collective_dormitory", "individual_dormitory")
"""Forbidden places whose entrances must not be watched (C3)."""

FACADES = ("hotel_guest_room", "collective_dormitory", "individual_dormitory", OPEN_CLAUSE)
"""Forbidden places behind whose windows people live or are nursed (C4)."""

FACADE_DENSITY, STEEPEST, LEAST_FACADE, SILL, PRIVATE = (
    *("facade_density_px_m", "facade_steepest_deg", "facade_least_m", "facade_sill_m", "private_view_percent"),
)
"""Numbers of the criteria: how sharply and how slantingly a façade is looked into, below which length nothing is said,
the height at the wall under which a picture shows no window, the share of a view on private ground that is named."""

HIDDEN_STEP = 0.01
"""A wall is asked for this far in front of itself (m), where the view ends."""

_WORDS: dict[str, terms.Label] = {
    "door": ("视域覆盖其出入口：{what}", "the view reaches an entrance of: {what}"),
    "outline": (
        "视域到达其外墙，图上未标出入口：{what}",
        "the view reaches the outline, no gate is mapped: {what}",
    ),
    "facade": (
        "外墙 {m} 米以不低于 {n} px/m 的清晰度可见：{what}",
        "{m} m of façade are seen at {n} px/m or more: {what}",
    ),
    "tilt": (
        "；俯角或者垂直视角未知，是否照到窗户不明",
        "; tilt or vertical angle unknown: windows in the picture or not",
    ),
    "private": (
        "视域的 {m}% 落在非公共场所内（另有 {n}% 性质不明）",
        "{m} % of the view lie on private ground ({n} % more are of unknown kind)",
    ),
}


def find_view_conflicts(
    cameras: gpd.GeoDataFrame,
    views: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    city: City,
    rulebook: Rulebook,
    *,
    criteria: Criteria,
    overlay: Rulebook | None = None,
    lang: Lang = "zh",
) -> list[pd.DataFrame]:
    """Return the findings C3, C4 and C5 as parts of the table ``conflicts``, with ``cam``: the row of ``cameras``.

    Only views that are certain are asked: ``exact``, else ``low``; a camera of unknown direction has no finding. The
    limits are numbers of the criteria (ours, or the planner's; the texts have none).

    - **C3** ``review``: the view reaches a mapped entrance of a toilet, bath, changing room or dormitory, or the
      outline where no entrance is mapped;
    - **C4** ``warning``: façade of homes, hotels, dormitories or wards seen at ``facade_density_px_m`` or more, at
      most ``facade_steepest_deg`` from its normal, in metres (``amount``); none where tilt, vertical angle and mount
      height are known and the picture ends below the sills;
    - **C5** ``warning``: more than ``private_view_percent`` of the view lies in places that are not public ground, the
      place that the camera stands in left out; ground of unknown kind is told beside.
    """
    sure = views[views["end"].isin(["exact", "low"]).to_numpy(bool)]
    number = pd.Series(np.arange(len(cameras)), index=cameras["camera_id"].to_numpy(object))
    sure = sure[sure["camera_id"].isin(number.index).to_numpy(bool)]
    cam = number.loc[sure["camera_id"].to_numpy(object)].to_numpy(np.int64)
    shapes = np.asarray(sure.geometry.array, dtype=object)
    found = [
        _entrances(cam, shapes, features, city, lang),
        _facades(cam, shapes, cameras, features, criteria, lang),
        _private(cam, shapes, cameras, city, list_banned(rulebook, overlay=overlay), criteria, lang),
    ]
    return [rows for rows in found if len(rows)]


def _entrances(
    cam: npt.NDArray[np.int64], views: npt.NDArray[np.object_], features: gpd.GeoDataFrame, city: City, lang: Lang
) -> pd.DataFrame:
    rows = features[features["place_type"].isin(ENTRANCES).to_numpy(bool)].reset_index(drop=True)
    shapes = np.asarray(rows.geometry.array, dtype=object)
    if not len(rows) or not len(views):
        return pd.DataFrame()
    doors = np.asarray(city.entrances.geometry.array, dtype=object)
    feature, door = shapely.STRtree(doors).query(shapes, predicate="dwithin", distance=1.0)
    plane = shapely.get_dimensions(shapes) == 2
    mapped = np.isin(np.arange(len(rows)), feature)
    blank = np.flatnonzero(plane & ~mapped)
    of = np.concatenate([feature, blank])
    spots = np.concatenate([doors[door], shapes[blank]])
    view, spot = shapely.STRtree(spots).query(views, predicate="dwithin", distance=0.05)
    out = pd.DataFrame(rows.drop(columns="geometry")).iloc[of[spot]].reset_index(drop=True)
    key = np.where(mapped[of[spot]], "door", "outline")
    what = _labels(out, lang)
    said = [_say(k, lang).format(what=w) for k, w in zip(key, what, strict=True)]
    out = out.assign(cam=cam[view], check="C3", level="review", remedy="turn_away", reason=said)
    away = shapely.distance(views[view], spots[spot])
    return pd.DataFrame(out.assign(distance=away, amount=np.nan, unit=None, _order=0))


def _facades(
    cam: npt.NDArray[np.int64],
    views: npt.NDArray[np.object_],
    cameras: gpd.GeoDataFrame,
    features: gpd.GeoDataFrame,
    criteria: Criteria,
    lang: Lang,
) -> pd.DataFrame:
    density, steepest, least, sill = map(criteria.value, (FACADE_DENSITY, STEEPEST, LEAST_FACADE, SILL))
    held = features["place_type"].isin(FACADES) & (features["located"] == "building")
    rows = features[held.to_numpy(bool)].reset_index(drop=True)
    shapes = np.asarray(rows.geometry.array, dtype=object)
    plane = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if not len(plane) or not len(views):
        return pd.DataFrame()
    poses = find_poses(cameras)
    far = optics.pixels_per_radian(poses.pixels[:, 0], poses.hfov[:, 2]) / density
    parts, owner = shapely.get_parts(shapes[plane], return_index=True)
    rings, part = shapely.get_rings(shapely.orient_polygons(parts), return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    real = ring[1:] == ring[:-1]
    a, b, of = xy[:-1][real], xy[1:][real], plane[owner[part[ring[:-1][real]]]]
    walls = np.asarray(shapely.linestrings(np.stack([a, b], axis=1)), dtype=object)
    points = shapely.points(poses.x[cam], poses.y[cam])
    view, wall = shapely.STRtree(walls).query(points, predicate="dwithin", distance=np.maximum(far[cam], 1e-3))
    c = cam[view]
    along = b[wall] - a[wall]
    length = np.hypot(*along.T)
    good = length > 1e-6
    view, wall, c, along, length = view[good], wall[good], c[good], along[good], length[good]
    along = along / length[:, None]
    out = np.column_stack([along[:, 1], -along[:, 0]])  # away from the house: its ground lies to the left
    to = np.column_stack([poses.x[c], poses.y[c]]) - a[wall]
    away, foot = (to * out).sum(axis=1), (to * along).sum(axis=1)
    half = np.minimum(away * np.tan(np.radians(steepest)), np.sqrt(np.maximum(far[c] ** 2 - away**2, 0.0)))
    low, high = np.clip(foot - half, 0.0, length), np.clip(foot + half, 0.0, length)
    top = poses.lens[c] + np.maximum(away, 0.0) * np.tan(np.radians(_upper(cameras)[c]))
    keep = (away > 0.0) & (high - low > 1e-6) & ~(top < sill)
    view, wall, c, along, out, low, high = (v[keep] for v in (view, wall, c, along, out, low, high))
    ends = (
        np.stack([a[wall] + along * low[:, None], a[wall] + along * high[:, None]], axis=1)
        + (out * HIDDEN_STEP)[:, None]
    )
    seen = shapely.length(shapely.intersection(shapely.linestrings(ends), views[view]))
    pieces = pd.DataFrame({"cam": c, "row": of[wall], "amount": seen})
    sums = pieces.groupby(["cam", "row"], sort=True, as_index=False)["amount"].sum()
    sums = sums[sums["amount"] >= least]
    found = pd.DataFrame(rows.drop(columns="geometry")).iloc[sums["row"].to_numpy(np.int64)].reset_index(drop=True)
    unknown = np.isnan(_upper(cameras)[sums["cam"].to_numpy(np.int64)])
    said = [
        _say("facade", lang).format(m=f"{m:.1f}", n=f"{density:g}", what=w) + (_say("tilt", lang) if u else "")
        for m, w, u in zip(sums["amount"], _labels(found, lang), unknown, strict=True)
    ]
    found = found.assign(cam=sums["cam"].to_numpy(), amount=sums["amount"].to_numpy(), unit="m", reason=said)
    found = found.assign(check="C4", level="warning", remedy="mask", distance=np.nan, _order=0)
    return pd.DataFrame(found.sort_values(["cam", "amount"], ascending=[True, False], kind="stable"))


def _private(
    cam: npt.NDArray[np.int64],
    views: npt.NDArray[np.object_],
    cameras: gpd.GeoDataFrame,
    city: City,
    banned: pd.DataFrame,
    criteria: Criteria,
    lang: Lang,
) -> pd.DataFrame:
    shapes = np.asarray(city.places.geometry.array, dtype=object)
    plane = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    whole = shapely.area(views)
    if not len(plane) or not len(views) or OPEN_CLAUSE not in banned.index:
        return pd.DataFrame()
    public = np.asarray(city.public_ground.geometry.array, dtype=object)
    at, ground = shapely.STRtree(public).query(views, predicate="intersects")
    open_ = np.bincount(at, shapely.area(shapely.intersection(views[at], public[ground])), len(views))
    shut = shapely.difference(views, _joined(public[ground], at, len(views)))
    view, place = shapely.STRtree(shapes[plane]).query(shut, predicate="intersects")
    own = shapely.intersects(shapes[plane][place], np.asarray(cameras.geometry.array, dtype=object)[cam[view]])
    view, place = view[~own], plane[place[~own]]
    pieces = shapely.intersection(shut[view], shapes[place])
    private = shapely.area(_joined(pieces, view, len(views)))
    share = np.divide(private, whole, out=np.zeros(len(views)), where=whole > 0.0)
    size = pd.DataFrame({"view": view, "place": place, "size": shapely.area(pieces)})
    largest = size.sort_values(["view", "size"], ascending=[True, False], kind="stable").drop_duplicates("view")
    largest = largest[share[largest["view"].to_numpy()] > criteria.value(PRIVATE) / 100.0]
    rows = largest["view"].to_numpy(np.int64)
    rest = np.clip(1.0 - share - np.divide(open_, whole, out=np.zeros(len(views)), where=whole > 0.0), 0.0, 1.0)
    said = [
        _say("private", lang).format(m=f"{100 * s:.0f}", n=f"{100 * r:.0f}")
        for s, r in zip(share[rows], rest[rows], strict=True)
    ]
    at_place = city.places.iloc[largest["place"].to_numpy(np.int64)]
    law: dict[str, Any] = {name: banned.loc[OPEN_CLAUSE, name] for name in COLUMNS}
    out = pd.DataFrame({"place_id": at_place["place_id"].to_numpy(object), "name": at_place["name"].to_numpy(object)})
    out = out.assign(**law, place_type=OPEN_CLAUSE, cam=cam[rows], amount=100.0 * share[rows], unit="%", reason=said)
    secret = at_place["secret"].astype("boolean").fillna(False).to_numpy(bool)
    return out.assign(check="C5", level="warning", remedy="mask", distance=np.nan, secret=secret, _order=0)


def _joined(shapes: npt.NDArray[np.object_], number: npt.NDArray[np.int64], size: int) -> npt.NDArray[np.object_]:
    """Return the union of the shapes of each number, empty where there is none."""
    out = np.full(size, shapely.Polygon(), dtype=object)
    if len(shapes):
        some, row = np.unique(number, return_inverse=True)
        order = np.argsort(row, kind="stable")
        place = np.arange(len(row)) - np.searchsorted(row[order], row[order])
        grid = np.full((len(some), int(place.max()) + 1), None, dtype=object)
        grid[row[order], place] = shapes[order]
        out[some] = shapely.union_all(grid, axis=1, grid_size=1e-3)
    return out


def _upper(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return the angle of the picture's upper rim over the horizon (degrees); NaN where anything is unknown."""

    def column(name: str) -> npt.NDArray[np.float64]:
        if name not in cameras.columns:
            return np.full(len(cameras), np.nan)
        return np.asarray(pd.to_numeric(cameras[name]).to_numpy(float, na_value=np.nan), float)

    known = np.isfinite(column("mount_height"))
    return np.where(known, np.clip(column("vfov") / 2.0 - column("tilt"), -89.0, 89.0), np.nan)


def _labels(rows: pd.DataFrame, lang: Lang) -> list[str]:
    return [terms.label(terms.BAN_PLACES, str(key), lang) for key in rows["place_type"]]


def _say(key: str, lang: Lang) -> str:
    return _WORDS[key][0 if lang == "zh" else 1]
