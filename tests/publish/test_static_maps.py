"""Maps on paper: true north, scale, sheets that cover a district, words that are no formulas."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely

from citycover.geo import metric_crs, to_metric
from citycover.publish.atlas import A3, cut_sheets, draw_atlas, draw_wall_map
from citycover.publish.fonts import find_font
from citycover.publish.results import Results
from citycover.publish.static_maps import Ground, draw_picture, point_north

PNG = b"\x89PNG\r\n\x1a\n"
needs_font = pytest.mark.skipif(find_font() is None, reason="no font with Chinese letters on this machine")


@pytest.mark.parametrize("lon", [114.2, 117.0, 119.8])
def test_the_arrow_points_along_the_meridian(lon: float) -> None:
    """The reference is the meridian itself: two points of one longitude, half a kilometre apart."""
    crs = metric_crs(lon, 32.0)
    x, y = to_metric([lon, lon], [32.0, 32.0045], crs)
    tip = point_north((x[0], y[0]), float(np.hypot(x[1] - x[0], y[1] - y[0])), crs)
    assert tip == pytest.approx((x[1], y[1]), abs=0.05)


def test_sheets_of_the_atlas_hold_every_spot_of_a_district() -> None:
    ring = shapely.Point(0, 0).buffer(3000).difference(shapely.Point(0, 0).buffer(2500))
    scale, sheets = cut_sheets(ring, A3)
    held = shapely.union_all([shapely.box(*bounds) for bounds in sheets])
    assert shapely.covers(held, ring.boundary)
    assert len(sheets) <= 9
    widths = {round(x1 - x0) for x0, _, x1, _ in sheets}
    assert len(widths) == 1
    assert scale in (2000, 2500, 5000, 10_000, 20_000)


@needs_font
def test_a_map_is_drawn_with_hostile_names_and_dollar_signs(results: Results) -> None:
    streets = results.city.streets.assign(name=["$\\frac{1}{$", "<b>", "坏\x07"])
    told = replace(results, classification="内部$x_1", city=results.city.with_tables(streets=streets))
    picture = draw_picture(told, Ground(told.city), ("gaps", "cameras", "mandates"), lang="zh", title="$")
    assert picture.startswith(PNG)
    assert len(picture) > 10_000


@needs_font
def test_an_empty_study_has_maps_too(empty_results: Results) -> None:
    assert draw_picture(empty_results, Ground(empty_results.city), ("gaps", "cameras"), lang="en").startswith(PNG)


@needs_font
def test_the_atlas_and_the_wall_map_are_sheets_of_a3_and_a0(results: Results, tmp_path: Path) -> None:
    atlas, wall = draw_atlas(results, tmp_path / "atlas.pdf"), draw_wall_map(results, tmp_path / "wall.pdf")
    for file, size in ((atlas, (420, 297)), (wall, (1189, 841))):
        content = file.read_bytes()
        assert content.startswith(b"%PDF")
        boxes = re.findall(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+) ?\]", content)
        assert boxes
        assert {tuple(round(float(side) * 25.4 / 72) for side in box) for box in boxes} == {size}
        assert file.stat().st_mode & 0o077 == 0
