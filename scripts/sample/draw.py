"""The plan drawn as a mapper would: streets, junctions, ways through gates, water and rail, then every place."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from sample import network
from sample.drawing import HALF_WIDTH, Drawing, gate_spot
from sample.ground import Point
from sample.grounds import draw_districts, draw_place, draw_station
from sample.network import Line
from sample.places import LOOKALIKES, PLACES
from sample.plan import COMPOUNDS, EXPRESSWAY, RAILWAY_X, RIVER, SIGNALLED_MINOR, STREETS, UNNAMED_COMPOUND, Place
from sample.world import Tags

MAJOR = ("trunk", "primary", "secondary")


def draw() -> Drawing:
    """Return the whole drawing; nothing in it depends on chance but fill, which a fixed seed rules."""
    d = Drawing()
    _lay_streets(d)
    for place in (*COMPOUNDS, UNNAMED_COMPOUND, *PLACES, *LOOKALIKES):
        if place.form == "site":
            _lay_lanes(d, place)
    _lay_special_lines(d)
    network.join(d.lines)
    for line in d.lines:
        _block_line(d, line)
    _draw_junctions(d)
    _draw_lines(d)
    _draw_water_and_rail(d)
    for place in (*COMPOUNDS, UNNAMED_COMPOUND, *PLACES, *LOOKALIKES):
        draw_place(d, place)
    draw_station(d)
    draw_districts(d)
    return d


def _lay_streets(d: Drawing) -> None:
    for street in STREETS:
        extra = {"surface": "asphalt"} if street.rank in ("motorway", "trunk", "primary") else {}
        d.lines += network.street_lines(street, extra=extra)
    d.lines += network.street_lines(EXPRESSWAY, extra={"toll": "yes", "maxspeed": "100"})
    link = {"highway": "motorway_link", "oneway": "yes", "toll": "yes"}
    booth = {"barrier": "toll_booth", "name": "樟桥收费站"}
    d.lines += [
        Line([(529, 1146), (640, 1146)], dict(link), street="ramp", marks={(596.0, 1146.0): booth}),
        Line([(640, 1154), (529, 1154)], dict(link), street="ramp", marks={(596.0, 1154.0): booth}),
        Line([(640, 1146), (700, 1160), (790, 1196), (850, 1211)], dict(link), street="ramp"),
        Line([(575, 1211), (625, 1192), (662, 1170), (640, 1154)], dict(link), street="ramp"),
        Line([(870, 1233), (800, 1252), (735, 1252)], dict(link), street="ramp"),
        Line([(735, 1252), (705, 1236), (690, 1196)], {**link, "bridge": "yes", "layer": "2"}, 2, "ramp"),
        Line([(690, 1196), (672, 1172), (640, 1154)], dict(link), street="ramp"),
    ]


def _lay_lanes(d: Drawing, place: Place) -> None:
    """A service road from the street through each gate, and in compounds a spine that joins them."""
    for gate in place.gates:
        spot, out = gate_spot(place, gate)
        box = place.at[4:8] if gate.side.endswith("2") else place.at[:4]
        x0, y0, x1, y1 = box
        start = _street_ahead(d, spot, out)
        homes = place.kinds == ("residential_compound",) or place is UNNAMED_COMPOUND
        deep = 1.0 if homes else min(1.0, 7.0 / max(1.0, (y1 - y0) / 2 if out[0] == 0 else (x1 - x0) / 2))
        end = (
            (spot[0], spot[1] - out[1] * deep * (y1 - y0) / 2)
            if out[0] == 0
            else (spot[0] - out[0] * deep * (x1 - x0) / 2, spot[1])
        )
        tags = {"highway": "service"}
        if gate.shown == "entrance":
            tags = {"highway": "footway"}
        marks: dict[Point, Tags] = {spot: {}} if gate.shown != "none" else {}
        d.lines.append(Line([start, end], tags, street="", marks=marks))
    if place.kinds == ("residential_compound",) and place.gates:
        x0, y0, x1, y1 = place.at[:4]
        mx, my = (x0 + x1) / 2, (y0 + y1) / 2
        xs = [g.at for g in place.gates if g.side in "NS"] + [mx]
        ys = [g.at for g in place.gates if g.side in "EW"] + [my]
        if max(xs) - min(xs) > 1 or len(ys) > 1:
            d.lines.append(Line([(x0 + 12, my), (x1 - 12, my)], {"highway": "service", "service": "driveway"}))
        if max(ys) - min(ys) > 1 or len(xs) > 1:
            d.lines.append(Line([(mx, y0 + 12), (mx, y1 - 12)], {"highway": "service", "service": "driveway"}))


def _street_ahead(d: Drawing, spot: Point, out: Point) -> Point:
    """Return where a walk out of a gate meets the first street on the ground."""
    best, at = 1e9, None
    for line in d.lines:
        if not line.street or line.level or line.street == "ramp":
            continue
        for a, b in pairwise(line.points):
            far = (spot[0] + out[0] * 120, spot[1] + out[1] * 120)
            hit = network._meet(spot, far, a, b)
            if hit is not None and 0.5 < hit[0] * 120 < best:
                best = hit[0] * 120
                at = (spot[0] + out[0] * best, spot[1] + out[1] * best)
    if at is None:
        raise ValueError(f"no street within 120 m of the gate at {spot}")
    return at


def _lay_special_lines(d: Drawing) -> None:
    ramp = next(p for p in LOOKALIKES if p.key == "garage_ramp").at
    d.lines.append(Line([(ramp[0], 731.0), (ramp[0], ramp[1])], {"highway": "service"}))
    d.lines.append(Line([(348, 90), (352, 40), (400, 60), (470, 48)], {"highway": "track"}, marks={(400.0, 60.0): {}}))
    for points in (
        [(364, 154), (360, 200), (330, 240)],
        [(430, 205), (440, 130), (400, 112)],
        [(380, 158), (440, 150), (490, 120)],
        [(395, 172), (392, 246)],
        [(330, 152), (336, 112)],
    ):
        d.lines.append(Line(list(points), {"highway": "service", "service": "alley"}))
    for points in (
        [(80, 960), (150, 970), (160, 1010), (110, 1050), (80, 1010), (80, 960)],
        [(160, 966), (262, 1000), (262, 1060), (160, 1060), (160, 1010)],
        [(316, 478), (400, 470), (488, 478)],
    ):
        d.lines.append(Line(list(points), {"highway": "footway"}))
    # the far lane: streets of the old town's edge
    d.lines.append(Line([(122, -15), (128, 90)], {"highway": "unclassified"}))
    d.lines.append(Line([(700, 90), (690, 30), (860, 26), (870, 90)], {"highway": "unclassified"}))
    d.lines.append(Line([(1100, 90), (1100, 20), (1380, 16)], {"highway": "track"}))


def _block_line(d: Drawing, line: Line) -> None:
    if line.level < 0:
        return
    half = HALF_WIDTH.get(line.tags.get("highway", ""), 2) + 2.0
    if line.tags.get("highway") == "service":
        half = 2.0 if line.tags.get("service") == "alley" else 3.5
    for (ax, ay), (bx, by) in pairwise(line.points):
        steps = 1 if ax == bx or ay == by else max(1, int(math.hypot(bx - ax, by - ay) // 8))
        for k in range(steps):
            px, py = ax + (bx - ax) * k / steps, ay + (by - ay) * k / steps
            qx, qy = ax + (bx - ax) * (k + 1) / steps, ay + (by - ay) * (k + 1) / steps
            d.taken.append((min(px, qx) - half, min(py, qy) - half, max(px, qx) + half, max(py, qy) + half))


def _draw_junctions(d: Drawing) -> None:
    named = tuple(s for s in STREETS if s.name)
    duals = {s.name: s.dual for s in named}
    for cross in network.crossings(named):
        (a, b), (x, y) = cross.names[:2], cross.spot
        major = [rank in MAJOR for rank in cross.ranks]
        signals = all(major) or (a, b) in SIGNALLED_MINOR or (b, a) in SIGNALLED_MINOR
        important = cross.legs >= 3 and (all(major) or (signals and any(major)))
        d.junctions.append(replace(cross, signals=signals, important=important))
        if not signals:
            continue
        reach = duals[a] + duals[b] + 2
        mine = [{p for line in d.lines if line.street == name for p in line.points} for name in (a, b)]
        for p in sorted(mine[0] & mine[1]):
            if math.dist(p, (x, y)) <= math.hypot(reach, reach):
                d.world.grid_node(*p, {"highway": "traffic_signals"})
        for line in d.lines:
            if line.street in (a, b) and line.level == 0:
                _add_zebras(d, line, (x, y), duals[b if line.street == a else a] + 13.0)


def _add_zebras(d: Drawing, line: Line, spot: Point, away: float) -> None:
    """A zebra crossing on each approach: it is a crossing at grade and no place of any regulation."""
    points: list[Point] = []
    for p, q in pairwise(line.points):
        points.append(p)
        for zebra in _at_distance(p, q, spot, away):
            points.append(zebra)
            d.world.grid_node(
                *zebra, {"highway": "crossing", "crossing": "traffic_signals", "crossing:markings": "zebra"}
            )
    line.points = [*points, line.points[-1]]


def _at_distance(p: Point, q: Point, spot: Point, away: float) -> list[Point]:
    axis = 0 if abs(q[0] - p[0]) > abs(q[1] - p[1]) else 1
    if abs(p[1 - axis] - spot[1 - axis]) > 12:
        return []
    low, high = sorted((p[axis], q[axis]))
    hits = [v for v in (spot[axis] - away, spot[axis] + away) if low + 1 < v < high - 1]
    hits.sort(reverse=p[axis] > q[axis])
    return [(v, p[1]) if axis == 0 else (p[0], v) for v in hits]


def _draw_lines(d: Drawing) -> None:
    for line in d.lines:
        for spot, tags in line.marks.items():
            d.world.grid_node(*spot, tags)
        way = d.world.grid_way(line.points, line.tags)
        d.shown.setdefault(f"street:{line.street}", []).append(way)
        for key in ("bridge:name", "tunnel:name"):
            if key in line.tags:
                d.shown.setdefault(f"structure:{line.tags[key]}", []).append(way)
        if "bridge" in line.tags and "bridge:name" not in line.tags:
            x = sum(p[0] for p in line.points) / len(line.points)
            owner = "ramp" if line.street == "ramp" else f"{line.street}@{round(x)}"
            d.shown.setdefault(f"structure:{owner}", []).append(way)


def _wave(y: float, spread: float, *, step: float = 85.0) -> list[Point]:
    xs = [-15 + i * step for i in range(int(1730 / step) + 1)] + [1715.0]
    return [(x, y + spread * math.sin(x / 140.0)) for x in xs]


def _draw_water_and_rail(d: Drawing) -> None:
    name, y, width = RIVER
    banks = _wave(y - width / 2, 2.5) + _wave(y + width / 2, 2.5)[::-1]
    d.world.grid_way(banks, {"natural": "water", "water": "river", "name": name}, closed=True)
    d.shown["river"] = [d.world.grid_way(_wave(y, 1.0), {"waterway": "river", "name": name})]
    d.taken.append((-20, y - width / 2 - 8, 1720, y + width / 2 + 8))
    for x in (RAILWAY_X - 2.5, RAILWAY_X + 2.5):
        south = [(x, v) for v in (-15.0, 90.0, 200.0, 330.0, 480.0)]
        north = [(x, v) for v in (480.0, 600.0, 692.0, 740.0, 900.0, 1090.0, 1285.0)]
        base = {"railway": "rail", "electrified": "contact_line", "gauge": "1435", "name": "樟湖铁路"}
        d.shown.setdefault("rail_bridge", []).append(
            d.world.grid_way(south, {**base, "bridge": "viaduct", "layer": "1"})
        )
        d.world.grid_way(north, base)
    d.taken.append((RAILWAY_X - 8, -20, RAILWAY_X + 8, 1290))
