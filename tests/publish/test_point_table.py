"""The point table leaves in every form with the same points, and what a visit finds comes back as decisions."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from hostile import FORMULA, HOSTILE
from pyproj import Geod

from citycover import tables
from citycover.errors import CrsError
from citycover.geo import to_degrees, wgs84_from_gcj02
from citycover.plan.draft import Plan, draft_plan
from citycover.plan.locks import apply_site_decisions
from citycover.publish.book import Mark
from citycover.publish.coordinates import LocalGrid, gauss_krueger, place_points
from citycover.publish.edits import read_edits
from citycover.publish.layers import write_layers
from citycover.publish.point_table import write_point_table
from citycover.publish.site_sheets import draw_site_sheets
from citycover.publish.workbook import write_workbook
from plan.street import ask, rulebook

MARK = Mark("内部资料", "测试", "2026-11-21")
ENDS = {"by": "张工", "on": "2026-11-21"}
CONTRACT = (
    *("site_id", "name", "nature", "phase", "builder", "department", "district", "street_office", "police_station"),
    *("lon", "lat", "support", "azimuth", "direction", "hfov", "tilt", "mount_height", "device_class", "purpose"),
    *("power", "link", "cost", "cost_year", "storage_tb", "mbps", "gain", "mandates", "articles", "gaps", "why"),
    "survey",
)


@pytest.fixture(scope="module")
def asked():
    return ask()


@pytest.fixture(scope="module")
def plan(asked) -> Plan:
    given = dict(asked.given)
    return draft_plan(asked.candidates, asked.gaps, rulebook(), budget=100_000.0, **given)


@pytest.fixture(scope="module")
def folder(asked, plan, results, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("study")
    told = replace(results, city=asked.city, plan=plan, sites=plan.sites, cameras=asked.cameras)
    write_layers(told, out / "layers.gpkg")
    write_workbook(told, out / "workbook.xlsx")
    write_point_table(plan.sites, out / "sites", mark=MARK)
    return out


def read_sheet(path: Path) -> pd.DataFrame:
    return pd.read_excel(path, sheet_name="点位表", engine="calamine")


def test_every_column_of_the_contract_stands_in_the_geopackage_and_its_points_in_cgcs2000(folder, plan) -> None:
    layer = gpd.read_file(folder / "sites" / "point_table.gpkg", layer="sites")
    assert set(CONTRACT) <= set(layer.columns)
    assert layer.crs.to_epsg() == 4490
    lon, lat = to_degrees(plan.sites.geometry.x, plan.sites.geometry.y, plan.sites.crs)
    assert layer.geometry.x.to_numpy() == pytest.approx(lon, abs=1e-7)
    assert layer.geometry.y.to_numpy() == pytest.approx(lat, abs=1e-7)
    styles = pyogrio.read_dataframe(folder / "sites" / "point_table.gpkg", layer="layer_styles")
    assert 'attr="nature"' in styles["styleQML"].iloc[0]


def test_the_sheet_prints_money_in_wan_and_terms_in_words(folder, plan) -> None:
    rows = read_sheet(folder / "sites" / "point_table.xlsx")
    assert rows["点位编号"].tolist() == plan.sites["site_id"].tolist()
    assert rows["一次性投资（万元）"].to_numpy() == pytest.approx(plan.sites["cost"].to_numpy() / 1e4, abs=1e-4)
    assert set(rows["性质"]) == {"新建"}
    assert rows["必要性和朝向理由"].str.contains("第八条（一）").all()
    assert rows["经度（CGCS2000）"].tolist() == plan.sites["lon"].tolist()
    assert (folder / "sites" / "point_table.xlsx").stat().st_mode & 0o077 == 0


def test_a_named_system_stands_beside_the_degrees(plan, tmp_path) -> None:
    write_point_table(plan.sites, tmp_path, mark=MARK, system="gcj02")
    rows = read_sheet(tmp_path / "point_table.xlsx")
    assert set(rows["另用坐标系"]) == {"GCJ-02"}
    shown = rows["东／经度（另用坐标系）"].to_numpy(), rows["北／纬度（另用坐标系）"].to_numpy()
    back = wgs84_from_gcj02(*shown)
    assert back[0] == pytest.approx(plan.sites["lon"].to_numpy(), abs=2e-7)
    assert back[1] == pytest.approx(plan.sites["lat"].to_numpy(), abs=2e-7)
    east = place_points(plan.sites["lon"].to_numpy(), plan.sites["lat"].to_numpy(), "EPSG:32650").x
    assert east == pytest.approx(plan.sites.geometry.x.to_numpy(), abs=0.02)
    with pytest.raises(CrsError, match="unknown datum"):
        place_points(np.array([118.0]), np.array([32.0]), "nowhere")


def test_four_parameters_shift_turn_and_scale_the_gauss_krueger_plane() -> None:
    # on the central meridian x is 500,000 and y the length of the meridian's arc: by its series for GRS80,
    # 111132.95255 · 31 − 16038.50868 sin 62° + 16.83261 sin 124° = 3,430,974.32 m
    lon, lat = np.array([120.0]), np.array([31.0])
    arc = 111132.95255 * 31 - 16038.50868 * np.sin(np.radians(62)) + 16.83261 * np.sin(np.radians(124))
    east, north = LocalGrid(120.0, 100.0, -3_000_000.0).transform(lon, lat)
    assert (east[0], north[0]) == pytest.approx((500_100.0, arc - 3_000_000.0), abs=0.01)
    # a quarter turn counter-clockwise takes (x, y) to (−y, x); 10 ppm make 1 km a centimetre longer
    east, north = LocalGrid(120.0, 0.0, 0.0, rotation=90 * 3600.0, scale_ppm=10.0).transform(lon, lat)
    assert (east[0], north[0]) == pytest.approx((-arc * 1.00001, 500_005.0), abs=0.01)


@pytest.mark.parametrize("system", ["CGCS2000", "EPSG:32650", LocalGrid(117.0, -400_000.0, -3_500_000.0, 40.0, -8.0)])
def test_the_drawing_holds_points_lines_of_sight_and_ids_in_metres(plan, tmp_path, system) -> None:
    write_point_table(plan.sites, tmp_path, mark=MARK, system=system)
    drawn = pyogrio.read_dataframe(tmp_path / "point_table.dxf")
    kind = drawn.geom_type
    dots = drawn[(kind == "Point") & drawn["Text"].isna()].reset_index(drop=True)
    lines = drawn[kind == "LineString"].reset_index(drop=True)
    texts = drawn.loc[drawn["Text"].notna(), "Text"]
    assert len(dots) == len(lines) == len(texts) == len(plan.sites)
    assert [words.split()[0] for words in texts] == plan.sites["site_id"].tolist()
    # the distances between points are those of the ellipsoid, but for the scale of the plane (4e-4 and less)
    site = plan.sites
    metres = Geod(ellps="GRS80").inv(site["lon"][0], site["lat"][0], site["lon"][1], site["lat"][1])[2]
    assert dots.geometry[0].distance(dots.geometry[1]) == pytest.approx(metres, rel=5e-4, abs=0.02)
    assert shapely.length(lines.geometry.to_numpy()) == pytest.approx(site["reach"].to_numpy(), rel=5e-4)
    assert set(drawn["Layer"]) == {"SITE_NEW"}


def test_the_line_of_sight_points_to_true_north_azimuths_in_a_grid_of_convergence(plan, tmp_path) -> None:
    write_point_table(plan.sites, tmp_path, mark=MARK, system=gauss_krueger(120.0))
    drawn = pyogrio.read_dataframe(tmp_path / "point_table.dxf")
    lines = drawn[drawn.geom_type == "LineString"].geometry.to_numpy()
    ends = shapely.get_coordinates(lines).reshape(-1, 2, 2)
    grid = np.degrees(np.arctan2(*(ends[:, 1] - ends[:, 0]).T))
    # the town lies at 117° E: about 120° E grid north lies (120° − λ) sin φ = 1.59° west of true north
    turned = (plan.sites["lon"].to_numpy() - 120.0) * np.sin(np.radians(plan.sites["lat"].to_numpy()))
    off = np.mod(plan.sites["azimuth"].to_numpy(float) - turned - grid + 180.0, 360.0) - 180.0
    assert np.abs(off) == pytest.approx(0.0, abs=0.02)


def test_the_kml_is_well_formed_whatever_the_names_and_in_wgs84(plan, tmp_path) -> None:
    hostile = plan.sites.assign(name=HOSTILE, why=f"{FORMULA} & <b>")
    write_point_table(hostile, tmp_path, mark=MARK)
    read = pyogrio.read_dataframe(tmp_path / "point_table.kml")
    assert read.geometry.x.to_numpy() == pytest.approx(plan.sites["lon"].to_numpy(), abs=1e-7)
    assert read["Name"].iloc[0] == HOSTILE
    book = openpyxl.load_workbook(tmp_path / "point_table.xlsx")
    cells = [cell for row in book["点位表"].iter_rows(min_row=2) for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_nothing_is_written_where_there_is_no_site(tmp_path) -> None:
    assert write_point_table(tables.conform("sites", [], crs="EPSG:32650"), tmp_path / "x", mark=MARK) == []
    assert not (tmp_path / "x").exists()


def test_the_form_of_the_visit_offers_the_closed_list_and_only_its_fields_may_be_edited(folder) -> None:
    styles = pyogrio.read_dataframe(folder / "sites" / "survey.gpkg", layer="layer_styles")
    assert styles["f_table_name"].tolist() == ["survey"]
    form = styles["styleQML"].iloc[0]
    editable = re.findall(r'<field name="(\w+)" editable="1"/>', form)
    assert editable == ["survey", "azimuth", "why", "document"]
    assert all(f'value="{key}"' in form for key in ("open", "confirmed", "moved", "refused"))
    assert ET.fromstring(form.partition(">")[2]).tag == "qgis"


def edit_survey(folder: Path, copy: Path, change) -> Path:
    frame = gpd.read_file(folder / "sites" / "survey.gpkg", layer="survey")
    pyogrio.write_dataframe(change(frame), copy, layer="survey", driver="GPKG")
    return copy


def test_what_the_form_says_becomes_decisions_and_the_next_run_obeys(folder, asked, plan, tmp_path) -> None:
    first, second, third = plan.sites["site_id"].iloc[:3]

    def visit(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rows.loc[rows["site_id"] == first, ["survey", "why"]] = ["refused", "地下管线"]
        rows.loc[rows["site_id"] == second, "survey"] = "confirmed"
        away = (rows["site_id"] == third).to_numpy()
        rows.loc[away, "survey"] = "moved"
        shapes = rows.geometry.to_numpy().copy()
        shapes[away] = shapely.transform(shapes[away], lambda xy: xy + np.array([0.00002, 0.0]))  # 1.9 m east at 32° N
        return rows.set_geometry(gpd.GeoSeries(shapes, crs=rows.crs))

    untouched = edit_survey(folder, tmp_path / "same.gpkg", lambda rows: rows)
    assert read_edits(folder, untouched, **ENDS).decisions.empty
    edits = read_edits(folder, edit_survey(folder, tmp_path / "visited.gpkg", visit), **ENDS)
    assert edits.refused == ()
    told = edits.decisions
    assert set(told["subject"]) == {"site"}
    assert sorted(zip(told["id"], told["field"], told["value"].fillna(""), strict=True)) == sorted(
        [(first, "survey", "refused"), (second, "survey", "confirmed"), (third, "survey", "moved"),
         (third, "geometry", "")]
    )  # fmt: skip
    assert told.loc[told["id"] == first, "why"].tolist() == ["地下管线"]
    locks = apply_site_decisions(asked.candidates, told, asked.city, on="2026-11-22")
    after = draft_plan(
        locks.candidates, asked.gaps, rulebook(), budget=100_000.0, locked_in=locks.locked_in,
        locked_out=locks.locked_out, **asked.given,
    )  # fmt: skip
    ids = after.sites.set_index("site_id")
    assert first not in ids.index
    assert {second, third} <= set(ids.index)
    was = plan.sites.set_index("site_id").geometry[third]
    assert ids.geometry[third].x - was.x == pytest.approx(2e-5 * 111_320 * np.cos(np.radians(32.0)), abs=0.05)


def test_what_was_written_on_paper_is_typed_into_the_yellow_columns_and_comes_back(folder, plan, tmp_path) -> None:
    book = openpyxl.load_workbook(folder / "sites" / "point_table.xlsx")
    page = book["点位表"]
    heads = {str(cell.value): cell.column for cell in page[1]}
    first, second, third = plan.sites["site_id"].iloc[:3]
    page.cell(2, heads["踏勘"]).value = "不可行"
    page.cell(2, heads["理由"]).value = "距变压器过近"
    page.cell(3, heads["移位至（经度 纬度）"]).value = "118.7901234，32.0401234"
    page.cell(4, heads["移位至（经度 纬度）"]).value = "门口东侧两米"
    book.save(tmp_path / "typed.xlsx")
    edits = read_edits(folder, tmp_path / "typed.xlsx", **ENDS)
    rows = edits.decisions.set_index("id")
    assert rows.loc[first, ["field", "value", "why"]].tolist() == ["survey", "refused", "距变压器过近"]
    assert rows.loc[second, "geometry_wkt"] == "POINT (118.7901234 32.0401234)"
    assert third not in rows.index
    assert len(edits.refused) == 1
    assert third in edits.refused[0]
    assert "门口东侧两米" in edits.refused[0]


def test_an_edited_point_table_in_qgis_comes_back_without_moving_what_was_not_moved(folder, plan, tmp_path) -> None:
    frame = gpd.read_file(folder / "sites" / "point_table.gpkg", layer="sites")
    frame.loc[0, "locked"] = True
    pyogrio.write_dataframe(frame, tmp_path / "edited.gpkg", layer="sites", driver="GPKG")
    edits = read_edits(folder, tmp_path / "edited.gpkg", **ENDS)
    assert edits.refused == ()
    told = edits.decisions[["id", "field", "value"]].values.tolist()
    assert told == [[plan.sites["site_id"].iloc[0], "locked", "true"]]


def test_each_site_has_a_sheet_at_1_to_500_with_its_facts_and_boxes(asked, plan, results, tmp_path) -> None:
    few = plan.sites.iloc[:2].reset_index(drop=True)
    told = replace(
        results, city=asked.city, plan=plan, sites=few, cameras=asked.cameras, gaps=asked.gaps,
        mandates=asked.mandates,
    )  # fmt: skip
    draw_site_sheets(told, tmp_path / "site_sheets.pdf")
    raw = (tmp_path / "site_sheets.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", raw)) == 2
    boxes = {tuple(float(v) for v in m.split()) for m in re.findall(rb"/MediaBox \[([^\]]+)\]", raw)}
    assert {tuple(round(v / 72 * 25.4) for v in box) for box in boxes} == {(0, 0, 210, 297)}
