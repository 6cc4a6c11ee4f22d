"""Decisions on gaps and on forbidden places: applied, shown, and never lost."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from city.test_decisions import CRS, ON, X, Y, at, city_of, decide
from citycover import tables
from citycover.audit.conflicts import find_conflicts
from citycover.city.decision_words import STATES, SUBJECTS
from citycover.city.finding_decisions import apply_ban_decisions, apply_gap_decisions, is_settled, list_unread
from citycover.city.model import City
from citycover.law.rulebook import load_rulebook
from citycover.plan.notices import draft_notices


def gaps_of(*ids: str) -> gpd.GeoDataFrame:
    """Gaps of one square metre each, 50 m apart, the first the most urgent."""
    base = {"mandate_id": "M", "component": "area", "unit": "m2", "size": 1.0, "standing": "named", "builder": "owner"}
    rows = [{**base, "gap_id": id_, "place_id": id_, "priority": 80.0 - 10 * i} for i, id_ in enumerate(ids)]
    shapes = [shapely.box(X + 50 * i, Y, X + 50 * i + 1, Y + 1) for i in range(len(ids))]
    return tables.conform("gaps", gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS))


def test_a_gap_is_accepted_postponed_ranked_and_noted(tmp_path: Any) -> None:
    given = gaps_of("G1", "G2", "G3")
    decisions = decide(
        tmp_path,
        ("gap", "G1", "accepted_until", "2027年1月1日", ""),
        ("gap", "G2", "postponed_until", "2026-12-31", ""),
        ("gap", "G3", "priority", "95", ""),
        ("gap", "G3", "note", "等道路改造", ""),
    )
    gaps, used = apply_gap_decisions(given, decisions, on=ON)
    tables.check(gaps, "gaps")
    assert used["state"].tolist() == ["used"] * 4
    assert gaps["gap_id"].tolist() == ["G3", "G1", "G2"]  # by the new priority
    by_id = gaps.set_index("gap_id")
    assert by_id["accepted_until"].dropna().to_dict() == {"G1": "2027-01-01"}
    assert by_id["postponed_until"].dropna().to_dict() == {"G2": "2026-12-31"}
    assert by_id.loc["G3", ["note", "decided_by"]].tolist() == ["等道路改造", "张工"]
    assert is_settled(gaps, on=ON).tolist() == [False, True, True]
    assert given["decided_by"].isna().all()  # the input is not changed


def test_a_settled_gap_is_asked_of_nobody_until_its_day_has_passed(tmp_path: Any) -> None:
    decisions = decide(tmp_path, ("gap", "G1", "accepted_until", "2026-08-01", ""))
    gaps, _ = apply_gap_decisions(gaps_of("G1", "G2"), decisions, on=ON)
    mandates = tables.conform("mandates", [{"mandate_id": "M", "place_id": "p"}], crs=CRS)
    assert set(draft_notices(gaps, mandates, on="2026-08-01")["gaps"]) == {"G2"}
    assert set(draft_notices(gaps, mandates, on="2026-08-02")["gaps"]) == {"G1", "G2"}
    assert len(draft_notices(gaps, mandates)) == 2
    late = apply_gap_decisions(gaps_of("G1"), decisions, on="2026-09-01")[1]
    assert "期限已过" in late["detail"].iloc[0]


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("exists", "no", "only accepted_until, postponed_until, priority, note can be decided"),
        ("size", "0", "only accepted_until"),
        ("priority", "120", "priority needs 0 to 100"),
        ("accepted_until", "soon", "needs a date"),
    ],
)
def test_what_cannot_be_decided_of_a_gap_is_refused_with_the_reason(
    tmp_path: Any, field: str, value: str, told: str
) -> None:
    decisions = decide(tmp_path, ("gap", "G1", field, value, ""))
    gaps, used = apply_gap_decisions(gaps_of("G1"), decisions, on=ON, lang="en")
    assert used["state"].tolist() == ["refused"]
    assert told in used["detail"].iloc[0]
    assert gaps["priority"].tolist() == [80.0]


def test_a_gap_that_is_gone_leaves_a_stale_decision_or_is_found_by_its_place(tmp_path: Any) -> None:
    decisions = decide(tmp_path, ("gap", "gone", "note", "a", ""), ("gap", "renamed", "note", "b", at(55, 5)))
    gaps, used = apply_gap_decisions(gaps_of("G1", "G2"), decisions, on=ON)
    assert used["state"].tolist() == ["stale", "used"]
    assert used["found_id"].fillna("").tolist() == ["", "G2"]
    assert gaps.set_index("gap_id")["note"].dropna().to_dict() == {"G2": "b"}


def camera(east: float, north: float) -> gpd.GeoDataFrame:
    row = {"camera_id": "c", "owner_class": "police", "status": "in_use"}
    return tables.conform("cameras", gpd.GeoDataFrame([row], geometry=[shapely.Point(X + east, Y + north)], crs=CRS))


def square(east: float) -> str:
    corners = [at(e, n)[7:-1] for e, n in ((east, 0), (east + 20, 0), (east + 20, 20), (east, 20), (east, 0))]
    return f"POLYGON (({', '.join(corners)}))"


def town() -> City:
    return city_of([("way/1", "某楼", 300)], [])


def test_a_place_that_a_person_forbids_makes_a_conflict_that_names_who_did(tmp_path: Any) -> None:
    decisions = decide(tmp_path, ("ban", "B1", "place_type", "更衣室", square(0)))
    city, used = apply_ban_decisions(town(), decisions, on=ON)
    tables.check(city.ban_places, "ban_places")
    assert used[["state", "detail"]].values.tolist() == [["used", "已增加：更衣室"]]
    found = find_conflicts(camera(10, 10), city, load_rulebook("wuxi_2019"), on=ON)
    assert found[["check", "level", "place_id"]].values.tolist() == [["C1", "error", "B1"]]
    assert found["reason"].iloc[0].endswith("人工决定：张工 2026-05-01")
    assert town().ban_places.empty


def test_a_forbidden_place_is_corrected_dated_and_taken_away(tmp_path: Any) -> None:
    city, _ = apply_ban_decisions(
        town(),
        decide(
            tmp_path,
            ("ban", "B1", "place_type", "voting_place", square(0)),
            ("ban", "B1", "valid_to", "2026-05-31", ""),
        ),
        on=ON,
    )
    assert city.ban_places["valid_to"].tolist() == ["2026-05-31"]
    assert find_conflicts(camera(10, 10), city, load_rulebook("chongqing_2016"), on=ON).empty  # it is over
    more = decide(tmp_path, ("ban", "B1", "place_type", "toilet", ""), name="b.csv")
    corrected, used = apply_ban_decisions(city, more, on=ON, lang="en")
    assert corrected.ban_places["place_type"].tolist() == ["toilet"]
    assert "→ toilets" in used["detail"].iloc[0]
    gone, _ = apply_ban_decisions(city, decide(tmp_path, ("ban", "B1", "exists", "否", ""), name="c.csv"), on=ON)
    assert gone.ban_places.empty


def test_wrong_decisions_on_bans_are_told(tmp_path: Any) -> None:
    decisions = decide(
        tmp_path,
        ("ban", "B1", "place_type", "palace", square(0)),
        ("ban", "B2", "place_type", "toilet", ""),
        ("ban", "B3", "exists", "yes", square(0)),
        ("ban", "B4", "exists", "no", ""),
    )
    _, used = apply_ban_decisions(town(), decisions, on=ON, lang="en")
    assert used["state"].tolist() == ["refused", "stale", "refused", "stale"]


def test_units_whose_consent_is_needed_stay_secret(tmp_path: Any) -> None:
    decisions = decide(tmp_path, ("ban", "B1", "place_type", "classified_unit", square(0)))
    city, _ = apply_ban_decisions(town(), decisions, on=ON)
    assert bool(city.ban_places["secret"].iloc[0])


def test_decisions_that_no_step_reads_are_listed_as_unread(tmp_path: Any) -> None:
    decisions = decide(tmp_path, ("site", "S1", "locked", "yes", ""), ("gap", "G1", "note", "a", ""))
    _, used = apply_gap_decisions(gaps_of("G1"), decisions, on=ON)
    rest = list_unread(decisions, used)
    assert rest[["subject", "id", "state"]].values.tolist() == [["site", "S1", "unread"]]
    assert "unread" in STATES


def test_every_subject_has_a_word() -> None:
    column = next(c for c in tables.TABLES["decisions"].columns if c.name == "subject")
    assert set(SUBJECTS) == set(column.values)
    assert pd.Series(list(SUBJECTS.values())).is_unique
