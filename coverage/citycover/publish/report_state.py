"""Write the report's chapters on the present state, and on demand and gaps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from citycover import terms
from citycover.publish.figures import figures_of, is_undecided, items_of
from citycover.publish.map_themes import item_order
from citycover.publish.report_blocks import (
    Block,
    Chapter,
    Heading,
    Picture,
    Sheet,
    count_sheet,
    join_names,
    most,
    pick,
    say_key,
    say_number,
    say_sizes,
    share_heads,
    share_rows,
    size_heads,
)
from citycover.publish.results import Results
from citycover.publish.static_maps import Ground, draw_panels, draw_picture
from citycover.publish.summary import format_share
from citycover.publish.wording import text
from citycover.terms import Lang

MOST_DISTRICT_MAPS = 12
"""Maps of single districts in the report; the atlas has them all."""


def write_state(results: Results, lang: Lang, ground: Ground) -> Chapter:
    """Return the chapter on the cameras that are there and on what they see."""
    figures = figures_of(results)
    cameras = figures["cameras"]
    registers = pick(lang, "各部门摄像机登记资料", "registers of cameras")
    measured = pick(lang, "据登记资料和 OpenStreetMap 测算", "measured from the registers and OpenStreetMap")
    if not cameras["total"]:
        none = pick(
            lang,
            "本次未取得摄像机登记资料，现状未作分析。",
            "No register of cameras was given: the present state is unknown.",
        )
        return Chapter("state", pick(lang, "三、现状分析", "3. Present state"), (none,))
    by, unit = cameras["by_counts"], pick(lang, "条（登记）", "rows of the registers")
    blocks: list[Block] = [
        Heading(pick(lang, "（一）摄像机数量与构成", "3.1 Cameras")),
        pick(
            lang,
            f"登记摄像机 {cameras['total']} 条，折合 {cameras['devices']} 台。其中位置和方位明确、在用且可计入覆盖的 {by['yes']} 条；"
            f"方位未知、仅计入期望值与最高值的 {by['range']} 条；停用、室内、重复登记等不计入的 {by['no']} 条。",
            f"The registers hold {cameras['total']} rows, which stand for {cameras['devices']} cameras: {by['yes']} "
            f"count, {by['range']} of unknown direction count in the expected and high figures, {by['no']} do not.",
        ),
        count_sheet(
            "cameras_by_department",
            pick(lang, "登记摄像机按使用部门构成", "Cameras by department"),
            pick(lang, "使用部门", "department"),
            cameras["by_department"],
            lang,
            says=pick(
                lang,
                f"登记摄像机主要由{join_names([say_key(k, None, lang) for k in most(cameras['by_department'])], lang)}使用。",
                f"Most cameras are used by {join_names([say_key(k, None, lang) for k in most(cameras['by_department'])], lang)}.",
            ),
            source=registers,
            unit=unit,
        ),
        count_sheet(
            "cameras_by_owner",
            pick(lang, "登记摄像机按所有者类别构成", "Cameras by class of owner"),
            pick(lang, "所有者类别", "class of owner"),
            cameras["by_owner_class"],
            lang,
            labels=terms.OWNER_CLASSES,
            says=pick(
                lang,
                "政府和公安建设的摄像机与社会单位建设的摄像机分列，后者面向公共区域的可通过联网利用。",
                "Public and private cameras are told apart: private ones that look at public ground may be connected.",
            ),
            source=registers,
            unit=unit,
        ),
        _state_of_service(results, lang, registers, unit),
        Picture(
            "map_cameras",
            pick(lang, "登记摄像机分布", "Cameras"),
            pick(
                lang, "登记摄像机的分布及其是否计入覆盖如图所示。", "Where the cameras stand, and whether they count."
            ),
            pick(lang, f"{registers}；© OpenStreetMap contributors", f"{registers}; © OpenStreetMap contributors"),
            lambda: draw_picture(results, ground, ("cameras",), lang=lang),
        ),
        Heading(pick(lang, "（二）覆盖情况", "3.2 Coverage")),
    ]
    if "seen" in figures:
        blocks.append(_headline(figures["seen"], lang, measured))
    by_item = dict(sorted(figures.get("coverage_by_item", {}).items(), key=lambda pair: item_order(pair[0])))
    if by_item:
        blocks.append(
            Sheet(
                "coverage_by_item",
                pick(lang, "覆盖率（按条款，义务逐项计）", "Coverage by item, once per duty"),
                pick(lang, "米、平方米、处（见各行）", "m, m², points (see the row)"),
                share_heads(pick(lang, "条款", "item"), lang),
                share_rows(by_item, lang),
                pick(
                    lang,
                    "各条款的覆盖率差异较大，期望值为现状的估计，最高值为上限。",
                    "Shares differ by item; the high one is a bound.",
                ),
                measured,
                frozenset({2, 3, 4, 5}),
            )
        )
    if figures.get("coverage_by_district"):
        blocks.append(
            Sheet(
                "coverage_by_district",
                pick(lang, "覆盖率（按辖区，每个目标计一次）", "Coverage by district, each target once"),
                pick(lang, "米、平方米、处（见各行）", "m, m², points (see the row)"),
                share_heads(text("district", lang), lang),
                share_rows(figures["coverage_by_district"], lang),
                pick(
                    lang,
                    "各辖区的覆盖率如表所示，合计与总体覆盖率一致。",
                    "Coverage by district; the rows add up to the whole.",
                ),
                measured,
                frozenset({2, 3, 4, 5}),
            )
        )
    return Chapter("state", pick(lang, "三、现状分析", "3. Present state"), (*blocks, *_problems(figures, lang)))


def write_gaps(results: Results, lang: Lang, ground: Ground) -> Chapter:
    """Return the chapter on gaps by builder, item, district and cause, with maps."""
    gaps = figures_of(results)["gaps"]
    measured = pick(lang, "本次测算；明细见附件2及工作簿“缺口”表", "this study; rows in annex 2 and in the workbook")
    mapped = pick(lang, "本次测算；© OpenStreetMap contributors", "this study; © OpenStreetMap contributors")
    mixed = pick(lang, "个；规模按米、平方米、处分列", "gaps; sizes in m, m², points")
    blocks: list[Block] = [
        pick(
            lang,
            f"对照应建清单，现状未按要求覆盖的缺口共 {gaps['total']} 个，涉及场所 {gaps['places']} 处；其中义务明确的 {gaps['decided']} 个，"
            f"义务尚待认定的 {gaps['undecided']} 个。同一地点属于数项义务的，按义务分别计。以下各表仅统计义务明确的缺口。",
            f"{gaps['total']} gaps lie in {gaps['places']} places; {gaps['decided']} belong to settled duties, "
            f"{gaps['undecided']} to undecided ones. Ground that several duties demand counts for each. The tables below "
            "hold the settled ones.",
        )
    ]
    if not gaps["decided"]:
        return Chapter("gaps", pick(lang, "四、需求与缺口", "4. Demand and gaps"), tuple(blocks))
    groups = (
        (
            "builder",
            pick(lang, "（一）按建设责任主体", "4.1 By builder"),
            text("builder", lang),
            gaps["by_builder"],
            terms.BUILDERS,
        ),
        ("item", pick(lang, "（二）按条款", "4.2 By item"), pick(lang, "条款", "item"), gaps["by_item"], None),
        ("district", pick(lang, "（三）按辖区", "4.3 By district"), text("district", lang), gaps["by_district"], None),
    )
    for key, heading, head, rows, labels in groups:
        blocks.append(Heading(heading))
        blocks.append(
            _size_sheet(
                f"gaps_by_{key}", heading.partition("）")[2] or heading[4:], head, rows, labels, lang, measured, mixed
            )
        )
        if key == "builder":
            blocks.append(
                Picture(
                    "map_gaps",
                    pick(lang, "缺口分布", "Gaps"),
                    pick(lang, "缺口的分布及优先级如图所示。", "Where the gaps lie, and how urgent they are."),
                    mapped,
                    lambda: draw_picture(results, ground, ("gaps",), lang=lang),
                )
            )
        elif key == "item":
            blocks.append(
                Picture(
                    "map_gaps_by_item",
                    pick(lang, "缺口分布（按条款）", "Gaps by item"),
                    pick(lang, "各条款缺口的分布如图所示。", "Where the gaps of each item lie."),
                    mapped,
                    lambda: draw_panels(results, ground, _panels(results), lang=lang),
                )
            )
        else:
            blocks += _district_maps(results, lang, ground, gaps["by_district"], mapped)
    blocks += [
        Heading(pick(lang, "（四）未覆盖的原因", "4.4 Why")),
        count_sheet(
            "gaps_by_reason",
            pick(lang, "缺口按原因（含义务待认定）", "Gaps by cause (undecided duties included)"),
            pick(lang, "原因", "cause"),
            gaps["by_reason"],
            lang,
            labels=terms.GAP_REASONS,
            says=pick(
                lang,
                f"缺口的首要原因是{say_key(most(gaps['by_reason'], 1)[0], terms.GAP_REASONS, lang)}，"
                "其中属于遮挡、方位或者用途不符的，宜先核查和调整现有设备，再考虑新建。",
                f"The first cause is: {say_key(most(gaps['by_reason'], 1)[0], terms.GAP_REASONS, lang)}. Where sight is "
                "blocked or cameras look elsewhere, existing devices come before new ones.",
            ),
            source=measured,
            unit=pick(lang, "个", "gaps"),
        ),
    ]
    return Chapter("gaps", pick(lang, "四、需求与缺口", "4. Demand and gaps"), tuple(blocks))


def _headline(seen: Mapping[str, Mapping[str, float]], lang: Lang, source: str) -> Sheet:
    rows = tuple(
        (
            terms.label(terms.UNITS, unit, lang),
            say_number(seen[unit]["required"], lang),
            *(format_share(seen[unit][f"share_{end}"], lang) for end in ("low", "expected", "high")),
        )
        for unit in terms.UNITS
        if unit in seen
    )
    parts = [
        f"{terms.label(terms.UNITS, unit, lang)} {format_share(seen[unit]['share_expected'], lang)}"
        for unit in terms.UNITS
        if unit in seen
    ]
    return Sheet(
        "coverage",
        pick(lang, "总体覆盖率（每个目标计一次，不含待认定义务）", "Coverage, each target once, settled duties"),
        pick(lang, "米、平方米、处（见各行）", "m, m², points (see the row)"),
        share_heads("", lang)[1:],
        rows,
        pick(
            lang,
            f"按要求可见的目标，期望覆盖率为{'、'.join(parts)}。",
            f"Expected shares of targets seen as required: {', '.join(parts)}.",
        ),
        source,
        frozenset({1, 2, 3, 4}),
    )


def _state_of_service(results: Results, lang: Lang, source: str, unit: str) -> Sheet:
    cameras = figures_of(results)["cameras"]
    asked = (
        (pick(lang, "已联网", "connected"), cameras["networked"]),
        (pick(lang, "录像保存 30 日以上", "kept 30 days or more"), cameras["retention_30"]),
    )
    status = cameras["by_status"]
    rows = tuple((name, *(say_number(row[key], lang) for key in ("yes", "no", "unknown"))) for name, row in asked)
    off = pick(lang, "、", ", ").join(
        f"{terms.label(terms.STATUSES, key, lang)} {n}"
        for key, n in status.items()
        if key not in ("in_use", "accepted")
    )
    return Sheet(
        "cameras_in_service",
        pick(lang, "联网与录像保存情况", "Connection and retention"),
        unit,
        (pick(lang, "事项", "matter"), pick(lang, "是", "yes"), pick(lang, "否", "no"), text("unknown", lang)),
        rows,
        pick(
            lang,
            f"登记为已联网的 {cameras['networked']['yes']} 条，未联网的 {cameras['networked']['no']} 条"
            + (f"；不在用的情况为：{off}。" if off else "。"),
            f"{cameras['networked']['yes']} rows are connected, {cameras['networked']['no']} are not"
            + (f"; not in use: {off}." if off else "."),
        ),
        source,
        frozenset({1, 2, 3}),
    )


def _problems(figures: Mapping[str, Any], lang: Lang) -> list[Block]:
    """Return the suspected breaches of the regulation that the registers show."""
    found = figures.get("breaches")
    if not found or not found["total"]:
        return []
    return [
        Heading(pick(lang, "（三）登记资料反映的问题", "3.3 What the registers show")),
        count_sheet(
            "breaches",
            pick(lang, "合规疑点（均为疑似，待核实）", "Suspected breaches, to be verified"),
            pick(lang, "疑点", "suspicion"),
            found["by_clause"],
            lang,
            labels=terms.BREACHES,
            says=pick(
                lang,
                f"登记资料反映合规疑点 {found['total']} 项，涉及 {found['cameras']} 条登记，均须核实后方可认定。",
                f"The registers raise {found['total']} suspicions in {found['cameras']} rows; each must be verified first.",
            ),
            source=pick(lang, "登记资料与规章条款比对", "registers held against the regulation"),
            unit=pick(lang, "项", "findings"),
        ),
    ]


def _size_sheet(
    key: str,
    title: str,
    head: str,
    rows: Mapping[str, Mapping[str, float]],
    labels: Mapping[str, terms.Label] | None,
    lang: Lang,
    source: str,
    unit: str,
) -> Sheet:
    order = sorted(rows, key=item_order) if key == "gaps_by_item" else list(rows)
    body = [(say_key(name, labels, lang), *say_sizes(rows[name], lang)) for name in order]
    total = {"gaps": sum(row["gaps"] for row in rows.values())}
    total |= {unit_: sum(row.get(unit_, 0.0) for row in rows.values()) for unit_ in terms.UNITS}
    body.append((pick(lang, "合计", "total"), *say_sizes(total, lang)))
    first = most({name: int(row["gaps"]) for name, row in rows.items()}, 1)[0]
    share = format_share(rows[first]["gaps"] / total["gaps"], lang)
    says = pick(
        lang,
        f"{title}统计，缺口最多的是{say_key(first, labels, lang)}，{int(rows[first]['gaps'])} 个，占 {share}。",
        f"{title}: most gaps ({int(rows[first]['gaps'])}, {share}) are of: {say_key(first, labels, lang)}.",
    )
    heads = (head, *size_heads(lang))
    return Sheet(
        key,
        pick(lang, f"缺口统计（{title}）", f"Gaps {title.lower()}"),
        unit,
        heads,
        tuple(body),
        says,
        source,
        frozenset({1, 2, 3, 4}),
        True,
    )


def _panels(results: Results) -> list[tuple[str, pd.Series]]:
    """Return for each item which gaps of settled duties are its own."""
    clauses, settled = items_of(results.gaps), ~is_undecided(results.gaps)
    return [(name, (clauses == name) & settled) for name in sorted(set(clauses[settled]), key=item_order)]


def _district_maps(
    results: Results, lang: Lang, ground: Ground, counts: Mapping[str, Mapping[str, float]], source: str
) -> list[Block]:
    """Return one map for each of the districts with most gaps."""
    shapes = ground.districts.dropna(subset=["name"]).drop_duplicates("name").set_index("name").geometry
    told = [name for name in counts if name in shapes.index]
    chosen = [
        name for name in most({name: int(counts[name]["gaps"]) for name in told}, MOST_DISTRICT_MAPS) if len(told) > 1
    ]

    def figure(name: str) -> Picture:
        n = int(counts[name]["gaps"])
        return Picture(
            f"map_district_{name}",
            pick(lang, f"{name}缺口分布", f"Gaps in {name}"),
            pick(lang, f"{name}义务明确的缺口 {n} 个，分布如图所示。", f"{name} has {n} gaps of settled duties."),
            source,
            lambda: draw_picture(
                results,
                ground,
                ("gaps", "cameras"),
                lang=lang,
                bounds=shapes[name].bounds,
                focus=shapes[name],
                title=name,
            ),
        )

    blocks: list[Block] = [figure(name) for name in chosen]
    if len(told) > len(chosen) and chosen:
        blocks.append(
            pick(
                lang,
                f"其余 {len(told) - len(chosen)} 个辖区见图册。",
                f"The other {len(told) - len(chosen)} districts are in the atlas.",
            )
        )
    return blocks
