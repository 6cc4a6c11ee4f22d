"""Measures what cameras of a fitting purpose see, and the coverage of sets of cameras told apart."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import tables
from citycover.audit.coverage import measure_headline
from citycover.audit.requirements import Requirements, load_requirements
from citycover.city.model import City
from citycover.sight.cameras import assign_counting
from citycover.sight.coverage import measure_coverage

PRIVATE = ("enterprise", "residents", "person")
"""Owners who need not build on public ground (Wuxi 10(3), Chongqing 11(3)); an unknown owner is none (ours)."""

PUBLIC_DUTY = ("government", "police")
"""Builders for whose mandates private cameras count apart."""

_COMING = {"approved": ("approved", "building"), "planned": ("planned",)}


def measure_fitting(
    targets: pd.DataFrame,
    demands: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    *,
    requirements: Requirements | None = None,
    edition: str = "IEC 62676-4:2014",
) -> pd.DataFrame:
    """Return ``seen``, each target measured with the cameras whose purpose answers every component it is demanded as.

    Where no counting camera has a purpose that is limited (``purposes`` of the requirements) this is
    ``measure_coverage``; what ``seen`` leaves out, it leaves out at every level and end.

    Raises
    ------
    TableError, CrsError, InputError
        As in ``measure_coverage``.
    """
    answers = (requirements or load_requirements()).purposes
    judged = cameras if "counts" in cameras.columns else assign_counting(cameras, city.buildings)
    purpose = judged["purpose"].astype(object).to_numpy() if "purpose" in judged.columns else np.full(len(judged), None)
    counting = judged["counts"].ne("no").to_numpy(dtype=bool)
    limited = [p for p in sorted(answers) if bool((counting & (purpose == p)).any())]
    ids = targets["target_id"].astype("int64").to_numpy()
    unfit = np.zeros(len(targets), dtype=np.int64)
    for bit, name in enumerate(limited):
        other = demands.loc[~demands["component"].isin(answers[name]), "target_id"].astype("int64")
        unfit |= np.isin(ids, other.to_numpy()).astype(np.int64) << bit
    ground: dict[str, Any] = {"barriers": city.barriers, "terrain": city.terrain, "trees": city.trees}
    ground["edition"] = edition
    parts = []
    for mask in np.unique(unfit):
        out = np.isin(purpose, [name for bit, name in enumerate(limited) if mask >> bit & 1])
        some = measure_coverage(targets[unfit == mask], judged[~out], city.buildings, **ground)
        parts.append(some.set_index(np.flatnonzero(unfit == mask)))
    if not parts:
        return measure_coverage(targets, judged, city.buildings, **ground)
    return pd.concat(parts).sort_index()


def assign_answers(cameras: gpd.GeoDataFrame, *, requirements: Requirements | None = None) -> gpd.GeoDataFrame:
    """Return the cameras with ``answers``: the components that their purpose answers, joined by ``;``; null = all.

    So it can be read in a column why a camera that counts does not count for a gate or a square.

    Examples
    --------
    >>> some = gpd.GeoDataFrame({"purpose": ["plate", "overview", None]}, geometry=[None] * 3)
    >>> assign_answers(some)["answers"].fillna("").tolist()
    ['segment;junction', '', '']
    """
    answers = {purpose: ";".join(parts) for purpose, parts in (requirements or load_requirements()).purposes.items()}
    return cameras.assign(answers=cameras["purpose"].astype(object).map(answers).astype("str"))


def measure_apart(
    targets: pd.DataFrame,
    demands: pd.DataFrame,
    seen: pd.DataFrame,
    *,
    mandates: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    requirements: Requirements | None = None,
    edition: str = "IEC 62676-4:2014",
) -> pd.DataFrame:
    """Return the headline by sets of cameras: without private ones on public duties, with them, with coming ones.

    Parameters
    ----------
    targets, demands, seen
        ``seen`` as the study measured it, with every camera that counts: it is the row ``private``.
    mandates
        With builders: on ground that the government or the police must cover (the effective builder), cameras of
        enterprises, residents and persons are left out of ``base``; on all other ground they count in every row.
    cameras, city, requirements, edition
        As in :func:`measure_fitting`. Approved and planned cameras are taken as in use.

    Returns
    -------
    DataFrame
        Table ``coverage_apart`` in the order of ``terms.APART``, then by unit. No share of a row is below that of
        the row before.
    """
    judged = cameras if "counts" in cameras.columns else assign_counting(cameras, city.buildings)

    def measured(some: pd.DataFrame, counting: gpd.GeoDataFrame) -> pd.DataFrame:
        return measure_fitting(some, demands, counting, city, requirements=requirements, edition=edition)

    builder = mandates["builder_effective"].fillna(mandates["builder"])
    public = set(mandates.loc[builder.isin(PUBLIC_DUTY), "mandate_id"])
    on_duty = demands.loc[demands["mandate_id"].isin(public), "target_id"].astype("int64").unique()
    private = judged["owner_class"].isin(PRIVATE).to_numpy(dtype=bool)
    counts = judged["counts"].ne("no").to_numpy(dtype=bool)
    base = seen
    if len(on_duty) and bool((private & counts).any()):
        here = np.isin(targets["target_id"].astype("int64").to_numpy(), on_duty)
        again = measured(targets[here], judged[~private])
        left = ~np.isin(seen["target_id"].astype("int64").to_numpy(), on_duty)
        base = pd.concat([seen[left], again], ignore_index=True)
    rows = [("base", int((counts & ~private).sum()), base), ("private", int(counts.sum()), seen)]
    coming = judged
    for which, statuses in _COMING.items():
        coming, changed = _taken_as_in_use(coming, statuses, city)
        found = measured(targets, coming) if changed else rows[-1][2]
        rows.append((which, int(coming["counts"].ne("no").sum()), found))
    parts = [
        measure_headline(demands, targets, found).drop(columns="targets").assign(which=which, cameras=n)
        for which, n, found in rows
    ]
    table: pd.DataFrame = tables.conform(
        "coverage_apart", pd.concat(parts, ignore_index=True)[tables.TABLES["coverage_apart"].column_names()]
    )
    return table


def _taken_as_in_use(cameras: gpd.GeoDataFrame, statuses: tuple[str, ...], city: City) -> tuple[gpd.GeoDataFrame, bool]:
    """Return the cameras, those of some statuses judged as if they were in use, and whether any counts more for it."""
    waiting: npt.NDArray[np.bool_] = cameras["status"].isin(statuses).to_numpy(dtype=bool)
    if not waiting.any():
        return cameras, False
    asked = cameras.drop(columns=["counts", "counts_reason"], errors="ignore")
    judged = assign_counting(asked.assign(status=asked["status"].where(~waiting, "in_use")), city.buildings)
    for column in ("counts", "counts_reason"):  # only the waiting ones are judged anew
        if column in cameras.columns:
            judged[column] = judged[column].where(waiting, cameras[column])
    return judged, bool(judged.loc[waiting, "counts"].ne("no").any())
