"""Reads the facts of a place that a regulation may ask for out of OSM tags; judging them is the law's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.city.measures import parse_number

_WATT = {"GW": 1e3, "MW": 1.0, "kW": 1e-3, "W": 1e-6}
_WATER = frozenset({"water", "drinking_water", "hot_water", "rainwater", "wastewater", "sewage"})
_TEXTS: dict[str, tuple[str, ...]] = {
    "operator": ("operator", "operator:zh"),
    "operator_type": ("operator:type", "ownership"),
    "owner": ("owner",),
    "access": ("access",),
    "fee": ("fee",),
    "heritage_level": ("protection_title", "heritage:level", "heritage"),
    "start_date": ("start_date", "opening_date", "year_of_construction"),
}


def read_facts(tags: Sequence[Mapping[str, str]]) -> pd.DataFrame:
    """Return the facts that tags hold, one row per place, in the order given; unknown stays null.

    ``spaces`` is the capacity of a car park, ``capacity`` seats or persons of anything else; ``output_mw`` and
    ``voltage_kv`` are read with their units; of several voltages the highest counts. ``secret`` is true for what
    carries a military tag.

    >>> plant = {"power": "plant", "plant:output:electricity": "2 GW"}
    >>> facts = read_facts([{"amenity": "parking", "capacity": "120"}, plant])
    >>> facts["spaces"].tolist()[0], facts["output_mw"].tolist()[1]
    (120.0, 2000.0)
    """
    table = pd.DataFrame({name: _first(tags, keys) for name, keys in _TEXTS.items()})
    capacity = parse_number(_first(tags, ("capacity", "capacity:persons", "seats", "capacity:seats")))
    car_park = np.array([t.get("amenity") == "parking" or t.get("building") == "parking" for t in tags], dtype=bool)
    table["spaces"] = capacity.where(car_park)
    table["capacity"] = capacity.where(~car_park)
    table["output_mw"] = _megawatts(_first(tags, ("plant:output:electricity", "generator:output:electricity")))
    table["voltage_kv"] = _kilovolts(_first(tags, ("voltage",)))
    table["platforms"] = parse_number(_first(tags, ("platforms",)))
    table["secret"] = pd.array(["military" in t or t.get("landuse") == "military" for t in tags], dtype="boolean")
    return table


def count_tanks(shapes: npt.NDArray[np.object_], objects: gpd.GeoDataFrame) -> npt.NDArray[np.float64]:
    """Return how many storage tanks are mapped in each polygon, water tanks left out; null where there is none.

    >>> tags = [{"man_made": "storage_tank", "content": "oil"}, {"man_made": "storage_tank", "content": "water"}]
    >>> tanks = gpd.GeoDataFrame({"tags": tags}, geometry=shapely.points([1, 2], [1, 2]))
    >>> count_tanks(np.array([shapely.box(0, 0, 9, 9), shapely.box(5, 5, 9, 9)]), tanks).tolist()
    [1.0, nan]
    """
    tank = [t.get("man_made") == "storage_tank" and t.get("content") not in _WATER for t in objects["tags"]]
    points = shapely.point_on_surface(objects.geometry.to_numpy()[np.asarray(tank, bool)])
    place, _ = shapely.STRtree(points).query(shapes, predicate="intersects")
    count = np.bincount(place, minlength=len(shapes)).astype(float)
    count[count == 0] = np.nan
    return count


def measure_floor_area(
    shapes: npt.NDArray[np.object_], buildings: gpd.GeoDataFrame
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the floor area (m²) in each polygon and its lower bound: footprints times storeys.

    The first is null where no building stands inside or the storeys of one are unknown; the second counts a building of
    unknown storeys with one and is null where no building stands inside. Buildings belong where their inner point lies.

    >>> two = [shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)]
    >>> homes = gpd.GeoDataFrame({"levels": [3.0, None]}, geometry=two)
    >>> sites = np.array([shapely.box(-1, -1, 40, 40), shapely.box(-1, -1, 12, 12)])
    >>> [a.tolist() for a in measure_floor_area(sites, homes)]
    [[nan, 300.0], [400.0, 300.0]]
    """
    full = np.full(len(shapes), np.nan)
    least = np.full(len(shapes), np.nan)
    if not len(shapes) or not len(buildings):
        return full, least
    outlines = buildings.geometry.to_numpy()
    levels = pd.to_numeric(buildings["levels"]).to_numpy(dtype=float)
    place, building = shapely.STRtree(shapely.point_on_surface(outlines)).query(shapes, predicate="intersects")
    ground = shapely.area(outlines)[building]
    floors = pd.DataFrame({"place": place, "full": ground * levels[building]})
    floors["least"] = floors["full"].fillna(pd.Series(ground))
    known = floors.groupby("place").agg(full=("full", lambda s: s.sum(min_count=len(s))), least=("least", "sum"))
    full[known.index.to_numpy()] = known["full"].to_numpy()
    least[known.index.to_numpy()] = known["least"].to_numpy()
    return full, least


def _first(tags: Sequence[Mapping[str, str]], keys: tuple[str, ...]) -> pd.Series:
    return pd.Series([next((t[k] for k in keys if k in t), None) for t in tags], dtype="str")


def _megawatts(text: pd.Series) -> pd.Series:
    found = text.str.extract(r"^\s*(\d+(?:[.,]\d+)?)\s*(GW|MW|kW|W)p?\s*$")
    number = pd.to_numeric(found[0].str.replace(",", ".", regex=False))
    return (number * found[1].map(_WATT).astype("float64")).astype("float64")


def _kilovolts(text: pd.Series) -> pd.Series:
    volts = text.dropna().str.split(";").explode()
    number = pd.to_numeric(volts.str.extract(r"^\s*(\d+)\s*$", expand=False)) / 1000.0
    return number.groupby(level=0).max().reindex(text.index).astype("float64")
