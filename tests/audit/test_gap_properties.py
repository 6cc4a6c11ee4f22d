"""What holds of gaps and roll-ups whatever the cameras see: sums, order, directions, remnants, names."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, MultiPolygon, Point, box

from audit.town import at, make_cameras, make_mandates, make_seen, make_town
from citycover.audit._patches import number_patches
from citycover.audit._stretches import number_stretches
from citycover.audit.coverage import By, measure_headline, roll_up
from citycover.audit.fitting import measure_fitting
from citycover.audit.gaps import find_gaps
from citycover.audit.targets import lay_targets

STREET = LineString([(-200, 0), (60, 0), (200, 60)])
TOWN = make_town(
    streets=[
        {"street_id": "s", "name": "中山路", "from_node": "a", "to_node": "b", "geometry": STREET},
        {
            "street_id": "t",
            "name": "上海路",
            "from_node": "b",
            "to_node": "c",
            "geometry": LineString([(200, 60), (200, 160)]),
        },
    ],
    junctions=[{"junction_id": "j", "name": "中山路–上海路", "radius": 20.0, "geometry": Point(200, 60)}],
    buildings=[
        {"building_id": "b", "geometry": box(20, 20, 50, 45)},
        {"building_id": "c", "geometry": box(-60, 8, -40, 30)},
    ],
    entrances=[
        {"entrance_id": "g", "place_id": "school", "entrance": "gate", "facing": 180.0, "geometry": Point(-20, 40)}
    ],
    districts=[
        {"district_id": "w", "name": "西区", "geometry": box(-500, -500, 0, 500)},
        {"district_id": "e", "name": "东区", "geometry": box(0, -500, 500, 500)},
    ],
)
MANDATES = make_mandates(
    {"part": "important_segments", "kind": "urban_road", "place_id": "s", "name": "中山路", "geometry": STREET},
    {"part": "site_per_plan", "kind": "square", "name": "市民广场", "geometry": box(0, 10, 80, 70)},
    {"part": "entrances_and_perimeter", "kind": "hospital", "place_id": "school", "geometry": box(-100, 40, 0, 90)},
    {"part": "important_junctions", "kind": "road_junction", "place_id": "j", "geometry": Point(200, 60)},
)  # fmt: skip
LAID = lay_targets(MANDATES, TOWN)
KEY = ["mandate_id", "component", "unit"]

poses = st.tuples(
    st.integers(-220, 220), st.integers(-30, 110), st.one_of(st.none(), st.integers(0, 359)), st.sampled_from([25, 60])
)
fleets = st.lists(poses, max_size=5)


def drawn(fleet: list[tuple[int, int, int | None, int]]) -> gpd.GeoDataFrame:
    """Return cameras of 90° and 1080p at these places; one without an azimuth counts as a range."""
    return make_cameras(
        *(
            {"geometry": Point(x, y), "azimuth": azimuth, "hfov": 90.0, "pixels": 1920, "reach": float(reach),
             "mount_height": 4.0, "counts": "range" if azimuth is None else "yes"}
            for x, y, azimuth, reach in fleet
        )
    )  # fmt: skip


def audited(cameras: gpd.GeoDataFrame, demands: pd.DataFrame = LAID.demands) -> tuple[pd.DataFrame, gpd.GeoDataFrame]:
    seen = measure_fitting(LAID.targets, demands, cameras, TOWN)
    gaps = find_gaps(demands, LAID.targets, seen, mandates=MANDATES, cameras=cameras, city=TOWN)
    return seen, gaps


def lacking(seen: pd.DataFrame, demands: pd.DataFrame = LAID.demands) -> pd.Series:
    """Return what each mandate requires of a component and does not have for sure, where that is anything."""
    table = roll_up(demands, seen, targets=LAID.targets).set_index(KEY)
    missing = table["required"] - table["seen_low"]
    return missing[missing > 1e-9]


@settings(max_examples=12, deadline=None)
@given(fleets)
def test_gaps_of_a_mandate_add_up_to_what_it_lacks_in_each_unit(fleet: Any) -> None:
    seen, gaps = audited(drawn(fleet))
    sums = gaps.groupby(KEY)["size"].sum()
    assert sums.to_dict() == pytest.approx(lacking(seen).to_dict())
    assert gaps["gap_id"].is_unique
    assert gaps["name"].is_unique
    assert (gaps["remnants"] < gaps["size"]).all()


@settings(max_examples=8, deadline=None)
@given(fleets, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_gap(fleet: Any, random: Any) -> None:
    cameras = drawn(fleet)
    seen, gaps = audited(cameras)

    def mixed(frame: Any) -> Any:
        order = list(range(len(frame)))
        random.shuffle(order)
        return frame.iloc[order]

    again = find_gaps(
        mixed(LAID.demands),
        mixed(LAID.targets),
        mixed(seen),
        mandates=mixed(MANDATES),
        cameras=mixed(cameras),
        city=TOWN,
    )
    pd.testing.assert_frame_equal(pd.DataFrame(gaps), pd.DataFrame(again))


@settings(max_examples=8, deadline=None)
@given(fleets, poses)
def test_a_further_camera_never_makes_a_mandate_lack_more(fleet: Any, more: Any) -> None:
    before, after = (lacking(audited(drawn(rows))[0]) for rows in (fleet, [*fleet, more]))
    assert (after <= before.reindex(after.index).fillna(0.0) + 1e-9).all()


@settings(max_examples=8, deadline=None)
@given(fleets)
def test_a_stricter_density_never_makes_a_mandate_lack_less(fleet: Any) -> None:
    cameras = drawn(fleet)
    at_25, at_125 = (LAID.demands.assign(density_required=level) for level in (25.0, 125.0))
    mild, strict = (lacking(measure_fitting(LAID.targets, some, cameras, TOWN), some) for some in (at_25, at_125))
    assert (mild <= strict.reindex(mild.index).fillna(0.0) + 1e-9).all()


@settings(max_examples=8, deadline=None)
@given(fleets)
def test_the_ends_are_in_order_and_districts_streets_and_states_add_up_to_the_headline(fleet: Any) -> None:
    seen, _ = audited(drawn(fleet))
    headline = measure_headline(LAID.demands, LAID.targets, seen).set_index("unit")
    ways: tuple[By, ...] = ("mandate", "item", "kind", "part", "component", "builder", "district", "street", "state")
    for by in ways:
        table = roll_up(LAID.demands, seen, targets=LAID.targets, by=by, mandates=MANDATES)
        low, expected, high = (table[f"seen_{end}"].to_numpy(dtype=float) for end in ("low", "expected", "high"))
        assert (low <= expected + 1e-6).all(), by
        assert (expected <= high + 1e-6).all(), by
        if by in ("district", "street", "state"):
            sums = table.groupby("unit")[["required", "seen_low", "seen_expected", "seen_high"]].sum()
            pd.testing.assert_frame_equal(sums, headline[sums.columns.tolist()], check_names=False, rtol=1e-12)


def road(line: LineString) -> tuple[Any, Any, Any]:
    """Return town, mandate and targets of 100 m of street that must be seen in both directions."""
    town = make_town(streets=[{"street_id": "s", "name": "中山路", "geometry": line}])
    mandates = make_mandates(
        {"part": "important_segments", "kind": "urban_road", "place_id": "s", "name": "中山路", "geometry": line}
    )
    return town, mandates, lay_targets(mandates, town)


def gaps_where(town: Any, mandates: Any, laid: Any, held: Any, lang: Any = "zh") -> gpd.GeoDataFrame:
    """Return the gaps when the targets held are seen for sure and no other."""
    seen = make_seen(
        laid.targets, dict.fromkeys(laid.targets.loc[held, "target_id"].astype(int), (1, 1.0, 1, 1.0, 0.0))
    )
    return find_gaps(laid.demands, laid.targets, seen, mandates=mandates, cameras=town.cameras, city=town, lang=lang)


@pytest.mark.parametrize("line", [LineString([(0, 0), (100, 0)]), LineString([(100, 0), (0, 0)])])
def test_what_one_direction_lacks_stands_apart_and_its_name_tells_the_direction(line: LineString) -> None:
    # who drives west is seen up to 50 m: there 50 m lack eastwards, which count 25; beyond, 50 m lack both ways
    town, mandates, laid = road(line)
    held = (laid.targets["facing"].round() == 270) & (laid.targets["x"] < at(Point(50, 0)).x)
    gaps = gaps_where(town, mandates, laid, held).set_index("name")
    assert gaps["size"].to_dict() == pytest.approx(
        {"中山路 西向东 50 m（第1段/共2段）": 25, "中山路 50 m（第2段/共2段）": 50}
    ) or (
        gaps["size"].to_dict()
        == pytest.approx({"中山路 西向东 50 m（第2段/共2段）": 25, "中山路 50 m（第1段/共2段）": 50})
    )
    eastward = gaps[gaps["size"] == 25].geometry.iloc[0]
    assert eastward.centroid.y == pytest.approx(at(Point(0, -1.5)).y)  # on the right of those who drive east
    english = gaps_where(town, mandates, laid, held, "en")["name"]
    assert english.str.contains("eastbound 50 m").sum() == 1


def test_two_directions_with_two_causes_are_two_gaps_and_one_direction_is_cut_by_its_length_on_the_ground() -> None:
    spot = np.repeat(np.arange(60), 2)  # 300 m to the north, 5 m a spot
    facing, weight = np.tile([0.0, 180.0], 60), np.full(120, 2.5)
    line: dict[str, Any] = {"feature": np.zeros(120, int), "sequence": spot, "x": np.zeros(120), "y": spot * 5.0}
    causes = np.tile([0, 1], 60)
    found = number_stretches(**line, facing=facing, weight=weight, cause=causes, longest=1000.0)
    assert found.number.tolist() == causes.tolist()
    assert np.bincount(found.number, found.metres).tolist() == [300, 300]
    one = {name: column[::2] for name, column in line.items()}
    found = number_stretches(**one, facing=facing[::2], weight=weight[::2], cause=causes[::2], longest=200.0)
    assert np.bincount(found.number, found.metres).tolist() == [150, 150]


def test_a_remnant_goes_with_the_nearest_gap_of_its_mandate_and_is_not_drawn() -> None:
    # a square of two parts, 400 m² and 4 m²; of another mandate 4 m² are all there is
    parts = MultiPolygon([box(0, 0, 20, 20), box(60, 0, 62, 2)])
    mandates = make_mandates(
        {"part": "site_per_plan", "kind": "park", "geometry": parts},
        {"part": "site_per_plan", "kind": "park", "geometry": box(100, 0, 102, 2)},
    )
    town = make_town()
    laid = lay_targets(mandates, town)
    gaps = gaps_where(town, mandates, laid, laid.targets["x"] < 0)
    gaps = gaps[gaps["component"] == "area"].set_index("mandate_id")
    assert gaps[["size", "remnants"]].to_numpy().tolist() == [[404, 4], [4, 0]]
    assert shapely.area(gaps.geometry).tolist() == pytest.approx([400, 4])


@settings(max_examples=20, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=400), st.floats(500, 5000))
def test_no_patch_is_larger_than_the_largest_by_more_than_a_cell(cells: Any, largest: float) -> None:
    spots = np.array(sorted(cells), dtype=float) * 5.0 + 2.5
    count = len(spots)
    number = number_patches(
        np.zeros(count, int),
        np.full(count, 5.0),
        spots[:, 0],
        spots[:, 1],
        np.full(count, 25.0),
        np.zeros(count, int),
        largest,
    )
    sizes = np.bincount(number, weights=np.full(count, 25.0))
    assert sizes.min() > 0
    assert sizes.max() <= largest + 25.0
    touching = shapely.union_all(shapely.buffer(shapely.box(*(spots - 2.5).T, *(spots + 2.5).T), 0.01))
    assert len(sizes) >= shapely.get_num_geometries(touching)


def test_a_wide_square_is_cut_across_its_longer_side_into_equal_parts() -> None:
    # 300 m by 100 m is 30,000 m²: at most a hectare each is three squares of 100 m
    mandates = make_mandates({"part": "site_per_plan", "kind": "square", "geometry": box(0, 0, 300, 100)})
    town = make_town()
    laid = lay_targets(mandates, town)
    gaps = gaps_where(town, mandates, laid, laid.targets["x"] < 0)
    gaps = gaps[gaps["component"] == "area"]
    assert gaps["size"].tolist() == [10_000, 10_000, 10_000]
    assert {tuple(np.diff(shapely.bounds(g).reshape(2, 2), axis=0)[0]) for g in gaps.geometry} == {(100.0, 100.0)}


def names_of(mandates: Any, **things: Any) -> list[str]:
    town = make_town(**things)
    laid = lay_targets(mandates, town)
    gaps = gaps_where(town, mandates, laid, laid.targets["x"] < 0)
    return sorted(gaps.loc[gaps["component"].isin(["area", "entrance"]), "name"])


def test_a_stop_that_bears_the_name_of_a_street_is_told_with_its_kind() -> None:
    mandates = make_mandates(
        {"part": "site_per_plan", "kind": "square", "name": "莫愁路", "geometry": box(0, 10, 20, 30)},
        {"part": "site_per_plan", "kind": "park", "name": "花园", "geometry": box(40, 10, 60, 30)},
    )
    streets = [{"street_id": "s", "name": "莫愁路", "geometry": LineString([(0, 0), (100, 0)])}]
    assert names_of(mandates, streets=streets) == ["花园 场地 400 m²（全部）", "莫愁路（广场） 场地 400 m²（全部）"]


def test_a_place_without_a_name_is_told_by_the_street_and_equal_names_by_numbers_from_the_west() -> None:
    squares = [box(0, 10, 20, 30), box(40, 10, 60, 30)]
    mandates = make_mandates(*({"part": "site_per_plan", "kind": "square", "geometry": g} for g in squares))
    streets = [{"street_id": "s", "name": "莫愁路", "geometry": LineString([(0, 0), (100, 0)])}]
    assert names_of(mandates, streets=streets) == [
        "未命名广场 场地 400 m²（近莫愁路，全部，第1处/共2处）",
        "未命名广场 场地 400 m²（近莫愁路，全部，第2处/共2处）",
    ]


def test_a_mouth_that_bears_the_name_of_its_station_is_not_told_twice() -> None:
    mandates = make_mandates(
        {"part": "key_parts", "kind": "rail_transit_station", "name": "浮桥", "geometry": box(0, 10, 20, 30)}
    )
    mouth = {"entrance_id": "e", "place_id": "way/0", "name": "浮桥#3B", "entrance": "yes", "geometry": Point(10, 10)}
    street = {"street_id": "s", "name": "浮桥", "geometry": LineString([(0, 0), (100, 0)])}
    assert names_of(mandates, streets=[street], entrances=[mouth]) == ["浮桥#3B（南侧）"]


def test_a_boundary_that_a_building_interrupts_shortly_is_one_stretch_and_one_that_a_camera_sees_is_two() -> None:
    # the southern side of 100 m; a kiosk fills 10 m of both its sides
    ground = box(0, 0, 100, 60)
    kiosk = {"building_id": "k", "geometry": box(40, -8, 50, 8)}
    mandates = make_mandates({"part": "entrances_and_perimeter", "kind": "hospital", "geometry": ground})
    town = make_town(buildings=[kiosk])
    laid = lay_targets(mandates, town)
    ring = laid.demands[laid.demands["component"] == "ring"]
    assert ring["weight"].sum() == pytest.approx(310)
    first = ring.loc[ring["sequence"] < 20, "target_id"]  # of 64 pieces, from the south-west corner to the east
    north = ~laid.targets["target_id"].isin(first)
    gaps = gaps_where(town, mandates, laid, north)
    south = gaps[gaps["component"] == "ring"]
    assert len(south) == 1
    beside = laid.targets["x"].between(at(Point(50, 0)).x, at(Point(60, 0)).x)
    cut = gaps_where(town, mandates, laid, north | beside)
    assert (cut["component"] == "ring").sum() == 2


def test_the_side_of_a_place_in_two_far_parts_is_that_of_its_own_part() -> None:
    parts = MultiPolygon([box(0, 0, 40, 40), box(400, 0, 440, 40)])
    mandates = make_mandates({"part": "site_per_plan", "kind": "park", "name": "花园", "geometry": parts})
    town = make_town()
    laid = lay_targets(mandates, town)
    gaps = gaps_where(town, mandates, laid, ~laid.targets["x"].between(at(Point(20, 0)).x, at(Point(40, 0)).x))
    assert gaps.loc[gaps["component"] == "area", "name"].tolist() == ["花园 场地 800 m²（东侧）"]


def test_a_street_without_named_cross_streets_is_told_by_the_nearest_of_another_name() -> None:
    line = LineString([(0, 0), (100, 0)])
    mandates = make_mandates({"part": "whole_length_per_plan", "kind": "urban_road", "place_id": "s", "geometry": line})
    town = make_town(
        streets=[
            {"street_id": "s", "name": "华侨路", "geometry": line},
            {"street_id": "t", "name": "华侨路", "geometry": LineString([(0, 5), (100, 5)])},
            {"street_id": "u", "name": "上海路", "geometry": LineString([(0, 90), (100, 90)])},
        ]
    )
    laid = lay_targets(mandates, town)
    assert gaps_where(town, mandates, laid, laid.targets["x"] < 0)["name"].tolist() == ["华侨路 100 m（近上海路）"]
