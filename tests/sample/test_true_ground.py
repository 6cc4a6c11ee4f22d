"""The ground of the embedded district is read as it was planned: lists, entrances, bridges and junctions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from citycover import geo
from citycover.city.gather import add_places, records_of_places
from citycover.city.read import read_osm
from citycover.city.registers import read_records, read_register
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import load_rulebook

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"


@pytest.fixture(scope="module")
def truth():
    return json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def city():
    return read_osm(SAMPLE / "district.osm")


def metres(entries, crs):
    """Positions of entries with lon and lat, as an n × 2 array."""
    x, y = geo.to_metric([e["lon"] for e in entries], [e["lat"] for e in entries], crs)
    return np.column_stack([x, y])


def test_places_that_only_a_planners_list_shows_are_mandated_by_their_ids(truth, city):
    reading = read_register(SAMPLE / "places.csv", as_="places", datum="wgs84", crs=city.crs)
    listed, lost = add_places(city, reading.table)
    assert lost.empty
    records = pd.concat([read_records(SAMPLE / "records.csv"), records_of_places(reading.table)])
    mandates = find_mandates(listed, load_rulebook("wuxi_2019"), records=records)
    for entry in truth["listed"]:
        rows = mandates[mandates["place_id"] == entry["place_id"]]
        got = set(zip(rows["item"].fillna(""), rows["kind"], strict=True))
        required, either = (
            {(m["item"], m["kind"]) for m in entry["mandates"]["wuxi_2019"][part]} for part in ("required", "either")
        )
        assert required <= got <= required | either, entry["name"]
        assert rows["standing"].isin(["named", "qualified", "designated"]).all(), entry["name"]


def test_every_entrance_of_a_site_is_known_within_five_metres_and_as_mapped_or_derived(truth, city):
    wrong = []
    for site in (p for p in truth["places"] if p.get("entrances")):
        mine = city.entrances[city.entrances["place_id"].isin(site["osm_ids"])]
        gates = metres(site["entrances"], city.crs)
        if mine.empty:
            wrong.append((site["name"], "none found"))
            continue
        distance, which = cKDTree(np.column_stack([mine.geometry.x, mine.geometry.y])).query(gates)
        for gate, d, i in zip(site["entrances"], distance, which, strict=True):
            if d > 5.0 or mine["source"].iloc[i] != gate["shown"]:
                wrong.append((site["name"], gate, round(float(d), 1), mine["source"].iloc[i]))
    assert wrong == []


def test_a_bridge_of_two_carriageways_is_one_bridge_of_its_true_length(truth, city):
    bridges = set(city.place_kinds.loc[city.place_kinds["kind"] == "bridge", "place_id"])
    places = city.places[city.places["place_id"].isin(bridges)]
    for bridge in (s for s in truth["structures"] if s["kind"] == "bridge"):
        mine = places["osm_ids"].fillna("").map(lambda ids, own=bridge["osm_ids"]: bool({*ids.split(";")} & {*own}))
        assert mine.sum() == 1, bridge["name"]
        assert places.loc[mine, "length"].iloc[0] == pytest.approx(bridge["length"], abs=2.0), bridge["name"]


def test_junctions_stand_where_they_were_planned_with_their_legs_and_signals(truth, city):
    """Within 12 m: a side street joins a dual carriageway at its near side, half a road from the planned middle."""
    found = city.junctions
    planned = metres(truth["junctions"], city.crs)
    distance, which = cKDTree(np.column_stack([found.geometry.x, found.geometry.y])).query(planned)
    wrong = [
        (j["streets"], round(float(d), 1), int(found["legs"].iloc[i]), j["legs"])
        for j, d, i in zip(truth["junctions"], distance, which, strict=True)
        if d > 12.0 or found["legs"].iloc[i] != j["legs"] or bool(found["signals"].iloc[i]) != j["signals"]
    ]
    assert wrong == []
    assert len(set(which)) == len(planned)
