"""Lay out the chosen candidates as the point table (点位表): one row per site, with everything that is filed."""

from __future__ import annotations

from collections.abc import Collection

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import geo, tables
from citycover.city.districts import assign_districts
from citycover.city.model import City
from citycover.law.regulation import Rulebook
from citycover.plan.choice import Choice
from citycover.plan.money import Budget
from citycover.plan.site_words import name_octants, name_places, word_permits, word_reasons
from citycover.plan.softening import Softened
from citycover.plan.wants import join_by
from citycover.terms import Lang

STREET_OFFICE = ("8", "街道", "镇", "street_office", "street office")
POLICE_STATION = ("派出所", "派出所辖区", "police_station", "police station")
"""Levels of the table ``districts`` that name a street office (街道) and a police station's beat."""


def make_sites(
    soft: Softened,
    choice: Choice,
    gains: pd.DataFrame,
    needed: pd.DataFrame,
    wants: pd.DataFrame,
    *,
    share: npt.NDArray[np.float64],
    conflicts: pd.DataFrame,
    gaps: gpd.GeoDataFrame,
    mandates: gpd.GeoDataFrame,
    city: City,
    rulebook: Rulebook,
    overlay: Rulebook | None,
    budget: Budget | float,
    locked: Collection[int],
    lang: Lang,
) -> gpd.GeoDataFrame:
    """Return table ``sites`` of the chosen candidates, in the order of ``choice``.

    ``needed`` names for each site (by place) the wants that it is there for: their mandates, articles and gaps are the
    site's necessity; its main gap (most worth) gives builder, department and, where no street has a name, its name.
    """
    rows = soft.sites.reset_index(drop=True)
    if rows.empty:
        return gpd.GeoDataFrame(tables.conform("sites", [], crs=city.crs))
    serves = _served(needed, wants, len(rows))
    duties = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")
    main = duties.reindex(serves["main"])
    lon, lat = geo.to_degrees(rows.geometry.x, rows.geometry.y, city.crs)
    spots = gpd.GeoDataFrame(geometry=rows.geometry.to_numpy(), crs=city.crs)
    lines = budget.lines if isinstance(budget, Budget) else ()
    years = budget.years if isinstance(budget, Budget) else (0,)
    year = np.array(years)[choice.phase - 1]
    named = pd.Series(gaps["name"].to_numpy(object), index=gaps["gap_id"].to_numpy(object))
    private_share = np.where(np.isfinite(share), share, np.nan)
    site = pd.DataFrame(
        {
            "site_id": rows["candidate_id"],
            "name": name_places(rows.geometry.to_numpy(), serves["main_gap"].map(named), city, lang=lang),
            "nature": rows["nature"],
            "phase": choice.phase,
            "builder": main["builder_effective"].fillna(main["builder"]).to_numpy(object),
            "department": main["department"].to_numpy(object),
            "district": assign_districts(spots, _levels(city, STREET_OFFICE + POLICE_STATION, others=True))["district"],
            "street_office": assign_districts(spots, _levels(city, STREET_OFFICE))["district"],
            "police_station": assign_districts(spots, _levels(city, POLICE_STATION))["district"],
            "lon": lon.round(7),
            "lat": lat.round(7),
            "camera_id": rows["source_camera"],
            "direction": name_octants(rows["azimuth"], lang),
            "year": pd.Series(year).where(year > 0),
            "level": _level_of(lines, year, choice.line),
            "mandates": serves["mandates"].to_numpy(object),
            "articles": _articles(serves["mandates"], duties).to_numpy(object),
            "gaps": serves["gaps"].to_numpy(object),
            "private_share": private_share,
            "survey": "open",
            "locked": np.isin(choice.rows, list(locked)),
        }
    )
    same = ("spot", "support", "support_id", "azimuth", "hfov", "vfov", "tilt", "mount_height", "pixels", "reach")
    more = ("device_class", "purpose", "power", "link", "cost", "cost_year", "storage_tb", "mbps", "facade")
    site = site.assign(**{name: rows[name] for name in (*same, *more)}, **gains.reset_index(drop=True))
    prefix = "朝" if lang == "zh" else "towards "
    site["direction"] = site["direction"].where(site["direction"].eq(""), prefix + site["direction"].astype(str))
    site["why"] = word_reasons(site, soft.served, soft.spared, lang=lang)
    site["permits"] = word_permits(gpd.GeoDataFrame(site), conflicts, rulebook, overlay=overlay, lang=lang)
    site["geometry"] = rows.geometry.to_numpy()
    return gpd.GeoDataFrame(tables.conform("sites", site, crs=city.crs))


def _served(needed: pd.DataFrame, wants: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return per site the mandates and gaps that it is there for, and the weightiest of each."""
    facts = wants.iloc[needed["want"].to_numpy(np.int64)].reset_index(drop=True)
    pairs = facts[["worth", "mandates", "gaps"]].assign(site=needed["site"].to_numpy(np.int64))
    out = pd.DataFrame(index=np.arange(n))
    for column, first in (("mandates", "main"), ("gaps", "main_gap")):
        each = pairs[["site", "worth"]].assign(one=pairs[column].str.split(";")).explode("one").reset_index(drop=True)
        each = each[each["one"].fillna("").ne("")]
        out[column] = join_by(each, "site", "one").reindex(out.index).fillna("")
        sums = each.groupby(["site", "one"])["worth"].sum().reset_index()
        top = sums.sort_values(["site", "worth", "one"], ascending=[True, False, True], kind="stable")
        out[first] = top.drop_duplicates("site").set_index("site")["one"].reindex(out.index)
    return out


def _articles(joined: pd.Series, duties: pd.DataFrame) -> pd.Series:
    each = joined.str.split(";").explode()
    clause = (duties["article"].fillna("") + duties["item"].fillna("")).reindex(each.to_numpy()).to_numpy(object)
    told = pd.DataFrame({"site": each.index, "clause": clause})
    return join_by(told, "site", "clause").reindex(joined.index).fillna("")


def _levels(city: City, levels: tuple[str, ...], *, others: bool = False) -> gpd.GeoDataFrame:
    """Return the districts of some levels, or of all but these."""
    which = city.districts["level"].isin(levels)
    return gpd.GeoDataFrame(city.districts[(~which if others else which).to_numpy(bool)], crs=city.crs)


def _level_of(lines: tuple[object, ...], year: npt.NDArray[np.int64], line: npt.NDArray[np.int64]) -> list[str | None]:
    by_year: dict[int, list[str]] = {}
    for entry in lines:
        by_year.setdefault(int(getattr(entry, "year", 0)), []).append(str(getattr(entry, "level", "")))
    return [
        (by_year.get(int(y), [""])[int(k)] or None) if 0 <= k < len(by_year.get(int(y), [])) else None
        for y, k in zip(year, line, strict=True)
    ]
