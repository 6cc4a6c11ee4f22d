"""Turn the gaps into one notice per place and builder: what is not seen, by which articles, and who must close it."""

from __future__ import annotations

import pandas as pd

from citycover import tables
from citycover.city.finding_decisions import is_settled


def draft_notices(gaps: pd.DataFrame, mandates: pd.DataFrame, *, on: str | None = None) -> pd.DataFrame:
    """Return one row per place and builder, with the sizes of its gaps by unit.

    Parameters
    ----------
    gaps
        Table ``gaps``. Only gaps of duties that stand (``named``, ``qualified``, ``designated``) are told to a
        builder: nothing says "must" without an item, and an undecided duty is settled first.
    mandates
        Table ``mandates``: names the places and the records that would settle who builds.

    on
        Day of the study (ISO 8601): gaps that a person accepted or postponed until this day or a later one are not
        told; without it all are.

    Returns
    -------
    Table ``notices``; most gaps first, then by id. A stretch of ground that several items demand is told once per
    place, by its largest gap, so that metres are not added twice.

    Examples
    --------
    >>> draft_notices(tables.conform("gaps", []), tables.conform("mandates", [])).empty
    True
    """
    stands = gaps["standing"].isin(["named", "qualified", "designated"]).to_numpy(bool)
    duties = gaps.loc[stands & ~is_settled(gaps, on=on)]
    if duties.empty:
        empty: pd.DataFrame = tables.conform("notices", [])
        return empty
    rows = pd.DataFrame(duties.drop(columns="geometry", errors="ignore"))
    records = mandates.set_index("mandate_id")[["name", "needs_record"]].add_prefix("mandate_")
    rows = rows.join(records, on="mandate_id")
    rows["builder"] = rows["builder"].fillna("review")
    rows["clause"] = rows["article"].fillna("") + rows["item"].fillna("")
    keys = ["place_id", "builder"]
    # the same ground under two items: the larger figure stands, once
    by_mandate = rows.pivot_table(
        index=[*keys, "mandate_id"], columns="unit", values="size", aggfunc="sum", fill_value=0.0, observed=True
    )
    largest = by_mandate.groupby(level=keys).max().reindex(columns=["point", "m", "m2"], fill_value=0.0)
    grouped = rows.groupby(keys, sort=True)
    notices = pd.DataFrame(
        {
            "name": grouped["mandate_name"].first(),
            "articles": grouped["clause"].agg(_join),
            "gaps": grouped["gap_id"].agg(_join),
            "needs_record": grouped["mandate_needs_record"].agg(_join),
            "department": grouped["department"].first(),
            "district": grouped["district"].first(),
            "count": grouped.size(),
        }
    ).join(largest)
    notices = notices.rename(columns={"point": "points", "m": "metres", "m2": "square_metres"}).reset_index()
    notices["notice_id"] = tables.content_ids("N", notices["place_id"], notices["builder"])
    notices = notices.sort_values(["count", "notice_id"], ascending=[False, True]).drop(columns="count")
    out: pd.DataFrame = tables.conform("notices", notices)
    return out


def _join(values: pd.Series) -> str:
    parts = values.dropna().str.split(";").explode().str.strip()
    return ";".join(sorted(set(parts) - {""}))
