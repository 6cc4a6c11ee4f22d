"""Finds what is not seen as required: stretches, patches, gates and junctions, each with somebody who must close it."""

from __future__ import annotations

from typing import Any, NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import tables
from citycover.audit._patches import join_remnants, number_patches
from citycover.audit._stretches import AGAINST, ALONG, ANY, HOLE, LEFT, close_holes, number_stretches
from citycover.audit.coverage import find_rows, measure_demands
from citycover.audit.gap_ids import content_gap_ids, find_earlier_patches, keep_gap_ids
from citycover.audit.gap_names import name_gaps
from citycover.audit.gap_shapes import Samples, shape_gaps
from citycover.audit.priorities import find_roads, sum_priorities
from citycover.audit.requirements import GapRules, Requirements, load_requirements
from citycover.city.model import City
from citycover.sight.unseen import REASONS, find_reasons
from citycover.terms import Lang

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def find_gaps(
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    seen: pd.DataFrame,
    *,
    mandates: gpd.GeoDataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    previous: gpd.GeoDataFrame | None = None,
    requirements: Requirements | None = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Merge the targets of each mandate and component that are not seen for sure, and say why, where and by whom.

    Consecutive samples of one street section, passage or boundary make a stretch, cut where the cause changes for 20 m
    or more, where one direction is seen and the other not, and into equal pieces above ``gaps.longest`` metres.
    Touching cells make a patch, cut where the cause changes on 100 m² or more, and by halves above ``gaps.largest`` m².
    The points of a junction make one gap, each entrance its own. A stretch below ``gaps.shortest`` metres or a patch
    below ``gaps.smallest`` m² is a remnant: it goes with the nearest gap of its mandate and component, whose size holds
    it and whose drawing does not.

    Parameters
    ----------
    demands, targets, seen
        From ``lay_targets`` and ``measure_coverage``.
    mandates
        With builders; the effective one is named where there is one.
    cameras
        All cameras; those that do not count (``assign_counting``) are left out.
    city
        For buildings and names.
    previous
        Gaps of an earlier study: a gap that is still there keeps its id (see ``keep_gap_ids``), large ground is cut as
        it was, and ``change`` and ``previous_ids`` say what became of it.
    requirements
        Longest stretch, nearness and weights of the priority; null = ours.
    lang
        Language of ``name``; names of places and streets stay as mapped, and no id depends on it.

    Returns
    -------
    GeoDataFrame
        Table ``gaps``, highest priority first, then by id. The sizes of a mandate's gaps of one component add up to
        what ``roll_up`` requires and does not find seen at the low end; ``remnants`` is how much of ``size`` is
        remnants. Of a street asked for in both directions each counts half of its metres in ``size``; ``name`` tells
        the length of the street. ``reason`` is that of most of the gap;
        ``nearest_camera`` is the least distance from any of its targets to a camera that counts, null where none is.

    Raises
    ------
    InputError
        The tables do not fit together (see ``measure_demands``).
    """
    needs = requirements or load_requirements()
    rows = _unseen(demands, targets, seen)
    why = _explain(rows, targets, cameras, city, demands)
    earlier = None if previous is None else _find_earlier(rows, demands, previous)
    numbered = _number_gaps(rows, needs.gaps, why.reason, earlier)
    gaps = _summed(rows, numbered, why, demands, targets)
    del why  # rows by the million: each goes once it has spoken
    duty = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id").reindex(gaps["mandate_id"])
    duty = duty.reset_index(drop=True)
    gaps = gaps.join(duty[["place_id", "article", "item", "kind", "standing", "department", "district"]])
    gaps["builder"] = duty["builder_effective"].fillna(duty["builder"])
    roads = find_roads(gaps["feature_id"], city)
    ranked = sum_priorities(gaps["standing"], gaps["kind"], roads, gaps["size"], gaps["unit"], needs.priority)
    gaps = gaps.join(ranked)
    gaps["name"] = name_gaps(gaps, mandates, city, lang=lang)
    one_way = gaps["side"].isin((ALONG, AGAINST)).to_numpy()
    quarter = np.where(
        one_way, np.mod(np.rint(np.nan_to_num(gaps["facing"]) / 90.0), 4).astype(np.int64).astype(str), ""
    )
    gaps["gap_id"] = content_gap_ids(gaps.assign(component=gaps["component"] + quarter))
    samples = Samples(numbered.gap, rows.line, rows.cell, rows.sequence, *_lanes(rows, numbered.gap, gaps))
    if numbered.apart.any():
        samples = samples.take(~numbered.apart)
    del rows, numbered
    gaps["geometry"] = shape_gaps(samples, gaps, mandates, city, needs.ground)
    del samples
    gaps["rulebook"], gaps["change"], gaps["previous_ids"] = duty["rulebook"], None, None
    if previous is not None:
        drawn = gpd.GeoDataFrame(gaps, geometry="geometry", crs=city.crs)
        gaps = gaps.assign(**keep_gap_ids(drawn, previous))
    gaps = gaps.sort_values(["priority", "gap_id"], ascending=[False, True], kind="stable")
    wanted = tables.TABLES["gaps"].column_names()  # what persons decided is added later (see ``apply_gap_decisions``)
    return tables.conform("gaps", gaps[[name for name in wanted if name in gaps.columns]], crs=city.crs)


class _Rows(NamedTuple):
    """Demands that are not met, as arrays, in the order in which they are merged.

    ``row`` is their number in ``demands``, ``target`` that in ``targets``; ``owner`` numbers mandate and component,
    ``feature`` mandate, component and feature, both in the order of their names.
    """

    row: npt.NDArray[np.int32]
    target: npt.NDArray[np.int32]
    owner: npt.NDArray[np.int32]
    feature: npt.NDArray[np.int32]
    sequence: Ints
    x: Floats
    y: Floats
    facing: Floats
    cell: Floats
    weight: Floats
    line: npt.NDArray[np.bool_]
    junction: npt.NDArray[np.bool_]


class _Numbered(NamedTuple):
    """Per row its gap, the side it is seen from, the metres of line it stands for, and whether it is of a remnant."""

    gap: Ints
    side: npt.NDArray[np.int8]
    metres: Floats
    apart: npt.NDArray[np.bool_]


class _Why(NamedTuple):
    """Why each row is not seen: number of the reason (in ``names``), nearest camera and its distance (m)."""

    names: tuple[str, ...]
    reason: npt.NDArray[np.int8]
    camera_id: npt.NDArray[np.object_]
    nearest: npt.NDArray[np.int32]
    distance: Floats


def _unseen(demands: pd.DataFrame, targets: pd.DataFrame, seen: pd.DataFrame) -> _Rows:
    row = np.flatnonzero(measure_demands(demands, seen)["met_low"].to_numpy() == 0.0)
    target = find_rows(targets["target_id"], demands["target_id"].to_numpy(dtype=np.int64)[row])
    mandate, component, feature = (_codes(demands[name], row) for name in ("mandate_id", "component", "feature_id"))
    owner = mandate.astype(np.int64) * (int(component.max(initial=0)) + 1) + component
    chain = owner * (int(feature.max(initial=0)) + 2) + feature + 1
    x, y = (targets[name].to_numpy(dtype=np.float64)[target] for name in ("x", "y"))
    sequence = _sequences(demands)[row]
    order = np.lexsort((sequence, chain))
    chain, sequence = chain[order], sequence[order]
    if ((np.diff(chain) == 0) & (np.diff(sequence) == 0)).any():  # the two sides of one place
        order = order[np.lexsort((y[order], x[order], sequence, chain))]
    facing = (
        targets["facing"].to_numpy(dtype=np.float64) if "facing" in targets.columns else np.full(len(targets), np.nan)
    )
    cell = (
        targets["cell"].to_numpy(dtype=np.float64)[target] if "cell" in targets.columns else np.full(len(row), np.nan)
    )
    return _Rows(
        row=row[order].astype(np.int32),
        target=target[order].astype(np.int32),
        owner=_ranks(owner[order]).astype(np.int32),
        feature=_ranks(chain).astype(np.int32),
        sequence=sequence,
        x=x[order],
        y=y[order],
        facing=facing[target[order]],
        cell=cell[order],
        weight=demands["weight"].to_numpy(dtype=np.float64)[row[order]],
        line=targets["unit"].eq("m").to_numpy()[target[order]],
        junction=demands["component"].eq("junction").to_numpy()[row[order]],
    )


def _sequences(demands: pd.DataFrame) -> Ints:
    """Return the number of each sample along its feature; a short hole in a boundary that nobody asks for closes."""
    sequence: Ints = demands["sequence" if "sequence" in demands.columns else "target_id"].to_numpy(dtype=np.int64)
    ring = np.flatnonzero(demands["component"].eq("ring").to_numpy(dtype=bool))
    if len(ring):
        sequence = sequence.copy()
        lines = demands.iloc[ring].groupby(["mandate_id", "feature_id"], dropna=False).ngroup()
        chain: Ints = np.asarray(lines, dtype=np.int64)
        step = np.median(demands["weight"].to_numpy(dtype=np.float64)[ring])
        sequence[ring] = close_holes(chain, sequence[ring], int(HOLE // max(step, 1.0)))
    return sequence


def _codes(names: pd.Series, rows: Ints) -> npt.NDArray[np.int32]:
    """Return the number of each row's name among all names in their order; -1 where there is none."""
    return np.asarray(pd.factorize(names.to_numpy(dtype=object)[rows], sort=True)[0], dtype=np.int32)


def _ranks(sorted_numbers: Ints) -> Ints:
    """Return 0, 1, 2 … for runs of equal numbers, ascending."""
    if not len(sorted_numbers):
        return np.zeros(0, dtype=np.int64)
    return np.asarray(np.cumsum(np.r_[False, np.diff(sorted_numbers) != 0]), dtype=np.int64)


def _explain(rows: _Rows, targets: pd.DataFrame, cameras: gpd.GeoDataFrame, city: City, demands: pd.DataFrame) -> _Why:
    """Return reason and nearest camera of each row; each target is asked once per density and number of cameras."""
    level, levels = pd.factorize(demands["density_required"].to_numpy(dtype=np.float64)[rows.row])
    several, numbers = pd.factorize(demands["cameras_required"].to_numpy(dtype=np.int64)[rows.row])
    width = len(levels) * len(numbers)
    key = (rows.target.astype(np.int64) * len(levels) + level) * len(numbers) + several
    wanted = np.zeros(len(targets) * width, dtype=bool)
    wanted[key] = True
    asked = np.flatnonzero(wanted)
    again = (np.cumsum(wanted, dtype=np.int32) - 1)[key]
    found = find_reasons(
        targets,
        cameras,
        city.buildings,
        levels[asked // max(len(numbers), 1) % max(len(levels), 1)],
        rows=asked // max(width, 1),
        cameras_required=numbers[asked % max(len(numbers), 1)],
        barriers=city.barriers,
        terrain=city.terrain,
    )
    names = tuple("unfit" if name == "" else name for name in REASONS)  # seen as required, by cameras for other things
    return _Why(names, found.reason[again], found.camera_id, found.nearest[again], found.distance[again])


def _find_earlier(rows: _Rows, demands: pd.DataFrame, previous: gpd.GeoDataFrame) -> Ints:
    """Return the earlier patch of each row, -1 where it is of none."""
    cell = np.flatnonzero(~np.isnan(rows.cell))
    cells = demands[["mandate_id", "component"]].iloc[rows.row[cell]].assign(x=rows.x[cell], y=rows.y[cell])
    earlier = np.full(len(rows.row), -1, dtype=np.int64)
    earlier[cell] = find_earlier_patches(cells, previous)
    return earlier


def _number_gaps(rows: _Rows, rules: GapRules, reason: npt.NDArray[np.int8], earlier: Ints | None = None) -> _Numbered:
    """Number the gaps of the rows, 0 … n-1: stretches, patches, junctions, then gates."""
    count = len(rows.row)
    gap, side, apart = np.zeros(count, np.int64), np.full(count, ANY, np.int8), np.zeros(count, dtype=bool)
    metres = rows.weight.copy()
    is_cell = ~np.isnan(rows.cell)
    line, cell, junction = (_chosen(mask) for mask in (rows.line, is_cell, rows.junction))
    found = number_stretches(
        rows.feature[line],
        rows.sequence[line],
        rows.x[line],
        rows.y[line],
        rows.facing[line],
        rows.weight[line],
        reason[line],
        rules.longest,
    )
    side[line], metres[line] = found.side, found.metres
    patch = number_patches(
        rows.owner[cell].astype(np.int64),
        rows.cell[cell],
        rows.x[cell],
        rows.y[cell],
        rows.weight[cell],
        reason[cell].astype(np.int64),
        rules.largest,
        None if earlier is None else earlier[cell],
    )
    top = 0
    for at, number, least in ((line, found.number, rules.shortest), (cell, patch, rules.smallest)):
        joined, apart[at] = join_remnants(number, rows.owner[at], rows.x[at], rows.y[at], rows.weight[at], least)
        gap[at] = joined + top
        top += int(joined.max(initial=-1)) + 1
    gap[junction] = np.unique(rows.feature[junction], return_inverse=True)[1].ravel() + top
    top = int(gap[junction].max(initial=top - 1)) + 1
    alone = np.flatnonzero(~(rows.line | is_cell | rows.junction))
    gap[alone] = top + np.arange(len(alone))
    return _Numbered(gap, side, metres, apart)


def _chosen(mask: npt.NDArray[np.bool_]) -> Any:
    """Return what takes the rows of a mask, without a copy where it is all of them."""
    return slice(None) if mask.all() else np.flatnonzero(mask)


LANE = 1.5
"""A stretch that is unseen in one direction only is drawn this far (m) to the right of its street's middle; ours."""


def _lanes(rows: _Rows, gap: Ints, gaps: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return where each sample is drawn: those of stretches in one direction aside, so that two do not cover."""
    one_way = gaps["side"].isin((ALONG, AGAINST)).to_numpy()
    if not one_way.any():
        return rows.x, rows.y
    away = np.where(one_way, LANE, 0.0)
    right = np.radians(np.nan_to_num(gaps["facing"].to_numpy(dtype=np.float64)) + 90.0)
    return rows.x + (away * np.sin(right))[gap], rows.y + (away * np.cos(right))[gap]


def _summed(rows: _Rows, numbered: _Numbered, why: _Why, demands: pd.DataFrame, targets: pd.DataFrame) -> pd.DataFrame:
    """Return one row per gap: its owner, feature, middle, size, reason, nearest camera, and its pieces."""
    gap = numbered.gap
    count = int(gap.max(initial=-1)) + 1
    first = np.zeros(count, dtype=np.int64)
    own = np.flatnonzero(~numbered.apart)
    first[gap[own[::-1]]] = own[::-1]
    gaps = demands.iloc[rows.row[first]][["mandate_id", "component", "feature_id"]].reset_index(drop=True)
    gaps["unit"] = targets["unit"].to_numpy(dtype=object)[rows.target[first]]
    gaps["unit"] = gaps["unit"].astype("str")
    surrogate = demands["surrogate"].iloc[rows.row[first]].fillna(False) if "surrogate" in demands.columns else False
    gaps["surrogate"] = np.asarray(surrogate, dtype=bool)
    size = np.bincount(gap, weights=rows.weight, minlength=count)
    gaps["size"] = size
    gaps["x"], gaps["y"] = (np.bincount(gap, weights=v * rows.weight, minlength=count) / size for v in (rows.x, rows.y))
    gaps["remnants"] = np.bincount(gap, weights=rows.weight * numbered.apart, minlength=count)
    _tell_directions(gaps, rows, numbered)
    names = np.argsort(why.names)  # of two reasons of one size the first by name
    rank = np.argsort(names)
    weights = np.bincount(gap * len(names) + rank[why.reason], weights=rows.weight, minlength=count * len(names))
    most = weights.reshape(count, len(names)).argmax(axis=1)
    gaps["reason"] = pd.Series(np.array(why.names, dtype=object)[names[most]], dtype="str")
    least = np.full(count, np.nan)
    np.fmin.at(least, gap, why.distance)
    closest = np.full(count, len(why.camera_id), dtype=np.int64)
    known = why.distance == least[gap]
    by_name = np.argsort(why.camera_id.astype(str), kind="stable") if len(why.camera_id) else np.zeros(0, np.int64)
    np.minimum.at(closest, gap[known], np.argsort(by_name)[why.nearest[known]])
    gaps["nearest_camera"] = np.round(least, 1)
    cameras = np.append(why.camera_id[by_name], [None])
    gaps["nearest_camera_id"] = pd.Series(cameras[closest], dtype="str")
    key = ["mandate_id", "component"]
    required = demands.groupby(key)["weight"].sum().rename("required")
    gaps = gaps.join(required, on=key)
    gaps["whole"] = gaps["size"] >= 0.999 * gaps["required"]
    along = gaps.groupby([*key, "feature_id"], dropna=False)
    line = gaps["unit"] == "m"
    gaps["piece"] = np.where(line, along.cumcount() + 1, 1)
    gaps["pieces"] = np.where(line, along["size"].transform("size"), 1)
    return gaps


def _tell_directions(gaps: pd.DataFrame, rows: _Rows, numbered: _Numbered) -> None:
    """Add ``side``, that nine tenths of a gap must be seen from, its mean ``facing``, and the line's ``length``."""
    count, sides = len(gaps), LEFT + 1
    if not numbered.side.any():
        gaps["side"], gaps["facing"], gaps["length"] = ANY, np.nan, gaps["size"]
        return
    held = np.bincount(numbered.gap * sides + numbered.side, weights=rows.weight, minlength=count * sides)
    held = held.reshape(count, sides)
    size = gaps["size"].to_numpy(dtype=np.float64)
    side = np.where(held.max(axis=1, initial=0.0) >= 0.9 * size, held.argmax(axis=1) if count else 0, ANY)
    gaps["side"] = side.astype(np.int64)
    angle = np.radians(np.where(numbered.side == side[numbered.gap], rows.facing, np.nan))
    east, north = (
        np.bincount(numbered.gap, weights=np.nan_to_num(of) * rows.weight, minlength=count)
        for of in (np.sin(angle), np.cos(angle))
    )
    gaps["facing"] = np.where(side == ANY, np.nan, np.degrees(np.arctan2(east, north)) % 360.0)
    metres = np.bincount(numbered.gap, weights=numbered.metres, minlength=count)
    ratio = np.divide(metres, size, out=np.ones(count), where=size > 0)
    exact = np.abs(ratio - np.rint(ratio)) < 0.05  # chords fall a little short of a bend
    gaps["length"] = np.where(exact, size * np.rint(ratio), metres)
