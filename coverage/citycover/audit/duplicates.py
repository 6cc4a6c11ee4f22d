"""Find proposed cameras whose useful view others already have, or have had approved."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from citycover import geo, tables, terms
from citycover.audit import _overlap
from citycover.audit._overlap import CONNECT, NEVER, PROPOSED, REPAIR, UPGRADE, Ints, Ledger
from citycover.audit.own_samples import sample_views
from citycover.audit.rivals import POLE, UNNUMBERED, Fleet, column
from citycover.audit.sightings import find_sightings, merge_demands
from citycover.errors import CrsError, InputError, TableError
from citycover.terms import Lang

SHARE = 0.9
"""Others must hold at least this share of a build's useful view for it to be a duplicate; ours."""

POLE_REACH = 15.0
"""A proposed camera may be hung on an existing pole this far off (m) that sees the same; ours."""

MOST = 8
"""A set of more cameras than this is not called a replacement: nobody could check it at a meeting."""

BATCH = 400
"""Proposals whose own samples are held in memory at once; a longer list is first screened roughly."""

ROUGH, ROUGH_ERROR = 8.0, 0.1
"""Distance between the samples of the screening (m), and by how much its shares may err: those within it are judged by
the full samples."""

SCREEN = 500.0
"""Side of the squares (m) by which a long list is sorted, so that a batch lies together."""

_MENDS = {REPAIR: "repair", CONNECT: "connect", UPGRADE: "upgrade"}


def find_duplicates(
    proposed: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    targets: pd.DataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    demands: pd.DataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    duplicate_share: float = SHARE,
    not_duplicates: pd.DataFrame | None = None,
    lang: Lang = "zh",
    workers: int | None = None,
) -> gpd.GeoDataFrame:
    """Judge each proposed camera: what of its useful view others hold, and what to do instead of building it.

    Its useful view is the targets that it sees as sharply, from the side, as they need; without ``targets``, or where
    it sees none, 2 m samples of its view, needed at 0.8 of the density that it gives there, at most 62.5 px/m. Others
    hold a target when as many as it needs see it as required: **low**, usable cameras at their pessimistic end;
    **high**, all, once mended, at their optimistic end. Usable: in use, accepted, approved or being built, networked
    (unknown counts as yes for government, police and public bodies, as no for others), 30 days of recordings (unknown
    counts as yes). One camera stands for another of its purpose only (faces; number plates; scenes), for faces and
    plates from the same side (60°). Cameras of one owner on one pole whose directions are not both known look
    different ways.

    ``drop`` (standing ``certain``): usable and remaining proposed cameras hold ``duplicate_share`` of it, and no target
    loses a camera that it needs, all drops together; of a mutual pair the later by status, then the later filed, the
    costlier, the higher id goes. ``repair``, ``connect``, ``upgrade``: the same once some are mended. ``possible``:
    only at the high end. Else ``co-locate`` where a pole stands there, or one within 15 m sees as much, else ``keep``.

    Parameters
    ----------
    proposed, existing
        Tables of cameras in one metric reference system.
    targets, demands
        As :func:`citycover.audit.targets.lay_targets` gives them; both or neither.
    buildings, barriers
        What blocks sight; without buildings all is open field, and the rows say so (``open_field``).
    duplicate_share
        Above 0, at most 1.
    not_duplicates
        Pairs that persons settled: ``camera_a``, ``camera_b`` (``*``: with none), ``decided_by``, ``why``.
    lang
        Language of ``why``.
    workers
        Threads; the answer does not depend on it.

    Returns
    -------
    GeoDataFrame
        The table ``duplicates``, one row per proposed camera, in their order.

    Raises
    ------
    TableError, CrsError, InputError
        A table lacks columns, the reference systems differ, the share is out of its range, an id stands twice.

    Examples
    --------
    >>> at = gpd.points_from_xy([500000.0, 500001.0], [3500000.0, 3500000.0])
    >>> both = gpd.GeoDataFrame({"camera_id": ["a", "b"], "azimuth": [0.0, 0.0], "hfov": [60.0, 60.0],
    ...     "reach": [40.0, 40.0], "pixels": [1920, 1920], "owner_class": "police"}, geometry=at, crs=32650)
    >>> find_duplicates(both.iloc[[1]], both.iloc[[0]])[["camera_a", "camera_b", "action"]].values.tolist()
    [['b', 'a', 'drop']]
    """
    _check(proposed, existing, targets, demands, duplicate_share)
    open_field = buildings is None
    walls = gpd.GeoDataFrame(geometry=[], crs=proposed.crs) if buildings is None else buildings
    fleet = Fleet(proposed, existing, walls, not_duplicates)
    sight: dict[str, Any] = {"barriers": barriers, "workers": workers}
    found = _Verdicts(len(proposed))
    judged = np.zeros(len(proposed), bool)
    if targets is not None and demands is not None:
        rows = merge_demands(targets, demands)
        ledger = fleet.ledger(rows, find_sightings(fleet.frame, rows, walls, **sight))
        judged = np.diff(ledger.own_start)[fleet.first :] > 0
        _judge(found, fleet, ledger, np.flatnonzero(judged), duplicate_share, demanded=True)
    rest = np.flatnonzero(~judged)
    if len(rest) > BATCH:
        rest = _screen(found, fleet, rest, walls, duplicate_share, sight)
    if len(rest):
        samples = sample_views(proposed.iloc[rest], walls)
        near = fleet.near(rest)
        seen = find_sightings(fleet.frame.iloc[near], samples.rows, walls, **sight)
        ledger = fleet.ledger(samples.rows, seen._replace(camera=near[seen.camera]), rest[samples.owner])
        _judge(found, fleet, ledger, rest, duplicate_share, demanded=False)
    hang = _hang(proposed, fleet, walls, found, sight)
    return _table(proposed, fleet, found, hang, targets=judged, open_field=open_field, lang=lang)


class _Verdicts:
    """What is found of each proposal."""

    def __init__(self, rows: int) -> None:
        self.shares = np.zeros((rows, 4))
        self.useful = np.zeros(rows)
        self.needed = np.zeros(rows, np.int64)
        self.action = np.full(rows, "keep", dtype=object)
        self.standing = np.full(rows, "none", dtype=object)
        self.others: list[Ints] = [np.zeros(0, np.int64)] * rows
        self.reasons = np.zeros((rows, len(_overlap.REASONS)))


def _judge(found: _Verdicts, fleet: Fleet, ledger: Ledger, proposals: Ints, least: float, *, demanded: bool) -> None:
    """Write the verdicts on some proposals."""
    number = fleet.first + proposals
    shares = _overlap.shares_of(number, ledger)
    found.shares[proposals] = shares
    weight = np.concatenate([[0.0], np.cumsum(ledger.weight[ledger.own])])
    found.useful[proposals] = weight[ledger.own_start[number + 1]] - weight[ledger.own_start[number]]
    enough = shares >= least - 1e-12
    alive, needed = _overlap.drop_in_turn(fleet.turn(proposals[enough[:, 1]]), least, demanded, ledger)
    found.needed[proposals] = needed[number]
    dropped = ~alive[number]
    mended = ~dropped & enough[:, 2] & ~enough[:, 0]
    held = ~dropped & ~mended & enough[:, 1]
    perhaps = ~dropped & ~mended & ~held & enough[:, 3]
    for stage, chosen in ((1, dropped), (2, mended), (1, held), (3, perhaps)):
        for p in proposals[chosen]:  # few: the rows that a meeting reads
            others = _overlap.smallest_set(fleet.first + p, stage, least, MOST, alive, ledger)
            found.others[p] = others
    for p in proposals[~dropped & ~mended & ~perhaps]:
        found.reasons[p] = _overlap.weigh_reasons(fleet.first + p, ledger)
    found.standing[proposals[dropped | mended]] = "certain"
    found.standing[proposals[perhaps]] = "possible"
    found.action[proposals[dropped]] = "drop"
    for p in proposals[mended]:
        mends = fleet.worth[found.others[p]]
        found.action[p] = _MENDS[int(min(m for m in mends if m in _MENDS))]


def _screen(
    found: _Verdicts, fleet: Fleet, proposals: Ints, walls: gpd.GeoDataFrame, least: float, sight: dict[str, Any]
) -> Ints:
    """Judge a long list roughly, by samples :data:`ROUGH` m apart; return those that need the full judgement."""
    order = proposals[np.lexsort(np.floor(fleet.xy[fleet.first + proposals] / SCREEN).T)]
    close: list[Ints] = []
    for low in range(0, len(order), BATCH):
        part = order[low : low + BATCH]
        samples = sample_views(fleet.frame.iloc[fleet.first + part], walls, step=ROUGH)
        near = fleet.near(part)
        seen = find_sightings(fleet.frame.iloc[near], samples.rows, walls, **sight)
        ledger = fleet.ledger(samples.rows, seen._replace(camera=near[seen.camera]), part[samples.owner])
        shares = _overlap.shares_of(fleet.first + part, ledger)
        found.shares[part] = shares
        close.append(part[shares.max(axis=1) >= least - ROUGH_ERROR])
    return np.sort(np.concatenate(close))


def _hang(
    proposed: gpd.GeoDataFrame,
    fleet: Fleet,
    walls: gpd.GeoDataFrame,
    found: _Verdicts,
    sight: dict[str, Any],
) -> npt.NDArray[np.object_]:
    """Return the existing camera on whose pole a proposal that stays could hang; None where there is none.

    A pole is one that the register numbers: the id that a reader makes of a bare position tells of none. Within
    ``POLE`` metres it is the proposal's own place; up to :data:`POLE_REACH` a camera there, turned to the middle of its
    view, must hold :data:`SHARE` of its samples.
    """
    hang = np.full(len(proposed), None, dtype=object)
    pole = column(fleet.frame.iloc[: fleet.first], "pole_id").astype("str")
    named = (pole.notna() & ~pole.str.contains(UNNUMBERED, na=False)).to_numpy(bool)
    named = named & (fleet.worth[: fleet.first] != NEVER)
    poles, stays = np.flatnonzero(named), np.flatnonzero(found.action == "keep")
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
    middle = np.column_stack([x, y]) / np.maximum(mine, 1)[:, None] - at
    grid = np.degrees(np.arctan2(middle[:, 0], middle[:, 1]))
    there["azimuth"] = (grid + geo.meridian_convergence(at[:, 0], at[:, 1], proposed.crs)) % 360.0
    moved = find_sightings(there, samples.rows, walls, **sight)
    same = (moved.camera == samples.owner[moved.row]) & np.isin(moved.row, own_row)
    held = np.bincount(moved.camera[same], minlength=len(stays))
    good = (mine > 0) & (held >= SHARE * mine)
    hang[stays[good]] = fleet.ids[poles[nearest[good]]]
    return hang


def _table(
    proposed: gpd.GeoDataFrame,
    fleet: Fleet,
    found: _Verdicts,
    hang: npt.NDArray[np.object_],
    *,
    targets: npt.NDArray[np.bool_],
    open_field: bool,
    lang: Lang,
) -> gpd.GeoDataFrame:
    rows = len(proposed)
    action = found.action.copy()
    on_pole = (action == "keep") & (found.standing == "none") & pd.notna(hang)
    action[on_pole] = "co-locate"
    others = [np.append(fleet.ids[o], [hang[i]] if on_pole[i] else []) for i, o in enumerate(found.others)]
    lines = [
        shapely.MultiLineString([[fleet.xy[fleet.first + i], fleet.xy[c]] for c in o])
        for i, o in enumerate(found.others)
    ]
    reason = _reasons(found, fleet, on_pole)
    which = 0 if lang == "zh" else 1
    words = pd.Series(reason).map({key: label[which] for key, label in terms.DUPLICATE_REASONS.items()})
    cost = pd.to_numeric(column(proposed, "cost")).to_numpy(float, na_value=np.nan)
    frame = {
        "camera_a": proposed["camera_id"].astype("str").to_numpy(object),
        "camera_b": [";".join(map(str, names)) or None for names in others],
        "n_b": [len(o) for o in found.others],
        "standing": found.standing,
        "action": action,
        "reason": reason,
        "why": words.to_numpy(object),
        "shared_share": found.shares[:, :3].max(axis=1) if rows else [],
        "shared_share_high": found.shares.max(axis=1) if rows else [],
        "needed": found.needed,
        "useful": found.useful,
        "basis": np.where(targets, "targets", "samples"),
        "open_field": open_field,
        "saving": np.where(action == "drop", cost, np.nan),
        "department": column(proposed, "department").to_numpy(object),
        "geometry": lines,
    }
    return gpd.GeoDataFrame(tables.conform("duplicates", pd.DataFrame(frame), crs=proposed.crs))


def _reasons(found: _Verdicts, fleet: Fleet, on_pole: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Return the key of why each proposal is or is no duplicate."""
    best = found.reasons.argmax(axis=1) if len(found.reasons) else np.zeros(0, np.int64)
    named = np.array(_overlap.REASONS, dtype=object)[best]
    blocked = found.reasons.max(axis=1, initial=0.0) >= 0.5
    reason = np.where(blocked, named, np.where(found.shares.max(axis=1, initial=0.0) > 0.0, "partly", "alone"))
    reason = np.where(on_pole, "pole_there", reason)
    reason = np.where(found.needed > 0, "needed", reason)
    reason = np.where(found.useful <= 0.0, "sees_nothing", reason)
    reason = np.where(found.standing == "possible", "pose_unknown", reason)
    repeated = [bool((fleet.worth[o] == PROPOSED).any()) for o in found.others]
    several = [len(o) > 1 for o in found.others]
    drop = found.action == "drop"
    reason = np.where(drop, np.where(repeated, "proposed_twice", np.where(several, "held_together", "held")), reason)
    mended = np.isin(found.action, list(_MENDS.values()))
    return np.asarray(np.where(mended, "held_once_" + found.action.astype(str).astype(object), reason), dtype=object)


def _check(
    proposed: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    targets: pd.DataFrame | None,
    demands: pd.DataFrame | None,
    share: float,
) -> None:
    if not 0.0 < share <= 1.0:
        raise InputError(f"duplicate_share: needed above 0 and at most 1, given {share}")
    if (targets is None) != (demands is None):
        raise InputError("targets, demands: needed both or neither, given one")
    for name, frame in (("proposed", proposed), ("existing", existing)):
        if "camera_id" not in frame.columns or not isinstance(frame, gpd.GeoDataFrame):
            raise TableError(f"{name}: needed camera_id and point geometry, given {', '.join(map(str, frame.columns))}")
    if len(existing) and existing.crs != proposed.crs:
        raise CrsError(f"existing: needed the reference system of proposed, {proposed.crs}, given {existing.crs}")
    ids = pd.concat([existing["camera_id"], proposed["camera_id"]], ignore_index=True).astype("str")
    if ids.duplicated().any():
        twice = ids[ids.duplicated()].iloc[0]
        raise InputError(f"camera_id: needed each id once in proposed and existing together, given {twice!r} twice")
