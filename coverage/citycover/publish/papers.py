"""Write statutory papers from replaceable templates: notices, filing table, report on dismantling, inspection workbook."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from citycover import terms
from citycover.errors import InputError
from citycover.law.regulation import Deadline, Rulebook
from citycover.publish.book import Mark, Sheet, write_book
from citycover.publish.documents import Paper, draw_table
from citycover.publish.figures import UNSETTLED_BUILDERS, effective_builder, items_of
from citycover.publish.files import replacing
from citycover.publish.paper_templates import (
    build_dismantling_template,
    build_filing_template,
    build_notice_template,
)
from citycover.publish.report import describe_study
from citycover.publish.report_annexes import cells_of
from citycover.publish.report_blocks import pick
from citycover.publish.report_template import WIDE, WIDTH
from citycover.publish.results import Results
from citycover.publish.wording import header, text
from citycover.terms import Lang

INSPECTION = (
    *("number", "name", "articles", "kind", "builder", "department", "district", "state", "gaps", "breaches"),
    *("place_id", "finding", "inspector", "inspected_on"),
)
"""Columns that an inspection workbook may have; the last three are filled in on site."""

_TRIGGERS: dict[str, terms.Label] = {
    "in_use": ("投入使用", "first use"),
    "acceptance": ("验收合格", "acceptance"),
    "dismantling": ("拆除", "dismantling"),
}
_STATES = ("uncovered", "unknown", "partly", "covered", "indoor")


def write_papers(
    results: Results, folder: str | Path, *, templates: str | Path | None = None, lang: Lang | None = None
) -> dict[Path, int]:
    """Write every paper into a folder; return each file with the number of its pages or rows.

    ``templates`` is a folder that may hold ``notice.docx``, ``filing.docx``, ``dismantling.docx`` and
    ``inspection.toml``. A paper that would say nothing (no notice, no dismantled device, no text with such a day) is
    left out.

    Raises
    ------
    FileFormatError, InputError, OutputError
        As the writers of the single papers; also where ``templates`` is no folder.
    """
    own = Path(templates) if templates is not None else None
    if own is not None and not own.is_dir():
        raise InputError(f"templates: needed a folder, given {own}")

    def mine(name: str) -> Path | None:
        return own / name if own is not None and (own / name).is_file() else None

    target, made = Path(folder), dict[Path, int]()
    if (~results.notices["builder"].isin(UNSETTLED_BUILDERS)).any():
        path = target / "notices.docx"
        made[path] = write_notices(results, path, template=mine("notice.docx"), lang=lang)
    days = {entry.id for book in (results.rulebook, results.overlay) if book is not None for entry in book.deadlines}
    cameras = results.cameras
    if len(cameras) and "new_system_filing" in days:
        path = target / "filing.docx"
        made[path] = write_filing_table(results, path, template=mine("filing.docx"), lang=lang)
    if "dismantling_report" in days and (cameras["removed_on"].notna() | cameras["status"].eq("removed")).any():
        path = target / "dismantling.docx"
        made[path] = write_dismantling_report(results, path, template=mine("dismantling.docx"), lang=lang)
    if len(results.mandates):
        path = target / "inspection.xlsx"
        write_inspection_workbook(results, path, headings=mine("inspection.toml"), lang=lang)
        made[path] = int(results.mandates["place_id"].nunique())
    return made


def write_templates(folder: str | Path, *, lang: Lang = "zh") -> list[Path]:
    """Write our own templates into a folder, for a city to change and to give back as ``templates``.

    Raises
    ------
    OutputError
        A file cannot be written or replaced.
    """
    named = inspection_headings(lang).items()
    heads = "".join(f"{column} = {json.dumps(words, ensure_ascii=False)}\n" for column, words in named)
    contents = {
        "notice.docx": build_notice_template(),
        "filing.docx": build_filing_template(),
        "dismantling.docx": build_dismantling_template(),
        "inspection.toml": f"[headings]\n{heads}".encode(),
    }
    for name, content in contents.items():
        with replacing(Path(folder) / name) as fresh:
            fresh.write_bytes(content)
    return [Path(folder) / name for name in contents]


def write_notices(
    results: Results, path: str | Path, *, template: str | Path | None = None, lang: Lang | None = None
) -> int:
    """Write ``notices.docx``: each notice to a builder on a page of its own; return how many there are.

    Settled duties with a settled builder only: nothing says "must" without an item, and nobody is written to before it
    is known who must build. The template sees ``study``, ``words`` and ``notices``
    (``number``, ``builder``, ``place``, ``articles``, ``says``, ``builder_ground``, ``records``, ``department``,
    ``district``, ``heads``, ``rows``, ``drawn``).

    Raises
    ------
    FileFormatError, InputError, OutputError
        As :func:`citycover.publish.report.write_report`.
    """
    lang = lang or results.lang
    paper = Paper(template or build_notice_template(), name="notice template")
    gaps = results.gaps.set_index("gap_id")
    mandates = results.mandates.set_index("mandate_id")
    columns = ("gap_id", "name", "component", "size", "unit", "reason", "articles")
    told = []
    settled = results.notices[~results.notices["builder"].isin(UNSETTLED_BUILDERS)]
    for notice in settled.to_dict("records"):
        ids = [gap for gap in str(notice["gaps"]).split(";") if gap in gaps.index]
        rows = pd.DataFrame(gaps.loc[ids]).reset_index()
        rows = rows.assign(articles=items_of(rows))
        duties = mandates.loc[[m for m in rows["mandate_id"].drop_duplicates() if m in mandates.index]]
        grounds = [duties[name].dropna().astype("str") for name in ("builder_article", "overlay_article")]
        heads = [header(column, lang) for column in columns]
        cells = [list(row) for row in zip(*(cells_of(rows[column], column, lang) for column in columns), strict=True)]
        articles = str(notice["articles"]).replace(";", pick(lang, "、", ", "))
        builder = terms.label(terms.BUILDERS, str(notice["builder"]), lang)
        records = notice["needs_record"]
        told.append(
            {
                "number": notice["notice_id"],
                "builder": builder,
                "place": _or_none(notice["name"], lang),
                "articles": articles,
                "says": pick(
                    lang,
                    f"根据《{results.rulebook_title}》{articles}，该场所属于应当建设公共安全视频图像信息系统的范围。经测算，下列 {len(rows)} 处部位未按要求覆盖，请核对并安排补建或者调整。",
                    f"Under {articles} of “{results.rulebook_title}” this place must be covered. {len(rows)} parts are not seen as required; please verify, and close them.",
                ),
                "builder_ground": pick(lang, "、", ", ").join(dict.fromkeys(pd.concat(grounds)))
                or text("unknown", lang),
                "records": "" if pd.isna(records) else terms.label_all(terms.RECORD_FACTS, str(records), lang),
                "department": _or_none(notice["department"], lang),
                "district": _or_none(notice["district"], lang),
                "heads": heads,
                "rows": cells,
                "drawn": draw_table(heads, cells, width=WIDTH, numbers=frozenset({3})),
            }
        )
    context = _context(results, lang)
    context["words"] |= {
        "notice": pick(lang, "公共安全视频图像信息系统建设告知书（稿）", "Notice on video coverage (draft)"),
        "builder_ground": pick(lang, "建设责任的依据", "Ground for who builds"),
        "records": pick(lang, "尚需材料（提供后责任主体可能改变）", "Records still needed (the builder may change)"),
        "ask": pick(
            lang,
            "以上为据地图和登记资料的测算结果，请于收到之日起（　　）日内核对并书面答复；有异议的，请附材料说明。",
            "These findings rest on maps and registers. Please answer in writing within (   ) days; objections with papers.",
        ),
    }
    paper.write(context | {"notices": told}, path, title=results.name)
    return len(told)


def write_filing_table(
    results: Results, path: str | Path, *, template: str | Path | None = None, lang: Lang | None = None
) -> int:
    """Write ``filing.docx``: per unit the facts that are to be filed with the police; return the number of units.

    The unit that manages them, position, number and type, days of storage: national regulation 2025, article 14, or
    the city's text where the national one is not laid over. The unit is the register's owner, else its department.
    Devices that are dismantled, indoor, or told of twice are left out. The template sees ``study``, ``words`` and
    ``units`` (``name``, ``count``, ``says``, ``heads``, ``rows``, ``drawn``).

    Raises
    ------
    FileFormatError, InputError, OutputError
        As :func:`citycover.publish.report.write_report`; also where no text with a day of filing is known.
    """
    lang = lang or results.lang
    book, days = _deadline(results, "new_system_filing", higher_first=True)
    paper = Paper(template or build_filing_template(), name="filing template")
    cameras = pd.DataFrame(results.cameras)
    keep = cameras["status"].ne("removed") & cameras["same_as"].isna() & ~cameras["indoor"].fillna(False).astype(bool)
    spots = results.cameras.geometry.to_crs(4326)
    cameras = cameras.assign(lon=spots.x, lat=spots.y, unit_name=cameras["owner"].fillna(cameras["department"]))[keep]
    cameras["unit_name"] = cameras["unit_name"].fillna(text("unknown", lang))
    columns = (
        "camera_id",
        "name",
        "address",
        "lon",
        "lat",
        "count",
        "camera_type",
        "in_use_since",
        "retention_days",
        "filed_on",
    )
    heads = [header(column, lang) for column in columns]
    units = []
    for name, rows in cameras.groupby("unit_name", sort=True):
        cells = [list(row) for row in zip(*(cells_of(rows[column], column, lang) for column in columns), strict=True)]
        count = int(rows["count"].fillna(1).sum())
        says = pick(
            lang,
            f"系统共有登记 {len(rows)} 条、设备 {count} 台，位置、数量、类型和存储期限如下；空白处由单位补齐。",
            f"{len(rows)} rows, {count} devices; position, number, type and days of storage follow. Blanks are the unit's to fill.",
        )
        drawn = draw_table(heads, cells, width=WIDE, numbers=frozenset({3, 4, 5, 8}))
        units.append({"name": str(name), "count": count, "says": says, "heads": heads, "rows": cells, "drawn": drawn})
    context = _context(results, lang)
    which = 0 if lang == "zh" else 1
    context["words"] |= {
        "filing": pick(lang, "公共安全视频图像信息系统备案表", "Filing of video systems"),
        "unit_name": pick(lang, "管理单位", "Unit"),
        "filing_days": pick(
            lang,
            f"依据：《{book.title[0]}》{days.article}，{_say_days(days, lang)}。{days.note[which]}。",
            f"“{book.title[1]}”, {days.article}: {_say_days(days, lang)}; {days.note[which]}.",
        ),
    }
    paper.write(context | {"units": units}, path, title=results.name)
    return len(units)


def write_dismantling_report(
    results: Results, path: str | Path, *, template: str | Path | None = None, lang: Lang | None = None
) -> int:
    """Write ``dismantling.docx``: devices that are or will be dismantled, with the day by which it must be told.

    Rows of the registers that are dismantled or have a day of dismantling; the day due follows from the city's text
    (before or after the dismantling). The template sees ``study``, ``words`` and ``report`` (``to``, ``says``,
    ``days``, ``heads``, ``rows``, ``drawn``).

    Returns
    -------
    How many rows there are.

    Raises
    ------
    FileFormatError, InputError, OutputError
        As :func:`citycover.publish.report.write_report`; also where the text has no such report.
    """
    lang = lang or results.lang
    book, days = _deadline(results, "dismantling_report", higher_first=False)
    paper = Paper(template or build_dismantling_template(), name="dismantling template")
    cameras = pd.DataFrame(results.cameras.drop(columns="geometry"))
    rows = cameras[cameras["removed_on"].notna() | cameras["status"].eq("removed")]
    step = pd.Timedelta(days=(days.days or 0) * (-1 if days.direction == "before" else 1))
    due = (pd.to_datetime(rows["removed_on"], errors="coerce") + step).dt.strftime("%Y-%m-%d")
    rows = rows.assign(due=due if days.days is not None else None)
    columns = ("camera_id", "name", "address", "removed_on", "due", "removal_reported_on")
    heads = [header(column, lang) for column in columns]
    cells = [list(row) for row in zip(*(cells_of(rows[column], column, lang) for column in columns), strict=True)]
    without = int(rows["removed_on"].isna().sum())
    undated = (
        (f"其中 {without} 条未登记拆除日期，期限待补齐日期后计算。", f" {without} have no day of dismantling yet.")
        if without
        else ("", "")
    )
    context = _context(results, lang)
    context["words"] |= {
        "dismantling": pick(lang, "公共安全视频图像信息系统拆除报告", "Report on dismantling"),
        "reason_line": pick(
            lang, "拆除原因和替代措施：（由报告单位填写）", "Why, and what takes its place: (to be filled in)"
        ),
    }
    context["report"] = {
        "to": days.to or text("not_named", lang),
        "says": pick(
            lang,
            f"下列 {len(rows)} 条登记的设备已经或者拟予拆除，现予报告。{undated[0]}",
            f"The devices of these {len(rows)} rows are or will be dismantled.{undated[1]}",
        ),
        "days": pick(
            lang,
            f"依据：《{book.title[0]}》{days.article}，{_say_days(days, lang)}。{days.note[0]}。",
            f"“{book.title[1]}”, {days.article}: {_say_days(days, lang)}; {days.note[1]}.",
        ),
        "heads": heads,
        "rows": cells,
        "drawn": draw_table(heads, cells, width=WIDTH),
    }
    paper.write(context, path, title=results.name)
    return len(rows)


def write_inspection_workbook(
    results: Results,
    path: str | Path,
    *,
    headings: str | Path | Mapping[str, str] | None = None,
    lang: Lang | None = None,
) -> Path:
    """Write ``inspection.xlsx``: one row per place to be inspected, under the city's own headings.

    Parameters
    ----------
    results
        The study.
    path
        Where the workbook shall stand.
    headings
        Columns of :data:`INSPECTION` and what to call them, in the order wanted: a mapping, or a TOML file with a
        table ``[headings]``. All of them under our own headings without it.
    lang
        ``zh`` or ``en``; by default the language of the study.

    Returns
    -------
    The path written.

    Raises
    ------
    InputError
        A heading is of no known column, or the file is no such TOML.
    OutputError
        The file cannot be written or replaced.
    """
    lang = lang or results.lang
    own = inspection_headings(lang) if headings is None else _headings(headings)
    rows = inspection_rows(results, lang)[list(own)].rename(columns=own)
    mark = Mark(results.classification, results.name, results.date)
    return write_book([Sheet(pick(lang, "监督检查表", "Inspection"), rows)], path, mark=mark, lang=lang)


def inspection_headings(lang: Lang) -> dict[str, str]:
    """Return our own headings of the inspection workbook, in the order of :data:`INSPECTION`."""
    return {c: pick(lang, "缺口（个）", "gaps") if c == "gaps" else header(c, lang) for c in INSPECTION}


def inspection_rows(results: Results, lang: Lang) -> pd.DataFrame:
    """Return one row per place with mandates: what, by whom, its worst state, its gaps and suspicions; terms in words.

    Ordered by department, then by the number of gaps, most first.
    """
    mandates = pd.DataFrame(results.mandates).assign(
        articles=items_of(results.mandates), builder=effective_builder(results.mandates)
    )
    rank = results.coverage["state"].map({state: i for i, state in enumerate(_STATES)})
    worst = rank.groupby(results.coverage["mandate_id"]).min()
    mandates["rank"] = mandates["mandate_id"].map(worst)
    grouped = mandates.groupby("place_id", sort=False)
    rows = pd.DataFrame(
        {
            "name": grouped["name"].first(),
            "articles": grouped["articles"].agg(lambda values: "、".join(dict.fromkeys(values))),
            "kind": grouped["kind"].agg(lambda values: ";".join(dict.fromkeys(values))),
            "builder": grouped["builder"].agg(lambda values: ";".join(dict.fromkeys(values))),
            "department": grouped["department"].first(),
            "district": grouped["district"].first(),
            "state": grouped["rank"].min().map(dict(enumerate(_STATES))),
        }
    )
    rows["gaps"] = results.gaps["place_id"].value_counts().reindex(rows.index).fillna(0).astype("int64")
    found = results.breaches["place_id"].value_counts() if len(results.breaches) else pd.Series(dtype="int64")
    rows["breaches"] = found.reindex(rows.index).fillna(0).astype("int64")
    rows = rows.reset_index().sort_values(
        ["department", "gaps", "place_id"], ascending=[True, False, True], kind="stable", ignore_index=True
    )
    words = {"kind": terms.KINDS, "builder": terms.BUILDERS, "state": terms.COVERAGE_STATES}
    for column, vocabulary in words.items():
        known = {value: terms.label_all(vocabulary, value, lang) for value in rows[column].dropna().unique()}
        rows[column] = rows[column].map(known).astype("str")
    rows.insert(0, "number", range(1, len(rows) + 1))
    empty = pd.Series(None, index=rows.index, dtype="str")
    return rows.assign(finding=empty, inspector=empty, inspected_on=empty)


def _headings(given: str | Path | Mapping[str, str]) -> dict[str, str]:
    if isinstance(given, Mapping):
        source, named = "headings", dict(given)
    else:
        source = Path(given).name
        try:
            named = tomllib.loads(Path(given).read_text(encoding="utf-8-sig")).get("headings", {})
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(
                f"{source}: needed TOML with a table [headings], given a file that is not: {error}"
            ) from error
    wrong = [str(name) for name in named if name not in INSPECTION]
    if wrong or not named:
        raise InputError(f"{source}: needed headings of {', '.join(INSPECTION)}, given {', '.join(wrong) or 'none'}")
    if len(set(named.values())) < len(named):
        raise InputError(f"{source}: needed a heading of its own for each column, given one twice")
    return {name: str(words) for name, words in named.items()}


def _deadline(results: Results, name: str, *, higher_first: bool) -> tuple[Rulebook, Deadline]:
    """Return the text and its deadline of that kind: one with a number of days before one without."""
    books = [book for book in (results.rulebook, results.overlay) if book is not None]
    books = books[::-1] if higher_first else books
    found = [(book, entry) for book in books for entry in book.deadlines if entry.id == name]
    if not found:
        raise InputError(f"papers: needed a text with a deadline {name}, given {results.rulebook_title} without one")
    return next(((book, entry) for book, entry in found if entry.days is not None), found[0])


def _say_days(days: Deadline, lang: Lang) -> str:
    if days.days is None:
        return pick(lang, "条文未规定天数", "no number of days")
    zh, en = _TRIGGERS.get(days.trigger, ("施行", "the text's start"))
    when = (
        pick(lang, f"{zh}前 {days.days} 日", f"{days.days} days before {en}")
        if days.direction == "before"
        else pick(lang, f"自{zh}之日起 {days.days} 日内", f"within {days.days} days of {en}")
    )
    who = days.who or pick(lang, "（条文未写明主体）", "(the text does not say who)")
    to = days.to or pick(lang, "公安机关", "the police")
    return pick(lang, f"{when}由{who}向{to}办理", f"{when}, by {who}, to {to}")


def _context(results: Results, lang: Lang) -> dict[str, Any]:
    context = describe_study(results, lang)
    context["words"] |= {
        "number": pick(lang, "编号", "No."),
        "signature": pick(lang, "（单位盖章）　　　　", "(seal)"),
        "signed_on": pick(lang, "年　　月　　日　　", "date:              "),
    }
    return context


def _or_none(value: Any, lang: Lang) -> str:
    return text("unnamed", lang) if value is None or pd.isna(value) else str(value)
