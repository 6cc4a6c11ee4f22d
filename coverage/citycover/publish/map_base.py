"""Pack the quiet ground of the map: water, green, buildings, streets, rail, from the study's own OpenStreetMap data."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from citycover import terms
from citycover.city.model import City
from citycover.publish.columnar import pack_column, pack_geometry

FEATURES = ("compound", "green", "water", "path", "rail")
"""What the landscape draws, lowest first."""

LANDSCAPE_TOLERANCE = 0.5
BUILDING_TOLERANCE = 0.3
STREET_TOLERANCE = 0.3
"""By how many metres outlines may be simplified for drawing; ``layers.gpkg`` keeps them exact."""


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
    if len(city.buildings):
        base["buildings"] = pack_geometry(city.buildings.geometry, tolerance=BUILDING_TOLERANCE)
    if len(city.streets):
        base["streets"] = _pack_streets(city.streets)
    if len(city.districts):
        lines = gpd.GeoSeries(shapely.boundary(city.districts.geometry.to_numpy()), crs=city.crs)
        base["districts"] = pack_geometry(lines, tolerance=1.0)
    return base


def _pack_streets(streets: gpd.GeoDataFrame) -> dict[str, Any]:
    rank = streets["road_class"].map({name: i for i, name in enumerate(terms.ROAD_CLASSES)})
    rank = rank.fillna(len(terms.ROAD_CLASSES)).astype("int64")
    streets = streets.assign(rank=rank).sort_values("rank", ascending=False, kind="stable")
    packed = pack_geometry(streets.geometry, tolerance=STREET_TOLERANCE)
    packed["rank"] = pack_column(streets["rank"])
    packed["width"] = pack_column(streets["width"], decimals=0)
    packed["name"] = pack_column(streets["name"])
    packed["tunnel"] = pack_column(streets["tunnel"].fillna(False).astype("int64"))
    return packed
