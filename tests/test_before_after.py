"""The page of two states: a divider moved by keyboard and by hand, what lies on which side, and the list of changes.

The town of ``test_comparing``: without a camera before; with one that sees the south of the square after.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browsing import visit
from citycover.audit.comparison import Comparison
from citycover.errors import InputError
from citycover.publish.before_after import draw_before_after, draw_plan_state, measure_shares
from citycover.publish.comparing import compare_studies
from citycover.publish.results import Results
from test_comparing import CAMERA, WAYS, Town

HOSTILE = "<img src=x onerror=alert(1)>{{7*7}}"
INK = """(name) => { let n = 0; const box = CC.app.map.getContainer().getBoundingClientRect();
  document.querySelectorAll('.leaflet-' + name + '-pane canvas').forEach((c) => {
    const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    for (let i = 3; i < d.length; i += 4) n += d[i] > 0; }); return n; }"""
CLIP = "(name) => CC.app.map.getPane(name).style.clip.match(/-?\\d+/g).map(Number)"


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, Results]:
    town = Town(tmp_path_factory.mktemp("town"))
    ways = [WAYS[0], WAYS[1], (3, WAYS[2][1], {"place": "square", "name": HOSTILE}), WAYS[3]]
    return town.study(cameras=(), ways=ways), town.study(cameras=(CAMERA,), ways=ways)


@pytest.fixture(scope="module")
def comparison(states: tuple[Results, Results]) -> Comparison:
    return compare_studies(*states, lang="zh")


@pytest.fixture(scope="module")
def page_file(states: tuple[Results, Results], comparison: Comparison, tmp_path_factory: Any) -> Path:
    file = tmp_path_factory.mktemp("page") / "before_after.html"
    return draw_before_after(comparison, file, city=states[1].city, names=("现状", "方案实施后"))


def blocks(file: Path) -> dict[str, Any]:
    found = re.findall(
        r'<script type="application/json" id="cc-(\w+)">(.*?)</script>', file.read_text(encoding="utf-8"), re.DOTALL
    )
    return {name: json.loads(words) for name, words in found}


def test_the_page_holds_both_states_and_nothing_that_asks_outside(page_file: Path, comparison: Comparison) -> None:
    page = page_file.read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert page_file.stat().st_mode & 0o077 == 0
    parts = blocks(page_file)
    assert {name for name in parts if name not in ("study", "base")} == {"gaps_before", "gaps", "cameras", "changes"}
    assert {parts[name]["side"] for name in ("gaps_before",)} == {"before"}
    assert {parts[name]["side"] for name in ("gaps", "cameras")} == {"after"}
    told = {s["title"]: s for s in parts["study"]["figures"]}
    assert told["缺口"]["total"] == f"{len(comparison.old.gaps)} → {len(comparison.new.gaps)}"
    assert told["摄像机"]["total"] == "0 → 1"


def test_the_shares_are_those_of_the_studies_own_figures(states: tuple[Results, Results], comparison: Any) -> None:
    for results, side in zip(states, (comparison.old, comparison.new), strict=True):
        own = {u: row["share_low"] for u, row in results.figures["seen"].items() if row["required"]}
        assert measure_shares(side) == pytest.approx(own)
    assert measure_shares(comparison.old)["m2"] == 0.0
    assert measure_shares(comparison.new)["m2"] > 0.05


@pytest.mark.browser
def test_the_divider_moves_by_keyboard_and_by_hand_and_cuts_each_state(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file) as seen:
        page = seen.page
        width = page.evaluate("CC.app.map.getSize().x")
        assert page.evaluate(INK, "gaps_before") > 200
        assert page.evaluate(INK, "gaps") > 200
        _, right, _, _ = page.evaluate(CLIP, "gaps_before")
        _, _, _, left = page.evaluate(CLIP, "gaps")
        assert right == left  # they meet in the divider
        page.focus("#cc-swipe")
        for _ in range(10):
            page.keyboard.press("ArrowRight")
        assert page.evaluate("CC.app.swipe") == pytest.approx(0.6)
        assert page.evaluate(CLIP, "gaps")[3] - left == pytest.approx(0.1 * width, abs=2)
        assert page.get_attribute("#cc-swipe", "aria-valuetext") == "现状 60 %"
        grip = page.locator(".cc-grip").bounding_box()
        x, y = grip["x"] + grip["width"] / 2, grip["y"] + grip["height"] / 2
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 0.3 * width, y)
        page.mouse.up()
        assert page.evaluate("CC.app.swipe") == pytest.approx(0.3, abs=0.02)
        page.click("#cc-only-after")
        assert page.evaluate("CC.app.swipe") == 0
        page.click("#cc-only-before")
        assert page.evaluate("CC.app.swipe") == 1
        seen.check_quiet(page_file.as_uri())


@pytest.mark.browser
def test_panning_and_zooming_keep_the_cut_at_the_divider(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file) as seen:
        seen.page.evaluate("CC.app.map.panBy([120, 40], { animate: false }); CC.app.map.zoomIn(1, { animate: false })")
        seen.page.wait_for_timeout(200)
        at = seen.page.evaluate(
            "(() => { const m = CC.app.map; const c = m.getPane('gaps').style.clip.match(/-?\\d+/g).map(Number);"
            "return m.layerPointToContainerPoint([c[3], 0]).x / m.getSize().x; })()"
        )
        assert at == pytest.approx(0.5, abs=0.01)
        seen.check_quiet(page_file.as_uri())


@pytest.mark.browser
def test_a_click_opens_only_what_its_side_shows(browser: Any, page_file: Path) -> None:
    """The camera stands in the later state only: the same spot, once right and once left of the divider."""
    spot = """() => { const camera = CC.app.themes.find((one) => one.id === 'cameras').bounds(0).getCenter();
      const p = CC.app.map.latLngToContainerPoint(camera); return [p.x, p.y]; }"""
    with visit(browser, page_file) as seen:
        x, y = seen.page.evaluate(spot)
        found = "([x, y]) => CC.under(CC.app, L.point(x, y)).map((pair) => pair[0].side)"
        seen.page.click("#cc-only-after")
        assert set(seen.page.evaluate(found, [x, y])) == {"after"}
        assert "after" in seen.page.evaluate(found, [x, y])
        seen.page.click("#cc-only-before")
        assert "after" not in seen.page.evaluate(found, [x, y])


@pytest.mark.browser
def test_the_list_says_what_changed_and_opens_it_as_text(browser: Any, page_file: Path, comparison: Comparison) -> None:
    changed = comparison.changes[comparison.changes["change"] != "same"]
    with visit(browser, page_file) as seen:
        rows = seen.page.locator(".cc-changes .cc-found button")
        assert rows.count() == len(changed) > 0
        seen.page.select_option(".cc-changes select", index=1)
        assert 0 < rows.count() <= len(changed)
        seen.page.select_option(".cc-changes select", index=0)
        first = rows.first.inner_text()
        assert "→" in first
        rows.first.click()
        card = seen.page.inner_text(".cc-card")
        assert changed["name"].iloc[0] in card
        assert "摄像机" in card  # the cause
        assert "缺口变化" in card
        seen.page.fill("#cc-search", "c1")
        seen.page.wait_for_selector(".cc-search .cc-found button")
        assert "摄像机 · 方案实施后" in seen.page.inner_text(".cc-search .cc-found li")
        assert seen.page.query_selector("img[src=x]") is None
        seen.check_quiet(page_file.as_uri())


@pytest.mark.browser
def test_on_a_phone_the_slider_is_at_hand_and_the_list_on_demand(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file, width=390, height=844) as seen:
        assert seen.page.is_visible("#cc-swipe")
        assert not seen.page.is_visible(".cc-changes")
        bar = seen.page.locator(".cc-swipe").bounding_box()
        assert bar["x"] >= 0
        assert bar["x"] + bar["width"] <= 390
        fold = seen.page.locator(".cc-fold").bounding_box()
        assert fold["y"] + fold["height"] <= bar["y"]
        seen.page.click(".cc-fold")
        assert seen.page.is_visible(".cc-changes")


def test_of_a_plan_the_page_shows_today_and_what_its_sites_leave(
    states: tuple[Results, Results], comparison: Comparison, tmp_path: Path
) -> None:
    """The camera of the later study as if it were the plan's site: all that changes is put to the plan."""
    today = replace(states[0], planned=comparison.new)
    parts = blocks(draw_plan_state(today, tmp_path / "before_after.html", lang="zh"))
    assert (parts["study"]["swipe"]["before"], parts["study"]["swipe"]["after"]) == ("现状", "方案实施后")
    causes = next(part for part in parts["study"]["figures"] if part["title"] == "变化原因")
    assert {row[0] for row in causes["rows"]} == {"摄像机"}
    with pytest.raises(InputError, match="plan"):
        draw_plan_state(states[0], tmp_path / "none.html")


def test_two_studies_alike_have_no_list(states: tuple[Results, Results], tmp_path: Path) -> None:
    same = compare_studies(states[1], states[1])
    parts = blocks(draw_before_after(same, tmp_path / "b.html", city=states[1].city, lang="en"))
    assert "changes" not in parts
    assert parts["study"]["swipe"]["before"] == "2026-01-01"
