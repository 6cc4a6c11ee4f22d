"""Edits made in QGIS or in the workbook come back as decisions, and the decisions change the tables."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import shapely
from shapely import affinity

from citycover.city.decisions import (
    apply_camera_decisions,
    apply_mandate_decisions,
    apply_place_decisions,
    read_decisions,
)
from citycover.cli import main
from citycover.errors import InputError
from citycover.publish.edits import add_decisions, read_edits
from citycover.publish.layers import write_layers
from citycover.publish.workbook import write_workbook

DAY = "2026-11-21"
ENDS = {"by": "张工", "on": DAY}


@pytest.fixture(scope="module")
def folder(results, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("study")
    write_workbook(results, out / "workbook.xlsx")
    write_layers(results, out / "layers.gpkg")
    return out


def edit_layer(folder: Path, copy: Path, layer: str, change) -> Path:
    """Copy the GeoPackage, one layer of it changed."""
    for name in pyogrio.list_layers(folder / "layers.gpkg")[:, 0]:
        if name in ("layer_styles",):
            continue
        frame = gpd.read_file(folder / "layers.gpkg", layer=name)
        frame = change(frame) if name == layer else frame
        pyogrio.write_dataframe(frame, copy, layer=name, driver="GPKG", append=copy.exists())
    return copy


def edit_sheet(folder: Path, copy: Path, sheet: str, edits: dict[tuple[str, str], object], key: str) -> Path:
    """Copy the workbook; ``edits`` maps (id, header) to the new cell of the first row of that id."""
    book = openpyxl.load_workbook(folder / "workbook.xlsx")
    page = book[sheet]
    heads = {str(cell.value): cell.column for cell in page[1]}
    rows: dict[str, int] = {}
    for row in range(2, page.max_row + 1):
        rows.setdefault(str(page.cell(row, heads[key]).value), row)
    for (id_, head), value in edits.items():
        page.cell(rows[id_], heads[head]).value = value
    book.save(copy)
    return copy


def test_an_untouched_copy_holds_no_decision(folder, tmp_path):
    same = edit_layer(folder, tmp_path / "same.gpkg", "", None)
    assert read_edits(folder, same, **ENDS).decisions.empty
    assert read_edits(folder, same, **ENDS).refused == ()
    book = edit_sheet(folder, tmp_path / "same.xlsx", "摄像机", {}, "摄像机编号")
    assert read_edits(folder, book, **ENDS).decisions.empty


def test_a_builder_chosen_in_the_yellow_column_comes_back_and_settles_the_mandate(folder, results, tmp_path):
    first = results.mandates["mandate_id"].iloc[0]
    edited = edit_sheet(
        folder,
        tmp_path / "edited.xlsx",
        "应建清单",
        {(first, "建设责任主体"): "公安机关", (first, "理由"): "联席会议纪要"},
        "应建编号",
    )
    found = read_edits(folder, edited, **ENDS).decisions
    assert found[["subject", "id", "field", "value", "decided_by", "why"]].to_numpy().tolist() == [
        ["mandate", first, "builder", "police", "张工", "联席会议纪要"]
    ]
    file = tmp_path / "decisions.csv"
    assert add_decisions(found, file) == 1
    settled, used = apply_mandate_decisions(results.mandates, read_decisions(file).table, on=DAY)
    assert settled.loc[settled["mandate_id"] == first, "builder"].tolist() == ["police"]
    assert used["state"].tolist() == ["used"]


def test_an_azimuth_and_a_moved_camera_come_back_from_qgis(folder, results, tmp_path):
    first = results.cameras["camera_id"].iloc[0]

    def change(cameras):
        mine = cameras["camera_id"] == first
        cameras.loc[mine, "azimuth"] = 135.5
        cameras.loc[mine, "geometry"] = cameras.loc[mine].translate(3.0, 4.0)
        return cameras

    found = read_edits(folder, edit_layer(folder, tmp_path / "e.gpkg", "cameras", change), **ENDS).decisions
    assert sorted(found["field"]) == ["azimuth", "geometry"]
    file = tmp_path / "decisions.csv"
    add_decisions(found, file)
    cameras, _ = apply_camera_decisions(results.cameras, read_decisions(file).table, on=DAY)
    before = results.cameras.set_index("camera_id").loc[first]
    after = cameras.set_index("camera_id").loc[first]
    assert after["azimuth"] == 135.5
    assert before.geometry.distance(after.geometry) == pytest.approx(5.0, abs=0.02)  # 3, 4, 5; seven digits of a degree


def test_a_dropped_place_a_new_gate_and_a_new_kind_come_back(folder, results, town, tmp_path):
    gone = town.places["place_id"].iloc[-1]
    kept = town.places["place_id"].iloc[0]
    copy = tmp_path / "e.gpkg"
    edit_layer(folder, copy, "places", lambda places: places[places["place_id"] != gone])
    gates = gpd.read_file(copy, layer="entrances")
    gate = gates.iloc[[0]].assign(entrance_id=None, place_id=kept, geometry=gates.geometry.iloc[[0]].translate(5, 5))
    both = pd.concat([gates, gate], ignore_index=True)
    pyogrio.write_dataframe(both, copy, layer="entrances", driver="GPKG", append=False)
    for name in ("places", "place_kinds"):
        frame = gpd.read_file(folder / "layers.gpkg", layer=name)
        frame = frame[frame["place_id"] != gone]
        if name == "place_kinds":
            frame = pd.concat([frame, pd.DataFrame([{"place_id": kept, "kind": "museum"}])], ignore_index=True)
        pyogrio.write_dataframe(frame, copy, layer=name, driver="GPKG", append=False)
    found = read_edits(folder, copy, **ENDS).decisions
    told = set(zip(found["subject"], found["id"], found["field"], found["value"].fillna(""), strict=True))
    assert told == {
        ("place", gone, "exists", "no"),
        ("entrance", kept, "exists", "yes"),
        ("place", kept, "kind+", "museum"),
    }
    file = tmp_path / "decisions.csv"
    add_decisions(found, file)
    city, used = apply_place_decisions(town, read_decisions(file).table, on=DAY)
    assert set(used["state"]) == {"used"}
    assert gone not in set(city.places["place_id"])
    assert len(city.entrances[city.entrances["place_id"] == kept]) == 1 + int(
        (town.entrances["place_id"] == kept).sum()
    )
    assert "museum" in set(city.place_kinds.loc[city.place_kinds["place_id"] == kept, "kind"])


def test_a_change_of_a_white_column_is_refused_and_named(folder, results, tmp_path):
    first = results.cameras["camera_id"].iloc[0]
    edited = edit_sheet(folder, tmp_path / "e.xlsx", "摄像机", {(first, "摄像机编号"): "other"}, "摄像机编号")
    edits = read_edits(folder, edited, **ENDS)
    assert edits.decisions.empty
    assert len(edits.refused) == 1
    assert "other" in edits.refused[0]


def test_rows_filtered_away_in_a_sheet_drop_nothing(folder, tmp_path):
    book = openpyxl.load_workbook(folder / "workbook.xlsx")
    book["摄像机"].delete_rows(3)
    book.save(tmp_path / "e.xlsx")
    assert read_edits(folder, tmp_path / "e.xlsx", **ENDS).decisions.empty


def test_the_study_s_own_file_is_refused(folder):
    with pytest.raises(InputError, match="needed a copy"):
        read_edits(folder, folder / "layers.gpkg", **ENDS)


def test_what_a_decisions_file_holds_stays_and_formulas_are_defused(tmp_path):
    file = tmp_path / "decisions.csv"
    file.write_text(
        "subject,id,field,value,decided_by,decided_on,remark\nplace,way/1,exists,no,李工,2026-01-01,keep me\n",
        encoding="utf-8",
    )
    rows = pd.DataFrame(
        [{"subject": "place", "id": "way/2", "field": "name", "value": "=1+1", "decided_by": "张工", "decided_on": DAY}]
    ).reindex(columns=["subject", "id", "field", "value", "geometry_wkt", "decided_by", "decided_on", "why"])
    assert add_decisions(rows, file) == 1
    assert add_decisions(rows, file) == 0  # said once
    lines = pd.read_csv(file, dtype="str")
    assert lines["remark"].tolist()[0] == "keep me"
    assert lines["value"].tolist() == ["no", "'=1+1"]
    assert read_decisions(file).table["value"].tolist() == ["no", "=1+1"]


def test_the_command_adds_to_the_file_and_says_how_many(folder, results, tmp_path, capsys):
    first = results.cameras["camera_id"].iloc[0]
    head = "监控方位（°）"
    edited = edit_sheet(folder, tmp_path / "e.xlsx", "摄像机", {(first, head): 77}, "摄像机编号")
    out = tmp_path / "decisions.csv"
    with pytest.raises(SystemExit) as stop:
        main(["decide", str(folder), "--from", str(edited), "--by", "张工", "--on", DAY, "--out", str(out), "--json"])
    assert stop.value.code == 0
    assert '"new": 1' in capsys.readouterr().out
    assert read_decisions(out).table["value"].tolist() == ["77"]


def test_a_new_place_drawn_in_qgis_becomes_a_place(folder, town, tmp_path):
    def change(places):
        square = shapely.box(600, 600, 620, 620)
        corner = places.geometry.iloc[0].centroid
        new = places.iloc[[0]].assign(
            place_id=None, name="新广场", geometry=[affinity.translate(square, corner.x, corner.y)]
        )
        return pd.concat([places, new], ignore_index=True)

    found = read_edits(folder, edit_layer(folder, tmp_path / "e.gpkg", "places", change), **ENDS).decisions
    file = tmp_path / "decisions.csv"
    add_decisions(found, file)
    city, used = apply_place_decisions(town, read_decisions(file).table, on=DAY)
    assert set(used["state"]) == {"used"}
    new = city.places[city.places["name"] == "新广场"]
    assert new["ground"].tolist() == pytest.approx([400.0], rel=1e-3)  # 20 m × 20 m, seven digits of a degree
