"""The panel of the map follows the filter, and says what the tables say."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest

from browsing import visit
from citycover import terms
from citycover.audit.coverage import measure_headline
from citycover.publish.gap_map import draw_map
from citycover.publish.summary import format_number, format_share
from citycover.study import run_study, sample_folder
from citycover.study_file import read_study


@pytest.fixture(scope="module")
def district():
    return run_study(read_study(sample_folder() / "study.toml"))


def by_hand(results, chosen: str, builder: str) -> dict:
    """The figures of a choice, from the tables, row by row."""

    def kept(frame, column):
        here = frame["district"].fillna("–").eq(chosen) if chosen else np.ones(len(frame), bool)
        whose = frame[column].eq(builder) if builder and column else np.ones(len(frame), bool)
        return frame[here & whose]

    mandates = results.mandates.assign(who=results.mandates["builder_effective"].fillna("review"))
    gaps = kept(results.gaps, "builder")
    settled = mandates[mandates["standing"].ne("undecided")]
    if builder:
        settled = settled[settled["who"].eq(builder)]
    demands = results.demands[results.demands["mandate_id"].isin(settled["mandate_id"])]
    targets = results.targets
    inside = targets[targets["district"].fillna("–").eq(chosen)] if chosen else targets
    demands = demands[demands["target_id"].isin(inside["target_id"])]
    headline = measure_headline(demands, inside, results.seen)
    seen = {
        row.unit: (row.required, row.share_low, row.share_expected, row.share_high) for row in headline.itertuples()
    }
    return {
        "mandates": len(kept(mandates, "who")),
        "gaps": int(gaps["standing"].ne("undecided").sum()),
        "cameras": len(kept(results.cameras, None)),
        "seen": seen,
    }


@pytest.mark.browser
def test_the_figures_of_twenty_random_filters_are_those_of_the_tables(browser, district, tmp_path):
    file = draw_map(district, tmp_path / "gap_map.html")
    with visit(browser, file) as seen:
        page = seen.page
        options = {
            name: page.eval_on_selector_all(f"#cc-filter-{name} option", "all => all.map((o) => o.value)")
            for name in ("district", "builder")
        }
        assert len(options["district"]) >= 3
        draw = random.Random(8)
        shown = 0
        for _ in range(20):
            choice = [draw.choice(options[name]) for name in ("district", "builder")]
            for name, value in zip(("district", "builder"), choice, strict=True):
                page.select_option(f"#cc-filter-{name}", value)
            expected = by_hand(district, *choice)
            heads = dict(re.findall(r"(.+)\t(\d+)", "\n".join(totals(page))))
            for word, key in (("应当建设", "mandates"), ("缺口", "gaps"), ("摄像机", "cameras")):
                assert int(heads.get(word, 0)) == expected[key], (choice, key)
            bars = page.eval_on_selector_all(".cc-bar", "all => all.map((bar) => bar.innerText)")
            wanted = [unit for unit in terms.UNITS if unit in expected["seen"]]
            assert len(bars) == len(wanted)
            for bar, unit in zip(bars, wanted, strict=True):
                required, *shares = expected["seen"][unit]
                assert f"应见 {format_number(required)} {terms.UNITS[unit][0]}" in bar
                for end, share in zip(("最低", "期望", "最高"), shares, strict=True):
                    assert f"{end} {format_share(share)}" in bar
                shown += 1
        seen.check_quiet(file.as_uri())
    assert shown > 20  # some choices did hold ground


def totals(page) -> list[str]:
    """Title and number of each section of the figures, divided by a tab."""
    return page.eval_on_selector_all(
        ".cc-section h3",
        "all => all.map((h) => h.firstChild.textContent + '\\t' + (h.querySelector('b') || {}).textContent)",
    )


@pytest.mark.browser
def test_a_filter_hides_the_gaps_of_others_and_the_address_of_a_hidden_gap_lifts_it(browser, district, tmp_path):
    file = draw_map(district, tmp_path / "gap_map.html")
    gaps = district.gaps
    mine, other = (gaps[gaps["builder"].eq(name)].iloc[0]["gap_id"] for name in ("owner", "government"))
    with visit(browser, file) as seen:
        seen.page.select_option("#cc-filter-builder", "owner")
        seen.page.fill("#cc-search", other)
        seen.page.wait_for_selector(".cc-none")
        seen.page.fill("#cc-search", mine)
        seen.page.wait_for_selector(".cc-found button")
        seen.page.evaluate(f"location.hash = '#gap={other}'")
        seen.page.wait_for_selector(".cc-card")
        assert other in seen.page.inner_text(".cc-card")
        assert seen.page.eval_on_selector("#cc-filter-builder", "(select) => select.value") == ""


@pytest.mark.browser
def test_the_ruler_measures_a_known_length(browser, district, tmp_path):
    """Two points of one latitude 0.002° apart at 31.57° N: 0.002 · 111.32 km · cos 31.57° = 189.7 m."""
    file = draw_map(district, tmp_path / "gap_map.html")
    with visit(browser, file) as seen:
        seen.page.click("#cc-measure")
        seen.page.evaluate("CC.app.ruler.add(L.latLng(31.57, 120.30)); CC.app.ruler.add(L.latLng(31.57, 120.302))")
        assert abs(float(seen.page.inner_text(".cc-ruler").split()[0]) - 189.7) < 1.0
        seen.page.keyboard.press("Escape")
        assert not seen.page.is_visible(".cc-ruler")


@pytest.mark.browser
def test_printing_lays_the_page_out_as_a_sheet_of_a3_and_goes_back(browser, district, tmp_path):
    """A3 is 420 x 297 mm: 1587 x 1123 px at 96 to the inch; the title block stands on it, the tools do not."""
    file = draw_map(district, tmp_path / "gap_map.html")
    with visit(browser, file) as seen:
        seen.page.evaluate(
            "() => { window.print = () => { window.sheet = [document.body.offsetWidth, document.body.offsetHeight,"
            " getComputedStyle(document.querySelector('.cc-tools')).display,"
            " getComputedStyle(document.querySelector('.cc-title')).display]; }; }"
        )
        seen.page.click("#cc-print")
        seen.page.wait_for_timeout(900)
        assert seen.page.evaluate("window.sheet") == [1587, 1123, "none", "block"]
        assert not seen.page.evaluate("document.body.classList.contains('cc-a3')")


@pytest.mark.browser
def test_mandates_are_grouped_by_item_builder_or_department_and_every_group_adds_up(browser, district, tmp_path):
    file = draw_map(district, tmp_path / "gap_map.html")
    with visit(browser, file) as seen:
        for n, word in ((1, "所有者"), (2, "教育"), (0, "第八条（一）")):
            seen.page.select_option('[data-theme="mandates"] select', str(n))
            rows = seen.page.eval_on_selector_all(
                '[data-theme="mandates"] .cc-tick',
                "all => all.map((row) => [row.innerText, row.querySelector('b').innerText])",
            )
            assert any(word in label for label, _ in rows)
            assert sum(int(count) for _, count in rows) == len(district.mandates)
        seen.check_quiet(file.as_uri())


@pytest.mark.browser
def test_views_are_shown_by_pixel_density_with_all_of_their_ground(browser, district, tmp_path):
    file = draw_map(district, tmp_path / "gap_map.html")
    ink = """() => { let n = 0; document.querySelectorAll('.leaflet-zones-pane canvas').forEach((c) => {
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        for (let i = 3; i < d.length; i += 4) n += d[i] > 0; }); return n; }"""
    with visit(browser, file) as seen:
        assert seen.page.evaluate(ink) == 0  # hidden at first
        seen.page.click('[data-theme="zones"] .cc-all')
        assert seen.page.evaluate(ink) > 500
        assert "≥ 125 像素/米" in seen.page.inner_text('[data-theme="zones"]')
        seen.check_quiet(file.as_uri())
