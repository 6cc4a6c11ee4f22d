"""Check a list of proposed cameras against the registers, from files to verdicts: for a night's job or an approval."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from citycover import tables
from citycover.audit.catalogue import load_catalogue
from citycover.audit.duplicates import find_duplicates
from citycover.audit.proposals import as_proposals
from citycover.audit.repeats import find_repeats
from citycover.audit.requirements import load_requirements
from citycover.audit.settled_pairs import pairs_of_decisions, read_not_duplicates, resolve_pairs
from citycover.audit.smallest_list import find_smallest_list
from citycover.audit.targets import lay_targets
from citycover.city.decisions import read_decisions
from citycover.city.merge import merge_registers
from citycover.city.model import City
from citycover.city.read import read_osm
from citycover.city.registers import Reading, read_register
from citycover.errors import StudyError
from citycover.law.criteria import load_criteria
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import choose_overlay, load_rulebook
from citycover.publish.duplicate_report import DuplicateReport
from citycover.publish.wording import text
from citycover.sight.cameras import assign_counting, complete_lenses
from citycover.sight.views import camera_views
from citycover.terms import Lang

Step = Callable[[str], None]
MARKING = "内部资料"
MOST_VIEWS = 1000
"""Proposals whose views are all drawn; ours."""


@dataclass(frozen=True)
class CheckInputs:
    """What a check reads. ``datums`` and ``columns``: one for all files, or one each, the list of proposals first."""

    proposed: Path
    existing: tuple[Path, ...]
    datums: tuple[str, ...]
    columns: tuple[Path, ...] = ()
    osm: tuple[Path, ...] = ()
    area: Path | None = None
    rulebook: str | None = None
    overlay: str = "auto"
    criteria: Path | None = None
    requirements: Path | None = None
    catalogue: Path | None = None
    not_duplicates: Path | None = None
    decisions: Path | None = None
    share: float | None = None
    date: str | None = None


def check_duplicates(inputs: CheckInputs, *, lang: Lang = "zh", progress: Step | None = None) -> DuplicateReport:
    """Read a list of proposals and the registers, and judge each proposal.

    With ``osm`` buildings and walls hide what they hide; without, all is open field, and the report says so. With
    ``osm`` and ``rulebook`` the useful view of a proposal are the targets of the mandates; without, 2 m samples of its
    own view. ``rulebook`` alone gives the articles, and ``overlay`` those of the higher law (``auto``: the national one
    once it is in force). A register that is given as the list and as ``existing`` is held against itself.

    Returns
    -------
    The report; rows of the list that cannot be read are counted (``rejected``) and the others judged.

    Raises
    ------
    InputError
        A file as a whole cannot be used; the message names file, row and column.

    Examples
    --------
    >>> check_duplicates(CheckInputs(Path("list.csv"), (), ("wgs84",)))
    Traceback (most recent call last):
    citycover.errors.StudyError: --existing: needed one register or more, given none
    """
    step = progress or (lambda _name: None)
    if not inputs.existing:
        raise StudyError("--existing: needed one register or more, given none")
    itself = inputs.proposed.resolve() in {file.resolve() for file in inputs.existing}
    others = tuple(file for file in inputs.existing if file.resolve() != inputs.proposed.resolve())
    files = (inputs.proposed, *others)
    missing = [str(file) for file in _files(inputs) if not file.is_file()]
    if missing:
        raise StudyError(f"duplicates: no such file: {', '.join(missing)}")
    datums, columns = _each("--datum", inputs.datums, len(files)), _each("--columns", inputs.columns, len(files))
    date = inputs.date or dt.datetime.now(tz=dt.UTC).date().isoformat()
    rulebook = load_rulebook(inputs.rulebook) if inputs.rulebook else None
    overlay = choose_overlay(inputs.overlay, on=date) if rulebook is not None else None
    criteria = load_criteria(inputs.criteria)
    share = criteria.value("duplicate_share") if inputs.share is None else inputs.share
    catalogue = load_catalogue(inputs.catalogue)
    city: City | None = None
    if inputs.osm:
        step("streets, buildings, places")
        city = read_osm(list(inputs.osm), area=inputs.area)
    step("registers")
    names = _names(files)
    readings: list[Reading] = []
    for file, datum, column, name in zip(files, datums, columns, names, strict=True):
        crs = city.crs if city is not None else readings[0].table.crs if readings else None
        reading = read_register(file, as_="cameras", datum=datum, columns=column, crs=crs, register=name)
        readings.append(reading)
    proposed = readings[0].table if itself else as_proposals(readings[0].table)
    existing = merge_registers([reading.table for reading in readings[1:]]) if others else proposed.iloc[:0]
    pairs = [read_not_duplicates(inputs.not_duplicates)] if inputs.not_duplicates else []
    if inputs.decisions is not None:
        pairs.append(pairs_of_decisions(read_decisions(inputs.decisions).table))
    told = pd.concat(pairs, ignore_index=True) if pairs else pairs_of_decisions(tables.conform("decisions", []))
    ids = pd.concat([proposed["camera_id"], existing["camera_id"]])
    settled, states = resolve_pairs(told, ids, on=date)
    targets, demands = None, None
    if city is not None and rulebook is not None:
        step("targets")
        mandates = find_mandates(city, rulebook, criteria=criteria, lang=lang)
        laid = lay_targets(mandates, city, requirements=load_requirements(inputs.requirements), lang=lang)
        targets, demands = laid[0], laid[1]
    step("duplicates")
    buildings = city.buildings if city is not None else None
    sight: dict[str, Any] = {"demands": demands, "barriers": city.barriers if city is not None else None}
    found = find_duplicates(
        proposed,
        existing,
        targets,
        buildings,
        duplicate_share=share,
        not_duplicates=settled,
        rulebook=rulebook,
        overlay=overlay,
        catalogue=catalogue,
        public_ground=city.public_ground if city is not None else None,
        lang=lang,
        **sight,
    )
    step("smallest list")
    stay = {*settled["camera_a"], *settled["camera_b"]}
    smallest = find_smallest_list(proposed, existing, targets, buildings, share=share, keep=stay, **sight)
    step("views")
    rejects = tables.conform("rejects", pd.concat([reading.rejects for reading in readings], ignore_index=True))
    return DuplicateReport(
        found=found,
        proposed=proposed,
        existing=assign_counting(complete_lenses(existing), buildings) if len(existing) else existing,
        views=_views(found, proposed, existing, city),
        repeats=find_repeats(gpd.GeoDataFrame(pd.concat([existing, proposed], ignore_index=True), crs=proposed.crs)),
        smallest=smallest,
        rejects=rejects,
        rejected=len(readings[0].rejects),
        settled=states,
        city=city,
        name=text("duplicates_name", lang),
        date=date,
        classification=MARKING,
        rulebook_title="；".join(book.title[0 if lang == "zh" else 1] for book in (rulebook, overlay) if book),
        catalogue_origin=catalogue.origin,
        made_up=len(catalogue.made_up()),
        inputs={file.name: _sha256(file) for file in _files(inputs)},
    )


def _views(
    found: gpd.GeoDataFrame, proposed: gpd.GeoDataFrame, existing: gpd.GeoDataFrame, city: City | None
) -> gpd.GeoDataFrame:
    """Return the views of the proposals (of a long list of the duplicates only) and of who stands for them."""
    named = set(found["camera_b"].dropna().str.split(";").explode())
    if len(proposed) > MOST_VIEWS:
        proposed = proposed[(found["standing"] != "none").to_numpy(bool) | proposed["camera_id"].isin(named)]
    shown = pd.concat([proposed, existing[existing["camera_id"].isin(named)]], ignore_index=True)
    shown = shown.assign(status="in_use", same_as=None, outside=False)  # drawn as they would see, built or not
    frame = complete_lenses(gpd.GeoDataFrame(shown, crs=proposed.crs))
    if city is None:
        return camera_views(frame, gpd.GeoDataFrame(geometry=[], crs=proposed.crs))
    return camera_views(frame, city.buildings, barriers=city.barriers)


def _each(flag: str, given: Sequence[Any], files: int) -> list[Any]:
    """Return one value per file: one for all, one for the list and one for all registers, or one each."""
    if not given and flag == "--columns":
        return [None] * files
    if len(given) == 1:
        return [given[0]] * files
    if len(given) == 2:
        return [given[0], *[given[1]] * (files - 1)]
    if len(given) != files:
        raise StudyError(
            f"{flag}: needed one for all, two (list, registers), or one each ({files}: the list first), "
            f"given {len(given)}"
            + ("; choices: wgs84, gcj02, bd09, EPSG:n, a PROJ string" if flag == "--datum" else "")
        )
    return list(given)


def _names(files: Sequence[Path]) -> list[str]:
    """Return a name for each register: its file's, told apart where two are alike."""
    stems = pd.Series([file.name.split(".")[0].replace(":", "_").replace(" ", "_") for file in files], dtype="str")
    return tables.number_repeats(stems)


def _files(inputs: CheckInputs) -> list[Path]:
    extra = (inputs.area, inputs.criteria, inputs.requirements, inputs.catalogue, inputs.not_duplicates)
    return [
        inputs.proposed,
        *inputs.existing,
        *inputs.osm,
        *inputs.columns,
        *(f for f in (*extra, inputs.decisions) if f),
    ]


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
