"""What would change if cameras were added, dismantled or connected, counted by target, mandate and camera."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover.audit.coverage import measure_demands, measure_headline, roll_up
from citycover.audit.fitting import measure_fitting
from citycover.audit.requirements import Requirements, load_requirements
from citycover.city.model import City
from citycover.errors import InputError
from citycover.law.rulebook import Rulebook
from citycover.sight.cameras import assign_counting

EDITION = "IEC 62676-4:2014"
_SUMS = ("seen_low", "seen_expected", "seen_high")
_CAMERA = ("camera_id", "owner", "owner_class", "department", "status")


class WhatIf(NamedTuple):
    """What would be seen, and what changes.

    ``seen`` and ``coverage`` are the tables after the change. ``headline``: unit, ``required`` and, for each of
    ``seen_low``, ``seen_expected`` and ``seen_high``, ``…_before``, ``…_after`` and ``…_change``, each target once.
    ``changes``: the same by mandate and component, only rows where something changes. ``cameras``: which camera brings
    or loses what for sure: one row per camera, mandate, component, feature and unit with ``size``, the ground of the
    targets that change at the low end; a target is put to the camera that sees it most sharply, so the sizes of a
    mandate's component add up to its change. For dismantling ``notices`` holds the day of notice of each camera.
    """

    seen: pd.DataFrame
    coverage: pd.DataFrame
    headline: pd.DataFrame
    changes: pd.DataFrame
    cameras: pd.DataFrame
    notices: pd.DataFrame


def coverage_with(
    proposed: gpd.GeoDataFrame,
    *,
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    requirements: Requirements | None = None,
    edition: str = EDITION,
) -> WhatIf:
    """Return what the proposed cameras would bring, taken as accepted and in use beside those that exist.

    Parameters
    ----------
    proposed
        Table ``cameras``, ids unlike those of ``cameras``.
    demands, targets
        From ``lay_targets``.
    cameras
        Those that exist; only those that count are used.
    city, requirements, edition
        As in :func:`citycover.audit.fitting.measure_fitting`.

    Raises
    ------
    InputError
        A camera is proposed under the id of one that exists.
    TableError, CrsError
        As in ``measure_coverage``.
    """
    now, added = _judged(cameras, city), _judged(proposed.assign(status="in_use"), city, anew=True)
    twice = sorted(set(now["camera_id"]) & set(added["camera_id"]))
    if twice:
        raise InputError(f"coverage_with: needed new camera ids, given {len(twice)} that exist, such as {twice[0]}")
    then = gpd.GeoDataFrame(pd.concat([now, added.to_crs(now.crs)], ignore_index=True), crs=now.crs)
    return _compare(now, then, added, demands, targets, city, requirements, edition)


def coverage_without(
    removed: Iterable[str],
    *,
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    rulebook: Rulebook | None = None,
    on: str | None = None,
    requirements: Requirements | None = None,
    edition: str = EDITION,
) -> WhatIf:
    """Return what would be lost by dismantling cameras, and the day by which each must be reported.

    Parameters
    ----------
    removed
        Ids of the cameras.
    rulebook
        Its deadline ``dismantling_report`` gives the notices (Wuxi 17, Changzhou 19 …); null = none are told.
    on
        Day of dismantling (ISO 8601) of cameras whose register names none (``removed_on``).
    demands, targets, cameras, city, requirements, edition
        As in :func:`coverage_with`.

    Returns
    -------
    WhatIf
        ``notices``: camera_id, removed_on, ``report_by`` (null where the day of dismantling or the number of days is
        unknown), ``direction`` (before or after), article and to whom; empty where the rulebook has no such duty.

    Raises
    ------
    InputError
        An id is unknown, or ``on`` is no date.
    """
    now, ids = _judged(cameras, city), list(dict.fromkeys(removed))
    unknown = sorted(set(ids) - set(now["camera_id"]))
    if unknown:
        raise InputError(f"coverage_without: needed ids of cameras, given {len(unknown)} unknown, such as {unknown[0]}")
    gone = now["camera_id"].isin(ids).to_numpy(dtype=bool)
    result = _compare(now, now[~gone], now[gone], demands, targets, city, requirements, edition)
    return result._replace(notices=_notices(now[gone], rulebook, on))


def coverage_if_networked(
    *,
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    requirements: Requirements | None = None,
    edition: str = EDITION,
) -> WhatIf:
    """Return what would be closed if the cameras that are not connected to the sharing platform were.

    Before: only those that are not known to be unconnected (``networked`` true or null); after: all that count.
    ``cameras`` of the answer says whose existing cameras would close which stretch, gate or patch of which mandate.
    Parameters are those of :func:`coverage_with`.
    """
    now = _judged(cameras, city)
    apart = ~now["networked"].astype("boolean").fillna(True).to_numpy(dtype=bool)
    return _compare(now[~apart], now, now[apart], demands, targets, city, requirements, edition)


def _judged(cameras: gpd.GeoDataFrame, city: City, *, anew: bool = False) -> gpd.GeoDataFrame:
    if "counts" in cameras.columns and not anew:
        return cameras
    return assign_counting(cameras.drop(columns=["counts", "counts_reason"], errors="ignore"), city.buildings)


def _compare(
    before: gpd.GeoDataFrame,
    after: gpd.GeoDataFrame,
    changed: gpd.GeoDataFrame,
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    city: City,
    requirements: Requirements | None,
    edition: str,
) -> WhatIf:
    needs = requirements or load_requirements()

    def measured(some: pd.DataFrame, cameras: gpd.GeoDataFrame) -> pd.DataFrame:
        return measure_fitting(some, demands, cameras, city, requirements=needs, edition=edition)

    old, new = measured(targets, before), measured(targets, after)
    rolled = [roll_up(demands, seen, targets=targets, states=needs.states) for seen in (old, new)]
    changes = _beside(rolled[0], rolled[1], ["mandate_id", "component", "unit"])
    kept = changes[[f"{name}_change" for name in _SUMS]].abs().gt(1e-9).any(axis=1)
    heads = [measure_headline(demands, targets, seen).drop(columns="targets") for seen in (old, new)]
    differs = measure_demands(demands, old)["met_low"].to_numpy() != measure_demands(demands, new)["met_low"].to_numpy()
    rows = demands[differs].reset_index(drop=True)
    turned = targets[targets["target_id"].isin(rows["target_id"])].reset_index(drop=True)
    return WhatIf(
        seen=new,
        coverage=rolled[1],
        headline=_beside(heads[0], heads[1], ["unit"]),
        changes=changes[kept].reset_index(drop=True),
        cameras=_whose(rows, turned, measured(turned, changed), changed),
        notices=_notices(changed.iloc[:0], None, None),
    )


def _beside(before: pd.DataFrame, after: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    columns = [*keys, "required", *_SUMS]
    out = before[columns].merge(after[[*keys, *_SUMS]], on=keys, suffixes=("_before", "_after"))
    for name in _SUMS:
        out[f"{name}_change"] = out[f"{name}_after"] - out[f"{name}_before"]
    return out


def _whose(rows: pd.DataFrame, targets: pd.DataFrame, seen: pd.DataFrame, cameras: gpd.GeoDataFrame) -> pd.DataFrame:
    """Put each changed demand to the camera that sees its target most sharply, and sum by camera and feature."""
    best = pd.Series(seen["best_camera"].to_numpy(object), index=seen["target_id"].astype("int64"))
    unit = pd.Series(targets["unit"].to_numpy(object), index=targets["target_id"].astype("int64"))
    ids = rows["target_id"].astype("int64")
    told = rows.assign(camera_id=ids.map(best), unit=ids.map(unit))
    keys = ["camera_id", "mandate_id", "component", "feature_id", "unit"]
    sums = told.groupby(keys, dropna=False, sort=True)["weight"].sum().rename("size").reset_index()
    facts = pd.DataFrame(cameras).reindex(columns=[*_CAMERA]).drop_duplicates("camera_id")
    out: pd.DataFrame = sums.merge(facts, on="camera_id", how="left")
    return out[[*_CAMERA, *keys[1:], "size"]]


def _notices(gone: gpd.GeoDataFrame, rulebook: Rulebook | None, on: str | None) -> pd.DataFrame:
    columns = ["camera_id", "removed_on", "report_by", "direction", "article", "to"]
    duty = next((d for d in rulebook.deadlines if d.id == "dismantling_report"), None) if rulebook else None
    if duty is None:
        return pd.DataFrame(columns=columns)
    day = gone["removed_on"].astype(object).where(gone["removed_on"].notna(), _iso(on))
    dates = pd.to_datetime(day, format="ISO8601")
    step = pd.to_timedelta(np.nan if duty.days is None else duty.days, unit="D")
    due: npt.ArrayLike = (dates - step if duty.direction == "before" else dates + step).dt.strftime("%Y-%m-%d")
    told = pd.DataFrame({"camera_id": gone["camera_id"], "removed_on": day, "report_by": due})
    return told.assign(direction=duty.direction, article=duty.article, to=duty.to).reset_index(drop=True)[columns]


def _iso(on: str | None) -> str | None:
    try:
        return None if on is None else datetime.date.fromisoformat(on).isoformat()
    except ValueError as error:
        raise InputError(f"coverage_without: needed a day such as 2026-03-31, given {on!r}") from error
