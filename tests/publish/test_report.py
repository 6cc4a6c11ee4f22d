"""The report: its outline, its tables, its figures, hostile names and templates."""

from __future__ import annotations

import copy
import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hostile import HOSTILE, HOSTILE_SCRIPT
from PIL import Image

from checkout import ROOT
from citycover import tables
from citycover.errors import CitycoverWarning, FileFormatError, InputError, OutputError
from citycover.law.rulebook import load_rulebook
from citycover.publish.atlas import draw_atlas
from citycover.publish.figures import gather_figures
from citycover.publish.fonts import find_font
from citycover.publish.report import compose_report, write_report
from citycover.publish.results import Results
from citycover.publish.summary import write_summary

docx = pytest.importorskip("docx", reason="python-docx is not installed")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(scope="module", autouse=True)
def chinese_font() -> None:
    if find_font() is None:
        pytest.skip("no font with Chinese letters on this machine")


@pytest.fixture(scope="module")
def full(results: Results, headline: pd.DataFrame) -> Results:
    told = replace(results, rulebook=load_rulebook("wuxi_2019"), overlay=load_rulebook("national_2025"))
    return replace(told, figures=gather_figures(told, headline=headline))


@pytest.fixture(scope="module")
def report(full: Results, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return docx.Document(str(write_report(full, tmp_path_factory.mktemp("report") / "report.docx")))


@pytest.fixture
def plain_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A grey dot in place of each map: for tests of templates."""
    dot = io.BytesIO()
    Image.new("L", (2, 2)).save(dot, "PNG")
    for name in ("report_state.draw_picture", "report_state.draw_panels", "report_plan.draw_picture"):
        monkeypatch.setattr(f"citycover.publish.{name}", lambda *_args, **_more: dot.getvalue())


def words_of(element: Any) -> str:
    return "".join(text.text or "" for text in element.iter(f"{W}t"))


def table_after(report: Any, title: str) -> list[list[str]]:
    """Return the cells of the table under a caption."""
    body = list(report.element.body)
    at = next(
        i
        for i, e in enumerate(body)
        if e.tag == f"{W}p" and re.fullmatch(rf"附?表\d+　{re.escape(title)}", words_of(e))
    )
    table = next(e for e in body[at:] if e.tag == f"{W}tbl")
    return [[words_of(cell) for cell in row.iter(f"{W}tc")] for row in table.iter(f"{W}tr")]


def template(*lines: str) -> bytes:
    paper = docx.Document()
    for line in lines:
        paper.add_paragraph(line)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()


def saved(path: Path, *lines: str) -> Path:
    path.write_bytes(template(*lines))
    return path


def test_the_chapters_follow_the_outline_in_the_docs(report: Any) -> None:
    outline = (ROOT / "docs" / "report_outline.md").read_text(encoding="utf-8")
    expected = re.findall(r"^\| \w+ \| ((?:[一二三四五六七八九十]+、|附件\d).*?) \|", outline, re.MULTILINE)
    assert len(expected) == 19
    assert [p.text for p in report.paragraphs if p.style.name == "Heading 1"] == expected


def test_each_table_has_a_number_a_unit_a_source_and_a_sentence(report: Any) -> None:
    body = [e for e in report.element.body if e.tag in (f"{W}p", f"{W}tbl")]
    said = [words_of(e) for e in body]
    at = [i for i, e in enumerate(body) if e.tag == f"{W}tbl"]
    assert len(at) > 15
    for i in at:
        number = re.match(r"(附?表\d+)　\S", said[i - 2])
        assert number, said[i - 2]
        assert re.match(r"单位：\S", said[i - 1])
        assert re.match(r"资料来源：\S", said[i + 1])
        assert said[i - 3].endswith(f"（见{number[1]}）。"), said[i - 3]
    numbers = [re.match(r"附?表\d+", said[i - 2])[0] for i in at]
    assert len(set(numbers)) == len(numbers)


def test_figures_have_a_number_a_source_with_the_attribution_and_a_sentence(report: Any) -> None:
    said = [p.text for p in report.paragraphs]
    captions = [i for i, words in enumerate(said) if re.match(r"图\d+　", words)]
    assert len(captions) == len(report.inline_shapes) > 2
    for i in captions:
        assert "© OpenStreetMap contributors" in said[i + 1]
        assert said[i - 2].endswith(f"（见{said[i].split('　')[0]}）。")


def test_the_numbers_of_the_tables_are_those_of_summary_json(report: Any, full: Results, tmp_path: Path) -> None:
    told = json.loads(write_summary(full, tmp_path / "summary.json").read_text(encoding="utf-8"))["figures"]
    gaps = {row[0]: row[1:] for row in table_after(report, "缺口统计（按建设责任主体）")[1:]}
    by = told["gaps"]["by_builder"]
    assert gaps["管理者"] == [str(by["manager"]["gaps"]), "120", "—", "1"]  # 120 m of fence and one gate: the drawing
    assert gaps["合计"][0] == str(told["gaps"]["decided"]) == "4"
    mandates = table_after(report, "应当建设的场所—条款")
    assert {row[0]: int(row[2]) for row in mandates[1:-1]} == told["mandates"]["by_item"]
    assert int(mandates[-1][2]) == told["mandates"]["total"]
    coverage = {row[0]: row[1:] for row in table_after(report, "总体覆盖率（每个目标计一次，不含待认定义务）")[1:]}
    assert coverage["平方米"] == ["7,800", "50.0 %", "60.0 %", "70.0 %"]
    assert coverage["处"][0] == str(int(told["seen"]["point"]["required"]))
    unknown = table_after(report, "尚未掌握的情况及处理")
    assert [int(row[1]) for row in unknown[1:]] == [n for n in told["unknown"].values() if n]


def test_hostile_names_stand_as_written_and_nothing_is_computed(report: Any) -> None:
    said = words_of(report.element.body)
    assert HOSTILE in said
    assert HOSTILE_SCRIPT in said  # with its {{ 7*7 }}
    assert "49" not in table_after(report, "缺口清单")[1:][0]
    assert not [word for word in ("{% ", "\x07") if word in said]


def test_control_characters_and_marks_in_the_study_s_name_are_harmless(
    full: Results, plain_pictures: None, tmp_path: Path
) -> None:
    named = replace(full, name='坏\x00名{{7*7}}<w:p>{% for %}=HYPERLINK("x")')
    file = write_report(named, tmp_path / "r.docx", template=saved(tmp_path / "t.docx", "甲{{ study.name }}乙"))
    assert docx.Document(str(file)).paragraphs[0].text == '甲坏名{{7*7}}<w:p>{% for %}=HYPERLINK("x")乙'


@pytest.mark.parametrize(
    "mark",
    [
        "{{ study.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ figures.__init__.__globals__ }}",
        "{{ '{0.__class__}'.format(study) }}",
        "{{ study.update({'name': 'x'}) }}",
        "{{ study.__init_subclass__ }}",
        "{% set x = chapters.append(1) %}",
    ],
)
def test_a_malicious_template_reaches_no_python_object(
    full: Results, plain_pictures: None, tmp_path: Path, mark: str
) -> None:
    with pytest.raises(InputError, match="may not"):
        write_report(full, tmp_path / "r.docx", template=saved(tmp_path / "evil.docx", mark))
    assert not (tmp_path / "r.docx").exists()


def test_a_picture_hands_the_template_nothing_but_its_drawing(
    full: Results, plain_pictures: None, tmp_path: Path
) -> None:
    for mark in (
        "{{ pictures.map_gaps.picture.tpl }}",
        "{{ cycler }}",
        "{{ lipsum }}",
        "{{ self._TemplateReference__context }}",
    ):
        with pytest.raises(InputError):
            write_report(full, tmp_path / "r.docx", template=saved(tmp_path / "evil.docx", mark))


@pytest.mark.parametrize(
    ("mark", "named"), [("{{ study.nmae }}", "nmae"), ("{{ budget }}", "'budget'"), ("{{ figures.gaps.x }}", "'x'")]
)
def test_a_name_that_is_not_there_is_an_error_that_names_it(
    full: Results, plain_pictures: None, tmp_path: Path, mark: str, named: str
) -> None:
    with pytest.raises(InputError, match=named):
        write_report(full, tmp_path / "r.docx", template=saved(tmp_path / "ours.docx", mark))


def test_a_template_that_is_no_word_file_is_refused(full: Results, plain_pictures: None, tmp_path: Path) -> None:
    (tmp_path / "t.docx").write_text("not a file of Word", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"t\.docx: needed a Word template"):
        write_report(full, tmp_path / "r.docx", template=tmp_path / "t.docx")
    with pytest.raises(FileFormatError, match="none"):
        write_report(full, tmp_path / "r.docx", template=tmp_path / "absent.docx")
    with pytest.raises(InputError, match="malformed"):
        write_report(full, tmp_path / "r.docx", template=saved(tmp_path / "open.docx", "{% if study %}"))


def test_a_city_s_own_template_says_what_it_likes(full: Results, plain_pictures: None, tmp_path: Path) -> None:
    own = saved(
        tmp_path / "ours.docx",
        "{{ study.name }}：缺口 {{ figures.gaps.total }} 个",
        "{%p for row in tables.gaps_by_builder.rows %}",
        "{{ row[0] }}={{ row[1] }}",
        "{%p endfor %}",
        "{{p tables.gaps_by_item.drawn }}",
        "{{ pictures.map_gaps.picture }}",
    )
    written = docx.Document(str(write_report(full, tmp_path / "r.docx", template=own)))
    said = [p.text for p in written.paragraphs if p.text]
    assert said == ["示例片区：缺口 5 个", "政府=1", "管理者=2", "待协调确定=1", "合计=4"]
    assert len(written.tables) == len(written.inline_shapes) == 1


def test_without_a_chinese_font_maps_are_left_out_and_their_places_say_so(
    full: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("citycover.publish.report.find_font", lambda: None)
    with pytest.warns(CitycoverWarning, match="fonts-wqy-microhei"):
        file = write_report(full, tmp_path / "r.docx")
    written = docx.Document(str(file))
    assert len(written.inline_shapes) == 0
    assert [p.text for p in written.paragraphs if "没有中文字体" in p.text]
    monkeypatch.setattr("citycover.publish.fonts.find_font", lambda: None)
    with pytest.raises(OutputError, match="fonts-wqy-microhei"):
        draw_atlas(full, tmp_path / "atlas.pdf")


def test_english_is_spoken_when_asked(full: Results) -> None:
    chapters, annexes = compose_report(full, "en")
    assert [c.title for c in chapters][:2] == ["1. Basis", "2. Method and its limits"]
    assert annexes[0].title == "Annex 1: point table"
    for chapter in chapters:
        for sheet in chapter.sheets():
            assert re.search(r" \(table \d+\)\.$", sheet.says), sheet.key
            assert not re.search(r"[\u4e00-\u9fff]", sheet.title + sheet.unit), sheet.key


def test_a_study_without_cameras_and_gaps_has_a_report_too(empty_results: Results) -> None:
    chapters, annexes = compose_report(empty_results, "zh")
    assert len(chapters) == 11
    assert len(annexes) == 8
    assert "未取得摄像机登记资料" in str(chapters[2].blocks)


def test_sites_and_duplicates_have_their_tables_when_there_are_any(full: Results) -> None:
    """Two sites of 10,000 and 20,000 yuan in phases 1 and 2; two proposed cameras, one dropped, which saves 8,000."""
    told = copy.copy(full)
    crs = full.city.crs
    spots = full.cameras.geometry.head(2).to_numpy()
    site = {"nature": "new", "builder": "government", "district": None, "cost_year": 500.0, "lon": 117.0, "lat": 32.0}
    sites = [{**site, "site_id": f"P{i}", "phase": i, "cost": 10_000.0 * i, "geometry": spots[i - 1]} for i in (1, 2)]
    pairs = [
        {"camera_a": "a", "standing": "certain", "action": "drop", "reason": "held", "saving": 8000.0},
        {"camera_a": "b", "standing": "none", "action": "keep", "reason": "alone"},
    ]
    object.__setattr__(told, "sites", pd.DataFrame(sites))
    object.__setattr__(told, "duplicates", tables.conform("duplicates", pairs, crs=crs))
    chapters, annexes = compose_report(told, "zh")
    sheets = {sheet.key: sheet for chapter in (*chapters, *annexes) for sheet in chapter.sheets()}
    assert sheets["budget_by_phase"].rows == (
        ("1", "10,000", "500"),
        ("2", "20,000", "500"),
        ("合计", "30,000", "1,000"),
    )
    assert sheets["sites_by_phase"].rows[-1] == ("合计", "2")
    assert sheets["duplicates_by_action"].rows == (
        ("取消", "1", "8,000"),
        ("保留", "1", "—"),
        ("合计", "2", "8,000"),
    )
    assert "1 台可通过取消" in sheets["duplicates_by_action"].says
    assert [row[0] for row in sheets["points"].rows] == ["P1", "P2"]


PLAN = {
    "state": "draft",
    "version": "2",
    "drafters": ["规划组"],
    "approver": "",
    "sites": 2,
    "storage_tb": 12.5,
    "mbps": 16.0,
    "candidates": 40,
    "rejected": 3,
    "optimality_gap": 0.021,
    "made_up_prices": True,
    "promise": {
        "m": {
            "required": 400.0,
            "seen_before": 100.0,
            "seen_after": 300.0,
            "share_before": 0.25,
            "share_after": 0.75,
        },
        "point": {"required": 0.0, "seen_before": 0.0, "seen_after": 0.0, "share_before": None, "share_after": None},
    },
    "phases": [
        {"phase": 1, "year": 2027, "budget": 20_000.0, "spent": 10_000.0, "sites": 1, "optimality_gap": 0.0},
        {"phase": 2, "year": 2028, "budget": 25_000.0, "spent": 20_000.0, "sites": 1, "optimality_gap": 0.021},
    ],
}


def test_a_plan_says_what_it_brings_costs_and_how_far_from_the_best_it_may_be(full: Results) -> None:
    """Two phases of 20,000 and 25,000 yuan, of which 30,000 are spent; 400 m, seen from 25 % to 75 %."""
    site = {"nature": "new", "builder": "government", "cost_year": 500.0, "lon": 117.0, "lat": 32.0}
    site |= {"name": "东街口", "support": "new_pole", "gain": 1.0, "why": "补点", "survey": "open"}
    rows = [
        {**site, "site_id": f"P{i}", "phase": i, "cost": 10_000.0 * i, "geometry": full.cameras.geometry.iloc[i - 1]}
        for i in (1, 2)
    ]
    sites = tables.conform("sites", rows, crs=full.city.crs)
    told = replace(full, sites=sites, figures={**full.figures, "plan": PLAN})
    chapters, _ = compose_report(told, "zh")
    plan, budget = chapters[6], chapters[7]
    sheets = {sheet.key: sheet for sheet in (*plan.sheets(), *budget.sheets())}
    assert sheets["promise"].rows == (("米", "400", "100", "300", "25.0 %", "75.0 %"),)
    assert "按米计由 25.0 % 提高到 75.0 %" in sheets["promise"].says
    assert sheets["phases"].rows[1] == ("2", "2028", "1", "25,000", "20,000", "2.1 %")
    assert sheets["phases"].rows[2][:5] == ("合计", "", "2", "45,000", "30,000")
    said = " ".join(str(block) for block in (*plan.blocks, *budget.blocks) if isinstance(block, str))
    for words in ("第 2 版", "规划组", "尚未批准", "相差至多 2.1 %", "40 个候选", "剔除 3 个", "示例价格"):
        assert words in said, words
    assert "建设责任主体均为政府" in said  # no table for what all sites have alike
    assert not {"sites_by_builder", "budget_by_builder"} & set(sheets)
    assert "promise" not in {sheet.key for sheet in compose_report(full, "zh")[0][6].sheets()}  # without a plan
