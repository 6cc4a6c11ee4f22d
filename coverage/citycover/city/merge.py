"""Several registers of cameras as one table in which the same device is linked, and so counted once."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from citycover.city.headers import normal
from citycover.errors import InputError
from citycover.tables import conform, number_repeats

SAME_WITHIN = 5.0
"""Rows of two registers farther apart (m) are never one device, unless they bear the same id."""
SAME_AZIMUTH = 5.0
"""Directions of view that differ by at most this (°) are the same pose."""
_CANDIDATES = 16
_CONTENT_POLE = r"^P[0-9a-f]{12}$"


def merge_registers(registers: Sequence[gpd.GeoDataFrame]) -> gpd.GeoDataFrame:
    """Return the registers as one table ``cameras``, in the order given; nothing is left out.

    A row that is the same device as a row of an *earlier* register names it in ``same_as``: rows with the same 20-digit
    id, wherever they stand (the first row bears it), and rows within :data:`SAME_WITHIN` metres whose pole, pose and
    model agree. That is: both azimuths known and within :data:`SAME_AZIMUTH` degrees, tilt and height not
    contradicting, both models known and equal, pole numbers equal where both registers give them, and no two different
    20-digit ids. Nearness alone links nothing: several cameras on one pole are the rule. Rows repeated inside one
    register are never linked.

    Two registers of one name are told apart by ``-2`` behind the second one's name and ids.

    Raises
    ------
    InputError
        No register was given, or one has no reference system.

    Examples
    --------
    >>> from citycover.tables import conform
    >>> row = {"device_id": "32020501001320000017", "owner_class": "police", "status": "in_use"}
    >>> point = gpd.points_from_xy([0.0], [0.0])
    >>> rows = [gpd.GeoDataFrame([row | {"camera_id": f"{r}:1", "register": r}], geometry=point) for r in "ab"]
    >>> merge_registers([conform("cameras", r, crs=32650) for r in rows])["same_as"].tolist()
    [nan, 'a:1']
    """
    if not registers:
        raise InputError("needed at least one register of cameras, given none")
    if any(frame.crs is None for frame in registers):
        raise InputError("needed registers with a metric reference system, given one without")
    crs = registers[0].crs
    parts = [frame.to_crs(crs) if frame.crs != crs else frame for frame in _told_apart(registers)]
    order = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    whole = conform("cameras", pd.concat(parts, ignore_index=True), crs=crs)
    whole["camera_id"] = number_repeats(whole["camera_id"])
    same = _same_id(whole, order)
    same = np.where(same >= 0, same, _same_pose(whole, order, same >= 0))
    for _ in range(len(parts)):  # a chain a ← b ← c names a in both
        same = np.where((same >= 0) & (same[same] >= 0), same[same], same)
    linked = pd.Series(whole["camera_id"].to_numpy()[same], index=whole.index, dtype="str").where(same >= 0)
    return whole.assign(same_as=whole["same_as"].fillna(linked))


def _told_apart(registers: Sequence[gpd.GeoDataFrame]) -> list[gpd.GeoDataFrame]:
    seen: dict[str, int] = {}
    out = []
    for frame in registers:
        names = [str(name) for name in frame["register"].dropna().unique()]
        times = max((seen.get(name, 0) for name in names), default=0) + 1
        for name in names:
            seen[name] = times
        if times > 1:
            tag = frame["register"] + f"-{times}"
            prefix = frame["register"].fillna("") + ":"
            changed = {}
            for column in ("camera_id", "pole_id"):
                bare = pd.Series(
                    [
                        i[len(p) :] if isinstance(i, str) and i.startswith(p) else None
                        for i, p in zip(frame[column], prefix, strict=True)
                    ],
                    index=frame.index,
                    dtype="str",
                )
                changed[column] = (tag + ":" + bare).fillna(frame[column])
            frame = frame.assign(register=tag, **changed)
        out.append(frame)
    return out


def _same_id(whole: gpd.GeoDataFrame, order: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the first row of another, earlier register with the same 20-digit id, else -1."""
    row = pd.Series(np.arange(len(whole)))
    first = row.groupby(whole["device_id"].to_numpy(), dropna=True).transform("first").fillna(-1).astype("int64")
    found = first.to_numpy()
    return np.where((found >= 0) & (order[found] < order), found, -1)


def _same_pose(
    whole: gpd.GeoDataFrame, order: npt.NDArray[np.int64], done: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return the nearest row of an earlier register within reach whose pole, pose and model agree, else -1."""
    out = np.full(len(whole), -1, dtype=np.int64)
    if "model" not in whole or not len(whole):
        return out
    model = whole["model"].map(normal, na_action="ignore")
    usable = np.flatnonzero((model.notna() & whole["azimuth"].notna()).to_numpy() & ~shapely.is_missing(whole.geometry))
    if not len(usable):
        return out
    xy = shapely.get_coordinates(whole.geometry.to_numpy()[usable])
    near, at = cKDTree(xy).query(xy, k=min(_CANDIDATES, len(xy)), distance_upper_bound=SAME_WITHIN)
    near, at = np.asarray(near).reshape(len(xy), -1), np.asarray(at).reshape(len(xy), -1)
    later, place = np.nonzero(np.isfinite(near))
    pairs = pd.DataFrame({"b": usable[later], "a": usable[at[later, place]], "distance": near[later, place]})
    pairs = pairs[(order[pairs["a"]] < order[pairs["b"]]) & ~done[pairs["b"]]]
    a, b = whole.iloc[pairs["a"]].reset_index(drop=True), whole.iloc[pairs["b"]].reset_index(drop=True)
    turn = ((a["azimuth"] - b["azimuth"] + 180) % 360 - 180).abs()
    agree = (turn <= SAME_AZIMUTH) & (model.iloc[pairs["a"]].to_numpy() == model.iloc[pairs["b"]].to_numpy())
    agree &= ~((a["tilt"] - b["tilt"]).abs() > 5) & ~((a["mount_height"] - b["mount_height"]).abs() > 0.5)
    agree &= ~((a["device_id"] != b["device_id"]) & a["device_id"].notna() & b["device_id"].notna())
    pole_a, pole_b = _pole_number(a), _pole_number(b)
    agree &= ~((pole_a != pole_b) & pole_a.notna() & pole_b.notna())
    chosen = pairs[agree.to_numpy()].assign(register=lambda p: order[p["b"]])
    chosen = chosen.sort_values(["distance", "b", "a"], kind="stable")
    chosen = chosen.drop_duplicates("b").drop_duplicates(["a", "register"])
    out[chosen["b"].to_numpy()] = chosen["a"].to_numpy()
    return out


def _pole_number(rows: pd.DataFrame) -> pd.Series:
    bare = rows["pole_id"].str.replace(r"^[^:]*:", "", regex=True)
    return bare.mask(bare.str.contains(_CONTENT_POLE, na=False, regex=True))
