"""Street sections of a town that can be checked with a pencil.

y=200        5
             |  Birch (residential), two ways split at 4
y=100        4
             |
y=0   1------2------3   Main (primary), 100 m and 200 m
             |
y=-50        6  Birch goes on; a bridge crosses Main further east without a shared node
"""

from pathlib import Path

import pytest

from citycover import tables
from citycover.city.osm import read_raw
from citycover.city.streets import count_left_out, cut_streets
from osm_drawing import degrees, draw, metric, write

MAIN = {"highway": "primary", "name": "Main"}
BIRCH = {"highway": "residential", "name": "Birch"}
NODES = {
    1: (0.0, 0.0),
    2: (100.0, 0.0),
    3: (300.0, 0.0),
    4: (100.0, 100.0),
    5: (100.0, 200.0),
    6: (100.0, -50.0),
    7: (200.0, -80.0),
    8: (200.0, 80.0),
}
WAYS = [
    (10, [1, 2, 3], MAIN),
    (11, [6, 2, 4], BIRCH),
    (12, [4, 5], BIRCH),
    (13, [7, 8], {"highway": "secondary", "name": "High", "bridge": "yes", "layer": "1"}),
]


def streets_of(folder: Path, ways, nodes=NODES, **more):
    return cut_streets(read_raw(write(folder, draw(nodes, ways, **more))))


def by_name(streets):
    return {n: sorted(g["length"].round(1)) for n, g in streets.groupby("name")}


def test_ways_are_cut_where_streets_meet_and_joined_where_only_a_way_ends(tmp_path):
    streets = streets_of(tmp_path, WAYS)
    # Main: 100 | 200; Birch: 50 | 100 + 100 joined at node 4; High is whole
    assert by_name(streets) == {"Main": [100.0, 200.0], "Birch": [50.0, 200.0], "High": [160.0]}
    tables.check(streets, "streets")


def test_a_bridge_without_a_shared_node_cuts_nothing(tmp_path):
    streets = streets_of(tmp_path, WAYS).set_index("name")
    assert bool(streets.loc["High", "bridge"]) and streets.loc["High", "layer"] == 1
    assert not streets.loc["Main", "bridge"].any()


def test_a_way_split_in_two_keeps_the_street_id(tmp_path):
    whole = streets_of(tmp_path, [(10, [1, 2, 3], MAIN)])
    split = streets_of(tmp_path, [(10, [1, 2], MAIN), (20, [2, 3], MAIN)])
    assert whole["street_id"].tolist() == split["street_id"].tolist()
    assert split["osm_ids"].tolist() == ["way/10;way/20"]


def test_a_tag_border_of_another_name_or_class_or_bridge_is_kept(tmp_path):
    for other in ({"name": "Elm"}, {"highway": "secondary"}, {"bridge": "yes"}, {"oneway": "yes"}, {"layer": "1"}):
        streets = streets_of(tmp_path, [(10, [1, 2], MAIN), (20, [2, 3], {**MAIN, **other})])
        assert len(streets) == 2, other


def test_renumbered_osm_ids_keep_every_street_id(tmp_path):
    before = streets_of(tmp_path, WAYS)
    nodes = {1000 - n: p for n, p in NODES.items()}
    ways = [(5000 - w, [1000 - n for n in refs], tags) for w, refs, tags in WAYS]
    after = streets_of(tmp_path, ways, nodes)
    assert before["street_id"].tolist() == after["street_id"].tolist()
    assert before["length"].round(3).tolist() == after["length"].round(3).tolist()


def test_two_streets_with_the_same_name_class_and_ends_are_numbered(tmp_path):
    nodes = {1: (0.0, 0.0), 2: (100.0, 0.0), 3: (50.0, 60.0)}
    streets = streets_of(tmp_path, [(1, [1, 2], MAIN), (2, [1, 3, 2], MAIN)], nodes)
    # node 1 and 2 have two neighbours each: one ring; rings are not joined, so both stay
    first, second = sorted(streets["street_id"])
    assert second == f"{first}-2"


def test_one_way_sections_run_with_the_traffic_and_others_from_west_to_east(tmp_path):
    west = {"highway": "primary", "oneway": "-1"}
    streets = streets_of(tmp_path, [(1, [1, 2], west), (2, [6, 4], BIRCH), (3, [8, 1], {"highway": "service"})])
    one = streets[streets["oneway"]].iloc[0]
    assert (one["from_node"], one["to_node"]) == ("node/2", "node/1")
    assert one.geometry.coords[0] == pytest.approx(metric(100, 0), abs=0.02)
    service = streets[streets["road_class"] == "service"].iloc[0]
    assert (service["from_node"], service["to_node"]) == ("node/1", "node/8")


def test_opposite_one_way_directions_are_never_joined(tmp_path):
    one = {**MAIN, "oneway": "yes"}
    assert len(streets_of(tmp_path, [(1, [1, 2], one), (2, [3, 2], one)])) == 2
    assert len(streets_of(tmp_path, [(1, [1, 2], one), (2, [2, 3], one)])) == 1


def test_one_way_ways_joined_in_any_order_run_with_the_traffic(tmp_path):
    one = {**MAIN, "oneway": "yes"}
    streets = streets_of(tmp_path, [(9, [3, 2], one), (1, [2, 1], one)])
    assert (streets.loc[0, "from_node"], streets.loc[0, "to_node"]) == ("node/3", "node/1")


@pytest.mark.parametrize(
    ("tags", "width", "source"),
    [
        ({"highway": "residential", "width": "6,5 m", "lanes": "4"}, 6.5, "tag"),
        ({"highway": "residential", "width": "20'"}, 6.096, "tag"),
        ({"highway": "primary", "lanes": "6"}, 21.0, "lanes"),
        ({"highway": "tertiary", "lanes:forward": "2", "lanes:backward": "1"}, 9.75, "lanes"),
        ({"highway": "residential", "width": "wide", "lanes": "2;3"}, 7.0, "class"),
        ({"highway": "primary", "oneway": "yes"}, 10.5, "class"),
        ({"highway": "primary_link", "oneway": "yes"}, 5.5, "class"),
    ],
)
def test_the_width_comes_from_the_tag_then_the_lanes_then_the_class(tmp_path, tags, width, source):
    street = streets_of(tmp_path, [(1, [1, 2], tags)]).iloc[0]
    assert (street["width"], street["width_source"]) == (pytest.approx(width), source)


def test_links_follow_their_parent_and_unknown_lanes_stay_unknown(tmp_path):
    street = streets_of(tmp_path, [(1, [1, 2], {"highway": "trunk_link"})]).iloc[0]
    assert street["road_class"] == "trunk"
    assert bool(street["link"])
    assert street[["lanes", "name", "access"]].isna().all()


def test_paths_car_parks_and_future_roads_are_no_streets_but_counted(tmp_path):
    ways = [
        (1, [1, 2], MAIN),
        (2, [2, 4], {"highway": "footway"}),
        (3, [4, 5], {"highway": "steps"}),
        (4, [2, 6], {"highway": "construction", "construction": "primary"}),
        (5, [2, 3], {"highway": "service", "service": "parking_aisle"}),
        (6, [2, 7], {"highway": "proposed"}),
    ]
    raw = read_raw(write(tmp_path, draw(NODES, ways)))
    assert len(cut_streets(raw)) == 1
    assert count_left_out(raw) == {
        "ways_proposed_or_under_construction": 2,
        "ways_for_walking_or_cycling_only": 2,
        "ways_in_car_parks": 1,
    }


def test_a_footway_that_joins_a_street_does_not_cut_it(tmp_path):
    streets = streets_of(tmp_path, [(1, [1, 2, 3], MAIN), (2, [2, 4], {"highway": "footway"})])
    assert by_name(streets) == {"Main": [300.0]}


def test_a_way_cut_by_the_edge_keeps_the_part_whose_nodes_are_known(tmp_path):
    streets = streets_of(tmp_path, [(1, [1, 2, 3, 5], MAIN), (2, [2, 4], BIRCH)], missing=[3])
    assert by_name(streets) == {"Main": [100.0], "Birch": [100.0]}


def test_rows_do_not_depend_on_the_order_of_the_file(tmp_path):
    there = streets_of(tmp_path, WAYS)
    text = draw(NODES, WAYS).splitlines()
    nodes = [line for line in text if "node" in line]
    rest = [line for line in text[1:-1] if "node" not in line]
    back = cut_streets(read_raw(write(tmp_path, "\n".join([text[0], *rest, *nodes, text[-1]]))))
    assert there.equals(back)


def test_ids_come_from_degrees_so_that_the_zone_of_the_study_does_not_matter(tmp_path):
    import shapely

    path = write(tmp_path, draw(NODES, WAYS))
    lon, lat = degrees(0, 0)
    east = shapely.box(lon + 1.5, lat - 1, lon + 3.5, lat + 1)  # its centre lies in the next UTM zone
    here, there = read_raw(path), read_raw(path, area=east)
    assert here.crs != there.crs
    assert sorted(cut_streets(here)["street_id"]) == sorted(cut_streets(there)["street_id"])
