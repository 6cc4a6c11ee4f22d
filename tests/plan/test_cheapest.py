"""What solve_cheapest promises: shares reached, the least cost where proven, a bound that no answer undercuts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from citycover.errors import InputError
from citycover.plan.cheapest import solve_cheapest


def draw(seed: int, *, most: int = 1) -> tuple[npt.NDArray[np.int64], dict[str, npt.NDArray[np.float64]]]:
    """Draw ten candidates, 24 targets of three items, and shares of which the last is whole."""
    rng = np.random.default_rng(seed)
    covers = (rng.random((10, 24)) < rng.uniform(0.15, 0.5)).astype(np.int64)
    given = {
        "weights": rng.integers(1, 10, 24).astype(float),
        "costs": rng.integers(1, 10, 10).astype(float),
        "required": rng.integers(1, most + 1, 24),
        "item_of": rng.integers(0, 3, 24),
        "shares": np.array([0.5, 0.8, 1.0]),
    }
    given["item_of"][:3] = [0, 1, 2]
    return covers, given


def least_of_all(covers: npt.NDArray[np.int64], given: dict[str, npt.NDArray[np.float64]]) -> float:
    """Try every set of candidates: the slow reference."""
    sets = ((np.arange(1024)[:, None] >> np.arange(10)) & 1).astype(bool)
    met = (sets.astype(int) @ covers >= given["required"]) * given["weights"]
    fits = np.ones(len(sets), bool)
    for item, share in enumerate(given["shares"]):
        of = given["item_of"] == item
        got = met[:, of].sum(axis=1)
        fits &= got >= min(share * given["weights"][of].sum(), got[-1]) - 1e-9
    return float((sets @ given["costs"])[fits].min())


@pytest.mark.parametrize("most", [1, 2])
def test_exact_finds_what_trying_every_set_finds_and_fast_stays_between_it_and_its_bound(most: int) -> None:
    for seed in range(15):
        covers, given = draw(seed, most=most)
        best = least_of_all(covers, given)
        exact = solve_cheapest(covers, **given, method="exact")
        assert exact.cost == pytest.approx(best)
        assert exact.optimality_gap == pytest.approx(0.0, abs=1e-9)
        fast = solve_cheapest(covers, **given)
        assert fast.bound <= best + 1e-9 <= fast.cost + 2e-9
        for answer in (exact, fast):
            assert np.all(answer.reached >= np.minimum(given["shares"], answer.reachable) - 1e-9)
            assert answer.cost == given["costs"][answer.chosen].sum()


def test_a_whole_cover_is_a_set_cover_and_its_bound_is_near() -> None:
    rng = np.random.default_rng(2)
    heads, targets = rng.uniform(0, 1000, (300, 2)), rng.uniform(100, 900, (1500, 2))
    covers = (np.hypot(*(heads[:, None] - targets[None]).transpose(2, 0, 1)) < 120.0).astype(int)
    answer = solve_cheapest(covers, np.ones(1500))
    assert (covers[answer.chosen].sum(axis=0) > 0).tolist() == (covers.sum(axis=0) > 0).tolist()
    assert answer.bound <= answer.cost
    assert answer.optimality_gap <= 0.3
    some = solve_cheapest(covers, np.ones(1500), shares=0.7)
    assert some.reached[0] >= 0.7
    assert some.bound <= some.cost < answer.cost


def test_what_is_locked_stays_and_what_is_locked_out_is_never_chosen() -> None:
    for seed in range(6):
        covers, given = draw(seed)
        for method in ("fast", "exact"):
            answer = solve_cheapest(covers, **given, locked_in=[0], locked_out=[1], method=method)  # type: ignore[arg-type]
            assert 0 in answer.chosen
            assert 1 not in answer.chosen
            assert answer.bound <= answer.cost


def test_of_a_group_one_at_most_and_what_cannot_be_reached_is_told() -> None:
    covers = np.array([[1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 0, 0]])
    answer = solve_cheapest(covers, np.ones(4), groups=[0, 0, 1], shares=0.75, method="exact")
    # of 0 and 1 only one may stand: 1 with 2 covers three of four targets
    assert answer.chosen.tolist() == [1, 2]
    assert answer.reachable.tolist() == [0.75]


def test_what_cannot_be_used_is_named() -> None:
    for fault, said in (({"shares": 1.5}, "shares"), ({"item_of": [0]}, "item_of"), ({"shares": [1.0]}, "shares")):
        with pytest.raises(InputError, match=said):
            solve_cheapest(np.eye(2), [1.0, 1.0], **({"item_of": [0, 1]} | fault))  # type: ignore[arg-type]
