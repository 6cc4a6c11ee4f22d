"""Conflicts in the workbook, the layers and the summary."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
from hostile import FORMULA, HOSTILE, HOSTILE_SCRIPT
from python_calamine import CalamineWorkbook
from shapely.geometry import Point

from citycover import tables
from citycover.publish.gap_map import draw_map
from citycover.publish.layers import write_layers
from citycover.publish.map_themes import pack_themes
from citycover.publish.results import Results
from citycover.publish.summary import write_summary
from citycover.publish.workbook import write_workbook


@pytest.fixture(scope="module")
def found(results: Results) -> Results:
    """A review and an error, in that order, and a review near a secret place."""
    base = {"rulebook": "wuxi_2019", "article": "第九条", "item": "", "named": True, "secret": False}
    rows = [
        base
        | {
            "camera_id": "CAM-1",
            "place_id": "way/7",
            "check": "C2",
            "level": "review",
            "name": FORMULA,
            "place_type": "hotel_guest_room;toilet",
            "reason": HOSTILE,
            "remedy": "state_room",
            "distance": 0.0,
        },
        base
        | {
            "camera_id": "@CAM-3",
            "place_id": "node/8",
            "check": "C1",
            "level": "error",
            "name": HOSTILE_SCRIPT,
            "place_type": "toilet",
            "reason": "坐标距卫生间 3.0 米",
            "remedy": "remove",
            "distance": 3.0,
            "penalty_article": "第三十五条",
        },
        base
        | {
            "camera_id": "CAM-1",
            "place_id": "way/9",
            "check": "C7",
            "level": "review",
            "place_type": "military",
            "reason": "距军事禁区、军事管理区 60.0 米",
            "remedy": "seek_consent",
            "secret": True,
        },
    ]
    shapes = gpd.GeoSeries([Point(669_100.0 + i, 3_546_100.0) for i in range(3)], crs=results.city.crs)
    conflicts = tables.conform("conflicts", gpd.GeoDataFrame(rows, geometry=shapes))
    tables.check(conflicts, "conflicts")
    return replace(results, conflicts=conflicts, ban_features=12, figures={})


def cells_of(packed: dict[str, Any]) -> list[object]:
    return packed["v"] if "v" in packed else [None if i < 0 else packed["d"][i] for i in packed["i"]]


def read_sheet(file: Path, name: str) -> list[list[object]]:
    return CalamineWorkbook.from_path(file).get_sheet_by_name(name).to_python()


def test_the_sheet_lists_the_gravest_first_in_words(found: Results, tmp_path: Path) -> None:
    head, *rows = read_sheet(write_workbook(found, tmp_path / "w.xlsx"), "禁装与冲突")
    of = {str(title): [row[i] for row in rows] for i, title in enumerate(head)}
    assert of["级别"] == ["冲突", "待核实", "待核实"]
    assert of["摄像机编号"] == ["@CAM-3", "CAM-1", "CAM-1"]
    assert of["检查"][0] == "位置在禁止安装的区域内"
    assert of["禁止或者限制的场所"] == ["卫生间", "旅馆客房、卫生间", "军事禁区、军事管理区"]
    assert of["名称"] == [HOSTILE_SCRIPT, FORMULA, ""]
    assert str(of["处理建议"][0]).startswith("核对坐标")
    assert of["罚则条款"][0] == "第三十五条"


def test_the_sheet_is_absent_where_nothing_was_found(results: Results, tmp_path: Path) -> None:
    none = replace(results, conflicts=tables.conform("conflicts", []), ban_features=12, figures={})
    file = write_workbook(none, tmp_path / "w.xlsx")
    assert "禁装与冲突" not in CalamineWorkbook.from_path(file).sheet_names
    said = {str(row[0]): row[1] for row in read_sheet(file, "摘要")}
    assert said["检查禁装与冲突的地图要素"] == 12
    assert said["禁装与冲突（疑似）"] == 0


def test_the_english_sheet_says_the_same(found: Results, tmp_path: Path) -> None:
    head, *rows = read_sheet(write_workbook(found, tmp_path / "w.xlsx", lang="en"), "Conflicts")
    assert rows[0][head.index("level")] == "conflict"
    assert rows[1][head.index("forbidden or restricted place")] == "hotel guest rooms, toilets"


def test_conflicts_are_a_layer_of_points(found: Results, tmp_path: Path) -> None:
    file = write_layers(found, tmp_path / "layers.gpkg")[0]
    back = gpd.read_file(file, layer="conflicts")
    assert back["camera_id"].tolist() == ["CAM-1", "@CAM-3", "CAM-1"]
    assert back["level"].tolist() == ["review", "error", "review"]
    assert back.geometry.iloc[1] == Point(669_101.0, 3_546_100.0)


def test_features_of_bans_and_secret_ground_are_no_layer(found: Results, tmp_path: Path) -> None:
    file = write_layers(found, tmp_path / "layers.gpkg")[0]
    assert "ban_places" not in {name for name, _ in pyogrio.list_layers(file)}


def test_the_summary_counts_conflicts_by_level_and_check(found: Results, tmp_path: Path) -> None:
    figures = json.loads(write_summary(found, tmp_path / "s.json").read_text("utf-8"))["figures"]["conflicts"]
    assert figures == {
        "total": 3,
        "cameras": 2,
        "features": 12,
        "unaimed": 2,  # CAM-2 of unknown direction and CAM-4 without a view; @CAM-3 was removed
        "by_level": {"error": 1, "review": 2},
        "by_check": {"C1": 1, "C2": 1, "C7": 1},
    }


def test_a_study_that_did_not_look_for_conflicts_says_nothing_of_them(results: Results, tmp_path: Path) -> None:
    """Results of an earlier version carry neither table nor number."""
    plain = replace(results, conflicts=pd.DataFrame(), ban_features=None, figures={})
    assert "conflicts" not in json.loads(write_summary(plain, tmp_path / "s.json").read_text("utf-8"))["figures"]
    assert "检查禁装与冲突的地图要素" not in {
        row[0] for row in read_sheet(write_workbook(plain, tmp_path / "w.xlsx"), "摘要")
    }


def test_names_of_conflicts_reach_the_map_as_text_only(found: Results, tmp_path: Path) -> None:
    page = draw_map(found, tmp_path / "map.html").read_text("utf-8")
    assert "坐标距卫生间" in page
    assert HOSTILE not in page
    assert HOSTILE_SCRIPT not in page


def test_the_map_shows_each_conflict_with_its_check_article_and_remedy(found: Results) -> None:
    theme = next(theme for theme in pack_themes(found, "zh") if theme["id"] == "conflicts")
    assert {group["key"]: (group["n"], group["on"]) for group in theme["groups"]} == {
        "error": (1, True),
        "review": (2, False),
    }
    cells = {field["label"]: cells_of(field) for field in theme["fields"]}
    assert cells["检查"][-1] == "位置在禁止安装的区域内"  # the gravest lies on top
    assert cells["条款"][-1].startswith("第九条")
    assert cells["处理建议"][-1].startswith("核对坐标")
    assert cells["罚则条款"][-1] == "第三十五条"
    assert set(cells["认定"]) == {"疑似，需核实"}
