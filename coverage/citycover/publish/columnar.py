"""Pack tables and geometries into compact arrays that a page unpacks by itself."""

from __future__ import annotations

import json
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover.publish.wording import text
from citycover.terms import Lang

POINT, LINE, POLYGON = 0, 1, 2
MICRO = 1_000_000
"""Coordinates are whole millionths of a degree: at most 6 cm off."""

_SIMPLE_TYPE = np.array([POINT, LINE, LINE, POLYGON, -1, -1, -1, -1])
"""Our type by GEOS type id of a single geometry (point, line, ring, polygon)."""


def pack_geometry(geometry: gpd.GeoSeries, *, tolerance: float = 0.0) -> dict[str, Any]:
    """Return geometries as flat arrays of differences, in millionths of a degree of WGS-84.

    Parameters
    ----------
    geometry
        In a metric reference system; mixed types and collections are taken apart, missing and empty ones left out.
    tolerance
        Simplify first, by at most so many metres (topology of each geometry is kept).

    Returns
    -------
    ``xy``: longitude and latitude in turn, each as the difference from the point before (the first from zero), over
    all pieces; ``m``: points per ring; ``r``: rings per piece; ``t``: type per piece (0 point, 1 line, 2 polygon);
    ``f``: row of each piece. ``m``, ``r``, ``t`` are one number where all are alike; ``f`` is null where
    piece i is row i.

    Examples
    --------
    >>> roads = gpd.GeoSeries.from_wkt(["LINESTRING (669887 3546393, 669987 3546393)"], crs=32650)
    >>> packed = pack_geometry(roads)
    >>> packed["m"], packed["t"], len(packed["xy"])
    (2, 1, 4)
    """
    shapes = geometry.to_numpy()
    if tolerance > 0:
        shapes = shapely.simplify(shapes, tolerance, preserve_topology=True)
    rows = np.arange(len(shapes))
    for _ in range(4):  # a collection may hold multi-geometries, which hold single ones
        if not (shapely.get_type_id(shapes) > 3).any():
            break
        shapes, index = shapely.get_parts(shapes, return_index=True)
        rows = rows[index]
    kept = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    shapes, rows = shapes[kept], rows[kept]
    types = _SIMPLE_TYPE[shapely.get_type_id(shapes)] if len(shapes) else np.zeros(0, int)
    rings, piece = _rings(shapes, types)
    degrees = gpd.GeoSeries(rings, crs=geometry.crs).to_crs(4326).to_numpy() if len(rings) else rings
    xy, ring = shapely.get_coordinates(degrees, return_index=True)
    whole = np.rint(xy * MICRO).astype(np.int64)
    steps = np.diff(whole, axis=0, prepend=np.zeros((1, 2), np.int64))
    return {
        "f": None if np.array_equal(rows, np.arange(len(geometry))) else rows.tolist(),
        "t": _shorten(types),
        "r": _shorten(np.bincount(piece, minlength=len(shapes))),
        "m": _shorten(np.bincount(ring, minlength=len(rings))),
        "n": len(shapes),
        "xy": steps.ravel().tolist(),
    }


def pack_column(values: pd.Series, *, decimals: int | None = None) -> dict[str, Any]:
    """Return a column as its values (``v``), or as distinct values and their codes (``d``, ``i``).

    The shorter form is taken. Unknown is null. Numbers are rounded to ``decimals``.

    >>> pack_column(pd.Series(["a", None, "a", "a", "a", "b"], dtype="str"))
    {'d': ['a', 'b'], 'i': [0, -1, 0, 0, 0, 1]}
    >>> pack_column(pd.Series([1.25, None]), decimals=1)
    {'v': [1.2, None]}
    """
    if decimals is not None:
        values = values.astype("float64").round(decimals)
    plain = values.astype("object").where(values.notna(), None)
    codes, distinct = pd.factorize(plain, use_na_sentinel=True)
    if len(distinct) * 2 < len(values):
        return {"d": [_plain(v) for v in distinct], "i": codes.tolist()}
    return {"v": [_plain(v) for v in plain]}


def to_json(value: Any) -> str:
    r"""Return compact JSON that is harmless inside an HTML script element: it holds no ``<``, ``>`` or ``&``.

    >>> to_json({"name": "</script><img src=x>"})
    '{"name":"\\u003c/script\\u003e\\u003cimg src=x\\u003e"}'
    """
    raw = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign, escape in (
        ("<", "\\u003c"),
        (">", "\\u003e"),
        ("&", "\\u0026"),
        ("\u2028", "\\u2028"),
        ("\u2029", "\\u2029"),
    ):
        raw = raw.replace(sign, escape)
    return raw


def named(names: pd.Series, lang: Lang = "zh") -> pd.Series:
    """Return the names with a word for missing ones."""
    return names.fillna(text("unnamed", lang)).replace("", text("unnamed", lang))


def _rings(shapes: np.ndarray[Any, Any], types: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    """Return all rings (points and lines are one each) with the piece of each, in the order of the pieces."""
    ground = np.flatnonzero(types == POLYGON)
    rings, index = shapely.get_rings(shapes[ground], return_index=True)
    other = np.flatnonzero(types != POLYGON)
    all_rings = np.concatenate([rings, shapes[other]])
    piece = np.concatenate([ground[index], other])
    order = np.argsort(piece, kind="stable")
    return all_rings[order], piece[order]


def _shorten(values: np.ndarray[Any, Any]) -> int | list[int]:
    if len(values) and (values == values[0]).all():
        return int(values[0])
    return [int(v) for v in values]


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value.item() if hasattr(value, "item") else value
