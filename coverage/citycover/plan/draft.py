"""Draft the construction plan: which sites in which phase, what each adds, and what the whole promises."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import csr_array

from citycover.audit.conflicts import find_conflicts
from citycover.audit.coverage import measure_headline
from citycover.audit.fitting import measure_fitting
from citycover.audit.requirements import Requirements
from citycover.city.model import City
from citycover.errors import InputError
from citycover.law.criteria import Criteria
from citycover.law.regulation import Rulebook
from citycover.plan.after import cameras_after
from citycover.plan.choice import PRIVATE_PRICE, Choice, choose_sites, find_gains
from citycover.plan.ground import find_private
from citycover.plan.money import Budget
from citycover.plan.privacy import find_sensitive
from citycover.plan.reach import find_covers
from citycover.plan.shares import choose_cheapest
from citycover.plan.site_rows import make_sites
from citycover.plan.softening import Softened, soften_aims
from citycover.plan.wants import PUBLIC, select_duties
from citycover.sight.views import camera_views
from citycover.terms import PLAN_STATES, Label, Lang

ROUNDS = 4
"""How often sites that an exact look finds in conflict with a ban are left out and the choice is made again."""

BANNED = ("C1", "C2", "C3", "C4", "C5")
"""Checks that no site may fail."""


@dataclass(frozen=True)
class Plan:
    """A construction plan.

    ``sites``: the declared table. ``phases``: phase, year, budget, spent (yuan), sites, value and bound (worth of
    the wanted targets, see ``find_wants``), ``optimality_gap`` = (bound − value) / value.
    ``promise``: per unit what is required, seen before and seen after, by the measure of existing cameras.
    ``rejected``: candidates in conflict with a ban when looked at exactly. ``money`` tells what other sums would bring,
    where asked, ``reached`` what share of each item is closed, where shares were. ``candidates`` and ``chosen`` (their
    rows, in the order of ``sites``) answer why not another.
    """

    sites: gpd.GeoDataFrame
    phases: pd.DataFrame
    promise: pd.DataFrame
    candidates: gpd.GeoDataFrame = field(repr=False)
    wants: pd.DataFrame = field(repr=False)
    covers: csr_array = field(repr=False)
    chosen: tuple[int, ...] = field(repr=False)
    rejected: tuple[str, ...] = ()
    state: str = "draft"
    version: str = "1"
    drafters: tuple[str, ...] = ()
    approver: str = ""
    made_up: bool = True
    coordinates: str = "CGCS2000"
    local_grid: tuple[float, ...] = ()
    devices: Mapping[str, Label] = field(default_factory=dict)
    private_price: float = PRIVATE_PRICE
    locked_out: tuple[str, ...] = ()
    money: pd.DataFrame | None = None
    reached: pd.DataFrame | None = None

    @property
    def cost(self) -> float:
        """What all sites cost once (yuan)."""
        return float(self.sites["cost"].sum())

    @property
    def optimality_gap(self) -> float:
        """The largest of the phases' gaps: no choice of these candidates is worth more by more than this share."""
        return float(self.phases["optimality_gap"].max()) if len(self.phases) else 0.0


def draft_plan(
    sites: gpd.GeoDataFrame,
    gaps: gpd.GeoDataFrame,
    rulebook: Rulebook,
    *,
    budget: Budget | float,
    wants: pd.DataFrame,
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    mandates: gpd.GeoDataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    seen: pd.DataFrame | None = None,
    builders: Collection[str] = PUBLIC,
    overlay: Rulebook | None = None,
    on: str | None = None,
    criteria: Criteria | None = None,
    locked_in: Iterable[str] = (),
    locked_out: Iterable[str] = (),
    method: Literal["fast", "exact"] = "fast",
    private_price: float = PRIVATE_PRICE,
    most_private: float | None = None,
    shares: float | Mapping[str, float] | None = None,
    requirements: Requirements | None = None,
    edition: str = "IEC 62676-4:2014",
    seed: int = 0,
    lang: Lang = "zh",
    covers: csr_array | None = None,
    **standing: Any,
) -> Plan:
    """Draft the plan of the sites that bring most for the money.

    The problem, phase by phase, is that of :func:`~citycover.plan.choice.choose_sites`. What is chosen is then looked
    at exactly: a site whose view fails a check of forbidden places (C1 to C5) is left out and the choice made again.
    Each site is turned to the least intrusive aim that still sees all it is there for. What the plan promises is
    measured with its sites standing among the cameras, by the measure of existing cameras.

    Parameters
    ----------
    sites
        Candidates of :func:`~citycover.plan.candidates.propose_sites`.
    gaps, mandates, demands, targets, city
        The study's.
    rulebook, overlay, on, criteria
        The regulation, the higher law laid over it, the day of the study (ISO 8601), and the planner's numbers.
    budget
        Lines by builder, level and year, or yuan in one phase.
    wants
        From :func:`~citycover.plan.wants.find_wants`.
    cameras
        As the plan starts from them (:func:`~citycover.plan.after.cameras_before`).
    seen
        What they see (``measure_fitting``); measured here where it is not given.
    builders
        Whose duties the plan serves: those that ``wants`` were asked of.
    locked_in, locked_out
        Candidates' ids that a person fixed or refused; those fixed are paid first.
    method, seed, private_price
        As in ``choose_sites``.
    most_private
        Square metres of private ground that a site may have in view; None: no limit but its price. What exists and is
        not turned, and what a person fixed, is not bound by it.
    shares
        Ask for the least cost instead: of what is open under each item this share is closed
        (:func:`~citycover.plan.shares.choose_cheapest`); ``budget`` then only tells the year.
    requirements, edition
        As in ``measure_fitting``.
    lang
        Language of names and reasons.
    covers
        The matrix candidates × wants; made here where it is not given.
    standing
        ``state``, ``version``, ``drafters``, ``approver``, ``made_up`` of the plan, and in which coordinates it is
        printed: ``coordinates``, ``local_grid`` (central meridian, dx, dy, rotation, scale), ``devices`` (names).

    Returns
    -------
    Plan
        Its sites by phase, in each what exists before what is new, then by what they see, most first.

    Raises
    ------
    InputError
        A locked id is none of the candidates', the state is unknown, or what is locked costs more than the budget.
    """
    if standing.get("state", "draft") not in PLAN_STATES:
        raise InputError(f"plan: needed a state of {', '.join(PLAN_STATES)}, given {standing['state']!r}")
    inside, outside = _rows_of(sites, locked_in), _rows_of(sites, locked_out)
    told = sites["candidate_id"].to_numpy(object)
    refused = tuple(told[outside].tolist())
    if most_private is not None:
        stays = sites["nature"].isin(["connect", "repair", "upgrade"]).to_numpy(bool)
        nosy = (sites["private"] > most_private).to_numpy(bool) & ~stays
        outside += np.setdiff1d(np.flatnonzero(nosy), inside).tolist()
    matrix = find_covers(sites, wants, city, requirements=requirements) if covers is None else covers
    law: dict[str, Any] = {"overlay": overlay, "on": on, "criteria": criteria}
    rejected: list[int] = []
    for turn in range(ROUNDS):
        choice, reached = _choose(
            sites, wants, mandates, shares=shares, budget=budget, method=method, covers=matrix, locked_in=inside,
            locked_out=[*outside, *rejected], private_price=private_price, seed=seed,
        )  # fmt: skip
        choice = _ordered(choice, matrix, wants, sites["nature"].eq("new").to_numpy(bool))
        soft = _softened(sites, choice, matrix, wants, city, rulebook, law, private_price)
        conflicts, share = look_closely(soft.sites, city, rulebook, **law, lang=lang)
        bad = _failing(soft.sites, conflicts)
        if not len(bad):
            break
        rejected += choice.rows[bad].tolist()
        inside = [row for row in inside if row not in rejected]
        if turn == ROUNDS - 1:
            keep = ~np.isin(np.arange(len(choice.rows)), bad)
            choice = _kept(choice, sites, keep)
            soft = Softened(soft.sites[keep], soft.served[keep], soft.spared[keep])
            share = share[keep]
    gains, needed = find_gains(matrix, wants, choice.rows)
    table = make_sites(
        soft, choice, gains, needed, wants, share=share, conflicts=conflicts, gaps=gaps, mandates=mandates, city=city,
        rulebook=rulebook, overlay=overlay, budget=budget, locked=inside, lang=lang,
    )  # fmt: skip
    asked = demands[demands["mandate_id"].isin(select_duties(mandates, builders)["mandate_id"])]
    plan = Plan(
        sites=table, phases=choice.phases, promise=pd.DataFrame(), candidates=sites, wants=wants, covers=matrix,
        chosen=tuple(choice.rows.tolist()), rejected=tuple(told[rejected].tolist()),
        private_price=private_price, locked_out=refused, reached=reached, **standing,
    )  # fmt: skip
    return replace(
        plan, promise=_promise(table, asked, targets, cameras, city, seen, requirements=requirements, edition=edition)
    )


def _choose(
    sites: gpd.GeoDataFrame,
    wants: pd.DataFrame,
    mandates: gpd.GeoDataFrame,
    *,
    shares: float | Mapping[str, float] | None,
    budget: Budget | float,
    covers: csr_array,
    seed: int,
    **more: Any,
) -> tuple[Choice, pd.DataFrame | None]:
    """Return the most for the money or, where shares are asked, the least money for them, with what they reach."""
    if shares is None:
        return choose_sites(sites, wants, budget=budget, covers=covers, seed=seed, **more), None
    year = budget.years[0] if isinstance(budget, Budget) else 0
    return choose_cheapest(sites, wants, mandates, shares=shares, covers=covers, year=year, **more)


def look_closely(
    chosen: gpd.GeoDataFrame,
    city: City,
    rulebook: Rulebook,
    *,
    overlay: Rulebook | None,
    on: str | None,
    lang: Lang,
    criteria: Criteria | None = None,
) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Return the conflicts of candidates with bans, by their true views, and the share of each view that is not public.

    What lies in no place is unknown and counts as public: a sidewalk is mostly not mapped.
    """
    fleet = chosen.assign(camera_id=chosen["candidate_id"], name=None, address=None, counts="yes", counts_reason="")
    views = camera_views(fleet, city.buildings, barriers=city.barriers, terrain=city.terrain)
    conflicts = find_conflicts(fleet, city, rulebook, views=views, overlay=overlay, on=on, criteria=criteria, lang=lang)
    exact = views[views["end"].isin(["exact", "low"]).to_numpy(bool)].drop_duplicates("camera_id")
    shapes = exact.geometry.to_numpy()
    private = find_private(city)
    row, piece = shapely.STRtree(private).query(shapes, predicate="intersects")
    seen = np.zeros(len(shapes))
    if len(row):
        parts = shapely.intersection(shapes[row], private[piece], grid_size=0.01)
        first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
        number = np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(row)]))
        gathered = np.asarray(shapely.geometrycollections(parts, indices=number), dtype=object)
        seen[row[first]] = shapely.area(shapely.union_all(gathered.reshape(-1, 1), axis=1, grid_size=0.01))
    ground = shapely.area(shapes)
    share = pd.Series(np.divide(seen, ground, out=np.zeros(len(seen)), where=ground > 0.0), index=exact["camera_id"])
    return conflicts, share.reindex(chosen["candidate_id"]).to_numpy(float)


def _rows_of(sites: pd.DataFrame, ids: Iterable[str]) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    at = pd.Index(sites["candidate_id"]).get_indexer(pd.Index(wanted, dtype="object"))
    if len(at) and at.min() < 0:
        missing = [i for i, row in zip(wanted, at, strict=True) if row < 0]
        raise InputError(f"plan: needed locked ids of candidates, given {len(missing)} unknown, such as {missing[0]}")
    return [int(row) for row in at]


def _ordered(choice: Choice, covers: csr_array, wants: pd.DataFrame, new: npt.NDArray[np.bool_]) -> Choice:
    """Return the choice by phase; in each what exists before what is new, then by what a row covers, most first."""
    worth = np.asarray(covers[choice.rows] @ wants["worth"].to_numpy(float)).ravel()
    order = np.lexsort((choice.rows, -worth, new[choice.rows], choice.phase))
    return Choice(choice.rows[order], choice.phase[order], choice.line[order], choice.phases)


def _kept(choice: Choice, sites: pd.DataFrame, keep: npt.NDArray[np.bool_]) -> Choice:
    left = Choice(choice.rows[keep], choice.phase[keep], choice.line[keep], choice.phases)
    cost = pd.Series(sites["cost"].to_numpy(float)[left.rows]).groupby(left.phase).sum()
    spent = choice.phases["phase"].map(cost).fillna(0.0)
    count = choice.phases["phase"].map(pd.Series(left.phase).value_counts()).fillna(0).astype("int64")
    return left._replace(phases=choice.phases.assign(spent=spent, sites=count))


def _softened(
    sites: gpd.GeoDataFrame, choice: Choice, covers: csr_array, wants: pd.DataFrame, city: City,
    rulebook: Rulebook, law: dict[str, Any], private_price: float,
) -> Softened:  # fmt: skip
    chosen = gpd.GeoDataFrame(sites.iloc[choice.rows].reset_index(drop=True), crs=sites.crs)
    if chosen.empty:
        return Softened(chosen, np.zeros(0, np.int64), np.zeros(0))
    _, needed = find_gains(covers, wants, choice.rows)
    xy = np.column_stack([chosen.geometry.x, chosen.geometry.y])
    far = float(chosen["reach"].max())
    sensitive = find_sensitive(city, rulebook, find_private(city), near=xy, reach=far, **law)
    return soften_aims(chosen, needed, wants, city, sensitive, private_price=private_price)


def _failing(chosen: pd.DataFrame, conflicts: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Return the places of chosen sites that fail a check, but for cameras that stay where and as they are."""
    if not len(conflicts):
        return np.zeros(0, np.int64)
    bad = conflicts.loc[conflicts["check"].isin(BANNED), "camera_id"]
    stays = chosen["nature"].isin(["connect", "repair", "upgrade"])
    return np.flatnonzero((chosen["candidate_id"].isin(bad) & ~stays).to_numpy(bool))


def _promise(
    sites: gpd.GeoDataFrame,
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    seen: pd.DataFrame | None,
    **measure: Any,
) -> pd.DataFrame:
    """Return per unit what is required, seen before and seen after, each target once, at the low end."""
    before = measure_fitting(targets, demands, cameras, city, **measure) if seen is None else seen
    after = measure_fitting(targets, demands, cameras_after(cameras, sites, city), city, **measure)
    first, then = (measure_headline(demands, targets, part) for part in (before, after))
    out = first[["unit", "required", "seen_low"]].rename(columns={"seen_low": "seen_before"})
    out["seen_after"] = then["seen_low"]
    out["share_before"], out["share_after"] = first["share_low"], then["share_low"]
    return pd.DataFrame(out)
