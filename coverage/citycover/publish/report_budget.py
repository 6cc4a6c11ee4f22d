"""Write the report's chapter on money: once and by year, by nature, phase, level and builder."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from citycover import terms
from citycover.publish.figures import figures_of
from citycover.publish.report_blocks import Block, Chapter, Sheet, join_names, pick, say_alike, say_key
from citycover.publish.results import Results
from citycover.publish.static_maps import sites_of
from citycover.publish.wording import text
from citycover.terms import Lang


def write_budget(results: Results, lang: Lang) -> Chapter:
    """Return the chapter on money: once and by year, by phase and builder; prices are the planner's."""
    title = pick(lang, "八、投资估算与资金来源", "8. Budget")
    sites = sites_of(results)
    if sites.empty or "cost" not in sites.columns or sites["cost"].isna().all():
        none = pick(
            lang,
            "投资估算由规划部门按当地单价编制。本工具不提供价格，未取得单价资料前不列估算数。",
            "The budget follows from local prices, which are the planner's; without them no sum is given.",
        )
        return Chapter("budget", title, (none,))
    parts = [name for name in ("nature", "phase", "level", "year", "builder") if name in sites.columns]
    heads = {
        "nature": pick(lang, "性质", "nature"),
        "phase": pick(lang, "阶段", "phase"),
        "level": pick(lang, "资金级次", "level of the budget"),
        "year": pick(lang, "年度", "year"),
        "builder": text("builder", lang),
    }
    blocks: list[Block] = [
        pick(
            lang,
            "下列数额由规划部门给定的单价目录乘以数量得出，目录标明为示例的单价不作为造价依据。",
            "Sums are numbers times the planner's catalogue; a price that is marked as made up is no ground for a budget.",
        )
    ]
    if figures_of(results).get("plan", {}).get("made_up_prices"):
        blocks.append(
            pick(
                lang,
                "注意：本次所用单价目录含示例价格，下列数额仅用于说明方法，不得作为投资估算引用；请由规划部门给出当地单价后重新生成。",
                "Note: the catalogue used holds made-up prices. These sums show the method and must not be cited; give your own "
                "prices and run again.",
            )
        )
    alike: list[str] = []
    for name in parts:
        keys = sites[name].astype("object").where(sites[name].notna(), "unknown").astype("str")
        labels: Mapping[str, terms.Label] | None = {"builder": terms.BUILDERS, "nature": terms.NATURES}.get(name)
        if keys.eq(keys.iloc[0]).all() and name != parts[0]:
            if keys.iloc[0] != "unknown":
                alike.append(say_alike(heads[name], say_key(keys.iloc[0], labels, lang), lang))
            continue
        once, yearly = sites["cost"].groupby(keys).sum(), _yearly(sites).groupby(keys).sum()
        order = [key for key in labels if key in once.index] if labels else sorted(once.index)
        rows = [(say_key(key, labels, lang), f"{once[key]:,.0f}", f"{yearly[key]:,.0f}") for key in order]
        rows.append((pick(lang, "合计", "total"), f"{sites['cost'].sum():,.0f}", f"{_yearly(sites).sum():,.0f}"))
        blocks.append(
            Sheet(
                f"budget_by_{name}",
                pick(lang, f"投资估算（按{heads[name]}）", f"Budget by {heads[name]}"),
                pick(lang, "元", "yuan"),
                (heads[name], pick(lang, "建设投资", "once"), pick(lang, "年运维", "each year")),
                tuple(rows),
                pick(
                    lang,
                    f"拟建点位 {len(sites)} 个，建设投资合计 {sites['cost'].sum():,.0f} 元，按{heads[name]}分列如表。",
                    f"{len(sites)} sites cost {sites['cost'].sum():,.0f} yuan once; by {heads[name]}.",
                ),
                pick(lang, "点位表；单价目录（规划部门）", "point table; the planner's catalogue"),
                frozenset({1, 2}),
                bold_last=True,
            )
        )
    if alike:
        said = pick(lang, "各点位的", "All sites: ") + join_names(alike, lang)
        blocks.insert(1, said + pick(lang, "，不再分列。", "."))
    return Chapter("budget", title, tuple(blocks))


def _yearly(sites: pd.DataFrame) -> pd.Series:
    return sites["cost_year"].fillna(0.0) if "cost_year" in sites.columns else pd.Series(0.0, index=sites.index)
