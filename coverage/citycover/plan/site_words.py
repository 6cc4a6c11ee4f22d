"""Say of each site in words: where it stands, which way it looks, why it is needed, what must be asked."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import terms
from citycover.city.model import City
from citycover.law.regulation import Rulebook
from citycover.terms import Label, Lang

OCTANTS: tuple[Label, ...] = (
    *(("北", "north"), ("东北", "north-east"), ("东", "east"), ("东南", "south-east")),
    *(("南", "south"), ("西南", "south-west"), ("西", "west"), ("西北", "north-west")),
)
AT_JUNCTION = 45.0
"""A site this near (m) to a junction's middle, beyond its radius, is named by its corner; ours."""

Texts = npt.NDArray[np.object_]


def name_octants(azimuth: npt.ArrayLike, lang: Lang = "zh") -> Texts:
    """Return compass words of azimuths (° from true north).

    >>> name_octants([0.0, 44.0, 359.0], "en").tolist()
    ['north', 'north-east', 'north']
    """
    sector = np.floor_divide(np.mod(np.asarray(azimuth, float) + 22.5, 360.0), 45.0)
    words = np.array([o[0 if lang == "zh" else 1] for o in OCTANTS], dtype=object)
    known = np.isfinite(sector)
    return np.where(known, words[np.where(known, sector, 0).astype(np.int64)], "").astype(object)


def name_places(points: npt.NDArray[np.object_], gap_names: pd.Series, city: City, *, lang: Lang = "zh") -> Texts:
    """Return where each point is: corner of a named junction, else side of the nearest named street, else its gap."""
    out = gap_names.fillna("").astype(str).to_numpy(object)
    xy = shapely.get_coordinates(points)
    named = city.streets[city.streets["name"].notna().to_numpy(bool)]
    if len(named) and len(points):
        lines = named.geometry.to_numpy()
        at, street = shapely.STRtree(lines).query_nearest(points, max_distance=40.0, all_matches=False)
        foot = shapely.line_interpolate_point(lines[street], shapely.line_locate_point(lines[street], points[at]))
        off = xy[at] - shapely.get_coordinates(foot)
        side = name_octants(np.degrees(np.arctan2(off[:, 0], off[:, 1])), lang)
        names = named["name"].to_numpy(object)[street]
        pattern = "{}{}侧" if lang == "zh" else "{}, {} side"
        out[at] = [pattern.format(n, s) for n, s in zip(names, side, strict=True)]
    corners = city.junctions[city.junctions["name"].notna().to_numpy(bool)]
    if len(corners) and len(points):
        middles = corners.geometry.to_numpy()
        at, which, away = _nearest(middles, points)
        close = away <= np.maximum(corners["radius"].fillna(20.0).to_numpy(float)[which], AT_JUNCTION)
        at, which = at[close], which[close]
        off = xy[at] - shapely.get_coordinates(middles[which])
        side = name_octants(np.degrees(np.arctan2(off[:, 0], off[:, 1])), lang)
        names = corners["name"].to_numpy(object)[which]
        pattern = "{}路口{}角" if lang == "zh" else "{}, {} corner"
        out[at] = [pattern.format(n, s) for n, s in zip(names, side, strict=True)]
    unnamed = "无名道路旁" if lang == "zh" else "beside an unnamed street"
    return np.where(out == "", unnamed, out).astype(object)


def _nearest(
    shapes: npt.NDArray[np.object_], points: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    (at, which), away = shapely.STRtree(shapes).query_nearest(points, return_distance=True, all_matches=False)
    return np.asarray(at), np.asarray(which), np.asarray(away, float)


def word_reasons(
    sites: pd.DataFrame, served: npt.NDArray[np.int64], spared: npt.NDArray[np.float64], *, lang: Lang = "zh"
) -> Texts:
    """Return why each site is needed and so aimed: items, what it adds, how many gaps, what its aim spares.

    ``sites`` needs ``articles``, ``gaps``, ``gain_m``, ``gain_m2``, ``gain_points``, ``nature``, ``private_share``.
    """
    zh = lang == "zh"
    gained = pd.Series("", index=sites.index, dtype="object")
    for name, unit in (("gain_m", "m"), ("gain_m2", "m2"), ("gain_points", "point")):
        amount = sites[name].round(0).astype("int64")
        words = amount.astype("str") + " " + terms.label(terms.UNITS, unit, lang)
        more = np.where(gained.eq(""), "", "、" if zh else ", ").astype(object)
        gained = gained.where(amount.eq(0), gained + more + words)
    n_gaps = sites["gaps"].fillna("").map(lambda joined: len([g for g in joined.split(";") if g]))
    items = sites["articles"].fillna("").str.replace(";", "、" if zh else ", ", regex=False)
    nature = sites["nature"].map({k: v[0 if zh else 1] for k, v in terms.NATURES.items()})
    share = (100.0 * sites["private_share"]).round(0)
    seen = share.map(lambda v: "" if pd.isna(v) else f"{v:.0f} %")
    less = pd.Series(spared, index=sites.index).round(0).astype("int64").astype("str")
    if zh:
        why = nature + "：" + items + " 要求覆盖；补 " + n_gaps.astype("str") + " 处缺口，新增可见 " + gained
        tail = "；达到同样效果的 " + pd.Series(served, index=sites.index).astype("str") + " 个朝向中取非公共场所最少者"
        spare = "（少看 " + less + " m²）"
        tail2 = "；视域内非公共场所 " + seen
    else:
        why = nature + ": required by " + items + "; narrows " + n_gaps.astype("str") + " gaps, adds " + gained
        tail = "; of " + pd.Series(served, index=sites.index).astype("str") + " aims that would do, the least intrusive"
        spare = (
            " ("
            + pd.Series(spared, index=sites.index).round(0).astype("int64").astype("str")
            + " m² of private ground spared)"
        )
        tail2 = "; private ground in view " + seen
    alone = "；唯一能达到同样效果的朝向" if zh else "; no other aim would do"
    tail = tail.where(pd.Series(served, index=sites.index) > 1, alone)
    turned = sites["nature"].isin(["new", "move", "re-aim"])
    why = why + tail.where(turned, "") + spare.where(turned & (spared >= 1.0), "") + tail2.where(seen.ne(""), "")
    return why.to_numpy(object)


def word_permits(
    sites: gpd.GeoDataFrame, conflicts: pd.DataFrame, rulebook: Rulebook, *, overlay: Rulebook | None, lang: Lang = "zh"
) -> Texts:
    """Return what must be asked or filed for each site, joined by ``;``: consents, owners of supports, filing.

    ``conflicts`` are those of the sites (:func:`~citycover.audit.conflicts.find_conflicts`), ``camera_id`` = site_id.
    Nothing is asked that no article asks, but for the owner of a wall or pole, whose property it is.
    """
    zh = lang == "zh"
    out = pd.Series("", index=sites["site_id"], dtype="object")
    near = conflicts[conflicts["check"].eq("C7")] if len(conflicts) else conflicts
    if len(near):
        secret = "受限单位" if zh else "a restricted unit"
        unit = near["name"].fillna(secret).astype(str)
        away = near["distance"].round(0).astype("int64").astype("str")
        words = "consent of " + unit + " (" + near["article"] + ", " + away + " m)"
        if zh:
            words = "征得" + unit + "同意（" + near["article"] + "，距 " + away + " 米）"
        joined = words.groupby(near["camera_id"]).agg(";".join)
        out = out + ";" + joined.reindex(out.index).fillna("").astype(object)
    support = sites.set_index("site_id")["support"]
    nature = sites.set_index("site_id")["nature"]
    said = {
        "wall": "房屋所有人同意" if zh else "consent of the building's owner",
        "existing_pole": "立杆权属单位同意共杆" if zh else "consent of the pole's owner",
        "lamp": "路灯管理单位同意" if zh else "consent of the lamp's owner",
        "signal": "信号灯管理单位同意" if zh else "consent of the signal's owner",
    }
    out = out + (";" + support.map(said)).where(support.isin(list(said)) & nature.isin(["new", "move"]), "")
    for book in (rulebook, overlay):
        duty = None if book is None else next((d for d in book.deadlines if d.id == "new_system_filing"), None)
        if duty is None or book is None:
            continue
        days = (f"{duty.days} 日内" if zh else f" within {duty.days} days") if duty.days is not None else ""
        filing = f"{days}备案（{book.title[0]}{duty.article}）" if zh else f"filing{days} ({book.id}, {duty.article})"
        out = out + np.where(nature.isin(["new", "move"]), ";" + filing, "")
    return np.asarray(out.astype("str").str.strip(";").to_numpy(object), dtype=object)
