"""How a mapper drew the plan: the OSM tags of each place by its key. A house that is not listed has only its name.

This comes after the plan: the true answers are worked out without it.
"""

from __future__ import annotations

Tags = dict[str, str]


def t(text: str) -> Tags:
    """Return ``a=b c=d`` as tags."""
    return dict(pair.split("=", 1) for pair in text.split())


DRESS: dict[str, Tags] = {
    key: t(text)
    for key, text in {
        "gov": "office=government government=administrative operator:type=government",
        "police": "amenity=police building=yes building:levels=4",
        "tv": "amenity=studio studio=television building=office building:levels=14 height=58",
        "press": "office=newspaper building=office building:levels=9",
        "university": "amenity=university operator:type=public",
        "college": "amenity=college",
        "primary": "amenity=school isced:level=1 operator:type=public",
        "kinder": "amenity=kindergarten",
        "language": "amenity=language_school",
        "hospital": "amenity=hospital healthcare=hospital emergency=yes operator:type=public",
        "dentist": "amenity=dentist healthcare=dentist",
        "museum": "tourism=museum building=yes",
        "theatre": "amenity=theatre building=yes building:levels=4 height=24 capacity=1400",
        "cinema": "amenity=cinema",
        "heritage": "historic=building heritage=4 building=yes",
        "heritage2": "historic=building heritage=6 building=house",
        "temple": "amenity=place_of_worship religion=buddhist landuse=religious",
        "church": "amenity=place_of_worship religion=christian building=church",
        "telecom": "office=telecommunication operator=澄安电信 building=office",
        "data": "telecom=data_center building=yes building:levels=5",
        "plant": "power=plant plant:source=coal plant:method=combustion plant:output:electricity=300_MW plant:output:hot_water=yes",
        "substation": "power=substation substation=distribution voltage=110000",
        "water": "man_made=water_works",
        "oil": "landuse=industrial industrial=oil",
        "fuel": "amenity=fuel brand=安和石油",
        "cng": "amenity=fuel fuel:cng=yes fuel:lng=yes fuel:diesel=no",
        "lpg": "shop=gas building=yes",
        "grain": "landuse=industrial industrial=warehouse operator:type=government",
        "sluice": "waterway=weir",
        "dyke_n": "man_made=dyke",
        "dyke_s": "man_made=dyke",
        "reservoir": "natural=water water=reservoir",
        "lake": "natural=water water=lake",
        "chemical": "landuse=industrial man_made=works product=chemicals industrial=chemical",
        "bank": "amenity=bank building=yes building:levels=6",
        "bank3": "amenity=bank",
        "jewel": "shop=jewelry",
        "airfield": "aeroway=aerodrome aerodrome:type=public",
        "port": "landuse=industrial industrial=port",
        "customs": "office=government government=customs building=yes building:levels=5",
        "station": "building=train_station building:levels=2 height=16",
        "coach": "amenity=bus_station public_transport=station bus=yes",
        "wharf": "amenity=ferry_terminal building=yes building:levels=1",
        "footbridge": "highway=footway bridge=yes layer=2",
        "underpass": "highway=footway tunnel=yes layer=-1 lit=yes",
        "metro": "railway=subway tunnel=yes layer=-2 colour=#c83c3c",
        "metro_a": "railway=station station=subway subway=yes public_transport=station",
        "metro_b": "railway=station station=subway subway=yes public_transport=station",
        "mall": "building=retail shop=mall building:levels=5 height=27",
        "trade": "building=retail building:levels=2",
        "market": "amenity=marketplace building=yes building:levels=1",
        "square": "place=square",
        "square2": "highway=pedestrian area=yes",
        "stadium": "leisure=stadium sport=athletics",
        "scenic": "tourism=attraction",
        "park": "leisure=park",
        "park2": "leisure=park",
        "hotel": "tourism=hotel building=hotel building:levels=22 height=84",
        "pawn": "shop=pawnbroker",
        "repair": "shop=car_repair building=yes",
        "cafe": "amenity=internet_cafe",
        "courier": "office=courier",
        "logistics": "landuse=industrial industrial=logistics",
        "restaurant": "amenity=restaurant building=yes building:levels=3",
        "carpark": "amenity=parking access=yes parking=surface capacity=84 fee=yes",
        "carpark2": "amenity=parking parking=surface",
        "garage": "amenity=parking_entrance parking=underground",
        "shelter": "emergency=assembly_point",
        "consulate": "office=diplomatic diplomatic=consulate building=yes",
        # look-alikes
        "phone_shop": "building=retail shop=mobile_phone",
        "bank_restaurant": "building=yes amenity=restaurant",
        "pharmacy": "amenity=pharmacy healthcare=pharmacy",
        "atm": "amenity=atm",
        "committee": "building=yes office=government",
        "stop_hospital": "highway=bus_stop public_transport=platform bus=yes",
        "stop_bridge": "highway=bus_stop public_transport=platform bus=yes",
        "verge": "leisure=park",
        "pond": "natural=water water=pond",
        "boardwalk": "man_made=pier highway=footway",
        "statue": "tourism=attraction",
        "wedding": "building=yes amenity=events_venue",
        "old_home": "building=yes amenity=social_facility social_facility=nursing_home",
        "village": "landuse=residential residential=rural",
        "supermarket": "building=retail shop=supermarket",
        "greengrocer": "shop=greengrocer",
        "water_tank": "man_made=storage_tank content=water",
        "bus_depot": "landuse=depot industrial=depot",
        "staff_home": "building=dormitory",
        "tailor": "shop=tailor",
        "kiosk": "power=substation substation=minor_distribution utility=power",
        "garage_ramp": "highway=service tunnel=yes layer=-1 oneway=no",
        "shrine": "amenity=place_of_worship religion=chinese_folk",
        "station_shop": "shop=convenience",
        "bicycle_shop": "shop=bicycle",
        "field_gate": "barrier=gate",
    }.items()
}
DRESS["plant"]["plant:output:electricity"] = "300 MW"

INNER: dict[str, tuple[tuple[tuple[float, float, float, float], str], ...]] = {
    "primary": (((314, 1056, 352, 1070), "building=school building:levels=4"), ((362, 1052, 374, 1072), "building=school building:levels=4"), ((380, 1030, 400, 1046), "building=yes name=体育活动室")),
    "kinder": (((430, 1052, 476, 1068), "building=kindergarten building:levels=3"),),
    "hospital": (
        ((84, 784, 156, 808), "building=hospital building:levels=16 height=66 name=住院大楼"),
        ((182, 772, 226, 794), "building=hospital building:levels=5 name=门诊楼"),
        ((74, 768, 108, 778), "building=yes name=急诊楼"),
    ),
    "university": (
        ((1020, 876, 1070, 904), "building=university name=主教学楼 building:levels=9"),
        ((1110, 880, 1160, 902), "building=university name=图书馆 building:levels=5"),
        ((1020, 854, 1060, 866), "building=university"),
        ((1018, 770, 1062, 782), "building=dormitory name=学生宿舍一舍 building:levels=6"),
        ((1018, 800, 1062, 812), "building=dormitory name=学生宿舍二舍 building:levels=6"),
        ((1110, 770, 1160, 790), "building=yes name=学生食堂"),
        ((1110, 800, 1160, 812), "building=yes name=研究生公寓楼"),
    ),
    "college": (((1216, 322, 1250, 336), "building=college building:levels=5"), ((1276, 322, 1314, 336), "building=college building:levels=5"), ((1216, 294, 1232, 312), "building=dormitory name=学生宿舍"), ((1276, 296, 1314, 308), "building=yes")),
    "temple": (((1036, 334, 1058, 348), "building=temple name=大雄宝殿"), ((1038, 312, 1056, 322), "building=temple"), ((1025, 304, 1031, 346), "building=yes"), ((1063, 304, 1069, 346), "building=yes")),
    "plant": (((1480, 860, 1540, 900), "building=industrial height=42 name=主厂房"), ((1480, 780, 1530, 800), "building=industrial")),
    "substation": (((848, 1130, 880, 1144), "building=industrial"),),
    "water": (((320, 1150, 350, 1172), "building=industrial"), ((372, 1146, 412, 1174), "man_made=reservoir_covered"), ((320, 1114, 344, 1126), "building=office")),
    "oil": (((1474, 1110, 1500, 1124), "building=office"),),
    "fuel": (((574, 1110, 598, 1122), "building=roof"),),
    "cng": (((926, 1110, 946, 1122), "building=roof"),),
    "grain": (((1582, 776, 1606, 820), "building=warehouse"), ((1582, 856, 1606, 900), "building=warehouse"), ((1614, 776, 1638, 820), "building=warehouse"), ((1614, 856, 1638, 900), "building=warehouse")),
    "chemical": (((1476, 1020, 1510, 1060), "building=industrial"), ((1522, 1020, 1550, 1060), "building=industrial"), ((1476, 956, 1510, 996), "building=industrial"), ((1520, 960, 1550, 990), "building=warehouse")),
    "airfield": (((1440, 220, 1480, 244), "building=hangar"), ((1600, 222, 1630, 242), "building=yes aeroway=terminal")),
    "port": (((1478, 510, 1528, 534), "building=warehouse"), ((1566, 510, 1590, 534), "building=warehouse")),
    "coach": (((1214, 644, 1310, 672), "building=transportation building:levels=3"),),
    "stadium": (((316, 952, 338, 994), "building=grandstand"), ((402, 952, 424, 994), "building=grandstand")),
    "scenic": (((1092, 340, 1112, 352), "building=yes"), ((1082, 360, 1112, 370), "building=yes"), ((1122, 362, 1158, 372), "building=yes"), ((1012, 288, 1018, 330), "building=yes")),
    "logistics": (((1480, 652, 1540, 680), "building=warehouse"), ((1480, 692, 1540, 716), "building=warehouse"), ((1566, 652, 1634, 676), "building=warehouse"), ((1566, 696, 1634, 718), "building=warehouse"), ((1490, 616, 1530, 628), "building=office")),
    "bus_depot": (((1214, 222, 1260, 244), "building=yes name=停保车间"),),
}  # fmt: skip
"""Buildings and works inside grounds; they are parts of their place, never places of their own."""

TANKS = tuple((1530.0 + 36 * i, 1128.0 + 26 * j, 10.0) for j in range(2) for i in range(3))
METRO_MOUTHS = {
    "metro_a": ((580, 722, "1"), (622, 722, "2"), (580, 758, "3"), (622, 758, "4")),
    "metro_b": ((1296, 722, "A"), (1326, 722, "B"), (1296, 758, "C")),
}
TOILETS = ((150.0, 1000.0, "望山公园公厕"), (850.0, 352.0, "老街公厕"), (540.0, 640.0, ""), (1346.0, 590.0, "站前公厕"))
BATH = ((655, 288, 671, 304), "amenity=public_bath building=yes name=大众浴室")
SURVEILLANCE = (
    (505.0, 756.0, "camera:type=fixed camera:direction=135 surveillance=public surveillance:zone=traffic"),
    (776.0, 636.0, "camera:type=dome camera:direction=0-180 surveillance=outdoor"),
    (606.0, 616.0, "camera:type=fixed camera:direction=NE;SE camera:tilt=-15 camera:mount=pole surveillance=public"),
    (1352.0, 640.0, "camera:type=panning surveillance=public camera:mount=wall"),
    (545.0, 300.0, "camera:type=fixed camera:direction=90 camera:angle=20 height=4 surveillance=outdoor"),
    (1120.0, 986.0, "camera:type=dome surveillance=indoor"),
)
BILLBOARDS = ((500.0, 700.0), (540.0, 955.0), (1000.0, 760.0), (1324.0, 700.0), (760.0, 628.0))
