"""The catalogue: no price of ours passes as a fact, and a planner's price replaces it."""

from __future__ import annotations

import pandas as pd
import pytest

from citycover.audit.catalogue import MENDS, load_catalogue
from citycover.errors import InputError


def test_every_price_that_ships_is_marked_as_made_up():
    ours = load_catalogue()
    prices = [*ours.supports.values(), *ours.power.values(), *ours.link.values(), *ours.shares.values()]
    prices += [*ours.yearly.values(), *ours.actions.values(), *ours.rates.values()]
    prices += [price for c in ours.classes.values() for price in (c.device, c.upkeep, c.rent)]
    assert all(price.made_up for price in prices)
    assert len(ours.made_up()) == len(prices)


def test_a_planner_s_price_replaces_ours_and_is_no_longer_made_up(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        'year = 2025\n[classes.face]\ndevice = 7000\n[classes.dome]\noffered = false\n'
        '[actions]\nconnect = { yuan = 1500, basis = "框架协议" }\n[rates]\ndesign = 0.04\n',
        encoding="utf-8",
    )  # fmt: skip
    own, ours = load_catalogue(file), load_catalogue()
    assert own.year == 2025
    assert own.classes["face"].device.value == 7000
    assert own.classes["face"].upkeep == ours.classes["face"].upkeep
    assert "dome" not in own.classes
    assert (own.actions["connect"].value, own.actions["connect"].basis) == (1500.0, "框架协议")
    gone = set(ours.made_up()) - set(own.made_up())
    assert {"classes.face.device", "actions.connect", "rates.design"} <= gone
    assert ours.classes["face"].device.value != 7000  # ours stays as it was


def test_the_sum_is_that_of_the_parts_by_hand(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        "[classes.fixed_wide]\ndevice = 1000\nupkeep = 50\nmbps = 2\n[supports]\nnew_pole = 5000\n"
        "[power]\nmains = 2000\n"
        "[link]\nfibre = 1500\n[shares]\nplatform = 300\nstorage = 100\n"
        "[yearly]\npower = 10\nlink = 20\npole_rent = 40\n"
        "[rates]\ndesign = 0.1\nsupervision = 0.05\ntesting = 0.05\nreserve = 0.1\n",
        encoding="utf-8",
    )
    cost = load_catalogue(file).build_cost("fixed_wide", retention_days=50)
    # 2 Mbit/s × 86,400 s × 50 d / 8 / 10⁶ = 1.08 TB → 108 yuan; works 9,908; three rates 20 % → 11,889.6; reserve 10 %
    assert cost.parts["storage"] == pytest.approx(108.0)
    assert cost.total == pytest.approx(9_908.0 * 1.2 * 1.1)
    assert cost.yearly == 80.0  # 50 + 10 + 20; the pole is one's own
    assert load_catalogue(file).build_cost("fixed_wide", support="lamp").yearly == 120.0


def test_every_action_that_mends_has_a_price():
    assert all(load_catalogue().action_cost(action) > 0 for action in MENDS)
    assert load_catalogue().action_cost("keep") == 0


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("[classes.face]\ndevise = 3", "devise"),
        ("[actions]\nconect = 3", "connect"),
        ("[actions]\nconnect = -3", "not negative"),
        ("[rates]\ndesign = 3", "at most 1"),
        ("[classes.mine]\nhfov = 40", "vfov"),
        ("[classes.face]\nhfov = 400", "360"),
        ("prices = 3", "prices"),
    ],
)
def test_a_wrong_key_or_number_is_named(tmp_path, text, match):
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        load_catalogue(file)


def test_an_unknown_class_is_named():
    with pytest.raises(InputError, match="fixed_wide"):
        load_catalogue().build_cost("fixed_wid")


def test_a_camera_is_of_the_class_of_its_purpose_and_nearest_lens():
    cameras = pd.DataFrame(
        {"purpose": ["overview", "plate", "other", "overview"], "hfov": [33.0, 60.0, 85.0, 61.0]}
    ).assign(ptz=[False, False, None, True])
    assert load_catalogue().classes_of(cameras).tolist() == ["fixed_long", "plate", "fixed_wide", "dome"]
