"""Figures of the map's panel for every choice of district and builder, worked out beforehand from the same tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pandas as pd

from citycover import terms
from citycover.audit.coverage import find_levels, measure_once
from citycover.publish.figures import SEEN_ENDS, effective_builder, is_undecided
from citycover.publish.results import Results

ALL = ""
"""The choice that leaves nothing out."""

NONE = "–"
"""The district of what lies in none."""

Choice = tuple[str, str]


def district_of(frame: pd.DataFrame) -> pd.Series:
    """Return the district of each row, :data:`NONE` where none is known."""
    return frame["district"].fillna(NONE).replace("", NONE).astype("str")


def builder_of(frame: pd.DataFrame) -> pd.Series:
    """Return who must build, of mandates (by the highest law that speaks) or of gaps."""
    if "builder_effective" in frame.columns:
        return effective_builder(frame)
    return frame["builder"].fillna("review").astype("str")


def list_choices(results: Results) -> tuple[list[str], list[str]]:
    """Return the districts and the builders that a filter can choose, in the order in which it shows them."""
    tables = [results.mandates, results.gaps]
    districts = sorted({name for frame in [*tables, results.cameras] for name in district_of(frame)})
    found = {name for frame in tables for name in builder_of(frame)}
    return districts, [name for name in terms.BUILDERS if name in found]


def figures_by_choice(results: Results) -> dict[Choice, dict[str, Any]]:
    """Return mandates by standing, coverage by unit, gaps by builder and cameras for each (district, builder).

    ``("", "")`` is the whole study. Coverage counts each target once; of one builder, each target that his settled
    duties demand. Cameras have no builder: they follow the district only.
    """
    out: dict[Choice, dict[str, Any]] = defaultdict(
        lambda: {"standings": {}, "seen": {}, "gaps": {}, "undecided_gaps": 0, "counts": {}, "reasons": {}}
    )
    mandates, gaps, cameras = results.mandates, results.gaps, results.cameras
    _, builders = list_choices(results)

    def add(part: str, where: Iterable[Choice], key: str, n: int) -> None:
        for choice in where:
            out[choice][part][key] = out[choice][part].get(key, 0) + n

    for (district, builder, standing), n in _sizes(
        district_of(mandates), builder_of(mandates), mandates["standing"].fillna("undecided")
    ):
        add("standings", _choices(district, builder), standing, n)
    undecided = is_undecided(gaps)
    for (district, builder, open_), n in _sizes(district_of(gaps), builder_of(gaps), undecided):
        if open_:
            for choice in _choices(district, builder):
                out[choice]["undecided_gaps"] += n
        else:
            add("gaps", _choices(district, builder), builder, n)
    for (district, counts, reason), n in _sizes(
        district_of(cameras), cameras["counts"].fillna("no"), cameras["counts_reason"].fillna("")
    ):
        where = [(d, b) for d in (district, ALL) for b in (ALL, *builders)]
        add("counts", where, counts, n)
        if counts == "no":
            add("reasons", where, reason, n)
    settled = mandates[~is_undecided(mandates)]
    whose = builder_of(settled)
    for builder in (ALL, *builders) if find_levels(results.seen) else ():
        ids = settled["mandate_id"] if builder == ALL else settled.loc[whose == builder, "mandate_id"]
        demands = results.demands[results.demands["mandate_id"].isin(ids)]
        if not len(demands):
            continue
        once = measure_once(demands, results.targets, results.seen)
        weight = once["weight"]
        sums = pd.DataFrame(
            {"district": district_of(once), "unit": once["unit"], "required": weight}
            | {end: weight * once[f"met_{end}"] for end in SEEN_ENDS}
        )
        for row in sums.groupby(["district", "unit"]).sum().reset_index().to_dict("records"):
            for choice in ((row["district"], builder), (ALL, builder)):
                have = out[choice]["seen"].setdefault(row["unit"], dict.fromkeys(("required", *SEEN_ENDS), 0.0))
                for name in have:
                    have[name] += row[name]
    return dict(out)


def _sizes(*columns: pd.Series) -> list[tuple[Any, int]]:
    """Return each combination of values with the number of its rows."""
    frame = pd.DataFrame({str(i): column.to_numpy() for i, column in enumerate(columns)})
    return [(key, int(n)) for key, n in frame.groupby(list(frame.columns), dropna=False).size().items()]


def _choices(district: str, builder: str) -> list[Choice]:
    return [(d, b) for d in (district, ALL) for b in (builder, ALL)]
