"""How many cameras see each target, how sharply, and which: without making a polygon."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from citycover import geo, tables, tiles
from citycover.city.terrain import Terrain
from citycover.errors import TableError
from citycover.sight import optics
from citycover.sight._grid import PointGrid, WallGrid, grid_points
from citycover.sight._tally import sort_pairs, tally
from citycover.sight._visibility import find_pairs
from citycover.sight.cameras import Poses, assign_counting, find_poses
from citycover.sight.crowns import find_crowns
from citycover.sight.relief import judge_lines
from citycover.sight.views import grid_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

FACING = 60.0
"""A target that must be seen from one side is seen by cameras this many degrees to either side of it, where it has no
``facing_within`` of its own; ours."""

DECK, UNDER = 5.5, 10.0
"""Height of a deck over the ground (m a layer); how near to its targets (m) a camera stands under it; ours."""

BATCH = 20_000
"""Cameras whose pairs with targets are held in memory at once."""


def measure_coverage(
    targets: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    barriers: gpd.GeoDataFrame | None = None,
    terrain: Terrain | None = None,
    trees: gpd.GeoDataFrame | None = None,
    edition: str = "IEC 62676-4:2014",
    workers: int | None = None,
) -> pd.DataFrame:
    """Return the table ``seen``: one row per target, in their order, columns as ``tables.seen_columns`` lists them.

    A camera sees a target when the target lies in its sector, within reach, on ground that its picture shows (where
    tilt, vfov and mount_height are known), within ``facing_within`` (60°) of the target's ``facing`` (where there
    is one), and no wall stands between: the straight line from the lens to the target's ``z`` (null: the ground)
    must pass every wall at or above its height. Walls of unknown height block all; a lens of unknown height never
    sees over a wall. Targets on a negative ``layer`` (tunnels) are seen by none. A deck (``layer`` above 0) is not
    seen by a camera that stands under it, within 10 m of one of its targets, unless its lens is known to be above
    the deck (5.5 m a layer, ours) or its own ``layer`` is that of the deck; where neither is known it sees the deck
    at the optimistic end only. A camera known to stand on a deck sees what lies below at that end only. With
    ``terrain`` the line must clear the ground as well, heights being over the sea; across voids, and where only the
    unknown height of the lens decides, it counts at the optimistic end only. Crowns of ``trees`` hide nothing and
    are reported: ``through_trees``. Sharpness is pixels
    per metre at the slant distance.

    Only cameras that count are used (``assign_counting`` is called where its columns are missing). ``n_low_L`` counts
    those of known pose with what the register says, defaults at their pessimistic end; ``n_high_L`` all, defaults at
    their optimistic end and unknown azimuths aimed best: a bound; ``n_expected_L`` is the sum of chances: 1 or 0 for a
    known pose, ``hfov / 360`` for an unknown azimuth. A row of ``count`` n of known azimuth is one camera of known
    pose and n-1 of unknown aim. ``p1_L`` and ``p2_L`` take the cameras as independent. ``density_low`` is the best of
    the known poses, ``density_high`` the best of all at the optimistic end, 0 where there is none; ``best_camera`` is
    the camera of ``density_low``, else of ``density_high``, null where nothing sees the target; ``through_trees`` says
    whether its line to the target crosses a crown (3 m about a tree or a row of trees, ours; woods as drawn).

    Parameters
    ----------
    targets
        ``target_id``, ``x``, ``y`` (metres, in the cameras' reference system), ``z`` (m), ``facing`` (° from true
        north), ``layer``; the last three may be missing.
    cameras, buildings, barriers
        Tables as declared.
    terrain
        Heights of the ground; None: flat.
    trees
        Table as declared; None: ``through_trees`` is null.
    edition
        Edition of the densities, see :func:`citycover.sight.optics.load_edition`.
    workers
        Threads; None: as many as cores. The answer does not depend on it.

    Raises
    ------
    TableError, CrsError, InputError
        A table lacks columns, the reference systems differ, a number is impossible, the edition is unknown.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"camera_id": ["a"], "azimuth": [0.0], "hfov": [90.0], "reach": [50.0], "pixels": [1920],
    ...      "mount_height": [1.5]}, geometry=gpd.points_from_xy([500000.0], [3500000.0]), crs=32650)
    >>> house = gpd.GeoDataFrame(geometry=[], crs=32650)
    >>> targets = pd.DataFrame({"target_id": [1], "x": [500000.0], "y": [3500010.0], "z": [1.5]})
    >>> seen = measure_coverage(targets, camera, house)
    >>> seen[["density_low", "best_camera", "n_low_62.5", "n_low_125"]].round(6).values.tolist()
    [[96.0, 'a', 1, 0]]
    """
    levels = np.array(optics.load_edition(edition))
    counting = counting_cameras(cameras, buildings)
    poses = find_poses(counting, buildings)
    aims = find_aims(targets, counting)
    rows = len(targets)
    sums = _Sums.zeros(rows, len(levels))
    optic = find_optic(poses)
    if len(poses.x) and rows:
        grid, points = grid_of(poses, buildings, barriers, terrain=terrain), grid_points(aims.x, aims.y)
        decks = find_decks(poses, aims)
        for low in range(0, len(poses.x), BATCH):
            span = (low, min(low + BATCH, len(poses.x)))
            pairs = find_pairs_of(poses, aims, grid, points, span, terrain=terrain, workers=workers)
            pairs, sure = rate_pairs(poses, aims, pairs, decks, terrain=terrain, workers=workers)
            _add(sums, aims, optic, pairs, sure, levels, workers, terrain=terrain)
    return _seen(targets, poses, aims, sums, levels, trees)


class Aims(NamedTuple):
    """Targets as arrays: position, height to be seen, where from (NaN: any), whether it can be, and its layer.

    (fx, fy) points where it must be seen from; its length is cos 60° (:data:`FACING`) over the cosine of the target's
    own angle, so that one comparison with cos 60° answers for every angle.
    """

    x: Floats
    y: Floats
    z: Floats
    fx: Floats
    fy: Floats
    open: npt.NDArray[np.bool_]
    layer: Floats


class Optic(NamedTuple):
    """What the tally needs of each camera; three columns are the low, expected and high ends."""

    x: Floats
    y: Floats
    ux: Floats
    uy: Floats
    half: Floats
    scale: Floats
    mount: Floats
    reach: Floats
    number: npt.NDArray[np.int64]
    known: npt.NDArray[np.int64]
    chance: Floats


class _Sums(NamedTuple):
    """Sums by target; those by level have a row for each level, in half the width: they are what fills the memory."""

    density: Floats
    best: Ints
    low: Ints
    expected: npt.NDArray[np.float32]
    high: Ints
    none: npt.NDArray[np.float32]
    one: npt.NDArray[np.float32]

    @classmethod
    def zeros(cls, rows: int, levels: int) -> _Sums:
        shape = (levels, rows)
        return cls(
            np.zeros((rows, 2)),
            np.full((rows, 2), -1, np.int32),
            np.zeros(shape, np.int32),
            np.zeros(shape, np.float32),
            np.zeros(shape, np.int32),
            np.ones(shape, np.float32),
            np.zeros(shape, np.float32),
        )


def counting_cameras(cameras: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the cameras that count at all, judged here where ``counts`` is missing."""
    judged = cameras if "counts" in cameras.columns else assign_counting(cameras, buildings)
    counting: gpd.GeoDataFrame = judged[(judged["counts"] != "no").to_numpy(bool)].reset_index(drop=True)
    return counting


def find_aims(targets: pd.DataFrame, cameras: gpd.GeoDataFrame) -> Aims:
    """Return the targets as arrays, in order; see :func:`measure_coverage`."""
    missing = [name for name in ("target_id", "x", "y") if name not in targets.columns]
    if missing:
        raise TableError(
            f"targets: columns missing: {', '.join(missing)}; given: {', '.join(map(str, targets.columns))}"
        )
    column = {name: _floats(targets, name) for name in ("x", "y", "z", "facing", "facing_within", "layer")}
    x, y = column["x"], column["y"]
    if not (np.isfinite(x) & np.isfinite(y)).all():
        row = int(np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)))[0])
        raise TableError(f"targets: needed finite x and y in every row, row {row} has {x[row]}, {y[row]}")
    fx, fy = np.full(len(x), np.nan), np.full(len(x), np.nan)
    facing = np.flatnonzero(np.isfinite(column["facing"]))
    if len(facing):
        grid_north = geo.meridian_convergence(x[facing], y[facing], cameras.crs)
        angle = np.radians(90.0 - (column["facing"][facing] - grid_north))
        within = column["facing_within"][facing]
        within = np.where(np.isnan(within), FACING, within)
        if not ((within > 0.0) & (within < 90.0)).all():
            raise TableError("targets: needed facing_within above 0° and below 90°, given others")
        length = np.cos(np.radians(FACING)) / np.cos(np.radians(within))
        fx[facing], fy[facing] = length * np.cos(angle), length * np.sin(angle)
    z = np.where(np.isnan(column["z"]), 0.0, column["z"])
    return Aims(x, y, z, fx, fy, ~(column["layer"] < 0.0), np.nan_to_num(column["layer"]))


def _floats(frame: pd.DataFrame, name: str) -> Floats:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(pd.to_numeric(frame[name]).to_numpy(float, na_value=np.nan), float)


def find_pairs_of(
    poses: Poses,
    aims: Aims,
    grid: WallGrid,
    points: PointGrid,
    cameras: tuple[int, int],
    *,
    any_aim: bool = False,
    tunnels: bool = False,
    terrain: Terrain | None = None,
    workers: int | None = None,
) -> tuple[Ints, Ints]:
    """Return which of a run of cameras sees which target, cameras ascending.

    ``any_aim``: wherever they might look, from their feet on; ``tunnels``: targets below ground too.
    """
    half = np.radians(poses.hfov[:, 2]) / 2.0
    full = np.isnan(poses.heading) | (poses.known < poses.number) | (poses.hfov[:, 2] >= 360.0) | any_aim
    axis = np.where(np.isnan(poses.heading), 0.0, poses.heading)
    rays = (np.cos(axis - half), np.sin(axis - half), np.cos(axis + half), np.sin(axis + half))
    reach = poses.reach[:, 2] if any_aim else np.minimum(poses.reach[:, 2], poses.far)
    near = np.zeros(len(reach)) if any_aim else poses.near
    x, y, tz, lens = poses.x - grid.x0, poses.y - grid.y0, aims.z[points.order], poses.lens
    if terrain is not None:  # all heights over the sea, as those of the walls in the grid
        tz = tz + terrain.ground(aims.x, aims.y)[points.order]
        lens = lens + terrain.ground(poses.x, poses.y)
    shift = (points.x0 - grid.x0, points.y0 - grid.y0)

    def work(part: tuple[int, int]) -> tuple[Ints, Ints]:
        low, high = cameras[0] + part[0], cameras[0] + part[1]
        roof = poses.standing.roof
        found: tuple[Ints, Ints] = find_pairs(
            grid, points, *shift, x, y, lens, reach, near, *rays, full, roof, tz, low, high
        )
        return found

    done = tiles.run_parts(work, tiles.cut_rows(cameras[1] - cameras[0], size=128), workers=workers)
    camera = np.concatenate([pair[0] for pair in done])
    target = points.order.astype(np.int32)[np.concatenate([pair[1] for pair in done])]
    if tunnels or aims.open.all():
        return camera, target
    keep = aims.open[target]
    return camera[keep], target[keep]


def count_seeing(
    poses: Poses,
    aims: Aims,
    grid: WallGrid,
    points: PointGrid,
    required: Floats,
    *,
    decks: npt.NDArray[np.bool_] | None = None,
    terrain: Terrain | None = None,
) -> tuple[Ints, Ints, Floats]:
    """Return how many cameras see each target at its own density, low and high end, and the best high density.

    ``decks``: what ``find_decks`` says of the cameras, where the targets are not all there are.
    """
    levels, which = np.unique(required, return_inverse=True)
    sums = _Sums.zeros(len(aims.x), len(levels))
    pairs = find_pairs_of(poses, aims, grid, points, (0, len(poses.x)), terrain=terrain)
    under = find_decks(poses, aims) if decks is None else decks
    pairs, sure = rate_pairs(poses, aims, pairs, under, terrain=terrain)
    _add(sums, aims, find_optic(poses), pairs, sure, levels, None, terrain=terrain)
    row = np.arange(len(aims.x))
    return sums.low[which, row], sums.high[which, row], sums.density[:, 1]


def rate_pairs(
    poses: Poses,
    aims: Aims,
    pairs: tuple[Ints, Ints],
    decks: npt.NDArray[np.bool_],
    *,
    terrain: Terrain | None = None,
    workers: int | None = None,
) -> tuple[tuple[Ints, Ints], npt.NDArray[np.bool_]]:
    """Return those pairs that layers and terrain allow, and which of them are certain; see `measure_coverage`."""
    camera, target = pairs
    keep, sure = np.ones(len(camera), bool), np.ones(len(camera), bool)
    layers = aims.layer.any() or np.nansum(np.abs(poses.layer)) > 0.0
    if not len(camera) or (terrain is None and not layers):
        return pairs, sure
    if layers:
        own, deck = poses.layer[camera], aims.layer[target]
        below = (deck > 0.0) & decks[camera] & ~(own >= deck)
        over = poses.lens[camera] > deck * DECK
        keep &= ~(below & ~over & np.isfinite(own) & np.isfinite(poses.lens[camera]))
        sure &= ~(below & ~over) & ~(own > deck)
    if terrain is not None:
        at, to = terrain.ground(poses.x, poses.y), aims.z + terrain.ground(aims.x, aims.y)
        ends = [poses.mount_height.min(axis=1), poses.mount_height.max(axis=1)]
        lenses = [np.where(np.isfinite(poses.lens), poses.lens, end) + at for end in ends]
        low, high = (
            judge_lines(terrain, pairs, (poses.x, poses.y, lens), (aims.x, aims.y, to), workers=workers)
            for lens in lenses
        )
        keep &= high != 0
        sure &= low == 1
    return (camera[keep], target[keep]), sure[keep]


def find_decks(poses: Poses, aims: Aims) -> npt.NDArray[np.bool_]:
    """Return which cameras stand on or under a deck: within :data:`UNDER` metres of one of its targets."""
    deck = np.flatnonzero(aims.layer > 0.0)
    if not len(deck) or not len(poses.x):
        return np.zeros(len(poses.x), bool)
    away, _ = cKDTree(np.column_stack([aims.x[deck], aims.y[deck]])).query(np.column_stack([poses.x, poses.y]))
    return np.asarray(away <= UNDER, bool)


def find_optic(poses: Poses) -> Optic:
    """Return what a tally needs of each camera."""
    heading = np.where(np.isnan(poses.heading), 0.0, poses.heading)
    # the pessimistic view is the narrowest angle with the density of the widest, the optimistic one the reverse
    scale = optics.pixels_per_radian(poses.pixels, poses.hfov[:, ::-1])
    half = np.where(poses.hfov >= 360.0, -2.0, np.cos(np.radians(poses.hfov) / 2.0))
    return Optic(
        poses.x,
        poses.y,
        np.cos(heading),
        np.sin(heading),
        np.ascontiguousarray(half),
        np.ascontiguousarray(scale),
        np.ascontiguousarray(poses.mount_height),
        np.ascontiguousarray(np.minimum(poses.reach, poses.far[:, None])),
        poses.number,
        poses.known,
        np.minimum(poses.hfov[:, 1] / 360.0, 1.0),
    )


def _add(
    sums: _Sums,
    aims: Aims,
    optic: Optic,
    pairs: tuple[Ints, Ints],
    sure: npt.NDArray[np.bool_],
    levels: Floats,
    workers: int | None,
    *,
    terrain: Terrain | None = None,
) -> None:
    start, camera, certain = sort_pairs(*pairs, sure, len(aims.x))
    face = float(np.cos(np.radians(FACING)))
    seen = aims
    if terrain is not None:  # slant distances over uneven ground
        seen = aims._replace(z=aims.z + terrain.filled(aims.x, aims.y))
        optic = optic._replace(mount=optic.mount + terrain.filled(optic.x, optic.y)[:, None])

    def work(part: tuple[int, int]) -> None:
        tally(start, camera, certain, *seen[:5], face, *optic, levels, *sums, *part)

    tiles.run_parts(work, tiles.cut_rows(len(aims.x), size=16_384), workers=workers)


def _seen(
    targets: pd.DataFrame,
    poses: Poses,
    aims: Aims,
    sums: _Sums,
    levels: Floats,
    trees: gpd.GeoDataFrame | None,
) -> pd.DataFrame:
    best = np.where(sums.best[:, 0] >= 0, sums.best[:, 0], sums.best[:, 1])
    names = np.append(poses.camera_id, [None])
    columns: dict[str, object] = {
        "target_id": pd.to_numeric(targets["target_id"]).to_numpy(np.int64),
        "density_low": sums.density[:, 0],
        "density_high": sums.density[:, 1],
        "best_camera": pd.Series(names[best], dtype="str"),
    }
    p1 = np.subtract(1.0, sums.none, out=sums.none)
    p2 = np.clip(np.subtract(p1, sums.one, out=sums.one), 0.0, 1.0, out=sums.one)
    blocks = (sums.low, sums.expected, sums.high, p1, p2)
    heads = tables.seen_columns(levels.tolist())[4:]
    columns |= {name: blocks[k % 5][k // 5] for k, name in enumerate(heads[:-1])}
    columns["through_trees"] = _through_trees(poses, aims, best, trees)
    return pd.DataFrame(columns, copy=False)


def _through_trees(
    poses: Poses, aims: Aims, best: npt.NDArray[np.int64], trees: gpd.GeoDataFrame | None
) -> pd.api.extensions.ExtensionArray:
    """Return whether the line from the best camera crosses a crown; null where nothing sees, or no trees are given."""
    out = pd.array([None] * len(best), dtype="boolean")
    seen = np.flatnonzero(best >= 0)
    if trees is None or not len(seen):
        return out
    ends = np.column_stack([poses.x[best[seen]], poses.y[best[seen]], aims.x[seen], aims.y[seen]]).reshape(-1, 2, 2)
    crowns = find_crowns(trees)
    through = np.zeros(len(seen), bool)
    if len(crowns):
        line, _ = shapely.STRtree(crowns).query(shapely.linestrings(ends), predicate="intersects")
        through[line] = True
    out[seen] = through
    return out
