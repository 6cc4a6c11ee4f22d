"""Fleets: required, fitted and missing per kind and item, and never a point on a map."""

from __future__ import annotations

import pandas as pd
import pytest

from citycover import tables
from citycover.audit.fleets import INTERIOR, join_fleets, match_fleets, tally_fleets
from citycover.city.fleets import FLEET_KINDS, read_fleets
from citycover.errors import InputError, TableError
from citycover.law.rulebook import list_rulebooks, load_rulebook

HEAD = "车辆类别,运营单位,线路,应装,已装,驾驶员姓名\n"


@pytest.fixture
def write(tmp_path):
    def make(text, name="fleets.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


@pytest.fixture(scope="module")
def wuxi():
    return load_rulebook("wuxi_2019")


def test_required_less_fitted_is_missing_and_a_surplus_is_none(write):
    rows = "公交车,市公交集团,1路,20,15,张三\n客运车辆,长途公司,,8,8,\n游轮,湖上公司,甲号,2,3,\n"
    reading = read_fleets(write(HEAD + rows))
    assert reading.table["kind"].tolist() == ["public_transport_vehicle", "passenger_coach_vehicle", "cruise_vessel"]
    assert reading.table[["required", "fitted", "missing"]].values.tolist() == [[20, 15, 5], [8, 8, 0], [2, 3, 0]]
    assert reading.table["source_row"].tolist() == [2, 3, 4]
    assert reading.counts["private_columns_dropped"] == 1


def test_headers_may_be_english_or_mapped(write):
    english = read_fleets(write("kind,operator,required,fitted\npassenger_vessel,Line,5,2\n")).table
    mapped = read_fleets(
        write("what,must,has\n轮渡,5,2\n", "b.csv"), columns={"kind": "what", "required": "must", "fitted": "has"}
    ).table
    assert english["missing"].tolist() == mapped["missing"].tolist() == [3]
    assert mapped["kind"].tolist() == ["passenger_vessel"]


def test_numbers_that_cannot_be_read_stay_unknown_and_are_counted(write):
    rows = "公交车,甲,,20辆,约半数,\n公交车,乙,,,4,\n公交车,丙,,7.5,4,\n"
    reading = read_fleets(write(HEAD + rows))
    assert reading.table["required"].astype(object).where(reading.table["required"].notna(), None).tolist() == [
        20,
        None,
        None,
    ]
    assert reading.table["missing"].isna().all()
    assert reading.counts["fitted_unreadable"] == 1
    assert reading.counts["required_unreadable"] == 1


def test_what_is_no_vehicle_is_rejected_with_its_row(write):
    reading = read_fleets(write(HEAD + "医院,甲,,1,1,\n公交车,乙,,1,1,\n飞毯,丙,,1,1,\n,丁,,1,1,\n"))
    assert reading.table["operator"].tolist() == ["乙"]
    assert reading.rejects["row"].tolist() == [2, 4, 5]
    assert reading.rejects["column"].tolist() == ["kind"] * 3


def test_a_file_without_the_numbers_or_without_a_usable_row_is_refused(write):
    with pytest.raises(InputError, match="required, fitted"):
        read_fleets(write("类别,运营单位\n公交车,甲\n"))
    with pytest.raises(InputError, match="none of 1 rows"):
        read_fleets(write(HEAD + "医院,甲,,1,1,\n"))


def test_an_operator_who_is_a_person_is_not_named(write):
    reading = read_fleets(write(HEAD + "客运车辆,王小明,专线 13800000000,1,0,\n"))
    assert reading.table["operator"].tolist() == ["个人"]
    assert "138" not in reading.table.to_csv()
    assert "王小明" not in reading.table.to_csv()


def test_each_fleet_stands_under_the_item_that_names_its_kind(write, wuxi):
    """Wuxi 8（五）: 公共交通工具、客运车辆、游轮; passenger ships (客轮) are not named there."""
    rows = "公交车,甲,1路,20,15,\n客轮,乙,,2,0,\n"
    out = match_fleets(read_fleets(write(HEAD + rows)).table, wuxi)
    assert out[["article", "item", "term", "standing"]].values.tolist()[0] == [
        "第八条",
        "（五）",
        "公共交通工具",
        "named",
    ]
    assert out[["article", "item"]].values.tolist()[1] == ["", ""]
    assert out["rulebook"].tolist() == ["wuxi_2019"] * 2
    assert "geometry" not in out


def test_sums_leave_out_what_is_unknown_and_count_it(write, wuxi):
    rows = "公交车,甲,1路,20,15,\n公交车,甲,2路,10,10,\n公交车,乙,,30,,\n游船,丙,,4,1,\n"
    out = tally_fleets(match_fleets(read_fleets(write(HEAD + rows)).table, wuxi))
    assert out.values.tolist() == [
        ["public_transport_vehicle", "第八条", "（五）", 3, 30, 25, 5, 1],
        ["cruise_vessel", "第八条", "（五）", 1, 4, 1, 3, 0],
    ]


def test_two_registers_with_equal_ids_keep_all_their_rows(write, wuxi):
    one = read_fleets(write("编号,类别,应装,已装\nA,公交车,1,0\n")).table
    out = join_fleets([one, one], wuxi)
    assert out["fleet_id"].tolist() == ["A", "A-2"]
    assert join_fleets([], wuxi).empty


def test_a_table_without_the_declared_columns_is_refused(wuxi):
    with pytest.raises(TableError, match="required"):
        match_fleets(pd.DataFrame({"fleet_id": ["a"], "kind": ["cruise_vessel"]}), wuxi)


@pytest.mark.parametrize("rulebook", [r for r in list_rulebooks() if load_rulebook(r).role == "city"])
def test_every_vehicle_of_every_text_can_be_registered(rulebook):
    kinds = {row.kind for row in load_rulebook(rulebook).rows if row.part == INTERIOR}
    assert kinds
    assert kinds <= set(FLEET_KINDS)


def test_the_declared_table_has_no_geometry():
    assert tables.TABLES["fleets"].geometry == ""
