"""How urgent a gap is: a documented sum of duty, kind, street and size, whose parts stand in columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from citycover.audit.requirements import Priority
from citycover.city.model import City

PARTS = ("priority_duty", "priority_kind", "priority_road", "priority_size")
"""Columns of the parts of the sum, in the order in which it is told."""

_REACH = 1.0  # m: a street this near to a junction's disc belongs to it


def sum_priorities(
    standing: pd.Series,
    kind: pd.Series,
    roads: pd.DataFrame,
    size: pd.Series,
    unit: pd.Series,
    rules: Priority,
) -> pd.DataFrame:
    """Return ``priority`` (0 to 100) of each gap and the four parts that add up to it, each to one decimal.

    The parts, with the numbers of ``requirements.toml`` (ours):

    - ``priority_duty``: points of the mandate's standing;
    - ``priority_kind``: ``kind_weight`` times the weight of its kind;
    - ``priority_road``: ``road_weight`` times the importance of its street, which is, by halves
      (``betweenness_share``), the weight of its class and its rank in betweenness; where the rank is unknown the class
      alone; where it lies on no street ``road_default``;
    - ``priority_size``: ``size_weight`` times its size as a share of ``full_size`` of its unit, at most 1.

    ``roads`` holds ``road_class`` and ``betweenness_rank`` of each gap, see :func:`find_roads`.

    Examples
    --------
    35 + 25·1 + 20·(½·1 + ½·0.8) + 20·100/200:

    >>> from citycover.audit.requirements import load_requirements
    >>> roads = pd.DataFrame({"road_class": ["primary"], "betweenness_rank": [0.8]})
    >>> named, school, size, unit = (pd.Series([v]) for v in ("named", "school_kindergarten", 100.0, "m"))
    >>> sum_priorities(named, school, roads, size, unit, load_requirements().priority).values.tolist()
    [[88.0, 35.0, 25.0, 18.0, 10.0]]
    """
    duty = standing.map(rules.duty).fillna(rules.duty["undecided"]).to_numpy(dtype=np.float64)
    kinds = kind.map(rules.kinds).fillna(rules.kind_default).to_numpy(dtype=np.float64)
    by_class = roads["road_class"].map(rules.roads).to_numpy(dtype=np.float64)
    rank = roads["betweenness_rank"].to_numpy(dtype=np.float64)
    share = np.where(np.isnan(rank), 0.0, rules.betweenness_share)
    street = (1.0 - share) * by_class + share * np.nan_to_num(rank)
    street = np.where(np.isnan(by_class), rules.road_default, street)
    full = unit.map(rules.full_size).to_numpy(dtype=np.float64)
    sizes = np.minimum(size.to_numpy(dtype=np.float64) / full, 1.0)
    parts = [duty, rules.kind_weight * kinds, rules.road_weight * street, rules.size_weight * sizes]
    points = np.round(np.column_stack(parts), 1) if len(duty) else np.zeros((0, 4))
    out = pd.DataFrame(points, columns=list(PARTS), index=standing.index)
    out.insert(0, "priority", np.clip(np.round(points.sum(axis=1), 1), 0.0, 100.0))
    return out


def find_roads(feature_id: pd.Series, city: City) -> pd.DataFrame:
    """Return ``road_class`` and ``betweenness_rank`` of the street or junction that each gap lies on, null elsewhere.

    A junction has the class of its highest leg and the rank of the busiest street that touches its disc.
    """
    streets = pd.DataFrame(city.streets)[["street_id", "road_class", "betweenness_rank"]]
    streets = streets.set_axis(["id", "road_class", "betweenness_rank"], axis=1)
    junctions = pd.DataFrame(city.junctions)[["junction_id", "road_class"]].set_axis(["id", "road_class"], axis=1)
    junctions["betweenness_rank"] = np.nan
    if len(junctions) and len(streets):
        radius = city.junctions["radius"].fillna(0.0).to_numpy(dtype=np.float64) + _REACH
        lines = city.streets.geometry.to_numpy()
        at, street = shapely.STRtree(lines).query(
            city.junctions.geometry.to_numpy(), predicate="dwithin", distance=radius
        )
        busiest = streets["betweenness_rank"].iloc[street].groupby(at).max()
        junctions["betweenness_rank"] = busiest.reindex(range(len(junctions))).to_numpy(dtype=np.float64)
    facts = pd.concat([streets, junctions], ignore_index=True).drop_duplicates("id").set_index("id")
    return facts.reindex(feature_id).set_axis(feature_id.index)
