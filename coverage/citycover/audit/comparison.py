"""Compares the gaps of two studies: what closed, opened and changed, each with one cause, adding up to the change."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import tables, terms
from citycover.audit.causes import find_causes, join_linked
from citycover.audit.gap_ids import keep_gap_ids, keep_mandate_ids, match_gaps
from citycover.audit.matching import Ints
from citycover.audit.snapshot import Snapshot

_NOTHING = 1e-6  # m, m² or points: a difference of two sums
_CARRIED = ("gap_id", "mandate_id", "place_id", "name", "component", "unit", "builder", "article", "item", "kind")
_CARRIED_LATE = ("standing", "department", "district")


@dataclass(frozen=True)
class Comparison:
    """What became of the gaps between two studies.

    ``changes`` is the table ``gap_changes``: a row for every gap of today and for every one that is gone.
    ``by_cause`` sums it up: by cause and unit the gaps ``opened`` and ``closed`` (with those that splitting added and
    merging took away), the changes of number and of size; both add up to those of the studies.
    """

    old: Snapshot
    new: Snapshot
    changes: gpd.GeoDataFrame
    by_cause: pd.DataFrame


def compare_snapshots(old: Snapshot, new: Snapshot) -> Comparison:
    """Compare two studies of one area.

    Gaps are matched by their duty and geometry (see ``match_gaps``), whatever ids they bear. Gaps that are linked
    make a family; what the family gained and lost of unseen ground names its cause (see ``audit.causes``).

    Returns
    -------
    Comparison
        ``changes`` in the order: opened, closed, grown, shrunk, split, merged, same; then by size of the change, then
        by id.
    """
    old = old.to_crs(new.crs)
    kept = keep_mandate_ids(new.mandates, old.mandates)
    to_kept = dict(zip(new.mandates["mandate_id"], kept["mandate_id"], strict=True))
    renamed = Snapshot(
        **{
            **vars(new),
            "mandates": kept,
            "gaps": _with_rulebook(new.gaps.assign(mandate_id=new.gaps["mandate_id"].map(to_kept).astype("str")), kept),
            "demands": new.demands.assign(
                mandate_id=new.demands["mandate_id"].astype(object).map(to_kept).astype("str")
            ),
        }
    )
    before = Snapshot(**{**vars(old), "gaps": _with_rulebook(old.gaps, old.mandates)})
    links = match_gaps(before.gaps, renamed.gaps)
    told = keep_gap_ids(renamed.gaps, before.gaps)
    family_old, family_new = join_linked(links, len(before.gaps), len(renamed.gaps))
    rows = _rows(before.gaps, renamed.gaps, new.gaps["gap_id"], links, told, family_old, family_new)
    steady = rows["change"].isin(["same", "grown", "shrunk"]) & (rows["size_change"].abs() <= _NOTHING)
    by_family = steady.groupby(rows["family"]).all()
    silent = by_family.index[by_family.to_numpy(dtype=bool)]
    asked = [np.where(np.isin(f, silent), -1, f) for f in (family_old, family_new)]
    causes = find_causes(before, renamed, asked[0], asked[1])
    rows = rows.join(causes, on="family")
    changes = _conformed(rows, new)
    return Comparison(old, new, changes, sum_causes(changes))


def sum_causes(changes: pd.DataFrame) -> pd.DataFrame:
    """Return by cause and unit: gaps ``opened``, ``closed``, ``gaps_change`` (their difference) and ``size_change``.

    Sorted as ``terms.GAP_CAUSES`` and ``terms.UNITS``.
    """
    rows = changes[changes["cause"].notna()]
    flagged = rows.assign(opened=(rows["gaps_change"] > 0), closed=(rows["gaps_change"] < 0))
    summed = flagged.groupby(["cause", "unit"])[["opened", "closed", "gaps_change", "size_change"]].sum()
    order = pd.MultiIndex.from_product([terms.GAP_CAUSES, terms.UNITS], names=["cause", "unit"])
    out = summed.reindex(order[order.isin(summed.index)]).reset_index()
    counts = ["opened", "closed", "gaps_change"]
    out["size_change"] = out["size_change"].round(6) + 0.0  # never -0.0
    found: pd.DataFrame = out.astype(dict.fromkeys(counts, "int64"))
    return found


def _with_rulebook(gaps: gpd.GeoDataFrame, mandates: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    rulebooks = mandates.drop_duplicates("mandate_id").set_index("mandate_id")["rulebook"]
    return gaps.reset_index(drop=True).assign(rulebook=gaps["mandate_id"].map(rulebooks).to_numpy())


def _rows(
    old: gpd.GeoDataFrame,
    new: gpd.GeoDataFrame,
    ids: pd.Series,
    links: pd.DataFrame,
    told: pd.DataFrame,
    family_old: Ints,
    family_new: Ints,
) -> pd.DataFrame:
    """Return a row for each gap of today, and for each that is gone or was taken in by another."""
    kept = links[links["kept"].to_numpy(dtype=bool)]
    partner = pd.Series(kept["old"].to_numpy(dtype=np.int64), index=kept["new"].to_numpy(dtype=np.int64))
    before = pd.Series(old["size"].to_numpy(dtype=np.float64)).reindex(partner.reindex(range(len(new))).to_numpy())
    carried = [c for c in (*_CARRIED, *_CARRIED_LATE) if c in new.columns]
    today = pd.DataFrame(new[[*carried, "size", "geometry"]]).assign(
        gap_id=ids.to_numpy(),
        change=told["change"].to_numpy(),
        previous_ids=told["previous_ids"].to_numpy(),
        size_before=before.to_numpy(),
        family=family_new,
    )
    lost = ~np.isin(np.arange(len(old)), kept["old"].to_numpy())
    merged = np.isin(np.arange(len(old)), links["old"].to_numpy())
    gone = pd.DataFrame(old[[*carried, "size", "geometry"]]).assign(
        change=np.where(merged, "merged", "closed"),
        previous_ids=old["gap_id"].to_numpy(),
        size_before=old["size"].to_numpy(dtype=np.float64),
        size=np.nan,
        family=family_old,
    )[lost]
    rows = pd.concat([today, gone], ignore_index=True)
    rows["size_change"] = rows["size"].fillna(0.0) - rows["size_before"].fillna(0.0)
    rows["gaps_change"] = rows["size"].notna().astype("int64") - rows["size_before"].notna().astype("int64")
    return rows


def _conformed(rows: pd.DataFrame, new: Snapshot) -> gpd.GeoDataFrame:
    order = {word: i for i, word in enumerate(("opened", "closed", "grown", "shrunk", "split", "merged", "same"))}
    rows = rows.assign(rank=rows["change"].map(order), much=-rows["size_change"].abs().round(6))
    rows = rows.sort_values(["rank", "much", "gap_id"], kind="stable").reset_index(drop=True)
    rows["gap_id"] = tables.number_repeats(rows["gap_id"])  # ids of a study that was run without the earlier one
    wanted = tables.TABLES["gap_changes"].column_names()
    return tables.conform("gap_changes", rows[[c for c in wanted if c in rows.columns]], crs=new.crs)
