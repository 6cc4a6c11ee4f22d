"""Packages for departments: cut to their rows and what adjoins, questions a page each, replies that come back."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from citycover import tables
from citycover.city.decisions import apply_mandate_decisions, read_decisions
from citycover.cli import main
from citycover.errors import InputError
from citycover.publish.audience import ADJOINS, cut_results
from citycover.publish.edits import read_edits
from citycover.publish.figures import gather_figures
from citycover.publish.layers import layer_frames, write_layers
from citycover.publish.package import write_package
from citycover.publish.questions import list_questions
from citycover.publish.reopen import open_results
from citycover.publish.results import Results
from citycover.publish.summary import write_summary
from citycover.publish.workbook import write_workbook

docx = pytest.importorskip("docx", reason="python-docx is not installed")
DEPARTMENTS = ["教育", "市政园林（城市管理）", "交通运输"]


@pytest.fixture(scope="module")
def town_results(results: Results) -> Results:
    """The school answers to 教育, the square to 市政园林, the street to 交通运输; CAM-2 and CAM-3 are used by 教育."""
    of = dict(zip(results.mandates["mandate_id"], DEPARTMENTS, strict=True))
    told = replace(
        results,
        mandates=results.mandates.assign(department=results.mandates["mandate_id"].map(of)),
        gaps=results.gaps.assign(department=results.gaps["mandate_id"].map(of)),
        notices=results.notices.assign(department="教育"),
        cameras=results.cameras.assign(department=["公安", "教育", "教育", "公安"]),
        overlay_id=None,
    )
    return replace(told, figures=gather_figures(told))


@pytest.fixture(scope="module")
def folder(town_results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    write_layers(town_results, out / "layers.gpkg")
    write_summary(town_results, out / "summary.json")
    write_workbook(town_results, out / "workbook.xlsx")
    return out


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    return int(end.value.code or 0)


def fill(file: Path, copy: Path, sheet: str, row: int, cells: dict[str, Any]) -> Path:
    book = openpyxl.load_workbook(file)
    heads = {cell.value: cell.column for cell in book[sheet][1]}
    for head, value in cells.items():
        book[sheet].cell(row, heads[head]).value = value
    book.save(copy)
    return copy


def test_a_folder_opens_as_the_results_that_it_was_written_from(folder: Path, town_results: Results) -> None:
    again = open_results(folder)
    for name, frame in layer_frames(town_results).items():
        back = layer_frames(again)[name]
        assert len(back) == len(frame), name
        if name in tables.TABLES:
            assert list(back.columns) == list(frame.columns), name
        if frame.empty:
            continue
        key = frame.columns[0]
        assert back[key].tolist() == frame[key].tolist(), name
        if isinstance(frame, gpd.GeoDataFrame) and len(frame):
            assert back.crs == frame.crs
            assert back.geometry.geom_equals_exact(frame.geometry, 1e-6).all(), name
    assert json.loads(json.dumps(gather_figures(again))) == json.loads(json.dumps(gather_figures(town_results)))
    assert (again.name, again.lang, again.notes) == (town_results.name, town_results.lang, town_results.notes)
    assert again.rulebook is not None
    assert again.rulebook.id == "wuxi_2019"


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"without layers\.gpkg and summary\.json"):
        open_results(tmp_path)
    assert call("package", str(tmp_path), "--for", "教育") == 2


def test_a_department_gets_its_rows_and_the_cameras_that_adjoin(town_results: Results) -> None:
    """The school's ground is 50–150, 150–220. CAM-1 (160, 90) is 61 m off, CAM-2 (240, 140) its own, and so CAM-3;
    CAM-4 (270, 180) is 120 m off and of the police: out."""
    cut = cut_results(town_results, "教育")
    assert cut.mandates["mandate_id"].tolist() == ["M1"]
    assert cut.gaps["gap_id"].tolist() == ["G1", "G2"]
    assert cut.coverage["mandate_id"].tolist() == ["M1"]
    assert cut.cameras["camera_id"].tolist() == ["CAM-1", "CAM-2", "@CAM-3"]
    assert cut.city.places["place_id"].tolist() == ["way/1"]
    assert cut.recipient == "教育"
    assert cut.figures["gaps"]["total"] == 2
    assert cut.rejects.empty
    assert ADJOINS == 100.0
    assert len(town_results.mandates) == 3  # the study stays as it was


def test_no_row_on_a_secret_place_of_others_goes_to_a_department(town_results: Results) -> None:
    row = {"check": "C7", "level": "review", "place_type": "classified_unit", "named": True, "rulebook": "wuxi_2019"}
    row |= {"article": "第九条", "reason": "涉密单位", "remedy": "seek_consent", "secret": True, "department": "教育"}
    spots = town_results.cameras.geometry
    rows = [
        {**row, "camera_id": "CAM-2", "place_id": "LB-1", "geometry": spots[1]},
        {**row, "camera_id": "CAM-2", "place_id": "way/1", "secret": False, "geometry": spots[1]},
        {**row, "camera_id": "CAM-1", "place_id": "LB-2", "secret": False, "geometry": spots[0]},
    ]
    told = replace(town_results, conflicts=tables.conform("conflicts", rows, crs=town_results.city.crs))
    assert cut_results(told, "教育").conflicts["place_id"].tolist() == ["way/1"]


def test_an_unknown_department_is_answered_with_those_there_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("package", str(folder), "--for", "教委") == 2
    error = capsys.readouterr().err
    assert "教委" in error
    assert all(name in error for name in (*DEPARTMENTS, "公安"))


def test_the_package_holds_rows_map_questions_and_a_reply_sheet(folder: Path, tmp_path: Path, capsys: Any) -> None:
    assert call("package", str(folder), "--for", "教育", "--out", str(tmp_path / "p"), "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {k: told[k] for k in ("department", "mandates", "gaps", "cameras")} == {
        "department": "教育",
        "mandates": 1,
        "gaps": 2,
        "cameras": 2,
    }
    files = sorted(p.name for p in (tmp_path / "p").iterdir())
    assert files == ["gap_map.html", "questions.docx", "reply.xlsx", "workbook.xlsx"]
    page = (tmp_path / "p" / "gap_map.html").read_text(encoding="utf-8")
    assert "中心广场" not in page  # another department's place
    assert "CAM-4" not in page
    assert all((tmp_path / "p" / name).stat().st_mode & 0o077 == 0 for name in files)
    reply = CalamineWorkbook.from_path(tmp_path / "p" / "reply.xlsx")
    assert reply.sheet_names == ["填写说明", "应建清单", "摄像机"]
    assert [row[0] for row in reply.get_sheet_by_name("摄像机").to_python()[1:]] == ["CAM-2", "@CAM-3"]


def test_without_out_the_package_lies_under_the_study_and_nowhere_else(folder: Path, tmp_path: Path) -> None:
    assert call("package", str(folder), "--for", "交通运输", "--lang", "en") == 0
    assert (folder / "packages" / "交通运输" / "questions.docx").is_file()


def test_an_untouched_reply_decides_nothing(folder: Path, town_results: Results, tmp_path: Path) -> None:
    package = write_package(open_results(folder), tmp_path / "p", "教育")
    edits = read_edits(folder, tmp_path / "p" / "reply.xlsx", by="教育局", on="2026-11-21")
    assert edits.refused == ()
    assert edits.decisions.empty
    assert (package.mandates, package.gaps, package.cameras) == (1, 2, 2)


def test_a_reply_comes_back_through_decide_and_settles_the_mandate(
    folder: Path, town_results: Results, tmp_path: Path
) -> None:
    """There: the reply sheet of 交通运输. Back: its one mandate is said to be named, built by the manager."""
    write_package(open_results(folder), tmp_path / "p", "交通运输")
    cells = {"义务认定": "已确定", "建设责任主体": "管理者", "理由": "重要路段名录第3号"}
    edited = fill(tmp_path / "p" / "reply.xlsx", tmp_path / "back.xlsx", "应建清单", 2, cells)
    file = tmp_path / "decisions.csv"
    assert (
        call("decide", str(folder), "--from", str(edited), "--by", "交通局", "--on", "2026-11-21", "--out", str(file))
        == 0
    )
    settled, used = apply_mandate_decisions(town_results.mandates, read_decisions(file).table, on="2026-11-21")
    row = settled.set_index("mandate_id").loc["M3"]
    assert (row["standing"], row["builder"]) == ("designated", "manager")
    assert set(used["state"]) == {"used"}
    assert set(used["why"]) == {"重要路段名录第3号"}


def test_the_reply_sheet_keeps_the_study_s_language_and_so_comes_back(folder: Path, tmp_path: Path) -> None:
    write_package(open_results(folder), tmp_path / "p", "教育", lang="en")
    assert CalamineWorkbook.from_path(tmp_path / "p" / "workbook.xlsx").sheet_names[1] == "Mandates"
    edited = fill(tmp_path / "p" / "reply.xlsx", tmp_path / "back.xlsx", "摄像机", 2, {"监控方位（°）": 135})
    edits = read_edits(folder, edited, by="x", on="2026-11-21")
    assert edits.decisions[["id", "field", "value"]].to_numpy().tolist() == [["CAM-2", "azimuth", "135"]]


def test_each_question_stands_on_a_page_of_its_own_with_its_rows(town_results: Results, tmp_path: Path) -> None:
    """教育: one builder question would need a record: none; CAM-2 has no direction; the lobby is an indoor part."""
    cut = cut_results(town_results, "教育")
    titles = [question.title for question in list_questions(cut, "教育", "zh")]
    assert titles == ["摄像机方位", "室内部位核查"]
    write_package(town_results, tmp_path, "教育")
    paper = docx.Document(str(tmp_path / "questions.docx"))
    heads = [p for p in paper.paragraphs if p.style.name == "Heading 1"]
    assert [p.text for p in heads] == ["问题 1 / 2　摄像机方位", "问题 2 / 2　室内部位核查"]
    assert all(p.paragraph_format.page_break_before for p in heads)
    assert len(paper.tables) == 2
    assert paper.tables[0].cell(1, 0).text == "CAM-2"
    assert "<img src=x onerror=alert(1)>" in paper.tables[0].cell(1, 1).text
    street = list_questions(cut_results(town_results, "交通运输"), "交通运输", "zh")
    assert [q.title for q in street] == ["第八条（一）“道路”的认定", "材料：重要路段名录"]


def test_many_rows_are_told_and_left_to_the_reply_sheet(town_results: Results, tmp_path: Path) -> None:
    rows = pd.concat(
        [town_results.indoor.assign(place_id=f"p{i}", mandate_id="M1") for i in range(30)], ignore_index=True
    )
    write_package(replace(town_results, indoor=rows), tmp_path, "教育")
    said = [p.text for p in docx.Document(str(tmp_path / "questions.docx")).paragraphs]
    assert [s for s in said if re.fullmatch(r"另有 12 行，见答复表。", s)]  # 30 less the 18 of a page
