"""What solve_covering promises: the best where it is proven, a bound that holds, locks that stay, no less for more."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_array
from scipy.spatial import cKDTree

from checkout import SHARED
from citycover.errors import InputError
from citycover.plan import covering
from citycover.plan.covering import Covering, solve_covering


class Case(NamedTuple):
    """A small problem drawn at random."""

    covers: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float64]
    costs: npt.NDArray[np.float64]
    budget: float
    required: npt.NDArray[np.int64]


def draw(seed: int, *, size: int = 10, count: int = 24, most: int = 1) -> Case:
    rng = np.random.default_rng(seed)
    covers = (rng.random((size, count)) < rng.uniform(0.1, 0.5)).astype(np.int64)
    costs = rng.integers(1, 10, size).astype(float)
    weights = rng.integers(0, 10, count).astype(float)
    return Case(covers, weights, costs, float(rng.uniform(0.1, 0.7) * costs.sum()), rng.integers(1, most + 1, count))


def all_sets(size: int) -> npt.NDArray[np.bool_]:
    return ((np.arange(2**size)[:, None] >> np.arange(size)) & 1).astype(bool)


def best_of_all(case: Case, allowed: npt.NDArray[np.bool_] | None = None) -> float:
    """Try every set of candidates: the slow reference."""
    sets = all_sets(len(case.covers))
    fits = sets @ case.costs <= case.budget
    if allowed is not None:
        fits &= allowed
    values = ((sets.astype(int) @ case.covers) >= case.required) @ case.weights
    return float(values[fits].max())


def worth(case: Case, answer: Covering) -> float:
    return float(case.weights[case.covers[answer.chosen].sum(axis=0) >= case.required].sum())


def ask(case: Case, **more: object) -> Covering:
    options = {"costs": case.costs, "budget": case.budget, "required": case.required} | more
    return solve_covering(case.covers, case.weights, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("most", [1, 3])
def test_exact_finds_what_trying_every_set_finds(most: int) -> None:
    for seed in range(15):
        case = draw(seed, most=most)
        best = best_of_all(case)
        answer = ask(case, method="exact")
        assert answer.value == pytest.approx(best) == worth(case, answer)
        assert answer.optimality_gap == pytest.approx(0.0, abs=1e-9)
        assert answer.cost == case.costs[answer.chosen].sum() <= case.budget


@pytest.mark.parametrize("most", [1, 2])
def test_fast_keeps_to_the_budget_and_its_bound_is_never_below_the_best(most: int) -> None:
    for seed in range(20):
        case = draw(seed, most=most)
        answer = ask(case)
        assert answer.value == worth(case, answer)
        assert answer.cost == case.costs[answer.chosen].sum() <= case.budget
        assert answer.value <= best_of_all(case) <= answer.bound
        assert answer.optimality_gap == pytest.approx((answer.bound - answer.value) / answer.value)


def test_on_200_random_instances_the_bound_is_within_3_percent_of_the_best_in_the_median() -> None:
    above = []
    for seed in range(200):
        case = draw(1000 + seed, size=8, count=30)
        best = best_of_all(case)
        above.append((ask(case).bound - best) / best)
    assert min(above) >= 0.0
    assert float(np.median(above)) <= 0.03


def test_a_larger_budget_never_gives_less() -> None:
    for seed in range(2):
        case = draw(seed, size=9, count=20, most=1 + seed % 2)
        values = [ask(case, budget=float(budget)).value for budget in np.linspace(0, case.costs.sum() * 1.05, 24)]
        assert np.all(np.diff(values) >= 0)
        counts = [ask(case, costs=None, budget=budget).value for budget in range(10)]
        assert np.all(np.diff(counts) >= 0)
        everything = case.weights[case.covers.sum(axis=0) >= case.required].sum()
        assert values[-1] == counts[-1] == everything


def test_a_larger_budget_never_gives_less_where_a_climb_stands_for_many_searches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(covering, "LARGE", 0)
    for seed in range(3):
        covers, weights = disks(120, 600, seed=seed)
        rng = np.random.default_rng(seed)
        costs, required = rng.integers(1, 9, 120).astype(float), rng.integers(1, 3, 600)
        budgets = np.concatenate([np.linspace(0, costs.sum() * 1.02, 60), [100, 112, 112.5, 125, 160, 499.9, 500]])
        answers = [
            solve_covering(covers, weights, costs=costs, budget=b, required=required, locked_in=[3])
            for b in np.sort(budgets)
            if b >= costs[3]
        ]
        assert np.all(np.diff([answer.value for answer in answers]) >= 0)
        assert all(3 in a.chosen and a.value <= a.bound for a in answers)
        assert all(a.cost <= b for a, b in zip(answers, np.sort(budgets)[np.sort(budgets) >= costs[3]], strict=True))
        whole = weights[np.asarray(covers.sum(axis=0)).ravel() >= required].sum()
        assert answers[-1].value == whole
        counts = [solve_covering(covers, weights, budget=n).value for n in range(0, 121, 5)]
        assert np.all(np.diff(counts) >= 0)


def test_a_climb_comes_close_to_the_searches_that_it_stands_for(monkeypatch: pytest.MonkeyPatch) -> None:
    covers, weights = disks(400, 3000, seed=3)
    slow = solve_covering(covers, weights, budget=40)
    monkeypatch.setattr(covering, "LARGE", 0)
    quick = solve_covering(covers, weights, budget=40)
    assert 0.96 * slow.value <= quick.value <= slow.bound
    assert quick.optimality_gap <= 0.06


def test_the_same_seed_gives_the_same_answer_and_a_seed_is_no_part_of_the_promise() -> None:
    covers, weights = disks(400, 3000, seed=3)
    first, again = (solve_covering(covers, weights, budget=40, seed=7) for _ in range(2))
    assert first.chosen.tolist() == again.chosen.tolist()
    other = solve_covering(covers, weights, budget=40, seed=8)
    assert other.value <= first.bound and first.value <= other.bound


def test_locked_sites_stay_and_locked_out_sites_stay_out_also_in_the_best_answer() -> None:
    for seed in range(12):
        case = draw(seed)
        sets = all_sets(len(case.covers))
        dear = int(np.argmin(case.covers @ case.weights))
        allowed = sets[:, dear] & ~sets[:, (dear + 1) % 10]
        case = case._replace(budget=case.budget + 9.0)
        best = best_of_all(case, allowed)
        for method in ("fast", "exact"):
            answer = ask(case, method=method, locked_in=[dear], locked_out=[(dear + 1) % 10])
            assert dear in answer.chosen and (dear + 1) % 10 not in answer.chosen
            assert answer.value <= best <= answer.bound
            assert answer.cost <= case.budget
        assert answer.value == best


def test_of_each_group_one_candidate_at_most_is_chosen() -> None:
    for seed in range(12):
        case = draw(seed, most=1 + seed % 2)
        groups = np.array([0, 0, 0, 1, 1, 2, 2, -1, -1, 3])
        sets = all_sets(10)
        allowed = np.ones(len(sets), bool)
        for group in range(4):
            allowed &= sets[:, groups == group].sum(axis=1) <= 1
        best = best_of_all(case, allowed)
        for method in ("fast", "exact"):
            answer = ask(case, method=method, groups=groups)
            taken = groups[answer.chosen]
            assert len(set(taken[taken >= 0])) == (taken >= 0).sum()
            assert answer.value <= best <= answer.bound
        assert answer.value == best


def test_each_budget_pays_for_its_own_candidates() -> None:
    for seed in range(12):
        case = draw(seed)
        purse = np.arange(10) % 2
        budgets = [6.0, case.budget / 2]
        sets = all_sets(10)
        allowed = (sets[:, purse == 0] @ case.costs[purse == 0] <= 6.0) & (
            sets[:, purse == 1] @ case.costs[purse == 1] <= case.budget / 2
        )
        best = best_of_all(case._replace(budget=1e9), allowed)
        for method in ("fast", "exact"):
            answer = ask(case, method=method, budget=budgets, budget_of=purse)
            assert case.costs[answer.chosen[purse[answer.chosen] == 0]].sum() <= 6.0
            assert answer.value <= best <= answer.bound
        assert answer.value == best


def test_a_target_that_needs_two_covers_earns_nothing_by_one() -> None:
    covers = np.array([[1, 0], [1, 0], [0, 1]])
    one = solve_covering(covers, [10.0, 1.0], budget=1, required=[2, 1])
    assert (one.chosen.tolist(), one.value) == ([2], 1.0)
    two = solve_covering(covers, [10.0, 1.0], budget=2, required=[2, 1], method="exact")
    assert (two.chosen.tolist(), two.value, two.bound) == ([0, 1], 10.0, 10.0)


def test_a_known_choice_is_never_fallen_below() -> None:
    case = draw(5, size=12)
    best = ask(case, method="exact")
    assert ask(case, start=best.chosen).value == best.value
    too_dear = ask(case, start=range(12))
    assert too_dear.cost <= case.budget


def test_exact_out_of_time_still_holds_what_it_says() -> None:
    covers, weights = disks(600, 6000, seed=1)
    answer = solve_covering(covers, weights, budget=60, method="exact", time_limit=0.2)
    assert answer.value <= answer.bound
    assert len(answer.chosen) <= 60


def test_nothing_to_choose_is_an_answer_too() -> None:
    none = solve_covering(csr_array((0, 0)), [], budget=3)
    assert (none.chosen.tolist(), none.value, none.bound, none.optimality_gap) == ([], 0.0, 0.0, 0.0)
    poor = solve_covering(np.eye(3), [1, 2, 3], budget=0)
    assert (poor.chosen.tolist(), poor.value, poor.bound) == ([], 0.0, 0.0)
    rich = solve_covering(np.eye(3), [1, 2, 3], method="exact")
    assert (rich.chosen.tolist(), rich.value, rich.cost) == ([0, 1, 2], 6.0, 3.0)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"costs": [1.0, -2.0]}, "costs"),
        ({"required": 0}, "required"),
        ({"budget": -1}, "budget"),
        ({"budget": [1, 2]}, "budget_of"),
        ({"budget": [1, 2], "budget_of": [0, 2]}, "from 0 to 1"),
        ({"locked_in": [2]}, "locked_in"),
        ({"locked_in": [0], "locked_out": [0]}, "in both: 0"),
        ({"locked_in": [0, 1], "groups": [4, 4]}, "one group"),
        ({"locked_in": [0, 1], "budget": 1}, "does not pay"),
        ({"groups": [1]}, "groups"),
        ({"method": "best"}, "method"),
    ],
)
def test_what_cannot_be_used_is_named(fault: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        solve_covering(np.eye(2), [1.0, 1.0], **({"budget": 2} | fault))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="weights"):
        solve_covering(np.eye(2), [1.0, np.nan], budget=1)


def disks(size: int, count: int, *, seed: int) -> tuple[csr_array, npt.NDArray[np.float64]]:
    """Draw disks of 100 m on a square kilometre with targets anywhere."""
    rng = np.random.default_rng(seed)
    heads, targets = rng.uniform(0, 1000, (size, 2)), rng.uniform(0, 1000, (count, 2))
    near = cKDTree(heads).sparse_distance_matrix(cKDTree(targets), 60.0, output_type="coo_matrix")
    covers = csr_array((np.ones(near.nnz), (near.row, near.col)), shape=(size, count))
    return covers, rng.integers(1, 10, count).astype(float)


EARTH = 6_378_100.0
KNOWN = [
    ("NewYork", 400.0, 50, 1_153_640),
    ("NewYork", 400.0, 60, 1_288_174),
    ("NewYork", 400.0, 70, 1_396_333),
    ("NewYork", 400.0, 80, 1_481_434),
    ("NewYork", 400.0, 90, 1_539_992),
    ("SanFrancisco", 600.0, 50, 617_592),
]


@pytest.mark.parametrize(
    ("town", "reach", "number", "best"),
    [pytest.param(*case, marks=[] if case[2] == 60 else [pytest.mark.slow]) for case in KNOWN],
)
def test_public_instances_are_covered_to_more_than_995_of_1000(town: str, reach: float, number: int, best: int) -> None:
    covers, weights = public_instance(town, reach)
    answer = solve_covering(covers, weights, budget=number)
    assert 0.995 * best <= answer.value <= best <= answer.bound
    assert answer.optimality_gap <= 0.02


def public_instance(town: str, reach: float) -> tuple[csr_array, npt.NDArray[np.float64]]:
    """Read an instance of Máximo, Cordeau and Nascimento (2023): all nodes are candidates and targets."""
    path = SHARED / "benchmarks" / f"{town}.txt"
    if not path.exists():
        pytest.skip("the public instances do not lie beside this checkout")
    lines = path.read_text().split("\n")
    first, then = (next(i for i, line in enumerate(lines) if line.startswith(name)) for name in ("NODE", "DEMAND"))
    degrees = np.radians([[float(value) for value in line.split()] for line in lines[first + 1 : then] if line.strip()])
    weights = np.array([float(line.split()[-1]) for line in lines[then + 1 : then + 1 + len(degrees)]])
    lat, lon = degrees.T
    ball = EARTH * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    tree = cKDTree(ball)
    chord = 2 * EARTH * np.sin(reach / EARTH / 2)
    near = tree.sparse_distance_matrix(tree, chord * (1 + 1e-12), output_type="coo_matrix")
    size = len(degrees)
    rows, columns = np.append(near.row, np.arange(size)), np.append(near.col, np.arange(size))
    return csr_array((np.ones(len(rows)), (rows, columns)), shape=(size, size)), weights
