"""Apply what persons decided of sites: fixed, refused, confirmed or moved by a visit, turned by hand."""

from __future__ import annotations

from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import terms
from citycover.city.decision_words import STATES
from citycover.city.model import City
from citycover.geo import to_metric
from citycover.terms import Lang

REFUSED_WITHIN = 3.0
"""Where a visit refuses a site, nothing new is proposed within this distance (m); ours."""

_YES = ("yes", "true", "1", "是", "有")
_NO = ("no", "false", "0", "否", "无", "删除")


class Locks(NamedTuple):
    """Candidates as decided, ids that must be in and must not, what each visit found, and what became of each."""

    candidates: gpd.GeoDataFrame
    locked_in: tuple[str, ...]
    locked_out: tuple[str, ...]
    survey: dict[str, str]
    used: pd.DataFrame


def apply_site_decisions(
    candidates: gpd.GeoDataFrame, decisions: pd.DataFrame, city: City, *, on: str, lang: Lang = "zh"
) -> Locks:
    """Return the candidates as decided, and which of them are fixed or shut out.

    Decisions of subject ``site``, by ``site_id``: ``survey`` = ``confirmed`` or ``locked`` = yes fixes a site;
    ``survey`` = ``refused`` shuts out every new build within :data:`REFUSED_WITHIN` m of it, ``locked`` or ``exists``
    = no this site alone; a geometry (or ``survey`` = ``moved`` with one) moves it there and fixes it; ``azimuth`` turns
    it. The latest valid decision on a field holds. One whose site is not among the candidates is listed as stale.

    Returns
    -------
    Locks
        ``used``: the decisions on sites with ``state`` (a key of ``STATES``), ``found_id`` and ``detail``.
    """
    mine = decisions[decisions["subject"] == "site"].reset_index(drop=True)
    out = candidates.copy()
    index = pd.Index(out["candidate_id"])
    state = np.full(len(mine), "used", dtype=object)
    order = mine.assign(at=np.arange(len(mine))).sort_values("decided_on", kind="stable")
    valid = order[~(order["valid_until"].fillna("9999-12-31") < on)]
    state[order.index.difference(valid.index)] = "expired"
    last = valid.drop_duplicates(["id", "field"], keep="last")
    state[valid.index.difference(last.index)] = "superseded"
    inside: list[str] = []
    shut: list[str] = []
    survey: dict[str, str] = {}
    x, y = out.geometry.x.to_numpy(), out.geometry.y.to_numpy()
    new = out["nature"].eq("new").to_numpy(bool)
    cells = last[["at", "id", "field", "value", "geometry_wkt"]].astype("str").where(last.notna(), "")
    for place, name, field, value, wkt in zip(*(cells[c] for c in cells.columns), strict=True):
        at, value = int(index.get_indexer([name])[0]), value.strip().lower()
        if at < 0:
            state[int(place)] = "stale"
        elif wkt:
            spot = shapely.from_wkt(wkt)
            to_x, to_y = to_metric([spot.x], [spot.y], city.crs)
            out.iloc[at, out.columns.get_loc("geometry")] = shapely.Point(float(to_x[0]), float(to_y[0]))
            survey[name] = "moved"
            inside.append(name)
        elif field == "survey" and value == "refused":
            near = new & (np.hypot(x - x[at], y - y[at]) <= REFUSED_WITHIN)
            shut += [*index[near], name]
            survey[name] = "refused"
        elif field == "survey" and value == "confirmed":
            inside.append(name)
            survey[name] = "confirmed"
        elif field in ("survey", "locked", "exists") and (value in _YES or value == "moved"):
            inside.append(name)
        elif field in ("locked", "exists") and value in _NO:
            shut.append(name)
        elif field == "azimuth" and _number(value) is not None:
            out.iloc[at, out.columns.get_loc("azimuth")] = float(np.mod(_number(value) or 0.0, 360.0))
            inside.append(name)
        else:
            state[int(place)] = "refused"
    words = {key: label[0 if lang == "zh" else 1] for key, label in STATES.items()}
    found = mine["id"].where(np.isin(state, ["used"]))
    used = mine.assign(state=state, found_id=found, detail=[words[s] for s in state])
    shut_out = tuple(sorted(set(shut)))
    fixed = tuple(i for i in dict.fromkeys(inside) if i not in shut_out)
    return Locks(gpd.GeoDataFrame(out, crs=candidates.crs), fixed, shut_out, survey, used)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def mark_surveys(sites: gpd.GeoDataFrame, survey: dict[str, str]) -> gpd.GeoDataFrame:
    """Return the sites with what visits found of them; the others stay ``open``.

    >>> rows = gpd.GeoDataFrame({"site_id": ["a", "b"], "survey": ["open", "open"]}, geometry=[None, None])
    >>> mark_surveys(rows, {"b": "confirmed"})["survey"].tolist()
    ['open', 'confirmed']
    """
    found = sites["site_id"].map(survey)
    wrong = set(survey.values()) - set(terms.SURVEYS)
    if wrong:
        raise ValueError(f"survey: {wrong}")
    return sites.assign(survey=sites["survey"].where(found.isna(), found))
