"""Matches vehicles and vessels with the items that demand cameras inside them: never points on a map."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from citycover import tables, terms
from citycover.errors import TableError
from citycover.law.regulation import Rulebook

INTERIOR = "vehicle_interior"


def match_fleets(fleets: pd.DataFrame, rulebook: Rulebook) -> pd.DataFrame:
    """Return each fleet under each item of the rulebook that names its kind.

    Parameters
    ----------
    fleets
        What :func:`citycover.city.fleets.read_fleets` read.
    rulebook
        The city's regulation: its rows whose part is the inside of the vehicle or vessel.

    Returns
    -------
    DataFrame
        Table ``fleets``, fleet by fleet in their order, then in the order of the rulebook. A kind that no item names
        keeps one row with an empty article. ``standing`` is ``undecided`` where an explicit qualifier (大型 …) stands
        on the word, as nothing in the register decides it.

    Raises
    ------
    TableError
        ``fleets`` lacks a declared column.
    """
    rows = [row for row in rulebook.rows if row.part == INTERIOR]
    duties = pd.DataFrame(
        {
            "kind": [row.kind for row in rows],
            "article": [row.article for row in rows],
            "item": [row.item for row in rows],
            "term": [row.term for row in rows],
            "qualifier": [row.qualifier or None for row in rows],
            "standing": ["undecided" if row.scope == "explicit" else "named" for row in rows],
        },
        dtype=object,
    )
    own = ["fleet_id", "kind", "operator", "name", "required", "fitted", "missing", "source_row"]
    lacking = [name for name in own if name not in fleets.columns]
    if lacking:
        raise TableError(f"table fleets: columns missing: {', '.join(lacking)}")
    out = fleets[own].astype({"kind": object}).merge(duties, on="kind", how="left", sort=False)
    out["rulebook"] = rulebook.id
    for name in ("article", "item"):
        out[name] = out[name].where(out[name].notna(), "")
    out = out.drop_duplicates(["fleet_id", "article", "item"])
    table: pd.DataFrame = tables.conform("fleets", out)
    tables.check(table, "fleets")
    return table


def tally_fleets(fleets: pd.DataFrame) -> pd.DataFrame:
    """Return required, fitted and missing per kind, article and item, in the order of ``terms.KINDS``.

    A fleet whose numbers are not both known is left out of the three sums and counted in ``unknown``; ``fleets``
    counts all.

    >>> tally_fleets(tables.conform("fleets", [])).columns.tolist()
    ['kind', 'article', 'item', 'fleets', 'required', 'fitted', 'missing', 'unknown']
    """
    keys, sums = ["kind", "article", "item"], ["required", "fitted", "missing"]
    known = fleets["required"].notna() & fleets["fitted"].notna()
    rows = fleets[keys].assign(fleets=1, **{name: fleets[name].where(known, 0) for name in sums}, unknown=~known)
    rows = rows.astype({**dict.fromkeys(sums, "int64"), "unknown": "int64"})
    out = rows.groupby(keys, sort=False, as_index=False).sum()
    order = {kind: n for n, kind in enumerate(terms.KINDS)}
    out = out.sort_values("kind", key=lambda kinds: kinds.map(order), kind="stable")
    return out.reset_index(drop=True)[[*keys, "fleets", *sums, "unknown"]]


def join_fleets(readings: Iterable[pd.DataFrame], rulebook: Rulebook) -> pd.DataFrame:
    """Return the fleets of several registers under the rulebook, as :func:`match_fleets`; equal ids are numbered."""
    tables_read = list(readings)
    if not tables_read:
        empty: pd.DataFrame = tables.conform("fleets", [])
        return empty
    every = pd.concat(tables_read, ignore_index=True)
    every["fleet_id"] = tables.number_repeats(every["fleet_id"])
    return match_fleets(every, rulebook)
