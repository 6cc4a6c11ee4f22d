"""A hand-drawn town: tables from rows whose geometries are metres east and north of a corner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from shapely.affinity import translate
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from citycover import tables
from citycover.city.model import City

# UTM zone 50 N; the corner lies on the central meridian (x = 500 000), where grid north is true north (and within
# 0.01° a kilometre off), and on the grid of cells, for both are multiples of 20 m.
CRS_50N = CRS.from_epsg(32650)
EAST, NORTH = 500_000.0, 3_540_000.0
LEVELS = (25.0, 62.5, 125.0, 250.0)

Rows = Iterable[Mapping[str, Any]]


def at(geometry: BaseGeometry | None) -> BaseGeometry | None:
    """Return a geometry drawn from the corner where it lies on the map."""
    return None if geometry is None else translate(geometry, EAST, NORTH)


def table(name: str, rows: Rows) -> Any:
    """Return rows as the declared table."""
    moved = [{**row, "geometry": at(row["geometry"])} if "geometry" in row else dict(row) for row in rows]
    return tables.conform(name, pd.DataFrame(moved), crs=CRS_50N if tables.TABLES[name].geometry else None)


def make_town(*, area: BaseGeometry | None = None, **rows: Rows) -> City:
    """Return a town of 1 km² around the corner; what is not drawn is not there."""
    street = {"road_class": "secondary", "layer": 0, "bridge": False, "tunnel": False}
    drawn = {
        **rows,
        "streets": [{**street, **row} for row in rows.get("streets", ())],
        "buildings": [{"opaque": True, "layer": 0, **row} for row in rows.get("buildings", ())],
    }
    names = (
        *("streets", "junctions", "buildings", "places", "place_kinds", "entrances", "barriers", "trees"),
        *("public_ground", "districts", "landscape", "cameras", "rejects"),
    )
    made = {name: table(name, drawn.get(name, ())) for name in names}
    return City(crs=CRS_50N, area=at(area or box(-500, -500, 500, 500)), **made)


def make_mandates(*rows: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return mandates m0, m1 … on the places way/0, way/1 … unless the rows say otherwise."""
    base = {
        "rulebook": "town_2020",
        "article": "第八条",
        "item": "（一）",
        "kind": "square",
        "standing": "named",
        "builder": "owner",
    }
    return table(
        "mandates", [{**base, "mandate_id": f"m{i}", "place_id": f"way/{i}", **row} for i, row in enumerate(rows)]
    )


def make_cameras(*rows: Mapping[str, Any]) -> gpd.GeoDataFrame:
    """Return cameras c0, c1 … in use; ``counts`` is yes unless a row says otherwise."""
    base = {"owner_class": "police", "status": "in_use", "counts": "yes"}
    return table("cameras", [{"camera_id": f"c{i}", **base, **row} for i, row in enumerate(rows)])


def make_seen(targets: pd.DataFrame, figures: Mapping[int, tuple[int, float, int, float, float]]) -> pd.DataFrame:
    """Return ``seen`` with equal figures at every level, by target: n_low, n_expected, n_high, p1, p2; else zeros."""
    none = (0, 0.0, 0, 0.0, 0.0)
    ids = targets["target_id"].astype(int)
    rows = [[i, 0.0, 0.0, None, *(figures.get(i, none) * len(LEVELS)), None] for i in ids]
    return pd.DataFrame(rows, columns=tables.seen_columns(LEVELS))
