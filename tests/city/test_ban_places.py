"""The features that bans speak of, as OpenStreetMap and a planner's list show them."""

from __future__ import annotations

import json

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point, box

from checkout import ROOT
from citycover import tables, terms
from citycover.city.ban_places import BanRules, find_ban_places, load_bans
from citycover.city.gather import add_places
from citycover.city.planner_tables import parse_kinds
from citycover.city.read import read_osm
from citycover.city.registers import read_register
from citycover.errors import FileFormatError

CRS = 32650


def find(*drawn, houses=()):
    """Objects way/1 … or node/1 … from (tags, shape); houses from (tags, shape) are objects and buildings too."""
    rows = [*drawn, *houses]
    ids = [f"{'node' if s.geom_type == 'Point' else 'way'}/{i}" for i, (_, s) in enumerate(rows, start=1)]
    objects = gpd.GeoDataFrame(
        {"osm_id": ids, "tags": pd.Series([t for t, _ in rows], dtype=object), "closed": True},
        geometry=[s for _, s in rows],
        crs=CRS,
    )
    buildings = [
        {"building_id": i, "building": t["building"], "name": t.get("name"), "opaque": True, "geometry": s}
        for i, (t, s) in zip(ids, rows, strict=True)
        if "building" in t
    ]
    found = find_ban_places(objects, tables.conform("buildings", buildings, crs=CRS))
    tables.check(found, "ban_places")
    return found


def of(found, place_type):
    return found[found["place_type"] == place_type].reset_index(drop=True)


def test_a_toilet_without_a_building_stays_a_point_to_be_kept_clear_by_four_metres():
    row = of(find(({"amenity": "toilets", "name": "湖滨公厕"}, Point(5, 5))), "toilet").iloc[0]
    assert (row["direct"], row["located"], row["near"], row["name"]) == (True, "point", 4.0, "湖滨公厕")


@pytest.mark.parametrize(
    ("house", "side", "direct"),
    [
        ({"building": "yes"}, 10, True),  # 100 m², no name: plainly the toilet's own
        ({"building": "yes"}, 40, False),  # 1600 m²
        ({"building": "yes", "name": "便民商店"}, 10, False),  # something else that holds a toilet
        ({"building": "yes", "name": "中山公厕"}, 40, True),
        ({"building": "retail"}, 10, False),
    ],
)
def test_a_building_with_a_toilet_in_it_is_the_toilet_only_where_it_is_plainly_its_own(house, side, direct):
    found = of(find(({"amenity": "toilets"}, Point(5, 5)), houses=[(house, box(0, 0, side, side))]), "toilet")
    own = found[found["place_id"] == "node/1"]
    if len(own):
        row = own.iloc[0]
        assert (row["direct"], row["located"]) == (direct, "ground" if direct else "building")
        assert row.geometry.area == side * side
    else:  # the building itself is mapped as the toilet by its name
        assert direct
        assert found["place_id"].tolist() == ["way/2"]


def test_a_toilet_mapped_as_point_and_as_building_is_one_feature():
    found = of(
        find(({"amenity": "toilets"}, Point(5, 5)), houses=[({"building": "toilets"}, box(0, 0, 9, 9))]), "toilet"
    )
    assert found["ban_id"].tolist() == ["way/2:toilet"]


def test_a_dormitory_is_a_host_and_never_the_forbidden_place_itself():
    found = find(({"building": "dormitory", "name": "职工宿舍"}, box(0, 0, 30, 12)))
    types = {"collective_dormitory", "individual_dormitory", "staff_rest_room"}
    assert set(found["place_type"]) == types
    assert not found["direct"].any()


def test_homes_are_no_dormitories():
    """Second reading E3: 宿舍 is not 住宅."""
    assert find(({"building": "apartments"}, box(0, 0, 30, 12)))["place_type"].tolist() == ["other_privacy_area"]


def test_words_make_a_dormitory_of_a_plain_building_but_not_of_a_quarter():
    found = find(
        ({"building": "yes", "name": "学生宿舍3号楼"}, box(0, 0, 30, 12)),
        ({"landuse": "residential", "name": "钢厂宿舍"}, box(100, 0, 200, 100)),
    )
    assert of(found, "collective_dormitory")["place_id"].tolist() == ["way/1"]


def test_a_host_mapped_as_ground_takes_the_buildings_on_it():
    """A sports centre of 100 m × 100 m with two halls of 20 m × 10 m on it, one beside it."""
    halls = [({"building": "yes"}, box(x, 10, x + 20, 20)) for x in (10, 50, 200)]
    row = of(find(({"leisure": "sports_centre"}, box(0, 0, 100, 100)), houses=halls), "changing_room").iloc[0]
    assert (row["direct"], row["located"], row.geometry.area) == (False, "building", 400.0)
    assert row.geometry.disjoint(box(190, 0, 230, 30))


def test_buildings_that_touch_are_joined_without_losing_ground():
    """Two halls of 200 m² that share 50 m²: 350 m² together."""
    halls = [({"building": "yes"}, box(10, 10, 30, 20)), ({"building": "yes"}, box(25, 10, 45, 20))]
    row = of(find(({"leisure": "sports_centre"}, box(0, 0, 100, 100)), houses=halls), "changing_room").iloc[0]
    assert row.geometry.is_valid
    assert row.geometry.area == pytest.approx(350.0)


def test_a_host_without_any_building_is_kept_and_said_not_to_be_located():
    found = find(
        ({"amenity": "bank", "name": "城东支行"}, Point(0, 0)), ({"leisure": "sports_centre"}, box(9, 9, 99, 99))
    )
    assert of(found, "financial_private_operation_area")["located"].tolist() == ["point"]
    assert of(found, "changing_room")["located"].tolist() == ["site"]


def test_military_ground_is_secret_and_keeps_no_name():
    found = find(({"landuse": "military", "name": "某部"}, box(0, 0, 50, 50)))
    row = found.iloc[0]
    assert (row["place_type"], row["secret"], row["direct"]) == ("military", True, True)
    assert pd.isna(row["name"])
    assert "某部" not in row["evidence"]


@pytest.mark.parametrize(
    "tags",
    [
        {"military": "bunker"},
        {"military": "yes", "historic": "fort"},
        {"building": "yes", "name": "武装部旧址"},
        {"amenity": "parking", "parking": "underground"},
        {"shop": "weapons"},
    ],
)
def test_nothing_is_inferred_to_be_secret(tags):
    assert not find((tags, box(0, 0, 20, 20)))["secret"].any()


def test_polling_places_are_never_taken_from_the_map():
    assert find(({"amenity": "polling_station"}, box(0, 0, 20, 20))).empty


def test_shuffled_objects_give_the_same_features():
    drawn = [
        ({"amenity": "toilets"}, Point(5, 5)),
        ({"tourism": "hotel", "building": "yes"}, box(20, 0, 40, 20)),
        ({"amenity": "karaoke_box"}, Point(30, 10)),
    ]
    one, other = find(*drawn), find(*drawn[::-1])
    assert len(one) == len(other)
    assert {(r.place_type, r.located, r.geometry.wkt) for r in one.itertuples()} == {
        (r.place_type, r.located, r.geometry.wkt) for r in other.itertuples()
    }


def test_the_rules_name_each_place_type_once_and_only_known_words(tmp_path):
    file = tmp_path / "bans.toml"
    good = (ROOT / "coverage/citycover/city/bans.toml").read_text("utf-8")
    for wrong, said in (
        (good.replace("[toilet]", "[loo]"), "loo, toilet"),
        (good.replace("direct = true }", "straight = true }", 1), "straight"),
        (good.replace('listed = "never', 'why = "never'), "classified_unit has none"),
        (good.replace("公厕|公共厕所|公共卫生间", "公厕(", 1), "regular expression"),
    ):
        file.write_text(wrong, "utf-8")
        load_bans.cache_clear()
        with pytest.raises(FileFormatError, match=said):
            load_bans(file)
    load_bans.cache_clear()
    assert isinstance(load_bans(), BanRules)


@pytest.fixture(scope="module")
def district():
    return read_osm(ROOT / "data" / "sample" / "district.osm")


def test_the_bans_of_the_embedded_district_are_found(district):
    """Its toilets and its bath are forbidden places themselves, its dormitory is a host."""
    truth = json.loads((ROOT / "data" / "sample" / "truth.json").read_text("utf-8"))["bans"]
    rows = district.ban_places
    direct = {
        t: set(rows.loc[(rows["place_type"] == t) & rows["direct"], "place_id"]) for t in ("toilet", "public_bath")
    }
    assert direct == {"toilet": set(truth["toilet"]), "public_bath": set(truth["public_bath"])}
    assert set(truth["staff_dormitory"]) <= set(rows.loc[rows["place_type"] == "collective_dormitory", "place_id"])
    tables.check(rows, "ban_places")


def read_list(tmp_path, district, *rows):
    """A planner's list: rows of kind, name, valid_from, valid_to, secret, at the middle of the district."""
    spot = gpd.GeoSeries([district.area.representative_point()], crs=district.crs).to_crs(4326).iloc[0]
    head = "场所编号,名称,类别,有效期自,有效期至,是否涉密,经度,纬度"
    lines = [f"P-{i},{','.join(row)},{spot.x:.6f},{spot.y:.6f}" for i, row in enumerate(rows, start=1)]
    file = tmp_path / "list.csv"
    file.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return read_register(file, as_="places", datum="wgs84", crs=district.crs)


def test_a_dated_list_of_polling_places_becomes_features_and_no_places(tmp_path, district):
    reading = read_list(tmp_path, district, ("第三投票站", "投票点", "2026/11/8", "2026-11-09", ""))
    city, lost = add_places(district, reading.table)
    assert reading.rejects.empty
    assert lost.empty
    row = city.ban_places.set_index("ban_id").loc["P-1:voting_place"]
    assert (row["valid_from"], row["valid_to"], row["located"], row["near"]) == (
        "2026-11-08",
        "2026-11-09",
        "point",
        20,
    )
    assert (row["name"], row["source"], row["secret"]) == ("第三投票站", "register", False)
    assert "P-1" not in set(city.places["place_id"]) | set(city.place_kinds["place_id"])
    assert set(city.place_kinds["kind"]) <= set(terms.KINDS)
    assert len(city.ban_places) == len(district.ban_places) + 1
    assert len(district.ban_places.query("source == 'register'")) == 0, "the city given is not changed"


def test_place_types_of_bans_are_no_kinds_that_a_decision_could_give():
    texts = pd.Series(["toilet", "投票点", "医院"], dtype="str")
    assert parse_kinds(texts)[1].notna().tolist() == [True, True, False]
    assert parse_kinds(texts, bans=True)[0].tolist() == ["toilet", "voting_place", "hospital"]


def test_a_listed_classified_unit_is_secret_and_a_row_of_two_kinds_is_both(tmp_path, district):
    reading = read_list(
        tmp_path, district, ("甲单位", "涉密单位", "", "", ""), ("乙宾馆", "hotel_lodging;hotel_guest_room", "", "", "")
    )
    city, _ = add_places(district, reading.table)
    rows = city.ban_places.set_index("ban_id")
    assert rows.loc["P-1:classified_unit", "secret"]
    assert not rows.loc["P-2:hotel_guest_room", "direct"]
    assert city.place_kinds.set_index("place_id").loc["P-2", "kind"] == "hotel_lodging"
    assert "P-1" not in set(city.places["place_id"])


def test_a_row_without_position_takes_the_ground_of_the_place_whose_id_it_bears(district):
    place = district.places[shapely.area(district.places.geometry.to_numpy()) > 0].iloc[0]
    given = tables.conform("places", [{"place_id": place["place_id"], "source": "register"}], crs=district.crs)
    given["kinds"], given["evidence"], given["source_row"] = "classified_unit", "list 2", 2
    city, lost = add_places(district, given)
    assert lost.empty
    row = city.ban_places.set_index("ban_id").loc[f"{place['place_id']}:classified_unit"]
    assert row.geometry.equals(place.geometry)
