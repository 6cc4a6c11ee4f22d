"""The carriageways of the plan: centre lines become one or two lines, cut at bridges and tunnels, joined where they meet."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from sample.ground import Point
from sample.plan import Street

ONEWAY_RANKS = ("motorway",)


@dataclass
class Line:
    """One drawn line of the network on the plan's grid; ``level`` 0 is the ground, and only like levels meet."""

    points: list[Point]
    tags: dict[str, str]
    level: int = 0
    street: str = ""
    marks: dict[Point, dict[str, str]] = field(default_factory=dict)
    meets: bool = True


def shifted(line: tuple[Point, ...], off: float) -> list[Point]:
    """Return a straight centre line moved ``off`` metres to its right."""
    (ax, ay), (bx, by) = line[0], line[-1]
    length = math.hypot(bx - ax, by - ay)
    nx, ny = (by - ay) / length, -(bx - ax) / length
    return [(x + nx * off, y + ny * off) for x, y in line]


def along(points: list[Point], at: float) -> Point:
    """Return the point of an upright or level line whose running coordinate is ``at``."""
    (ax, ay), (bx, by) = points[0], points[-1]
    return (ax, at) if abs(bx - ax) < abs(by - ay) else (at, ay)


def _cut(points: list[Point], spans: list[tuple[str, float, float, int]]) -> list[tuple[list[Point], int, str]]:
    """Return pieces (points, level, structure) of a straight line that runs towards larger coordinates."""
    pieces: list[tuple[list[Point], int, str]] = []
    rest = list(points)
    for name, low, high, level in sorted(spans, key=lambda s: s[1]):
        a, b = along(points, low), along(points, high)
        pieces += [([rest[0], a], 0, ""), ([a, b], level, name or "-")]
        rest = [b, rest[-1]]
    return [*pieces, (rest, 0, "")]


def street_lines(street: Street, *, extra: dict[str, str] | None = None) -> list[Line]:
    """Return the drawn lines of a street: right-hand traffic, one line a carriageway and level."""
    spans = [(*b, 1) for b in street.bridges] + [(*t, -1) for t in street.tunnels]
    base = {"highway": street.rank, **({"name": street.name} if street.name else {}), **(extra or {})}
    if street.ref:
        base["ref"] = street.ref
    if street.rank in ("trunk", "primary", "secondary", "motorway"):
        base["lanes"] = str(street.lanes)
    tracks: list[tuple[list[Point], bool]] = []
    if street.dual:
        base["oneway"] = "yes"
        tracks = [(shifted(street.line, street.dual), False), (shifted(street.line, -street.dual), True)]
    else:
        tracks = [(list(street.line), False)]
    lines: list[Line] = []
    for points, back in tracks:
        pieces = _cut(points, spans) if spans else [(points, 0, "")]
        for piece, level, structure in pieces:
            tags = dict(base)
            if level > 0:
                tags |= {"bridge": "yes", "layer": str(level)} | (
                    {"bridge:name": structure} if structure != "-" else {}
                )
            if level < 0:
                tags |= {"tunnel": "yes", "layer": str(level)} | (
                    {"tunnel:name": structure} if structure != "-" else {}
                )
            lines.append(Line(piece[::-1] if back else piece, tags, level, street.name))
    return lines


def _meet(p: Point, q: Point, r: Point, s: Point) -> tuple[float, float] | None:
    """Return how far along p–q and r–s two segments meet, each 0 to 1, or None."""
    dx, dy, ex, ey = q[0] - p[0], q[1] - p[1], s[0] - r[0], s[1] - r[1]
    det = dx * ey - dy * ex
    if abs(det) < 1e-9:
        return None
    u = ((r[0] - p[0]) * ey - (r[1] - p[1]) * ex) / det
    v = ((r[0] - p[0]) * dy - (r[1] - p[1]) * dx) / det
    slack_u, slack_v = 0.3 / math.hypot(dx, dy), 0.3 / math.hypot(ex, ey)
    if -slack_u <= u <= 1 + slack_u and -slack_v <= v <= 1 + slack_v:
        return min(max(u, 0.0), 1.0), min(max(v, 0.0), 1.0)
    return None


def join(lines: list[Line], *, spacing: float = 70.0) -> None:
    """Give every pair of lines of one level a shared point where they meet, and long stretches points between."""
    extra: dict[int, list[tuple[int, float, Point]]] = {i: [] for i in range(len(lines))}
    for i, a in enumerate(lines):
        for j in range(i + 1, len(lines)):
            b = lines[j]
            if a.level != b.level or not (a.meets and b.meets):
                continue
            for m in range(len(a.points) - 1):
                for n in range(len(b.points) - 1):
                    hit = _meet(a.points[m], a.points[m + 1], b.points[n], b.points[n + 1])
                    if hit is None:
                        continue
                    p, q = a.points[m], a.points[m + 1]
                    spot = (round(p[0] + hit[0] * (q[0] - p[0]), 2), round(p[1] + hit[0] * (q[1] - p[1]), 2))
                    extra[i].append((m, hit[0], spot))
                    extra[j].append((n, hit[1], spot))
    for i, line in enumerate(lines):
        out: list[Point] = []
        for m in range(len(line.points) - 1):
            p, q = line.points[m], line.points[m + 1]
            size = math.hypot(q[0] - p[0], q[1] - p[1])
            stops = [(0.0, p), (1.0, q)] + [(u, spot) for k, u, spot in extra[i] if k == m]
            stops += [(u, s) for u, s in ((_share(p, q, s), s) for s in line.marks) if u is not None]
            steps = int(size // spacing)
            stops += [
                (k / (steps + 1), (p[0] + k / (steps + 1) * (q[0] - p[0]), p[1] + k / (steps + 1) * (q[1] - p[1])))
                for k in range(1, steps + 1)
            ]
            hard = {s for _, s in stops[2:]} | {p, q}
            stops.sort()
            for _, spot in stops:
                spot = (round(spot[0], 2), round(spot[1], 2))
                if not out or math.hypot(spot[0] - out[-1][0], spot[1] - out[-1][1]) > 0.4:
                    out.append(spot)
                elif spot in hard and any(spot == s for k, _, s in extra[i] if k == m):
                    out[-1] = spot
        line.points = out


def _share(p: Point, q: Point, s: Point) -> float | None:
    dx, dy = q[0] - p[0], q[1] - p[1]
    size = dx * dx + dy * dy
    u = ((s[0] - p[0]) * dx + (s[1] - p[1]) * dy) / size
    off = math.hypot(p[0] + u * dx - s[0], p[1] + u * dy - s[1])
    return u if 0 <= u <= 1 and off < 0.3 else None


@dataclass(frozen=True)
class Crossing:
    """Where the centre lines of two named streets meet on the ground, and how many legs they make there."""

    names: tuple[str, ...]
    ranks: tuple[str, ...]
    spot: Point
    legs: int
    signals: bool = False
    important: bool = False


def crossings(streets: tuple[Street, ...]) -> list[Crossing]:
    """Return the crossings of named streets, in the order of the streets."""
    found: list[Crossing] = []
    for i, a in enumerate(streets):
        for b in streets[i + 1 :]:
            for p, q in pairwise(a.line):
                for r, s in pairwise(b.line):
                    hit = _meet_wide(p, q, r, s, a.dual + b.dual)
                    if hit is None or _on_structure(a, hit) or _on_structure(b, hit):
                        continue
                    legs = _legs(a, hit) + _legs(b, hit)
                    found.append(Crossing((a.name, b.name), (a.rank, b.rank), hit, legs))
    return found


def _meet_wide(p: Point, q: Point, r: Point, s: Point, slack: float) -> Point | None:
    dx, dy, ex, ey = q[0] - p[0], q[1] - p[1], s[0] - r[0], s[1] - r[1]
    det = dx * ey - dy * ex
    if abs(det) < 1e-9:
        return None
    u = ((r[0] - p[0]) * ey - (r[1] - p[1]) * ex) / det
    v = ((r[0] - p[0]) * dy - (r[1] - p[1]) * dx) / det
    su, sv = (slack + 0.5) / math.hypot(dx, dy), (slack + 0.5) / math.hypot(ex, ey)
    if -su <= u <= 1 + su and -sv <= v <= 1 + sv:
        return round(p[0] + u * dx, 2), round(p[1] + u * dy, 2)
    return None


def _on_structure(street: Street, spot: Point) -> bool:
    (ax, ay), (bx, by) = street.line[0], street.line[-1]
    at = spot[1] if abs(bx - ax) < abs(by - ay) else spot[0]
    return any(low < at < high for _, low, high in (*street.bridges, *street.tunnels))


def _legs(street: Street, spot: Point) -> int:
    reach = 2 * street.dual + 20
    return sum(math.hypot(end[0] - spot[0], end[1] - spot[1]) > reach for end in (street.line[0], street.line[-1]))
