"""The known duplicates of the embedded district are found with the right action, and none of its look-alikes."""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from citycover.audit.coverage import roll_up
from citycover.audit.fitting import measure_fitting
from citycover.audit.requirements import load_requirements
from citycover.city.registers import read_register
from citycover.sight.cameras import assign_counting
from citycover.study import run_study
from citycover.study_file import read_study

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
TRUTH = {row["camera_id"]: row for row in json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["proposed"]}
LOOKALIKES = {
    "N15": ("partly", "alone"),  # a wall between
    "N16": ("partly", "alone"),
    "N17": ("alone",),  # the library between
    "N18": ("other_purpose",),
    "N19": ("other_purpose",),
    "N20": ("too_few",),  # two are required
    "N12": ("pole_there",),  # one pole, opposite directions
    "N13": ("pole_there",),
}


@pytest.fixture(scope="module")
def results():
    return run_study(read_study(SAMPLE / "study.toml"))


@pytest.fixture(scope="module")
def found(results):
    """The verdicts by the number of the proposal."""
    rows = results.duplicates
    return rows.assign(number=rows["camera_a"].str[-3:]).set_index("number")


@pytest.mark.parametrize("number", [n for n, row in TRUTH.items() if row["duplicate"] == "yes"])
def test_a_known_duplicate_is_found_with_the_right_action_and_the_right_cameras(found, results, number):
    row, truth = found.loc[number], TRUTH[number]
    assert (row["standing"], row["action"]) == ("certain", truth["action"])
    names = results.cameras.set_index("camera_id")["name"].to_dict()
    names |= {f"proposed:{n}": t["name"] for n, t in TRUTH.items()}
    assert {names[i] for i in row["camera_b"].split(";")} == set(truth["of"])


@pytest.mark.parametrize("number", [n for n, row in TRUTH.items() if row["duplicate"] == "no"])
def test_no_look_alike_is_taken_for_a_duplicate(found, number):
    row = found.loc[number]
    assert (row["standing"], row["action"]) == ("none", TRUTH[number]["action"])
    assert row["reason"] in LOOKALIKES.get(number, (row["reason"],))


@pytest.mark.parametrize("number", [n for n, row in TRUTH.items() if row["duplicate"] == "possible"])
def test_a_camera_beside_one_of_unknown_direction_is_listed_as_possible(found, number):
    assert (found.loc[number, "standing"], found.loc[number, "action"]) == ("possible", "keep")


def test_one_duplicate_is_covered_only_by_three_cameras_together(found):
    row = found.loc["N14"]
    assert (row["action"], row["reason"], row["n_b"]) == ("drop", "held_together", 3)


def test_dropping_all_that_is_marked_lowers_no_coverage_of_the_district(results, found):
    """Measured as the study measures: the whole list built, the list without the drops, and nothing of it built."""
    city, needs = results.city, load_requirements(SAMPLE / "requirements.toml")
    read = read_register(SAMPLE / "proposed.csv", as_="cameras", datum="gcj02", crs=city.crs, register="proposed")
    new = read.table.assign(status="in_use")
    gone = set(found.loc[found["action"] == "drop", "camera_a"])
    assert len(gone) == 7

    def seen_low(built: gpd.GeoDataFrame) -> pd.Series:
        cameras = gpd.GeoDataFrame(pd.concat([results.cameras, built], ignore_index=True), crs=city.crs)
        cameras = assign_counting(cameras, city.buildings)
        seen = measure_fitting(results.targets, results.demands, cameras, city, requirements=needs)
        rows = roll_up(results.demands, seen, targets=results.targets, states=needs.states)
        return rows.set_index(["mandate_id", "component"])["seen_low"].sort_index()

    whole = seen_low(new)
    assert (seen_low(new[~new["camera_id"].isin(gone)]) >= whole - 1e-9).all()
    assert (seen_low(new.iloc[:0]) < whole - 1.0).any()  # the others are missed


def test_money_and_articles_stand_beside_and_made_up_prices_say_so(found):
    assert found.loc["N02", "article"].startswith("第七条第三款")  # avoid duplicates
    assert found.loc["N05", "article"] == "第二十一条第一款"  # an estate's camera
    assert found.loc["N07", "article"].startswith("第三十条")
    assert "第二十八条第二款" in found.loc["N01", "article"]  # fewer than 30 days
    assert (found.loc["N02", "saving"], found.loc["N02", "price_basis"]) == (28_000.0, "proposal")
    assert 0 < found.loc["N05", "saving"] < 28_000.0
    assert found.loc["N05", "price_basis"] == "made_up"
    assert found.loc["N05", "owner_b"] == "和畅物业服务有限公司"
    assert found.loc["N16", ["saving", "mends"]].isna().all()


def test_every_action_of_the_list_occurs_and_the_known_ones_are_the_only_certain_ones(found):
    certain = set(found.index[found["standing"] == "certain"])
    assert certain == {n for n, row in TRUTH.items() if row["duplicate"] == "yes"}
    assert {"drop", "connect", "repair", "upgrade", "co-locate", "keep"} <= set(found["action"])
