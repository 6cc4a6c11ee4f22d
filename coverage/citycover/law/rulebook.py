"""Loads rulebooks: one TOML file per regulation, validated so strictly that a slip of the pen is named."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from citycover import terms
from citycover.errors import RulebookError
from citycover.law.criteria import load_criteria
from citycover.law.regulation import (
    APPLIES,
    DEADLINE_KINDS,
    DIRECTIONS,
    FACT_STATES,
    PATHS,
    RECORD_FACTS,
    ROLES,
    SCOPES,
    TRIGGERS,
    VIOLATIONS,
    Ban,
    BuilderRule,
    Clause,
    ConsentZone,
    Deadline,
    Item,
    OutOfScope,
    Penalty,
    Row,
    Rulebook,
    When,
    article_number,
)
from citycover.law.strict import StrictTable, nearest, read_toml
from citycover.terms import Label

__all__ = [
    "Ban",
    "BuilderRule",
    "Clause",
    "ConsentZone",
    "Deadline",
    "Item",
    "OutOfScope",
    "Penalty",
    "Row",
    "Rulebook",
    "When",
    "list_rulebooks",
    "load_rulebook",
]


def list_rulebooks() -> list[str]:
    """Return the ids of the rulebooks that come with the package, sorted.

    >>> "wuxi_2019" in list_rulebooks()
    True
    """
    return sorted(_shipped())


HIGHER_LAW = "national_2025"
"""Laid over a city's regulation by default from the day on which it is in force."""


def choose_overlay(name: str, *, on: str) -> Rulebook | None:
    """Return the higher law: the one named, none for ``none``, for ``auto`` the national one once it is in force.

    >>> choose_overlay("auto", on="2025-03-31") is None, choose_overlay("auto", on="2025-04-01").id
    (True, 'national_2025')
    """
    if name == "none":
        return None
    if name != "auto":
        return load_rulebook(name)
    national = load_rulebook(HIGHER_LAW)
    return national if on >= national.in_force else None


def load_rulebook(id_or_path: str | Path) -> Rulebook:
    """Return a rulebook by id, or from a planner's own TOML file.

    Raises
    ------
    RulebookError
        The id is unknown or the file malformed: the message names file, place and key, what was needed, what was
        given, and the nearest right word.

    Examples
    --------
    >>> load_rulebook("wuxi_2019").in_force
    '2019-08-01'
    >>> load_rulebook("wuxi_2018")
    Traceback (most recent call last):
    citycover.errors.RulebookError: needed the id of a rulebook or a .toml file, given 'wuxi_2018'; ...
    """
    text = str(id_or_path)
    if isinstance(id_or_path, Path) or text.endswith(".toml"):
        return _read(Path(id_or_path))
    if text not in _shipped():
        raise RulebookError(
            f"needed the id of a rulebook or a .toml file, given {text!r}{nearest(text, list_rulebooks())}"
        )
    return _load_shipped(text)


@cache
def _load_shipped(rulebook_id: str) -> Rulebook:
    return _read(_shipped()[rulebook_id])


@cache
def _shipped() -> dict[str, Traversable]:
    folder = files("citycover") / "law" / "rulebooks"
    return {f.name.removesuffix(".toml"): f for f in folder.iterdir() if f.name.endswith(".toml")}


def _read(path: Path | Traversable) -> Rulebook:
    root = StrictTable(read_toml(path), path.name)
    head = root.table("rulebook")
    groups = [_item(t) for t in root.tables("items")]
    book = Rulebook(
        id=head.text("id"),
        role=head.word("role", ROLES),
        title=head.label("title_zh", "title_en"),
        city=head.label("city_zh", "city_en"),
        document=head.text("document", ""),
        nature=head.label("nature_zh", "nature_en"),
        adopted=head.day("adopted", ""),
        issued=head.day("issued", ""),
        in_force=head.day("in_force"),
        article_count=head.whole("articles"),
        source=head.text("source", ""),
        validity_checked=head.flag("validity_checked"),
        validity_note=head.label("validity_zh", "validity_en"),
        items=tuple(item for item, _ in groups),
        rows=tuple(row for _, rows in groups for row in rows),
        builders=tuple(_builder(t, head.text("id")) for t in root.tables("builders")),
        encouragements=tuple(_clause(t, topic="voluntary") for t in root.tables("encouragements")),
        bans=tuple(_ban(t) for t in root.tables("bans")),
        consent_zones=tuple(_consent_zone(t) for t in root.tables("consent_zones")),
        deadlines=tuple(_deadline(t) for t in root.tables("deadlines")),
        penalties=tuple(_penalty(t) for t in root.tables("penalties")),
        unfined=tuple(_clause(t, topic="unfined") for t in root.tables("unfined")),
        clauses=tuple(_clause(t, topic=None) for t in root.tables("clauses")),
        out_of_scope=tuple(_out_of_scope(t) for t in root.tables("out_of_scope")),
    )
    head.done()
    root.done()
    _check_whole(book, root)
    return book


def _check_whole(book: Rulebook, root: StrictTable) -> None:
    stem = root.where.removesuffix(".toml")
    if book.id != stem:
        raise root.fail(f"rulebook, key 'id': needed the name of the file, {stem!r}, given {book.id!r}")
    if book.role == "city" and not book.rows:
        raise root.fail("needed items with rows in the rulebook of a city, given none")
    for section, article in book.provisions():
        number = article_number(article)
        if not 1 <= number <= book.article_count:
            raise root.fail(
                f"{section}: needed an article 第一条 to the {book.article_count}th, such as 第八条, given {article!r}"
            )
    missing = book.articles_unaccounted()
    if missing:
        numbers = ", ".join(map(str, missing))
        raise root.fail(f"needed every article in some section, out_of_scope included, given none for {numbers}")
    _refuse_unknown_criteria(book, root)
    _refuse_repeats(root, "items", [f"{row.article}{row.item} {row.kind}" for row in book.rows])
    _refuse_repeats(root, "builders", [rule.id for rule in book.builders])
    _refuse_repeats(root, "deadlines", [deadline.id for deadline in book.deadlines])
    if book.builders and book.role == "city" and book.builders[-1].when != _ALWAYS:
        raise root.fail("builders: needed a last rule without conditions, so that every place gets an answer")


def _refuse_unknown_criteria(book: Rulebook, root: StrictTable) -> None:
    known = load_criteria()
    named = [("items", r.criterion, known.criteria) for r in book.rows if r.criterion]
    named += [("builders", b.when.criterion, known.criteria) for b in book.builders if b.when.criterion]
    numbers = [("builders", b.when.kinds_from) for b in book.builders if b.when.kinds_from]
    numbers += [("consent_zones", z.number) for z in book.consent_zones]
    for section, name, choices in [*named, *((s, n, known.numbers) for s, n in numbers)]:
        if name not in choices:
            raise root.fail(f"{section}: needed a name of criteria.toml, given {name!r}{nearest(name, list(choices))}")


def _refuse_repeats(root: StrictTable, section: str, keys: list[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise root.fail(f"{section}: needed each once, given {key!r} twice")
        seen.add(key)


def _item(table: StrictTable) -> tuple[Item, list[Row]]:
    item = Item(table.text("article"), table.text("item", ""), table.label())
    part = table.word("part", terms.PARTS, "")
    rows = [_row(t, item, part) for t in table.tables("rows")]
    table.done()
    return item, rows


def _row(table: StrictTable, item: Item, part: str) -> Row:
    row = Row(
        article=item.article,
        item=item.item,
        term=table.text("term"),
        kind=table.word("kind", terms.KINDS),
        part=table.word("part", terms.PARTS, part or ...),
        qualifier=table.text("qualifier", ""),
        scope=table.word("scope", SCOPES, ""),
        criterion=table.text("criterion", ""),
        ranking=table.flag("ranking", False),
        official_list=table.label("list_zh", "list_en", ""),
        confidence=table.word("confidence", terms.CONFIDENCES, "high"),
        implied=table.flag("implied", False),
        label=table.label("zh", "en", ""),
        note=table.label("note_zh", "note_en", ""),
        by_kind=table.flag("by_kind", False),
    )
    table.done()
    if bool(row.qualifier) != bool(row.scope):
        raise table.fail(f"{row.kind}: needed qualifier and scope together, given {row.qualifier!r} and {row.scope!r}")
    if row.scope == "explicit" and not (row.criterion or row.official_list[0] or row.by_kind):
        raise table.fail(f"{row.kind}: needed criterion or list_zh to decide the explicit qualifier, given none")
    if row.by_kind and (row.scope != "explicit" or row.criterion or row.official_list[0]):
        raise table.fail(f"{row.kind}: needed by_kind on an explicit qualifier alone, given more or less")
    if row.scope == "ambiguous" and row.criterion and not row.ranking:
        raise table.fail(f"{row.kind}: needed ranking = true, as an ambiguous qualifier never drops, given none")
    return row


def _when(table: StrictTable) -> When:
    when = When(
        kinds=table.words("kinds", terms.KINDS),
        kinds_from=table.text("kinds_from", ""),
        items=table.words("items"),
        road_classes=table.words("road_classes", terms.ROAD_CLASSES),
        mentions=table.words("mentions"),
        criterion=table.text("criterion", ""),
        facts=tuple((fact, s) for fact, states in FACT_STATES.items() if (s := table.words(fact, states))),
    )
    table.done()
    if bool(when.criterion) != any(fact == "size" for fact, _ in when.facts):
        raise table.fail("needed criterion and size together, given one of them")
    return when


_ALWAYS = _when(StrictTable({}, ""))


def _builder(table: StrictTable, rulebook: str) -> BuilderRule:
    rule = BuilderRule(
        id=f"{rulebook}/{table.text('id')}",
        article=table.text("article"),
        builder=table.word("builder", terms.BUILDERS, ""),
        confidence=table.word("confidence", terms.CONFIDENCES),
        when=_when(table.table("when")),
        needs=table.words("needs", RECORD_FACTS),
        alternatives=table.words("alternatives", terms.BUILDERS),
        why=table.label(),
    )
    table.done()
    return rule


def _clause(table: StrictTable, *, topic: str | None) -> Clause:
    clause = Clause(
        table.text("article"),
        topic if topic else table.text("topic"),
        table.label(),
        table.words("applies_to", APPLIES),
        table.words("actions", terms.ACTIONS),
        table.words("obstacles", terms.OBSTACLES),
        table.words("obstacles_open", terms.OBSTACLES),
    )
    table.done()
    return clause


def _ban(table: StrictTable) -> Ban:
    ban = Ban(
        article=table.text("article"),
        item=table.text("item", ""),
        place_type=table.word("place_type", terms.BAN_PLACES),
        term=table.text("term"),
        scope=table.label("scope_zh", "scope_en"),
        penalty_article=table.text("penalty_article", ""),
    )
    table.done()
    return ban


def _consent_zone(table: StrictTable) -> ConsentZone:
    zone = ConsentZone(table.text("article"), table.words("kinds", terms.KINDS), table.text("number"), table.label())
    table.done()
    return zone


def _deadline(table: StrictTable) -> Deadline:
    deadline = Deadline(
        id=table.word("id", DEADLINE_KINDS),
        article=table.text("article"),
        days=table.whole("days", None),
        direction=table.word("direction", DIRECTIONS),
        trigger=table.word("trigger", TRIGGERS),
        to=table.text("to", ""),
        who=table.text("who", ""),
        note=table.label("note_zh", "note_en", ""),
        applies_to=table.words("applies_to", APPLIES),
    )
    table.done()
    if (deadline.days is None) != (deadline.direction == "none"):
        raise table.fail("needed days with a direction, or direction 'none' without days")
    return deadline


def _penalty(table: StrictTable) -> Penalty:
    penalty = Penalty(
        article=table.text("article"),
        violation=table.word("violation", VIOLATIONS),
        basis=table.words("basis"),
        path=table.word("path", PATHS),
        unit=table.yuan("unit"),
        persons=table.yuan("persons"),
        individual=table.yuan("individual"),
        note=_optional_label(table),
    )
    table.done()
    return penalty


def _optional_label(table: StrictTable) -> Label:
    return table.label("note_zh", "note_en", "")


def _out_of_scope(table: StrictTable) -> OutOfScope:
    entry = OutOfScope(table.text("article"), table.label())
    table.done()
    return entry
