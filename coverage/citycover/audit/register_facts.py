"""What a register says of its cameras, as arrays in which unknown stays unknown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.law.regulation import APPLIES

Dates = npt.NDArray[np.datetime64]
Bools = npt.NDArray[np.bool_]
Signs = npt.NDArray[np.int8]
"""1 yes, 0 no, -1 unknown."""

YES, NO, UNKNOWN = 1, 0, -1
PUBLIC_OWNERS = ("government", "police", "public_body")
"""Classes of owner whose systems are taken as built with public money. Ours: registers do not say who paid."""
PRIVATE_OWNERS = ("enterprise", "residents", "person")
PUBLIC_OR_UNKNOWN = ("departments_systems", "mandatory_places")
"""Limits that :data:`PUBLIC_OWNERS` are taken to meet, and of which a register tells nothing for all others: whether a
system stands in the published catalogue, or was built under the duty. Ours."""
STANDING = ("accepted", "in_use", "repair")
"""Statuses of devices that stand and are meant to work."""
PROCEDURE = ("accepted_on", "filed_on")
"""Dates of official acts. A register that has one of them in any row keeps such records, and an empty cell in it means
that no such act is on record; in a register without any, an empty cell says nothing."""


@dataclass(frozen=True)
class RegisterFacts:
    """The cameras' facts in row order; a missing date is NaT.

    ``place_id`` is the smallest place that a camera stands in, ``own_place`` whether its owner owns or runs one there;
    ``public_share`` is the share of the view that lies on known public ground, NaN where the pose is unknown or nobody
    asks (owners that public money pays for).
    """

    cameras: gpd.GeoDataFrame
    today: np.datetime64
    keeps_acts: Bools
    standing: Bools
    place_id: npt.NDArray[np.object_]
    own_place: Bools
    on_public_ground: Signs
    public_share: npt.NDArray[np.float64]

    def date(self, column: str) -> Dates:
        """Return a column of dates (days); what is no date is NaT."""
        return _dates(self.cameras, column)

    def number(self, column: str) -> npt.NDArray[np.float64]:
        """Return a column of numbers, NaN where unknown."""
        return np.asarray(_column(self.cameras, column).astype("float64"), dtype=np.float64)

    def truth(self, column: str) -> Signs:
        """Return a column of yes or no as signs."""
        values = _column(self.cameras, column).astype("boolean")
        return np.asarray(values.astype("Int8").fillna(UNKNOWN), dtype=np.int8)

    def words(self, column: str) -> pd.Series:
        """Return a column of words, null where unknown."""
        return _column(self.cameras, column).astype("str")

    def applies(self, limits: Collection[str]) -> Signs:
        """Return whether a provision that is limited to :data:`APPLIES` binds each camera; all limits must hold."""
        out = np.full(len(self.cameras), YES, np.int8)
        for limit in APPLIES:
            if limit in limits:
                out = np.minimum(np.where(out == NO, -2, out), self._limit(limit))
                out = np.where(out == -2, NO, out).astype(np.int8)
        return out

    def _limit(self, limit: str) -> Signs:
        if limit == "public_places":
            return self.on_public_ground
        if limit == "filed":
            filed = ~np.isnat(self.date("filed_on"))
            return np.select([filed, self.keeps_acts], [YES, NO], UNKNOWN).astype(np.int8)
        owner = self.words("owner_class")
        public = owner.isin(PUBLIC_OWNERS).to_numpy(dtype=bool)
        private = owner.isin(PRIVATE_OWNERS).to_numpy(dtype=bool)
        if limit in PUBLIC_OR_UNKNOWN:
            return np.where(public, YES, UNKNOWN).astype(np.int8)
        yes, no = (public, private) if limit == "government_invested" else (private, public)
        return np.select([yes, no], [YES, NO], UNKNOWN).astype(np.int8)


def gather_facts(
    cameras: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    *,
    today: str,
    public_ground: gpd.GeoDataFrame | None,
    views: gpd.GeoDataFrame | None = None,
    kept: Collection[str] = (),
) -> RegisterFacts:
    """Gather the facts of cameras that are inside the study; the others are left out.

    ``kept`` names columns of :data:`PROCEDURE` that every register is known to keep. ``public_ground`` decides who
    stands in public; without it that is unknown. A camera that stands on no known public ground may still be in
    public: only ``indoor`` says no.
    """
    outside = _column(cameras, "outside").astype("boolean").fillna(False).to_numpy(dtype=bool)
    cameras = cameras[~outside].reset_index(drop=True)
    acts = np.zeros(len(cameras), bool)
    for column in PROCEDURE:
        acts |= ~np.isnat(_dates(cameras, column))
    register = _column(cameras, "register").astype("str").fillna("")
    keeps = pd.Series(acts).groupby(register).transform("any").to_numpy(dtype=bool)
    place_id, own = _places_of(cameras, places)
    return RegisterFacts(
        cameras=cameras,
        today=np.datetime64(today, "D"),
        keeps_acts=keeps | bool(set(kept) & set(PROCEDURE)),
        standing=_column(cameras, "status").isin(STANDING).to_numpy(dtype=bool),
        place_id=place_id,
        own_place=own,
        on_public_ground=_on_ground(cameras, public_ground),
        public_share=_public_share(cameras, public_ground, views),
    )


def _column(frame: pd.DataFrame, column: str) -> pd.Series:
    if column in frame.columns:
        return frame[column]
    return pd.Series([None] * len(frame), index=frame.index, dtype=object)


def _dates(frame: pd.DataFrame, column: str) -> Dates:
    text = _column(frame, column).astype("str").str.slice(0, 10)
    return pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").to_numpy().astype("datetime64[D]")


def _on_ground(cameras: gpd.GeoDataFrame, public_ground: gpd.GeoDataFrame | None) -> Signs:
    """Return yes on known public ground, no indoors, else unknown."""
    out = np.full(len(cameras), UNKNOWN, np.int8)
    if public_ground is not None and len(public_ground) and len(cameras):
        tree = shapely.STRtree(public_ground.geometry.to_numpy())
        out[np.unique(tree.query(cameras.geometry.to_numpy(), predicate="intersects")[0])] = YES
    indoor = _column(cameras, "indoor").astype("boolean").fillna(False).to_numpy(dtype=bool)
    out[indoor] = NO
    return out


def _public_share(
    cameras: gpd.GeoDataFrame, public_ground: gpd.GeoDataFrame | None, views: gpd.GeoDataFrame | None
) -> npt.NDArray[np.float64]:
    """Return the share of each exact view on public ground, whose rows do not overlap; NaN where it is not known."""
    out = np.full(len(cameras), np.nan)
    if public_ground is None or views is None or not len(public_ground) or not len(views) or not len(cameras):
        return out
    asked = ~_column(cameras, "owner_class").isin(PUBLIC_OWNERS).to_numpy(dtype=bool)
    exact = views[(views["end"] == "exact") & views["camera_id"].isin(cameras.loc[asked, "camera_id"])]
    shapes, grounds = exact.geometry.to_numpy(), public_ground.geometry.to_numpy()
    whole = shapely.area(shapes)
    view, ground = shapely.STRtree(grounds).query(shapes, predicate="intersects")
    seen = np.bincount(view, shapely.area(shapely.intersection(shapes[view], grounds[ground])), len(shapes))
    share = pd.Series(np.divide(seen, whole, out=np.full(len(shapes), np.nan), where=whole > 0))
    share.index = pd.Index(exact["camera_id"].to_numpy(dtype=object))
    return share.reindex(cameras["camera_id"].to_numpy(dtype=object)).to_numpy(dtype=np.float64)


def _places_of(cameras: gpd.GeoDataFrame, places: gpd.GeoDataFrame) -> tuple[npt.NDArray[np.object_], Bools]:
    """Return the smallest place that each camera stands in, and whether its owner runs or owns a place there."""
    inside = np.full(len(cameras), None, dtype=object)
    own = np.zeros(len(cameras), bool)
    shapes = places.geometry.to_numpy()
    grounds = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    if not len(grounds) or not len(cameras):
        return inside, own
    at, hit = shapely.STRtree(shapes[grounds]).query(cameras.geometry.to_numpy(), predicate="intersects")
    hit = grounds[hit]
    order = np.lexsort((hit, -shapely.area(shapes[hit])))  # the smallest comes last and stays
    inside[at[order]] = places["place_id"].to_numpy(dtype=object)[hit[order]]
    owner = _column(cameras, "owner").astype(object).to_numpy()[at]
    named = pd.notna(owner) & (owner != "个人")
    for column in ("owner", "operator"):
        own[at[named & (owner == _column(places, column).astype(object).to_numpy()[hit])]] = True
    return inside, own
