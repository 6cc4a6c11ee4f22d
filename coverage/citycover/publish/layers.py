"""Write every table of a study as one GeoPackage that QGIS opens with its styles."""

from __future__ import annotations

import importlib.util
from dataclasses import fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from citycover import tables
from citycover.errors import OutputError
from citycover.publish.files import replacing
from citycover.publish.qgis_aliases import add_aliases
from citycover.publish.qgis_styles import add_styles
from citycover.publish.results import Results

LAYERS = (
    "streets",
    "junctions",
    "buildings",
    "places",
    "place_kinds",
    "entrances",
    "barriers",
    "districts",
    "landscape",
    "study_area",
    "cameras",
    "mandates",
    "targets",
    "demands",
    "seen",
    "views",
    "coverage",
    "coverage_levels",
    "coverage_apart",
    "gaps",
    "gap_changes",
    "indoor",
    "duplicates",
    "camera_repeats",
    "conflicts",
    "breaches",
    "obstructions",
    "sites",
    "notices",
    "decisions",
    "completeness",
    "public_cells",
    "rejects",
)
"""Layers in the order of the contract; the city's come from ``City``, the others from the results."""

_FIELDS = {"coverage_levels": "levels_seen", "coverage_apart": "apart"}
"""Layers that go by another name in the results."""

LARGE = ("targets", "demands", "seen")
LARGE_ROWS = 1_000_000


def write_layers(results: Results, path: str | Path, *, large_rows: int = LARGE_ROWS) -> list[Path]:
    """Write ``layers.gpkg``: one layer or attribute table per table that has rows, in the study's reference system.

    Above ``large_rows`` rows the tables ``targets``, ``demands`` and ``seen`` stand beside it as GeoParquet
    (``targets.parquet`` …), where pyarrow is installed; without pyarrow they stay in the GeoPackage, which is
    slower to open and otherwise the same. A layer with several types of geometry is declared as of any type.

    Returns
    -------
    The files written, the GeoPackage first.

    Raises
    ------
    OutputError
        A file cannot be written or replaced, or there is no row at all to write.
    """
    target = Path(path)
    frames = {name: frame for name, frame in layer_frames(results).items() if len(frame)}
    if not frames:
        raise OutputError(f"needed at least one table with rows for {target.name}, given none")
    beside = [name for name in LARGE if name in frames and len(frames[name]) > large_rows] if _has_pyarrow() else []
    with replacing(target) as fresh:
        for name, frame in frames.items():
            if name not in beside:
                write_layer(frame, fresh, name)
        kept = [name for name in frames if name not in beside]
        add_styles(fresh, kept, lang=results.lang)
        add_aliases(fresh, kept, lang=results.lang)
    written = [target]
    for name in beside:
        file = target.with_name(f"{name}.parquet")
        with replacing(file) as fresh:
            frames[name].to_parquet(fresh, index=False)
        written.append(file)
    return written


def layer_frames(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables by layer name in the order of :data:`LAYERS`: the results' own before the city's.

    Targets become points.
    """
    own = {field.name for field in fields(results)}
    city = results.city.tables()
    frames = {
        name: getattr(results, _FIELDS.get(name, name)) if _FIELDS.get(name, name) in own else city.get(name)
        for name in LAYERS
    }
    source = "given" if results.settings.get("area") else "map"
    frames["study_area"] = tables.conform(
        "study_area", [{"source": source, "geometry": results.city.area}], crs=results.city.crs
    )
    points = frames["targets"]
    if points is not None and not isinstance(points, gpd.GeoDataFrame):
        geometry = shapely.points(points["x"].to_numpy(float), points["y"].to_numpy(float))
        frames["targets"] = gpd.GeoDataFrame(points.copy(), geometry=geometry, crs=results.city.crs)
    return {name: frame for name, frame in frames.items() if frame is not None}


def write_layer(frame: pd.DataFrame, path: Path, name: str) -> None:
    """Write one table into a GeoPackage that is being made."""
    declared = tables.TABLES.get(name)
    options: dict[str, Any] = {"IDENTIFIER": name, "DESCRIPTION": declared.meaning if declared else name}
    plain = _storable(frame)
    if isinstance(plain, gpd.GeoDataFrame):
        types = plain.geom_type.dropna().unique()
        kinds: dict[str, Any] = {"geometry_type": "Unknown"} if len(types) > 1 else {}
        pyogrio.write_dataframe(
            plain, path, layer=name, driver="GPKG", append=False, layer_options=options, promote_to_multi=False, **kinds
        )
    else:
        pyogrio.write_dataframe(plain, path, layer=name, driver="GPKG", append=False, layer_options=options)


def _storable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with cells that a GeoPackage can hold: lists and dicts as text, nullable types as plain ones."""
    geometry = frame.geometry.name if isinstance(frame, gpd.GeoDataFrame) else None
    changed: dict[str, Any] = {}
    for column in frame.columns:
        values = frame[column]
        if column == geometry:
            continue
        if values.dtype == "Int64" and not values.isna().any():
            changed[column] = values.astype("int64")
        elif values.dtype == "boolean" and not values.isna().any():
            changed[column] = values.astype("bool")
        elif values.dtype == "object":
            changed[column] = values.map(str, na_action="ignore").astype("str")
    return frame.assign(**changed) if changed else frame


def _has_pyarrow() -> bool:
    return importlib.util.find_spec("pyarrow") is not None
