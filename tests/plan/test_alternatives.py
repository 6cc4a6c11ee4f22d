"""What a plan is weighed against: other money, other sites, other plans, and limits on what it may see."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pyogrio
import pytest

from citycover import tables
from citycover.audit.catalogue import load_catalogue
from citycover.audit.fitting import measure_fitting
from citycover.cli import main
from citycover.errors import InputError, StudyError
from citycover.plan.after import cameras_before
from citycover.plan.alternatives import (
    compare_plans,
    explain_site,
    find_exchanges,
    find_rivals,
    trace_money,
    trace_plan,
)
from citycover.plan.draft import Plan, draft_plan
from citycover.plan.notices import draft_notices
from citycover.plan.suggestions import suggest_builds
from citycover.plan.wants import find_wants
from citycover.plan.whole import add_approved
from citycover.publish.plan_figures import plan_figures
from citycover.study_file import make_study
from citycover.study_plan import plan_terms, take_approved
from plan.street import Asked, ask, rulebook


def draft(asked: Asked, budget: float, **more) -> Plan:
    return draft_plan(asked.candidates, asked.gaps, rulebook(), budget=budget, **{**asked.given, **more})


@pytest.fixture(scope="module")
def bare() -> Asked:
    return ask()


@pytest.fixture(scope="module")
def plan(bare: Asked) -> Plan:
    return draft(bare, 60_000.0)


def slow_value(plan: Plan, rows: list[int]) -> float:
    """Worth of a choice, target by target."""
    covers = plan.covers.toarray()
    total = 0.0
    for want in range(len(plan.wants)):
        seen = sum(1 for row in rows if covers[row, want])
        if seen >= plan.wants["cameras"].iloc[want]:
            total += plan.wants["worth"].iloc[want]
    return total


def test_the_curve_along_the_plan_starts_before_it_and_ends_at_its_promise(plan: Plan) -> None:
    curve = trace_plan(plan)
    assert len(curve) == len(plan.sites) + 1
    assert curve["cost"].iloc[[0, -1]].tolist() == [0.0, pytest.approx(plan.cost)]
    promise = plan.promise.set_index("unit").loc["m"]
    assert curve["share_m"].iloc[0] == promise["share_before"] == 0.0
    assert curve["share_m"].iloc[-1] == pytest.approx(promise["share_after"])
    assert curve["share_m"].is_monotonic_increasing
    assert curve["share_point"].isna().all()  # no point is asked for on this street


def test_more_money_never_brings_less_and_never_more_than_its_bound(plan: Plan) -> None:
    curve = trace_money(plan, [100_000.0, 0.0, 30_000.0, 60_000.0])
    assert curve["budget"].tolist() == [0.0, 30_000.0, 60_000.0, 100_000.0]
    assert curve["value"].is_monotonic_increasing
    assert (curve["bound"] >= curve["value"] - 1e-9).all()
    assert curve["cost"].le(curve["budget"]).all()
    at = curve.set_index("budget").loc[60_000.0]
    assert at["value"] == pytest.approx(float(plan.phases["value"].iloc[0]))
    with pytest.raises(InputError):
        trace_money(plan, [-1.0])


def test_the_worth_of_an_exchange_is_that_of_the_plan_with_the_one_for_the_other(plan: Plan) -> None:
    found = find_exchanges(plan)
    rows = list(plan.chosen)
    value = slow_value(plan, rows)
    for place in range(len(rows)):
        rest = rows[:place] + rows[place + 1 :]
        assert found.own[place] == pytest.approx(value - slow_value(plan, rest))
    some = found.pairs.iloc[:: max(len(found.pairs) // 25, 1)]
    for site, row, worth in some[["site", "row", "worth"]].itertuples(index=False):
        rest = rows[: int(site)] + rows[int(site) + 1 :]
        assert worth == pytest.approx(slow_value(plan, [*rest, int(row)]) - slow_value(plan, rest))


def test_each_site_has_its_best_stand_in_and_the_reason_against_it(plan: Plan) -> None:
    rivals = find_rivals(plan)
    assert rivals["site_id"].tolist() == plan.sites["site_id"].tolist()
    assert not set(rivals["rival_id"]) & set(plan.sites["site_id"])
    assert set(rivals["verdict"]) <= {"less", "dearer", "private", "equal", "better"}
    less = rivals[rivals["verdict"] == "less"]
    assert (less["rival_worth"] < less["worth"]).all()
    dearer = rivals[rivals["verdict"] == "dearer"]
    assert (dearer["rival_cost"] > dearer["cost"]).all()


def test_a_candidate_is_told_why_it_is_not_in_the_plan(bare: Asked, plan: Plan) -> None:
    first = plan.sites["site_id"].iloc[0]
    assert explain_site(plan, first)["state"] == "chosen"
    assert explain_site(plan, first)["adds"] == pytest.approx(find_exchanges(plan).own[0])
    group = plan.candidates.set_index("candidate_id")["group"]
    twins = group.index[(group == group[first]) & (group.index != first)]
    if len(twins):
        assert explain_site(plan, twins[0])["state"] == "taken"
    rich = draft(bare, 1_000_000.0)  # all is seen: whatever else stands there adds nothing
    assert rich.promise["seen_after"].iloc[0] == pytest.approx(120.0)
    states = {explain_site(rich, name)["state"] for name in rich.candidates["candidate_id"].iloc[::9]}
    assert states <= {"seen", "taken", "chosen"}
    shut = draft(bare, 60_000.0, locked_out=[first])
    told = explain_site(shut, first)
    assert told["state"] == "refused"
    assert told["seen_by"]
    with pytest.raises(InputError, match="none"):
        explain_site(plan, "none")


def test_two_plans_stand_side_by_side(bare: Asked, plan: Plan) -> None:
    other = draft(bare, 60_000.0, locked_out=[plan.sites["site_id"].iloc[0]])
    rows = compare_plans(plan.sites, other.sites)
    one, two = set(plan.sites["site_id"]), set(other.sites["site_id"])
    assert set(rows.loc[rows["which"] == "both", "site_id"]) == one & two
    assert set(rows.loc[rows["which"] == "first", "site_id"]) == one - two
    assert set(rows.loc[rows["which"] == "second", "site_id"]) == two - one
    assert rows["first_cost"].sum() == pytest.approx(plan.cost)
    assert rows["second_cost"].sum() == pytest.approx(other.cost)


def test_the_command_sets_two_written_plans_side_by_side(bare: Asked, plan: Plan, tmp_path, capsys) -> None:
    other = draft(bare, 60_000.0, locked_out=[plan.sites["site_id"].iloc[0]])
    for name, made in (("a", plan), ("b", other)):
        (tmp_path / name).mkdir()
        summary = {"figures": {"plan": plan_figures(made)}}
        (tmp_path / name / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
        pyogrio.write_dataframe(made.sites, tmp_path / name / "layers.gpkg", layer="sites", driver="GPKG")
    with pytest.raises(SystemExit) as done:
        main(["plans", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(tmp_path / "pair.xlsx"), "--json"])
    assert done.value.code == 0
    told = json.loads(capsys.readouterr().out)
    one, two = set(plan.sites["site_id"]), set(other.sites["site_id"])
    assert told["sites"] == {"both": len(one & two), "first": len(one - two), "second": len(two - one)}
    cost = next(row for row in told["figures"] if row["figure"].startswith("一次性投资"))
    assert cost["first"] == pytest.approx(plan.cost / 1e4, abs=1e-3)
    sheets = pd.read_excel(tmp_path / "pair.xlsx", sheet_name=None, engine="calamine")
    assert list(sheets) == ["指标对照", "点位对照"]
    assert set(sheets["点位对照"]["点位编号"]) == one | two
    with pytest.raises(SystemExit) as failed:
        main(["plans", str(tmp_path / "a"), str(tmp_path)])
    assert failed.value.code == 2


def test_private_ground_in_view_can_be_bounded() -> None:
    asked = ask()
    nosy = asked.candidates["private"].to_numpy(float).copy()
    nosy[::2] = 500.0  # every other candidate looks at half a thousand square metres of somebody's yard
    seen = asked.candidates.assign(private=nosy)
    free = draft_plan(seen, asked.gaps, rulebook(), budget=60_000.0, private_price=0.0, **asked.given)
    bound = draft_plan(seen, asked.gaps, rulebook(), budget=60_000.0, private_price=0.0, most_private=100.0,
                       **asked.given)  # fmt: skip
    rows = list(bound.chosen)
    assert (nosy[rows] <= 100.0).all()
    assert bound.phases["value"].iloc[0] <= free.phases["value"].iloc[0]


def test_gaps_that_persons_postponed_are_not_planned_until_their_day(bare: Asked) -> None:
    later = bare.gaps.assign(postponed_until="2027-01-01")
    given = {"mandates": bare.mandates, "gaps": later}
    assert find_wants(bare.demands, bare.targets, bare.seen, on="2026-11-21", **given).empty
    assert len(find_wants(bare.demands, bare.targets, bare.seen, on="2027-01-02", **given)) == len(bare.wants)
    assert len(find_wants(bare.demands, bare.targets, bare.seen, **given)) == len(bare.wants)


def test_owners_are_told_how_many_cameras_would_do_and_public_builders_are_not(bare: Asked) -> None:
    owned = bare.mandates.assign(builder="owner", builder_effective="owner")
    same = {"city": bare.city, "catalogue": load_catalogue(), "cameras": bare.cameras, "gaps": bare.gaps}
    same |= {"demands": bare.demands, "targets": bare.targets, "seen": bare.seen, "rulebook": rulebook()}
    gaps = bare.gaps.assign(builder="owner")
    told = suggest_builds(draft_notices(gaps, owned), mandates=owned, **{**same, "gaps": gaps})
    tables.check(told, "notices")
    assert len(told) == 1
    # 120 m of street: the longest reach of the catalogue is 110 m, so that one camera cannot do, and two lenses that
    # look at one another from the ends can
    assert told["heads"].iloc[0] >= 2
    assert told["estimate"].iloc[0] > 0
    assert "×" in told["devices"].iloc[0]
    public = suggest_builds(draft_notices(bare.gaps, bare.mandates), mandates=bare.mandates, **same)
    assert public["heads"].isna().all()


def test_an_approved_plan_names_its_approver_and_its_sites_are_approved_cameras(bare: Asked, plan: Plan) -> None:
    with pytest.raises(StudyError, match="approver"):
        plan_terms(make_study({"osm": [], "plan": {"budget": 1.0, "state": "approved"}}))
    fleet = add_approved(bare.cameras, plan.sites, bare.city)
    assert fleet["camera_id"].tolist() == plan.sites["site_id"].tolist()
    assert set(fleet["status"]) == {"approved"}
    before = cameras_before(fleet, bare.city)
    seen = measure_fitting(bare.targets, bare.demands, before, bare.city)
    left = find_wants(bare.demands, bare.targets, seen, mandates=bare.mandates, gaps=bare.gaps)
    # of 120 m, what the approved sites see is no longer wanted: nothing of it is built twice
    assert 120.0 - float(left["size"].sum()) == pytest.approx(plan.promise["seen_after"].iloc[0])


def test_an_approved_version_is_frozen_until_another_is_named(bare: Asked, plan: Plan, tmp_path) -> None:
    figures = {"figures": {"plan": {"state": "approved", "version": "1", "approver": "区政府"}}}
    (tmp_path / "summary.json").write_text(json.dumps(figures), encoding="utf-8")
    pyogrio.write_dataframe(plan.sites, tmp_path / "layers.gpkg", layer="sites", driver="GPKG")
    asked = {"osm": [], "previous": str(tmp_path)}
    with pytest.raises(StudyError, match="version 1 is approved and frozen"):
        take_approved(make_study({**asked, "plan": {"budget": 1.0}}), bare.cameras, bare.city)
    next_one = make_study({**asked, "plan": {"budget": 1.0, "version": "2"}})
    fleet = take_approved(next_one, bare.cameras, bare.city)
    assert set(fleet["camera_id"]) == set(plan.sites["site_id"])
    assert len(take_approved(make_study(asked), bare.cameras, bare.city)) == len(plan.sites)


def test_a_share_of_an_item_is_asked_for_the_least_money(bare: Asked) -> None:
    rich = draft(bare, 1_000_000.0)
    whole = draft(bare, 0.0, shares=1.0, private_price=0.0)
    # all 120 m can be seen, and the cheapest way to that is no dearer than what a free hand bought
    assert whole.promise["seen_after"].iloc[0] == pytest.approx(120.0)
    assert whole.cost <= rich.cost + 1e-6
    assert whole.reached[["item", "asked", "reached"]].values.tolist() == [["第八条（一）", 1.0, pytest.approx(1.0)]]
    half = draft(bare, 0.0, shares={"第八条（一）": 0.5}, private_price=0.0)
    assert half.promise["seen_after"].iloc[0] >= 60.0
    assert half.cost < whole.cost
    for made in (half, whole):
        row = made.phases.iloc[0]
        assert row["least_cost"] <= made.cost + 1e-6
        assert 0.0 <= row["optimality_gap"] <= 1.0
    nothing = draft(bare, 0.0, shares={"*": 0.0})
    assert nothing.sites.empty
    with pytest.raises(InputError, match="第八条（一）"):
        draft(bare, 0.0, shares={"第九条": 1.0})
    asked = make_study({"osm": [], "plan": {"shares": {"第八条（一）": 1.0, "*": 0.3}, "year": 2027}})
    terms = plan_terms(asked)
    assert terms is not None
    assert terms.shares == {"第八条（一）": 1.0, "*": 0.3}
    assert terms.budget.years == (2027,)


def test_random_prices_keep_the_laws_of_a_plan(bare: Asked) -> None:
    rng = np.random.default_rng(11)
    for _ in range(1):
        priced = bare.candidates.assign(cost=rng.uniform(2_000, 30_000, len(bare.candidates)).round(2))
        values = []
        for budget in (20_000.0, 45_000.0, 90_000.0):
            made = draft_plan(priced, bare.gaps, rulebook(), budget=budget, **bare.given)
            assert made.cost <= budget + 1e-6
            assert (made.phases["bound"] >= made.phases["value"] - 1e-9).all()
            values.append(float(made.phases["value"].iloc[0]))
        assert values == sorted(values)
