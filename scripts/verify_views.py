"""Compare views with pysovist, an exact visibility library of other hands, on thousands of random cameras.

python scripts/verify_views.py FILE.osm [FILE.osm ...] [--cameras 2000]

Half of the cameras look all round, half over 90 degrees; reach 100 m; true arcs on both sides. Printed: how many differ
by more than a millionth, the largest difference, and the two lengths that differ where any does.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pysovist
import shapely
from bench_sight import in_the_open

from citycover.city.read import read_osm
from citycover.sight._grid import grid_walls
from citycover.sight._visibility import CHORD, trace_views
from citycover.sight.walls import find_walls

REACH = 100.0


def true_ground(pieces: np.ndarray, kinds: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Ground of each view with true arcs: triangles under chords, sectors under arcs."""
    ax, ay, bx, by = pieces.T
    cross, dot = ax * by - ay * bx, ax * bx + ay * by
    sweep = np.arctan2(cross, dot)
    sweep = np.where((kinds == 2) & (sweep <= 0), sweep + 2 * np.pi, sweep)
    ground = np.where(kinds == CHORD, cross / 2, REACH**2 / 2 * sweep)
    return np.bincount(np.repeat(np.arange(len(counts)), counts), ground, minlength=len(counts))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--cameras", type=int, default=2000)
    given = parser.parse_args()
    print("| town | buildings | views | over 1e-6 | largest relative difference | s |")
    print("|---|---|---|---|---|---|")
    for file in given.files:
        buildings = read_osm(file).buildings
        points = in_the_open(buildings, given.cameras)
        x, y = shapely.get_x(points), shapely.get_y(points)
        walls = find_walls(buildings)
        bounds = (x.min() - REACH, y.min() - REACH, x.max() + REACH, y.max() + REACH)
        grid = grid_walls(*walls[:5], bounds=bounds)
        angle = np.where(np.arange(len(x)) % 2, 90.0, 360.0)
        axis, half = np.random.default_rng(5).uniform(-3, 3, len(x)), np.radians(angle) / 2
        rays = [np.cos(axis - half), np.sin(axis - half), np.cos(axis + half), np.sin(axis + half)]
        far, none = np.full(len(x), REACH), np.full(len(x), np.nan)
        args = (grid, x - grid.x0, y - grid.y0, far, none, *rays, angle >= 360.0, 0, len(x))
        ours = true_ground(*trace_views(*args))
        segments = np.stack([np.stack([walls.ax, walls.ay], 1), np.stack([walls.bx, walls.by], 1)], 1)
        theirs, start = np.empty(len(x)), time.perf_counter()
        for i in range(len(x)):
            local = segments - np.array([x[i], y[i]])
            near = (np.abs(local).min(axis=1) <= REACH + 60).all(axis=1)
            view = {"max_distance": REACH, "fov": np.radians(angle[i]), "direction": axis[i]}
            theirs[i] = pysovist.isovist(local[near], (0.0, 0.0), **view).area
        off = np.abs(ours - theirs) / np.maximum(theirs, 1e-9)
        wrong = np.flatnonzero(off > 1e-6)
        took = time.perf_counter() - start
        print(
            f"| {file.name} | {len(buildings)} | {len(x)} | {len(wrong)} | {off.max():.1e} | {took:.0f} |", flush=True
        )
        for i in wrong[:10]:
            radius = (np.sqrt(2.0 * area / np.radians(angle[i])) for area in (ours[i], theirs[i]))
            print("    mean radius {:.6f} m here, {:.6f} m there".format(*radius), f"at {x[i]:.3f}, {y[i]:.3f}")


if __name__ == "__main__":
    main()
