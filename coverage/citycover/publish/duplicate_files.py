"""Write a check of duplicate builds as a map, a workbook, layers, GeoJSON or CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from citycover import tables, terms
from citycover.audit.settled_pairs import COLUMNS, EVERY
from citycover.city.files import read_table
from citycover.errors import InputError
from citycover.publish import palette
from citycover.publish.book import Mark, Sheet, write_book
from citycover.publish.columnar import pack_geometry
from citycover.publish.duplicate_report import (
    PRINTED,
    DuplicateReport,
    duplicate_rows,
    duplicate_sheet,
    gather_duplicates,
    join_words,
    repeat_rows,
)
from citycover.publish.edits import defuse
from citycover.publish.files import replacing
from citycover.publish.layers import write_layer
from citycover.publish.map_base import pack_base
from citycover.publish.map_duplicates import pack_duplicates
from citycover.publish.map_page import render_map
from citycover.publish.map_themes import pack_cameras, pack_views
from citycover.publish.summary import format_number
from citycover.publish.wording import TEXTS, text
from citycover.terms import Lang

AROUND = 120.0
"""Ground (m) around the proposals that the small map shows."""

MOST_TOLD = 20
"""Duplicates that are told on the terminal one by one."""

NEAR = 160.0
"""Existing cameras within this distance (m) of a proposal are drawn; the others stay in the register."""


def write_report_file(report: DuplicateReport, path: str | Path, *, lang: Lang = "zh") -> Path:
    """Write the report in the form that the file's ending names: html, xlsx, gpkg, geojson or csv.

    Each holds positions and is restricted: readable by its owner only, whole or not at all.

    Raises
    ------
    InputError
        The ending is none of these.
    OutputError
        The file cannot be written or replaced.
    """
    target = Path(path)
    writers: dict[str, Callable[[DuplicateReport, Path, Lang], None]] = {
        ".html": _write_map,
        ".xlsx": _write_workbook,
        ".gpkg": _write_layers,
        ".geojson": _write_geojson,
        ".csv": _write_csv,
    }
    if target.suffix.lower() not in writers:
        raise InputError(f"--out: needed a file ending in {', '.join(writers)}, given {target.name}")
    writers[target.suffix.lower()](report, target, lang)
    return target


def check_ending(path: str | Path) -> None:
    """Refuse a file whose ending no writer knows, before the work is done.

    >>> check_ending("pairs.pdf")
    Traceback (most recent call last):
    citycover.errors.InputError: --out: needed a file ending in .html, .xlsx, .gpkg, .geojson or .csv, given pairs.pdf
    """
    if Path(path).suffix.lower() not in (".html", ".xlsx", ".gpkg", ".geojson", ".csv"):
        raise InputError(
            f"--out: needed a file ending in .html, .xlsx, .gpkg, .geojson or .csv, given {Path(path).name}"
        )


def add_not_duplicates(pairs: pd.DataFrame, path: str | Path) -> int:
    """Write settled pairs behind those that ``not_duplicates.csv`` holds; return how many were new.

    A pair that stands there already, with the same day, is not repeated. A text that a spreadsheet would run as a
    formula gets an apostrophe.

    Raises
    ------
    OutputError
        The file cannot be written or replaced.
    """
    file = Path(path)
    fresh = pairs.reindex(columns=list(COLUMNS))
    fresh = fresh.astype("str").where(fresh.notna(), "")
    fresh = fresh.assign(**{name: defuse(fresh[name]) for name in fresh.columns if name != "camera_b"})
    old = read_table(file).frame.fillna("").astype("str") if file.is_file() else pd.DataFrame(columns=fresh.columns)
    same = ["camera_a", "camera_b", "decided_on"]
    known = set(old.reindex(columns=same, fill_value="").agg("\x1f".join, axis=1)) if len(old) else set()
    new = fresh[~fresh[same].agg("\x1f".join, axis=1).isin(known).to_numpy(bool)]
    columns = [*old.columns, *(name for name in fresh.columns if name not in old.columns)]
    rows = pd.concat([old.reindex(columns=columns, fill_value=""), new.reindex(columns=columns, fill_value="")])
    with replacing(file) as target:
        rows.to_csv(target, index=False, encoding="utf-8-sig")
    return len(new)


def settled_rows(pairs: Sequence[str], *, by: str, on: str, why: str = "") -> pd.DataFrame:
    """Return pairs such as ``N20=E7`` as rows of settled pairs."""
    rows = [pair_of(words) for words in pairs]
    frame = pd.DataFrame(rows, columns=["camera_a", "camera_b"])
    return frame.assign(decided_by=by, decided_on=on, why=why or None)


def pair_of(words: str) -> tuple[str, str]:
    """Return the two ids of ``A=B``; ``A`` alone stands for ``A=*``.

    >>> pair_of("N20=gongan:7"), pair_of("N20")
    (('N20', 'gongan:7'), ('N20', '*'))
    """
    a, _, b = words.partition("=")
    if not a.strip():
        raise InputError(f"--settle: needed a pair such as N20=E7, given {words!r}")
    return a.strip(), b.strip() or EVERY


def say_report(report: DuplicateReport, lang: Lang) -> list[str]:
    """Return the report in sentences: counts, actions, money, the smallest list, what stayed unknown."""
    figures = gather_duplicates(report.found)
    zh = lang == "zh"
    actions = [f"{terms.label(terms.ACTIONS, k, lang)} {n}" for k, n in figures["by_action"].items()]
    saving = format_number(figures["saving"], lang)
    small = report.smallest
    lines = [
        (
            f"拟建 {figures['proposed']}：重复 {figures['certain']}（其中合并覆盖 {figures['together']}），"
            f"可能重复 {figures['possible']}"
            if zh
            else f"proposed {figures['proposed']}: certain duplicates {figures['certain']} "
            f"({figures['together']} by several cameras together), possible {figures['possible']}"
        ),
        ("处理建议：" if zh else "what to do: ") + ("，" if zh else ", ").join(actions),
        f"{text('saving_sum', lang)}：{saving}" if zh else f"{text('saving_sum', lang)}: {saving}",
        (
            f"保持覆盖所需的最少点位 {small.number}，已证明不少于 {small.bound}（差距 {100 * small.gap:.1f} %）"
            if zh
            else f"fewest that keep the coverage: {small.number}, proved not below {small.bound} "
            f"(gap {100 * small.gap:.1f} %)"
        ),
    ]
    if figures["saving_made_up"]:
        lines.append(text("made_up", lang))
    lines.append(text("open_field" if figures["open_field"] else "with_buildings", lang))
    told = duplicate_rows(report.found)
    told = told[told["duplicate_standing"].ne("none")]
    advice = terms.ACTIONS | {"possible": terms.DUPLICATE_STANDINGS["possible"]}
    done = told["action"].mask(told["duplicate_standing"].eq("possible"), "possible")
    for name, action, others, why in (
        told.assign(done=done, name_b=join_words(told["name_b"], lang))[["name", "done", "name_b", "why"]]
        .head(MOST_TOLD)
        .values
    ):
        words = (terms.label(advice, action, lang), others, why)
        lines.append(f"  {name}：" + "；".join(words) if zh else f"  {name}: " + "; ".join(words))
    if len(told) > MOST_TOLD:
        more = len(told) - MOST_TOLD
        lines.append(f"  另有 {more} 条，见 --out 文件" if zh else f"  {more} more: see --out")
    if report.rejected:
        lines.append(
            f"拟建清单有 {report.rejected} 行无法读取"
            if zh
            else f"{report.rejected} rows of the list could not be read"
        )
    return lines


def _write_csv(report: DuplicateReport, target: Path, lang: Lang) -> None:  # noqa: ARG001  keys are the same in both
    plain = {"duplicate_standing": "standing", "duplicate_reason": "reason", "action_clause": "clause"}
    rows = duplicate_rows(report.found).rename(columns=plain)  # the names of the table, as in the other files
    words = rows.select_dtypes(include=["object", "str"]).columns
    rows = rows.assign(**{name: defuse(rows[name].astype("str").fillna("")) for name in words})
    with replacing(target) as fresh:
        rows.to_csv(fresh, index=False, encoding="utf-8-sig", lineterminator="\r\n")


def _write_geojson(report: DuplicateReport, target: Path, lang: Lang) -> None:  # noqa: ARG001
    plain = _plain(report.found).to_crs(4326)
    with replacing(target) as fresh:
        pyogrio.write_dataframe(plain, fresh, driver="GeoJSON", layer_options={"RFC7946": "YES"})


def _write_layers(report: DuplicateReport, target: Path, lang: Lang) -> None:  # noqa: ARG001
    frames: dict[str, pd.DataFrame] = {
        "duplicates": report.found,
        "proposed": report.proposed,
        "existing": _near(report),
        "views": report.views,
        "camera_repeats": report.repeats,
        "rejects": report.rejects,
        "not_duplicates": report.settled,
    }
    with replacing(target) as fresh:
        for name, frame in frames.items():
            if len(frame):
                write_layer(frame, fresh, name)


def _write_workbook(report: DuplicateReport, target: Path, lang: Lang) -> None:
    settled = report.settled.drop(columns=["camera_a", "camera_b"]).assign(
        repeat_first=report.settled["camera_a"], repeat_later=report.settled["camera_b"]
    )
    columns = ["repeat_first", "repeat_later", "decided_by", "decided_on", "why", "document", "valid_until", "state"]
    sheets = [
        Sheet(text("sheet_summary", lang), _summary(report, lang)),
        Sheet(text("sheet_duplicates", lang), duplicate_sheet(report.found, lang), "duplicates", PRINTED),
        Sheet(text("sheet_repeats", lang), repeat_rows(report.repeats), "camera_repeats"),
        Sheet(text("sheet_settled", lang), settled[columns], "decisions"),
        Sheet(text("sheet_rejects", lang), pd.DataFrame(report.rejects), "rejects"),
    ]
    mark = Mark(report.classification, report.name, report.date)
    write_book([sheet for sheet in sheets if len(sheet.rows)], target, mark=mark, lang=lang)


def _summary(report: DuplicateReport, lang: Lang) -> pd.DataFrame:
    """Return the figures as rows of figure, value, unit, and what to know of them."""
    figures, small = gather_duplicates(report.found), report.smallest
    head = text("f_action", lang)
    rows: list[tuple[str, object, str]] = [
        (text("date", lang), report.date, ""),
        (text("rulebook", lang), report.rulebook_title or text("none", lang), ""),
        (text("proposed_count", lang), figures["proposed"], ""),
        (text("certain_count", lang), figures["certain"], ""),
        (text("together_count", lang), figures["together"], ""),
        (text("possible_count", lang), figures["possible"], ""),
        *((f"{head}: {terms.label(terms.ACTIONS, key, lang)}", n, "") for key, n in figures["by_action"].items()),
        (text("saving_sum", lang), figures["saving"], ""),
        (text("saving_unknown", lang), figures["saving_unknown"], ""),
        (text("smallest_count", lang), small.number, ""),
        (text("bound", lang), small.bound, ""),
        (text("rejected_count", lang), report.rejected, ""),
    ]
    told = [(text("notes", lang), line, "") for line in _notes(report, lang)]
    columns = [text(key, lang) for key in ("figure", "value", "unit")]
    return pd.DataFrame([*rows, *told], columns=columns)


def _notes(report: DuplicateReport, lang: Lang) -> list[str]:
    """Return what to know of the figures."""
    figures = gather_duplicates(report.found)
    keys = ["open_field" if figures["open_field"] else "with_buildings", "own_views"]
    keys += ["made_up"] if figures["saving_made_up"] else []
    keys += ["validity"] if report.rulebook_title else []
    return [*(text(key, lang) for key in keys), *(note[0 if lang == "zh" else 1] for note in report.notes)]


def _write_map(report: DuplicateReport, target: Path, lang: Lang) -> None:
    cameras = pd.concat([_near(report), report.proposed.assign(counts="no", counts_reason="not_accepted")])
    cameras = gpd.GeoDataFrame(
        tables.conform("cameras", cameras.reset_index(drop=True), crs=report.found.crs), crs=report.found.crs
    )
    themes = [pack_views(report.views, cameras, lang)] if len(report.views) else []
    near = gpd.GeoDataFrame(tables.conform("cameras", _near(report).reset_index(drop=True), crs=cameras.crs))
    themes += [pack_cameras(near, lang)] if len(near) else []
    themes += [pack_duplicates(report.found, lang)]
    at = report.proposed.geometry.total_bounds + np.array([-AROUND, -AROUND, AROUND, AROUND])
    study = _describe(report, lang) | {"themes": [theme["id"] for theme in themes]}
    blocks = {"study": study, "base": _base(report, at)} | {theme["id"]: theme for theme in themes}
    title = f"{report.classification} {report.name} {report.date}"
    box = (float(at[0]), float(at[1]), float(at[2]), float(at[3]))
    page = render_map(title, blocks, bounds=box, crs=report.found.crs, lang=lang)
    with replacing(target) as fresh:
        fresh.write_text(page, encoding="utf-8", newline="\n")


def _base(report: DuplicateReport, bounds: Any) -> dict[str, Any]:
    """Return the ground of the map: the city's, or in the open field a bare frame."""
    if report.city is not None:
        return pack_base(report.city)
    frame = gpd.GeoSeries([shapely.box(*bounds)], crs=report.found.crs)
    return {"area": pack_geometry(frame, tolerance=1.0)}


def _describe(report: DuplicateReport, lang: Lang) -> dict[str, Any]:
    which = 0 if lang == "zh" else 1
    figures = gather_duplicates(report.found)
    block = [(text("date", lang), report.date)]
    if report.rulebook_title:
        block.append((text("rulebook", lang), report.rulebook_title))
    block.append((text("sight", lang), text("sight_open" if figures["open_field"] else "sight_blocked", lang)))
    small = report.smallest
    sections = [
        {
            "title": text("duplicates", lang),
            "total": figures["proposed"],
            "rows": [
                [text("certain_count", lang), str(figures["certain"])],
                [text("possible_count", lang), str(figures["possible"])],
                [text("saving_sum", lang), format_number(figures["saving"], lang)],
                [text("smallest_count", lang), str(small.number)],
                [text("bound", lang), str(small.bound)],
            ],
        },
        {
            "title": text("f_action", lang),
            "rows": [[terms.label(terms.ACTIONS, k, lang), str(n)] for k, n in figures["by_action"].items()],
        },
    ]
    return {
        "lang": lang,
        "name": report.name,
        "mark": report.classification,
        "sub": text("duplicates_map", lang),
        "hint": text("restricted_hint", lang),
        "block": block,
        "notes": _notes(report, lang),
        "figures": sections,
        "words": {key: words[which] for key, words in TEXTS.items()} | {"find_cell": text("find_camera", lang)},
        "colours": palette.BASE | {"priority": palette.PRIORITY, "camera": palette.CAMERA, "view": palette.VIEW_END},
    }


def _near(report: DuplicateReport) -> gpd.GeoDataFrame:
    """Return the existing cameras near to any proposal."""
    points = report.proposed.geometry.to_numpy()
    near = shapely.STRtree(points).query(report.existing.geometry.to_numpy(), predicate="dwithin", distance=NEAR)
    return report.existing.iloc[np.unique(near[0])]


def _plain(found: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the table with plain types, for formats that know no others."""
    ints = {name: found[name].astype("float64") for name in found.columns if str(found[name].dtype) == "Int64"}
    flags = {name: found[name].astype("object") for name in found.columns if str(found[name].dtype) == "boolean"}
    return found.assign(**ints, **{name: values.fillna(False).astype(bool) for name, values in flags.items()})
