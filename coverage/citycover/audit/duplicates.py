"""Find proposed cameras whose useful view others already have, or have had approved."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import tables, terms, tiles
from citycover.audit import _overlap
from citycover.audit._overlap import ACCEPT, CONNECT, PROPOSED, REPAIR, UPGRADE, Floats, Ints, Ledger
from citycover.audit.catalogue import Catalogue
from citycover.audit.duplicate_advice import advise
from citycover.audit.instead import find_poles, find_turns
from citycover.audit.own_samples import Samples, sample_views
from citycover.audit.rivals import Fleet, column
from citycover.audit.sightings import find_sightings, merge_demands
from citycover.errors import CrsError, InputError, TableError
from citycover.law.regulation import Rulebook
from citycover.terms import Lang

SHARE = 0.9
"""Others must hold at least this share of a build's useful view for it to be a duplicate; ours."""

MOST = 8
"""A set of more cameras than this is not called a replacement: nobody could check it at a meeting."""

BATCH = 400
"""Proposals whose own samples are held in memory at once; a longer list is first screened roughly."""

PERHAPS = 100
"""Of a long list, those that can only be possible duplicates are judged so many at once."""

ROUGH, FEWEST, ROUGH_ERROR = 8.0, 200, 0.1
"""Distance between the samples of the screening (m), how many samples a view has at least, and by how much its shares
may err: those within it are judged by the full samples."""

SCREEN = 500.0
"""Side of the squares (m) by which a long list is sorted, so that a batch lies together."""

_MENDS = {REPAIR: "repair", CONNECT: "connect", UPGRADE: "upgrade", ACCEPT: "accept"}
_ACTIONS = _MENDS | {ACCEPT: "upgrade"}


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
    rulebook: Rulebook | None = None,
    overlay: Rulebook | None = None,
    catalogue: Catalogue | None = None,
    public_ground: gpd.GeoDataFrame | None = None,
    lang: Lang = "zh",
    workers: int | None = None,
) -> gpd.GeoDataFrame:
    """Judge each proposed camera: what of its useful view others hold, and what to do instead of building it.

    Its useful view is the targets that it sees as sharply, from the side, as they need; without ``targets``, or where
    it sees none, 2 m samples of its view, needed at 0.8 of the density that it gives there, at most 62.5 px/m. Others
    hold a target when as many as it needs see it as required: **low**, usable cameras at their pessimistic end;
    **high**, all, once mended, and the most favourable one of unknown pose aimed as the proposal is (several are not
    added up: that each of many looks wherever it is wanted is what no real aiming does). Usable: in use, accepted,
    approved or being built, and nothing to mend (:func:`citycover.audit.rivals.list_mends`). One camera stands for
    another of its purpose only (faces; number plates; scenes), for faces and plates from the same side (60°). Cameras
    of one owner on one pole whose directions are not both known look different ways; of a register held against
    itself, all of one owner.

    ``drop`` (standing ``certain``): usable and remaining proposed cameras hold ``duplicate_share`` of it, and no target
    loses a camera that it needs, all drops together; of a mutual pair the later by status, then the later filed, the
    costlier, the higher id goes. ``repair``, ``connect``, ``upgrade``: the same once some are mended. ``possible``:
    only at the high end. Else ``re-aim`` where a camera that nothing else needs sees its targets once turned, else
    ``co-locate`` where a pole stands there, or one within 15 m sees as much, else ``keep``.

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
    rulebook, overlay, catalogue, public_ground
        For articles, money and authority (:func:`citycover.audit.duplicate_advice.advise`); each may be missing.
    lang
        Language of ``why``.
    workers
        Threads; the answer does not depend on it.

    Returns
    -------
    GeoDataFrame
        The table ``duplicates``, one row per proposed camera, in their order: lines from it to the others,
        or its point.

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
    judged, standing = np.zeros(len(proposed), bool), np.ones(len(fleet.frame), np.bool_)
    if targets is not None and demands is not None:
        rows = merge_demands(targets, demands)
        ledger = fleet.ledger(rows, find_sightings(fleet.frame, rows, walls, **sight))
        judged = np.diff(ledger.own_start)[fleet.first :] > 0
        alive = _judge(found, fleet, ledger, np.flatnonzero(judged), duplicate_share, standing=standing, demanded=True)
        stays = np.flatnonzero(judged & (found.action == "keep") & (found.standing == "none") & (found.useful > 0))
        stays = fleet.turn(stays) - fleet.first
        found.turn, found.turn_to = find_turns(fleet, walls, rows, ledger, alive, stays, found.busy(), sight)
        found.action[pd.notna(found.turn)] = "re-aim"
    rest = np.flatnonzero(~judged)
    parts = [rest]
    if len(rest) > BATCH:
        rest = _screen(found, fleet, rest, walls, duplicate_share, sight)
        sure = found.shares[rest, :3].max(axis=1) >= duplicate_share - ROUGH_ERROR  # these may go, and must go together
        perhaps = rest[~sure]
        parts = [rest[sure], *(perhaps[low : low + PERHAPS] for low in range(0, len(perhaps), PERHAPS))]
    for i, part in enumerate(parts):
        if len(part):
            ledger, _ = _own_ledger(fleet, part, walls, sight)
            standing = _judge(found, fleet, ledger, part, duplicate_share, standing=standing, drops=i == 0)
    hang = find_poles(proposed, fleet, walls, np.flatnonzero(found.action == "keep"), sight)
    rows_found = _table(proposed, fleet, found, hang, targets=judged, open_field=open_field, lang=lang)
    return advise(
        rows_found,
        proposed,
        existing,
        rulebook=rulebook,
        overlay=overlay,
        catalogue=catalogue,
        public_ground=public_ground,
        not_duplicates=not_duplicates,
        lang=lang,
    )


class _Verdicts:
    """What is found of each proposal."""

    def __init__(self, rows: int) -> None:
        self.shares = np.zeros((rows, 4))
        self.useful = np.zeros(rows)
        self.needed = np.zeros(rows, np.int64)
        self.action = np.full(rows, "keep", dtype=object)
        self.standing = np.full(rows, "none", dtype=object)
        self.stands_in = np.zeros(rows, bool)
        self.others: list[Ints] = [np.zeros(0, np.int64)] * rows
        self.reasons = np.zeros((rows, len(_overlap.REASONS)))
        self.mend = np.full(rows, "", dtype=object)
        self.turn = np.full(rows, None, dtype=object)
        self.turn_to = np.full(rows, np.nan)

    def busy(self) -> Ints:
        """Return the cameras (numbers in the fleet) that stand for dropped or mended proposals."""
        others = [o for o, s in zip(self.others, self.standing, strict=True) if s == "certain"]
        return np.unique(np.concatenate([np.zeros(0, np.int64), *others]))


def _own_ledger(
    fleet: Fleet,
    proposals: Ints,
    walls: gpd.GeoDataFrame,
    sight: dict[str, Any],
    *,
    near: Ints | None = None,
    **grid: Any,
) -> tuple[Ledger, Samples]:
    """Return who of ``near`` (all that may) sees what of these proposals' own views, and the samples of these."""
    samples = sample_views(fleet.frame.iloc[fleet.first + proposals], walls, **grid)
    near = fleet.near(proposals) if near is None else near
    seen = find_sightings(fleet.frame.iloc[near], samples.rows, walls, **sight)
    seen = seen._replace(camera=near[seen.camera])
    return fleet.ledger(samples.rows, seen, proposals[samples.owner]), samples


def _shares(cameras: Ints, standing: npt.NDArray[np.bool_], ledger: Ledger) -> Floats:
    """Return the shares of each at the stages of :func:`citycover.audit._overlap.weigh_shares`."""

    def work(part: tuple[int, int]) -> Floats:
        return np.asarray(_overlap.weigh_shares(cameras[part[0] : part[1]], standing, ledger), float)

    done = tiles.run_parts(work, tiles.cut_rows(len(cameras), size=64))
    return np.concatenate([np.zeros((0, 4)), *done])


def _judge(
    found: _Verdicts,
    fleet: Fleet,
    ledger: Ledger,
    proposals: Ints,
    least: float,
    *,
    standing: npt.NDArray[np.bool_],
    demanded: bool = False,
    drops: bool = True,
) -> npt.NDArray[np.bool_]:
    """Write the verdicts on some proposals; return which cameras stand after the drops.

    ``standing`` tells which stand before; where ``drops`` is false none of these is dropped.
    """
    number = fleet.first + proposals
    before = _shares(number, standing, ledger)
    weight = np.concatenate([[0.0], np.cumsum(ledger.weight[ledger.own])])
    found.useful[proposals] = weight[ledger.own_start[number + 1]] - weight[ledger.own_start[number]]
    may_go = before[:, 1] >= least - 1e-12
    alive, needed = _overlap.drop_in_turn(fleet.turn(proposals[may_go & drops]), least, demanded, standing, ledger)
    found.needed[proposals] = needed[number]
    dropped = ~alive[number]
    found.stands_in[proposals] = may_go & ~dropped & (needed[number] == 0)
    shares = _shares(number, alive, ledger) if dropped.any() else before
    found.shares[proposals] = shares
    enough = shares >= least - 1e-12
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
        first = int(min(m for m in fleet.worth[found.others[p]] if m in _MENDS))
        found.action[p], found.mend[p] = _ACTIONS[first], _MENDS[first]
    return np.asarray(alive, np.bool_)


def _screen(
    found: _Verdicts, fleet: Fleet, proposals: Ints, walls: gpd.GeoDataFrame, least: float, sight: dict[str, Any]
) -> Ints:
    """Judge a long list roughly, by samples :data:`ROUGH` m apart; return those that need the full judgement."""
    standing = np.ones(len(fleet.frame), np.bool_)
    order = proposals[np.lexsort(np.floor(fleet.xy[fleet.first + proposals] / SCREEN).T)]
    close: list[Ints] = []
    for low in range(0, len(order), BATCH):
        part = order[low : low + BATCH]
        row, other, bar = fleet.may_meet(part)
        alone = np.ones(len(part), bool)
        alone[row[bar == 0]] = False
        barred = np.flatnonzero(alone[row])  # what nobody can stand for is not looked at
        found.reasons[part[row[barred]], bar[barred]] = 1.0
        found.useful[part[alone]] = np.nan
        part = part[~alone]
        if not len(part):
            continue
        near = np.union1d(other[bar == 0], fleet.first + part)
        ledger, samples = _own_ledger(fleet, part, walls, sight, near=near, step=ROUGH, fewest=FEWEST)
        shares = _shares(fleet.first + part, standing, ledger)
        found.shares[part] = shares
        found.useful[part] = np.bincount(samples.owner, weights=samples.rows.weight, minlength=len(part))
        close.append(part[shares.max(axis=1) >= least - ROUGH_ERROR])
    return np.sort(np.concatenate([np.zeros(0, np.int64), *close]))


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
    beside = np.where(on_pole, hang, found.turn)
    others = [fleet.ids[o] if beside[i] is None else np.array([beside[i]]) for i, o in enumerate(found.others)]
    place = pd.Series(np.arange(len(fleet.ids)), index=fleet.ids)
    lines = np.asarray(shapely.points(fleet.xy[fleet.first :]), dtype=object)
    for i in np.flatnonzero([len(o) > 0 for o in others]):  # few: the rows that a meeting reads
        ends = fleet.xy[place.loc[list(others[i])].to_numpy()]
        lines[i] = shapely.MultiLineString([[fleet.xy[fleet.first + i], end] for end in ends])
    reason = _reasons(found, fleet, on_pole)
    which = 0 if lang == "zh" else 1
    words = pd.Series(reason).map({key: label[which] for key, label in terms.DUPLICATE_REASONS.items()})
    frame = {
        "camera_a": proposed["camera_id"].astype("str").to_numpy(object),
        "name": column(proposed, "name").to_numpy(object),
        "camera_b": [";".join(map(str, names)) or None for names in others],
        "n_b": [len(o) if beside[i] is None else 0 for i, o in enumerate(found.others)],
        "standing": found.standing,
        "action": action,
        "reason": reason,
        "why": words.to_numpy(object),
        "shared_share": found.shares[:, :3].max(axis=1) if rows else [],
        "shared_share_high": found.shares.max(axis=1) if rows else [],
        "turn_to": np.round(found.turn_to, 1),
        "needed": found.needed,
        "useful": found.useful,
        "basis": np.where(targets, "targets", "samples"),
        "open_field": open_field,
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
    reason = np.where(found.stands_in, "stands_in", reason)
    reason = np.where(found.needed > 0, "needed", reason)
    reason = np.where(found.useful <= 0.0, "sees_nothing", reason)
    reason = np.where(found.standing == "possible", "pose_unknown", reason)
    repeated = [bool((fleet.worth[o] == PROPOSED).any()) for o in found.others]
    several = [len(o) > 1 for o in found.others]
    drop = found.action == "drop"
    reason = np.where(drop, np.where(repeated, "proposed_twice", np.where(several, "held_together", "held")), reason)
    reason = np.where(found.action == "re-aim", "could_turn", reason)
    once = {"accept": "accepted"}
    told = ["held_once_" + once.get(m, m) if m else r for m, r in zip(found.mend, reason, strict=True)]
    return np.array(told, dtype=object)


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
