"""What cameras are worth to each other: usable or not, for what, on which pole, or settled as no repeats."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from citycover import terms
from citycover.audit import _overlap
from citycover.audit._overlap import (
    ACCEPT,
    CONNECT,
    NEVER,
    PROPOSED,
    REPAIR,
    UNKNOWN,
    UPGRADE,
    USABLE,
    Ints,
    Ledger,
)
from citycover.audit.sightings import Rows, Sightings
from citycover.sight.cameras import assign_counting, longest_reach

LEAST_RETENTION = 30.0
"""A camera whose recordings are kept for fewer days (d) stands for no other until it is upgraded."""

POLE = 1.0
"""Cameras this near to each other (m) stand on one pole where the register names none; ours."""

UNNUMBERED = r"(?:^|:)P[0-9a-f]{12}$"
"""Pole ids that readers make from a position where the register numbers no pole."""

GROUPS = {"face": _overlap.FACE, "plate": _overlap.PLATE, "overview": _overlap.SCENE, "person": _overlap.SCENE}
GROUPS |= {"vehicle": _overlap.SCENE, "crossing": _overlap.SCENE}
STANDING = ("accepted", "in_use", "repair")
"""Statuses of what is built: where a register is held against itself, one owner's cameras of unknown direction are
taken to look different ways, wherever they stand."""

_OPEN_OWNERS = ("government", "police", "public_body")


class Fleet:
    """All cameras, the existing before the proposed, and what they are worth to each other."""

    def __init__(
        self,
        proposed: gpd.GeoDataFrame,
        existing: gpd.GeoDataFrame,
        buildings: gpd.GeoDataFrame,
        settled: pd.DataFrame | None,
    ) -> None:
        self.first = len(existing)
        both = pd.concat([existing, proposed], ignore_index=True)
        self.frame = gpd.GeoDataFrame(both, geometry=both.geometry.to_numpy(), crs=proposed.crs)
        self.ids = self.frame["camera_id"].astype("str").to_numpy(object)
        points = self.frame.geometry
        self.xy = np.column_stack([points.x, points.y])
        self.worth = np.full(len(self.frame), PROPOSED, np.int64)
        self.worth[: self.first] = rate_worth(existing, buildings)
        self.owner = _codes(self.frame, "owner")
        self.pole = _poles(self.frame, self.xy, self.first)
        purpose = column(self.frame, "purpose")
        self.group = np.asarray(purpose.map(GROUPS).fillna(_overlap.UNKNOWN).to_numpy(np.int64), np.int64)
        azimuth = pd.to_numeric(column(self.frame, "azimuth")).to_numpy(float, na_value=np.nan)
        hfov = pd.to_numeric(column(self.frame, "hfov")).to_numpy(float, na_value=np.nan)
        status = column(self.frame, "status").fillna("in_use")
        self.stands = status.isin(STANDING).to_numpy(bool)
        self.aimed = np.isfinite(azimuth) & ~(hfov >= 360.0)
        self.barred_start, self.barred, self.settled = _settled(settled, self.ids)
        reach = pd.to_numeric(column(self.frame, "reach")).to_numpy(float, na_value=np.nan)
        self.reach = np.where(np.isnan(reach), longest_reach(), reach)
        grade = _classes(self.reach)
        members = {int(g): np.flatnonzero(grade == g) for g in np.unique(grade)}
        self._trees = {g: (rows, cKDTree(self.xy[rows])) for g, rows in members.items()}

    def pairs(self, proposals: Ints) -> tuple[Ints, Ints]:
        """Return the pairs of these proposals and cameras whose reaches meet: number in ``proposals``, and the camera.

        Cameras are sought by classes of reach, so that one that sees far does not widen the search for all others.
        """
        p = self.first + proposals
        a, b = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        mine = _classes(self.reach[p])
        for grade in np.unique(mine):
            part = np.flatnonzero(mine == grade)
            tree = cKDTree(self.xy[p[part]])
            for other, (cameras, trees) in self._trees.items():
                met = tree.sparse_distance_matrix(trees, 2.0**grade + 2.0**other, output_type="ndarray")
                i, c = part[met["i"]], cameras[met["j"]]
                close = met["v"] <= self.reach[p[i]] + self.reach[c]
                a.append(i[close])
                b.append(c[close])
        return np.concatenate(a), np.concatenate(b)

    def near(self, proposals: Ints) -> Ints:
        """Return which cameras may see what these proposals see, themselves among them: those whose reaches meet."""
        return np.unique(self.pairs(proposals)[1])

    def may_meet(self, proposals: Ints) -> tuple[Ints, Ints, Ints]:
        """Return the pairs of :meth:`pairs` with why they cannot stand for each other (``_overlap.REASONS``; 0: may).

        A plain first sieve, of owner, pole, direction and purpose: what it refuses, no finer look at the ground would
        let pass.
        """
        i, c = self.pairs(proposals)
        p = self.first + proposals[i]
        other = (self.worth[c] != NEVER) & (p != c)
        i, c, p = i[other], c[other], p[other]
        apart = (self.owner[p] == self.owner[c]) & ~(self.aimed[p] & self.aimed[c])
        unlike = (self.group[p] != self.group[c]) & (self.group[p] != UNKNOWN) & (self.group[c] != UNKNOWN)
        cases = [apart & (self.pole[p] == self.pole[c]), apart & self.stands[p] & self.stands[c], unlike]
        return i, c, np.select(cases, [_overlap.REASONS.index(w) for w in ("one_pole", "one_owner", "other_purpose")])

    def ledger(self, rows: Rows, seen: Sightings, owner: Ints | None = None) -> Ledger:
        """Return who sees what; ``owner`` is the proposal that each row is a sample of, None for targets of all."""
        size, count = len(self.frame), len(rows.x)
        mine = seen.camera >= self.first
        if owner is not None:
            mine &= seen.camera - self.first == owner[seen.row]
        camera, row = seen.camera[mine], seen.row[mine]
        order = np.argsort(camera, kind="stable")
        return Ledger(
            own_start=_starts(camera, size),
            own=row[order],
            start=_starts(seen.row, count),
            seer=seen.camera,
            flags=seen.flags,
            weight=rows.weight,
            number=rows.number,
            tx=rows.x,
            ty=rows.y,
            worth=self.worth,
            group=self.group,
            pole=self.pole,
            owner=self.owner,
            aimed=self.aimed,
            stands=self.stands,
            barred_start=self.barred_start,
            barred=self.barred,
            settled=self.settled,
            x=np.ascontiguousarray(self.xy[:, 0]),
            y=np.ascontiguousarray(self.xy[:, 1]),
        )

    def turn(self, proposals: Ints) -> Ints:
        """Return the proposals in the order in which they would go: later status, later filed, dearer, higher id."""
        rows = self.frame.iloc[self.first + proposals]
        rank = {status: i for i, status in enumerate(terms.STATUSES)}
        keys = pd.DataFrame(
            {
                "status": column(rows, "status").map(rank).fillna(0).to_numpy(float),
                "filed": column(rows, "filed_on").fillna("9999-12-31").astype("str").to_numpy(),
                "cost": pd.to_numeric(column(rows, "cost")).fillna(0.0).to_numpy(float),
                "id": rows["camera_id"].astype("str").to_numpy(),
            }
        )
        order = keys.sort_values(["status", "filed", "cost", "id"], ascending=[True, False, False, False]).index
        return np.asarray(self.first + proposals[order.to_numpy(np.int64)], np.int64)


def list_mends(existing: pd.DataFrame) -> pd.DataFrame:
    """Return what each camera needs before it stands for another: yes-or-no columns as ``terms.MENDS``, in row order.

    ``repair``: its status is under repair or out of use. ``connect``: not networked (unknown counts as yes for
    government, police and public bodies, and for all in registers that never say). ``upgrade``: keeps fewer than 30
    days (unknown counts as enough). ``accept``: in use without a day of acceptance, in a register that keeps such days.
    """
    status = column(existing, "status").fillna("in_use").to_numpy(object)
    networked = column(existing, "networked").astype("boolean")
    open_owner = column(existing, "owner_class").isin(_OPEN_OWNERS)
    linked = networked.fillna(False).to_numpy(bool) | (networked.isna() & open_owner).to_numpy(bool)
    if bool(networked.isna().all()):  # a register that does not say
        linked = np.ones(len(existing), bool)
    kept = pd.to_numeric(column(existing, "retention_days")).to_numpy(float, na_value=np.nan)
    accepted = column(existing, "accepted_on").notna()
    keeps = accepted.groupby(column(existing, "register").astype("str").fillna("").to_numpy()).transform("any")
    assumed = column(existing, "status_assumed").astype("boolean").fillna(False).to_numpy(bool)
    return pd.DataFrame(
        {
            "repair": np.isin(status, ["repair", "out_of_use"]),
            "connect": ~linked,
            "upgrade": kept < LEAST_RETENTION,
            "accept": (status == "in_use") & ~assumed & keeps.to_numpy(bool) & ~accepted.to_numpy(bool),
        },
        index=existing.index,
    )


def rate_worth(existing: gpd.GeoDataFrame, buildings: gpd.GeoDataFrame) -> Ints:
    """Return what each existing camera is worth to others: usable, once repaired, connected, upgraded, or never."""
    reason = assign_counting(existing, buildings)["counts_reason"].to_numpy(object)
    status = column(existing, "status").fillna("in_use").to_numpy(object)
    mends = list_mends(existing)
    worth = np.full(len(existing), USABLE, np.int64)
    for name, code in (("accept", ACCEPT), ("connect", CONNECT), ("upgrade", UPGRADE), ("repair", REPAIR)):
        worth[mends[name].to_numpy(bool)] = code
    worth[np.isin(status, ["planned", "removed"])] = NEVER
    worth[np.isin(reason, ["same_device", "indoor", "inside_building"])] = NEVER
    worth[(reason == "not_in_use") & np.isin(status, ["in_use", "accepted"])] = NEVER  # a row of no camera
    return worth


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, of nulls where it is missing."""
    if name in frame.columns:
        return pd.Series(frame[name])
    return pd.Series(None, index=frame.index, dtype="object")


def _classes(reach: npt.NDArray[np.float64]) -> Ints:
    """Return the power of two that each reach (m) does not exceed, 2⁵ or more."""
    return np.asarray(np.ceil(np.log2(np.maximum(reach, 32.0))), np.int64)


def _codes(frame: pd.DataFrame, name: str) -> Ints:
    """Return a number for each text; unknown ones get one each, so that they are never the same."""
    codes = pd.factorize(column(frame, name))[0].astype(np.int64)
    return np.where(codes < 0, -2 - np.arange(len(codes)), codes)


def _poles(frame: pd.DataFrame, xy: npt.NDArray[np.float64], first: int) -> Ints:
    """Return a number for each pole: cameras of one ``pole_id``, or within :data:`POLE` metres of each other.

    A proposed camera joins the nearest existing one's pole; only where there is none it shares one with other
    proposals, so that a proposal never makes one pole of others.
    """
    pairs = cKDTree(xy).query_pairs(POLE, output_type="ndarray") if len(xy) else np.zeros((0, 2), np.int64)
    old, new = pairs.min(axis=1, initial=len(xy)), pairs.max(axis=1, initial=0)
    joins = np.flatnonzero((old < first) & (new >= first))
    away = np.hypot(*(xy[old[joins]] - xy[new[joins]]).T)
    joins = joins[np.lexsort((old[joins], away, new[joins]))]
    nearest = joins[np.append(True, np.diff(new[joins]) > 0)[: len(joins)]]
    taken = np.zeros(len(xy), bool)
    taken[new[nearest]] = True
    alike = (new < first) | ((old >= first) & ~taken[old] & ~taken[new])
    pairs = np.concatenate([pairs[alike], pairs[nearest]])
    numbered = column(frame, "pole_id").astype("str")
    named = pd.factorize(numbered.mask(numbered.str.contains(UNNUMBERED, na=False)))[0]
    order = np.argsort(named, kind="stable")
    order = order[named[order] >= 0]
    same = named[order[1:]] == named[order[:-1]]
    pairs = np.concatenate([pairs, np.column_stack([order[:-1][same], order[1:][same]])])
    size = len(frame)
    links = coo_matrix((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _starts(sorted_: Ints, size: int) -> Ints:
    """Return where each number 0 … size-1 begins among numbers, sorted or to be sorted."""
    return np.concatenate([[0], np.cumsum(np.bincount(sorted_, minlength=size))]).astype(np.int64)


def _settled(pairs: pd.DataFrame | None, ids: npt.NDArray[np.object_]) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Return, camera by camera, those that persons said it does not repeat, and which repeat none at all (``*``)."""
    size = len(ids)
    free = np.zeros(size, np.bool_)
    if pairs is None or pairs.empty:
        return np.zeros(size + 1, np.int64), np.zeros(0, np.int64), free
    number = pd.Series(np.arange(size), index=ids)
    told = pairs[["camera_a", "camera_b"]].astype("str")
    told = told[told["camera_a"].isin(ids)]
    free[number.loc[told.loc[told["camera_b"] == "*", "camera_a"]].to_numpy()] = True
    told = told[told["camera_b"].isin(ids)]
    one, other = number.loc[told["camera_a"]].to_numpy(), number.loc[told["camera_b"]].to_numpy()
    a, b = np.concatenate([one, other]), np.concatenate([other, one])  # what a does not repeat does not repeat a
    order = np.argsort(a, kind="stable")
    return _starts(a, size), np.asarray(b[order], np.int64), free
