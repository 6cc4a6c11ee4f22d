"""Breaches of a register: one fact at a time, both sides of each day, and never more than the register says."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, box

from citycover import tables, terms
from citycover.audit.breaches import count_checks, find_breaches
from citycover.errors import CrsError, InputError, RulebookError
from citycover.law.rulebook import load_rulebook

CRS = 32650
TODAY = "2026-03-01"
HEAD = """
[rulebook]
id = "{id}"
role = "{role}"
title_zh = "示例"
title_en = "example"
city_zh = "示例"
city_en = "made"
nature_zh = "示例"
nature_en = "example"
in_force = 2015-01-01
articles = 30
validity_checked = false
validity_zh = "示例"
validity_en = "example"
"""
CITY = """
[[items]]
article = "第一条"
zh = "桥"
en = "bridges"
part = "key_parts"
rows = [{ term = "桥", kind = "bridge" }]

[[builders]]
id = "rest"
article = "第一条"
builder = "owner"
confidence = "low"
zh = "所有者"
en = "owner"
"""
NUMERALS = list("一二三四五六七八九十")
NUMERALS = [*NUMERALS, *(f"十{n}" for n in NUMERALS[:9]), "二十", *(f"二十{n}" for n in NUMERALS[:9]), "三十"]


@pytest.fixture
def make_book(tmp_path):
    """A rulebook of 30 articles that holds these sections and nothing else that bears on registers."""

    def make(sections: str = "", *, id_: str = "made_2015", role: str = "city"):
        rest = "".join(f'[[out_of_scope]]\narticle = "第{n}条"\nzh = "略"\nen = "left out"\n' for n in NUMERALS)
        path = tmp_path / f"{id_}.toml"
        text = HEAD.format(id=id_, role=role) + (CITY if role == "city" else "") + sections + rest
        path.write_text(text, encoding="utf-8")
        return load_rulebook(path)

    return make


def deadline(id_, article, days, direction, trigger, extra=""):
    return (
        f'[[deadlines]]\nid = "{id_}"\narticle = "{article}"\ndays = {days}\ndirection = "{direction}"\n'
        f'trigger = "{trigger}"\n{extra}\n'
    )


def clause(topic, article, extra=""):
    return f'[[clauses]]\narticle = "{article}"\ntopic = "{topic}"\nzh = "示例"\nen = "example"\n{extra}\n'


def cameras_of(*rows):
    full = [
        {"camera_id": f"r:{n}", "register": "r", "status": "in_use", "owner_class": "police", "geometry": Point(n, 0)}
        | row
        for n, row in enumerate(rows)
    ]
    return tables.conform("cameras", full, crs=CRS)


NO_PLACES = tables.conform("places", [], crs=CRS)


def clauses_of(book, *rows, today=TODAY, **options):
    """The clauses raised, per camera."""
    found = find_breaches(cameras_of(*rows), NO_PLACES, book, today=today, **options)
    return [found.loc[found["camera_id"] == f"r:{n}", "clause"].tolist() for n in range(len(rows))]


@pytest.fixture(scope="module")
def wuxi():
    return load_rulebook("wuxi_2019")


@pytest.fixture(scope="module")
def national():
    return load_rulebook("national_2025")


def test_nothing_is_raised_on_a_camera_of_which_nothing_is_known(wuxi, national):
    assert clauses_of(wuxi, {}, {"owner_class": "unknown"}, {"status_assumed": True}, overlay=national) == [[], [], []]


def test_what_is_unknown_is_counted_and_no_finding(wuxi):
    counts = count_checks(cameras_of({}, {"retention_days": 30}), NO_PLACES, wuxi, today=TODAY).set_index("clause")
    assert counts.loc["retention", ["suspected", "met", "not_checkable", "not_bound"]].tolist() == [0, 1, 1, 0]
    assert counts.loc["no_sign", "not_checkable"] == 2


def test_each_clause_accounts_for_every_camera(wuxi, national):
    rows = [{}, {"in_use_since": "2018-01-01"}, {"in_use_since": "2025-05-01", "filed_on": "2025-05-02"}]
    rows += [{"status": "removed", "removed_on": "2026-02-01"}, {"status": "planned"}, {"outside": True}]
    counts = count_checks(cameras_of(*rows), NO_PLACES, wuxi, today=TODAY, overlay=national)
    assert (counts[["suspected", "met", "not_checkable", "not_bound"]].sum(axis=1) == 5).all()


def test_retention_is_short_below_thirty_days_and_not_at_thirty(wuxi):
    rows = [{"retention_days": 29}, {"retention_days": 30}, {"retention_days": 31}]
    assert clauses_of(wuxi, *rows) == [["retention"], [], []]


def test_the_number_of_days_is_the_rulebooks(make_book):
    book = make_book(deadline("retention", "第二条", 90, "minimum", "recording"))
    found = find_breaches(cameras_of({"retention_days": 89.5}), NO_PLACES, book, today=TODAY)
    assert found["fact"].tolist() == ["登记留存 89.5 天，少于 90 天"]  # no note in this text
    assert clauses_of(book, {"retention_days": 90}) == [[]]


def test_a_device_that_does_not_stand_keeps_no_recordings(wuxi):
    statuses = ["planned", "approved", "building", "removed", "out_of_use"]
    assert clauses_of(wuxi, *({"status": s, "retention_days": 1} for s in statuses)) == [[]] * 5


def test_networking_binds_what_public_money_built_in_wuxi(wuxi):
    """Art. 21 speaks of departments' systems; others are bound only by a catalogue that no register holds."""
    owners = ["police", "government", "public_body", "enterprise", "residents", "unknown"]
    rows = [{"networked": False, "owner_class": o} for o in owners]
    assert clauses_of(wuxi, *rows) == [["not_connected"]] * 3 + [[]] * 3
    counts = count_checks(cameras_of(*rows), NO_PLACES, wuxi, today=TODAY).set_index("clause").loc["not_connected"]
    assert (counts["not_bound"], counts["not_checkable"]) == (0, 3)


def test_filing_and_interface_in_chongqing_are_asked_of_systems_under_article_nine():
    """12(1) and 16(1): 根据本办法第九条规定建设的. Whether a private camera is one, no register tells."""
    book = load_rulebook("chongqing_2016")
    act = {"has_interface": False, "accepted_on": "2020-01-01", "in_use_since": "2020-01-02", "networked": True}
    rows = [act | {"owner_class": o} for o in ("police", "government", "enterprise", "person", "unknown")]
    found = clauses_of(book, *rows)
    assert [{"not_filed", "no_interface"} <= set(f) for f in found] == [True, True, False, False, False]
    assert all(not {"not_filed", "no_interface"} & set(f) for f in found[2:])
    counts = count_checks(cameras_of(*rows), NO_PLACES, book, today=TODAY).set_index("clause")
    assert counts.loc["no_interface", ["suspected", "not_checkable", "not_bound"]].tolist() == [2, 3, 0]


def test_networking_is_no_fact_where_the_text_fines_no_missing_connection(make_book):
    assert clauses_of(make_book(clause("networking", "第二条")), {"networked": False}) == [[]]


def test_in_use_without_acceptance_is_raised_in_a_register_that_keeps_such_dates(wuxi):
    new = {"in_use_since": "2021-05-01"}
    kept = {**new, "accepted_on": "2021-04-01"}
    assert clauses_of(wuxi, new, kept) == [["not_accepted"], []]
    assert clauses_of(wuxi, new, {**kept, "register": "other"}) == [[], []]  # its own register has no such date
    assert clauses_of(wuxi, new, kept=["accepted_on"]) == [["not_accepted"]]


def test_acceptance_binds_no_system_from_before_the_text(wuxi):
    """Wuxi's decree is in force from 2019-08-01."""
    rows = [{"in_use_since": day, "filed_on": "2019-09-01"} for day in ("2019-07-31", "2019-08-01")]
    assert clauses_of(wuxi, *rows) == [[], ["not_accepted"]]


def test_an_assumed_status_is_no_proof_of_use(wuxi):
    row = {"in_use_since": "2021-05-01", "status_assumed": True}
    assert clauses_of(wuxi, row, kept=["accepted_on"]) == [[]]


def test_what_is_still_being_built_may_not_be_in_use(wuxi):
    rows = [{"status": "building", "in_use_since": day} for day in ("2026-03-01", "2026-03-02")]
    assert clauses_of(wuxi, *rows) == [["not_accepted"], []]


def test_acceptance_may_bind_public_money_alone(make_book):
    book = make_book(clause("acceptance", "第十六条", 'applies_to = ["government_invested"]'))
    rows = [{"owner_class": o, "in_use_since": "2021-05-01"} for o in ("government", "enterprise", "unknown")]
    assert clauses_of(book, *rows, kept=["accepted_on"]) == [["not_accepted"], [], []]


def test_a_new_system_is_filed_within_thirty_days_of_acceptance(make_book):
    """Accepted on 10 January: day 1 is the 11th, day 30 is 9 February, and 10 February is the first day too late."""
    book = make_book(deadline("new_system_filing", "第十六条第一款", 30, "after", "acceptance"))
    row = {"accepted_on": "2026-01-10"}
    assert clauses_of(book, row, today="2026-02-09") == [[]]
    assert clauses_of(book, row, today="2026-02-10") == [["not_filed"]]
    found = find_breaches(cameras_of(row), NO_PLACES, book, today="2026-02-12").iloc[0]
    assert (found["due"], found["overdue_days"]) == ("2026-02-09", 3)
    assert clauses_of(book, {**row, "filed_on": "2026-02-09"}, {**row, "filed_on": "2026-02-10"}) == [
        [],
        ["filed_late"],
    ]


def test_without_a_day_to_count_from_nothing_is_overdue(make_book):
    book = make_book(deadline("new_system_filing", "第十六条第一款", 30, "after", "acceptance"))
    row = {"in_use_since": "2016-01-10"}
    assert clauses_of(book, row, kept=["filed_on"]) == [[]]
    counts = count_checks(cameras_of(row), NO_PLACES, book, today=TODAY, kept=["filed_on"])
    assert counts.set_index("clause").loc["not_filed", "not_checkable"] == 1


def test_an_earlier_system_is_filed_within_sixty_days_of_the_start(wuxi):
    """In force 2019-08-01: August has 30 days left, so day 60 is 30 September 2019."""
    row = {"in_use_since": "2018-06-01"}
    assert clauses_of(wuxi, row, today="2019-09-30", kept=["filed_on"]) == [[]]
    assert clauses_of(wuxi, row, today="2019-10-01", kept=["filed_on"]) == [["not_filed"]]
    rows = [{**row, "filed_on": day} for day in ("2019-09-30", "2019-10-01")]
    assert clauses_of(wuxi, *rows) == [[], ["filed_late"]]


def test_wuxi_counts_no_days_for_new_systems(wuxi):
    row = {"in_use_since": "2021-05-01", "accepted_on": "2021-04-01"}
    assert clauses_of(wuxi, row) == [[]]


def test_a_register_without_any_date_of_an_act_says_nothing_on_filing(wuxi):
    assert clauses_of(wuxi, {"in_use_since": "2018-06-01"}) == [[]]


def test_filing_may_bind_other_than_public_money_alone(make_book):
    limit = 'applies_to = ["not_government_invested"]'
    book = make_book(deadline("new_system_filing", "第十七条第一款", 30, "after", "acceptance", limit))
    rows = [{"owner_class": o, "accepted_on": "2025-01-01"} for o in ("residents", "police", "unknown")]
    assert clauses_of(book, *rows) == [["not_filed"], [], []]


def test_the_national_days_run_from_use_and_from_its_own_start(wuxi, national):
    """In use on 2025-05-01: day 30 is 31 May. In use before 2025-04-01: 90 days end on 30 June 2025 (29 + 31 + 30)."""
    new, old = {"in_use_since": "2025-05-01"}, {"in_use_since": "2025-03-31"}
    assert "not_filed" not in clauses_of(national, new, today="2025-05-31", kept=["filed_on"])[0]
    assert "not_filed" in clauses_of(national, new, today="2025-06-01", kept=["filed_on"])[0]
    assert clauses_of(national, old, today="2025-06-30", kept=["filed_on"]) == [[]]
    assert "not_filed" in clauses_of(national, old, today="2025-07-01", kept=["filed_on"])[0]


def test_where_both_laws_speak_one_row_names_both(wuxi, national):
    found = find_breaches(cameras_of({"retention_days": 7}), NO_PLACES, wuxi, today=TODAY, overlay=national)
    assert found[["rulebook", "article", "overlay_article"]].values.tolist() == [
        ["wuxi_2019", "第二十八条第二款", "第十七条"]
    ]
    before = find_breaches(cameras_of({"retention_days": 7}), NO_PLACES, wuxi, today="2025-03-31", overlay=national)
    assert before["overlay_article"].isna().all()  # the higher law is not yet in force


def test_where_only_the_higher_law_speaks_the_row_is_its_own(wuxi, national):
    row = {"in_use_since": "2025-05-01", "accepted_on": "2025-04-30"}
    found = find_breaches(cameras_of(row), NO_PLACES, wuxi, today=TODAY, overlay=national)
    assert found["rulebook"].tolist() == ["national_2025"]
    assert found[["clause", "rulebook", "due"]].values.tolist() == [["not_filed", "national_2025", "2025-05-31"]]
    assert "10000元以下" in found["fine"].iloc[0]


def test_a_text_that_is_not_in_force_raises_nothing(wuxi):
    assert clauses_of(wuxi, {"retention_days": 1}, today="2019-07-31") == [[]]
    assert clauses_of(wuxi, {"retention_days": 1}, today="2019-08-01") == [["retention"]]


def test_notice_before_a_dismantling(wuxi):
    """Ten days before 20 March 2026 is 10 March: due on it, no longer on the 11th."""
    row = {"removed_on": "2026-03-20"}
    assert clauses_of(wuxi, row, today="2026-03-10") == [["dismantling_due"]]
    assert clauses_of(wuxi, row, today="2026-03-11") == [["dismantling_unreported"]]
    told = [{**row, "removal_reported_on": day} for day in ("2026-03-10", "2026-03-11")]
    assert clauses_of(wuxi, *told, today="2026-03-25") == [[], ["dismantling_unreported"]]


def test_notice_three_days_before(make_book):
    """Three days before 1 March 2026 is 26 February: the 28th, the 27th, the 26th."""
    book = make_book(deadline("dismantling_report", "第十五条", 3, "before", "dismantling"))
    row = {"removed_on": "2026-03-01"}
    assert clauses_of(book, row, today="2026-02-26") == [["dismantling_due"]]
    assert clauses_of(book, row, today="2026-02-27") == [["dismantling_unreported"]]


def test_report_after_a_dismantling(make_book):
    """Fifteen days after 20 February 2026: 8 days to the end of the month, so 7 March."""
    book = make_book(deadline("dismantling_report", "第十九条", 15, "after", "dismantling"))
    row = {"status": "removed", "removed_on": "2026-02-20"}
    assert clauses_of(book, row, today="2026-03-07") == [["dismantling_due"]]
    assert clauses_of(book, row, today="2026-03-08") == [["dismantling_unreported"]]
    assert clauses_of(book, {**row, "removal_reported_on": "2026-03-07"}, today="2026-03-08") == [[]]


def test_a_report_may_be_owed_for_filed_systems_alone(make_book):
    """Thirty days after 1 January is 31 January. Who never filed owes no report; a silent register cannot be asked."""
    limit = 'applies_to = ["filed"]'
    book = make_book(deadline("dismantling_report", "第十六条第三款", 30, "after", "dismantling", limit))
    row = {"status": "removed", "removed_on": "2026-01-01"}
    filed = {**row, "filed_on": "2020-01-01"}
    assert clauses_of(book, filed, row, today="2026-01-31") == [["dismantling_due"], []]
    assert clauses_of(book, filed, row, today="2026-02-01") == [["dismantling_unreported"], []]
    counts = count_checks(cameras_of(row), NO_PLACES, book, today=TODAY).set_index("clause")
    assert counts.loc["dismantling_unreported", "not_checkable"] == 1


def test_a_dismantling_before_the_text_owes_nothing(wuxi):
    assert clauses_of(wuxi, {"status": "removed", "removed_on": "2019-07-31"}) == [[]]


@pytest.mark.parametrize(("column", "name"), [("has_sign", "no_sign"), ("has_interface", "no_interface")])
def test_sign_and_interface_are_missing_only_where_the_register_says_no(wuxi, column, name):
    assert clauses_of(wuxi, {column: False}, {column: True}, {}) == [[name], [], []]


def test_a_sign_owed_in_public_places_is_asked_for_on_public_ground_alone(make_book):
    book = make_book(clause("sign", "第二十条", 'applies_to = ["public_places"]'))
    rows = [{"has_sign": False}, {"has_sign": False, "geometry": Point(500, 0)}, {"has_sign": False, "indoor": True}]
    assert clauses_of(book, *rows, public_ground=ground()) == [["no_sign"], [], []]
    assert clauses_of(book, *rows) == [[], [], []]  # no ground given: unknown


def test_grading_is_raised_where_the_register_says_it_is_not_met(wuxi):
    said = ["未定级", "不合格", "无", "否", "二级", "第三级", "等保三级已测评", "yes", None]
    assert clauses_of(wuxi, *({"grading": s} for s in said)) == [["grading"]] * 4 + [[]] * 5


def test_a_camera_is_turned_when_it_is_more_than_ten_degrees_off(wuxi):
    pairs = [(10.0, 0.0), (10.1, 0.0), (355.0, 5.0), (354.0, 5.0), (None, 5.0), (90.0, None)]
    rows = [{"azimuth": a, "azimuth_approved": b} for a, b in pairs]
    assert clauses_of(wuxi, *rows) == [[], ["turned"], [], ["turned"], [], []]


def test_turning_is_no_fact_where_the_text_does_not_name_it(make_book):
    changed = (
        '[[penalties]]\narticle = "第三十条"\nviolation = "changed"\nbasis = ["第二十条（七）"]\npath = "direct"\n'
    )
    book = make_book(clause("operation", "第二十条（七）") + changed)
    assert clauses_of(book, {"azimuth": 90.0, "azimuth_approved": 0.0}) == [[]]


def ground():
    rows = [{"ground_id": "g", "ground_kind": "street", "geometry": box(-10, -10, 100, 10)}]
    return tables.conform("public_ground", rows, crs=CRS)


AUTHORITY = clause("authority", "第八条第三款")


def test_a_private_builder_on_public_ground_is_raised_only_where_the_text_forbids_it(make_book, wuxi):
    private = [{"owner_class": o} for o in ("enterprise", "residents", "person")]
    public = [{"owner_class": o} for o in ("government", "police", "public_body", "unknown")]
    book = make_book(AUTHORITY)
    assert clauses_of(book, *private, *public, public_ground=ground()) == [["not_entitled"]] * 3 + [[]] * 4
    assert clauses_of(wuxi, *private, public_ground=ground()) == [[]] * 3
    assert clauses_of(make_book(), *private, public_ground=ground()) == [[]] * 3


def test_a_firm_that_the_text_encourages_to_cover_its_surroundings_is_told_so_and_a_person_is_not(make_book):
    encouraged = '[[encouragements]]\narticle = "第八条第二款"\nzh = "鼓励"\nen = "it encourages"\n'
    cameras = cameras_of({"owner_class": "enterprise"}, {"owner_class": "person"})
    found = find_breaches(cameras, NO_PLACES, make_book(AUTHORITY + encouraged), today=TODAY, public_ground=ground())
    assert found["fact"].str.contains("第八条第二款鼓励").tolist() == [True, False]


def test_off_the_known_public_ground_nobody_is_an_intruder(make_book):
    book = make_book(AUTHORITY)
    rows = [{"owner_class": "enterprise", "geometry": Point(x, 0)} for x in (100, 101)]
    assert clauses_of(book, *rows, public_ground=ground()) == [["not_entitled"], []]
    assert clauses_of(book, rows[0]) == [[]]
    assert clauses_of(book, {**rows[0], "indoor": True}, public_ground=ground()) == [[]]


def views_of(**shapes):
    rows = [
        {"view_id": f"{c}:exact", "camera_id": c.replace("_", ":"), "end": "exact", "geometry": g}
        for c, g in shapes.items()
    ]
    return tables.conform("views", rows, crs=CRS)


def test_a_third_party_that_looks_at_public_ground_is_asked_by_what_right(make_book):
    """Ground ends at y = 10. A view of 10 m × 10 m from y = 7 lies on it by 3 m of 10: 30 %; from y = 6.9 by 31 %."""
    book = make_book(AUTHORITY)
    rows = [{"owner_class": "enterprise", "geometry": Point(50, 20)}] * 2
    views = views_of(r_0=box(0, 7, 10, 17), r_1=box(0, 6.9, 10, 16.9))
    assert clauses_of(book, *rows, public_ground=ground(), views=views) == [[], ["not_entitled"]]
    found = find_breaches(cameras_of(*rows), NO_PLACES, book, today=TODAY, public_ground=ground(), views=views)
    assert found["fact"].str.contains("31%").tolist() == [True]
    police = [{**rows[1], "owner_class": "police"}] * 2
    assert clauses_of(book, *police, public_ground=ground(), views=views) == [[], []]
    counts = count_checks(cameras_of(*rows), NO_PLACES, book, today=TODAY, public_ground=ground())
    assert counts.set_index("clause").loc["not_entitled", "not_checkable"] == 2  # no view given: unknown


def test_a_higher_law_that_forbids_installing_there_is_asked_by_the_position(national, wuxi):
    views = views_of(r_0=box(0, -5, 10, 5), r_1=box(0, -5, 10, 5))
    rows = [{"owner_class": "enterprise", "geometry": Point(50, y)} for y in (0, 20)]
    options = {"public_ground": ground(), "views": views, "overlay": national}
    found = find_breaches(cameras_of(*rows), NO_PLACES, wuxi, today=TODAY, **options)
    assert found[["camera_id", "rulebook"]].values.tolist() == [["r:0", "national_2025"]]


def test_who_runs_the_place_is_no_third_party_there(make_book):
    places = tables.conform(
        "places",
        [
            {"place_id": "way/1", "operator": "甲公司", "geometry": box(-1, -1, 3, 1)},
            {"place_id": "way/2", "geometry": box(-50, -50, 50, 50)},
        ],
        crs=CRS,
    )
    cameras = cameras_of(*({"owner_class": "enterprise", "owner": o} for o in ("甲公司", "乙公司", None)))
    found = find_breaches(cameras, places, make_book(AUTHORITY), today=TODAY, public_ground=ground())
    assert found[["camera_id", "place_id"]].values.tolist() == [["r:1", "way/1"], ["r:2", "way/1"]]


def test_no_natural_person_and_no_free_text_is_ever_named(make_book, wuxi, national):
    words = {"owner": "王小明", "name": "王小明家门口", "address": "王小明宅 13800000000", "grading": "未定级 王小明"}
    row = {"owner_class": "person", "retention_days": 1, "has_sign": False, "networked": False, **words}
    for book in (wuxi, make_book(AUTHORITY)):
        found = find_breaches(cameras_of(row), NO_PLACES, book, today=TODAY, overlay=national, public_ground=ground())
        assert len(found)
        text = found.drop(columns="geometry").to_csv()
        assert "王小明" not in text
        assert "138" not in text
    assert "个人" in found.loc[found["clause"] == "not_entitled", "fact"].iloc[0]


def test_every_breach_is_a_suspicion_with_article_fact_and_fine(wuxi, national):
    row = {"retention_days": 1, "networked": False, "has_sign": False, "has_interface": False, "grading": "未定级"}
    found = find_breaches(cameras_of(row), NO_PLACES, wuxi, today=TODAY, overlay=national)
    assert found["clause"].tolist() == ["retention", "not_connected", "no_sign", "no_interface", "grading"]
    assert set(found["standing"]) == {"suspected"}
    assert terms.BREACH_STANDINGS["suspected"][0].startswith("疑似")
    assert found[["article", "fact", "fine"]].notna().all(axis=None)
    assert found["article"].tolist() == ["第二十八条第二款", "第二十一条", "第十四条", "第十一条", "第十一条"]


def test_fines_of_wuxi_stand_in_words_with_sum_party_and_condition(wuxi):
    """Art. 34(2): order and warning, then 1 to 3 ten-thousand for the unit; 36(1)(2): 1000 to 5000; 14 and 28: none."""
    row = {"retention_days": 1, "networked": False, "has_sign": False, "has_interface": False}
    found = find_breaches(cameras_of(row), NO_PLACES, wuxi, today=TODAY).set_index("clause")
    order = "责令限期改正并给予警告；逾期未改正的，罚款："
    assert found["fine"].to_dict() == {
        "retention": "本规章未设专门罚款",
        "not_connected": f"第三十四条（二）：{order}单位10000元以上30000元以下，有关责任人员1000元以下",
        "no_sign": "本规章未设专门罚款",
        "no_interface": f"第三十六条（二）：{order}单位1000元以上5000元以下，有关责任人员1000元以下",
    }
    assert found["fine_path"].tolist() == ["none", "if_not_corrected", "none", "if_not_corrected"]


def test_the_ten_days_notice_of_wuxi_has_no_fine_of_its_own(wuxi):
    """Art. 37 fines dismantling without leave; the report as such is among the duties without a fine."""
    found = find_breaches(cameras_of({"removed_on": "2026-03-02"}), NO_PLACES, wuxi, today=TODAY)
    assert found[["clause", "fine_path"]].values.tolist() == [["dismantling_unreported", "none"]]


def test_a_fine_is_cited_only_for_the_article_it_rests_on(make_book):
    """A penalty for other duties (basis 第八条) is not that for retention (第二条); a fixed sum is said as one."""
    book = make_book(
        deadline("retention", "第二条第二款", 30, "minimum", "recording")
        + clause("sign", "第三条")
        + '[[penalties]]\narticle = "第二十条"\nviolation = "user_duties"\nbasis = ["第八条"]\npath = "direct"\n'
        "unit = [1, 2]\n"
        '[[penalties]]\narticle = "第二十一条"\nviolation = "user_duties"\nbasis = ["第二条"]\npath = "if_serious"\n'
        "unit = [1000, 1000]\npersons = [0, 500]\nindividual = [500, 1000]\n"
    )
    row = {"retention_days": 1, "has_sign": False}
    found = find_breaches(cameras_of(row), NO_PLACES, book, today=TODAY, lang="en")
    assert found["fine"].tolist() == [
        "第二十一条: order to correct; fine when serious: unit 1000 yuan, persons in charge up to 500 yuan, "
        "individual 500 to 1000 yuan",
        "the text has no fine of its own",
    ]


def test_a_text_that_refers_to_other_laws_says_so(make_book):
    book = make_book(
        clause("sign", "第二十条")
        + '[[penalties]]\narticle = "第二十七条"\nviolation = "any"\npath = "other_law"\n'
        + '[[unfined]]\narticle = "第二十条"\nzh = "标识"\nen = "sign"\n'
    )
    found = find_breaches(cameras_of({"has_sign": False}), NO_PLACES, book, today=TODAY)
    assert found["fine"].tolist() == ["第二十七条：依照其他法律、法规"]


def test_a_device_in_two_registers_is_told_once_per_fact(wuxi):
    rows = [{"retention_days": 1}, {"retention_days": 2, "has_sign": False, "same_as": "r:0", "register": "q"}]
    assert clauses_of(wuxi, *rows) == [["retention"], ["no_sign"]]


def test_cameras_outside_the_study_are_left_out(wuxi):
    assert clauses_of(wuxi, {"retention_days": 1, "outside": True}) == [[]]


def test_ids_are_stable_and_rows_do_not_change_what_is_found(wuxi, national):
    rows = [{"retention_days": n, "has_sign": n > 2, "in_use_since": "2018-01-01"} for n in range(6)]
    cameras = cameras_of(*rows)
    options = {"today": TODAY, "overlay": national, "kept": ["filed_on"]}
    one = find_breaches(cameras, NO_PLACES, wuxi, **options)
    before = cameras.copy()
    two = find_breaches(cameras.iloc[::-1], NO_PLACES, wuxi, **options)
    assert sorted(one["breach_id"]) == sorted(two["breach_id"])
    assert one["breach_id"].is_unique
    pd.testing.assert_frame_equal(pd.DataFrame(cameras), pd.DataFrame(before))


def test_an_empty_register_has_no_breaches(wuxi, national):
    empty = tables.conform("cameras", [], crs=CRS)
    assert find_breaches(empty, NO_PLACES, wuxi, today=TODAY, overlay=national).empty
    assert (count_checks(empty, NO_PLACES, wuxi, today=TODAY)["suspected"] == 0).all()


def test_wrong_inputs_are_named(wuxi, national):
    cameras = cameras_of({})
    with pytest.raises(InputError, match="today"):
        find_breaches(cameras, NO_PLACES, wuxi, today="soon")
    with pytest.raises(InputError, match="kept"):
        find_breaches(cameras, NO_PLACES, wuxi, today=TODAY, kept=["has_sign"])
    with pytest.raises(RulebookError, match="overlay"):
        find_breaches(cameras, NO_PLACES, wuxi, today=TODAY, overlay=wuxi)
    places = tables.conform("places", [{"place_id": "a", "geometry": box(0, 0, 1, 1)}], crs=32651)
    with pytest.raises(CrsError, match="places"):
        find_breaches(cameras, places, wuxi, today=TODAY)


@settings(max_examples=40, deadline=None)
@given(
    accepted=st.dates(dt.date(2015, 1, 1), dt.date(2026, 1, 1)),
    late=st.integers(-40, 400),
    filed=st.none() | st.integers(0, 400),
)
def test_overdue_is_what_calendar_days_say(accepted, late, filed):
    """Independent count: day by day from the day after acceptance; the 30th is the last."""
    book = _FILING[0]
    row = {"accepted_on": accepted.isoformat()}
    today = accepted + dt.timedelta(days=max(late, 0))
    if filed is not None:
        row["filed_on"] = (accepted + dt.timedelta(days=filed)).isoformat()
    last = accepted
    for _ in range(30):
        last += dt.timedelta(days=1)
    if filed is None:
        expected = [["not_filed"]] if today > last else [[]]
    else:
        expected = [["filed_late"]] if accepted + dt.timedelta(days=filed) > last else [[]]
    assert clauses_of(book, row, today=today.isoformat()) == expected


_FILING: list = []


@pytest.fixture(autouse=True)
def _filing_book(make_book):
    if not _FILING:
        _FILING.append(make_book(deadline("new_system_filing", "第二条", 30, "after", "acceptance"), id_="filing_2015"))


def test_thousands_of_cameras_take_no_loop(wuxi, national):
    """50,000 rows in seconds: a loop over cameras would take minutes."""
    rng = np.random.default_rng(1)
    n = 50_000
    frame = gpd.GeoDataFrame(
        {
            "camera_id": [f"r:{i}" for i in range(n)],
            "register": "r",
            "status": "in_use",
            "owner_class": "police",
            "retention_days": rng.choice([7.0, 30.0, 90.0], n),
            "in_use_since": "2018-01-01",
            "filed_on": "2019-09-01",
        },
        geometry=gpd.points_from_xy(rng.uniform(0, 1e4, n), rng.uniform(0, 1e4, n)),
        crs=CRS,
    )
    cameras = tables.conform("cameras", frame)
    began = dt.datetime.now(tz=dt.UTC)
    found = find_breaches(cameras, NO_PLACES, wuxi, today=TODAY, overlay=national)
    assert (dt.datetime.now(tz=dt.UTC) - began).total_seconds() < 20
    assert (found["clause"] == "retention").sum() == int((frame["retention_days"] == 7.0).sum())
