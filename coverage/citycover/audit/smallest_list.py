"""Find the smallest part of a list of proposals that keeps what the whole list would see, with a proof of how small."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity, vstack
from scipy.sparse.csgraph import connected_components

from citycover.audit._overlap import LOW, PROPOSED, UNKNOWN, USABLE, Ints
from citycover.audit.own_samples import sample_views
from citycover.audit.rivals import Fleet
from citycover.audit.sightings import Rows, Sightings, find_sightings, merge_demands
from citycover.errors import InputError
from citycover.sight.cameras import find_poses

EXACT = 400
"""Proposals that hang together of which HiGHS is still asked for the smallest part; more are chosen greedily."""

TIME = 20.0
"""Seconds that HiGHS may take for one such group."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SmallestList:
    """Which proposals to build: ``chosen`` ids in the list's order, how many (``number``), and the certificate.

    No part of fewer than ``bound`` proposals keeps the coverage; ``gap`` = (number − bound) / bound, 0 where the answer
    is proved to be the smallest. ``groups`` hang together, ``greedy`` of them were too large to be solved exactly.
    """

    chosen: tuple[str, ...]
    number: int
    bound: int
    gap: float
    groups: int
    greedy: int


def find_smallest_list(
    proposed: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    targets: pd.DataFrame | None = None,
    buildings: gpd.GeoDataFrame | None = None,
    *,
    demands: pd.DataFrame | None = None,
    barriers: gpd.GeoDataFrame | None = None,
    share: float = 0.9,
    keep: Collection[str] = (),
    workers: int | None = None,
) -> SmallestList:
    """Return the smallest part of a list that keeps its coverage, beside the existing cameras.

    Minimise Σ xₚ over xₚ ∈ {0, 1} such that every target that proposals see as it must be seen keeps as many of its
    cameras as it needs and would have with the whole list, purpose by purpose (faces, plates, scenes); of a proposal
    that sees no target, at least ``share`` of its own view (2 m samples) is kept seen. All at the pessimistic end;
    a proposal whose pose is unknown sees nothing there and is always kept. Solved by HiGHS (``scipy.optimize.milp``)
    for each group of proposals that hang together; groups of more than 400 greedily, their bound from the relaxation.

    Parameters
    ----------
    proposed, existing, targets, buildings, demands, barriers, workers
        As for :func:`citycover.audit.duplicates.find_duplicates`.
    share
        Above 0, at most 1: what is kept of views without targets.
    keep
        Ids of proposals that stay whatever they see: those that persons settled.

    Raises
    ------
    InputError
        The share is out of its range, or one of targets and demands is given alone.

    Examples
    --------
    >>> at = gpd.points_from_xy([500000.0, 500000.5], [3500000.0, 3500000.0])
    >>> both = gpd.GeoDataFrame({"camera_id": ["a", "b"], "azimuth": [0.0, 0.0], "hfov": [60.0, 60.0],
    ...     "reach": [40.0, 40.0], "pixels": [1920, 1920], "owner_class": "police"}, geometry=at, crs=32650)
    >>> kept = find_smallest_list(both, both.iloc[:0])
    >>> kept.number, kept.bound, kept.gap
    (1, 1, 0.0)
    """
    if not 0.0 < share <= 1.0:
        raise InputError(f"share: needed above 0 and at most 1, given {share}")
    if (targets is None) != (demands is None):
        raise InputError("targets, demands: needed both or neither, given one")
    walls = gpd.GeoDataFrame(geometry=[], crs=proposed.crs) if buildings is None else buildings
    fleet = Fleet(proposed, existing, walls, None)
    kept = fleet.first + np.flatnonzero(proposed["camera_id"].astype("str").isin(set(keep)))
    fleet.worth[kept] = USABLE  # they stand in any case
    sight: dict[str, Any] = {"barriers": barriers, "workers": workers}
    count = len(proposed)
    parts: list[_Rows] = []
    judged, least = np.zeros(count, bool), np.zeros(count)
    if targets is not None and demands is not None:
        rows = merge_demands(targets, demands)
        seen = _sharp(find_sightings(fleet.frame, rows, walls, **sight))
        parts.append(_needs(fleet, rows, seen))
        judged[seen.camera[seen.camera >= fleet.first] - fleet.first] = True
    judged[kept - fleet.first] = True
    rest = np.flatnonzero(~judged)
    row, _, bar = fleet.may_meet(rest)
    rest = rest[np.unique(row[bar == 0])]  # what nobody can hold stays
    rest = rest[find_poses(proposed.iloc[rest], walls).known > 0]
    if len(rest):
        samples = sample_views(proposed.iloc[rest], walls)
        near = fleet.near(rest)
        seen = find_sightings(fleet.frame.iloc[near], samples.rows, walls, **sight)
        seen = _sharp(seen._replace(camera=near[seen.camera]))
        owner = rest[samples.owner]
        own = np.unique(seen.row[seen.camera - fleet.first == owner[seen.row]])  # what its own camera does not see
        seen = _only(seen, np.isin(seen.row, own))
        part = _needs(fleet, samples.rows, seen, owner=owner)
        whole = np.bincount(owner[own], weights=samples.rows.weight[own], minlength=count)
        judged[owner[own]] = True
        missing = np.bincount(part.owner, weights=part.weight, minlength=count) if len(part.owner) else 0.0 * whole
        least = np.maximum(share * whole * (1.0 - 1e-12) - (whole - missing), 0.0)
        parts.append(part)
    judged[kept - fleet.first] = False
    return _solve(_join(parts, least), count, np.flatnonzero(~judged), least, proposed["camera_id"].astype("str"))


def _sharp(seen: Sightings) -> Sightings:
    return _only(seen, (seen.flags & LOW) > 0)


def _only(seen: Sightings, keep: npt.NDArray[np.bool_]) -> Sightings:
    return Sightings(seen.camera[keep], seen.row[keep], seen.flags[keep])


@dataclass(frozen=True)
class _Rows:
    """Rows to be kept: pairs of row and proposal, how many each row still needs, its weight, whose sample it is."""

    row: Ints
    proposal: Ints
    need: Ints
    weight: Floats
    owner: Ints


def _needs(fleet: Fleet, rows: Rows, seen: Sightings, *, owner: Ints | None = None) -> _Rows:
    """Return the rows of each group of purposes that proposals must keep seen, the existing cameras deducted."""
    camera, row = seen.camera, seen.row
    group = np.minimum(fleet.group[camera], UNKNOWN)
    key = row * 4 + group
    usable = fleet.worth[camera] == USABLE
    mine = fleet.worth[camera] == PROPOSED
    if owner is not None:  # a sample counts for the purpose of its own camera
        whose = fleet.group[fleet.first + owner[row]]
        mine &= group == whose
        usable &= group == whose
    wanted, place = np.unique(key[mine], return_inverse=True)
    had = np.bincount(place, minlength=len(wanted))
    at = np.searchsorted(wanted, key[usable])
    known = np.append(wanted, -1)[at] == key[usable]
    stands = np.bincount(at[known], minlength=len(wanted))
    need = np.minimum(rows.number[wanted // 4] - stands, had).astype(np.int64)
    open_ = need > 0
    number = np.cumsum(open_) - 1
    keep = open_[place]
    whose_row = np.full(len(wanted), -1, np.int64) if owner is None else owner[wanted // 4]
    return _Rows(
        number[place][keep],
        (camera[mine] - fleet.first)[keep],
        need[open_],
        rows.weight[wanted // 4][open_],
        whose_row[open_],
    )


def _join(parts: list[_Rows], least: Floats) -> _Rows:
    """Return the rows of all parts, those that the same proposals see alike as one; those of views held already go."""
    start = np.cumsum([0, *(len(p.need) for p in parts)])
    row = np.concatenate([p.row + s for p, s in zip(parts, start, strict=False)] or [np.zeros(0, np.int64)])
    proposal = np.concatenate([p.proposal for p in parts] or [np.zeros(0, np.int64)])
    need = np.concatenate([p.need for p in parts] or [np.zeros(0, np.int64)])
    weight = np.concatenate([p.weight for p in parts] or [np.zeros(0)])
    owner = np.concatenate([p.owner for p in parts] or [np.zeros(0, np.int64)])
    open_ = (owner < 0) | (least[owner] > 0.0)
    if not open_.all():
        number = np.cumsum(open_) - 1
        proposal, row = proposal[open_[row]], number[row[open_[row]]]
        need, weight, owner = need[open_], weight[open_], owner[open_]
    if not len(need):
        return _Rows(row, proposal, need, weight, owner)
    mark = np.random.default_rng(0).integers(1, 2**61, int(proposal.max()) + 1, dtype=np.uint64)
    sign = np.zeros(len(need), np.uint64)
    np.add.at(sign, row, mark[proposal])
    _, first, alike = np.unique(
        np.column_stack([sign, need.astype(np.uint64), (owner + 1).astype(np.uint64)]),
        axis=0,
        return_index=True,
        return_inverse=True,
    )
    alike = alike.ravel()
    heavy = np.asarray(np.bincount(alike, weights=weight, minlength=len(first)), float)
    lead = np.zeros(len(need), bool)
    lead[first] = True
    keep = lead[row]
    return _Rows(alike[row[keep]], proposal[keep], need[first], heavy, owner[first])


def _solve(rows: _Rows, count: int, blind: Ints, least: Floats, ids: pd.Series) -> SmallestList:
    chosen = np.zeros(count, bool)
    chosen[blind] = True
    bound = float(len(blind))
    size = len(rows.need)
    sees = csr_matrix((np.ones(len(rows.row)), (rows.row, rows.proposal)), shape=(size, count))
    group = _groups(rows, count)
    of_row = np.full(size, -1, np.int64)
    of_row[rows.row] = group[rows.proposal]
    members = np.bincount(group, minlength=count)
    alone = np.unique(of_row[members[of_row] == 1]) if size else of_row  # who hangs together with nobody is needed
    lonely = np.isin(group, alone)
    chosen[lonely] = True
    bound += int(lonely.sum())
    greedy, solved = 0, 0
    order = np.argsort(of_row, kind="stable")
    for which in np.split(order, np.flatnonzero(np.diff(of_row[order])) + 1) if size else []:
        g = of_row[which[0]]
        if members[g] == 1:
            continue
        who = np.flatnonzero(group == g)
        place = np.full(count + 1, -1, np.int64)
        place[who] = np.arange(len(who))
        problem = _Problem(
            sees[which][:, who], rows.need[which], rows.weight[which], place[rows.owner[which]], least[who]
        )
        picked, low, exact = problem.solve()
        chosen[who[picked]] = True
        bound += low
        solved += 1
        greedy += not exact
    number, low_end = int(chosen.sum()), math.ceil(bound - 1e-6)
    gap = (number - low_end) / low_end if low_end else 0.0
    return SmallestList(tuple(ids[chosen]), number, low_end, gap, solved + len(alone), greedy)


def _groups(rows: _Rows, count: int) -> Ints:
    """Return the number of the group of each proposal: those that share a row, or see a row of another's view."""
    lead = np.full(len(rows.need), -1, np.int64)
    lead[rows.row] = rows.proposal
    own = np.flatnonzero((rows.owner >= 0) & (lead >= 0))
    a = np.concatenate([rows.proposal, rows.owner[own]])
    b = np.concatenate([lead[rows.row], lead[own]])
    links = coo_matrix((np.ones(len(a), np.int8), (a, b)), shape=(count, count))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


@dataclass(frozen=True)
class _Problem:
    """One group: rows × proposals, what each row needs, and of whose view it is (-1: a target, to be kept whole).

    ``least`` is how much of each proposal's rows must stay seen.
    """

    sees: Any
    need: Ints
    weight: Floats
    owner: Ints
    least: Floats

    def solve(self) -> tuple[npt.NDArray[np.bool_], float, bool]:
        """Return which proposals stay, the bound on how many must, and whether HiGHS proved the answer."""
        wide = self.sees.shape[1]
        if wide == 1:
            return np.ones(1, bool), 1.0, True
        cost, constraints, upper = self._program()
        whole = np.concatenate([np.ones(wide), np.zeros(len(cost) - wide)])
        if wide <= EXACT:
            found = milp(
                cost,
                constraints=constraints,
                integrality=whole,
                bounds=Bounds(0.0, upper),
                options={"time_limit": TIME},
            )
            if found.x is not None:
                bound = found.fun if found.status == 0 else found.mip_dual_bound
                return found.x[:wide] > 0.5, float(math.ceil(bound - 1e-6)), found.status == 0
        matrix: Any = constraints.A
        lower: Any = constraints.lb
        relaxed = linprog(cost, A_ub=-matrix, b_ub=-lower, bounds=list(zip(np.zeros(len(cost)), upper, strict=True)))
        low = math.ceil(float(relaxed.fun or 0.0) - 1e-6) if relaxed.status == 0 else 1
        return self._greedy(), float(low), False

    def _program(self) -> tuple[Floats, LinearConstraint, Floats]:
        """Return the program: x by proposal, then y by row of a view (how much of it stays seen, at most 1)."""
        wide = self.sees.shape[1]
        soft = np.flatnonzero(self.owner >= 0)
        hard = np.flatnonzero(self.owner < 0)
        cost = np.concatenate([np.ones(wide), np.zeros(len(soft))])
        blocks = [hstack([self.sees[hard], csr_matrix((len(hard), len(soft)))])]
        lower = [self.need[hard].astype(float)]
        if len(soft):
            blocks.append(hstack([self.sees[soft], -identity(len(soft))]))
            lower.append(np.zeros(len(soft)))
            owners, place = np.unique(self.owner[soft], return_inverse=True)
            kept = csr_matrix((self.weight[soft], (place, np.arange(len(soft)))), (len(owners), len(soft)))
            blocks.append(hstack([csr_matrix((len(owners), wide)), kept]))
            lower.append(self.least[owners])
        matrix = csr_matrix(vstack(blocks))
        return cost, LinearConstraint(matrix, np.concatenate(lower), np.inf), np.ones(len(cost))

    def _greedy(self) -> npt.NDArray[np.bool_]:
        """Return a part that keeps all: everything, then each proposal that can go goes, the least useful first."""
        wide = self.sees.shape[1]
        stays = np.ones(wide, bool)
        columns = self.sees.tocsc()
        held = np.asarray(self.sees.sum(axis=1)).ravel()
        hard, soft = self.owner < 0, self.owner >= 0
        total = np.bincount(self.owner[soft], weights=self.weight[soft], minlength=wide)
        kept = total.copy()
        useful = columns.T @ self.weight
        for p in np.argsort(useful, kind="stable"):
            mine = columns.indices[columns.indptr[p] : columns.indptr[p + 1]]
            left = held[mine] - 1
            if (left[hard[mine]] < self.need[mine][hard[mine]]).any():
                continue
            lost = mine[soft[mine] & (left < 1)]
            gone = np.bincount(self.owner[lost], weights=self.weight[lost], minlength=wide)
            if ((kept - gone) < np.minimum(self.least, total)).any():
                continue
            stays[p] = False
            held[mine] = left
            kept -= gone
        return stays
