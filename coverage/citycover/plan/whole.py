"""Make the whole plan of a study: what is wanted, what could be built, what persons fixed, what is chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from citycover.audit.catalogue import Catalogue
from citycover.audit.fitting import measure_fitting
from citycover.audit.requirements import Requirements
from citycover.city.model import City
from citycover.law.criteria import Criteria
from citycover.law.regulation import Rulebook
from citycover.plan.after import cameras_before, site_cameras
from citycover.plan.alternatives import trace_money
from citycover.plan.candidates import propose_sites
from citycover.plan.choice import PRIVATE_PRICE
from citycover.plan.draft import Plan, draft_plan
from citycover.plan.locks import apply_site_decisions, mark_surveys
from citycover.plan.money import Budget
from citycover.plan.positions import SPACING
from citycover.plan.suggestions import suggest_builds
from citycover.plan.wants import find_wants
from citycover.terms import Lang


@dataclass(frozen=True)
class PlanTerms:
    """What a planner sets for a plan; see :class:`citycover.study_file.PlanInput`."""

    budget: Budget
    private_price: float = PRIVATE_PRICE
    most_private: float | None = None
    spacing: float = SPACING
    retention_days: float = 30.0
    count_unconnected: bool = False
    state: str = "draft"
    version: str = "1"
    drafters: tuple[str, ...] = ()
    approver: str = ""
    seed: int = 0
    coordinates: str = "CGCS2000"
    local_grid: tuple[float, ...] = ()
    curve: tuple[float, ...] = ()
    shares: float | Mapping[str, float] | None = None


class Made(NamedTuple):
    """The plan, what became of the decisions on its sites, and the notices with what they suggest to owners."""

    plan: Plan
    used: pd.DataFrame
    notices: pd.DataFrame


def make_plan(
    asked: PlanTerms,
    catalogue: Catalogue,
    *,
    city: City,
    mandates: gpd.GeoDataFrame,
    targets: pd.DataFrame,
    demands: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    gaps: gpd.GeoDataFrame,
    rulebook: Rulebook,
    notices: pd.DataFrame,
    decisions: pd.DataFrame,
    on: str,
    overlay: Rulebook | None = None,
    criteria: Criteria | None = None,
    requirements: Requirements | None = None,
    edition: str = "IEC 62676-4:2014",
    lang: Lang = "zh",
) -> Made:
    """Make the plan of public money for a study's gaps.

    It starts from the cameras that count, approved ones and those being built taken as in use, those known to be
    unconnected left out unless ``count_unconnected``. Decisions on sites are applied before the choice.
    """
    before = cameras_before(cameras, city, count_unconnected=asked.count_unconnected)
    seen = measure_fitting(targets, demands, before, city, requirements=requirements, edition=edition)
    wants = find_wants(demands, targets, seen, mandates=mandates, gaps=gaps, on=on)
    law: dict[str, Any] = {"overlay": overlay, "criteria": criteria, "on": on}
    candidates = propose_sites(
        gaps, city, catalogue, cameras=before, rulebook=rulebook, wants=wants, demands=demands, targets=targets,
        spacing=asked.spacing, retention_days=asked.retention_days, **law,
    )  # fmt: skip
    locks = apply_site_decisions(candidates, decisions, city, on=on, lang=lang)
    plan = draft_plan(
        locks.candidates, gaps, rulebook, budget=asked.budget, wants=wants, demands=demands, targets=targets,
        mandates=mandates, cameras=before, city=city, seen=seen, locked_in=locks.locked_in, locked_out=locks.locked_out,
        private_price=asked.private_price, most_private=asked.most_private, shares=asked.shares,
        requirements=requirements, edition=edition, seed=asked.seed, lang=lang,
        state=asked.state, version=asked.version, drafters=asked.drafters, approver=asked.approver,
        made_up=bool(catalogue.made_up()), coordinates=asked.coordinates, local_grid=asked.local_grid,
        devices={name: device.label for name, device in catalogue.classes.items()}, **law,
    )  # fmt: skip
    told = suggest_builds(
        notices, city=city, catalogue=catalogue, cameras=before, gaps=gaps, mandates=mandates, demands=demands,
        targets=targets, seen=seen, rulebook=rulebook, overlay=overlay, on=on, retention_days=asked.retention_days,
        seed=asked.seed,
    )  # fmt: skip
    if asked.curve:
        plan = replace(plan, money=trace_money(plan, asked.curve, seed=asked.seed))
    return Made(replace(plan, sites=mark_surveys(plan.sites, locks.survey)), locks.used, told)


def add_approved(cameras: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    """Return the cameras with the sites of an approved plan behind them, as approved cameras.

    Sites whose camera a register already holds under the same id, and refused ones, are left out.
    """
    coming = sites[(sites["survey"].ne("refused") & ~sites["site_id"].isin(cameras["camera_id"])).to_numpy(bool)]
    if coming.empty:
        return cameras
    rows = site_cameras(gpd.GeoDataFrame(coming.to_crs(city.crs)), cameras, status="approved")
    return gpd.GeoDataFrame(pd.concat([cameras, rows], ignore_index=True), crs=city.crs)
