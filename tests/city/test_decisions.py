"""Decisions change places, entrances, cameras and mandates, say what they changed, and are never lost."""

from __future__ import annotations

import csv
import io

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from citycover import geo
from citycover.city.decisions import (
    apply_camera_decisions,
    apply_mandate_decisions,
    apply_place_decisions,
    read_decisions,
)
from citycover.city.model import City
from citycover.errors import InputError
from citycover.tables import TABLES, check, conform

CRS = geo.metric_crs(120.35, 31.55)
X, Y = (float(v[0]) for v in geo.to_metric([120.35], [31.55], CRS))
HEADER = ["subject", "id", "field", "value", "geometry", "decided_by", "decided_on", "why", "document", "valid_until"]
ON = "2026-06-01"


def city_of(places, kinds, entrances=()):
    """A city of square places of 40 m: (id, name, metres east of the corner)."""
    empty = {name: conform(name, [], crs=CRS) for name, t in TABLES.items() if name in City.__dataclass_fields__}
    squares = [shapely.box(X + east, Y, X + east + 40, Y + 40) for _, _, east in places]
    rows = {"place_id": [p[0] for p in places], "name": [p[1] for p in places], "source": "osm"}
    empty["places"] = conform("places", gpd.GeoDataFrame(rows, geometry=squares, crs=CRS))
    labels = [{"place_id": p, "kind": k, "evidence": "tags", "confidence": "high"} for p, k in kinds]
    empty["place_kinds"] = conform("place_kinds", labels)
    if entrances:
        rows = {"entrance_id": [e[0] for e in entrances], "place_id": [e[1] for e in entrances], "source": "mapped"}
        points = [shapely.Point(X + e[2], Y) for e in entrances]
        empty["entrances"] = conform("entrances", gpd.GeoDataFrame(rows, geometry=points, crs=CRS))
    return City(crs=CRS, area=shapely.box(X, Y, X + 500, Y + 500), **empty)


def town(*, school="way/1"):
    return city_of(
        [(school, "某中学", 0), ("way/2", "某楼", 100), ("way/3", "某市场", 200)],
        [(school, "school_kindergarten"), ("way/2", "farmers_market"), ("way/3", "farmers_market")],
        [("node/7", "way/2", 110)],
    )


def at(east, north=20.0):
    """WKT in degrees of a point so many metres east and north of the corner."""
    lon, lat = geo.to_degrees([X + east], [Y + north], CRS)
    return f"POINT ({lon[0]:.8f} {lat[0]:.8f})"


def decide(folder, *rows, name="decisions.csv"):
    """Read decisions written as (subject, id, field, value, geometry, {more})."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER)
    writer.writeheader()
    for subject, id_, field, value, geometry, *more in rows:
        row = {"subject": subject, "id": id_, "field": field, "value": value, "geometry": geometry}
        writer.writerow(row | {"decided_by": "张工", "decided_on": "2026-05-01"} | (more[0] if more else {}))
    (folder / name).write_text(out.getvalue(), encoding="utf-8")
    reading = read_decisions(folder / name)
    assert len(reading.rejects) == 0
    return reading.table


def kinds_of(city, place):
    return sorted(city.place_kinds.loc[city.place_kinds["place_id"] == place, "kind"])


def test_a_kind_is_corrected_a_place_dropped_and_an_entrance_added(tmp_path):
    before = town()
    decisions = decide(
        tmp_path,
        ("place", "way/2", "kind", "医院", ""),
        ("place", "way/3", "exists", "no", ""),
        ("entrance", "way/1", "exists", "yes", at(0)),
    )
    city, used = apply_place_decisions(before, decisions, on=ON)
    assert kinds_of(city, "way/2") == ["hospital"]
    assert city.place_kinds.set_index("place_id").loc["way/2", "evidence"] == "人工决定：张工 2026-05-01"
    assert city.places["place_id"].tolist() == ["way/1", "way/2"]
    assert kinds_of(city, "way/3") == []
    gate = city.entrances.iloc[-1]
    assert (gate["place_id"], gate["source"]) == ("way/1", "decision")
    assert gate.geometry.distance(shapely.Point(X, Y + 20)) < 0.01
    assert used["state"].tolist() == ["used"] * 3
    assert used["detail"].tolist() == ["类型：农贸市场 → 医院", "已删除", "已增加到 way/1"]
    _, used = apply_place_decisions(before, decisions, on=ON, lang="en")
    assert used["detail"].tolist() == ["kind: farmers_market → hospital", "dropped", "added to way/1"]
    for table in ("places", "place_kinds", "entrances"):
        check(getattr(city, table), table)
    assert len(before.places) == 3  # the input is as it was
    assert len(before.entrances) == 1


def test_the_same_decisions_hold_on_another_osm_date_when_their_ids_are_gone(tmp_path):
    """The school was redrawn under another id: the decision finds it by its geometry, and still drops and corrects."""
    later = town(school="way/999")
    decisions = decide(
        tmp_path,
        ("place", "way/1", "kind", "hospital", at(20)),
        ("entrance", "E1", "exists", "way/1", at(-1)),
        ("place", "way/2", "exists", "no", at(120)),
    )
    city, used = apply_place_decisions(later, decisions, on=ON)
    assert kinds_of(city, "way/999") == ["hospital"]
    assert city.entrances.set_index("entrance_id").loc["E1", "place_id"] == "way/999"
    assert "way/2" not in set(city.places["place_id"])
    assert used.set_index("id").loc["way/1", "found_id"] == "way/999"


def test_a_decision_whose_place_is_gone_and_not_near_is_listed_as_stale(tmp_path):
    decisions = decide(
        tmp_path,
        ("place", "way/5", "kind", "hospital", ""),
        ("place", "way/6", "kind", "hospital", at(-26)),  # 26 m west of the first square: beyond the reach of 25 m
        ("place", "way/7", "kind", "hospital", at(-24)),
    )
    city, used = apply_place_decisions(town(), decisions, on=ON)
    assert used["state"].tolist() == ["stale", "stale", "used"]
    assert len(used) == 3
    assert kinds_of(city, "way/1") == ["hospital"]


def test_an_expired_decision_is_not_used_but_listed(tmp_path):
    decisions = decide(
        tmp_path,
        ("place", "way/2", "kind", "hospital", "", {"valid_until": "2026-05-31"}),
        ("place", "way/3", "kind", "hospital", "", {"valid_until": "2026-06-01"}),
    )
    city, used = apply_place_decisions(town(), decisions, on=ON)
    assert used["state"].tolist() == ["expired", "used"]
    assert kinds_of(city, "way/2") == ["farmers_market"]
    assert kinds_of(city, "way/3") == ["hospital"]


def test_the_later_of_two_decisions_on_one_thing_holds_whatever_their_order(tmp_path):
    rows = [
        ("place", "way/2", "kind", "hospital", "", {"decided_on": "2026-05-02"}),
        ("place", "way/2", "kind", "museum", "", {"decided_on": "2026-05-01"}),
    ]
    for order in (rows, rows[::-1]):
        city, used = apply_place_decisions(town(), decide(tmp_path, *order), on=ON)
        assert kinds_of(city, "way/2") == ["hospital"]
        assert sorted(used["state"]) == ["superseded", "used"]


def test_kinds_are_added_and_taken_away(tmp_path):
    decisions = decide(
        tmp_path,
        ("place", "way/2", "kind+", "museum", ""),
        ("place", "way/2", "kind+", "hospital", ""),
        ("place", "way/3", "kind-", "farmers_market", ""),
    )
    city, _ = apply_place_decisions(town(), decisions, on=ON)
    assert kinds_of(city, "way/2") == ["farmers_market", "hospital", "museum"]
    assert kinds_of(city, "way/3") == []


def test_a_place_is_added_with_its_kind_name_and_two_entrances(tmp_path):
    lon, lat = geo.to_degrees([X + 300, X + 340, X + 340, X + 300], [Y, Y, Y + 40, Y + 40], CRS)
    square = shapely.Polygon(list(zip(lon, lat, strict=True))).wkt
    decisions = decide(
        tmp_path,
        ("place", "NEW1", "kind", "油库", ""),
        ("place", "NEW1", "exists", "yes", square),
        ("place", "NEW1", "name", "某油库", ""),
        ("entrance", "NEW1", "exists", "yes", at(300)),
        ("entrance", "NEW1", "exists", "yes", at(340)),
    )
    city, used = apply_place_decisions(town(), decisions, on=ON)
    place = city.places.set_index("place_id").loc["NEW1"]
    assert (place["name"], place["source"]) == ("某油库", "decision")
    assert abs(place["ground"] - 1600) < 1
    assert kinds_of(city, "NEW1") == ["oil_depot"]
    assert (city.entrances["place_id"] == "NEW1").sum() == 2
    assert city.entrances["entrance_id"].is_unique
    assert used["state"].tolist() == ["used"] * 5


def test_the_gates_of_a_dropped_place_belong_to_none(tmp_path):
    city, _ = apply_place_decisions(town(), decide(tmp_path, ("place", "way/2", "exists", "no", "")), on=ON)
    assert city.entrances["place_id"].isna().all()


def test_an_entrance_is_dropped_by_its_id(tmp_path):
    city, _ = apply_place_decisions(town(), decide(tmp_path, ("entrance", "node/7", "exists", "no", "")), on=ON)
    assert len(city.entrances) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "宫殿"), ("colour", "red"), ("ground", "large"), ("place_id", "x"), ("exists", "maybe")],
)
def test_a_decision_that_cannot_be_applied_is_refused_with_the_reason_and_kept(tmp_path, field, value):
    city, used = apply_place_decisions(town(), decide(tmp_path, ("place", "way/2", field, value, "")), on=ON)
    assert used["state"].tolist() == ["refused"]
    _, told = apply_place_decisions(town(), decide(tmp_path, ("place", "way/2", field, value, "")), on=ON, lang="en")
    assert used["detail"].str.contains("需要|没有").all()
    assert told["detail"].str.contains(r"needs|needed|has no column").all()
    pd.testing.assert_frame_equal(used.drop(columns="detail"), told.drop(columns="detail"))
    pd.testing.assert_frame_equal(city.places, town().places)
    assert kinds_of(city, "way/2") == ["farmers_market"]


def cameras():
    rows = {
        "camera_id": ["r:1", "r:2"], "device_id": ["32020501001320000017", None], "owner_class": "police",
        "status": "in_use", "status_assumed": True, "azimuth": [10.0, None], "azimuth_source": ["number", None],
    }  # fmt: skip
    return conform("cameras", gpd.GeoDataFrame(rows, geometry=gpd.points_from_xy([X, X + 10], [Y, Y])), crs=CRS)


def test_a_camera_is_turned_moved_and_given_a_status(tmp_path):
    before = cameras()
    decisions = decide(
        tmp_path,
        ("camera", "r:2", "azimuth", "270", ""),
        ("camera", "r:2", "geometry", "", at(50)),
        ("camera", "32020501001320000017", "status", "removed", ""),
        ("camera", "r:9", "azimuth", "270", ""),
    )
    after, used = apply_camera_decisions(before, decisions, on=ON)
    check(after, "cameras")
    assert after["azimuth"].tolist() == [10.0, 270.0]
    assert after["azimuth_source"].tolist() == ["number", "decision"]
    assert after.geometry[1].distance(shapely.Point(X + 50, Y + 20)) < 0.01
    assert after["status"].tolist() == ["removed", "in_use"]
    assert after["status_assumed"].tolist() == [False, True]
    assert used["state"].tolist() == ["used", "used", "used", "stale"]
    assert before["azimuth"].isna().tolist() == [False, True]


def test_columns_behind_the_declared_ones_survive_a_decision(tmp_path):
    after, _ = apply_camera_decisions(
        cameras().assign(model=["X", "Y"]), decide(tmp_path, ("camera", "r:2", "azimuth", "270", "")), on=ON
    )
    assert after["model"].tolist() == ["X", "Y"]


@pytest.mark.parametrize(
    ("field", "value"), [("azimuth", "360"), ("status", "broken"), ("hfov", "wide"), ("exists", "yes")]
)
def test_a_camera_is_not_given_an_impossible_value(tmp_path, field, value):
    after, used = apply_camera_decisions(cameras(), decide(tmp_path, ("camera", "r:1", field, value, "")), on=ON)
    assert used["state"].tolist() == ["refused"]
    pd.testing.assert_frame_equal(after, cameras())


def mandates(**more):
    row = {
        "mandate_id": "M1", "place_id": "way/1", "rulebook": "wuxi_2019", "article": "第八条", "kind": "hospital",
        "part": "key_parts", "standing": "undecided", "builder": "review", "builder_effective": "review",
    }  # fmt: skip
    return conform("mandates", gpd.GeoDataFrame([row | more], geometry=[shapely.Point(X, Y)], crs=CRS))


def test_a_decision_settles_who_must_build_and_whether_the_duty_stands(tmp_path):
    decisions = decide(
        tmp_path, ("mandate", "M1", "builder", "owner", ""), ("mandate", "M1", "standing", "designated", "")
    )
    after, used = apply_mandate_decisions(mandates(), decisions, on=ON)
    check(after, "mandates")
    row = after.iloc[0]
    assert (row["builder"], row["builder_effective"], row["builder_rule"]) == ("owner", "owner", "decision")
    assert row["builder_evidence"] == "人工决定：张工 2026-05-01"
    assert (row["standing"], row["decided_by"]) == ("designated", "张工")
    assert used["state"].tolist() == ["used", "used"]


def test_a_higher_law_is_not_overruled_by_a_decision_on_the_builder(tmp_path):
    law = mandates(builder_effective="manager", overlay_article="第十条")
    after, _ = apply_mandate_decisions(law, decide(tmp_path, ("mandate", "M1", "builder", "owner", "")), on=ON)
    assert (after["builder"][0], after["builder_effective"][0]) == ("owner", "manager")


def test_no_decisions_change_nothing(tmp_path):
    none = conform("decisions", [])
    city, used = apply_place_decisions(town(), none, on=ON)
    pd.testing.assert_frame_equal(city.places, town().places)
    assert len(used) == 0
    assert {"state", "found_id", "detail"} <= set(used)
    assert len(apply_camera_decisions(cameras(), none, on=ON)[1]) == 0


def test_rows_that_are_no_decisions_are_rejected_with_their_reason(tmp_path):
    rows = [
        ["house", "1", "kind", "hospital", "", "张工", "2026-05-01"],
        ["place", "", "kind", "hospital", "", "张工", "2026-05-01"],
        ["place", "way/1", "kind", "hospital", "POINT (1", "张工", "2026-05-01"],
        ["place", "way/1", "kind", "hospital", "", "张工", "yesterday"],
        ["place", "way/1", "kind", "hospital", "", "", "2026-05-01"],
        ["place", "way/1", "kind", "hospital", "", "张工", "2026/5/1"],
    ]
    out = io.StringIO()
    csv.writer(out).writerows([HEADER[:7], *rows])
    (tmp_path / "d.csv").write_text(out.getvalue(), encoding="utf-8")
    reading = read_decisions(tmp_path / "d.csv")
    assert reading.rejects["row"].tolist() == [2, 3, 4, 5, 6]
    assert reading.rejects["column"].tolist() == ["subject", "id", "geometry", "decided_on", "decided_by"]
    assert reading.table["decided_on"].tolist() == ["2026-05-01"]
    check(reading.table, "decisions")


def test_decisions_without_a_required_column_are_an_error(tmp_path):
    (tmp_path / "d.csv").write_text("subject,id,field,value\nplace,way/1,kind,hospital\n", encoding="utf-8")
    with pytest.raises(InputError, match="decided_by, decided_on"):
        read_decisions(tmp_path / "d.csv")


def test_a_layer_of_decisions_keeps_the_geometry_it_was_drawn_with(tmp_path):
    row = dict.fromkeys(HEADER, None) | {
        "subject": "entrance", "id": "E1", "field": "exists", "value": "way/1", "decided_by": "张工",
        "decided_on": "2026-05-01",
    }  # fmt: skip
    row.pop("geometry")
    layer = gpd.GeoDataFrame([row], geometry=[shapely.Point(X, Y + 20)], crs=CRS)
    layer.to_file(tmp_path / "d.gpkg", layer="decisions", driver="GPKG")
    city, _ = apply_place_decisions(town(), read_decisions(tmp_path / "d.gpkg").table, on=ON)
    assert city.entrances.iloc[-1].geometry.distance(shapely.Point(X, Y + 20)) < 0.05
