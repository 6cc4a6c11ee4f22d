"""Hand layers of a run's folder to other programs: GeoJSON or GeoParquet, in the coordinates that are named."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from citycover import geo
from citycover.errors import CrsError, InputError
from citycover.publish.files import replacing

Form = Literal["geojson", "geoparquet"]
FORMS: tuple[Form, ...] = ("geojson", "geoparquet")
ENDINGS: dict[Form, str] = {"geojson": "geojson", "geoparquet": "parquet"}
DIGITS = 8
"""Decimals of degrees: about a millimetre."""

METRE_DIGITS = 3
_NOT_LAYERS = ("layer_styles",)


class Exported(NamedTuple):
    """A file that was written, and how many rows it holds."""

    path: Path
    rows: int


def export_layers(
    folder: str | Path,
    out: str | Path,
    *,
    layers: Sequence[str] = (),
    form: Form = "geojson",
    datum: str = "wgs84",
) -> list[Exported]:
    """Write layers of ``layers.gpkg``, a file each: ``gaps.geojson``; restricted, readable by their owner only.

    Parameters
    ----------
    folder
        Of a run.
    out
        Folder to write into.
    layers
        Names of layers; without them all that have a geometry.
    form
        ``geojson``, or ``geoparquet`` (extra ``parquet``), which can hold tables without geometry too.
    datum
        ``wgs84`` (as RFC 7946 wants), ``cgcs2000`` (degrees, EPSG:4490), ``EPSG:n``, or ``gcj02``. GCJ-02 is never
        chosen unasked: its files bear it in their name (``gaps.gcj02.geojson``) and have no reference system, for
        programs take them for WGS-84 otherwise. CGCS2000 degrees equal those of WGS-84 to about a metre; they are not
        shifted.

    Returns
    -------
    The files in the order of the layers.

    Raises
    ------
    InputError
        There is no such folder, layer or form, or a layer has no geometry to write as GeoJSON, or GeoParquet is asked
        for without pyarrow.
    CrsError
        The datum is unknown, or one that nothing is written in (BD-09).
    OutputError
        A file cannot be written or replaced.
    """
    file = Path(folder) / "layers.gpkg"
    if not file.is_file():
        raise InputError(f"needed the folder of a run, given {folder} without layers.gpkg")
    if form not in FORMS:
        raise InputError(f"needed a form of {', '.join(FORMS)}, given {form!r}")
    if form == "geoparquet" and importlib.util.find_spec("pyarrow") is None:
        raise InputError("GeoParquet needs the extra: pip install 'citycover[parquet]'")
    target = geo.parse_datum(datum)
    if target.name == "bd09":
        raise CrsError("needed wgs84, cgcs2000, EPSG:n or gcj02 to write in, given bd09")
    spatial = {str(name): kind is not None for name, kind in pyogrio.list_layers(file) if name not in _NOT_LAYERS}
    chosen = list(layers) or [name for name, has in spatial.items() if has]
    unknown = [name for name in chosen if name not in spatial]
    if unknown:
        raise InputError(f"needed layers of {', '.join(spatial)}, given {', '.join(unknown)}")
    bare = [name for name in chosen if not spatial[name]]
    if bare and form == "geojson":
        raise InputError(f"{', '.join(bare)}: a table without geometry is no GeoJSON; take geoparquet, or the workbook")
    return [_export(file, name, Path(out), form, target) for name in chosen]


def in_datum(rows: gpd.GeoDataFrame, datum: geo.Datum | str) -> gpd.GeoDataFrame:
    """Return rows in a datum; in GCJ-02 without a reference system, for none describes it.

    >>> spot = gpd.GeoDataFrame(geometry=[shapely.Point(116.377817, 39.911954)], crs=4326)
    >>> moved = in_datum(spot, "gcj02")
    >>> round(moved.geometry[0].x, 6), round(moved.geometry[0].y, 6), moved.crs is None
    (116.384047, 39.913345, True)
    """
    target = geo.parse_datum(datum) if isinstance(datum, str) else datum
    if target.name == "gcj02":
        degrees = rows.to_crs(4326)
        moved = shapely.transform(degrees.geometry.to_numpy(), _shift)
        shapes = gpd.GeoSeries(moved, index=rows.index, crs=None)
        return gpd.GeoDataFrame(degrees.drop(columns=degrees.geometry.name), geometry=shapes)
    return gpd.GeoDataFrame(rows.to_crs(target.crs))


def _shift(degrees: Any) -> Any:
    return np.round(np.column_stack(geo.gcj02_from_wgs84(degrees[:, 0], degrees[:, 1])), DIGITS)


def _export(file: Path, name: str, folder: Path, form: Form, datum: geo.Datum) -> Exported:
    rows = pyogrio.read_dataframe(file, layer=name)
    mark = ".gcj02" if datum.name == "gcj02" else ""
    target = folder / f"{name}{mark}.{ENDINGS[form]}"
    frame: pd.DataFrame = in_datum(rows, datum) if isinstance(rows, gpd.GeoDataFrame) else rows
    with replacing(target) as fresh:
        if form == "geoparquet":
            frame.to_parquet(fresh, index=False)
        else:
            _write_geojson(gpd.GeoDataFrame(frame), fresh, name, datum)
    return Exported(target, len(frame))


def _write_geojson(rows: gpd.GeoDataFrame, path: Path, name: str, datum: geo.Datum) -> None:
    said = {"gcj02": "GCJ-02, not WGS-84", "wgs84": "WGS-84"}.get(datum.name, datum.name)
    options: dict[str, Any] = {"DESCRIPTION": f"{said}; © OpenStreetMap contributors"}
    if datum.name == "wgs84":
        options |= {"RFC7946": "YES"}  # with 7 decimals, as it asks
    else:
        options["COORDINATE_PRECISION"] = METRE_DIGITS if datum.metric else DIGITS
    how: dict[str, Any] = {"driver": "GeoJSON", "geometry_type": "Unknown", "promote_to_multi": False}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "'crs' was not provided")  # of GCJ-02 there is none
        pyogrio.write_dataframe(rows, path, layer=name, layer_options=options, **how)
