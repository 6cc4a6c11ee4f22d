"""The embedded sample itself: it is always the same, it is whole, and its answers belong to its plan."""

from __future__ import annotations

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from citycover import terms

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
RULEBOOKS = {"wuxi_2019", "changzhou_2014", "nanchang_2016", "chongqing_2016"}
GROUPS = ("places", "lookalikes", "streets", "structures", "gateways", "stops")


@pytest.fixture(scope="module")
def truth():
    return json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def osm():
    return ET.parse(SAMPLE / "district.osm").getroot()


@pytest.fixture(scope="module")
def tags(osm):
    """Tags by id, such as `way/7`."""
    return {
        f"{kind}/{e.get('id')}": {t.get("k"): t.get("v") for t in e.iter("tag")}
        for kind in ("node", "way", "relation")
        for e in osm.iter(kind)
    }


@pytest.fixture(scope="module")
def register():
    text = (SAMPLE / "cameras.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def _rows(name):
    return list(csv.DictReader(io.StringIO((SAMPLE / name).read_text(encoding="utf-8"))))


@pytest.mark.parametrize("seed", ["0", "1"])
def test_running_the_script_again_gives_identical_bytes(tmp_path, seed):
    """No clock, no hash order, no random seed of the machine reaches the files."""
    env = {**os.environ, "PYTHONHASHSEED": seed}
    subprocess.run(
        [sys.executable, ROOT / "scripts" / "make_sample.py", tmp_path], check=True, env=env, capture_output=True
    )
    assert {p.name for p in tmp_path.iterdir()} == {p.name for p in SAMPLE.iterdir()}
    for file in tmp_path.iterdir():
        assert file.read_bytes() == (SAMPLE / file.name).read_bytes(), file.name


def test_the_script_needs_nothing_but_python():
    """The truth must not come from the toolkit: no file of the script imports it or any other package."""
    for file in [ROOT / "scripts" / "make_sample.py", *(ROOT / "scripts" / "sample").glob("*.py")]:
        imported = set(re.findall(r"^(?:from|import) (\w+)", file.read_text(encoding="utf-8"), re.M))
        assert imported <= set(sys.stdlib_module_names) | {"sample"}, file.name


def test_plan_and_law_do_not_know_how_the_district_is_tagged():
    """The plan comes first: neither it nor the reading of the law may look at the tags."""
    for name in ("plan", "places", "law"):
        text = (ROOT / "scripts" / "sample" / f"{name}.py").read_text(encoding="utf-8")
        assert "dress" not in text
        assert not re.search(r"\b(highway|amenity|building|landuse|leisure|shop|tourism|office)=", text), name


def test_the_files_are_small():
    """The sample travels in the wheel: under 3 MB together."""
    assert sum(p.stat().st_size for p in SAMPLE.iterdir()) < 3_000_000


def test_every_reference_inside_the_extract_resolves_but_those_of_the_house_cut_by_its_edge(osm, truth):
    nodes = {n.get("id") for n in osm.iter("node")}
    ways = {w.get("id") for w in osm.iter("way")}
    assert len(nodes) == len(list(osm.iter("node")))
    assert len(ways) == len(list(osm.iter("way")))
    broken = [f"way/{w.get('id')}" for w in osm.iter("way") if any(r.get("ref") not in nodes for r in w.iter("nd"))]
    assert broken == truth["flaws"]["cut_by_the_edge"]
    assert {m.get("ref") for m in osm.iter("member")} <= ways


def test_every_object_that_the_answers_name_is_in_the_extract(truth, tags):
    for group in GROUPS:
        for place in truth[group]:
            assert place["osm_ids"], place["name"]
            assert set(place["osm_ids"]) | set(place.get("part_ids", [])) <= tags.keys(), place["name"]


def test_every_planned_place_stands_in_the_answers(truth):
    """Compared with the plan's own lists, read from the script."""
    text = (ROOT / "scripts" / "sample" / "places.py").read_text(encoding="utf-8")
    planned = set(re.findall(r'_p\(\s*"(\w+)"', text))
    assert planned
    assert planned <= {p["key"] for p in truth["places"]}


def test_the_names_in_the_extract_are_those_of_the_plan(truth, tags):
    for place in (*truth["places"], *truth["lookalikes"]):
        assert tags[place["osm_ids"][0]].get("name", "") == place["name"]


def test_every_kind_of_the_vocabulary_occurs_once_at_least(truth):
    """82 kinds on the map, the others in the planner's list."""
    shown = {k for g in GROUPS for p in truth[g] for k in p["kinds"]} | {"road_junction"}
    listed = {k for p in truth["listed"] for k in p["kinds"]}
    assert shown | listed == set(terms.KINDS)
    assert listed.isdisjoint(shown - {"flammable_explosive_store"})


def test_kinds_that_are_true_disputed_or_denied_do_not_overlap(truth):
    for group in GROUPS:
        for place in truth[group]:
            true, disputed, denied = (set(place.get(k, [])) for k in ("kinds", "either", "kinds_not"))
            assert true | disputed | denied <= set(terms.KINDS), place["name"]
            assert not (true & disputed or true & denied or disputed & denied), place["name"]


def test_each_answer_speaks_of_all_four_rulebooks_and_of_its_own_kinds_only(truth):
    for group in (*GROUPS, "listed", "junctions"):
        for place in truth[group]:
            assert set(place["mandates"]) == RULEBOOKS
            for rows in place["mandates"].values():
                if group == "junctions":
                    continue
                assert {r["kind"] for r in rows["required"]} <= set(place["kinds"])
                assert {r["kind"] for r in rows["either"]} <= {*place["kinds"], *place.get("either", [])}
                assert {r["standing"] for r in rows["required"]} <= {"", "qualified", "undecided"}


def test_a_third_of_the_places_carry_only_a_name_and_building_yes(truth, tags):
    """Counted on the extract; the streets are not among them."""
    bare = [
        p["key"]
        for p in truth["places"]
        if set(tags[p["osm_ids"][0]].items()) == {("building", "yes"), ("name", p["name"])}
    ]
    assert 3 * len(bare) >= len(truth["places"])
    assert sorted(bare) == sorted(truth["name_only"])


def test_there_are_twenty_lookalikes_with_a_reason(truth):
    assert len([p for p in truth["lookalikes"] if p["why"]]) >= 20
    assert all(not p["kinds"] for p in truth["lookalikes"])
    denied = {p["name"]: p["kinds_not"] for p in (*truth["places"], *truth["lookalikes"])}
    assert "telecom_unit" in denied["中国移动手机店"]
    assert "square" in denied["金樟广场"]
    assert "square" in denied["阳光广场"]


@pytest.mark.parametrize(
    ("key", "low", "high"),
    [
        ("square", 10_000, 20_000),  # large: over 1 ha
        ("square2", 1_000, 5_000),
        ("market", 3_000, 6_000),  # large: over 3 000 m²
        ("market2", 500, 2_000),
        ("logistics", 20_000, 30_000),  # large: over 2 ha
        ("grain", 5_000, 19_000),
        ("chemical", 5_000, 60_000),  # large: over 10 ha
        ("data", 5_000, 7_000),  # large: over 5 000 m²
        ("theatre", 5_000, 9_000),
        ("library", 1_000, 4_500),
        ("gym", 1_000, 4_500),
        ("stadium", 5_000, 9_000),
    ],
)
def test_what_is_drawn_lies_on_the_side_of_the_size_that_the_plan_says(truth, key, low, high):
    """The thresholds are the project's defaults; each place keeps well away from its own."""
    ground = {p["key"]: p["ground"] for p in truth["places"] if "ground" in p}
    assert low <= ground[key] <= high


def test_parallel_carriageways_are_one_bridge(truth):
    """The big bridge is over 100 m long and has two ways; the answer counts it once."""
    bridges = [s for s in truth["structures"] if s["name"] == "樟桥大桥"]
    assert len(bridges) == 1
    assert len(bridges[0]["osm_ids"]) == 2
    assert 100 <= bridges[0]["length"] <= 125
    assert all(s["length"] < 100 for s in truth["structures"] if s["kind"] == "bridge" and s["name"] != "樟桥大桥")


def test_the_district_has_the_size_of_one(truth, osm):
    """About 2 km², 500 to 900 buildings, about 40 km of streets."""
    assert 500 <= truth["counts"]["buildings"] <= 900
    named = sum(s["length"] for s in truth["streets"] if s["length"])
    assert 20_000 <= named <= 45_000
    box = osm.find("bounds").attrib
    lon, lat = (math.radians(float(box[f"max{k}"]) - float(box[f"min{k}"])) for k in ("lon", "lat"))
    size = lon * math.cos(math.radians(31.57)) * lat * 6371.0**2
    assert 1.8 <= size <= 3.0  # the box stands askew around the district


def test_buildings_are_counted_as_they_are_drawn(truth, tags):
    """The one that the edge cut is not among them."""
    drawn = [i for i, t in tags.items() if "building" in t and i not in truth["flaws"]["cut_by_the_edge"]]
    assert len(drawn) == truth["counts"]["buildings"]
    assert sum("building:part" in t for t in tags.values()) == truth["counts"]["building_parts"]


def test_entrances_that_are_mapped_have_a_node_and_the_others_have_none(truth, osm):
    spots = {
        (n.get("lon"), n.get("lat"))
        for n in osm.iter("node")
        if any(t.get("k") in ("barrier", "entrance", "railway") for t in n.iter("tag"))
    }
    for place in truth["places"]:
        if place["form"] != "site":
            continue
        for door in place.get("entrances", []):
            there = (f"{door['lon']:.7f}", f"{door['lat']:.7f}") in spots
            assert there == (door["shown"] == "mapped"), place["name"]


def test_junction_answers_follow_the_rule_of_two_major_streets_or_signals(truth):
    major = {"trunk", "primary", "secondary"}
    for j in truth["junctions"]:
        both = [c in major for c in j["classes"]]
        assert j["legs"] in (3, 4)
        assert j["important"] == (all(both) or (j["signals"] and any(both)))
    assert sum(j["important"] for j in truth["junctions"]) >= 20


def test_the_register_has_the_73_headers_five_of_its_own_and_one_pose_a_row(register, truth):
    assert len(register[0]) == 73 + 5
    assert sum(h.endswith("*") for h in register[0]) >= 30
    assert [r["source_row"] for r in truth["cameras"]] == list(range(2, len(register) + 2))
    assert 250 <= truth["counts"]["cameras_devices"] + truth["counts"]["estates_rows"] <= 330


def test_a_direction_on_file_is_the_nearest_of_eight_to_the_true_one(register, truth):
    degrees = {"1": 90, "2": 270, "3": 180, "4": 0, "5": 135, "6": 45, "7": 225, "8": 315}
    compared = 0
    for row, pose in zip(register, truth["cameras"], strict=True):
        code = row["摄像机监控方位*"]
        if code in degrees:
            compared += 1
            assert abs((degrees[code] - pose["azimuth"] + 180) % 360 - 180) <= 22.5
    assert compared > 120


def test_a_third_of_the_directions_are_missing(register):
    share = sum(r["摄像机监控方位*"] == "" for r in register) / len(register)
    assert 0.28 <= share <= 0.42


def test_sound_rows_lie_by_the_offset_of_gcj02_beside_their_true_place(register, truth):
    """In the range of Wuxi GCJ-02 lies some 400 to 600 m away from WGS-84, everywhere by nearly the same."""
    offsets = [
        (float(r["经度*"]) - p["lon"], float(r["纬度*"]) - p["lat"])
        for r, p in zip(register, truth["cameras"], strict=True)
        if p["flaw"] in ("", "azimuth_missing")
    ]
    east = [dx * 111_320 * math.cos(math.radians(31.57)) for dx, _ in offsets]
    north = [dy * 110_900 for _, dy in offsets]
    assert max(east) - min(east) < 5
    assert max(north) - min(north) < 5
    assert 350 < math.hypot(east[0], north[0]) < 650


def test_the_published_pairs_of_gcj02_are_met_by_the_script(shared_data, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    from sample.ground import gcj02

    rows = list(csv.DictReader(io.StringIO((shared_data / "gcj02_wgs84_pairs.csv").read_text(encoding="utf-8"))))
    for row in rows:
        lon, lat = gcj02(float(row["wgs84_lon"]), float(row["wgs84_lat"]))
        assert lon == pytest.approx(float(row["gcj02_lon"]), abs=2e-5)
        assert lat == pytest.approx(float(row["gcj02_lat"]), abs=2e-5)


def test_flaws_are_counted_as_they_stand_in_the_file(register, truth):
    """Zero, empty, lettered and pointless coordinates, swapped ones, the row that stands twice: read from the file."""
    counts = truth["counts"]
    numbers = [(_number(r["经度*"]), _number(r["纬度*"])) for r in register if "°" not in r["经度*"]]
    unusable = [1 for x, y in numbers if x is None or y is None or abs(x) < 1 or x > 180]
    swapped = [1 for x, y in numbers if x is not None and y is not None and 20 < x < 60 and y > 90]
    assert len(unusable) == counts["cameras_unusable_rows"] == 5
    assert len(swapped) == counts["cameras_swapped_rows"] == 3
    bodies = [tuple(v for k, v in r.items() if k != "序号") for r in register]
    assert len(bodies) - len(set(bodies)) == counts["cameras_repeated_rows"] == 1


def _number(text):
    try:
        return float(text)
    except ValueError:
        return None


def test_only_placeholders_stand_where_registers_hold_private_things(register):
    """Documentation ranges of networks (RFC 5737, RFC 7042), one dummy phone number, the names of a grammar book."""
    for row in register:
        assert row["IPv4*"].startswith("192.0.2.")
        assert row["存储设备IP"].startswith("198.51.100.")
        assert row["MAC*"].startswith("00:00:5E:00:53:")
        assert row["管理员姓名*"] in ("张三", "李四", "王五", "赵六")
        assert set(re.findall(r"1\d{10}(?!\d)", row["管理员联系电话*"] + row["备注"])) <= {"13800000000"}


def test_the_second_register_is_gb18030_and_shares_three_devices_with_the_first(register, truth):
    text = (SAMPLE / "cameras_estates.csv").read_bytes().decode("gb18030")
    rows = list(csv.DictReader(io.StringIO(text)))
    shared = {r["DeviceID"] for r in rows} & {r["设备编码*"] for r in register}
    assert len(shared) == truth["counts"]["same_devices"] == 3


def test_the_planners_list_holds_kinds_of_the_vocabulary_and_marks_the_secret_ones(truth):
    rows = _rows("places.csv")
    assert [r["place_id"] for r in rows] == [p["place_id"] for p in truth["listed"]]
    assert {r["kind"] for r in rows} <= set(terms.KINDS)
    assert {r["secret"] for r in rows} == {"是", "否"}


def test_records_speak_of_objects_in_the_extract(tags):
    rows = _rows("records.csv")
    assert rows
    assert {r["place_id"] for r in rows} <= tags.keys()


def test_the_study_names_only_files_of_the_sample():
    study = tomllib.loads((SAMPLE / "study.toml").read_text(encoding="utf-8"))
    files = [part["file"] for key in ("osm", "cameras", "places") for part in study[key]] + [study["records"]]
    assert all((SAMPLE / name).is_file() for name in files)
    assert all("datum" in part for part in study["cameras"])


def test_proposed_cameras_hold_sure_open_and_false_duplicates(truth):
    rows = _rows("proposed.csv")
    answers = truth["proposed"]
    assert [r["camera_id"] for r in rows] == [a["camera_id"] for a in answers]
    assert {a["duplicate"] for a in answers} == {"yes", "no", "possible"}
    assert {a["action"] for a in answers} <= set(terms.ACTIONS)
    known = {p["name"] for p in truth["cameras"]} | {a["name"] for a in answers}
    assert all(set(a["of"]) <= known for a in answers)
    assert any(len(a["of"]) == 3 for a in answers)
