"""Ground open to all: what counts, what is cut out, and that nothing counts twice."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from citycover import tables
from citycover.city.public_ground import _union_checked, find_public_ground

X, Y = 500_000, 3_500_000  # a corner of the tiles of 250 m
CRS = 32650


def box(x, y, wide, tall=None):
    return shapely.box(X + x, Y + y, X + x + wide, Y + y + (tall or wide))


def line(*positions):
    return shapely.LineString([(X + x, Y + y) for x, y in positions])


def frame(name, rows):
    if not rows:
        return tables.conform(name, [], crs=CRS)
    return tables.conform(name, gpd.GeoDataFrame([r for r, _ in rows], geometry=[g for _, g in rows], crs=CRS))


def street(geometry, road_class="secondary", width=10.0, **more):
    return {
        "street_id": f"S{geometry.wkt}",
        "road_class": road_class,
        "width": width,
        "width_source": "class",
        **more,
    }, geometry


def find(streets=(), objects=(), buildings=(), places=()):
    """Return the ground; objects are (tags, geometry), places (kind, columns, geometry)."""
    raw = gpd.GeoDataFrame(
        {"osm_id": [f"way/{i}" for i in range(len(objects))], "tags": [dict(t) for t, _ in objects]},
        geometry=[g for _, g in objects],
        crs=CRS,
    )
    kinds = [
        {"place_id": f"p{i}", "kind": k, "evidence": "leisure=park; more", "confidence": "high"}
        for i, (k, _, _) in enumerate(places)
    ]
    found = find_public_ground(
        raw,
        frame("streets", list(streets)),
        frame("buildings", [({"building_id": f"b{i}", **more}, g) for i, (more, g) in enumerate(buildings)]),
        frame("places", [({"place_id": f"p{i}", **more}, g) for i, (_, more, g) in enumerate(places)]),
        tables.conform("place_kinds", kinds),
    )
    tables.check(found, "public_ground")
    return found


def sizes(found):
    """Return the ground per kind, m²."""
    return found.assign(size=found.area).groupby("ground_kind")["size"].sum().round(2).to_dict()


def test_a_street_counts_from_kerb_to_kerb_with_flat_ends():
    """100 m by 10 m."""
    found = find([street(line((20, 50), (120, 50)))])
    assert sizes(found) == {"street": 1000.0}
    assert found["source"].tolist() == ["secondary, width from class"]


def test_a_street_over_tile_edges_is_cut_there_and_loses_nothing():
    """600 m by 10 m lie in three tiles of 250 m."""
    found = find([street(line((10, 50), (610, 50)))])
    assert len(found) == 3
    assert sizes(found) == {"street": 6000.0}


def test_a_lane_inside_a_compound_is_not_public_but_the_road_that_the_outline_covers_is():
    """The compound is drawn to the middle of the main road: the road keeps its whole width."""
    compound = [("residential_compound", {}, box(0, 0, 100))]
    lane, road = street(line((50, 10), (50, 90)), "residential"), street(line((0, 0), (100, 0)))
    assert sizes(find([lane], places=compound)) == {}
    assert sizes(find([road], places=compound)) == {"street": 1000.0}


@pytest.mark.parametrize(
    "more", [{"tunnel": True}, {"access": "private"}, {"access": "no"}, {"road_class": "service"}, {"width": None}]
)
def test_tunnels_closed_service_and_streets_of_unknown_width_stay_unknown(more):
    assert find([street(line((0, 50), (100, 50)), **more)]).empty


def test_a_service_way_that_is_tagged_open_counts():
    assert sizes(find([street(line((0, 50), (100, 50)), "service", access="yes")])) == {"street": 1000.0}


def test_buildings_are_cut_out_but_roofs_are_not():
    """A house of 10 m by 5 m covers half the street's width over 10 m: 1000 - 50."""
    road = [street(line((0, 50), (100, 50)))]
    assert sizes(find(road, buildings=[({"opaque": True}, box(40, 50, 10))])) == {"street": 950.0}
    assert sizes(find(road, buildings=[({"opaque": False}, box(40, 50, 10))])) == {"street": 1000.0}
    assert sizes(find(road, buildings=[({"layer": -1}, box(40, 50, 10))])) == {"street": 1000.0}


def test_parks_and_squares_count_unless_closed_or_charged_for():
    park = box(10, 10, 100)
    assert sizes(find(places=[("park", {}, park)])) == {"park": 10_000.0}
    assert sizes(find(places=[("square", {}, park)])) == {"square": 10_000.0}
    for more in ({"access": "private"}, {"fee": "yes"}):
        assert find(places=[("park", more, park)]).empty


def test_paths_count_at_their_width_outside_compounds():
    """50 m outside at 2 m by class, 3 m as tagged; 50 m inside the school do not count."""
    school = [("school_kindergarten", {}, box(50, 0, 100))]
    path = line((0, 50), (100, 50))
    assert sizes(find(objects=[({"highway": "footway"}, path)], places=school)) == {"path": 100.0}
    assert sizes(find(objects=[({"highway": "path", "width": "3 m"}, path)], places=school)) == {"path": 150.0}
    for closed in ({"access": "private"}, {"tunnel": "yes"}, {"indoor": "yes"}):
        assert find(objects=[({"highway": "footway", **closed}, path)]).empty


def test_an_open_pedestrian_area_is_path_ground():
    assert sizes(find(objects=[({"highway": "pedestrian", "area": "yes"}, box(0, 0, 20))])) == {"path": 400.0}


def test_ground_of_two_kinds_counts_once_for_the_first():
    """A street of 10 m by 100 m crosses a park of 100 m by 100 m."""
    found = find([street(line((10, 60), (110, 60)))], places=[("park", {}, box(10, 10, 100))])
    assert sizes(found) == {"street": 1000.0, "park": 9000.0}


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 900), st.integers(0, 900), st.integers(0, 900)),
        min_size=1,
        max_size=6,
    ),
    st.integers(4, 30),
)
def test_ground_never_overlaps_and_never_exceeds_what_it_was_made_of(ends, width):
    """Property: the rows do not overlap, and their sum is the union of the strips."""
    lines = [line((a, b), (c, d)) for a, b, c, d in ends if (a, b) != (c, d)]
    if not lines:
        return
    found = find([street(g, width=float(width)) for g in lines])
    whole = shapely.union_all([shapely.buffer(g, width / 2, cap_style="flat") for g in lines])
    assert found.area.sum() == pytest.approx(whole.area, rel=1e-3, abs=0.1)  # united on a grid of 1 mm
    assert shapely.union_all(found.geometry.to_numpy()).area == pytest.approx(found.area.sum(), rel=1e-3, abs=0.1)


def test_nothing_gives_an_empty_table():
    assert find().empty


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 200), st.floats(0, 200), st.floats(1, 80), st.floats(0, 180)), min_size=1))
def test_the_union_of_a_tile_keeps_all_ground(pieces):
    """Property: the fast union holds as much ground as the plain union of turned boxes, one tile or two."""
    shapes = [shapely.affinity.rotate(shapely.box(x, y, x + wide, y + 20), turn) for x, y, wide, turn in pieces]
    half = len(shapes) // 2
    parts = [part for part in (shapes[:half], shapes[half:]) if part]
    united = _union_checked(np.array([shapely.geometrycollections(part) for part in parts], dtype=object))
    assert shapely.is_valid(united).all()
    assert shapely.area(united) == pytest.approx([shapely.unary_union(part).area for part in parts], abs=0.02)


def test_a_union_that_two_ways_of_making_it_see_differently_is_made_a_third_time(monkeypatch):
    both = np.array([shapely.geometrycollections([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])], dtype=object)
    lossy = np.array([shapely.box(0, 0, 1, 1)], dtype=object)
    monkeypatch.setattr(shapely, "buffer", lambda *_, **__: lossy)
    assert shapely.area(_union_checked(both)).tolist() == [3.0]  # 2 + 2 - 1 shared
