"""Measure sight: the kernel alone and table to table, against numpy and shapely alone, on towns repeated to size.

A town is drawn from a real extract, repeated side by side until it is large enough; each copy is turned by a quarter,
mirrored or not, and shifted by up to a metre, so that no two are alike and no grid is regular.
"""

from __future__ import annotations

import itertools
import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables, tiles
from citycover.audit._samples import sample_lines
from citycover.audit.coverage import roll_up
from citycover.audit.gaps import find_gaps
from citycover.city.read import read_osm
from citycover.sight._grid import grid_points, grid_walls
from citycover.sight._outline import draw_rings
from citycover.sight._visibility import trace_views
from citycover.sight.cameras import assign_counting, find_poses
from citycover.sight.coverage import counting_cameras, find_aims, find_pairs_of, measure_coverage
from citycover.sight.views import camera_views, grid_of
from citycover.sight.walls import find_walls


def repeat_town(frame: gpd.GeoDataFrame, copies: int, *, key: str) -> gpd.GeoDataFrame:
    """Return a town repeated side by side, each copy turned, mirrored and shifted by less than a metre."""
    rng = np.random.default_rng(11)
    xmin, ymin, xmax, ymax = shapely.total_bounds(frame.geometry.to_numpy())
    side = max(xmax - xmin, ymax - ymin) + 20.0
    wide = int(np.ceil(np.sqrt(copies)))
    corner = np.array([xmin, ymin])
    parts = []
    for k in range(copies):
        turn, mirror = k % 4, -1.0 if (k // 4) % 2 else 1.0
        shift = np.array([k % wide, k // wide]) * side + rng.uniform(-1, 1, 2)
        middle = np.array([(xmin + xmax) / 2, (ymin + ymax) / 2])
        angle = turn * np.pi / 2

        def move(c: np.ndarray, a=angle, m=mirror, s=shift, o=middle) -> np.ndarray:
            q = (c - o) * [m, 1.0]
            return q @ np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]) + corner + side / 2 + s

        shapes = shapely.transform(frame.geometry.to_numpy(), move)
        parts.append(frame.assign(**{key: frame[key].astype(str) + f"/{k}"}).set_geometry(shapes))
    return gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=frame.crs)


def in_the_open(buildings: gpd.GeoDataFrame, count: int, seed: int = 7) -> np.ndarray:
    """Return random points within 30 m of a building and in none."""
    rng = np.random.default_rng(seed)
    shapes = buildings.geometry.to_numpy()
    tree = shapely.STRtree(shapes)
    found: list[np.ndarray] = []
    while sum(map(len, found)) < count:
        spot = shapely.get_coordinates(shapely.centroid(shapes[rng.integers(0, len(shapes), count)]))
        points = shapely.points(spot + rng.uniform(-45, 45, (count, 2)))
        inside = np.unique(tree.query(points, predicate="intersects")[0])
        near = np.unique(tree.query(points, predicate="dwithin", distance=30.0)[0])
        found.append(points[np.setdiff1d(near, inside)])
    return np.concatenate(found)[:count]


def make_cameras(points: np.ndarray, crs: Any, **fields: Any) -> gpd.GeoDataFrame:
    rng = np.random.default_rng(3)
    base = {"status": "in_use", "owner_class": "police", "pixels": 1920.0, "mount_height": 4.0, "hfov": 70.0}
    base |= {"azimuth": rng.uniform(0, 360, len(points)), "reach": 60.0} | fields
    ids = {"camera_id": [f"b{i}" for i in range(len(points))]}
    return tables.conform("cameras", gpd.GeoDataFrame(ids | base, geometry=points, crs=crs))


def timed(*works: Callable[[], Any], runs: int = 9) -> list[float]:
    """Return the least seconds of each work, run in turns: what else the machine does then weighs on all alike."""
    least = [np.inf] * len(works)
    for run in range(runs + 1):
        for k, work in enumerate(works):
            start = time.perf_counter()
            work()
            if run:
                least[k] = min(least[k], time.perf_counter() - start)
    return least


def numpy_view(x: float, y: float, walls: tuple[np.ndarray, ...], reach: float) -> float:
    """Ground of a full view by numpy alone: rays to all corners and just beside them, nearest wall along each."""
    ax, ay, bx, by = walls
    near = np.minimum(np.hypot(ax - x, ay - y), np.hypot(bx - x, by - y)) < reach + 50
    px, py, qx, qy = ax[near] - x, ay[near] - y, bx[near] - x, by[near] - y
    angle = np.concatenate([np.arctan2(py, px), np.linspace(-np.pi, np.pi, 256)])
    angle = np.sort(np.concatenate([angle - 1e-9, angle, angle + 1e-9]))
    dx, dy = np.cos(angle)[:, None], np.sin(angle)[:, None]
    ex, ey = qx - px, qy - py
    with np.errstate(divide="ignore", invalid="ignore"):
        det = dx * ey - dy * ex
        t, u = (px * ey - py * ex) / det, (px * dy - py * dx) / det
    hit = np.where((u >= 0) & (u <= 1) & (t > 0), t, np.inf)
    r = np.minimum(hit.min(axis=1, initial=np.inf), reach)
    return float(0.5 * np.sum(r[:-1] * r[1:] * np.sin(np.diff(angle))))


def bench_views(file: Path, count: int, reference: Callable[..., Any]) -> None:
    """Print µs a camera: kernel, table to table, on one and two threads, and the references."""
    city = read_osm(file)
    points = in_the_open(city.buildings, count)
    x, y = shapely.get_x(points), shapely.get_y(points)
    walls = find_walls(city.buildings)
    nan, parts = np.full(len(x), np.nan), tiles.cut_rows(len(x), size=512)
    print(f"{file.name}: {len(city.buildings)} buildings, {len(walls.ax)} walls, {count} cameras; µs a camera, minima")
    print(
        "| reach m | angle ° | kernel, 1 thread | 2 threads | table to table, 1 thread | 2 threads "
        "| numpy only | shapely only |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for reach, angle in ((50.0, 360.0), (100.0, 360.0), (200.0, 360.0), (100.0, 90.0)):
        bounds = (x.min() - reach, y.min() - reach, x.max() + reach, y.max() + reach)
        grid = grid_walls(*walls[:5], bounds=bounds)
        axis, half = np.random.default_rng(5).uniform(-3, 3, len(x)), np.radians(angle) / 2
        rays = [np.cos(axis - half), np.sin(axis - half), np.cos(axis + half), np.sin(axis + half)]
        full, far = np.full(len(x), angle >= 360.0), np.full(len(x), reach)
        args = (grid, x - grid.x0, y - grid.y0, far, nan, *rays, full)

        def rings(part: tuple[int, int], a: Any = args, r: np.ndarray = far, f: np.ndarray = full) -> None:
            low, high = part
            pieces, kinds, counts = trace_views(*a, low, high)
            starts = np.zeros(high + 1, np.int64)
            starts[low + 1 :] = np.cumsum(counts)
            draw_rings(pieces, kinds, starts, x, y, r, np.zeros(len(x)), f, low, high)

        cameras = make_cameras(points, city.crs, hfov=angle, reach=reach, mount_height=None)
        kernel, threads, one, two = (
            seconds / count * 1e6
            for seconds in timed(
                lambda r=rings: tiles.run_parts(r, parts, workers=1),
                lambda r=rings: tiles.run_parts(r, parts, workers=2),
                lambda c=cameras: camera_views(c, city.buildings, workers=1),
                lambda c=cameras: camera_views(c, city.buildings, workers=2),
            )
        )
        start = time.perf_counter()
        if angle >= 360.0:
            for i in range(40):
                numpy_view(x[i], y[i], walls[:4], reach)
        numpy_only = (time.perf_counter() - start) / 40 * 1e6
        start = time.perf_counter()
        for point in points[:40]:
            reference(point, city.buildings.geometry, reach, angle, 90.0)
        shapely_only = (time.perf_counter() - start) / 40 * 1e6
        told = f"{numpy_only:.0f} ({numpy_only / kernel:.0f}×)" if angle >= 360.0 else "–"
        print(
            f"| {reach:g} | {angle:g} | {kernel:.1f} | {threads:.1f} ({kernel / threads:.2f}×) "
            f"| {one:.1f} | {two:.1f} ({one / two:.2f}×) | {told} "
            f"| {shapely_only:.0f} ({shapely_only / kernel:.0f}×) |"
        )


def bench_low(file: Path, count: int) -> None:
    """Print what low walls cost: views and coverage with 30 % of the houses lower than the lens, against all opaque."""
    city = read_osm(file)
    points = in_the_open(city.buildings, count)
    rng = np.random.default_rng(1)
    low = np.where(rng.random(len(city.buildings)) < 0.3, rng.uniform(2.5, 5.5, len(city.buildings)), np.nan)
    cameras = make_cameras(points, city.crs, hfov=360.0, reach=100.0, mount_height=6.0)
    targets = make_targets(city, 2.0)
    print(f"{file.name}: {count} cameras, 100 m, full circle, lens 6 m; {len(targets)} targets")
    print("| | opaque | 30 % low | ratio |")
    print("|---|---|---|---|")
    for name, work in (
        ("views, µs a camera", lambda b: camera_views(cameras, b, workers=1)),
        ("coverage, µs a camera", lambda b: measure_coverage(targets, cameras, b, workers=1)),
    ):
        a, b = timed(*(lambda h=h, w=work: w(city.buildings.assign(height=h)) for h in (np.nan, low)), runs=6)
        print(f"| {name} | {a / count * 1e6:.1f} | {b / count * 1e6:.1f} | {b / a:.1f}× |")


def make_targets(city: Any, spacing: float) -> pd.DataFrame:
    """Return points along all streets."""
    lines = city.streets.geometry.to_numpy()
    number = np.maximum((shapely.length(lines) / spacing).astype(int), 1)
    line = np.repeat(np.arange(len(lines)), number)
    place = (np.arange(len(line)) - np.repeat(np.cumsum(number) - number, number) + 0.5) * spacing
    points = shapely.line_interpolate_point(lines[line], place)
    xy = {"x": shapely.get_x(points), "y": shapely.get_y(points)}
    return pd.DataFrame({"target_id": np.arange(len(points)), **xy, "z": 0.0, "facing": np.nan, "layer": 0})


def bench_coverage(file: Path, count: int, reference: Callable[..., Any]) -> None:
    """Print the fused coverage against view polygons, STRtree and contains, on a grid of 2 m over the open ground."""
    city = read_osm(file)
    middle = shapely.Point(np.median(shapely.get_coordinates(city.buildings.geometry.to_numpy()), axis=0))
    box = shapely.box(middle.x - 500, middle.y - 500, middle.x + 500, middle.y + 500)
    houses = city.buildings[shapely.intersects(city.buildings.geometry.to_numpy(), box)]
    points = in_the_open(houses, count)
    cameras = make_cameras(points, city.crs, hfov=90.0, reach=100.0, mount_height=None)
    grid = np.stack(np.meshgrid(np.arange(-500, 500, 2.0), np.arange(-500, 500, 2.0)), axis=-1).reshape(-1, 2)
    spots = shapely.points(grid + np.array([middle.x, middle.y]))
    inside = np.unique(shapely.STRtree(houses.geometry.to_numpy()).query(spots, predicate="intersects")[0])
    spots = np.delete(spots, inside)
    xy = {"x": shapely.get_x(spots), "y": shapely.get_y(spots)}
    targets = pd.DataFrame({"target_id": np.arange(len(spots)), **xy, "z": 0.0, "facing": np.nan, "layer": 0})
    poses = find_poses(counting_cameras(cameras, city.buildings), city.buildings)
    walls, aims = grid_of(poses, city.buildings, None), find_aims(targets, cameras)
    shapes = camera_views(cameras, city.buildings, workers=1).geometry.to_numpy()

    def ask(polygons: Any) -> int:
        return len(shapely.STRtree(spots).query(polygons, predicate="contains")[0])

    fused, whole, asked, apart = (
        seconds / count * 1e6
        for seconds in timed(
            lambda: find_pairs_of(poses, aims, walls, grid_points(aims.x, aims.y), (0, len(poses.x)), workers=1),
            lambda: measure_coverage(targets, cameras, city.buildings, workers=1),
            lambda: ask(shapes),
            lambda: ask(camera_views(cameras, city.buildings, workers=1).geometry.to_numpy()),
            runs=6,
        )
    )
    azimuths = cameras["azimuth"].to_numpy(float)
    start = time.perf_counter()
    for point, azimuth in zip(points[:60], azimuths[:60], strict=True):
        reference(point, city.buildings.geometry, 100.0, 90.0, azimuth)
    made = (time.perf_counter() - start) / 60 * 1e6
    print(f"{file.name}: {len(spots)} targets, {count} cameras of 90° and 100 m, {ask(shapes) / count:.0f} pairs each")
    print("| what, µs a camera, minima | ours | reference | ratio |")
    print("|---|---|---|---|")
    for what, ours, other in (
        ("which camera sees which target: kernel; STRtree and contains on polygons that are there", fused, asked),
        ("the same, with the making of our own polygons, table to table", fused, apart),
        ("the same, with polygons made by shapely alone", fused, asked + made),
        ("all columns of `seen`, table to table; our polygons, STRtree, contains", whole, apart),
        ("all columns of `seen`, table to table; shapely's polygons, STRtree, contains", whole, asked + made),
    ):
        print(f"| {what} | {ours:.0f} | {other:.0f} | {other / ours:.1f}× |")


def bench_index(file: Path, buildings: int) -> None:
    """Print time and memory of the index of many buildings."""
    town = read_osm(file).buildings
    large = repeat_town(town, int(np.ceil(buildings / len(town))), key="building_id").iloc[:buildings]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    walls = find_walls(large)
    cut = time.perf_counter()
    box = shapely.total_bounds(large.geometry.to_numpy())
    grid = grid_walls(*walls[:5], bounds=tuple(box))
    end = time.perf_counter()
    size = sum(a.nbytes for a in grid if isinstance(a, np.ndarray)) / 2**20
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print("| buildings | walls | walls s | grid s | grid MiB | peak added MiB |")
    print("|---|---|---|---|---|---|")
    print(f"| {len(large):,} | {len(walls.ax):,} | {cut - start:.2f} | {end - cut:.2f} | {size:.0f} | {more:.0f} |")


def bench_valid(file: Path, count: int) -> None:
    """Print how many of many random views are invalid, low walls among them."""
    city = read_osm(file)
    rng = np.random.default_rng(2)
    low = np.where(rng.random(len(city.buildings)) < 0.3, rng.uniform(2.5, 5.5, len(city.buildings)), np.nan)
    buildings, done, invalid, start = city.buildings.assign(height=low), 0, 0, time.perf_counter()
    while done < count:
        part = min(50_000, count - done)
        points = in_the_open(buildings, part, seed=done)
        fields = {"hfov": rng.choice([30.0, 90.0, 150.0, 360.0], part), "reach": rng.uniform(20, 200, part)}
        lens = np.where(rng.random(part) < 0.5, 6.0, np.nan)
        views = camera_views(make_cameras(points, city.crs, mount_height=lens, **fields), buildings)
        invalid += int((~shapely.is_valid(views.geometry.to_numpy())).sum())
        done += part
    took = time.perf_counter() - start
    print(f"{done:,} random views of {file.name}, half over low walls: {invalid} invalid; {took:.0f} s")


def bench_city(file: Path, cameras: int, buildings: int) -> None:
    """Print the whole audit from tables to tables, at half the size and at the whole, each in a process of its own."""
    print("| cameras | buildings | targets | counting s | coverage s | roll-up s | gaps s | all s | peak MiB |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    took = []
    for share in (0.5, 1.0):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            seconds, row = alone.submit(audit_city, file, int(share * cameras), int(share * buildings)).result()
        took.append(seconds)
        print(row, flush=True)
    print(f"twice the city takes {took[1] / took[0]:.2f} times the time")


def audit_city(file: Path, cameras: int, buildings: int) -> tuple[float, str]:
    """Return the seconds of the whole audit of a town repeated to this size, and its row of the table.

    Peak memory is that of the whole process: libraries, the town's tables, the answers, and what is held between.
    """
    town = read_osm(file)
    small = lay_city(town, 1, 100)
    _audit(*small)  # loads the compiled kernels
    made = lay_city(town, int(np.ceil(buildings / len(town.buildings))), cameras)
    marks = _audit(*made)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    steps = " | ".join(f"{b - a:.1f}" for a, b in itertools.pairwise(marks))
    city, register, targets = made[:3]
    counts = f"{len(register):,} | {len(city.buildings):,} | {len(targets):,}"
    return marks[-1] - marks[0], f"| {counts} | {steps} | {marks[-1] - marks[0]:.1f} | {peak:,.0f} |"


def lay_city(town: Any, copies: int, cameras: int) -> tuple[Any, Any, pd.DataFrame, pd.DataFrame, Any]:
    """Return a town repeated, its cameras, targets every 5 m of its streets, and a mandate for every street section."""
    houses = repeat_town(town.buildings, copies, key="building_id")
    streets = repeat_town(town.streets, copies, key="street_id")
    city = town.with_tables(buildings=houses, streets=streets, barriers=town.barriers.iloc[:0])
    register = make_cameras(in_the_open(houses, cameras), town.crs)
    laid = sample_lines(streets.geometry.to_numpy(), 5.0)
    ids = np.arange(len(laid.x))
    targets = pd.DataFrame({"target_id": ids, "x": laid.x, "y": laid.y, "z": 1.5, "layer": 0, "size": laid.size})
    targets = targets.assign(unit="m", facing=np.nan, district=None)
    names = np.array([f"M{i}" for i in range(len(streets))], dtype=object)
    own = streets["street_id"].to_numpy(dtype=object)
    demands = pd.DataFrame({"target_id": ids, "mandate_id": pd.Series(names[laid.line], dtype="str")}).assign(
        component="segment",
        feature_id=pd.Series(own[laid.line], dtype="str"),
        sequence=laid.sequence,
        weight=laid.size,
        density_required=25.0,
        cameras_required=1,
    )
    law = {"rulebook": "wuxi_2019", "article": "第八条", "item": "（六）", "kind": "urban_road", "standing": "named"}
    builder = {"builder": "government", "builder_effective": "government"}
    rows = {"mandate_id": names, "place_id": own, "name": streets["name"].to_numpy(dtype=object)} | builder | law
    duties = gpd.GeoDataFrame(rows, geometry=streets.geometry.to_numpy(), crs=town.crs)
    return city, register, targets, demands, tables.conform("mandates", duties)


def _audit(city: Any, register: Any, targets: pd.DataFrame, demands: pd.DataFrame, mandates: Any) -> list[float]:
    marks = [time.perf_counter()]
    counted = assign_counting(register, city.buildings)
    marks.append(time.perf_counter())
    seen = measure_coverage(targets, counted, city.buildings)
    marks.append(time.perf_counter())
    coverage = roll_up(demands, seen, targets=targets)
    marks.append(time.perf_counter())
    gaps = find_gaps(demands, targets, seen, mandates=mandates, cameras=counted, city=city)
    marks.append(time.perf_counter())
    lacking = coverage["required"].sum() - coverage["seen_low"].sum()
    if not np.isclose(gaps["size"].sum(), lacking):
        raise SystemExit(f"the gaps add up to {gaps['size'].sum()} m, the coverage lacks {lacking} m")
    return marks
