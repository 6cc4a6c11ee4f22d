"""Which item of which regulation names a kind, by our own reading of the four texts; sizes as our defaults set them.

A row is ``kind`` or ``kind:test``; a test looks at the plan's own facts and answers in, out, undecided or either.
"""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]

ITEMS: dict[str, tuple[str, dict[str, str]]] = {
    "wuxi_2019": (
        "第八条",
        {
            "（一）": "party_government_organ radio_station tv_station press_publisher important_news_unit education_institution research_institution medical_institution museum archive protected_heritage:heritage telecom_unit postal_unit religious_place:registered",
            "（二）": "large_energy_facility:mw water_conservancy_facility water_supply_facility power_supply_facility gas_supply_facility heat_supply_facility oil_depot fuel_station gas_filling_station energy_service_station_other material_reserve_depot:important",
            "（三）": "weapons_ammunition_site civil_explosives_site flammable_explosive_goods_site highly_toxic_goods_site radioactive_material_site drug_precursor_chemical_site explosive_precursor_chemical_site dangerous_goods_site",
            "（四）": "financial_institution auction_house jewelry_precious_goods_shop",
            "（五）": "airport port border_port_of_entry passenger_station wharf_pier transport_hub_other public_transport_vehicle rail_transit_vehicle passenger_coach_vehicle cruise_vessel transport_vehicle_other",
            "（六）": "expressway urban_road rail_transit_line rail_transit_station bridge tunnel pedestrian_crossing_facility public_transport_facility_other complex_inland_water",
            "（七）": "commercial_centre commercial_street farmers_market:market sports_venue scenic_area park convention_exhibition_centre square other_public_gathering_place",
            "（八）": "special_trade_premises internet_access_venue logistics_delivery_site entertainment_venue other_complex_security_place",
            "（九）": "residential_compound parking_facility emergency_evacuation_site other_common_parts",
            "（十）": "other_designated_place",
        },
    ),
    "changzhou_2014": (
        "第七条",
        {
            "（一）": "weapons_ammunition_site flammable_explosive_store flammable_explosive_goods_site:either highly_toxic_goods_site pathogen_store controlled_drug_store radioactive_material_site drug_precursor_chemical_site pathogen_culture_lab",
            "（二）": "state_secret_archive",
            "（三）": "museum memorial_hall exhibition_hall cultural_relic_repository_other protected_heritage:heritage",
            "（四）": "financial_vault_store",
            "（五）": "radio_station tv_station telecom_unit postal_unit communication_hub large_data_centre:data other_communications_unit",
            "（六）": "large_energy_facility:mw water_supply_facility power_supply_facility gas_supply_facility other_utility_unit",
            "（七）": "river_embankment reservoir artificial_lake flood_control_area water_conservancy_facility",
            "（八）": "airport port passenger_station:large wharf_pier public_parking expressway urban_road:important_class road_junction:important_junction central_town_road rail_transit_line rail_transit_station tunnel bridge:long",
            "（九）": "material_reserve_depot:reserve oil_depot:depot civil_air_defence_works:defence chemical_enterprise:chemical",
            "（十）": "hotel_lodging entertainment_venue internet_access_venue",
            "（十一）": "commercial_centre:medium_trade commercial_street farmers_market:market sports_venue park square:large_square hospital school_kindergarten other_public_gathering_place residential_compound:new",
            "（十二）": "public_transport_vehicle rail_transit_vehicle passenger_coach_vehicle passenger_vessel transport_vehicle_other",
            "（十三）": "other_designated_place",
            "第八条第一款": "city_gateway",
        },
    ),
    "nanchang_2016": (
        "第八条",
        {
            "（一）": "state_organ radio_station tv_station press_publisher important_news_unit",
            "（二）": "airport port passenger_station transport_hub_other urban_road:important_class main_highway bridge:long tunnel underground_passage road_junction:important_junction rail_transit_vehicle passenger_coach_vehicle public_transport_vehicle passenger_vessel transport_vehicle_other",
            "（三）": "large_energy_facility:mw water_conservancy_facility water_supply_facility power_supply_facility fuel_oil_supply_facility gas_supply_facility",
            "（四）": "telecom_unit postal_unit financial_institution",
            "（五）": "education_institution research_institution medical_institution cultural_venue:footprint sports_venue:footprint internet_access_venue",
            "（六）": "museum archive protected_heritage:heritage",
            "（七）": "commercial_centre:large_trade logistics_centre:reserve material_reserve_depot:reserve square:large_square parking_facility park scenic_area",
            "（八）": "dangerous_goods_site pathogen_culture_lab",
            "（九）": "defence_industry_unit national_key_project_unit",
            "（十）": "residential_compound",
            "（十一）": "other_designated_place",
        },
    ),
    "chongqing_2016": (
        "第九条",
        {
            "（一）": "pedestrian_street square:large_square pedestrian_underpass:important_underpass public_parking urban_road:important_class township_main_road road_junction:important_junction city_gateway other_social_public_area",
            "（二）": "public_transport_vehicle rail_transit_vehicle passenger_coach_vehicle passenger_vessel transport_vehicle_other",
            "（三）": "park residential_compound scenic_area cinema_theatre hotel_lodging large_catering_venue:catering entertainment_venue:entertainment internet_access_venue other_public_gathering_place",
            "（四）": "counter_terror_key_target internal_security_key_unit foreign_related_place:important",
            "（五）": "crime_hotspot_area",
            "（六）": "other_designated_place",
        },
    ),
}


def _least(facts: Facts, fact: str, limit: float) -> str:
    """A fact that the plan leaves open is undecided; one that the plan does not speak of may go either way."""
    if fact not in facts:
        return "either"
    if facts[fact] is None:
        return "undecided"
    return "qualified" if facts[fact] >= limit else "out"


def _trade(facts: Facts, limit: float) -> str:
    if facts.get("gfa") is None and facts.get("gfa_least", 0) >= limit:
        return "in"
    return _least(facts, "gfa", limit) if facts.get("gfa") is not None else "either"


def _depot(facts: Facts) -> str:
    return "qualified" if facts.get("tanks", 0) >= 4 else _least(facts, "area", 20000)


def _new(facts: Facts) -> str:
    start = facts.get("start_date")
    return "undecided" if start is None else "qualified" if str(start) >= "2015" else "out"


def _heritage(facts: Facts) -> str:
    return {"national": "in", "provincial": "in", "county": "either"}.get(str(facts.get("heritage")), "either")


def _large(facts: Facts) -> str:
    if facts.get("large") is None:
        return "either"
    return "in" if facts["large"] else "out"


def judge(test: str, facts: Facts) -> str:
    """Return `in` (standing left open), `qualified`, `undecided`, `out` or `either` for a test on the plan's facts."""
    match test:
        case "mw":
            return _least(facts, "mw", 250)
        case "heritage":
            return _heritage(facts)
        case "registered":
            return "in"
        case "important":
            return "in"
        case "market":
            return _least(facts, "area", 3000)
        case "data":
            return _least(facts, "footprint", 5000)
        case "footprint":
            return _least(facts, "footprint", 5000)
        case "large":
            return _large(facts)
        case "important_class":
            return "qualified" if facts.get("rank") in ("trunk", "primary", "secondary") else "out"
        case "important_junction":
            return "qualified" if facts.get("important") else "out"
        case "long":
            return _least(facts, "length", 100)
        case "reserve":
            return _least(facts, "area", 20000)
        case "depot":
            return _depot(facts)
        case "defence":
            return _least(facts, "area", 10000)
        case "chemical":
            return _least(facts, "area", 100000)
        case "medium_trade":
            return _trade(facts, 5000)
        case "large_trade":
            return _trade(facts, 20000)
        case "large_square":
            return _least(facts, "area", 10000)
        case "new":
            return _new(facts)
        case "important_underpass":
            return "in"
        case "catering":
            return _least(facts, "floor", 500)
        case "entertainment":
            return _least(facts, "floor", 1000)
        case "either":
            return "either"
    raise KeyError(test)


def items_of(
    kinds: tuple[str, ...], either: tuple[str, ...], facts: Facts
) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return per rulebook the required items (article, item, kind, standing where it is clear) and those allowed."""
    answer: dict[str, dict[str, list[dict[str, str]]]] = {}
    for rulebook, (article, items) in ITEMS.items():
        required: list[dict[str, str]] = []
        allowed: list[dict[str, str]] = []
        for item, rows in items.items():
            where = {"article": article, "item": item} if item.startswith("（") else {"article": item, "item": ""}
            for row in rows.split():
                kind, _, test = row.partition(":")
                if kind not in kinds and kind not in either:
                    continue
                verdict = judge(test, facts) if test else "in"
                if kind in either and verdict != "out":
                    verdict = "either"
                if verdict == "either":
                    allowed.append({**where, "kind": kind})
                elif verdict != "out":
                    standing = {"in": "", "qualified": "qualified", "undecided": "undecided"}[verdict]
                    required.append({**where, "kind": kind, "standing": standing})
        answer[rulebook] = {"required": required, "either": allowed}
    return answer
