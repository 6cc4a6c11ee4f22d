"""Rulebooks: held against the tables and the text where these are present, and strict about their files."""

from __future__ import annotations

import json
import re
import unicodedata
from importlib.resources import files

import pytest

from citycover import terms
from citycover.errors import RulebookError
from citycover.law.regulation import article_number
from citycover.law.rulebook import list_rulebooks, load_rulebook

# What the second reading adds to or changes in the 71 rows of the table, and the paragraph that says so.
ADDED = {
    ("（二）", "energy_service_station_other"): "E6",
    ("（五）", "rail_transit_vehicle"): "E5",
    ("（五）", "transport_vehicle_other"): "E6",
    ("（九）", "other_common_parts"): "E6",
}
WHOLE_LENGTH = {  # E13: the seven linear rows of item 6
    "expressway",
    "urban_road",
    "rail_transit_line",
    "bridge",
    "tunnel",
    "pedestrian_crossing_facility",
    "complex_inland_water",
}


def normalise(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).replace("无锡市人民政府规章", "")
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def wuxi_text(request) -> str:
    folder = request.getfixturevalue("shared_law")
    path = folder / "texts" / "wuxi_2019.txt"
    if not path.is_file():
        pytest.skip("the text of the Wuxi regulation is absent")
    return normalise(path.read_text(encoding="utf-8"))


def article_of(text: str, number: int) -> str:
    starts = {article_number(m.group()): m.start() for m in re.finditer(r"第[一二三四五六七八九十]+条(?!第)", text)}
    found = [m for m in re.finditer(r"第[一二三四五六七八九十]+条", text) if article_number(m.group()) == number]
    following = [
        m for m in re.finditer(r"第[一二三四五六七八九十]+条", text) if article_number(m.group()) == number + 1
    ]
    assert starts and found
    # An article begins after a full stop or a chapter heading, a citation stands behind 本办法 or a comma.
    begins = [m.start() for m in found if not text[: m.start()].endswith(("本办法", "根据", ",", "规定"))]
    ends = [m.start() for m in following if not text[: m.start()].endswith(("本办法", "根据", ",", "规定"))]
    return text[begins[0] : ends[0] if ends else None]


def item_of(article: str, item: str) -> str:
    if not item:
        return article
    parts = re.split(r"\(([一二三四五六七八九十]+)\)", article)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[item.strip("（）")]


def test_every_row_of_the_answer_key_is_met_but_for_the_corrections(shared_law, wuxi):
    key = json.loads((shared_law / "answer_key.json").read_text(encoding="utf-8"))
    theirs = {(r["item"], r["place_type_key"]): r for r in key["categories"] if r["city"] == "wuxi"}
    ours = {(r.item, r.kind): r for r in wuxi.rows}
    assert len(theirs) == 71
    assert set(ours) - set(theirs) == set(ADDED)
    assert set(theirs) - set(ours) == set()
    differences = []
    for place, row in theirs.items():
        mine = ours[place]
        part = "whole_length_per_plan" if row["place_type_key"] in WHOLE_LENGTH else row["part"]
        scope = row["qualifier_scope"].replace("none", "")
        wanted = (row["article"], row["zh_anchor"].strip("、"), part, row["size_qualifier"], scope, row["confidence"])
        given = (mine.article, mine.term, mine.part, mine.qualifier, mine.scope, mine.confidence)
        differences += [(place, wanted, given)] if wanted != given else []
    assert differences == []


def test_the_seventy_five_rows_stand_in_the_ten_items(wuxi):
    """71 rows of the table and 4 of the second reading; counted per item by hand in the text."""
    counts = {item.item: sum(r.item == item.item for r in wuxi.rows) for item in wuxi.items}
    assert list(counts.values()) == [14, 11, 8, 3, 11, 9, 9, 5, 4, 1]
    assert sum(counts.values()) == 75


def test_every_term_occurs_in_the_item_it_is_cited_from(wuxi, wuxi_text):
    eight = article_of(wuxi_text, 8)
    assert [r.term for r in wuxi.rows if normalise(r.term) not in item_of(eight, r.item)] == []


def test_every_qualifier_occurs_in_its_item(wuxi, wuxi_text):
    eight = article_of(wuxi_text, 8)
    assert [r.kind for r in wuxi.rows if r.qualifier not in item_of(eight, r.item)] == []


def test_an_explicit_qualifier_stands_on_its_own_term(wuxi):
    """The rule of the tables: explicit = directly on the noun."""
    assert [r.kind for r in wuxi.rows if r.scope == "explicit" and r.qualifier not in r.term] == []


def test_every_banned_place_is_named_in_its_article(wuxi, wuxi_text):
    assert len(wuxi.bans) == 6
    assert [b.term for b in wuxi.bans if b.term not in article_of(wuxi_text, article_number(b.article))] == []


def test_every_day_count_stands_in_its_article(wuxi, wuxi_text):
    for deadline in wuxi.deadlines:
        if deadline.days is not None:
            assert f"{deadline.days}日" in article_of(wuxi_text, article_number(deadline.article))


def money_words(yuan: int) -> str:
    return f"{yuan // 10000}万元" if yuan % 10000 == 0 else f"{yuan}元"


def test_every_fine_stands_in_its_article(wuxi, wuxi_text):
    for penalty in wuxi.penalties:
        article = article_of(wuxi_text, article_number(penalty.article))
        for sums in (penalty.unit, penalty.persons, penalty.individual):
            if sums is not None:
                low = f"{money_words(sums[0])}以上" if sums[0] else ""
                assert f"{low}{money_words(sums[1])}以下" in article, penalty.article
        for basis in penalty.basis:
            assert f"第{basis.split('条')[0].removeprefix('第')}条" in article


def test_no_fine_of_the_answer_key_is_missing(shared_law, wuxi, national):
    key = json.loads((shared_law / "answer_key.json").read_text(encoding="utf-8"))

    def of(rows, unit):
        return {
            (r["article"], tuple(r[unit] or ()), tuple(r.get("individual_yuan") or r.get("individual") or ()))
            for r in rows
        }

    ours = {(p.article, p.unit or (), p.individual or ()) for p in wuxi.penalties}
    assert ours == of([p for p in key["penalties"] if p["city"] == "wuxi"], "unit_yuan")
    ours = {(p.article, p.unit or (), p.individual or ()) for p in national.penalties}
    assert of(key["national_overlay_decree_799"]["penalties"], "unit") <= ours


def test_the_builder_rules_name_what_article_ten_names(wuxi, wuxi_text):
    ten = article_of(wuxi_text, 10)
    rule = next(r for r in wuxi.builders if r.id == "wuxi_2019/government-list")
    named = {r.term for r in wuxi.rows if r.kind in rule.when.kinds}
    assert named == {"城市道路", "轨道交通", "桥梁", "隧道", "人行过街通道"}
    assert all(term in ten.split("其他应当建设")[0] for term in [*named, "大型广场"])


@pytest.mark.parametrize("rulebook", list_rulebooks())
def test_every_article_is_accounted_for(rulebook):
    book = load_rulebook(rulebook)
    assert book.articles_unaccounted() == []
    assert {article_number(a) for _, a in book.provisions()} == set(range(1, book.article_count + 1))


@pytest.mark.parametrize("rulebook", list_rulebooks())
def test_every_label_speaks_both_languages(rulebook):
    book = load_rulebook(rulebook)
    labels = [book.title, book.city, book.nature, book.validity_note]
    labels += [i.label for i in book.items] + [book.label_of(r) for r in book.rows]
    labels += [r.why for r in book.builders] + [e.reason for e in book.out_of_scope] + [c.label for c in book.clauses]
    assert all(zh and en and zh != en for zh, en in labels)
    assert not book.validity_checked


def test_due_dates_count_calendar_days_without_the_start_day(wuxi, national):
    """2019-08-01 + 60 days: 30 left in August, 30 in September; 2025-04-01 + 90: 29 + 31 + 30."""
    due = {d.id: wuxi.due_date(d) for d in wuxi.deadlines}
    assert due["preexisting_filing"] == "2019-09-30"
    assert due["dismantling_report"] is None
    days = {d.id: (d.days, d.direction) for d in wuxi.deadlines}
    assert days == {
        "preexisting_filing": (60, "after"),
        "dismantling_report": (10, "before"),
        "new_system_filing": (None, "none"),
        "retention": (30, "minimum"),
    }
    assert {d.id: national.due_date(d) for d in national.deadlines}["preexisting_filing"] == "2025-06-30"


def test_the_national_text_bans_ten_places(national):
    assert sorted(b.place_type for b in national.bans) == sorted(
        [
            "hotel_guest_room",
            "lodging_private_dining_room",
            "collective_dormitory",
            "staff_rest_room",
            "public_bath",
            "toilet",
            "changing_room",
            "lactation_room",
            "fitting_room",
            "other_privacy_area",
        ]
    )


def wrong(tmp_path, old: str, new: str) -> str:
    """Load the Wuxi rulebook with one slip in it and return the message."""
    text = (files("citycover") / "law" / "rulebooks" / "wuxi_2019.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "wuxi_2019.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        load_rulebook(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "museum"', 'kind = "musuem"', ["wuxi_2019.toml", "items 1", "rows 9", "kind", "'museum'"]),
        ('part = "site_per_plan"', 'part = "site_plan"', ["items 1", "part", "'site_per_plan'"]),
        ('builder = "manager"', 'builder = "maneger"', ["builders", "builder", "'manager'"]),
        ('criterion = "large_market"', 'criterion = "large_markt"', ["criteria.toml", "'large_market'"]),
        ("articles = 40", "articles = 41", ["every article", "41"]),
        ("in_force = 2019-08-01", 'in_force = "1 August"', ["in_force", "a day", "1 August"]),
        ("in_force = 2019-08-01", "", ["needed the key 'in_force'"]),
        ('zh = "立法目的', 'zhh = "x"\nzh = "立法目的', ["out_of_scope 1", "zhh", "'zh'"]),
        ('agreement = ["recorded_yes"]', 'agreement = ["yes"]', ["when", "agreement", "recorded_yes"]),
        ("unit = [10000, 30000]", "unit = [30000, 10000]", ["penalties 1", "unit", "[from, to]"]),
        ('id = "residents"', 'id = "agreed"', ["builders", "wuxi_2019/agreed", "twice"]),
        ('kind = "archive"', 'kind = "museum"', ["（一） museum", "twice"]),
        ('scope = "explicit", criterion = "large_market"', 'scope = "explicit"', ["farmers_market", "criterion"]),
        ('id = "wuxi_2019"', 'id = "wuxi_2020"', ["wuxi_2019", "wuxi_2020"]),
        ('article = "第三十五条"\nviolation', 'article = "第五十条"\nviolation', ["penalties", "第五十条"]),
    ],
)
def test_a_slip_in_a_rulebook_is_named_with_its_place(tmp_path, old, new, told):
    message = wrong(tmp_path, old, new)
    assert [word for word in told if word not in message] == []


def test_an_unknown_rulebook_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(RulebookError, match="'wuxi_2019'"):
        load_rulebook("wuxi2019")
    with pytest.raises(RulebookError, match=r"nowhere\.toml"):
        load_rulebook(tmp_path / "nowhere.toml")


def test_a_rulebook_that_is_no_toml_is_refused(tmp_path):
    path = tmp_path / "broken.toml"
    path.write_text("[rulebook\n", encoding="utf-8")
    with pytest.raises(RulebookError, match="needed TOML"):
        load_rulebook(path)


def test_kinds_that_no_rulebook_of_a_city_names_are_not_errors():
    """The vocabulary is shared by all cities; a rulebook uses a part of it."""
    named = {r.kind for i in list_rulebooks() for r in load_rulebook(i).rows}
    assert named <= set(terms.KINDS)
