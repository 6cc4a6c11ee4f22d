"""One regulation as data: its items, builder rules, bans, dates, penalties and what lies out of scope."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from citycover import terms
from citycover.terms import Label

Money = tuple[int, int] | None

SCOPES: tuple[str, ...] = ("explicit", "ambiguous")
ROLES: tuple[str, ...] = ("city", "overlay")

FACT_STATES: dict[str, tuple[str, ...]] = {
    "agreement": ("recorded_yes", "recorded_no", "unknown"),
    "state_owned": (
        "recorded_yes",
        "tagged_yes",
        "hinted_yes",
        "unknown",
        "hinted_no",
        "tagged_no",
        "recorded_no",
    ),
    "operated": ("recorded_yes", "hinted_yes", "unknown", "recorded_no"),
    "owner": ("recorded", "tagged", "unknown"),
    "access": ("open", "closed", "unknown"),
    "size": ("above", "near_above", "near_below", "below", "unknown"),
}
"""States of the facts that builder rules may ask for: ``recorded`` by an official record, ``tagged`` outright in
OpenStreetMap, ``hinted`` by a name only. ``size`` is the place's measure against a criterion: ``above`` and ``below``
are clear of the review band, ``near_above`` and ``near_below`` lie within it."""

RECORD_FACTS: tuple[str, ...] = (
    "agreement",
    "owner",
    "manager",
    "operating_unit",
    "state_owned",
    "designation",
    "completed_on",
    "access",
    "size",
)

DEADLINE_KINDS: dict[str, Label] = {
    "preexisting_filing": ("施行前已建系统备案", "filing of systems that stood before the text"),
    "new_system_filing": ("新建系统备案", "filing of new systems"),
    "dismantling_report": ("拆除报告", "report on dismantling"),
    "retention": ("信息资料留存", "retention of recordings"),
}
DIRECTIONS: tuple[str, ...] = ("before", "after", "minimum", "none")
TRIGGERS: tuple[str, ...] = ("in_force", "dismantling", "acceptance", "in_use", "recording", "none")

VIOLATIONS: dict[str, Label] = {
    "not_built": ("应当建设而未建设", "mandatory place without a system"),
    "not_entitled": ("无权建设而建设", "built without being entitled"),
    "not_connected": ("应当接入而未接入", "not connected though required"),
    "forbidden_place": ("在禁止区域安装", "device in a forbidden place"),
    "no_consent": ("未经同意在涉密单位周边安装", "no consent near a secret-holding unit"),
    "grading": ("未履行网络安全等级保护义务", "network-security grading not met"),
    "no_interface": ("未预留接口", "no interface reserved"),
    "not_simultaneous": ("未与主体工程同步", "not built together with the main works"),
    "not_accepted": ("未验收或者验收不合格投入使用", "used without acceptance"),
    "not_filed": ("未备案", "not filed"),
    "no_files": ("未立卷归档", "files not kept"),
    "no_sign": ("未设置明显标志", "no conspicuous sign"),
    "obstruction": ("妨碍采集", "capture hindered by planting, wires or advertising"),
    "publication": ("公共传播未采取保护措施", "images published without protection"),
    "preservation": ("未采取信息保全措施", "recordings not preserved, or secrecy rules not met"),
    "dismantled": ("擅自拆除", "dismantled without leave"),
    "changed": ("擅自改动、迁移", "changed or moved without leave"),
    "user_duties": ("未履行使用、管理义务", "duties of the user not met"),
    "blocks_integration": ("拒绝、阻碍联网整合", "integration refused or blocked"),
    "blocks_access": ("拒绝、阻碍依法查阅", "lawful access refused or blocked"),
    "records": ("非法获取、删改、传播", "recordings taken, altered or spread"),
    "office": ("滥用职权、玩忽职守", "abuse of office"),
    "any": ("违反规定", "any violation"),
}
APPLIES: dict[str, Label] = {
    "government_invested": ("政府投资建设的", "built with public money"),
    "not_government_invested": ("非政府投资建设的", "not built with public money"),
    "public_places": ("公共场所的", "in public places"),
    "filed": ("已备案的", "filed with the police"),
    "departments_systems": ("部门管理并列入接入目录的", "run by departments and in the catalogue of what must connect"),
    "mandatory_places": ("在应当建设的场所的", "in places that must have a system"),
}
"""What a deadline or a clause is limited to, where its text limits it; several must hold together."""

PATHS: dict[str, Label] = {
    "if_not_corrected": ("责令限期改正并给予警告；逾期未改正的，罚款", "order and warning; fine if not corrected"),
    "correct_first": ("责令限期改正；逾期未改正的，罚款", "order to correct, no warning; fine if not corrected"),
    "if_not_removed": ("责令限期拆除；拒不拆除的，依法处置并罚款", "order to remove; fine if refused"),
    "with_removal": (
        "责令限期拆除并罚款；拒不拆除的，申请人民法院强制拆除",
        "order to remove, with the fine; removal by the court if refused",
    ),
    "with_order": ("责令改正并罚款", "order to correct, with the fine"),
    "if_serious": ("责令改正；情节严重的，罚款", "order to correct; fine when serious"),
    "direct": ("直接罚款", "direct fine"),
    "other_law": ("依照其他法律、法规", "other laws apply"),
    "disciplinary": ("处分；构成犯罪的，追究刑事责任", "disciplinary or criminal"),
}


@dataclass(frozen=True)
class Item:
    """An article and item that demands systems, with the project's own label for it."""

    article: str
    item: str
    label: Label


@dataclass(frozen=True)
class Row:
    """One kind of place that an item demands.

    ``term`` is the word of the text. ``qualifier`` is 大型, 重要 … and ``scope`` how surely it stands on the term:
    an ``ambiguous`` one never drops a place. ``criterion`` names the planner's number that decides the qualifier; with
    ``ranking`` it only ranks. ``official_list`` names the list without which evidence alone leaves the row undecided.
    ``by_kind`` says that the kind itself bears an explicit qualifier (公共停车场: every ``public_parking`` is one), and
    nothing else has to decide it.
    """

    article: str
    item: str
    term: str
    kind: str
    part: str
    qualifier: str
    scope: str
    criterion: str
    ranking: bool
    official_list: Label
    confidence: str
    implied: bool
    label: Label
    note: Label
    by_kind: bool = False


@dataclass(frozen=True)
class When:
    """The conditions of a builder rule, all of which must hold; an empty one always holds.

    ``kinds_from`` names a list of kinds in the criteria, ``mentions`` words one of which stands in the place's name or
    evidence, ``facts`` the accepted states of a fact (see :data:`FACT_STATES`); ``criterion`` is what ``size`` is
    measured against.
    """

    kinds: tuple[str, ...]
    kinds_from: str
    items: tuple[str, ...]
    road_classes: tuple[str, ...]
    mentions: tuple[str, ...]
    criterion: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class BuilderRule:
    """One step of the ordered builder rules: the first whose conditions hold answers.

    An empty ``builder`` (overlays only) defers to the city's answer, though the article is named. ``needs`` are the
    records that would settle the answer, ``alternatives`` the answers that they could bring.
    """

    id: str
    article: str
    builder: str
    confidence: str
    when: When
    needs: tuple[str, ...]
    alternatives: tuple[str, ...]
    why: Label


@dataclass(frozen=True)
class Ban:
    """A place where no capture device may be installed."""

    article: str
    item: str
    place_type: str
    term: str
    scope: Label
    penalty_article: str


@dataclass(frozen=True)
class ConsentZone:
    """Units around which a camera needs their prior consent; the distance is the planner's, the text has none."""

    article: str
    kinds: tuple[str, ...]
    number: str
    label: Label


@dataclass(frozen=True)
class Deadline:
    """A number of days, from or before what, to whom and by whom; ``days`` is None where the text gives none.

    ``applies_to`` (:data:`APPLIES`) names the systems that it binds; empty = all.
    """

    id: str
    article: str
    days: int | None
    direction: str
    trigger: str
    to: str
    who: str
    note: Label
    applies_to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Penalty:
    """What a violation costs: ranges in yuan for the unit, its responsible persons and individuals; None = no fine."""

    article: str
    violation: str
    basis: tuple[str, ...]
    path: str
    unit: Money
    persons: Money
    individual: Money
    note: Label


@dataclass(frozen=True)
class Clause:
    """A provision that bears on planning but is no item, builder, ban, date or penalty; also duties without a fine.

    ``applies_to`` (:data:`APPLIES`) names the systems that it binds; empty = all. ``actions`` are those
    (``terms.ACTIONS``) that it is the ground of, where a build would repeat what stands. ``obstacles``
    (``terms.OBSTACLES``) are those that it names as not to hinder cameras, ``obstacles_open`` those that only its
    general or closing words may reach.
    """

    article: str
    topic: str
    label: Label
    applies_to: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    obstacles_open: tuple[str, ...] = ()


@dataclass(frozen=True)
class OutOfScope:
    """A provision that gives a planning tool nothing to do, and why."""

    article: str
    reason: Label


@dataclass(frozen=True)
class Rulebook:
    """One regulation as data. ``role`` is ``city``, or ``overlay`` for a higher law that is laid over a city's."""

    id: str
    role: str
    title: Label
    city: Label
    document: str
    nature: Label
    adopted: str
    issued: str
    in_force: str
    article_count: int
    source: str
    validity_checked: bool
    validity_note: Label
    items: tuple[Item, ...]
    rows: tuple[Row, ...]
    builders: tuple[BuilderRule, ...]
    encouragements: tuple[Clause, ...]
    bans: tuple[Ban, ...]
    consent_zones: tuple[ConsentZone, ...]
    deadlines: tuple[Deadline, ...]
    penalties: tuple[Penalty, ...]
    unfined: tuple[Clause, ...]
    clauses: tuple[Clause, ...]
    out_of_scope: tuple[OutOfScope, ...]

    def label_of(self, row: Row) -> Label:
        """Return the label of a row: its own where the city's words differ, else that of its kind."""
        return row.label if row.label[0] else terms.KINDS[row.kind]

    def due_date(self, deadline: Deadline) -> str | None:
        """Return the last day (ISO) of a deadline that runs from the text's start, else None.

        Calendar days; the start day is not counted and holidays do not shift it.
        """
        if deadline.trigger != "in_force" or deadline.days is None:
            return None
        return (date.fromisoformat(self.in_force) + timedelta(days=deadline.days)).isoformat()

    def provisions(self) -> Iterator[tuple[str, str]]:
        """Yield section and article of everything that the rulebook carries, out of scope included."""
        for section in (
            "items",
            "builders",
            "encouragements",
            "bans",
            "consent_zones",
            "deadlines",
            "penalties",
            "unfined",
            "clauses",
            "out_of_scope",
        ):
            for entry in getattr(self, section):
                for article in entry.article.split(";"):
                    yield section, article

    def articles_unaccounted(self) -> list[int]:
        """Return the numbers of the text's articles that stand in no section: none, in a sound rulebook."""
        found = {article_number(article) for _, article in self.provisions()}
        return [n for n in range(1, self.article_count + 1) if n not in found]


_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")}


def article_number(article: str) -> int:
    """Return the number of the article that a citation begins with, 0 where it is no citation.

    >>> article_number("第三十四条（一）"), article_number("第十条第一款"), article_number("附则")
    (34, 10, 0)
    """
    match = re.match("第([零一二三四五六七八九十]+)条", article)
    if not match:
        return 0
    tens, ten, ones = match.group(1).rpartition("十")
    if not ten:
        return _DIGITS.get(ones, 0)
    return 10 * _DIGITS.get(tens, 1) + _DIGITS.get(ones, 0)
