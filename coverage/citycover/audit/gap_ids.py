"""Gives gaps ids that stay from run to run."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables

_COARSE = 10.0  # m: the middle of a gap is rounded to this for its id
_SAME_GAP = 30.0  # m between the middles of a gap in two studies


def content_gap_ids(gaps: pd.DataFrame) -> pd.Series:
    """Return ids that follow from mandate, component and the middle rounded to 10 m; repeats are numbered by place."""
    coarse_x, coarse_y = (gaps[c] / _COARSE for c in ("x", "y"))
    ids = tables.content_ids(
        "G",
        gaps["mandate_id"],
        gaps["component"],
        coarse_x.round().astype("int64"),
        coarse_y.round().astype("int64"),
    )
    order = gaps.assign(gap_id=ids).sort_values(["gap_id", "x", "y"], kind="stable")
    return pd.Series(tables.number_repeats(order["gap_id"]), index=order.index, dtype="str").sort_index()


def keep_gap_ids(gaps: pd.DataFrame, previous: gpd.GeoDataFrame) -> pd.Series:
    """Return the ids of gaps, those of the nearest earlier gap of the same mandate and component where one is near."""
    middle = shapely.centroid(previous.geometry.to_numpy())
    old = pd.DataFrame(previous)[["gap_id", "mandate_id", "component"]].assign(
        old_x=shapely.get_x(middle), old_y=shapely.get_y(middle)
    )
    new = gaps[["mandate_id", "component", "x", "y"]].reset_index(names="row")
    pairs = new.merge(old, on=["mandate_id", "component"])
    pairs["distance"] = np.hypot(pairs["x"] - pairs["old_x"], pairs["y"] - pairs["old_y"])
    pairs = pairs[pairs["distance"] <= _SAME_GAP].sort_values(["distance", "gap_id", "row"])
    # nearest first on both sides: a pair stands when neither end stands in an earlier one
    pairs = pairs[~pairs.duplicated("row")]
    pairs = pairs[~pairs.duplicated("gap_id")]
    kept = pairs.set_index("row")["gap_id"]
    fresh = gaps["gap_id"].where(~gaps["gap_id"].isin(set(old["gap_id"])), gaps["gap_id"] + "-new")
    return kept.reindex(gaps.index).fillna(fresh).astype("str")
