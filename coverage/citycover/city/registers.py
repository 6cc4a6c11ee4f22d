"""Registers of cameras, places, districts and records, read from any file into the declared tables."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from citycover import terms
from citycover.city.cameras import camera_table
from citycover.city.codes import Edition
from citycover.city.files import RawTable, read_table
from citycover.city.headers import ColumnMap, Headers, load_columns, recognise, scorer
from citycover.city.planner_tables import district_table, place_table, record_table
from citycover.city.positions import Placed, place_rows
from citycover.errors import CitycoverWarning, InputError
from citycover.geo import metric_crs, parse_datum, to_metric
from citycover.tables import conform

Kind = Literal["cameras", "places", "districts", "records"]
_FAULTS = r"_unreadable$|_out_of_range$|^azimuth_looks|^id_repeated$|^device_id_lost|^count_taken_as_one$|^count_zero$"
_NEED = {"cameras": "point", "places": "any", "districts": "polygon"}


class Reading(NamedTuple):
    """What came of reading a file: the table, the rows that could not be used, and what was noticed, by count.

    ``counts`` always holds ``rows`` (in the file), ``read`` and ``rejected``; further keys are there only where they
    are not zero, such as ``private_columns_dropped``, ``unused_columns``, ``azimuth_unreadable``, ``id_repeated``,
    ``count_taken_as_one``, ``id_missing``, ``device_id_lost_digits``, ``networked_ambiguous`` or ``status_assumed``.
    """

    table: gpd.GeoDataFrame
    rejects: pd.DataFrame
    counts: dict[str, int]


def read_register(
    path: str | Path,
    *,
    as_: Kind,
    datum: str | None,
    columns: ColumnMap = None,
    sheet: str | None = None,
    crs: CRS | None = None,
    defaults: Mapping[str, str] | None = None,
    register: str | None = None,
    edition: Edition = None,
) -> Reading:
    """Read a register of any format (see :func:`citycover.city.files.read_table`).

    Parameters
    ----------
    path
        The file.
    as_
        What its rows are.
    datum
        What its coordinates mean; there is no default (see :func:`citycover.geo.parse_datum`). Records have none.
    columns
        Column map {our name: their header}, or a TOML file with one; it goes before the headers that are recognised.
    sheet
        Sheet of a workbook or layer of a GeoPackage.
    crs
        Metric reference system of the result; without one, the UTM zone of the rows' median position.
    defaults
        ``department`` and ``owner_class`` of cameras for which the register has none.
    register
        Name that prefixes the ids of cameras; without one, the file's name.
    edition
        Edition of the code tables, or a mapping table → edition (see :func:`citycover.city.codes.decode`).

    Raises
    ------
    FileFormatError
        The file cannot be read.
    CrsError
        The datum is not named, unknown, or contradicts the file.
    InputError
        Columns are missing, axes are swapped, or not one row can be used.
    """
    if as_ not in ("cameras", "places", "districts", "records"):
        raise InputError(f"needed a register of cameras, places, districts or records, given {as_!r}")
    wrong = set(defaults or {}) - {"department", "owner_class"}
    if wrong:
        raise InputError(f"defaults: needed department or owner_class, given {', '.join(sorted(wrong))}")
    owner_class = (defaults or {}).get("owner_class", "unknown")
    if owner_class not in terms.OWNER_CLASSES:
        raise InputError(f"defaults: owner_class needs one of {', '.join(terms.OWNER_CLASSES)}, given {owner_class!r}")
    given = parse_datum(datum) if as_ != "records" else None
    wanted = load_columns(columns)
    raw = read_table(path, sheet=sheet, score=scorer(as_, wanted))
    if not len(raw.frame) and not len(raw.broken):
        raise InputError(f"{raw.source}: the table has a header but no rows")
    headers = recognise(list(raw.frame.columns), as_=as_, columns=wanted, source=raw.source)
    cells = raw.frame[list(headers.columns.values())].set_axis(list(headers.columns), axis="columns")
    counts = {"rows": len(raw.frame) + len(raw.broken)}
    if as_ == "records":
        table, faults = record_table(cells, source=raw.source)
        return _finish(table, raw, faults, counts, headers)
    assert given is not None
    by_id = as_ == "places" and "place_id" in cells and not _has_position(raw, headers)
    if by_id:
        blank = np.full(len(cells), None, object)
        placed = Placed(blank, blank.copy(), blank.copy())
    else:
        placed = place_rows(raw, headers, given, need=_NEED[as_])
    faults = _position_faults(placed, cells, as_)
    keep = faults["reason"].isna().to_numpy()
    if not keep.any():
        raise InputError(f"{raw.source}: none of {len(keep)} rows can be used: {_summary(faults)}")
    shapes = placed.geometry[keep]
    centre = shapely.get_coordinates(shapely.centroid(shapes[~shapely.is_missing(shapes)]))
    if crs is None:
        crs = metric_crs(*np.median(centre, axis=0)) if len(centre) else CRS.from_epsg(32650)
    metric = shapely.transform(shapes, lambda c: np.column_stack(to_metric(c[:, 0], c[:, 1], crs)))
    usable = cells[keep].reset_index(drop=True)
    rows = raw.rows[keep]
    name = register or re.sub(r"[:\s]+", "_", raw.stem)
    if as_ == "cameras":
        table, noticed = camera_table(
            usable,
            rows=rows,
            lon=shapely.get_x(shapes),
            lat=shapely.get_y(shapes),
            xy=np.column_stack([shapely.get_x(metric), shapely.get_y(metric)]),
            crs=crs,
            register=name,
            edition=edition,
            defaults=defaults or {},
        )
        counts |= noticed
    elif as_ == "places":
        table, late, noticed = place_table(usable, rows=rows, degrees=shapes, metric=metric, crs=crs, source=raw.source)
        counts |= noticed
        faults.loc[keep, ["column", "reason"]] = late.to_numpy()
    else:
        table = district_table(usable, degrees=shapes, metric=metric, crs=crs)
    return _finish(table, raw, faults, counts, headers)


def read_cameras(
    path: str | Path,
    *,
    datum: str | None,
    columns: ColumnMap = None,
    sheet: str | None = None,
    crs: CRS | None = None,
    defaults: Mapping[str, str] | None = None,
    register: str | None = None,
    edition: Edition = None,
) -> gpd.GeoDataFrame:
    """Return the table ``cameras`` of a register; a warning counts the rows that could not be used.

    See :func:`read_register` for the parameters, the errors, and the list of those rows.
    """
    return _warned(
        read_register(
            path,
            as_="cameras",
            datum=datum,
            columns=columns,
            sheet=sheet,
            crs=crs,
            defaults=defaults,
            register=register,
            edition=edition,
        )
    )


def read_places(
    path: str | Path,
    *,
    datum: str | None,
    columns: ColumnMap = None,
    sheet: str | None = None,
    crs: CRS | None = None,
) -> gpd.GeoDataFrame:
    """Return the table ``places`` of a planner's list, with the column ``kinds`` and recorded facts behind it.

    ``kinds`` holds keys of :data:`citycover.terms.KINDS` joined by ``;`` (see
    :func:`citycover.city.planner_tables.kinds_of_places`). A row whose id is an OSM id, such as ``way/2``, needs no
    geometry. See :func:`read_register` for the parameters and the errors.
    """
    return _warned(read_register(path, as_="places", datum=datum, columns=columns, sheet=sheet, crs=crs))


def read_districts(
    path: str | Path,
    *,
    datum: str | None,
    columns: ColumnMap = None,
    sheet: str | None = None,
    crs: CRS | None = None,
) -> gpd.GeoDataFrame:
    """Return the table ``districts`` of a file of polygons with code and name; see :func:`read_register`."""
    return _warned(read_register(path, as_="districts", datum=datum, columns=columns, sheet=sheet, crs=crs))


def read_records(path: str | Path, *, columns: ColumnMap = None, sheet: str | None = None) -> gpd.GeoDataFrame:
    """Return the table ``records`` of a file, one row per place and fact, or one per place with a column per fact."""
    return _warned(read_register(path, as_="records", datum=None, columns=columns, sheet=sheet))


def list_remarks(reading: Reading) -> pd.DataFrame:
    """Return what could not be used in rows that were kept: ``row`` of the file and ``remark``, a row per fault.

    Codes such as ``azimuth_unreadable`` or ``id_repeated``; what a register merely does not tell is no fault.
    """
    if "flags" not in reading.table.columns:
        return pd.DataFrame({"row": [], "remark": []})
    rows = pd.DataFrame(reading.table)[["source_row", "flags"]].dropna()
    rows = rows.assign(remark=rows["flags"].str.split(";")).explode("remark")
    rows = rows[rows["remark"].str.contains(_FAULTS)]
    return rows.rename(columns={"source_row": "row"})[["row", "remark"]].astype({"row": int}).reset_index(drop=True)


def _warned(reading: Reading) -> gpd.GeoDataFrame:
    if len(reading.rejects):
        source = reading.rejects["source"].iloc[0]
        warnings.warn(
            f"{source}: {len(reading.rejects)} of {reading.counts['rows']} rows could not be used: "
            f"{_summary(reading.rejects)}",
            CitycoverWarning,
            stacklevel=3,
        )
    return reading.table


def _summary(faults: pd.DataFrame) -> str:
    """Return the reasons by number of rows, most first; at most three."""
    found = (faults["column"].fillna("row").astype("str") + ": " + faults["reason"].astype("str"))[
        faults["reason"].notna()
    ]
    counts = found.value_counts().head(3)
    return "; ".join(f"{n} × {reason}" for reason, n in counts.items())


def _has_position(raw: RawTable, headers: Headers) -> bool:
    pairs = ({"lon", "lat"}, {"x", "y"}, {"easting", "northing"}, {"geometry"}, {"lonlat"})
    return raw.geometry is not None or any(pair <= set(headers.columns) for pair in pairs)


def _position_faults(placed: Placed, cells: pd.DataFrame, as_: str) -> pd.DataFrame:
    faults = pd.DataFrame({"column": placed.column, "reason": placed.reason})
    if as_ == "places" and "place_id" in cells:
        known = cells["place_id"].str.fullmatch(r"(?:node|way|relation)/\d+", na=False).to_numpy()
        faults.loc[known, ["column", "reason"]] = None
        bare = shapely.is_missing(placed.geometry) & ~known & faults["reason"].isna().to_numpy()
        faults.loc[bare, "column"] = "geometry"
        faults.loc[bare, "reason"] = "needed a position, or the id of an OSM object such as way/2"
    return faults


def _finish(
    table: gpd.GeoDataFrame, raw: RawTable, faults: pd.DataFrame, counts: dict[str, int], headers: Headers
) -> Reading:
    bad = faults["reason"].notna().to_numpy()
    rejects = pd.concat(
        [faults[bad].assign(row=raw.rows[bad]), raw.broken.assign(column=None)], ignore_index=True
    ).sort_values("row", kind="stable")
    rejects["source"] = raw.source
    rejects["reject_id"] = [f"{raw.source}:{row}" for row in rejects["row"]]
    done = conform("rejects", rejects)
    if not len(table):
        raise InputError(f"{raw.source}: none of {counts['rows']} rows can be used: {_summary(rejects)}")
    extra = {"private_columns_dropped": len(headers.private), "unused_columns": len(headers.unused)}
    tally = {"rows": counts["rows"], "read": len(table), "rejected": len(done)}
    tally |= {name: n for name, n in (extra | counts).items() if n and name not in tally}
    return Reading(table, done, tally)
