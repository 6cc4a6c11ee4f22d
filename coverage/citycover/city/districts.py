"""Find districts, and tell for every row in which one it lies."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables
from citycover.city.osm import tag_values
from citycover.errors import TableError

LEVELS = ("6", "7", "8", "9", "10")
"""``admin_level`` of a Chinese 区 or 县 (6) down to a 社区 (10)."""


def find_districts(objects: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table ``districts`` of the raw objects: surfaces ``boundary=administrative``, level 6 to 10.

    ``district_id`` is the official code where tagged, else the OSM id. Sorted by level, then id.
    """
    level = tag_values(objects, "admin_level")
    kept = (tag_values(objects, "boundary") == "administrative") & level.isin(LEVELS)
    kept &= shapely.get_dimensions(objects.geometry.to_numpy()) == 2
    found = objects[kept]
    code = tag_values(found, "ref:CN:adcode", "ref:adcode", "china_adcode", "gb_code").fillna(found["osm_id"])
    rows = gpd.GeoDataFrame(
        {"district_id": code, "name": tag_values(found, "name", "name:zh"), "level": level[kept]},
        geometry=found.geometry.to_numpy(),
        crs=objects.crs,
    )
    rows = rows.drop_duplicates("district_id")
    order = pd.DataFrame({"level": rows["level"].astype("int64"), "id": rows["district_id"]}).sort_values(
        ["level", "id"]
    )
    return tables.conform("districts", rows.loc[order.index], crs=objects.crs)


def assign_districts(frame: gpd.GeoDataFrame, districts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame with ``district``, the name (else the id) of the district where each row lies.

    The finest level decides, and coarser ones only for rows that it does not reach. A row that lies in several
    districts of one level goes to the one with more of its length (of its ground for surfaces); ties, and points on a
    border, to the smaller code (shorter first, then by character). Rows outside every district get null.

    Parameters
    ----------
    frame
        Rows with metric geometry; not changed.
    districts
        A table ``districts`` in the same reference system.

    Raises
    ------
    TableError
        The reference systems differ.

    Examples
    --------
    >>> sides = gpd.GeoDataFrame({"district_id": ["2", "1"], "name": ["east", "west"], "level": ["6", "6"]},
    ...     geometry=[shapely.box(0, -9, 9, 9), shapely.box(-9, -9, 0, 9)], crs=32650)
    >>> streets = gpd.GeoDataFrame(geometry=shapely.linestrings([[(-1, 0), (3, 0)], [(0, 0), (0, 5)]]), crs=32650)
    >>> assign_districts(streets, sides)["district"].tolist()
    ['east', 'west']
    """
    names = np.full(len(frame), None, dtype=object)
    if len(frame) and len(districts):
        if frame.crs != districts.crs:
            raise TableError(f"districts: needed the reference system {frame.crs}, given {districts.crs}")
        shapes = frame.geometry.to_numpy()
        label = districts["name"].fillna(districts["district_id"]).to_numpy(dtype=object)
        code = districts["district_id"].astype(object).to_numpy()
        level = pd.to_numeric(districts["level"], errors="coerce").fillna(-1.0).to_numpy()
        order = np.lexsort((code.astype(str), np.char.str_len(code.astype(str))))
        rank = np.empty(len(code), np.int64)
        rank[order] = np.arange(len(code))
        for value in np.sort(np.unique(level))[::-1]:
            open_rows = np.flatnonzero(pd.isna(names) & ~(shapely.is_missing(shapes) | shapely.is_empty(shapes)))
            members = np.flatnonzero(level == value)
            row, member = _best_member(shapes[open_rows], districts.geometry.to_numpy()[members], rank[members])
            names[open_rows[row]] = label[members[member]]
    return frame.assign(district=pd.Series(names, index=frame.index, dtype="str"))


def _best_member(
    shapes: np.typing.NDArray[np.object_], polygons: np.typing.NDArray[np.object_], rank: np.typing.NDArray[np.int64]
) -> tuple[np.typing.NDArray[np.int64], np.typing.NDArray[np.int64]]:
    """Return the rows that touch a polygon, and for each the polygon that holds most of it."""
    row, member = shapely.STRtree(polygons).query(shapes, predicate="intersects")
    several = np.bincount(row, minlength=len(shapes))[row] > 1
    measure = np.zeros(len(row))
    if several.any():
        part = shapely.intersection(shapes[row[several]], polygons[member[several]])
        dimension = shapely.get_dimensions(shapes[row[several]])
        measure[several] = np.where(dimension == 2, shapely.area(part), shapely.length(part))
    links = pd.DataFrame({"row": row, "member": member, "measure": -np.round(measure, 3), "rank": rank[member]})
    links = links.sort_values(["row", "measure", "rank"], kind="stable").drop_duplicates("row")
    return links["row"].to_numpy(np.int64), links["member"].to_numpy(np.int64)
