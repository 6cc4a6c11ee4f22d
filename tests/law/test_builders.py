"""Who must build: one fact changed at a time, and the rule that fired named."""

from __future__ import annotations

import pandas as pd
import pytest

from citycover import tables
from citycover.errors import RulebookError, TableError
from citycover.law.builders import assign_builders
from citycover.law.criteria import load_criteria
from citycover.law.mandates import find_mandates


@pytest.mark.parametrize(
    ("place", "rule", "builder", "confidence"),
    [
        ({"kind": "urban_road", "road_class": "residential"}, "government-list", "government", "high"),
        ({"kind": "rail_transit_line"}, "government-list", "government", "high"),
        ({"kind": "rail_transit_station"}, "transit-station", "government", "medium"),  # E3
        ({"kind": "bridge", "road_class": "primary"}, "government-list", "government", "high"),
        ({"kind": "bridge", "road_class": "motorway"}, "expressway-structure", "government", "low"),  # E2
        ({"kind": "tunnel", "road_class": "motorway"}, "expressway-structure", "government", "low"),
        ({"kind": "pedestrian_crossing_facility"}, "government-list", "government", "high"),
        ({"kind": "expressway", "road_class": "motorway"}, "expressway", "review", "low"),
        ({"kind": "public_transport_facility_other"}, "other-transport-facility", "review", "low"),
        ({"kind": "complex_inland_water"}, "inland-water", "manager", "low"),
        ({"kind": "residential_compound"}, "residents", "owner", "medium"),  # E12
        ({"kind": "museum"}, "owner-unknown", "owner", "low"),
    ],
)
def test_the_kind_decides_where_article_ten_names_it(build, place, rule, builder, confidence):
    row = build(**place)
    assert (row["builder_rule"], row["builder"], row["builder_confidence"]) == (
        f"wuxi_2019/{rule}",
        builder,
        confidence,
    )
    assert row["builder_article"].startswith("第十条") or row["builder_article"] == "第四条第二款;第十条第二款"


@pytest.mark.parametrize(
    ("ground", "rule", "builder"),
    [
        (20000.0, "large-square", "government"),  # twice 1 ha and more: clear
        (19999.0, "square-near-threshold-above", "review"),
        (10000.0, "square-near-threshold-above", "review"),
        (9999.0, "square-near-threshold-below", "review"),
        (5001.0, "square-near-threshold-below", "review"),
        (5000.0, "owner-unknown", "owner"),  # half and less: clear
        (None, "square-size-unknown", "review"),
    ],
)
def test_a_square_is_the_governments_when_large_and_reviewed_near_the_line(build, ground, rule, builder):
    """E1: every square has the duty; 1 ha is our number; half to twice of it goes to review."""
    row = build(kind="square", ground=ground)
    assert (row["builder_rule"], row["builder"]) == (f"wuxi_2019/{rule}", builder)
    if rule == "square-near-threshold-above":
        assert row["builder_alternatives"].startswith("government")
    if rule == "square-near-threshold-below":
        assert row["builder_alternatives"].startswith("agreed_party")


def test_the_planners_number_for_large_squares_is_the_one_used(build, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("large_square_min_area_m2 = 2000\nsize_review_band = [1.0, 1.0]\n", encoding="utf-8")
    row = build(kind="square", ground=2000.0, criteria=load_criteria(path))
    assert row["builder_rule"] == "wuxi_2019/large-square"
    assert "2000 m²（own.toml）" in row["builder_evidence"]
    assert build(kind="square", ground=1999.0, criteria=load_criteria(path))["builder"] == "owner"


# One museum, one fact changed at a time.
@pytest.mark.parametrize(
    ("facts", "recorded", "rule", "builder", "confidence", "needs"),
    [
        ({}, {}, "owner-unknown", "owner", "low", "agreement;owner"),
        ({}, {"agreement": "锡博物业"}, "agreed", "agreed_party", "high", None),
        ({}, {"agreement": "无"}, "owner-unknown", "owner", "low", "owner"),
        ({}, {"owner": "甲公司"}, "owner-known", "owner", "medium", "agreement"),
        ({}, {"agreement": "无", "owner": "甲公司"}, "no-agreement-owner-known", "owner", "high", None),
        ({}, {"state_owned": "是"}, "state-owned-agreement-unknown", "manager", "medium", "agreement"),  # E11
        ({}, {"state_owned": "是", "agreement": "无"}, "state-owned", "manager", "high", None),
        ({}, {"state_owned": "否"}, "private", "owner", "medium", "agreement;owner"),
        ({}, {"state_owned": "是", "agreement": "乙方"}, "agreed-but-state-owned", "review", "low", None),  # E11
        ({}, {"state_owned": "否", "agreement": "乙方"}, "agreed", "agreed_party", "high", None),
        ({"operator_type": "government"}, {}, "state-owned-by-tag", "manager", "medium", "agreement;state_owned"),
        ({"operator_type": "public"}, {}, "state-owned-by-tag", "manager", "medium", "agreement;state_owned"),
        ({"operator_type": "private"}, {}, "private", "owner", "medium", "agreement;owner"),
        ({"operator_type": "municipal"}, {}, "state-owned-by-tag", "manager", "medium", "agreement;state_owned"),
        ({"operator_type": "religious"}, {}, "owner-unknown", "owner", "low", "agreement;owner"),
        ({"operator": "无锡市文化局"}, {}, "state-owned-by-name", "manager", "low", "agreement;state_owned"),
        ({"operator": "某集团有限公司"}, {}, "owner-unknown", "owner", "low", "agreement;owner"),
        ({"operator": "某管理中心有限公司"}, {}, "owner-unknown", "owner", "low", "agreement;owner"),
        ({"owner": "滨湖区人民政府"}, {}, "state-owned-by-name", "manager", "low", "agreement;state_owned"),
        (
            {"operator_type": "government"},
            {"agreement": "乙方"},
            "agreed-perhaps-state-owned",
            "agreed_party",
            "medium",
            "state_owned",
        ),
        ({"operator_type": "government"}, {"state_owned": "否"}, "private", "owner", "medium", "agreement;owner"),
        ({"operator": "无锡市文化局"}, {"owner": "乙公司"}, "owner-known", "owner", "medium", "agreement"),
    ],
)
def test_one_fact_at_a_time_moves_the_builder(build, facts, recorded, rule, builder, confidence, needs):
    row = build(kind="museum", recorded=recorded, **facts)
    found = (row["builder_rule"], row["builder"], row["builder_confidence"])
    assert found == (f"wuxi_2019/{rule}", builder, confidence)
    assert (None if pd.isna(row["needs_record"]) else row["needs_record"]) == needs


# One arsenal of Wuxi: 10(2) gives the manager public places alone, and whether it is one is a reading.
@pytest.mark.parametrize(
    ("facts", "recorded", "rule", "builder", "confidence", "others"),
    [
        ({}, {"state_owned": "是"}, "closed-site-state-owned", "manager", "medium", "owner;agreed_party"),
        ({}, {"state_owned": "是", "agreement": "无"}, "closed-site-state-owned", "manager", "medium", "owner"),
        ({}, {"state_owned": "是", "agreement": "乙方"}, "closed-site-agreed", "agreed_party", "medium", "manager"),
        ({}, {"agreement": "乙方"}, "agreed", "agreed_party", "high", None),
        (
            {"operator_type": "government"},
            {},
            "closed-site-perhaps-state-owned",
            "manager",
            "low",
            "owner;agreed_party",
        ),
        ({}, {"agreement": "无", "owner": "甲公司"}, "no-agreement-owner-known", "owner", "high", None),
    ],
)
def test_a_closed_site_of_the_state_is_no_sure_public_place(build, facts, recorded, rule, builder, confidence, others):
    row = build(kind="weapons_ammunition_site", recorded=recorded, **facts)
    found = (row["builder_rule"], row["builder"], row["builder_confidence"])
    assert found == (f"wuxi_2019/{rule}", builder, confidence)
    assert (None if pd.isna(row["builder_alternatives"]) else row["builder_alternatives"]) == others


# One place, one fact changed at a time: 11(1) and 11(2) of Chongqing, 8(2) of Changzhou.
@pytest.mark.parametrize(
    ("kind", "recorded", "rule", "builder", "confidence"),
    [
        ("pedestrian_street", {}, "operation-unknown", "review", "low"),
        ("pedestrian_street", {"operating_unit": "无"}, "police", "police", "high"),
        ("pedestrian_street", {"operating_unit": "甲公司"}, "operated-owner-unknown", "owner", "low"),
        ("pedestrian_street", {"operating_unit": "甲", "agreement": "乙"}, "operated-agreed", "agreed_party", "high"),
        ("pedestrian_street", {"operating_unit": "甲", "owner": "乙"}, "operated-owner-known", "owner", "medium"),
        (
            "pedestrian_street",
            {"operating_unit": "甲", "state_owned": "是"},
            "operated-state-owned-agreement-unknown",
            "manager_or_user",
            "medium",
        ),
        (
            "pedestrian_street",
            {"operating_unit": "甲", "state_owned": "是", "agreement": "无"},
            "operated-state-owned",
            "manager_or_user",
            "high",
        ),
        ("pedestrian_street", {"operating_unit": "无", "state_owned": "是"}, "police", "police", "high"),
        ("park", {}, "owner-unknown", "owner", "low"),
        ("park", {"operating_unit": "无"}, "owner-unknown", "owner", "low"),  # the police build item (1) alone
        ("park", {"agreement": "乙方"}, "agreed", "agreed_party", "high"),
        ("park", {"state_owned": "是"}, "state-owned-agreement-unknown", "manager_or_user", "medium"),
        ("park", {"state_owned": "是", "agreement": "无"}, "state-owned", "manager_or_user", "high"),
        ("park", {"state_owned": "是", "agreement": "乙方"}, "agreed-but-state-owned", "review", "low"),
        ("residential_compound", {}, "residents", "owner", "medium"),
        ("residential_compound", {"agreement": "无", "owner": "甲"}, "no-agreement-owner-known", "owner", "high"),
    ],
)
def test_one_fact_at_a_time_moves_the_builder_in_chongqing(build_under, kind, recorded, rule, builder, confidence):
    row = build_under("chongqing_2016", kind=kind, recorded=recorded)
    found = (row["builder_rule"], row["builder"], row["builder_confidence"])
    assert found == (f"chongqing_2016/{rule}", builder, confidence)


@pytest.mark.parametrize(
    ("kind", "recorded", "rule", "builder", "confidence"),
    [
        ("park", {}, "owner-unknown", "owner", "low"),
        ("park", {"agreement": "乙方"}, "agreed", "agreed_party", "high"),
        ("park", {"owner": "甲公司"}, "owner-known", "owner", "medium"),
        ("park", {"agreement": "无", "owner": "甲公司"}, "no-agreement-owner-known", "owner", "high"),
        ("park", {"state_owned": "是"}, "state-owned-agreement-unknown", "manager", "medium"),
        ("park", {"state_owned": "是", "agreement": "无"}, "state-owned", "manager", "high"),
        ("park", {"state_owned": "是", "agreement": "乙方"}, "agreed-but-state-owned", "review", "low"),
        ("weapons_ammunition_site", {}, "closed-site", "holder_by_inference", "low"),
        ("weapons_ammunition_site", {"state_owned": "是"}, "closed-site", "holder_by_inference", "low"),
        ("weapons_ammunition_site", {"agreement": "乙方"}, "closed-site-agreed", "agreed_party", "medium"),
    ],
)
def test_one_fact_at_a_time_moves_the_builder_in_changzhou(build_under, kind, recorded, rule, builder, confidence):
    row = build_under("changzhou_2014", kind=kind, recorded=recorded)
    found = (row["builder_rule"], row["builder"], row["builder_confidence"])
    assert found == (f"changzhou_2014/{rule}", builder, confidence)


@pytest.mark.parametrize("book", ["wuxi_2019", "changzhou_2014", "chongqing_2016"])
def test_who_agreed_is_no_alternative_where_the_record_says_that_nobody_did(build_under, book):
    """And the words do not call unknown what the record tells."""
    for facts in ({}, {"operator_type": "government"}):
        open_row = build_under(book, kind="park", **facts)
        row = build_under(book, kind="park", recorded={"agreement": "无"}, **facts)
        assert "agreed_party" in open_row["builder_alternatives"].split(";")
        assert "agreed_party" not in row["builder_alternatives"].split(";")
        assert "均未知" not in row["builder_evidence"]


def test_agreed_and_state_owned_shows_both_answers(build):
    """E11: the text does not say which comes first."""
    row = build(kind="park", recorded={"agreement": "甲", "state_owned": "yes"})
    assert row["builder_alternatives"] == "agreed_party;manager"


def test_tags_and_names_alone_never_give_high_confidence_for_ownership(make_city, wuxi):
    """Rule of the tables: high needs a record."""
    facts = (
        {"operator_type": "government"},
        {"operator": "市政府"},
        {"owner": "某局"},
        {"operator_type": "private"},
        {},
    )
    kinds = ("park", "museum", "parking_facility", "medical_institution", "residential_compound", "expressway")
    places = [{"kind": kind, **fact} for kind in kinds for fact in facts]
    out = assign_builders(find_mandates(make_city(*places), wuxi), wuxi)
    assert len(out) == 30
    assert set(out["builder_confidence"]) == {"low", "medium"}


def test_the_evidence_says_which_fact_in_words(build):
    assert "operator:type=government" in build(kind="park", operator_type="government")["builder_evidence"]
    assert "无锡市公园管理处" in build(kind="park", operator="无锡市公园管理处")["builder_evidence"]
    noted = build(kind="park", recorded={"state_owned": "是", "manager": "公园处"})["builder_evidence"]
    assert "国家所有" in noted and "公园处" in noted
    assert "约定：丙公司" in build(kind="park", recorded={"agreement": "丙公司"})["builder_evidence"]
    assert "expressway_structure" in build(kind="bridge", road_class="motorway")["builder_evidence"]
    assert "20" not in build(kind="urban_road", operator="20 号")["builder_evidence"]


def test_a_government_organ_is_known_by_its_own_name(build):
    assert (
        build(kind="party_government_organ", name="滨湖区人民法院")["builder_rule"]
        == "wuxi_2019/closed-site-perhaps-state-owned"
    )
    assert build(kind="museum", name="税务局旧址博物馆管理处")["builder_rule"] == "wuxi_2019/owner-unknown"


def test_an_expressway_bridge_shows_the_other_reading(build):
    """E2: by the letter the government, by the system whoever has the expressway."""
    assert build(kind="bridge", road_class="motorway")["builder_alternatives"] == "manager;review"


def test_an_agreement_does_not_move_what_the_text_gives_to_the_government(build):
    row = build(kind="urban_road", recorded={"agreement": "乙方", "owner": "乙方"})
    assert (row["builder"], row["builder_confidence"]) == ("government", "high")


def test_a_record_settles_an_expressway(build):
    assert build(kind="expressway", recorded={"state_owned": "是"})["builder"] == "manager"
    assert build(kind="expressway", recorded={"agreement": "公路公司"})["builder"] == "agreed_party"


def test_the_joint_meeting_may_add_kinds_to_the_governments_list(build, tmp_path):
    """E4: 等 is never stretched by the tool itself."""
    assert build(kind="commercial_street")["builder"] == "owner"
    path = tmp_path / "own.toml"
    path.write_text("government_kinds_added = ['commercial_street']", encoding="utf-8")
    row = build(kind="commercial_street", criteria=load_criteria(path))
    assert (row["builder"], row["builder_rule"]) == ("government", "wuxi_2019/joint-meeting")


def test_the_later_of_two_records_counts(make_city, wuxi):
    rows = [
        {"place_id": "way/1", "fact": "agreement", "value": "甲", "date": "2020-01-01"},
        {"place_id": "way/1", "fact": "agreement", "value": "无", "date": "2024-01-01"},
    ]
    mandates = find_mandates(make_city({"kind": "museum"}), wuxi)
    assert assign_builders(mandates, wuxi, records=pd.DataFrame(rows))["builder"].tolist() == ["owner"]


def test_ownership_by_the_state_is_yes_or_no(make_city, wuxi):
    mandates = find_mandates(make_city({"kind": "museum"}), wuxi)
    rows = pd.DataFrame([{"place_id": "way/1", "fact": "state_owned", "value": "maybe"}])
    with pytest.raises(TableError, match="yes or no"):
        assign_builders(mandates, wuxi, records=rows)


def test_the_same_rows_come_back_and_nothing_given_is_changed(make_city, wuxi):
    mandates = find_mandates(make_city({"kind": "park"}, {"kind": "square"}, {"kind": "urban_road"}), wuxi)
    before = mandates.copy()
    out = assign_builders(mandates, wuxi)
    tables.check(out, "mandates")
    assert out["mandate_id"].tolist() == mandates["mandate_id"].tolist()
    assert out["builder"].notna().all()
    assert (out["builder_effective"] == out["builder"]).all()
    assert not out["overlay_conflict"].any()
    pd.testing.assert_frame_equal(pd.DataFrame(before), pd.DataFrame(mandates))


def test_no_mandates_give_no_builders(make_city, wuxi, national):
    out = assign_builders(find_mandates(make_city(), wuxi), wuxi, overlay=national)
    tables.check(out, "mandates")
    assert len(out) == 0


def test_every_row_of_the_rulebook_gets_a_builder(make_city, wuxi):
    kinds = [r.kind for r in wuxi.rows if r.part != "vehicle_interior"]
    out = assign_builders(find_mandates(make_city(*({"kind": k} for k in kinds)), wuxi), wuxi)
    assert len(out) == 75 - 5
    assert out["builder"].notna().all()


def test_mandates_of_another_rulebook_are_refused(make_city, wuxi, national):
    mandates = find_mandates(make_city({"kind": "park"}), wuxi)
    with pytest.raises(RulebookError, match="role 'overlay'"):
        assign_builders(mandates, wuxi, overlay=wuxi)
    with pytest.raises(RulebookError, match="wuxi_2019"):
        assign_builders(mandates, national)
