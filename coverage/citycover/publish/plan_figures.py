"""Figures, sentences and sheets of the construction plan: phases, budgets, storage and bandwidth, what is promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from citycover import tables, terms
from citycover.plan.alternatives import find_rivals, trace_plan
from citycover.plan.draft import Plan
from citycover.plan.positions import share_by_support
from citycover.publish.wording import text
from citycover.terms import Label, Lang

WAN = 10_000.0
"""Yuan in a 万元, the unit of what is printed."""


SITE_COLUMNS = (
    *("site_id", "name", "nature", "phase", "year", "budget_level", "builder", "department", "district"),
    *(
        "street_office",
        "police_station",
        "lon_2000",
        "lat_2000",
        "named_system",
        "named_x",
        "named_y",
        "support",
        "spot",
    ),
    *("support_id", "camera_id", "azimuth", "direction", "hfov", "vfov", "tilt", "mount_height", "device_class"),
    *("pixels", "reach", "purpose", "power", "link", "cost_wan", "cost_year_wan", "storage_tb", "mbps", "gain"),
    *("gain_m", "gain_m2", "gain_points", "mandates", "articles", "gaps", "necessity", "permits", "private_share"),
    *("facade", "survey", "moved_to", "locked"),
)
"""Columns of the point table in print, in order."""


def plan_figures(plan: Plan) -> dict[str, Any]:
    """Return the plan's figures as plain numbers and dicts, for ``summary.json``; money in yuan."""
    sites = plan.sites
    return {
        "state": plan.state,
        "version": plan.version,
        "drafters": list(plan.drafters),
        "approver": plan.approver,
        "sites": len(sites),
        "cost": plan.cost,
        "cost_year": float(sites["cost_year"].sum()),
        "storage_tb": float(sites["storage_tb"].sum()),
        "mbps": float(sites["mbps"].sum()),
        "by_nature": {k: int(n) for k, n in tables.count_by(sites, "nature").items()},
        "by_support": share_by_support(sites),
        "phases": plan.phases.to_dict("records"),
        "optimality_gap": plan.optimality_gap,
        "promise": plan.promise.set_index("unit").to_dict("index"),
        "candidates": len(plan.candidates),
        "rejected": len(plan.rejected),
        "made_up_prices": plan.made_up,
    }


def plan_notes(plan: Plan) -> tuple[tuple[str, str], ...]:
    """Return sentences (zh, en) on what the plan brings, costs, and how far from the best it can be."""
    told = plan.promise[plan.promise["required"] > 0]
    shares = (100.0 * told[["share_before", "share_after"]]).to_numpy(float).tolist()
    gains = [(str(unit), *pair) for unit, pair in zip(told["unit"], shares, strict=True)]
    zh = "，".join(f"{terms.UNITS[u][0]} {a:.1f} % → {b:.1f} %" for u, a, b in gains)
    en = ", ".join(f"{terms.UNITS[u][1]} {a:.1f} % → {b:.1f} %" for u, a, b in gains)
    gap, among = f"{100.0 * plan.optimality_gap:.1f} %", len(plan.candidates)
    best = (
        f"方案与这些候选点位的最优方案相差至多 {gap}（候选 {among} 个；按规模、单位和优先级折算的价值计）",
        f"the plan is at most {gap} below the best possible among these {among} candidates, by worth (size, unit, "
        "priority)",
    )
    if plan.reached is not None:
        best = (
            f"达到所要求的比例，在这些候选点位（{among} 个）中至多还能节省 {gap}（计入非公共场所的折价）",
            f"the shares asked cannot be had for more than {gap} less among these {among} candidates, the price "
            "of privacy included",
        )
    notes = [
        (
            f"建设方案（{terms.PLAN_STATES[plan.state][0]}，第 {plan.version} 版）：{len(plan.sites)} 个点位，"
            f"一次性投资 {plan.cost / WAN:.1f} 万元；政府和公安机关应覆盖部分由 {zh}",
            f"construction plan ({terms.PLAN_STATES[plan.state][1]}, version {plan.version}): {len(plan.sites)} sites, "
            f"{plan.cost:,.0f} yuan once; of what government and police must cover: {en}",
        ),
        (
            f"{best[0]}；覆盖率起点含已批准和在建的摄像机，不含已知未联网的",
            f"{best[1]}; it starts from the cameras that count, approved ones and those being built among them, "
            "known unconnected ones not",
        ),
    ]
    if plan.made_up:
        notes.append(
            (
                "方案中的价格含示例价格，不是市场价格，不得引用；请由规划单位在 catalogue 中给出",
                "the plan's prices hold made-up ones: not to be cited; give your own in the catalogue",
            )
        )
    return tuple(notes)


def phase_rows(plan: Plan, lang: Lang) -> pd.DataFrame:
    """Return sites and money by phase, year, level, builder and nature; 万元."""
    keys = ["phase", "year", "level", "builder", "nature"]
    rows = plan.sites.assign(level=plan.sites["level"].fillna(""), builder=plan.sites["builder"].fillna("review"))
    grouped = pd.DataFrame(rows).groupby(keys, dropna=False, sort=True)
    out = grouped.agg(sites=("site_id", "size"), cost=("cost", "sum"), cost_year=("cost_year", "sum")).reset_index()
    out["builder"] = [terms.label(terms.BUILDERS, b, lang) for b in out["builder"]]
    out["nature"] = [terms.label(terms.NATURES, n, lang) for n in out["nature"]]
    out["cost"], out["cost_year"] = (out["cost"] / WAN).round(3), (out["cost_year"] / WAN).round(3)
    wan = "万元" if lang == "zh" else "10,000 yuan"
    said = {name: text(f"f_{name}", lang) for name in out.columns}
    return out.rename(columns=said | {name: f"{said[name]}（{wan}）" for name in ("cost", "cost_year")})


def site_rows(sites: pd.DataFrame, *, devices: Mapping[str, Label] | None = None, lang: Lang = "zh") -> pd.DataFrame:
    """Return the point table (点位表) as it is printed: one row per site, money in 万元, the reason as ``necessity``.

    Columns of a named system of coordinates (``named_system``, ``named_x``, ``named_y``) come too where they stand;
    ``moved_to`` is empty: degrees that a visit wrote down on paper are typed there. ``devices`` names the classes of
    the catalogue.
    """
    rows = pd.DataFrame(sites).rename(
        columns={"why": "necessity", "level": "budget_level", "lon": "lon_2000", "lat": "lat_2000"}
    )
    which = 0 if lang == "zh" else 1
    named = {name: label[which] for name, label in (devices or {}).items()}
    if named:
        rows["device_class"] = rows["device_class"].map(named).astype("str").fillna(rows["device_class"])
    money = {f"{name}_wan": (rows[name] / WAN).round(4) for name in ("cost", "cost_year")}
    rows = rows.assign(**money, moved_to=pd.Series(None, index=rows.index, dtype="str"))
    return rows[[name for name in SITE_COLUMNS if name in rows.columns]]


def rival_rows(plan: Plan, lang: Lang) -> pd.DataFrame:
    """Return for each site the best other candidate and why it was not chosen; money in 万元."""
    rows = find_rivals(plan)
    which = 0 if lang == "zh" else 1
    named = {name: label[which] for name, label in plan.devices.items()}
    for name in ("device_class", "rival_device_class"):
        rows[name] = rows[name].map(named).astype("str").fillna(rows[name]) if named else rows[name]
    money = {f"{name}_wan": (rows[name] / WAN).round(4) for name in ("cost", "rival_cost")}
    rows = rows.assign(**money)
    return rows[[name for name in RIVAL_COLUMNS if name in rows.columns]]


def say_devices(texts: pd.Series, plan: Plan, lang: Lang) -> pd.Series:
    """Return lists of devices (``class × n;class × n``) with the classes' names and what is done, in words."""
    given = texts.dropna().astype("str")
    if given.empty:
        return texts
    words = {**plan.devices, **{key: label for key, label in terms.NATURES.items() if key != "new"}}
    which = 0 if lang == "zh" else 1
    parts = given.str.split(";").explode().str.rpartition(" × ")
    said = parts[0].map({key: label[which] for key, label in words.items()}).astype("str").fillna(parts[0])
    joined = (said + " × " + parts[2]).groupby(level=0).agg("；".join if lang == "zh" else "; ".join)
    return joined.reindex(texts.index).astype("str")


def curve_rows(plan: Plan, *, most: int = 60) -> pd.DataFrame:
    """Return the curve of coverage against money along the plan, at most so many points of it, the ends among them."""
    rows = trace_plan(plan)
    keep = np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(int))
    rows = rows.iloc[keep].assign(cost_so_far=(rows["cost"] / WAN).round(4), sites_so_far=rows["sites"])
    return rows[["phase", "sites_so_far", "cost_so_far", "share_m", "share_m2", "share_point"]]


def money_rows(plan: Plan) -> pd.DataFrame:
    """Return what other sums of money would bring; without rows where none was asked for."""
    if plan.money is None:
        return pd.DataFrame(columns=["budget_wan"])
    rows = plan.money
    rows = rows.assign(budget_wan=rows["budget"] / WAN, cost_wan=rows["cost"] / WAN, share_of_worth=rows["share"])
    return rows.assign(number_of_sites=rows["sites"])[
        ["budget_wan", "cost_wan", "number_of_sites", "share_of_worth", "share_bound"]
    ]


RIVAL_COLUMNS = (
    *("site_id", "name", "nature", "device_class", "azimuth", "cost_wan", "worth", "private", "verdict", "rival_id"),
    *("distance", "rival_nature", "rival_spot", "rival_device_class", "rival_azimuth", "rival_cost_wan"),
    *("rival_worth", "rival_private"),
)


def promise_rows(plan: Plan, lang: Lang) -> pd.DataFrame:
    """Return what is required, seen before and seen after, per unit, and the phases with their bounds."""
    figure, value, unit = (text(key, lang) for key in ("figure", "value", "unit"))
    rows: list[tuple[str, object, str]] = [
        (text("plan_state", lang), terms.PLAN_STATES[plan.state][0 if lang == "zh" else 1], ""),
        (text("plan_version", lang), plan.version, ""),
        (text("plan_drafters", lang), "、".join(plan.drafters), ""),
        (text("plan_approver", lang), plan.approver, ""),
        (text("plan_sites", lang), len(plan.sites), ""),
        (text("plan_cost", lang), round(plan.cost / WAN, 2), "万元" if lang == "zh" else "10,000 yuan"),
    ]
    for row in plan.promise.to_dict("records"):
        name = terms.label(terms.UNITS, str(row["unit"]), lang)
        amounts = ((key, round(float(row[key]), 1), name) for key in ("required", "seen_before", "seen_after"))
        shares = ((key, float(row[key]), "%") for key in ("share_before", "share_after"))
        rows += [(f"{text('plan_' + key, lang)}（{name}）", number, of) for key, number, of in (*amounts, *shares)]
    phases = zip(plan.phases["phase"], plan.phases["optimality_gap"].astype("float64"), strict=True)
    rows += [(f"{text('f_phase', lang)} {phase}：{text('plan_gap', lang)}", gap, "%") for phase, gap in phases]
    return pd.DataFrame(rows, columns=[figure, value, unit])
