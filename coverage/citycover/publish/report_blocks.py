"""What a report is made of: chapters of headings, sentences, tables and figures, numbered in the order they stand in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from citycover import terms
from citycover.publish.figures import NO_DISTRICT
from citycover.publish.summary import format_number, format_share
from citycover.publish.wording import text
from citycover.terms import Lang


@dataclass(frozen=True)
class Heading:
    """A heading within a chapter."""

    text: str


@dataclass(frozen=True)
class Sheet:
    """A table: what it is of, its unit, its cells, the sentence that says what it shows, and where it comes from.

    ``numbers`` are the columns with numbers; ``bold_last`` tells that the last row holds sums. ``number`` is given
    where the report is put together.
    """

    key: str
    title: str
    unit: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    says: str
    source: str
    numbers: frozenset[int] = frozenset()
    bold_last: bool = False
    number: str = ""


@dataclass(frozen=True)
class Picture:
    """A figure: its title, the sentence that says what it shows, its source, and how it is drawn (PNG)."""

    key: str
    title: str
    says: str
    source: str
    draw: Callable[[], bytes]
    number: str = ""


Block = str | Heading | Sheet | Picture


@dataclass(frozen=True)
class Chapter:
    """A chapter or an annex."""

    key: str
    title: str
    blocks: tuple[Block, ...] = field(default=())

    def sheets(self) -> Iterator[Sheet]:
        """Yield the tables."""
        yield from (block for block in self.blocks if isinstance(block, Sheet))


def pick(lang: Lang, zh: str, en: str) -> str:
    """Return the words of the language asked for."""
    return zh if lang == "zh" else en


def number_blocks(chapters: Iterable[Chapter], lang: Lang, *, annex: bool = False) -> tuple[Chapter, ...]:
    """Return the chapters with their tables and figures numbered through, and each sentence naming its number.

    >>> sheet = Sheet("k", "t", "u", ("h",), (), "三个。", "s")
    >>> number_blocks([Chapter("c", "一", (sheet,))], "zh")[0].blocks[0].says
    '三个（见表1）。'
    """
    counts = {Sheet: 0, Picture: 0}
    words = {
        Sheet: pick(lang, "附表" if annex else "表", "Annex table " if annex else "Table "),
        Picture: pick(lang, "附图" if annex else "图", "Annex figure " if annex else "Figure "),
    }
    out = []
    for chapter in chapters:
        blocks: list[Block] = []
        for block in chapter.blocks:
            if isinstance(block, Sheet | Picture):
                counts[type(block)] += 1
                number = f"{words[type(block)]}{counts[type(block)]}"
                see = pick(lang, f"（见{number}）。", f" ({number[0].lower()}{number[1:]}).")
                blocks.append(replace(block, number=number, says=block.says.rstrip("。. ") + see))
            else:
                blocks.append(block)
        out.append(replace(chapter, blocks=tuple(blocks)))
    return tuple(out)


def say_number(value: Any, lang: Lang) -> str:
    """Return a cell with a number; unknown in words."""
    return text("unknown", lang) if value is None else format_number(float(value), lang)


def say_sizes(row: Mapping[str, Any], lang: Lang) -> list[str]:
    """Return the number of gaps and the sums of their sizes by unit, a dash where there is none."""
    return [say_number(row["gaps"], lang), *(say_number(row[u], lang) if row.get(u) else "—" for u in terms.UNITS)]


def size_heads(lang: Lang) -> list[str]:
    """Return the headers of :func:`say_sizes`."""
    return [
        pick(lang, "缺口（个）", "gaps"),
        *(pick(lang, "规模", "size") + f"（{terms.label(terms.UNITS, unit, lang)}）" for unit in terms.UNITS),
    ]


def count_sheet(
    key: str,
    title: str,
    what: str,
    counts: Mapping[str, int],
    lang: Lang,
    *,
    says: str,
    source: str,
    unit: str,
    labels: Mapping[str, terms.Label] | None = None,
    total: bool = True,
) -> Sheet:
    """Return a table of two columns, what and how many, with its sum below."""
    rows = [(say_key(name, labels, lang), say_number(n, lang)) for name, n in counts.items()]
    if total:
        rows.append((pick(lang, "合计", "total"), say_number(sum(counts.values()), lang)))
    heads = (what, pick(lang, "数量", "number"))
    return Sheet(key, title, unit, heads, tuple(rows), says, source, frozenset({1}), total)


def share_rows(coverage: Mapping[str, Mapping[str, Mapping[str, float]]], lang: Lang) -> tuple[tuple[str, ...], ...]:
    """Return name, unit, what is required and the three shares for each group and unit."""
    rows = []
    for name, by_unit in coverage.items():
        for unit in (u for u in terms.UNITS if u in by_unit):
            row = by_unit[unit]
            required = row["required"]
            shares = [
                format_share(row[f"seen_{end}"] / required if required else None, lang)
                for end in ("low", "expected", "high")
            ]
            rows.append(
                (say_key(name, None, lang), terms.label(terms.UNITS, unit, lang), say_number(required, lang), *shares)
            )
    return tuple(rows)


def share_heads(what: str, lang: Lang) -> tuple[str, ...]:
    """Return the headers of :func:`share_rows`."""
    shares = (text(end, lang) for end in ("low", "expected", "high"))
    return (
        what,
        text("unit", lang),
        pick(lang, "应覆盖", "required"),
        *(pick(lang, f"覆盖率（{s}）", f"share, {s}") for s in shares),
    )


def say_key(name: str, labels: Mapping[str, terms.Label] | None, lang: Lang) -> str:
    """Return a key of a figure in words."""
    if name == NO_DISTRICT:
        return text("outside_districts", lang)
    if labels and name in labels:
        return terms.label(labels, name, lang)
    return text("unknown", lang) if name == "unknown" else name


def say_alike(head: str, value: str, lang: Lang) -> str:
    """Return what all rows have alike, in words."""
    return pick(lang, f"{head}均为{value}", f"{head} {value}")


def most(counts: Mapping[str, int], n: int = 3) -> list[str]:
    """Return the keys of the largest counts.

    >>> most({"a": 1, "b": 5, "c": 2}, 2)
    ['b', 'c']
    """
    return sorted(counts, key=lambda name: -counts[name])[:n]


def join_names(names: Sequence[str], lang: Lang) -> str:
    """Return names as a list in a sentence."""
    return pick(lang, "、", ", ").join(names)
