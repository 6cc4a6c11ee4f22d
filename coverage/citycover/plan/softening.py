"""Turn each chosen site to its least intrusive aim: the one that still sees all it is there for and least else."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover.city.model import City
from citycover.plan.choice import FACADE_PRICE, PRIVATE_PRICE
from citycover.plan.privacy import Sensitive, measure_intrusion
from citycover.plan.reach import find_covers

TURNS = (-20.0, -15.0, -10.0, -5.0, 5.0, 10.0, 15.0, 20.0)
"""Degrees by which a chosen aim is turned to look for a less intrusive one; ours."""

Ints = npt.NDArray[np.int64]


class Softened(NamedTuple):
    """Sites with their aims, how many aims would have served each (its own among them), and what was spared (m²)."""

    sites: gpd.GeoDataFrame
    served: Ints
    spared: npt.NDArray[np.float64]


def soften_aims(
    chosen: gpd.GeoDataFrame,
    needed: pd.DataFrame,
    wants: pd.DataFrame,
    city: City,
    sensitive: Sensitive,
    *,
    private_price: float = PRIVATE_PRICE,
) -> Softened:
    """Return the chosen candidates, each at the aim that costs least privacy among those that serve.

    An aim serves when it sees every target that the site is there for (``needed``: place in ``chosen``, row of
    ``wants``); so all may be turned at once and nothing is lost. Cameras that stay as they look are not turned. Of
    equals the original aim stays.
    """
    free = np.flatnonzero(chosen["nature"].isin(["new", "move", "re-aim"]).to_numpy(bool))
    served, spared = np.ones(len(chosen), np.int64), np.zeros(len(chosen))
    if not len(free):
        return Softened(chosen, served, spared)
    base = chosen.iloc[free]
    many = gpd.GeoDataFrame(pd.concat([base.assign(turn=t) for t in (0.0, *TURNS)], ignore_index=True), crs=chosen.crs)
    many["azimuth"] = np.mod(many["azimuth"] + many["turn"], 360.0)
    of = np.tile(np.arange(len(free)), len(TURNS) + 1)
    covers = find_covers(many, wants, city).tocoo()
    place = pd.Series(np.arange(len(free)), index=free)
    duty = needed[needed["site"].isin(free)]
    key = place.loc[duty["site"]].to_numpy(np.int64) * len(wants) + duty["want"].to_numpy(np.int64)
    kept = np.isin(of[covers.coords[0]] * len(wants) + covers.coords[1], key)
    count = np.bincount(covers.coords[0][kept], minlength=len(many))
    serves = count >= np.bincount(key // len(wants), minlength=len(free))[of]
    seen = measure_intrusion(many, sensitive, city)
    price = private_price * seen.private + FACADE_PRICE * seen.facade + np.where(seen.door, np.inf, 0.0)
    told = pd.DataFrame({"of": of, "row": np.arange(len(many)), "price": price, "turn": np.abs(many["turn"])})
    told["price"] = told["price"].where(serves | (told["turn"] == 0.0), np.inf)
    best = told.sort_values(["of", "price", "turn", "row"], kind="stable").drop_duplicates("of")
    pick = best["row"].to_numpy(np.int64)
    served[free] = np.maximum(np.bincount(of[serves], minlength=len(free)), 1)
    spared[free] = seen.private[: len(free)] - seen.private[pick]
    out = chosen.copy()
    out.iloc[free, out.columns.get_loc("azimuth")] = many["azimuth"].to_numpy(float)[pick]
    for name, values in (("private", seen.private), ("facade", seen.facade)):
        out.iloc[free, out.columns.get_loc(name)] = values[pick]
    return Softened(out, served, spared)
