"""Say what a study found: ``summary.json`` for machines, five figures for people."""

from __future__ import annotations

import json
import math
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

import pyogrio

from citycover import terms
from citycover.publish.figures import figures_of, gather_figures
from citycover.publish.files import replacing
from citycover.publish.results import Results
from citycover.publish.wording import TEXTS, join_clauses, text
from citycover.terms import Lang

__all__ = ["five_figures", "format_number", "format_share", "gather_figures", "list_versions", "write_summary"]

PACKAGES = ("citycover", "geopandas", "pandas", "numpy", "numba", "osmium", "pyproj", "scipy", "shapely")


def write_summary(results: Results, path: str | Path) -> Path:
    """Write ``summary.json``: study, versions, inputs with their sha256, figures, defaults used, notes. Restricted.

    Returns
    -------
    The path written.

    Raises
    ------
    OutputError
        The file cannot be written or replaced.
    """
    content = {
        "study": {
            "name": results.name,
            "date": results.date,
            "rulebook": results.rulebook_id,
            "rulebook_title": results.rulebook_title,
            "overlay": results.overlay_id,
            "crs": results.city.crs.to_string(),
            "levels_px_per_m": list(results.levels),
            "lang": results.lang,
            "bounds": list(results.city.area.bounds),
        },
        "settings": dict(results.settings),
        "classification": results.classification,
        "recipient": results.recipient,
        "validity_note": TEXTS["validity"][0 if results.lang == "zh" else 1],
        "attribution": "© OpenStreetMap contributors",
        "figures": dict(figures_of(results)),
        "five_figures": five_figures(results),
        "city_counts": dict(results.city.counts),
        "defaults_used": dict(results.defaults),
        "notes": [{"zh": zh, "en": en} for zh, en in results.notes],
        "inputs_sha256": dict(results.inputs),
        "versions": list_versions(),
    }
    with replacing(path) as fresh:
        fresh.write_text(
            json.dumps(_plain(content), ensure_ascii=False, indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )
    return Path(path)


def list_versions() -> dict[str, str]:
    """Return the versions of Python, GDAL and the packages that the figures rest on.

    >>> list_versions()["python"] == platform.python_version()
    True
    """
    installed = {name: next(iter(metadata.distributions(name=name)), None) for name in PACKAGES}
    found = {name: package.version for name, package in installed.items() if package is not None}
    return {**found, "gdal": pyogrio.__gdal_version_string__, "python": platform.python_version()}


def five_figures(results: Results, *, lang: Lang | None = None) -> list[str]:
    """Return five sentences: mandates; what is seen; gaps and their builders; cameras that count; what is unknown."""
    lang = lang or results.lang
    figures = figures_of(results)
    return [
        _say_mandates(figures["mandates"], lang),
        _say_seen(figures.get("seen", {}), lang),
        _say_gaps(figures["gaps"], lang),
        _say_cameras(figures["cameras"], lang),
        _say_unknown(figures["unknown"], lang),
    ]


def format_number(value: float | None, lang: Lang = "zh") -> str:
    """Return a number as people read it: no decimals from 100 on, one below; unknown in words.

    >>> format_number(12345.6), format_number(2.0), format_number(2.25), format_number(None, "en")
    ('12,346', '2', '2.2', 'unknown')
    """
    if value is None or math.isnan(value):
        return text("unknown", lang)
    if abs(value) >= 100 or float(value).is_integer():
        return f"{value:,.0f}"
    return f"{value:,.1f}"


def format_share(value: float | None, lang: Lang = "zh") -> str:
    """Return a share in per cent; a share that is not 0 or 1 never reads as 0 % or 100 %.

    >>> format_share(0.5), format_share(0.9999), format_share(0.0001), format_share(0.0)
    ('50.0 %', '> 99.9 %', '< 0.1 %', '0.0 %')
    """
    if value is None or math.isnan(value):
        return text("unknown", lang)
    if 0.0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= value < 1.0:
        return "> 99.9 %"
    return f"{100.0 * value:.1f} %"


def _say_mandates(mandates: dict[str, Any], lang: Lang) -> str:
    parts = [f"{terms.label(terms.STANDINGS, key, lang)} {n}" for key, n in mandates["by_standing"].items()]
    if lang == "zh":
        return f"应当建设 {mandates['total']} 条（{mandates['places']} 处场所）：{'，'.join(parts) or '无'}"
    return f"mandates: {mandates['total']} ({mandates['places']} places): {', '.join(parts) or 'none'}"


def _say_seen(seen: dict[str, dict[str, float]], lang: Lang) -> str:
    head = (
        "按要求可见的目标（每处计一次，不含待认定义务；最低 / 期望 / 最高）："
        if lang == "zh"
        else "targets seen as required (each once, settled duties; low / expected / high): "
    )
    parts = []
    for unit, row in seen.items():
        ends = " / ".join(format_share(row[f"share_{end}"], lang) for end in ("low", "expected", "high"))
        of = format_number(row["required"], lang)
        name = terms.label(terms.UNITS, unit, lang)
        parts.append(f"{ends}（共 {of} {name}）" if lang == "zh" else f"{ends} of {of} {name}")
    return head + (join_clauses(parts, lang) or text("unknown", lang))


def _say_gaps(gaps: dict[str, Any], lang: Lang) -> str:
    parts = []
    for builder, row in gaps["by_builder"].items():
        sizes = [
            f"{format_number(row[unit], lang)} {terms.label(terms.UNITS, unit, lang)}"
            for unit in terms.UNITS
            if row.get(unit)
        ]
        joined = ("、" if lang == "zh" else ", ").join(sizes)
        name = terms.label(terms.BUILDERS, builder, lang)
        if lang == "zh":
            parts.append(f"{name} {row['gaps']} 个（{joined}）")
        else:
            parts.append(f"{name} {row['gaps']} ({joined})")
    if lang == "zh":
        tail = f"；另有义务待认定的 {gaps['undecided']} 个" if gaps["undecided"] else ""
        return f"缺口 {gaps['decided']} 个（按义务逐项计）：{'；'.join(parts) or '无'}{tail}"
    tail = f"; {gaps['undecided']} more whose duty is undecided" if gaps["undecided"] else ""
    return f"gaps (once per duty): {gaps['decided']}: {'; '.join(parts) or 'none'}{tail}"


def _say_cameras(cameras: dict[str, Any], lang: Lang) -> str:
    if not cameras["total"]:
        return ("摄像机：" if lang == "zh" else "cameras: ") + text("no_register", lang)
    by = cameras["by_counts"]
    why = [f"{terms.label(terms.COUNT_REASONS, key, lang)} {n}" for key, n in cameras["by_reason"].items()]
    if lang == "zh":
        return (
            f"摄像机登记 {cameras['total']} 条：计入 {by['yes']}，仅计入期望值与最高值 {by['range']}，"
            f"不计入 {by['no']}" + (f"（{'，'.join(why)}）" if why else "")
        )
    return (
        f"camera rows: {cameras['total']}: {by['yes']} count, {by['range']} count in the expected and high figures "
        f"only, {by['no']} do not" + (f" ({', '.join(why)})" if why else "")
    )


def _say_unknown(unknown: dict[str, int], lang: Lang) -> str:
    parts = [f"{text(key, lang)} {n}" for key, n in unknown.items() if n]
    if lang == "zh":
        return f"未知：{'，'.join(parts) or '无'}"
    return f"unknown: {', '.join(parts) or 'none'}"


def _plain(value: Any) -> Any:
    """Return the value in JSON's own types; not-a-number becomes null."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "item"):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value
