"""Lay out the sheet on which departments comment on the draft (征求意见表) and are answered."""

from __future__ import annotations

import pandas as pd

from citycover.publish.results import Results

COLUMNS = ("number", "department", "concerns", "opinion", "answer", "reason_of_answer")


def comment_rows(results: Results) -> pd.DataFrame:
    """Return one row per department that answers for mandates, with what concerns it; opinion and answer are empty.

    Ordered by the number of its mandates, then by name. A department is the regulation's, not the register's.
    """
    known = results.mandates["department"].dropna()
    counts = known.value_counts().rename_axis("department").reset_index(name="mandates")
    counts = counts.sort_values(["mandates", "department"], ascending=[False, True], kind="stable", ignore_index=True)
    gaps = results.gaps["department"].value_counts()
    told = counts["department"].map(gaps).fillna(0).astype("int64")
    zh = results.lang == "zh"
    concerns = (
        "应建 " + counts["mandates"].astype("str") + " 条，缺口 " + told.astype("str") + " 个"
        if zh
        else counts["mandates"].astype("str") + " mandates, " + told.astype("str") + " gaps"
    )
    empty = pd.Series("", index=counts.index, dtype="str")
    return pd.DataFrame(
        {
            "number": pd.Series(range(1, len(counts) + 1), dtype="int64"),
            "department": counts["department"],
            "concerns": concerns,
            "opinion": empty,
            "answer": empty,
            "reason_of_answer": empty,
        }
    )
