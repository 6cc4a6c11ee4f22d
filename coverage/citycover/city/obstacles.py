"""Find walls, fences and trees."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from citycover import tables
from citycover.city.measures import parse_metres
from citycover.city.osm import tag_values

OPAQUE_BARRIERS = frozenset({"wall", "city_wall", "retaining_wall"})
OPEN_BARRIERS = frozenset(
    {"fence", "wire_fence", "hedge", "guard_rail", "railing", "handrail", "chain", "jersey_barrier"}
)


def find_barriers(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``barriers`` of the raw objects, in their order; a surface gives its boundary.

    Walls, city walls and retaining walls are opaque, fences, hedges and rails are not. Heights are as tagged or null.
    """
    barrier = tag_values(objects, "barrier")
    old_wall = tag_values(objects, "historic").isin(["citywalls", "city_wall"])
    barrier = barrier.where(barrier.notna() | ~old_wall, "city_wall")
    dimension = shapely.get_dimensions(objects.geometry.to_numpy())
    kept = barrier.isin([*OPAQUE_BARRIERS, *OPEN_BARRIERS]).to_numpy(bool) & (dimension >= 1)
    found, what = objects[kept], barrier[kept]
    shapes = found.geometry.to_numpy()
    shapes = np.where(dimension[kept] == 2, shapely.boundary(shapes), shapes)
    rows = gpd.GeoDataFrame(
        {
            "barrier_id": found["osm_id"],
            "barrier": what,
            "height": parse_metres(tag_values(found, "height")),
            "opaque": what.isin(OPAQUE_BARRIERS),
        },
        geometry=shapes,
        crs=objects.crs,
    )
    return tables.conform("barriers", rows)


def find_trees(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``trees`` of the raw objects, in their order: single trees, rows of trees, woods and forests."""
    natural = tag_values(objects, "natural")
    tree = natural.where(natural.isin(["tree", "tree_row", "wood"]))
    tree = tree.where(tree.notna() | (tag_values(objects, "landuse") != "forest"), "wood")
    found = objects[tree.notna()]
    rows = gpd.GeoDataFrame(
        {
            "tree_id": found["osm_id"],
            "tree": tree[tree.notna()],
            "height": parse_metres(tag_values(found, "height", "est_height")),
        },
        geometry=found.geometry.to_numpy(),
        crs=objects.crs,
    )
    return tables.conform("trees", rows)
