"""Write what the plan brings and how far it may be from the best: its part of the report's chapter on the plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citycover import terms
from citycover.publish.figures import figures_of
from citycover.publish.report_blocks import Block, Heading, Sheet, join_names, pick, say_number
from citycover.publish.results import Results
from citycover.publish.summary import format_share
from citycover.terms import Lang


def write_promise(results: Results, lang: Lang) -> list[Block]:
    """Return heading, tables and sentences on the plan's effect, money by phase and limits; nothing without a plan."""
    plan: Mapping[str, Any] | None = figures_of(results).get("plan")
    if not plan:
        return []
    which = 0 if lang == "zh" else 1
    drafters = join_names(plan["drafters"], lang) or pick(lang, "（未填写）", "(not named)")
    state = terms.PLAN_STATES[plan["state"]][which]
    blocks: list[Block] = [
        Heading(pick(lang, "（三）方案的效果", "7.3 What the plan brings")),
        pick(
            lang,
            f"本方案为{state}（第 {plan['version']} 版），起草单位：{drafters}"
            + (f"，批准：{plan['approver']}。" if plan["approver"] else "，尚未批准。"),
            f"State: {state}, version {plan['version']}, drafted by {drafters}"
            + (f", approved by {plan['approver']}." if plan["approver"] else ", not approved yet."),
        ),
    ]
    promise = {unit: row for unit, row in plan["promise"].items() if row["required"]}
    if promise:
        blocks.append(_promise(promise, lang))
    if plan["phases"]:
        blocks.append(_phases(plan, lang))
    blocks += [
        pick(
            lang,
            f"拟建点位建成后，录像按方案设定的保存期限约需存储 {say_number(plan['storage_tb'], lang)} TB，"
            f"视频上传约需带宽 {say_number(plan['mbps'], lang)} Mbit/s；按辖区和阶段的分列见工作簿。",
            f"The sites need about {say_number(plan['storage_tb'], lang)} TB of storage and "
            f"{say_number(plan['mbps'], lang)} Mbit/s; by district and phase in the workbook.",
        ),
        pick(
            lang,
            f"点位从 {plan['candidates']} 个候选中选出，因与禁止安装的规定冲突而剔除 {plan['rejected']} 个。方案按规模、单位和优先级折算的"
            f"价值计，与同一批候选点位的理论上限相差至多 {format_share(plan['optimality_gap'], lang)}；"
            "换用其他候选、单价或者权重，结果可能不同。",
            f"The sites were chosen among {plan['candidates']} candidates; {plan['rejected']} were left out for conflicts "
            f"with bans. By worth the plan is at most {format_share(plan['optimality_gap'], lang)} below the best of these.",
        ),
    ]
    return blocks


def _promise(promise: Mapping[str, Mapping[str, float]], lang: Lang) -> Sheet:
    rows = tuple(
        (
            terms.label(terms.UNITS, unit, lang),
            *(say_number(row[name], lang) for name in ("required", "seen_before", "seen_after")),
            format_share(row["share_before"], lang),
            format_share(row["share_after"], lang),
        )
        for unit, row in promise.items()
    )
    said = [
        pick(
            lang,
            f"按{terms.label(terms.UNITS, unit, lang)}计由 {format_share(row['share_before'], lang)} 提高到 {format_share(row['share_after'], lang)}",
            f"{terms.label(terms.UNITS, unit, lang)} from {format_share(row['share_before'], lang)} to {format_share(row['share_after'], lang)}",
        )
        for unit, row in promise.items()
    ]
    return Sheet(
        "promise",
        pick(lang, "方案实施前后的覆盖（政府和公安机关应覆盖部分）", "Coverage before and after the plan"),
        pick(lang, "米、平方米、处（见各行）；%", "m, m², points (see the row); %"),
        (
            pick(lang, "计量单位", "unit"),
            pick(lang, "应覆盖", "required"),
            pick(lang, "实施前可见", "seen before"),
            pick(lang, "实施后可见", "seen after"),
            pick(lang, "实施前", "share before"),
            pick(lang, "实施后", "share after"),
        ),
        rows,
        pick(
            lang,
            f"方案实施后，政府和公安机关应覆盖部分的覆盖率（最低值）{'，'.join(said)}；"
            "起点含已批准和在建的摄像机，不含已知未联网的，因此与第三章的现状数字口径不同",
            f"Of what government and police must cover, seen for sure: {'; '.join(said)}. The start holds approved "
            "cameras and leaves out unconnected ones, unlike the figures of chapter 3",
        ),
        pick(lang, "本次测算；点位表（附件1）", "this study; point table (annex 1)"),
        frozenset({1, 2, 3, 4, 5}),
    )


def _phases(plan: Mapping[str, Any], lang: Lang) -> Sheet:
    rows = [
        (
            str(row["phase"]),
            str(row["year"]),
            say_number(row["sites"], lang),
            f"{row['budget']:,.0f}",
            f"{row['spent']:,.0f}",
            format_share(row["optimality_gap"], lang),
        )
        for row in plan["phases"]
    ]
    budget, spent = (sum(row[name] for row in plan["phases"]) for name in ("budget", "spent"))
    rows.append(
        (
            pick(lang, "合计", "total"),
            "",
            say_number(sum(row["sites"] for row in plan["phases"]), lang),
            f"{budget:,.0f}",
            f"{spent:,.0f}",
            "",
        )
    )
    return Sheet(
        "phases",
        pick(lang, "分期安排", "Phases"),
        pick(lang, "个；元；%", "sites; yuan; %"),
        (
            pick(lang, "阶段", "phase"),
            pick(lang, "年度", "year"),
            pick(lang, "点位", "sites"),
            pick(lang, "预算", "budget"),
            pick(lang, "使用", "spent"),
            pick(lang, "与上限相差至多", "below the bound by at most"),
        ),
        tuple(rows),
        pick(
            lang,
            f"方案分 {len(plan['phases'])} 期实施，预算 {budget:,.0f} 元，安排 {spent:,.0f} 元",
            f"Of {budget:,.0f} yuan {spent:,.0f} are used, in {len(plan['phases'])} phase(s)",
        ),
        pick(lang, "规划部门给定的预算；本次测算", "the planner's budget; this study"),
        frozenset({2, 3, 4, 5}),
        bold_last=True,
    )
