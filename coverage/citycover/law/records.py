"""Lays the table of records out by place: one column per recorded fact, words for yes and no made one."""

from __future__ import annotations

import pandas as pd

from citycover.errors import TableError

RECORDED: tuple[str, ...] = (
    "agreement",
    "owner",
    "manager",
    "operating_unit",
    "state_owned",
    "designation",
    "completed_on",
)

YES: frozenset[str] = frozenset({"yes", "true", "1", "y", "是", "有", "国有", "国家所有", "已认定"})
NO: frozenset[str] = frozenset({"no", "none", "false", "0", "n", "否", "无", "没有", "非国有", "未认定", "不属于"})


def spread_records(records: pd.DataFrame) -> pd.DataFrame:
    """Return one row per place with a column for each fact of ``records``, null where nothing is recorded.

    ``yes`` and ``no`` stand for all usual words of them (是, 无, true …); parties, items and dates stay as they are.
    Of two records of one fact the later date counts.

    Raises
    ------
    TableError
        Two records of one place and fact bear the same date and disagree, or ``state_owned`` is neither yes nor no.

    Examples
    --------
    >>> rows = [{"place_id": "way/1", "fact": "state_owned", "value": "是"}]
    >>> spread_records(pd.DataFrame(rows)).loc[0, "state_owned"]
    'yes'
    """
    frame = records.reindex(columns=["place_id", "fact", "value", "date"]).dropna(subset=["place_id", "fact", "value"])
    frame = frame.astype("str")
    text = frame["value"].str.strip()
    low = text.str.lower()
    frame["value"] = text.mask(low.isin(YES), "yes").mask(low.isin(NO), "no")
    frame["date"] = frame["date"].fillna("")
    frame = frame.drop_duplicates(["place_id", "fact", "value", "date"])
    clash = frame[frame.duplicated(["place_id", "fact", "date"], keep=False)]
    if len(clash):
        row = clash.iloc[0]
        raise TableError(
            f"table records: needed one value for {row['fact']} of {row['place_id']}, given several of the same date"
        )
    wrong = frame[(frame["fact"] == "state_owned") & ~frame["value"].isin(["yes", "no"])]
    if len(wrong):
        raise TableError(
            f"table records: needed yes or no (是/否) for state_owned of {wrong['place_id'].iloc[0]}, "
            f"given {wrong['value'].iloc[0]!r}"
        )
    latest = frame.sort_values(["place_id", "fact", "date"], kind="stable").drop_duplicates(
        ["place_id", "fact"], keep="last"
    )
    by_fact = {fact: latest[latest["fact"] == fact].set_index("place_id")["value"] for fact in RECORDED}
    return pd.DataFrame(by_fact).astype("str").rename_axis("place_id").reset_index()
