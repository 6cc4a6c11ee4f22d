"""Finds the ground that is open to all: streets, squares, parks and paths outside compounds and buildings."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import tables
from citycover.city.compounds import find_compounds, share_inside
from citycover.city.derived import INSIDE, MINOR_CLASSES
from citycover.city.measures import parse_metres

TILE = 250.0
"""Side of the tiles in which ground is united, m; fixed to the reference system's origin."""
PATH_WIDTH = 2.0
"""m, for a path without a tagged width. Ours."""
GROUNDS = ("street", "square", "park", "path")
"""Kinds of ground; where two overlap, the first in this order keeps it."""

_PATHS = frozenset({"footway", "path", "steps", "cycleway", "pedestrian"})
_CLOSED = frozenset(
    {"private", "no", "customers", "permit", "military", "delivery", "residents", "employees", "destination"}
)
_GRID = 0.001
_SAME = 0.01

Shapes = npt.NDArray[np.object_]
Ints = npt.NDArray[np.int64]


def find_public_ground(
    objects: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    buildings: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    place_kinds: pd.DataFrame,
) -> gpd.GeoDataFrame:
    """Find the public ground (公共空间).

    Streets count from kerb to kerb (``width``, flat ends), unless they lie in a tunnel, are closed by ``access``, are
    minor and lie in a compound, or are service ways (whose access is unknown where untagged). Squares and parks count
    unless closed or charged for, paths unless closed, underground or indoors. Compounds and buildings that stand on the
    ground are cut out; compounds do not cut streets that pass them, as they are often drawn to the middle of the road.
    What is not found is unknown, not private.

    Parameters
    ----------
    objects, streets, buildings, places, place_kinds
        The city's tables in one metric reference system.

    Returns
    -------
    GeoDataFrame
        The declared table: one row per tile and kind of ground, by tile, then in the order of :data:`GROUNDS`. Rows do
        not overlap. ``source`` names the tags or classes that the ground was taken from.

    Examples
    --------
    >>> street = tables.conform("streets", gpd.GeoDataFrame({"street_id": ["S1"], "road_class": ["primary"],
    ...     "width": [20.0], "width_source": ["tag"]}, geometry=[shapely.LineString([(10, 10), (110, 10)])], crs=32650))
    >>> objects = gpd.GeoDataFrame({"osm_id": [], "tags": []}, geometry=[], crs=32650)
    >>> ground = find_public_ground(objects, street, tables.conform("buildings", [], crs=32650),
    ...     tables.conform("places", [], crs=32650), tables.conform("place_kinds", []))
    >>> ground[["ground_kind", "source"]].values.tolist(), ground.area.round().tolist()
    ([['street', 'primary, width from tag']], [2000.0])
    """
    compounds = find_compounds(objects, places, place_kinds)["geometry"].to_numpy()
    found = [
        _street_ground(streets, compounds),
        _place_ground(places, place_kinds, "square"),
        _place_ground(places, place_kinds, "park"),
        _path_ground(objects),
    ]
    frame = pd.concat([f for f in found if len(f)] or [found[0]], ignore_index=True)
    if frame.empty:
        return tables.conform("public_ground", [], crs=objects.crs)
    standing = buildings[(buildings["layer"].fillna(0) >= 0) & buildings["opaque"].fillna(True).astype(bool)]
    rows = _unite_by_tile(frame, compounds, standing.geometry.to_numpy())
    ids = tables.content_ids("P", rows["ground_kind"], rows["i"], rows["j"])
    return tables.conform(
        "public_ground",
        gpd.GeoDataFrame(
            rows.assign(ground_id=ids)[["ground_id", "ground_kind", "source", "geometry"]],
            geometry="geometry",
            crs=objects.crs,
        ),
    )


def _street_ground(streets: gpd.GeoDataFrame, compounds: Shapes) -> pd.DataFrame:
    minor = streets["road_class"].isin([*MINOR_CLASSES, "pedestrian"]).to_numpy()
    lines = streets.geometry.to_numpy()
    own = np.zeros(len(streets), dtype=bool)
    own[minor] = share_inside(lines[minor], compounds) >= INSIDE
    service = (streets["road_class"] == "service").to_numpy()
    known_open = streets["access"].isin(["yes", "public", "permissive"]).to_numpy()
    keep = ~own & ~(service & ~known_open) & ~streets["access"].isin(_CLOSED - {"destination"}).to_numpy()
    keep &= ~streets["tunnel"].fillna(False).to_numpy(bool) & (streets["width"] > 0).to_numpy()
    chosen = streets[keep]
    shapes = shapely.buffer(lines[keep], chosen["width"].to_numpy(float) / 2, cap_style="flat")
    source = chosen["road_class"].astype(object) + ", width from " + chosen["width_source"].astype(object).fillna("?")
    return pd.DataFrame({"ground_kind": "street", "source": source.to_numpy(), "geometry": shapes})


def _place_ground(places: gpd.GeoDataFrame, place_kinds: pd.DataFrame, kind: str) -> pd.DataFrame:
    of = place_kinds.loc[place_kinds["kind"] == kind].set_index("place_id")["evidence"]
    chosen = places[
        places["place_id"].isin(of.index) & ~places["access"].isin(_CLOSED) & (places["fee"].fillna("no") == "no")
    ]
    chosen = chosen[shapely.get_dimensions(chosen.geometry.to_numpy()) == 2]
    source = chosen["place_id"].map(of).astype(object).str.split(";").str[0]
    return pd.DataFrame({"ground_kind": kind, "source": source.to_numpy(), "geometry": chosen.geometry.to_numpy()})


def _path_ground(objects: gpd.GeoDataFrame) -> pd.DataFrame:
    chosen = [
        t.get("highway") in _PATHS
        and t.get("access", t.get("foot", "yes")) not in _CLOSED
        and t.get("tunnel", "no") == "no"
        and t.get("indoor", "no") == "no"
        and "building" not in t
        for t in objects["tags"]
    ]
    rows = objects[np.asarray(chosen, bool)]
    shape = rows.geometry.to_numpy()
    width = parse_metres(pd.Series([t.get("width") for t in rows["tags"]], dtype="str")).to_numpy(float)
    known = np.isfinite(width) & (width > 0)
    is_line = shapely.get_dimensions(shape) == 1
    ground = shape.copy()
    ground[is_line] = shapely.buffer(shape[is_line], np.where(known, width, PATH_WIDTH)[is_line] / 2, cap_style="flat")
    kinds = np.array([t["highway"] for t in rows["tags"]], dtype=object)
    said = np.where(~is_line, ", area", np.where(known, ", width from tag", ", width from class"))
    frame = pd.DataFrame({"ground_kind": "path", "source": kinds + said if len(rows) else [], "geometry": ground})
    # a pedestrian street's line is a street already
    keep = (shapely.get_dimensions(ground) == 2) & ~(is_line & (kinds == "pedestrian"))
    return frame.loc[np.asarray(keep, dtype=bool)]


def _unite_by_tile(frame: pd.DataFrame, compounds: Shapes, buildings: Shapes) -> pd.DataFrame:
    rank = {g: i for i, g in enumerate(GROUNDS)}
    pieces = _tile(frame["geometry"].to_numpy())
    pieces["kind"] = frame["ground_kind"].map(rank).to_numpy()[pieces["row"]]
    pieces["source"] = frame["source"].to_numpy(dtype=object)[pieces["row"]]
    rows = _unite(pieces, ["i", "j", "kind"])
    said = (
        pieces[["i", "j", "kind", "source"]].drop_duplicates().sort_values(["i", "j", "kind", "source"], kind="stable")
    )
    rows = rows.merge(said.groupby(["i", "j", "kind"])["source"].agg("; ".join).reset_index(), on=["i", "j", "kind"])
    for shapes, kinds in ((buildings, range(4)), (compounds, range(1, 4))):
        rows["geometry"] = _cut_out(rows, _unite(_tile(shapes), ["i", "j"]), np.isin(rows["kind"], list(kinds)))
    for first in range(len(GROUNDS) - 1):
        upper = rows.loc[rows["kind"] == first, ["i", "j", "geometry"]].reset_index(drop=True)
        rows["geometry"] = _cut_out(rows, upper, (rows["kind"] > first).to_numpy())
    rows["geometry"] = _only_polygons(rows["geometry"].to_numpy())
    rows["ground_kind"] = rows["kind"].map(dict(enumerate(GROUNDS)))
    rows = rows[shapely.area(rows["geometry"].to_numpy()) > 0.01]
    return rows.sort_values(["i", "j", "kind"], kind="stable").reset_index(drop=True)


def _tile(shapes: Shapes) -> pd.DataFrame:
    """Return the pieces of shapes by tile: row of the shape, column ``i`` and row ``j`` of the tile, geometry."""
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    low, high = np.floor(bounds[:, :2] / TILE).astype(np.int64), np.floor(bounds[:, 2:] / TILE).astype(np.int64)
    wide, tall = (high - low + 1).T if len(shapes) else (np.zeros(0, np.int64), np.zeros(0, np.int64))
    row = np.repeat(np.arange(len(shapes)), wide * tall)
    number = np.arange(len(row)) - np.repeat(np.cumsum(wide * tall) - wide * tall, wide * tall)
    i, j = low[row, 0] + number % wide[row], low[row, 1] + number // wide[row]
    pieces = shapes[row].copy()
    cut = (wide * tall)[row] > 1
    pieces[cut] = shapely.intersection(
        pieces[cut], shapely.box(i[cut] * TILE, j[cut] * TILE, (i[cut] + 1) * TILE, (j[cut] + 1) * TILE)
    )
    out = pd.DataFrame({"row": row, "i": i, "j": j, "geometry": _only_polygons(pieces)})
    return out[~shapely.is_empty(out["geometry"].to_numpy())].reset_index(drop=True)


def _unite(pieces: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return one row per key with the union of its pieces, by key."""
    if pieces.empty:
        return pieces[[*keys, "geometry"]]
    ordered = pieces.sort_values(keys, kind="stable")
    number = ordered.groupby(keys, sort=True).ngroup().to_numpy()
    gathered = shapely.geometrycollections(ordered["geometry"].to_numpy(), indices=number)
    first = ordered.drop_duplicates(keys)[keys].reset_index(drop=True)
    return first.assign(geometry=_union_checked(np.asarray(gathered, dtype=object)))


def _union_checked(gathered: Shapes) -> Shapes:
    """Return the union of each collection.

    A union is the winding-number union of ``buffer(0)`` where the overlay union, another algorithm, finds the same
    ground; where the two differ, it is made once more on a grid of :data:`_GRID`, which is three times slower and
    never loses ground.

    >>> both = shapely.geometrycollections([shapely.box(0, 0, 2, 1), shapely.box(1, 0, 3, 1)])
    >>> _union_checked(np.array([both], dtype=object))[0].area
    3.0
    """
    whole = np.asarray(shapely.buffer(gathered, 0.0), dtype=object)
    other = shapely.union_all(gathered.reshape(-1, 1), axis=1)
    doubtful = ~(np.abs(shapely.area(whole) - shapely.area(other)) <= _SAME) | ~shapely.is_valid(whole)
    whole[doubtful] = shapely.union_all(gathered[doubtful].reshape(-1, 1), axis=1, grid_size=_GRID)
    return whole


def _cut_out(rows: pd.DataFrame, cutters: pd.DataFrame, where: npt.NDArray[np.bool_]) -> Shapes:
    """Return the geometry of rows without the cutter of their tile."""
    by_tile = rows[["i", "j"]].merge(cutters.rename(columns={"geometry": "cutter"}), on=["i", "j"], how="left")[
        "cutter"
    ]
    out = rows["geometry"].to_numpy().copy()
    hit = where & by_tile.notna().to_numpy()
    out[hit] = _difference_checked(out[hit], by_tile.to_numpy()[hit])
    return np.asarray(out, dtype=object)


def _difference_checked(shapes: Shapes, cutters: Shapes) -> Shapes:
    """Return shapes without their cutters; what does not add up is cut once more on a grid of :data:`_GRID`."""
    left = np.asarray(shapely.difference(shapes, cutters), dtype=object)
    gone = shapely.area(shapely.intersection(shapes, cutters))
    doubtful = ~(np.abs(shapely.area(left) + gone - shapely.area(shapes)) <= _SAME) | ~shapely.is_valid(left)
    left[doubtful] = shapely.difference(shapes[doubtful], cutters[doubtful], grid_size=_GRID)
    return left


def _only_polygons(shapes: Shapes) -> Shapes:
    """Return the shapes without the points and lines that cutting leaves."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    solid = shapely.get_dimensions(parts) == 2
    mixed = np.zeros(len(shapes), dtype=bool)
    mixed[row[~solid]] = True
    out = shapes.copy()
    out[mixed] = shapely.Polygon()
    chosen = solid & mixed[row]
    if chosen.any():
        rows, number = np.unique(row[chosen], return_inverse=True)
        out[rows] = shapely.multipolygons(parts[chosen], indices=number)
    return np.asarray(out, dtype=object)
