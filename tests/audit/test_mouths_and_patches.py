"""Which ends of tunnels are mouths, and where patches are drawn: checked with a pencil on the hand-drawn town."""

import pytest
import shapely
from shapely.geometry import LineString, Point, box

from audit.town import EAST, NORTH, at, make_mandates, make_seen, make_town
from citycover.audit.gaps import find_gaps
from citycover.audit.targets import lay_targets


def test_an_end_where_only_tunnels_meet_is_no_mouth():
    """Two sections of a tunnel, 0–100 and 100–200, between open roads: mouths at 0 and 200, none at 100."""
    sections = [
        {"street_id": "west", "geometry": LineString([(-100, 0), (0, 0)])},
        {"street_id": "t1", "tunnel": True, "geometry": LineString([(0, 0), (100, 0)])},
        {"street_id": "t2", "tunnel": True, "geometry": LineString([(100, 0), (200, 0)])},
        {"street_id": "east", "geometry": LineString([(200, 0), (300, 0)])},
    ]
    mandates = make_mandates(
        *(
            {
                "place_id": s["street_id"],
                "kind": "urban_road",
                "part": "whole_length_per_plan",
                "geometry": s["geometry"],
            }
            for s in sections
        )
    )
    places = [{"place_id": s["street_id"], "underground": s.get("tunnel", False), **s} for s in sections]
    laid = lay_targets(mandates, make_town(streets=sections, places=places))
    points = laid.targets[laid.targets["unit"] == "point"]
    assert sorted(round(x - EAST) for x in points["x"]) == [0, 200]


def test_where_a_side_street_opens_into_a_covered_one_the_covered_one_has_no_mouth():
    """A covered street in two sections, 0–100 and 100–200, a side street at 100: mouths at 0 and 200 only."""
    sections = [
        {"street_id": "west", "geometry": LineString([(-100, 0), (0, 0)])},
        {"street_id": "t1", "tunnel": True, "geometry": LineString([(0, 0), (100, 0)])},
        {"street_id": "t2", "tunnel": True, "geometry": LineString([(100, 0), (200, 3)])},
        {"street_id": "side", "geometry": LineString([(100, 0), (100, 80)])},
        {"street_id": "east", "geometry": LineString([(200, 3), (300, 3)])},
    ]
    covered = [s for s in sections if s.get("tunnel")]
    duty = {"kind": "urban_road", "part": "whole_length_per_plan"}
    mandates = make_mandates(*({**duty, "place_id": s["street_id"], "geometry": s["geometry"]} for s in covered))
    places = [{"place_id": s["street_id"], "underground": True, "geometry": s["geometry"]} for s in covered]
    laid = lay_targets(mandates, make_town(streets=sections, places=places))
    points = laid.targets[laid.targets["unit"] == "point"]
    assert sorted(round(x - EAST) for x in points["x"]) == [0, 200]


def test_a_road_in_a_cutting_is_open_to_the_sky():
    street = {"street_id": "s", "layer": -1, "geometry": LineString([(0, 0), (100, 0)])}
    mandates = make_mandates({"part": "whole_length_per_plan", "kind": "urban_road", "geometry": street["geometry"]})
    laid = lay_targets(mandates, make_town(streets=[street]))
    assert (laid.targets["layer"] == 0).all()
    assert laid.demands["weight"].sum() == pytest.approx(100.0)


def gaps_of(mandates, town):
    laid = lay_targets(mandates, town)
    seen = make_seen(laid.targets, {})
    return find_gaps(laid.demands, laid.targets, seen, mandates=mandates, cameras=town.cameras, city=town)


def test_the_forecourt_of_a_house_is_drawn_before_it_and_not_in_it():
    """A shop of 20 × 20 m with its door in the middle of the south wall: its forecourt lies south of y = 0."""
    house = box(0, 0, 20, 20)
    door = {"entrance_id": "e", "place_id": "way/0", "entrance": "yes", "facing": 180.0, "geometry": Point(10, 0)}
    town = make_town(buildings=[{"building_id": "b", "geometry": house}], entrances=[door])
    mandates = make_mandates({"part": "business_premises", "geometry": house})
    patch = gaps_of(mandates, town).query("unit == 'm2'").geometry.union_all()
    assert patch.area > 0
    assert shapely.intersection(patch, at(house)).area == pytest.approx(0.0, abs=1e-6)


def test_a_patch_is_drawn_without_the_buildings_on_it():
    """A square of 40 × 40 m with a kiosk of 10 × 10 m: 1,500 m² are drawn, as the gap's size says."""
    square, kiosk = box(0, 0, 40, 40), box(15, 15, 25, 25)
    town = make_town(buildings=[{"building_id": "k", "geometry": kiosk}])
    gap = gaps_of(make_mandates({"part": "site_per_plan", "geometry": square}), town).query("unit == 'm2'").iloc[0]
    assert gap["size"] == pytest.approx(1500.0)
    assert gap.geometry.area == pytest.approx(1500.0)
    assert gap.geometry.bounds == pytest.approx((EAST, NORTH, EAST + 40, NORTH + 40))


def test_a_street_unseen_in_both_directions_is_one_gap_of_its_length_and_in_one_direction_of_half_of_it():
    """100 m of street in 20 pieces, each 2.5 m in either direction; nobody sees it, then only from the west."""
    street = {"street_id": "s", "geometry": LineString([(0, 0), (100, 0)])}
    mandates = make_mandates({"part": "important_segments", "kind": "urban_road", "geometry": street["geometry"]})
    town = make_town(streets=[street])
    laid = lay_targets(mandates, town)
    westward = laid.targets.loc[laid.targets["facing"].round() == 270, "target_id"]
    for figures, size in (({}, 100.0), (dict.fromkeys(westward.astype(int), (1, 1.0, 1, 1.0, 0.0)), 50.0)):
        seen = make_seen(laid.targets, figures)
        gaps = find_gaps(laid.demands, laid.targets, seen, mandates=mandates, cameras=town.cameras, city=town)
        assert gaps["size"].tolist() == [pytest.approx(size)]
        assert gaps.geometry.length.tolist() == [pytest.approx(100.0, abs=5.0)]


def test_a_metro_line_has_no_gate_where_its_mapped_line_ends():
    """An underground line of 200 m within the area: nothing is laid on the ground, its inside is on the checklist."""
    line = LineString([(0, 0), (200, 0)])
    place = {"place_id": "r", "underground": True, "geometry": line}
    duty = {"place_id": "r", "kind": "rail_transit_line", "part": "whole_length_per_plan", "geometry": line}
    laid = lay_targets(make_mandates(duty), make_town(places=[place]))
    assert laid.targets.empty
    assert laid.indoor["setting"].tolist() == ["underground"]
    tunnel = lay_targets(make_mandates({**duty, "kind": "tunnel"}), make_town(places=[place]))
    assert len(tunnel.targets) == 2  # of a tunnel these are its mouths


def test_around_a_place_mapped_as_a_point_only_its_public_ground_is_drawn():
    """A street 7 m wide through the disc of 25 m: what is drawn is what is counted, not the cells that it touches."""
    street = {"ground_id": "p", "geometry": box(-60, -3, 60, 4)}
    town = make_town(public_ground=[street])
    gap = gaps_of(make_mandates({"part": "site_per_plan", "name": "小学", "geometry": Point(0, 0)}), town)
    gap = gap[gap["unit"] == "m2"]
    # by hand 4√(25² − 4²) + 25² asin(4/25) + 3√(25² − 3²) + 25² asin(3/25) = 348.8; the drawn circle has 64 corners
    disc = Point(0, 0).buffer(25, quad_segs=16).intersection(street["geometry"])
    assert gap["size"].sum() == pytest.approx(disc.area) == pytest.approx(348.8, abs=0.4)
    assert gap.geometry.union_all().area == pytest.approx(disc.area)
    assert gap["name"].tolist() == ["小学 场地 349 m²（全部，范围推定）"]
