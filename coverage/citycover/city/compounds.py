"""Finds the compounds: ground behind a boundary, where streets are no public streets."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

COMPOUND_KINDS = frozenset(
    [
        "residential_compound",
        "education_institution",
        "school_kindergarten",
        "research_institution",
        "medical_institution",
        "hospital",
        "party_government_organ",
        "state_organ",
        "large_energy_facility",
        "power_supply_facility",
        "water_supply_facility",
        "gas_supply_facility",
        "heat_supply_facility",
        "oil_depot",
        "material_reserve_depot",
        "chemical_enterprise",
        "dangerous_goods_site",
        "logistics_centre",
        "port",
        "airport",
        "archive",
        "tv_station",
        "radio_station",
        "fuel_oil_supply_facility",
    ]
)
"""Kinds whose polygons are closed to the public, unless somebody decides otherwise. Ours."""

CLOSED_USES: dict[str, frozenset[str]] = {
    "landuse": frozenset({"military", "education", "institutional", "depot"}),
    "military": frozenset({"barracks", "base", "naval_base", "airfield", "danger_area"}),
    "residential": frozenset({"gated"}),
}
"""Tags of further closed ground that is no place of any kind."""

LEAST_GROUND = 400.0
"""m²: smaller polygons are single buildings, not compounds."""


def find_compounds(objects: gpd.GeoDataFrame, places: gpd.GeoDataFrame, place_kinds: pd.DataFrame) -> gpd.GeoDataFrame:
    """Return the compounds as polygons (m), in the order of places, then of objects.

    A compound is a place of :data:`COMPOUND_KINDS` drawn as a polygon of at least :data:`LEAST_GROUND` that is more
    than its own building, or ground closed by :data:`CLOSED_USES`; ``place_id`` is null for the latter. A place is left
    out when ``access`` says that it is open to all (``yes``, ``permissive``).
    """
    closed = place_kinds.loc[place_kinds["kind"].isin(COMPOUND_KINDS), "place_id"]
    shapes = places.geometry
    ok = places["place_id"].isin(closed) & (shapely.get_dimensions(shapes.to_numpy()) == 2)
    ok &= (shapes.area >= LEAST_GROUND) & ~places["access"].isin(["yes", "permissive", "public"])
    known = places.loc[ok, ["place_id", "geometry"]]
    is_building = _tagged(objects, {"building": None})
    outlines = objects.geometry.to_numpy()[is_building]
    same, _ = shapely.STRtree(outlines).query(known.geometry.to_numpy(), predicate="covered_by")
    known = known.iloc[np.setdiff1d(np.arange(len(known)), same)]
    uses = _tagged(objects, CLOSED_USES) & ~is_building
    shapes_of_use = objects.geometry.to_numpy()[uses]
    shapes_of_use = shapes_of_use[shapely.get_dimensions(shapes_of_use) == 2]
    further = gpd.GeoDataFrame({"place_id": [None] * len(shapes_of_use)}, geometry=shapes_of_use, crs=objects.crs)
    further["place_id"] = further["place_id"].astype("str")
    frames = [f for f in (known, further) if len(f)]
    if not frames:
        return gpd.GeoDataFrame({"place_id": pd.array([], dtype="str")}, geometry=[], crs=objects.crs)
    return gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), geometry="geometry", crs=objects.crs)


def share_inside(lines: npt.NDArray[np.object_], polygons: npt.NDArray[np.object_]) -> npt.NDArray[np.float64]:
    """Return which share of each line's length lies in the polygons, overlapping ones counted once at most.

    >>> share_inside(shapely.linestrings([[(0, 0), (10, 0)]]), np.array([shapely.box(0, -1, 4, 1)])).round(2).tolist()
    [0.4]
    """
    inside = np.zeros(len(lines))
    if len(lines) and len(polygons):
        line, polygon = shapely.STRtree(polygons).query(lines, predicate="intersects")
        part = shapely.length(shapely.intersection(lines[line], polygons[polygon]))
        np.add.at(inside, line, part)
    return np.asarray(np.minimum(inside / np.maximum(shapely.length(lines), 1e-9), 1.0), float)


def _tagged(objects: gpd.GeoDataFrame, wanted: dict[str, frozenset[str]] | dict[str, None]) -> npt.NDArray[np.bool_]:
    hit = [any(k in t and (v is None or t[k] in v) for k, v in wanted.items()) for t in objects["tags"]]
    return np.asarray(hit, dtype=bool)
