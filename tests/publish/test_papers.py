"""Statutory papers: what they say, the city's own templates and headings, hostile names and templates."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hostile import FORMULA, HOSTILE, HOSTILE_SCRIPT
from python_calamine import CalamineWorkbook

from citycover.cli import main
from citycover.errors import FileFormatError, InputError
from citycover.law.rulebook import load_rulebook
from citycover.publish.layers import write_layers
from citycover.publish.papers import (
    INSPECTION,
    write_dismantling_report,
    write_filing_table,
    write_inspection_workbook,
    write_notices,
    write_papers,
    write_templates,
)
from citycover.publish.results import Results
from citycover.publish.summary import write_summary

docx = pytest.importorskip("docx", reason="python-docx is not installed")


@pytest.fixture(scope="module")
def full(results: Results) -> Results:
    """With the texts; CAM-1 and CAM-2 are the police's, CAM-3 is dismantled, CAM-4 stands indoors."""
    cameras = results.cameras.assign(
        department=["公安", HOSTILE_SCRIPT, "公安", "公安"],
        retention_days=pd.array([90, None, 30, 30], dtype="Int64"),
        removed_on=[None, None, "2026-12-10", None],
    )
    return replace(
        results,
        cameras=cameras,
        rulebook=load_rulebook("wuxi_2019"),
        overlay=load_rulebook("national_2025"),
        overlay_id="national_2025",
    )


def in_city(results: Results, name: str) -> Results:
    return replace(results, rulebook=load_rulebook(name), rulebook_title=load_rulebook(name).title[0])


def said(path: Path) -> list[str]:
    return [paragraph.text for paragraph in docx.Document(str(path)).paragraphs]


def saved(path: Path, *lines: str) -> Path:
    paper = docx.Document()
    for line in lines:
        paper.add_paragraph(line)
    out = io.BytesIO()
    paper.save(out)
    path.write_bytes(out.getvalue())
    return path


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    return int(end.value.code or 0)


def test_a_notice_names_item_builder_and_each_part_that_is_not_seen(full: Results, tmp_path: Path) -> None:
    assert write_notices(full, tmp_path / "n.docx") == 1
    words = said(tmp_path / "n.docx")
    assert words[0] == "公共安全视频图像信息系统建设告知书（稿）"
    assert any(
        "《无锡市公共安全视频图像信息系统管理办法》第八条（二）" in line and "下列 2 处" in line for line in words
    )
    assert f"{HOSTILE}（管理者）：" in words
    rows = docx.Document(str(tmp_path / "n.docx")).tables[0].rows
    assert [row.cells[0].text for row in rows][1:] == ["G1", "G2"]
    assert rows[2].cells[1].text == HOSTILE_SCRIPT  # its {{ 7*7 }} stands as written
    assert not any("49" in line for line in words)
    assert (tmp_path / "n.docx").stat().st_mode & 0o077 == 0


def test_nobody_is_written_to_before_it_is_known_who_must_build(full: Results, tmp_path: Path) -> None:
    unsettled = replace(full, notices=full.notices.assign(builder="review"))
    assert write_notices(unsettled, tmp_path / "n.docx") == 0
    assert tmp_path / "notices.docx" not in write_papers(unsettled, tmp_path)


def test_the_filing_table_has_the_facts_of_national_article_14_by_unit(full: Results, tmp_path: Path) -> None:
    """Two units: the police with CAM-1, the hostile one with CAM-2 (3 devices); dismantled and indoor ones are out."""
    assert write_filing_table(full, tmp_path / "f.docx") == 2
    paper = docx.Document(str(tmp_path / "f.docx"))
    ids = [[row.cells[0].text for row in table.rows][1:] for table in paper.tables]
    assert ids == [["CAM-2"], ["CAM-1"]]  # in the order of the units' names: "<" stands before Chinese
    words = [p.text for p in paper.paragraphs]
    assert f"管理单位：{HOSTILE_SCRIPT}" in words
    assert any("设备 3 台" in line for line in words)
    days = [line for line in words if line.startswith("依据：")]
    assert len(days) == 2
    assert "第十四条第一款，自投入使用之日起 30 日内由管理单位向所在地县级人民政府公安机关办理" in days[0]
    heads = [cell.text for cell in paper.tables[1].rows[0].cells]
    cells = dict(zip(heads, [cell.text for cell in paper.tables[1].rows[1].cells], strict=True))
    assert cells["录像保存天数"] == "90"
    assert cells["名称"] == FORMULA  # as text


def test_without_the_national_text_the_city_s_day_of_filing_stands(full: Results, tmp_path: Path) -> None:
    for city, words in (
        ("changzhou_2014", "第十七条第一款，自验收合格之日起 30 日内由建设单位向所在地公安派出所办理"),
        ("nanchang_2016", "第十三条第一款，条文未规定天数"),
    ):
        write_filing_table(replace(in_city(full, city), overlay=None, overlay_id=None), tmp_path / "f.docx")
        assert any(words in line for line in said(tmp_path / "f.docx")), city


@pytest.mark.parametrize(
    ("city", "due", "words"),
    [
        ("wuxi_2019", "2026-11-30", "第十七条，拆除前 10 日由（条文未写明主体）向公安机关办理"),  # 10 December less 10
        ("nanchang_2016", "2026-12-07", "第十五条，拆除前 3 日由拆除单位向所在地县（区）公安机关办理"),
        ("changzhou_2014", "2026-12-25", "第十九条，自拆除之日起 15 日内由使用单位向所在地公安派出所办理"),
        ("chongqing_2016", "2027-01-09", "第十六条第三款，自拆除之日起 30 日内由"),  # 21 days to the year's end, and 9
    ],
)
def test_the_report_on_dismantling_is_due_by_the_city_s_own_clause(
    full: Results, tmp_path: Path, city: str, due: str, words: str
) -> None:
    assert write_dismantling_report(in_city(full, city), tmp_path / "d.docx") == 1
    paper = docx.Document(str(tmp_path / "d.docx"))
    cells = [cell.text for cell in paper.tables[0].rows[1].cells]
    assert cells[0] == "@CAM-3"
    assert cells[1] == "坏掉的"  # without its control character
    assert due in cells
    assert any(words in p.text for p in paper.paragraphs)


def test_the_inspection_workbook_has_a_row_per_place_worst_state_first(full: Results, tmp_path: Path) -> None:
    write_inspection_workbook(full, tmp_path / "i.xlsx")
    heads, *rows = CalamineWorkbook.from_path(tmp_path / "i.xlsx").get_sheet_by_index(0).to_python()
    assert len(heads) == len(INSPECTION)
    by_name = {row[1]: dict(zip(heads, row, strict=True)) for row in rows}
    assert set(by_name) == {HOSTILE, "中心广场", "东街"}
    told = by_name[HOSTILE]
    assert (told["缺口（个）"], told["条款"], told["建设责任主体"]) == (2, "第八条（二）", "管理者")
    assert told["覆盖状态"] == "部分覆盖"
    assert by_name["东街"]["缺口（个）"] == 1


def test_the_city_s_own_headings_stand_in_its_own_order(full: Results, tmp_path: Path) -> None:
    own = tmp_path / "inspection.toml"
    own.write_text('[headings]\narticles = "检查依据"\nname = "被检查单位"\nfinding = "存在问题"\n', encoding="utf-8")
    write_inspection_workbook(full, tmp_path / "i.xlsx", headings=own)
    heads, *rows = CalamineWorkbook.from_path(tmp_path / "i.xlsx").get_sheet_by_index(0).to_python()
    assert heads == ["检查依据", "被检查单位", "存在问题"]
    assert ["第八条（六）", "中心广场", ""] in rows


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        ('[headings]\nsecret = "密码"\n', "secret"),
        ("[headings]\n", "none"),
        ("not toml", "TOML"),
        ('[headings]\nname = "甲"\nkind = "甲"\n', "twice"),
    ],
)
def test_wrong_headings_are_refused_by_name(full: Results, tmp_path: Path, content: str, needed: str) -> None:
    (tmp_path / "h.toml").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=needed):
        write_inspection_workbook(full, tmp_path / "i.xlsx", headings=tmp_path / "h.toml")


def test_a_city_s_own_templates_are_filled_with_the_same_facts(full: Results, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    saved(own / "notice.docx", "{%p for notice in notices %}", "甲{{ notice.place }}乙", "{%p endfor %}")
    saved(own / "filing.docx", "{%p for unit in units %}", "{{ unit.name }}={{ unit.count }}", "{%p endfor %}")
    saved(own / "dismantling.docx", "致{{ report.to }}", "{{p report.drawn }}")
    made = write_papers(full, tmp_path / "out", templates=own)
    assert {path.name: rows for path, rows in made.items()} == {
        "notices.docx": 1,
        "filing.docx": 2,
        "dismantling.docx": 1,
        "inspection.xlsx": 3,
    }
    assert said(tmp_path / "out" / "notices.docx") == [f"甲{HOSTILE}乙"]
    assert said(tmp_path / "out" / "filing.docx") == [f"{HOSTILE_SCRIPT}=3", "公安=1"]
    assert said(tmp_path / "out" / "dismantling.docx")[0] == "致公安机关"


@pytest.mark.parametrize(
    "mark",
    [
        "{{ study.__class__.__mro__ }}",
        "{{ notices.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(study) }}",
        "{% set x = notices.append(1) %}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    ],
)
def test_a_hostile_template_is_refused_and_leaves_no_file(full: Results, tmp_path: Path, mark: str) -> None:
    with pytest.raises(InputError):
        write_notices(full, tmp_path / "n.docx", template=saved(tmp_path / "evil.docx", mark))
    assert not (tmp_path / "n.docx").exists()
    (tmp_path / "broken.docx").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(FileFormatError, match=r"broken\.docx"):
        write_filing_table(full, tmp_path / "f.docx", template=tmp_path / "broken.docx")


def test_hostile_names_are_text_in_every_paper(full: Results, tmp_path: Path) -> None:
    """Marks of templates, of XML, of HTML and of formulas, with a control character, as place, builder and unit."""
    name = "甲\x07{{7*7}}{% raw %}</w:t><w:p>" + HOSTILE + FORMULA
    told = "甲{{7*7}}{% raw %}</w:t><w:p>" + HOSTILE + FORMULA
    hostile = replace(
        full,
        name=name,
        notices=full.notices.assign(name=name),
        mandates=full.mandates.assign(name=name),
        cameras=full.cameras.assign(owner=name, address=name),
    )
    made = write_papers(hostile, tmp_path)
    assert len(made) == 4
    assert f"{told}（管理者）：" in said(tmp_path / "notices.docx")
    assert f"管理单位：{told}" in said(tmp_path / "filing.docx")
    assert told in [cell.text for cell in docx.Document(str(tmp_path / "dismantling.docx")).tables[0].rows[1].cells]
    rows = CalamineWorkbook.from_path(tmp_path / "inspection.xlsx").get_sheet_by_index(0).to_python()
    assert rows[1][1] == told


def test_the_command_writes_papers_for_a_study_or_a_department(full: Results, tmp_path: Path, capsys: Any) -> None:
    run = tmp_path / "run"
    told = replace(
        full,
        mandates=full.mandates.assign(department=["教育", "公安", "公安"]),
        notices=full.notices.assign(department="教育"),
    )
    write_layers(told, run / "layers.gpkg")
    write_summary(told, run / "summary.json")
    assert call("papers", str(run), "--json") == 0
    made = {Path(path).name: n for path, n in json.loads(capsys.readouterr().out).items()}
    assert made == {"notices.docx": 1, "filing.docx": 2, "dismantling.docx": 1, "inspection.xlsx": 3}
    assert all((run / "papers" / name).is_file() for name in made)
    assert call("papers", str(run), "--for", "教育", "--out", str(tmp_path / "one"), "--json") == 0
    made = {Path(path).name: n for path, n in json.loads(capsys.readouterr().out).items()}
    assert made["inspection.xlsx"] == 1
    assert call("papers", str(run), "--templates", str(tmp_path / "nowhere")) == 2
    assert "nowhere" in capsys.readouterr().err


def test_our_own_templates_can_be_had_changed_and_given_back(full: Results, tmp_path: Path, capsys: Any) -> None:
    names = {path.name for path in write_templates(tmp_path / "own")}
    assert names == {"notice.docx", "filing.docx", "dismantling.docx", "inspection.toml"}
    ours, back = write_papers(full, tmp_path / "a"), write_papers(full, tmp_path / "b", templates=tmp_path / "own")
    assert list(ours.values()) == list(back.values())
    assert said(tmp_path / "a" / "filing.docx") == said(tmp_path / "b" / "filing.docx")
    assert call("papers", "anything", "--blank", str(tmp_path / "blank")) == 0
    assert (tmp_path / "blank" / "inspection.toml").is_file()
