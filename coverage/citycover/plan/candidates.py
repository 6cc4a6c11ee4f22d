"""Propose sites: positions near the gaps, aimed at what is not seen, by device class; and what exists, mended."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import geo, tables
from citycover.audit.catalogue import Catalogue
from citycover.audit.view_conflicts import LEAST_FACADE
from citycover.city.model import City
from citycover.errors import InputError
from citycover.law.criteria import Criteria, load_criteria
from citycover.law.regulation import Rulebook
from citycover.plan.aiming import aim_at, finish, look_round
from citycover.plan.ground import Ground, find_ground
from citycover.plan.mending import propose_mends
from citycover.plan.openness import OpenGround, find_open_ground
from citycover.plan.positions import SPACING, find_positions
from citycover.plan.privacy import find_sensitive, measure_intrusion
from citycover.sight import optics

MOST_AIMS = {30.0: 4, 60.0: 3, 90.0: 2, 360.0: 1}
"""How many directions are tried at a position, by the angle of view up to which it holds; ours."""

PURPOSES = ("overview", "person", "crossing")
"""Purposes for which sites are planned: faces and plates are never planned by coverage alone; ours."""

COLUMNS = (
    *("candidate_id", "nature", "spot", "support", "support_id", "camera_id", "device_class", "power", "link", "cost"),
    *("cost_year", "storage_tb", "mbps", "private", "facade", "group", "position"),
)


def propose_sites(
    gaps: gpd.GeoDataFrame,
    city: City,
    catalogue: Catalogue,
    *,
    cameras: gpd.GeoDataFrame,
    rulebook: Rulebook,
    wants: pd.DataFrame,
    demands: pd.DataFrame | None = None,
    targets: pd.DataFrame | None = None,
    overlay: Rulebook | None = None,
    on: str | None = None,
    criteria: Criteria | None = None,
    spacing: float = SPACING,
    retention_days: float = 30.0,
    barred: gpd.GeoDataFrame | None = None,
    ground: Ground | None = None,
) -> gpd.GeoDataFrame:
    """Propose where a camera could stand, how it would look and what it would cost: the candidates of the plan.

    A new one stands at each of :func:`~citycover.plan.positions.find_positions` and is aimed at what it can really see
    there: a camera that looks all round is measured first, then each device class gets the few directions in which
    most worth lies within its angle of view, reach, density and facing, its aim at the middle of that, rounded to
    :data:`STEP` degrees. What exists may be connected, repaired, upgraded, turned or moved instead
    (:func:`~citycover.plan.mending.propose_mends`). Left out is what would look into forbidden places: an entrance of
    a toilet, bath, changing room or dormitory (C3), or as much façade as check C4 names; what stands in or near
    one has no position at all (C1, C2).

    Parameters
    ----------
    gaps
        Table ``gaps``; candidates stand near those that ``wants`` came from.
    city, catalogue, cameras, rulebook
        ``cameras`` with ``counts`` (``assign_counting``).
    wants
        From :func:`~citycover.plan.wants.find_wants`.
    demands, targets
        Needed to turn or move cameras that nothing depends on; without them none is.
    overlay, on, criteria
        The higher law laid over the rulebook, the day of the study (ISO 8601), and the planner's numbers.
    spacing
        Metres between new poles tried along a kerb.
    retention_days
        How long recordings are kept.
    barred
        Positions at which nothing may be proposed (within 3 m): refused by a visit.
    ground
        What bars positions; that of the city without it.

    Returns
    -------
    GeoDataFrame
        Table ``cameras`` (so that it is measured as any camera is) with :data:`COLUMNS`; costs in yuan, ``private`` in
        m², ``facade`` in m. ``group``: of candidates in one group at most one is chosen. By nature, then id.

    Raises
    ------
    InputError
        A gap of ``wants`` is not in ``gaps``.
    """
    _check(gaps, wants)
    ground = find_ground(city) if ground is None else ground
    classes = {k: c for k, c in catalogue.classes.items() if not c.ptz and set(c.purposes) & set(PURPOSES)}
    positions = find_positions(wants, city, cameras=cameras, spacing=spacing, ground=ground)
    if barred is not None and len(barred) and len(positions):
        near = positions.sindex.query(barred.geometry.to_numpy(), predicate="dwithin", distance=3.0)[1]
        positions = positions.drop(index=np.unique(near)).reset_index(drop=True)
    lines = find_open_ground(city, wants)
    parts = [_aim(positions, wants, city, catalogue, name, retention_days, lines) for name in classes]
    mends = propose_mends(
        cameras,
        wants,
        city,
        catalogue,
        demands=demands,
        targets=targets,
        positions=positions,
        retention_days=retention_days,
        ground=lines,
    )
    parts = [part for part in (mends, *parts) if len(part)]
    if not parts:
        empty = pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
        return gpd.GeoDataFrame(tables.conform("cameras", empty, crs=city.crs))
    both = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=city.crs)
    both = both.drop_duplicates("candidate_id").reset_index(drop=True)
    numbers = criteria or load_criteria()
    return _without_intrusion(both, city, rulebook, ground, overlay=overlay, on=on, criteria=numbers)


def _check(gaps: gpd.GeoDataFrame, wants: pd.DataFrame) -> None:
    known = set(gaps["gap_id"])
    asked = {gap for joined in wants["gaps"].unique() for gap in str(joined).split(";") if gap}
    if not asked <= known:
        raise InputError(
            f"wants: needed gaps of the table given, given {len(asked - known)} others, such as {min(asked - known)}"
        )


def _without_intrusion(
    candidates: gpd.GeoDataFrame,
    city: City,
    rulebook: Rulebook,
    ground: Ground,
    *,
    overlay: Rulebook | None,
    on: str | None,
    criteria: Criteria,
) -> gpd.GeoDataFrame:
    """Return the candidates that look into nothing forbidden, with the private ground and façade that each sees."""
    xy = np.column_stack([candidates.geometry.x, candidates.geometry.y])
    far = float(candidates["reach"].max())
    sensitive = find_sensitive(
        city, rulebook, ground.private, near=np.unique(xy, axis=0), reach=far, overlay=overlay, on=on, criteria=criteria
    )
    seen = measure_intrusion(candidates, sensitive, city)
    stays = candidates["nature"].isin(["connect", "repair", "upgrade"]).to_numpy(bool)
    keep = stays | (~seen.door & (seen.facade < criteria.value(LEAST_FACADE)))
    told = candidates.assign(private=seen.private, facade=seen.facade)
    return gpd.GeoDataFrame(told[keep].reset_index(drop=True), crs=candidates.crs)


def _aim(
    positions: gpd.GeoDataFrame,
    wants: pd.DataFrame,
    city: City,
    catalogue: Catalogue,
    name: str,
    days: float,
    ground: OpenGround,
) -> gpd.GeoDataFrame:
    """Return new candidates of one device class."""
    device = catalogue.classes[name]
    if not len(positions) or not len(wants):
        return positions.iloc[:0]
    xy = np.column_stack([positions.geometry.x, positions.geometry.y])
    sight = look_round(positions, wants, city, mount_height=device.mount_height, reach=device.reach)
    scale = float(optics.pixels_per_radian([device.pixels], [device.hfov])[0])
    most = next((n for angle, n in MOST_AIMS.items() if device.hfov <= angle), 1)
    convergence = geo.meridian_convergence(xy[:, 0], xy[:, 1], city.crs)
    row, azimuth = aim_at(
        xy,
        wants,
        sight,
        scale=scale,
        reach=device.reach,
        hfov=device.hfov,
        convergence=convergence,
        most=most,
        ground=ground,
    )
    chosen = positions.iloc[row].reset_index(drop=True)
    purpose = next(p for p in device.purposes if p in PURPOSES)
    fields: dict[str, Any] = {
        "azimuth": azimuth,
        "hfov": device.hfov,
        "vfov": device.vfov,
        "tilt": device.tilt,
        "mount_height": device.mount_height,
        "pixels": device.pixels,
        "reach": device.reach,
        "purpose": purpose,
        "nature": "new",
        "device_class": name,
        "position": row,
    }
    out = price(chosen.assign(**fields), catalogue, days)
    return finish(out, city)


def price(rows: gpd.GeoDataFrame, catalogue: Catalogue, days: float) -> gpd.GeoDataFrame:
    """Return new builds with power, link, cost (once and a year, yuan), storage (TB) and bandwidth (Mbit/s).

    What hangs on a pole that has power, a signal or a lamp, takes its power from there; the link is new unless the pole
    carries a camera already.
    """
    power = np.where(rows["support"].isin(["existing_pole", "signal", "lamp"]), "existing", "mains")
    link = np.where((rows["spot"] == "pole").to_numpy(bool), "existing", "fibre")
    out = rows.assign(power=power, link=link)
    keys = ["device_class", "support", "power", "link"]
    kinds = pd.DataFrame(out[keys]).drop_duplicates()
    each = zip(*(kinds[key].astype("str") for key in keys), strict=True)
    costs = [catalogue.build_cost(d, support=s, power=p, link=k, retention_days=days) for d, s, p, k in each]
    kinds = kinds.assign(cost=[round(c.total, 2) for c in costs], cost_year=[round(c.yearly, 2) for c in costs])
    told = pd.DataFrame(out[keys]).merge(kinds, on=keys, how="left", sort=False)
    device = out["device_class"].map(catalogue.classes)
    return out.assign(
        cost=told["cost"].to_numpy(float),
        cost_year=told["cost_year"].to_numpy(float),
        storage_tb=[d.storage_tb(days) for d in device],
        mbps=[d.mbps for d in device],
    )
