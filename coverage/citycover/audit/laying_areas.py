"""Lays open ground as cells of one grid that is fixed to the origin of the reference system."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.audit import _samples
from citycover.audit._samples import Floats, Ints
from citycover.audit.requirements import Ground
from citycover.city.model import City

_LEAST = 0.01  # m²: less of a cell is no ground
_EDGE = 0.001  # m: a polygon that only touches a cell does not lie in it
_START = 4  # cells are first tried at 16 times the side of the smallest

Geometries = npt.NDArray[np.object_]


def open_buildings(city: City) -> Geometries:
    """Return the polygons of the buildings that take ground away: those that block sight from the ground up."""
    solid = city.buildings["opaque"].fillna(True).to_numpy(dtype=bool)
    return np.asarray(city.buildings.geometry.to_numpy()[solid], dtype=object)


def around_points(grounds: gpd.GeoDataFrame, city: City, rules: Ground) -> Geometries:
    """Return the ground that stands in for places mapped as points: a disc, its public ground where it holds any.

    The disc has the radius ``point_buffer`` (ours). Public ground of less than 50 m² (a corner of a street) does not
    stand in for it.
    """
    disc = shapely.buffer(grounds.geometry.to_numpy(), rules.point_buffer, quad_segs=16)
    public = city.public_ground.geometry.to_numpy()
    row, other = shapely.STRtree(public).query(disc, predicate="intersects")[:2] if len(public) else ([], [])
    pieces = shapely.intersection(disc[row], public[other]) if len(public) else np.zeros(0, dtype=object)
    united = _union_by_row(pieces, np.asarray(row, dtype=np.int64), len(disc))
    return np.where(shapely.area(united) >= 50.0, united, disc)


def _union_by_row(pieces: Geometries, row: Ints, rows: int) -> Geometries:
    """Return the union of the pieces of each row, row by row; an empty polygon where a row has none.

    Pieces are joined pairwise in rounds, so that the number of steps is that of the pieces of the fullest row.
    """
    out = np.full(rows, shapely.Polygon(), dtype=object)
    rank = pd.Series(row).groupby(row).cumcount().to_numpy() if len(row) else np.zeros(0, dtype=np.int64)
    for turn in range(int(rank.max(initial=-1)) + 1):
        now = rank == turn
        out[row[now]] = shapely.union(out[row[now]], pieces[now])
    return out


def lay_open_ground(
    ground: Ints, place: npt.NDArray[np.object_], polygons: Geometries, city: City, rules: Ground
) -> pd.DataFrame:
    """Cut polygons, without the buildings on them, into cells; the weights of a polygon add up to its open ground.

    Cells of ``rules.cell`` metres; twice that above ``cell_10_above`` square metres of polygon, four times above
    ``cell_20_above``. Where a finer cell of any polygon lies in a coarse one, the coarse one is split for all, so that
    no ground is laid twice. The target of a cell is its centre, or, where a building stands on the centre, a point of
    the open rest; its size is the open ground of the whole cell, while the weight is what lies inside the polygon.
    """
    keep = (shapely.area(polygons) > _LEAST) & np.isin(shapely.get_type_id(polygons), (3, 6))
    ground, place, polygons = ground[keep], place[keep], polygons[keep]
    if len(polygons) == 0:
        return _samples.empty()
    shapely.prepare(polygons)
    row, level, col, line = _cells(polygons, rules)
    key = pd.DataFrame({"level": level, "col": col, "line": line})
    cells = key.drop_duplicates().sort_values(["level", "line", "col"]).reset_index(drop=True)
    boxes = _boxes(cells["level"].to_numpy(), cells["col"].to_numpy(), cells["line"].to_numpy(), rules.cell)
    free = _without_buildings(boxes, open_buildings(city))
    number = key.merge(cells.reset_index(names="cell"), on=["level", "col", "line"], how="left")["cell"].to_numpy()
    weight = _shares(polygons, row, boxes, free, number)
    size = shapely.area(free)
    centre = shapely.centroid(boxes)
    at = np.where(shapely.intersects(free, centre), centre, shapely.point_on_surface(free))
    xy = np.full((len(cells), 2), np.nan)
    has = ~shapely.is_empty(at)
    xy[has] = shapely.get_coordinates(at[has])
    kept = weight > _LEAST
    row, number, weight = row[kept], number[kept], weight[kept]
    return _samples.frame(
        "area",
        "m2",
        ground=ground[row],
        x=xy[number, 0],
        y=xy[number, 1],
        size=size[number],
        weight=weight,
        cell=rules.cell * 2.0 ** cells["level"].to_numpy()[number],
        feature_id=place[row],
    )


def _cells(polygons: Geometries, rules: Ground) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the cells that meet each polygon, as (polygon, level, column, line); level n has sides of cell · 2ⁿ."""
    extent = shapely.area(polygons)
    wanted = (extent > rules.cell_10_above).astype(np.int64) + (extent > rules.cell_20_above)
    row, col, line = _first_cells(polygons, rules.cell * 2**_START)
    done: list[tuple[Ints, Ints, Ints, Ints]] = []
    finest = wanted.copy()
    for level in range(_START, -1, -1):
        meets = _meets(polygons[row], level, col, line, rules.cell)
        row, col, line = row[meets], col[meets], line[meets]
        ends = finest[row] == level
        done.append((row[ends], np.full(int(ends.sum()), level), col[ends], line[ends]))
        row, col, line = _children(row[~ends], col[~ends], line[~ends])
    return _split_where_finer(polygons, done, rules)


def _split_where_finer(
    polygons: Geometries, done: list[tuple[Ints, Ints, Ints, Ints]], rules: Ground
) -> tuple[Ints, Ints, Ints, Ints]:
    cells = dict(zip(range(_START, -1, -1), done, strict=True))
    for level in range(_START, 0, -1):
        row, _, col, line = cells[level]
        held = np.zeros(len(row), dtype=bool)
        for finer in range(level):
            inner_col, inner_line = cells[finer][2] >> (level - finer), cells[finer][3] >> (level - finer)
            held |= np.isin(_key(col, line), _key(inner_col, inner_line))
        cells[level] = (row[~held], np.full(int((~held).sum()), level), col[~held], line[~held])
        new_row, new_col, new_line = _children(row[held], col[held], line[held])
        meets = _meets(polygons[new_row], level - 1, new_col, new_line, rules.cell)
        new = (new_row[meets], np.full(int(meets.sum()), level - 1), new_col[meets], new_line[meets])
        below = cells[level - 1]
        cells[level - 1] = (
            np.concatenate([below[0], new[0]]),
            np.concatenate([below[1], new[1]]),
            np.concatenate([below[2], new[2]]),
            np.concatenate([below[3], new[3]]),
        )
    row, level_, col, line = (np.concatenate([cells[n][k] for n in cells]) for k in range(4))
    return row, level_, col, line


def _first_cells(polygons: Geometries, side: float) -> tuple[Ints, Ints, Ints]:
    low = np.floor(shapely.bounds(polygons)[:, :2] / side).astype(np.int64)
    high = np.floor(shapely.bounds(polygons)[:, 2:] / side).astype(np.int64)
    wide, tall = high[:, 0] - low[:, 0] + 1, high[:, 1] - low[:, 1] + 1
    row = np.repeat(np.arange(len(polygons)), wide * tall)
    order = np.arange(len(row)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    return row, low[row, 0] + order % wide[row], low[row, 1] + order // wide[row]


def _children(row: Ints, col: Ints, line: Ints) -> tuple[Ints, Ints, Ints]:
    right, up = np.array([0, 1, 0, 1]), np.array([0, 0, 1, 1])
    return np.repeat(row, 4), (2 * col[:, None] + right).ravel(), (2 * line[:, None] + up).ravel()


def _key(col: Ints, line: Ints) -> Ints:
    return col * 2**31 + line


def _meets(polygons: Geometries, level: int, col: Ints, line: Ints, cell: float) -> npt.NDArray[np.bool_]:
    """Tell whether each polygon reaches more than a millimetre into its cell."""
    side = cell * 2.0**level
    x, y = col * side, line * side
    inner = shapely.box(x + _EDGE, y + _EDGE, x + side - _EDGE, y + side - _EDGE)
    return np.asarray(shapely.intersects(polygons, inner), dtype=bool)


def _boxes(level: Ints, col: Ints, line: Ints, cell: float) -> Geometries:
    side = cell * 2.0**level
    x, y = col * side, line * side
    return np.asarray(shapely.box(x, y, x + side, y + side), dtype=object)


def _without_buildings(boxes: Geometries, buildings: Geometries) -> Geometries:
    """Return the cells without the buildings on them, in as many rounds as the fullest cell has buildings."""
    free = boxes.copy()
    if len(buildings) == 0:
        return free
    cell, building = shapely.STRtree(buildings).query(boxes, predicate="intersects")
    order = np.lexsort((building, cell))
    cell, building = cell[order], building[order]
    rank = pd.Series(cell).groupby(cell).cumcount().to_numpy()
    for turn in range(int(rank.max(initial=-1)) + 1):
        now = rank == turn
        free[cell[now]] = shapely.difference(free[cell[now]], buildings[building[now]])
    return free


def _shares(polygons: Geometries, row: Ints, boxes: Geometries, free: Geometries, number: Ints) -> Floats:
    """Return the open ground (m²) of each cell that lies inside its polygon."""
    whole = shapely.covers(polygons[row], boxes[number])
    weight = np.asarray(shapely.area(free), dtype=np.float64)[number]
    cut = ~whole
    weight[cut] = shapely.area(shapely.intersection(polygons[row[cut]], free[number[cut]]))
    return weight
