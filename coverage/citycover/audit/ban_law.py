"""Tell what a rulebook says of each place type that bans speak of, and of the units that must consent."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from citycover import terms
from citycover.law.criteria import Criteria
from citycover.law.regulation import Ban, Rulebook

OPEN_CLAUSE = "other_privacy_area"
"""Place type of a closing clause: it covers every private place that the text does not name."""

BY_NAME_ONLY = ("voting_place",)
"""Place types that no closing clause covers: only a text that names them forbids cameras there."""

COLUMNS = ("named", "rulebook", "article", "item", "term", "penalty_article", "overlay_article")


class Consent(NamedTuple):
    """One duty to ask for consent: where it stands, kinds of units, how near (m) by which criterion, penalty."""

    rulebook: str
    article: str
    kinds: tuple[str, ...]
    metres: float
    number: str
    penalty_article: str


def list_banned(rulebook: Rulebook, *, overlay: Rulebook | None = None) -> pd.DataFrame:
    """Return one row per place type that the law forbids, by place type, in the order of ``terms.BAN_PLACES``.

    ``named`` tells whether a text names it; else a closing clause covers it. The city's text answers where it names the
    type, then the overlay where that does, then the closing clauses; ``overlay_article`` is the overlay's, where the
    city's text answers and the overlay says the same. Homes and wards fall under closing clauses only.

    >>> from citycover.law.rulebook import load_rulebook
    >>> banned = list_banned(load_rulebook("wuxi_2019"))
    >>> banned.loc[["toilet", "lactation_room"], "named"].tolist(), "voting_place" in banned.index
    ([True, False], False)
    """
    rows = {place_type: _answer(place_type, rulebook, overlay) for place_type in terms.BAN_PLACES}
    found = {place_type: row for place_type, row in rows.items() if row}
    return pd.DataFrame.from_dict(found, orient="index", columns=list(COLUMNS))


def list_consents(rulebook: Rulebook, criteria: Criteria, *, overlay: Rulebook | None = None) -> list[Consent]:
    """Return the duties to ask units for consent, the city's first."""
    books = [rulebook] if overlay is None else [rulebook, overlay]
    return [
        Consent(book.id, zone.article, zone.kinds, criteria.value(zone.number), zone.number, penalty)
        for book in books
        for penalty in [next((p.article for p in book.penalties if p.violation == "no_consent"), "")]
        for zone in book.consent_zones
    ]


def _answer(place_type: str, rulebook: Rulebook, overlay: Rulebook | None) -> tuple[object, ...] | None:
    named, opened = _bans(rulebook, place_type)
    over_named, over_opened = _bans(overlay, place_type) if overlay is not None else (None, None)
    choices = ((named, rulebook), (over_named, overlay), (opened, rulebook), (over_opened, overlay))
    ban, book = next(((b, k) for b, k in choices if b is not None and k is not None), (None, None))
    if ban is None or book is None:
        return None
    over = (over_named or over_opened) if book is rulebook else None
    explicit = ban in (named, over_named) and place_type != OPEN_CLAUSE
    also = f"{over.article}{over.item}" if over is not None else ""
    return explicit, book.id, ban.article, ban.item, ban.term, ban.penalty_article, also


def _bans(rulebook: Rulebook, place_type: str) -> tuple[Ban | None, Ban | None]:
    """Return the ban that names a place type, and the closing clause that covers it."""
    named = next((ban for ban in rulebook.bans if ban.place_type == place_type), None)
    if named is not None or place_type in BY_NAME_ONLY:
        return named, None
    return None, next((ban for ban in rulebook.bans if ban.place_type == OPEN_CLAUSE), None)
