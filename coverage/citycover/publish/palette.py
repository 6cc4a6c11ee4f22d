"""The colours of maps and layers: quiet ground, gaps that speak, distinct also to the colour-blind.

Priorities run from dark to light in one warm ramp, cameras stay in blue and grey; each class also has a shape or a
pattern of its own, so that no class is told by colour alone.
"""

from __future__ import annotations

PAPER = "#f7f6f2"
WATER = "#bcd3e0"
GREEN = "#dce8cf"
COMPOUND = "#efece4"
BUILDING = "#d9d4c9"
STREET = "#c9c3b6"
RAIL = "#8d8a86"
PATH = "#cfc6b4"
UNDECIDED = "#6f5f90"

BASE: dict[str, str] = {
    "paper": PAPER,
    "water": WATER,
    "green": GREEN,
    "compound": COMPOUND,
    "building": BUILDING,
    "street": STREET,
    "rail": RAIL,
    "path": PATH,
    "undecided": UNDECIDED,
}
"""Colours of the quiet ground, by the names that the page knows."""

SHARES: dict[str, str] = {
    "c0": "#d6e6f4",
    "c1": "#abcfe6",
    "c2": "#6baed6",
    "c3": "#3182bd",
    "c4": "#08519c",
    "held": "#8d8a86",
}
"""Colours of shares by class, from few to all; ``held``: not shown."""

DENSITY: tuple[str, ...] = ("#081d58", "#225ea8", "#1d91c0", "#41b6c4", "#7fcdbb", "#c7e9b4", "#edf8b1")
"""Colours of views by pixel density, the sharpest first."""

PRIORITY: dict[str, str] = {"high": "#a50f15", "medium": "#e6550d", "low": "#d9a400", "none": "#c2185b"}
"""Colour of a gap by its priority class."""

CHANGES: dict[str, str] = {
    "opened": "#a50f15",
    "closed": "#00798c",
    "grown": "#e6550d",
    "shrunk": "#3f7d3a",
    "split": "#7a5195",
    "merged": "#5b5ea6",
    "same": "#8d8a86",
}
"""Colour of a gap by what became of it since an earlier study."""

VIEW_END: dict[str, str] = {"exact": "#2b7bba", "low": "#2b7bba", "high": "#5aa6a6", "swept": "#8a6fb0"}
"""Colour of a view by which end it is: what is bound to be seen, at best, or by turning the head."""

CONFLICT: dict[str, str] = {"error": "#111111", "review": "#00695c", "warning": "#6d4c41"}
"""Colour of a suspected conflict by its level; each has a sign of its own."""

OBSTACLE: dict[str, str] = {"tree": "#4f7942", "board": "#8a6d3b", "planned_building": "#5b5ea6"}
"""Colour of the ground at risk behind an obstacle."""

CAMERA: dict[str, str] = {"yes": "#08519c", "range": "#3182bd", "no": "#737373"}
"""Colour of a camera by whether it counts."""

SITE: dict[str, str] = {
    "connect": "#00897b",
    "repair": "#558b2f",
    "re-aim": "#7b1fa2",
    "upgrade": "#0277bd",
    "move": "#6d4c41",
    "new": "#d81b60",
}
"""Colour of a planned site by what is done there; each bears a square with its wedge."""

NEW = "#1b7837"
"""Colour of a camera that is new or changed in the later of two states; it is also drawn larger."""

SURVEY: dict[str, str] = {"open": "#f9a825", "confirmed": "#2e7d32", "moved": "#6d4c41", "refused": "#b71c1c"}
"""Colour of a planned site by what its visit found."""

ITEMS: tuple[str, ...] = (
    "#1b6e7c",
    "#7a5195",
    "#3f7d3a",
    "#8c564b",
    "#2f4b7c",
    "#b0508e",
    "#6b7a1e",
    "#00798c",
    "#5b5ea6",
    "#8a6d3b",
)
"""Colours of mandates, item by item; used again from the start where there are more items."""

ACTION: dict[str, str] = {
    "drop": "#b3004a",
    "connect": "#00798c",
    "repair": "#6b7a1e",
    "upgrade": "#7a5195",
    "re-aim": "#a0522d",
    "co-locate": "#2f4b7c",
    "keep": "#4d4d4d",
    "possible": "#b35900",
}
"""Colour of a proposal by what to do with it; of those that are to be checked on site."""
