from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ET
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geoseries_equal

from citycover import tables
from citycover.publish.layers import write_layers
from citycover.publish.results import Results


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, results: Results) -> Path:
    return write_layers(results, tmp_path_factory.mktemp("layers") / "layers.gpkg")[0]


def test_tables_with_rows_are_layers_and_empty_ones_are_absent(written: Path) -> None:
    """The town has all but districts. GDAL lists layers with geometry first."""
    layers = [(name, kind is not None) for name, kind in pyogrio.list_layers(written) if name != "layer_styles"]
    assert [name for name, spatial in layers if spatial] == [
        *(
            "streets",
            "junctions",
            "buildings",
            "places",
            "entrances",
            "landscape",
            "study_area",
            "cameras",
            "mandates",
            "targets",
            "views",
            "gaps",
        ),
    ]
    assert [name for name, spatial in layers if not spatial] == [
        *("place_kinds", "demands", "seen", "coverage", "indoor", "notices", "rejects"),
    ]


def test_layers_keep_their_reference_system_and_shapes(written: Path, results: Results) -> None:
    for name in ("gaps", "mandates", "views"):
        back = gpd.read_file(written, layer=name)
        assert back.crs.to_epsg() == 32650
        assert_geoseries_equal(back.geometry, getattr(results, name).geometry, check_less_precise=True)


def test_a_layer_of_several_geometry_types_is_declared_as_of_any(written: Path) -> None:
    assert pyogrio.read_info(written, layer="gaps")["geometry_type"] == "Unknown"
    assert pyogrio.read_info(written, layer="cameras")["geometry_type"] == "Point"


def test_values_come_back_unknown_as_unknown(written: Path, results: Results) -> None:
    back = gpd.read_file(written, layer="cameras")
    assert back["camera_id"].tolist() == results.cameras["camera_id"].tolist()
    assert back["azimuth"].isna().tolist() == [False, True, False, True]
    assert back["count"].tolist() == [1, 3, 1, 1]
    assert back["name"].tolist()[1] == "<img src=x onerror=alert(1)>"


def test_targets_are_points_at_their_x_and_y(written: Path) -> None:
    point = gpd.read_file(written, layer="targets").geometry.iloc[0]
    assert (point.x, point.y) == (669_100.0, 3_546_150.0)


def test_attribute_tables_have_no_geometry(written: Path) -> None:
    assert pyogrio.read_info(written, layer="coverage")["geometry_type"] is None
    assert len(pyogrio.read_dataframe(written, layer="coverage")) == 2


def test_styles_are_there_for_qgis_and_well_formed(written: Path) -> None:
    with closing(sqlite3.connect(written)) as base:
        styles = dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault = 1"))
        columns = {name for (name,) in base.execute("SELECT f_geometry_column FROM layer_styles")}
        told = {name for (name,) in base.execute("SELECT column_name FROM gpkg_geometry_columns")}
    assert {"streets", "buildings", "cameras", "views"} <= set(styles)
    assert columns == told | {""}  # tables without geometry have a style for their aliases
    for qml in styles.values():
        assert ET.fromstring(qml).tag == "qgis"


def test_a_layer_of_mixed_types_has_a_style_for_each_to_choose_from(written: Path) -> None:
    """The gaps of the town are points, lines and grounds; QGIS takes them apart and refuses a style of another type."""
    with closing(sqlite3.connect(written)) as base:
        rows = base.execute(
            "SELECT styleName, styleQML FROM layer_styles WHERE f_table_name = 'gaps' AND useAsDefault = 0"
        )
        styles = {name: ET.fromstring(qml) for name, qml in rows}
    assert list(styles) == ["gaps_point", "gaps_line", "gaps_polygon"]
    assert [qml.findtext("layerGeometryType") for qml in styles.values()] == ["0", "1", "2"]
    kinds = [qml.find("renderer-v2/symbols/symbol").get("type") for qml in styles.values()]
    assert kinds == ["marker", "line", "fill"]
    assert all(qml.find("aliases/alias") is not None for qml in styles.values())


def test_lists_inside_cells_are_written_as_text(tmp_path: Path, results: Results) -> None:
    odd = results.coverage.assign(facts=pd.Series([["a", "b"], None], dtype=object))
    file = write_layers(replace(results, coverage=odd), tmp_path / "layers.gpkg")[0]
    assert pyogrio.read_dataframe(file, layer="coverage")["facts"].tolist()[0] == "['a', 'b']"


def test_large_tables_stay_in_the_geopackage_without_pyarrow(
    tmp_path: Path, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citycover.publish.layers._has_pyarrow", lambda: False)
    files = write_layers(results, tmp_path / "layers.gpkg", large_rows=0)
    assert [file.name for file in files] == ["layers.gpkg"]
    assert "targets" in [name for name, _ in pyogrio.list_layers(files[0])]


def test_large_tables_stand_beside_it_as_geoparquet(tmp_path: Path, results: Results) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    files = write_layers(results, tmp_path / "layers.gpkg", large_rows=0)
    assert [file.name for file in files] == ["layers.gpkg", "targets.parquet", "demands.parquet", "seen.parquet"]
    assert len(gpd.read_parquet(files[1])) == 1


def test_coverage_by_level_and_by_set_of_cameras_are_layers_too(results: Results, tmp_path: Path) -> None:
    base = {"unit": "m", "required": 10.0, "seen_low": 4.0, "share_low": 0.4}
    levels = tables.conform("coverage_levels", [{"scope": "headline", "value": "", "level": 25.0, **base}])
    apart = tables.conform("coverage_apart", [{"which": "base", "cameras": 3, **base}])
    file = write_layers(replace(results, levels_seen=levels, apart=apart), tmp_path / "layers.gpkg")[0]
    assert pyogrio.read_dataframe(file, layer="coverage_levels")["share_low"].tolist() == [0.4]
    assert pyogrio.read_dataframe(file, layer="coverage_apart")["cameras"].tolist() == [3]
