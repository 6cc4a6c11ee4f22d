"""What may be used instead of a new mast: a pole that stands near, or a camera that nobody needs as it looks."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from citycover import geo
from citycover.audit._overlap import LOW, NEVER, PROPOSED, UNKNOWN, USABLE, Ints, Ledger
from citycover.audit.own_samples import sample_views
from citycover.audit.rivals import POLE, UNNUMBERED, Fleet, column
from citycover.audit.sightings import Rows, find_sightings

POLE_REACH = 15.0
"""A proposed camera may be hung on an existing pole this far off (m) that sees the same; ours."""

SAME_VIEW = 0.9
"""… at least this share of it; ours."""

NEAREST = 3
"""How many cameras near to a proposal are tried for turning."""

TURN_REACH = 100.0
"""How far (m) from a proposal a camera may stand that is turned instead; ours."""


def find_poles(
    proposed: gpd.GeoDataFrame, fleet: Fleet, walls: gpd.GeoDataFrame, stays: Ints, sight: dict[str, Any]
) -> npt.NDArray[np.object_]:
    """Return the existing camera on whose pole a proposal that stays could hang; None where there is none.

    A pole is one that the register numbers: the id that a reader makes of a bare position tells of none. Within
    ``POLE`` metres it is the proposal's own place; up to :data:`POLE_REACH` a camera there, turned to the middle of its
    view, must hold :data:`SAME_VIEW` of its samples.
    """
    hang = np.full(len(proposed), None, dtype=object)
    pole = column(fleet.frame.iloc[: fleet.first], "pole_id").astype("str")
    named = (pole.notna() & ~pole.str.contains(UNNUMBERED, na=False)).to_numpy(bool)
    named = named & (fleet.worth[: fleet.first] != NEVER)
    poles = np.flatnonzero(named)
    if not len(poles) or not len(stays):
        return hang
    away, nearest = map(
        np.asarray, cKDTree(fleet.xy[poles]).query(fleet.xy[fleet.first + stays], distance_upper_bound=POLE_REACH)
    )
    stays, away, nearest = stays[np.isfinite(away)], away[np.isfinite(away)], nearest[np.isfinite(away)]
    hang[stays[away <= POLE]] = fleet.ids[poles[nearest[away <= POLE]]]
    stays, nearest = stays[away > POLE], nearest[away > POLE]
    if not len(stays):
        return hang
    samples = sample_views(proposed.iloc[stays], walls)
    own = find_sightings(proposed.iloc[stays], samples.rows, walls, **sight)
    own_row = own.row[own.camera == samples.owner[own.row]]
    mine = np.bincount(samples.owner[own_row], minlength=len(stays))
    x, y = (np.bincount(samples.owner[own_row], values[own_row], minlength=len(stays)) for values in samples.rows[:2])
    at = fleet.xy[poles[nearest]]
    there = proposed.iloc[stays].set_geometry(gpd.points_from_xy(at[:, 0], at[:, 1]), crs=proposed.crs)
    there["azimuth"] = _towards(at, np.column_stack([x, y]) / np.maximum(mine, 1)[:, None], proposed.crs)
    moved = find_sightings(there, samples.rows, walls, **sight)
    same = (moved.camera == samples.owner[moved.row]) & np.isin(moved.row, own_row)
    held = np.bincount(moved.camera[same], minlength=len(stays))
    good = (mine > 0) & (held >= SAME_VIEW * mine)
    hang[stays[good]] = fleet.ids[poles[nearest[good]]]
    return hang


def find_turns(
    fleet: Fleet,
    walls: gpd.GeoDataFrame,
    rows: Rows,
    ledger: Ledger,
    alive: npt.NDArray[np.bool_],
    stays: Ints,
    busy: Ints,
    sight: dict[str, Any],
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """Return for each proposal the existing camera that, turned, sees all it adds, or None, and its azimuth then (°).

    Only usable fixed cameras of known pose, lens and purpose, and only where no demanded target loses a camera that it
    needs by all these turns together; none that stands for a dropped proposal (``busy``); each for one proposal. The
    :data:`NEAREST` such cameras are tried, turned to the middle of the proposal's rows.

    Parameters
    ----------
    fleet, walls, rows, ledger, sight
        As :func:`citycover.audit.duplicates.find_duplicates` holds them: targets are rows.
    alive
        Which cameras of the fleet stand or are to be built.
    stays
        Proposals (numbers in the list) that stay, in the order in which they may choose.
    busy
        Cameras (numbers in the fleet) that stand for dropped proposals.
    """
    out = np.full(len(fleet.frame) - fleet.first, None, dtype=object)
    turn_to = np.full(len(out), np.nan)
    fixed = ~column(fleet.frame, "ptz").astype("boolean").fillna(False).to_numpy(bool)
    lens = column(fleet.frame, "hfov").notna().to_numpy(bool)
    free = (fleet.worth == USABLE) & fixed & lens & fleet.aimed & (fleet.group != UNKNOWN)
    free[busy] = False
    works = (fleet.worth == USABLE) | (alive & (fleet.worth == PROPOSED))
    sharp = (ledger.flags & LOW > 0) & works[ledger.seer]
    row_of = np.repeat(np.arange(len(rows.x)), np.diff(ledger.start))[sharp]
    seer = ledger.seer[sharp]
    spare = np.bincount(row_of, minlength=len(rows.x)) - rows.number
    free[seer[spare[row_of] <= 0]] = False
    cameras = np.flatnonzero(free)
    if not len(cameras) or not len(stays):
        return out, turn_to
    tries = min(NEAREST, len(cameras))
    away, near = cKDTree(fleet.xy[cameras]).query(
        fleet.xy[fleet.first + stays], k=tries, distance_upper_bound=TURN_REACH
    )
    near = np.asarray(near).reshape(len(stays), tries)
    which, place = np.nonzero(np.isfinite(np.asarray(away).reshape(len(stays), tries)))
    camera, proposal = cameras[near[which, place]], fleet.first + stays[which]
    size = ledger.own_start[proposal + 1] - ledger.own_start[proposal]
    fits = (fleet.group[camera] == fleet.group[proposal]) & (size > 0)
    camera, proposal, size = camera[fits], proposal[fits], size[fits]
    if not len(camera):
        return out, turn_to
    pair = np.repeat(np.arange(len(camera)), size)
    step = np.arange(len(pair)) - np.repeat(np.cumsum(size) - size, size)
    own = ledger.own[np.repeat(ledger.own_start[proposal], size) + step]
    middle = np.column_stack([np.bincount(pair, weights=v[own]) / size for v in (rows.x, rows.y)])
    turned = fleet.frame.iloc[camera].reset_index(drop=True)
    turned["azimuth"] = np.round(_towards(fleet.xy[camera], middle, fleet.frame.crs), 1)  # as it will be told
    wanted, place = np.unique(own, return_inverse=True)
    seen = find_sightings(turned, Rows(*(np.asarray(v)[wanted] for v in rows)), walls, **sight)
    low = seen.flags & LOW > 0
    hit = np.isin(pair * len(wanted) + place, (seen.camera * len(wanted) + seen.row)[low])
    whole = np.bincount(pair[hit], minlength=len(camera)) == size
    taken: set[int] = set()
    for k in np.flatnonzero(whole):  # few: the rows that a meeting reads
        p, c = int(proposal[k] - fleet.first), int(camera[k])
        left = row_of[seer == c]
        if out[p] is None and c not in taken and bool((spare[left] > 0).all()):
            spare[left] -= 1
            taken.add(c)
            out[p], turn_to[p] = fleet.ids[c], turned["azimuth"].iloc[k]
    return out, turn_to


def _towards(at: npt.NDArray[np.float64], middle: npt.NDArray[np.float64], crs: Any) -> npt.NDArray[np.float64]:
    """Return the azimuths (° from true north) from positions to points."""
    way = middle - at
    grid = np.degrees(np.arctan2(way[:, 0], way[:, 1]))
    return np.asarray((grid + geo.meridian_convergence(at[:, 0], at[:, 1], crs)) % 360.0)
