"""Work out the only figures that the public gets: shares by large cells, from which no camera can be worked out.

How it is held back (DESIGN, "Who may see what"):

- A camera speaks for the cell that it stands in and for no other, so that no figure tells more than a cell of it.
- A cell is shown only when at least :attr:`Rule.fewest` cameras that stand in it see ground in it, and when none of
  them sees more than one step of its ground alone. Cells without cameras are held back like those with few.
- Shares are rounded to :attr:`Rule.step`.
- Where what is held back could be found by subtraction (one cell, or too few cameras in all of them), the smallest
  shown cell is held back too, by the number of its targets, which everybody can count.
- A cell whose cameras changed by fewer than :attr:`Rule.fewest` since the last release repeats what it said then.
- The total speaks of the cells shown, and of these only.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import tables
from citycover.audit._overlap import LOW
from citycover.audit.sightings import Rows, Sightings, find_sightings, merge_demands
from citycover.errors import InputError
from citycover.publish.results import Results

Ints = npt.NDArray[np.int64]

SMALLEST = 500.0
"""No public cell has sides under this many metres (DESIGN)."""

POSE = ("azimuth", "hfov", "tilt", "mount_height", "pixels", "reach")
"""What, with the position, makes a camera another one when it changes."""


@dataclass(frozen=True)
class Rule:
    """How figures are held back: side of a cell (m), fewest cameras, step of shares, whether releases repeat.

    The defaults are the design's; tests switch them off to show what they hold back.
    """

    cell: float = SMALLEST
    fewest: int = 5
    step: float = 0.05
    repeat: bool = True


def measure_public_cells(
    results: Results, *, rule: Rule | None = None, previous: pd.DataFrame | None = None
) -> gpd.GeoDataFrame:
    """Return the table ``public_cells`` of a study: every cell with targets of decided duties. Restricted itself.

    Parameters
    ----------
    results
        The study. Seen is what cameras that count see for certain (the pessimistic end), each in its own cell;
        cameras whose purpose answers some components only (``answers``) are left out, on the safe side.
    rule
        How figures are held back; the design's without it.
    previous
        The table of the last release, from the restricted folder of that run.

    Returns
    -------
    GeoDataFrame
        One square per cell, from south to north, then west to east: ``share`` (null where held back) is public, as are
        the squares; ``targets`` and ``cameras`` (keys of those that contribute) never leave the restricted folder.

    Raises
    ------
    InputError
        The cells are smaller than 500 m.
    """
    rule = rule or Rule()
    if not rule.cell >= SMALLEST:
        raise InputError(f"public cells: needed sides of at least {SMALLEST:g} m, given {rule.cell:g}")
    settled = results.mandates.loc[results.mandates["standing"] != "undecided", "mandate_id"]
    demands = results.demands[results.demands["mandate_id"].isin(settled)]
    rows = merge_demands(results.targets, demands)
    cameras = results.cameras
    counting = cameras["counts"].eq("yes")
    if "answers" in cameras.columns:
        counting &= cameras["answers"].isna()
    cameras = cameras[counting.to_numpy(bool)]
    found = find_sightings(cameras, rows, results.city.buildings, barriers=results.city.barriers)
    return publish_cells(rows, cameras, found, rule=rule, previous=previous, crs=results.city.crs)


def publish_cells(
    rows: Rows,
    cameras: gpd.GeoDataFrame,
    found: Sightings,
    *,
    rule: Rule,
    previous: pd.DataFrame | None = None,
    crs: object = None,
) -> gpd.GeoDataFrame:
    """Return the cells of demanded ground, with the shares that may be shown; see :func:`measure_public_cells`."""
    column, row = _cell(rows.x, rule.cell), _cell(rows.y, rule.cell)
    spots, code = np.unique(np.stack([row, column], axis=1), axis=0, return_inverse=True)
    code = code.ravel()
    total = np.bincount(code, minlength=len(spots))
    at = np.asarray(cameras.geometry.array, dtype=object)
    home = np.stack([_cell(shapely.get_y(at), rule.cell), _cell(shapely.get_x(at), rule.cell)], axis=1)
    own = (home[found.camera] == spots[code[found.row]]).all(axis=1) & (found.flags & LOW > 0)
    camera, target = found.camera[own], found.row[own]
    seen = np.bincount(target, minlength=len(rows.x)) >= rows.number
    share = np.bincount(code[seen], minlength=len(spots)) / np.maximum(total, 1)
    alone = pd.DataFrame({"cell": code[target], "camera": camera}).value_counts(sort=False).reset_index(name="n")
    number = np.bincount(alone["cell"], minlength=len(spots))
    largest = np.zeros(len(spots), np.int64)
    np.maximum.at(largest, alone["cell"].to_numpy(), alone["n"].to_numpy())
    shown = (number >= rule.fewest) & ((largest <= rule.step * total) | (rule.fewest <= 1))
    shown = _hold_back_complements(shown, number, total, rule)
    keys = _keys(cameras).iloc[alone["camera"].to_numpy()].set_axis(alone["cell"].to_numpy())
    told = keys.sort_values().groupby(level=0).agg(";".join).reindex(range(len(spots))).fillna("")
    rounded = np.round(np.round(share / rule.step) * rule.step, 4)
    x, y = spots[:, 1] * rule.cell, spots[:, 0] * rule.cell
    frame = pd.DataFrame(
        {
            "cell_id": [f"E{int(a)}N{int(b)}" for a, b in zip(x, y, strict=True)],
            "side": rule.cell,
            "share": np.where(shown, rounded, np.nan),
            "targets": total,
            "cameras": told.to_numpy(),
        }
    )
    if rule.repeat and previous is not None and len(previous):
        frame = _repeat(frame, previous, rule.fewest)
    squares = shapely.box(x, y, x + rule.cell, y + rule.cell)
    out: gpd.GeoDataFrame = tables.conform("public_cells", frame.assign(geometry=squares), crs=crs)
    return out


def total_share(cells: pd.DataFrame, *, step: float = Rule.step) -> float | None:
    """Return the share over the cells that are shown, from their shown shares, weighted by targets; None without any.

    >>> total_share(pd.DataFrame({"share": [0.5, 0.7, None], "targets": [100, 100, 50]}))
    0.6
    """
    shown = cells[cells["share"].notna()]
    if not len(shown):
        return None
    share = float((shown["share"] * shown["targets"]).sum() / shown["targets"].sum())
    return float(np.round(np.round(share / step) * step, 4))


def _cell(values: npt.NDArray[np.float64], side: float) -> Ints:
    return np.asarray(np.floor(values / side).astype(np.int64))


def _keys(cameras: gpd.GeoDataFrame) -> pd.Series:
    """Return for each camera its id and a mark of position and pose, which changes when they do."""
    at = np.asarray(cameras.geometry.array, dtype=object)
    pose = [pd.to_numeric(cameras[name]).fillna(-1.0).round(1) for name in POSE if name in cameras.columns]
    marks = tables.content_ids("", np.round(shapely.get_x(at), 1), np.round(shapely.get_y(at), 1), *pose)
    keys: pd.Series = (
        cameras["camera_id"].str.replace(";", ",").reset_index(drop=True) + "@" + pd.Series(marks, dtype="str")
    )
    return keys


def _hold_back_complements(
    shown: npt.NDArray[np.bool_], number: Ints, total: Ints, rule: Rule
) -> npt.NDArray[np.bool_]:
    """Return the cells still shown when what is held back can no longer be had by subtraction from any total."""
    shown = shown.copy()
    if rule.fewest <= 1:
        return shown
    order = np.lexsort((np.arange(len(total)), total))
    for cell in order:
        held = ~shown
        if not held.any() or (held.sum() >= 2 and number[held].sum() >= rule.fewest):
            break
        if shown[cell]:
            shown[cell] = False
    return shown


def _repeat(frame: pd.DataFrame, previous: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Return the cells, those whose cameras changed by fewer than ``fewest`` as they stood in the last release."""
    before = previous.set_index("cell_id").reindex(frame["cell_id"])
    same_side = before["side"].to_numpy(float) == frame["side"].to_numpy(float)
    share, cameras = frame["share"].to_numpy(float).copy(), frame["cameras"].to_numpy(object).copy()
    old_share, old_cameras = before["share"].to_numpy(float), before["cameras"].fillna("").to_numpy(object)
    for i in np.flatnonzero(same_side):
        differing = set(cameras[i].split(";")) ^ set(old_cameras[i].split(";"))
        changed = len({key.rpartition("@")[0] for key in differing if key})
        if 0 < changed < fewest:
            share[i], cameras[i] = old_share[i], old_cameras[i]
    return frame.assign(share=share, cameras=pd.Series(cameras, index=frame.index, dtype="str"))
