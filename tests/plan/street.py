"""A drawn street whose plan can be checked with a pencil, and the steps from its cameras to a plan.

The street runs 120 m east, 7 m wide, without a name for its junctions; the government must cover its whole length at
25 px/m. Samples lie at 2.5, 7.5 … m and stand for 5 m each.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd
from shapely.geometry import LineString, Point, box

from audit.town import make_cameras, make_mandates, make_town
from citycover import tables
from citycover.audit.catalogue import load_catalogue
from citycover.audit.fitting import measure_fitting
from citycover.audit.gaps import find_gaps
from citycover.audit.targets import lay_targets
from citycover.city.model import City
from citycover.law.rulebook import load_rulebook
from citycover.plan.after import cameras_before
from citycover.plan.candidates import propose_sites
from citycover.plan.wants import find_wants

LINE = LineString([(0, 0), (120, 0)])
STREET: dict[str, Any] = {
    "street_id": "s",
    "name": "中山路",
    "width": 7.0,
    "width_source": "tag",
    "road_class": "secondary",
    "geometry": LINE,
}
MANDATE: dict[str, Any] = {
    "part": "whole_length_per_plan",
    "place_id": "s",
    "builder": "government",
    "geometry": LINE,
    "name": "中山路",
}


class Asked(NamedTuple):
    """All that a plan is drafted from."""

    city: City
    mandates: gpd.GeoDataFrame
    targets: pd.DataFrame
    demands: pd.DataFrame
    cameras: gpd.GeoDataFrame
    seen: pd.DataFrame
    gaps: gpd.GeoDataFrame
    wants: pd.DataFrame
    candidates: gpd.GeoDataFrame

    @property
    def given(self) -> dict[str, Any]:
        """The arguments of ``draft_plan`` behind candidates, gaps and rulebook."""
        names = ("wants", "demands", "targets", "mandates", "cameras", "city", "seen")
        return {name: getattr(self, name) for name in names}


def camera(x: float, y: float = 5.0, azimuth: float | None = 90.0, **more: Any) -> dict[str, Any]:
    """Return a 1080p camera of 60°, 4 m high, beside the street."""
    pose = {"azimuth": azimuth, "hfov": 60.0, "pixels": 1920, "reach": 60.0, "mount_height": 4.0}
    return {"geometry": Point(x, y), "owner_class": "government", "pole_id": f"p{x}", **pose, **more}


def ask(*cameras: dict[str, Any], city: City | None = None, spacing: float = 20.0, **more: Any) -> Asked:
    """Return what a plan of the drawn street is made from."""
    city = city or make_town(area=box(-50, -50, 170, 50), streets=[STREET])
    mandates = make_mandates(MANDATE)
    laid = lay_targets(mandates, city)
    fleet = make_cameras(*cameras) if cameras else tables.conform("cameras", [], crs=city.crs)
    before = cameras_before(fleet, city)
    seen = measure_fitting(laid.targets, laid.demands, before, city)
    gaps = find_gaps(laid.demands, laid.targets, seen, mandates=mandates, cameras=before, city=city)
    wants = find_wants(laid.demands, laid.targets, seen, mandates=mandates, gaps=gaps)
    candidates = propose_sites(
        gaps, city, load_catalogue(), cameras=before, rulebook=rulebook(), wants=wants, demands=laid.demands,
        targets=laid.targets, spacing=spacing, **more,
    )  # fmt: skip
    return Asked(city, mandates, laid.targets, laid.demands, before, seen, gaps, wants, candidates)


@cache
def rulebook() -> Any:
    """Return Wuxi's."""
    return load_rulebook("wuxi_2019")
