"""Set two plans side by side: their figures, and which sites stand in both or in one, as a workbook."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import geopandas as gpd
import pandas as pd

from citycover import tables, terms
from citycover.errors import InputError
from citycover.plan.alternatives import compare_plans
from citycover.publish.book import Mark, Sheet, write_book
from citycover.publish.plan_figures import WAN
from citycover.publish.wording import text
from citycover.terms import Lang


class PlanRun(NamedTuple):
    """The plan of a run that was written: its folder's name, its figures, its sites."""

    name: str
    figures: dict[str, Any]
    sites: pd.DataFrame


def read_plan(folder: str | Path) -> PlanRun:
    """Read the plan that a run left in its folder.

    Raises
    ------
    InputError
        The folder holds no run, or a run without a plan.
    """
    folder = Path(folder)
    summary, layers = folder / "summary.json", folder / "layers.gpkg"
    if not summary.is_file() or not layers.is_file():
        raise InputError(f"plans: needed the folder of a run (summary.json, layers.gpkg), given {folder.name}")
    figures = json.loads(summary.read_text(encoding="utf-8")).get("figures", {}).get("plan")
    if figures is None:
        raise InputError(f"plans: needed a run with a plan (budget), given {folder.name} without one")
    sites: pd.DataFrame = tables.conform("sites", [])
    if "sites" in set(gpd.list_layers(layers)["name"]):
        sites = pd.DataFrame(gpd.read_file(layers, layer="sites").drop(columns="geometry"))
    return PlanRun(folder.name, figures, sites)


def pair_figures(first: PlanRun, second: PlanRun, *, lang: Lang = "zh") -> pd.DataFrame:
    """Return figure, first, second, difference; money in 万元, shares in %."""
    rows: list[tuple[Any, ...]] = []
    for key, name, size in (
        ("sites", text("plan_sites", lang), 1.0),
        ("cost", text("plan_cost", lang) + "（万元）", WAN),
        ("cost_year", text("f_cost_year", lang) + "（万元）", WAN),
        ("storage_tb", text("f_storage_tb", lang), 1.0),
        ("mbps", text("f_mbps", lang), 1.0),
    ):
        rows.append((name, first.figures[key] / size, second.figures[key] / size))
    for unit, label in terms.UNITS.items():
        told = [run.figures.get("promise", {}).get(unit) for run in (first, second)]
        if any(told):
            shares = [100.0 * part["share_after"] if part else None for part in told]
            rows.append((f"{text('plan_share_after', lang)}（{label[0 if lang == 'zh' else 1]}，%）", *shares))
    for key, words in terms.NATURES.items():
        counts = [run.figures.get("by_nature", {}).get(key, 0) for run in (first, second)]
        if any(counts):
            rows.append((words[0 if lang == "zh" else 1], float(counts[0]), float(counts[1])))
    out = pd.DataFrame(rows, columns=["figure", "first", "second"])
    return out.assign(change=out["second"] - out["first"]).round(4)


def write_pair(first: PlanRun, second: PlanRun, path: str | Path, *, mark: Mark, lang: Lang = "zh") -> Path:
    """Write both plans side by side as a workbook: figures, then sites. Restricted.

    Raises
    ------
    OutputError
        The file cannot be written or replaced.
    """
    zh = lang == "zh"
    figures = pair_figures(first, second, lang=lang)
    figures.columns = pd.Index(
        ["指标" if zh else "figure", f"1 {first.name}", f"2 {second.name}", "差" if zh else "difference"]
    )
    sites = compare_plans(first.sites, second.sites)
    words = {"both": ("两案均有", "both"), "first": ("仅方案 1", "first only"), "second": ("仅方案 2", "second only")}
    sites["which"] = sites["which"].map({key: label[0 if zh else 1] for key, label in words.items()})
    sites["nature"] = sites["nature"].map({k: label[0 if zh else 1] for k, label in terms.NATURES.items()})
    heads = {"phase": text("f_phase", lang), "cost": text("f_cost", lang) + "（万元）"}
    heads |= {"gain": "价值" if zh else "worth", "azimuth": text("f_azimuth", lang)}
    for word, number in (("first", 1), ("second", 2)):
        sites[f"{word}_cost"] = (sites[f"{word}_cost"] / WAN).round(4)
        sites = sites.rename(columns={f"{word}_{name}": f"{number} {head}" for name, head in heads.items()})
    sites = sites.rename(
        columns={
            "which": "所在方案" if zh else "in",
            "site_id": text("f_site_id", lang),
            "name": "名称" if zh else "name",
            "nature": text("f_nature", lang),
        }
    )
    sheets = [Sheet("指标对照" if zh else "Figures", figures), Sheet("点位对照" if zh else "Sites", sites)]
    return write_book(sheets, path, mark=mark, lang=lang)
