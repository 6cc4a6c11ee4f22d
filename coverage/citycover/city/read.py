"""Read a city from OpenStreetMap files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from citycover import tables
from citycover.city import osm_files
from citycover.city.ban_places import find_ban_places
from citycover.city.betweenness import rate_streets
from citycover.city.buildings import find_buildings
from citycover.city.districts import assign_districts, find_districts
from citycover.city.entrances import find_entrances
from citycover.city.extent import check_overlap, find_extent, read_area, to_crs
from citycover.city.future import find_boards, find_planned_buildings
from citycover.city.junctions import consolidate_junctions
from citycover.city.landscape import find_landscape
from citycover.city.model import City
from citycover.city.obstacles import find_barriers, find_trees
from citycover.city.osm import RawOsm, read_raw
from citycover.city.osm_cameras import find_osm_cameras
from citycover.city.places import find_places
from citycover.city.public_ground import find_public_ground
from citycover.city.streets import count_left_out, cut_streets
from citycover.city.supports import find_supports
from citycover.errors import FileFormatError

HALO = 300.0
"""Metres around the area from which buildings, walls, trees and cameras are kept: they hide or see what lies inside."""

STRAY = 2000.0
"""Metres from the area beyond which an object is stray: a member of a relation or way that reaches far out."""


def read_osm(
    path: str | Path | Sequence[str | Path],
    *,
    area: BaseGeometry | str | Path | None = None,
    districts: gpd.GeoDataFrame | None = None,
    unpack_limit: int = osm_files.UNPACK_LIMIT,
) -> City:
    """Read a city from one OSM file or from several tiles of it (``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``).

    Parameters
    ----------
    path
        The file, or the tiles; what several hold is taken once.
    area
        The study's area: a polygon in WGS-84 degrees (longitude first) or a file of polygons. Without it the area
        follows from where the streets are, see :func:`citycover.city.extent.find_extent`.
    districts
        A table ``districts`` in any reference system; without it the administrative boundaries of OSM serve.
    unpack_limit
        Bytes to which a packed file may unpack.

    Returns
    -------
    City
        Streets are cut at the area's edge (their ids come from the whole section); junctions lie inside it; places
        and all else touch it and stay whole. Buildings, barriers, trees and cameras reach 300 m further, the cameras
        marked ``outside``. The base map's ``landscape`` is cut there too. ``counts`` says what was left out.

    Raises
    ------
    FileFormatError
        A file is missing, broken, of another format, too large when unpacked, or holds no street.
    AreaError
        The area is no polygon in degrees, or does not overlap the streets.
    """
    asked = None if area is None else read_area(area)
    raw = read_raw(path, area=asked, unpack_limit=unpack_limit)
    whole = cut_streets(raw)
    if whole.empty:
        raise FileFormatError(f"{path}: needed streets (ways with highway=…), given {len(raw.objects)} other objects")
    lines = whole.geometry.to_numpy()
    if asked is None:
        ground = find_extent(lines, raw.crs, box=raw.box)
    else:
        check_overlap(asked, lines, raw.crs)
        ground = to_crs(asked, raw.crs)
    shapely.prepare(ground)
    wide = shapely.buffer(ground, HALO)
    near, counts, stray = _sort_objects(raw, ground, wide)
    inside = gpd.GeoDataFrame(near[shapely.intersects(ground, near.geometry.to_numpy())].reset_index(drop=True))
    streets, cut = _clip_streets(rate_streets(whole, area=ground), ground)
    junctions = consolidate_junctions(whole, raw)
    junctions = _keep(junctions, shapely.intersects(ground, junctions.geometry.to_numpy()))
    buildings = find_buildings(near)
    barriers = find_barriers(near)
    cameras, camera_counts = find_osm_cameras(near)
    cameras["outside"] = pd.array(~shapely.intersects(ground, cameras.geometry.to_numpy()), dtype="boolean")
    parts = _districts(districts, raw, ground)
    places, place_kinds = find_places(inside, streets, junctions, buildings, area=ground)
    entrances = find_entrances(inside, streets, places, place_kinds, barriers)
    public = find_public_ground(inside, streets, buildings, places, place_kinds)
    counts = {
        **raw.counts,
        **count_left_out(raw),
        **counts,
        **cut,
        **camera_counts,
        "buildings_height_unknown": int((buildings["height_source"] == "unknown").sum()),
        "streets_width_by_class": int((streets["width_source"] == "class").sum()),
    }
    return City(
        crs=raw.crs,
        area=ground,
        streets=assign_districts(streets, parts),
        junctions=assign_districts(junctions, parts),
        buildings=assign_districts(buildings, parts),
        places=assign_districts(places, parts),
        place_kinds=place_kinds,
        entrances=assign_districts(entrances, parts),
        barriers=barriers,
        trees=find_trees(near),
        public_ground=public,
        districts=parts,
        landscape=find_landscape(near, within=wide),
        cameras=assign_districts(cameras, parts),
        rejects=tables.conform("rejects", pd.concat([raw.rejects, stray], ignore_index=True)),
        counts=counts,
        ban_places=find_ban_places(near, buildings),
        supports=find_supports(near),
        boards=find_boards(near),
        planned_buildings=find_planned_buildings(near),
    )


def _keep(frame: gpd.GeoDataFrame, mask: np.typing.NDArray[np.bool_]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(frame[mask].reset_index(drop=True), crs=frame.crs)


def _sort_objects(
    raw: RawOsm, ground: BaseGeometry, wide: BaseGeometry
) -> tuple[gpd.GeoDataFrame, dict[str, int], pd.DataFrame]:
    """Return the objects that touch the area or its halo, counts of the others, and ``rejects`` of stray ones."""
    shapes = raw.objects.geometry.to_numpy()
    in_halo = np.zeros(len(shapes), bool)
    in_halo[shapely.STRtree(shapes).query(wide, predicate="intersects")] = True
    outside = ~shapely.intersects(ground, shapes)
    far = ~in_halo & (shapely.distance(ground, shapes) > STRAY)
    counts = {"osm_objects_outside": int(outside.sum()), "osm_objects_stray": int(far.sum())}
    stray = pd.DataFrame({"osm_id": raw.objects["osm_id"][far]})
    stray["reject_id"] = raw.source + ": " + stray["osm_id"]
    stray["source"] = raw.source
    stray["reason"] = f"needed an object near the area, given one more than {STRAY / 1000:g} km away"
    return _keep(raw.objects, in_halo), counts, stray[["reject_id", "source", "reason"]]


def _clip_streets(streets: gpd.GeoDataFrame, ground: BaseGeometry) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return the streets cut at the area's edge; one that leaves and comes back becomes several rows."""
    shapes = streets.geometry.to_numpy()
    within = shapely.contains_properly(ground, shapes)
    crossing = ~within & shapely.intersects(ground, shapes)
    kept = np.flatnonzero(within | crossing)
    parts = shapes.copy()
    parts[crossing] = shapely.line_merge(shapely.intersection(shapes[crossing], ground))
    pieces, row = shapely.get_parts(parts[kept], return_index=True)
    line = (shapely.get_dimensions(pieces) == 1) & (shapely.length(pieces) > 0)
    out = streets.iloc[kept[row[line]]].reset_index(drop=True)
    out = out.set_geometry(gpd.GeoSeries(pieces[line], crs=streets.crs))
    out["length"] = shapely.length(pieces[line])
    out["street_id"] = pd.array(tables.number_repeats(out["street_id"]), dtype="str")
    beyond = float(shapely.length(shapes).sum() - shapely.length(pieces[line]).sum())
    counts = {
        "streets_outside": int(len(streets) - len(kept)),
        "streets_cut_at_edge": int(crossing.sum()),
        "street_metres_outside": round(beyond),
    }
    return gpd.GeoDataFrame(out.drop(columns="roundabout"), crs=streets.crs), counts


def _districts(given: gpd.GeoDataFrame | None, raw: RawOsm, ground: BaseGeometry) -> gpd.GeoDataFrame:
    table = find_districts(raw.objects) if given is None else _in_crs(given, raw.crs)
    return _keep(table, shapely.intersects(ground, table.geometry.to_numpy()))


def _in_crs(given: gpd.GeoDataFrame, crs: CRS) -> gpd.GeoDataFrame:
    return tables.conform("districts", given.to_crs(crs))
