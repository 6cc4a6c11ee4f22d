"""What is summed up for people: by every key, at every density, by sets of cameras, and what the map likely lacks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from audit.town import make_seen
from citycover import tables
from citycover.audit.coverage import measure_headline
from citycover.publish.gap_map import render_page
from citycover.publish.results import Results
from citycover.publish.roll_ups import KEYS, gather_roll_ups, roll_up_by, roll_up_rows
from citycover.publish.workbook import write_workbook

SURE = (1, 1.0, 1, 1.0, 0.0)


@pytest.fixture(scope="module")
def measured(results: Results) -> Results:
    """The town with every third target seen by one camera for sure, the next one at best."""
    ids = results.targets["target_id"].astype(int).tolist()
    figures = dict.fromkeys(ids[::3], SURE) | dict.fromkeys(ids[1::3], (0, 0.25, 1, 0.25, 0.0))
    return replace(results, figures={}, seen=make_seen(results.targets, figures))


SUMS = ["required", "seen_low", "seen_expected", "seen_high"]


@pytest.mark.parametrize("by", ["district", "street", "state"])
def test_what_counts_each_target_once_adds_up_to_the_headline(measured: Results, by: str) -> None:
    results = measured
    settled = results.mandates.loc[results.mandates["standing"].fillna("undecided").ne("undecided"), "mandate_id"]
    demands = results.demands[results.demands["mandate_id"].isin(settled)]
    whole = measure_headline(demands, results.targets, results.seen).set_index("unit")[SUMS]
    sums = roll_up_by(results, by).groupby("unit")[SUMS].sum()  # type: ignore[arg-type]
    pd.testing.assert_frame_equal(sums, whole.reindex(sums.index), check_dtype=False)


def test_what_counts_once_per_duty_adds_up_to_the_same_sum_by_every_such_key(measured: Results) -> None:
    sums = [
        roll_up_by(measured, by).groupby("unit")[SUMS].sum() for by in KEYS if by not in ("district", "street", "state")
    ]
    assert len(sums) == 6
    for other in sums[1:]:
        pd.testing.assert_frame_equal(other, sums[0])


def test_the_workbook_holds_them_in_words(measured: Results, tmp_path: Path) -> None:
    book = CalamineWorkbook.from_path(write_workbook(measured, tmp_path / "book.xlsx"))
    page = book.get_sheet_by_name("覆盖汇总").to_python()
    assert page[0][:3] == ["范围", "其中", "单位"]
    assert {row[0] for row in page[1:]} == set(roll_up_rows(measured, "zh")["scope"])
    assert len({row[0] for row in page[1:]}) == len(KEYS)


def test_levels_sets_of_cameras_and_completeness_are_in_figures_and_panel(results: Results) -> None:
    sums = {"unit": "m2", "required": 400.0, "seen_low": 100.0, "seen_expected": 150.0, "seen_high": 200.0}
    shares = {"share_low": 0.25, "share_expected": 0.375, "share_high": 0.5}
    whole = {"scope": "whole_area", "value": "", "level": 62.5, **sums, **shares}
    missing = {"matter": "farmers_market", "found": 1.0, "expected": 6.0, "unit": "point", "standing": "likely_missing"}
    told = replace(
        results,
        figures={},
        levels_seen=tables.conform("coverage_levels", [whole]),
        apart=tables.conform("coverage_apart", [{"which": "private", "cameras": 3, **sums, **shares}]),
        completeness=tables.conform("completeness", [missing]),
    )
    figures = gather_roll_ups(told)
    assert figures["coverage_by_level"]["whole_area"]["m2"]["62.5"]["seen_high"] == 200.0
    assert figures["coverage_by_cameras"]["private"]["m2"]["seen_low"] == 100.0
    assert figures["completeness"]["farmers_market"]["standing"] == "likely_missing"
    page = render_page(told, "en")
    assert "likely missing on the map" in page
    assert "62.5 px/m" in page
    assert "25.0 % – 50.0 %" in page


def test_without_sight_there_is_nothing_to_sum(empty_results: Results) -> None:
    assert roll_up_rows(empty_results, "en").empty
    assert gather_roll_ups(empty_results) == {}
