"""Lays the targets that mandates demand: a point of ground once, whoever demands it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables
from citycover.audit import _samples
from citycover.audit.laying_areas import Geometries, around_points, lay_open_ground
from citycover.audit.laying_lines import (
    StreetSamples,
    clip,
    lay_ends,
    lay_passages,
    lay_portals,
    lay_segments,
    sample_streets,
)
from citycover.audit.laying_points import lay_entrances, lay_junctions, lay_stores, lay_surrogates
from citycover.audit.laying_rings import lay_frontages, lay_rings
from citycover.audit.requirements import Requirements, load_requirements
from citycover.city.districts import assign_districts
from citycover.city.model import City
from citycover.terms import Label, Lang


class Laid(NamedTuple):
    """Targets, which mandate demands which of them, and what only a visit can answer."""

    targets: pd.DataFrame
    demands: pd.DataFrame
    indoor: pd.DataFrame


_LINE = ("segment",)
_GATES = ("entrance", "surrogate")
_TASKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "site_per_plan": {
        "polygon": ("area", "entrance", "frontage"),
        "point": ("area", "entrance"),
        "line": _LINE,
    },
    "whole_length_per_plan": {"polygon": ("area",), "point": ("area",), "line": _LINE},
    "important_segments": {"polygon": ("area",), "point": ("area",), "line": _LINE},
    "important_segments_and_junctions": {
        "polygon": ("area", "junction"),
        "point": ("junction",),
        "line": ("segment", "junction"),
    },
    "important_junctions": {"polygon": ("junction",), "point": ("junction",), "line": ("junction", "ends")},
    "key_parts": {"polygon": _GATES, "point": _GATES, "line": _LINE},
    "key_parts_or_business_premises": {"polygon": _GATES, "point": _GATES, "line": _LINE},
    "business_premises": {
        "polygon": (*_GATES, "forecourt"),
        "point": (*_GATES, "forecourt"),
        "line": _LINE,
    },
    "production_storage_business_premises": {"polygon": (*_GATES, "store", "ring"), "point": _GATES, "line": _LINE},
    "main_entrances_passages_or_key_parts": {
        "polygon": ("main_entrance", "surrogate", "passage"),
        "point": ("main_entrance", "surrogate"),
        "line": ("ends", "passage_line"),
    },
    "lobby_lift_passages_entrances": {"polygon": _GATES, "point": _GATES, "line": _LINE},
    "entrances_and_perimeter": {"polygon": (*_GATES, "ring"), "point": _GATES, "line": _LINE},
    "public_parts": {"polygon": ("area", *_GATES), "point": ("area", *_GATES), "line": _LINE},
    "public_safety_parts": {"polygon": (*_GATES, "passage"), "point": _GATES, "line": _LINE},
    "vehicle_interior": {},
}
"""What is laid for a part on a place mapped as polygon, point or line (``categories.md``, section A, and E13).

Words: ``surrogate`` stands in where no entrance is known; ``frontage`` where a polygon is only a building's outline;
``store`` are the tanks and warehouses on a site; ``ends`` are the free ends of a line; ``passage_line`` is the line
itself as a passage.
"""

_ABOVE_GROUND = ("area", "frontage", "ring", "passage", "forecourt")
_IN_TUNNEL: Label = (
    "隧道（地下）内部：地面视域不能回答，现场核查",
    "inside of a tunnel or underground: no view from the ground answers it; check on site",
)
_NOWHERE: Label = (
    "地图上无法布设目标点（无位置、在研究范围外或无开敞地面）：现场核查",
    "no target could be laid on the map (no position, outside the study, or no open ground): check on site",
)


def lay_targets(
    mandates: gpd.GeoDataFrame, city: City, *, requirements: Requirements | None = None, lang: Lang = "zh"
) -> Laid:
    """Lay what each mandate demands, by its part and by how its place is mapped.

    Parameters
    ----------
    mandates
        Table ``mandates`` in the city's reference system.
    city
        Streets, junctions, buildings, entrances, public ground and the study's area.
    requirements
        Densities, numbers of cameras and sizes of the samples; null = ours.
    lang
        Language of the checklist's ``what``; nothing else depends on it.

    Returns
    -------
    Laid
        ``targets`` by unit and place on the ground (order: unit, x, y, layer, facing; further column ``cell``: side of
        the cell of an area, m), ``demands`` by target, mandate and component (further columns ``sequence``: number of
        the sample along its feature, ``surrogate``: stands in for an entrance that the map lacks), and ``indoor``, the
        checklist of what no view from outside answers. A mandate of any part but ``vehicle_interior`` has a demand or
        a row of the checklist, so that none vanishes.

    Notes
    -----
    Lines are sampled by street section and areas on a grid fixed to the origin of the reference system, so that
    mandates over the same ground share its targets. Everything is clipped to the study's area. Weights add up, per
    mandate and component, to the length, to the open ground or to the number of points inside the area.

    Examples
    --------
    >>> names = ("streets junctions buildings places place_kinds entrances barriers trees public_ground districts "
    ...     "landscape cameras rejects").split()
    >>> bare = {name: tables.conform(name, [], crs=32650) for name in names}
    >>> town = City(crs=32650, area=shapely.box(0, 0, 999, 999), **bare)
    >>> square = gpd.GeoDataFrame([{"mandate_id": "M", "place_id": "way/1", "kind": "square", "part": "site_per_plan"}],
    ...     geometry=[shapely.box(100, 100, 120, 120)], crs=32650)
    >>> laid = lay_targets(tables.conform("mandates", square), town)
    >>> len(laid.targets), float(laid.demands["weight"].sum())
    (16, 400.0)
    """
    needs = requirements or load_requirements()
    rows = mandates.sort_values("mandate_id", kind="stable").reset_index(drop=True)
    rows, grounds = _grounds(rows, city, needs)
    asks = _asks(rows)
    streets = sample_streets(city, needs.ground.line_step)
    samples = _lay(asks, grounds, streets, city, needs)
    demanded = asks.merge(samples, on=["ground", "task"], sort=False)
    indoor = _checklist(rows, demanded, needs, lang)
    demanded = demanded[~demanded["tunnel"].astype(bool)].reset_index(drop=True)
    return _numbered(demanded, rows, indoor, city, needs)


def count_surrogates(demands: pd.DataFrame) -> int:
    """Return how many entrances stand in for ones that the map lacks, each once, whoever demands it."""
    return int(demands.loc[demands["surrogate"].fillna(False).astype(bool), "target_id"].nunique())


def _grounds(rows: gpd.GeoDataFrame, city: City, needs: Requirements) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Number the distinct grounds of mandates (place and geometry); clip them; tell polygon, line and point apart."""
    geometry = rows.geometry.to_numpy()
    present = ~(shapely.is_missing(geometry) | shapely.is_empty(geometry))
    wkb = pd.Series(shapely.to_wkb(geometry), dtype=object).where(present, None)
    below = city.places.loc[city.places["underground"].fillna(False).astype(bool), "place_id"]
    underground = rows["kind"].isin(needs.ground.underground_kinds) | rows["place_id"].isin(below)
    key = pd.DataFrame({"place_id": rows["place_id"], "wkb": wkb, "underground": underground.astype(bool)})
    number = key.groupby(["place_id", "wkb", "underground"], dropna=False, sort=True).ngroup()
    rows = rows.assign(ground=number)
    first = rows.drop_duplicates("ground").sort_values("ground")
    clipped = geometry[first.index].copy()
    there = present[first.index]
    clipped[there] = clip(clipped[there], city.area)
    clipped[~there] = shapely.Point()
    shape, clipped = _one_shape(clipped)
    grounds = gpd.GeoDataFrame(
        {
            "ground": first["ground"].to_numpy(),
            "place_id": first["place_id"].to_numpy(dtype=object),
            "underground": underground.to_numpy(dtype=bool)[first.index],
            "endless": rows["kind"].isin(needs.ground.endless_kinds).to_numpy(dtype=bool)[first.index],
            "shape": shape,
        },
        geometry=clipped,
        crs=city.crs,
    )
    return rows.assign(shape=shape[number.to_numpy()], underground=underground.to_numpy(dtype=bool)), grounds


def _one_shape(geometries: Geometries) -> tuple[Geometries, Geometries]:
    """Return polygon, line, point or nothing for each geometry, and its parts of that, the highest, dimension."""
    parts, row = shapely.get_parts(geometries, return_index=True)
    nested, inner = shapely.get_parts(parts, return_index=True)
    row = row[inner]
    keep = ~shapely.is_empty(nested)
    nested, row = nested[keep], row[keep]
    dimension = shapely.get_dimensions(nested)
    top = np.full(len(geometries), -1)
    np.maximum.at(top, row, dimension)
    kept = dimension == top[row]
    nested, row = nested[kept], row[kept]
    out = np.full(len(geometries), shapely.Point(), dtype=object)
    for level, build in ((0, shapely.multipoints), (1, shapely.multilinestrings), (2, shapely.multipolygons)):
        of_level = top[row] == level
        if of_level.any():
            rows, place = np.unique(row[of_level], return_inverse=True)
            out[rows] = build(nested[of_level], indices=place)
    single = shapely.get_num_geometries(out) == 1
    out[single] = shapely.get_geometry(out[single], 0)
    return np.array(["", "point", "line", "polygon"], dtype=object)[top + 1], out


def _asks(rows: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return one row per mandate and task; of a site under the ground only its entrances can be seen from above."""
    plan = pd.DataFrame(
        [(part, shape, task) for part, shapes in _TASKS.items() for shape, tasks in shapes.items() for task in tasks],
        columns=["part", "shape", "task"],
    )
    asks = pd.DataFrame(rows[["mandate_id", "ground", "part", "shape", "underground"]]).merge(
        plan, on=["part", "shape"]
    )
    hidden = asks["underground"] & asks["shape"].ne("line") & asks["task"].isin(_ABOVE_GROUND)
    return asks[~hidden].drop(columns="underground").reset_index(drop=True)


def _lay(
    asks: pd.DataFrame, grounds: gpd.GeoDataFrame, streets: StreetSamples, city: City, needs: Requirements
) -> pd.DataFrame:
    """Lay every task on the grounds that ask for it; samples with the task that brought them."""
    rules = needs.ground
    asked = {task: set(group) for task, group in asks.groupby("task")["ground"]}

    def of(*tasks: str) -> gpd.GeoDataFrame:
        wanted = set().union(*(asked.get(task, set()) for task in tasks))
        return grounds[grounds["ground"].isin(wanted)].reset_index(drop=True)

    laid: list[tuple[str, pd.DataFrame]] = []
    segments = lay_segments(of("segment"), streets, "segment", rules)
    laid += [("segment", segments), ("segment", lay_portals(of("segment"), segments, streets, city))]
    below, ending = (lines[~lines["endless"].astype(bool)] for lines in (of("segment"), of("ends")))
    laid.append(("segment", lay_ends(below[below["underground"].astype(bool)], city)))
    laid.append(("ends", lay_ends(ending, city)))
    laid.append(("passage_line", lay_segments(of("passage_line"), streets, "passage", rules)))
    laid.append(("passage", lay_passages(of("passage"), streets)))
    laid.append(("junction", lay_junctions(of("junction"), city, rules)))
    entrances = lay_entrances(of("entrance"), city, rules, main_only=False)
    main = lay_entrances(of("main_entrance"), city, rules, main_only=True)
    laid += [("entrance", entrances), ("main_entrance", main)]
    gates = of("surrogate")
    gateless = gates[~gates["ground"].isin(set(entrances["ground"]) | set(main["ground"]))].reset_index(drop=True)
    surrogates = lay_surrogates(gateless, city, rules)
    laid.append(("surrogate", surrogates))
    laid.append(("store", lay_stores(of("store"), entrances, city, rules)))
    laid.append(("ring", lay_rings(of("ring"), city, rules)))
    area, outlines = _open_ground(of("area"), city, needs)
    bare = outlines & asked.get("frontage", set()) - set(entrances.loc[~entrances["surrogate"].astype(bool), "ground"])
    laid.append(("area", area))
    laid.append(
        ("frontage", lay_frontages(grounds[grounds["ground"].isin(bare)].reset_index(drop=True), city, streets, rules))
    )
    doors = pd.concat([entrances, surrogates], ignore_index=True)
    laid.append(("forecourt", _forecourts(of("forecourt"), doors, city, needs)))
    return pd.concat([samples.assign(task=task) for task, samples in laid], ignore_index=True)


def _open_ground(grounds: gpd.GeoDataFrame, city: City, needs: Requirements) -> tuple[pd.DataFrame, set[int]]:
    """Lay the open ground of grounds; return it with those polygons that are only the outline of a building."""
    if len(grounds) == 0:
        return _samples.empty(), set()
    polygons = grounds.geometry.to_numpy().copy()
    is_point = (grounds["shape"] == "point").to_numpy()
    polygons[is_point] = around_points(grounds[is_point], city, needs.ground)
    polygons = clip(shapely.make_valid(polygons), city.area)
    number = grounds["ground"].to_numpy()
    laid = lay_open_ground(number, grounds["place_id"].to_numpy(dtype=object), polygons, city, needs.ground)
    free = laid.groupby("ground")["weight"].sum().reindex(number).fillna(0.0).to_numpy()
    closed = ~is_point & (free < needs.ground.outline_share * shapely.area(polygons))
    outlines = set(number[closed].tolist())
    return laid[~laid["ground"].isin(outlines)].reset_index(drop=True), outlines


def _forecourts(grounds: gpd.GeoDataFrame, doors: pd.DataFrame, city: City, needs: Requirements) -> pd.DataFrame:
    """Lay the open ground within ``forecourt`` metres of the entrances of premises."""
    doors = doors[doors["ground"].isin(grounds["ground"])]
    if len(doors) == 0:
        return _samples.empty()
    discs = gpd.GeoDataFrame(
        {"ground": doors["ground"].to_numpy()},
        geometry=shapely.buffer(shapely.points(doors["x"], doors["y"]), needs.ground.forecourt, quad_segs=16),
        crs=city.crs,
    ).dissolve("ground")
    place = grounds.set_index("ground")["place_id"].reindex(discs.index).to_numpy(dtype=object)
    polygons = clip(discs.geometry.to_numpy(), city.area)
    return lay_open_ground(discs.index.to_numpy(), place, polygons, city, needs.ground)


def _checklist(rows: gpd.GeoDataFrame, demanded: pd.DataFrame, needs: Requirements, lang: Lang) -> pd.DataFrame:
    """Return the rows of ``indoor``: parts that no view answers, insides of tunnels, and what could not be laid."""
    spoken = 0 if lang == "zh" else 1
    tunnel = set(demanded.loc[demanded["tunnel"].astype(bool), "mandate_id"])
    laid = set(demanded.loc[~demanded["tunnel"].astype(bool), "mandate_id"])
    in_tunnel, is_laid = rows["mandate_id"].isin(tunnel), rows["mandate_id"].isin(laid)
    in_tunnel |= rows["underground"] & rows["shape"].isin(["polygon", "point"])
    what = rows["part"].map({part: words.in_language(lang) for part, words in needs.indoor.items()}).astype(object)
    what = what.where(~in_tunnel, _IN_TUNNEL[spoken])
    lost = ~is_laid & ~in_tunnel & rows["part"].ne("vehicle_interior")
    what = what.where(~lost, _NOWHERE[spoken])
    setting = np.select([lost, in_tunnel], ["not_on_map", "underground"], "inside")
    listed = pd.DataFrame(rows[["mandate_id", "place_id", "name", "part"]]).assign(setting=setting, what=what)
    indoor: pd.DataFrame = tables.conform("indoor", listed[what.notna()])
    return indoor


def _districts(targets: pd.DataFrame, rows: gpd.GeoDataFrame, city: City) -> pd.Series:
    """Return the district of each target: that of its street, else the one it lies in, else that of its mandate.

    A border street lies wholly on the side that holds more of it, as ``districts`` settles it, and its targets with it.
    """
    streets = city.streets.set_index("street_id")["district"]
    found = targets["feature_id"].map(streets).astype(object)
    if len(city.districts):
        open_question = found.isna().to_numpy()
        rest = targets[open_question]
        lone = gpd.GeoDataFrame(geometry=gpd.points_from_xy(rest["x"], rest["y"]), index=rest.index, crs=city.crs)
        found = found.where(~open_question, assign_districts(lone, city.districts)["district"].astype(object))
    own = targets["mandate_id"].map(rows.set_index("mandate_id")["district"]).astype(object)
    return found.where(found.notna(), own)


def _turned(demanded: pd.DataFrame) -> pd.DataFrame:
    """Return the samples facing as their requirement asks; along both directions of a line each counts half of it.

    Traffic is seen from ahead: the sample of a direction faces along it. A one-way street has one direction.
    """
    front = demanded["facing"].where(demanded["seen"] == "front")
    both = demanded["seen"].eq("both") & demanded["heading"].notna()
    demanded = demanded.assign(facing=front.where(~both, demanded["heading"]))
    halved = (both & ~demanded["oneway"].astype(bool)).to_numpy()
    share = np.where(halved, 0.5, 1.0)
    demanded = demanded.assign(size=demanded["size"] * share, weight=demanded["weight"] * share)
    back = demanded[halved].assign(facing=np.mod(demanded.loc[halved, "heading"] + 180.0, 360.0))
    turned: pd.DataFrame = pd.concat([demanded, back], ignore_index=True)
    return turned


def _numbered(
    demanded: pd.DataFrame, rows: gpd.GeoDataFrame, indoor: pd.DataFrame, city: City, needs: Requirements
) -> Laid:
    """Give every distinct sample one number, and turn the samples of mandates into demands on them."""
    pairs = demanded[["part", "component"]].drop_duplicates()
    wanted = [needs.need(part, component) for part, component in pairs.itertuples(index=False)]
    pairs = pairs.assign(
        density_required=[need.density for need in wanted],
        cameras_required=[need.cameras for need in wanted],
        z=[need.height for need in wanted],
        seen=[need.facing for need in wanted],
        facing_within=[need.front for need in wanted],
    )
    demanded = _turned(demanded.merge(pairs, on=["part", "component"], how="left"))
    demanded = demanded.assign(
        at_x=(demanded["x"] * 100).round(),
        at_y=(demanded["y"] * 100).round(),
        seen_from=demanded["facing"].round().mod(360).fillna(-1),
        facing_within=demanded["facing_within"].where(demanded["facing"].notna()),
    )
    demanded["angle"] = demanded["facing_within"].fillna(-1)
    by_place = ["unit", "at_x", "at_y", "layer", "seen_from", "angle"]
    demanded = demanded.sort_values([*by_place, "mandate_id", "component"], kind="stable")
    same = [*by_place, "z"]
    demanded["target_id"] = demanded.groupby(same, sort=False).ngroup()
    targets = demanded.drop_duplicates("target_id").reset_index(drop=True)
    targets["district"] = _districts(targets, rows, city)
    demands = demanded.drop_duplicates(["target_id", "mandate_id", "component"])
    demands = demands.sort_values(["target_id", "mandate_id", "component"])
    return Laid(
        tables.conform("targets", targets[[*tables.TABLES["targets"].column_names(), "cell"]]),
        tables.conform("demands", demands[[*tables.TABLES["demands"].column_names(), "sequence", "surrogate"]]),
        indoor,
    )
