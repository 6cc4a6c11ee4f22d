from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hostile import FORMULA, HOSTILE
from python_calamine import CalamineWorkbook

from citycover import tables, terms
from citycover.errors import OutputError
from citycover.publish.figures import gather_figures
from citycover.publish.results import Results
from citycover.publish.summary import write_summary
from citycover.publish.workbook import write_workbook

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")


@pytest.fixture(scope="module")
def full(results: Results, headline: pd.DataFrame) -> Results:
    return replace(results, figures=gather_figures(results, headline=headline))


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, full: Results) -> Any:
    file = write_workbook(full, tmp_path_factory.mktemp("book") / "workbook.xlsx")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # openpyxl warns of what Excel would repair
        return openpyxl.load_workbook(file)


def column(sheet: Any, title: str) -> list[Any]:
    at = next(cell.column for cell in sheet[1] if cell.value == title)
    return [sheet.cell(row, at).value for row in range(2, sheet.max_row + 1)]


def test_the_sheets_are_those_a_planner_expects(book: Any) -> None:
    assert book.sheetnames == ["摘要", "应建清单", "缺口", "摄像机", "待办", "室内核查", "未决与未知", "剔除", "假设"]


def test_no_cell_is_a_formula(book: Any) -> None:
    assert "f" not in {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row}


def test_each_gap_links_to_its_place_on_the_map_and_nothing_else_links(book: Any) -> None:
    links = {
        (sheet.title, cell.row): cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.hyperlink
    }
    assert {title for title, _ in links} == {"缺口"}
    told = [(cell.hyperlink.target, cell.hyperlink.location, cell.value) for cell in links.values()]
    ids = column(book["缺口"], "缺口编号")
    assert told == [("gap_map.html", f"gap={gap}", "在图上查看") for gap in ids]


def test_departments_comment_on_a_sheet_of_their_own(full: Results, tmp_path: Path) -> None:
    """Two mandates answer to 教育, one to 交通运输; each department has a row, opinion and answer are empty."""
    mandates = full.mandates.assign(department=["教育", "教育", "交通运输"])
    file = write_workbook(replace(full, mandates=mandates), tmp_path / "workbook.xlsx")
    rows = CalamineWorkbook.from_path(file).get_sheet_by_name("征求意见表").to_python()
    assert rows[0] == ["序号", "主管部门", "涉及内容", "意见", "采纳情况", "答复理由"]
    assert [row[:3] for row in rows[1:]] == [
        [1.0, "教育", "应建 2 条，缺口 0 个"],
        [2.0, "交通运输", "应建 1 条，缺口 0 个"],
    ]


def test_the_gaps_sheet_adds_up_to_summary_json(book: Any, full: Results) -> None:
    """Rows whose duty is settled, by builder and unit, are the sums under gaps in summary.json."""
    sheet = book["缺口"]
    rows = pd.DataFrame({name: column(sheet, name) for name in ("建设责任主体", "规模", "单位", "义务认定")})
    settled = rows[rows["义务认定"] != "待认定"]
    told = full.figures["gaps"]
    assert len(rows) == told["total"]
    assert len(settled) == told["decided"]
    for builder, values in told["by_builder"].items():
        mine = settled[settled["建设责任主体"] == terms.BUILDERS[builder][0]]
        assert len(mine) == values["gaps"]
        for unit, label in terms.UNITS.items():
            assert mine.loc[mine["单位"] == label[0], "规模"].sum() == pytest.approx(values.get(unit, 0.0))


def test_hostile_text_stands_as_written_and_control_characters_are_gone(book: Any) -> None:
    sheet = book["摄像机"]
    assert column(sheet, "名称") == [FORMULA, HOSTILE, "坏掉的", "大厅"]
    assert column(sheet, "摄像机编号")[2] == "@CAM-3"


def test_headers_are_frozen_filtered_and_carry_their_key(book: Any) -> None:
    for name in ("应建清单", "缺口", "摄像机"):
        sheet = book[name]
        assert sheet.freeze_panes is not None
        assert sheet.auto_filter.ref is not None
        keys = [cell.comment.text.split("\n")[0] for cell in sheet[1]]
        assert len(set(keys)) == len(keys)
    first = next(cell for cell in book["缺口"][1] if cell.value == "缺口编号")
    assert first.comment.text.startswith("gap_id\nstable: from mandate")


def test_every_declared_column_has_a_chinese_header(book: Any) -> None:
    for name in ("应建清单", "缺口", "摄像机", "待办", "室内核查", "剔除"):
        for cell in book[name][1]:
            assert cell.value != cell.comment.text.split("\n")[0], f"{name}: {cell.value}"


def test_terms_are_told_in_words_and_unknown_stays_empty(book: Any) -> None:
    assert column(book["缺口"], "建设责任主体") == ["管理者", "管理者", "政府", "政府", "待协调确定"]
    assert column(book["摄像机"], "监控方位（°）") == [90, None, 10, None]
    assert column(book["摄像机"], "不计入或部分计入的原因") == [None, "监控方位未知", "未在用（状态）", "室内摄像机"]


def test_shares_are_numbers_shown_in_per_cent(book: Any) -> None:
    sheet = book["应建清单"]
    assert column(sheet, "覆盖率（期望）") == [0.25, 0.6, None]
    at = next(cell.column for cell in sheet[1] if cell.value == "覆盖率（期望）")
    assert sheet.cell(2, at).number_format == "0.0%"


def test_every_number_of_the_summary_sheet_stands_in_summary_json(book: Any, full: Results, tmp_path: Path) -> None:
    said = json.loads(write_summary(full, tmp_path / "summary.json").read_text(encoding="utf-8"))["figures"]

    def numbers(value: Any) -> set[float]:
        if isinstance(value, dict):
            return set().union(*(numbers(part) for part in value.values())) if value else set()
        return {float(value)} if isinstance(value, int | float) else set()

    shown = {float(v) for v in column(book["摘要"], "数值") if isinstance(v, int | float)}
    assert shown
    assert shown <= numbers(said)
    pairs = dict(zip(column(book["摘要"], "数字"), column(book["摘要"], "数值"), strict=True))
    assert pairs["缺口"] == said["gaps"]["total"] == 5
    assert pairs["其中义务待认定"] == 1
    assert pairs["折合台数"] == 6  # 1 + 3 + 1 + 1


def test_positions_are_degrees_of_the_camera(book: Any, full: Results) -> None:
    spots = full.cameras.to_crs(4326).geometry
    assert column(book["摄像机"], "经度（WGS-84）") == pytest.approx(list(spots.x))
    assert column(book["摄像机"], "纬度（WGS-84）") == pytest.approx(list(spots.y))


def test_sheets_without_rows_are_absent(empty_results: Results, tmp_path: Path) -> None:
    file = write_workbook(empty_results, tmp_path / "workbook.xlsx")
    assert CalamineWorkbook.from_path(file).sheet_names == [
        "摘要",
        "应建清单",
        "室内核查",
        "未决与未知",
        "剔除",
        "假设",
    ]


def test_english_is_spoken_when_asked(full: Results, tmp_path: Path) -> None:
    book = CalamineWorkbook.from_path(write_workbook(full, tmp_path / "workbook.xlsx", lang="en"))
    assert book.sheet_names[2] == "Gaps"
    assert book.get_sheet_by_name("Gaps").to_python()[1][:5][4] == "entrance"


def test_more_rows_than_a_sheet_holds_are_refused_in_words(
    full: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citycover.publish.book.MOST_ROWS", 3)
    with pytest.raises(OutputError, match="needed at most 3 rows"):
        write_workbook(full, tmp_path / "workbook.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_very_long_text_is_cut_where_a_cell_ends(full: Results, tmp_path: Path) -> None:
    rejects = tables.conform("rejects", [{"reject_id": "r", "source": "s", "reason": "长" * 40_000}])
    file = write_workbook(replace(full, rejects=rejects), tmp_path / "workbook.xlsx")
    reason = CalamineWorkbook.from_path(file).get_sheet_by_name("剔除").to_python()[1][-1]
    assert len(reason) == 32_767
    assert reason.endswith("…")
