"""Places drawn as a mapper would: houses, grounds with walls and gates, mouths of stations, districts."""

from __future__ import annotations

import math

from sample import dress
from sample.drawing import Drawing, gate_spot
from sample.ground import Point, metres, rigid, ring_m2
from sample.plan import DISTRICT, RAILWAY_X, SUBDISTRICTS, TOWN, Gate, Place
from sample.world import Tags


def _site_ring(box: tuple[float, ...], gates: list[tuple[Point, Gate]]) -> list[Point]:
    x0, y0, x1, y1 = box
    corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    ring: list[Point] = []
    for i, (a, b) in enumerate(zip(corners, [*corners[1:], corners[0]], strict=True)):
        ring.append(a)
        axis = i % 2
        on_side = [
            s
            for s, g in gates
            if g.shown != "none"
            and s[1 - axis] == a[1 - axis]
            and min(a[axis], b[axis]) < s[axis] < max(a[axis], b[axis])
        ]
        ring += sorted(on_side, key=lambda s: abs(s[axis] - a[axis]))
    return ring


GATE_TAGS: dict[str, Tags] = {
    "gate": {"barrier": "gate"},
    "lift_gate": {"barrier": "lift_gate", "access": "private"},
    "entrance": {"entrance": "yes"},
}


def draw_place(d: Drawing, place: Place) -> None:
    tags = dict(dress.DRESS.get(place.key, {}))
    if place.name:
        tags["name"] = place.name
    if place.form == "point":
        node = d.world.grid_node(place.at[0], place.at[1], tags)
        d.shown[place.key] = [f"node/{node}"]
        if place.key in dress.METRO_MOUTHS:
            for x, y, ref in dress.METRO_MOUTHS[place.key]:
                mouth = d.world.grid_node(
                    x, y, {"railway": "subway_entrance", "ref": ref, "name": f"{place.name}{ref}口"}
                )
                d.shown[place.key].append(f"node/{mouth}")
                d.entrances.setdefault(place.key, []).append({"spot": (x, y), "shown": "mapped"})
        return
    if place.form == "line":
        x0, y0, x1, y1 = place.at
        steps = max(1, int(math.hypot(x1 - x0, y1 - y0) // 85))
        points = [(x0 + (x1 - x0) * i / steps, y0 + (y1 - y0) * i / steps) for i in range(steps + 1)]
        d.shown[place.key] = [d.world.grid_way(points, tags)]
        if place.key in ("footbridge", "underpass"):
            _draw_steps(d, place)
        return
    if place.form == "house":
        d.shown[place.key] = [d.house(place.at, {"building": "yes", **tags})]  # type: ignore[arg-type]
        d.surface[place.key] = (place.at[2] - place.at[0]) * (place.at[3] - place.at[1])
        if place.key == "mall":
            _draw_parts(d, place)
        return
    _draw_site(d, place, tags)


def _draw_site(d: Drawing, place: Place, tags: Tags) -> None:
    if not tags or set(tags) == {"name"}:
        tags = {"landuse": "residential", **tags}
        if place.facts.get("start_date"):
            tags["start_date"] = str(place.facts["start_date"])
    boxes = [place.at[i : i + 4] for i in range(0, len(place.at), 4)]
    gates = [(gate_spot(place, g)[0], g) for g in place.gates]
    for spot, gate in gates:
        if gate.shown != "none":
            d.world.grid_node(*spot, GATE_TAGS[gate.shown])
        shown = "derived" if gate.shown == "none" else "mapped"
        d.entrances.setdefault(place.key, []).append({"spot": spot, "shown": shown})
    rings = [_site_ring(box, gates) for box in boxes]
    d.surface[place.key] = sum(ring_m2([metres(*p) for p in ring]) for ring in rings)
    apart = place.key in ("primary", "kinder", "stadium", "yinxing", "zhangyuan", "university")
    barrier = {"barrier": place.wall} if place.wall else {}
    if len(boxes) > 1:
        members = []
        for ring in rings:
            way = d.world.grid_way(ring, barrier, closed=True)
            members.append(("way", int(way.split("/")[1]), "outer"))
        d.shown[place.key] = [d.world.relation(members, {"type": "multipolygon", **tags})]
    else:
        d.shown[place.key] = [d.world.grid_way(rings[0], tags if apart else {**tags, **barrier}, closed=True)]
        if apart and barrier:
            d.world.grid_way([*rings[0], rings[0][0]], barrier)
    parts = d.shown.setdefault(f"parts:{place.key}", [])
    for box, text in dress.INNER.get(place.key, ()):
        parts.append(d.house(box, dress.t(text)))
    if place.key == "gov":
        parts.append(_draw_court(d))
    if place.key == "oil":
        for x, y, radius in dress.TANKS:
            ring = [
                rigid(x, y, radius * math.cos(k * math.pi / 6), radius * math.sin(k * math.pi / 6)) for k in range(12)
            ]
            way = d.world.ring(
                ring, {"man_made": "storage_tank", "content": "oil", "building": "storage_tank", "height": "12"}
            )
            parts.append(way)
            d.buildings += 1
            d.taken.append((x - radius, y - radius, x + radius, y + radius))
    if place.key == "airfield":
        d.world.grid_way([(1440, 165), (1632, 165)], {"aeroway": "runway", "surface": "asphalt"})
    if place.kinds != ("residential_compound",) and place.key not in ("unnamed", "village"):
        d.taken += [(b[0], b[1], b[2], b[3]) for b in boxes]


def _draw_court(d: Drawing) -> str:
    """The government's house stands round a courtyard: one building of two rings."""
    outer = [rigid(630, 866, sx * 46, sy * 28) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    inner = [rigid(630, 866, sx * 28, sy * 12) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    ways = [int(d.world.ring(r, {}).split("/")[1]) for r in (outer, inner)]
    tags = {"type": "multipolygon", "building": "government", "building:levels": "8", "height": "32"}
    d.buildings += 1
    return d.world.relation([("way", ways[0], "outer"), ("way", ways[1], "inner")], tags)


def _draw_parts(d: Drawing, place: Place) -> None:
    """The mall's outline holds two parts: a podium and a tower."""
    x0, y0, x1, y1 = place.at[:4]
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    for low, high, levels, height in ((-0.5, 0.2, "5", "27"), (0.2, 0.5, "24", "99")):
        w, h = x1 - x0, y1 - y0
        ring = [rigid(x, y, fx * w, sy * h) for fx, sy in ((low, -0.5), (high, -0.5), (high, 0.5), (low, 0.5))]
        d.world.ring(ring, {"building:part": "yes", "building:levels": levels, "height": height})
        d.parts += 1


def _draw_steps(d: Drawing, place: Place) -> None:
    x0, y0, x1, y1 = place.at
    if place.key == "footbridge":
        spans = [((x0, y0), (x0, y0 - 18)), ((x1, y1), (x1, y1 - 18))]
    else:
        spans = [((x0, y0), (x0 - 12, y0)), ((x1, y1), (x1 - 12, y1))]
    for a, b in spans:
        d.world.grid_way([a, b], {"highway": "steps"})


def draw_station(d: Drawing) -> None:
    name = "樟桥站"
    node = d.world.grid_node(
        RAILWAY_X - 8, 646, {"railway": "station", "train": "yes", "public_transport": "station", "name": name}
    )
    d.shown["station"].append(f"node/{node}")
    for x in (RAILWAY_X - 8.0, RAILWAY_X + 8.0):
        d.world.grid_way(
            [(x - 3, 600), (x + 3, 600), (x + 3, 692), (x - 3, 692)],
            {"railway": "platform", "public_transport": "platform"},
            closed=True,
        )
    d.entrances.setdefault("station", []).append({"spot": (1358.0, 646.0), "shown": "mapped"})
    d.world.node(*rigid(1369, 646, -11, 0), {"entrance": "main"})


def draw_districts(d: Drawing) -> None:
    (west, box_w), (east, box_e) = SUBDISTRICTS
    x, y0, y1 = box_w[2], box_w[1], box_w[3]
    border = d.world.grid_way(
        [(x, y0 + k * (y1 - y0) / 12) for k in range(13)], {"boundary": "administrative", "admin_level": "8"}
    )
    left = [
        (x, y1),
        *[(x - k * (x - box_w[0]) / 8, y1) for k in range(1, 9)],
        *[(box_w[0], y1 - k * (y1 - y0) / 8) for k in range(1, 9)],
        *[(box_w[0] + k * (x - box_w[0]) / 8, y0) for k in range(1, 9)],
    ]
    right = [
        (x, y1),
        *[(x + k * (box_e[2] - x) / 8, y1) for k in range(1, 9)],
        *[(box_e[2], y1 - k * (y1 - y0) / 8) for k in range(1, 9)],
        *[(box_e[2] - k * (box_e[2] - x) / 8, y0) for k in range(1, 9)],
    ]
    edge = {"boundary": "administrative", "admin_level": "6"}
    ways = [int(w.split("/")[1]) for w in (border, d.world.grid_way(left, edge), d.world.grid_way(right, edge))]
    for name, members in ((west, (0, 1)), (east, (0, 2))):
        d.shown[f"district:{name}"] = [
            d.world.relation(
                [("way", ways[i], "outer") for i in members],
                {"type": "boundary", "boundary": "administrative", "admin_level": "8", "name": name},
            )
        ]
    d.shown[f"district:{DISTRICT}"] = [
        d.world.relation(
            [("way", ways[i], "outer") for i in (1, 2)],
            {"type": "boundary", "boundary": "administrative", "admin_level": "6", "name": DISTRICT},
        )
    ]
    name, (x0, y0, x1, y1) = TOWN
    ring = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    d.shown["town"] = [d.world.grid_way(ring, {"place": "town", "place:CN": "town", "name": name}, closed=True)]
