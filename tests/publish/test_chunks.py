"""Large layers are cut into chunks: nothing is lost, and the page draws them."""

from __future__ import annotations

import base64
import zlib

import geopandas as gpd
import numpy as np
import pytest
import shapely

from browsing import visit
from citycover.publish import chunks, map_base
from citycover.publish.chunks import encode_varints, pack_chunks
from citycover.publish.gap_map import draw_map


def decode(data: str, columns: int) -> tuple[np.ndarray, list[np.ndarray], list[list[tuple[int, int]]]]:
    """Undo a chunk byte by byte, as the format says."""
    raw = zlib.decompress(base64.b64decode(data))
    values, value, shift = [], 0, 0
    for byte in raw:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            values.append(value)
            value, shift = 0, 0
    stream = iter(values)
    take = lambda n: [next(stream) for _ in range(n)]  # noqa: E731
    n = next(stream)
    take(n)  # types
    rings = take(n)
    points = take(sum(rings))
    more = [np.array(take(n)) for _ in range(columns)]
    x = y = 0
    shapes = []
    for count in points:
        ring = []
        for _ in range(count):
            dx, dy = (v >> 1 if v % 2 == 0 else -(v + 1) // 2 for v in take(2))
            x, y = x + dx, y + dy
            ring.append((x, y))
        shapes.append(ring)
    return np.array(rings), more, shapes


def test_every_shape_comes_back_with_its_column_from_some_chunk():
    random = np.random.default_rng(1)
    corner = random.uniform(0, 5000, (5000, 2)) + np.array([669_000, 3_546_000])
    shapes = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 10, corner[:, 1] + 10)
    shapes[7] = None
    shapes[8] = shapely.union(shapes[8], shapely.box(668_000, 3_545_000, 668_010, 3_545_010))
    frame = gpd.GeoSeries(shapes, crs=32650)
    packed = pack_chunks(frame, columns={"number": np.arange(5000)})
    assert packed["n"] == 5000  # one is missing, one is two
    assert 2 <= len(packed["chunks"]) <= 12
    degrees = frame.to_crs(4326)
    seen = []
    for west, south, east, north, data in packed["chunks"]:
        _, (number,), rings = decode(data, 1)
        for row, ring in zip(number, rings, strict=True):
            xy = np.array(ring)
            assert (xy >= (west, south)).all()
            assert (xy <= (east, north)).all()
            away = shapely.distance(shapely.points(xy / 1e6), degrees.iloc[row].boundary)
            assert away.max() < 1.5e-6
        seen += number.tolist()
    assert sorted(set(seen)) == [i for i in range(5000) if i != 7]


@pytest.mark.parametrize(
    ("value", "expected"), [(0, [0]), (127, [127]), (128, [128, 1]), (2**31, [128, 128, 128, 128, 8])]
)
def test_varints_are_those_of_the_format(value, expected):
    assert list(encode_varints(np.array([value]))) == expected


def test_negative_numbers_are_refused():
    with pytest.raises(ValueError, match="-1"):
        encode_varints(np.array([-1]))


def test_nothing_gives_no_chunk():
    assert pack_chunks(gpd.GeoSeries([], crs=32650))["chunks"] == []


@pytest.mark.browser
def test_a_page_draws_its_chunks_when_they_come_into_view(browser, results, tmp_path, monkeypatch):
    """The town's houses, cut as if they were many: the page unpacks them and paints them in their colour."""
    monkeypatch.setattr(map_base, "LARGE", 1)
    monkeypatch.setattr(chunks, "ROWS", 1)
    file = draw_map(results, tmp_path / "map.html")
    ink = """() => { let n = 0; document.querySelectorAll('.leaflet-base-pane canvas').forEach((c) => {
        const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
        for (let i = 0; i < d.length; i += 4) n += d[i] === 217 && d[i + 1] === 212 && d[i + 2] === 201;
        }); return n; }"""
    with visit(browser, file) as seen:
        seen.page.wait_for_timeout(1500)
        assert seen.page.evaluate("CC.large")
        assert seen.page.evaluate("CC.app.base.buildings.chunks.every((chunk) => chunk.part)")
        assert seen.page.evaluate(ink) > 300  # #d9d4c9, the colour of houses
        seen.check_quiet(file.as_uri())
