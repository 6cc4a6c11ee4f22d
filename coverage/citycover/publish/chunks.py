"""Cut large layers of the map into compressed chunks, of which a page unpacks only those in view."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt

from citycover.publish.columnar import pack_geometry

LARGE = 20_000
"""From this many rows on, a layer is cut into chunks."""

ROWS = 2_000
"""Rows that a chunk holds in the mean."""

Ints = npt.NDArray[np.int64]


def pack_chunks(
    geometry: gpd.GeoSeries, *, tolerance: float = 0.0, columns: Mapping[str, Ints] | None = None
) -> dict[str, Any]:
    """Return geometries, cut into squares by the middle of their boxes, each as a compressed stream of integers.

    A stream holds, after the number of pieces n: type of each piece, rings of each, points of each ring, the columns
    (one value a piece), then longitude and latitude in turn as zigzag differences in millionths of a degree; all as
    LEB128 varints, deflated (zlib) and written in base64.

    Parameters
    ----------
    geometry
        In a metric reference system.
    tolerance
        As for :func:`citycover.publish.columnar.pack_geometry`.
    columns
        Whole numbers from 0 on, one a row.

    Returns
    -------
    ``n`` pieces in all, ``columns`` their names, ``chunks``: west, south, east, north (millionths of a degree), data.

    Examples
    --------
    >>> houses = gpd.GeoSeries.from_wkt(["POLYGON ((669887 3546393, 669897 3546393, 669897 3546403, 669887 3546393))"],
    ...     crs=32650)
    >>> packed = pack_chunks(houses, columns={"level": np.array([3])})
    >>> packed["n"], packed["columns"], len(packed["chunks"])
    (1, ['level'], 1)
    """
    given = columns or {}
    kept = geometry[~(geometry.isna() | geometry.is_empty)]
    if not len(kept):
        return {"n": 0, "columns": list(given), "chunks": []}
    where = np.flatnonzero(~(geometry.isna() | geometry.is_empty).to_numpy())
    box = kept.bounds.to_numpy()
    middle = (box[:, :2] + box[:, 2:]) / 2.0
    low, high = middle.min(axis=0), middle.max(axis=0)
    count = max(1, round(len(kept) / ROWS))
    side = max(float(np.sqrt(np.prod(np.maximum(high - low, 1.0)) / count)), 1.0)
    cell = np.floor((middle - low) / side).astype(np.int64)
    number = np.unique(cell[:, 1] * (int(cell[:, 0].max()) + 1) + cell[:, 0], return_inverse=True)[1].ravel()
    order = np.argsort(number, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(number[order]) != 0])
    chunks, pieces = [], 0
    for rows in np.split(order, starts[1:]):
        packed = pack_geometry(kept.iloc[rows], tolerance=tolerance)
        if not packed["n"]:
            continue
        piece_row = np.arange(packed["n"]) if packed["f"] is None else np.asarray(packed["f"])
        values = [np.asarray(column)[where[rows]][piece_row] for column in given.values()]
        chunks.append([*_bounds(packed["xy"]), _stream(packed, values)])
        pieces += packed["n"]
    return {"n": pieces, "columns": list(given), "chunks": chunks}


def _bounds(steps: list[int]) -> list[int]:
    xy = np.cumsum(np.asarray(steps, np.int64).reshape(-1, 2), axis=0)
    return [int(v) for v in (*xy.min(axis=0), *xy.max(axis=0))]


def _stream(packed: Mapping[str, Any], columns: list[Ints]) -> str:
    n = packed["n"]
    rings = np.broadcast_to(np.asarray(packed["r"], np.int64), n)
    steps = np.asarray(packed["xy"], np.int64)
    parts = [
        np.array([n], np.int64),
        np.broadcast_to(np.asarray(packed["t"], np.int64), n),
        rings,
        np.broadcast_to(np.asarray(packed["m"], np.int64), int(rings.sum())),
        *columns,
        (steps << 1) ^ (steps >> 63),
    ]
    return base64.b64encode(zlib.compress(encode_varints(np.concatenate(parts)), 9)).decode("ascii")


def encode_varints(values: Ints) -> bytes:
    """Return whole numbers from 0 on as LEB128: seven bits a byte, lowest first, the eighth bit where more follow.

    >>> list(encode_varints(np.array([5, 300])))
    [5, 172, 2]
    """
    if len(values) and int(values.min()) < 0:
        raise ValueError(f"needed numbers from 0 on, given {int(values.min())}")
    plain = values.astype(np.uint64)
    size = np.ones(len(plain), np.int64)
    for k in range(1, 9):
        size += plain >= np.uint64(1 << (7 * k))
    start = np.cumsum(size) - size
    out = np.zeros(int(size.sum()), np.uint8)
    for k in range(int(size.max(initial=1))):
        here = size > k
        more = np.where(size[here] > k + 1, 128, 0)
        out[start[here] + k] = ((plain[here] >> np.uint64(7 * k)) & np.uint64(127)).astype(np.int64) | more
    return out.tobytes()
