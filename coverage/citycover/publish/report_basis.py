"""Write the report's chapters on the basis and on the method with its limits."""

from __future__ import annotations

from citycover import terms
from citycover.law.regulation import Rulebook
from citycover.publish.figures import figures_of
from citycover.publish.map_themes import item_order
from citycover.publish.report_blocks import Block, Chapter, Heading, Sheet, pick, say_number
from citycover.publish.results import Results
from citycover.publish.wording import TEXTS, text
from citycover.terms import Lang

_EFFECTS: dict[str, terms.Label] = {
    "mandates_undecided": ("不计入覆盖率和待办，须先行认定", "left out of shares and notices until settled"),
    "builder_unsettled": ("由联席会议协调确定", "the joint meeting settles them"),
    "needs_record": ("补充材料后责任主体可能改变", "the builder may change with a record"),
    "azimuth_unknown": ("仅计入期望值与最高值", "counted in the expected and high figures only"),
    "hfov_unknown": ("视域取区间", "the view is a range"),
    "status_assumed": ("按在用处理", "taken as in use"),
    "height_unknown": ("按完全遮挡处理（从严）", "taken to block all sight (the strict side)"),
    "indoor_parts": ("列入室内核查清单", "on the indoor checklist"),
    "no_district": ("分区表中单列", "told apart in tables by district"),
    "rejects": ("未使用，逐条说明原因", "not used, each with its reason"),
}


def write_basis(results: Results, lang: Lang) -> Chapter:
    """Return the chapter on regulation, scope and the rules on who builds."""
    figures = figures_of(results)["mandates"]
    ground = results.city.area.area / 1e6
    book = results.rulebook
    said = results.rulebook_title
    blocks: list[Block] = [
        pick(
            lang,
            f"为摸清公共安全视频图像信息系统的覆盖现状，明确应当建设的区域、场所和部位以及建设责任主体，统筹安排补点建设，"
            f"避免重复投入，依据《{said}》编制本规划草案，提请联席会议审议。",
            f"This draft is made under “{said}” for the joint meeting: what must be covered, who has to build, what is "
            "covered today, and how gaps can be closed without building twice.",
        ),
        pick(
            lang,
            f"规划范围面积 {ground:.2f} 平方公里，基准日为 {results.date}。条文规定的场所、登记的摄像机和建筑物、道路均以该日"
            "可得的资料为准。",
            f"The area measures {ground:.2f} km²; figures are as of {results.date}.",
        ),
        pick(lang, TEXTS["validity"][0].replace("本图表", "本规划草案"), text("validity", "en")),
    ]
    books = [found for found in (results.rulebook, results.overlay) if found is not None]
    if books:
        blocks += [Heading(pick(lang, "（一）编制依据", "1.1 Texts")), _texts(books, lang)]
    labels = {i.article + i.item: i.label[0 if lang == "zh" else 1] for i in book.items} if book else {}
    rows = [
        (item, labels.get(item, ""), say_number(n, lang))
        for item, n in sorted(figures["by_item"].items(), key=lambda pair: item_order(pair[0]))
    ]
    rows.append((pick(lang, "合计", "total"), "", say_number(figures["total"], lang)))
    blocks += [
        Heading(pick(lang, "（二）应当建设的范围", "1.2 What must be covered")),
        Sheet(
            "mandates_by_item",
            pick(lang, "应当建设的场所—条款", "Places that must be covered, by item"),
            pick(lang, "条", "mandates"),
            (pick(lang, "条款", "item"), pick(lang, "内容", "content"), pick(lang, "应建", "mandates")),
            tuple(rows),
            pick(
                lang,
                f"规划范围内应当建设的场所共 {figures['places']} 处，按场所—条款计 {figures['total']} 条，"
                f"其中义务尚待认定的 {figures['undecided']} 条。",
                f"{figures['places']} places fall under {figures['total']} mandates, of which {figures['undecided']} "
                "cannot be decided from the data.",
            ),
            pick(
                lang,
                f"《{said}》；OpenStreetMap；规划部门提供的场所资料",
                f"{said}; OpenStreetMap; the planner's lists",
            ),
            frozenset({2}),
            bold_last=True,
        ),
    ]
    if book is not None and book.builders:
        blocks += [Heading(pick(lang, "（三）建设责任主体", "1.3 Who builds")), _builders(book, results, lang)]
    return Chapter("basis", pick(lang, "一、背景与依据", "1. Basis"), tuple(blocks))


def write_method(results: Results, lang: Lang) -> Chapter:
    """Return the chapter on how the figures were made and what they do not say, in plain words."""
    levels = pick(lang, "、", ", ").join(f"{level:g}" for level in results.levels)
    paragraphs = [
        (
            "（一）怎样得出应建清单。逐条对照规章条款，从地图和各部门提供的名录中找出条款所指的场所；条文中“大型”“重要”等未作"
            "量化的限定词，按规划部门确定的认定标准判断，未确定的采用缺省标准并在附件中列明；资料不足以判断的列为“待认定”，"
            "不自行推断。",
            "How mandates were found: each item of the regulation is held against the map and the departments' lists. "
            "Where the text leaves a word such as “large” open, the planner's number decides; where data do not decide, "
            "the duty stays undecided.",
        ),
        (
            "（二）怎样判断是否覆盖。在应当覆盖的出入口、周界、路段、路口和场地上布设目标点，根据摄像机的位置、方向、视场角和"
            "架设高度，以建筑物和围墙为遮挡计算其实际可见范围；目标点在规定清晰度"
            + (f"（像素密度，分 {levels} px/m 各档）" if levels else "")
            + "下被足够数量的摄像机看到，方视为覆盖。停用、未验收、室内或者重复登记的摄像机不计入。",
            "How coverage was judged: targets are laid on entrances, perimeters, streets, junctions and grounds; each "
            "camera's true view, with buildings and walls as obstacles, tells which are seen as sharply as required"
            + (f" (levels {levels} px/m)" if levels else "")
            + ". Cameras out of use, not accepted, indoor or registered twice do not count.",
        ),
        (
            "（三）为什么给出三个数。方位已知的摄像机给出“最低”值；方位未知的摄像机按各方向机会均等折算为“期望”值；"
            + TEXTS["high_bound"][0],
            "Why three figures: cameras of known direction give the low one; those of unknown direction enter the "
            "expected one with every direction alike. " + TEXTS["high_bound"][1],
        ),
        ("（四）统计口径。" + TEXTS["counting"][0], "How things are counted. " + TEXTS["counting"][1]),
        (
            "（五）局限。"
            + TEXTS["osm_silence"][0]
            + TEXTS["flat"][0]
            + "树木不视为遮挡。本规划草案的结论用于安排现场核查和"
            "论证，不替代现场踏勘。",
            "Limits. " + TEXTS["osm_silence"][1] + " " + TEXTS["flat"][1] + " Trees hide nothing here. The findings "
            "prepare site visits; they do not replace them.",
        ),
    ]
    unknown = {key: n for key, n in figures_of(results)["unknown"].items() if n}
    which = 0 if lang == "zh" else 1
    blocks: list[Block] = [paragraph[which] for paragraph in paragraphs]
    if unknown:
        blocks.append(
            Sheet(
                "unknown",
                pick(lang, "尚未掌握的情况及处理", "What is unknown, and what was done about it"),
                pick(lang, "条、台、栋（见各行）", "rows, cameras, buildings (see the row)"),
                (pick(lang, "事项", "matter"), pick(lang, "数量", "number"), pick(lang, "处理方式", "what was done")),
                tuple(
                    (text(key, lang), say_number(n, lang), _EFFECTS.get(key, ("", ""))[which])
                    for key, n in unknown.items()
                ),
                pick(
                    lang,
                    f"现有资料尚有 {len(unknown)} 类情况未能掌握，均未作推定，按从严口径处理并单独计数。",
                    f"{len(unknown)} kinds of facts are unknown; nothing was made up for them.",
                ),
                pick(lang, "本次测算", "this study"),
                frozenset({1}),
            )
        )
    return Chapter("method", pick(lang, "二、方法与局限", "2. Method and its limits"), tuple(blocks))


def _texts(books: list[Rulebook], lang: Lang) -> Sheet:
    which = 0 if lang == "zh" else 1
    rows = tuple((b.title[which], b.document, b.nature[which], b.in_force, b.validity_note[which]) for b in books)
    over = len(books) > 1
    return Sheet(
        "texts",
        pick(lang, "编制依据的法规规章", "Texts that this draft rests on"),
        pick(lang, "部", "texts"),
        (
            pick(lang, "名称", "title"),
            pick(lang, "文号", "number"),
            pick(lang, "性质", "nature"),
            pick(lang, "施行日期", "in force"),
            pick(lang, "有效性", "validity"),
        ),
        rows,
        pick(
            lang,
            f"本规划草案依据 {len(books)} 部法规规章编制"
            + (
                "，上位法与地方规章对建设责任主体规定不一致的，按上位法列出有效主体并保留地方规章的规定。"
                if over
                else "。"
            ),
            f"{len(books)} texts were applied"
            + ("; where they disagree on the builder, the higher one is followed." if over else "."),
        ),
        pick(lang, "法规规章公开文本", "public copies of the texts"),
    )


def _builders(book: Rulebook, results: Results, lang: Lang) -> Sheet:
    which = 0 if lang == "zh" else 1
    rules = {
        (r.article, terms.label(terms.BUILDERS, r.builder, lang), r.why[which]) for r in book.builders if r.builder
    }
    ordered = [
        row
        for row in dict.fromkeys(
            (r.article, terms.label(terms.BUILDERS, r.builder, lang), r.why[which]) for r in book.builders
        )
        if row in rules
    ]
    unsettled = figures_of(results)["unknown"]["builder_unsettled"]
    return Sheet(
        "builder_rules",
        pick(lang, "建设责任主体的认定规则", "Rules on who builds"),
        pick(lang, "条", "rules"),
        (pick(lang, "条款", "article"), pick(lang, "建设责任主体", "builder"), pick(lang, "规则", "rule")),
        tuple(ordered),
        pick(
            lang,
            f"建设责任主体按下列规则自上而下认定，先符合的先适用，据此仍有 {unsettled} 条未能确定主体，列入待协调事项。",
            f"The builder follows from the first rule that fits; {unsettled} mandates stay without a settled one.",
        ),
        f"《{results.rulebook_title}》" if lang == "zh" else results.rulebook_title,
    )
