"""Lay out sheets of the workbook that serve the meeting: comments and answers (征求意见表), storage and bandwidth."""

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


def storage_rows(results: Results) -> pd.DataFrame:
    """Return storage (TB) and bandwidth (Mbit/s) of the sites by district, phase and builder; empty without sites.

    Sums of what each site needs; a site of unknown need is counted and adds nothing. Ordered so. What is connected,
    repaired or turned counts too: its recordings come to the platform.
    """
    columns = ["district", "phase", "builder", "sites", "storage_tb", "mbps"]
    sites = getattr(results, "sites", None)
    if sites is None or sites.empty or not {"storage_tb", "mbps"} <= set(sites.columns):
        return pd.DataFrame(columns=columns)
    grouped = pd.DataFrame(sites).groupby(["district", "phase", "builder"], dropna=False, observed=True, sort=True)
    sums = grouped[["storage_tb", "mbps"]].sum()
    return sums.assign(sites=grouped.size()).reset_index()[columns]
