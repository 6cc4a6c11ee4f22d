"""Open a study's folder again: the results as they were written to ``layers.gpkg`` and ``summary.json``."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
from pyproj import CRS
from shapely.geometry import box

from citycover import tables
from citycover.city.model import City
from citycover.errors import InputError, RulebookError
from citycover.law.regulation import Rulebook
from citycover.law.rulebook import load_rulebook
from citycover.publish.results import Results


def open_results(folder: str | Path) -> Results:
    """Return the results of a run from its folder, as far as the folder holds them.

    The area is the box around it; walls, trees, public ground, decisions, and the coverage by level and by set of
    cameras are not in the folder and stay empty. A rulebook that is no longer there by its id is left out.

    Raises
    ------
    InputError
        The folder lacks ``layers.gpkg`` or ``summary.json``, or they are of an older version or broken.

    Examples
    --------
    >>> open_results("maps/demo").gaps  # doctest: +SKIP
    """
    layers, summary = Path(folder) / "layers.gpkg", Path(folder) / "summary.json"
    missing = [file.name for file in (layers, summary) if not file.is_file()]
    if missing:
        raise InputError(f"needed the folder of a run, given {folder} without {' and '.join(missing)}")
    try:
        told = json.loads(summary.read_text(encoding="utf-8"))
        study = told["study"]
        crs, area, lang = CRS.from_user_input(study["crs"]), box(*study["bounds"]), study["lang"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{summary}: needed the summary of a run of this version, given another: {error}") from error
    names = {str(name) for name in pyogrio.list_layers(layers)[:, 0]}
    found = {name: _read(layers, name, names, crs) for name in tables.TABLES}
    city_tables = {f.name: found[f.name] for f in fields(City) if f.name in found}
    own = {f.name: found[f.name] for f in fields(Results) if f.name in found and f.name in names}
    for name in (
        "mandates",
        "targets",
        "demands",
        "views",
        "coverage",
        "gaps",
        "indoor",
        "notices",
        "cameras",
        "rejects",
    ):
        own.setdefault(name, found[name])
    rulebook, overlay = _rulebook(study["rulebook"]), _rulebook(study["overlay"])
    conflicts = told["figures"].get("conflicts")
    return Results(
        name=study["name"],
        date=study["date"],
        rulebook_id=study["rulebook"],
        rulebook_title=study["rulebook_title"],
        overlay_id=study["overlay"],
        overlay_title=overlay.title[0 if lang == "zh" else 1] if overlay else "",
        classification=told["classification"],
        recipient=told["recipient"],
        lang=lang,
        city=City(crs=crs, area=area, **city_tables, counts=told["city_counts"]),
        seen=_seen(layers, names),
        levels=tuple(study["levels_px_per_m"]),
        figures=told["figures"],
        defaults=told["defaults_used"],
        notes=tuple((note["zh"], note["en"]) for note in told["notes"]),
        inputs=told["inputs_sha256"],
        ban_features=conflicts["features"] if conflicts else None,
        rulebook=rulebook,
        overlay=overlay,
        **own,
    )


def _read(file: Path, name: str, names: set[str], crs: CRS) -> Any:
    """Return a layer as its declared table; an empty table where the run left none."""
    beside = file.with_name(f"{name}.parquet")
    if name in names:
        rows = pyogrio.read_dataframe(file, layer=name)
        rows = rows.to_crs(crs) if isinstance(rows, gpd.GeoDataFrame) and rows.crs != crs else rows
    elif beside.is_file():
        rows = pd.DataFrame(gpd.read_parquet(beside).drop(columns="geometry"))
    else:
        rows = []
    geometry = {"crs": crs} if tables.TABLES[name].geometry else {}
    return tables.conform(
        name, pd.DataFrame(rows).drop(columns="geometry") if name == "targets" and len(rows) else rows, **geometry
    )


def _seen(file: Path, names: set[str]) -> pd.DataFrame:
    beside = file.with_name("seen.parquet")
    if "seen" in names:
        return pd.DataFrame(pyogrio.read_dataframe(file, layer="seen"))
    return pd.read_parquet(beside) if beside.is_file() else pd.DataFrame({"target_id": pd.Series(dtype="int64")})


def _rulebook(name: str | None) -> Rulebook | None:
    if not name:
        return None
    try:
        return load_rulebook(name)
    except RulebookError:
        return None  # a city's own file that lies elsewhere
