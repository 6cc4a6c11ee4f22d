"""Measure time and memory of citycover on this machine, against a reference in the same run.

python scripts/bench.py study [FILE.osm ...]   whole studies as a planner starts them: wall seconds, peak memory
python scripts/bench.py views [FILE.osm ...]   view polygons: kernel, table to table, threads, numpy only, shapely only
python scripts/bench.py low [FILE.osm ...]     what walls lower than the lens cost, views and coverage
python scripts/bench.py coverage [FILE.osm]    fused coverage of 2 m targets against polygons, STRtree and contains
python scripts/bench.py index [FILE.osm]       the index of a million buildings: time, memory
python scripts/bench.py valid [FILE.osm]       a million random views: how many are invalid
python scripts/bench.py map [FILE.osm]         a page of 500,000 buildings, 100,000 cameras, 50,000 gaps, in a browser
python scripts/bench.py city [FILE.osm]        100,000 cameras, 500,000 buildings: the whole audit, half and whole size
python scripts/bench.py duplicates [FILE]      1,000 proposals against 100,000 cameras; all pairs of the register FILE
python scripts/bench.py siting                 choice of sites: seconds, certified gap, memory, by size and budget
python scripts/bench.py matrix [FILE.osm]      candidates x targets of a district: by the kernel, and by polygons
python scripts/bench.py instances FOLDER       public maximal-covering instances (NewYork.txt, SanFrancisco.txt)

Without FILE the embedded district is taken. Studies: medians; kernels: the least of runs in turns. The machine is
printed beside them.
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
SITING = ("siting", "matrix", "instances")
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
    parser.add_argument(
        "what",
        choices=["study", "views", "low", "coverage", "index", "valid", "map", "city", "duplicates", *SITING],
    )
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cameras", type=int, help="how many; each measurement has its own default")
    parser.add_argument("--buildings", type=int, help="how many, for index and city")
    given = parser.parse_args()
    files = given.files or [SAMPLE]
    if given.what == "study":
        bench_study(files, given.runs)
        return
    print(machine())
    if given.what == "map":
        import bench_map

        bench_map.bench_map(files[0], given.buildings or 500_000, given.cameras or 100_000, 50_000)
        return
    if given.what == "duplicates":
        import bench_duplicates

        bench_duplicates.bench_duplicates(given.files[0] if given.files else None)
        return
    if given.what in SITING:
        import bench_siting

        if given.what == "siting":
            bench_siting.bench_siting()
        elif given.what == "matrix":
            bench_siting.bench_matrix(files[0])
        else:
            bench_siting.bench_instances(files[0])
        return
    import bench_sight

    for file in files:
        if given.what == "views":
            bench_sight.bench_views(file, given.cameras or 5000, reference_view)
        elif given.what == "low":
            bench_sight.bench_low(file, given.cameras or 3000)
        elif given.what == "coverage":
            bench_sight.bench_coverage(file, given.cameras or 2000, reference_view)
        elif given.what == "index":
            bench_sight.bench_index(file, given.buildings or 1_000_000)
        elif given.what == "valid":
            bench_sight.bench_valid(file, given.cameras or 1_000_000)
        else:
            bench_sight.bench_city(file, given.cameras or 100_000, given.buildings or 500_000)


if __name__ == "__main__":
    main()
