"""Code tables of Chinese registers: what a code means, in which edition, and when it means nothing sure."""

from __future__ import annotations

import pandas as pd
import pytest

from citycover import terms
from citycover.city.cells import Notes, azimuths, dates
from citycover.city.codes import decode, list_editions, load_codes, take_apart
from citycover.city.headers import is_private, normal, recognise, scorer
from citycover.city.planner_tables import parse_kinds
from citycover.city.privacy import hide_persons, mask
from citycover.errors import InputError


def text(*cells: str | None) -> pd.Series:
    return pd.Series(cells, dtype="str")


def test_every_meaning_in_the_code_tables_belongs_to_the_closed_vocabularies():
    codes = load_codes()
    allowed = {
        "status": set(terms.STATUSES),
        "purpose": set(terms.PURPOSES),
        "function_type": set(terms.PURPOSES),
        "use_type": set(terms.PURPOSES) | {""},
        "owner_class": set(terms.OWNER_CLASSES),
        "ptz_type": {"fixed", "dome", "ptz", "panoramic", ""},
    }
    for table, values in allowed.items():
        for edition, meanings in codes[table].items():
            assert set(meanings.values()) <= values, (table, edition)
    assert set(codes["owner_words"]) <= set(terms.OWNER_CLASSES)


def test_the_directions_of_gb28181_are_the_optical_axis_in_degrees():
    azimuth, source, around = azimuths(text(*"123456789"), codes=True, notes=Notes(9))
    assert azimuth.tolist()[:8] == [90, 270, 180, 0, 135, 45, 225, 315]
    assert pd.isna(azimuth[8])
    assert around.tolist() == [False] * 8 + [True]
    assert source[0] == "code"


@pytest.mark.parametrize(
    ("word", "degrees"),
    [
        ("东", 90), ("1-东", 90), ("1-东（西向东）", 90), ("朝南", 180), ("由东向西", 270), ("东向西", 270),
        ("东南方向", 135), ("西北向", 315), ("NE", 45), ("south", 180), ("SSW", 202.5), ("남동", 135),
        ("북서쪽", 315), ("135", 135), ("135.5°", 135.5), ("0", 0), ("359.9", 359.9), ("正北", 0),
    ],
)  # fmt: skip
def test_a_direction_is_read_from_numbers_and_from_words_in_three_languages(word, degrees):
    azimuth, _, _ = azimuths(text(word), codes=False, notes=Notes(1))
    assert azimuth[0] == degrees


@pytest.mark.parametrize(
    "word", ["2방면", "회전", "전방 50M", "360도 전방면", "东西", "东/西", "-1", "400", "路口", "고정", "1号杆"]
)
def test_what_is_no_direction_is_unknown_and_counted(word):
    notes = Notes(1)
    azimuth, source, _ = azimuths(text(word), codes=False, notes=notes)
    assert pd.isna(azimuth[0])
    assert pd.isna(source[0])
    assert sum(notes.counts.values()) == 1


def test_a_column_full_of_360_is_one_of_angles_of_view_and_gives_no_direction():
    """Korean registers: where `direction` holds a number it is the angle of view (360, 180, 90 …)."""
    notes = Notes(5)
    azimuth, _, _ = azimuths(text("360", "90", "180", "남동", None), codes=False, notes=notes)
    assert azimuth.tolist()[3] == 135
    assert azimuth.notna().sum() == 1
    assert notes.counts == {"azimuth_looks_like_angle_of_view": 3}


def test_one_360_among_many_directions_spoils_only_itself():
    azimuth, _, _ = azimuths(text("360", *[str(d) for d in range(0, 300, 10)]), codes=False, notes=Notes(31))
    assert azimuth.notna().sum() == 30


def test_degrees_in_a_column_of_direction_codes_make_its_small_numbers_ambiguous():
    notes = Notes(3)
    azimuth, _, _ = azimuths(text("135", "3", "东"), codes=True, notes=notes)
    assert azimuth[0] == 135
    assert pd.isna(azimuth[1])
    assert azimuth[2] == 90
    assert notes.counts == {"azimuth_code_or_degrees": 1}


def test_one_bad_cell_among_direction_codes_costs_that_cell_alone():
    notes = Notes(21)
    azimuth, _, _ = azimuths(pd.Series(["3"] * 20 + ["12"]), codes=True, notes=notes)
    assert azimuth.tolist()[:20] == [180.0] * 20
    assert azimuth.isna().tolist()[20:] == [True]
    assert notes.counts == {"azimuth_unreadable": 1}


def test_a_code_on_which_editions_disagree_is_ambiguous_until_one_is_named():
    for table, code, answers in (
        ("ptz_type", "5", {"gbt28181_2022": "ptz", "police": "fixed"}),
        ("networked", "0", {"hefei": True, "one_is_yes": False}),
        ("point_type", "4", {"police": "公安内部", "wvp": "其他"}),
    ):
        meaning, fault = decode(text(code), table)
        assert meaning[0] is None
        assert fault[0] == "ambiguous"
        for edition, answer in answers.items():
            assert decode(text(code), table, edition=edition)[0][0] == answer
            assert decode(text(code), table, edition={table: edition})[0][0] == answer


def test_heights_by_code_are_read_only_in_the_edition_that_defines_them():
    assert decode(text("3"), "height_code")[1][0] == "ambiguous"
    assert decode(text("3"), "height_code", edition="hefei")[0][0] == 5.3


def test_an_unknown_edition_is_refused_with_those_that_exist():
    with pytest.raises(InputError, match="gbt28181_2022"):
        decode(text("1"), "ptz_type", edition="gbt28181_1999")
    assert "common" not in list_editions()


def test_a_code_with_its_label_is_read_by_the_label():
    assert decode(text("1-在用", "2 维修", "3：拆除", "停用", "OFF"), "status")[0].tolist() == [
        "in_use", "repair", "removed", "out_of_use", "repair",
    ]  # fmt: skip


def test_a_twenty_digit_id_is_taken_apart_by_position():
    """320205 | 01 | 42 | 132 | 1 | 000017: Xishan district, unit 01, manufacturing, IP camera, network 1, serial 17."""
    parts = take_apart(text("32020501421321000017")).iloc[0]
    assert list(parts[:6]) == ["320205", "01", "42", "132", "1", "000017"]
    assert parts["owner_class"] == "enterprise"
    assert parts["fault"] is None


@pytest.mark.parametrize(
    ("industry", "owner"),
    [("00", "government"), ("39", "government"), ("40", "enterprise"), ("79", "enterprise"), ("80", "residents"),
     ("89", "residents"), ("90", "unknown"), ("99", "unknown")],
)  # fmt: skip
def test_the_blocks_of_the_industry_code_tell_who_owns(industry, owner):
    assert take_apart(text(f"32020501{industry}1320000017"))["owner_class"][0] == owner


@pytest.mark.parametrize(
    ("device_id", "fault"),
    [
        ("3202050142132100001", "malformed"),  # 19 digits
        ("99020501421321000017", "malformed"),  # no such province
        ("3.20205014213210E+19", "lost_digits"),
        ("32020501421181000017", "no_camera"),  # 118 is a recorder
        ("abc", "malformed"),
    ],
)
def test_an_id_that_cannot_be_a_camera_says_why(device_id, fault):
    assert take_apart(text(device_id))["fault"][0] == fault


def test_dates_of_every_usual_spelling_are_the_same_day():
    """44260 is the Excel day of 2021-03-05: 44197 (2021-01-01) + 31 + 28 + 4."""
    cells = text("2021-03-05", "2021/3/5", "20210305", "2021年3月5日", "2021.03.05 12:30:00", "44260")
    assert set(dates(cells, notes=Notes(6), name="filed_on")) == {"2021-03-05"}


def test_a_date_that_does_not_exist_is_unknown_and_counted():
    notes = Notes(2)
    assert dates(text("2021-02-30", "去年"), notes=notes, name="filed_on").isna().all()
    assert notes.counts == {"filed_on_unreadable": 2}


# --- headers -------------------------------------------------------------------------------------------------------


def test_headers_are_compared_without_stars_brackets_blanks_and_width():
    assert normal("　经 度（°）＊") == "经度"
    assert normal("PTZType") == normal("ptz_type")


def test_the_common_typo_of_latitude_is_recognised():
    found = recognise(["设备经度", "设备维度"], as_="cameras", columns={}, source="x")
    assert found.columns == {"lon": "设备经度", "lat": "设备维度"}


def test_our_own_names_go_before_aliases():
    found = recognise(["经度", "lon", "lat"], as_="cameras", columns={}, source="x")
    assert found.columns["lon"] == "lon"
    assert found.unused == ("经度",)


def test_a_column_map_goes_before_everything():
    found = recognise(["lon", "lng", "lat"], as_="cameras", columns={"lon": "lng"}, source="x")
    assert found.columns == {"lon": "lng", "lat": "lat"}


def test_a_column_map_to_an_absent_header_names_the_nearest():
    with pytest.raises(InputError, match="nearest: longitude"):
        recognise(["longitude", "lat"], as_="cameras", columns={"lon": "longitud"}, source="x")


def test_a_column_map_with_a_wrong_name_of_ours_names_the_nearest():
    with pytest.raises(InputError, match="nearest: .*azimuth"):
        recognise(["a"], as_="cameras", columns={"azimut": "a"}, source="x")


def test_a_column_map_cannot_open_a_private_column():
    with pytest.raises(InputError, match="never read"):
        recognise(["lon", "lat", "联系电话"], as_="cameras", columns={"name": "联系电话"}, source="x")


@pytest.mark.parametrize(
    "header",
    ["管理员姓名*", "管理员联系电话*", "IPv4*", "IPv6", "MAC*", "访问端口", "用户名", "口令", "连接协议",
     "IPAddress", "Port", "ContactInfo", "密码", "负责人", "身份证号", "Password", "设备IP地址", "手机号码"],
)  # fmt: skip
def test_logins_addresses_and_persons_are_private(header):
    assert is_private(header)


@pytest.mark.parametrize(
    "header", ["安装地址*", "管理单位*", "设备编码*", "purpose", "description", "所属部门", "立杆编号*"]
)
def test_what_planners_need_is_not_private(header):
    assert not is_private(header)


def test_most_headers_of_the_national_register_are_known():
    row = ["序号", "设备编码*", "设备名称*", "行政区划编码*", "监控点位类型*", "经度*", "摄像机监控方位*", "立杆编号*"]
    assert scorer("cameras", {})(row) == len(row)
    assert scorer("cameras", {})(["某区视频监控建设情况统计表", "", ""]) == 0


# --- privacy and kinds ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("东门 13812345678", "东门 ***"),
        ("值班室 0510-82345678 转", "值班室 *** 转"),
        ("rtsp://admin:abc123@10.1.2.3:554/h264", "***"),
        ("地址10.1.2.3:8000", "地址***"),
        ("密码：Ab12345!", "***"),
        ("联系人：王小明", "***"),
        ("00:1A:2B:3C:4D:5E", "***"),
        ("fe80::1a2b:3c4d", "***"),
        ("32020519900101123X", "***"),
        ("人民路12号2栋3单元", "人民路12号2栋3单元"),
        ("2021-03-05 12:30:15 调试", "2021-03-05 12:30:15 调试"),
        ("경기도 수원시 영통구 하동 955-67", "경기도 수원시 영통구 하동 955-67"),
        ("G312 K12+300", "G312 K12+300"),
    ],
)
def test_texts_lose_phones_addresses_and_logins_and_nothing_else(given, kept):
    assert mask(text(given))[0] == kept


@pytest.mark.parametrize(
    "name", ["王小明", "欧阳娜娜", "李四（13800000000）", "张先生", "个人", "买买提·艾力", "个体工商户王五个人"]
)
def test_natural_persons_appear_as_person(name):
    shown, person = hide_persons(text(name))
    assert person[0]
    assert shown[0] == "个人"


@pytest.mark.parametrize(
    "name",
    ["公安局", "高新区", "城管局", "万科物业", "江南大学", "金融街", "马山街道", "方正集团", "종로구청", "东方红"],
)
def test_organisations_are_not_taken_for_persons(name):
    shown, person = hide_persons(text(name))
    assert not person[0]
    assert shown[0] == name


def test_every_kind_is_found_by_its_key_and_by_both_labels():
    for key, (zh, en) in terms.KINDS.items():
        kinds, fault = parse_kinds(text(key, zh, en))
        assert kinds.tolist() == [key] * 3, fault.tolist()


def test_an_unknown_kind_names_the_nearest():
    kinds, fault = parse_kinds(text("医院院"))
    assert kinds.isna().all()
    assert "hospital (医院)" in fault[0]
