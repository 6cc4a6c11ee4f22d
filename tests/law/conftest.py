"""A town of boxes: each place is told by its facts alone, so that a test changes one of them at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import cache, partial
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from pyproj import CRS
from shapely.geometry import box

from citycover import tables
from citycover.city.model import City
from citycover.law.builders import assign_builders
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import load_rulebook

METRIC = CRS.from_epsg(32650)


@cache
def empty_tables() -> dict[str, Any]:
    return {f.name: tables.conform(f.name, [], crs=METRIC) for f in fields(City) if f.name in tables.TABLES}


def build_city(*places: dict[str, Any]) -> City:
    """Each place has a ``kind`` (or several, ``kinds``), and any column of ``places`` or ``place_kinds``."""
    of_place = set(tables.TABLES["places"].column_names())
    rows, kinds = [], []
    for number, given in enumerate(places, start=1):
        facts = dict(given)
        place_id = facts.pop("place_id", f"way/{number}")
        for kind in facts.pop("kinds", None) or [facts.pop("kind")]:
            evidence = {k: facts.get(k, d) for k, d in (("evidence", "made"), ("confidence", "high"))}
            kinds.append({"place_id": place_id, "kind": kind, "candidate": facts.get("candidate", False), **evidence})
        row = {"place_id": place_id, "source": "osm", "geometry": box(number * 100, 0, number * 100 + 50, 50)}
        rows.append(row | {k: v for k, v in facts.items() if k in of_place})
    empty = empty_tables()
    frame = gpd.GeoDataFrame(rows, geometry="geometry", crs=METRIC) if rows else empty["places"]
    full = empty | {"places": tables.conform("places", frame), "place_kinds": tables.conform("place_kinds", kinds)}
    return City(crs=METRIC, area=box(0, 0, 1000, 1000), **full)


@pytest.fixture(scope="session")
def make_city() -> Callable[..., City]:
    return build_city


@pytest.fixture(scope="session")
def wuxi():
    return load_rulebook("wuxi_2019")


@pytest.fixture(scope="session")
def national():
    return load_rulebook("national_2025")


@pytest.fixture
def build_under() -> Callable[..., pd.Series]:
    """One place under a rulebook, with its records → the row of its only mandate, with the builder columns.

    ``recorded`` maps facts to values; ``overlay`` and ``criteria`` are passed on.
    """

    def one(
        book, *, recorded: dict[str, str] | None = None, overlay=None, criteria=None, on=None, **facts: Any
    ) -> pd.Series:
        rulebook = load_rulebook(book) if isinstance(book, str) else book
        city = build_city({"place_id": "way/1", **facts})
        records = tables.conform(
            "records", [{"place_id": "way/1", "fact": f, "value": v} for f, v in (recorded or {}).items()]
        )
        mandates = find_mandates(city, rulebook, criteria=criteria)
        out = assign_builders(mandates, rulebook, records=records, overlay=overlay, criteria=criteria, on=on)
        assert len(out) == 1
        return out.iloc[0]

    return one


@pytest.fixture
def build(wuxi, build_under) -> Callable[..., pd.Series]:
    """``build_under`` for Wuxi."""
    return partial(build_under, wuxi)
