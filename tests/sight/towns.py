"""Towns for the tests of sight, as lists of rings and as tables."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from sight.reference import Ring, inside, rectangle

CRS = 32650
X0, Y0 = 500000.0, 3500000.0  # on the zone's central meridian: grid north is true north


def cameras(**columns) -> gpd.GeoDataFrame:
    """A table of cameras from columns x, y and whatever is known, every value a list of one length."""
    x, y = columns.pop("x"), columns.pop("y")
    frame = pd.DataFrame(columns)
    if "camera_id" not in frame:
        frame["camera_id"] = [f"c{i}" for i in range(len(x))]
    return gpd.GeoDataFrame(frame, geometry=gpd.points_from_xy(x, y), crs=CRS)


def buildings(solids: list[list[Ring]], **columns) -> gpd.GeoDataFrame:
    """A table of buildings from rings: the outline, then its courtyards."""
    shapes = [shapely.Polygon(rings[0], rings[1:]) for rings in solids]
    return gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS)


def crowded_town(seed: int, *, houses: int = 40, size: int = 120) -> list[list[Ring]]:
    """A town on whole metres, so that houses touch, overlap, repeat and stand in line; with two courtyards."""
    random = np.random.default_rng(seed)
    solids = []
    for _ in range(houses):
        x, y = X0 + 5.0 * random.integers(-size // 10, size // 10), Y0 + 5.0 * random.integers(-size // 10, size // 10)
        solids.append([rectangle(x, y, 5.0 * random.integers(1, 4), 5.0 * random.integers(1, 4))])
    solids += solids[:3]
    for turn in (0.0, 0.4):
        x, y = X0 + random.uniform(-50, 10), Y0 + random.uniform(-50, 10)
        inner = rectangle(
            x + 8 * np.cos(turn) - 8 * np.sin(turn), y + 8 * np.sin(turn) + 8 * np.cos(turn), 16, 14, turn
        )
        solids.append([rectangle(x, y, 32, 30, turn), inner])
    return solids


def loose_town(seed: int, *, houses: int = 60, size: float = 300.0) -> list[list[Ring]]:
    """A town of turned rectangles anywhere, which overlap now and then."""
    random = np.random.default_rng(seed)
    return [
        [
            rectangle(
                X0 + random.uniform(-size / 2, size / 2),
                Y0 + random.uniform(-size / 2, size / 2),
                random.uniform(4, 30),
                random.uniform(4, 20),
                random.uniform(0, 6),
            )
        ]
        for _ in range(houses)
    ]


def open_points(seed: int, solids: list[list[Ring]], count: int, *, size: float = 120.0) -> np.ndarray:
    """Points of the town that lie in no solid, (count, 2)."""
    random = np.random.default_rng(seed)
    points: list[tuple[float, float]] = []
    while len(points) < count:
        point = (X0 + random.uniform(-size / 2, size / 2), Y0 + random.uniform(-size / 2, size / 2))
        if not inside(point, solids):
            points.append(point)
    return np.array(points)
