"""Read what a run left in its folder, for a later run to be compared with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyproj import CRS
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from citycover import tables
from citycover.audit.snapshot import Snapshot
from citycover.city.model import City
from citycover.errors import StudyError
from citycover.publish.results import Results

_TABLES = ("gaps", "mandates", "places", "place_kinds", "entrances", "cameras", "buildings", "barriers")
_BESIDE = ("targets", "demands")
_OF_MAP = ("streets", "buildings", "districts", "landscape")


def snapshot_of(results: Results) -> Snapshot:
    """Return the study as a comparison reads it."""
    city = results.city
    return Snapshot(
        name=results.name,
        date=results.date,
        crs=city.crs,
        gaps=results.gaps,
        mandates=results.mandates,
        places=city.places,
        place_kinds=city.place_kinds,
        entrances=city.entrances,
        targets=results.targets,
        demands=results.demands,
        seen=results.seen,
        cameras=results.cameras,
        buildings=city.buildings,
        barriers=city.barriers,
        decisions=results.decisions,
        area=city.area,
        settings=results.settings,
    )


def read_run(folder: str | Path) -> Snapshot:
    """Read a run's folder as a comparison reads it: ``layers.gpkg`` (with what stands beside it) and ``summary.json``.

    A layer that is absent had no rows.

    Raises
    ------
    StudyError
        The folder holds no ``layers.gpkg``, or one without streets or mandates, or no summary that can be read.
    """
    file, layers = _open(folder)
    crs = _crs_of(file, layers)
    found: dict[str, Any] = {name: _layer(file, layers, name, crs) for name in (*_TABLES, *_BESIDE)}
    seen = _beside(file, layers, "seen")
    summary = _summary(Path(folder))
    study = summary.get("study", {})
    return Snapshot(
        name=str(study.get("name", "")),
        date=str(study.get("date", "")),
        crs=crs,
        seen=pd.DataFrame(columns=tables.seen_columns([25.0])) if seen is None else seen,
        decisions=_plain(file, layers, "decisions"),
        area=_area(file, layers, crs),
        settings={str(key): str(value) for key, value in summary.get("settings", {}).items()},
        **found,
    )


def read_map_city(folder: str | Path) -> City:
    """Read what a base map needs of a run's folder: streets, buildings, districts, landscape; all else is empty.

    Raises
    ------
    StudyError
        As :func:`read_run`.
    """
    file, layers = _open(folder)
    crs = _crs_of(file, layers)
    names = [name for name in City.__dataclass_fields__ if name in tables.TABLES]
    found: dict[str, Any] = {
        name: _layer(file, layers, name, crs) if name in _OF_MAP else tables.conform(name, [], crs=crs)
        for name in names
    }
    area = _area(file, layers, crs)
    return City(crs=crs, area=box(*found["streets"].total_bounds) if area is None else area, **found)


def _area(file: Path, layers: set[str], crs: CRS) -> BaseGeometry | None:
    rows = _layer(file, layers, "study_area", crs)
    return rows.geometry.iloc[0] if len(rows) else None


def _open(folder: str | Path) -> tuple[Path, set[str]]:
    file = Path(folder) / "layers.gpkg"
    if not file.is_file():
        raise StudyError(f"needed the folder of a run, given {folder} without layers.gpkg")
    try:
        layers = {str(name) for name, _ in pyogrio.list_layers(file)}
    except pyogrio.errors.DataSourceError as error:
        raise StudyError(f"{file}: needed the GeoPackage that a run wrote, given: {error}") from error
    return file, layers


def _crs_of(file: Path, layers: set[str]) -> CRS:
    for name in ("mandates", "streets", "places", "gaps"):
        if name in layers:
            return CRS.from_user_input(pyogrio.read_info(file, layer=name)["crs"])
    raise StudyError(f"{file}: needed a run's layers mandates or streets, given {', '.join(sorted(layers))}")


def _layer(file: Path, layers: set[str], name: str, crs: CRS) -> Any:
    rows = _beside(file, layers, name)
    if rows is None:
        return tables.conform(name, [], crs=crs if tables.TABLES[name].geometry else None)
    if not tables.TABLES[name].geometry and isinstance(rows, gpd.GeoDataFrame):
        rows = pd.DataFrame(rows.drop(columns=rows.geometry.name))
    return tables.conform(name, rows)


def _beside(file: Path, layers: set[str], name: str) -> pd.DataFrame | None:
    """Return a layer, or the GeoParquet file that stands beside the GeoPackage for it; None where neither is."""
    parquet = file.with_name(f"{name}.parquet")
    if name in layers:
        frame: pd.DataFrame = pyogrio.read_dataframe(file, layer=name)
        return frame
    if parquet.is_file():
        return pd.read_parquet(parquet)
    return None


def _plain(file: Path, layers: set[str], name: str) -> pd.DataFrame:
    frame = _beside(file, layers, name)
    return pd.DataFrame() if frame is None else pd.DataFrame(frame)


def _summary(folder: Path) -> dict[str, Any]:
    file = folder / "summary.json"
    if not file.is_file():
        return {}
    try:
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError(f"{file}: needed the summary that a run wrote, given a file that is none: {error}") from error
    return found
