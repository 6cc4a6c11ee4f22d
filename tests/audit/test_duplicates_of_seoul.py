"""Duplicates in a real register: drops lower no coverage, and the whole register yields a list that can be read."""

from __future__ import annotations

import re
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from scipy.spatial import cKDTree

from checkout import ROOT
from citycover.audit.duplicates import find_duplicates
from citycover.city.registers import read_cameras
from citycover.errors import CitycoverWarning

COLUMNS = {"camera_id": "id", "lon": "lng", "lat": "lat", "owner": "manager", "count": "cameraCount"}


def read(path) -> gpd.GeoDataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CitycoverWarning)
        return read_cameras(path, datum="wgs84", columns=COLUMNS)


def test_dropping_all_that_is_marked_lowers_no_coverage_of_myeongdong(shared_data):
    """Real sites, directions made up (the register tells none); beside every second one a narrower camera is proposed.

    It stands half a metre behind and looks the same way, or, at every third, a quarter to the right.
    """
    sites = read(shared_data / "seoul_myeongdong_cameras.csv")
    number = np.arange(len(sites))
    known = {"azimuth": 45.0 * (number % 8), "hfov": 70.0, "reach": 40.0, "pixels": 1920.0, "mount_height": 4.0}
    sites = sites.assign(**known, purpose="overview", count=1)
    old, new = sites, sites.iloc[::2]
    back = np.radians(new["azimuth"].to_numpy(float))
    new = new.assign(
        camera_id="new" + new["camera_id"],
        geometry=gpd.points_from_xy(
            new.geometry.x - 0.5 * np.sin(back), new.geometry.y - 0.5 * np.cos(back), crs=new.crs
        ),
        azimuth=new["azimuth"] + np.where(np.arange(len(new)) % 3 == 0, 90.0, 0.0),
        hfov=60.0,
        reach=36.0,
        status="planned",
    )
    rng = np.random.default_rng(2)
    x, y = np.array(sites.geometry.x), np.array(sites.geometry.y)
    near = rng.integers(0, len(sites), 8000)
    tx, ty = x[near] + rng.uniform(-40, 40, 8000), y[near] + rng.uniform(-40, 40, 8000)
    targets = pd.DataFrame({"target_id": range(8000), "x": tx, "y": ty, "z": 0.0})
    demands = pd.DataFrame({"target_id": range(8000), "mandate_id": "M", "component": "area", "weight": 1.0})
    demands = demands.assign(density_required=25.0, cameras_required=1)
    found = find_duplicates(new, old, targets, None, demands=demands)
    gone = found.loc[found["action"] == "drop", "camera_a"]

    def met(frame: gpd.GeoDataFrame) -> np.ndarray:
        """By hand: within reach and sector (from true north) and at 25 px/m or more."""
        turn = np.radians(frame["azimuth"].to_numpy(float) - convergence)
        px, py = np.array(frame.geometry.x), np.array(frame.geometry.y)
        count = np.zeros(8000, int)
        for at in range(len(frame)):
            dx, dy = tx - px[at], ty - py[at]
            away = np.hypot(dx, dy)
            ahead = dx * np.sin(turn[at]) + dy * np.cos(turn[at])
            half = np.radians(frame["hfov"].iloc[at]) / 2
            sharp = 1920 / (2 * np.tan(half)) / np.hypot(away, 4.0) >= 25.0
            count += (away <= frame["reach"].iloc[at]) & (ahead >= np.cos(half) * away) & sharp
        return np.minimum(count, demands["cameras_required"].to_numpy())

    middle = sites.to_crs(4326).geometry.union_all().centroid
    convergence = (middle.x - 129.0) * np.sin(np.radians(middle.y))  # of zone 52, at the middle of a small town
    whole, kept = met(pd.concat([old, new])), met(pd.concat([old, new[~new["camera_id"].isin(gone)]]))
    assert len(gone) > 20
    assert (kept < whole).mean() < 1e-3  # rays along the edge of a sector: the convergence is not that of each camera
    assert (met(old) < whole).mean() > 0.02  # those that stay are needed


@pytest.mark.slow
def test_the_whole_register_yields_a_short_list_and_its_nearest_cross_owner_pairs_are_those_of_the_docs(shared_data):
    cameras = read(shared_data / "seoul_cameras.csv.gz")
    found = find_duplicates(cameras, cameras.iloc[:0])
    assert found["standing"].value_counts().to_dict() == {"none": 56_884, "possible": 16}
    xy = np.column_stack([cameras.geometry.x, cameras.geometry.y])
    pairs = cKDTree(xy).query_pairs(20.0, output_type="ndarray")
    away = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    owner = cameras["owner"].to_numpy(object)
    apart = owner[pairs[:, 0]] != owner[pairs[:, 1]]
    assert int(((away < 0.01) & ~apart).sum()) == 36_609  # on one spot: one owner each
    assert not ((away < 0.01) & apart).any()
    near = np.sort(away[apart])[:20]
    assert near[-1] <= 15.0 < np.sort(away[apart])[20]
    text = (ROOT / "docs" / "duplicates.md").read_text(encoding="utf-8")
    told = [float(m) for m in re.findall(r"^\| \d+ \| (\d+\.\d) \|", text, re.MULTILINE)]
    assert told == near.round(1).tolist()
    both = dict(zip(found["camera_a"], found["camera_b"], strict=True))
    ids = cameras["camera_id"].to_numpy(object)
    a, b = (ids[side[apart][away[apart] <= 12.0]] for side in pairs.T)
    assert all(both[one] == other and both[other] == one for one, other in zip(a, b, strict=True))  # 8 pairs, both ways
    assert len(a) == 8
