"""Views cut by sharpness: where each pixel density of an edition is reached."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables
from citycover.sight import optics
from citycover.sight.cameras import find_poses


def view_zones(
    views: gpd.GeoDataFrame,
    cameras: gpd.GeoDataFrame,
    *,
    edition: str | Path = "IEC 62676-4:2014",
    levels: Sequence[float] | None = None,
) -> gpd.GeoDataFrame:
    """Return the parts of each view between two neighbouring densities of an edition, the sharpest first.

    The border of a density is the circle about the camera where the slant distance to the ground gives it; ``low``
    views take the camera's pessimistic end (fewest pixels over the widest angle, highest lens), the others the
    optimistic one, which is the same where pixels, angle and height are known. Ground that is seen less sharply than
    the coarsest level has a zone of its own from 0 px/m on.

    Parameters
    ----------
    views
        Table ``views`` of the cameras.
    cameras
        Table as declared.
    edition
        See :func:`citycover.sight.optics.load_edition`.
    levels
        Rising densities (px/m) of one's own instead.

    Returns
    -------
    GeoDataFrame
        Table ``view_zones`` in the order of the views: ``view_id``, ``density_from``, ``density_to`` (px/m; null: none
        above), ``ground`` (m²). Zones without ground are left out; the zones of a view add up to it.

    Raises
    ------
    TableError, CrsError, InputError
        See :func:`citycover.sight.cameras.find_poses`.

    Examples
    --------
    >>> camera = gpd.GeoDataFrame(
    ...     {"camera_id": ["a"], "azimuth": [0.0], "hfov": [90.0], "reach": [50.0], "pixels": [1920],
    ...      "mount_height": [0.0]}, geometry=gpd.points_from_xy([500000.0], [3500000.0]), crs=32650)
    >>> from citycover.sight.views import camera_views
    >>> views = camera_views(camera, gpd.GeoDataFrame(geometry=[], crs=32650))
    >>> zones = view_zones(views, camera)  # 960 px/m at 1 m: 125 px/m at 7.68 m, 62.5 at 15.36 m, 25 at 38.4 m
    >>> zones[["density_from", "density_to"]].fillna(-1).values.tolist()[1:4]
    [[250.0, 1000.0], [125.0, 250.0], [62.5, 125.0]]
    """
    poses = find_poses(cameras)
    steps = np.array(optics.load_edition(edition) if levels is None else levels, dtype=float)
    number = pd.Series(np.arange(len(cameras)), index=poses.camera_id)
    cam = number.loc[views["camera_id"].to_numpy(object)].to_numpy(np.int64)
    end = np.where(views["end"].to_numpy(object) == "low", 0, 2)
    angle = poses.hfov[cam, 2 - end]
    scale = optics.pixels_per_radian(poses.pixels[cam, end], angle)
    slant = scale[:, None] / steps[None, ::-1]
    radius = np.sqrt(np.maximum(slant**2 - poses.mount_height[cam, end][:, None] ** 2, 0.0))
    shapes = np.asarray(views.geometry.array, dtype=object)
    centre = shapely.points(poses.x[cam], poses.y[cam])
    rest, parts = shapes, []
    for k in range(len(steps)):  # a handful of steps
        disc = shapely.buffer(centre, radius[:, k], quad_segs=64)
        parts.append(shapely.intersection(rest, disc))
        rest = shapely.difference(rest, disc)
    parts.append(rest)
    zones = np.stack(parts, axis=1).ravel()
    rows = np.repeat(np.arange(len(views)), len(steps) + 1)
    low, high = np.append(steps[::-1], 0.0), np.append(np.nan, steps[::-1])
    frame = pd.DataFrame(
        {
            "view_id": views["view_id"].to_numpy(object)[rows],
            "camera_id": views["camera_id"].to_numpy(object)[rows],
            "density_from": np.tile(low, len(views)),
            "density_to": np.tile(high, len(views)),
            "ground": shapely.area(zones),
            "geometry": zones,
        }
    )
    frame = frame[frame["ground"].to_numpy() > 1e-6].reset_index(drop=True)
    return gpd.GeoDataFrame(tables.conform("view_zones", frame, crs=views.crs))
