"""Where candidates stand and look: on a named support, off the carriageway, out of what is private or forbidden."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point, Polygon, box

from audit.town import EAST, NORTH, at, make_cameras, make_town
from citycover import terms
from citycover.audit.conflicts import find_conflicts
from citycover.city.ban_places import find_ban_places
from citycover.city.buildings import find_buildings
from citycover.city.supports import find_supports
from citycover.plan.ground import find_ground
from citycover.plan.positions import find_positions
from citycover.plan.privacy import PIECE
from citycover.plan.reach import find_covers, find_sight
from citycover.sight.coverage import measure_coverage
from citycover.sight.views import camera_views
from plan.street import STREET, ask, camera, rulebook

ORIGIN = np.array([EAST, NORTH])


def wants_along(y: float = 0.0, length: float = 120.0) -> pd.DataFrame:
    return pd.DataFrame({"x": EAST + np.arange(2.5, length, 5.0), "y": NORTH + y})


@settings(max_examples=25, deadline=None)
@given(
    width=st.floats(3.0, 30.0),
    second=st.tuples(st.floats(-40, 160), st.floats(-60, 60), st.floats(-40, 160), st.floats(-60, 60)),
    house=st.tuples(st.floats(0, 100), st.floats(5, 40), st.floats(5, 30), st.floats(5, 20)),
)
def test_whatever_is_drawn_a_new_pole_stands_off_every_carriageway_and_out_of_every_building(width, second, house):
    x0, y0, x1, y1 = second
    if np.hypot(x1 - x0, y1 - y0) < 5:
        x1 += 30
    hx, hy, wide, deep = house
    city = make_town(
        area=box(-50, -70, 170, 70),
        streets=[
            {**STREET, "width": width},
            {**STREET, "street_id": "t", "width": 6.0, "geometry": LineString([(x0, y0), (x1, y1)])},
        ],
        buildings=[{"building_id": "h", "building": "yes", "geometry": box(hx, hy, hx + wide, hy + deep)}],
    )
    found = find_positions(wants_along(), city)
    points = found.geometry.to_numpy()
    poles = (found["support"] == "new_pole").to_numpy()
    for line, half in zip(city.streets.geometry, city.streets["width"] / 2, strict=True):
        away = shapely.distance(points, line) - half
        assert (away[poles] >= 0.5 - 1e-6).all()
        assert (away >= -1e-6).all()  # a wall may stand nearer to the street, never on it
    assert not shapely.contains(city.buildings.geometry.iloc[0], points).any()
    assert set(found["spot"]) <= set(terms.SPOTS)
    assert set(found["support"]) <= set(terms.SUPPORTS)


def test_both_kerbs_of_a_street_are_offered_at_the_spacing() -> None:
    city = make_town(area=box(-50, -50, 170, 50), streets=[STREET])
    found = find_positions(wants_along(), city, spacing=20.0)
    kerbs = shapely.get_coordinates(found.geometry[found["spot"] == "kerb"].to_numpy()) - ORIGIN
    straight = kerbs[(kerbs[:, 0] > 0) & (kerbs[:, 0] < 120)]
    # 3.5 m half the width + 0.8 m
    assert set(np.abs(straight[:, 1]).round(1)) == {4.3}
    assert (straight[:, 1] > 0).sum() in (5, 6, 7)
    assert (straight[:, 1] < 0).sum() in (5, 6, 7)


def test_a_crossing_has_four_corners_and_no_kerb_in_its_mouth() -> None:
    cross = {**STREET, "street_id": "t", "geometry": LineString([(60, -50), (60, 50)])}
    city = make_town(area=box(-50, -50, 170, 50), streets=[STREET, cross])
    found = find_positions(wants_along(), city)
    corners = shapely.get_coordinates(found.geometry[found["spot"] == "corner"].to_numpy()) - ORIGIN
    assert sorted(map(tuple, corners.round(1).tolist())) == [(55.7, -4.3), (55.7, 4.3), (64.3, -4.3), (64.3, 4.3)]


def test_a_driveway_a_gate_a_pond_a_track_and_a_toilet_bar_what_stands_in_them() -> None:
    city = make_town(
        area=box(-50, -50, 170, 50),
        streets=[STREET, {**STREET, "street_id": "d", "road_class": "service", "width": 4.0,
                          "geometry": LineString([(40, 0), (40, 40)])}],
        entrances=[{"entrance_id": "g", "geometry": Point(20, 4.3)}],
        landscape=[
            {"feature_id": "w", "feature": "water", "geometry": box(60, 4, 70, 20)},
            {"feature_id": "r", "feature": "rail", "geometry": LineString([(90, 4), (90, 40)])},
        ],
    )  # fmt: skip
    asked = np.array([[40, 4.3], [42.6, 20], [20, 6.0], [65, 4.3], [91.5, 4.3], [110, 4.3]]) + ORIGIN
    assert find_ground(city).allows(asked).tolist() == [False, True, False, False, False, True]


def test_nothing_stands_on_private_ground_but_the_sidewalk_beside_it_stays_open() -> None:
    estate = Polygon([(30, 0), (80, 0), (80, 60), (30, 60)])  # drawn to the middle of the street, as many are
    city = make_town(
        area=box(-50, -50, 170, 80),
        streets=[STREET],
        places=[{"place_id": "way/9", "name": "小区", "geometry": estate}],
        place_kinds=[{"place_id": "way/9", "kind": "residential_compound", "evidence": "x", "confidence": "high"}],
        public_ground=[{"ground_id": "P", "ground_kind": "street", "source": "s", "geometry": LINE_BAND}],
    )
    # carriageway to 3.5 m, sidewalk to 9.5 m
    asked = np.array([[50, 4.3], [50, 9.0], [50, 10.0], [50, -10.0]]) + ORIGIN
    assert find_ground(city).allows(asked).tolist() == [True, True, False, True]


LINE_BAND = box(0, -3.5, 120, 3.5)


def test_a_pole_of_the_register_comes_before_a_new_one_beside_it() -> None:
    city = make_town(area=box(-50, -50, 170, 50), streets=[STREET])
    cameras = make_cameras({"geometry": Point(31, 4.6), "pole_id": "K7", "status": "in_use"})
    found = find_positions(wants_along(), city, cameras=cameras)
    pole = found[found["spot"] == "pole"]
    assert pole[["support", "support_id"]].values.tolist() == [["existing_pole", "K7"]]
    rest = shapely.distance(found.geometry[found["spot"] != "pole"].to_numpy(), pole.geometry.iloc[0])
    assert rest.min() > 0.5


def test_a_signal_on_the_carriageway_stands_at_the_kerb_beside_it() -> None:
    city = make_town(area=box(-50, -50, 170, 50), streets=[STREET])
    raw = gpd.GeoDataFrame(
        {"osm_id": ["node/1", "node/2"], "tags": [{"highway": "traffic_signals"}, {"highway": "street_lamp"}]},
        geometry=[at(Point(50, 0.2)), at(Point(80, -6))], crs=city.crs,
    )  # fmt: skip
    found = find_positions(wants_along(), city.with_tables(supports=find_supports(raw)))
    told = {spot: shapely.get_coordinates(g)[0] - ORIGIN for spot, g in zip(found["spot"], found.geometry, strict=True)}
    np.testing.assert_allclose(told["signal"], [50, 4.3], atol=0.05)
    np.testing.assert_allclose(told["lamp"], [80, -6], atol=0.01)


def test_walls_of_homes_carry_nothing_and_other_corners_do() -> None:
    rows = [
        {"building_id": "home", "building": "apartments", "geometry": box(10, 6, 30, 20)},
        {"building_id": "shop", "building": "retail", "geometry": box(60, 6, 80, 20)},
    ]
    city = make_town(area=box(-50, -50, 170, 50), streets=[STREET], buildings=rows)
    found = find_positions(wants_along(), city)
    assert set(found.loc[found["spot"] == "wall", "support_id"]) == {"shop"}


def test_what_a_candidate_covers_is_what_measure_coverage_counts() -> None:
    asked = ask(camera(10.0))
    some = asked.candidates[asked.candidates["nature"] == "new"].iloc[::7].reset_index(drop=True)
    covers = find_covers(some, asked.wants, asked.city).toarray()
    for row in range(0, len(some), 3):
        one = some.iloc[[row]].assign(counts="yes", counts_reason="")
        seen = measure_coverage(asked.wants, one, asked.city.buildings)
        assert covers[row].tolist() == (seen["n_low_25"] > 0).astype(int).tolist()


def test_sight_rates_facing_layers_and_near_edges_as_the_measure_does() -> None:
    city = make_town(streets=[STREET], buildings=[{"building_id": "h", "geometry": box(20, 2, 30, 12)}])
    rng = np.random.default_rng(5)
    points = pd.DataFrame(
        {"target_id": np.arange(400), "x": EAST + rng.uniform(-60, 60, 400), "y": NORTH + rng.uniform(-60, 60, 400)}
    ).assign(z=rng.choice([0.0, 1.5], 400), facing=np.where(rng.random(400) < 0.5, rng.uniform(0, 360, 400), np.nan))
    cameras = make_cameras(
        {"geometry": Point(0, 0), "azimuth": 40.0, "hfov": 90.0, "pixels": 1920, "reach": 50.0, "mount_height": 5.0,
         "tilt": 20.0, "vfov": 30.0, "pole_id": "a"},
        {"geometry": Point(15, 5), "azimuth": 250.0, "hfov": 60.0, "pixels": 3840, "reach": 40.0, "mount_height": None,
         "pole_id": "b"},
    )  # fmt: skip
    sight = find_sight(cameras, points, city)
    for row in range(2):
        seen = measure_coverage(points, cameras.iloc[[row]], city.buildings)
        mine = np.zeros(len(points))
        mine[sight.point[sight.camera == row]] = sight.density[sight.camera == row]
        np.testing.assert_allclose(mine, seen["density_low"].to_numpy(), rtol=1e-9)
        assert (mine > 0).any()


def test_aims_follow_what_is_wanted_not_a_fan() -> None:
    asked = ask(spacing=40.0)
    new = asked.candidates[(asked.candidates["nature"] == "new") & (asked.candidates["hfov"] < 90)]
    middle = new[np.abs(new.geometry.x - EAST - 60) < 25]
    # from a kerb point the street lies east and west; nobody looks away from it
    off = np.minimum(np.mod(middle["azimuth"] - 90, 180), np.mod(90 - middle["azimuth"], 180))
    assert len(middle) > 0
    assert (off <= 45).all()
    covers = np.asarray(find_covers(asked.candidates, asked.wants, asked.city).sum(axis=1)).ravel()
    assert (covers > 0).all()


@pytest.mark.parametrize("kind", ["toilet", "home"])
def test_no_candidate_looks_into_a_forbidden_place(kind: str) -> None:
    tags = {"amenity": "toilets", "building": "toilets"} if kind == "toilet" else {"building": "apartments"}
    raw = gpd.GeoDataFrame(
        {"osm_id": ["way/5"], "tags": [tags], "closed": [True]}, geometry=[at(box(50, 8, 62, 18))], crs=32650
    )
    bare = make_town(area=box(-50, -50, 170, 50), streets=[STREET])
    buildings = find_buildings(raw)
    drawn = bare.with_tables(buildings=buildings, ban_places=find_ban_places(raw, buildings))
    assert len(drawn.ban_places)
    free, barred = ask(), ask(city=drawn)
    assert len(barred.candidates) < len(free.candidates)
    fleet = barred.candidates.assign(counts="yes", counts_reason="")
    views = camera_views(fleet, drawn.buildings)
    found = find_conflicts(fleet, drawn, rulebook(), views=views)
    assert not len(found[found["check"].isin(["C1", "C2", "C3"])])
    facade = found.loc[found["check"] == "C4", "amount"]
    assert (facade < 1.0 + 2 * PIECE).all()  # from 1 m on C4 speaks; the pieces asked of candidates are 0.5 m long
