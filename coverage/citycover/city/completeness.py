"""Tells what OpenStreetMap likely lacks in an area, so that nobody reads an empty map as good news."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
import pandas as pd
import shapely

from citycover import tables, terms
from citycover.city.model import City
from citycover.errors import InputError

FEW = 0.5
"""Found is less than this share of what is expected: likely missing. Ours."""

LEAST_BUILT = 5.0
"""Percent of the town's ground under buildings below which buildings are likely missing: a Chinese town has 15 to 35.
Ours. Where buildings are missing, cameras see through them and every figure of coverage is too good."""

WALKS = ("footway", "path", "steps", "pedestrian", "cycleway", "track", "service", "motorway", "bridleway", "corridor")
"""Classes of ways that are no measure of a town's size."""


def find_missing(city: City, *, population: float | None = None) -> pd.DataFrame:
    """Return what OpenStreetMap holds of the area, what a town of that size has at least, and what is likely missing.

    The size is the length of streets (without paths, service ways and motorways) at 8 km to the km², or the given
    ``population``; the least number of each kind comes from ``expected_kinds.toml`` (ours, after the living circles of
    GB 50180-2018). Then shares: ground under buildings, buildings without height, compounds without a mapped gate,
    streets without a name, places without a name. Candidates of a kind count as found: they are mapped.

    Parameters
    ----------
    city
        The city.
    population
        Inhabitants of the area, where the planner knows them.

    Returns
    -------
    DataFrame
        The table ``completeness`` in the order above: ``matter``, ``found``, ``expected``, ``unit``,
        ``standing`` (``likely_missing``, ``thin``, ``as_expected``).

    Raises
    ------
    InputError
        The population is not above zero.

    Examples
    --------
    >>> find_missing(city)[["matter", "found", "expected"]]  # doctest: +SKIP
    """
    if population is not None and not population > 0:
        raise InputError(f"population: needed a number above zero, given {population}")
    told = _expected()
    measured = ~city.streets["road_class"].isin(WALKS).to_numpy(bool)
    streets = city.streets[measured]
    hectares = float(streets["length"].sum()) / 1000.0 / told["streets_per_km2"] * 100.0
    rows = [_kind(city.place_kinds, rule, hectares, population) for rule in told["expect"]]
    rows += _shares(city, streets, hectares)
    return pd.DataFrame(tables.conform("completeness", pd.DataFrame(rows)))


def summarise_missing(completeness: pd.DataFrame) -> tuple[str, str]:
    """Return one sentence in Chinese and one in English on what is likely missing.

    >>> summarise_missing(tables.conform("completeness", []))[1]
    'completeness of OpenStreetMap: nothing is likely missing by the few things looked at'
    """
    missing = completeness[completeness["standing"] == "likely_missing"]
    if missing.empty:
        return (
            "OpenStreetMap 完整性：所查各项未见明显缺漏",
            "completeness of OpenStreetMap: nothing is likely missing by the few things looked at",
        )
    said = [
        [terms.label_all(terms.KINDS | terms.COMPLETENESS, str(matter), lang) for matter in missing["matter"]]
        for lang in ("zh", "en")
    ]
    return (
        f"OpenStreetMap 很可能缺漏（{len(missing)} 项，按城镇规模推算，见“数据完整性”表）：{'、'.join(said[0])}；"
        "图上没有不等于实地没有",
        f"OpenStreetMap likely lacks {len(missing)} things that a town of this size has: {'; '.join(said[1])}; "
        "not on the map does not mean not there",
    )


def _kind(kinds: pd.DataFrame, rule: dict[str, Any], hectares: float, population: float | None) -> dict[str, Any]:
    found = int(kinds.loc[kinds["kind"].isin(rule["kinds"]), "place_id"].nunique())
    expected = hectares / rule["hectares"] if population is None else population / rule["people"]
    return _row(";".join(rule["kinds"]), found, float(np.floor(expected)), "point", found < FEW * expected)


def _shares(city: City, streets: pd.DataFrame, hectares: float) -> list[dict[str, Any]]:
    """Return the rows that speak of shares; nothing is asked where there is nothing to take a share of."""
    under = float(shapely.area(city.buildings.geometry.to_numpy()).sum()) / 1e4
    compounds = city.place_kinds.loc[city.place_kinds["kind"] == "residential_compound", "place_id"].unique()
    mapped = city.entrances.loc[city.entrances["source"] == "mapped", "place_id"].dropna()
    found = [
        ("ground_built", under, hectares, LEAST_BUILT),
        ("building_heights", float(city.buildings["height"].notna().sum()), float(len(city.buildings)), 50.0),
        ("compound_gates", float(np.isin(compounds, mapped).sum()), float(len(compounds)), 50.0),
        (
            "street_names",
            float(streets.loc[streets["name"].notna(), "length"].sum()),
            float(streets["length"].sum()),
            50.0,
        ),
        ("place_names", float(city.places["name"].notna().sum()), float(len(city.places)), 50.0),
    ]
    return [
        _row(matter, round(100.0 * part / whole, 1), least, "percent", 100.0 * part / whole < FEW * least)
        for matter, part, whole, least in found
        if whole > 0
    ]


def _row(matter: str, found: float, expected: float, unit: str, few: bool) -> dict[str, Any]:
    thin = "thin" if found < expected else "as_expected"
    return {
        "matter": matter,
        "found": float(found),
        "expected": expected,
        "unit": unit,
        "standing": "likely_missing" if few and expected >= 1.0 else thin,
    }


@cache
def _expected() -> dict[str, Any]:
    text = resources.files("citycover.city").joinpath("expected_kinds.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
