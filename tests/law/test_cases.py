"""Cases that an official writes: a place, its facts, and which item, builder and article answer for it.

One file per rulebook, ``cases/<rulebook>.toml``. A ``[[case]]`` is a place of one or more kinds (joined by ``;``) with
``facts`` (columns of ``places``, also ``evidence`` and ``confidence`` of the kind), ``records``, and ``expect``: every
mandate it has, none where the list is empty. ``edge`` names the edge cases that it shows (``"E6"``), ``criteria`` sets
the planner's numbers, ``overlay`` tells what ``national_2025`` makes of it. A ``[[ban]]`` is a place type of the law,
or a kind or part that no ban speaks of.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from test_new_city import FIFTH

from citycover import tables, terms
from citycover.audit.ban_law import list_banned
from citycover.city.model import City
from citycover.law.builders import assign_builders
from citycover.law.criteria import load_criteria
from citycover.law.mandates import find_mandates
from citycover.law.records import RECORDED
from citycover.law.regulation import Rulebook
from citycover.law.rulebook import list_rulebooks, load_rulebook

CASES = Path(__file__).resolve().parent / "cases"
CITIES = sorted(path.stem for path in CASES.glob("*.toml"))
CASE_KEYS = {"name", "why", "kind", "candidate", "facts", "records", "criteria", "expect", "overlay", "edge"}
EXPECT_KEYS = {"article", "item", "kind", "part", "standing", "builder", "builder_article", "rule", "confidence"}
OVERLAY_KEYS = {"builder_effective", "conflict", "article"}
ALL_EDGES = {f"E{n}" for n in range(1, 15)}
BAN_KEYS = {"name", "why", "place_type", "expect"}


@cache
def read_cases(path: Path) -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def judge_cases(
    cases: list[dict[str, Any]], rulebook: Rulebook, make_city: Callable[..., City], folder: Path
) -> list[pd.DataFrame]:
    """Return the mandates of each case, with builders and the national text laid over, in order."""
    found: dict[int, pd.DataFrame] = {}
    for numbers in sorted({json.dumps(c.get("criteria", {}), sort_keys=True) for c in cases}):
        mine = [n for n, c in enumerate(cases) if json.dumps(c.get("criteria", {}), sort_keys=True) == numbers]
        own = folder / f"criteria_{mine[0]}.toml"
        own.write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in json.loads(numbers).items()), encoding="utf-8")
        criteria = load_criteria(own)
        places = [
            {
                "place_id": f"case/{n}",
                "name": cases[n]["name"],
                "kinds": cases[n]["kind"].split(";"),
                "candidate": cases[n].get("candidate", False),
                **{k: plain(v) for k, v in cases[n].get("facts", {}).items()},
            }
            for n in mine
        ]
        rows = [
            {"place_id": f"case/{n}", "fact": fact, "value": str(plain(value))}
            for n in mine
            for fact, value in cases[n].get("records", {}).items()
        ]
        records = tables.conform("records", rows)
        mandates = find_mandates(make_city(*places), rulebook, criteria=criteria, records=records)
        national = load_rulebook("national_2025")
        out = assign_builders(mandates, rulebook, records=records, overlay=national, criteria=criteria)
        frame = pd.DataFrame(out.drop(columns="geometry"))
        found |= {n: frame[frame["place_id"] == f"case/{n}"] for n in mine}
    return [found[n] for n in range(len(cases))]


def told(row: pd.Series) -> dict[str, Any]:
    """Return a mandate in the words of a case file."""
    return {
        "cited": row["article"] + ("" if pd.isna(row["item"]) else row["item"]),
        "kind": row["kind"],
        "part": row["part"],
        "standing": row["standing"],
        "builder": row["builder"],
        "builder_article": row["builder_article"],
        "rule": row["builder_rule"],
        "confidence": row["builder_confidence"],
        "builder_effective": row["builder_effective"],
        "conflict": bool(row["overlay_conflict"]),
        "overlay_article": None if pd.isna(row["overlay_article"]) else row["overlay_article"],
    }


def as_told(expected: dict[str, Any], overlay: dict[str, Any]) -> dict[str, Any]:
    wanted = {k: v for k, v in expected.items() if k not in ("article", "item")}
    wanted["cited"] = expected["article"] + expected.get("item", "")
    wanted |= {k: v for k, v in overlay.items() if k != "article"}
    return wanted | ({"overlay_article": overlay["article"]} if "article" in overlay else {})


def compare(case: dict[str, Any], mandates: pd.DataFrame) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what the case expects and is not there, and the mandates that it does not expect."""
    rest = [told(row) for _, row in mandates.iterrows()]
    missed = []
    for expected in case["expect"]:
        wanted = as_told(expected, case.get("overlay", {}))
        match = next((m for m in rest if all(m[k] == v for k, v in wanted.items())), None)
        if match is None:
            missed.append(wanted)
        else:
            rest.remove(match)
    return missed, rest


def faults_of(case: dict[str, Any]) -> list[str]:
    """Return what an official should mend in the writing of a case."""
    faults = [f"unknown key {k}" for k in case if k not in CASE_KEYS]
    faults += [f"needed key {k}" for k in ("name", "why", "kind", "expect") if k not in case]
    if faults:
        return faults
    faults += [f"unknown edge case {e}" for e in case.get("edge", "").split() if e not in ALL_EDGES]
    columns = {*tables.TABLES["places"].column_names(), "evidence", "confidence"} - {"place_id", "name", "osm_ids"}
    faults += [f"unknown kind {k}" for k in case["kind"].split(";") if k not in terms.KINDS]
    faults += [f"unknown fact {k}" for k in case.get("facts", {}) if k not in columns]
    faults += [f"unknown record {k}" for k in case.get("records", {}) if k not in RECORDED]
    faults += [f"unknown key {k} in overlay" for k in case.get("overlay", {}) if k not in OVERLAY_KEYS]
    for expected in case["expect"]:
        faults += [f"unknown key {k} in expect" for k in expected if k not in EXPECT_KEYS]
        faults += [f"needed {k} in expect" for k in ("article", "standing", "builder") if k not in expected]
    return faults


def ban_of(rulebook: Rulebook, place_type: str) -> list[dict[str, Any]]:
    """Return what the product says forbids a device there, by name or only by a closing clause."""
    if place_type not in terms.BAN_PLACES:
        assert place_type in terms.KINDS or place_type in terms.PARTS, f"unknown place type {place_type}"
        return []
    banned = list_banned(rulebook)
    if place_type not in banned.index:
        return []
    row = banned.loc[place_type]
    return [{"cited": row["article"] + row["item"], "named": bool(row["named"])}]


def ban_told(expected: Any) -> list[dict[str, Any]]:
    if not expected:
        return []
    assert set(expected) <= {"article", "item", "named", "open"}
    assert bool(expected.get("named")) != bool(expected.get("open"))
    return [{"cited": expected["article"] + expected.get("item", ""), "named": bool(expected.get("named"))}]


@pytest.fixture(scope="module")
def judged(tmp_path_factory, make_city):
    """Rulebook id → the mandates of each of its cases."""

    @cache
    def of(rulebook_id: str) -> list[pd.DataFrame]:
        folder = tmp_path_factory.mktemp(rulebook_id)
        cases = read_cases(CASES / f"{rulebook_id}.toml")["case"]
        return judge_cases(cases, load_rulebook(rulebook_id), make_city, folder)

    return of


ALL_CASES = [
    pytest.param(city, number, id=f"{city}-{number + 1}-{case.get('name')}")
    for city in CITIES
    for number, case in enumerate(read_cases(CASES / f"{city}.toml")["case"])
]
ALL_BANS = [
    pytest.param(city, ban, id=f"{city}-{ban.get('name')}")
    for city in CITIES
    for ban in read_cases(CASES / f"{city}.toml").get("ban", [])
]


@pytest.mark.parametrize(("city", "number"), ALL_CASES)
def test_the_place_has_the_items_the_standing_and_the_builder_that_its_case_tells(judged, city, number):
    case = read_cases(CASES / f"{city}.toml")["case"][number]
    assert faults_of(case) == []
    missed, surplus = compare(case, judged(city)[number])
    assert (missed, surplus) == ([], []), f"{case['name']}：{case['why']}"


@pytest.mark.parametrize(("city", "ban"), ALL_BANS)
def test_the_text_forbids_a_device_there_by_name_by_its_closing_clause_or_not_at_all(city, ban):
    assert set(ban) == BAN_KEYS
    assert ban_of(load_rulebook(city), ban["place_type"]) == ban_told(ban["expect"]), f"{ban['name']}：{ban['why']}"


def test_every_rulebook_of_a_city_has_cases():
    assert [i for i in list_rulebooks() if load_rulebook(i).role == "city" and i not in CITIES] == []
    assert [c for c in CITIES if c not in list_rulebooks()] == []


@pytest.mark.parametrize("city", CITIES)
def test_a_city_has_forty_cases_ten_without_a_duty_and_ten_that_are_open(city):
    cases = read_cases(CASES / f"{city}.toml")["case"]
    assert len(cases) >= 40
    assert sum(not c["expect"] for c in cases) >= 10
    assert sum(any(e["standing"] == "undecided" for e in c["expect"]) for c in cases) >= 10
    entries = cases + read_cases(CASES / f"{city}.toml")["ban"]
    assert len({e["name"] for e in entries}) == len(entries)
    silent = [e["name"] for e in entries if sum("一" <= c <= "鿿" for c in e["why"]) < 4]
    assert silent == []


@pytest.mark.parametrize("city", CITIES)
def test_every_item_builder_rule_and_ban_of_a_city_is_touched_by_a_case(judged, city):
    book, written = load_rulebook(city), read_cases(CASES / f"{city}.toml")
    cited = {e["article"] + e.get("item", "") for c in written["case"] for e in c["expect"]}
    assert [i.article + i.item for i in book.items if i.article + i.item not in cited] == []
    fired = {rule for frame in judged(city) for rule in frame["builder_rule"]}
    assert [r.id for r in book.builders if r.id not in fired] == []
    banned = {b["place_type"] for b in written["ban"] if b["expect"]}
    assert [b.place_type for b in book.bans if b.place_type not in banned] == []


# Those edge cases of who builds that a place and its facts can show in a city, named by ``edge`` or in the reason. E9
# and E10 (who may build at all) are no matter of a place; Nanchang has no builder article, which leaves it two.
EDGES = {
    "wuxi_2019": "E1 E2 E3 E4 E8 E11 E12 E14",
    "changzhou_2014": "E1 E2 E3 E4 E5 E8 E11 E12 E14",
    "nanchang_2016": "E3 E12",
    "chongqing_2016": "E6 E7 E8 E11 E12 E13 E14",
}


@pytest.mark.parametrize("city", CITIES)
def test_the_edge_cases_of_a_city_are_told_as_cases(city):
    cases = read_cases(CASES / f"{city}.toml")["case"]
    told_edges = {e for c in cases for e in re.findall(r"E\d+", c["why"] + " " + c.get("edge", ""))}
    assert set(EDGES[city].split()) - told_edges == set()


def test_a_case_that_tells_something_wrong_fails(judged):
    """The runner itself: a wrong builder, a mandate too many and a slip of the pen are all seen."""
    written = read_cases(CASES / "wuxi_2019.toml")["case"]
    number = next(n for n, c in enumerate(written) if c["expect"])
    case, mandates = written[number], judged("wuxi_2019")[number]
    wrong = case | {"expect": [case["expect"][0] | {"builder": "police"}]}
    assert compare(case, mandates) == ([], [])
    assert compare(wrong, mandates)[0] and compare(wrong, mandates)[1]
    assert compare(case | {"expect": []}, mandates)[1]
    assert faults_of(case | {"fact": {}}) == ["unknown key fact"]
    assert faults_of(case | {"edge": "E15"}) == ["unknown edge case E15"]
    assert faults_of(case | {"facts": {"areaa": 1}}) == ["unknown fact areaa"]


FIFTH_CASES = """
[[case]]
name = "示例大桥"
why = "长度达到大型桥梁标准，其余由所有者建设"
kind = "bridge"
facts = { length = 100 }
expect = [
  { article = "第二条", item = "（一）", standing = "qualified", builder = "owner", rule = "hangzhou_2030/rest" },
]

[[case]]
name = "示例小桥"
why = "长度不足，没有义务"
kind = "bridge"
facts = { length = 99 }
expect = []

[[case]]
name = "示例停车场"
why = "记录写明没有运营管理单位，由公安机关建设"
kind = "public_parking"
records = { operating_unit = "无" }
expect = [
  { article = "第二条", item = "（一）", standing = "named", builder = "police", rule = "hangzhou_2030/police" },
]
"""


def test_a_fifth_city_is_tried_by_its_rulebook_and_its_cases_alone(make_city, tmp_path):
    rulebook, written = tmp_path / "hangzhou_2030.toml", tmp_path / "cases.toml"
    rulebook.write_text(FIFTH, encoding="utf-8")
    written.write_text(FIFTH_CASES, encoding="utf-8")
    cases = read_cases(written)["case"]
    judged = judge_cases(cases, load_rulebook(rulebook), make_city, tmp_path)
    assert [faults_of(c) for c in cases] == [[], [], []]
    assert [compare(c, m) for c, m in zip(cases, judged, strict=True)] == [([], [])] * 3
