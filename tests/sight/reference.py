"""An independent slow reference: one line of sight at a time, in plain Python, from the definition."""

from __future__ import annotations

import math

Point = tuple[float, float]
Ring = list[Point]


def rectangle(x: float, y: float, width: float, depth: float, turn: float = 0.0) -> Ring:
    """Corners of a rectangle with its lower left corner at (x, y), turned about it."""
    c, s = math.cos(turn), math.sin(turn)
    corners = [(0.0, 0.0), (width, 0.0), (width, depth), (0.0, depth)]
    return [(x + c * u - s * v, y + s * u + c * v) for u, v in corners]


def walls_of(solids: list[list[Ring]]) -> list[tuple[Point, Point]]:
    """All walls of solids, each a list of rings (the outline, then its courtyards)."""
    return [(ring[i - 1], ring[i]) for rings in solids for ring in rings for i in range(len(ring))]


def crosses(p: Point, q: Point, a: Point, b: Point) -> float | None:
    """Where on p → q (0 to 1) the wall a – b is crossed, None where it is not."""
    wx, wy, ex, ey = q[0] - p[0], q[1] - p[1], b[0] - a[0], b[1] - a[1]
    det = wx * ey - wy * ex
    if det == 0.0:
        return None
    s = ((a[0] - p[0]) * ey - (a[1] - p[1]) * ex) / det
    u = ((a[0] - p[0]) * wy - (a[1] - p[1]) * wx) / det
    return s if 0.0 < s < 1.0 and 0.0 <= u <= 1.0 else None


def sees(
    camera: Point,
    target: Point,
    solids: list[list[Ring]],
    *,
    reach: float,
    axis: float = 0.0,
    hfov: float = 360.0,
    near: float = 0.0,
) -> bool:
    """Whether a camera sees a point on the ground; angles in degrees, axis counter-clockwise from east."""
    dx, dy = target[0] - camera[0], target[1] - camera[1]
    if not near <= math.hypot(dx, dy) <= reach:
        return False
    off = (math.degrees(math.atan2(dy, dx)) - axis + 180.0) % 360.0 - 180.0
    if abs(off) > hfov / 2.0:
        return False
    return all(crosses(camera, target, a, b) is None for a, b in walls_of(solids))


def clears(
    camera: tuple[float, float, float], target: tuple[float, float, float], solids: list[tuple[list[Ring], float]]
) -> bool:
    """Whether the straight line from lens to target passes over every solid (rings, height) that it crosses."""
    for rings, height in solids:
        for a, b in walls_of([rings]):
            s = crosses(camera[:2], target[:2], a, b)
            if s is not None and camera[2] + s * (target[2] - camera[2]) < height:
                return False
    return True


def inside(point: Point, solids: list[list[Ring]]) -> bool:
    """Whether a point lies in a solid (even-odd rule, solid by solid)."""
    for rings in solids:
        odd = False
        for a, b in walls_of([rings]):
            if (a[1] > point[1]) != (b[1] > point[1]):
                odd ^= point[0] < a[0] + (point[1] - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        if odd:
            return True
    return False
