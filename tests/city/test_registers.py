"""Registers become declared tables: what is read, what is unknown, what is rejected, and what never gets in."""

from __future__ import annotations

import csv
import io
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from citycover import geo
from citycover.city.merge import merge_registers
from citycover.city.planner_tables import kinds_of_places
from citycover.city.registers import (
    read_cameras,
    read_districts,
    read_places,
    read_records,
    read_register,
)
from citycover.errors import CitycoverWarning, CrsError, FileFormatError, InputError
from citycover.tables import check

LON, LAT = 120.35, 31.55


def write(folder, text, name="r.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def table(*rows):
    """CSV text of rows of cells."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def read(folder, text, **more):
    path = write(folder, text)
    return read_register(path, as_="cameras", **({"datum": "wgs84"} | more))


def cell(folder, header, value, column, **more):
    """The cell that one value under one header becomes."""
    return read(folder, table(["经度", "纬度", header], [LON, LAT, value]), **more).table[column].iloc[0]


# --- the national register -----------------------------------------------------------------------------------------

NATIONAL = {
    "序号": "1", "设备编码*": "32020501001321000017", "设备名称*": "人民路东门", "行政区划编码*": "320205",
    "监控点位类型*": "1", "建设单位/设备归属*": "某市公安局", "管理单位*": "高新区派出所",
    "摄像机所属部门(警种)*": "1/12", "管理员姓名*": "王小明", "管理员联系电话*": "13812345678", "设备型号": "DS-2CD",
    "摄像机类型*": "3", "摄像机功能类型*": "03", "图像分辨率*": "6", "安装地址*": "人民路1号",
    "经度*": "120.355", "纬度*": "31.548", "摄像机安装位置室内外*": "1", "摄像机监控方位*": "5", "立杆编号*": "G12",
    "联网属性": "已联网", "IPv4*": "10.1.2.3", "MAC*": "00:1A:2B:3C:4D:5E", "访问端口": "8000", "用户名": "admin",
    "口令": "S3cret!", "启用时间*": "2021/3/5", "设备状态*": "1", "录像保存天数*": "30",
    "备注": "报修电话13912345678", "采集区域类型*": "8/10",
}  # fmt: skip


def test_the_headers_of_the_national_register_become_the_declared_columns(tmp_path):
    reading = read(tmp_path, table(NATIONAL.keys(), NATIONAL.values()), datum="gcj02")
    row = reading.table.iloc[0]
    check(reading.table, "cameras")
    assert row["camera_id"] == "r:32020501001321000017"
    assert row["device_id"] == "32020501001321000017"
    assert row["pole_id"] == "r:G12"
    assert row["owner"] == "某市公安局"
    assert row["owner_class"] == "police"
    assert row["department"] == "公安/交通"
    assert (row["camera_type"], row["ptz"], row["indoor"], row["networked"]) == ("fixed", False, False, True)
    assert (row["azimuth"], row["azimuth_source"]) == (135, "code")
    assert (row["pixels"], row["purpose"], row["retention_days"]) == (1920, "vehicle", 30)
    assert (row["in_use_since"], row["status"], row["status_assumed"]) == ("2021-03-05", "in_use", False)
    assert (row["place_types"], row["point_type"], row["source_row"]) == ("8/10", "一类点", 2)
    lon, lat = geo.to_degrees([row.geometry.x], [row.geometry.y], reading.table.crs)
    expected = geo.wgs84_from_gcj02([120.355], [31.548])
    assert abs(lon[0] - expected[0][0]) < 1e-8
    assert abs(lat[0] - expected[1][0]) < 1e-8


SECRETS = ["王小明", "13812345678", "13912345678", "10.1.2.3", "00:1A:2B:3C:4D:5E", "8000", "admin", "S3cret!"]


def test_no_login_address_name_or_phone_gets_in_by_any_door(tmp_path):
    bad = NATIONAL | {"经度*": "13812345678", "纬度*": "王小明"}
    reading = read(tmp_path, table(NATIONAL.keys(), NATIONAL.values(), bad.values()))
    assert len(reading.rejects) == 1
    said = reading.table.drop(columns="geometry").to_csv() + reading.rejects.to_csv() + str(reading.counts)
    assert not [secret for secret in SECRETS if secret in said]
    assert reading.counts["private_columns_dropped"] == 7
    assert reading.table["remarks"].iloc[0] == "报修***"
    only_bad = write(tmp_path, table(NATIONAL.keys(), bad.values()))
    with pytest.raises(InputError) as error:
        read_cameras(only_bad, datum="wgs84")
    assert not [secret for secret in SECRETS if secret in str(error.value)]


def test_an_owner_who_is_a_natural_person_appears_as_person(tmp_path):
    reading = read(tmp_path, table(["lon", "lat", "owner"], [LON, LAT, "王小明 13812345678"], [LON, LAT, "某某公司"]))
    assert reading.table["owner"].tolist() == ["个人", "某某公司"]
    assert reading.table["owner_class"].tolist() == ["person", "enterprise"]
    assert reading.counts["owner_hidden"] == 1


def test_a_class_of_person_hides_whatever_the_owner_is_called(tmp_path):
    reading = read(tmp_path, table(["lon", "lat", "owner", "owner_class"], [LON, LAT, "阿依古丽店", "个人"]))
    assert reading.table["owner"].iloc[0] == "个人"


def test_the_catalogue_of_gb28181_in_english_is_recognised(tmp_path):
    header = ["DeviceID", "Name", "Longitude", "Latitude", "PTZType", "DirectionType", "RoomType", "Status",
              "HorizontalFieldAngle", "MaxViewDistance", "IPAddress", "Password"]  # fmt: skip
    values = ["32020504001321000017", "x", LON, LAT, "1", "8", "2", "OFF", "60", "80", "10.0.0.1", "p"]
    row = read(tmp_path, table(header, values)).table.iloc[0]
    assert (row["camera_type"], row["ptz"], row["azimuth"], row["indoor"]) == ("ptz", True, 315, True)
    assert (row["status"], row["hfov"], row["reach"]) == ("repair", 60, 80)
    assert row["owner_class"] == "government"  # industry 04 of the id: a state organ


@pytest.mark.parametrize(
    ("word", "status"),
    [("在用", "in_use"), ("2", "repair"), ("拆除", "removed"), ("停用", "out_of_use"), ("在建", "building"),
     ("规划", "planned"), ("已批准", "approved"), ("已验收", "accepted"), ("accepted", "accepted"), ("ON", "in_use")],
)  # fmt: skip
def test_a_status_is_read_from_words_and_codes(tmp_path, word, status):
    assert cell(tmp_path, "设备状态", word, "status") == status
    assert not cell(tmp_path, "设备状态", word, "status_assumed")


def test_without_a_status_a_camera_is_taken_as_in_use_and_that_is_said(tmp_path):
    reading = read(tmp_path, table(["lon", "lat"], [LON, LAT]))
    assert reading.table["status"].tolist() == ["in_use"]
    assert reading.table["status_assumed"].tolist() == [True]
    assert reading.counts["status_assumed"] == 1


@pytest.mark.parametrize(
    ("text", "pixels"),
    [("6", 1920), ("5/6", 1920), ("1080P", 1920), ("1920*1080", 1920), ("2560×1440", 2560), ("400万像素", 2560),
     ("4K", 3840)],
)  # fmt: skip
def test_the_width_of_the_image_is_read_from_codes_words_and_sizes(tmp_path, text, pixels):
    assert cell(tmp_path, "图像分辨率*", text, "pixels") == pixels


def test_a_code_that_two_editions_read_differently_stays_unknown_until_one_is_named(tmp_path):
    assert pd.isna(cell(tmp_path, "联网属性", "0", "networked"))
    assert cell(tmp_path, "联网属性", "0", "networked", edition="hefei")
    assert not cell(tmp_path, "联网属性", "0", "networked", edition={"networked": "one_is_yes"})
    reading = read(tmp_path, table(["lon", "lat", "联网属性"], [LON, LAT, "0"]))
    assert reading.counts["networked_ambiguous"] == 1
    assert "networked_ambiguous" in reading.table["flags"].iloc[0]


def test_a_count_of_nought_is_no_camera_and_an_unreadable_one_is_one_and_counted(tmp_path):
    given = ("3", "0", "x", "", "2.5", "-1")
    reading = read(tmp_path, table(["lon", "lat", "cameraCount"], *[[LON, LAT, n] for n in given]))
    assert reading.table["count"].tolist() == [3, 0, 1, 1, 1, 1]
    assert reading.counts["count_zero"] == 1
    assert reading.counts["count_taken_as_one"] == 3  # an empty cell says nothing


def test_defaults_fill_what_the_register_does_not_say(tmp_path):
    reading = read(
        tmp_path,
        table(["lon", "lat", "所属部门"], [LON, LAT, "教育"], [LON, LAT, ""]),
        defaults={"department": "城管局", "owner_class": "public_body"},
    )
    assert reading.table["department"].tolist() == ["教育", "城管局"]
    assert reading.table["owner_class"].tolist() == ["public_body"] * 2
    with pytest.raises(InputError, match="owner_class needs one of"):
        read(tmp_path, table(["lon", "lat"], [LON, LAT]), defaults={"owner_class": "city"})


# --- ids and poles -------------------------------------------------------------------------------------------------


def test_an_id_repeated_inside_a_register_is_kept_numbered_and_counted(tmp_path):
    reading = read(
        tmp_path, table(["id", "lon", "lat"], ["A", LON, LAT], ["A", LON, LAT], ["B", LON, LAT]), register="区"
    )
    assert reading.table["camera_id"].tolist() == ["区:A", "区:A-2", "区:B"]
    assert reading.counts["id_repeated"] == 1


def test_rows_without_an_id_get_one_from_their_content_whatever_their_order(tmp_path):
    rows = [[LON, LAT, "东门"], [LON + 0.01, LAT, "西门"]]
    one = read(tmp_path, table(["lon", "lat", "name"], *rows)).table
    two = read(tmp_path, table(["lon", "lat", "name"], *rows[::-1])).table
    assert one["camera_id"].tolist() == two["camera_id"].tolist()[::-1]
    assert one["camera_id"].is_unique


def test_a_twenty_digit_id_that_excel_made_a_number_is_not_believed(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "r.xlsx"))
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["设备编码", "经度", "纬度"])
    sheet.write_row(1, 0, [32020501421321000017, LON, LAT])
    sheet.write_row(2, 0, ["32020501421321000018", LON, LAT])
    book.close()
    reading = read_register(tmp_path / "r.xlsx", as_="cameras", datum="wgs84")
    assert reading.table["device_id"].isna().tolist() == [True, False]
    assert reading.table["camera_id"].tolist()[1] == "r:32020501421321000018"
    assert reading.counts["device_id_lost_digits"] == 1
    assert "device_id_lost_digits" in reading.table["flags"].iloc[0]


def test_an_address_used_as_an_id_does_not_get_in(tmp_path):
    reading = read(tmp_path, table(["id", "lon", "lat"], ["10.1.2.3", LON, LAT]))
    assert "10.1.2.3" not in reading.table["camera_id"].iloc[0]
    assert reading.counts["id_masked"] == 1


def test_several_cameras_on_one_pole_stay_several_with_one_pole(tmp_path):
    """A degree of longitude is about 95 km here: 5e-6° are 0.5 m, 2e-5° are 1.9 m."""
    lons = [LON, LON, LON + 5e-6, LON + 2.5e-5]
    poles = read(tmp_path, table(["lon", "lat"], *[[f"{lon:.7f}", LAT] for lon in lons])).table["pole_id"]
    assert len(poles) == 4
    assert poles[0] == poles[1] == poles[2]
    assert poles[3] != poles[0]


def test_numbered_poles_are_believed_even_where_they_stand_together(tmp_path):
    poles = read(tmp_path, table(["lon", "lat", "立杆编号"], [LON, LAT, "G1"], [LON, LAT, "G2"], [LON, LAT, ""])).table[
        "pole_id"
    ]
    assert poles.tolist()[:2] == ["r:G1", "r:G2"]
    assert poles.nunique() == 3


# --- where it lies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        ("120.35", "31.55"), ("120°21′00″", "31°33′0″"), ("120°21'0\"E", "31°33'0\"N"), ("东经120.35", "北纬31.55"),
        ("120度21分0秒", "31度33分"), ("E120.35", "N31.55"), ("120°21.0′", "31°33.0′"), ("１２０.３５", "３１.５５"),
        ("120 21 0", "31 33 0"), (" 120.35 ", "31.55°"),
    ],
)  # fmt: skip
def test_degrees_of_every_spelling_are_the_same_place(tmp_path, lon, lat):
    """120.35° = 120° 21′ 0″, 31.55° = 31° 33′ 0″."""
    reading = read(tmp_path, table(["经度", "纬度"], [lon, lat]))
    x, y = geo.to_metric([120.35], [31.55], reading.table.crs)
    assert reading.table.geometry.iloc[0].distance(shapely.Point(x[0], y[0])) < 1e-4


@settings(max_examples=60, deadline=None)
@given(st.floats(73.5, 134.9), st.floats(3.9, 53.4))
def test_decimals_and_degrees_minutes_seconds_are_the_same_position(lon, lat):
    from citycover.city.positions import parse_degrees

    def dms(value):
        d, m = int(value), int(value % 1 * 60)
        s = (value - d - m / 60) * 3600
        return f"{d}°{m}′{max(s, 0):.6f}″"

    both = parse_degrees(pd.Series([dms(lon), dms(lat)], dtype="str"))
    keep = ~np.isnan(both)  # 59.9999999″ may be printed as 60″, which is refused
    assert np.abs(both - [lon, lat])[keep].max(initial=0) < 1e-8


def test_a_missing_datum_is_an_error_that_lists_the_choices(tmp_path):
    path = write(tmp_path, table(["lon", "lat"], [LON, LAT]))
    for reader in (read_cameras, read_places, read_districts):
        with pytest.raises(InputError, match=r"gcj02.*bd09.*EPSG:4490"):
            reader(path, datum=None)


@pytest.mark.parametrize(("code", "prefix"), [("EPSG:4549", 0), ("EPSG:4528", 40_000_000)])
def test_in_a_chinese_zone_the_column_x_points_north(tmp_path, code, prefix):
    """In both zones 120° E has the false easting 500 km, in 4528 behind the zone number 40."""
    x, y = geo.to_metric([120.0], [31.55], geo.parse_datum("EPSG:4549").crs)
    text = table(["X", "Y"], [f"{y[0]:.4f}", f"{x[0] + prefix:.4f}"])
    point = read(tmp_path, text, datum=code).table.geometry.iloc[0]
    lon, lat = geo.to_degrees([point.x], [point.y], geo.metric_crs(120.0, 31.55))
    assert abs(lon[0] - 120.0) < 1e-7
    assert abs(lat[0] - 31.55) < 1e-7


def test_x_and_y_swapped_in_a_chinese_zone_are_noticed(tmp_path):
    text = table(["X", "Y"], *[[500_000 + i, 3_491_000] for i in range(5)])
    with pytest.raises(InputError, match=r"axes are swapped.*easting = \"X\""):
        read(tmp_path, text, datum="EPSG:4549")
    path = write(tmp_path, text)
    columns = {"easting": "X", "northing": "Y"}
    assert len(read_cameras(path, datum="EPSG:4549", columns=columns)) == 5


def test_eastings_with_a_zone_number_name_the_zone_that_has_it(tmp_path):
    with pytest.raises(InputError, match="EPSG:4528"):
        read(tmp_path, table(["X", "Y"], [3_491_000, 40_500_000]), datum="EPSG:4549")
    with pytest.raises(InputError, match="lack the zone number"):
        read(tmp_path, table(["X", "Y"], [3_491_000, 500_000]), datum="EPSG:4528")


def test_a_missing_column_names_what_was_needed_what_was_given_and_what_is_near(tmp_path):
    with pytest.raises(
        InputError, match=r"r\.csv: needed columns for longitude.*given headers: longitudes, 高.*nearest: longitudes"
    ):
        read(tmp_path, table(["longitudes", "高"], [LON, LAT]))


def test_swapped_axes_are_noticed_for_the_table_as_a_whole(tmp_path):
    with pytest.raises(InputError, match=r"swapped.*lon = \"纬度\""):
        read(tmp_path, table(["经度", "纬度"], *[[LAT + i / 1000, LON] for i in range(10)]))


def test_swapped_axes_are_noticed_where_both_could_be_latitudes(tmp_path):
    """Urumqi: 43.8° N, 87.6° E. Swapped, it would be an island of the Arctic ocean."""
    with pytest.raises(InputError, match="swapped"):
        read(tmp_path, table(["经度", "纬度"], [43.8, 87.6]))
    assert len(read(tmp_path, table(["经度", "纬度"], [87.6, 43.8])).table) == 1
    assert len(read(tmp_path, table(["lon", "lat"], [7.42, 43.73])).table) == 1  # Monaco


def test_single_bad_rows_are_rejected_with_row_column_and_reason_and_the_others_are_read(tmp_path):
    bad = [["", LAT], ["-999", "-999"], ["0", "0"], ["128018008.0", LAT], [LON, "待定"], [LAT, LON]]
    rows = [[LON + i / 1e4, LAT] for i in range(54)] + bad
    with pytest.warns(CitycoverWarning, match="6 of 60 rows"):
        cameras = read_cameras(write(tmp_path, table(["lon", "lat"], *rows)), datum="wgs84")
    assert len(cameras) == 54
    rejects = read(tmp_path, table(["lon", "lat"], *rows)).rejects
    check(rejects, "rejects")
    assert rejects["row"].tolist() == [56, 57, 58, 59, 60, 61]
    assert rejects["column"].tolist() == ["lon", "lon", "lon", "lon", "lat", "lat"]
    words = ["nothing", "stands for none", "0, 0", "decimal point", "text that is none", "swapped in this row"]
    assert [word in reason for word, reason in zip(words, rejects["reason"], strict=True)] == [True] * 6


def test_a_register_with_no_usable_row_is_an_error_that_says_why(tmp_path):
    with pytest.raises(InputError, match=r"none of 2 rows can be used: 2 × lon"):
        read(tmp_path, table(["name", "lon", "lat"], ["甲", "", ""], ["乙", "", ""]))


def test_an_empty_register_is_an_error(tmp_path):
    with pytest.raises(InputError, match="header but no rows"):
        read(tmp_path, table(["lon", "lat"]))
    with pytest.raises(FileFormatError, match="empty"):
        read(tmp_path, "")


def test_shuffled_rows_give_the_same_cameras(tmp_path):
    rng = np.random.default_rng(3)
    rows = [
        [f"{LON + dx:.6f}", f"{LAT + dy:.6f}", f"N{i % 7}"]
        for i, (dx, dy) in enumerate(rng.uniform(-0.01, 0.01, (40, 2)))
    ]
    one = read(tmp_path, table(["lon", "lat", "name"], *rows)).table.set_index("camera_id")
    two = read(tmp_path, table(["lon", "lat", "name"], *rng.permutation(rows).tolist())).table.set_index("camera_id")
    pd.testing.assert_series_equal(one["pole_id"].sort_index(), two["pole_id"].sort_index())


def test_a_projected_file_and_another_projected_datum_contradict(tmp_path):
    frame = gpd.GeoDataFrame({"id": ["1"]}, geometry=gpd.points_from_xy([500_000], [3_491_000]), crs=4549)
    frame.to_file(tmp_path / "r.gpkg", driver="GPKG")
    with pytest.raises(CrsError, match="EPSG:4548"):
        read_cameras(tmp_path / "r.gpkg", datum="EPSG:4548")
    assert len(read_cameras(tmp_path / "r.gpkg", datum="EPSG:4549")) == 1


def test_lines_and_areas_are_no_cameras(tmp_path):
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(LON, LAT), box(LON, LAT, LON + 1, LAT + 1)], crs=4326)
    frame.assign(name="x").to_file(tmp_path / "r.geojson", driver="GeoJSON")
    reading = read_register(tmp_path / "r.geojson", as_="cameras", datum="wgs84")
    assert (len(reading.table), reading.rejects["row"].tolist()) == (1, [3])


# --- places, districts, records ------------------------------------------------------------------------------------


def test_a_list_of_places_gives_places_kinds_and_facts(tmp_path):
    text = table(
        ["编号", "名称", "类别", "经度", "纬度", "涉密", "所有者", "建筑面积", "单位电话"],
        ["S1", "市一院", "医院；停车场（库）", LON, LAT, "否", "市卫健委", "12,000平方米", "13812345678"],
        ["S2", "某库", "油库", LON, LAT, "是", "王小明", "", ""],
        ["S3", "某宫", "宫殿", LON, LAT, "", "", "", ""],
    )
    reading = read_register(write(tmp_path, text), as_="places", datum="wgs84")
    places = reading.table
    check(places, "places")
    assert places["place_id"].tolist() == ["S1", "S2"]
    assert places["secret"].tolist() == [False, True]
    assert places["owner"].tolist() == ["市卫健委", "个人"]
    assert places["gfa"].tolist()[0] == 12_000
    assert reading.rejects["column"].tolist() == ["kind"]
    kinds = kinds_of_places(places)
    check(kinds, "place_kinds")
    assert kinds["kind"].tolist() == ["hospital", "parking_facility", "oil_depot"]
    assert kinds["evidence"].tolist()[0] == "r.csv 2"


def test_places_may_be_polygons_in_text_and_know_their_ground(tmp_path):
    text = table(["名称", "类别", "geometry"], ["公园", "park", box(LON, LAT, LON + 0.001, LAT + 0.001).wkt])
    places = read_places(write(tmp_path, text), datum="wgs84")
    assert abs(places["ground"].iloc[0] - places.geometry.area.iloc[0]) < 1e-6
    assert 10_000 < places["ground"].iloc[0] < 11_000  # 95 m × 111 m


def test_an_osm_place_needs_no_position_in_a_list(tmp_path):
    text = table(["place_id", "kind", "owner"], ["way/12", "hospital", "市卫健委"])
    places = read_places(write(tmp_path, text), datum="wgs84")
    assert places["place_id"].tolist() == ["way/12"]
    with pytest.raises(InputError, match="id of an OSM object"):
        read_places(write(tmp_path, table(["place_id", "kind"], ["S1", "hospital"])), datum="wgs84")


def test_districts_are_polygons_with_code_and_name(tmp_path):
    frame = gpd.GeoDataFrame(
        {"代码": ["320214", "320205"], "名称": ["新吴区", "锡山区"]},
        geometry=[box(LON, LAT, LON + 0.1, LAT + 0.1), box(LON + 0.1, LAT, LON + 0.2, LAT + 0.1)],
        crs=4326,
    )
    frame.to_file(tmp_path / "d.gpkg", driver="GPKG")
    districts = read_districts(tmp_path / "d.gpkg", datum="wgs84")
    check(districts, "districts")
    assert districts["district_id"].tolist() == ["320214", "320205"]
    points = frame.assign(geometry=frame.centroid.to_crs(4326)) if frame.crs.is_projected else frame.head(1)
    points.set_geometry([shapely.Point(LON, LAT)], crs=4326).to_file(tmp_path / "p.gpkg", driver="GPKG")
    with pytest.raises(InputError, match="needed a polygon"):
        read_districts(tmp_path / "p.gpkg", datum="wgs84")


def test_records_are_read_long_and_wide_alike(tmp_path):
    long = table(
        ["place_id", "事项", "值", "日期"], ["way/1", "所有者", "某公司", "2020-01-02"], ["way/1", "国有", "是", ""]
    )
    wide = table(["place_id", "owner", "state_owned"], ["way/1", "某公司", "是"], ["way/2", "王小明", ""])
    one = read_records(write(tmp_path, long, "a.csv"))
    two = read_records(write(tmp_path, wide, "b.csv"))
    check(one, "records")
    assert one[["fact", "value"]].to_numpy().tolist() == [["owner", "某公司"], ["state_owned", "是"]]
    assert two[["place_id", "fact", "value"]].to_numpy().tolist() == [
        ["way/1", "owner", "某公司"],
        ["way/1", "state_owned", "是"],
        ["way/2", "owner", "个人"],
    ]


def test_a_record_of_an_unknown_fact_is_rejected(tmp_path):
    text = table(["place_id", "fact", "value"], ["way/1", "colour", "red"], ["way/1", "owner", "某公司"])
    reading = read_register(write(tmp_path, text), as_="records", datum=None)
    assert reading.rejects["column"].tolist() == ["fact"]
    assert len(reading.table) == 1


# --- several registers ---------------------------------------------------------------------------------------------

DEVICE = "32020501001321000017"


def register(folder, name, *rows):
    header = ["device_id", "lon", "lat", "azimuth", "model", "立杆编号"]
    return read_cameras(write(folder, table(header, *rows), f"{name}.csv"), datum="wgs84", crs=geo.metric_crs(LON, LAT))


def test_the_same_id_in_two_registers_is_one_device_wherever_it_stands(tmp_path):
    a = register(tmp_path, "a", [DEVICE, LON, LAT, 90, "X", ""])
    b = register(tmp_path, "b", [DEVICE, LON + 0.001, LAT, 180, "Y", ""])
    merged = merge_registers([a, b])
    assert merged["same_as"].fillna("").tolist() == ["", f"a:{DEVICE}"]
    assert len(merged) == 2


@pytest.mark.parametrize(
    ("second", "same"),
    [
        (["", LON + 3e-5, LAT, 92, "ds-2cd", ""], True),  # 2.9 m, 2°, the same model in other letters
        (["", LON + 7e-5, LAT, 92, "DS-2CD", ""], False),  # 6.6 m
        (["", LON, LAT, 100, "DS-2CD", ""], False),  # 10° apart
        (["", LON, LAT, "", "DS-2CD", ""], False),  # pose unknown
        (["", LON, LAT, 90, "IPC-9", ""], False),  # another model
        (["", LON, LAT, 90, "", ""], False),  # model unknown
        (["", LON, LAT, 90, "DS-2CD", "G2"], False),  # another pole
        (["", LON, LAT, 90, "DS-2CD", "G1"], True),  # the same pole
        (["32020501001321000018", LON, LAT, 90, "DS-2CD", "G1"], False),  # another 20-digit id
    ],
)
def test_pole_pose_and_model_within_five_metres_are_one_device_and_nearness_alone_is_not(tmp_path, second, same):
    a = register(tmp_path, "a", [DEVICE, LON, LAT, 90, "DS 2CD", "G1"])
    merged = merge_registers([a, register(tmp_path, "b", second)])
    assert merged["same_as"].notna().tolist() == [False, same]


def test_azimuths_either_side_of_north_are_the_same_pose(tmp_path):
    a = register(tmp_path, "a", ["", LON, LAT, 359, "X", ""])
    assert merge_registers([a, register(tmp_path, "b", ["", LON, LAT, 1, "X", ""])])["same_as"].notna().sum() == 1


def test_rows_repeated_inside_one_register_are_not_linked(tmp_path):
    rows = [[DEVICE, LON, LAT, 90, "X", ""], [DEVICE, LON, LAT, 90, "X", ""]]
    assert merge_registers([register(tmp_path, "a", *rows)])["same_as"].isna().all()


def test_a_device_in_three_registers_names_the_first_in_both_others(tmp_path):
    registers = [register(tmp_path, name, ["", LON, LAT, 90, "X", ""]) for name in "abc"]
    merged = merge_registers(registers)
    assert merged["same_as"].dropna().tolist() == [merged["camera_id"].iloc[0]] * 2


def test_one_camera_is_linked_to_one_row_of_each_other_register(tmp_path):
    a = register(tmp_path, "a", ["", LON, LAT, 90, "X", ""])
    b = register(tmp_path, "b", ["", LON, LAT, 90, "X", ""], ["", LON + 1e-5, LAT, 90, "X", ""])
    assert merge_registers([a, b])["same_as"].notna().tolist() == [False, True, False]


def test_two_registers_of_one_name_are_told_apart(tmp_path):
    one = register(tmp_path, "a", [DEVICE, LON, LAT, 90, "X", "G1"])
    merged = merge_registers([one, one])
    assert merged["camera_id"].tolist() == [f"a:{DEVICE}", f"a-2:{DEVICE}"]
    assert merged["pole_id"].tolist() == ["a:G1", "a-2:G1"]
    check(merged, "cameras")


# --- real registers ------------------------------------------------------------------------------------------------

KOREAN = {"camera_id": "id", "lat": "lat", "lon": "lng", "count": "cameraCount", "owner": "manager"}


def test_the_register_of_suwon_is_read_through_a_column_map(shared_data):
    reading = read_register(shared_data / "suwon_cameras.csv", as_="cameras", datum="wgs84", columns=KOREAN)
    check(reading.table, "cameras")
    assert (len(reading.table), len(reading.rejects)) == (703, 0)
    assert reading.table["count"].sum() == 2227  # README of the data
    assert reading.table["azimuth"].isna().all()


def test_numbers_of_a_korean_direction_are_not_taken_for_azimuths(shared_data):
    reading = read_register(
        shared_data / "seoul_myeongdong_cameras.csv",
        as_="cameras",
        datum="wgs84",
        columns=KOREAN | {"azimuth": "direction"},
    )
    assert len(reading.table) == 558
    assert reading.table["azimuth"].isna().all()
    assert reading.table["hfov"].isna().all()


def test_the_register_of_seoul_is_read_whole_but_for_its_one_impossible_row(shared_data):
    """One row of the file has a longitude of 216.995; the README counts 117,856 cameras over all rows."""
    reading = read_register(shared_data / "seoul_cameras.csv.gz", as_="cameras", datum="wgs84", columns=KOREAN)
    assert reading.counts["rows"] == 56_901
    assert len(reading.rejects) == 1
    assert "216.995" in reading.rejects["reason"].iloc[0]


def test_bearings_of_taiwan_become_azimuths(shared_data):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cameras = read_cameras(
            shared_data / "taiwan_enforcement_cameras.geojson", datum="wgs84", columns={"azimuth": "bearing"}
        )
    assert len(cameras) == 2512
    assert cameras["azimuth"].notna().sum() == 1624
