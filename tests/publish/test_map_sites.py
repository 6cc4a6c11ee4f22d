"""The sites of a plan on the map: grouped by nature, phase or builder, never told by colour alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hostile import HOSTILE

from browsing import visit
from citycover import tables
from citycover.publish.gap_map import draw_map
from citycover.publish.map_sites import pack_sites
from citycover.publish.results import Results

SITE = {"name": "东街口", "builder": "government", "lon": 118.8, "lat": 32.0, "support": "new_pole", "cost": 1e4}
SITE |= {"gain": 1.0, "gain_m": 40.0, "why": "补点", "survey": "open", "azimuth": 90.0, "hfov": 60.0}


@pytest.fixture(scope="module")
def planned(results: Results) -> Results:
    """Three sites: two of phase 1 (one new, one re-aimed), one of no phase by an owner."""
    spots = results.cameras.geometry.to_numpy()
    rows = [
        {**SITE, "site_id": "P1", "nature": "new", "phase": 1, "geometry": spots[0]},
        {**SITE, "site_id": "P2", "nature": "re-aim", "phase": 1, "name": HOSTILE, "geometry": spots[1]},
        {**SITE, "site_id": "P3", "nature": "new", "phase": None, "builder": "owner", "geometry": spots[2]},
    ]
    return replace(results, sites=tables.conform("sites", rows, crs=results.city.crs))


def test_sites_can_be_grouped_by_nature_phase_and_builder(planned: Results) -> None:
    theme = pack_sites(planned, "zh")
    told = {g["title"]: [(group["label"], group["n"]) for group in g["groups"]] for g in theme["groupings"]}
    assert told == {
        "按性质": [("调整方向", 1), ("新建", 2)],
        "按阶段": [("未分期", 1), ("第 1 期", 2)],
        "按建设责任主体": [("政府", 2), ("所有者", 1)],
    }
    assert [group["tag"] for group in theme["groupings"][1]["groups"]] == ["", "1"]


@pytest.mark.browser
def test_the_reader_changes_the_grouping_and_reads_a_site(browser: Any, planned: Results, tmp_path: Path) -> None:
    file = draw_map(planned, tmp_path / "gap_map.html")
    with visit(browser, file) as seen:
        seen.page.select_option('[data-theme="sites"] select', label="按阶段")
        assert "第 1 期" in seen.page.inner_text('[data-theme="sites"]')
        seen.page.fill("#cc-search", "P2")
        seen.page.click(".cc-search .cc-found button")
        card = seen.page.inner_text(".cc-card")
        assert HOSTILE in card
        assert "调整方向" in card
        assert seen.page.query_selector("img[src=x]") is None
        seen.check_quiet(file.as_uri())
