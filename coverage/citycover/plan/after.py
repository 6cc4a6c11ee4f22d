"""The cameras as they would be once the sites are built, so that a plan is measured as what stands is measured."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import tables
from citycover.city.model import City
from citycover.sight.cameras import assign_counting

NOT_CONNECTED = "not_connected"
COMING = ("approved", "building")
"""Statuses that a plan takes as built: nobody plans twice what is settled."""


def cameras_before(cameras: gpd.GeoDataFrame, city: City, *, count_unconnected: bool = False) -> gpd.GeoDataFrame:
    """Return the cameras that a plan starts from, judged: approved ones and those being built taken as in use.

    Unless ``count_unconnected``, those that are known not to be connected to the sharing platform do not count
    (``counts_reason`` ``not_connected``): connecting them is one of the plan's means.
    """
    bare = cameras.drop(columns=["counts", "counts_reason"], errors="ignore")
    waiting = bare["status"].isin(COMING)
    judged = assign_counting(bare.assign(status=bare["status"].where(~waiting, "in_use")), city.buildings)
    judged["status"] = bare["status"]
    if count_unconnected:
        return judged
    apart = judged["networked"].astype("boolean").eq(False).fillna(False).astype(bool) & judged["counts"].ne("no")
    judged["counts"] = judged["counts"].mask(apart, "no")
    judged["counts_reason"] = judged["counts_reason"].mask(apart, NOT_CONNECTED)
    return judged


def cameras_after(cameras: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, city: City) -> gpd.GeoDataFrame:
    """Return the cameras once the sites are built: mended, turned and moved ones in place of what they were.

    Parameters
    ----------
    cameras
        As the plan started from them (:func:`cameras_before`); their ``counts`` stay.
    sites
        Table ``sites``; refused ones are left out.
    city
        For the buildings that sites stand before.

    Returns
    -------
    GeoDataFrame
        Table ``cameras`` with ``counts``; sites last, ``camera_id`` is their ``site_id``.
    """
    kept = sites[(sites["survey"] != "refused").to_numpy(bool)]
    old = cameras[~cameras["camera_id"].isin(kept["camera_id"].dropna()).to_numpy(bool)]
    new = assign_counting(site_cameras(kept, cameras), city.buildings)
    both = pd.concat([old, new], ignore_index=True) if len(old) else new
    return gpd.GeoDataFrame(both, crs=city.crs)


def site_cameras(sites: gpd.GeoDataFrame, cameras: gpd.GeoDataFrame, *, status: str = "in_use") -> gpd.GeoDataFrame:
    """Return sites as rows of table ``cameras``: what a site leaves open stays as its existing camera has it."""
    own = pd.DataFrame(cameras.drop(columns=["geometry", "counts", "counts_reason"], errors="ignore"))
    facts = own.drop_duplicates("camera_id").set_index("camera_id").reindex(sites["camera_id"]).reset_index(drop=True)
    told = pd.DataFrame(sites.drop(columns=["geometry", "power", "link", "camera_id"])).reset_index(drop=True)
    pose = ("azimuth", "hfov", "vfov", "tilt", "mount_height", "pixels", "reach", "purpose", "name")
    rows = facts.assign(**{name: told[name] for name in pose})
    public = facts["owner_class"].fillna("government") if "owner_class" in facts.columns else "government"
    layer = facts["layer"] if "layer" in facts.columns else pd.Series(np.nan, index=rows.index)
    rows = rows.assign(
        camera_id=told["site_id"],
        register="plan",
        owner_class=public,
        status=status,
        networked=True,
        layer=layer.where(sites["camera_id"].notna().to_numpy(bool), 0.0),
        same_as=None,
        outside=False,
        indoor=False,
        count=1,
        department=told["department"],
        district=told["district"],
        pole_id=told["support_id"].fillna(told["site_id"]),
    )
    return tables.conform("cameras", gpd.GeoDataFrame(rows, geometry=sites.geometry.to_numpy(), crs=sites.crs))
