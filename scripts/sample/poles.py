"""The existing cameras as they truly stand and look, and what their rows in the police file leave out or get wrong."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from sample.drawing import Drawing, gate_spot
from sample.ground import Dice
from sample.places import PLACES
from sample.plan import COMPOUNDS, STREETS, Place


@dataclass(frozen=True)
class Camera:
    """A camera as it truly stands: spot and azimuth on the plan's grid, and what its row says or leaves out.

    Of a ``measured`` one the row's last columns hold direction, lens, reach, height and purpose as they are.
    """

    name: str
    who: str
    x: float
    y: float
    azimuth: float
    hfov: float = 60.0
    shape: str = "3"  # 1 ball, 2 half ball, 3 fixed
    height: float = 6.0
    pixels: str = "6"
    area_type: str = "10"
    pole: str = ""
    indoor: bool = False
    status: str = "1"
    retention: str = "30"
    flaw: str = ""
    reach: float = 60.0
    measured: bool = False


def cameras(d: Drawing) -> list[Camera]:
    """Return the cameras in the order of the register; the east of the district and the town have few."""
    dice = Dice(77)
    found = _junction_cameras(d) + _street_cameras() + _gate_cameras() + _ground_cameras()
    return [weathered(c, i, dice) for i, c in enumerate(found)]


def _junction_cameras(d: Drawing) -> list[Camera]:
    found: list[Camera] = []
    for cross in d.junctions:
        (x, y), names = cross.spot, cross.names
        if not cross.important or x > 1000 or (x, y) == (520.0, 90.0):
            continue
        off = 19.0 if y == 740.0 or x == 520.0 else 13.0
        place = f"{names[0]}与{names[1]}路口"
        number = len(found)
        for corner, (sx, sy, looks) in enumerate(((1, 1, (0, 90)), (-1, -1, (180, 270)))):
            for k, look in enumerate(looks):
                pole = f"JK{number:03d}{corner}"
                who = "traffic" if (corner + k) % 3 == 2 else "police"
                found.append(
                    Camera(
                        f"{place}{'东北' if corner == 0 else '西南'}角{k + 1}",
                        who,
                        x + sx * off,
                        y + sy * off,
                        look,
                        52.0,
                        "3",
                        6.5,
                        "7",
                        "10",
                        pole,
                    )
                )
    return found


def _street_cameras() -> list[Camera]:
    found: list[Camera] = []
    for street in STREETS:
        if street.rank not in ("primary", "secondary", "trunk", "tertiary") or street.name in (
            "柳塘街",
            "港城路",
            "港西路",
            "港北路",
            "港前路",
            "安和东路",
            "柳岸路",
        ):
            continue
        (ax, ay), (bx, by) = street.line[0], street.line[-1]
        upright = abs(bx - ax) < 1
        step = 100 if street.rank in ("primary", "trunk") else 190
        at = (ay if upright else ax) + 110.0
        side = 1
        while at < (by if upright else bx) - 60:
            off = (street.dual + 11 if street.dual else 9) * side
            x, y = (ax + off, at) if upright else (at, ay + off)
            look = (0 if side > 0 else 180) if upright else (90 if side > 0 else 270)
            if x < 1010 and 92 < y < 1105 and not 392 < y < 462:
                found.append(
                    Camera(
                        f"{street.name}{'中段' if len(found) % 2 else '路段'}{len(found):03d}",
                        "police" if street.rank != "tertiary" else "city",
                        x,
                        y,
                        look,
                        46.0,
                        "3",
                        6.0,
                        "7" if street.dual else "6",
                        "10",
                        f"LD{len(found):04d}",
                    )
                )
            at += step
            side = -side
    return found


WATCHED_GATES = (
    "zhangyuan",
    "guihua",
    "anhe",
    "yinxing",
    "wangshan",
    "liutang",
    "gov",
    "hospital",
    "primary",
    "kinder",
    "university",
    "water",
    "plant",
    "stadium",
    "park",
    "oil",
)
AREA_TYPES = {
    "gov": "2",
    "hospital": "11",
    "primary": "8",
    "kinder": "8",
    "university": "8",
    "plant": "128",
    "water": "129",
    "stadium": "5",
    "park": "106",
    "oil": "13",
}


def _gate_cameras() -> list[Camera]:
    found: list[Camera] = []
    by_key: dict[str, Place] = {p.key: p for p in (*COMPOUNDS, *PLACES)}
    for key in WATCHED_GATES:
        place = by_key[key]
        who = {"gov": "police", "hospital": "hospital", "park": "city", "stadium": "city"}.get(
            key,
            "school"
            if key in ("primary", "kinder", "university")
            else "firm"
            if key in ("plant", "water", "oil")
            else "estate",
        )
        for n, gate in enumerate(place.gates):
            if key == "anhe" and n == 1:
                continue
            (x, y), (ox, oy) = gate_spot(place, gate)
            out = math.degrees(math.atan2(ox, oy)) % 360
            shift = gate.width / 2 + 1
            px, py = x - ox * 6 + oy * shift, y - oy * 6 + ox * shift
            label = f"{place.name}{'东' if gate.side[0] == 'E' else '西' if gate.side[0] == 'W' else '北' if gate.side[0] == 'N' else '南'}门"
            pole = f"MK{key[:3].upper()}{n}"
            found.append(Camera(f"{label}外", who, px, py, out, 84.0, "3", 3.5, "6", AREA_TYPES.get(key, "132"), pole))
            if n == 0 or key in ("gov", "primary", "zhangyuan"):
                found.append(
                    Camera(
                        f"{label}内",
                        who,
                        px,
                        py,
                        (out + 180) % 360,
                        84.0,
                        "3",
                        3.5,
                        "5",
                        AREA_TYPES.get(key, "132"),
                        pole,
                    )
                )
    return found


def _ground_cameras() -> list[Camera]:
    rows: list[tuple[str, str, float, float, float, float, str, str, bool]] = [
        ("市民广场西北角", "police", 560, 711, 135, 78, "3", "4", False),
        ("市民广场东北角", "police", 711, 711, 225, 78, "3", "4", False),
        ("市民广场南侧1", "police", 600, 622, 0, 90, "3", "4", False),
        ("市民广场南侧2", "police", 670, 622, 0, 90, "3", "4", False),
        ("市民广场高点", "police", 620, 598, 20, 62, "1", "4/102", False),
        ("市民广场全景", "city", 635, 668, 0, 360, "6", "4", False),
        ("大剧院门前", "city", 604, 598, 350, 70, "3", "5", False),
        ("图书馆门前", "city", 690, 574, 90, 70, "3", "14", False),
        ("金樟广场西门", "firm", 779, 680, 270, 80, "3", "6", False),
        ("金樟广场南门", "firm", 830, 639, 180, 80, "3", "6", False),
        ("金樟广场中庭1", "firm", 820, 680, 90, 90, "2", "6", True),
        ("金樟广场中庭2", "firm", 840, 680, 270, 90, "2", "6", True),
        ("金樟广场二层扶梯", "firm", 832, 690, 0, 90, "2", "6", True),
        ("金樟广场影城大厅", "firm", 812, 702, 0, 90, "2", "6", True),
        ("澄安银行门前", "bank", 795, 504, 0, 80, "3", "12", False),
        ("澄安银行营业厅1", "bank", 790, 532, 90, 90, "2", "12", True),
        ("澄安银行营业厅2", "bank", 802, 530, 270, 90, "2", "12", True),
        ("南市步行街西口", "police", 541, 337, 90, 50, "3", "6", False),
        ("南市步行街中段1", "city", 640, 323, 90, 50, "3", "6", False),
        ("南市步行街中段2", "city", 690, 337, 270, 50, "3", "6", False),
        ("钟楼广场", "city", 774, 340, 45, 90, "1", "4", False),
        ("樟桥博物馆门前", "city", 911, 344, 180, 80, "3", "14", False),
        ("樟桥博物馆展厅", "city", 911, 360, 0, 90, "2", "14", True),
        ("农贸市场南门", "firm", 580, 106.5, 180, 80, "3", "6", False),
        ("农贸市场大厅1", "firm", 565, 130, 0, 90, "2", "6", True),
        ("农贸市场大厅2", "firm", 595, 140, 0, 90, "2", "6", True),
        ("樟桥大桥南", "traffic", 540, 366, 0, 40, "3", "126", False),
        ("樟桥大桥北", "traffic", 499, 491, 180, 40, "3", "126", False),
        ("桂花桥北", "city", 297, 463, 180, 46, "3", "126", False),
        ("学府桥南", "traffic", 999, 388, 0, 46, "3", "126", False),
        ("樟桥收费站1", "traffic", 604, 1140, 270, 40, "5", "122", False),
        ("樟桥收费站2", "traffic", 604, 1158, 90, 40, "5", "122", False),
        ("樟桥站出站口", "traffic", 1356.5, 640, 270, 84, "3", "112", False),
        ("樟桥站候车厅1", "traffic", 1368, 630, 0, 90, "2", "112", True),
        ("樟桥站候车厅2", "traffic", 1370, 660, 180, 90, "2", "112", True),
        ("汽车客运站东门", "traffic", 1318, 668, 90, 84, "3", "113", False),
        ("人行天桥西", "city", 500, 624, 90, 50, "3", "120", False),
        ("市民广场地下通道", "city", 640, 740, 0, 60, "2", "118", True),
        ("望山公园湖畔", "city", 160, 1050, 45, 70, "1", "106", False),
        ("望山公园广场", "city", 118, 975, 180, 70, "3", "106", False),
        ("溪滨公园", "city", 340, 488, 180, 70, "3", "106", False),
        ("安和加油站1", "firm", 564, 1106, 45, 80, "3", "134", False),
        ("安和加油站2", "firm", 606, 1126, 225, 80, "3", "134", False),
        ("樟桥派出所门前", "police", 559, 762.5, 180, 80, "3", "2", False),
        ("区法院门前", "police", 730, 762.5, 180, 80, "3", "2", False),
        ("公共停车场入口", "city", 736, 516, 0, 70, "3", "117", False),
        ("柳塘镇政府门前", "police", 209, 192.5, 180, 80, "3", "2", False),
        ("柳塘街北段", "police", 178, 250, 180, 46, "3", "10", False),
        ("老福昌珠宝店门口", "person", 700, 338.5, 180, 90, "2", "6", False),
        ("自家店铺门口1", "person", 655, 321, 0, 90, "2", "6", False),
        ("自家店铺门口2", "person", 893, 187.8, 180, 90, "2", "6", False),
        ("住户院门", "person", 400, 232, 90, 90, "2", "132", False),
        ("学府雅苑西门", "estate", 1014, 612, 270, 84, "3", "132", False),
        ("运东物流园西门", "firm", 1470, 634, 270, 84, "3", "9", False),
        ("港城路北段", "police", 1650, 880, 180, 46, "3", "10", False),
        ("通用机场北侧1", "traffic", 1536, 216, 150, 32, "3", "110", False),
        ("通用机场北侧2", "traffic", 1536, 216, 180, 32, "3", "110", False),
        ("通用机场北侧3", "traffic", 1536, 216, 210, 32, "3", "110", False),
        ("精细化工厂西门", "firm", 1472, 1016, 270, 84, "3", "13", False),
    ]
    found = [Camera(n, w, x, y, a, f, s, 4.5, "6", t, "", i) for n, w, x, y, a, f, s, t, i in rows]
    for x, y, ref in ((580.0, 724.0, "1"), (622.0, 724.0, "2"), (580.0, 756.0, "3"), (622.0, 756.0, "4")):
        found.append(Camera(f"市民广场站{ref}口", "metro", x, y, 180 if y < 740 else 0, 84, "3", 3.2, "6", "115", ""))
        found.append(Camera(f"市民广场站{ref}口通道", "metro", x, y, 90, 90, "2", 2.8, "5", "115", "", True))
    found += [
        Camera(
            f"区第一医院住院大楼{n // 3 + 1}层走廊{n % 3 + 1}",
            "hospital",
            92 + 2.6 * n,
            796,
            90,
            90,
            "2",
            2.8,
            "5",
            "11",
            "",
            True,
        )
        for n in range(24)
    ]
    for n in range(16):
        side = 2.6 if n % 2 else -2.6
        spot = (169 + side, 532.0 + 22 * n) if n < 8 else (78.0 + 24 * (n - 8), 618 + side)
        look = 180.0 * (n % 2) + (0 if n < 8 else 90)
        found.append(Camera(f"樟苑花园{n + 1}号", "estate", *spot, look, 76, "3", 4.0, "5", "132", f"XQ{n:02d}"))
    return found


def weathered(camera: Camera, number: int, dice: Dice) -> Camera:
    """Give a camera its state and what its row lacks; chance is ruled by a fixed seed."""
    a, b, c = dice.roll(), dice.roll(), dice.roll()
    status = "3" if a < 0.02 else "2" if a < 0.07 else "1"
    retention = "" if b < 0.08 else "15" if b < 0.13 else "90" if b > 0.9 else "30"
    flaw = "azimuth_missing" if c < 0.385 else ""
    if camera.who == "person":
        flaw = "azimuth_missing"
    if camera.name.startswith("通用机场"):
        flaw, status = "", "1"
    if camera.name in MEASURED:
        return replace(camera, status=status, retention=retention, reach=MEASURED[camera.name], measured=True)
    return replace(camera, status=status, retention=retention, flaw=SPECIAL.get(number, flaw))


MEASURED: dict[str, float] = {
    "樟桥大道中段015": 70.0,
    "樟桥大道中段017": 70.0,
    "樟桥大道路段020": 70.0,
    "樟桥大道路段022": 70.0,
    "樟苑花园南门外": 70.0,
    "樟苑花园东门外": 70.0,
    "樟桥大道与安和路路口东北角2": 70.0,
    "樟湖大道路段048": 60.0,
    "南环路路段034": 60.0,
    "环湖公路与南环路路口西南角2": 60.0,
    "环湖公路与南环路路口东北角1": 60.0,
    "环湖公路与南环路路口东北角2": 60.0,
    "通用机场北侧1": 60.0,
    "通用机场北侧2": 60.0,
    "通用机场北侧3": 60.0,
    "图书馆门前": 50.0,
    "金樟广场西门": 50.0,
    "樟桥收费站1": 50.0,
    "澄安银行门前": 40.0,
    "公共停车场入口": 40.0,
    "樟桥博物馆门前": 50.0,
    "市民广场东北角": 90.0,
}
"""Cameras whose pose was measured on site, and how far each sees (m): those that the list of proposals speaks of."""


SPECIAL = {
    5: "swapped", 61: "swapped", 140: "swapped", 23: "zero", 87: "zero", 33: "no_coordinates", 44: "coordinate_text",
    52: "no_decimal_point", 70: "outside", 71: "outside", 15: "dms", 16: "dms", 90: "direction_word", 91: "direction_word",
    100: "direction_invalid", 110: "blank_status", 120: "phone_in_remark",
}  # fmt: skip
