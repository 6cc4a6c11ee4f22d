"""Views: the ground that each camera sees, as polygons."""

from __future__ import annotations

import itertools
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import tables, tiles
from citycover.city.terrain import Terrain
from citycover.sight._grid import WallGrid, grid_walls
from citycover.sight._outline import draw_rings
from citycover.sight._visibility import trace_views
from citycover.sight.cameras import Poses, find_poses
from citycover.sight.crowns import share_behind
from citycover.sight.relief import cut_hidden
from citycover.sight.shadows import cast_rings, count_roofs, draw_shadowed
from citycover.sight.walls import find_walls

Floats = npt.NDArray[np.float64]
LOW, HIGH, SWEPT = 0, 2, 3


def camera_views(
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
    trees: gpd.GeoDataFrame | None = None,
    workers: int | None = None,
) -> gpd.GeoDataFrame:
    """Return the ground that each camera sees, whether it counts or not; in the cameras' order.

    A camera whose azimuth, hfov and reach are known has one row ``exact``. A pan-tilt has a row ``swept`` besides: the
    full circle within its reach, which counts for nothing; its home preset is its view. Where hfov or reach are a
    default it has a row ``low`` (narrowest, nearest) and a row ``high`` (widest, farthest). Where the azimuth is
    unknown it has one row ``high``, the full circle: a bound, and nothing for certain. ``assumed`` names the defaults,
    and ``position`` where the camera was moved out of a building, ``inside_building`` where it stands deep in one (its
    own walls do not block then), ``count`` where further cameras of the row look elsewhere.

    A view ends at ``reach``, at obstacles, and at the edges of the picture on the ground where tilt, vfov and
    mount_height are known; else the near edge is 0 and ``near_unknown`` is true. A wall of known height lower than a
    lens of known height hides the ground up to the end of its shadow, ``H / (H - h)`` times as far from the lens at H
    as its top at h; any other wall hides all behind it. Arcs are 64 chords a quarter inside
    the true circle: an open view loses at most 1e-4 of its ground. ``ground`` is the polygon's.

    Parameters
    ----------
    cameras, buildings, barriers
        Tables as declared, in one metric reference system; of cameras ``camera_id`` and the geometry are needed.
    terrain
        Heights of the ground; None: flat. Ground that it hides is cut out in cells of 5 m, see
        :mod:`citycover.sight.relief`.
    trees
        Table as declared. Crowns hide nothing; ``tree_share`` is the share of the view's ground under or behind them
        (3 m about a tree or a row of trees, ours; woods as drawn), null without trees.
    workers
        Threads; None: as many as cores. The answer does not depend on it.

    Raises
    ------
    TableError, CrsError, InputError
        See :func:`citycover.sight.cameras.find_poses`.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"camera_id": ["a"], "azimuth": [0.0], "hfov": [90.0], "reach": [100.0]},
    ...     geometry=gpd.points_from_xy([500000.0], [3500000.0]), crs=32650)
    >>> house = gpd.GeoDataFrame(geometry=[shapely.box(499990, 3500010, 500010, 3500020)], crs=32650)
    >>> views = camera_views(camera, house)
    >>> views["end"].tolist(), views["ground"].round(3).tolist()  # the house fills the sector from 10 m on
    (['exact'], [100.0])
    """
    poses = find_poses(cameras, buildings)
    rows, end = _rows(poses, _turning(cameras))
    column = np.where(end == "low", LOW, np.where(end == "swept", SWEPT, HIGH))
    look = _Look(poses, rows, column, count_roofs(poses, buildings))
    grid = grid_of(poses, buildings, barriers)
    polygons = _polygons(look, grid, workers)
    if terrain is not None:
        lens = np.where(np.isnan(look.lens), poses.mount_height[rows].min(axis=1), look.lens)
        known = ~np.isin(end, ["high", "swept"])
        polygons = cut_hidden(polygons, look.x, look.y, lens, terrain, unknown=known, workers=workers)
    ids = pd.Series(poses.camera_id[rows], dtype="str")
    frame = {
        "view_id": ids + "/" + pd.Series(end, dtype="str"),
        "camera_id": ids,
        "end": end,
        "ground": shapely.area(polygons),
        "near_unknown": poses.near_unknown[rows],
        "assumed": _assumed(poses)[rows],
        "tree_share": np.full(len(rows), np.nan)
        if trees is None
        else share_behind(polygons, look.x, look.y, look.reach, trees),
        "geometry": polygons,
    }
    return tables.conform("views", pd.DataFrame(frame), crs=cameras.crs)


def grid_of(
    poses: Poses,
    buildings: gpd.GeoDataFrame,
    barriers: gpd.GeoDataFrame | None,
    *,
    terrain: Terrain | None = None,
) -> WallGrid:
    """Return the grid of the walls that lie in the reach of any of the cameras.

    With ``terrain`` their heights are over the sea: those of the ground at the middle of each wall added; a wall on a
    void hides all.
    """
    walls = find_walls(buildings, barriers)
    if terrain is not None:
        ground = terrain.ground((walls.ax + walls.bx) / 2.0, (walls.ay + walls.by) / 2.0)
        walls = walls._replace(height=np.where(np.isfinite(ground), walls.height + ground, np.inf))
    if not len(poses.x):
        return grid_walls(*walls[:5], bounds=(0.0, 0.0, 1.0, 1.0))
    reach = poses.reach[:, HIGH]
    bounds = (
        float((poses.x - reach).min()),
        float((poses.y - reach).min()),
        float((poses.x + reach).max()),
        float((poses.y + reach).max()),
    )
    return grid_walls(*walls[:5], bounds=bounds)


class _Look:
    """Kernel arrays of some rows of poses at one end each."""

    def __init__(
        self,
        poses: Poses,
        rows: npt.NDArray[np.int64],
        end: npt.NDArray[np.int64],
        roofs: npt.NDArray[np.int64],
    ) -> None:
        swept = end == SWEPT
        end = np.where(swept, HIGH, end)
        hfov, heading = poses.hfov[rows, end], poses.heading[rows]
        self.full = np.isnan(heading) | (hfov >= 360.0) | swept
        half = np.radians(hfov) / 2.0
        axis = np.where(np.isnan(heading), 0.0, heading)
        self.x, self.y = poses.x[rows], poses.y[rows]
        self.reach = np.where(swept, poses.reach[rows, end], np.minimum(poses.reach[rows, end], poses.far[rows]))
        self.near, self.lens, self.roofs = np.where(swept, 0.0, poses.near[rows]), poses.lens[rows], roofs[rows]
        self.rays = (np.cos(axis - half), np.sin(axis - half), np.cos(axis + half), np.sin(axis + half))


def _turning(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which cameras turn: they have a swept view beside that of their home preset."""
    turns = np.zeros(len(cameras), bool)
    if "ptz" in cameras.columns:
        turns |= cameras["ptz"].astype("boolean").fillna(False).to_numpy(bool)
    if "camera_type" in cameras.columns:
        turns |= (cameras["camera_type"].astype("str") == "ptz").fillna(False).to_numpy(bool)
    return turns


def _rows(poses: Poses, turning: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Return the rows of poses that get a view, and at which end."""
    unknown = np.isnan(poses.heading)
    guessed = ~unknown & (poses.assumed["hfov"] | poses.assumed["reach"])
    number = np.arange(len(poses.x))
    rows = np.repeat(number, np.where(guessed, 2, 1))
    second = np.zeros(len(rows), bool)
    second[1:] = rows[1:] == rows[:-1]
    end = np.where(unknown[rows] | second, "high", np.where(guessed[rows], "low", "exact")).astype(object)
    swept = number[turning]
    order = np.argsort(np.concatenate([rows, swept]), kind="stable")
    ends = np.concatenate([end, np.full(len(swept), "swept", dtype=object)])
    return np.concatenate([rows, swept])[order], ends[order]


def _assumed(poses: Poses) -> npt.NDArray[np.object_]:
    rest = (poses.number > 1) & (poses.known < poses.number) & ~np.isnan(poses.heading)
    notes = {
        "azimuth": np.isnan(poses.heading),
        "hfov": poses.assumed["hfov"] & ~np.isnan(poses.heading),
        "reach": poses.assumed["reach"],
        "position": poses.standing.moved,
        "inside_building": poses.standing.inside,
        "count": rest,
    }
    text = np.full(len(poses.x), "", dtype=object)
    for name, holds in notes.items():
        text = text + np.where(holds, name + ";", "").astype(object)
    return np.asarray(pd.Series(text, dtype="str").str.rstrip(";").to_numpy(object))


def _polygons(look: _Look, grid: WallGrid, workers: int | None) -> npt.NDArray[np.object_]:
    x, y = look.x - grid.x0, look.y - grid.y0

    def work(part: tuple[int, int]) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
        low, high = part
        pieces, kinds, counts = trace_views(grid, x, y, look.reach, look.lens, *look.rays, look.full, low, high)
        starts = np.zeros(high + 1, np.int64)
        starts[low + 1 :] = np.cumsum(counts)
        xy, ring, hole, rings = draw_rings(
            pieces, kinds, starts, look.x, look.y, look.reach, look.near, look.full, low, high
        )
        shells = shapely.linearrings(xy, indices=np.repeat(np.arange(len(ring)), np.diff(ring, prepend=0)))
        number = np.cumsum(~hole) - 1
        polygons = shapely.polygons(shells, indices=number) if len(shells) else np.empty(0, object)
        owner = (low + np.repeat(np.arange(high - low), rings))[~hole]
        cast: Any = (pieces, kinds, starts, x, y, look.reach, look.lens, look.roofs, *look.rays, look.full, low, high)
        px, py, ends, asked = cast_rings(grid, *cast)
        if (asked < 0).all():
            return polygons, owner
        span = slice(low, high)
        over, drawn = draw_shadowed(px, py, ends, asked, (look.x[span], look.y[span]), look.near[span])
        plain = ~np.isin(owner, low + over)
        return np.concatenate([polygons[plain], drawn]), np.concatenate([owner[plain], low + over])

    done = tiles.run_parts(work, tiles.cut_rows(len(x), size=512), workers=workers)
    out = np.full(len(x), shapely.Polygon(), dtype=object)
    if not done:
        return out
    polygons = np.concatenate([part for part, _ in done])
    camera = np.concatenate([owner for _, owner in done])
    single = np.bincount(camera, minlength=len(x))[camera] == 1
    out[camera[single]] = polygons[single]
    if not single.all():
        owner, number = np.unique(camera[~single], return_inverse=True)
        out[owner] = shapely.multipolygons(polygons[~single], indices=number)
    return out


def union_views(views: gpd.GeoDataFrame, *, size: float = 200.0, workers: int | None = None) -> gpd.GeoDataFrame:
    """Return the ground that any of the views sees, tile by tile (column ``ground``, m², and the polygon).

    All rows given are joined: choose those of the ends that you mean (``swept`` is what nobody need look at).

    Tiles of ``size`` metres keep each union small; tiles that nothing sees are left out. Union over thousands of
    views at once loses ground silently; here each tile is snapped to 0.1 mm and checked against its largest part.

    >>> two = gpd.GeoDataFrame(geometry=[shapely.box(1, 1, 3, 3), shapely.box(2, 1, 4, 3)], crs=32650)
    >>> union_views(two)["ground"].round(3).tolist()
    [6.0]
    """
    shapes = np.asarray(views.geometry.array, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        return gpd.GeoDataFrame({"ground": pd.Series([], dtype=float)}, geometry=[], crs=views.crs)
    low = shapely.total_bounds(shapes)
    cut = tiles.cut_tiles((low[0], low[1], low[2], low[3]), size=size)
    tree = shapely.STRtree(shapes)
    boxes = shapely.box(*np.array([tile.core for tile in cut]).T)
    tile, view = tree.query(boxes, predicate="intersects")
    first = np.searchsorted(tile, np.arange(len(cut) + 1))

    def work(part: tuple[int, int]) -> Any:
        number = tile[part[0] : part[1]]
        clipped = shapely.intersection(shapes[view[part[0] : part[1]]], boxes[number])
        joined = shapely.union_all(clipped, grid_size=1e-4)
        if shapely.area(joined) < shapely.area(clipped).max() * (1.0 - 1e-6):
            joined = shapely.union_all(shapely.set_precision(clipped, 1e-3))
        return joined

    parts = [(int(a), int(b)) for a, b in itertools.pairwise(first) if b > a]
    joined = np.array(tiles.run_parts(work, parts, workers=workers), dtype=object)
    joined = joined[shapely.area(joined) > 0.0]
    return gpd.GeoDataFrame({"ground": shapely.area(joined)}, geometry=joined, crs=views.crs)
