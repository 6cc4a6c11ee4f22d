"""A rulebook for reading: as a text table for people, and as plain data for other programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from citycover import terms
from citycover.law.regulation import (
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
    """Return a rulebook as plain data: its head, ``items``, ``bans``, ``deadlines``, ``penalties``, ``out_of_scope``.

    Each entry of ``items`` has article, item, kind, part, builder (possible builders joined by ``;``), qualifier, term.
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
        "out_of_scope": [asdict(entry) for entry in book.out_of_scope],
    }


def rulebook_as_text(book: Rulebook, *, lang: Lang = "zh") -> str:
    """Return a rulebook as lines of text: head, items, builder rules, bans, dates, penalties, what is left out."""

    def say(label: Label) -> str:
        return label[0] if lang == "zh" else label[1]

    def heading(zh: str, en: str) -> list[str]:
        return ["", f"## {zh if lang == 'zh' else en}"]

    lines = [f"# {say(book.title)} ({book.id})", f"{book.document} · {book.issued} · {book.in_force}"]
    lines += [say(book.validity_note)] if not book.validity_checked else []
    lines += heading("应当建设的区域、场所和部位", "What must be covered")
    for row in book.rows:
        builders = " / ".join(terms.label(terms.BUILDERS, b, lang) for b in builders_of(book, row))
        qualifier = f" [{row.qualifier}{'?' if row.scope == 'ambiguous' else ''}]" if row.qualifier else ""
        part = terms.label(terms.PARTS, row.part, lang)
        lines.append(f"{row.article}{row.item}\t{row.term}{qualifier}\t{say(book.label_of(row))}\t{part}\t{builders}")
    lines += heading("由谁建设（自上而下，先中先用）", "Who builds (first match wins)")
    for rule in book.builders:
        lines.append(f"{rule.article}\t{terms.label(terms.BUILDERS, rule.builder, lang)}\t{say(rule.why)}")
    lines += heading("禁止安装", "Where no camera may be installed")
    lines += [f"{ban.article}{ban.item}\t{ban.term}\t{say(ban.scope)}" for ban in book.bans]
    lines += heading("期限", "Days")
    for deadline in book.deadlines:
        days = "—" if deadline.days is None else str(deadline.days)
        due = book.due_date(deadline) or ""
        lines.append(
            f"{deadline.article}\t{terms.label(DEADLINE_KINDS, deadline.id, lang)}\t{days}\t{due}\t{say(deadline.note)}"
        )
    lines += heading("法律责任", "Penalties")
    for penalty in book.penalties:
        sums = " ".join(_money(m) for m in (penalty.unit, penalty.persons, penalty.individual))
        violation = terms.label(VIOLATIONS, penalty.violation, lang)
        lines.append(f"{penalty.article}\t{violation}\t{terms.label(PATHS, penalty.path, lang)}\t{sums}")
    lines += heading("不涉及规划的条款", "Articles out of scope")
    lines += [f"{entry.article}\t{say(entry.reason)}" for entry in book.out_of_scope]
    return "\n".join(lines)


def _may_fire(rule: BuilderRule, row: Row) -> bool:
    when = rule.when
    if when.kinds_from:  # kinds that the joint meeting adds: none in the text
        return False
    return (not when.kinds or row.kind in when.kinds) and (not when.items or row.item in when.items)


def _money(sums: Money) -> str:
    return "—" if sums is None else f"{sums[0]}–{sums[1]}"
