"""One study as a comparison reads it: its tables in one metric reference system, and the settings it was run with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd
from pyproj import CRS, Transformer
from shapely.geometry.base import BaseGeometry

_DRAWN = ("gaps", "mandates", "places", "entrances", "cameras", "buildings", "barriers")


@dataclass(frozen=True)
class Snapshot:
    """The tables of one study that a comparison needs, each as declared in ``citycover.tables``.

    ``area`` is the ground that was studied, null where it is not known. ``settings`` hold what was asked for:
    ``rulebook``, ``overlay`` and ``edition`` by name, ``rules``, ``criteria``, ``requirements``, ``records`` and
    ``area`` as marks of their content (equal marks: equal content; empty: none was given). One that is missing is taken
    as unchanged.
    """

    name: str
    date: str
    crs: CRS
    gaps: gpd.GeoDataFrame
    mandates: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    place_kinds: pd.DataFrame
    entrances: gpd.GeoDataFrame
    targets: pd.DataFrame
    demands: pd.DataFrame
    seen: pd.DataFrame
    cameras: gpd.GeoDataFrame
    buildings: gpd.GeoDataFrame
    barriers: gpd.GeoDataFrame
    decisions: pd.DataFrame
    area: BaseGeometry | None = None
    settings: Mapping[str, str] = field(default_factory=dict)

    def to_crs(self, crs: CRS) -> Snapshot:
        """Return the study in another metric reference system; the same one where it is in it already."""
        if self.crs == crs:
            return self
        x, y = Transformer.from_crs(self.crs, crs, always_xy=True).transform(self.targets["x"], self.targets["y"])
        moved = {name: getattr(self, name).to_crs(crs) for name in _DRAWN}
        area = gpd.GeoSeries([self.area], crs=self.crs).to_crs(crs).iloc[0]
        return replace(self, crs=crs, targets=self.targets.assign(x=x, y=y), area=area, **moved)
