"""Trees, boards and planned buildings in views: what lies at risk behind them, by hand or by building them."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, box

from audit.town import CRS_50N, EAST, NORTH, at, make_cameras, make_town, table
from citycover import tables, terms
from citycover.audit.obstructions import find_obstructions, summarise_obstructions
from citycover.city.future import find_boards, find_planned_buildings
from citycover.city.model import City
from citycover.law.criteria import load_criteria
from citycover.law.rulebook import list_rulebooks, load_rulebook
from citycover.sight.views import camera_views

NORTHWARD = {"geometry": Point(0, 0), "azimuth": 0.0, "hfov": 90.0, "reach": 60.0, "department": "公安"}
SECTOR = 60.0**2 * math.pi / 4
"""Ground of a view of 90° and 60 m."""


def all_of_it(folder: Any) -> Any:
    (folder / "c.toml").write_text("obstruction_least_percent = 0.0001\n", encoding="utf-8")
    return load_criteria(folder / "c.toml")


def planned(*shapes: Any, **more: Any) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(more, geometry=[at(s) for s in shapes], crs=CRS_50N)


def with_board(**more: Any) -> City:
    board = {"board_id": "node/1", "board": "billboard", "geometry": Point(0, 10), **more}
    return make_town().with_tables(boards=table("boards", [board]))


def test_behind_a_board_of_unknown_height_lies_all_its_angle() -> None:
    rows = find_obstructions(make_cameras(NORTHWARD), with_board())
    tables.check(rows, "obstructions")
    # 6 m wide (ours), 10 m off: all within ±atan(3/10), less the triangle before it
    angle = 2 * math.atan(0.3)
    assert rows["ground_at_risk"].tolist() == pytest.approx([60**2 * angle / 2 - 10 * 3], rel=2e-3)
    assert rows["share"].tolist() == pytest.approx([(60**2 * angle / 2 - 30) / SECTOR], rel=2e-3)
    row = rows.iloc[0]
    assert (row["obstacle"], row["assumed"], row["remedy"], row["department"]) == (
        "board",
        "width",
        "move_board",
        "公安",
    )
    assert bool(row["at_most"])
    assert row["distance"] == pytest.approx(10)


def test_the_lens_sees_under_a_board_and_over_it_where_the_heights_are_known() -> None:
    camera = make_cameras({**NORTHWARD, "mount_height": 6.0})
    rows = find_obstructions(camera, with_board(height=5.0, min_height=3.0, width=4.0))
    # 4 m wide at 10 m; the ground is hidden from 6/(6-3) = 2 to 6/(6-5) = 6 times as far: a trapezium, 60 m its end
    inner, outer = 20.0 * 4 * 2 / 2, 60.0 * 4 * 6 / 2
    corner = outer - 60**2 * math.atan(0.2)  # what of the triangle lies beyond the reach of 60 m
    assert rows["ground_at_risk"].tolist() == pytest.approx([outer - inner - corner], rel=2e-3)
    assert not bool(rows["at_most"].iloc[0])
    assert rows["assumed"].iloc[0] == ""
    high = find_obstructions(camera, with_board(height=9.0, min_height=6.5))
    assert high.empty  # its lower edge is above the lens


def test_a_board_that_the_camera_hangs_on_does_not_hinder_it() -> None:
    assert find_obstructions(make_cameras(NORTHWARD), with_board(geometry=Point(0.4, 0.5))).empty


def test_a_crown_hides_what_lines_through_it_would_reach(tmp_path: Any) -> None:
    town = make_town(trees=[{"tree_id": "node/9", "tree": "tree", "geometry": Point(5, 30)}])
    row = find_obstructions(make_cameras(NORTHWARD), town, criteria=all_of_it(tmp_path)).iloc[0]
    x, y = np.meshgrid(np.arange(-60, 60, 0.5), np.arange(0.25, 60, 0.5))
    x, y = x.ravel(), y.ravel()
    seen = (np.hypot(x, y) <= 60) & (np.abs(x) <= y)
    lines = shapely.linestrings(np.stack([np.zeros((len(x), 2)), np.column_stack([x, y])], axis=1))
    through = shapely.dwithin(lines, Point(5, 30), 3.0)  # one line of sight at a time
    assert row["ground_at_risk"] == pytest.approx(float((seen & through).sum()) / 4, rel=0.02)
    assert (row["obstacle"], row["assumed"], row["state"]) == ("tree", "crown", "standing")


def test_a_camera_under_a_crown_has_that_crowns_ground_at_risk_only(tmp_path: Any) -> None:
    town = make_town(trees=[{"tree_id": "node/9", "tree": "tree", "geometry": Point(0, 1)}])
    rows = find_obstructions(make_cameras(NORTHWARD), town, criteria=all_of_it(tmp_path))
    assert rows["ground_at_risk"].iloc[0] < math.pi * 9


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 100_000))
def test_the_ground_at_risk_behind_a_planned_house_is_what_the_view_loses_once_it_stands(seed: int) -> None:
    chance = np.random.default_rng(seed)
    spot = Point(chance.uniform(-25, 25), chance.uniform(6, 45))
    depth = chance.uniform(1, 5)
    house = shapely.affinity.rotate(box(spot.x - 6, spot.y, spot.x + 6, spot.y + depth), chance.uniform(-40, 40))
    lens, height = [(None, None), (6.0, 9.0), (8.0, 3.0), (8.0, None)][seed % 4]
    camera = make_cameras({**NORTHWARD, "mount_height": lens})
    town = make_town(buildings=[{"building_id": "b", "geometry": box(-30, 50, 0, 55)}])
    whole = camera_views(camera, town.buildings)
    extra = table("buildings", [{"building_id": "new", "height": height, "opaque": True, "geometry": house}])
    built = camera_views(camera, gpd.GeoDataFrame(pd.concat([town.buildings, extra], ignore_index=True), crs=CRS_50N))
    rows = find_obstructions(camera, town, planned=planned(house, height=[height], building_id=["new"]))
    lost = float(whole["ground"].iloc[0] - built["ground"].iloc[0])
    if rows.empty:
        assert lost < 0.05 * whole["ground"].iloc[0]
        return
    assert rows["ground_at_risk"].iloc[0] == pytest.approx(lost, abs=0.5, rel=2e-3)
    assert 0 < rows["share"].iloc[0] <= 1  # taking it away never lowers the view
    assert shapely.difference(rows.geometry.iloc[0], whole.geometry.iloc[0].buffer(0.01)).area < 1e-6


@pytest.mark.parametrize(
    ("book", "articles", "penalty"),
    [
        # texts of the regulations: planting and advertising are named, buildings fall under closing words at most
        ("wuxi_2019", {"tree": ("第十八条", True), "planned_building": ("第十八条", False)}, "第三十六条（六）"),
        (
            "nanchang_2016",
            {"tree": ("第十条第二款", True), "planned_building": ("第十条第二款", False)},
            "第二十五条（二）",
        ),
        (
            "chongqing_2016",
            {"tree": ("第二十七条（六）", True), "planned_building": ("第二十七条（六）", False)},
            "第三十四条",
        ),
        ("changzhou_2014", {"tree": ("第二十三条", False), "planned_building": ("第二十三条", False)}, None),
    ],
)
def test_the_article_is_the_rulebooks(book: str, articles: dict[str, Any], penalty: str | None) -> None:
    town = make_town(trees=[{"tree_id": "node/9", "tree": "tree", "geometry": Point(0, 8)}])
    rows = find_obstructions(
        make_cameras(NORTHWARD), town, planned=planned(box(-3, 30, 9, 40)), rulebook=load_rulebook(book)
    )
    told = {row.obstacle: (row.article, bool(row.named)) for row in rows.itertuples()}
    assert told == articles
    penalties = set(rows["penalty_article"].dropna())
    assert penalties == (set() if penalty is None else {penalty})


def test_every_text_that_names_obstacles_names_known_ones() -> None:
    named = {
        o for book in list_rulebooks() for c in load_rulebook(book).clauses for o in (*c.obstacles, *c.obstacles_open)
    }
    assert named == set(terms.OBSTACLES)


def test_only_cameras_that_stand_there_and_look_somewhere_are_asked() -> None:
    rows = [NORTHWARD, {**NORTHWARD, "azimuth": None}, {**NORTHWARD, "status": "planned"}]
    rows += [{**NORTHWARD, "status": "removed"}, {**NORTHWARD, "outside": True}, {**NORTHWARD, "same_as": "c0"}]
    found = find_obstructions(make_cameras(*rows), with_board())
    assert found["camera_id"].tolist() == ["c0"]


def test_what_takes_little_of_a_view_is_not_named_and_order_does_not_matter() -> None:
    houses = planned(box(-1, 50, 1, 52), box(-5, 20, 5, 25), box(10, 40, 20, 45))
    rows = find_obstructions(make_cameras(NORTHWARD), make_town(), planned=houses)
    assert (rows["share"] >= 0.05).all()
    assert rows["share"].is_monotonic_decreasing
    again = find_obstructions(make_cameras(NORTHWARD), make_town(), planned=houses.iloc[::-1])
    assert again.drop(columns="geometry").equals(rows.drop(columns="geometry"))


def test_the_sentence_counts_cameras_and_says_that_little_is_mapped() -> None:
    rows = find_obstructions(make_cameras(NORTHWARD, {**NORTHWARD, "geometry": Point(1, 0)}), with_board())
    assert "涉及摄像机 2 条，其中户外广告 2" in summarise_obstructions(rows)
    assert "2 camera rows may be hindered" in summarise_obstructions(rows, "en")


def objects(*rows: tuple[dict[str, str], Any]) -> gpd.GeoDataFrame:
    ids = [f"way/{i}" for i in range(len(rows))]
    frame = {"osm_id": ids, "tags": [tags for tags, _ in rows]}
    return gpd.GeoDataFrame(frame, geometry=[shape for _, shape in rows], crs=CRS_50N)


def test_boards_are_read_but_paintings_on_walls() -> None:
    square = box(EAST, NORTH, EAST + 5, NORTH + 5)
    rows = find_boards(
        objects(
            ({"advertising": "billboard", "height": "8", "min_height": "3 m", "width": "12"}, Point(EAST, NORTH)),
            ({"advertising": "wall_painting"}, Point(EAST, NORTH)),
            ({"building": "yes"}, square),
            ({"advertising": "screen"}, LineString([(EAST, NORTH), (EAST + 4, NORTH)])),
        )
    )
    tables.check(rows, "boards")
    assert rows[["board_id", "board"]].values.tolist() == [["way/0", "billboard"], ["way/3", "screen"]]
    assert rows.loc[0, ["height", "min_height", "width"]].tolist() == [8, 3, 12]


def test_buildings_that_are_not_there_yet_are_read_with_their_state_and_height() -> None:
    square = box(EAST, NORTH, EAST + 50, NORTH + 50)
    rows = find_planned_buildings(
        objects(
            ({"building": "construction", "building:levels": "10"}, square),
            ({"proposed:building": "apartments", "proposed:building:levels": "6"}, square),
            ({"building": "yes", "proposed:building": "retail"}, square),
            ({"building": "proposed", "height": "24"}, Point(EAST, NORTH)),
            ({"building": "proposed"}, square),
            ({"construction:building": "no"}, square),
        )
    )
    tables.check(rows, "planned_buildings")
    assert rows[["building_id", "state"]].values.tolist() == [
        ["way/0", "construction"],
        ["way/1", "proposed"],
        ["way/4", "proposed"],
    ]
    assert rows["height"].fillna(-1).tolist() == [30, 18, -1]  # storeys of 3 m
