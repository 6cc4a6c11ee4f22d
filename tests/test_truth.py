"""The embedded district's true answers, written from its plan and not from the toolkit, are met for Wuxi."""

import json
from collections import defaultdict

import pandas as pd
import pytest

from citycover.city.gather import add_places, records_of_places
from citycover.city.read import read_osm
from citycover.city.registers import read_records, read_register
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import load_rulebook
from citycover.study import sample_folder

RULEBOOK = "wuxi_2019"


@pytest.fixture(scope="module")
def truth():
    return json.loads((sample_folder() / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found():
    """City and mandates of the district: one row a mandate, with the OSM objects behind its place."""
    folder = sample_folder()
    city = read_osm(folder / "district.osm")
    reading = read_register(folder / "places.csv", as_="places", datum="wgs84", crs=city.crs)
    city, lost = add_places(city, reading.table)
    assert lost.empty
    records = pd.concat([read_records(folder / "records.csv"), records_of_places(reading.table)])
    mandates = find_mandates(city, load_rulebook(RULEBOOK), records=records)
    ids = city.places.set_index("place_id")["osm_ids"].fillna("")
    return city, mandates.assign(osm=mandates["place_id"].map(ids).str.split(";"))


def by_object(mandates):
    """OSM object → the set of (article, item, kind) of every place that it is part of, with the standing."""
    out = defaultdict(dict)
    for row in mandates.itertuples():
        for osm_id in {*row.osm, row.place_id} - {""}:
            out[osm_id][row.article, row.item or "", row.kind] = row.standing
    return out


def answers(entry, which):
    return {(m["article"], m["item"], m["kind"]): m["standing"] for m in entry["mandates"][RULEBOOK][which]}


def test_every_place_is_found_under_every_item_it_belongs_to_and_under_no_other(truth, found):
    """Places, look-alikes, bridges, tunnels, gateways and stops: what is required is there, what is not is not."""
    objects = by_object(found[1])
    wrong = []
    for group in ("places", "lookalikes", "structures", "gateways", "stops"):
        for entry in truth[group]:
            got = {}
            for osm_id in entry["osm_ids"]:
                got |= objects[osm_id]
            required, either = answers(entry, "required"), answers(entry, "either")
            kinds_either = set(entry.get("either", ()))
            missing = set(required) - set(got)
            extra = {m for m in set(got) - set(required) - set(either) if m[2] not in kinds_either}
            if missing or extra:
                wrong.append((group, entry["name"], "missing", sorted(missing), "too many", sorted(extra)))
    assert not wrong, "\n".join(map(str, wrong))


def test_where_the_plan_says_how_sure_a_duty_is_the_standing_agrees(truth, found):
    objects = by_object(found[1])
    wrong = []
    for entry in truth["places"]:
        for key, standing in answers(entry, "required").items():
            got = {objects[i].get(key) for i in entry["osm_ids"]} - {None}
            if standing and got and standing not in got:
                wrong.append((entry["name"], key, "should be", standing, "is", got))
    assert not wrong, "\n".join(map(str, wrong))


def test_places_that_only_a_planners_list_shows_are_found_by_their_ids(truth, found):
    mandates = found[1]
    for entry in truth["listed"]:
        rows = mandates[mandates["place_id"] == entry["place_id"]]
        got = set(zip(rows["article"], rows["item"].fillna(""), rows["kind"], strict=True))
        required = set(answers(entry, "required"))
        assert required <= got <= required | set(answers(entry, "either")), entry["name"]
        assert rows["standing"].isin(["named", "qualified", "designated"]).all(), entry["name"]


def test_every_named_street_is_an_urban_road_or_an_expressway_as_planned(truth, found):
    mandates = found[1]
    roads = mandates[mandates["kind"].isin(["urban_road", "expressway", "commercial_street", "pedestrian_street"])]
    names = roads.groupby("name")["kind"].agg(set)
    for street in truth["streets"]:
        required = {m["kind"] for m in street["mandates"][RULEBOOK]["required"]} & set(roads["kind"])
        allowed = required | {m["kind"] for m in street["mandates"][RULEBOOK]["either"]} | set(street["either"])
        got = names.get(street["name"], set())
        assert required <= got <= allowed, (street["name"], got, required, allowed)


def test_no_mandate_lies_on_anything_that_the_plan_does_not_know(truth, found):
    """Whatever is left over is of a kind that the plan calls either way (platforms, lanes, ramps …)."""
    known = set()
    for group in ("places", "lookalikes", "structures", "gateways", "stops", "streets"):
        known |= {i for entry in truth[group] for i in (*entry["osm_ids"], *entry.get("part_ids", ()))}
    known |= {entry["place_id"] for entry in truth["listed"]}
    names = {street["name"] for street in truth["streets"]}
    extra = found[1][
        [
            not ({*osm, place} & known) and name not in names
            for osm, place, name in zip(found[1]["osm"], found[1]["place_id"], found[1]["name"], strict=True)
        ]
    ]
    left = extra[~extra["kind"].isin(truth["either_elsewhere"])]
    assert left.empty, left[["place_id", "name", "kind", "evidence"]].to_string()


def test_objects_that_are_no_places_carry_no_mandate_but_as_stops(truth, found):
    objects = by_object(found[1])
    for what, ids in truth["not_places"].items():
        for osm_id in ids:
            kinds = {kind for _, _, kind in objects[osm_id]}
            assert kinds <= {"public_transport_facility_other", "parking_facility", "bridge"}, (what, osm_id, kinds)


def test_a_bridge_of_two_carriageways_is_one_bridge_of_its_true_length(truth, found):
    places, kinds = found[0].places, found[0].place_kinds
    bridges = set(kinds.loc[kinds["kind"] == "bridge", "place_id"])
    for bridge in (s for s in truth["structures"] if s["kind"] == "bridge"):
        mine = places["osm_ids"].fillna("").map(lambda ids, own=bridge["osm_ids"]: bool({*ids.split(";")} & {*own}))
        rows = places[mine & places["place_id"].isin(bridges)]
        assert len(rows) == 1, bridge["name"]
        assert rows["length"].iloc[0] == pytest.approx(bridge["length"], rel=0.02), bridge["name"]
