"""Find water, green, rail, paths and named compounds for the base map."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from citycover import tables
from citycover.city.measures import is_yes
from citycover.city.osm import tag_values
from citycover.city.osm_tags import PATHS

_RAILS = ["rail", "subway", "light_rail", "tram", "monorail", "narrow_gauge"]
_GREEN_LEISURE = ["park", "garden", "nature_reserve", "golf_course", "common", "dog_park"]
_GREEN_LAND = ["grass", "forest", "meadow", "recreation_ground", "village_green", "orchard", "flowerbed", "cemetery"]
_GREEN_NATURE = ["wood", "scrub", "grassland", "heath", "wetland"]
_COMPOUND_LAND = ["residential", "commercial", "retail", "industrial", "education", "institutional"]
_COMPOUND_USE = ["school", "university", "college", "hospital", "kindergarten", "marketplace", "place_of_worship"]


def find_landscape(objects: gpd.GeoDataFrame, *, within: BaseGeometry | None = None) -> gpd.GeoDataFrame:
    """Return the table ``landscape`` of the raw objects, in their order, cut at ``within``.

    One object is one row; water goes before green, green before compounds. Compounds are named surfaces only; military
    ground is never drawn. Waterways in culverts are left out.
    """
    t = {key: tag_values(objects, key) for key in ("natural", "waterway", "landuse", "leisure", "railway", "highway")}
    dimension = shapely.get_dimensions(objects.geometry.to_numpy())
    surface, line = dimension == 2, dimension == 1
    hidden = is_yes(tag_values(objects, "tunnel")).to_numpy(bool)
    named = tag_values(objects, "name", "name:zh").notna()
    military = tag_values(objects, "military").notna() | (t["landuse"] == "military")
    water = surface & (
        t["natural"].isin(["water", "bay"])
        | t["waterway"].isin(["riverbank", "dock"])
        | t["landuse"].isin(["reservoir", "basin"])
        | (tag_values(objects, "water").notna())
    )
    water |= line & ~hidden & t["waterway"].isin(["river", "canal", "stream", "drain", "ditch"])
    green = surface & (
        t["leisure"].isin(_GREEN_LEISURE) | t["landuse"].isin(_GREEN_LAND) | t["natural"].isin(_GREEN_NATURE)
    )
    compound = surface & named & ~military
    compound &= t["landuse"].isin(_COMPOUND_LAND) | tag_values(objects, "amenity").isin(_COMPOUND_USE)
    feature = np.select(
        [water, line & t["railway"].isin(_RAILS), line & t["highway"].isin(PATHS), green, compound],
        ["water", "rail", "path", "green", "compound"],
        default="",
    )
    kept = feature != ""
    found = objects[kept]
    rows = gpd.GeoDataFrame(
        {"feature_id": found["osm_id"], "feature": feature[kept], "name": tag_values(found, "name", "name:zh")},
        geometry=found.geometry.to_numpy(),
        crs=objects.crs,
    )
    if within is not None and len(rows):
        shapes = rows.geometry.to_numpy().copy()
        crossing = ~shapely.contains_properly(within, shapes)
        shapes[crossing] = shapely.intersection(shapes[crossing], within)
        rows = rows.set_geometry(gpd.GeoSeries(shapes, index=rows.index, crs=rows.crs))
        rows = rows[~shapely.is_empty(shapes)]
    return tables.conform("landscape", rows)
