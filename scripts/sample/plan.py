"""The plan of the district: its streets, places and look-alikes, in the words of a planner. No OSM tag stands here.

Lengths in metres on the plan's grid. Every place says what it truly is (``kinds``), what a reader may also call it
(``either``), and the facts that the law's sizes ask for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Box = tuple[float, float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Street:
    """A street by its centre line; ``dual`` is half the distance between its two carriageways, 0 for a single one."""

    name: str
    rank: str
    line: tuple[Point, ...]
    dual: float = 0.0
    lanes: int = 2
    ref: str = ""
    bridges: tuple[tuple[str, float, float], ...] = ()
    tunnels: tuple[tuple[str, float, float], ...] = ()
    kinds: tuple[str, ...] = ("urban_road",)
    either: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gate:
    """A way through a boundary: side N, E, S or W, where along it, and how it shows (`none`: only the road crosses)."""

    side: str
    at: float
    shown: str = "none"
    width: float = 6.0


@dataclass(frozen=True)
class Place:
    """A place of the plan. ``form``: house (one building), site (grounds), point or line."""

    key: str
    name: str
    kinds: tuple[str, ...]
    form: str
    at: tuple[float, ...]
    either: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    wall: str = ""
    gates: tuple[Gate, ...] = ()
    levels: int = 0
    kinds_not: tuple[str, ...] = ()
    why: str = ""


DISTRICT = "樟桥区"
SUBDISTRICTS = (("樟桥街道", (-20.0, -20.0, 876.0, 1290.0)), ("运东街道", (876.0, -20.0, 1720.0, 1290.0)))
TOWN = ("柳塘镇", (52.0, -5.0, 284.0, 264.0))
RIVER = ("樟溪", 428.0, 52.0)

STREETS: tuple[Street, ...] = (
    Street(
        "环湖公路",
        "trunk",
        ((40, -15), (40, 1285)),
        8,
        3,
        "S399",
        (("环湖公路桥", 390, 468),),
        kinds=(),
        either=("main_highway", "urban_road", "central_town_road", "township_main_road"),
    ),
    Street("桂花路", "tertiary", ((290, 90), (290, 1090)), bridges=(("桂花桥", 397, 459),)),
    Street(
        "樟桥大道",
        "primary",
        ((520, -15), (520, 1285)),
        9,
        3,
        bridges=(("樟桥大桥", 370, 487),),
        either=("main_highway",),
    ),
    Street("银杏路", "tertiary", ((760, 500), (760, 1090))),
    Street("学府路", "secondary", ((990, -15), (990, 1150)), lanes=4, bridges=(("学府桥", 392, 466),)),
    Street("香樟路", "tertiary", ((1190, 500), (1190, 1090))),
    Street("柳岸路", "tertiary", ((1190, 90), (1190, 270))),
    Street("站前路", "secondary", ((1340, 500), (1340, 1090)), lanes=4),
    Street("港西路", "tertiary", ((1450, 560), (1450, 1090))),
    Street("港城路", "secondary", ((1660, -15), (1660, 1150)), lanes=4, bridges=(("港城桥", 388, 468),)),
    Street("南环路", "secondary", ((-15, 90), (1715, 90)), lanes=4, either=("central_town_road", "township_main_road")),
    Street("柳塘路", "tertiary", ((32, 270), (1660, 270)), either=("central_town_road", "township_main_road")),
    Street("溪滨路", "tertiary", ((32, 500), (1340, 500))),
    Street(
        "樟湖大道",
        "primary",
        ((-15, 740), (1715, 740)),
        9,
        3,
        tunnels=(("樟湖大道下穿隧道", 1362, 1430),),
        either=("main_highway",),
    ),
    Street("安和路", "secondary", ((32, 930), (1340, 930)), lanes=4),
    Street("安和东路", "tertiary", ((1450, 930), (1660, 930))),
    Street("望山路", "tertiary", ((32, 1090), (1340, 1090))),
    Street("港北路", "tertiary", ((1450, 1090), (1660, 1090))),
    Street("港前路", "tertiary", ((1450, 560), (1660, 560))),
    Street(
        "柳塘街", "tertiary", ((170, -15), (170, 270)), kinds=("urban_road", "central_town_road", "township_main_road")
    ),
    Street("柳塘一巷", "residential", ((48, 180), (290, 180))),
    Street("学院路", "residential", ((990, 835), (1190, 835))),
    Street("医院路", "residential", ((48, 835), (290, 835))),
    Street("戏台弄", "residential", ((640, 270), (640, 384))),
    Street("钟楼巷", "living_street", ((760, 90), (760, 384))),
    Street("米市弄", "living_street", ((875, 270), (875, 384))),
    Street("南市商业街", "residential", ((529, 180), (990, 180)), kinds=("commercial_street", "urban_road")),
    Street(
        "南市步行街",
        "pedestrian",
        ((529, 330), (990, 330)),
        kinds=("pedestrian_street", "commercial_street"),
        either=("urban_road",),
    ),
    Street("书香路", "residential", ((290, 1010), (511, 1010))),
    Street("电台路", "residential", ((529, 1010), (760, 1010))),
    Street("云谷路", "residential", ((990, 1010), (1190, 1010))),
    Street("溪南路", "unclassified", ((990, 384), (1340, 384), (1340, 270))),
    Street("车站支路", "residential", ((1190, 620), (1340, 620))),
    Street("柳塘村路", "residential", ((290, 150), (380, 158), (430, 205), (511, 214))),
)
EXPRESSWAY = Street(
    "樟湖高速", "motorway", ((-15, 1222), (1715, 1222)), 11, 2, "S997",
    bridges=(("", 12, 68), ("", 482, 558), ("", 1368, 1424)), kinds=("expressway", "main_highway"),
)  # fmt: skip
RAILWAY_X = 1395.0
METRO_Y = 740.0
SIGNALLED_MINOR = (
    ("桂花路", "樟湖大道"),
    ("银杏路", "樟湖大道"),
    ("香樟路", "樟湖大道"),
    ("银杏路", "安和路"),
    ("樟桥大道", "溪滨路"),
    ("樟桥大道", "柳塘路"),
    ("港城路", "柳塘路"),
)
"""Junctions with signals where one of the two streets is below secondary; all above are signalled."""


def compound(
    key: str,
    name: str,
    box: Box,
    gates: tuple[Gate, ...],
    *,
    wall: str = "wall",
    start: str = "",
    levels: int = 0,
    **more: Any,
) -> Place:
    """Return a residential compound."""
    facts = {"start_date": start} if start else {}
    return Place(
        key, name, ("residential_compound",), "site", box, facts=facts, wall=wall, gates=gates, levels=levels, **more
    )


G = Gate
COMPOUNDS: tuple[Place, ...] = (
    compound("zhangyuan", "樟苑花园", (66, 520, 272, 716), (G("S", 169, "gate"), G("N", 169, "lift_gate"), G("E", 620)), levels=11),
    compound("guihua", "桂花苑", (308, 520, 496, 716), (G("W", 618, "lift_gate"), G("S", 402)), levels=6, start="2004"),
    compound("anhe", "安和家园", (308, 766, 496, 912), (G("N", 402, "gate"), G("W", 838)), levels=18),
    compound("yinxing", "银杏花园", (778, 766, 972, 912), (G("W", 838, "lift_gate"), G("E", 838, "lift_gate"), G("N", 875)), levels=26, start="2018-06-30"),
    compound("wangshan", "望山府", (778, 950, 884, 1072), (G("W", 1010, "lift_gate"), G("N", 830)), levels=17, start="2021"),
    compound("xuefu", "学府雅苑", (1010, 520, 1172, 716), (G("W", 618, "gate"), G("E", 618, "gate"), G("S", 1090)), levels=11),
    compound("chezhan", "车站新村", (1208, 764, 1322, 912), (G("E", 838), G("W", 838)), wall="", levels=6, start="1994"),
    compound("xiangzhang", "香樟公馆", (1208, 948, 1322, 1040), (G("W", 994, "lift_gate"), G("S", 1265)), wall="fence", levels=12),
    compound("liuan", "柳岸人家", (1008, 108, 1172, 252), (G("S", 1090, "gate"), G("E", 180)), levels=8),
    compound("liutang", "柳塘花苑", (66, 288, 272, 380), (G("S", 169, "lift_gate"), G("E", 334)), levels=6, start="2012"),
    compound("sunshine", "阳光广场", (900, 950, 972, 1072), (G("E", 1010, "lift_gate"),), levels=28,
             kinds_not=("square",), why="housing whose name ends in 广场"),
)  # fmt: skip
UNNAMED_COMPOUND = Place(
    "unnamed", "", (), "site", (778, 108, 972, 164), either=("residential_compound",), wall="wall",
    gates=(G("S", 875),), levels=6, why="walled rows of flats without a name: cannot be decided from the map",
)  # fmt: skip
