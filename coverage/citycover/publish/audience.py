"""Cut a study to one department: its own rows, and what adjoins them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from citycover import tables
from citycover.audit.coverage import find_levels, measure_headline
from citycover.city.model import City
from citycover.errors import InputError
from citycover.publish.figures import gather_figures, is_undecided
from citycover.publish.results import Results

ADJOINS = 100.0
"""Metres within which a camera of another department adjoins a row of this one; ours."""

AROUND = 250.0
"""Metres of streets and buildings around the rows that the map shows; ours."""

_LEFT_OUT = ("camera_repeats", "fleets", "checks", "levels_seen", "apart", "completeness", "public_cells", "rejects")
"""Tables that speak of the whole city: no department's own."""


def list_departments(results: Results) -> list[str]:
    """Return the departments that answer for mandates or use cameras, those with most mandates first."""
    counts = results.mandates["department"].value_counts()
    order = sorted(counts.index, key=lambda name: (-int(counts[name]), str(name)))
    users = sorted(set(results.cameras["department"].dropna()) - set(order))
    return [str(name) for name in [*order, *users]]


def cut_results(results: Results, department: str) -> Results:
    """Return the study cut to a department: its mandates with all that hangs on them, its cameras, what adjoins.

    Cameras of others within :data:`ADJOINS` of its mandates stay, with their views; findings on cameras
    (conflicts, breaches) stay for its own cameras and places only, and no row on a secret place of others stays. The
    figures are gathered anew from the rows that stay.

    Raises
    ------
    InputError
        No row is of that department; the message lists those there are.
    """
    mandates = results.mandates[results.mandates["department"] == department]
    own = results.cameras["department"].eq(department).fillna(False).to_numpy(bool)
    if mandates.empty and not own.any():
        known = "、".join(list_departments(results)) or "-"
        raise InputError(f"needed a department with rows in this study, given {department!r}; there are: {known}")
    ids, places = set(mandates["mandate_id"]), set(mandates["place_id"])
    demands = results.demands[results.demands["mandate_id"].isin(ids)]
    targets = results.targets[results.targets["target_id"].isin(set(demands["target_id"]))]
    near = own | _near(results.cameras, mandates.geometry)
    cameras = results.cameras[near]
    mine = set(results.cameras.loc[own, "camera_id"])
    cut: dict[str, Any] = {
        "mandates": mandates,
        "demands": demands,
        "targets": targets,
        "seen": results.seen[results.seen["target_id"].isin(set(targets["target_id"]))],
        "coverage": results.coverage[results.coverage["mandate_id"].isin(ids)],
        "gaps": results.gaps[results.gaps["mandate_id"].isin(ids)],
        "indoor": results.indoor[results.indoor["mandate_id"].isin(ids)],
        "notices": results.notices[
            (results.notices["department"] == department) & results.notices["place_id"].isin(places)
        ],
        "cameras": cameras,
        "views": results.views[results.views["camera_id"].isin(set(cameras["camera_id"]))],
    }
    for name in ("conflicts", "breaches"):
        rows = getattr(results, name)
        if len(rows):
            hidden = (
                rows["secret"].fillna(False).astype(bool)
                if "secret" in rows.columns
                else pd.Series(False, index=rows.index)
            )
            here = rows["place_id"].isin(places)
            cut[name] = rows[here | (rows["camera_id"].isin(mine) & ~hidden)]
    for name in ("sites", "duplicates"):
        rows = getattr(results, name, None)
        if rows is not None and len(rows):
            cut[name] = rows[(rows["department"] == department).fillna(False).to_numpy(bool)]
    for name in _LEFT_OUT:
        cut[name] = tables.conform(name if name in tables.TABLES else _DECLARED[name], [], crs=results.city.crs)
    if len(results.decisions):
        subjects = ids | places | mine | set(cut["gaps"]["gap_id"])
        cut["decisions"] = results.decisions[results.decisions["id"].isin(subjects)]
    shapes = shapely.union_all([*mandates.geometry.envelope, *results.cameras.geometry[own]])
    told = replace(
        results,
        **{name: _fresh(rows) for name, rows in cut.items()},
        planned=None,
        recipient=department,
        city=_crop(results.city, shapes, places),
        defaults={},
        inputs={},
        figures={},
    )
    return replace(told, figures=gather_figures(told, headline=_headline(told)))


_DECLARED = {"levels_seen": "coverage_levels", "apart": "coverage_apart"}


def _headline(results: Results) -> pd.DataFrame | None:
    settled = results.mandates.loc[~is_undecided(results.mandates), "mandate_id"]
    demands = results.demands[results.demands["mandate_id"].isin(settled)]
    if demands.empty or not find_levels(results.seen):
        return None
    return measure_headline(demands, results.targets, results.seen)


def _near(cameras: gpd.GeoDataFrame, shapes: gpd.GeoSeries) -> Any:
    """Tell of each camera whether it adjoins any of the shapes."""
    found = pd.Series(False, index=range(len(cameras)))
    if len(shapes) and len(cameras):
        found.iloc[cameras.sindex.query(shapes.to_numpy(), predicate="dwithin", distance=ADJOINS)[1]] = True
    return found.to_numpy(bool)


def _crop(city: City, shapes: Any, places: set[str]) -> City:
    """Return the city around the rows, with the department's own places only."""
    around = shapely.box(*shapes.bounds).buffer(AROUND, join_style="mitre").intersection(city.area.buffer(AROUND))
    cut: dict[str, Any] = {}
    for name, frame in city.tables().items():
        if name in ("places", "place_kinds", "entrances", "ban_places"):
            cut[name] = _fresh(frame[frame["place_id"].isin(places)])
        elif isinstance(frame, gpd.GeoDataFrame) and len(frame):
            cut[name] = _fresh(frame[frame.intersects(around)])
    return replace(city, **cut, area=shapely.box(*around.bounds), rejects=tables.conform("rejects", []), counts={})


def _fresh(rows: Any) -> Any:
    return rows.reset_index(drop=True)
