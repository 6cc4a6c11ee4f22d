"""Rows of a camera register as the table ``cameras``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from citycover import terms
from citycover.city.cells import Notes, azimuths, dates, numbers, truths
from citycover.city.codes import AMBIGUOUS, Edition, decode, load_codes, take_apart
from citycover.city.privacy import PERSON, hide_persons, holds_address, holds_secret, mask
from citycover.tables import conform, content_ids, number_repeats

_Cell = Callable[[str], pd.Series]
POLE_REACH = 1.0
"""Rows within this distance (m) share a pole where the register numbers none."""

_RANGES = {
    "azimuth_approved": (0.0, 359.999),
    "hfov": (0.1, 360.0),
    "focal_length": (0.5, 2000.0),
    "vfov": (0.1, 180.0),
    "tilt": (-90.0, 90.0),
    "mount_height": (0.1, 300.0),
    "pixels": (100.0, 100_000.0),
    "reach": (0.5, 20_000.0),
    "retention_days": (0.0, 36_500.0),
    "cost": (0.0, 1e9),
}
_TEXTS = ("name", "address", "sensor", "grading", "place_types", "model", "remarks", "district")
_DATES = ("accepted_on", "in_use_since", "filed_on", "removed_on", "removal_reported_on")
_TRUTHS = ("has_sign", "has_interface", "outside")


def camera_table(
    cells: pd.DataFrame,
    *,
    rows: npt.NDArray[np.int64],
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    xy: npt.NDArray[np.float64],
    crs: CRS,
    register: str,
    edition: Edition,
    defaults: Mapping[str, str],
) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return the declared table of the usable rows of a register, in row order, and what was noticed by count.

    ``cells`` holds text under our names (see ``headers.toml``), ``rows`` their numbers in the file, ``lon`` and ``lat``
    WGS-84 degrees, ``xy`` metres in ``crs``. Columns after the declared ones: ``model``, ``remarks`` and ``point_type``
    where the register has them, and ``flags``: what was noticed in the row, by code.
    """
    cells = cells.reset_index(drop=True)
    notes = Notes(len(cells))

    def cell(name: str) -> pd.Series:
        return cells[name] if name in cells else pd.Series([None] * len(cells), dtype="str")

    out = pd.DataFrame(index=cells.index)
    for name in _TEXTS:
        out[name] = mask(cell(name))
        notes.add("text_masked", holds_secret(cell(name)))
    for name, (low, high) in _RANGES.items():
        out[name] = numbers(cell(name), low, high, notes=notes, name=name)
    for name in _DATES:
        out[name] = dates(cell(name), notes=notes, name=name)
    for name in _TRUTHS:
        out[name] = truths(cell(name), notes=notes, name=name)
    out["register"], out["source_row"] = register, rows
    out["online_rate"] = _share(cell("online_rate"), notes)
    out["count"] = _count(cell("count"), notes)
    _read_codes(out, cell, edition, notes)
    _read_direction(out, cell, notes)
    _read_status(out, cell, edition, notes)
    device = _read_ids(out, cell, lon, lat, register, notes)
    _read_owner(out, cell, device, edition, defaults, notes)
    out["pole_id"] = _poles(cell("pole_id"), xy, lon, lat, register)
    out["flags"] = notes.flags()
    optional = [name for name in ("model", "remarks", "point_type") if out[name].isna().all()]
    out["geometry"] = gpd.points_from_xy(xy[:, 0], xy[:, 1])
    return conform("cameras", out.drop(columns=optional), crs=crs), notes.counts


def _share(texts: pd.Series, notes: Notes) -> pd.Series:
    values = numbers(texts, 0.0, 100.0, notes=notes, name="online_rate")
    percent = texts.astype("str").str.contains(r"[%％]", na=False) | (values > 1)
    return values.where(~percent, values / 100)


def _count(texts: pd.Series, notes: Notes) -> pd.Series:
    values = numbers(texts, 1, 1000, notes=Notes(len(texts)), name="count")
    values = values.where(values == np.floor(values))
    none = numbers(texts, 0, 0, notes=Notes(len(texts)), name="count").eq(0)  # a site without a camera counts as none
    notes.add("count_zero", none)
    notes.add("count_taken_as_one", texts.notna() & values.isna() & ~none)
    return values.where(~none, 0).fillna(1).astype("int64")


def _decoded(texts: pd.Series, table: str, name: str, edition: Edition, notes: Notes) -> pd.Series:
    values, fault = decode(texts, table, edition=edition)
    notes.add(f"{name}_ambiguous", fault == AMBIGUOUS)
    notes.add(f"{name}_unreadable", fault.notna() & (fault != AMBIGUOUS))
    return values


def _read_codes(out: pd.DataFrame, cell: _Cell, edition: Edition, notes: Notes) -> None:
    form = _decoded(cell("camera_type").fillna(cell("ptz_type")), "ptz_type", "camera_type", edition, notes)
    out["camera_type"] = form
    turns = form.eq("ptz").astype("boolean").mask(form.isna())
    out["ptz"] = truths(cell("ptz"), notes=notes, name="ptz").fillna(turns)
    out["indoor"] = _decoded(cell("indoor").fillna(cell("room_type")), "room_type", "indoor", edition, notes).astype(
        "boolean"
    )
    out["networked"] = _decoded(cell("networked"), "networked", "networked", edition, notes).astype("boolean")
    out["point_type"] = _decoded(cell("point_type"), "point_type", "point_type", edition, notes)
    height = _decoded(cell("height_code"), "height_code", "mount_height", edition, notes)
    out["mount_height"] = out["mount_height"].fillna(pd.to_numeric(height).astype("float64"))
    out["pixels"] = out["pixels"].fillna(_pixels(cell("resolution"), edition, notes))
    purpose = cell("purpose").where(~cell("purpose").isin(list(terms.PURPOSES)))
    said = cell("purpose").where(purpose.isna()).astype(object)
    said = said.fillna(_decoded(purpose, "purpose", "purpose", edition, notes))
    for column in ("function_type", "use_type"):
        first = cell(column).str.extract(r"^([^/,;、；]*)")[0]
        said = said.where(said.notna(), _decoded(first, column, "purpose", edition, notes))
    out["purpose"] = said


def _pixels(texts: pd.Series, edition: Edition, notes: Notes) -> pd.Series:
    size = texts.astype("str").str.extract(r"(\d{3,5})\s*[*xX×]\s*(\d{3,5})").astype("float64").max(axis=1)
    rest = texts.where(size.isna())
    plain = rest.astype("str").str.replace(r"像素|及以上|全高清|高清|\s", "", regex=True)
    parts = plain.str.split(r"[/,;、；]", regex=True).explode().astype("str")
    values, _ = decode(parts, "resolution", edition=edition)
    widths = pd.to_numeric(values).groupby(level=0).max().reindex(texts.index).astype("float64")
    notes.add("pixels_unreadable", rest.notna() & widths.isna())
    return size.fillna(widths)


def _read_direction(out: pd.DataFrame, cell: _Cell, notes: Notes) -> None:
    azimuth, source, around = azimuths(cell("azimuth"), codes=False, notes=notes)
    rest = cell("direction_type").where(azimuth.isna())
    second, second_source, second_around = azimuths(rest, codes=True, notes=notes)
    out["azimuth"] = azimuth.fillna(second)
    out["azimuth_source"] = source.fillna(second_source)
    full = (around | second_around) & (out["camera_type"] == "panoramic").fillna(False).to_numpy(dtype=bool)
    out["hfov"] = out["hfov"].mask(full & out["hfov"].isna(), 360.0)


def _read_status(out: pd.DataFrame, cell: _Cell, edition: Edition, notes: Notes) -> None:
    text = cell("status")
    ours = text.where(text.isin(list(terms.STATUSES))).astype(object)
    read = ours.fillna(_decoded(text.where(ours.isna()), "status", "status", edition, notes))
    notes.add("status_assumed", read.isna())
    out["status_assumed"] = read.isna()
    out["status"] = read.fillna("in_use")


def _read_ids(
    out: pd.DataFrame,
    cell: _Cell,
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    register: str,
    notes: Notes,
) -> pd.DataFrame:
    own = cell("camera_id")
    given = cell("device_id").fillna(own.where(own.str.fullmatch(r"\d{20}", na=False)))
    parts = take_apart(given)
    fault = parts["fault"]
    for code in ("malformed", "lost_digits", "no_camera"):
        notes.add(f"device_id_{code}", fault == code)
    out["device_id"] = given.where(~fault.isin(["malformed", "lost_digits"]))
    chosen = own.fillna(given)
    lost = chosen.str.fullmatch(r"\d(?:\.\d+)?[Ee]\+?\d+", na=False)
    secret = holds_address(chosen)
    notes.add("id_lost_digits", lost & (fault != "lost_digits"))
    notes.add("id_masked", secret)
    chosen = chosen.where(~(lost | secret))
    where = [np.char.mod("%.7f", lon), np.char.mod("%.7f", lat)]
    own_key = pd.Series(content_ids("C", *where, out["name"].fillna(""), out["azimuth"].fillna(-1)), dtype="str")
    notes.add("id_missing", chosen.isna())
    prefixed = register + ":" + chosen.fillna(own_key)
    notes.add("id_repeated", prefixed.duplicated() & chosen.notna())
    out["camera_id"] = number_repeats(prefixed)
    return parts


def _read_owner(
    out: pd.DataFrame,
    cell: _Cell,
    device: pd.DataFrame,
    edition: Edition,
    defaults: Mapping[str, str],
    notes: Notes,
) -> None:
    department = _departments(cell("department"), edition)
    manager, _ = hide_persons(cell("manager"))
    department = department.fillna(manager.mask(manager == PERSON))
    out["department"] = department.fillna(defaults["department"]) if "department" in defaults else department
    text = cell("owner_class")
    ours = text.where(text.isin(list(terms.OWNER_CLASSES))).astype(object)
    said = ours.fillna(_decoded(text.where(ours.isna()), "owner_class", "owner_class", edition, notes))
    owner, person = hide_persons(cell("owner"))
    person = person | (said == "person").to_numpy(dtype=bool)
    out["owner"] = owner.mask(person, PERSON)
    notes.add("owner_hidden", person)
    police = department.str.contains("公安|派出所|交警", na=False)
    found = said.where(~person, "person")
    found = found.fillna(_class_of(out["owner"]))
    found = found.mask(found.isna() & police, "police")
    found = found.fillna(_class_of(department))
    found = found.fillna(device["owner_class"].where(device["fault"].isna()).astype(object))
    found = found.where(found.notna() & (found != "unknown"), defaults.get("owner_class", "unknown"))
    notes.add("owner_class_unknown", found == "unknown")
    out["owner_class"] = found


def _class_of(names: pd.Series) -> pd.Series:
    out = pd.Series([None] * len(names), dtype=object)
    for owner_class, words in load_codes()["owner_words"].items():
        hit = names.str.contains("|".join(words), na=False, regex=True)
        out = out.where(out.notna() | ~hit, owner_class)
    return out


def _departments(texts: pd.Series, edition: Edition) -> pd.Series:
    parts = texts.str.split(r"[/,;、；]", regex=True).explode().astype("str")
    names, _ = decode(parts, "department", edition=edition)
    words = parts.str.replace(r"^\d{1,2}\s*[-:.、]?\s*", "", regex=True)
    words = words.where(words != "")
    named = names.fillna(words).dropna()
    joined = named.groupby(level=0).agg("/".join).reindex(texts.index).astype("str")
    hidden, person = hide_persons(joined)
    return hidden.mask(person)


def _poles(
    given: pd.Series,
    xy: npt.NDArray[np.float64],
    lon: npt.NDArray[np.float64],
    lat: npt.NDArray[np.float64],
    register: str,
) -> pd.Series:
    """Return one pole id per row: the given number, else one for all unnumbered rows within reach of each other."""
    named = register + ":" + mask(given)
    free = np.flatnonzero(given.isna().to_numpy())
    if not len(free):
        return named
    spots, spot_of = np.unique(np.round(xy[free], 3), axis=0, return_inverse=True)
    pairs = cKDTree(spots).query_pairs(POLE_REACH, output_type="ndarray")
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(len(spots), len(spots)))
    group = connected_components(graph, directed=False)[1][spot_of.ravel()]
    first = pd.DataFrame({"group": group, "lon": lon[free], "lat": lat[free]}).sort_values(["lon", "lat"])
    first = first.groupby("group").first()
    ids = content_ids("P", np.char.mod("%.6f", first["lon"].to_numpy()), np.char.mod("%.6f", first["lat"].to_numpy()))
    poles = pd.Series(ids, index=first.index, dtype="str").reindex(group)
    return named.mask(given.isna(), pd.Series(poles.to_numpy(), index=given.index[free], dtype="str"))
