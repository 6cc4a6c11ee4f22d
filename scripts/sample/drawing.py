"""The board on which the district is drawn, what is taken on its ground, and which objects show which part of the plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sample.ground import Dice, Point, rigid
from sample.network import Crossing, Line
from sample.plan import Gate, Place
from sample.world import Tags, World

Box = tuple[float, float, float, float]
HALF_WIDTH = {
    "motorway": 10, "trunk": 11, "primary": 12, "secondary": 9, "tertiary": 7, "residential": 5, "unclassified": 5,
    "living_street": 4, "pedestrian": 6, "service": 3, "motorway_link": 5, "footway": 1,
}  # fmt: skip


@dataclass
class Drawing:
    """The board, the boxes of the grid that are taken, and by key of the plan the objects and entrances that show it."""

    world: World = field(default_factory=World)
    lines: list[Line] = field(default_factory=list)
    taken: list[Box] = field(default_factory=list)
    shown: dict[str, list[str]] = field(default_factory=dict)
    entrances: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    surface: dict[str, float] = field(default_factory=dict)
    junctions: list[Crossing] = field(default_factory=list)
    buildings: int = 0
    parts: int = 0
    dice: Dice = field(default_factory=lambda: Dice(20260301))

    def free(self, box: Box, margin: float = 2.0) -> bool:
        """Return whether a box of the grid touches nothing that stands already."""
        a, b, c, d = box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin
        return all(a >= t[2] or c <= t[0] or b >= t[3] or d <= t[1] for t in self.taken)

    def house(self, box: Box, tags: Tags) -> str:
        """Draw a building with right angles in the middle of a box of the grid."""
        x, y, w, h = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2, box[2] - box[0], box[3] - box[1]
        ring = [rigid(x, y, sx * w / 2, sy * h / 2) for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
        self.taken.append(box)
        self.buildings += "building" in tags
        return self.world.ring(ring, tags)


def gate_spot(place: Place, gate: Gate) -> tuple[Point, Point]:
    """Return where a gate stands on its ground's edge and which way is out (unit step of the grid)."""
    x0, y0, x1, y1 = place.at[4:8] if gate.side.endswith("2") else place.at[:4]
    side = gate.side[0]
    spot = {"N": (gate.at, y1), "S": (gate.at, y0), "E": (x1, gate.at), "W": (x0, gate.at)}[side]
    return spot, {"N": (0.0, 1.0), "S": (0.0, -1.0), "E": (1.0, 0.0), "W": (-1.0, 0.0)}[side]
