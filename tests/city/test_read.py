"""A city read from files: formats, tiles, edges, areas and bad inputs."""

import bz2
import functools
import gzip
import json

import geopandas as gpd
import osmium
import pandas as pd
import pytest
import shapely

from citycover import tables
from citycover.city import read
from citycover.city.landscape import find_landscape
from citycover.city.obstacles import find_barriers, find_trees
from citycover.city.osm import read_raw
from citycover.city.read import read_osm
from citycover.errors import AreaError, FileFormatError
from osm_drawing import degrees, draw, metric, write

STREET = {"highway": "residential", "name": "Grid"}


def grid(n=6, step=100.0):
    """A grid of n × n streets, ``step`` apart, with its south-west corner at the origin; nodes 1 … n²."""
    nodes = {1 + i + n * j: (i * step, j * step) for i in range(n) for j in range(n)}
    ways = [(100 + j, [1 + i + n * j for i in range(n)], {**STREET, "name": f"East {j}"}) for j in range(n)]
    ways += [(200 + i, [1 + i + n * j for j in range(n)], {**STREET, "name": f"North {i}"}) for i in range(n)]
    return nodes, ways


def box(number, x, y, size, tags):
    """Nodes and way of a square."""
    corners = {number * 10 + k: p for k, p in enumerate([(x, y), (x + size, y), (x + size, y + size), (x, y + size)])}
    return corners, (number, [*corners, number * 10], tags)


def town(**more):
    nodes, ways = grid()
    for number, x, y, size, tags in (
        (1001, 20, 20, 30, {"building": "yes", "building:levels": "6"}),
        (1002, 220, 20, 60, {"leisure": "park", "name": "Green"}),
        (1003, 320, 320, 60, {"amenity": "school", "name": "School", "barrier": "wall"}),
        (1004, 520, 620, 30, {"building": "yes"}),  # beyond the last street, within the halo
    ):
        corners, way = box(number, x, y, size, tags)
        nodes |= corners
        ways.append(way)
    node_tags = {1: {"natural": "tree"}, 8: {"man_made": "surveillance", "camera:direction": "90"}}
    return draw(nodes, ways, node_tags=node_tags, **more)


def same(one, other):
    for name, table in one.tables().items():
        if name == "rejects":
            continue
        a, b = pd.DataFrame(table).drop(columns="geometry", errors="ignore"), pd.DataFrame(other.tables()[name])
        pd.testing.assert_frame_equal(a, b.drop(columns="geometry", errors="ignore"))
        if "geometry" in table:
            assert shapely.equals_exact(table.geometry.to_numpy(), b["geometry"].to_numpy(), 0.05).all(), name
    assert one.crs == other.crs


def test_every_table_of_the_city_keeps_its_declaration(tmp_path):
    city = read_osm(write(tmp_path, town()))
    for name, table in city.tables().items():
        tables.check(table, name)
    # 6 streets of 5 sections each way; 36 nodes less 4 corners are junctions
    assert len(city.streets) == 60
    assert sorted(city.junctions["legs"].value_counts().to_dict().items()) == [(3, 16), (4, 16)]
    assert city.streets["length"].sum() == pytest.approx(6000, abs=1)
    assert city.buildings["height"].fillna(-1).tolist() == [18.0, -1.0]
    assert city.cameras[["camera_id", "azimuth"]].values.tolist() == [["osm:node/8", 90.0]]
    assert city.cameras["outside"].tolist() == [False]
    assert city.barriers[["barrier_id", "opaque"]].values.tolist() == [["way/1003", True]]
    assert city.counts["buildings_height_unknown"] == 1


@pytest.mark.parametrize("suffix", ["gz", "bz2", "pbf"])
def test_packed_files_give_the_same_city(tmp_path, suffix):
    plain = write(tmp_path, town())
    packed = tmp_path / f"town.osm.{suffix}"
    if suffix == "pbf":
        with osmium.SimpleWriter(str(packed)) as writer:
            for thing in osmium.FileProcessor(str(plain)):
                writer.add(thing)
    else:
        packed.write_bytes({"gz": gzip, "bz2": bz2}[suffix].compress(plain.read_bytes()))
    same(read_osm(plain), read_osm(packed))


def test_tiles_that_overlap_give_the_same_city_and_count_what_repeats(tmp_path):
    nodes, ways = grid()
    whole = read_osm(write(tmp_path, draw(nodes, ways)))
    west = write(tmp_path, draw(nodes, ways[:8]), "west.osm")
    east = write(tmp_path, draw(nodes, ways[6:]), "east.osm")
    tiles = read_osm([west, east])
    same(whole, tiles)
    assert tiles.counts["osm_repeats"] == 2  # ways 200 and 201 are in both


def test_negative_ids_of_an_editor_are_read(tmp_path):
    nodes, ways = grid()
    positive = read_osm(write(tmp_path, draw(nodes, ways)))
    minus = draw({-n: p for n, p in nodes.items()}, [(-w, [-r for r in refs], tags) for w, refs, tags in ways])
    negative = read_osm(write(tmp_path, minus))
    assert negative.streets["street_id"].tolist() == positive.streets["street_id"].tolist()
    assert negative.streets["osm_ids"].str.startswith("way/-").all()


def test_stray_objects_do_not_widen_the_area_and_are_counted(tmp_path):
    nodes, ways = grid()
    plain = read_osm(write(tmp_path, draw(nodes, ways)))
    nodes |= {900: (40_000, 40_000), 901: (40_000, 40_050), 902: (-30_000, 0), 903: (250, 500), 904: (250, 1500)}
    ways += [(900, [900, 901], STREET), (901, [903, 904], {**STREET, "highway": "primary"})]
    stray = read_osm(write(tmp_path, draw(nodes, ways, node_tags={902: {"amenity": "bank"}})))
    # the grid is 500 m wide, 60 m of margin, cells of 25 m
    for city in (plain, stray):
        west, south, east, north = city.area.bounds
        assert 500 < east - west < 800
        assert 500 < north - south < 800
    assert stray.counts["osm_objects_stray"] == 2
    assert stray.counts["streets_outside"] == 1
    assert sorted(r.split(": ")[1] for r in stray.rejects["reject_id"]) == ["node/902", "way/900"]
    assert stray.counts["street_metres_outside"] == pytest.approx(900, abs=150)


def test_the_stated_bounds_hold_where_the_streets_fill_them(tmp_path):
    text = town()
    (west, south), (east, north) = degrees(0, 0), degrees(500, 500)
    bounds = f'<bounds minlon="{west:.7f}" minlat="{south:.7f}" maxlon="{east:.7f}" maxlat="{north:.7f}"/>'
    head, rest = text.split("\n", 1)
    city = read_osm(write(tmp_path, "\n".join([head, bounds, rest])))
    assert city.area.area == pytest.approx(250_000, rel=0.02)
    far = bounds.replace(f"{east:.7f}", f"{east + 1:.7f}")
    wide = read_osm(write(tmp_path, "\n".join([head, far, rest])))
    assert wide.area.area < 600_000


def test_objects_cut_by_the_edge_are_counted_with_their_reason(tmp_path):
    nodes, ways = grid()
    corners, way = box(1001, 20, 20, 30, {"building": "yes"})
    relation = (5, [("way", 1001, "outer"), ("way", 4711, "outer")], {"type": "multipolygon", "landuse": "forest"})
    border = (6, [("way", 4712, "outer")], {"type": "boundary", "boundary": "administrative", "admin_level": "6"})
    text = draw(nodes | corners, [*ways, way], relations=[relation, border], missing=[10012])
    city = read_osm(write(tmp_path, text))
    assert city.buildings.empty
    assert {k: city.counts[k] for k in ("osm_ways_cut", "osm_relations_cut", "osm_districts_cut")} == {
        "osm_ways_cut": 1,
        "osm_relations_cut": 2,
        "osm_districts_cut": 1,
    }
    reasons = dict(zip(city.rejects["reject_id"].str.split(": ").str[1], city.rejects["reason"], strict=True))
    assert "given 4 of 5" in reasons["way/1001"]
    assert "given 0 of 2" in reasons["relation/5"]


def test_a_ring_that_crosses_itself_is_rejected_with_its_reason(tmp_path):
    nodes, ways = grid()
    nodes |= {901: (10, 10), 902: (40, 40), 903: (40, 10), 904: (10, 40)}
    ways.append((900, [901, 902, 903, 904, 901], {"building": "yes"}))
    city = read_osm(write(tmp_path, draw(nodes, ways)))
    assert city.buildings.empty
    assert city.counts["osm_surfaces_broken"] == 1
    assert city.rejects["reject_id"].tolist() == ["town.osm: way/900"]


def test_the_asked_area_cuts_streets_and_keeps_their_ids(tmp_path):
    path = write(tmp_path, town())
    whole = read_osm(path)
    area = shapely.Polygon([degrees(*p) for p in [(-10, -10), (250, -10), (250, 250), (-10, 250)]])
    part = read_osm(path, area=area)
    # three streets each way: sections up to 250 m
    assert part.streets["length"].sum() == pytest.approx(6 * 250, abs=1)
    assert set(part.streets["street_id"]) <= set(whole.streets["street_id"])
    assert len(part.junctions) == 8
    assert part.counts["streets_cut_at_edge"] == 6
    # the school and the far house lie outside, the house within the halo of 300 m does not matter
    assert set(part.places["place_id"]) < set(whole.places["place_id"])
    file = tmp_path / "area.geojson"
    file.write_text(json.dumps(shapely.geometry.mapping(area)), encoding="utf-8")
    same(part, read_osm(path, area=file))


def test_a_street_that_leaves_the_area_and_comes_back_is_two_rows(tmp_path):
    nodes, ways = grid()
    nodes |= {901: (20, 50), 902: (50, 350), 903: (80, 50)}
    ways.append((900, [901, 902, 903], {**STREET, "name": "Bow"}))
    area = shapely.Polygon([degrees(*p) for p in [(-10, -10), (510, -10), (510, 250), (-10, 250)]])
    bow = read_osm(write(tmp_path, draw(nodes, ways)), area=area).streets.query("name == 'Bow'")
    first, second = sorted(bow["street_id"])
    assert second == f"{first}-2"


def test_an_area_beside_the_streets_is_an_error_that_names_both_boxes(tmp_path):
    path = write(tmp_path, town())
    with pytest.raises(AreaError, match=r"overlaps the streets west 118\.78.*given west 10\.0000"):
        read_osm(path, area=shapely.box(10, 20, 11, 21))


def test_swapped_axes_of_the_area_are_noticed(tmp_path):
    path = write(tmp_path, town())
    with pytest.raises(AreaError, match="swapped"):
        read_osm(path, area=shapely.box(32.0, 118.7, 32.1, 118.8))


def test_swapped_axes_that_are_possible_degrees_are_noticed():
    from citycover.city.extent import check_overlap
    from citycover.geo import metric_crs, to_metric

    crs = metric_crs(7.42, 43.73)
    x, y = to_metric([7.42, 7.43], [43.73, 43.74], crs)
    line = shapely.linestrings([[(x[0], y[0]), (x[1], y[1])]])
    with pytest.raises(AreaError, match="swapped they would meet"):
        check_overlap(shapely.box(43.7, 7.4, 43.8, 7.5), line, crs)


def test_metres_instead_of_degrees_and_lines_are_no_area(tmp_path):
    path = write(tmp_path, town())
    with pytest.raises(AreaError, match="needed degrees"):
        read_osm(path, area=shapely.box(*metric(0, 0), *metric(9, 9)))
    with pytest.raises(AreaError, match="needed a polygon"):
        read_osm(path, area=shapely.LineString([(118, 32), (119, 33)]))
    with pytest.raises(AreaError, match="needed a file of polygons"):
        read_osm(path, area=tmp_path / "none.geojson")


def test_given_districts_take_the_place_of_those_of_osm(tmp_path):
    west = [degrees(*p) for p in [(-99, -99), (240, -99), (240, 999), (-99, 999)]]
    east = [degrees(*p) for p in [(240, -99), (999, -99), (999, 999), (240, 999)]]
    given = gpd.GeoDataFrame(
        {"district_id": ["1", "2"], "name": ["西", "东"], "level": ["街道", "街道"]},
        geometry=[shapely.Polygon(west), shapely.Polygon(east)],
        crs=4326,
    )
    city = read_osm(write(tmp_path, town()), districts=given)
    # the section from 200 to 300 m has 40 m in the west and 60 m in the east
    east_west = city.streets[city.streets["name"] == "East 0"].set_index(
        city.streets.loc[city.streets["name"] == "East 0"].geometry.centroid.x.sub(metric(0, 0)[0]).round()
    )
    assert east_west["district"].to_dict() == {50.0: "西", 150.0: "西", 250.0: "东", 350.0: "东", 450.0: "东"}
    for table in (city.junctions, city.buildings, city.places, city.cameras):
        assert table["district"].notna().all()


def test_districts_of_osm_are_found_by_level(tmp_path):
    nodes, ways = grid()
    corners, way = box(1001, -50, -50, 900, {"boundary": "administrative", "admin_level": "6", "name": "区"})
    other, country = box(1002, -60, -60, 900, {"boundary": "administrative", "admin_level": "2", "name": "国"})
    city = read_osm(write(tmp_path, draw(nodes | corners | other, [*ways, way, country])))
    assert city.districts[["district_id", "name", "level"]].values.tolist() == [["way/1001", "区", "6"]]
    assert set(city.streets["district"]) == {"区"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("town.shp", b"x", "ending in .osm"),
        ("town.osm", b"", "0 bytes"),
        ("town.osm", b"hello", "broken or truncated"),
        ("town.osm", b"<html></html>", "broken or truncated"),
        ("town.osm", b'<osm version="0.6"><node id="1" lat="1"', "broken or truncated"),
        ("town.osm", b'<osm version="0.6"/>', "given none"),
        ("town.osm.pbf", b"hello, this is no protocol buffer", "broken or truncated"),
        ("town.osm.gz", b"hello", "broken or truncated"),
        ("town.osm.gz", gzip.compress(b'<osm version="0.6"/>', mtime=0)[:-9], "broken or truncated"),
        ("town.osm.bz2", b"hello", "broken or truncated"),
        ("town.osm.gz", gzip.compress(b"", mtime=0), "unpacks to nothing"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_osm(path)
    assert name in str(caught.value)


def test_a_missing_file_and_no_file_are_said(tmp_path):
    with pytest.raises(FileFormatError, match="no such file"):
        read_osm(tmp_path / "none.osm")
    with pytest.raises(FileFormatError, match="at least one file"):
        read_osm([])


def test_an_extract_without_streets_is_an_error(tmp_path):
    corners, way = box(1, 0, 0, 30, {"building": "yes"})
    with pytest.raises(FileFormatError, match="needed streets"):
        read_osm(write(tmp_path, draw(corners, [way])))


def test_entities_that_grow_are_refused(tmp_path):
    kind = '<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    text = f'<?xml version="1.0"?>{kind}<osm version="0.6"><node id="1"/></osm>'
    with pytest.raises(FileFormatError, match="entities"):
        read_osm(write(tmp_path, text))


def test_a_file_that_unpacks_beyond_the_limit_is_refused_by_name(tmp_path):
    path = tmp_path / "bomb.osm.gz"
    path.write_bytes(gzip.compress(b" " * 2_000_000))
    with pytest.raises(FileFormatError, match=r"bomb\.osm\.gz.*unpack_limit 1,000,000"):
        read_osm(path, unpack_limit=1_000_000)


def test_a_file_that_unpacks_to_over_a_hundred_times_its_size_is_refused(tmp_path, monkeypatch):
    from citycover.city import osm_files

    monkeypatch.setattr(osm_files, "UNPACK_FLOOR", 10_000)
    path = tmp_path / "bomb.osm.bz2"
    path.write_bytes(bz2.compress(b" " * 1_000_000))
    with pytest.raises(FileFormatError, match="100 times"):
        read_osm(path)


def test_phone_numbers_and_remarks_of_mappers_never_come_in(tmp_path):
    nodes, ways = grid()
    tags = {"amenity": "bank", "phone": "+86 25 1234", "contact:email": "a@b.c", "source": "survey", "name": "Bank"}
    raw = read_raw(write(tmp_path, draw(nodes, ways, node_tags={8: tags})))
    assert raw.objects.loc[raw.objects["osm_id"] == "node/8", "tags"].tolist() == [{"amenity": "bank", "name": "Bank"}]


def test_closed_ways_are_surfaces_by_their_tags(tmp_path):
    nodes, ways = grid()
    expected = {}
    for k, (tags, kind) in enumerate(
        [
            ({"highway": "pedestrian"}, "LineString"),
            ({"highway": "pedestrian", "area": "yes"}, "Polygon"),
            ({"barrier": "wall"}, "LineString"),
            ({"landuse": "residential", "barrier": "wall"}, "Polygon"),
            ({"leisure": "park", "area": "no"}, "LineString"),
        ]
    ):
        corners, way = box(1000 + k, 20 + 70 * k, 20, 30, tags)
        nodes |= corners
        ways.append(way)
        expected[f"way/{1000 + k}"] = kind
    objects = read_raw(write(tmp_path, draw(nodes, ways))).objects
    found = objects[objects["osm_id"].isin(expected)]
    assert dict(zip(found["osm_id"], found.geom_type, strict=True)) == expected
    assert found["closed"].all()


def test_a_multipolygon_with_a_hole_and_a_site_are_read(tmp_path):
    nodes, ways = grid()
    outer, way1 = box(1001, 10, 10, 80, {})
    inner, way2 = box(1002, 30, 30, 40, {})
    hall, way3 = box(1003, 110, 10, 20, {"building": "yes"})
    other, way4 = box(1004, 150, 10, 20, {"building": "yes"})
    relations = [
        (1, [("way", 1001, "outer"), ("way", 1002, "inner")], {"type": "multipolygon", "natural": "water"}),
        (2, [("way", 1003, ""), ("way", 1004, "")], {"type": "site", "amenity": "university", "name": "U"}),
    ]
    text = draw(nodes | outer | inner | hall | other, [*ways, way1, way2, way3, way4], relations=relations)
    objects = read_raw(write(tmp_path, text)).objects.set_index("osm_id")
    assert objects.geometry["relation/1"].area == pytest.approx(80 * 80 - 40 * 40, abs=2)
    assert objects.geometry["relation/2"].area == pytest.approx(800, abs=1)
    assert objects.index.tolist()[-2:] == ["relation/1", "relation/2"]


def raw_objects(*rows):
    return gpd.GeoDataFrame(
        {
            "osm_id": [f"way/{i}" for i in range(len(rows))],
            "tags": pd.Series([t for t, _ in rows], dtype=object),
            "closed": False,
        },
        geometry=[g for _, g in rows],
        crs=32650,
    )


LINE, SQUARE = shapely.LineString([(0, 0), (10, 0)]), shapely.box(0, 0, 10, 10)


def test_walls_are_opaque_and_fences_are_not():
    found = find_barriers(
        raw_objects(
            ({"barrier": "wall", "height": "2,5"}, LINE),
            ({"barrier": "retaining_wall"}, LINE),
            ({"historic": "citywalls"}, LINE),
            ({"barrier": "fence"}, LINE),
            ({"barrier": "hedge"}, LINE),
            ({"barrier": "gate"}, shapely.Point(0, 0)),
            ({"barrier": "wall", "amenity": "school"}, SQUARE),
        )
    )
    assert found["opaque"].tolist() == [True, True, True, False, False, True]
    assert found["height"].fillna(0).tolist() == [2.5, 0, 0, 0, 0, 0]
    assert found.geometry.length.tolist() == [10.0] * 5 + [40.0]  # a surface gives its boundary


def test_trees_rows_and_woods_are_trees():
    found = find_trees(
        raw_objects(
            ({"natural": "tree", "height": "8"}, shapely.Point(0, 0)),
            ({"natural": "tree_row"}, LINE),
            ({"landuse": "forest"}, SQUARE),
            ({"natural": "water"}, SQUARE),
        )
    )
    assert found["tree"].tolist() == ["tree", "tree_row", "wood"]


def test_the_landscape_is_drawn_without_military_ground_and_cut():
    found = find_landscape(
        raw_objects(
            ({"natural": "water"}, SQUARE),
            ({"waterway": "stream", "tunnel": "culvert"}, LINE),
            ({"railway": "subway"}, LINE),
            ({"highway": "footway"}, LINE),
            ({"leisure": "park"}, SQUARE),
            ({"amenity": "school", "name": "S"}, SQUARE),
            ({"landuse": "residential"}, SQUARE),
            ({"landuse": "military", "name": "M", "amenity": "school"}, SQUARE),
        ),
        within=shapely.box(-1, -1, 5, 11),
    )
    assert found["feature"].tolist() == ["water", "rail", "path", "green", "compound"]
    assert found.geometry[0].area == pytest.approx(50.0)


@functools.cache
def real(path):
    return read_osm(path)


@pytest.mark.parametrize("name", ["nanjing_xinjiekou.osm", "suwon.osm", "monaco.osm.pbf", "guixi.osm"])
def test_real_extracts_keep_every_declaration(shared_data, name):
    city = real(shared_data / name)
    for table_name, table in city.tables().items():
        tables.check(table, table_name)
    assert shapely.intersects(city.area, city.streets.geometry.to_numpy()).all()
    halo = shapely.buffer(city.area, read.HALO)
    assert shapely.intersects(halo, city.buildings.geometry.to_numpy()).all()


def test_the_core_of_nanjing_lies_inside_and_its_stray_objects_do_not(shared_data):
    city = real(shared_data / "nanjing_xinjiekou.osm")
    core = gpd.GeoSeries([shapely.box(118.7676, 32.0358, 118.7961, 32.0514)], crs=4326).to_crs(city.crs)[0]
    assert city.area.intersection(core).area / core.area > 0.95
    assert city.area.area < 2 * core.area
    assert city.counts["osm_objects_stray"] > 0


def test_monaco_has_the_cameras_that_osm_has(shared_data):
    # 16 nodes of man_made=surveillance, 3 of them with a direction: ../shared/data/README.md
    cameras = real(shared_data / "monaco.osm.pbf").cameras
    assert len(cameras) == 16
    assert int(cameras["azimuth"].notna().sum()) == 3
