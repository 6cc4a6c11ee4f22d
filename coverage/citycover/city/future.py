"""Find what stands or will stand before cameras besides walls: advertising boards, buildings not built yet."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables
from citycover.city.buildings import find_buildings
from citycover.city.measures import parse_metres
from citycover.city.osm import tag_values

BOARD_WIDTH: dict[str, float] = {
    "billboard": 6.0,
    "screen": 4.0,
    "board": 2.0,
    "sign": 2.0,
    "totem": 1.5,
    "poster_box": 1.5,
    "column": 1.4,
    "flag": 1.0,
    "tarp": 6.0,
}
"""Width (m) of a board that is mapped as a point without one, by its ``advertising`` tag; 2 m for any other. Ours."""

OTHER_WIDTH = 2.0
_ON_WALLS = frozenset({"wall_painting", "no"})
PLANNED = ("construction", "proposed", "planned")
"""Values of ``building``, and prefixes of keys, of buildings that are not there yet."""


def find_boards(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``boards`` of the raw objects, in their order: all with a tag ``advertising``.

    Paintings on walls hide nothing and are left out. ``height`` (of the upper edge) and ``min_height`` are as tagged.
    """
    value = tag_values(objects, "advertising")
    keep = (value.notna() & ~value.isin(list(_ON_WALLS))).to_numpy(bool)
    found, value = objects[keep], value[keep]
    width = parse_metres(tag_values(found, "width"))
    rows = gpd.GeoDataFrame(
        {
            "board_id": found["osm_id"],
            "name": tag_values(found, "name", "name:zh"),
            "board": value,
            "height": parse_metres(tag_values(found, "height")),
            "min_height": parse_metres(tag_values(found, "min_height")),
            "width": width.where(width > 0.0),
        },
        geometry=found.geometry.to_numpy(),
        crs=objects.crs,
    )
    return tables.conform("boards", rows)


def find_planned_buildings(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``planned_buildings`` of the raw objects, in their order: what OSM says is to be built.

    That are surfaces with ``building`` = construction or proposed, or with a key such as ``proposed:building``. Height
    and storeys are read as those of buildings, with and without the prefix.
    """
    whole = tag_values(objects, "building")
    status = whole.where(whole.isin(list(PLANNED)))
    for prefix in PLANNED:
        lifecycle = tag_values(objects, f"{prefix}:building")
        status = status.where(status.notna() | lifecycle.isna() | (lifecycle == "no"), prefix)
    standing = whole.notna() & ~whole.isin([*PLANNED, "no"])
    surface = shapely.get_dimensions(objects.geometry.to_numpy()) == 2
    keep = (status.notna() & ~standing).to_numpy(bool) & surface
    found, status = objects[keep], status[keep]
    tags = [
        {**{key.removeprefix(f"{state}:"): value for key, value in tag.items()}, "building": "yes"}
        for tag, state in zip(found["tags"], status, strict=True)
    ]
    retagged = gpd.GeoDataFrame(
        {"osm_id": found["osm_id"], "tags": pd.Series(tags, index=found.index, dtype=object)},
        geometry=found.geometry.to_numpy(),
        crs=objects.crs,
    )
    built = find_buildings(retagged, crs=objects.crs)
    built = built[built["opaque"].fillna(True).to_numpy(bool)].reset_index(drop=True)
    of = pd.Series(status.to_numpy(), index=found["osm_id"].to_numpy(), dtype="str")
    rows = built.assign(state=built["building_id"].map(of), source="osm")
    names = tables.TABLES["planned_buildings"].column_names()
    return tables.conform("planned_buildings", rows[[c for c in names if c in rows.columns]], crs=objects.crs)


def board_shapes(
    boards: gpd.GeoDataFrame,
    row: np.typing.NDArray[np.int64],
    x: np.typing.NDArray[np.float64],
    y: np.typing.NDArray[np.float64],
) -> np.typing.NDArray[np.object_]:
    """Return the boards ``row`` as seen from (x, y): as drawn, a point as a line of its width across the line of sight.

    >>> one = tables.conform("boards", gpd.GeoDataFrame({"board_id": ["node/1"], "width": [4.0]},
    ...     geometry=gpd.points_from_xy([10.0], [0.0]), crs=32650))
    >>> shapely.to_wkt(board_shapes(one, np.array([0]), np.array([0.0]), np.array([0.0]))[0], rounding_precision=1)
    'LINESTRING (10 2, 10 -2)'
    """
    shapes = np.asarray(boards.geometry.array, dtype=object)[row]
    spot = shapely.get_dimensions(shapes) == 0
    default = boards["board"].map(BOARD_WIDTH).fillna(OTHER_WIDTH)
    width = boards["width"].fillna(default).to_numpy(dtype=np.float64)[row]
    middle = shapely.centroid(shapes)
    px, py = shapely.get_x(middle), shapely.get_y(middle)
    away = np.maximum(np.hypot(px - x, py - y), 1e-9)
    dx, dy = -(py - y) / away * width / 2.0, (px - x) / away * width / 2.0
    ends = np.stack([np.column_stack([px + dx, py + dy]), np.column_stack([px - dx, py - dy])], axis=1)
    across = np.asarray(shapely.linestrings(ends), dtype=np.object_)
    return np.asarray(np.where(spot, across, shapes), dtype=np.object_)
