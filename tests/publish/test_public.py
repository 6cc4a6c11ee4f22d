"""What the public gets must not give a camera away: an attacker who knows everything else tries, and fails."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from browsing import visit
from citycover.audit.sightings import Rows, find_sightings
from citycover.errors import InputError
from citycover.publish.public_cells import Rule, measure_public_cells, publish_cells, total_share
from citycover.publish.public_map import draw_public_map, share_classes, write_public_cells

X, Y, SIDE = 500_000.0, 3_500_000.0, 1500  # a town of 3 x 3 cells of 500 m, streets every 75 m
OPEN = gpd.GeoDataFrame(geometry=[], crs=32650)
NAKED = Rule(fewest=1, step=1e-6, repeat=False)


def ground() -> Rows:
    """Targets every 15 m along a net of streets."""
    along, across = np.arange(7.5, SIDE, 15.0), np.arange(37.5, SIDE, 75.0)
    one = np.array(list(product(along, across)))
    x, y = np.concatenate([one, one[:, ::-1]]).T
    n = len(x)
    return Rows(
        x=X + x,
        y=Y + y,
        z=np.full(n, 1.5),
        facing=np.full(n, np.nan),
        within=np.full(n, np.nan),
        layer=np.zeros(n),
        need=np.full(n, 20.0),
        weight=np.ones(n),
        number=np.ones(n, np.int64),
    )


def register(spots: np.ndarray, azimuth: np.ndarray, first: int = 0) -> gpd.GeoDataFrame:
    n = len(spots)
    return gpd.GeoDataFrame(
        {"camera_id": [f"c{first + i}" for i in range(n)], "azimuth": azimuth, "hfov": [90.0] * n}
        | {"reach": [45.0] * n, "pixels": [1920] * n, "mount_height": [4.0] * n},
        geometry=gpd.points_from_xy(X + spots[:, 0], Y + spots[:, 1]),
        crs=32650,
    )


def town(seed: int, cameras: int) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """The register that the attacker has, and all places and directions where the missing camera may be."""
    random = np.random.default_rng(seed)
    known = register(random.uniform(0, SIDE, (cameras, 2)), random.uniform(0, 360, cameras))
    corners = np.arange(37.5, SIDE, 150.0)
    spots = np.array([(x, y, a) for x, y, a in product(corners, corners, (45.0, 225.0))])
    return known, register(spots[:, :2], spots[:, 2], first=10_000)


def release(rows, cameras, rule, previous=None) -> pd.DataFrame:
    found = find_sightings(cameras, rows, OPEN)
    return publish_cells(rows, cameras, found, rule=rule, previous=previous, crs=32650)


def guess_error(rows, known, suspects, truth: int, rule) -> float:
    """Error (m) that the attacker must expect of his best guess: the middle of all places that agree.

    He has the register less one camera, the algorithm and the public files of two releases, the camera being added
    between them: he publishes for each suspect and keeps those that give what was published.
    """
    before = release(rows, known, rule)

    def publish(one: int) -> np.ndarray:
        both = pd.concat([known, suspects.iloc[[one]]], ignore_index=True)
        return release(rows, gpd.GeoDataFrame(both, crs=32650), rule, before)["share"].to_numpy(float)

    told = publish(truth)
    agree = [i for i in range(len(suspects)) if np.array_equal(publish(i), told, equal_nan=True)]
    assert truth in agree
    x, y = suspects.geometry.x.to_numpy()[agree], suspects.geometry.y.to_numpy()[agree]
    return float(np.sqrt(np.mean((x - x.mean()) ** 2 + (y - y.mean()) ** 2)))


@pytest.mark.parametrize("seed", range(3))
def test_an_attacker_with_two_releases_and_all_but_the_added_camera_cannot_place_it_within_500_metres(seed):
    rows = ground()
    known, suspects = town(seed, 150)
    truth = int(np.random.default_rng(seed).integers(0, len(suspects)))
    assert guess_error(rows, known, suspects, truth, Rule()) >= 500.0
    assert guess_error(rows, known, suspects, truth, NAKED) < 500.0  # where nothing is held back


def nine_cells(cameras: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions and azimuths: so many in the south-west cell, then twelve in each other."""
    random = np.random.default_rng(seed)
    corners = [(500 * a, 500 * b) for a, b in product(range(3), range(3))]
    spots = [random.uniform(0, 500, (12 if any(c) else cameras, 2)) + np.array(c) for c in corners]
    at = np.concatenate(spots)
    return at, random.uniform(0, 360, len(at))


def cell_shares(cameras: int, *, rule: Rule | None = None, previous=None, seed: int = 3) -> pd.DataFrame:
    at, azimuth = nine_cells(cameras, seed)
    return release(ground(), register(at, azimuth), rule or Rule(), previous)


def test_cells_with_few_cameras_and_cells_with_none_are_not_shown_and_look_alike():
    for few in (0, 4):
        table = cell_shares(few)
        assert np.isnan(table["share"][0])
    assert cell_shares(30)["share"].notna().all()


def test_what_is_held_back_cannot_be_had_by_subtraction():
    """One cell held back alone could be had from any total: a second one, of the fewest targets, goes with it."""
    table = cell_shares(0)
    held = table[table["share"].isna()]
    assert len(held) >= 2
    assert sum(len(keys.split(";")) for keys in held["cameras"] if keys) >= 5


def test_shares_come_in_steps_of_five_points_and_the_total_speaks_of_the_cells_shown():
    table = cell_shares(30)
    assert np.allclose(table["share"] * 20, (table["share"] * 20).round())
    by_hand = (table["share"] * table["targets"]).sum() / table["targets"].sum()
    assert total_share(table) == pytest.approx(by_hand, abs=0.025)
    assert total_share(table.assign(share=np.nan)) is None


def test_a_cell_repeats_its_figure_until_five_cameras_have_changed():
    first = cell_shares(12)
    told = first.assign(share=0.95)  # a figure that only repeating gives
    assert (
        cell_shares(12, previous=told)["share"].tolist() == first["share"].tolist()
    )  # nothing changed: new ground may
    spots, azimuth = nine_cells(12, 3)
    rows = ground()
    before = release(rows, register(spots, azimuth), Rule()).assign(share=0.95)
    inside = [key.split("@")[0] for key in before["cameras"][0].split(";")]
    for moved, repeats in ((4, True), (5, False)):
        turned = azimuth.copy()
        for name in inside[:moved]:
            turned[int(name[1:])] += 1.0
        after = release(rows, register(spots, turned), Rule(), before)
        assert (after["share"][0] == 0.95) == repeats, moved
        assert (after["cameras"][0] == before["cameras"][0]) == repeats


def test_a_camera_speaks_for_its_own_cell_only():
    """A camera 5 m west of a border that looks east sees ground beyond it: that ground is not told as seen."""
    rows = ground()
    rule = Rule(fewest=0, step=1e-9, repeat=False)
    alone = register(np.array([[495.0, 112.5]]), np.array([90.0]))
    assert (release(rows, alone, rule)["share"] > 0).sum() <= 1
    assert release(rows, alone, rule)["share"][1] == 0.0


def test_cells_under_500_metres_are_refused(results):
    with pytest.raises(InputError, match="500"):
        measure_public_cells(results, rule=Rule(cell=499.0))


@pytest.fixture(scope="module")
def public(results):
    return replace(results, public_cells=measure_public_cells(results))


def test_the_public_files_hold_no_camera_place_gap_or_mandate(public, tmp_path):
    """Every id and every coordinate of the restricted tables is looked for in the public files."""
    page = draw_public_map(public, tmp_path / "public_map.html").read_text(encoding="utf-8")
    table = write_public_cells(public, tmp_path / "public_cells.csv").read_text(encoding="utf-8-sig")
    assert table.splitlines()[0] == "cell_id,west,south,east,north,share"
    data = "".join(re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL))
    ids = [
        *public.cameras["camera_id"],
        *public.gaps["gap_id"],
        *public.mandates["mandate_id"],
        *public.city.places["place_id"],
        *public.city.buildings["building_id"],
    ]
    assert ids
    for name in ids:
        assert f'"{name}"' not in data
        assert name not in table
    assert set(json.loads(re.search(r'id="cc-base">(.*?)</script>', page).group(1))) <= {
        *("area", "landscape", "streets", "districts")
    }
    assert public.classification not in page
    assert public.recipient not in page


def test_sensitive_ground_and_what_crosses_it_are_left_out_of_the_public_base_map(public, tmp_path):
    base = r'id="cc-base">(.*?)</script>'

    def drawn(of) -> dict:
        page = draw_public_map(of, tmp_path / "map.html").read_text(encoding="utf-8")
        return json.loads(re.search(base, page).group(1))

    green = public.city.landscape.iloc[[2]]
    depot = public.city.places.iloc[[0]].assign(place_id="x/1").set_geometry(green.geometry.to_numpy())
    kind = public.city.place_kinds.iloc[[0]].assign(place_id="x/1", kind="oil_depot")
    city = public.city.with_tables(
        places=pd.concat([public.city.places, depot], ignore_index=True),
        place_kinds=pd.concat([public.city.place_kinds, kind], ignore_index=True),
    )
    assert drawn(public)["landscape"]["n"] - drawn(replace(public, city=city))["landscape"]["n"] == 1


def test_the_mark_says_that_no_authority_reviewed_the_map_until_a_number_is_given(public, tmp_path):
    plain = draw_public_map(public, tmp_path / "a.html").read_text(encoding="utf-8")
    assert "未经地图审核，不得公开发布" in plain
    number = draw_public_map(replace(public, map_review="苏S(2026)001号"), tmp_path / "b.html")
    study = json.loads(re.search(r'id="cc-study">(.*?)</script>', number.read_text(encoding="utf-8")).group(1))
    assert study["mark"] == "审图号：苏S(2026)001号"


@pytest.mark.browser
def test_the_public_page_opens_without_a_network_and_shows_its_cells(browser, public, tmp_path):
    shares = public.public_cells.assign(share=[0.35] + [np.nan] * (len(public.public_cells) - 1))
    file = draw_public_map(replace(public, public_cells=shares), tmp_path / "public_map.html")
    with visit(browser, file) as seen:
        seen.page.wait_for_timeout(300)
        seen.check_quiet(file.as_uri())
        text = seen.page.inner_text("body")
    for words in ("未经地图审核", "20–40 %", "不公布", "© OpenStreetMap contributors"):
        assert words in text


def test_classes_of_shares_meet_without_a_gap():
    assert share_classes(pd.Series([0.0, 0.15, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0, np.nan])).tolist() == [
        *("c0", "c0", "c1", "c2", "c3", "c4", "c4", "c4", "held")
    ]
