"""Finds the real things on the ground that are of a kind, each once."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from citycover import tables
from citycover.city import derived
from citycover.city.built_up import find_built_up
from citycover.city.compounds import find_compounds
from citycover.city.facts import count_tanks, measure_floor_area, read_facts
from citycover.city.kinds import load_kinds, match_kinds, names
from citycover.city.sites import merge_sites, pick_surest


def find_places(
    objects: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    junctions: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    *,
    area: BaseGeometry,
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Find the places of a city and the kinds that each is of.

    Parameters
    ----------
    objects
        Tagged OSM objects: ``osm_id``, ``tags`` (a dict per row), ``closed`` and metric geometry.
    streets, junctions, buildings
        Tables of the same names, in the same reference system.
    area
        Area of the study in that reference system. Objects that do not touch it are left out; what crosses its edge
        keeps its whole shape, so that sizes stay true.

    Returns
    -------
    places, place_kinds
        The declared tables. Sites mapped by OSM come first, in the order of ``objects``, with the OSM id of the largest
        polygon that maps them; then street sections (id of the section), junctions (id of the junction) and merged
        things with content keys. A place has as many rows in ``place_kinds`` as kinds, in the vocabulary's order.

    Examples
    --------
    >>> objects = gpd.GeoDataFrame({"osm_id": ["way/1", "way/2"], "closed": True,
    ...     "tags": [{"amenity": "school", "name": "第三中学"}, {"building": "school"}]},
    ...     geometry=[shapely.box(0, 0, 100, 100), shapely.box(10, 10, 30, 30)], crs=32650)
    >>> none = tables.conform("streets", [], crs=32650)
    >>> places, kinds = find_places(objects, none, tables.conform("junctions", [], crs=32650),
    ...     tables.conform("buildings", [], crs=32650), area=shapely.box(-500, -500, 500, 500))
    >>> places[["place_id", "osm_ids", "ground"]].values.tolist()
    [['way/1', 'way/1;way/2', 10000.0]]
    >>> kinds["kind"].tolist()
    ['education_institution', 'school_kindergarten']
    """
    near = objects.loc[_touching(objects, area)].reset_index(drop=True)
    sites, site_kinds = _find_sites(near, buildings)
    compounds = find_compounds(near, sites, site_kinds)
    built = find_built_up(near, streets, buildings, area=area)
    found = derived.find_derived(near, streets, junctions, sites, site_kinds, compounds, built, area=area)
    places = pd.concat([sites, found.places], ignore_index=True)
    kinds = pd.concat([site_kinds, found.kinds], ignore_index=True)
    kinds = kinds.drop_duplicates(["place_id", "kind"])
    return (
        tables.conform("places", gpd.GeoDataFrame(places, geometry="geometry", crs=objects.crs)),
        tables.conform("place_kinds", kinds),
    )


def _touching(objects: gpd.GeoDataFrame, area: BaseGeometry) -> npt.NDArray[np.bool_]:
    shapely.prepare(area)
    return np.asarray(shapely.intersects(area, objects.geometry.to_numpy()), dtype=bool)


def _find_sites(objects: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the places that objects' own tags and names make, and their kinds."""
    rules = load_kinds()
    matches = match_kinds(objects, rules)
    row = matches["row"].to_numpy(dtype=np.int64)
    shapes = objects.geometry.to_numpy()
    called = names(objects["tags"])
    merged = merge_sites(matches, shapes[row], [called[i] for i in row], rules)
    merged = merged[merged["root"] >= 0]
    merged = merged.assign(place_row=row[merged["root"].to_numpy(dtype=np.int64)])
    kinds = pick_surest(merged)
    ids = objects["osm_id"].to_numpy()
    kinds = kinds.assign(place_id=ids[kinds["place_row"].to_numpy(dtype=np.int64)])
    foreign = (kinds["row"] != kinds["place_row"]).to_numpy()
    said_by = np.where(foreign, "; " + ids[kinds["row"].to_numpy(dtype=np.int64)].astype(object), "")
    kinds["evidence"] = kinds["evidence"].astype(object) + said_by
    own = np.unique(kinds["place_row"].to_numpy(dtype=np.int64))
    members = merged[["place_row", "row", "united"]].drop_duplicates()
    tags = _gather_tags(objects, own, members)
    places = pd.DataFrame({"place_id": ids[own], "name": names(tags), "source": "osm"})
    places["osm_ids"] = _gather_ids(ids, own, members)
    places = places.join(read_facts(tags))
    geometry = _gather_shapes(shapes, own, members)
    ground = shapely.area(geometry)
    places["ground"] = np.where(ground > 0, ground, np.nan)
    is_line = shapely.get_dimensions(geometry) == 1
    places["length"] = np.where(is_line, shapely.length(geometry), np.nan)
    places["gfa"], places["gfa_low"] = measure_floor_area(geometry, buildings)
    places["tanks"] = count_tanks(geometry, objects)
    places["underground"] = [_is_below(t) for t in tags]
    order = {p: i for i, p in enumerate(places["place_id"])}
    kinds = kinds.assign(_place=kinds["place_id"].map(order)).sort_values(["_place", "root"], kind="stable")
    columns = ["place_id", "kind", "evidence", "confidence", "candidate"]
    return gpd.GeoDataFrame(places, geometry=geometry, crs=objects.crs), kinds[columns].reset_index(drop=True)


def _is_below(tags: dict[str, str]) -> bool:
    below = "building" in tags and tags.get("layer", "").startswith("-")  # the hall of a metro station
    said = tags.get("location") == "underground" or tags.get("parking") == "underground"
    return below or said or tags.get("tunnel") == "yes"


def _gather_tags(objects: gpd.GeoDataFrame, own: npt.NDArray[np.int64], members: pd.DataFrame) -> list[dict[str, str]]:
    """Return each place's tags: its own, filled up with those of the objects that are the same site."""
    tags = objects["tags"].to_list()
    others = members.groupby("place_row")["row"].apply(list).to_dict()
    return [
        {k: v for i in reversed([o for o in others[p] if o != p]) for k, v in tags[i].items()} | tags[p] for p in own
    ]


def _gather_ids(ids: npt.NDArray[np.object_], own: npt.NDArray[np.int64], members: pd.DataFrame) -> list[str]:
    others = members.groupby("place_row")["row"].apply(list).to_dict()
    return [";".join([ids[p], *sorted({ids[i] for i in others[p] if i != p})]) for p in own]


def _gather_shapes(
    shapes: npt.NDArray[np.object_], own: npt.NDArray[np.int64], members: pd.DataFrame
) -> npt.NDArray[np.object_]:
    """Return each place's ground: its own shape, with those of its namesakes next to it."""
    geometry = shapes[own].copy()
    united = members[members["united"]]
    for place, rows in united.groupby("place_row")["row"]:
        at = int(np.searchsorted(own, np.int64(place)))  # type: ignore[arg-type]
        geometry[at] = shapely.union_all([geometry[at], *shapes[rows.to_numpy()]])
    return np.asarray(geometry, dtype=object)
