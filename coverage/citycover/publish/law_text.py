"""A rulebook for reading: as a text table for people, and as plain data for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from citycover import terms
from citycover.law.regulation import (
    APPLIES,
    DEADLINE_KINDS,
    PATHS,
    VIOLATIONS,
    BuilderRule,
    Money,
    Row,
    Rulebook,
)
from citycover.terms import Label, Lang


def builders_of(book: Rulebook, row: Row) -> list[str]:
    """Return the builders that the rules can name for a row, in the order in which the rules are asked.

    Which of them it is follows from facts of the single place (agreement, ownership, size); a rule that asks for no
    fact ends the list.
    """
    found: list[str] = []
    for rule in book.builders:
        if _may_fire(rule, row):
            found += [rule.builder] if rule.builder else []
            when = rule.when
            if not (when.facts or when.road_classes or when.mentions):
                break
    return list(dict.fromkeys(found))


def rulebook_as_data(book: Rulebook) -> dict[str, Any]:
    """Return a rulebook as plain data: its head and its sections.

    They are ``items``, ``bans``, ``deadlines``, ``penalties``, ``unfined``, ``encouragements``, ``clauses``,
    ``out_of_scope``. Each entry of ``items`` has article, item, kind, part, builder (possible builders joined by
    ``;``), qualifier, term.
    """
    head = {k: getattr(book, k) for k in ("id", "document", "issued", "in_force", "validity_checked")}
    return head | {
        "title": book.title[0],
        "items": [
            {
                "article": row.article,
                "item": row.item,
                "kind": row.kind,
                "part": row.part,
                "builder": ";".join(builders_of(book, row)),
                "qualifier": row.qualifier,
                "qualifier_scope": row.scope,
                "term": row.term,
                "label": book.label_of(row)[0],
                "confidence": row.confidence,
            }
            for row in book.rows
        ],
        "bans": [asdict(entry) for entry in book.bans],
        "deadlines": [asdict(entry) | {"due": book.due_date(entry)} for entry in book.deadlines],
        "penalties": [asdict(entry) for entry in book.penalties],
        "unfined": [asdict(entry) for entry in book.unfined],
        "encouragements": [asdict(entry) for entry in book.encouragements],
        "clauses": [asdict(entry) for entry in book.clauses],
        "out_of_scope": [asdict(entry) for entry in book.out_of_scope],
    }


def rulebook_as_text(book: Rulebook, *, lang: Lang = "zh", width: int = 160) -> str:
    """Return a rulebook as text tables: head, items, builder rules, bans, dates, penalties, other clauses.

    Parameters
    ----------
    book
        The rulebook.
    lang
        Language of labels; the words of the text (``term``) stay as they are.
    width
        Half-width letters in a line.
    """
    which = 0 if lang == "zh" else 1

    def say(label: Label) -> str:
        return label[which]

    items = [
        (
            row.article + row.item,
            f"{row.term}{_qualifier(row)}",
            say(book.label_of(row)),
            terms.label(terms.PARTS, row.part, lang),
            " / ".join(terms.label(terms.BUILDERS, b, lang) for b in builders_of(book, row)),
        )
        for row in book.rows
    ]
    builders = [
        (rule.article, terms.label(terms.BUILDERS, rule.builder, lang), say(rule.why)) for rule in book.builders
    ]
    days = [
        (
            entry.article,
            terms.label(DEADLINE_KINDS, entry.id, lang),
            "—" if entry.days is None else str(entry.days),
            book.due_date(entry) or "",
            say(entry.note),
        )
        for entry in book.deadlines
    ]
    fines = [
        (
            entry.article,
            terms.label(VIOLATIONS, entry.violation, lang),
            terms.label(PATHS, entry.path, lang),
            *(_money(m) for m in (entry.unit, entry.persons, entry.individual)),
        )
        for entry in book.penalties
    ]
    sections: list[tuple[Label, tuple[Label, ...], Sequence[tuple[str, ...]]]] = [
        (
            ("应当建设的区域、场所和部位", "What must be covered"),
            (_ITEM, ("原文用词", "term"), ("场所类别", "kind"), ("部位", "part"), ("建设责任主体", "builder")),
            items,
        ),
        (
            ("由谁建设（自上而下，先中先用）", "Who builds (first match wins)"),
            (_ITEM, ("建设责任主体", "builder"), ("规则", "rule")),
            builders,
        ),
        (
            ("禁止安装", "Where no camera may be installed"),
            (_ITEM, ("原文用词", "term"), ("范围", "scope")),
            [(ban.article + ban.item, ban.term, say(ban.scope)) for ban in book.bans],
        ),
        (
            ("期限", "Days"),
            (_ITEM, ("事项", "matter"), ("天数", "days"), ("截止", "due"), ("说明", "note")),
            days,
        ),
        (
            ("法律责任（元）", "Penalties (yuan)"),
            (
                _ITEM,
                ("行为", "violation"),
                ("方式", "path"),
                ("单位", "unit"),
                ("责任人", "persons"),
                ("个人", "individual"),
            ),
            fines,
        ),
        (
            ("未设专门罚款的义务", "Duties without a fine of their own"),
            (_ITEM, ("内容", "content")),
            [(entry.article, say(entry.label)) for entry in book.unfined],
        ),
        (
            ("鼓励（自愿）", "Encouraged (voluntary)"),
            (_ITEM, ("内容", "content")),
            [(entry.article, say(entry.label)) for entry in book.encouragements],
        ),
        (
            ("其他与规划有关的条款", "Other provisions that bear on planning"),
            (_ITEM, ("内容", "content"), ("限于", "limited to")),
            [
                (entry.article, say(entry.label), " / ".join(say(APPLIES[limit]) for limit in entry.applies_to))
                for entry in book.clauses
            ],
        ),
        (
            ("不涉及规划的条款", "Articles out of scope"),
            (_ITEM, ("原因", "reason")),
            [(entry.article, say(entry.reason)) for entry in book.out_of_scope],
        ),
    ]
    out = StringIO()
    console = Console(file=out, width=width, highlight=False, markup=False, emoji=False)
    console.print(f"{say(book.title)} ({book.id})")
    console.print(" · ".join(part for part in (book.document, book.issued, book.in_force) if part))
    if not book.validity_checked:
        console.print(say(book.validity_note))
    for title, heads, rows in sections:
        table = Table(*(say(head) for head in heads), title=say(title), title_justify="left", box=box.SIMPLE_HEAD)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()).rstrip()


_ITEM = ("条款", "article")
_UNIT = ("单位", "unit")


def _qualifier(row: Row) -> str:
    return f" [{row.qualifier}{'?' if row.scope == 'ambiguous' else ''}]" if row.qualifier else ""


def _may_fire(rule: BuilderRule, row: Row) -> bool:
    when = rule.when
    if when.kinds_from:  # kinds that the joint meeting adds: none in the text
        return False
    return (not when.kinds or row.kind in when.kinds) and (not when.items or row.item in when.items)


def _money(sums: Money) -> str:
    return "—" if sums is None else f"{sums[0]}–{sums[1]}"
