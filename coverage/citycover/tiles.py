"""Cut work into tiles or runs of rows, and do them here or on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True)
class Tile:
    """A square of an area: its own ground, half-open, and the ground with a halo; xmin, ymin, xmax, ymax in metres."""

    core: tuple[float, float, float, float]
    halo: tuple[float, float, float, float]


def cut_tiles(bounds: tuple[float, float, float, float], *, size: float, halo: float = 0.0) -> list[Tile]:
    """Cut bounds (xmin, ymin, xmax, ymax, metres) into tiles of a fixed grid from the origin, row by row.

    >>> [tile.core for tile in cut_tiles((10, 10, 250, 90), size=200)]
    [(0.0, 0.0, 200.0, 200.0), (200.0, 0.0, 400.0, 200.0)]
    """
    first, last = np.floor(np.asarray(bounds[:2]) / size), np.floor(np.asarray(bounds[2:]) / size)
    tiles: list[Tile] = []
    for row in range(int(first[1]), int(last[1]) + 1):
        for column in range(int(first[0]), int(last[0]) + 1):
            x, y = column * size, row * size
            core = (float(x), float(y), float(x + size), float(y + size))
            tiles.append(Tile(core, (core[0] - halo, core[1] - halo, core[2] + halo, core[3] + halo)))
    return tiles


def cut_rows(rows: int, *, size: int = 1024) -> list[tuple[int, int]]:
    """Cut ``rows`` rows into runs (first, behind the last) of at most ``size``.

    >>> cut_rows(5, size=2)
    [(0, 2), (2, 4), (4, 5)]
    """
    return [(low, min(low + size, rows)) for low in range(0, rows, size)]


def run_parts(work: Callable[[T], R], parts: Iterable[T], *, workers: int | None = None) -> list[R]:
    """Do ``work`` on every part, by threads (it must release the lock to gain), and return the results in order.

    ``workers`` is the number of threads; None: as many as cores. One part or one worker runs right here.

    >>> run_parts(abs, [-1, 2], workers=1)
    [1, 2]
    """
    todo = list(parts)
    workers = min(workers if workers is not None else os.cpu_count() or 1, len(todo))
    if workers <= 1:
        return [work(part) for part in todo]
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(work, todo))
