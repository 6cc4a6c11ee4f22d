"""Pack the quiet ground of the map: water, green, buildings, streets, rail, from the study's own OpenStreetMap data."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import terms
from citycover.city.model import City
from citycover.publish.chunks import LARGE, pack_chunks
from citycover.publish.columnar import pack_column, pack_geometry

FEATURES = ("compound", "green", "water", "path", "rail")
"""What the landscape draws, lowest first."""

LANDSCAPE_TOLERANCE = 0.5
BUILDING_TOLERANCE = 0.3
STREET_TOLERANCE = 0.3
"""By how many metres outlines may be simplified for drawing; ``layers.gpkg`` keeps them exact."""


MINOR = 5
"""Of large cities, streets from this place in ``terms.ROAD_CLASSES`` on are cut into chunks and seen from near only."""


def pack_base(city: City) -> dict[str, Any]:
    """Return the base map as packed layers: ``landscape``, ``buildings``, ``streets``, ``districts``, ``area``.

    A layer without rows is left out. Streets come lowest class first, so that high classes are drawn over low ones.
    """
    base: dict[str, Any] = {"area": pack_geometry(gpd.GeoSeries([city.area], crs=city.crs), tolerance=1.0)}
    landscape = city.landscape[city.landscape["feature"].isin(FEATURES)]
    if len(landscape):
        order = landscape["feature"].map({name: i for i, name in enumerate(FEATURES)}).astype("int64")
        landscape = landscape.assign(order=order).sort_values("order", kind="stable")
        base["landscape"] = pack_geometry(landscape.geometry, tolerance=LANDSCAPE_TOLERANCE)
        base["landscape"]["feature"] = pack_column(landscape["feature"])
    if len(city.buildings) >= LARGE:
        base["buildings"] = pack_chunks(city.buildings.geometry, tolerance=BUILDING_TOLERANCE)
    elif len(city.buildings):
        base["buildings"] = pack_geometry(city.buildings.geometry, tolerance=BUILDING_TOLERANCE)
    if len(city.streets):
        base |= _pack_streets(city.streets)
    if len(city.districts):
        lines = gpd.GeoSeries(shapely.boundary(city.districts.geometry.to_numpy()), crs=city.crs)
        base["districts"] = pack_geometry(lines, tolerance=1.0)
    return base


def _pack_streets(streets: gpd.GeoDataFrame) -> dict[str, Any]:
    """Return the streets; of many, the minor ones in chunks, with their names in a list of their own."""
    rank = streets["road_class"].map({name: i for i, name in enumerate(terms.ROAD_CLASSES)})
    rank = rank.fillna(len(terms.ROAD_CLASSES)).astype("int64")
    streets = streets.assign(rank=rank).sort_values("rank", ascending=False, kind="stable")
    minor = streets["rank"] >= MINOR if len(streets) >= LARGE else streets["rank"] < 0
    some = streets[~minor]
    packed = pack_geometry(some.geometry, tolerance=STREET_TOLERANCE)
    packed["rank"] = pack_column(some["rank"])
    packed["width"] = pack_column(some["width"], decimals=0)
    packed["name"] = pack_column(some["name"])
    packed["tunnel"] = pack_column(some["tunnel"].fillna(False).astype("int64"))
    if not minor.any():
        return {"streets": packed}
    small = streets[minor]
    code, names = pd.factorize(small["name"].fillna("").to_numpy(dtype=object), sort=True)
    columns = {
        "rank": small["rank"].to_numpy(np.int64),
        "width": small["width"].fillna(0.0).round().to_numpy(np.int64),
        "name": code.astype(np.int64),
        "tunnel": small["tunnel"].fillna(False).to_numpy(np.int64),
    }
    chunked = pack_chunks(small.geometry, tolerance=STREET_TOLERANCE, columns=columns)
    return {"streets": packed, "minor_streets": chunked, "street_names": list(names)}
