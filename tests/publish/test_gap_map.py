from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hostile import HOSTILE, HOSTILE_SCRIPT
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS
from shapely.geometry import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box

from browsing import visit
from citycover.publish.columnar import MICRO, pack_column, pack_geometry
from citycover.publish.figures import gather_figures
from citycover.publish.gap_map import draw_map, render_page
from citycover.publish.results import Results


@pytest.fixture(scope="module")
def page_file(tmp_path_factory: pytest.TempPathFactory, results: Results, headline: pd.DataFrame) -> Path:
    full = replace(results, figures=gather_figures(results, headline=headline))
    return draw_map(full, tmp_path_factory.mktemp("map") / "gap_map.html")


@pytest.mark.browser
def test_the_page_opens_without_a_network_and_asks_for_nothing(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file) as seen:
        seen.page.wait_for_timeout(300)
        seen.check_quiet(page_file.as_uri())
        assert seen.page.evaluate("performance.getEntriesByName('citycoverReady').length") == 1
        text = seen.page.inner_text("body")
    for words in ("示例片区", "内部资料", "2026-11-20", "市公安局", "© OpenStreetMap contributors"):
        assert words in text


@pytest.mark.browser
def test_even_a_script_inside_the_page_cannot_reach_outside(browser: Any, page_file: Path) -> None:
    """The policy itself refuses: fetch, a picture and a style sheet from elsewhere all fail before any request."""
    with visit(browser, page_file) as seen:
        refused = seen.page.evaluate(
            """async () => {
              const found = [];
              document.addEventListener("securitypolicyviolation", (e) => found.push(e.violatedDirective));
              await fetch("https://example.org/x").catch(() => 0);
              const image = new Image(); image.src = "https://example.org/x.png";
              await new Promise((done) => setTimeout(done, 200));
              return found.sort();
            }"""
        )
        assert refused == ["connect-src", "img-src"]
        stopped = {request.url: request.failure for request in seen.started if "example.org" in request.url}
        assert set(stopped.values()) <= {"csp"}  # stopped by the policy, not by the missing network


@pytest.mark.browser
def test_a_gap_is_found_by_search_and_its_popup_tells_who_must_close_it(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file) as seen:
        seen.page.fill("#cc-search", "西侧")
        seen.page.click(".cc-found button")
        card = seen.page.inner_text(".cc-card")
        for words in ("中心广场西侧", "第八条（六）", "政府", "2400 平方米", "附近无摄像机", "62 米（CAM-1）", "G3"):
            assert words in card
        assert seen.page.evaluate("location.hash") == "#gap=G3"
        seen.check_quiet(page_file.as_uri())


@pytest.mark.browser
def test_the_address_of_a_gap_opens_it_and_shows_its_layer(browser: Any, page_file: Path) -> None:
    """G4 is of an undecided duty, whose layer starts hidden."""
    with visit(browser, page_file, "#gap=G4") as seen:
        assert "东街 东段" in seen.page.inner_text(".cc-card")
        assert seen.page.is_checked('[data-theme="gaps"] label:last-of-type input')


@pytest.mark.browser
def test_a_click_on_the_map_opens_what_lies_there(browser: Any, page_file: Path) -> None:
    """(40, 50) of the drawing lies inside gap G3 alone."""
    with visit(browser, page_file) as seen:
        spot = gpd.GeoSeries([Point(669_040, 3_546_050)], crs=32650).to_crs(4326).iloc[0]
        where = seen.page.evaluate(
            f"(() => {{ const p = CC.app.map.latLngToContainerPoint([{spot.y}, {spot.x}]);"
            "const b = CC.app.map.getContainer().getBoundingClientRect();"
            "return [p.x + b.left, p.y + b.top]; })()"
        )
        seen.page.mouse.click(*where)
        seen.page.wait_for_selector(".cc-card")
        assert "中心广场西侧" in seen.page.inner_text(".cc-card")


@pytest.mark.browser
def test_hiding_a_layer_takes_its_ink_off_the_map(browser: Any, page_file: Path) -> None:
    ink = """(() => { let n = 0; document.querySelectorAll('.leaflet-gaps-pane canvas').forEach((c) => {
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        for (let i = 3; i < d.length; i += 4) n += d[i] > 0; }); return n; })()"""
    with visit(browser, page_file) as seen:
        before = seen.page.evaluate(ink)
        inputs = seen.page.query_selector_all('[data-theme="gaps"] input')
        for box_ in inputs:
            if box_.is_checked():
                box_.click()
        after = seen.page.evaluate(ink)
        seen.check_quiet(page_file.as_uri())
    assert before > 200
    assert after == 0


@pytest.mark.browser
def test_hostile_names_are_shown_as_text_and_run_nothing(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file) as seen:
        for sought, name in (("G1", HOSTILE), ("G2", HOSTILE_SCRIPT), ("CAM-2", HOSTILE)):
            seen.page.fill("#cc-search", sought)
            seen.page.click(f".cc-found button:has-text('{sought}')")
            assert seen.page.inner_text(".cc-card h2") == name
        assert seen.page.query_selector("img[src=x]") is None
        seen.check_quiet(page_file.as_uri())


@pytest.mark.browser
def test_a_study_without_cameras_opens_and_says_so(browser: Any, empty_results: Results, tmp_path: Path) -> None:
    file = draw_map(empty_results, tmp_path / "gap_map.html")
    with visit(browser, file) as seen:
        assert "没有摄像机登记资料" in seen.page.inner_text("body")
        assert seen.page.query_selector('[data-theme="cameras"]') is None
        assert seen.page.query_selector('[data-theme="mandates"]') is not None
        seen.check_quiet(file.as_uri())


@pytest.mark.browser
def test_on_a_phone_the_map_comes_first_and_the_panel_on_demand(browser: Any, page_file: Path) -> None:
    with visit(browser, page_file, width=390, height=800) as seen:
        assert not seen.page.is_visible("#cc-panel")
        assert seen.page.is_visible(".cc-stamp")
        seen.page.click(".cc-fold")
        assert seen.page.is_visible("#cc-search")


def test_the_page_speaks_english_when_asked(results: Results) -> None:
    study = json.loads(block(render_page(results, "en"), "study"))
    assert study["lang"] == "en"
    assert study["words"]["gaps"] == "gaps"
    assert not re.search(r"[\u4e00-\u9fff]", "".join(study["words"].values()))


def test_names_never_leave_their_data_block(results: Results) -> None:
    page = render_page(results, "zh")
    assert "<img" not in page
    assert "</script><script>alert" not in page
    assert "{{ 7*7 }}" in page  # kept as it is: no template engine has read it


def test_the_same_study_gives_the_same_page(results: Results) -> None:
    assert render_page(results, "zh") == render_page(results, "zh")


def test_a_theme_without_rows_is_absent(empty_results: Results) -> None:
    page = render_page(empty_results, "zh")
    assert json.loads(block(page, "study"))["themes"] == ["mandates"]
    assert 'id="cc-gaps"' not in page


def block(page: str, name: str) -> str:
    found = re.search(rf'<script type="application/json" id="cc-{name}">(.*?)</script>', page, re.DOTALL)
    assert found
    return found.group(1)


def unpack(packed: dict[str, Any]) -> list[tuple[int, int, list[list[tuple[float, float]]]]]:
    """Undo the packing as the page does: row, type and rings in degrees of each piece."""
    xy = np.cumsum(np.array(packed["xy"], dtype=np.int64).reshape(-1, 2), axis=0) / MICRO
    points, pieces, ring_at, at = iter(xy.tolist()), [], 0, 0
    for i in range(packed["n"]):
        rings = []
        for _ in range(packed["r"] if isinstance(packed["r"], int) else packed["r"][i]):
            n = packed["m"] if isinstance(packed["m"], int) else packed["m"][ring_at]
            rings.append([tuple(next(points)) for _ in range(n)])
            ring_at, at = ring_at + 1, at + n
        kind = packed["t"] if isinstance(packed["t"], int) else packed["t"][i]
        pieces.append((packed["f"][i] if packed["f"] is not None else i, kind, rings))
    assert at == len(xy)
    return pieces


CORNER = st.tuples(st.floats(500_000, 700_000), st.floats(3_000_000, 3_900_000))


@given(CORNER, st.floats(5, 500))
def test_packed_shapes_come_back_within_a_tenth_of_a_metre(corner: tuple[float, float], side: float) -> None:
    """Rounding to 1e-6 degrees moves a point by at most half of 0.111 m in each direction."""
    x, y = corner
    ring = box(x, y, x + side, y + side).difference(box(x + 1, y + 1, x + side / 2, y + side / 2))
    shapes = gpd.GeoSeries(
        [Point(x, y), None, GeometryCollection([LineString([(x, y), (x + side, y)]), ring]), Polygon()],
        crs=CRS.from_epsg(32650),
    )
    pieces = unpack(pack_geometry(shapes))
    assert [(row, kind, len(rings)) for row, kind, rings in pieces] == [(0, 0, 1), (2, 1, 1), (2, 2, 2)]
    back = gpd.GeoSeries([Polygon(pieces[2][2][0], pieces[2][2][1:])], crs=4326).to_crs(32650).iloc[0]
    assert shapely.hausdorff_distance(back, ring) < 0.1


def test_missing_and_multi_shapes_keep_their_rows() -> None:
    two = MultiPolygon([box(500_000, 3_500_000, 500_010, 3_500_010), box(500_020, 3_500_000, 500_030, 3_500_010)])
    packed = pack_geometry(gpd.GeoSeries([None, two], crs=32650))
    assert packed["f"] == [1, 1]
    assert packed["t"] == 2


def test_a_gap_that_exchanges_a_missing_for_a_double_shape_is_not_shifted() -> None:
    """Two rows and two pieces, but both pieces of the second row: the row of each must still be told."""
    lines = shapely.MultiLineString(
        [[(500_000, 3_500_000), (500_010, 3_500_000)], [(500_020, 3_500_000), (500_030, 3_500_000)]]
    )
    assert [row for row, _, _ in unpack(pack_geometry(gpd.GeoSeries([None, lines], crs=32650)))] == [1, 1]


@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "<c>"]))))
def test_packed_columns_come_back_as_they_were(values: list[str | None]) -> None:
    packed = pack_column(pd.Series(values, dtype="str"))
    back = packed["v"] if "v" in packed else [None if i < 0 else packed["d"][i] for i in packed["i"]]
    assert back == values
