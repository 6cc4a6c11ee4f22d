"""The national regulation laid over Wuxi: both answers, the effective one, and whether they disagree."""

from __future__ import annotations

import pandas as pd
import pytest

from citycover.law.builders import assign_builders
from citycover.law.mandates import find_mandates

# kind, facts → city, effective, article of the higher law, conflict. Read from articles 7 and 9 by hand.
CASES = [
    ("urban_road", {"road_class": "primary"}, "government", "government", "第七条第一款", False),
    ("urban_road", {"road_class": "residential"}, "government", "government", "第七条第一款", False),
    ("bridge", {}, "government", "government", "第七条第一款", False),
    ("square", {"ground": 400.0}, "owner", "government", "第七条第一款", True),  # all squares, not only large ones
    ("square", {"ground": 12000.0}, "review", "government", "第七条第一款", False),  # an open answer cannot disagree
    ("rail_transit_station", {}, "government", "operating_unit", "第七条第二款（二）", True),
    ("park", {"operator_type": "government"}, "manager", "operating_unit", "第七条第二款（一）", False),  # same party
    ("park", {}, "owner", "operating_unit", "第七条第二款（一）", True),
    ("museum", {}, "owner", "operating_unit", "第七条第二款（一）", True),  # 文化场所 (second reading, E16)
    ("expressway", {"name": "梅村服务区"}, "review", "operating_unit", "第七条第二款（四）", False),
    ("expressway", {"name": "沪宁高速公路"}, "review", "review", "第七条第一款", False),
    ("parking_facility", {"access": "yes"}, "owner", "operating_unit", "第七条第二款（一）", True),
    ("parking_facility", {"access": "private"}, "owner", "owner", "第三十三条", False),
    ("parking_facility", {}, "owner", "owner", "第七条第二款（一）", False),
    ("wharf_pier", {"name": "鼋头渚游船码头"}, "owner", "operating_unit", "第七条第二款（二）", True),
    ("wharf_pier", {"name": "水泥厂码头"}, "owner", "owner", "第七条第二款;第九条第一款", False),
    ("residential_compound", {}, "owner", "owner", "第九条第一款", False),
    ("financial_institution", {}, "owner", "owner", "第九条第一款", False),
    # its own name ends in 服务中心: taken as state-owned, so its manager builds, the same party
    (
        "party_government_organ",
        {"name": "无锡市政务服务中心"},
        "manager",
        "operating_unit",
        "第七条第二款（一）",
        False,
    ),
    ("power_supply_facility", {}, "owner", "owner", None, False),  # no public place: the text does not speak
]


@pytest.mark.parametrize(("kind", "facts", "city", "effective", "article", "conflict"), CASES)
def test_the_higher_law_gives_the_effective_builder_where_it_speaks(
    build, national, kind, facts, city, effective, article, conflict
):
    row = build(kind=kind, overlay=national, **facts)
    found = None if pd.isna(row["overlay_article"]) else row["overlay_article"]
    assert (row["builder"], row["builder_effective"], found) == (city, effective, article)
    assert bool(row["overlay_conflict"]) is conflict


def test_the_citys_answer_is_the_same_with_and_without_the_overlay(make_city, wuxi, national):
    columns = ["builder", "builder_rule", "builder_article", "builder_confidence", "builder_evidence"]
    mandates = find_mandates(make_city(*({"kind": kind, **facts} for kind, facts, *_ in CASES)), wuxi)
    plain, laid = assign_builders(mandates, wuxi), assign_builders(mandates, wuxi, overlay=national)
    assert len(plain) == len(CASES)
    pd.testing.assert_frame_equal(plain[columns], laid[columns])


def test_an_overlay_speaks_from_its_first_day_on(build, national):
    """Decree 799 is in force from 2025-04-01."""
    before = build(kind="museum", overlay=national, on="2025-03-31")
    after = build(kind="museum", overlay=national, on="2025-04-01")
    assert (before["builder_effective"], after["builder_effective"]) == ("owner", "operating_unit")
    assert pd.isna(before["overlay_article"])


def test_a_car_park_with_an_operating_unit_on_record_is_its_operators(build, national):
    row = build(kind="parking_facility", overlay=national, recorded={"operating_unit": "停车公司"})
    assert row["builder_effective"] == "operating_unit"


def test_an_unknown_access_asks_for_the_record_that_would_settle_it(build, national):
    row = build(kind="parking_facility", overlay=national)
    assert row["needs_record"] == "agreement;owner;access"
    assert row["builder_alternatives"] == "agreed_party;manager;operating_unit"


def test_kinds_that_the_government_builds_nationally(build, national):
    """Art. 7(1) names road segments, borders on roads, bridges, tunnels, underground passages, squares (and E16)."""
    rule = next(r for r in national.builders if r.id == "national_2025/government-list")
    assert {"road_junction", "city_gateway", "pedestrian_crossing_facility", "underground_passage"} <= set(
        rule.when.kinds
    )
