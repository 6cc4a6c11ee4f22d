"""Write the report's chapters on aims, plan, organisation, privacy and secrecy, and risks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from citycover import terms
from citycover.law.regulation import DEADLINE_KINDS
from citycover.publish.figures import figures_of
from citycover.publish.map_themes import item_order
from citycover.publish.report_blocks import (
    Block,
    Chapter,
    Heading,
    Picture,
    Sheet,
    count_sheet,
    join_names,
    pick,
    say_alike,
    say_key,
    say_number,
)
from citycover.publish.report_promise import write_promise
from citycover.publish.results import Results
from citycover.publish.static_maps import Ground, draw_picture, sites_of
from citycover.publish.summary import format_share
from citycover.publish.wording import text
from citycover.terms import Lang


def write_aims(results: Results, lang: Lang) -> Chapter:
    """Return the chapter on what is to be reached: the shares that the regulation asks for against those of today."""
    figures = figures_of(results)
    blocks: list[Block] = [
        pick(
            lang,
            "总体目标：规章规定应当建设的区域、场所和部位，在规定清晰度下实现全覆盖；能够通过联网、维修、升级和调整方向解决的，"
            "不新建；新建点位以最少数量覆盖最多缺口。",
            "What the regulation names is to be seen as sharply as required. Connecting, mending and turning come before "
            "building; new sites close the most for the least.",
        ),
        pick(
            lang,
            "国家发展改革委等部门2015年文件（发改高技〔2015〕996号）提出的重点公共区域覆盖率100%、完好率98%和重点行业涉及公共区域完好率95%，"
            "可作为分阶段目标的参考（转引，未核对原件）。",
            "As a reference: the 2015 document of nine ministries (996) asks for 100 % of key public areas and intact "
            "rates of 98 % and 95 % (second-hand, the original was not opened).",
        ),
    ]
    rows = []
    for item, by_unit in sorted(figures.get("coverage_by_item", {}).items(), key=lambda pair: item_order(pair[0])):
        for unit in (u for u in terms.UNITS if u in by_unit):
            row = by_unit[unit]
            share = row["seen_expected"] / row["required"] if row["required"] else None
            rows.append((item, terms.label(terms.UNITS, unit, lang), format_share(share, lang), "100.0 %"))
    if rows:
        blocks.append(
            Sheet(
                "aims",
                pick(lang, "覆盖目标（按条款）", "Aims by item"),
                pick(lang, "覆盖率，%", "share, %"),
                (
                    pick(lang, "条款", "item"),
                    text("unit", lang),
                    pick(lang, "现状（期望）", "today, expected"),
                    pick(lang, "目标", "aim"),
                ),
                tuple(rows),
                pick(
                    lang,
                    "目标值为规章的要求，分年度目标由联席会议结合财力和实施条件确定。",
                    "The aim is what the regulation asks for; steps by year are for the joint meeting.",
                ),
                pick(lang, "本次测算", "this study"),
                frozenset({2, 3}),
            )
        )
    return Chapter("aims", pick(lang, "六、建设目标", "6. Aims"), tuple(blocks))


def write_plan(results: Results, lang: Lang, ground: Ground) -> Chapter:
    """Return the chapter on what to do: use what is there first, then new sites by phase, builder and district."""
    figures = figures_of(results)
    cameras, unknown = figures["cameras"], figures["unknown"]
    measured = pick(lang, "登记资料；本次测算", "registers; this study")
    first = {
        pick(lang, "联网接入（登记为未联网）", "connect: registered as not connected"): cameras["networked"]["no"],
        pick(lang, "维修恢复（登记为维修）", "mend: under repair"): cameras["by_status"].get("repair", 0),
        pick(lang, "现场核实方位（方位未知）", "find the direction: unknown"): unknown["azimuth_unknown"],
        pick(lang, "升级存储（录像保存不足30日）", "more storage: kept under 30 days"): cameras["retention_30"]["no"],
    }
    blocks: list[Block] = [Heading(pick(lang, "（一）先利用后新建", "7.1 Use before building"))]
    if cameras["total"]:
        blocks.append(
            count_sheet(
                "reuse",
                pick(lang, "现有设备可先行利用的途径", "What can be done with what is there"),
                pick(lang, "途径", "measure"),
                first,
                lang,
                says=pick(
                    lang,
                    "新建之前，应当先对下列现有设备采取联网、维修、核实和升级措施；同一设备可能涉及数项，不合计。",
                    "Before anything is built, these devices come first; one may appear in several rows, so there is no sum.",
                ),
                source=measured,
                unit=pick(lang, "条（登记）", "rows of the registers"),
                total=False,
            )
        )
    blocks.append(Heading(pick(lang, "（二）拟建点位", "7.2 Proposed sites")))
    sites = sites_of(results)
    if sites.empty:
        blocks.append(
            pick(
                lang,
                "本草案尚未生成拟建点位。缺口和待办清单已可供各建设责任主体安排现场踏勘，点位确定后列入附件1（点位表）。",
                "No sites are proposed yet. Gaps and notices are ready for site visits; sites will stand in annex 1.",
            )
        )
    else:
        blocks += _site_sheets(sites, lang)
        blocks.append(
            Picture(
                "map_sites",
                pick(lang, "拟建点位分布（按阶段）", "Proposed sites by phase"),
                pick(lang, "拟建点位的分布和阶段安排如图所示。", "Where the proposed sites stand, by phase."),
                pick(lang, "本次测算；© OpenStreetMap contributors", "this study; © OpenStreetMap contributors"),
                lambda: draw_picture(results, ground, ("gaps", "sites"), lang=lang),
            )
        )
    blocks += write_promise(results, lang)
    return Chapter("plan", pick(lang, "七、建设方案与分期", "7. Plan by phase"), tuple(blocks))


def write_organisation(results: Results, lang: Lang) -> Chapter:
    """Return the chapter on who does what: departments, decisions, days and acceptance."""
    figures = figures_of(results)
    which = 0 if lang == "zh" else 1
    by, gaps = figures["mandates"]["by_department"], figures["gaps"]["by_department"]
    rows = [
        (say_key(name, None, lang), say_number(n, lang), say_number(gaps.get(name, {"gaps": 0})["gaps"], lang))
        for name, n in by.items()
    ]
    settled = figures["gaps"]["decided"]
    rows.append((pick(lang, "合计", "total"), say_number(sum(by.values()), lang), say_number(settled, lang)))
    blocks: list[Block] = [
        Sheet(
            "departments",
            pick(lang, "主管部门任务", "What each department answers for"),
            pick(lang, "条；个", "mandates; gaps"),
            (
                pick(lang, "主管部门", "department"),
                pick(lang, "应建（条）", "mandates"),
                pick(lang, "缺口（个）", "gaps"),
            ),
            tuple(rows),
            pick(
                lang,
                f"应建场所涉及主管部门 {len(by)} 个，部门分工为缺省对应，以本地职责分工为准。",
                f"{len(by)} departments answer for the places; the division is a default, the city's own comes first.",
            ),
            pick(lang, "本次测算", "this study"),
            frozenset({1, 2}),
            bold_last=True,
        )
    ]
    days = [
        (
            book.title[which],
            entry.article,
            terms.label(DEADLINE_KINDS, entry.id, lang),
            "—" if entry.days is None else str(entry.days),
            entry.note[which],
        )
        for book in (results.rulebook, results.overlay)
        if book is not None
        for entry in book.deadlines
    ]
    if days:
        blocks.append(
            Sheet(
                "days",
                pick(lang, "备案、拆除报告和录像保存的期限", "Days for filing, dismantling and retention"),
                pick(lang, "日", "days"),
                (
                    pick(lang, "法规规章", "text"),
                    pick(lang, "条款", "article"),
                    pick(lang, "事项", "matter"),
                    pick(lang, "天数", "days"),
                    pick(lang, "说明", "note"),
                ),
                tuple(days),
                pick(
                    lang, "建成后的备案、拆除报告和录像保存按下列期限执行。", "These are the days that the texts set."
                ),
                pick(lang, "法规规章公开文本", "public copies of the texts"),
                frozenset({3}),
            )
        )
    blocks.append(
        pick(
            lang,
            f"联席会议协调事项：建设责任主体未确定的 {figures['unknown']['builder_unsettled']} 条、义务待认定的 {figures['mandates']['undecided']} 条，"
            f"由联席会议明确后写入决定清单；截至本次，已有人工决定 {len(results.decisions)} 项。",
            f"For the joint meeting: {figures['unknown']['builder_unsettled']} mandates without a settled builder and "
            f"{figures['mandates']['undecided']} undecided duties; {len(results.decisions)} decisions are on file.",
        )
    )
    return Chapter("organisation", pick(lang, "九、组织实施与运维", "9. Organisation"), tuple(blocks))


def write_privacy(results: Results, lang: Lang) -> Chapter:
    """Return the chapter on privacy and secrecy: where no camera may stand or look, and who may see this paper."""
    which = 0 if lang == "zh" else 1
    blocks: list[Block] = [
        Heading(pick(lang, "（一）禁止安装的区域", "10.1 Where no camera may be")),
        pick(
            lang,
            "拟建和现有摄像机均应避开法规规章禁止安装的区域，采集范围以必要为限，调整方向或者设置隐私遮挡能够解决的，优先采用。",
            "No camera may stand in a forbidden place; a view holds no more than its purpose needs.",
        ),
    ]
    bans = [
        (book.title[which], ban.article + ban.item, ban.term, ban.scope[which])
        for book in (results.rulebook, results.overlay)
        if book is not None
        for ban in book.bans
    ]
    if bans:
        blocks.append(
            Sheet(
                "bans",
                pick(lang, "禁止安装的区域和部位", "Forbidden places"),
                pick(lang, "项", "places"),
                (
                    pick(lang, "法规规章", "text"),
                    pick(lang, "条款", "article"),
                    pick(lang, "条文用语", "words"),
                    pick(lang, "范围", "scope"),
                ),
                tuple(bans),
                pick(
                    lang,
                    f"法规规章列明的禁止安装区域和部位共 {len(bans)} 项。",
                    f"The texts name {len(bans)} forbidden places.",
                ),
                pick(lang, "法规规章公开文本", "public copies of the texts"),
            )
        )
    found = figures_of(results).get("conflicts")
    if found and found["total"]:
        blocks.append(
            count_sheet(
                "conflicts",
                pick(lang, "禁装与冲突核查（疑似，待核实）", "Suspected conflicts, to be verified"),
                pick(lang, "检查项", "check"),
                found["by_check"],
                lang,
                labels=terms.CONFLICT_CHECKS,
                says=pick(
                    lang,
                    f"对照地图要素 {found['features']} 个，发现疑似冲突 {found['total']} 条，涉及摄像机 {found['cameras']} 条，均须现场核实；室内房间未检查。",
                    f"Among {found['features']} mapped features {found['total']} suspected conflicts of {found['cameras']} cameras were found; each must be verified on site; rooms were not looked at.",
                ),
                source=pick(lang, "登记资料；OpenStreetMap；本次测算", "registers; OpenStreetMap; this study"),
                unit=pick(lang, "条", "findings"),
            )
        )
    elif found:
        blocks.append(
            pick(
                lang,
                f"对照地图要素 {found['features']} 个，未发现冲突；室内房间未检查。",
                f"No conflict among {found['features']} mapped features; rooms were not looked at.",
            )
        )
    consent = [
        zone.label[which]
        for book in (results.rulebook, results.overlay)
        if book is not None
        for zone in book.consent_zones
    ]
    blocks += [Heading(pick(lang, "（二）保密要求", "10.2 Secrecy")), *consent]
    clauses = [
        f"{c.article}：{c.label[0]}" if lang == "zh" else f"{c.article}: {c.label[1]}"
        for book in (results.rulebook, results.overlay)
        if book is not None
        for c in book.clauses
        if c.topic == "publication"
    ]
    if clauses:
        blocks.append(
            pick(lang, "有关条款：", "The texts: ") + pick(lang, "；", "; ").join(clauses) + pick(lang, "。", ".")
        )
    blocks.append(
        pick(
            lang,
            f"本规划草案及所附图表含摄像机位置、朝向和缺口，标注“{results.classification}”，仅供{results.recipient or '指定接收单位'}使用；向公众公布的只能是按不小于500米网格统计、"
            "并对摄像机较少的网格不予公布的比例。本工具不标注国家秘密密级，密级由有权机关确定。",
            f"This paper holds positions, directions and gaps; it is marked “{results.classification}” and meant for {results.recipient or 'the named recipient'} only. The public may see shares by cells of 500 m and more, few-camera cells held back. "
            "Only an authority may classify a state secret; this program never does.",
        )
    )
    return Chapter("privacy", pick(lang, "十、隐私保护与安全保密", "10. Privacy and secrecy"), tuple(blocks))


def write_risks(results: Results, lang: Lang) -> Chapter:
    """Return the chapter on what is unknown and how it may move the figures."""
    figures = figures_of(results)
    blocks: list[Block] = []
    for unit, row in figures.get("seen", {}).items():
        name = terms.label(terms.UNITS, unit, lang)
        low, high = (format_share(row[f"share_{end}"], lang) for end in ("low", "high"))
        blocks.append(
            pick(
                lang,
                f"按{name}计的覆盖率最低为 {low}，最高为 {high}，差距主要来自摄像机方位等资料缺失；补齐登记资料即可收窄，不需要投资。",
                f"Coverage in {name} lies between {low} and {high}; most of the span comes from unknown directions and closes with better registers, at no cost.",
            )
        )
    missing = results.completeness
    if len(missing):
        likely = missing.loc[missing["standing"] == "likely_missing", "matter"]
        words = [text_of(matter, lang) for matter in likely]
        if words:
            blocks.append(
                pick(
                    lang,
                    f"地图资料中{join_names(words, lang)}很可能缺漏，应建场所的数量可能偏少，须以各部门名录补充。",
                    f"The map likely lacks: {join_names(words, lang)}; mandates may be too few until the departments' lists are added.",
                )
            )
    blocks.append(
        pick(
            lang,
            "预期效果以缺口减少量衡量：每次更新资料后重新测算，并与上次结果逐项对照，缺口编号在各稿之间保持不变。",
            "The effect is the gaps that close: figures are made anew with each update and held against the last; the ids of gaps stay.",
        )
    )
    return Chapter("risks", pick(lang, "十一、风险与预期效果", "11. Risks and effect"), tuple(blocks))


def text_of(matter: str, lang: Lang) -> str:
    """Return a matter of completeness in words; several kinds joined by ``;``."""
    return terms.label_all(terms.KINDS | terms.COMPLETENESS, matter, lang)


def _site_sheets(sites: pd.DataFrame, lang: Lang) -> list[Block]:
    natures: Mapping[str, terms.Label] = getattr(terms, "NATURES", {})
    parts: tuple[tuple[str, str, Mapping[str, Any] | None], ...] = (
        ("phase", pick(lang, "阶段", "phase"), None),
        ("nature", pick(lang, "性质", "nature"), natures),
        ("support", pick(lang, "支撑", "support"), terms.SUPPORTS),
        ("builder", text("builder", lang), terms.BUILDERS),
        ("district", text("district", lang), None),
    )
    blocks: list[Block] = []
    alike: list[str] = []
    for name, head, labels in parts:
        if name not in sites.columns:
            continue
        keys = sites[name].astype("object").where(sites[name].notna(), "unknown").astype("str")
        counted = {str(key): int(n) for key, n in keys.value_counts().items()}
        if len(counted) == 1:
            alike.append(say_alike(head, say_key(next(iter(counted)), labels, lang), lang))
            continue
        order = [key for key in (labels or sorted(counted)) if key in counted]
        blocks.append(
            count_sheet(
                f"sites_by_{name}",
                pick(lang, f"拟建点位（按{head}）", f"Sites by {head}"),
                head,
                {key: counted[key] for key in [*order, *(k for k in counted if k not in order)]},
                lang,
                labels=labels,
                says=pick(lang, f"拟建点位共 {len(sites)} 个，按{head}分列如表。", f"{len(sites)} sites by {head}."),
                source=pick(lang, "点位表（附件1）", "point table (annex 1)"),
                unit=pick(lang, "个", "sites"),
            )
        )
    if alike:
        said = pick(lang, f"全部 {len(sites)} 个点位的", f"All {len(sites)} sites: ") + join_names(alike, lang)
        blocks.insert(0, said + pick(lang, "。", "."))
    return blocks
