"""The true answers of the embedded district are met: each place under every item it belongs to, and none too many."""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path

import pytest

from citycover.city.read import read_osm
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import list_rulebooks, load_rulebook

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
RULEBOOKS = ("wuxi_2019", "changzhou_2014", "nanchang_2016", "chongqing_2016")
OF_STRUCTURES = {"bridge", "tunnel", "underground_passage", "pedestrian_underpass", "pedestrian_crossing_facility"}
GROUPS = ("places", "lookalikes", "streets", "structures", "gateways", "stops")


@pytest.fixture(scope="module")
def truth():
    return json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def city():
    return read_osm(SAMPLE / "district.osm")


@pytest.fixture(scope="module", params=RULEBOOKS)
def found(request, city):
    """Rulebook and its mandates on the district."""
    if request.param not in str(list_rulebooks()):
        pytest.skip(f"the rulebook {request.param} is not written yet")
    return request.param, find_mandates(city, load_rulebook(request.param))


def rows_by_object(city, mandates):
    """Mandates by the id of each OSM object behind their place."""
    ids = city.places.set_index("place_id")["osm_ids"].fillna("").to_dict()
    rows = defaultdict(set)
    for row in mandates[["mandate_id", "place_id", "item", "kind", "standing"]].itertuples(index=False):
        for osm_id in {row.place_id, *str(ids.get(row.place_id, "")).split(";")}:
            rows[osm_id].add(row)
    return rows


def rows_of(answer, group, rows):
    """Mandates on the objects of an answer; a street shares its ways with the bridges on it."""
    mine = {r for i in (*answer["osm_ids"], *answer.get("part_ids", [])) for r in rows.get(i, ())}
    if group == "streets":
        return {r for r in mine if r.kind not in OF_STRUCTURES}
    return {r for r in mine if r.kind in OF_STRUCTURES} if group == "structures" else mine


def test_every_place_is_found_under_every_item_it_belongs_to(found, city, truth):
    rulebook, mandates = found
    rows = rows_by_object(city, mandates)
    missed = []
    for group in GROUPS:
        for answer in truth[group]:
            have = {(r.item, r.kind) for r in rows_of(answer, group, rows)}
            wanted = {(w["item"], w["kind"]) for w in answer["mandates"][rulebook]["required"]}
            missed += [(answer["name"], *pair) for pair in sorted(wanted - have)]
    assert missed == []


def test_no_place_is_found_under_an_item_it_does_not_belong_to(found, city, truth):
    rulebook, mandates = found
    rows = rows_by_object(city, mandates)
    surplus, explained = [], set()
    for group in GROUPS:
        for answer in truth[group]:
            mine = rows_of(answer, group, rows)
            explained |= {r.mandate_id for r in mine}
            allowed = {
                (w["item"], w["kind"]) for part in ("required", "either") for w in answer["mandates"][rulebook][part]
            }
            surplus += [(answer["name"], r.item, r.kind) for r in sorted(mine) if (r.item, r.kind) not in allowed]
    assert surplus == []
    rest = mandates[~mandates["mandate_id"].isin(explained)]
    assert set(rest["kind"]) <= set(truth["either_elsewhere"])


def test_a_clear_standing_is_the_one_that_is_given(found, city, truth):
    """Where the plan's sizes settle 大型 or 新建, or leave them open, the mandate says so."""
    rulebook, mandates = found
    rows = rows_by_object(city, mandates)
    wrong = []
    for group in GROUPS:
        for answer in truth[group]:
            for wanted in answer["mandates"][rulebook]["required"]:
                mine = {
                    r.standing
                    for r in rows_of(answer, group, rows)
                    if (r.item, r.kind) == (wanted["item"], wanted["kind"])
                }
                if wanted["standing"] and mine and wanted["standing"] not in mine:
                    wrong.append((answer["name"], wanted["kind"], wanted["standing"], sorted(mine)))
    assert wrong == []
