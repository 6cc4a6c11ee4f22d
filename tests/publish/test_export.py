"""Layers for other programs: read back where they were, in the datum that was named; GCJ-02 never unasked."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from hostile import HOSTILE

from citycover.cli import main
from citycover.errors import CrsError, InputError
from citycover.geo import wgs84_from_gcj02
from citycover.publish.export import export_layers
from citycover.publish.layers import LAYERS, write_layers
from citycover.publish.qgis_aliases import name_column
from citycover.publish.results import Results
from citycover.tables import TABLES


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, results: Results) -> Path:
    out = tmp_path_factory.mktemp("run")
    write_layers(results, out / "layers.gpkg")
    return out


def apart(a: Any, b: Any) -> float:
    """Return the largest distance between the points of two columns of shapes, in their own unit."""
    return float(np.abs(shapely.get_coordinates(a) - shapely.get_coordinates(b)).max())


def test_geojson_comes_back_where_it_was_with_its_cells(folder: Path, results: Results, tmp_path: Path) -> None:
    made = export_layers(folder, tmp_path, layers=["gaps", "cameras"])
    assert [(path.name, rows) for path, rows in made] == [("gaps.geojson", 5), ("cameras.geojson", 4)]
    back = gpd.read_file(tmp_path / "gaps.geojson")
    assert back.crs.to_epsg() == 4326
    same = back.to_crs(results.city.crs).geometry.to_numpy()
    metres = shapely.hausdorff_distance(same, results.gaps.geometry.to_numpy())
    assert metres.max() < 0.01  # RFC 7946 has 7 decimals: a centimetre
    assert back["gap_id"].tolist() == ["G1", "G2", "G3", "G4", "G5"]
    assert back["name"].tolist()[0] == HOSTILE
    assert back["priority"].isna().tolist() == [False, False, False, True, True]
    whole = json.loads((tmp_path / "gaps.geojson").read_text(encoding="utf-8"))
    assert "crs" not in whole  # as RFC 7946 wants
    assert "© OpenStreetMap contributors" in whole["description"]
    assert (tmp_path / "gaps.geojson").stat().st_mode & 0o077 == 0


def test_cgcs2000_says_so_and_is_not_shifted(folder: Path, results: Results, tmp_path: Path) -> None:
    export_layers(folder, tmp_path, layers=["cameras"], datum="cgcs2000")
    back = gpd.read_file(tmp_path / "cameras.geojson")
    assert back.crs.to_epsg() == 4490
    assert apart(back.geometry.to_numpy(), results.cameras.geometry.to_crs(4326).to_numpy()) < 1e-7


def test_a_gauss_krueger_plane_is_written_in_metres_east_first(folder: Path, results: Results, tmp_path: Path) -> None:
    """EPSG:4547 has its meridian at 114° E and 500 km of false easting; the town lies at 118.8° E, far to the east."""
    export_layers(folder, tmp_path, layers=["cameras"], datum="EPSG:4547")
    x, y = shapely.get_coordinates(gpd.read_file(tmp_path / "cameras.geojson").geometry.to_numpy()).T
    assert (x > 900_000).all()
    assert (y > 3_500_000).all()
    assert (y < 3_600_000).all()


def test_gcj02_only_when_named_and_then_told_in_name_and_file(folder: Path, results: Results, tmp_path: Path) -> None:
    (made,) = export_layers(folder, tmp_path, layers=["cameras"], datum="gcj02")
    assert made.path.name == "cameras.gcj02.geojson"
    whole = json.loads(made.path.read_text(encoding="utf-8"))
    assert "GCJ-02" in whole["description"]
    assert "crs" not in whole
    xy = shapely.get_coordinates(gpd.read_file(made.path).geometry.to_numpy())
    true = shapely.get_coordinates(results.cameras.geometry.to_crs(4326).to_numpy())
    metres = np.hypot((xy[:, 0] - true[:, 0]) * 94_000, (xy[:, 1] - true[:, 1]) * 111_000)
    assert (metres > 300).all()  # in Nanjing the shift is some 500 m
    assert np.abs(np.column_stack(wgs84_from_gcj02(xy[:, 0], xy[:, 1])) - true).max() < 2e-8


def test_without_names_all_layers_with_geometry_are_written(folder: Path, tmp_path: Path) -> None:
    names = [path.stem for path, _ in export_layers(folder, tmp_path)]
    assert {"streets", "gaps", "targets", "study_area"} <= set(names)
    assert not {"coverage", "layer_styles", "demands"} & set(names)


@pytest.mark.parametrize(
    ("asked", "error", "needed"),
    [
        ({"layers": ["gapps"]}, InputError, "gapps"),
        ({"layers": ["coverage"]}, InputError, "no GeoJSON"),
        ({"form": "shapefile"}, InputError, "geojson, geoparquet"),
        ({"datum": "bd09"}, CrsError, "gcj02"),
        ({"datum": "mars"}, CrsError, "mars"),
    ],
)
def test_what_cannot_be_written_is_said(
    folder: Path, tmp_path: Path, asked: dict[str, Any], error: type[Exception], needed: str
) -> None:
    with pytest.raises(error, match=needed):
        export_layers(folder, tmp_path, **asked)
    assert list(tmp_path.iterdir()) == []


def test_geoparquet_without_the_extra_says_how_to_get_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(InputError, match=r"citycover\[parquet\]"):
        export_layers(folder, tmp_path, form="geoparquet")


def test_geoparquet_comes_back_with_its_reference_system_and_tables_without_geometry(
    folder: Path, results: Results, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    export_layers(folder, tmp_path, layers=["gaps", "coverage"], form="geoparquet", datum="cgcs2000")
    back = gpd.read_parquet(tmp_path / "gaps.parquet")
    assert back.crs.to_epsg() == 4490
    degrees = results.gaps.geometry.to_crs(4326).to_numpy()
    assert shapely.hausdorff_distance(back.geometry.to_numpy(), degrees).max() < 1e-7
    assert pd.read_parquet(tmp_path / "coverage.parquet")["share_low"].tolist() == [0.0, 0.5]
    (shifted,) = export_layers(folder, tmp_path, layers=["gaps"], form="geoparquet", datum="gcj02")
    assert gpd.read_parquet(shifted.path).crs is None


def test_the_command_writes_beside_the_study_and_answers_in_json(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["export", str(folder), "--layer", "gaps", "--out", str(tmp_path / "gis"), "--json"])
    assert not end.value.code
    assert list(json.loads(capsys.readouterr().out).values()) == [5]
    with pytest.raises(SystemExit) as end:
        main(["export", str(tmp_path)])
    assert end.value.code == 2
    assert "layers.gpkg" in capsys.readouterr().err


def test_every_column_of_every_layer_has_a_chinese_alias_in_qgis_and_in_the_standard(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "layers.gpkg")) as base:
        styles = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1"))
        told = base.execute("SELECT table_name, column_name, name, title FROM gpkg_data_columns").fetchall()
        (extension,) = base.execute(
            "SELECT count(*) FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'"
        ).fetchone()
        assert base.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    layers = {str(name) for name, _ in pyogrio.list_layers(folder / "layers.gpkg")} - {"layer_styles"}
    assert set(styles) == layers == {row[0] for row in told}
    assert extension == 2
    named = {(table, column): name for table, column, name, _ in told}
    for layer in layers:
        fields = set(pyogrio.read_info(folder / "layers.gpkg", layer=layer)["fields"])
        aliases = {a.get("field"): a.get("name") for a in ET.fromstring(styles[layer]).iter("alias")}
        assert set(aliases) == fields, layer
        assert len(set(aliases.values())) == len(fields), layer
        assert all(named[layer, field] == name for field, name in aliases.items())
    assert named["gaps", "gap_id"] == "缺口编号"
    assert named["seen", "density_low"] == "像素密度最低（像素/米）"


def test_no_declared_column_is_left_without_a_chinese_name() -> None:
    columns = {c.name for name in LAYERS if name in TABLES for c in TABLES[name].columns}
    assert sorted(c for c in columns if not any(letter >= "\u4e00" for letter in name_column(c, "zh"))) == []
