"""Suspected breaches and fleets in sheets, layers, figures and notes: suspected, counted, never points of vehicles."""

from __future__ import annotations

import json
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from citycover import tables
from citycover.publish.compliance import compliance_notes, gather_compliance
from citycover.publish.figures import gather_figures
from citycover.publish.layers import write_layers
from citycover.publish.summary import write_summary
from citycover.publish.workbook import write_workbook


@pytest.fixture(scope="module")
def told(results):
    spot = results.cameras.geometry.iloc[0]
    breaches = tables.conform(
        "breaches",
        [
            {
                "breach_id": "B1",
                "camera_id": "CAM-1",
                "clause": "not_filed",
                "rulebook": "made",
                "article": "第十六条第一款",
                "fact": "登记无备案日期",
                "due": "2026-10-31",
                "overdue_days": 20,
                "fine": "第三十一条：责令限期改正；逾期未改正的，罚款：单位1000元以下",
                "fine_path": "correct_first",
                "standing": "suspected",
                "owner_class": "person",
                "geometry": spot,
            },
            {
                "breach_id": "B2",
                "camera_id": "CAM-1",
                "clause": "retention",
                "rulebook": "made",
                "article": "第二十三条",
                "fact": "登记留存 7 天，少于 30 天",
                "fine": "本规章未设专门罚款",
                "fine_path": "none",
                "standing": "suspected",
                "owner_class": "person",
                "geometry": spot,
            },
        ],
        crs=results.city.crs,
    )
    row = {"rulebook": "made", "article": "x", "not_bound": 0}
    checks = tables.conform(
        "checks",
        [
            {**row, "clause": "retention", "suspected": 1, "met": 2, "not_checkable": 1},
            {**row, "clause": "not_filed", "suspected": 1, "met": 3, "not_checkable": 0},
            {**row, "clause": "no_sign", "suspected": 0, "met": 0, "not_checkable": 4},
        ],
    )
    fleet = {"rulebook": "made", "article": "第九条", "item": "（二）", "kind": "public_transport_vehicle"}
    fleets = tables.conform(
        "fleets",
        [
            {**fleet, "fleet_id": "F1", "operator": "公交集团", "required": 20, "fitted": 15, "missing": 5},
            {**fleet, "fleet_id": "F1", "item": "（三）", "required": 20, "fitted": 15, "missing": 5},
            {**fleet, "fleet_id": "F2", "required": 9},
        ],
    )
    return replace(results, breaches=breaches, checks=checks, fleets=fleets)


@pytest.fixture(scope="module")
def sheets(told, tmp_path_factory):
    file = write_workbook(told, tmp_path_factory.mktemp("book") / "workbook.xlsx")
    book = CalamineWorkbook.from_path(str(file))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def rows_of(sheet):
    head, *rows = sheet
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_each_row_of_the_sheet_says_suspected_and_gives_article_day_and_fine(sheets):
    rows = rows_of(sheets["合规疑点"])
    assert [row["疑点"] for row in rows] == ["逾期未备案", "留存时间不足"]
    assert all(str(row["认定"]).startswith("疑似") for row in rows)
    assert (rows[0]["条"], rows[0]["期限"], rows[0]["逾期天数"]) == ("第十六条第一款", "2026-10-31", 20)
    assert rows[0]["所有者类别"] == "个人"
    assert rows[1]["处罚条件"] == "无专门罚款"


def test_the_sheet_of_fleets_has_numbers_and_no_position(sheets):
    head = sheets["车船"][0]
    assert not {"经度（WGS-84）", "纬度（WGS-84）"} & set(head)
    rows = rows_of(sheets["车船"])
    assert [(row["应装"], row["已装"], row["缺装"]) for row in rows] == [
        (20, 15, 5),
        (20, 15, 5),
        (9, "", ""),
    ]


def test_summary_and_unknowns_tell_the_counts(sheets):
    summary = {row[0]: row[1] for row in sheets["摘要"]}
    assert summary["合规疑点（疑似，待核实）"] == 2
    assert summary["车船缺装"] == 5  # a fleet under two items is told once; unknown numbers are left out
    unknown = {row[0]: row[1] for row in sheets["未决与未知"]}
    assert unknown["登记未载明，不能核查: 未设置明显标志"] == 4
    assert unknown["应装或者已装数未知的车船登记"] == 1


def test_the_figures_are_those_of_the_tables(told, tmp_path):
    write_summary(replace(told, figures=gather_figures(told)), tmp_path / "summary.json")
    figures = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["figures"]
    assert figures["breaches"] == {
        "total": 2,
        "cameras": 1,
        "by_clause": {"retention": 1, "not_filed": 1},
        "not_checkable": {"retention": 1, "no_sign": 4},
        "silent": ["no_sign"],
    }
    assert figures["fleets"]["missing"] == 5
    assert figures["fleets"]["unknown"] == 1


def test_the_note_says_that_nothing_is_settled_and_what_the_registers_do_not_say(told):
    (zh, en), fleets = compliance_notes(told)
    assert "疑似" in zh
    assert "留存时间不足 1 行" in zh
    assert zh.endswith("未设置明显标志")
    assert "verified" in en
    assert "5" in fleets[0]


def test_the_layer_holds_the_breaches_and_fleets_are_never_points(told, tmp_path):
    write_layers(told, tmp_path / "layers.gpkg")
    layer = gpd.read_file(tmp_path / "layers.gpkg", layer="breaches")
    assert layer["breach_id"].tolist() == ["B1", "B2"]
    assert layer.crs == told.city.crs
    assert "fleets" not in gpd.list_layers(tmp_path / "layers.gpkg")["name"].tolist()


def test_a_study_that_checked_nothing_says_nothing(results, tmp_path):
    assert gather_compliance(results) == {}
    assert list(compliance_notes(results)) == []
    file = write_workbook(results, tmp_path / "workbook.xlsx")
    assert not {"合规疑点", "车船"} & set(CalamineWorkbook.from_path(str(file)).sheet_names)
    assert isinstance(results.breaches, pd.DataFrame)
