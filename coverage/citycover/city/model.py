"""One city as tables: what stands on the ground, before any law is read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from citycover import tables
from citycover.city.terrain import Terrain


@dataclass(frozen=True)
class City:
    """A city's tables in one metric reference system; each is declared in ``citycover.tables``.

    ``area`` is the study's area (a polygon in ``crs``). ``counts`` says what was read, left out and why (cut by the
    extract's edge, far outside, repeated in another tile …); ``unshown_kinds`` are kinds that OSM cannot show;
    ``terrain`` the heights of the ground, None where it is taken as flat.
    """

    crs: CRS
    area: BaseGeometry
    streets: gpd.GeoDataFrame
    junctions: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    place_kinds: pd.DataFrame
    entrances: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    trees: gpd.GeoDataFrame
    public_ground: gpd.GeoDataFrame
    districts: gpd.GeoDataFrame
    landscape: gpd.GeoDataFrame
    cameras: gpd.GeoDataFrame
    rejects: pd.DataFrame
    counts: dict[str, int] = field(default_factory=dict)
    terrain: Terrain | None = None
    supports: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("supports", []))
    ban_places: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("ban_places", []))
    boards: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("boards", []))
    planned_buildings: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("planned_buildings", []))

    def with_tables(self, **tables: Any) -> City:
        """Return the city with some tables replaced; the others are shared, nothing is changed in place."""
        return replace(self, **tables)

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name, in the order of the declaration."""
        frames = ((f.name, getattr(self, f.name)) for f in fields(self))
        return {name: frame for name, frame in frames if isinstance(frame, pd.DataFrame)}
