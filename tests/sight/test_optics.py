"""Densities and edges of the picture, against figures worked out with a pencil."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citycover.errors import InputError
from citycover.sight.cameras import complete_lenses
from citycover.sight.optics import Lens, depression, far_edge, load_edition, near_edge, pixel_density, slant_distance
from citycover.sight.views import camera_views


def test_1920_pixels_over_90_degrees_give_96_pixels_a_metre_at_ten_metres():
    """The picture is 2 · tan 45° · 10 m = 20 m wide there: 1920 / 20."""
    assert pixel_density(1920, 90, 10) == pytest.approx(96.0, abs=1e-9)


def test_a_third_of_an_inch_sensor_behind_25_millimetres_gives_1000_pixels_a_metre_at_ten_metres():
    """The picture is 4.8 / 25 · 10 m = 1.92 m wide there: 1920 / 1.92."""
    lens = Lens.from_focal(25, 4.8, pixels=1920)
    assert lens.density(10) == pytest.approx(1000.0, abs=1e-9)
    assert lens.distance(1000) == pytest.approx(10.0, abs=1e-9)


def test_a_lens_4_m_high_tilted_30_degrees_with_30_degrees_of_height_shows_ground_from_4_to_14_93_metres():
    """4 / tan 45° = 4.00 and 4 / tan 15° = 4 · (2 + √3) = 14.93."""
    assert near_edge(4, 30, 30) == pytest.approx(4.0, abs=1e-9)
    assert far_edge(4, 30, 30) == pytest.approx(4 * (2 + 3**0.5), abs=1e-9)


def test_a_picture_that_reaches_down_to_the_foot_has_no_blind_zone_and_one_above_the_horizon_has_no_far_edge():
    assert near_edge(4, 80, 30) == 0.0
    assert far_edge(4, 15, 30) == np.inf
    assert near_edge(4, -20, 30) == np.inf
    assert np.isnan(near_edge(4, np.nan, 30))


def test_slant_distance_and_depression_follow_the_right_triangle():
    assert slant_distance(4, 4.5, 1.5) == pytest.approx(5.0)
    assert depression(3, 4.5, 1.5) == pytest.approx(45.0)


@given(st.floats(1, 360), st.floats(0.5, 500), st.floats(1.001, 4))
def test_density_falls_with_distance(hfov, distance, farther):
    assert pixel_density(1920, hfov, distance * farther) < pixel_density(1920, hfov, distance)


def test_the_editions_hold_the_levels_of_the_standard_coarsest_first():
    assert load_edition("IEC 62676-4:2014") == (12.5, 25, 62.5, 125, 250, 1000)
    assert load_edition("IEC 62676-4:2025") == (20, 40, 80, 125, 250, 500, 1500)


def test_an_unknown_edition_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="IEC 62676-4:2014, IEC 62676-4:2025, given 'EN 50132'"):
        load_edition("EN 50132")


@pytest.mark.parametrize(
    ("values", "word"),
    [((0, None, 1), "hfov"), ((361, None, 1), "hfov"), ((90, 181, 1), "vfov"), ((90, None, 0), "pixel")],
)
def test_an_impossible_lens_is_refused(values, word):
    with pytest.raises(InputError, match=word):
        Lens(*values)


def test_a_lens_without_pixels_has_no_density():
    with pytest.raises(InputError, match="pixels"):
        Lens(90).density(10)
    with pytest.raises(InputError, match="focal"):
        Lens.from_focal(0, 4.8)


def test_edges_at_a_target_s_height_and_a_lens_under_it():
    assert float(near_edge(5.5, 30, 30, height=1.5)) == pytest.approx(4.0)  # the lens stands 4 m over the target
    with pytest.raises(InputError, match="1 m under 1.5 m"):
        near_edge(1.0, 30, 30, height=1.5)


def test_a_lens_from_a_register_s_row():
    assert Lens.from_register({"hfov": 60.0, "pixels": 1920}).hfov == 60.0
    assert Lens.from_register({"focal_length": 2.4, "sensor": "4.8"}).hfov == pytest.approx(90.0)
    assert Lens.from_register({"focal_length": 2.4, "sensor": '1/3"'}).hfov == pytest.approx(90.0)
    assert Lens.from_register({"focal_length": 2.4}) is None
    assert Lens.from_register({"hfov": float("nan"), "pixels": ""}) is None
    with pytest.raises(InputError, match="1/2.7"):
        Lens.from_register({"focal_length": 4, "sensor": "1/99"})


def test_a_planner_s_own_densities(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("levels = [30, 60.5]", encoding="utf-8")
    assert load_edition(own) == (30.0, 60.5)
    for text in ("levels = [60, 30]", "levels = [0, 30]", "levels = []", 'levels = ["a"]', "nothing = 1", "="):
        own.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match="own.toml"):
            load_edition(own)
    with pytest.raises(InputError, match="missing.toml"):
        load_edition(tmp_path / "missing.toml")


def test_a_register_with_focal_length_and_sensor_gets_its_angles_and_keeps_those_it_tells():
    """4 mm before a 1/3 inch sensor (4.8 x 3.6 mm): 2 atan(0.6) = 61.93°, 2 atan(0.45) = 48.46°."""
    register = gpd.GeoDataFrame(
        {
            "camera_id": ["a", "b", "c"],
            "azimuth": [0.0] * 3,
            "reach": [50.0] * 3,
            "hfov": [None, 90.0, None],
            "focal_length": [4.0, 4.0, 4.0],
            "sensor": ['1/3"', "1/3", "unheard of"],
        },
        geometry=gpd.points_from_xy([500000.0] * 3, [3500000.0] * 3),
        crs=32650,
    )
    whole = complete_lenses(register)
    assert whole["hfov"].round(2).tolist()[:2] == [61.93, 90.0]
    assert np.isnan(whole["hfov"][2])
    assert whole["vfov"].round(2).tolist()[:2] == [48.46, 48.46]
    views = camera_views(register, gpd.GeoDataFrame(geometry=[], crs=32650))
    assert views["end"].tolist() == ["exact", "exact", "low", "high"]
    assert views["ground"][0] == pytest.approx(0.5 * 50**2 * np.radians(61.9275), rel=2e-4)
