"""Samples along lines, and directions at them, as arrays."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import geo

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

COLUMNS: tuple[str, ...] = (
    "ground",  # row of the ground the sample was laid on
    "component",
    "x",
    "y",
    "facing",  # direction it must be seen from, ° from true north
    "heading",  # direction of the line at the sample, ° from true north; null for what is no street
    "oneway",  # traffic runs along ``heading`` only
    "size",  # of the target
    "weight",  # of the demand
    "unit",
    "layer",
    "cell",  # side of the cell, m; null for lines and points
    "feature_id",
    "sequence",  # number of the sample along its feature
    "surrogate",  # stands in for an entrance that the map lacks
    "tunnel",  # inside a tunnel: never a target, only a line of the checklist
)


class LineSamples(NamedTuple):
    """Mid points of equal pieces of lines: line, position (m), length (m) of the piece, unit direction, number."""

    line: Ints
    x: Floats
    y: Floats
    size: Floats
    dx: Floats
    dy: Floats
    sequence: Ints


def sample_lines(lines: npt.NDArray[Any], step: float) -> LineSamples:
    """Cut each line into equal pieces of about ``step`` metres; one sample in the middle of each.

    The sizes of a line's samples add up to its length.

    >>> float(sample_lines(np.array([shapely.from_wkt("LINESTRING (0 0, 100 0)")]), 5.0).size.sum())
    100.0
    """
    length = shapely.length(lines)
    pieces = np.where(length > 0, np.maximum(1, np.rint(length / step)), 0).astype(np.int64)
    line = np.repeat(np.arange(len(lines)), pieces)
    sequence = np.arange(len(line)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    size = (length / np.maximum(pieces, 1))[line]
    along = (sequence + 0.5) * size
    at = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along))
    behind = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along - 0.2 * size))
    ahead = shapely.get_coordinates(shapely.line_interpolate_point(lines[line], along + 0.2 * size))
    dx, dy = unit_vectors(ahead - behind)
    return LineSamples(line, at[:, 0], at[:, 1], size, dx, dy, sequence)


def unit_vectors(vectors: Floats) -> tuple[Floats, Floats]:
    """Return x and y of vectors (rows) brought to length 1; a null vector stays null."""
    norm = np.hypot(vectors[:, 0], vectors[:, 1])
    safe = np.where(norm > 0, norm, 1.0)
    return vectors[:, 0] / safe, vectors[:, 1] / safe


def bearings(dx: Floats, dy: Floats, x: Floats, y: Floats, crs: Any) -> Floats:
    """Return the directions (dx, dy) at (x, y) as degrees clockwise from true north, 0 ≤ … < 360; null for (0, 0)."""
    if len(dx) == 0:
        return np.zeros(0)
    grid = np.degrees(np.arctan2(dx, dy))
    true = np.mod(grid + geo.meridian_convergence(x, y, crs), 360.0)
    return np.where((dx == 0) & (dy == 0), np.nan, true)


def frame(component: str, unit: str, **columns: Any) -> pd.DataFrame:
    """Return samples of one component as a frame with every column of :data:`COLUMNS`; what is not given is null."""
    rows = len(columns["x"])
    defaults: dict[str, Any] = {
        "component": component,
        "unit": unit,
        "facing": np.nan,
        "heading": np.nan,
        "oneway": False,
        "layer": 0,
        "cell": np.nan,
        "sequence": 0,
        "surrogate": False,
        "tunnel": False,
    }
    data = {name: columns[name] if name in columns else defaults[name] for name in COLUMNS}
    return pd.DataFrame(data, index=pd.RangeIndex(rows))


def empty() -> pd.DataFrame:
    """Return samples without rows."""
    none = np.zeros(0)
    text = np.zeros(0, dtype=object)
    return frame(
        "area", "m2", ground=np.zeros(0, dtype=np.int64), x=none, y=none, size=none, weight=none, feature_id=text
    )
