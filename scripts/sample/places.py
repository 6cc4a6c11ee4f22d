"""The places and look-alikes of the plan besides streets and compounds, in a planner's words; no OSM tag stands here."""

from __future__ import annotations

from typing import Any

from sample.plan import Gate, Place


def _p(key: str, name: str, kinds: str, form: str, at: tuple[float, ...], either: str = "", **more: Any) -> Place:
    return Place(key, name, tuple(kinds.split()), form, at, tuple(either.split()), **more)


ORGAN = "party_government_organ state_organ"
SCHOOL = "education_institution school_kindergarten"
G = Gate

PLACES: tuple[Place, ...] = (
    # --- organs, news, education, research, medicine, culture
    _p("gov", "樟桥区人民政府", ORGAN, "site", (560, 800, 700, 912), wall="fence", gates=(G("S", 630, "gate", 12), G("W", 856, "lift_gate"))),
    _p("party", "中共樟桥区委员会", "party_government_organ", "house", (712, 862, 744, 904)),
    _p("court", "樟桥区人民法院", ORGAN, "house", (714, 764, 746, 802)),
    _p("prosecutor", "樟桥区人民检察院", ORGAN, "house", (714, 812, 746, 848)),
    _p("police", "樟桥派出所", ORGAN, "house", (544, 764, 574, 784)),
    _p("subdistrict", "樟桥街道办事处", ORGAN, "house", (584, 764, 616, 786)),
    _p("town_gov", "柳塘镇人民政府", ORGAN, "house", (192, 194, 226, 216)),
    _p("town_police", "柳塘派出所", ORGAN, "house", (192, 228, 216, 246)),
    _p("archive", "樟桥区档案馆", "archive", "house", (648, 762, 700, 788), either=ORGAN),
    _p("tv", "樟桥电视台", "tv_station", "house", (560, 1030, 610, 1068), either="radio_station"),
    _p("radio", "樟桥人民广播电台", "radio_station", "house", (640, 1030, 680, 1064), either="tv_station"),
    _p("press", "樟桥日报社", "press_publisher", "house", (700, 1030, 740, 1062), either="important_news_unit"),
    _p("university", "澄安大学（樟桥校区）", SCHOOL, "site", (1008, 848, 1172, 912, 1008, 764, 1172, 822), wall="fence", gates=(G("S", 1090, "gate", 10), G("E", 880), G("N2", 1090, "gate", 10), G("W2", 793, "lift_gate"))),
    _p("college", "樟桥职业技术学院", SCHOOL, "site", (1208, 288, 1322, 366), wall="wall", gates=(G("N", 1265, "gate", 8), G("S", 1240))),
    _p("primary", "樟桥实验小学", SCHOOL, "site", (308, 1026, 404, 1076), wall="fence", gates=(G("S", 356, "gate", 8),)),
    _p("middle", "樟桥区第三中学", SCHOOL, "house", (200, 856, 264, 900)),
    _p("primary2", "柳塘小学", SCHOOL, "house", (310, 300, 356, 328)),
    _p("kinder", "小香樟幼儿园", SCHOOL, "site", (424, 1028, 496, 1074), wall="fence", gates=(G("S", 460, "gate"),)),
    _p("kinder2", "望山幼儿园", SCHOOL, "house", (1214, 1052, 1250, 1076)),
    _p("language", "启明外语培训学校", "education_institution", "point", (806, 608), either="school_kindergarten"),
    _p("research", "樟桥新材料研究所", "research_institution", "house", (130, 858, 176, 892)),
    _p("research2", "澄安光电研究院", "research_institution", "house", (1016, 952, 1066, 988)),
    _p("hospital", "樟桥区第一人民医院", "medical_institution hospital", "site", (66, 764, 272, 822), wall="fence", gates=(G("S", 169, "gate", 10), G("N", 120, "lift_gate"), G("N", 212)), facts={"emergency": True}),
    _p("clinic", "银杏社区卫生服务中心", "medical_institution", "house", (76, 856, 112, 882), either="hospital"),
    _p("town_clinic", "柳塘镇卫生院", "medical_institution hospital", "house", (62, 196, 98, 220)),
    _p("dentist", "安康口腔门诊部", "medical_institution", "point", (340, 520)),
    _p("museum", "樟桥博物馆", "museum", "house", (886, 346, 936, 380), either="cultural_venue exhibition_hall"),
    _p("memorial", "林知白纪念馆", "memorial_hall", "house", (1090, 300, 1116, 326), either="museum cultural_venue exhibition_hall"),
    _p("exhibition", "樟桥城市规划展览馆", "exhibition_hall", "house", (656, 582, 708, 612), either="museum cultural_venue convention_exhibition_centre"),
    _p("theatre", "樟桥大剧院", "cinema_theatre cultural_venue", "house", (560, 516, 648, 596), facts={"footprint": 7000}, levels=4),
    _p("library", "樟桥区图书馆", "cultural_venue", "house", (662, 522, 716, 572), facts={"footprint": 2700}),
    _p("culture", "樟桥区文化馆", "cultural_venue", "house", (560, 952, 608, 988), facts={"footprint": 1700}),
    _p("cinema", "星澜影城", "cinema_theatre", "point", (812, 702), either="cultural_venue"),
    _p("heritage", "樟溪老戏台", "protected_heritage", "house", (1130, 338, 1152, 356), facts={"heritage": "provincial"}, either="cinema_theatre cultural_venue"),
    _p("heritage2", "周家老宅", "", "house", (1132, 298, 1154, 316), either="protected_heritage memorial_hall", facts={"heritage": "county"}, kinds_not=("residential_compound",), why="protected at county level only: 重点 is open"),
    _p("temple", "樟隐寺", "religious_place", "site", (1022, 298, 1072, 352), either="protected_heritage", wall="wall", gates=(G("S", 1047, "gate"),)),
    _p("church", "樟桥基督教堂", "religious_place", "house", (588, 348, 610, 374)),
    _p("taoist", "白云道观", "religious_place", "house", (240, 108, 264, 128)),
    # --- post, telecommunication
    _p("telecom", "澄安电信樟桥分局", "telecom_unit", "house", (690, 952, 740, 984), either="communication_hub"),
    _p("hub", "樟桥通信枢纽楼", "communication_hub", "house", (1130, 1030, 1168, 1064), either="telecom_unit"),
    _p("data", "樟桥云计算数据中心", "large_data_centre", "house", (1014, 1022, 1112, 1080), either="telecom_unit communication_hub", facts={"footprint": 5500}),
    _p("post", "樟桥邮政支局", "postal_unit", "house", (640, 952, 670, 974), either="logistics_delivery_site"),
    # --- supply
    _p("plant", "樟桥热电厂", "large_energy_facility heat_supply_facility", "site", (1468, 766, 1560, 912), either="power_supply_facility", wall="wall", gates=(G("W", 838, "gate", 8),), facts={"mw": 300}),
    _p("heat", "望山换热站", "heat_supply_facility", "house", (790, 1108, 816, 1126)),
    _p("substation", "110千伏望山变电站", "power_supply_facility", "site", (840, 1108, 890, 1150), either="large_energy_facility", wall="wall", gates=(G("S", 865, "gate"),)),
    _p("powerhouse", "樟桥供电所", "power_supply_facility", "house", (100, 108, 130, 126)),
    _p("water", "望山自来水厂", "water_supply_facility", "site", (310, 1108, 420, 1180), wall="wall", gates=(G("S", 365, "gate"),)),
    _p("pump", "望山自来水加压泵站", "water_supply_facility", "house", (440, 1110, 466, 1128)),
    _p("gas", "樟桥天然气门站", "gas_supply_facility", "house", (1080, 1108, 1110, 1128), either="flammable_explosive_goods_site dangerous_goods_site"),
    _p("oil", "港北油库", "oil_depot fuel_oil_supply_facility flammable_explosive_goods_site dangerous_goods_site flammable_explosive_store", "site", (1468, 1106, 1642, 1172), wall="wall", gates=(G("S", 1550, "gate", 8),), facts={"area": 11000, "tanks": 6}),
    _p("fuel", "安和加油站", "fuel_station fuel_oil_supply_facility", "site", (560, 1103, 610, 1128), kinds_not=("flammable_explosive_goods_site", "dangerous_goods_site"), gates=(G("S", 570), G("S", 600))),
    _p("fuel2", "柳塘加油站", "fuel_station fuel_oil_supply_facility", "house", (62, 110, 86, 124)),
    _p("cng", "望山加气站", "gas_filling_station", "site", (912, 1103, 958, 1128), either="fuel_station fuel_oil_supply_facility energy_service_station_other gas_supply_facility", gates=(G("S", 935),)),
    _p("lpg", "柳塘液化气供应站", "flammable_explosive_goods_site", "house", (1222, 1108, 1242, 1122), either="energy_service_station_other gas_supply_facility gas_filling_station dangerous_goods_site"),
    _p("grain", "樟桥粮食储备库", "material_reserve_depot", "site", (1576, 766, 1644, 912), either="logistics_delivery_site", wall="wall", gates=(G("E", 838, "gate", 8),), facts={"area": 10000}),
    _p("relief", "樟桥救灾物资储备库", "material_reserve_depot", "house", (1576, 1000, 1618, 1032), facts={"area": 1300}),
    # --- water works
    _p("sluice", "樟溪水闸", "water_conservancy_facility", "line", (1120, 404, 1120, 452)),
    _p("drain", "柳塘排涝泵站", "water_conservancy_facility", "house", (322, 372, 344, 386)),
    _p("dyke_n", "樟溪北堤", "river_embankment", "line", (-15, 459, 1715, 459), either="water_conservancy_facility"),
    _p("dyke_s", "樟溪南堤", "river_embankment", "line", (-15, 397, 1715, 397), either="water_conservancy_facility"),
    _p("reservoir", "望山水库", "reservoir", "site", (84, 1110, 270, 1182), either="water_conservancy_facility", facts={"km2": 0.013}),
    _p("lake", "镜心人工湖", "artificial_lake", "site", (170, 985, 250, 1040)),
    # --- dangerous goods
    _p("chemical", "樟桥精细化工厂", "chemical_enterprise dangerous_goods_site", "site", (1468, 948, 1556, 1072), either="flammable_explosive_goods_site", wall="wall", gates=(G("W", 1010, "gate", 8), G("S", 1500)), facts={"area": 11000}),
    _p("danger", "港城危险品仓库", "dangerous_goods_site", "house", (1576, 952, 1618, 984), either="flammable_explosive_goods_site flammable_explosive_store material_reserve_depot logistics_delivery_site"),
    # --- money
    _p("bank", "澄安银行（樟桥支行）", "financial_institution", "house", (780, 518, 810, 542)),
    _p("bank2", "樟桥农村商业银行", "financial_institution", "house", (600, 196, 626, 212)),
    _p("bank3", "惠民银行", "financial_institution", "point", (640, 945)),
    _p("securities", "华樟证券樟桥营业部", "financial_institution", "house", (556, 196, 584, 212)),
    _p("jewel", "老福昌珠宝", "jewelry_precious_goods_shop", "point", (700, 340)),
    _p("jewel2", "周记黄金珠宝", "jewelry_precious_goods_shop", "house", (556, 308, 574, 322)),
    # --- traffic
    _p("airfield", "樟桥通用机场", "airport", "site", (1430, 108, 1640, 252), wall="fence", gates=(G("E", 180, "gate", 8),)),
    _p("port", "樟桥港", "port", "site", (1468, 462, 1642, 543), either="wharf_pier", wall="fence", gates=(G("N", 1550, "gate", 10), G("N", 1610))),
    _p("customs", "樟桥港海关", "border_port_of_entry party_government_organ state_organ", "house", (1604, 572, 1642, 598)),
    _p("station", "樟桥站", "passenger_station", "house", (1358, 600, 1380, 692), facts={"large": None}, either="transport_hub_other"),
    _p("coach", "樟桥汽车客运站", "passenger_station", "site", (1208, 640, 1322, 722), facts={"area": 9000, "large": None}, either="transport_hub_other", gates=(G("E", 660, "gate", 8), G("N", 1265, "gate", 8))),
    _p("wharf", "樟桥客运码头", "wharf_pier", "house", (690, 385, 720, 395), either="port"),
    # --- crossings and underground
    _p("footbridge", "樟桥大道人行天桥", "pedestrian_crossing_facility", "line", (498, 620, 544, 620), either="bridge"),
    _p("underpass", "市民广场地下通道", "pedestrian_crossing_facility underground_passage pedestrian_underpass", "line", (640, 718, 640, 762), either="tunnel"),
    _p("metro", "轨道交通1号线", "rail_transit_line", "line", (-15, 740, 1715, 740)),
    _p("metro_a", "市民广场站", "rail_transit_station", "point", (600, 740), kinds_not=("passenger_station", "square"), why="a metro station is no 车站"),
    _p("metro_b", "樟桥火车站站", "rail_transit_station", "point", (1310, 740), kinds_not=("passenger_station",), why="a metro station is no 车站"),
    # --- trade, leisure, crowds
    _p("mall", "金樟广场", "commercial_centre", "house", (780, 640, 880, 720), facts={"gfa": 40000}, kinds_not=("square",), why="a mall whose name ends in 广场"),
    _p("department", "樟桥百货大楼", "commercial_centre", "house", (780, 566, 842, 616), either="", facts={"gfa": None, "gfa_least": 9000}),
    _p("trade", "柳塘商贸城", "commercial_centre", "house", (640, 106, 700, 164), facts={"gfa": 7000}),
    _p("market", "樟桥农贸市场", "farmers_market", "house", (544, 108, 616, 164), facts={"area": 4000}),
    _p("market2", "柳塘菜市场", "farmers_market", "house", (400, 290, 440, 320), facts={"area": 1200}),
    _p("square", "樟桥市民广场", "square", "site", (556, 620, 714, 714), facts={"area": 14800}),
    _p("square2", "钟楼广场", "square", "site", (776, 342, 826, 382), facts={"area": 2000}),
    _p("stadium", "樟桥体育场", "sports_venue", "site", (308, 948, 432, 998), facts={"footprint": 6200}, wall="fence", gates=(G("N", 370, "gate", 8), G("S", 356))),
    _p("gym", "樟桥体育馆", "sports_venue", "house", (446, 950, 496, 994), facts={"footprint": 2200}),
    _p("scenic", "樟溪古镇景区", "scenic_area", "site", (1008, 284, 1172, 376), either="protected_heritage commercial_street"),
    _p("park", "望山公园", "park", "site", (60, 950, 278, 1078), gates=(G("S", 160, "entrance"), G("E", 1010, "entrance"))),
    _p("park2", "溪滨公园", "park", "site", (308, 463, 496, 490), gates=(G("N", 400, "entrance"),)),
    _p("conference", "樟桥会议中心", "convention_exhibition_centre", "house", (1086, 950, 1166, 994)),
    _p("hotel", "樟桥国际大酒店", "hotel_lodging special_trade_premises", "house", (906, 680, 964, 714)),
    _p("hotel2", "悦来宾馆", "hotel_lodging special_trade_premises", "house", (1214, 518, 1242, 540)),
    _p("hotel3", "如意招待所", "hotel_lodging special_trade_premises", "house", (104, 196, 126, 212)),
    _p("pawn", "恒信典当行", "special_trade_premises", "point", (812, 340), either="financial_institution"),
    _p("repair", "顺达汽车修理厂", "special_trade_premises", "house", (1010, 1108, 1042, 1128)),
    _p("cafe", "极速网咖", "internet_access_venue", "point", (930, 600)),
    _p("cafe2", "飞宇网吧", "internet_access_venue", "house", (660, 196, 684, 210)),
    _p("courier", "快达速运樟桥营业点", "logistics_delivery_site", "point", (1100, 190)),
    _p("sorting", "快达快递分拨中心", "logistics_delivery_site", "house", (1214, 108, 1276, 148), facts={"area": 2400}, either="logistics_centre"),
    _p("logistics", "运东物流园", "logistics_delivery_site logistics_centre", "site", (1465, 608, 1648, 724), wall="fence", gates=(G("W", 640, "gate", 10), G("E", 690)), facts={"area": 21000}),
    _p("ktv", "金嗓子KTV", "entertainment_venue", "house", (830, 518, 860, 540), facts={"floor": None}),
    _p("arcade", "星河电玩城", "entertainment_venue", "house", (700, 196, 726, 212), facts={"floor": None}),
    _p("restaurant", "樟桥大酒楼", "large_catering_venue", "house", (884, 518, 930, 548), facts={"floor": 1300}),
    _p("carpark", "广场路公共停车场", "parking_facility public_parking", "site", (724, 514, 748, 612), facts={"access": "public"}),
    _p("carpark2", "南市停车场", "parking_facility", "site", (704, 108, 744, 164), facts={"access": None}, either="public_parking"),
    _p("garage", "市民广场地下停车库", "", "point", (722, 706), either="parking_facility public_parking", why="the map shows its mouth only"),
    _p("shelter", "望山公园应急避难场所", "emergency_evacuation_site", "point", (110, 985), either="park"),
    _p("consulate", "海岚国驻澄安总领事馆", "foreign_related_place", "house", (1272, 1052, 1322, 1076), either=ORGAN),
)  # fmt: skip

LOOKALIKES: tuple[Place, ...] = tuple(
    Place(key, name, (), form, at, tuple(either.split()), kinds_not=tuple(nots.split()), why=why)
    for key, name, form, at, nots, either, why in (
            ("phone_shop", "中国移动手机店", "house", (606, 308, 622, 322), "telecom_unit", "", "a phone shop sells phones"),
            ("bank_restaurant", "老银行餐厅", "house", (646, 346, 666, 366), "financial_institution", "large_catering_venue", "a restaurant named after a bank"),
            ("pharmacy", "同济大药房", "point", (884, 340), "medical_institution hospital", "", "a pharmacy is not a medical unit"),
            ("atm", "自动取款机", "point", (770, 560), "financial_institution", "", "a cash machine is a device"),
            ("committee", "银杏社区居民委员会", "house", (544, 1060, 556, 1076), "party_government_organ state_organ", "", "a residents' committee is no organ"),
            ("stop_hospital", "市一医院（公交站）", "point", (140, 726), "hospital medical_institution passenger_station", "public_transport_facility_other", "a bus stop named after a hospital"),
            ("stop_bridge", "樟桥大桥南（公交站）", "point", (535, 352), "bridge passenger_station", "public_transport_facility_other", "a bus stop named after a bridge"),
            ("verge", "", "site", (1208, 470, 1322, 482), "park", "", "an unnamed verge"),
            ("pond", "", "site", (1560, 300, 1600, 330), "artificial_lake reservoir complex_inland_water", "", "a fish pond"),
            ("boardwalk", "", "line", (206, 1040, 206, 1022), "wharf_pier port", "", "a boardwalk in a park's lake"),
            ("statue", "牧童雕像", "point", (130, 1030), "scenic_area memorial_hall", "", "a statue"),
            ("wedding", "喜盈门婚礼中心", "house", (636, 198, 654, 212), "", "convention_exhibition_centre other_public_gathering_place cultural_venue large_catering_venue", "a wedding hall"),
            ("old_home", "柳塘敬老院", "house", (60, 30, 104, 52), "medical_institution hospital", "", "a home for the aged"),
            ("village", "柳塘村", "site", (308, 106, 496, 256), "residential_compound", "", "a village, no compound"),
            ("supermarket", "惠民超市", "house", (846, 196, 876, 214), "commercial_centre", "", "a corner supermarket"),
            ("greengrocer", "鲜果园水果店", "point", (390, 284), "farmers_market", "", "a fruit shop"),
            ("water_tank", "", "point", (1600, 640), "flammable_explosive_goods_site oil_depot dangerous_goods_site fuel_oil_supply_facility", "", "a water tank"),
            ("bus_depot", "樟桥公交停保场", "site", (1206, 170, 1320, 252), "oil_depot material_reserve_depot passenger_station", "parking_facility public_transport_facility_other", "a bus depot"),
            ("staff_home", "市一医院职工宿舍", "house", (232, 798, 264, 814), "hospital medical_institution", "", "staff lodging"),
            ("tailor", "银行家西装定制", "point", (560, 340), "financial_institution", "", "a tailor"),
            ("kiosk", "配电房", "point", (470, 905), "large_energy_facility power_supply_facility", "", "a street kiosk"),
            ("garage_ramp", "", "line", (722, 706, 722, 660), "tunnel underground_passage pedestrian_underpass bridge", "", "the ramp of a garage"),
            ("shrine", "柳塘土地庙", "point", (300, 262), "", "religious_place", "a shrine of the village: whether registered is open"),
            ("station_shop", "火车站便利店", "point", (1350, 640), "passenger_station commercial_centre", "", "a kiosk named after the station"),
            ("bicycle_shop", "阳光车行", "point", (1050, 1100), "public_parking parking_facility passenger_station", "special_trade_premises", "a bicycle shop"),
            ("field_gate", "", "point", (400, 60), "residential_compound party_government_organ", "", "a gate on a field lane, no compound"),
    )
)  # fmt: skip
