"""Lay the planner's own tables over the city that OpenStreetMap shows: places, buildings and cameras."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyproj import CRS

from citycover import tables
from citycover.city.ban_places import find_listed_ban_places, is_ban_only
from citycover.city.districts import assign_districts
from citycover.city.merge import merge_registers
from citycover.city.model import City
from citycover.city.planner_tables import FACTS, kinds_of_places
from citycover.errors import CrsError, FileFormatError, TableError

SAME_GROUND = 0.5
"""An OSM building gives way to the planner's where these cover more than this share of it."""


def add_places(city: City, places: gpd.GeoDataFrame) -> tuple[City, pd.DataFrame]:
    """Return the city with a planner's places laid over it, and the rows that found no place (table ``rejects``).

    A row that bears the id of a place of the city sets that place's facts and adds its kinds; any other row is a new
    place. Rows outside the study's area are left out and counted as ``places_outside``. A row whose kind is a place
    type of a ban (投票点 …) becomes one of ``ban_places``.

    Parameters
    ----------
    city
        What OpenStreetMap shows.
    places
        As :func:`citycover.city.registers.read_places` returns it.
    """
    places = places.to_crs(city.crs) if places.crs is not None else places
    known = places["place_id"].isin(city.places["place_id"]).to_numpy()
    nowhere = ~known & shapely.is_missing(places.geometry.to_numpy())
    outside = ~known & ~nowhere & ~shapely.intersects(city.area, places.geometry.to_numpy())
    fresh = places[~known & ~nowhere & ~outside & ~is_ban_only(places)]
    fresh = assign_districts(tables.conform("places", fresh, crs=city.crs), city.districts)
    names = tables.TABLES["places"].column_names()
    merged = pd.concat([_with_facts(city.places, places[known]), fresh[names]], ignore_index=True)
    kinds = pd.concat([city.place_kinds, kinds_of_places(places[~nowhere & ~outside])], ignore_index=True)
    kinds = kinds.drop_duplicates(["place_id", "kind"], keep="last")
    faults = pd.DataFrame({"row": places["source_row"][nowhere], "source": places["evidence"][nowhere]})
    faults["source"] = faults["source"].str.rsplit(" ", n=1).str[0]
    faults["reject_id"] = places["evidence"][nowhere]
    faults["column"] = "place_id"
    faults["reason"] = "needed the id of a place of the study, or a position; given " + places["place_id"][nowhere]
    counts = {**city.counts, "places_outside": city.counts.get("places_outside", 0) + int(outside.sum())}
    bans = find_listed_ban_places(places, city)
    bans = pd.concat([city.ban_places, bans], ignore_index=True) if len(city.ban_places) else bans
    changed = city.with_tables(
        ban_places=tables.conform("ban_places", bans.drop_duplicates("ban_id", keep="last"), crs=city.crs),
        places=tables.conform("places", merged, crs=city.crs),
        place_kinds=tables.conform("place_kinds", kinds),
        counts=counts,
    )
    return changed, tables.conform("rejects", faults)


def records_of_places(places: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the recorded facts (agreement, manager, state_owned …) that a planner's places carry, as ``records``."""
    facts = [fact for fact in FACTS if fact in places.columns]
    rows = pd.DataFrame(places)[["place_id", "evidence", *facts]].rename(columns={"evidence": "document"})
    long = rows.melt(id_vars=["place_id", "document"], value_vars=facts, var_name="fact").dropna(subset=["value"])
    out: pd.DataFrame = tables.conform("records", long.drop_duplicates(["place_id", "fact"], keep="last"))
    return out


def read_buildings(path: str | Path, *, crs: CRS) -> gpd.GeoDataFrame:
    """Read a planner's buildings: polygons with ``height`` (m) or ``levels`` where known.

    Raises
    ------
    FileFormatError
        The file cannot be read or holds no polygon.
    CrsError
        The file names no reference system.
    """
    file = Path(path)
    try:
        raw = pyogrio.read_dataframe(file)
    except pyogrio.errors.DataSourceError as error:
        raise FileFormatError(f"{file.name}: needed a file of polygons, given one that cannot be read") from error
    if not isinstance(raw, gpd.GeoDataFrame) or raw.crs is None:
        raise CrsError(f"{file.name}: needed polygons with a reference system, given none")
    rows = raw.to_crs(crs).explode(ignore_index=True)
    rows = rows[shapely.get_type_id(rows.geometry.to_numpy()) == 3].reset_index(drop=True)
    if rows.empty:
        raise FileFormatError(f"{file.name}: needed polygons, given {len(raw)} other shapes")
    levels = _metres(rows, "levels", file.name)
    height = _metres(rows, "height", file.name)
    out = pd.DataFrame(
        {
            "name": rows.get("name"),
            "building": "yes",
            "levels": levels,
            "height": height.fillna(levels * 3.0),
            "height_source": np.where(height.notna(), "tag", np.where(levels.notna(), "levels", "unknown")),
            "layer": 0,
            "opaque": True,
        }
    )
    given = rows["building_id"].astype("str") if "building_id" in rows else pd.Series(range(1, len(rows) + 1))
    out["building_id"] = tables.number_repeats(f"{file.stem}:" + given.astype("str"))
    out["geometry"] = rows.geometry.to_numpy()
    return tables.conform("buildings", out, crs=crs)


def add_buildings(city: City, buildings: gpd.GeoDataFrame) -> City:
    """Return the city with a planner's buildings in it; OSM's give way where they stand on the same ground.

    The number that gave way is counted as ``buildings_replaced``.
    """
    theirs = buildings.to_crs(city.crs)
    shapes = city.buildings.geometry.to_numpy()
    near, over = shapely.STRtree(theirs.geometry.to_numpy()).query(shapes, predicate="intersects")
    shared = shapely.area(shapely.intersection(shapes[near], theirs.geometry.to_numpy()[over]))
    covered = np.bincount(near, weights=shared, minlength=len(shapes))
    gone = covered > SAME_GROUND * shapely.area(shapes)
    merged = pd.concat([city.buildings[~gone], assign_districts(theirs, city.districts)], ignore_index=True)
    counts = {**city.counts, "buildings_replaced": int(gone.sum())}
    return city.with_tables(buildings=tables.conform("buildings", merged, crs=city.crs), counts=counts)


def gather_cameras(city: City, registers: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return one table of cameras: the registers in order, then those that OpenStreetMap itself has.

    The same device in two registers is linked (``same_as``) and so counted once; a camera beyond the study's area is
    marked ``outside``; every camera gets its district.
    """
    parts = [r.to_crs(city.crs) for r in registers if len(r)]
    parts += [city.cameras] if len(city.cameras) else []
    if not parts:
        return tables.conform("cameras", [], crs=city.crs)
    cameras = merge_registers(parts)
    cameras["outside"] = pd.array(~shapely.intersects(city.area, cameras.geometry.to_numpy()), dtype="boolean")
    return assign_districts(cameras, city.districts)


def _with_facts(places: gpd.GeoDataFrame, facts: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the places with the facts that rows of the same id give; nulls give nothing."""
    skipped = {"place_id", "source", "osm_ids", "district", "ground", "length"}
    names = [c.name for c in tables.TABLES["places"].columns if c.name not in skipped]
    out = places.set_index("place_id")
    given = pd.DataFrame(facts).drop_duplicates("place_id", keep="last").set_index("place_id")[names]
    for name in names:
        values = given[name].dropna()
        column = out[name].copy()
        column.loc[values.index] = values
        out[name] = column
    return out.reset_index()


def _metres(rows: gpd.GeoDataFrame, name: str, source: str) -> pd.Series:
    if name not in rows:
        return pd.Series(np.nan, index=rows.index)
    values: pd.Series = pd.to_numeric(rows[name], errors="coerce").astype("float64")
    wrong = rows.index[rows[name].notna() & values.isna()]
    if len(wrong):
        raise TableError(
            f"{source}, row {wrong[0] + 1}, column {name}: needed a number, given {rows[name][wrong[0]]!r}"
        )
    return values
