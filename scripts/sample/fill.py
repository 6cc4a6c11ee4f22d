"""What stands between the planned places: flats, shops, village houses, fields, trees, signs, and what OSM extracts get wrong."""

from __future__ import annotations

from sample import dress
from sample.drawing import HALF_WIDTH, Drawing
from sample.ground import degrees, metres
from sample.plan import COMPOUNDS, STREETS, UNNAMED_COMPOUND, Place

Box = tuple[float, float, float, float]


def fill(d: Drawing) -> frozenset[int]:
    """Add the fill to a drawing; return the nodes that the extract's edge cut away."""
    box, text = dress.BATH
    d.shown["ban:bath"] = [d.house(box, dress.t(text))]
    for place in (*COMPOUNDS, UNNAMED_COMPOUND):
        _fill_compound(d, place)
    _fill_small(d, (308, 106, 496, 256), 13.5, 12.5, 2.2, "house", chance=0.9)
    _fill_small(d, (62, 100, 284, 264), 15.5, 14.5, 3.0, "house", chance=0.72)
    _fill_small(d, (50, 4, 284, 80), 17.0, 16.0, 4.0, "house", chance=0.5)
    _fill_small(d, (536, 282, 984, 386), 15.0, 14.0, 2.2, "yes", chance=0.92)
    _fill_small(d, (770, 196, 984, 262), 17.0, 16.0, 2.4, "yes", chance=0.8)
    _fill_small(d, (536, 210, 752, 262), 17.0, 16.0, 2.4, "yes", chance=0.8)
    d.taken += [(p.at[0], p.at[1], p.at[2], p.at[3]) for p in (*COMPOUNDS, UNNAMED_COMPOUND)]
    _fill_shops(d)
    for box in (
        (540, 500, 752, 612),
        (786, 516, 984, 640),
        (1208, 516, 1326, 640),
        (540, 750, 756, 800),
        (540, 940, 756, 1082),
        (1006, 940, 1180, 1084),
        (60, 850, 280, 918),
        (700, 1102, 980, 1190),
        (1010, 1130, 1330, 1196),
        (440, 1104, 512, 1190),
        (1206, 100, 1330, 160),
        (300, 290, 500, 384),
        (1352, 750, 1384, 1080),
        (1466, 566, 1600, 604),
    ):
        _fill_offices(d, box)
    _draw_nature(d)
    _draw_furniture(d)
    return _draw_flaws(d)


def _fill_compound(d: Drawing, place: Place) -> None:
    x0, y0, x1, y1 = place.at[:4]
    tower = place.levels >= 17
    w, h, gap_x, gap_y = (25, 18, 13, 22) if tower else (36, 12.5, 7, 16.5)
    d.taken += [(x0, y0, x1, y0 + 6), (x0, y1 - 6, x1, y1), (x0, y0, x0 + 6, y1), (x1 - 6, y0, x1, y1)]
    y = y0 + 8.0
    while y + h < y1 - 6:
        x, best = x0 + 7.0, 0
        while x + w < x1 - 6:
            box = (x, y, x + w, y + h)
            if not d.free(box, 1.0):
                x += 2.0
                continue
            best += 1
            d.house(box, _flat_tags(d, place))
            x += w + gap_x
        y += h + gap_y if best else 2.0


def _flat_tags(d: Drawing, place: Place) -> dict[str, str]:
    """Most flats have neither storeys nor height on the map."""
    chance = d.dice.roll()
    if place.key in ("chezhan", "guihua") and chance > 0.5:
        return {"building": "yes"}
    tags = {"building": "apartments"}
    if chance < 0.55 and place.levels:
        tags["building:levels"] = str(place.levels)
    if chance < 0.12 and place.levels:
        tags["height"] = str(place.levels * 3 + 1)
    return tags


def _fill_small(
    d: Drawing, area: Box, step_x: float, step_y: float, jitter: float, kind: str, *, chance: float
) -> None:
    x0, y0, x1, y1 = area
    for j in range(int((y1 - y0) // step_y)):
        for i in range(int((x1 - x0) // step_x)):
            dx, dy, keep = d.dice.roll(-jitter, jitter) / 2, d.dice.roll(-jitter, jitter) / 2, d.dice.roll()
            w, h = step_x - d.dice.roll(2.5, 5.0), step_y - d.dice.roll(2.5, 4.5)
            x, y = x0 + i * step_x + dx, y0 + j * step_y + dy
            box = (x, y, x + w, y + h)
            if keep < chance and d.free(box, 0.6):
                tags = {"building": kind}
                if keep < 0.1:
                    tags["building:levels"] = str(1 + int(d.dice.roll(0, 3.99)))
                d.house(box, tags)


SHOP_STREETS = {
    "桂花路": 12,
    "银杏路": 12,
    "香樟路": 12,
    "溪滨路": 11,
    "安和路": 12,
    "望山路": 11,
    "柳塘路": 11,
    "南市商业街": 9,
    "柳塘街": 9,
    "学府路": 13,
    "站前路": 13,
    "南环路": 13,
    "樟桥大道": 16,
    "车站支路": 10,
    "柳岸路": 10,
}


def _fill_shops(d: Drawing) -> None:
    for street in STREETS:
        depth = SHOP_STREETS.get(street.name)
        if depth is None:
            continue
        (ax, ay), (bx, by) = street.line[0], street.line[-1]
        upright = abs(bx - ax) < 1
        back = street.dual + HALF_WIDTH[street.rank] + 3.5
        low, high = (ay, by) if upright else (ax, bx)
        for side in (-1.0, 1.0):
            at = low + 20
            while at < high - 20:
                width, gap, keep = d.dice.roll(13, 30), d.dice.roll(2, 14), d.dice.roll()
                near, far = sorted((back * side, (back + depth) * side))
                box = (ax + near, at, ax + far, at + width) if upright else (at, ay + near, at + width, ay + far)
                if keep < 0.8 and box[0] > 45 and box[2] < 1380 and d.free(box, 1.2):
                    levels = 2 + int(d.dice.roll(0, 4.99))
                    tags = {"building": "retail" if keep < 0.2 else "yes"}
                    if keep < 0.16:
                        tags["building:levels"] = str(levels)
                    d.house(box, tags)
                at += width + gap


def _fill_offices(d: Drawing, area: Box) -> None:
    x0, y0, x1, y1 = area
    for _ in range(26):
        w, h = d.dice.roll(18, 40), d.dice.roll(14, 26)
        x, y, tall = d.dice.roll(x0, max(x0 + 1, x1 - w)), d.dice.roll(y0, max(y0 + 1, y1 - h)), d.dice.roll()
        box = (x, y, x + w, y + h)
        if box[2] <= x1 and box[3] <= y1 and d.free(box, 5.0):
            tags = {"building": "office" if tall < 0.2 else "yes"}
            if tall < 0.25:
                tags["building:levels"] = str(3 + int(tall * 60))
            if tall < 0.06:
                tags["height"] = str(12 + int(tall * 240))
            d.house(box, tags)


def _draw_nature(d: Drawing) -> None:
    w = d.world
    for box in (
        (300, 2, 500, 78),
        (540, 2, 680, 78),
        (890, 2, 976, 78),
        (1110, 28, 1376, 78),
        (1412, 0, 1640, 78),
        (1350, 284, 1382, 380),
        (1412, 284, 1550, 380),
    ):
        x0, y0, x1, y1 = box
        w.grid_way([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], {"landuse": "farmland"}, closed=True)
    w.grid_way([(60, 1100), (300, 1100), (300, 1200), (60, 1200), (60, 1100)], {"natural": "wood", "name": "望山"})
    for box in ((-12, 100, 22, 390), (-12, 470, 22, 720), (-12, 760, 22, 1180)):
        x0, y0, x1, y1 = box
        w.grid_way([(x0, y0), (x1, y0), (x1, y1), (x0, y1)], {"landuse": "grass"}, closed=True)
    w.grid_way([(1456, 764), (1564, 764), (1564, 914), (1456, 914)], {"landuse": "industrial"}, closed=True)
    w.grid_way([(70, 958), (104, 958), (104, 978), (70, 978)], {"natural": "wood"}, closed=True)
    for x, dy in ((498.0, 28.0), (542.0, 28.0)):
        for k in range(46):
            y = 20 + dy * k
            if y < 1130 and not 362 < y < 494 and all(abs(y - c) > 24 for c in (90, 270, 500, 740, 930, 1090)):
                w.grid_node(x, y, {"natural": "tree", **({"height": "9"} if k % 7 == 0 else {})})
    for y in (717.5, 762.5):
        for k in range(60):
            x = 62 + 26.0 * k
            if x < 1335 and all(abs(x - c) > 24 for c in (290, 520, 760, 990, 1190, 1340)):
                w.grid_node(x, y, {"natural": "tree"})
    for x0, x1, y in ((66, 272, 492), (778, 972, 492), (1008, 1172, 492)):
        w.grid_way([(x0, y), ((x0 + x1) / 2, y), (x1, y)], {"natural": "tree_row"})


def _draw_furniture(d: Drawing) -> None:
    w = d.world
    for x, y, name in dress.TOILETS:
        node = w.grid_node(x, y, {"amenity": "toilets", "access": "yes", **({"name": name} if name else {})})
        d.shown.setdefault("ban:toilet", []).append(f"node/{node}")
    for x, y, text in dress.SURVEILLANCE:
        node = w.grid_node(x, y, {"man_made": "surveillance", "surveillance:type": "camera", **dress.t(text)})
        d.shown.setdefault("surveillance", []).append(f"node/{node}")
    for x, y in dress.BILLBOARDS:
        node = w.grid_node(x, y, {"advertising": "billboard", "height": "8"})
        d.shown.setdefault("billboards", []).append(f"node/{node}")
    stops = (
        ("桂花路", 270, 724),
        ("人民政府", 680, 756),
        ("学府路", 1010, 724),
        ("学府路", 970, 756),
        ("安和路东", 820, 944),
        ("望山公园", 120, 944),
        ("柳塘镇", 156, 200),
        ("樟桥站", 1326, 600),
        ("老街", 536, 316),
    )
    for name, x, y in stops:
        node = w.grid_node(x, y, {"highway": "bus_stop", "public_transport": "platform", "bus": "yes", "name": name})
        d.shown.setdefault("bus_stops", []).append(f"node/{node}")
    for place in COMPOUNDS[:5]:
        x0, y0 = place.at[:2]
        spot = (x0 + 2.5, y0 + 2.5, x0 + 8, y0 + 30)
        tags = {"amenity": "parking", "access": "private", "parking": "surface"}
        d.shown.setdefault("private_parking", []).append(
            w.grid_way(
                [(spot[0], spot[1]), (spot[2], spot[1]), (spot[2], spot[3]), (spot[0], spot[3])], tags, closed=True
            )
        )
    w.grid_node(1342, 586, {"amenity": "taxi", "name": "樟桥站出租车上客点"})
    for x, y in ((598, 640), (598, 690), (680, 640), (680, 690)):
        w.grid_node(x, y, {"amenity": "bench"})


def _draw_flaws(d: Drawing) -> frozenset[int]:
    """What real extracts have: a building cut by the edge, an object far off, a house drawn in two tiles."""
    w = d.world
    spots = [(1690, 620), (1730, 620), (1730, 650), (1690, 650)]
    nodes = [w.grid_node(*p) for p in spots]
    d.shown["flaw:cut"] = [w.way([*nodes, nodes[0]], {"building": "yes"})]
    cut = frozenset(nodes[1:3])
    far = w.node(31000.0, 26000.0, {"shop": "convenience", "name": "远方小店"})
    d.shown["flaw:stray"] = [f"node/{far}"]
    return cut


def bounds() -> tuple[float, float, float, float]:
    """Return west, south, east, north of the district in degrees."""
    corners = [degrees(*metres(x, y)) for x in (-20, 876, 1720) for y in (-20, 630, 1290)]
    lons, lats = [c[0] for c in corners], [c[1] for c in corners]
    return min(lons) - 2e-4, min(lats) - 2e-4, max(lons) + 2e-4, max(lats) + 2e-4
