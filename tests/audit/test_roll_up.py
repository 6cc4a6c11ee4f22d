"""Shares of made-up sightings, summed with a pencil."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.town import LEVELS, make_mandates, make_seen
from citycover import tables
from citycover.audit.coverage import measure_demands, measure_headline, roll_up
from citycover.errors import InputError

SURE = (1, 1.0, 1, 1.0, 0.0)
MAYBE = (0, 0.25, 1, 0.25, 0.0)
TWICE = (2, 2.0, 2, 1.0, 1.0)


def make_targets(*rows: tuple[float, str] | tuple[float, str, str]) -> pd.DataFrame:
    """Return targets 0, 1 … of (size, unit) or (size, unit, district)."""
    return tables.conform(
        "targets",
        [
            {
                "target_id": i,
                "x": float(i),
                "y": 0.0,
                "size": r[0],
                "unit": r[1],
                "district": r[2] if len(r) > 2 else None,
            }
            for i, r in enumerate(rows)
        ],
    )


def make_demands(*rows: tuple[int, str, str, float], **more: object) -> pd.DataFrame:
    """Return demands of (target, mandate, component, weight)."""
    return tables.conform(
        "demands",
        [
            {
                "target_id": t,
                "mandate_id": m,
                "component": c,
                "weight": w,
                "feature_id": f"place of {m}",
                "density_required": 25.0,
                "cameras_required": 1,
                **more,
            }
            for t, m, c, w in rows
        ],
    )


def test_shares_are_those_of_the_weights() -> None:
    # 60 m surely seen, 20 m with a chance of 1/4, 20 m never: low 60, expected 65, high 80 of 100 m
    targets = make_targets((60, "m"), (20, "m"), (20, "m"))
    demands = make_demands((0, "m0", "segment", 60), (1, "m0", "segment", 20), (2, "m0", "segment", 20))
    row = roll_up(demands, make_seen(targets, {0: SURE, 1: MAYBE}), targets=targets).iloc[0]
    assert (row["required"], row["seen_low"], row["seen_expected"], row["seen_high"]) == (100, 60, 65, 80)
    assert (row["share_low"], row["share_expected"], row["share_high"]) == (0.6, 0.65, 0.8)
    assert (row["unit"], row["state"]) == ("m", "partly")


def test_two_cameras_are_needed_where_the_planner_says_so() -> None:
    targets = make_targets((1, "point"), (1, "point"), (1, "point"))
    demands = make_demands(*[(i, "m0", "entrance", 1) for i in range(3)], cameras_required=2)
    chance = (1, 1.5, 2, 1.0, 0.5)  # one camera for sure, another with a chance of a half
    row = roll_up(demands, make_seen(targets, {0: TWICE, 1: chance, 2: SURE}), targets=targets).iloc[0]
    assert (row["seen_low"], row["seen_expected"], row["seen_high"]) == (1, 1.5, 2)


@pytest.mark.parametrize(
    ("figures", "state"),
    [
        ({0: SURE, 1: SURE}, "covered"),
        ({0: SURE}, "partly"),
        ({}, "uncovered"),
        ({0: MAYBE}, "unknown"),
        ({0: SURE, 1: MAYBE}, "partly"),
    ],
)
def test_states_follow_from_the_shares(figures: dict[int, tuple[int, float, int, float, float]], state: str) -> None:
    targets = make_targets((50, "m"), (50, "m"))
    demands = make_demands((0, "m0", "segment", 50), (1, "m0", "segment", 50))
    assert roll_up(demands, make_seen(targets, figures), targets=targets)["state"].tolist() == [state]


def test_metres_square_metres_and_gates_are_never_added() -> None:
    targets = make_targets((10, "m"), (20, "m2"), (1, "point"))
    demands = make_demands((0, "m0", "segment", 10), (1, "m0", "area", 20), (2, "m0", "entrance", 1))
    mandates = make_mandates({"part": "public_parts"})
    for by in ("kind", "part", "item", "builder", "department", "district", "street"):
        out = roll_up(demands, make_seen(targets, {}), targets=targets, by=by, mandates=mandates)  # type: ignore[arg-type]
        assert dict(zip(out["unit"], out["required"], strict=True)) == {"m": 10, "m2": 20, "point": 1}, by


def test_ground_that_two_mandates_demand_counts_once_in_the_headline_and_twice_by_item() -> None:
    targets = make_targets((100, "m"), (50, "m"))
    demands = make_demands((0, "m0", "segment", 100), (0, "m1", "segment", 100), (1, "m1", "segment", 50))
    demands["feature_id"] = ["s1", "s1", "s2"]
    seen = make_seen(targets, {0: SURE})
    headline = measure_headline(demands, targets, seen)
    assert headline[["unit", "targets", "required", "seen_low"]].to_numpy().tolist() == [["m", 2, 150, 100]]
    mandates = make_mandates({"part": "important_segments"}, {"part": "important_segments"})
    by_item = roll_up(demands, seen, targets=targets, by="item", mandates=mandates)
    assert by_item[["required", "seen_low", "mandates"]].to_numpy().tolist() == [[250, 200, 2]]


def test_a_cell_that_two_places_share_counts_with_both_its_parts_but_never_with_more_than_itself() -> None:
    targets = make_targets((25, "m2"), (25, "m2"))
    demands = make_demands((0, "m0", "area", 10), (0, "m1", "area", 15), (1, "m0", "area", 20), (1, "m1", "area", 20))
    assert measure_headline(demands, targets, make_seen(targets, {}))["required"].tolist() == [50]


def test_a_target_counts_in_the_headline_only_when_its_strictest_demand_is_met() -> None:
    targets = make_targets((1, "point"))
    demands = make_demands((0, "m0", "entrance", 1), (0, "m1", "entrance", 1))
    demands["density_required"] = [25.0, 125.0]
    seen = make_seen(targets, {0: SURE})
    seen[["n_low_125", "n_expected_125", "n_high_125", "p1_125"]] = [0, 0.25, 1, 0.25]
    row = measure_headline(demands, targets, seen).iloc[0]
    assert (row["seen_low"], row["seen_expected"], row["seen_high"]) == (0, 0.25, 1)


def test_districts_and_streets_add_up_to_the_headline() -> None:
    targets = make_targets((10, "m", "东区"), (20, "m", "西区"), (30, "m", "西区"), (40, "m2", "东区"))
    demands = make_demands(
        (0, "m0", "segment", 10), (0, "m1", "segment", 10), (1, "m0", "segment", 20), (2, "m1", "ring", 30),
        (3, "m1", "area", 40),
    )  # fmt: skip
    seen = make_seen(targets, {0: SURE, 1: MAYBE, 3: SURE})
    headline = measure_headline(demands, targets, seen).set_index("unit")
    for by in ("district", "street"):
        parts = roll_up(demands, seen, targets=targets, by=by).groupby("unit")  # type: ignore[arg-type]
        for column in ("required", "seen_low", "seen_expected", "seen_high"):
            assert parts[column].sum().to_dict() == pytest.approx(headline[column].to_dict())


def test_the_effective_builder_is_the_one_that_is_summed() -> None:
    targets = make_targets((1, "point"), (1, "point"))
    demands = make_demands((0, "m0", "entrance", 1), (1, "m1", "entrance", 1))
    mandates = make_mandates(
        {"part": "key_parts", "builder": "owner", "builder_effective": "government"},
        {"part": "key_parts", "builder": "owner"},
    )
    out = roll_up(demands, make_seen(targets, {}), targets=targets, by="builder", mandates=mandates)
    assert out["builder"].tolist() == ["government", "owner"]


def test_a_density_that_was_not_measured_is_refused_with_the_list() -> None:
    targets = make_targets((1, "m"))
    demands = make_demands((0, "m0", "segment", 1), density_required=40.0)
    with pytest.raises(InputError, match="25, 62.5, 125, 250.*given 40"):
        measure_demands(demands, make_seen(targets, {}))


def test_missing_sightings_and_missing_mandates_are_told() -> None:
    targets = make_targets((1, "m"))
    demands = make_demands((0, "m0", "segment", 1))
    seen = make_seen(targets, {})
    with pytest.raises(InputError, match="1 demands"):
        measure_demands(demands, seen.iloc[:0])
    with pytest.raises(InputError, match="needed mandates"):
        roll_up(demands, seen, targets=targets, by="kind")
    with pytest.raises(InputError, match="given 'colour'"):
        roll_up(demands, seen, targets=targets, by="colour")  # type: ignore[arg-type]


figures = st.lists(st.integers(0, 3), min_size=len(LEVELS), max_size=len(LEVELS)).map(lambda n: sorted(n, reverse=True))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(figures, figures, st.floats(1, 50)), min_size=1, max_size=8), st.integers(1, 2))
def test_a_stricter_density_never_raises_a_share_and_low_never_exceeds_high(
    sightings: list[tuple[list[int], list[int], float]], cameras: int
) -> None:
    targets = make_targets(*[(size, "m") for *_, size in sightings])
    seen = make_seen(targets, {})
    for k, level in enumerate(LEVELS):
        low = [n[k] for n, _, _ in sightings]
        more = [extra[k] for _, extra, _ in sightings]
        seen[f"n_low_{level:g}"] = low
        seen[f"n_high_{level:g}"] = [a + b for a, b in zip(low, more, strict=True)]
        for wanted in (1, 2):  # cameras of unknown azimuth see with a chance of a half each, one camera at least
            rest = [max(wanted - a, 0) for a in low]
            seen[f"p{wanted}_{level:g}"] = [
                1.0 if r == 0 else (1 - 0.5**b if r == 1 else max(0.0, 1 - 0.5**b * (1 + b)))
                for r, b in zip(rest, more, strict=True)
            ]
    shares = []
    for level in LEVELS:
        rows = [(i, "m0", "segment", size) for i, (*_, size) in enumerate(sightings)]
        demands = make_demands(*rows, density_required=level, cameras_required=cameras)
        row = roll_up(demands, seen, targets=targets).iloc[0]
        assert row["share_low"] <= row["share_expected"] + 1e-9
        assert row["share_expected"] <= row["share_high"] + 1e-9
        shares.append([row["share_low"], row["share_expected"], row["share_high"]])
    for milder, stricter in itertools.pairwise(shares):
        assert all(s <= m + 1e-9 for m, s in zip(milder, stricter, strict=True))


def test_shuffling_the_demands_changes_no_sum() -> None:
    targets = make_targets((60, "m"), (20, "m"), (1, "point"))
    demands = make_demands((0, "m0", "segment", 60), (1, "m1", "segment", 20), (2, "m0", "entrance", 1))
    seen = make_seen(targets, {0: SURE, 2: MAYBE})
    plain = roll_up(demands, seen, targets=targets)
    mixed = roll_up(demands.iloc[[2, 0, 1]], seen.iloc[[1, 2, 0]], targets=targets.iloc[::-1])
    pd.testing.assert_frame_equal(plain, mixed)
    tables.check(plain, "coverage")


def both_ways(
    *, met: dict[int, tuple[int, float, int, float, float]]
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return 5 m of street that one mandate demands from anywhere (0) and another from ahead both ways (1, 2)."""
    targets = make_targets((5, "m"), (2.5, "m"), (2.5, "m")).assign(x=0.0, facing=[None, 0.0, 180.0])
    demands = make_demands((0, "m0", "segment", 5), (1, "m1", "segment", 2.5), (2, "m1", "segment", 2.5))
    return targets, demands.assign(feature_id="s"), make_seen(targets, met)


def test_metres_demanded_from_anywhere_and_in_both_directions_count_once() -> None:
    targets, demands, seen = both_ways(met={0: SURE, 1: SURE})
    headline = measure_headline(demands, targets, seen)
    assert headline[["targets", "required", "seen_low"]].to_numpy().tolist() == [[2, 5, 2.5]]
    mandates = roll_up(demands, seen, targets=targets)
    assert mandates[["required", "seen_low"]].to_numpy().tolist() == [[5, 5], [5, 2.5]]


def test_a_direction_counts_only_when_the_demand_from_anywhere_is_met_too() -> None:
    targets, demands, seen = both_ways(met={1: SURE, 2: SURE})
    assert measure_headline(demands, targets, seen)["seen_low"].tolist() == [0]


def test_states_and_components_are_rolled_up_and_states_add_up_to_the_headline() -> None:
    targets = make_targets((10, "m"), (20, "m"), (30, "m"))
    demands = make_demands((0, "m0", "segment", 10), (1, "m0", "segment", 20), (2, "m1", "ring", 30))
    seen = make_seen(targets, {0: SURE, 1: MAYBE})
    states = roll_up(demands, seen, targets=targets, by="state")
    assert states[["state", "required", "seen_low", "seen_high"]].to_numpy().tolist() == [
        ["covered", 10, 10, 10],
        ["uncovered", 30, 0, 0],
        ["unknown", 20, 0, 20],
    ]
    headline = measure_headline(demands, targets, seen).iloc[0]
    assert states["required"].sum() == headline["required"]
    assert states["seen_expected"].sum() == headline["seen_expected"]
    parts = roll_up(demands, seen, targets=targets, by="component")
    assert parts[["component", "required", "seen_low"]].to_numpy().tolist() == [["ring", 30, 0], ["segment", 30, 10]]


def test_a_mandate_that_only_a_visit_can_answer_is_told_as_such_when_the_checklist_is_given() -> None:
    targets = make_targets((10, "m"))
    demands = make_demands((0, "m1", "segment", 10))
    rows = [{"mandate_id": m, "place_id": "p", "part": part, "what": "…"} for m, part in
            (("m0", "site_per_plan"), ("m1", "key_parts"), ("m2", "lobby_lift_passages_entrances"))]  # fmt: skip
    rows.append({"mandate_id": "m3", "place_id": "p", "part": "key_parts", "setting": "not_on_map", "what": "…"})
    indoor = tables.conform("indoor", rows)
    out = roll_up(demands, make_seen(targets, {}), targets=targets, indoor=indoor)
    tables.check(out, "coverage")
    assert out[["mandate_id", "component", "state"]].to_numpy().tolist() == [
        ["m0", "area", "indoor"],
        ["m1", "segment", "uncovered"],
        ["m2", "entrance", "indoor"],
        ["m3", "entrance", "unknown"],  # it could not be laid on the map: nobody knows
    ]
    assert out["required"].isna().tolist() == [True, False, True, True]
    assert len(roll_up(demands, make_seen(targets, {}), targets=targets)) == 1
