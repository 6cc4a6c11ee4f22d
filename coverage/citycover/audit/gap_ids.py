"""Gives mandates and gaps ids that stay from run to run."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables
from citycover.audit.matching import Floats, Ints, Reach, match_things

SAME_SIZE = 0.05
"""A gap whose size changed by at most this share is told as the same one. Ours."""

_COARSE = 10.0  # m: the middle of a gap is rounded to this for its id
_PLACES = Reach(near=25.0, near_other=25.0, moved=200.0)
_GAPS = Reach(near=30.0, near_other=5.0)  # a gate of the same place may have moved further than one of another place
_SAME_MANDATE = ("rulebook", "article", "item", "kind")
_SAME_GAP = ("article", "item", "kind", "component", "unit")


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


def match_mandates(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which mandates of two studies are one duty on one place: links, as ``match_things`` gives them.

    Rulebook, article, item and kind must agree; then names and shapes of the places decide, and their ids help.
    """
    return match_things(old, new, same=_SAME_MANDATE, reach=_PLACES, hint="place_id", name="name")


def keep_mandate_ids(mandates: gpd.GeoDataFrame, previous: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the mandates with the ids of the earlier ones that they are; what is new has an id of its own.

    ``place_id`` stays what today's OpenStreetMap says; the mandate's id carries what is the same.

    Parameters
    ----------
    mandates
        Of today.
    previous
        Of an earlier study, in the same reference system.
    """
    links = match_mandates(previous, mandates)
    ids = _kept_ids(mandates["mandate_id"], previous["mandate_id"], links)
    return mandates.assign(mandate_id=ids)


def match_gaps(old: gpd.GeoDataFrame, new: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return which gaps of two studies are one, or parts of one: links, as ``match_things`` gives them.

    Article, item, kind, component and unit must agree, and the rulebook where both tables name it; their mandates' ids
    (those of ``keep_mandate_ids``) help.
    """
    same = [*_SAME_GAP, *(["rulebook"] if "rulebook" in old.columns and "rulebook" in new.columns else [])]
    return match_things(old, new, same=same, reach=_GAPS, hint="mandate_id")


def find_earlier_patches(cells: pd.DataFrame, previous: gpd.GeoDataFrame) -> Ints:
    """Return the row of the earlier patch of the same duty and component that holds each cell, -1 where none does.

    ``cells`` has ``mandate_id``, ``component``, ``x`` and ``y``; ``previous`` is the earlier table ``gaps``.
    """
    out = np.full(len(cells), -1, dtype=np.int64)
    rows = np.flatnonzero(previous["unit"].eq("m2").to_numpy())
    if not len(rows) or not len(cells):
        return out
    points = shapely.points(cells[["x", "y"]].to_numpy(dtype=np.float64))
    cell, patch = shapely.STRtree(previous.geometry.to_numpy()[rows]).query(points, predicate="intersects")
    patch = rows[patch]
    fits = np.ones(len(cell), dtype=bool)
    for name in ("mandate_id", "component"):
        mine, theirs = (t[name].astype(object).to_numpy() for t in (cells, previous))
        fits &= np.asarray(mine[cell] == theirs[patch], dtype=bool)
    out[cell[fits][::-1]] = patch[fits][::-1]
    return out


def keep_gap_ids(gaps: gpd.GeoDataFrame, previous: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return ``gap_id``, ``change`` and ``previous_ids`` of gaps, as they follow from those of an earlier study.

    A gap keeps the id of the earlier one that it agrees with best. Of one that was split the part that agrees best
    keeps the id, the others get ids of their own; of several that became one the best one's id stays.
    """
    links = match_gaps(previous, gaps)
    before, after = (t["size"].to_numpy(dtype=np.float64) for t in (previous, gaps))
    return pd.DataFrame(
        {
            "gap_id": _kept_ids(gaps["gap_id"], previous["gap_id"], links),
            "change": tell_changes(links, before, after),
            "previous_ids": _joined(links, previous["gap_id"], len(gaps)),
        },
        index=gaps.index,
    )


def tell_changes(links: pd.DataFrame, before: Floats, after: Floats) -> pd.Series:
    """Return what became of each gap of today: same, grown, shrunk, split, merged or opened (``terms.GAP_CHANGES``).

    >>> links = pd.DataFrame({"old": [0, 1, 1], "new": [0, 1, 2], "score": 1.0, "kept": [True, True, False]})
    >>> tell_changes(links, np.array([100.0, 80.0]), np.array([50.0, 40.0, 40.0, 7.0])).tolist()
    ['shrunk', 'split', 'split', 'opened']
    """
    n = len(after)
    sources = np.bincount(links["new"].to_numpy(dtype=np.int64), minlength=n)
    parts = links.groupby("old")["new"].transform("size").to_numpy(dtype=np.int64)
    shared = np.zeros(n, dtype=np.int64)
    np.maximum.at(shared, links["new"].to_numpy(dtype=np.int64), parts)
    was = np.zeros(n)
    np.add.at(was, links["new"].to_numpy(dtype=np.int64), before[links["old"].to_numpy(dtype=np.int64)])
    steady = np.abs(after - was) <= SAME_SIZE * np.maximum(after, was)
    words = np.select(
        [sources == 0, sources > 1, shared > 1, steady, after > was],
        ["opened", "merged", "split", "same", "grown"],
        "shrunk",
    )
    return pd.Series(words, dtype="str")


def _joined(links: pd.DataFrame, ids: pd.Series, n: int) -> pd.Series:
    """Return the earlier ids of each row of today joined by ``;``, the one that stayed first; null where none is."""
    told = links.assign(id=ids.to_numpy(dtype=object)[links["old"].to_numpy(dtype=np.int64)])
    told = told.sort_values(["new", "kept", "id"], ascending=[True, False, True])
    return told.groupby("new")["id"].agg(";".join).reindex(range(n)).astype("str")


def _kept_ids(fresh: pd.Series, old: pd.Series, links: pd.DataFrame) -> pd.Series:
    """Return the old ids of the rows that were paired; the others' own, numbered on where an old one is like it."""
    kept = links[links["kept"].to_numpy(dtype=bool)]
    out = np.full(len(fresh), None, dtype=object)
    out[kept["new"].to_numpy(dtype=np.int64)] = old.to_numpy(dtype=object)[kept["old"].to_numpy(dtype=np.int64)]
    free = np.flatnonzero(pd.isna(out))
    taken = set(old.to_numpy(dtype=object))
    for at, wanted in zip(free, fresh.to_numpy(dtype=object)[free], strict=True):
        number, given = 1, wanted
        while given in taken:
            number += 1
            given = f"{wanted}-{number}"
        taken.add(given)
        out[at] = given
    return pd.Series(out, index=fresh.index, dtype="str")
