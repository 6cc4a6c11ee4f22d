"""Cameras where no camera may stand: a hand-drawn town and a rulebook of four bans.

The toilet T is a point at (0, 0); the bath B a building (100 … 120, 0 … 10); the dormitory D (200 … 230, 0 … 12); the
hotel H (300 … 340, 0 … 20); homes A (400 … 430, 0 … 12); military ground M from x = 1000 east.
"""

from __future__ import annotations

import pytest
from shapely.affinity import affine_transform
from shapely.geometry import Point, box
from town import CRS_50N, make_cameras, make_town, table

from citycover import tables
from citycover.audit.ban_law import list_banned
from citycover.audit.conflicts import (
    count_features,
    count_unaimed,
    find_conflicts,
    select_features,
    summarise_conflicts,
)
from citycover.law.criteria import load_criteria
from citycover.law.rulebook import load_rulebook
from citycover.sight.views import camera_views

HEAD = """
[rulebook]
id = "{id}"
role = "{role}"
title_zh = "示例办法"
title_en = "Measures"
city_zh = "示例"
city_en = "Made"
nature_zh = "示例"
nature_en = "example"
in_force = 2020-01-01
articles = 4
validity_checked = false
validity_zh = "示例"
validity_en = "an example"

[[items]]
article = "第一条"
zh = "交通"
en = "traffic"
part = "key_parts"
rows = [ {{ term = "桥梁", kind = "bridge" }} ]

[[builders]]
id = "rest"
article = "第四条"
builder = "owner"
confidence = "low"
zh = "所有者"
en = "owner"

[[out_of_scope]]
article = "第三条"
zh = "其他"
en = "rest"
"""
BAN = """
[[bans]]
article = "第二条"
item = "{item}"
place_type = "{type}"
term = "{type}"
scope_zh = "设备"
scope_en = "devices"
penalty_article = "第三条"
"""
ZONE = """
[[consent_zones]]
article = "第三条"
kinds = ["state_organ"]
number = "consent_zone_m"
zh = "涉密单位周边"
en = "around"
"""


@pytest.fixture
def make_book(tmp_path):
    def make(*types, book_id="town_2020", role="city", zone=False):
        file = tmp_path / f"{book_id}.toml"
        bans = "".join(BAN.format(item=f"（{n}）", type=t) for t, n in zip(types, "一二三四五六七", strict=False))
        unused = "" if types else '\n[[out_of_scope]]\narticle = "第二条"\nzh = "无"\nen = "none"\n'
        file.write_text(HEAD.format(id=book_id, role=role) + bans + unused + (ZONE if zone else ""), encoding="utf-8")
        return load_rulebook(file)

    return make


BOX = {
    "toilet": Point(0, 0),
    "public_bath": box(100, 0, 120, 10),
    "collective_dormitory": box(200, 0, 230, 12),
    "hotel_guest_room": box(300, 0, 340, 20),
    "other_privacy_area": box(400, 0, 430, 12),
    "military": box(1000, -50, 1100, 50),
}
DIRECT = ("toilet", "public_bath", "military", "voting_place", "changing_room")


def ban(place_type, shape=None, **columns):
    shape = BOX[place_type] if shape is None else shape
    point = shape.geom_type == "Point"
    direct = place_type in DIRECT
    row = {
        "ban_id": f"{columns.get('place_id', place_type)}:{place_type}",
        "place_id": place_type,
        "place_type": place_type,
        "name": f"某{place_type}",
        "direct": direct,
        "located": "point" if point else "ground" if direct else "building",
        "near": {"toilet": 4.0, "voting_place": 20.0}.get(place_type),
        "evidence": "drawn",
        "source": "osm",
        "secret": place_type == "military",
        "geometry": shape,
    }
    return row | columns


def town(*bans, **rows):
    city = make_town(area=box(-2000, -2000, 2000, 2000), **rows)
    return city.with_tables(ban_places=table("ban_places", bans))


ALL = tuple(ban(t) for t in BOX)
BOOK = ("toilet", "public_bath", "collective_dormitory", "hotel_guest_room", "other_privacy_area")


def found(at, book, *, city=None, **options):
    camera = {k: options.pop(k) for k in ("name", "address", "indoor", "status", "outside", "same_as") if k in options}
    cameras = make_cameras({"geometry": at, **camera})
    rows = find_conflicts(cameras, town(*ALL) if city is None else city, book, **options)
    tables.check(rows, "conflicts")
    return rows


def one(at, book, **options):
    rows = found(at, book, **options)
    assert len(rows) == 1, rows[["place_id", "check", "level"]]
    return rows.iloc[0]


def test_a_camera_within_four_metres_of_a_toilet_without_a_building_is_an_error(make_book):
    row = one(Point(3, 0), make_book(*BOOK))
    assert (row["check"], row["level"], row["article"], row["item"]) == ("C1", "error", "第二条", "（一）")
    assert (row["place_id"], row["distance"], row["remedy"]) == ("toilet", 3.0, "remove")
    assert row["penalty_article"] == "第三条"
    assert "3.0 米" in row["reason"]


@pytest.mark.parametrize(("metres", "conflicts"), [(3.999, 1), (4.0, 1), (4.001, 0), (5.0, 0)])
def test_four_metres_are_the_limit_itself_included(make_book, metres, conflicts):
    assert len(found(Point(0, metres), make_book(*BOOK))) == conflicts


def test_inside_a_bath_is_an_error_on_its_wall_or_before_it_is_none(make_book):
    """A camera 2 m from the south wall, one on the wall, one 1 m before it, looking at the door."""
    book = make_book(*BOOK)
    row = one(Point(110, 2), book)
    assert (row["check"], row["level"], row["depth"], row["distance"]) == ("C1", "error", 2.0, 0.0)
    assert found(Point(110, 0), book).empty
    assert found(Point(110, -1), book).empty


def test_what_the_text_does_not_name_is_for_review_under_its_closing_clause(make_book):
    row = one(Point(110, 2), make_book("toilet", "other_privacy_area"))
    assert (row["level"], row["named"], row["item"], row["term"]) == ("review", False, "（二）", "other_privacy_area")
    assert "兜底" in row["reason"]


def test_what_neither_name_nor_closing_clause_covers_is_no_conflict(make_book):
    assert found(Point(110, 2), make_book("toilet")).empty


def test_a_dormitory_is_for_review_never_an_error(make_book):
    """Second reading E3: a stair of a dormitory is not in a room of it."""
    row = one(Point(210, 5), make_book(*BOOK))
    assert (row["check"], row["level"], row["remedy"]) == ("C2", "review", "state_room")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (None, ("review", "state_room")),
        ("宾馆摄像机02", ("review", "state_room")),
        ("宾馆一楼大厅", None),
        ("Hotel LOBBY 1", None),
        ("3层走廊", None),
        ("8012客房", ("review", "check_room")),
        ("更衣室门口", ("review", "check_room")),
    ],
)
def test_a_hotel_asks_for_the_room_unless_the_register_names_the_lobby_or_a_passage(make_book, name, answer):
    rows = found(Point(310, 5), make_book(*BOOK), name=name)
    assert [tuple(r) for r in rows[["level", "remedy"]].to_numpy()] == ([answer] if answer else [])


def test_a_room_named_in_the_address_is_told_but_a_square_in_it_settles_nothing(make_book):
    book = make_book(*BOOK)
    assert one(Point(310, 5), book, address="中央广场1号大堂酒店")["remedy"] == "state_room"
    assert one(Point(310, 5), book, name="02", address="三楼卫生间")["remedy"] == "check_room"


def test_homes_are_a_warning_and_so_is_a_camera_registered_as_outdoors(make_book):
    book = make_book(*BOOK)
    assert one(Point(410, 5), book)["level"] == "warning"
    row = one(Point(310, 5), book, indoor=False)
    assert row["level"] == "warning"
    assert "室外" in row["reason"]
    row = one(Point(110, 2), book, indoor=False)  # of the bath itself it stays an error, and is told
    assert row["level"] == "error"
    assert "室外" in row["reason"]


def test_one_question_is_asked_per_camera_however_many_hosts_a_building_has(make_book):
    """A hotel with a karaoke in it: the type that the text names speaks first, both are told."""
    book = make_book("hotel_guest_room", "other_privacy_area")
    city = town(ban("hotel_guest_room"), ban("entertainment_private_room", BOX["hotel_guest_room"]))
    row = one(Point(310, 5), book, city=city)
    assert (row["place_id"], row["place_type"]) == ("hotel_guest_room", "hotel_guest_room;entertainment_private_room")
    assert "旅馆客房、娱乐场所包房" in row["reason"]


ZONE_DRAWN = box(500, 0, 520, 20)
DAYS = {"valid_from": "2026-11-08", "valid_to": "2026-11-09", "source": "register"}


@pytest.mark.parametrize(
    ("on", "levels"),
    [
        ("2026-11-07", []),
        ("2026-11-08", ["error"]),
        ("2026-11-09", ["error"]),
        ("2026-11-10", []),
        (None, ["review"]),
    ],
)
def test_a_drawn_zone_of_a_polling_place_is_an_error_on_its_days_only(make_book, on, levels):
    city = town(ban("voting_place", ZONE_DRAWN, **DAYS))
    rows = found(Point(510, 10), make_book("voting_place"), city=city, on=on)
    assert rows["level"].tolist() == levels
    assert set(rows["check"]) <= {"C6"}


@pytest.mark.parametrize(("metres", "levels"), [(19.9, ["review"]), (20.1, [])])
def test_around_a_polling_place_without_a_zone_the_distance_is_for_review(make_book, metres, levels):
    city = town(ban("voting_place", Point(500, 0), **DAYS))
    rows = found(Point(500, metres), make_book("voting_place"), city=city, on="2026-11-08")
    assert rows["level"].tolist() == levels
    assert set(rows["remedy"]) <= {"check_zone"}


def test_polling_places_bind_only_under_a_text_that_names_them(make_book):
    """Second reading E3: Chongqing alone; the closing clause of another city does not reach it."""
    city = town(ban("voting_place", ZONE_DRAWN, **DAYS))
    assert found(Point(510, 10), make_book(*BOOK), city=city, on="2026-11-08").empty
    assert count_features(city, make_book(*BOOK), on="2026-11-08") == 0


def test_anything_else_with_days_binds_on_them_only(make_book):
    city = town(ban("toilet", **DAYS))
    book = make_book("toilet")
    assert found(Point(0, 0), book, city=city, on="2026-11-08")["level"].tolist() == ["error"]
    assert found(Point(0, 0), book, city=city, on="2026-12-01").empty


@pytest.mark.parametrize(("metres", "conflicts"), [(99.0, 1), (100.0, 1), (101.0, 0), (-10.0, 1)])
def test_within_a_hundred_metres_of_military_ground_consent_is_to_be_reviewed(make_book, metres, conflicts):
    rows = found(Point(1000 - metres, 0), make_book("toilet", zone=True))
    assert len(rows) == conflicts
    assert set(rows["check"] + rows["level"] + rows["remedy"]) <= {"C7reviewseek_consent"}
    assert set(rows["article"]) <= {"第三条"}
    assert rows["name"].isna().all()
    assert rows["secret"].all()
    assert not rows["reason"].str.contains("某").any()


def test_no_text_with_a_duty_of_consent_means_no_question_of_consent(make_book):
    assert found(Point(1050, 0), make_book(*BOOK)).empty


def test_the_duty_of_consent_of_the_higher_law_is_cited_as_its_own(make_book):
    row = one(
        Point(950, 0), make_book("toilet"), overlay=make_book("toilet", book_id="upper_2025", role="overlay", zone=True)
    )
    assert (row["rulebook"], row["article"]) == ("upper_2025", "第三条")


def test_both_laws_that_ask_for_consent_are_one_row_the_citys_first(make_book):
    upper = make_book("toilet", book_id="upper_2025", role="overlay", zone=True)
    row = one(Point(950, 0), make_book("toilet", zone=True), overlay=upper)
    assert (row["rulebook"], row["overlay_article"]) == ("town_2020", "第三条")


def organs(*metres, candidate=False, secret=False, kind="state_organ"):
    """Organs of 10 m × 10 m whose nearest wall lies so far north of the corner."""
    places = [
        {"place_id": f"way/{m}", "name": f"机关{m}", "secret": secret, "geometry": box(-5, m, 5, m + 10)}
        for m in metres
    ]
    kinds = [
        {"place_id": p["place_id"], "kind": kind, "evidence": "e", "confidence": "high", "candidate": candidate}
        for p in places
    ]
    return town(places=places, place_kinds=kinds)


def test_of_organs_that_may_hold_secrets_the_nearest_is_asked(make_book):
    row = one(Point(0, 0), make_book("toilet", zone=True), city=organs(60, 30, 120))
    assert (row["place_id"], row["name"], row["distance"], row["level"]) == ("way/30", "机关30", 30.0, "review")
    assert not row["secret"]


def test_a_place_that_only_may_be_an_organ_asks_for_nothing(make_book):
    assert found(Point(0, 0), make_book("toilet", zone=True), city=organs(30, candidate=True)).empty


def test_each_secret_place_of_the_planners_list_is_asked_and_never_named(make_book):
    city = organs(30, 60, secret=True, kind="weapons_ammunition_site")
    rows = found(Point(0, 0), make_book("toilet", zone=True), city=city)
    assert rows["place_id"].tolist() == ["way/30", "way/60"]
    assert rows["name"].isna().all()
    assert rows["secret"].all()
    assert rows["place_type"].unique().tolist() == ["classified_unit"]


def test_the_higher_law_bans_what_the_city_leaves_to_its_closing_clause(make_book):
    """Named above, only covered below: the higher law answers; named below and above: the city's, with the other."""
    upper = make_book("public_bath", book_id="upper_2025", role="overlay")
    row = one(Point(110, 2), make_book("toilet", "other_privacy_area"), overlay=upper)
    assert (row["level"], row["rulebook"], row["item"]) == ("error", "upper_2025", "（一）")
    row = one(Point(110, 2), make_book("toilet", "public_bath"), overlay=upper)
    assert (row["rulebook"], row["item"], row["overlay_article"]) == ("town_2020", "（二）", "第二条（一）")


@pytest.mark.parametrize("given", [{"status": "removed"}, {"outside": True}, {"same_as": "c9"}])
def test_cameras_that_are_gone_outside_or_counted_elsewhere_are_not_judged(make_book, given):
    assert found(Point(110, 2), make_book(*BOOK), **given).empty


@pytest.mark.parametrize("status", ["planned", "approved", "repair", "out_of_use"])
def test_planned_and_idle_cameras_are_judged(make_book, status):
    assert len(found(Point(110, 2), make_book(*BOOK), status=status)) == 1


def test_a_camera_without_a_position_is_passed_over(make_book):
    assert found(None, make_book(*BOOK)).empty


def test_hostile_names_come_through_as_text(make_book):
    evil = "</script><script>alert(2)</script>{{ 7*7 }}{what}{0}"
    row = one(Point(310, 5), make_book(*BOOK), name=evil, city=town(ban("hotel_guest_room", name=evil)))
    assert row["name"] == evil
    assert evil not in row["reason"]


def test_nothing_found_says_among_how_many_features_and_that_rooms_were_not_checked(make_book):
    """Five features that the text names or covers; military ground is none, for no text asks for consent."""
    book, city = make_book(*BOOK), town(*ALL)
    rows = find_conflicts(make_cameras({"geometry": Point(-500, -500)}), city, book)
    n = count_features(city, book)
    assert n == 5
    assert summarise_conflicts(rows, n, "en") == "no conflict found among 5 mapped features; indoor rooms not checked"
    assert summarise_conflicts(rows, n, "zh") == "在 5 个地图要素中未发现冲突；室内房间未检查"


def test_features_that_could_not_be_located_are_not_counted_as_looked_at(make_book):
    city = town(
        ban("hotel_guest_room", Point(0, 0)), ban("changing_room", box(0, 0, 9, 9), direct=False, located="site")
    )
    book = make_book(*BOOK)
    assert count_features(city, book) == 0
    assert found(Point(1, 1), book, city=city).empty


def test_found_conflicts_are_called_suspected_and_counted_by_level(make_book):
    book, city = make_book(*BOOK), town(*ALL)
    spots = [Point(3, 0), Point(110, 2), Point(210, 5), Point(410, 5)]
    rows = find_conflicts(make_cameras(*({"geometry": s} for s in spots)), city, book)
    said = summarise_conflicts(rows, 5, "en")
    assert said.startswith(
        "4 suspected conflicts, to be verified (4 camera rows): conflict 2, to be reviewed 1, warning 1"
    )
    assert "疑似" in summarise_conflicts(rows, 5, "zh")


def test_no_cameras_or_no_features_give_an_empty_declared_table(make_book):
    book = make_book(*BOOK)
    for cameras, city in (
        (make_cameras(), town(*ALL)),
        (make_cameras({"geometry": Point(0, 0)}), town()),
        (make_cameras({"geometry": Point(0, 0)}), make_town()),  # a city that was made without ban places
    ):
        rows = find_conflicts(cameras, city, book)
        assert list(rows.columns) == tables.TABLES["conflicts"].column_names()
        assert rows.empty


def test_shuffled_and_moved_towns_give_the_same_conflicts(make_book):
    book = make_book(*BOOK, zone=True)
    cameras = make_cameras(*({"geometry": Point(x, 3)} for x in (2, 110, 210, 310, 410, 950)))
    keys = ["camera_id", "place_id", "check", "level", "reason"]
    city = town(*ALL)
    first = find_conflicts(cameras, city, book)
    assert len(first) == 6
    turned = city.with_tables(ban_places=city.ban_places.iloc[::-1].reset_index(drop=True))
    back = find_conflicts(cameras.iloc[::-1].reset_index(drop=True), turned, book)
    assert first[keys].sort_values(keys).to_numpy().tolist() == back[keys].sort_values(keys).to_numpy().tolist()
    quarter = [0.0, -1.0, 1.0, 0.0, 4_000_000.0, 3_000_000.0]  # a quarter turn; metres stay metres
    moved = [
        t.set_geometry([affine_transform(g, quarter) for g in t.geometry], crs=CRS_50N)
        for t in (cameras, city.ban_places)
    ]
    again = find_conflicts(moved[0], city.with_tables(ban_places=moved[1]), book)
    assert again[keys].to_numpy().tolist() == first[keys].to_numpy().tolist()


def test_inputs_are_not_changed(make_book):
    cameras, city = make_cameras({"geometry": Point(3, 0)}), town(*ALL)
    before = cameras.copy(), city.ban_places.copy()
    find_conflicts(cameras, city, make_book(*BOOK))
    assert cameras.equals(before[0])
    assert city.ban_places.equals(before[1])


def test_wuxi_names_five_place_types_and_covers_the_rest_but_polling_places():
    """Article 9: 旅馆客房、集体宿舍、公共浴室、更衣室、卫生间 and 其他区域和部位."""
    banned = list_banned(load_rulebook("wuxi_2019"))
    named = {"hotel_guest_room", "collective_dormitory", "public_bath", "changing_room", "toilet"}
    assert set(banned.index[banned["named"]]) == named
    assert "voting_place" not in banned.index
    assert set(banned["article"]) == {"第九条"}
    assert not banned.loc["other_privacy_area", "named"]


def test_chongqing_names_polling_places_private_rooms_and_individual_dormitories():
    """Article 10 （一） to （五）, ten place types; what it does not name falls under （六）."""
    banned = list_banned(load_rulebook("chongqing_2016"))
    items = banned.loc[banned["named"], "item"]
    assert items.value_counts().to_dict() == {"（一）": 2, "（二）": 2, "（三）": 4, "（四）": 1, "（五）": 1}
    assert items["voting_place"] == "（五）"
    assert set(banned.loc[~banned["named"], "item"]) == {"（六）"}


def test_the_national_regulation_names_fitting_and_nursing_rooms_over_wuxi():
    banned = list_banned(load_rulebook("wuxi_2019"), overlay=load_rulebook("national_2025"))
    rows = banned.loc[["fitting_room", "lactation_room"]]
    assert rows["named"].all()
    assert set(rows["rulebook"]) == {"national_2025"}
    assert banned.loc["toilet", ["rulebook", "overlay_article"]].tolist() == ["wuxi_2019", "第八条（三）"]


def test_features_carry_what_the_law_says_of_them(make_book):
    rows = select_features(town(*ALL).ban_places, make_book("toilet", "other_privacy_area"))
    said = rows.set_index("place_type")[["named", "item"]]
    assert said.loc["toilet"].tolist() == [True, "（一）"]
    assert said.loc["hotel_guest_room"].tolist() == [False, "（二）"]
    assert "military" not in said.index


def watching(at, city, book, **camera):
    """Conflicts of one camera that looks all round over 60 m, with its view."""
    base = {"hfov": 360.0, "reach": 60.0, "pixels": 9817, "azimuth": 0.0}  # 9817 px / 2π: 125 px/m at 12.5 m
    cameras = make_cameras({"geometry": at, **base, **camera})
    views = camera_views(cameras, city.buildings)
    rows = find_conflicts(cameras, city, book, views=views, lang="en")
    tables.check(rows, "conflicts")
    return rows[rows["check"].isin(["C3", "C4", "C5"])]


def houses(*shapes):
    return [{"building_id": f"b{i}", "geometry": shape} for i, shape in enumerate(shapes)]


def test_a_view_that_reaches_the_door_of_a_bath_is_reviewed(make_book):
    book = make_book(*BOOK)
    bath = BOX["public_bath"]
    door = [{"entrance_id": "E", "geometry": Point(110, 0)}]
    seen = watching(Point(110, -10), town(ban("public_bath"), buildings=houses(bath), entrances=door), book)
    assert seen[["check", "level"]].to_numpy().tolist() == [["C3", "review"]]
    assert "an entrance" in seen["reason"].iloc[0]
    behind = watching(Point(110, 20), town(ban("public_bath"), buildings=houses(bath), entrances=door), book)
    assert behind.empty  # the door lies on the other side
    blank = watching(Point(110, 20), town(ban("public_bath"), buildings=houses(bath)), book)
    assert "no gate is mapped" in blank["reason"].iloc[0]


def test_metres_of_facade_seen_sharply_are_told(make_book):
    # homes at y = 0 … 12, camera 10 m before them: 125 px/m reach 12.5 m, √(12.5² - 10²) = 7.5 m to each side: 15 m
    book = make_book(*BOOK)
    city = town(ban("other_privacy_area"), buildings=houses(BOX["other_privacy_area"]))
    seen = watching(Point(415, -10), city, book)
    assert seen[["check", "level", "unit"]].to_numpy().tolist() == [["C4", "warning", "m"]]
    assert seen["amount"].iloc[0] == pytest.approx(15.0, abs=0.01)
    assert "tilt or vertical angle unknown" in seen["reason"].iloc[0]
    # a house between, right half hidden: from x = 415 on, so 7.5 m stay
    wall = box(415, -6, 440, -5)
    half = watching(Point(415, -10), city.with_tables(buildings=table("buildings", with_wall(wall))), book)
    assert half["amount"].iloc[0] == pytest.approx(7.5, abs=0.05)
    assert watching(Point(415, -14), city, book).empty  # 14 m off: 112 px/m at best
    # lens at 3 m, upper rim 20° below the horizon: 3 - 10 · tan 20° = -0.6 m at the wall: below every sill
    down = {"tilt": 40.0, "vfov": 40.0, "mount_height": 3.0}
    assert watching(Point(415, -10), city, book, **down).empty
    # at 70° from the normal and more nothing counts: 1 m before the wall 2 · tan 70° = 5.5 m
    near = watching(Point(415, -1), city, book)
    assert near["amount"].iloc[0] == pytest.approx(5.495, abs=0.05)


def with_wall(wall):
    shapes = [BOX["other_privacy_area"], wall]
    return [{"opaque": True, "layer": 0, **row} for row in houses(*shapes)]


def test_half_a_view_on_private_ground_is_told_and_unknown_ground_is_not_private(make_book):
    # the camera stands at the border of a compound: half of its circle lies in it, half on a square
    book = make_book(*BOOK)
    place = {"place_id": "way/1", "name": "苑", "geometry": box(500, -100, 700, 100)}
    square = {"ground_id": "g", "ground_kind": "square", "geometry": box(300, -100, 500, 100)}
    seen = watching(Point(499.99, 0), town(places=[place], public_ground=[square]), book)
    assert seen[["check", "level", "unit", "place_id"]].to_numpy().tolist() == [["C5", "warning", "%", "way/1"]]
    assert seen["amount"].iloc[0] == pytest.approx(50.0, abs=0.2)
    assert "(0 % more" in seen["reason"].iloc[0]
    unknown = watching(Point(499.99, 0), town(places=[place]), book)
    assert "(50 % more" in unknown["reason"].iloc[0]
    assert watching(Point(510, 0), town(places=[place], public_ground=[square]), book).empty  # its own site
    assert watching(Point(470, 0), town(places=[place], public_ground=[square]), book).empty  # under 30 %


def test_a_camera_of_unknown_direction_is_accused_of_nothing_it_may_see(make_book):
    book = make_book(*BOOK)
    city = town(ban("other_privacy_area"), buildings=houses(BOX["other_privacy_area"]))
    assert watching(Point(415, -10), city, book, hfov=60.0, azimuth=None).empty


def test_cameras_whose_view_could_not_be_asked_are_counted_in_the_sentence():
    known = {"geometry": Point(0, 0), "azimuth": 0.0, "hfov": 60.0, "reach": 30.0}
    cameras = make_cameras(known, {**known, "azimuth": None}, {**known, "azimuth": None, "status": "removed"})
    n = count_unaimed(cameras, camera_views(cameras, town().buildings))
    assert n == 1  # the second; the third is gone and nobody judges it
    nothing = tables.conform("conflicts", [])
    assert summarise_conflicts(nothing, 5, "zh", unaimed=n).endswith("另有 1 条摄像机方向未知，未检查其视域")
    assert "what 1 camera rows of unknown direction look into" in summarise_conflicts(nothing, 5, "en", unaimed=n)


def test_the_limits_of_facades_and_private_ground_are_the_planners(make_book, tmp_path):
    book = make_book(*BOOK)
    home = BOX["other_privacy_area"]
    city = town(ban("other_privacy_area"), buildings=houses(home))
    south = Point((home.bounds[0] + home.bounds[2]) / 2, home.bounds[1] - 10)
    camera = make_cameras({"geometry": south, "azimuth": 0.0, "hfov": 360.0, "reach": 60.0, "pixels": 9817})
    views = camera_views(camera, city.buildings)

    def checks(text):
        (tmp_path / "c.toml").write_text(text, encoding="utf-8")
        criteria = load_criteria(tmp_path / "c.toml")
        rows = find_conflicts(camera, city, book, views=views, criteria=criteria, lang="en")
        return set(rows["check"]) & {"C4"}

    assert checks("") == {"C4"}  # 125 px/m reach 12.5 m, the wall stands 10 m off
    assert checks("facade_density_px_m = 250\n") == set()  # 250 px/m reach 6.2 m
    assert checks("facade_least_m = 100\n") == set()
