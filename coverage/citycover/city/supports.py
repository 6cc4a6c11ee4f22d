"""Find what a camera could hang on: street lamps, traffic signals, and poles of power and telephone lines."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import shapely

from citycover import tables
from citycover.city.osm import tag_values


def find_supports(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``supports`` of the raw objects, in their order.

    Points only. High-voltage towers, flagpoles and masts of transmitters carry no cameras and are left out. A traffic
    signal is most often mapped on the middle of the street that it stops, not where its mast stands.

    >>> rows = gpd.GeoDataFrame({"osm_id": ["node/1", "node/2"],
    ...     "tags": [{"highway": "street_lamp"}, {"power": "tower"}]}, geometry=gpd.points_from_xy([0, 1], [0, 0]),
    ...     crs=32650)
    >>> find_supports(rows)[["support_id", "support"]].values.tolist()
    [['node/1', 'lamp']]
    """
    highway, power, made = (tag_values(objects, key) for key in ("highway", "power", "man_made"))
    support = np.select(
        [highway.eq("street_lamp"), highway.eq("traffic_signals"), power.eq("pole") | made.eq("utility_pole")],
        ["lamp", "signal", "existing_pole"],
        "",
    )
    kept = (support != "") & (shapely.get_type_id(objects.geometry.to_numpy()) == 0)
    found = objects[kept]
    rows = gpd.GeoDataFrame(
        {"support_id": found["osm_id"], "support": support[kept]}, geometry=found.geometry.to_numpy(), crs=objects.crs
    )
    return tables.conform("supports", rows)
