"""Rulebooks: held against the tables and the text where these are present, and strict about their files."""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache
from importlib.resources import files

import pytest

from citycover import terms
from citycover.errors import RulebookError
from citycover.law.regulation import article_number
from citycover.law.rulebook import list_rulebooks, load_rulebook

CITIES = [i for i in list_rulebooks() if load_rulebook(i).role == "city"]

# Where a rulebook departs from the tables, and the paragraph of the second reading (or the passage of the text) that
# says so. A row is cited as article, item, kind.
ADDED = {
    "wuxi_2019": {
        "第八条（二） energy_service_station_other": "E6: 等服务提供单位 was in no row",
        "第八条（五） rail_transit_vehicle": "E5: metro cars are 公共交通工具",
        "第八条（五） transport_vehicle_other": "E6: 等交通工具 was in no row",
        "第八条（九） other_common_parts": "E6: 等公共部位 was in no row",
    },
    "changzhou_2014": {
        "第七条（一） flammable_explosive_store": "E2: 集中储存…的仓库、场所 names stores only, no filling stations",
        "第七条（五） other_communications_unit": "E6: 等单位 was in no row",
        "第七条（六） other_utility_unit": "E6: 等单位 was in no row",
        "第七条（八） rail_transit_station": "E4: 地铁的…路口, or 大型车站",
        "第七条（十二） rail_transit_vehicle": "E5: metro cars are 城市公共交通",
        "第七条（十二） transport_vehicle_other": "E6: 等公共交通工具 was in no row",
    },
    "nanchang_2016": {
        "第八条（二） public_transport_vehicle": "E5: 客运车 is any passenger vehicle, city buses too",
        "第八条（二） transport_vehicle_other": "E6: 等重要交通工具 was in no row",
    },
    "chongqing_2016": {
        "第九条（二） transport_vehicle_other": "E6: 等大中型公共交通工具 was in no row",
    },
}
REMOVED = {
    "changzhou_2014": {
        "第七条（一） flammable_explosive_goods_site": "E2: the kind is wider than the text; a kind of its own instead",
    },
}
WHOLE_LENGTH = {"part": "whole_length_per_plan"}  # E13: site_per_plan has no rule for lines
NODE_OR_ENDS = {"part": "main_entrances_passages_or_key_parts"}  # E13: no junction on a bridge
MEDIUM = {"confidence": "medium"}  # E8: 重要部位 may reach the last member of the list only
STORED = {"qualifier": "集中储存", "scope": "explicit", **MEDIUM}  # E2, E12
HOLDING = {"qualifier": "集中陈列、存放重要文物、资料", "scope": "ambiguous", **MEDIUM}  # E12, E8
VEHICLES = {"qualifier": "重要", "scope": "ambiguous"}  # E12: 等重要交通工具
CLOSING = {"scope": "ambiguous"}  # E12: 大中型 stands on the closing noun alone
CHANGED = {
    "wuxi_2019": {
        "第八条（六） expressway": WHOLE_LENGTH,
        "第八条（六） urban_road": WHOLE_LENGTH,
        "第八条（六） rail_transit_line": WHOLE_LENGTH,
        "第八条（六） bridge": WHOLE_LENGTH,
        "第八条（六） tunnel": WHOLE_LENGTH,
        "第八条（六） pedestrian_crossing_facility": WHOLE_LENGTH,
        "第八条（六） complex_inland_water": WHOLE_LENGTH,
    },
    "changzhou_2014": {
        "第七条（一） weapons_ammunition_site": MEDIUM,
        "第七条（一） highly_toxic_goods_site": STORED,
        "第七条（一） pathogen_store": STORED,
        "第七条（一） controlled_drug_store": STORED,
        "第七条（一） radioactive_material_site": STORED,
        "第七条（一） drug_precursor_chemical_site": MEDIUM,
        "第七条（一） pathogen_culture_lab": MEDIUM,
        "第七条（三） museum": HOLDING,
        "第七条（三） memorial_hall": HOLDING,
        "第七条（三） exhibition_hall": HOLDING,
        "第七条（三） cultural_relic_repository_other": HOLDING | {"scope": "explicit"},
        "第七条（三） protected_heritage": MEDIUM,
        "第七条（七） river_embankment": MEDIUM,
        "第七条（七） reservoir": MEDIUM,
        "第七条（七） artificial_lake": MEDIUM,
        "第七条（七） flood_control_area": MEDIUM,
        "第七条（七） water_conservancy_facility": MEDIUM,
    },
    "nanchang_2016": {
        "第八条（二） transport_hub_other": {"scope": "explicit"},  # E12: 等重要交通枢纽, as Wuxi's same words
        "第八条（二） bridge": NODE_OR_ENDS,
        "第八条（二） tunnel": NODE_OR_ENDS,
        "第八条（二） underground_passage": NODE_OR_ENDS,
        "第八条（二） rail_transit_vehicle": VEHICLES,
        "第八条（二） passenger_coach_vehicle": VEHICLES,
        "第八条（二） passenger_vessel": VEHICLES,
    },
    "chongqing_2016": {
        "第九条（二） public_transport_vehicle": CLOSING,
        "第九条（二） rail_transit_vehicle": CLOSING,
        "第九条（二） passenger_coach_vehicle": CLOSING,
        "第九条（二） passenger_vessel": CLOSING,
    },
}
ROWS = {  # of the table + added - removed, per item; counted by hand in the texts
    "wuxi_2019": [14, 11, 8, 3, 11, 9, 9, 5, 4, 1],
    "changzhou_2014": [8, 1, 5, 1, 7, 5, 5, 13, 4, 3, 10, 5, 1, 1],  # the last is 第八条第一款
    "nanchang_2016": [5, 15, 6, 3, 6, 3, 7, 2, 2, 1, 1],
    "chongqing_2016": [9, 5, 9, 3, 1, 1],
}
APART = {  # an explicit qualifier that does not stand inside the term, and the words of the text that put it there
    "changzhou_2014": {
        "flammable_explosive_store": "集中储存易燃、易爆、剧毒、致病毒菌、国家管制药品、放射性物品的仓库、场所",
        "highly_toxic_goods_site": "集中储存易燃、易爆、剧毒",
        "pathogen_store": "集中储存易燃、易爆、剧毒、致病毒菌",
        "controlled_drug_store": "集中储存易燃、易爆、剧毒、致病毒菌、国家管制药品",
        "radioactive_material_site": "集中储存易燃、易爆、剧毒、致病毒菌、国家管制药品、放射性物品",
        "expressway": "高速公路、城市道路、中心城镇和地铁的重要路段、路口",
        "urban_road": "高速公路、城市道路、中心城镇和地铁的重要路段、路口",
        "central_town_road": "高速公路、城市道路、中心城镇和地铁的重要路段、路口",
        "rail_transit_line": "高速公路、城市道路、中心城镇和地铁的重要路段、路口",
        "rail_transit_station": "高速公路、城市道路、中心城镇和地铁的重要路段、路口",
        "road_junction": "重要路段、路口",
    },
    "nanchang_2016": {
        "urban_road": "城市干道、主要公路的重要交通路段",
        "main_highway": "主要公路的重要交通路段",
        "sports_venue": "大型文化、体育场所",
        "logistics_centre": "大型商贸、物流、物资储备中心",
        "material_reserve_depot": "大型商贸、物流、物资储备中心",
    },
    "chongqing_2016": {
        "urban_road": "城市和乡镇主要道路的重要路段",
        "township_main_road": "城市和乡镇主要道路的重要路段",
    },
}
FURNITURE = r"(无锡|南昌)市人民政府规章|X?(常州|南昌)市人民政府发布|-\d+-"  # heads, feet and numbers of pages


def normalise(text: str) -> str:
    return re.sub(FURNITURE, "", re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))


@pytest.fixture(params=CITIES)
def book(request):
    return load_rulebook(request.param)


@pytest.fixture(scope="session")
def articles(shared_law):
    """Rulebook id → number → the words of that article; an article begins a line and has the next number."""

    @cache
    def of(rulebook: str) -> dict[int, str]:
        path = shared_law / "texts" / f"{rulebook}.txt"
        if not path.is_file():
            pytest.skip(f"the text of {rulebook} is absent")
        raw = path.read_text(encoding="utf-8")
        starts: list[int] = []
        for heading in re.finditer(r"^[ \t\u3000]*(第[一二三四五六七八九十]+条)", raw, re.MULTILINE):
            if article_number(heading.group(1)) == len(starts) + 1:
                starts.append(heading.start())
        ends = [*starts[1:], len(raw)]
        return {n: normalise(raw[a:z]) for n, (a, z) in enumerate(zip(starts, ends, strict=True), start=1)}

    return of


@pytest.fixture(scope="session")
def key(shared_law):
    return json.loads((shared_law / "answer_key.json").read_text(encoding="utf-8"))


def item_of(article: str, item: str) -> str:
    if not item:
        return article
    parts = re.split(r"\(([一二三四五六七八九十]+)\)", article)
    return dict(zip(parts[1::2], parts[2::2], strict=True))[item.strip("（）")]


def cited_text(articles, book, entry) -> str:
    return item_of(articles(book.id)[article_number(entry.article)], entry.item)


def city_of(book) -> str:
    return book.id.split("_")[0]


def test_every_row_of_the_answer_key_is_met_but_for_the_corrections(key, book):
    theirs = {
        f"{r['article']}{r['item']} {r['place_type_key']}": {
            "term": r["zh_anchor"].strip("、"),
            "part": r["part"],
            "qualifier": r["size_qualifier"],
            "scope": r["qualifier_scope"].replace("none", ""),
            "confidence": r["confidence"],
        }
        for r in key["categories"]
        if r["city"] == city_of(book)
    }
    ours = {f"{r.article}{r.item} {r.kind}": r for r in book.rows}
    assert set(ours) - set(theirs) == set(ADDED.get(book.id, {}))
    assert set(theirs) - set(ours) == set(REMOVED.get(book.id, {}))
    changed = CHANGED.get(book.id, {})
    assert set(changed) <= set(ours) & set(theirs)
    differences = []
    for cited in set(ours) & set(theirs):
        given = {name: getattr(ours[cited], name) for name in theirs[cited]}
        wanted = theirs[cited] | changed.get(cited, {})
        differences += [(cited, wanted, given)] if wanted != given else []
    assert differences == []


def test_each_correction_of_the_second_reading_changes_something(key):
    """A line of the tables above that repeats the answer key would defend nothing."""
    rows = {(r["city"], f"{r['article']}{r['item']} {r['place_type_key']}"): r for r in key["categories"]}
    names = {"part": "part", "qualifier": "size_qualifier", "scope": "qualifier_scope", "confidence": "confidence"}
    idle = []
    for book_id, changes in CHANGED.items():
        for cited, wanted in changes.items():
            row = rows[book_id.split("_")[0], cited]
            idle += [(book_id, cited, n) for n, v in wanted.items() if row[names[n]].replace("none", "") == v]
    assert idle == []


def test_the_two_hundred_and_eleven_rows_and_a_dozen_more_stand_in_their_items(book):
    """71 + 64 + 49 + 27 rows of the tables, 13 of the second reading, 1 in place of another."""
    counts = {
        item.article + item.item: sum((r.article, r.item) == (item.article, item.item) for r in book.rows)
        for item in book.items
    }
    assert list(counts.values()) == ROWS[book.id]
    assert sum(counts.values()) == len(book.rows)
    added = sum(map(len, ADDED.values())) - sum(map(len, REMOVED.values()))
    assert sum(map(sum, ROWS.values())) == 211 + added == 223


def test_every_term_and_qualifier_occurs_in_the_item_it_is_cited_from(articles, book):
    terms_missing = [r.kind for r in book.rows if normalise(r.term) not in cited_text(articles, book, r)]
    words = [(r, word) for r in book.rows for word in r.qualifier.split("/")]
    qualifiers_missing = [r.kind for r, word in words if normalise(word) not in cited_text(articles, book, r)]
    assert (terms_missing, qualifiers_missing) == ([], [])


def test_an_explicit_qualifier_stands_on_its_own_term(articles, book):
    """The rule of the tables: explicit = directly on the noun; where other nouns stand between, the passage is told."""
    apart = {r.kind: r for r in book.rows if r.scope == "explicit" and r.qualifier not in r.term}
    passages = APART.get(book.id, {})
    assert set(apart) == set(passages)
    for kind, passage in passages.items():
        assert normalise(passage) in cited_text(articles, book, apart[kind])
        assert all(word in passage for word in (*apart[kind].qualifier.split("/"), apart[kind].term.strip("等")))


def test_every_banned_place_is_named_in_its_article(key, articles, book):
    assert [b.place_type for b in book.bans if normalise(b.term) not in cited_text(articles, book, b)] == []
    assert len(book.bans) == {"chongqing_2016": 11}.get(book.id, 6)
    assert sum(len(load_rulebook(city).bans) for city in CITIES) == 29


def test_every_day_count_stands_in_its_article(articles, book):
    for deadline in book.deadlines:
        if deadline.days is not None:
            assert f"{deadline.days}日" in articles(book.id)[article_number(deadline.article)]


def test_days_directions_and_due_dates_are_those_of_the_answer_key(key, book):
    ids = {"dismantling_record": "dismantling_report", "dismantling_notice": "dismantling_report"}
    theirs = {
        ids.get(d["id"], d["id"]): (d["days"], d["direction"] or "none", d["computed"])
        for d in key["deadlines"]
        if d["city"] == city_of(book)
    }
    assert {d.id: (d.days, d.direction, book.due_date(d)) for d in book.deadlines} == theirs


def test_title_document_and_dates_are_those_of_the_answer_key(key, articles, book):
    theirs = key["cities"][city_of(book)]
    assert (book.title[0], book.issued, book.in_force) == (theirs["title"], theirs["issued"], theirs["in_force"])
    assert book.adopted == (theirs["adopted"] or "")
    assert book.article_count == theirs["articles"] == len(articles(book.id))


def money_words(yuan: int) -> str:
    return f"{yuan // 10000}万元" if yuan % 10000 == 0 else f"{yuan}元"


def test_every_fine_stands_in_its_article(articles, book):
    for penalty in book.penalties:
        article = articles(book.id)[article_number(penalty.article)]
        for sums in (penalty.unit, penalty.persons, penalty.individual):
            if sums is not None:
                low = f"{money_words(sums[0])}以上" if sums[0] else ""
                high = money_words(sums[1])
                words = f"{high}罚款" if sums[0] == sums[1] else f"{low}{high}以下"
                assert words in article or words.replace("罚款", "的罚款") in article, (penalty.article, words)


def test_no_fine_of_the_answer_key_is_missing_and_none_is_added(key, book, national):
    names = ("unit_yuan", "unit_persons_yuan", "individual_yuan")
    theirs = {
        (p["article"], *(tuple(p[n]) if p[n] else None for n in names))
        for p in key["penalties"]
        if p["city"] == city_of(book)
    }
    assert {(p.article, p.unit, p.persons, p.individual) for p in book.penalties} == theirs
    bases = {p["article"]: p["basis"].replace("-", "") for p in key["penalties"] if p["city"] == city_of(book)}
    for article, words in bases.items():  # one article may fine two violations
        given = {article_number(b) for p in book.penalties if p.article == article for b in p.basis}
        assert given == {article_number(b) for b in words.split("、") if b}, article
    ours = {(p.article, p.unit or (), p.individual or ()) for p in national.penalties}
    theirs = {
        (p["article"], tuple(p["unit"] or ()), tuple(p.get("individual") or ()))
        for p in key["national_overlay_decree_799"]["penalties"]
    }
    assert theirs <= ours


def test_the_builder_rules_of_wuxi_name_what_article_ten_names(wuxi, articles):
    ten = articles("wuxi_2019")[10]
    rule = next(r for r in wuxi.builders if r.id == "wuxi_2019/government-list")
    named = {r.term for r in wuxi.rows if r.kind in rule.when.kinds}
    assert named == {"城市道路", "轨道交通", "桥梁", "隧道", "人行过街通道"}
    assert all(term in ten.split("其他应当建设")[0] for term in [*named, "大型广场"])


def test_the_builder_rules_of_changzhou_name_what_article_eight_names(articles):
    book = load_rulebook("changzhou_2014")
    first = articles("changzhou_2014")[8].split("前款规定外")[0]
    rules = {r.id.split("/")[1]: r for r in book.builders}
    kinds = {*rules["government-list"].when.kinds, *rules["large-square"].when.kinds}
    named = {r.term for r in book.rows if r.kind in kinds}
    assert named == {"城市道路", "路口", "城市主要出入口", "大型广场"}
    assert all(term in first for term in named)
    unnamed = {"高速公路", "隧道", "桥梁", "地铁", "城镇", "停车场"}  # so their managers, if the State's
    assert not any(term in first for term in unnamed)


def test_the_closed_sites_of_changzhou_are_the_holders_by_inference(articles):
    """E7: art. 8(2) speaks of 公共场所和部位; items 1, 2, 4, 9, 12 whole, the inner parts of 5 and 6, are none."""
    book = load_rulebook("changzhou_2014")
    assert "公共场所和部位" in articles("changzhou_2014")[8]
    closed = {r.kind for r in book.rows if r.item in ("（一）", "（二）", "（四）", "（六）", "（九）", "（十二）")}
    closed |= {r.kind for r in book.rows if r.item == "（五）"} - {"telecom_unit", "postal_unit"}  # 经营场所 are public
    rules = [r for r in book.builders if r.id.split("/")[1].startswith("closed-site")]
    assert [set(r.when.kinds) for r in rules] == [closed, closed]
    assert [(r.builder, r.confidence) for r in rules] == [("agreed_party", "medium"), ("holder_by_inference", "low")]


def test_who_may_build_in_public_places_at_all_is_told_where_the_text_tells_it(articles):
    """E9, E10: Changzhou 8(3) shuts others out and encourages nobody; Wuxi has no such ban and encourages firms."""
    authority = {
        city: [c.article for c in load_rulebook(city).clauses if c.topic == "authority"]
        for city in ("wuxi_2019", "changzhou_2014")
    }
    assert authority == {"wuxi_2019": [], "changzhou_2014": ["第八条第三款"]}
    assert "其他单位和个人不得擅自在公共场所建设" in articles("changzhou_2014")[8]
    assert "不得擅自在公共场所建设" not in articles("wuxi_2019")[10]
    assert [c.article for c in load_rulebook("wuxi_2019").encouragements] == ["第十条第三款"]
    assert load_rulebook("changzhou_2014").encouragements == ()


def test_changzhou_has_no_fine_of_its_own():
    """A normative document can set none (A15): every duty stands among the unfined."""
    book = load_rulebook("changzhou_2014")
    assert {(p.path, p.unit, p.persons, p.individual) for p in book.penalties} == {
        ("other_law", None, None, None),
        ("disciplinary", None, None, None),
    }
    unfined = {article_number(c.article) for c in book.unfined}
    assert {*range(7, 24)} == unfined
    assert not any(b.penalty_article for b in book.bans)


def test_a_reading_of_ours_is_told_on_the_row():
    """E8: 重要部位 may reach the last member of items 1, 3 and 7 only."""
    rows = [r for r in load_rulebook("changzhou_2014").rows if r.item in ("（一）", "（三）", "（七）")]
    assert [r.kind for r in rows if not (r.note[0] and r.note[1])] == []
    silent = [r.kind for r in rows if "重要部位" not in r.note[0]]
    assert silent == ["protected_heritage", "water_conservancy_facility"]  # 重要部位 stands on these two directly
    assert [r.kind for r in load_rulebook("changzhou_2014").rows if r.implied] == ["city_gateway"]


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
        ('criterion = "large_market"', 'criterion = "large_market", by_kind = true', ["farmers_market", "by_kind"]),
        ('kind = "museum"', 'kind = "museum", by_kind = true', ["museum", "by_kind"]),
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
