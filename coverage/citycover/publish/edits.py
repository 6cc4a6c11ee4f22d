"""Bring edits made in QGIS or in the workbook's yellow columns back as decisions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from citycover import tables, terms
from citycover.city.files import RawTable, read_table
from citycover.errors import InputError, SheetError
from citycover.publish.files import replacing
from citycover.publish.wording import header, text
from citycover.terms import Label

MOVED = 0.01
"""A shape whose vertices moved by less than this (m) was not moved: rounding of files."""


@dataclass(frozen=True)
class Editable:
    """What of a layer, and of the sheet of the same rows, a person may settle by editing it."""

    subject: str
    key: str
    columns: tuple[str, ...]
    movable: bool = False
    sheet: str | None = None
    file: str = "layers.gpkg"


EDITABLE: dict[str, Editable] = {
    "places": Editable("place", "place_id", ("name", "department"), movable=True),
    "entrances": Editable("entrance", "entrance_id", ("name",), movable=True),
    "cameras": Editable(
        "camera",
        "camera_id",
        (
            *("status", "owner_class", "camera_type", "azimuth", "hfov", "vfov", "tilt", "mount_height", "pixels"),
            *("reach", "purpose", "indoor", "networked", "retention_days"),
        ),
        movable=True,
        sheet="sheet_cameras",
    ),
    "gaps": Editable("gap", "gap_id", ("priority", "accepted_until", "postponed_until", "note"), sheet="sheet_gaps"),
    "sites": Editable(
        "site", "site_id", ("survey", "azimuth", "locked", "moved_to"), movable=True, sheet="sheet_sites"
    ),
    "survey": Editable("site", "site_id", ("survey", "azimuth"), movable=True, file="sites/survey.gpkg"),
    "mandates": Editable("mandate", "mandate_id", ("builder", "standing"), sheet="sheet_mandates"),
}
"""By layer; ``moved_to`` (degrees that a visit wrote down) stands in a sheet only. The yellow columns of a sheet are
these; a dropped row of a layer (not of a sheet) is a decision too."""

REASONS = ("why", "document")
"""Empty yellow columns at the end of each sheet that can be edited: the reason of the row's edits, and its paper."""

_WORDS: dict[str, Mapping[str, Label]] = {
    "builder": terms.BUILDERS,
    "standing": terms.STANDINGS,
    "status": terms.STATUSES,
    "owner_class": terms.OWNER_CLASSES,
    "purpose": terms.PURPOSES,
    "survey": terms.SURVEYS,
}
MOVED_TO = "moved_to"
_DEGREES = r"^(-?\d+(?:\.\d+)?)°?[\s,，;；]+(-?\d+(?:\.\d+)?)°?$"

LANGS: tuple[terms.Lang, ...] = ("zh", "en")
NEW = "new row "
_WORKBOOKS = (".xlsx", ".xlsm", ".xls")


@dataclass(frozen=True)
class Edits:
    """What was found: rows of the table ``decisions``, and edits that cannot be decisions, one sentence each."""

    decisions: pd.DataFrame
    refused: tuple[str, ...]


def read_edits(folder: str | Path, edited: str | Path, *, by: str, on: str, why: str = "", document: str = "") -> Edits:
    """Compare an edited copy of a study's ``layers.gpkg``, ``workbook.xlsx`` or visit form with its own, row by row.

    Rows are matched by their id. In a layer a changed cell of an editable column, a moved shape and a dropped row are
    decisions, and so is a new row of places (with its kinds in ``place_kinds``) or entrances (``place_id`` names its
    place). In a workbook a changed cell of a yellow column is one; a row that is absent there was filtered or sorted
    away and means nothing. An emptied cell decides that the value is unknown. Editable are the columns of
    :data:`EDITABLE`; any other change is refused and named.

    Parameters
    ----------
    folder
        The study's folder, as ``citycover run`` left it.
    edited
        The edited copy. Layers or sheets that it lacks were not edited.
    by, on
        Who decided, and on which day (ISO 8601).
    why, document
        Reason and paper of the edits that name none themselves.

    Raises
    ------
    InputError
        ``edited`` is the study's own file, or of a kind that a study does not write.
    FileFormatError
        A file cannot be read.

    Examples
    --------
    >>> read_edits("maps/demo", "edited.xlsx", by="张工", on="2026-11-21").decisions  # doctest: +SKIP
    """
    folder, edited = Path(folder), Path(edited)
    sheets = edited.suffix.lower() in _WORKBOOKS
    if not sheets and edited.suffix.lower() != ".gpkg":
        raise InputError(
            f"edits: needed a copy of layers.gpkg, survey.gpkg, workbook.xlsx or point_table.xlsx, given {edited.name}"
        )
    original = folder / ("workbook.xlsx" if sheets else "layers.gpkg")
    if edited.exists() and original.exists() and edited.samefile(original):
        raise InputError(
            f"edits: needed a copy beside the study's own {original.name}, given that file itself; run the study into "
            "another folder and name that folder, then its own state is there to compare with"
        )
    found: list[pd.DataFrame] = []
    refused: list[str] = []
    for name, what in EDITABLE.items():
        pair = _read_pair(original, edited, name, what, sheets=sheets)
        if pair is not None:
            rows, faults = _compare(*pair, name, what, sheet=sheets)
            found.append(rows)
            refused += faults
    if not sheets:
        found.append(_kinds(original, edited))
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=["subject", "id", "field"])
    rows = rows.assign(decided_by=by, decided_on=on)
    for name, default in (("why", why), ("document", document)):
        own = rows[name] if name in rows.columns else pd.Series(None, index=rows.index, dtype="object")
        rows[name] = own.where(own.notna(), default or None)
    return Edits(tables.conform("decisions", rows), tuple(refused))


def add_decisions(decisions: pd.DataFrame, path: str | Path) -> int:
    """Write the decisions behind those that a CSV file already holds; return how many were new.

    The rows that stand there stay as they are, cell by cell; a decision that is there already (same subject, id,
    field, value, shape and day) is not repeated. A text that a spreadsheet would run as a formula gets an apostrophe.

    Raises
    ------
    OutputError
        The file cannot be written or replaced.
    """
    file = Path(path)
    fresh = decisions.astype("str").where(decisions.notna(), "")
    fresh = fresh.assign(**{name: defuse(fresh[name]) for name in fresh.columns})
    old = pd.DataFrame(columns=fresh.columns)
    if file.is_file():
        raw = read_table(file)
        old = raw.frame.fillna("").astype("str")
    old = old.rename(columns={"geometry": "geometry_wkt"}) if "geometry_wkt" not in old.columns else old
    same = ["subject", "id", "field", "value", "geometry_wkt", "decided_on"]
    known = (
        old.reindex(columns=same, fill_value="").agg("\x1f".join, axis=1) if len(old) else pd.Series([], dtype="str")
    )
    new = fresh[~fresh[same].agg("\x1f".join, axis=1).isin(set(known)).to_numpy(bool)] if len(fresh) else fresh
    columns = [*old.columns, *(name for name in fresh.columns if name not in old.columns)]
    rows = pd.concat([old.reindex(columns=columns, fill_value=""), new.reindex(columns=columns, fill_value="")])
    with replacing(file) as target:
        rows.to_csv(target, index=False, encoding="utf-8-sig")
    return len(new)


def defuse(texts: pd.Series) -> pd.Series:
    """Return the texts; one that a spreadsheet would run as a formula gets an apostrophe."""
    formula = texts.str.match(r"[=@\t\r]|[+-](?![\d.]+$)").to_numpy(bool)
    return texts.where(~formula, "'" + texts)


def _read_pair(
    original: Path, edited: Path, name: str, what: Editable, *, sheets: bool
) -> tuple[RawTable, RawTable] | None:
    """Return the study's rows and the edited ones; None where the study or the copy has no such layer or sheet."""
    names: tuple[str, ...] = (name,)
    if not sheets and what.file != original.name:
        original = original.parent / what.file
        if not original.exists():
            return None
    if sheets:
        if what.sheet is None:
            return None
        names = (text(what.sheet, "zh"), text(what.sheet, "en"))
    for spoken in names:
        first = _read(original, spoken)
        second = _read(edited, spoken)
        if second is not None and first is None and not sheets:  # a layer that the study left out as empty
            first = replace(second, frame=second.frame.iloc[:0], rows=second.rows[:0])
            first = first if second.geometry is None else replace(first, geometry=second.geometry.iloc[:0])
        if first is not None and second is not None:
            return _named(first, what, sheets), _named(second, what, sheets)
    return None


def _read(path: Path, sheet: str) -> RawTable | None:
    try:
        return read_table(path, sheet=sheet)
    except SheetError:
        return None


def _named(raw: RawTable, what: Editable, sheets: bool) -> RawTable:
    """Return the rows with the keys of the columns in place of the sheet's headers."""
    if sheets:
        names = {header(column, lang): column for column in (what.key, *what.columns, *REASONS) for lang in LANGS}
        raw = replace(raw, frame=raw.frame.rename(columns=names))
    if what.key not in raw.frame.columns:
        raise InputError(f"{raw.source}: needed the column {what.key}, given {', '.join(map(str, raw.frame.columns))}")
    return raw


def _compare(old: RawTable, new: RawTable, name: str, what: Editable, *, sheet: bool) -> tuple[pd.DataFrame, list[str]]:
    """Return the edits of one layer or sheet as decisions, and those that cannot be."""
    before, after = _by_id(old, what), _by_id(new, what)
    both = after.index.intersection(before.index, sort=False)
    changed: list[pd.DataFrame] = []
    refused: list[str] = []
    skipped = {what.key, "geometry", *REASONS}
    for column in [c for c in after.columns if c in before.columns and c not in skipped]:
        was, now = before.loc[both, column].fillna(""), after.loc[both, column].fillna("")
        if column in what.columns:
            words = _WORDS.get(column, {})
            was, now = _terms(was, words), _terms(now, words)
        differs = (was != now).to_numpy(bool)
        if not differs.any():
            continue
        if column == MOVED_TO:
            rows, faults = _read_degrees(_ids(both[differs]), now[differs], f"{new.source}, {name}")
            changed.append(rows)
            refused += faults
            continue
        if column not in what.columns:
            first = _ids(both)[differs][0]
            refused.append(
                f"{new.source}, {name}: column {column} was changed in {int(differs.sum())} rows, such as {first}; "
                f"needed a change in one of {', '.join(what.columns)}"
            )
            continue
        changed.append(pd.DataFrame({"id": _ids(both[differs]), "field": column, "value": now[differs].to_numpy()}))
    moved, gone, added = [pd.DataFrame(columns=["id", "field", "value"])] * 3
    if not sheet:
        moved = _moved(before, after, both, (old.crs, new.crs)) if what.movable else moved
        missing = before.index.difference(after.index, sort=False)
        gone = pd.DataFrame({"id": _ids(missing), "field": "exists", "value": "no"})
        added, faults = _added(after[~after.index.isin(before.index)], name, what, new)
        refused += faults
    elif not after.index.isin(before.index).all():
        strange = after.index[~after.index.isin(before.index)]
        refused.append(
            f"{new.source}, {name}: {len(strange)} rows have an id that the study lacks, such as {_ids(strange)[0]}"
        )
    rows = pd.concat([*changed, moved, gone, added], ignore_index=True).drop_duplicates(ignore_index=True)
    twice = rows.duplicated(["id", "field"], keep=False).to_numpy(bool) & (rows["field"] != "exists").to_numpy(bool)
    if twice.any():
        refused.append(f"{new.source}, {name}: rows of {rows.loc[twice, 'id'].iloc[0]} give several values")
    rows = rows[~twice].assign(subject=what.subject)
    for reason in REASONS:
        if reason in after.columns:
            said = after[reason].fillna("")
            own = before[reason].reindex(after.index).fillna("") if reason in before.columns else ""
            told = said[(said != "") & (said != own)].groupby(level=0, sort=False).first()
            rows[reason] = rows["id"].map(told)
    return rows, refused


def _by_id(raw: RawTable, what: Editable) -> pd.DataFrame:
    """Return the rows by id and number (a sheet repeats a mandate once per component), text in each cell."""
    frame = raw.frame.astype("object").where(raw.frame.notna(), None)
    if raw.geometry is not None:
        frame = frame.assign(geometry=raw.geometry.to_numpy())
    ids = frame[what.key]
    blank = ids.isna()
    frame = frame.assign(**{what.key: ids.where(~blank, [f"{NEW}{row}" for row in raw.rows])})
    frame = frame.assign(_number=frame.groupby(what.key, sort=False).cumcount())
    return frame.set_index([what.key, "_number"])


def _ids(index: pd.Index) -> npt.NDArray[np.object_]:
    return np.asarray(index.get_level_values(0), dtype=object)


def _terms(texts: pd.Series, words: Mapping[str, Label]) -> pd.Series:
    """Return labels in either language as their keys; other text as it stands."""
    keys = {label: key for key, labels in words.items() for label in labels}
    return texts.map(lambda value: keys.get(str(value), str(value))) if keys else texts.astype("str")


def _moved(
    before: pd.DataFrame, after: pd.DataFrame, both: pd.Index, systems: tuple[CRS | None, CRS | None]
) -> pd.DataFrame:
    crs, other = systems
    was = np.asarray(before.loc[both, "geometry"], dtype=object)
    now = np.asarray(after.loc[both, "geometry"], dtype=object)
    if crs is not None and other is not None and other != crs:
        now = np.asarray(gpd.GeoSeries(now, crs=other).to_crs(crs).array, dtype=object)
    within = MOVED / 100_000.0 if crs is not None and crs.is_geographic else MOVED
    same = shapely.equals_exact(was, now, within) | (shapely.is_missing(was) & shapely.is_missing(now))
    rows = pd.DataFrame({"id": _ids(both[~same]), "field": "geometry", "value": ""})
    return rows.assign(geometry_wkt=_degrees(now[~same], crs))


def _read_degrees(ids: npt.NDArray[np.object_], texts: pd.Series, source: str) -> tuple[pd.DataFrame, list[str]]:
    """Return places typed as degrees, longitude first, as decisions, and a sentence on each that cannot be read."""
    parts = texts.str.strip().str.extract(_DEGREES)
    lon, lat = pd.to_numeric(parts[0]).to_numpy(float), pd.to_numeric(parts[1]).to_numpy(float)
    right = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0)
    faults = [
        f"{source}: {MOVED_TO} of {name}: needed longitude and latitude in degrees, as 118.7801234 32.0412345, "
        f"given {value!r}"
        for name, value in zip(ids[~right], texts[~right], strict=True)
    ]
    rows = pd.DataFrame({"id": ids[right], "field": "geometry", "value": ""})
    return rows.assign(
        geometry_wkt=shapely.to_wkt(shapely.points(lon[right], lat[right]), rounding_precision=7)
    ), faults


def _added(rows: pd.DataFrame, name: str, what: Editable, raw: RawTable) -> tuple[pd.DataFrame, list[str]]:
    """Return new rows of places and entrances as decisions; of other layers they are refused."""
    nothing = pd.DataFrame(columns=["id", "field", "value"])
    if rows.empty:
        return nothing, []
    if name not in ("places", "entrances"):
        return nothing, [f"{raw.source}, {name}: {len(rows)} rows were added; needed them in an input of the study"]
    wkt = _degrees(np.asarray(rows["geometry"], dtype=object), raw.crs)
    fresh = [
        tables.content_ids("decision/", [shape])[0] if str(own).startswith(NEW) else str(own)
        for own, shape in zip(_ids(rows.index), wkt, strict=True)
    ]
    out = pd.DataFrame({"id": fresh, "field": "exists", "value": "yes", "geometry_wkt": wkt})
    if name == "entrances":
        owner = rows["place_id"] if "place_id" in rows.columns else pd.Series(None, index=rows.index, dtype="object")
        known = owner.notna().to_numpy(bool)
        faults = (
            [f"{raw.source}, entrances: {int((~known).sum())} new rows name no place_id"] if not known.all() else []
        )
        return out.assign(id=owner.to_numpy())[known], faults
    parts = [out]
    for column in what.columns:
        told = rows[column].fillna("").to_numpy(object) if column in rows.columns else np.full(len(rows), "", object)
        parts.append(pd.DataFrame({"id": fresh, "field": column, "value": told})[told != ""])
    return pd.concat(parts, ignore_index=True), []


def _kinds(original: Path, edited: Path) -> pd.DataFrame:
    """Return added and dropped rows of ``place_kinds`` as decisions on the places' kinds."""
    old, new = _read(original, "place_kinds"), _read(edited, "place_kinds")
    if old is None or new is None:
        return pd.DataFrame(columns=["id", "field", "value"])
    key = ["place_id", "kind"]
    before, after = pd.MultiIndex.from_frame(old.frame[key]), pd.MultiIndex.from_frame(new.frame[key])
    places = _read(edited, "places")
    alive = set(places.frame["place_id"]) if places is not None else set(before.get_level_values(0))
    plus, minus = after.difference(before, sort=False), before.difference(after, sort=False)
    minus = minus[minus.get_level_values(0).isin(alive)]
    return pd.concat(
        [
            pd.DataFrame({"subject": "place", "id": _ids(pairs), "field": field, "value": pairs.get_level_values(1)})
            for pairs, field in ((plus, "kind+"), (minus, "kind-"))
        ],
        ignore_index=True,
    )


def _degrees(shapes: npt.NDArray[np.object_], crs: CRS | None) -> npt.NDArray[np.object_]:
    """Return shapes as WKT in degrees, seven digits."""
    turned = gpd.GeoSeries(shapes, crs=crs).to_crs(4326) if crs is not None else gpd.GeoSeries(shapes)
    return np.asarray(shapely.to_wkt(turned.to_numpy(), rounding_precision=7), dtype=object)
