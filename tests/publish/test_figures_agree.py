"""One study, four products: map, workbook, report and summary.json tell the same figures."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from citycover import terms
from citycover.publish.figures import gather_figures
from citycover.publish.gap_map import render_page
from citycover.publish.report import compose_report
from citycover.publish.results import Results
from citycover.publish.summary import format_share, write_summary
from citycover.publish.workbook import write_workbook


@pytest.fixture(scope="module")
def products(results: Results, headline: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("products")
    full = replace(results, figures=gather_figures(results, headline=headline))
    write_summary(full, folder / "summary.json")
    write_workbook(full, folder / "workbook.xlsx")
    page = re.search(r'id="cc-study">(.*?)</script>', render_page(full, "zh"), re.DOTALL)
    chapters, annexes = compose_report(full, "zh")
    return {
        "summary": json.loads((folder / "summary.json").read_text(encoding="utf-8"))["figures"],
        "book": CalamineWorkbook.from_path(folder / "workbook.xlsx"),
        "map": {part["title"]: part for part in json.loads(page[1] if page else "")["figures"]},
        "sheets": {sheet.key: sheet for chapter in (*chapters, *annexes) for sheet in chapter.sheets()},
        "words": " ".join(str(b) for chapter in chapters for b in chapter.blocks if isinstance(b, str)),
    }


def summary_of(book: CalamineWorkbook) -> dict[str, Any]:
    return {row[0]: row[1] for row in book.get_sheet_by_index(0).to_python()[1:]}


def test_gaps_by_builder_are_the_same_in_all_four(products: dict[str, Any]) -> None:
    told = {b: row["gaps"] for b, row in products["summary"]["gaps"]["by_builder"].items()}
    assert told == {"government": 1, "manager": 2, "review": 1}  # G3, G1 and G2, G5; G4 is undecided
    labels = {terms.BUILDERS[builder][0]: n for builder, n in told.items()}
    assert {row[0]: int(row[1]) for row in products["sheets"]["gaps_by_builder"].rows[:-1]} == labels
    on_map = dict(products["map"]["缺口"]["rows"])
    assert {name: int(on_map[name]) for name in labels} == labels
    sheet = products["book"].get_sheet_by_name("缺口").to_python()
    at, standing = sheet[0].index("建设责任主体"), sheet[0].index("义务认定")
    rows = [row[at] for row in sheet[1:] if row[standing] != terms.STANDINGS["undecided"][0]]
    assert {name: rows.count(name) for name in labels} == labels


def test_totals_of_gaps_mandates_and_cameras_are_the_same_in_all_four(products: dict[str, Any]) -> None:
    told, book = products["summary"], products["book"]
    gaps, mandates, cameras = (told[key] for key in ("gaps", "mandates", "cameras"))
    assert (gaps["total"], mandates["total"], cameras["total"]) == (5, 3, 4)
    assert len(book.get_sheet_by_name("缺口").to_python()) - 1 == gaps["total"]
    assert len(book.get_sheet_by_name("摄像机").to_python()) - 1 == cameras["total"]
    assert products["map"]["缺口"]["total"] == gaps["decided"] == int(products["sheets"]["gaps_by_item"].rows[-1][1])
    assert products["map"]["摄像机"]["total"] == cameras["total"]
    assert f"缺口共 {gaps['total']} 个" in products["words"]
    assert f"登记摄像机 {cameras['total']} 条，折合 {cameras['devices']} 台" in products["words"]
    assert int(products["sheets"]["mandates_by_item"].rows[-1][2]) == mandates["total"]
    assert products["map"]["应当建设"]["total"] == mandates["total"]


def test_shares_are_the_same_in_all_four(products: dict[str, Any]) -> None:
    """7,800 m² of which half are seen for sure, 60 % expected, 70 % at best."""
    row = products["summary"]["seen"]["m2"]
    ends = [row[f"share_{end}"] for end in ("low", "expected", "high")]
    assert ends == pytest.approx([0.5, 0.6, 0.7])
    said = [format_share(share, "zh") for share in ends]
    report = {r[0]: r[2:] for r in products["sheets"]["coverage"].rows}
    assert list(report["平方米"]) == said
    (bar,) = [b for part in products["map"].values() for b in part.get("bars", []) if "平方米" in b["label"]]
    assert [end[1] for end in bar["ends"]] == said
    values = [v for v in summary_of(products["book"]).values() if isinstance(v, float)]
    assert all(any(abs(v - share) < 1e-9 for v in values) for share in ends)


def test_counts_of_the_unknown_are_the_same_in_report_map_and_summary(products: dict[str, Any]) -> None:
    told = [n for n in products["summary"]["unknown"].values() if n]
    assert [int(row[1]) for row in products["sheets"]["unknown"].rows] == told
    assert [int(row[1]) for row in products["map"]["未知"]["rows"]] == told
