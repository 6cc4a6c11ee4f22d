"""One study's results, as everything that is published reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from citycover import tables
from citycover.audit.snapshot import Snapshot
from citycover.city.model import City
from citycover.law.regulation import Rulebook
from citycover.plan.draft import Plan
from citycover.terms import Lang


@dataclass(frozen=True)
class Results:
    """All that a study found: the only thing that publishers read.

    The tables are those of ``citycover.tables``, in the metric reference system of ``city``. ``cameras`` are the
    merged registers with the columns ``counts`` and ``counts_reason`` (``terms.COUNTS``, ``terms.COUNT_REASONS``).
    ``decisions`` are those of persons with what became of each (``state``: used, stale …).
    ``levels`` are the pixel densities (px/m) of ``seen``. ``figures`` come from
    :func:`citycover.publish.summary.gather_figures`; where they are empty, publishers gather them. ``defaults``
    counts the defaults that were used; ``notes`` are sentences ``(zh, en)`` on assumptions and unknowns; ``inputs``
    holds the sha256 of each input file by its name; ``overlay_title`` names the overlay for people. ``conflicts`` were
    looked for among ``ban_features`` mapped features; None where the step did not run. ``breaches`` are suspicions, to
    be verified; ``checks`` says how many cameras each of their clauses could be checked on; ``fleets`` are the vehicles
    and vessels under each item. ``obstructions`` are trees, boards and planned buildings in views. ``completeness``
    says what OpenStreetMap likely lacks, ``levels_seen`` what is seen at every pixel density, ``apart`` what
    private, approved and planned cameras add. ``public_cells`` are the shares that may be shown to the public,
    ``map_review`` the number of the map authority (审图号), empty without one.
    ``rulebook`` and ``overlay`` are the texts themselves; None where only their titles are known.
    ``duplicates`` has a row per proposed camera, ``camera_repeats`` the rows of the registers that tell of one device.
    ``gap_changes`` says what became of earlier gaps; ``settings`` what was asked for (see ``Snapshot``).
    ``plan`` is the construction plan, None where none was asked, ``sites`` its point table, ``planned`` the study as it
    would be once they are built.
    """

    name: str
    date: str
    rulebook_id: str
    rulebook_title: str
    overlay_id: str | None
    classification: str
    recipient: str
    lang: Lang
    city: City
    mandates: gpd.GeoDataFrame
    targets: pd.DataFrame
    demands: pd.DataFrame
    seen: pd.DataFrame
    views: gpd.GeoDataFrame
    coverage: pd.DataFrame
    gaps: gpd.GeoDataFrame
    indoor: pd.DataFrame
    notices: pd.DataFrame
    cameras: gpd.GeoDataFrame
    rejects: pd.DataFrame
    decisions: pd.DataFrame = field(default_factory=pd.DataFrame)
    levels: tuple[float, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
    defaults: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[tuple[str, str], ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)
    overlay_title: str = ""
    conflicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    ban_features: int | None = None
    breaches: pd.DataFrame = field(default_factory=lambda: tables.conform("breaches", []))
    checks: pd.DataFrame = field(default_factory=lambda: tables.conform("checks", []))
    levels_seen: pd.DataFrame = field(default_factory=lambda: tables.conform("coverage_levels", []))
    apart: pd.DataFrame = field(default_factory=lambda: tables.conform("coverage_apart", []))
    completeness: pd.DataFrame = field(default_factory=lambda: tables.conform("completeness", []))
    public_cells: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("public_cells", []))
    map_review: str = ""
    obstructions: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("obstructions", []))
    plan: Plan | None = None
    planned: Snapshot | None = None
    sites: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("sites", []))
    fleets: pd.DataFrame = field(default_factory=lambda: tables.conform("fleets", []))
    rulebook: Rulebook | None = None
    overlay: Rulebook | None = None
    duplicates: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("duplicates", []))
    camera_repeats: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("camera_repeats", []))
    gap_changes: gpd.GeoDataFrame = field(default_factory=lambda: tables.conform("gap_changes", []))
    settings: Mapping[str, str] = field(default_factory=dict)
