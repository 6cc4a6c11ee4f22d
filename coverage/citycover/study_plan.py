"""The plan's part of a study: its terms from the study file, its sites from an earlier, approved one, its products."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import tables
from citycover.audit.catalogue import Catalogue
from citycover.audit.fitting import measure_fitting
from citycover.audit.gaps import find_gaps
from citycover.audit.requirements import Requirements
from citycover.audit.snapshot import Snapshot
from citycover.city.model import City
from citycover.errors import StudyError
from citycover.plan.after import cameras_after
from citycover.plan.money import Budget, BudgetLine
from citycover.plan.whole import PlanTerms, add_approved, make_plan
from citycover.publish.book import Mark
from citycover.publish.coordinates import LocalGrid, place_points
from citycover.publish.point_table import write_point_table
from citycover.publish.results import Results
from citycover.publish.run_folder import snapshot_of
from citycover.study_file import Study
from citycover.terms import Lang


def plan_terms(study: Study) -> PlanTerms | None:
    """Return what the study file asks of a plan; None where it asks for none.

    Raises
    ------
    StudyError
        A plan without money, or one that is approved without an approver.

    Examples
    --------
    >>> from citycover.study_file import make_study
    >>> plan_terms(make_study({"osm": []})) is None
    True
    """
    asked = study.plan
    if asked is None:
        return None
    lines = [BudgetLine(**dict(line)) for line in asked.lines]
    if asked.budget is not None:
        lines.append(BudgetLine(asked.budget, asked.year or study.date.year + 1))
    if not lines and asked.shares is not None:
        lines.append(BudgetLine(0.0, asked.year or study.date.year + 1))
    if not lines:
        raise StudyError("plan: needed budget = yuan, [[plan.lines]] with yuan and year, or shares, given none")
    if asked.state == "approved" and not asked.approver:
        raise StudyError("plan: needed approver = who approved it, as state is 'approved', given none")
    same: dict[str, Any] = {name: getattr(asked, name) for name in _SAME}
    place_points(np.array([120.0]), np.array([31.0]), asked.coordinates)  # an unknown system is told at once
    grid = asked.local_grid
    shift = (grid.meridian, grid.dx, grid.dy, grid.rotation, grid.scale_ppm) if grid is not None else ()
    return PlanTerms(budget=Budget(tuple(lines)), local_grid=shift, **same)


_SAME = (
    *(
        "private_price",
        "most_private",
        "spacing",
        "retention_days",
        "count_unconnected",
        "state",
        "version",
        "drafters",
        "approver",
    ),
    *("coordinates", "curve", "shares"),
)


def add_plan(results: Results, asked: PlanTerms, *, catalogue: Catalogue, **law: Any) -> Results:
    """Return the results with the plan of their gaps, its sites, and what became of the decisions on sites.

    ``law`` holds what ``make_plan`` takes besides the results' own tables.
    """
    names = ("city", "mandates", "targets", "demands", "cameras", "gaps", "notices")
    made = make_plan(asked, catalogue, **{name: getattr(results, name) for name in names}, **law)
    used = pd.concat([results.decisions, made.used], ignore_index=True)
    return replace(results, plan=made.plan, sites=made.plan.sites, decisions=used, notices=made.notices)


def write_points(results: Results, folder: Path) -> list[Path]:
    """Write the point table of the plan's sites in the coordinates it names; nothing where there is no plan."""
    if results.plan is None:
        return []
    local = results.plan.local_grid
    system = LocalGrid(*local) if local else results.plan.coordinates
    mark = Mark(results.classification, results.name, results.date)
    return write_point_table(
        results.sites, folder, system=system, devices=results.plan.devices, mark=mark, lang=results.lang
    )


def find_planned(results: Results, *, requirements: Requirements, edition: str, lang: Lang) -> Snapshot:
    """Return the study as it would be once the plan's sites are built: cameras, what they see, and the gaps left.

    All else is as today: approved cameras that are no sites do not count yet.
    """
    cameras = cameras_after(results.cameras, results.sites, results.city)
    seen = measure_fitting(
        results.targets, results.demands, cameras, results.city, requirements=requirements, edition=edition
    )
    names = ("mandates", "city")
    gaps = find_gaps(
        results.demands,
        results.targets,
        seen,
        cameras=cameras,
        requirements=requirements,
        lang=lang,
        **{name: getattr(results, name) for name in names},
    )
    return replace(snapshot_of(results), cameras=cameras, seen=seen, gaps=gaps)


def take_approved(study: Study, cameras: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    """Return the cameras with the sites of the earlier run's plan, where that plan was approved: it is frozen.

    Raises
    ------
    StudyError
        The study would plan again under the version that was approved.
    """
    if study.previous is None:
        return cameras
    summary, layers = study.previous / "summary.json", study.previous / "layers.gpkg"
    if not summary.is_file() or not layers.is_file():
        return cameras
    plan = json.loads(summary.read_text(encoding="utf-8")).get("figures", {}).get("plan") or {}
    if plan.get("state") != "approved" or "sites" not in set(gpd.list_layers(layers)["name"]):
        return cameras
    version = str(plan.get("version", ""))
    if study.plan is not None and study.plan.version == version:
        raise StudyError(
            f"plan: version {version} is approved and frozen ({study.previous.name}): needed another version in [plan] "
            "for what is planned beside it, given the same"
        )
    sites = gpd.read_file(layers, layer="sites")
    return add_approved(cameras, gpd.GeoDataFrame(tables.conform("sites", sites, crs=sites.crs)), city)
