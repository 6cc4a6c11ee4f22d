"""Matches the things of two studies by kind, name and geometry; OSM ids only help."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MOST = 0.5
"""Two shapes are one thing, or parts of one, where they share this much of the smaller one. Ours."""
BESIDE = 8.0
"""m: half the width of the strip in which two lines run together. Ours."""
RENAMED = 0.8
"""Things of different names are one only where their shapes agree this well (intersection over union). Ours."""
RENAMED_POINT = 3.0
"""m between two points of different names that are one thing. Ours."""
_TOUCHING = 0.3  # the score of a point on a line or ground, which shares no measure with it


class Reach(NamedTuple):
    """How far apart (m) two points may lie to be one: ``near``, and ``near_other`` where their hints differ.

    Within ``moved`` metres whatever bears the same hint is one thing, where nothing else is matched with it; 0: never.
    """

    near: float
    near_other: float
    moved: float = 0.0


def match_things(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    *,
    same: Sequence[str],
    reach: Reach,
    hint: str,
    name: str | None = None,
) -> pd.DataFrame:
    """Return which rows of an earlier table and of today's are one thing, or parts of one.

    Ground is compared by its overlap, lines by the length that they run together (within :data:`BESIDE` metres), points
    by their distance. Two rows are linked where the columns of ``same`` agree and the shapes share :data:`MOST` of the
    smaller one, so that each half of a thing that was split is linked to the whole. Of the links those are ``kept``
    that pair each row with at most one: the best agreement first, a like name or hint before none. Points have no
    parts: two that are paired with others are not linked, however near.

    Parameters
    ----------
    old, new
        Tables in one metric reference system.
    same
        Columns that must agree, such as kind and item.
    reach
        Of points, in metres.
    hint
        Column of ids that help: a link between rows of different ids is dropped where both ids stand in both tables,
        and see :class:`Reach`.
    name
        Column of names; things whose names are known and differ are one only where their shapes agree very well.

    Returns
    -------
    DataFrame
        ``old`` and ``new`` (positions of the rows), ``score`` (0 … 1 for the shapes, more with name or hint) and
        ``kept``; sorted by old, then new. No row of the inputs matters by its place in the table.

    Examples
    --------
    A street of 100 m that was cut in two, 60 and 40 m:

    >>> old = gpd.GeoDataFrame({"kind": ["road"], "id": ["way/1"]},
    ...     geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 100 0)"]), crs=32650)
    >>> new = gpd.GeoDataFrame({"kind": ["road", "road"], "id": ["way/7", "way/8"]},
    ...     geometry=gpd.GeoSeries.from_wkt(["LINESTRING (0 0, 60 0)", "LINESTRING (60 0, 100 0)"]), crs=32650)
    >>> match_things(old, new, same=["kind"], reach=Reach(30, 30), hint="id").round(2).values.tolist()
    [[0, 0, 0.6, True], [0, 1, 0.4, False]]
    """
    a, b = _candidates(old, new, reach)
    groups = _groups(old, new, same)
    agree = groups[0][a] == groups[1][b]
    a, b = a[agree], b[agree]
    link = _measured(_sound(old), _sound(new), a, b)
    ids = old[hint].astype(object).to_numpy(), new[hint].astype(object).to_numpy()
    alike = _equal(ids[0][a], ids[1][b])
    other = _differ(old, new, a, b, name)
    within = np.where(alike, reach.near, reach.near_other)
    within = np.where(other, np.minimum(within, RENAMED_POINT), within)
    score = np.where(link.is_point, 1.0 - link.distance / max(reach.near, 1e-9), link.score)
    fits = np.where(link.is_point, link.distance <= within, link.score > 0)
    fits &= ~other | link.is_point | (score >= RENAMED)
    known = np.isin(ids[1][b], ids[0]) & np.isin(ids[0][a], ids[1])
    fits &= alike | ~known
    named = _named_alike(old, new, a, b, name)
    score = score + 0.2 * named + 0.1 * alike
    strong = pd.DataFrame({"old": a, "new": b, "score": score, "point": link.is_point})[fits]
    weak = _moved(old, new, ids, groups, name, reach.moved)
    weak = weak[~weak["old"].isin(strong["old"]) & ~weak["new"].isin(strong["new"])]
    links = pd.concat([strong, weak.assign(point=True)], ignore_index=True)
    links["kept"] = _pair_off(links, old, new)
    paired = [links[side].isin(links.loc[links["kept"], side]) for side in ("old", "new")]
    links = links[links["kept"] | ((links.index < len(strong)) & ~(links["point"] & paired[0] & paired[1]))]
    return links.drop(columns="point").sort_values(["old", "new"]).reset_index(drop=True)


class _Link(NamedTuple):
    """What two shapes have in common: a score (0: nothing), and the distance (m) where both are points."""

    score: Floats
    distance: Floats
    is_point: Bools


def _candidates(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, reach: Reach) -> tuple[Ints, Ints]:
    """Return the pairs of rows that lie near enough to be one."""
    shapes = old.geometry.to_numpy()
    here = np.flatnonzero(~shapely.is_missing(shapes))
    far = np.where(shapely.get_dimensions(shapes[here]) == 0, max(reach.near, reach.near_other, BESIDE), BESIDE)
    a, b = shapely.STRtree(new.geometry.to_numpy()).query(shapes[here], predicate="dwithin", distance=far)
    return np.asarray(here[a], dtype=np.int64), np.asarray(b, dtype=np.int64)


def _groups(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, same: Sequence[str]) -> tuple[Ints, Ints]:
    both = pd.concat([pd.DataFrame(t)[list(same)].astype(object) for t in (old, new)], ignore_index=True).fillna("")
    number: Ints = np.asarray(both.groupby(list(same), sort=False).ngroup(), dtype=np.int64)
    return number[: len(old)], number[len(old) :]


def _sound(table: gpd.GeoDataFrame) -> npt.NDArray[np.object_]:
    shapes = table.geometry.to_numpy().copy()
    bad = ~shapely.is_missing(shapes) & ~shapely.is_valid(shapes)
    shapes[bad] = shapely.make_valid(shapes[bad])
    return np.asarray(shapes, dtype=object)


def _measured(old: npt.NDArray[np.object_], new: npt.NDArray[np.object_], a: Ints, b: Ints) -> _Link:
    dim_a, dim_b = shapely.get_dimensions(old)[a], shapely.get_dimensions(new)[b]
    score, distance = np.zeros(len(a)), np.full(len(a), np.inf)
    ground, line, point = (np.flatnonzero((dim_a == n) & (dim_b == n)) for n in (2, 1, 0))
    score[ground] = _shared(
        shapely.area(old)[a[ground]],
        shapely.area(new)[b[ground]],
        shapely.area(shapely.intersection(old[a[ground]], new[b[ground]])),
    )
    length_a, length_b = shapely.length(old)[a[line]], shapely.length(new)[b[line]]
    strip_a, strip_b = _strips(old, a[line]), _strips(new, b[line])
    together = np.minimum(
        shapely.length(shapely.intersection(old[a[line]], strip_b)),
        shapely.length(shapely.intersection(new[b[line]], strip_a)),
    )
    score[line] = _shared(length_a, length_b, together)
    distance[point] = shapely.distance(shapely.centroid(old[a[point]]), shapely.centroid(new[b[point]]))
    mixed = np.flatnonzero(dim_a != dim_b)
    touching = shapely.distance(old[a[mixed]], new[b[mixed]]) <= BESIDE
    score[mixed] = np.where(touching, _TOUCHING, 0.0)
    return _Link(score, distance, (dim_a == 0) & (dim_b == 0))


def _strips(lines: npt.NDArray[np.object_], rows: Ints) -> npt.NDArray[np.object_]:
    """Return the strip along each line; it ends with the line, so that the next stretch of a street is not in it."""
    used, at = np.unique(rows, return_inverse=True)
    return np.asarray(shapely.buffer(lines[used], BESIDE, cap_style="flat"), dtype=object)[at]


def _shared(size_a: Floats, size_b: Floats, common: Floats) -> Floats:
    """Return intersection over union, 0 where less than :data:`MOST` of the smaller one is shared."""
    smaller = np.minimum(size_a, size_b)
    union = np.maximum(size_a + size_b - common, 1e-9)
    return np.where((smaller > 0) & (common >= MOST * smaller), np.minimum(common / union, 1.0), 0.0)


def _equal(a: npt.NDArray[np.object_], b: npt.NDArray[np.object_]) -> Bools:
    return np.asarray((a == b) & ~pd.isna(a), dtype=bool)


def _texts(
    old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, a: Ints, b: Ints, name: str
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    return old[name].astype(object).fillna("").to_numpy()[a], new[name].astype(object).fillna("").to_numpy()[b]


def _differ(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, a: Ints, b: Ints, name: str | None) -> Bools:
    if name is None:
        return np.zeros(len(a), dtype=bool)
    one, other = _texts(old, new, a, b, name)
    return np.asarray((one != other) & (one != "") & (other != ""), dtype=bool)


def _named_alike(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame, a: Ints, b: Ints, name: str | None) -> Bools:
    if name is None:
        return np.zeros(len(a), dtype=bool)
    one, other = _texts(old, new, a, b, name)
    return np.asarray((one == other) & (one != ""), dtype=bool)


def _moved(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    ids: tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]],
    groups: tuple[Ints, Ints],
    name: str | None,
    within: float,
) -> pd.DataFrame:
    """Return rows of one id and group that lie within so many metres, or nowhere: the last resort, of score 0."""
    sides = [
        pd.DataFrame({"id": i, "group": g, key: np.arange(len(i))})
        .dropna(subset=["id"])
        .drop_duplicates(["id", "group"])
        for i, g, key in zip(ids, groups, ("old", "new"), strict=True)
    ]
    pairs = sides[0].merge(sides[1], on=["id", "group"])
    a, b = pairs["old"].to_numpy(dtype=np.int64), pairs["new"].to_numpy(dtype=np.int64)
    shapes = old.geometry.to_numpy()[a], new.geometry.to_numpy()[b]
    far = shapely.distance(*shapes)
    nowhere = shapely.is_missing(shapes[0]) & shapely.is_missing(shapes[1])
    fits = (within > 0) & (nowhere | (far <= within)) & ~_differ(old, new, a, b, name)
    found: pd.DataFrame = pairs[["old", "new"]].assign(score=0.0)[fits]
    return found


def _pair_off(links: pd.DataFrame, old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> Bools:
    """Return which links pair their two rows: in rounds, those that are the best of both their ends."""
    kept = np.zeros(len(links), dtype=bool)
    order = {"score": -links["score"].round(9)}
    for key, table in (("old", old), ("new", new)):  # ties go by place, not by row
        middle = shapely.centroid(table.geometry.to_numpy())[links[key].to_numpy(dtype=np.int64)]
        order |= {f"x_{key}": shapely.get_x(middle), f"y_{key}": shapely.get_y(middle)}
    left = links.assign(**order).sort_values([*order, "old", "new"])
    while len(left):
        best = ~left.duplicated("old") & ~left.duplicated("new")
        chosen = left[best]
        kept[chosen.index.to_numpy()] = True
        left = left[~left["old"].isin(chosen["old"]) & ~left["new"].isin(chosen["new"])]
    return kept
