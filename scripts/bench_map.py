"""Measure a large map: 500,000 buildings, 100,000 cameras, 50,000 gaps in one page, opened and panned in a browser."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely
from bench_sight import make_cameras, repeat_town
from playwright.sync_api import sync_playwright

from citycover import tables
from citycover.city.read import read_osm
from citycover.publish.gap_map import draw_map
from citycover.publish.results import Results
from citycover.sight.cameras import assign_counting

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PAN = """(zoom) => new Promise((done) => {
  const map = CC.app.map, gaps = [];
  let last = performance.now(), step = 0;
  map.setZoom(zoom, { animate: false });
  const frame = (now) => {
    gaps.push(now - last);
    last = now;
    if (gaps.length % 8 === 0) map.panBy([step++ % 4 < 2 ? 220 : -160, 140], { animate: true, duration: 0.12 });
    if (step <= 20) requestAnimationFrame(frame);
    else done(gaps.slice(4));
  };
  setTimeout(() => { last = performance.now(); requestAnimationFrame(frame); }, 1500);
})"""


def make_results(file: Path, buildings: int, cameras: int, gaps: int) -> Results:
    town = read_osm(file)
    copies = int(np.ceil(buildings / len(town.buildings)))
    houses = repeat_town(town.buildings, copies, key="building_id").iloc[:buildings]
    streets = repeat_town(town.streets, copies, key="street_id")
    landscape = repeat_town(town.landscape, copies, key="feature_id")
    area = shapely.box(*shapely.total_bounds(houses.geometry.to_numpy()))
    city = town.with_tables(
        buildings=houses, streets=streets, landscape=landscape, area=area, districts=town.districts.iloc[:0]
    )
    rng = np.random.default_rng(4)
    middle = shapely.get_coordinates(shapely.centroid(houses.geometry.to_numpy()[rng.integers(0, buildings, cameras)]))
    spots = shapely.points(middle + rng.uniform(-25, 25, middle.shape))
    register = assign_counting(make_cameras(spots, town.crs), None)
    register["name"] = register["camera_id"]
    lines = streets.geometry.to_numpy()[rng.permutation(len(streets))[:gaps]]
    n = len(lines)
    law = {"rulebook": "wuxi_2019", "article": "第八条", "item": "（六）", "kind": "urban_road", "standing": "named"}
    names = [f"M{i}" for i in range(n // 20 + 1)]
    mandates = {"mandate_id": names, "place_id": names, "builder": "government", "builder_effective": "government"}
    found = {key: value for key, value in law.items() if key != "rulebook"} | {
        "gap_id": [f"G{i:06d}" for i in range(n)],
        "mandate_id": [names[i // 20] for i in range(n)],
        "name": [f"道路 {i}" for i in range(n)],
        "component": "segment",
        "size": shapely.length(lines),
        "unit": "m",
        "reason": "no_camera_near",
        "builder": "government",
        "priority": rng.uniform(30, 95, n),
    }
    return Results(
        name="大图测试",
        date="2026-11-21",
        rulebook_id="wuxi_2019",
        rulebook_title="",
        overlay_id=None,
        classification="内部资料",
        recipient="",
        lang="zh",
        city=city,
        mandates=tables.conform(
            "mandates", gpd.GeoDataFrame(mandates | law, geometry=lines[: len(names)], crs=town.crs)
        ),
        targets=tables.conform("targets", []),
        demands=tables.conform("demands", []),
        seen=tables.conform("seen", []) if "seen" in tables.TABLES else tables.conform("targets", []),
        views=tables.conform("views", []),
        coverage=tables.conform("coverage", []),
        gaps=tables.conform(
            "gaps", gpd.GeoDataFrame(found | {k: law[k] for k in law if k != "rulebook"}, geometry=lines, crs=town.crs)
        ),
        indoor=tables.conform("indoor", []),
        notices=tables.conform("notices", []),
        cameras=register,
        rejects=tables.conform("rejects", []),
    )


def bench_map(file: Path, buildings: int, cameras: int, gaps: int) -> None:
    """Print size, seconds to write and to open, and the longest frame of a pan of 20 steps at three zooms."""
    results = make_results(file, buildings, cameras, gaps)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        page_file = Path(folder) / "gap_map.html"
        start = time.perf_counter()
        draw_map(results, page_file)
        wrote = time.perf_counter() - start
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_context(offline=True, viewport={"width": 1280, "height": 800}).new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        start = time.perf_counter()
        page.goto(page_file.as_uri())
        page.wait_for_function("window.citycoverReady", timeout=60_000)
        opened = time.perf_counter() - start
        print("| buildings | cameras | gaps | MB | written s | opened s | zoom: longest frame ms (median) |")
        print("|---|---|---|---|---|---|---|")
        frames = []
        for zoom in (14, 16, 18):
            times = np.array(page.evaluate(PAN, zoom))
            frames.append(f"{zoom}: {times.max():.0f} ({np.median(times):.0f})")
            page.screenshot(path=f"maps/large_{zoom}.png")
        size = page_file.stat().st_size / 1e6
        print(
            f"| {len(results.city.buildings):,} | {len(results.cameras):,} | {len(results.gaps):,} | {size:.1f} "
            f"| {wrote:.1f} | {opened:.2f} | {'; '.join(frames)} |"
        )
        print("errors of the page:", errors or "none")
        browser.close()
