"""The planner's numbers: met, not met or unknown, and a planner's file over our defaults."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citycover.errors import InputError
from citycover.law.criteria import load_criteria


def judge(criterion: str, **facts) -> str:
    return load_criteria().judge(criterion, pd.DataFrame([facts])).iloc[0]


@pytest.mark.parametrize(
    ("criterion", "facts", "state"),
    [
        ("large_market", {"ground": 3000.0}, "met"),
        ("large_market", {"ground": 2999.9}, "not_met"),
        ("large_market", {"ground": 1600.0, "gfa": 3200.0}, "met"),  # two storeys
        ("large_market", {"ground": None, "gfa": None}, "unknown"),
        ("large_market", {"ground": 0.0}, "unknown"),  # a point has no ground
        ("large_energy", {"output_mw": 250.0, "ground": 100.0}, "met"),
        ("large_energy", {"output_mw": 20.0, "ground": 90000.0}, "not_met"),  # the output is known and decides
        ("large_energy", {"output_mw": None, "ground": 50000.0}, "met"),
        ("large_parking", {"spaces": 299.0, "ground": 90000.0}, "not_met"),
        ("large_parking", {"spaces": None, "ground": 9000.0}, "met"),  # 9000 m² / 30 m² = 300
        ("large_commercial", {"gfa": None, "ground": 6666.0}, "not_met"),  # × 3 storeys = 19 998
        ("large_commercial", {"gfa": None, "ground": 6667.0}, "met"),
        ("large_reservoir", {"ground": 5e6}, "met"),  # 5 km²
        ("large_reservoir", {"ground": 4.9e6}, "not_met"),
        ("important_urban_road", {"road_class": "secondary"}, "met"),
        ("important_urban_road", {"road_class": "motorway"}, "not_met"),  # an expressway is no urban road
        ("important_urban_road", {"road_class": None}, "unknown"),
        ("key_heritage", {"heritage_level": "2"}, "met"),
        ("key_heritage", {"heritage_level": "省级"}, "met"),
        ("key_heritage", {"heritage_level": "county"}, "not_met"),
        ("key_heritage", {"heritage_level": "第三批全国重点文物保护单位"}, "met"),
        ("key_heritage", {"heritage_level": "江苏省文物保护单位"}, "met"),
        ("key_heritage", {"heritage_level": "广西壮族自治区文物保护单位"}, "met"),
        ("key_heritage", {"heritage_level": "无锡市文物保护单位"}, "not_met"),
        ("key_heritage", {"heritage_level": "yes"}, "unknown"),
        ("new_compound", {"start_date": "2015-01-01"}, "met"),
        ("new_compound", {"start_date": "2014-12-31"}, "not_met"),
        ("new_compound", {"start_date": "2015"}, "met"),
        ("new_compound", {"start_date": "2014"}, "not_met"),
        ("new_compound", {"start_date": "before 1990"}, "unknown"),
        ("important_junction", {"legs": 3, "second_class": "secondary", "signals": False}, "met"),
        ("important_junction", {"legs": 2, "second_class": "secondary", "signals": False}, "not_met"),
        (
            "important_junction",
            {"legs": 4, "second_class": "residential", "signals": True, "road_class": "primary"},
            "met",
        ),
        ("important_city_junction", {"legs": 3, "second_class": "motorway", "signals": False}, "not_met"),  # a merge
        ("important_city_junction", {"legs": 3, "second_class": "primary", "signals": False}, "met"),
        ("town_main_road", {"road_class": "tertiary"}, "met"),
        ("town_main_road", {"road_class": "motorway"}, "not_met"),
        ("main_highway", {"road_class": "motorway"}, "met"),  # an expressway is legally a 公路
        ("main_highway", {"road_class": "residential"}, "not_met"),
        ("large_entertainment", {"gfa": 500.0}, "met"),
        ("large_entertainment", {"gfa": None, "ground": 416.0}, "unknown"),  # one storey or five
        ("large_catering", {"gfa": 499.0, "ground": 499.0}, "not_met"),
    ],
)
def test_a_criterion_is_met_on_its_own_side_of_the_number(criterion, facts, state):
    assert judge(criterion, **facts) == state


def test_a_year_that_holds_the_day_in_its_middle_stays_unknown(tmp_path):
    path = tmp_path / "ours.toml"
    path.write_text('new_compound_from = "2015-07-01"', encoding="utf-8")
    states = load_criteria(path).judge(
        "new_compound", pd.DataFrame({"start_date": ["2014", "2015", "2015-06", "2015-07", "2016"]})
    )
    assert states.tolist() == ["not_met", "unknown", "not_met", "met", "met"]


@given(st.floats(1, 1e6), st.floats(1, 1e6))
def test_more_ground_never_makes_a_market_smaller(one, other):
    small, large = sorted((one, other))
    order = ["not_met", "met"]
    assert order.index(judge("large_market", ground=small)) <= order.index(judge("large_market", ground=large))


def test_a_planners_number_is_laid_over_ours_and_says_whose_it_is(tmp_path):
    path = tmp_path / "wuxi_planner.toml"
    path.write_text("large_market_min_area_m2 = 2000\n[large_square_min_area_m2]\nvalue = 20000\nbasis = 'letter 7'\n")
    criteria = load_criteria(path)
    assert criteria.describe("large_market") == "large_market_min_area_m2 = 2000 m² (wuxi_planner.toml)"
    assert criteria.numbers["large_square_min_area_m2"].basis == ("letter 7", "letter 7")
    assert criteria.describe("large_bridge").endswith("(ours)")
    assert load_criteria().value("large_market_min_area_m2") == 3000.0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("large_markt_min_area_m2 = 1", "'large_market_min_area_m2'"),
        ("large_market_min_area_m2 = 'big'", "needed a number"),
        ("large_market_min_area_m2 = -1", "above 0"),
        ("important_urban_road_classes = ['primery']", "'primary'"),
        ("government_kinds_added = ['expresway']", "'expressway'"),
        ("new_compound_from = 'soon'", "needed a day"),
        ("size_review_band = [2.0, 0.5]", "multiples around 1"),
        ("[large_market_min_area_m2]\nvalu = 1", "needed the key 'value'"),
    ],
)
def test_a_slip_in_the_planners_file_is_named(tmp_path, line, told):
    path = tmp_path / "criteria.toml"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(InputError, match=r"criteria\.toml") as caught:
        load_criteria(path)
    assert told in str(caught.value)


def test_every_number_of_the_tables_has_its_place(shared_law):
    """Rules written as sentences there are split here into numbers; the names that stayed are compared."""
    import json

    theirs = json.loads((shared_law / "answer_key.json").read_text(encoding="utf-8"))["our_default_parameters"]
    ours = load_criteria().numbers
    corrected = {"large_entertainment_min_area_m2": 500.0}  # second reading, 2d
    in_words = {k for k in theirs if k.endswith("_rule") or k == "important_road_classes"}
    for key in set(theirs) - in_words:
        assert ours[key].value == corrected.get(key, theirs[key]["value"]), key
    assert all(number.origin == "ours" for number in ours.values())


def test_a_criterion_over_several_measures_has_no_single_ratio():
    with pytest.raises(InputError, match="compares one measure"):
        load_criteria().ratio("important_junction", pd.DataFrame({"legs": [3]}))


def test_an_unknown_criterion_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="large_market"):
        load_criteria().judge("large_markets", pd.DataFrame({"ground": [1.0]}))
