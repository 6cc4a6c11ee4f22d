"""What a plan chooses and promises, on a street that can be checked with a pencil, and on random towns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.geometry import Point

from audit.town import EAST, NORTH
from citycover import tables
from citycover.audit.coverage import measure_headline, roll_up
from citycover.audit.fitting import measure_fitting
from citycover.audit.what_if import coverage_with
from citycover.errors import InputError
from citycover.plan.after import cameras_after, site_cameras
from citycover.plan.draft import Plan, draft_plan
from citycover.plan.locks import apply_site_decisions
from citycover.plan.money import Budget, BudgetLine
from plan.street import Asked, ask, camera, rulebook


def draft(asked: Asked, budget: Budget | float, **more) -> Plan:
    return draft_plan(asked.candidates, asked.gaps, rulebook(), budget=budget, **{**asked.given, **more})


@pytest.fixture(scope="module")
def bare() -> Asked:
    return ask()


def test_the_cheapest_plan_turns_one_camera_and_connects_another_and_builds_nothing() -> None:
    # 120 m of street. a, connected, looks north, away from it; b looks along it from the east end but is unconnected.
    # Turning costs 300, connecting 2,600, the cheapest new build 5,875 and more.
    a = camera(2.0, azimuth=0.0, hfov=70.0, pixels=3840, reach=70.0, networked=True)
    b = camera(118.0, azimuth=265.0, hfov=70.0, pixels=3840, reach=70.0, networked=False, owner_class="enterprise")
    asked = ask(a, b)
    plan = draft(asked, 3500.0)
    assert sorted(plan.sites["nature"]) == ["connect", "re-aim"]
    assert plan.sites["cost"].sum() == pytest.approx(2900.0)
    assert set(plan.sites["camera_id"]) == {"c0", "c1"}
    row = plan.promise.iloc[0]
    # b, 5 m beside the street, sees from 5 tan 50° = 6 m ahead to its reach: samples 52.5 … 107.5, 12 of 5 m.
    # a, turned, has 70° for the other ten: 47.5 lies at 96.3°, so 166.3° is its other edge, 1.2 m ahead: 7.5 … 47.5,
    # nine of 5 m
    assert row["seen_before"] == 0
    assert row["seen_after"] == 105
    assert plan.sites["gain_m"].sum() == pytest.approx(row["seen_after"])


@pytest.mark.parametrize("budget", [25_000.0, 60_000.0, 150_000.0])
def test_the_promise_is_what_the_measure_of_existing_cameras_finds(bare: Asked, budget: float) -> None:
    plan = draft(bare, budget)
    after = cameras_after(bare.cameras, plan.sites, bare.city)
    seen = measure_fitting(bare.targets, bare.demands, after, bare.city)
    head = measure_headline(bare.demands, bare.targets, seen)
    assert plan.promise["seen_after"].tolist() == pytest.approx(head["seen_low"].tolist())
    gained = plan.promise["seen_after"] - plan.promise["seen_before"]
    assert plan.sites["gain_m"].sum() == pytest.approx(gained.sum())
    # … and what the package tells of any proposed camera
    asked = site_cameras(plan.sites, bare.cameras, status="planned")
    told = coverage_with(
        asked, demands=bare.demands, targets=bare.targets, cameras=bare.cameras, city=bare.city
    ).headline["seen_low_after"]
    assert told.tolist() == pytest.approx(head["seen_low"].tolist())
    assert roll_up(bare.demands, seen, targets=bare.targets)["seen_low"].sum() == pytest.approx(head["seen_low"].sum())


LADDER = (0.0, 15_000.0, 25_000.0, 40_000.0, 60_000.0, 100_000.0, 300_000.0)


def test_more_money_never_brings_less_and_the_bound_is_never_below_the_value(bare: Asked) -> None:
    found = [draft(bare, b) for b in LADDER]
    values = [float(plan.phases["value"].iloc[0]) for plan in found]
    assert values == sorted(values)
    assert values[0] == 0
    assert values[-1] > values[2] > 0
    for plan, limit in zip(found, LADDER, strict=True):
        assert (plan.phases["bound"] >= plan.phases["value"] - 1e-9).all()
        assert plan.cost <= limit + 1e-6
    seen = [plan.promise["seen_after"].sum() for plan in found]
    assert seen[-1] == pytest.approx(120.0)


def test_the_same_seed_gives_the_same_plan(bare: Asked) -> None:
    one, two = draft(bare, 60_000.0, seed=3), draft(bare, 60_000.0, seed=3)
    pd.testing.assert_frame_equal(pd.DataFrame(one.sites), pd.DataFrame(two.sites))


def test_a_locked_site_stays_and_one_shut_out_never_comes(bare: Asked) -> None:
    free = draft(bare, 60_000.0)
    new = bare.candidates[bare.candidates["nature"] == "new"]
    other = new.loc[~new["candidate_id"].isin(free.sites["site_id"]), "candidate_id"].iloc[0]
    gone = free.sites["site_id"].iloc[0]
    plan = draft(bare, 60_000.0, locked_in=[other], locked_out=[gone])
    assert other in set(plan.sites["site_id"])
    assert gone not in set(plan.sites["site_id"])
    assert plan.sites.set_index("site_id")["locked"].to_dict()[other]
    with pytest.raises(InputError, match="1 unknown, such as S-none"):
        draft(bare, 60_000.0, locked_in=["S-none"])


def test_each_site_states_its_necessity_its_aim_and_all_columns_of_the_point_table(bare: Asked) -> None:
    plan = draft(bare, 100_000.0)
    tables.check(plan.sites, "sites")
    sites = plan.sites
    assert len(sites) >= 1
    assert sites["why"].str.contains("第八条（一）").all()
    assert sites["why"].str.contains("朝向").all()
    assert sites["articles"].eq("第八条（一）").all()
    known = set(bare.gaps["gap_id"])
    assert all(set(joined.split(";")) <= known for joined in sites["gaps"])
    assert sites["mandates"].eq("m0").all()
    assert sites["builder"].eq("government").all()
    assert sites["name"].str.startswith("中山路").all()
    assert sites["permits"].str.contains("备案").all()  # Wuxi art. 32 names filing without a number of days
    assert sites["storage_tb"].gt(0).all()
    away = shapely.distance(sites.geometry.to_numpy(), bare.city.streets.geometry.iloc[0])
    assert (away >= 3.5 + 0.5 - 1e-6).all()


def test_years_are_phases_and_a_line_pays_only_for_its_kinds() -> None:
    asked = ask()
    lines = (
        BudgetLine(25_000, 2027, level="区级"),
        BudgetLine(20_000, 2028, level="市级", kinds=("square",)),  # nothing here is one
        BudgetLine(25_000, 2028, level="区级", kinds=("bridge",)),
    )
    plan = draft(asked, Budget(lines))
    assert plan.phases[["phase", "year"]].values.tolist() == [[1, 2027], [2, 2028]]
    assert set(plan.sites["phase"]) == {1}
    assert set(plan.sites["level"]) == {"区级"}
    kind = asked.mandates["kind"].iloc[0]
    more = draft(asked, Budget((*lines[:1], BudgetLine(60_000, 2028, level="市级", kinds=(kind,)))))
    assert set(more.sites["phase"]) == {1, 2}
    assert more.sites.groupby("phase")["level"].first().tolist() == ["区级", "市级"]
    assert (more.sites.loc[more.sites["phase"] == 1, "site_id"].tolist()) == plan.sites["site_id"].tolist()


def test_a_camera_that_something_depends_on_is_not_turned_away() -> None:
    asked = ask(camera(2.0, azimuth=90.0, hfov=70.0, reach=40.0, networked=True))
    assert "re-aim" not in set(asked.candidates["nature"])
    idle = ask(camera(2.0, azimuth=0.0, hfov=70.0, reach=40.0, networked=True))
    assert "re-aim" in set(idle.candidates["nature"])


def test_approved_cameras_are_taken_as_built() -> None:
    coming = camera(2.0, azimuth=90.0, hfov=80.0, pixels=3840, reach=130.0, status="approved")
    asked = ask(coming)
    # 3840 px in 80° are 2,288 px at one metre: 25 px/m up to 91 m; 5 m to the side it sees from 6 m ahead on. So the
    # samples at 2.5 and 7.5 m and those at 97.5 … 117.5 m are left: 7 × 5 m
    assert asked.wants["size"].sum() == 35.0


def test_what_a_visit_found_comes_back_as_decisions(bare: Asked) -> None:
    free = draft(bare, 60_000.0)
    site = free.sites.iloc[0]
    row = {"subject": "site", "decided_by": "张工", "decided_on": "2026-11-21"}
    lon, lat = float(site["lon"]), float(site["lat"])
    given = tables.conform(
        "decisions",
        [
            {**row, "id": site["site_id"], "field": "survey", "value": "refused"},
            {**row, "id": "S-gone", "field": "survey", "value": "confirmed"},
        ],
    )
    locks = apply_site_decisions(bare.candidates, given, bare.city, on="2026-11-22")
    plan = draft(bare, 60_000.0, locked_in=locks.locked_in, locked_out=locks.locked_out)
    away = shapely.distance(plan.sites.geometry.to_numpy(), site["geometry"])
    assert (away > 3.0).all()
    assert locks.used["state"].tolist() == ["used", "stale"]
    moved = tables.conform(
        "decisions",
        [{**row, "id": site["site_id"], "field": "geometry", "geometry_wkt": f"POINT ({lon} {lat + 0.00001})"}],
    )
    locks = apply_site_decisions(bare.candidates, moved, bare.city, on="2026-11-22")
    plan = draft_plan(locks.candidates, bare.gaps, rulebook(), budget=60_000.0, locked_in=locks.locked_in, **bare.given)
    there = plan.sites.set_index("site_id").geometry[site["site_id"]]
    assert there.y - site["geometry"].y == pytest.approx(1.11, abs=0.02)  # 1e-5° of latitude
    assert locks.survey == {site["site_id"]: "moved"}


def test_the_least_intrusive_aim_is_taken_among_those_that_serve() -> None:
    """With a yard on the south side, aims from the north kerb turn away from it where nothing is lost."""
    asked = ask()
    plan = draft(asked, 60_000.0)
    assert (plan.sites["private_share"].fillna(0) == 0).all()  # no private ground is drawn at all
    assert ((plan.sites["azimuth"] % 5) == 0).all()


def test_no_money_and_no_gap_give_an_empty_plan(bare: Asked) -> None:
    plan = draft(bare, 0.0)
    assert plan.sites.empty
    assert plan.promise["seen_after"].tolist() == plan.promise["seen_before"].tolist()
    assert plan.optimality_gap in (0.0, np.inf)
    assert Point(EAST, NORTH).is_valid
