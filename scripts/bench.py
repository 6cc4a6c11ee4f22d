"""Measure time and memory of citycover on this machine, against a reference in the same run.

python scripts/bench.py study [FILE.osm ...]   whole studies as a planner starts them: wall seconds, peak memory
python scripts/bench.py views [FILE.osm]       view polygons per camera, against a reference written with shapely only

Without FILE the embedded district is taken. Figures are medians; the machine is printed beside them.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample" / "district.osm"


def machine() -> str:
    return (
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"
    )


def bench_study(files: list[Path], runs: int) -> None:
    """Run `citycover run` on each file: one warm-up (compiles the kernels), then `runs` counted runs."""
    print(machine())
    print("| file | MB | wall s (median of runs) | min–max | peak memory MB |")
    print("|---|---|---|---|---|")
    for file in files:
        walls, peaks = [], []
        for run in range(runs + 1):
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                command = [sys.executable, "-m", "citycover", "run", "--osm", str(file), "--out", folder]
                process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                wall = time.perf_counter() - start
            if process.returncode:
                sys.exit(f"{file.name}: citycover run ended with {process.returncode}")
            if run:
                walls.append(wall)
                peaks.append(usage.ru_maxrss / 1024)
        size = file.stat().st_size / 1e6
        print(
            f"| {file.name} | {size:.1f} | {statistics.median(walls):.1f} | {min(walls):.1f}–{max(walls):.1f} "
            f"| {max(peaks):.0f} |"
        )


def bench_views(file: Path, count: int) -> None:
    """Time view polygons of random cameras in a town; the reference clips shadows with shapely, camera by camera."""
    import geopandas as gpd
    import shapely

    from citycover import tables
    from citycover.city.read import read_osm
    from citycover.sight.views import camera_views

    city = read_osm(file)
    rng = np.random.default_rng(7)
    inside = shapely.box(*shapely.buffer(city.area, -150).bounds)
    walls = shapely.union_all(city.buildings.geometry.to_numpy()) if len(city.buildings) else shapely.Polygon()
    points: list[shapely.Point] = []
    shapely.prepare(walls)
    while len(points) < count:
        x0, y0, x1, y1 = inside.bounds
        some = shapely.points(rng.uniform(x0, x1, count), rng.uniform(y0, y1, count))
        points += list(some[~shapely.intersects(some, walls)])
    frame = gpd.GeoDataFrame(geometry=points[:count], crs=city.crs).assign(
        camera_id=[f"bench:{i}" for i in range(count)], owner_class="unknown", status="in_use", mount_height=4.0
    )
    print(machine())
    print(f"{file.name}: {len(city.buildings)} buildings, {count} cameras; times in µs a camera")
    print("| reach m | angle ° | camera_views, table to table | shapely only | ratio | disagreement of ground |")
    print("|---|---|---|---|---|---|")
    for reach, angle in ((50, 360), (100, 360), (200, 360), (100, 90)):
        cameras = tables.conform("cameras", frame.assign(reach=float(reach), hfov=float(angle), azimuth=90.0))
        camera_views(cameras, city.buildings)
        times = []
        for _ in range(3):
            start = time.perf_counter()
            views = camera_views(cameras, city.buildings)
            times.append((time.perf_counter() - start) / count * 1e6)
        few = slice(0, 60)
        start = time.perf_counter()
        slow = [reference_view(g, city.buildings.geometry, reach, angle, 90.0) for g in cameras.geometry.iloc[few]]
        reference = (time.perf_counter() - start) / 60 * 1e6
        ground = views.set_index("camera_id")["ground"].reindex(cameras["camera_id"]).to_numpy()[few]
        want = np.array([s.area for s in slow])
        off = np.median(np.abs(ground - want) / np.maximum(want, 1.0))
        fast = statistics.median(times)
        print(f"| {reach} | {angle} | {fast:.1f} | {reference:.0f} | {reference / fast:.0f}× | {off:.1e} |")


def reference_view(point, buildings, reach, angle, azimuth):
    """View by shapely alone: the disc less the shadow of every wall near (a slow, independent reference)."""
    import shapely

    x, y = point.x, point.y
    disc = shapely.buffer(point, reach, quad_segs=64)
    if angle < 360:
        mid = np.radians(90.0 - azimuth)
        turn = mid + np.radians(np.linspace(-angle / 2, angle / 2, int(angle * 64 / 90) + 1))
        disc = shapely.Polygon([(x, y), *zip(x + reach * np.cos(turn), y + reach * np.sin(turn), strict=True)])
    near = buildings.iloc[buildings.sindex.query(disc, predicate="intersects")]
    shadows = []
    for ring in shapely.get_rings(near.to_numpy()):
        corner = shapely.get_coordinates(ring)
        far = corner + (corner - (x, y)) / np.maximum(np.hypot(*(corner - (x, y)).T), 1e-9)[:, None] * reach * 3
        shadows += [shapely.Polygon([corner[i], corner[i + 1], far[i + 1], far[i]]) for i in range(len(corner) - 1)]
    if not shadows:
        return disc
    blocked = shapely.union_all([shapely.make_valid(s) for s in shadows] + list(near))
    parts = shapely.get_parts(shapely.difference(disc, blocked))
    touching = parts[shapely.dwithin(parts, point, 0.01)]
    return shapely.union_all(touching) if len(touching) else shapely.Polygon()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["study", "views"])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cameras", type=int, default=2000)
    given = parser.parse_args()
    files = given.files or [SAMPLE]
    if given.what == "study":
        bench_study(files, given.runs)
    else:
        bench_views(files[0], given.cameras)


if __name__ == "__main__":
    main()
