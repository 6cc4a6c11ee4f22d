"""Write the report's chapter on duplicates: what need not be built as proposed, and what that saves."""

from __future__ import annotations

from typing import Any

import pandas as pd

from citycover import terms
from citycover.publish.report_blocks import Chapter, Picture, Sheet, pick, say_number
from citycover.publish.results import Results
from citycover.publish.static_maps import Ground, draw_picture, duplicates_of
from citycover.publish.wording import text
from citycover.terms import Lang


def write_duplicates(results: Results, lang: Lang, ground: Ground) -> Chapter:
    """Return the chapter on what need not be built because others see it already, and what that saves."""
    title = pick(lang, "五、重复建设核查", "5. Duplicates avoided")
    rows = duplicates_of(results)
    if rows.empty:
        none = pick(
            lang,
            "本次未提供各单位的拟建清单，未作重复建设核查。取得拟建清单后，应当先核查现有和已批准的摄像机能否满足需要，再确定新建数量。",
            "No list of proposed cameras was given, so duplicates were not looked for. It should be checked before "
            "anything new is approved.",
        )
        return Chapter("duplicates", title, (none,))
    by = rows.groupby("action", sort=False)
    saving = rows["saving"] if "saving" in rows.columns else pd.Series(index=rows.index, dtype="float64")
    counts = by.size()
    saved = saving.groupby(rows["action"]).agg(lambda values: values.sum(min_count=1))
    body = [
        (
            terms.label(terms.ACTIONS, key, lang),
            say_number(counts[key], lang),
            "—" if key == "keep" else _money(saved.get(key), lang),
        )
        for key in terms.ACTIONS
        if key in counts.index
    ]
    total = saving.sum(min_count=1)
    body.append((pick(lang, "合计", "total"), say_number(len(rows), lang), _money(total, lang)))
    spared = int((rows["action"] != "keep").sum())
    unpriced = int((saving.isna() & rows["action"].ne("keep")).sum())
    words = _say_savings(rows, unpriced, lang)
    sheet = Sheet(
        "duplicates_by_action",
        pick(lang, "拟建摄像机核查结论", "Findings on proposed cameras"),
        pick(lang, "台；元", "cameras; yuan"),
        (pick(lang, "建议", "action"), pick(lang, "数量", "number"), pick(lang, "可节省（元）", "saving (yuan)")),
        tuple(body),
        pick(
            lang,
            f"拟建摄像机 {len(rows)} 台中，{spared} 台可通过取消、联网、维修、升级、调整方向或者共杆解决，不需要按原方案新建，"
            f"共可节省 {_money(total, lang)} 元{words}。",
            f"Of {len(rows)} proposed cameras {spared} need not be built as proposed, which saves {_money(total, lang)} "
            f"yuan{words}.",
        ),
        pick(lang, "各单位拟建清单；本次测算", "lists of proposed cameras; this study"),
        frozenset({1, 2}),
        bold_last=True,
    )
    figure = Picture(
        "map_duplicates",
        pick(lang, "重复建设分布", "Duplicates"),
        pick(
            lang,
            "拟建摄像机与已能看到同样范围的摄像机以线相连。",
            "Proposed cameras joined to those that hold their view.",
        ),
        pick(lang, "本次测算；© OpenStreetMap contributors", "this study; © OpenStreetMap contributors"),
        lambda: draw_picture(results, ground, ("cameras", "duplicates"), lang=lang),
    )
    return Chapter("duplicates", title, (sheet, figure) if (rows["standing"] != "none").any() else (sheet,))


def _say_savings(rows: pd.DataFrame, unpriced: int, lang: Lang) -> str:
    """Return what must be said of the sum: what is not in it, and whether made-up prices are."""
    said = ""
    if unpriced:
        said += pick(lang, f"（另有 {unpriced} 台无单价资料，未计入）", f" ({unpriced} more have no price)")
    if "price_basis" in rows.columns and rows["price_basis"].eq("made_up").any():
        said += pick(
            lang, "；其中含示例单价，节省额不得引用", "; made-up prices are among them: the sum must not be cited"
        )
    return said


def _money(value: Any, lang: Lang) -> str:
    return text("unknown", lang) if value is None or pd.isna(value) else f"{float(value):,.0f}"
