"""Measure the search for duplicates: all pairs of a real register, and a list against a large one among buildings."""

from __future__ import annotations

import resource
import time
import warnings
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover.audit.duplicates import find_duplicates
from citycover.city.registers import read_cameras
from citycover.errors import CitycoverWarning

COLUMNS = {
    "camera_id": "id",
    "lon": "lng",
    "lat": "lat",
    "owner": "manager",
    "remarks": "purpose",
    "count": "cameraCount",
}


def memory() -> float:
    """Return the most memory that this process ever held, in GB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def read_seoul(path: Path) -> gpd.GeoDataFrame:
    """Return the register as cameras: its directions are angles of view or words, so every azimuth is unknown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CitycoverWarning)
        return read_cameras(path, datum="wgs84", columns=COLUMNS)


def all_pairs(path: Path) -> dict[str, float]:
    """Judge every row of the register against every other."""
    start = time.perf_counter()
    cameras = read_seoul(path)
    read = time.perf_counter() - start
    start, busy = time.perf_counter(), time.process_time()
    found = find_duplicates(cameras, cameras.iloc[:0])
    took, cpu = time.perf_counter() - start, time.process_time() - busy
    counts = found["standing"].value_counts()
    return {
        "rows": len(cameras),
        "cameras": int(cameras["count"].sum()),
        "read_s": round(read, 1),
        "judge_s": round(took, 1),
        "cpu_s": round(cpu, 1),
        "memory_gb": round(memory(), 2),
        **{str(k): int(v) for k, v in counts.items()},
        **{f"reason_{k}": int(v) for k, v in found["reason"].value_counts().items()},
    }


def town(buildings: int, cameras: int, proposed: int, *, seed: int = 0) -> tuple[gpd.GeoDataFrame, ...]:
    """Return square blocks of houses with streets between, cameras along the streets, and a list of proposals."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(buildings)))
    step = 40.0
    x, y = (
        500_000.0 + step * (np.arange(side * side)[:buildings] % side),
        3_500_000.0 + step * (np.arange(buildings) // side),
    )
    half = rng.uniform(8.0, 13.0, (buildings, 2))
    houses = gpd.GeoDataFrame(
        {"height": rng.uniform(4.0, 30.0, buildings)},
        geometry=shapely.box(x - half[:, 0], y - half[:, 1], x + half[:, 0], y + half[:, 1]),
        crs=32650,
    )

    def some(n: int, prefix: str, status: str) -> gpd.GeoDataFrame:
        along = rng.uniform(0.0, step * side, n)
        line = step * rng.integers(0, side, n) + step / 2.0
        upright = rng.random(n) < 0.5
        px, py = np.where(upright, line, along), np.where(upright, along, line)
        frame = pd.DataFrame(
            {
                "camera_id": [f"{prefix}{i}" for i in range(n)],
                "azimuth": np.where(upright, 0.0, 90.0) + 180.0 * rng.integers(0, 2, n),
                "hfov": rng.choice([45.0, 60.0, 90.0], n),
                "reach": 60.0,
                "pixels": 1920.0,
                "mount_height": 5.0,
                "purpose": "overview",
                "owner_class": "police",
                "owner": rng.choice(["a", "b", "c"], n),
                "status": status,
            }
        )
        return gpd.GeoDataFrame(frame, geometry=shapely.points(500_000.0 + px, 3_500_000.0 + py), crs=32650)

    return houses, some(cameras, "e", "in_use"), some(proposed, "p", "planned")


def against(buildings: int, cameras: int, proposed: int) -> dict[str, float]:
    """Judge a list against a large register among buildings."""
    houses, existing, new = town(buildings, cameras, proposed)
    start, busy = time.perf_counter(), time.process_time()
    found = find_duplicates(new, existing, buildings=houses)
    took, cpu = time.perf_counter() - start, time.process_time() - busy
    return {
        "buildings": buildings,
        "existing": cameras,
        "proposed": proposed,
        "judge_s": round(took, 1),
        "cpu_s": round(cpu, 1),
        "memory_gb": round(memory(), 2),
        "certain": int(found["standing"].eq("certain").sum()),
    }


def bench_duplicates(register: Path | None) -> None:
    """Print both measurements; without a register the second only."""
    against(400, 500, 50)  # compile the kernels
    told = [against(50_000, 100_000, 1_000)]
    told += [all_pairs(register)] if register is not None else []
    for figures in told:
        print("; ".join(f"{name} {value}" for name, value in figures.items()))
