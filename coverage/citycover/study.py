"""One study from its inputs to its outputs."""

from __future__ import annotations

import hashlib
import importlib.resources
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from citycover import tables
from citycover.audit.breaches import count_checks, find_breaches
from citycover.audit.catalogue import load_catalogue
from citycover.audit.conflicts import count_features, count_unaimed, find_conflicts, summarise_conflicts
from citycover.audit.coverage import measure_headline, roll_up
from citycover.audit.fitting import assign_answers, measure_apart, measure_fitting
from citycover.audit.fleets import join_fleets
from citycover.audit.gap_ids import keep_mandate_ids
from citycover.audit.gaps import find_gaps
from citycover.audit.levels import measure_levels, measure_whole_area
from citycover.audit.obstructions import find_obstructions, summarise_obstructions
from citycover.audit.proposals import judge_proposals
from citycover.audit.repeats import find_repeats
from citycover.audit.requirements import Requirements, load_requirements
from citycover.audit.targets import lay_targets
from citycover.city import registers
from citycover.city.completeness import find_missing, summarise_missing
from citycover.city.datum_check import check_datum
from citycover.city.decisions import (
    apply_camera_decisions,
    apply_mandate_decisions,
    apply_place_decisions,
    read_decisions,
)
from citycover.city.finding_decisions import apply_ban_decisions, apply_gap_decisions, list_unread
from citycover.city.fleets import read_fleets
from citycover.city.gather import add_buildings, add_places, gather_cameras, read_buildings, records_of_places
from citycover.city.model import City
from citycover.city.read import read_osm
from citycover.city.registers import read_districts, read_register
from citycover.city.terrain import read_terrain
from citycover.errors import StudyError
from citycover.law.builders import assign_builders
from citycover.law.criteria import Criteria, load_criteria
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import Rulebook, choose_overlay, load_rulebook
from citycover.plan.notices import draft_notices
from citycover.publish.assumptions import list_notes
from citycover.publish.atlas import draw_atlas, draw_wall_map
from citycover.publish.before_after import draw_plan_state
from citycover.publish.comparing import compare_studies
from citycover.publish.compliance import compliance_notes
from citycover.publish.duplicate_report import duplicate_notes
from citycover.publish.gap_map import draw_map
from citycover.publish.layers import write_layers
from citycover.publish.plan_figures import plan_notes
from citycover.publish.public_cells import Rule, measure_public_cells
from citycover.publish.public_map import draw_public_map, write_public_cells
from citycover.publish.report import write_report
from citycover.publish.results import Results
from citycover.publish.site_sheets import draw_site_sheets
from citycover.publish.summary import gather_figures, write_summary
from citycover.publish.workbook import write_workbook
from citycover.sight.cameras import assign_counting, complete_lenses, count_defaults
from citycover.sight.optics import load_edition
from citycover.sight.views import camera_views
from citycover.study_file import CameraInput, Study, files_of
from citycover.study_plan import add_plan, find_planned, plan_terms, take_approved, write_points

Step = Callable[[str], None]
NAME_EN = "Coverage study of public-safety video systems"  # of a study without a name, in English outputs
EDGE = 300.0  # metres around the area of which heights are kept: sight lines may leave it
DEFAULT_DATUM = "wgs84"  # of places and districts only, and said in the notes; registers of cameras have none


@dataclass(frozen=True)
class _Inputs:
    """What a study read before it judged anything."""

    city: City
    cameras: gpd.GeoDataFrame
    proposed: tuple[gpd.GeoDataFrame, ...]
    fleets: tuple[pd.DataFrame, ...]
    records: pd.DataFrame
    decisions: pd.DataFrame
    used: pd.DataFrame
    rejects: pd.DataFrame
    counts: dict[str, int]
    warnings: tuple[tuple[str, str], ...]


def run_study(study: Study, *, progress: Step | None = None) -> Results:
    """Run one study: streets, places, mandates, builders, views, coverage, gaps.

    Parameters
    ----------
    study
        What to read and by which rulebook; see :mod:`citycover.study_file`.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    All that was found, ready to be published by :func:`write_study`.

    Raises
    ------
    InputError
        An input cannot be used; the message names file, row and column.
    """
    step = progress or (lambda _name: None)
    date = study.date.isoformat()
    rulebook, overlay = load_rulebook(study.rulebook), choose_overlay(study.overlay, on=study.date.isoformat())
    criteria, requirements = load_criteria(study.criteria), load_requirements(study.requirements)
    levels = load_edition(study.edition)
    given = _read_inputs(study, step)
    city = given.city

    step("mandates and builders")
    mandates = find_mandates(city, rulebook, criteria=criteria, records=given.records, lang=study.lang)
    mandates, previous_gaps = _keep_mandates(study, mandates)
    mandates = assign_builders(
        mandates, rulebook, records=given.records, overlay=overlay, criteria=criteria, on=date, lang=study.lang
    )
    mandates, used_on_mandates = apply_mandate_decisions(mandates, given.decisions, on=date, lang=study.lang)

    step("targets")
    targets, demands, indoor = lay_targets(mandates, city, requirements=requirements, lang=study.lang)

    step("views and coverage")
    cameras = assign_counting(complete_lenses(take_approved(study, given.cameras, city)), city.buildings)
    views = camera_views(cameras, city.buildings, barriers=city.barriers, terrain=city.terrain, trees=city.trees)
    measured: dict[str, Any] = {"requirements": requirements, "edition": study.edition}
    seen = measure_fitting(targets, demands, cameras, city, **measured)
    settled = mandates.loc[mandates["standing"] != "undecided", "mandate_id"]
    decided = demands[demands["mandate_id"].isin(settled)]
    coverage = roll_up(demands, seen, targets=targets, states=requirements.states, indoor=indoor)

    step("gaps")
    gaps = find_gaps(
        demands,
        targets,
        seen,
        mandates=mandates,
        cameras=cameras,
        city=city,
        previous=previous_gaps,
        requirements=requirements,
        lang=study.lang,
    )
    gaps, used_on_gaps = apply_gap_decisions(gaps, given.decisions, on=date, lang=study.lang)
    step("conflicts")
    law: dict[str, Any] = {"overlay": overlay, "criteria": criteria, "on": date, "lang": study.lang}
    conflicts = find_conflicts(cameras, city, rulebook, views=views, **law)
    planned = None if study.planned is None else read_buildings(study.planned, crs=city.crs)
    obstructions = find_obstructions(cameras, city, planned=planned, views=views, rulebook=rulebook, criteria=criteria)
    ban_features = count_features(city, rulebook, overlay=overlay, on=date)
    step("compliance of the registers")
    asked: dict[str, Any] = {"today": date, "overlay": overlay, "public_ground": city.public_ground, "views": views}
    breaches = find_breaches(cameras, city.places, rulebook, lang=study.lang, **asked)
    step("proposals")
    judged: dict[str, Any] = {"rulebook": rulebook, "overlay": overlay, "catalogue": load_catalogue(study.catalogue)}
    judged |= {"duplicate_share": criteria.value("duplicate_share"), "decisions": given.decisions}
    judged |= {"not_duplicates": study.not_duplicates, "on": date, "lang": study.lang}
    duplicates, used_on_pairs = judge_proposals(given.proposed, cameras, targets, demands, city, **judged)
    used = pd.concat([given.used, used_on_mandates, used_on_gaps, used_on_pairs], ignore_index=True)
    results = Results(
        name=NAME_EN if study.lang == "en" and study.name == Study.model_fields["name"].default else study.name,
        date=date,
        rulebook_id=rulebook.id,
        rulebook_title=rulebook.title[0 if study.lang == "zh" else 1],
        overlay_id=overlay.id if overlay else None,
        overlay_title=overlay.title[0 if study.lang == "zh" else 1] if overlay else "",
        rulebook=rulebook,
        overlay=overlay,
        classification=study.marking,
        recipient=study.recipient,
        lang=study.lang,
        city=city,
        mandates=mandates,
        targets=targets,
        demands=demands,
        seen=seen,
        views=views,
        coverage=coverage,
        gaps=gaps,
        indoor=indoor,
        notices=draft_notices(gaps, mandates, on=date),
        cameras=assign_answers(cameras, requirements=requirements),
        decisions=pd.concat([used, list_unread(given.decisions, used, lang=study.lang)], ignore_index=True),
        rejects=given.rejects,
        levels=levels,
        defaults=count_defaults(cameras),
        inputs={file.name: _sha256(file) for file in files_of(study) if file.is_file()},
        conflicts=conflicts,
        ban_features=ban_features,
        obstructions=obstructions,
        breaches=breaches,
        checks=count_checks(cameras, city.places, rulebook, **asked),
        fleets=join_fleets(given.fleets, rulebook),
        duplicates=duplicates,
        camera_repeats=find_repeats(cameras),
        levels_seen=pd.concat(
            [
                measure_levels(decided, targets, seen, mandates=mandates),
                measure_whole_area(city, cameras, **measured),
            ],
            ignore_index=True,
        ),
        apart=measure_apart(targets, decided, seen, mandates=mandates, cameras=cameras, city=city, **measured),
        completeness=find_missing(city, population=study.population),
        settings=_settings(study, rulebook, overlay, (criteria, requirements)),
    )
    if (terms_of_plan := plan_terms(study)) is not None:
        step("construction plan")
        law |= {"rulebook": rulebook, "decisions": given.decisions, "catalogue": load_catalogue(study.catalogue)}
        results = add_plan(results, terms_of_plan, **law, **measured)
        results = replace(results, planned=find_planned(results, lang=study.lang, **measured))
    headline = measure_headline(decided, targets, seen)
    step("public figures")
    rule = Rule(cell=study.public_cell)
    results = replace(
        results,
        public_cells=measure_public_cells(results, rule=rule, previous=_previous_layer(study, "public_cells")),
        map_review=study.map_review,
    )
    if study.previous is not None:
        step("what changed since the earlier study")
        results = replace(results, gap_changes=compare_studies(study.previous, results, lang=study.lang).changes)
    figures = gather_figures(results, headline=headline)
    notes = list_notes(
        results,
        rulebook=rulebook,
        overlay=overlay,
        criteria=criteria,
        study_counts=given.counts,
    )
    unaimed = count_unaimed(cameras, views)
    found = (
        summarise_conflicts(conflicts, ban_features, "zh", unaimed=unaimed),
        summarise_conflicts(conflicts, ban_features, "en", unaimed=unaimed),
    )
    hindered = (summarise_obstructions(obstructions, "zh"), summarise_obstructions(obstructions, "en"))
    missing = summarise_missing(results.completeness)
    return replace(
        results,
        figures=figures,
        notes=(
            *given.warnings,
            *notes,
            found,
            hindered,
            missing,
            *compliance_notes(results),
            *duplicate_notes(results.duplicates),
            *_notes_of_plan(results),
        ),
    )


def _notes_of_plan(results: Results) -> tuple[tuple[str, str], ...]:
    return plan_notes(results.plan) if results.plan is not None else ()


def write_study(
    results: Results,
    out: str | Path,
    *,
    report_template: str | Path | None = None,
    atlas: bool = False,
    progress: Step | None = None,
) -> list[Path]:
    """Write map, workbook, report, layers and summary into a folder; each file whole or not at all.

    Parameters
    ----------
    results
        What the study found.
    out
        The folder; made where it is absent.
    report_template
        The city's own Word template of the report; ours without one.
    atlas
        Write ``atlas.pdf`` (A3, by district), ``wall_map.pdf`` (A0) and, of a plan, ``sites/site_sheets.pdf`` too.
    progress
        Called with the name of each file as it begins.

    Returns
    -------
    The files written, the map first.

    Raises
    ------
    InputError
        The template is no Word file, or names what is not there.
    OutputError
        A file cannot be written or replaced, or maps on paper find no font with Chinese letters.
    """
    step = progress or (lambda _name: None)
    folder = Path(out)
    written: list[Path] = []
    writers: dict[str, Callable[[Results, Path], Any]] = {
        "gap_map.html": draw_map,
        "workbook.xlsx": write_workbook,
        "report.docx": partial(write_report, template=report_template),
        "layers.gpkg": write_layers,
        "summary.json": write_summary,
    }
    if results.planned is not None:
        writers["before_after.html"] = draw_plan_state
    if atlas:
        writers |= {"atlas.pdf": draw_atlas, "wall_map.pdf": draw_wall_map}
        writers |= {"sites/site_sheets.pdf": draw_site_sheets} if len(results.sites) else {}
    if len(results.public_cells):
        writers |= {"public/public_map.html": draw_public_map, "public/public_cells.csv": write_public_cells}
    for name, write in writers.items():
        step(name)
        write(results, folder / name)
        written.append(folder / name)
    return [*written, *write_points(results, folder / "sites")]


def sample_folder() -> Path:
    """Return the folder of the embedded district: in the installed package, or in a checkout."""
    packaged = Path(str(importlib.resources.files("citycover"))) / "sample"
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[2] / "data" / "sample"


def check_input(
    path: str | Path, *, as_: Any, datum: str | None = None, columns: Any = None, sheet: str | None = None
) -> dict[str, Any]:
    """Return what is wrong with an input: usable rows, the rejects and the remarks row by row, and what was noticed.

    Raises
    ------
    InputError
        The file as a whole cannot be used.
    """
    if as_ == "decisions":
        reading = read_decisions(path, columns=columns, sheet=sheet)
    elif as_ == "fleets":
        reading = read_fleets(path, columns=columns, sheet=sheet)
    else:
        reading = read_register(path, as_=as_, datum=datum, columns=columns, sheet=sheet)
    rows = reading.rejects[["row", "column", "reason"]].astype(object)
    return {
        "file": Path(path).name,
        "rows": len(reading.table),
        "rejects": rows.where(rows.notna(), None).to_dict("records"),
        "remarks": registers.list_remarks(reading).to_dict("records"),
        "counts": dict(reading.counts),
    }


def _read_inputs(study: Study, step: Step) -> _Inputs:
    """Read the city, lay the planner's tables and decisions over it, and gather the cameras."""
    date = study.date.isoformat()
    step("streets, buildings, places")
    districts = [
        read_districts(d.file, datum=d.datum or DEFAULT_DATUM, columns=d.columns, sheet=d.sheet)
        for d in study.districts
    ]
    city = read_osm(
        [entry.file for entry in study.osm],
        area=study.area,
        districts=pd.concat([d.to_crs(4326) for d in districts], ignore_index=True) if districts else None,
    )
    rejects, counts = [city.rejects], dict[str, int]()
    records = [read_register(study.records, as_="records", datum=None).table] if study.records else []
    if study.terrain is not None:
        x0, y0, x1, y1 = city.area.buffer(EDGE).bounds
        city = city.with_tables(terrain=read_terrain(study.terrain, crs=city.crs, bounds=(x0, y0, x1, y1)))
    if study.buildings is not None:
        city = add_buildings(city, read_buildings(study.buildings, crs=city.crs))
    warnings: list[tuple[str, str]] = []
    for entry in study.places:
        reading = read_register(
            entry.file,
            as_="places",
            datum=entry.datum or DEFAULT_DATUM,
            columns=entry.columns,
            sheet=entry.sheet,
            crs=city.crs,
        )
        city, lost = add_places(city, reading.table)
        records.append(records_of_places(reading.table))
        rejects += [reading.rejects, lost]
    step("registers")
    read, lists = [], []
    _refuse_repeats([entry.file for entry in (*study.cameras, *study.proposed)])
    for entry in (*study.cameras, *study.proposed):
        reading = _read_cameras(entry, city)
        rejects.append(reading.rejects)
        finding = check_datum(reading.table, city.streets, datum=entry.datum)
        if finding is not None:
            warnings.append((f"{entry.file.name}：{finding.zh}", f"{entry.file.name}: {finding.en}"))
        if entry in study.proposed:
            lists.append(reading.table)
            continue
        read.append(reading.table)
        for what, n in reading.counts.items():
            counts[what] = counts.get(what, 0) + n
    warnings += [
        (f"{entry.file.name}：未写明坐标系，按 WGS-84 读入", f"{entry.file.name}: no datum was named; read as WGS-84")
        for entry in (*study.places, *study.districts)
        if entry.datum is None
    ]
    fleets = [read_fleets(entry.file, columns=entry.columns, sheet=entry.sheet) for entry in study.fleets]
    rejects += [reading.rejects for reading in fleets]
    decisions = tables.conform("decisions", [])
    if study.decisions is not None:
        reading = read_decisions(study.decisions)
        decisions = reading.table
        rejects.append(reading.rejects)
    city, used_on_places = apply_place_decisions(city, decisions, on=date, lang=study.lang)
    city, used_on_bans = apply_ban_decisions(city, decisions, on=date, lang=study.lang)
    cameras, used_on_cameras = apply_camera_decisions(gather_cameras(city, read), decisions, on=date, lang=study.lang)
    recorded = pd.concat(records, ignore_index=True) if records else tables.conform("records", [])
    return _Inputs(
        city=city,
        cameras=cameras,
        proposed=tuple(lists),
        fleets=tuple(reading.table for reading in fleets),
        records=recorded.drop_duplicates(["place_id", "fact"], keep="first"),
        decisions=decisions,
        used=pd.concat([used_on_places, used_on_bans, used_on_cameras], ignore_index=True),
        rejects=tables.conform("rejects", pd.concat(rejects, ignore_index=True)),
        counts=counts,
        warnings=tuple(warnings),
    )


def _read_cameras(entry: CameraInput, city: City) -> registers.Reading:
    defaults = {"department": entry.department, "owner_class": entry.owner_class}
    return read_register(
        entry.file,
        as_="cameras",
        datum=entry.datum,
        columns=entry.columns,
        sheet=entry.sheet,
        crs=city.crs,
        defaults={key: value for key, value in defaults.items() if value},
        edition=entry.edition,
        register=entry.name,
    )


def _settings(
    study: Study, rulebook: Rulebook, overlay: Rulebook | None, asked: tuple[Criteria, Requirements]
) -> dict[str, str]:
    """Return what was asked for, as two studies can be compared: names, and marks of the content of what is read."""
    marks = (hashlib.blake2b(repr(part).encode(), digest_size=8).hexdigest() for part in (rulebook, *asked))
    rules, criteria, requirements = marks
    return {
        "rulebook": rulebook.id,
        "rules": rules,
        "overlay": overlay.id if overlay else "",
        "edition": study.edition,
        "criteria": criteria,
        "requirements": requirements,
        "records": _sha256(study.records) if study.records else "",
        "area": _sha256(study.area) if study.area else "",
    }


def _refuse_repeats(files: list[Path]) -> None:
    """Refuse the same register given twice: each of its cameras would count twice."""
    first: dict[str, Path] = {}
    for file in files:
        known = first.setdefault(_sha256(file), file)
        if known is not file:
            raise StudyError(f"cameras: needed each register once, given the same content twice: {known}, {file}")


def _previous_layer(study: Study, layer: str) -> gpd.GeoDataFrame | None:
    """Return a layer of the earlier run that the study names; None without one, or where it left no such layer."""
    if study.previous is None:
        return None
    file = study.previous / "layers.gpkg"
    if not file.is_file():
        raise StudyError(f"previous: needed the folder of an earlier run, given {study.previous} without layers.gpkg")
    found: gpd.GeoDataFrame | None = gpd.read_file(file, layer=layer) if layer in _layers_of(file) else None
    return found


def _keep_mandates(study: Study, mandates: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame | None]:
    """Return the mandates with the ids of the earlier run, and its gaps with their rulebook."""
    if study.previous is None:
        return mandates, None
    earlier, gaps = (_none_as_empty(_previous_layer(study, name), name, mandates.crs) for name in ("mandates", "gaps"))
    rulebooks = earlier.drop_duplicates("mandate_id").set_index("mandate_id")["rulebook"]
    return keep_mandate_ids(mandates, earlier), gaps.assign(rulebook=gaps["mandate_id"].map(rulebooks))


def _none_as_empty(layer: gpd.GeoDataFrame | None, name: str, crs: CRS) -> gpd.GeoDataFrame:
    return tables.conform(name, [], crs=crs) if layer is None else tables.conform(name, layer).to_crs(crs)


def _layers_of(file: Path) -> set[str]:
    return set(gpd.list_layers(file)["name"])


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
