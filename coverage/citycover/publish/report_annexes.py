"""Write the report's annexes: point table, gaps, notices, duplicates, comments, indoor checklist, notes, data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from citycover import terms
from citycover.audit.catalogue import load_catalogue
from citycover.publish.comments import comment_rows
from citycover.publish.figures import figures_of
from citycover.publish.report_blocks import Block, Chapter, Sheet, pick, say_number
from citycover.publish.report_plan import text_of
from citycover.publish.results import Results
from citycover.publish.static_maps import duplicates_of, sites_of
from citycover.publish.wording import header, text
from citycover.terms import Lang

MOST_ROWS = 100
"""Rows of an annex; the rest is in the workbook, which the annex says. The point table is never cut."""

POINT_COLUMNS = (
    *(
        "site_id",
        "name",
        "nature",
        "phase",
        "builder",
        "district",
        "lon",
        "lat",
        "support",
        "direction",
        "mount_height",
    ),
    *("device_class", "purpose", "articles", "cost", "survey"),
)
_GAP_COLUMNS = (
    "gap_id",
    "name",
    "article",
    "kind",
    "component",
    "size",
    "unit",
    "builder",
    "reason",
    "priority",
    "district",
)
_NOTICE_COLUMNS = (
    "builder",
    "name",
    "articles",
    "points",
    "metres",
    "square_metres",
    "needs_record",
    "department",
    "district",
)
_DUPLICATE_COLUMNS = ("camera_a", "camera_b", "standing", "action", "reason", "saving", "department")
_INDOOR_COLUMNS = ("name", "part", "what", "place_id")
_CAMERA_TYPES: dict[str, terms.Label] = {
    "fixed": ("固定", "fixed"),
    "dome": ("半球", "dome"),
    "ptz": ("云台", "pan-tilt"),
    "panoramic": ("全景", "panoramic"),
}
_WORDS: dict[str, Mapping[str, terms.Label]] = {
    "nature": getattr(terms, "NATURES", {}),
    "support": getattr(terms, "SUPPORTS", {}),
    "survey": getattr(terms, "SURVEYS", {}),
    "device_class": {name: found.label for name, found in load_catalogue().classes.items()},
    "builder": terms.BUILDERS,
    "kind": terms.KINDS,
    "component": terms.COMPONENTS,
    "unit": terms.UNITS,
    "reason": terms.GAP_REASONS | terms.DUPLICATE_REASONS,
    "standing": terms.DUPLICATE_STANDINGS,
    "action": terms.ACTIONS,
    "part": terms.PARTS,
    "purpose": terms.PURPOSES,
    "needs_record": terms.RECORD_FACTS,
    "remedy": terms.REMEDIES,
    "camera_type": _CAMERA_TYPES,
    "level": terms.CONFLICT_LEVELS,
}


_LISTS = ("articles", "builder_article", "article")
"""Columns whose cells are lists joined by ``;``."""


def write_annexes(results: Results, lang: Lang) -> list[Chapter]:
    """Return the annexes in their order; the point table stands first, also while it is empty."""
    titles = {
        "points": ("点位表", "point table"),
        "gap_list": ("缺口清单", "gaps"),
        "notice_list": ("建设责任主体待办清单", "notices to builders"),
        "duplicate_list": ("重复建设核查清单", "duplicates"),
        "comments": ("征求意见及答复表", "comments and answers"),
        "indoor": ("室内核查清单", "indoor checklist"),
        "assumptions": ("假设与说明", "assumptions and notes"),
        "data": ("数据来源与质量", "sources and quality of data"),
    }
    writers = {
        "points": _points(results, lang),
        "gap_list": _gap_list(results, lang),
        "notice_list": _notice_list(results, lang),
        "duplicate_list": _duplicate_list(results, lang),
        "comments": _comments(results, lang),
        "indoor": _indoor(results, lang),
        "assumptions": _assumptions(results, lang),
        "data": _data(results, lang),
    }
    which = 0 if lang == "zh" else 1
    return [
        Chapter(key, pick(lang, f"附件{i}　{titles[key][which]}", f"Annex {i}: {titles[key][which]}"), tuple(blocks))
        for i, (key, blocks) in enumerate(writers.items(), start=1)
    ]


def list_sheet(
    key: str,
    title: str,
    rows: pd.DataFrame,
    columns: Sequence[str],
    lang: Lang,
    *,
    says: str,
    unit: str,
    cut: bool = True,
    source: str = "",
) -> Sheet:
    """Return rows of a table in words, at most :data:`MOST_ROWS` unless it must be whole; what was cut is said."""
    shown = [column for column in columns if column in rows.columns]
    total = len(rows)
    if cut and total > MOST_ROWS:
        rows = rows.head(MOST_ROWS)
        says = says.rstrip("。. ") + pick(
            lang,
            f"；此处列前 {MOST_ROWS} 行，全部 {total} 行见工作簿。",
            f"; the first {MOST_ROWS} of {total} rows, all are in the workbook.",
        )
    cells = [cells_of(rows[column], column, lang) for column in shown]
    numbers = frozenset(i for i, column in enumerate(shown) if pd.api.types.is_numeric_dtype(rows[column].dtype))
    heads = tuple(header(column, lang) for column in shown)
    body = tuple(zip(*cells, strict=True)) if len(rows) else ()
    return Sheet(key, title, unit, heads, body, says, source or pick(lang, "本次测算", "this study"), numbers)


def cells_of(values: pd.Series, column: str, lang: Lang) -> list[str]:
    """Return the cells of a column in words: terms by their label, numbers as people read them, unknown empty."""
    words = _WORDS.get(column, {})
    if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(values.dtype):
        digits = 6 if column in ("lon", "lat") else None
        return [
            "" if pd.isna(value) else (f"{value:.{digits}f}" if digits else say_number(value, lang))
            for value in values.astype("float64")
        ]
    empty = text("unnamed", lang) if column == "name" else ""
    between = pick(lang, "、", ", ")
    return [
        empty
        if pd.isna(value)
        else (
            terms.label_all(words, str(value), lang)
            if words
            else str(value).replace(";", between if column in _LISTS else ";")
        )
        for value in values.astype("object")
    ]


def _points(results: Results, lang: Lang) -> list[Block]:
    sites = sites_of(results)
    told = list(POINT_COLUMNS)
    rows = pd.DataFrame(sites).reindex(columns=told) if sites.empty else pd.DataFrame(sites)
    if results.plan is not None and results.plan.devices:
        names = {key: label[0 if lang == "zh" else 1] for key, label in results.plan.devices.items()}
        rows = rows.assign(device_class=rows["device_class"].map(names).fillna(rows["device_class"]))
    says = (
        pick(
            lang,
            "本草案尚未生成拟建点位，表式如下，点位确定后填列。",
            "No sites are proposed yet; the form stands here to be filled.",
        )
        if sites.empty
        else pick(
            lang,
            f"拟建点位共 {len(sites)} 个，编号在各稿之间保持不变。",
            f"{len(sites)} sites; their ids stay from draft to draft.",
        )
    )
    unit = pick(lang, "个；米；元；度（WGS-84）", "sites; m; yuan; degrees (WGS-84)")
    sheet = list_sheet("points", pick(lang, "点位表", "Point table"), rows, told, lang, says=says, unit=unit, cut=False)
    return [sheet]


def _gap_list(results: Results, lang: Lang) -> list[Block]:
    gaps = results.gaps.assign(
        builder=results.gaps["builder"].fillna("review"),
        articles=results.gaps["article"].fillna("") + results.gaps["item"].fillna(""),
    )
    rows = pd.DataFrame(gaps).sort_values("priority", ascending=False, kind="stable", na_position="last")
    if rows.empty:
        return [pick(lang, "未发现缺口。", "No gap was found.")]
    says = pick(lang, f"缺口共 {len(rows)} 个，按优先级由高到低排列。", f"{len(rows)} gaps, the most urgent first.")
    unit = pick(lang, "米、平方米、处（见各行）", "m, m², points (see the row)")
    return [list_sheet("gap_list", pick(lang, "缺口清单", "Gaps"), rows, _GAP_COLUMNS, lang, says=says, unit=unit)]


def _notice_list(results: Results, lang: Lang) -> list[Block]:
    rows = results.notices
    if rows.empty:
        return [pick(lang, "没有待办事项。", "There are no notices.")]
    says = pick(
        lang, f"按场所和建设责任主体归并的待办共 {len(rows)} 项。", f"{len(rows)} notices, one per place and builder."
    )
    unit = pick(lang, "处、米、平方米（见表头）", "points, m, m² (see the headers)")
    return [
        list_sheet("notice_list", pick(lang, "待办清单", "Notices"), rows, _NOTICE_COLUMNS, lang, says=says, unit=unit)
    ]


def _duplicate_list(results: Results, lang: Lang) -> list[Block]:
    rows = duplicates_of(results)
    if rows.empty:
        return [pick(lang, "本次未提供拟建清单，无核查结论。", "No list of proposed cameras was given.")]
    says = pick(
        lang, f"拟建摄像机 {len(rows)} 台的核查结论逐台列出。", f"The finding on each of {len(rows)} proposed cameras."
    )
    return [
        list_sheet(
            "duplicate_list",
            pick(lang, "重复建设核查清单", "Duplicates"),
            pd.DataFrame(rows),
            _DUPLICATE_COLUMNS,
            lang,
            says=says,
            unit=pick(lang, "元", "yuan"),
        )
    ]


def _comments(results: Results, lang: Lang) -> list[Block]:
    rows = comment_rows(results)
    says = pick(
        lang,
        f"涉及单位 {len(rows)} 个，请逐条填写意见，由编制单位填写采纳情况和理由。",
        f"{len(rows)} departments are asked; the drafter answers each comment.",
    )
    return [
        list_sheet(
            "comments",
            pick(lang, "征求意见及答复表", "Comments and answers"),
            rows,
            tuple(rows.columns),
            lang,
            says=says,
            unit=pick(lang, "条", "rows"),
            source=pick(lang, "各单位反馈", "answers of the departments"),
        )
    ]


def _indoor(results: Results, lang: Lang) -> list[Block]:
    if results.indoor.empty:
        return [pick(lang, "没有需现场核查的室内部位。", "No indoor parts are to be checked.")]
    says = pick(
        lang,
        f"平面分析不能判断的室内部位 {len(results.indoor)} 处，须现场核查。",
        f"{len(results.indoor)} indoor parts must be checked on site.",
    )
    return [
        list_sheet(
            "indoor",
            pick(lang, "室内核查清单", "Indoor checklist"),
            results.indoor,
            _INDOOR_COLUMNS,
            lang,
            says=says,
            unit=pick(lang, "处", "parts"),
        )
    ]


def _assumptions(results: Results, lang: Lang) -> list[Block]:
    which = 0 if lang == "zh" else 1
    end = pick(lang, "。", ".")
    return [f"{i}. {note[which].rstrip('。.')}{end}" for i, note in enumerate(results.notes, start=1)] or [
        pick(lang, "无。", "None.")
    ]


def _data(results: Results, lang: Lang) -> list[Block]:
    files = tuple((name, digest[:16] + "…") for name, digest in results.inputs.items())
    blocks: list[Block] = [
        Sheet(
            "inputs",
            pick(lang, "输入资料", "Inputs"),
            pick(lang, "个", "files"),
            (text("input_file", lang), pick(lang, "校验值（sha256，前16位）", "sha256, first 16 digits")),
            files,
            pick(lang, f"本次使用资料文件 {len(files)} 个。", f"{len(files)} files were read."),
            pick(lang, "规划部门提供；OpenStreetMap", "the planner's files; OpenStreetMap"),
        )
    ]
    missing = results.completeness
    if len(missing):
        rows = tuple(
            (
                text_of(matter, lang),
                say_number(found, lang),
                say_number(expected, lang),
                terms.label(terms.COMPLETENESS_STANDINGS, standing, lang),
            )
            for matter, found, expected, standing in zip(
                missing["matter"], missing["found"], missing["expected"], missing["standing"], strict=True
            )
        )
        likely = int((missing["standing"] == "likely_missing").sum())
        blocks.append(
            Sheet(
                "completeness",
                pick(lang, "地图资料的完整性", "Completeness of the map"),
                pick(lang, "处；%（见各行）", "places; % (see the row)"),
                (
                    text("matter", lang),
                    header("found", lang),
                    header("expected", lang),
                    header("completeness_standing", lang),
                ),
                rows,
                pick(
                    lang,
                    f"按城镇规模推算，{likely} 项很可能缺漏；图上没有不等于实地没有。",
                    f"{likely} matters are likely missing on the map, which does not mean on the ground.",
                ),
                pick(lang, "OpenStreetMap；缺省推算", "OpenStreetMap; defaults of ours"),
                frozenset({1, 2}),
            )
        )
    rejects = figures_of(results)["rejects"]
    blocks.append(
        pick(
            lang,
            f"因坐标、编码等错误未使用的行和对象 {rejects['total']} 个，原因逐条列于工作簿“剔除”表。",
            f"{rejects['total']} rows and objects could not be used; each reason is in the workbook.",
        )
    )
    return blocks
