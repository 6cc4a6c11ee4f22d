"""Which place falls under which item, and how sure."""

from __future__ import annotations

import pandas as pd
import pytest
from shapely.geometry import box

from citycover import tables
from citycover.errors import TableError
from citycover.law.criteria import load_criteria
from citycover.law.mandates import FACT_COLUMNS, find_mandates, judge_places, unshown_rows


def standing(city, wuxi, **options) -> list[str]:
    return find_mandates(city, wuxi, **options)["standing"].tolist()


@pytest.mark.parametrize(
    ("place", "wanted", "word"),
    [
        ({"kind": "education_institution"}, "named", "无限定"),
        ({"kind": "airport"}, "named", "重要"),  # 重要 is ambiguous here: it drops nothing
        ({"kind": "farmers_market", "ground": 3000.0}, "qualified", "符合"),
        ({"kind": "farmers_market"}, "undecided", "不能认定"),
        ({"kind": "large_energy_facility", "voltage_kv": 220.0}, "qualified", "符合"),
        ({"kind": "large_energy_facility"}, "undecided", "不能认定"),
        ({"kind": "protected_heritage", "heritage_level": "2"}, "qualified", "符合"),
        ({"kind": "protected_heritage"}, "undecided", "文物保护单位名录"),
        ({"kind": "religious_place"}, "undecided", "宗教活动场所登记名册"),
        ({"kind": "material_reserve_depot", "ground": 90000.0}, "undecided", "重要物资"),  # 重要 is no size
        ({"kind": "complex_inland_water"}, "undecided", "公安机关"),
        ({"kind": "transport_hub_other"}, "undecided", "重要交通枢纽"),
        ({"kind": "residential_compound", "candidate": True}, "undecided", "仅提示"),
        ({"kind": "urban_road", "road_class": "residential"}, "named", "未达"),  # the class only ranks
        ({"kind": "square", "ground": 400.0}, "named", "无限定"),  # the duty covers every square
        ({"kind": "water_conservancy_facility", "ground": 1e6}, "named", "未达"),  # 大型 may not reach 水利
        ({"kind": "religious_place", "source": "register"}, "designated", "登记"),
        ({"kind": "weapons_ammunition_site", "source": "register"}, "named", "无限定"),
        ({"kind": "energy_service_station_other"}, "named", "无限定"),
    ],
)
def test_standing_follows_qualifier_criterion_list_and_evidence(make_city, wuxi, place, wanted, word):
    mandates = find_mandates(make_city(place), wuxi)
    assert mandates["standing"].tolist() == [wanted]
    assert word in mandates["standing_reason"].iloc[0]


@pytest.mark.parametrize(
    "place",
    [
        {"kind": "farmers_market", "ground": 2999.0},
        {"kind": "protected_heritage", "heritage_level": "county"},
        {"kind": "large_energy_facility", "output_mw": 2.0},
        {"kind": "farmers_market", "ground": 100.0, "candidate": True},
    ],
)
def test_an_explicit_qualifier_that_is_clearly_not_met_drops_the_place_and_says_so(make_city, wuxi, place):
    city = make_city(place)
    assert len(find_mandates(city, wuxi)) == 0
    judged = judge_places(city, wuxi)
    assert judged["verdict"].tolist() == ["not_met"]
    assert judged["standing"].isna().all()


def test_vehicles_come_from_registers_alone_and_are_never_points_on_a_map(make_city, wuxi):
    city = make_city({"kind": "public_transport_vehicle"}, {"kind": "rail_transit_vehicle", "source": "register"})
    assert judge_places(city, wuxi)["verdict"].tolist() == ["vehicle", "mandate"]
    mandates = find_mandates(city, wuxi)
    assert mandates["kind"].tolist() == ["rail_transit_vehicle"]
    assert mandates.geometry.isna().all()
    assert city.places.geometry.notna().all()  # what was given is not changed


def test_a_planners_number_moves_the_line(make_city, wuxi, tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("large_market_min_area_m2 = 2000", encoding="utf-8")
    city = make_city({"kind": "farmers_market", "ground": 2500.0})
    assert standing(city, wuxi) == []
    mandates = find_mandates(city, wuxi, criteria=load_criteria(path))
    assert mandates["standing"].tolist() == ["qualified"]
    assert "2000 m² (own.toml)" in mandates["criterion"].iloc[0]


def test_a_kind_that_the_rulebook_does_not_name_has_no_mandate(make_city, wuxi):
    assert len(judge_places(make_city({"kind": "road_junction"}, {"kind": "hotel_lodging"}), wuxi)) == 0


def test_one_place_of_several_kinds_has_a_row_for_each_item(make_city, wuxi):
    city = make_city({"kinds": ["fuel_station", "gas_filling_station", "flammable_explosive_goods_site"]})
    mandates = find_mandates(city, wuxi)
    assert mandates["item"].tolist() == ["（二）", "（二）", "（三）"]
    assert mandates["mandate_id"].is_unique


def test_the_table_is_sound_carries_facts_and_keeps_the_geometry(make_city, wuxi):
    city = make_city(
        {"kind": "park", "name": "锡惠公园", "operator": "公园管理处", "ground": 5e4, "district": "梁溪区"},
        {"kind": "square", "ground": 12000.0, "department": "城管局"},
    )
    mandates = find_mandates(city, wuxi)
    tables.check(mandates, "mandates")
    assert set(FACT_COLUMNS) <= set(mandates.columns)
    assert mandates.crs == city.crs
    park = mandates[mandates["kind"] == "park"].iloc[0]
    assert park.geometry.equals(city.places.geometry.iloc[0])
    assert (park["operator"], park["district"]) == ("公园管理处", "梁溪区")
    assert mandates["department"].tolist() == ["城管局", "市政园林（城市管理）"]  # the place's own comes first
    assert mandates["builder"].isna().all()


def test_shuffling_places_changes_nothing(make_city, wuxi):
    places = [
        {"place_id": f"way/{n}", "kind": k, "geometry": box(100 * n, 0, 100 * n + 50, 50)}
        for n, k in enumerate(["park", "museum", "square", "park", "urban_road"])
    ]
    one, other = (find_mandates(make_city(*order), wuxi) for order in (places, places[::-1]))
    columns = ["mandate_id", "place_id", "kind", "standing"]
    pd.testing.assert_frame_equal(one[columns], other[columns])


def test_the_id_depends_on_place_rulebook_item_and_kind_alone(make_city, wuxi):
    plain = find_mandates(make_city({"place_id": "way/7", "kind": "park"}), wuxi)
    richer = find_mandates(make_city({"place_id": "way/7", "kind": "park", "operator": "甲", "ground": 9.0}), wuxi)
    anew = find_mandates(make_city({"place_id": "relation/9", "kind": "park"}), wuxi)  # the same ground, drawn anew
    named = find_mandates(make_city({"place_id": "way/7", "kind": "park", "name": "锡惠公园"}), wuxi)
    ids = [table["mandate_id"].iloc[0] for table in (plain, richer, anew, named)]
    assert ids[0] == ids[1] == ids[2] != ids[3]


def test_places_of_one_content_are_numbered_and_registers_keep_their_own_ids(make_city, wuxi):
    spot = box(0, 0, 50, 50)
    one, other = ({"place_id": f"way/{n}", "kind": "park", "geometry": spot} for n in (1, 2))
    ids = find_mandates(make_city(one, other), wuxi)["mandate_id"].tolist()
    assert ids[1] == ids[0] + "-2"
    registered = [
        find_mandates(make_city({"place_id": i, "kind": "park", "geometry": spot}), wuxi)["mandate_id"].iloc[0]
        for i in ("P-1", "P-2")
    ]
    assert registered[0] != registered[1]


def test_the_weaker_of_place_and_row_is_the_confidence(make_city, wuxi):
    city = make_city(
        {"kind": "park", "confidence": "low"},
        {"kind": "bridge", "confidence": "high"},
        {"kind": "museum", "confidence": "high"},
    )
    found = find_mandates(city, wuxi).set_index("kind")["confidence"]
    assert found.to_dict() == {"park": "low", "bridge": "medium", "museum": "high"}


def test_records_designate_and_undesignate_what_was_open_and_never_drop_what_the_text_names(make_city, wuxi):
    city = make_city(
        {"place_id": "a", "kind": "religious_place"},
        {"place_id": "b", "kind": "religious_place"},
        {"place_id": "c", "kind": "museum"},
        {"place_id": "d", "kind": "material_reserve_depot"},
    )
    rows = [("a", "是"), ("b", "否"), ("c", "no"), ("d", "第八条（二）")]
    records = tables.conform("records", [{"place_id": p, "fact": "designation", "value": v} for p, v in rows])
    found = find_mandates(city, wuxi, records=records).set_index("place_id")["standing"]
    assert found.to_dict() == {"a": "designated", "c": "named", "d": "designated"}


def test_a_designation_in_words_settles_the_row_it_speaks_of_alone(make_city, wuxi):
    city = make_city(
        {"place_id": "a", "kinds": ["religious_place", "protected_heritage"]},
        {"place_id": "b", "kinds": ["religious_place", "protected_heritage"]},
    )
    rows = [("a", "宗教活动场所登记证"), ("b", "联席会议纪要")]
    records = tables.conform("records", [{"place_id": p, "fact": "designation", "value": v} for p, v in rows])
    found = find_mandates(city, wuxi, records=records).set_index(["place_id", "kind"])["standing"]
    assert found.to_dict() == {
        ("a", "religious_place"): "designated",
        ("a", "protected_heritage"): "undecided",
        ("b", "religious_place"): "designated",
        ("b", "protected_heritage"): "designated",
    }


def test_records_that_disagree_are_refused(make_city, wuxi):
    rows = [{"place_id": "way/1", "fact": "designation", "value": v} for v in ("yes", "no")]
    with pytest.raises(TableError, match="designation of way/1"):
        find_mandates(make_city({"kind": "museum"}), wuxi, records=pd.DataFrame(rows))


def test_kinds_of_a_place_that_is_not_there_are_refused(make_city, wuxi):
    city = make_city({"kind": "museum"})
    stray = city.with_tables(places=city.places.iloc[:0])
    with pytest.raises(TableError, match="'way/1'"):
        find_mandates(stray, wuxi)


def test_an_empty_city_has_an_empty_table_of_mandates(make_city, wuxi):
    mandates = find_mandates(make_city(), wuxi)
    tables.check(mandates, "mandates")
    assert len(mandates) == 0


def test_what_a_map_cannot_show_is_listed_with_its_reason(wuxi):
    shown = {r.kind for r in wuxi.rows} - {"weapons_ammunition_site", "other_complex_security_place"}
    rows = unshown_rows(wuxi, shown, lang="en").set_index("kind")["reason"]
    vehicles = ["public_transport_vehicle", "rail_transit_vehicle", "passenger_coach_vehicle", "cruise_vessel"]
    assert [k for k in rows.index if "vehicle" in k or "vessel" in k] == [*vehicles, "transport_vehicle_other"]
    assert "list of the police" in rows["other_complex_security_place"]
    assert "layer" in rows["weapons_ammunition_site"]
    assert len(rows) == 7


def test_reasons_are_given_in_english_when_asked(make_city, wuxi):
    mandates = find_mandates(make_city({"kind": "religious_place"}), wuxi, lang="en")
    assert "register of places of religious activity" in mandates["standing_reason"].iloc[0]
    assert mandates["department"].iloc[0] == "ethnic and religious affairs"
