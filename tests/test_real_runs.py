"""Four real runs, end to end: Nanjing, Suwon, Seoul and Monaco; expected figures follow from the data's README."""

import json

import numpy as np
import pytest
import shapely

from browsing import visit
from citycover.publish.gap_map import draw_map
from citycover.study import run_study, write_study
from citycover.study_file import make_study

pytestmark = pytest.mark.slow

KOREAN = {
    "camera_id": "id",
    "lon": "lng",
    "lat": "lat",
    "count": "cameraCount",
    "owner": "manager",
    "purpose": "purpose",
    "address": "address",
    "azimuth": "direction",
}
RUNS = {
    "nanjing": {"osm": "nanjing_xinjiekou.osm"},
    "suwon": {"osm": "suwon.osm", "cameras": "suwon_cameras.csv"},
    "seoul": {
        "osm": "seoul_myeongdong_roads.osm",
        "cameras": "seoul_myeongdong_cameras.csv",
        # the box of the 0.5 to 99.5 % quantiles of the extract's nodes: its README counts 498 sites in it
        "area": (126.95214349, 37.5522407, 127.04135056, 37.57575282),
    },
    "monaco": {"osm": "monaco.osm.pbf"},
}


@pytest.fixture(scope="module")
def runs(shared_data, tmp_path_factory):
    """Each run once; its results by name."""
    done = {}

    def run(name):
        if name not in done:
            files = RUNS[name]
            raw: dict = {"name": name, "date": "2026-11-20", "osm": [{"file": shared_data / files["osm"]}]}
            if "cameras" in files:
                raw["cameras"] = [{"file": shared_data / files["cameras"], "datum": "wgs84", "columns": KOREAN}]
            if "area" in files:
                raw["area"] = tmp_path_factory.mktemp("area") / "area.geojson"
                raw["area"].write_text(shapely.to_geojson(shapely.box(*files["area"])), encoding="utf-8")
            done[name] = run_study(make_study(raw))
        return done[name]

    return run


def check_sums(results):
    """What holds of every run: shares in order, gaps add up to what coverage lacks, every mandate is answered."""
    coverage = results.coverage[results.coverage["state"] != "indoor"]  # what no view answers has no share
    assert coverage["share_low"].notna().all()
    low, expected, high = (coverage[f"share_{end}"].to_numpy(float) for end in ("low", "expected", "high"))
    assert (low <= expected + 1e-9).all()
    assert (expected <= high + 1e-9).all()
    lacking = (coverage["required"] - coverage["seen_low"]).groupby(coverage["unit"]).sum()
    sizes = results.gaps.groupby("unit")["size"].sum()
    np.testing.assert_allclose(sizes.reindex(lacking.index, fill_value=0.0), lacking, rtol=1e-6, atol=0.01)
    answered = set(results.demands["mandate_id"]) | set(results.indoor["mandate_id"])
    assert set(results.mandates["mandate_id"]) <= answered
    assert results.gaps["builder"].notna().all()


def test_nanjing_without_a_register_is_wholly_uncovered(runs):
    results = runs("nanjing")
    check_sums(results)
    assert results.cameras.empty
    assert not (results.coverage["seen_high"] > 0).any()
    assert set(results.gaps["reason"].dropna()) == {"no_camera_near"}
    assert {"urban_road", "bridge", "square", "commercial_centre"} <= set(results.mandates["kind"])
    assert "中山路" in set(results.mandates["name"].dropna())
    # the core box of the extract is 4.65 km² and its streets run on a little; stray nodes far away must not stretch it
    assert 4.65e6 < results.city.area.area < 2 * 4.65e6


def test_suwon_keeps_703_sites_of_which_those_outside_do_not_count(runs):
    results = runs("suwon")
    check_sums(results)
    cameras = results.cameras[results.cameras["register"].notna()]
    assert len(cameras) == 703
    assert cameras["count"].sum() == 2227
    assert results.rejects[results.rejects["source"].str.contains("suwon_cameras")].empty
    inside = cameras[~cameras["outside"].fillna(False)]
    assert 25 <= len(inside) <= 45  # 30 lie inside the extract's bounds
    assert set(inside["counts"]) == {"range"}  # no azimuth in any row
    assert cameras.loc[cameras["outside"].fillna(False), "counts_reason"].eq("outside_study").all()
    assert not (results.coverage["seen_low"] > 0).any()
    assert (results.coverage["seen_high"] > 0).any()
    assert not [zh for zh, _ in results.notes if "坐标系" in zh]  # no alarm about the datum


def test_seoul_has_four_agencies_on_streets_without_buildings(runs):
    results = runs("seoul")
    check_sums(results)
    cameras = results.cameras[results.cameras["register"].notna()]
    inside = cameras[~cameras["outside"].fillna(False)]
    assert len(cameras) == 558
    assert len(inside) == 498
    assert inside["owner"].nunique() == 4
    assert results.city.buildings.empty
    assert [en for _, en in results.notes if "open field" in en]


def test_monaco_has_its_own_cameras_and_tunnels(runs):
    results = runs("monaco")
    check_sums(results)
    assert results.city.counts["osm_relations_cut"] >= 0
    assert 14 <= results.cameras["pole_id"].nunique() <= 16
    assert (results.cameras["azimuth"].notna()).sum() >= 3
    assert (results.mandates["kind"] == "tunnel").any()
    tunnels = results.mandates.loc[results.mandates["kind"] == "tunnel", "mandate_id"]
    assert set(tunnels) & set(results.indoor["mandate_id"])  # the inside of a tunnel is its own answer


@pytest.mark.parametrize("name", sorted(RUNS))
def test_each_run_leaves_its_files_and_no_empty_layer(runs, name, tmp_path):
    import pyogrio

    results = runs(name)
    write_study(results, tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == {
        *("gap_map.html", "workbook.xlsx", "report.docx", "layers.gpkg", "summary.json", "public")
    }
    layers = {name for name, _ in pyogrio.list_layers(tmp_path / "layers.gpkg")} - {"layer_styles"}
    assert {"streets", "places", "mandates", "gaps"} <= layers
    assert ("cameras" in layers) == bool(len(results.cameras))
    for layer in layers:
        assert pyogrio.read_info(tmp_path / "layers.gpkg", layer=layer)["features"], layer
    assert (tmp_path / "gap_map.html").stat().st_size <= 10e6
    page = (tmp_path / "gap_map.html").read_text(encoding="utf-8")
    assert "© OpenStreetMap contributors" in page
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["figures"]["gaps"]["total"] == len(results.gaps)


@pytest.mark.browser
@pytest.mark.parametrize("name", sorted(RUNS))
def test_the_map_of_each_run_opens_without_a_request_and_finds_its_first_gap(runs, name, browser, tmp_path):
    results = runs(name)
    draw_map(results, tmp_path / "gap_map.html")
    gap = results.gaps.iloc[0]
    with visit(browser, tmp_path / "gap_map.html", f"#gap={gap['gap_id']}") as seen:
        seen.page.wait_for_timeout(500)
        text = seen.page.inner_text("body")
        seen.check_quiet((tmp_path / "gap_map.html").as_uri())
    assert gap["gap_id"] in text
    assert gap["name"] in text
    assert "© OpenStreetMap contributors" in text
