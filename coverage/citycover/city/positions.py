"""Where the rows of a register lie: coordinates of any spelling and datum as geometries in WGS-84 degrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from citycover.city.files import RawTable
from citycover.city.headers import Headers, nearest
from citycover.errors import CrsError, InputError
from citycover.geo import CHINA_BOUNDS, Datum, to_wgs84

Floats = npt.NDArray[np.float64]
Objects = npt.NDArray[np.object_]

_MARKS = str.maketrans({"º": "°", "˚": "°", "度": "°", "′": "'", "’": "'", "‘": "'", "´": "'", "分": "'"})
_SECONDS = str.maketrans({"″": '"', "”": '"', "“": '"', "秒": '"'})
_DMS = (
    r"^(?P<sign>[+-]?)(?P<d>\d{1,3}(?:\.\d+)?)(?:°|:|\s)\s*"
    r"(?:(?P<m>\d{1,2}(?:\.\d+)?)(?:'|:|\s|$)\s*)?(?:(?P<s>\d{1,2}(?:\.\d+)?)(?:\"|'')?)?$"
)
_NEEDED = "degrees such as 118.7765 or 118°46′35.4″"


@dataclass(frozen=True)
class Placed:
    """One geometry per row, in WGS-84 degrees; where there is none, the column at fault and why."""

    geometry: Objects
    column: Objects
    reason: Objects


def place_rows(raw: RawTable, headers: Headers, datum: Datum, *, need: str) -> Placed:
    """Return where each row lies.

    ``need`` is ``point`` (one position per row), ``polygon``, or ``any`` kind of geometry.

    Raises
    ------
    InputError
        There are no columns of coordinates, the axes are swapped in the table as a whole, or the coordinates contradict
        the datum.
    CrsError
        The file names another projection than ``datum``.
    """
    columns = headers.columns
    if raw.geometry is not None:
        return _check_kind(_from_file(raw, datum), need, "geometry")
    if "geometry" in columns:
        return _check_kind(_from_wkt(raw.frame[columns["geometry"]], datum), need, columns["geometry"])
    if "lonlat" in columns and "lon" not in columns:
        both = (
            raw.frame[columns["lonlat"]].str.strip("()（）[] ").str.split(r"[,，;；\s]+", n=1, expand=True, regex=True)
        )
        both = both.reindex(columns=[0, 1])
        return _check_kind(_points(raw, both[0], both[1], (columns["lonlat"],) * 2, datum), need, columns["lonlat"])
    first, second = _pair(raw, columns, datum)
    placed = _points(
        raw, raw.frame[columns[first]], raw.frame[columns[second]], (columns[first], columns[second]), datum
    )
    return _check_kind(placed, need, columns[first])


def _pair(raw: RawTable, columns: dict[str, str], datum: Datum) -> tuple[str, str]:
    """Return which columns hold east or longitude, and north or latitude."""
    pairs = [("easting", "northing"), ("lon", "lat"), ("x", "y")]
    if datum.metric:
        pairs = [("easting", "northing"), ("y", "x") if datum.north_first else ("x", "y")]
    for first, second in pairs:
        if first in columns and second in columns:
            return first, second
    needed = "easting and northing, or x and y" if datum.metric else "longitude and latitude (lon, lat), or a geometry"
    near = nearest("easting" if datum.metric else "longitude", raw.frame.columns)
    near += "" if datum.metric else nearest("latitude", raw.frame.columns).replace("nearest", "and")
    raise InputError(
        f"{raw.source}: needed columns for {needed}; given headers: {', '.join(map(str, raw.frame.columns))}{near}. "
        'Other headers can be named by a column map, such as lon = "their header"'
    )


def parse_degrees(texts: pd.Series) -> Floats:
    """Return degrees from text: decimals, or ° ′ ″, with a sign, N, E, S, W, 北纬 or 东经; NaN where it is neither.

    >>> parse_degrees(pd.Series(["118.5", "118°30′00″", "东经118度30分", "30.5S", "118°61′"])).tolist()
    [118.5, 118.5, 118.5, -30.5, nan]
    """
    text = texts.astype("str").str.translate(_MARKS).str.translate(_SECONDS).str.normalize("NFKC").str.upper()
    text = text.str.replace(r"\s+", " ", regex=True).str.strip()
    value = pd.to_numeric(text, errors="coerce").astype("float64")
    rest = text[value.isna() & text.notna()]
    if len(rest):
        negative = rest.str.contains(r"^(?:南纬|西经|S|W)|[SW]$", regex=True)
        bare = rest.str.replace(r"^(?:北纬|南纬|东经|西经|[NESW])[:\s]*|\s*[NESW]$", "", regex=True)
        bare = bare.str.replace(r"^(-?\d{1,3}),(\d{3,})$", r"\1.\2", regex=True)
        parts = bare.str.extract(_DMS)
        minutes = parts["m"].astype("float64").fillna(0.0)
        seconds = parts["s"].astype("float64").fillna(0.0)
        degrees = parts["d"].astype("float64") + minutes / 60.0 + seconds / 3600.0
        degrees = degrees.where((minutes < 60.0) & (seconds < 60.0))
        degrees = degrees.fillna(pd.to_numeric(bare, errors="coerce"))
        sign = np.where(negative | (parts["sign"] == "-"), -1.0, 1.0)
        value = value.fillna(degrees.abs() * sign).where(~np.isinf(value))
    return np.asarray(value, dtype=np.float64)


def _points(raw: RawTable, first: pd.Series, second: pd.Series, names: tuple[str, str], datum: Datum) -> Placed:
    parse = _parse_metres if datum.metric else parse_degrees
    east, north = parse(first), parse(second)
    column, reason = np.full(len(first), None, object), np.full(len(first), None, object)

    def fault(where: npt.NDArray[np.bool_], name: str, why: Any) -> None:
        new = where & (reason == None)  # noqa: E711  (elementwise)
        column[new] = name
        reason[new] = why[new] if isinstance(why, np.ndarray) else why

    needed = "metres" if datum.metric else _NEEDED
    for texts, values, name in ((first, east, names[0]), (second, north, names[1])):
        blank = texts.isna().to_numpy(dtype=bool)
        fault(blank, name, f"needed {needed}, given nothing")
        fault(~blank & ~np.isfinite(values), name, f"needed {needed}, given text that is none")
    fault((east == 0) & (north == 0), names[0], "given 0, 0, which stands for none")
    usable = reason == None  # noqa: E711
    if datum.metric:
        _refuse_metric(raw.source, east[usable], north[usable], datum, names)
        lon, lat = to_wgs84(np.where(usable, east, np.nan), np.where(usable, north, np.nan), datum)
        zone = _off_zone(east, datum)
        fault(zone | ~(np.isfinite(lon) & np.isfinite(lat)), names[0], f"lies outside what {datum.name} can hold")
    else:
        _refuse_swapped(raw.source, east[usable], north[usable], names)
        fault(np.abs(east) > 180, names[0], _out_of_range(east, 180))
        swapped = (np.abs(north) > 90) & (np.abs(east) <= 90) & (np.abs(north) <= 180)
        fault(swapped, names[1], "needed -90…90, given a longitude: the two seem to be swapped in this row")
        fault(np.abs(north) > 90, names[1], _out_of_range(north, 90))
        good = reason == None  # noqa: E711
        lon, lat = to_wgs84(np.where(good, east, np.nan), np.where(good, north, np.nan), datum)
    ok = (reason == None) & np.isfinite(lon) & np.isfinite(lat)  # noqa: E711
    geometry = np.full(len(first), None, object)
    geometry[ok] = shapely.points(lon[ok], lat[ok])
    return Placed(geometry, column, reason)


def _parse_metres(texts: pd.Series) -> Floats:
    text = texts.astype("str").str.normalize("NFKC").str.replace(r"[,\s]|米$|m$", "", regex=True)
    return np.asarray(pd.to_numeric(text, errors="coerce"), dtype=np.float64)


def _out_of_range(values: Floats, limit: float) -> Objects:
    """Return reasons that tell a sentinel and a lost decimal point apart, and never repeat a long number."""
    size = np.abs(values)
    digits = np.floor(np.log10(np.where(size > 0, size, 1.0))).astype(int) + 1
    lost = f"needed -{limit:g}…{limit:g}, given a number of many digits: its decimal point seems to be missing"
    plain = np.array([f"needed -{limit:g}…{limit:g}, given {v:g}" for v in np.where(size < 1e5, values, 0)], object)
    sentinel = np.isin(values, [-999.0, -9999.0, 999.0, 9999.0])
    out = np.where(sentinel, f"given {'a'} number that stands for none", plain)
    return np.where(digits > 5, lost, out)


def _in_box(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = CHINA_BOUNDS
    return np.asarray((lon >= west) & (lon <= east) & (lat >= south) & (lat <= north))


def _refuse_swapped(source: str, lon: Floats, lat: Floats, names: tuple[str, str]) -> None:
    impossible = (np.abs(lat) > 90) & (np.abs(lon) <= 90) & (np.abs(lat) <= 180)
    swapped = impossible | (_in_box(lat, lon) & ~_in_box(lon, lat) & (np.abs(lat) > 70))
    if len(lon) and 2 * int(swapped.sum()) > len(lon):
        raise InputError(
            f"{source}: longitude and latitude are swapped: {names[0]} holds latitudes in {int(swapped.sum())} of "
            f'{len(lon)} rows. Name them the other way round by a column map: lon = "{names[1]}", lat = "{names[0]}"'
        )


def _false_easting(datum: Datum) -> float | None:
    assert datum.crs is not None  # metric datums have one
    operation = datum.crs.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    return next((float(p.value) for p in operation.params if p.name == "False easting"), None)


def _off_zone(east: Floats, datum: Datum) -> npt.NDArray[np.bool_]:
    origin = _false_easting(datum)
    return np.asarray(np.abs(east - origin) > 6e5) if origin is not None else np.zeros(len(east), bool)


def _refuse_metric(source: str, east: Floats, north: Floats, datum: Datum, names: tuple[str, str]) -> None:
    origin = _false_easting(datum)
    if origin is None or not len(east) or 2 * int(_off_zone(east, datum).sum()) <= len(east):
        return
    if 2 * int(_off_zone(north, datum).sum()) <= len(north):
        raise InputError(
            f"{source}: the axes are swapped: {names[0]} was read as east, but {names[1]} holds the eastings that "
            f"{datum.name} needs (its X points {'north' if datum.north_first else 'east'}). Name them by a column map: "
            f'easting = "{names[1]}", northing = "{names[0]}"'
        )
    middle = float(np.median(east))
    zone = int(middle // 1e6)
    if 25 <= zone <= 45 and origin < 1e6:
        raise InputError(
            f"{source}: the eastings begin with the zone number {zone}, which {datum.name} does not have: name the "
            f"3-degree zone with its number, EPSG:{4513 + zone - 25}"
        )
    if 0 < middle < 1e6 < origin:
        raise InputError(
            f"{source}: the eastings lack the zone number that {datum.name} has: name the zone by its central meridian "
            "instead, such as EPSG:4549 for 120° E"
        )
    raise InputError(f"{source}: {names[0]} holds no eastings of {datum.name}: given {middle:,.0f} in the middle row")


def _from_file(raw: RawTable, datum: Datum) -> Placed:
    assert raw.geometry is not None
    given: CRS | None = raw.crs
    if given is not None and given.is_projected and datum.crs is not None and datum.metric:
        same = given.equals(datum.crs, ignore_axis_order=True)
        if not same:
            raise CrsError(f"{raw.source}: the file says {given.name}, the datum given is {datum.name}")
    shapes = np.asarray(shapely.force_2d(raw.geometry.to_numpy()), dtype=object)
    if given is not None and given.is_projected and not datum.metric:
        shapes = shapely.transform(shapes, lambda c: np.column_stack(to_wgs84(c[:, 0], c[:, 1], given.to_wkt())))
    return _shifted(raw.source, shapes, datum)


def _from_wkt(texts: pd.Series, datum: Datum) -> Placed:
    cells = [None if cell is None else str(cell) for cell in texts.astype(object).where(texts.notna(), None)]
    shapes = np.asarray(shapely.force_2d(shapely.from_wkt(cells, on_invalid="ignore")), dtype=object)
    return _shifted("geometry", shapes, datum)


def _shifted(source: str, shapes: Objects, datum: Datum) -> Placed:
    present = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    bounds = shapely.bounds(shapes[present])
    column, reason = np.full(len(shapes), None, object), np.full(len(shapes), None, object)
    column[~present], reason[~present] = "geometry", "needed a geometry, given none"
    if not datum.metric:
        middle = (bounds[:, :2] + bounds[:, 2:]) / 2
        _refuse_swapped(source, middle[:, 0], middle[:, 1], ("x", "y"))
        far = np.zeros(len(shapes), bool)
        far[present] = (np.abs(bounds[:, [0, 2]]) > 180).any(axis=1) | (np.abs(bounds[:, [1, 3]]) > 90).any(axis=1)
        if len(bounds) and far.sum() == present.sum():
            raise CrsError(
                f"{source}: {datum.name} needs degrees, the file holds metres: name their EPSG code as datum"
            )
        column[far], reason[far] = "geometry", "lies outside the range of degrees"
        present &= ~far
    out = np.full(len(shapes), None, object)
    out[present] = shapely.transform(shapes[present], lambda c: np.column_stack(to_wgs84(c[:, 0], c[:, 1], datum)))
    wild = np.zeros(len(shapes), bool)
    wild[present] = ~np.isfinite(shapely.bounds(out[present])).all(axis=1)
    column[wild], reason[wild], out[wild] = "geometry", f"lies outside what {datum.name} can hold", None
    return Placed(out, column, reason)


def _check_kind(placed: Placed, need: str, name: str) -> Placed:
    geometry, column, reason = placed.geometry.copy(), placed.column.copy(), placed.reason.copy()
    kind = shapely.get_type_id(geometry)
    if need == "point":
        single = (kind == 4) & (shapely.get_num_geometries(geometry) == 1)
        geometry[single] = shapely.get_geometry(geometry[single], 0)
        wrong = (kind >= 0) & (kind != 0) & ~single
    elif need == "polygon":
        wrong = (kind >= 0) & ~np.isin(kind, (3, 6))
    else:
        return placed
    geometry[wrong], column[wrong], reason[wrong] = None, name, f"needed a {need}, given another kind of geometry"
    return Placed(geometry, column, reason)
