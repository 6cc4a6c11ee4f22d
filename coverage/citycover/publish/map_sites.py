"""Pack the sites of a plan for the map: by nature, each with its reason, money and what must be asked."""

from __future__ import annotations

from typing import Any

import pandas as pd

from citycover import terms
from citycover.publish.columnar import pack_column
from citycover.publish.filters import builder_of, district_of
from citycover.publish.palette import SITE
from citycover.publish.results import Results
from citycover.publish.theme_parts import label_column, make_grouping, make_theme, number_column
from citycover.publish.wording import text
from citycover.terms import Lang


def pack_sites(results: Results, lang: Lang) -> dict[str, Any]:
    """Return the theme of the sites."""
    sites = results.sites
    groups = [
        {"key": key, "label": terms.label(terms.NATURES, key, lang), "on": True, "colour": SITE[key]}
        for key in terms.NATURES
        if (sites["nature"] == key).any()
    ]
    gained = sites["gain_m"].round(0).map("{:.0f} m".format).where(sites["gain_m"] >= 0.5)
    ground = sites["gain_m2"].round(0).map("{:.0f} m²".format).where(sites["gain_m2"] >= 0.5)
    fields = [
        ("f_nature", label_column(sites["nature"], terms.NATURES, lang)),
        ("f_phase", number_column(sites["phase"].astype("float64"))),
        ("f_builder", label_column(sites["builder"], terms.BUILDERS, lang)),
        ("f_articles", sites["articles"]),
        ("f_why", sites["why"]),
        ("f_gain", gained.fillna(ground)),
        ("f_support", label_column(sites["support"], terms.SUPPORTS, lang)),
        ("f_device", _devices(results, lang)),
        ("f_azimuth", number_column(sites["azimuth"]) + "°"),
        ("f_hfov", number_column(sites["hfov"]) + "°"),
        ("f_cost", (sites["cost"] / 10_000.0).map("{:.2f} 万元".format)),
        ("f_private", (100.0 * sites["private_share"]).map("{:.0f} %".format).where(sites["private_share"].notna())),
        ("f_permits", sites["permits"]),
        ("f_survey", label_column(sites["survey"], terms.SURVEYS, lang)),
        ("f_department", sites["department"]),
        ("f_district", sites["district"]),
        ("f_site_id", sites["site_id"]),
    ]
    theme: dict[str, Any] = make_theme("sites", "sites_by_nature", sites, groups, sites["nature"], fields, lang)
    theme["names"], theme["ids"] = pack_column(sites["name"]), pack_column(sites["site_id"])
    theme["style"] = pack_column(sites["nature"])
    theme["azimuth"] = pack_column(sites["azimuth"], decimals=0)
    theme["hfov"] = pack_column(sites["hfov"], decimals=0)
    phase = sites["phase"].astype("Int64").astype("str").fillna("")
    phases = {n: (f"第 {n} 期", f"phase {n}") if n else ("未分期", "no phase") for n in sorted(set(phase))}
    by_phase = make_grouping("by_phase", phase, lang, phases)
    for group in by_phase["groups"]:
        group["tag"] = group["key"]  # no phase is told by colour alone
    theme["groupings"] = [
        {"title": text("by_nature", lang), "groups": theme["groups"], "group": theme["group"]},
        by_phase,
        make_grouping("by_builder", builder_of(sites), lang, terms.BUILDERS),
    ]
    theme |= {"district": pack_column(district_of(sites)), "builder": pack_column(builder_of(sites))}
    return theme


def _devices(results: Results, lang: Lang) -> pd.Series:
    """Return the devices by the names that the plan's catalogue gives them."""
    keys = results.sites["device_class"]
    names = {} if results.plan is None else {k: v[0 if lang == "zh" else 1] for k, v in results.plan.devices.items()}
    told: pd.Series = keys.replace(names).astype("str")
    return told
