"""Measure the choice of sites: drawn problems by size and budget, public instances, the matrix of a real district."""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from citycover.plan.covering import solve_covering

PER_KM2 = 1000.0
"""Candidates on a square kilometre of a drawn problem."""

EARTH = 6_378_100.0
KNOWN = {
    "NewYork": (400.0, {50: 1_153_640, 60: 1_288_174, 70: 1_396_333, 80: 1_481_434, 90: 1_539_992}),
    "SanFrancisco": (600.0, {50: 617_592}),
}
"""Reach (m) and the best value known by number of sites: Máximo, Cordeau and Nascimento (2023)."""


def draw_problem(size: int, count: int, *, links: float, seed: int = 0) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Draw candidates that see sectors of 90° with ``links`` targets in the mean, weights, costs of three classes."""
    rng = np.random.default_rng(seed)
    side = 1000.0 * np.sqrt(size / PER_KM2)
    heads, targets = rng.uniform(0, side, (size, 2)), rng.uniform(0, side, (count, 2))
    reach = np.sqrt(links / (count / side**2) * 4.0 / np.pi)
    azimuth = rng.uniform(-np.pi, np.pi, size)
    tree = cKDTree(targets)
    rows, columns = [], []
    for low in range(0, size, 20_000):
        near = tree.query_ball_point(heads[low : low + 20_000], reach)
        number = np.array([len(some) for some in near])
        row = np.repeat(np.arange(low, low + len(near)), number)
        column = np.concatenate([np.asarray(some, dtype=np.int64) for some in near])
        d = targets[column] - heads[row]
        off = np.abs((np.arctan2(d[:, 1], d[:, 0]) - azimuth[row] + np.pi) % (2 * np.pi) - np.pi)
        rows.append(row[off <= np.pi / 4])
        columns.append(column[off <= np.pi / 4])
    row, column = np.concatenate(rows), np.concatenate(columns)
    covers = csr_array((np.ones(len(row), np.int8), (row, column)), shape=(size, count))
    return covers, rng.uniform(0.2, 1.0, count), rng.choice([18_000.0, 26_000.0, 41_000.0], size)


def bench_siting() -> None:
    """Print seconds, certified gap and peak memory of `fast` on drawn problems; the first call compiles the kernels."""
    covers, weights, costs = draw_problem(6000, 40_000, links=100.0)
    for priced in (False, True):
        solve_covering(covers, weights, costs=costs if priced else None, budget=costs.sum() * 0.05 if priced else 200)
    print("| candidates | targets | links | budget | covered | gap | wall s | processor s | peak MiB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for size, count, links, shares in (
        (10_000, 100_000, 40.0, (0.02, 0.05, 0.1, 0.2)),
        (10_000, 100_000, 100.0, (0.02, 0.05, 0.1, 0.2)),
        (100_000, 1_000_000, 100.0, (0.02, 0.05)),
    ):
        covers, weights, costs = draw_problem(size, count, links=links)
        for share in shares:
            for priced in (False, True):
                money = float(costs.sum() if priced else size) * share
                walls, works = [], []
                for _ in range(3):
                    wall, work = time.perf_counter(), time.process_time()
                    answer = solve_covering(covers, weights, costs=costs if priced else None, budget=money)
                    walls.append(time.perf_counter() - wall)
                    works.append(time.process_time() - work)
                said = f"{share:.0%} of the {'costs' if priced else 'number'}"
                peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                print(
                    f"| {size:,} | {count:,} | {covers.nnz:,} | {said} | {answer.value / weights.sum():.1%} "
                    f"| {answer.optimality_gap:.2%} | {min(walls):.2f} | {min(works):.2f} | {peak:.0f} |",
                    flush=True,
                )


def read_instance(path: Path, reach: float) -> tuple[csr_array, np.ndarray]:
    """Read a public instance: all nodes are candidates and targets, a node is covered within ``reach`` metres."""
    lines = path.read_text().split("\n")
    first, then = (next(i for i, line in enumerate(lines) if line.startswith(name)) for name in ("NODE", "DEMAND"))
    degrees = np.radians([[float(value) for value in line.split()] for line in lines[first + 1 : then] if line.strip()])
    weights = np.array([float(line.split()[-1]) for line in lines[then + 1 : then + 1 + len(degrees)]])
    lat, lon = degrees.T
    ball = EARTH * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    tree = cKDTree(ball)
    chord = 2 * EARTH * np.sin(reach / EARTH / 2)
    near = tree.sparse_distance_matrix(tree, chord * (1 + 1e-12), output_type="coo_matrix")
    size = len(degrees)
    rows, columns = np.append(near.row, np.arange(size)), np.append(near.col, np.arange(size))
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, size)), weights


def bench_instances(folder: Path, minutes: float = 5.0) -> None:
    """Print what `fast` and `exact` reach of the best values known."""
    print("| instance | sites | best known | fast | gap | s | exact | gap | s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for name, (reach, best) in KNOWN.items():
        covers, weights = read_instance(folder / f"{name}.txt", reach)
        for number, known in best.items():
            said = f"| {name} | {number} | {known:,} "
            for method in ("fast", "exact"):
                start = time.perf_counter()
                answer = solve_covering(covers, weights, budget=number, method=method, time_limit=60.0 * minutes)  # type: ignore[arg-type]
                wall = time.perf_counter() - start
                said += f"| {answer.value / known:.2%} | {answer.optimality_gap:.2%} | {wall:.1f} "
            print(said + "|", flush=True)


def bench_matrix(file: Path, budget: float = 2_000_000.0) -> None:
    """Print how long each step of a plan takes on a district, and the matrix by polygons for a tenth of it."""
    from citycover.audit.catalogue import load_catalogue
    from citycover.law.rulebook import load_rulebook
    from citycover.plan.candidates import propose_sites
    from citycover.plan.draft import draft_plan
    from citycover.plan.reach import find_covers
    from citycover.plan.wants import find_wants
    from citycover.study import run_study
    from citycover.study_file import make_study

    found = run_study(make_study({"name": file.stem, "date": "2026-03-01", "osm": [{"file": file}]}))
    rulebook, city = load_rulebook("wuxi_2019"), found.city
    given: dict[str, Any] = {"demands": found.demands, "targets": found.targets}
    steps: dict[str, float] = {}
    for _ in range(2):  # the first compiles
        clock = [time.perf_counter()]
        wants = find_wants(found.demands, found.targets, found.seen, mandates=found.mandates, gaps=found.gaps)
        clock.append(time.perf_counter())
        sites = propose_sites(
            found.gaps, city, load_catalogue(), cameras=found.cameras, rulebook=rulebook, wants=wants, **given
        )
        clock.append(time.perf_counter())
        covers = find_covers(sites, wants, city)
        clock.append(time.perf_counter())
        plan = draft_plan(
            sites, found.gaps, rulebook, budget=budget, wants=wants, mandates=found.mandates,
            cameras=found.cameras, city=city, covers=covers, **given,
        )  # fmt: skip
        clock.append(time.perf_counter())
        steps = dict(zip(("wants", "candidates", "matrix", "plan"), np.diff(clock), strict=True))
    print(
        f"{file.name}: {len(sites):,} candidates, {len(wants):,} targets, {covers.nnz:,} links; {len(plan.sites)} sites"
    )
    print("; ".join(f"{name} {wall:.1f} s" for name, wall in steps.items()))
    rows = np.arange(0, len(sites), 10)
    some = sites.iloc[rows].assign(counts="yes", counts_reason="").reset_index(drop=True)
    times = []
    for work in (lambda: find_covers(some, wants, city), lambda: _by_polygons(some, wants, city)):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    print(
        f"{len(some):,} candidates: kernel {times[0]:.2f} s, polygons and contains {times[1]:.2f} s, "
        f"{times[1] / times[0]:.1f}x"
    )


def _by_polygons(some: Any, wants: Any, city: Any) -> int:
    """Return how many wants lie in the view polygons: what the matrix would be built from without the kernel."""
    from citycover.sight.views import camera_views

    views = camera_views(some, city.buildings, barriers=city.barriers, terrain=city.terrain)
    shapes = views[views["end"].isin(["exact", "low"]).to_numpy(bool)].geometry.to_numpy()
    points = shapely.points(wants[["x", "y"]].to_numpy(float))
    return len(shapely.STRtree(points).query(shapes, predicate="contains")[0])
