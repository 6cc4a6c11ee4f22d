"""Finds the places that no single OSM object is: street sections, junctions, gateways and what else the net makes."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from citycover import tables, terms
from citycover.city.built_up import CELL, BuiltUp
from citycover.city.compounds import share_inside
from citycover.city.structures import Structures, cluster_near, find_structures, kind_rows

Shapes = npt.NDArray[np.object_]
Mask = npt.NDArray[np.bool_]

URBAN_CLASSES = ("trunk", "primary", "secondary", "tertiary", "unclassified", "residential", "living_street")
MINOR_CLASSES = ("unclassified", "residential", "living_street")
TOWN_CLASSES = ("trunk", "primary", "secondary", "tertiary")
TOWN_REACH = 1500.0
"""m: how far from its node a town that has no outline is taken to reach. Ours."""
INSIDE = 0.8
"""Share of a minor street's length inside a compound from which it is the compound's own."""
LEAST_WALK = 30.0
"""m: shorter unnamed pedestrian ways are joints of a paved area, not streets. Ours."""
PLAZA = 150.0
"""m: toll booths and crossings this near make one gateway (both carriageways, all lanes)."""

TOLL_REACH = 60.0
"""m from a toll booth to a main road; booths elsewhere belong to car parks."""

_SEATS = frozenset({"city", "town", "suburb", "borough", "quarter"})
_SHOP_ROAD = "(?:商业街|步行街|美食街|小吃街|酒吧街|风情街)$"
_STREET_TEXT = "商业街|商业步行街|步行街|美食街|小吃街|老街|风情街|古街|文化街|酒吧街|夜市"
_GREEN_KINDS = ("park", "scenic_area", "education_institution", "hospital", "residential_compound", "religious_place")


def find_derived(
    objects: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    junctions: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    site_kinds: pd.DataFrame,
    compounds: gpd.GeoDataFrame,
    built: BuiltUp,
    *,
    area: BaseGeometry,
) -> Structures:
    """Return the derived places: sections, junctions, bridges, tunnels, crossings, rail lines, gateways, in that order.

    ``built`` is the built-up area of ``area``; ``compounds`` are polygons inside which minor streets are no public
    streets; ``sites`` and ``site_kinds`` are the places that OSM objects make on their own.
    """
    parts = [
        _street_places(objects, streets, sites, site_kinds, compounds, built),
        _junction_places(junctions, built),
        find_structures(objects, streets, area=area),
        _gateways(objects, streets, built, area),
    ]
    places = pd.concat([p.places for p in parts if len(p.places)] or [parts[0].places], ignore_index=True)
    kinds = pd.concat([p.kinds for p in parts if len(p.kinds)] or [parts[0].kinds], ignore_index=True)
    return Structures(gpd.GeoDataFrame(places, geometry="geometry", crs=objects.crs), kinds)


def _street_places(
    objects: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    site_kinds: pd.DataFrame,
    compounds: gpd.GeoDataFrame,
    built: BuiltUp,
) -> Structures:
    lines = streets.geometry.to_numpy()
    middle = shapely.line_interpolate_point(lines, 0.5, normalized=True)
    built_up = built.contains(shapely.get_x(middle), shapely.get_y(middle))
    road = streets["road_class"]
    minor = road.isin(MINOR_CLASSES).to_numpy()
    own = np.zeros(len(streets), dtype=bool)
    own[minor] = share_inside(lines[minor], compounds.geometry.to_numpy()) >= INSIDE
    closed = (own | streets["access"].isin(["private", "no"]).to_numpy()) & minor
    tag = "highway=" + road.astype(object) + np.where(streets["link"].fillna(False).to_numpy(bool), "_link", "")
    where = np.where(built_up, "; inside the built-up area", "; outside the built-up area")
    evidence = pd.Series(tag.to_numpy(dtype=object) + where, index=streets.index)

    motorway = (road == "motorway").to_numpy()
    urban = road.isin(URBAN_CLASSES).to_numpy() & built_up & ~closed
    numbered = streets["ref"].str.contains(r"(?:^|;)\s*[GS]\d+", regex=True).fillna(False).to_numpy(bool)
    rural = (road.isin(["trunk", "primary"]).to_numpy() | numbered) & ~built_up & ~minor
    named = streets["name"].notna().to_numpy()
    walk = (road == "pedestrian").to_numpy() & ~closed
    walk &= ~streets["bridge"].fillna(False).to_numpy(bool) & ~streets["tunnel"].fillna(False).to_numpy(bool)
    walk &= named | (streets["length"] >= LEAST_WALK).to_numpy(bool)
    closed_kinds = site_kinds["kind"].isin(_GREEN_KINDS)
    square = (site_kinds["kind"] == "square") & ~site_kinds["candidate"].astype(bool)
    green = site_kinds.loc[closed_kinds | square, "place_id"]
    garden = sites.geometry.to_numpy()[sites["place_id"].isin(green).to_numpy()]
    garden = garden[shapely.get_dimensions(garden) == 2]
    walk[walk] = share_inside(lines[walk], garden) < 0.5
    shops = walk & streets["name"].str.contains(_STREET_TEXT, regex=True).fillna(False).to_numpy(bool)
    shop_road = minor & ~closed & streets["name"].str.contains(_SHOP_ROAD, regex=True).fillna(False).to_numpy(bool)
    shops |= shop_road
    town, township = _in_towns(objects, middle)
    main = road.isin(TOWN_CLASSES).to_numpy() & built_up

    ways = streets.rename(columns={"street_id": "place_id"})
    kinds = [
        kind_rows(ways[motorway], "expressway", evidence[motorway], "high"),
        kind_rows(ways[urban & ~minor], "urban_road", evidence[urban & ~minor], "high"),
        kind_rows(ways[urban & minor], "urban_road", evidence[urban & minor], "medium"),
        kind_rows(ways[motorway | rural], "main_highway", evidence[motorway | rural], "medium"),
        kind_rows(ways[main & town], "central_town_road", evidence[main & town], "low", candidate=True),
        kind_rows(ways[main & township], "township_main_road", evidence[main & township], "medium"),
        kind_rows(ways[shops], "commercial_street", tag[shops] + "; name: " + streets["name"][shops], "medium"),
        kind_rows(ways[walk & named & ~shops], "commercial_street", "highway=pedestrian, named", "low", candidate=True),
        kind_rows(ways[walk & named], "pedestrian_street", "highway=pedestrian, named", "high"),
        kind_rows(ways[walk & ~named], "pedestrian_street", "highway=pedestrian, unnamed", "low", candidate=True),
    ]
    table = pd.concat([k for k in kinds if len(k)] or kinds[:1], ignore_index=True)
    of_kind = streets["street_id"].isin(table["place_id"])
    places = streets.loc[
        of_kind, ["street_id", "name", "osm_ids", "district", "road_class", "length", "access", "geometry"]
    ]
    places = places.rename(columns={"street_id": "place_id"}).assign(
        source="derived", built_up=built_up[of_kind.to_numpy()]
    )
    places["underground"] = streets.loc[of_kind, "tunnel"]
    order = {p: i for i, p in enumerate(places["place_id"])}
    rank = {k: i for i, k in enumerate(terms.KINDS)}
    table = table.assign(_p=table["place_id"].map(order), _k=table["kind"].map(rank)).sort_values(
        ["_p", "_k"], kind="stable"
    )
    return Structures(places.reset_index(drop=True), table.drop(columns=["_p", "_k"]).reset_index(drop=True))


def _in_towns(objects: gpd.GeoDataFrame, points: Shapes) -> tuple[Mask, Mask]:
    """Return which points belong to a town (镇), and which to a town or township (镇, 乡).

    A point belongs to a town whose outline holds it. Where the town is only a node, it belongs to the town when that
    node is the nearest seat of all settlements and lies within :data:`TOWN_REACH`. A street office (街道) is no town.
    """
    place = np.array([t.get("place", "") for t in objects["tags"]], dtype=object)
    rank = np.array([t.get("place:CN", "") for t in objects["tags"]], dtype=object)
    office = np.array([t.get("name", "").endswith("街道") for t in objects["tags"]], dtype=bool)
    town = (place == "town") & ~office
    township = town | ((place == "village") & np.isin(rank, ["town", "township"]))
    shapes = objects.geometry.to_numpy()
    solid = shapely.get_dimensions(shapes) == 2
    seat = np.isin(place, list(_SEATS)) & (shapely.get_dimensions(shapes) == 0)
    seat |= township & ~solid
    found = []
    at, nearest = shapely.STRtree(shapes[seat]).query_nearest(points, max_distance=TOWN_REACH, all_matches=False)
    for chosen in (town, township):
        inside = np.zeros(len(points), dtype=bool)
        inside[shapely.STRtree(shapes[chosen & solid]).query(points, predicate="within")[0]] = True
        inside[at[chosen[seat][nearest]]] = True
        found.append(inside)
    return found[0], found[1]


def _junction_places(junctions: gpd.GeoDataFrame, built: BuiltUp) -> Structures:
    chosen = junctions[~junctions["road_class"].isin(["service", "pedestrian"])]
    columns = [
        "junction_id",
        "name",
        "osm_ids",
        "district",
        "legs",
        "signals",
        "road_class",
        "second_class",
        "geometry",
    ]
    places = chosen[columns].rename(columns={"junction_id": "place_id"}).assign(source="derived").reset_index(drop=True)
    points = places.geometry
    places["built_up"] = built.contains(points.x, points.y)
    legs = places["legs"].astype(object).astype(str)
    evidence = (
        legs
        + " legs, "
        + places["road_class"].astype(object).fillna("?")
        + " × "
        + places["second_class"].astype(object).fillna("?")
    )
    evidence = evidence + np.where(places["signals"].fillna(False).to_numpy(bool), ", signals", "")
    return Structures(places, kind_rows(places, "road_junction", evidence, "high"))


def _gateways(objects: gpd.GeoDataFrame, streets: gpd.GeoDataFrame, built: BuiltUp, area: BaseGeometry) -> Structures:
    """Return the city's gateways, all of them candidates: whether one is 主要 is not a matter of a map."""
    tags = objects["tags"].to_list()
    shapes = objects.geometry.to_numpy()
    main = streets["road_class"].isin(["motorway", "trunk", "primary"])
    roads = shapely.STRtree(streets.geometry[main].to_numpy())
    toll = [i for i, t in enumerate(tags) if t.get("barrier") == "toll_booth"]
    toll = [toll[i] for i in np.unique(roads.query(shapes[toll], predicate="dwithin", distance=TOLL_REACH)[0])]
    post = [i for i, t in enumerate(tags) if t.get("police") == "checkpoint"]
    big = main & ~streets["link"].fillna(False).astype(bool)
    edge = shapely.difference(shapely.boundary(built.outline()), shapely.buffer(shapely.boundary(area), CELL))
    cut = shapely.intersection(streets.geometry[big].to_numpy(), edge)
    parts, number = shapely.get_parts(cut, return_index=True)
    parts, number = parts[~shapely.is_empty(parts)], number[~shapely.is_empty(parts)]
    crossing = shapely.point_on_surface(parts)
    of = streets["name"][big].to_numpy(dtype=object)[number]
    rows = pd.DataFrame(
        {
            "name": [*(tags[i].get("name") for i in [*toll, *post]), *of],
            "evidence": ["barrier=toll_booth"] * len(toll)
            + ["police=checkpoint"] * len(post)
            + ["main road crosses the edge of the built-up area"] * len(crossing),
            "osm_ids": [*(objects["osm_id"].iloc[i] for i in [*toll, *post]), *[None] * len(crossing)],
        }
    )
    empty = gpd.GeoDataFrame({"place_id": []}, geometry=[], crs=objects.crs)
    if rows.empty:
        return Structures(empty, kind_rows(empty, "city_gateway", "", "low"))
    points = np.array([*(shapely.point_on_surface(shapes[i]) for i in [*toll, *post]), *crossing], dtype=object)
    rows["part"] = cluster_near(points, PLAZA)
    rows["x"], rows["y"] = shapely.get_x(points), shapely.get_y(points)
    kept = rows.groupby("part", sort=True).agg(
        name=("name", "first"),
        evidence=("evidence", "first"),
        x=("x", "mean"),
        y=("y", "mean"),
        osm_ids=("osm_ids", lambda s: ";".join(sorted(s.dropna())) or None),
    )
    ids = tables.content_ids(
        "G", kept["name"].fillna("-"), (kept["x"] / 200).round().astype(int), (kept["y"] / 200).round().astype(int)
    )
    places = gpd.GeoDataFrame(
        {
            "place_id": tables.number_repeats(ids),
            "name": kept["name"].to_numpy(),
            "osm_ids": kept["osm_ids"].to_numpy(),
        },
        geometry=shapely.points(kept["x"].to_numpy(), kept["y"].to_numpy()),
        crs=objects.crs,
    ).assign(source="derived")
    return Structures(places, kind_rows(places, "city_gateway", kept["evidence"].to_numpy(), "low", candidate=True))
