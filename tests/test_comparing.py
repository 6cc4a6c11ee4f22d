"""Two studies of a drawn town: each gap that opened, closed or changed names its cause, and the causes add up.

::

    y  80 |            +--------+
          |  +------+  | square |
       20 |  |school|  | camera |
          |  +-gate-+  +---c----+
        0 +---------- 中山路 ------------ x = 300
             100  160  200     260
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from citycover.audit.comparison import Comparison
from citycover.cli import main
from citycover.publish.comparing import compare_studies, list_figures, say_comparison
from citycover.publish.layers import write_layers
from citycover.publish.results import Results
from citycover.publish.summary import write_summary
from citycover.study import run_study
from citycover.study_file import make_study
from osm_drawing import degrees, draw, write

NODES = {1: (0, 0), 2: (300, 0), 3: (100, 20), 4: (160, 20), 5: (160, 70), 6: (100, 70), 7: (130, 20)}
NODES |= {8: (200, 20), 9: (260, 20), 10: (260, 80), 11: (200, 80), 14: (-600, -600), 15: (900, -600)}
NODES |= {16: (900, 600), 17: (-600, 600)}
WAYS = [
    (1, [1, 2], {"highway": "primary", "name": "中山路"}),
    (2, [3, 7, 4, 5, 6, 3], {"amenity": "school", "name": "新吴小学"}),
    (3, [8, 9, 10, 11, 8], {"place": "square", "name": "中心广场"}),
    (4, [14, 15, 16, 17, 14], {"landuse": "construction"}),  # all around: a street of the town, not of the country
]
GATE = {7: {"entrance": "main", "barrier": "gate"}}
CAMERA = {
    "camera_id": "c1",
    "spot": (230, 19),
    "azimuth": 0,
    "hfov": 90,
    "reach": 60,
    "pixels": 1920,
    "mount_height": 3,
}


class Town:
    """Runs studies of the town in a folder; what a test does not change stays as drawn."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.n = folder, 0

    def study(
        self,
        *,
        ways: list[Any] | None = None,
        nodes: dict[int, Any] | None = None,
        cameras: Any = (CAMERA,),
        **keys: Any,
    ) -> Results:
        self.n += 1
        osm = write(self.folder, draw(NODES | (nodes or {}), ways or WAYS, node_tags=GATE), f"town{self.n}.osm")
        area = self.folder / "area.geojson"
        corners = [degrees(x, y) for x, y in ((-20, -60), (320, -60), (320, 160), (-20, 160), (-20, -60))]
        area.write_text(json.dumps({"type": "Polygon", "coordinates": [corners]}), encoding="utf-8")
        raw: dict[str, Any] = {
            "area": area,
            "osm": [{"file": osm}],
            "overlay": "none",
            "date": "2026-01-01",
            "lang": "en",
            **keys,
        }
        if cameras:
            rows = [
                {**c, "status": "in_use", "lon": degrees(*c["spot"])[0], "lat": degrees(*c["spot"])[1]} for c in cameras
            ]
            file = self.folder / f"cameras{self.n}.csv"
            pd.DataFrame(rows).drop(columns="spot").to_csv(file, index=False)
            raw["cameras"] = [{"file": file, "name": "gongan", "datum": "wgs84"}]
        return run_study(make_study(raw))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    return Town(tmp_path_factory.mktemp("town"))


@pytest.fixture(scope="module")
def before(town: Town) -> Results:
    return town.study()


def compared(old: Any, new: Any) -> Comparison:
    """Compare, and check what holds of every comparison: the causes add up, nothing that changed is without one."""
    found = compare_studies(old, new, lang="en")
    rows, by_cause = found.changes, found.by_cause
    a, b = found.old.gaps, found.new.gaps
    assert rows["gaps_change"].sum() == by_cause["gaps_change"].sum() == len(b) - len(a)
    for unit in ("m", "m2", "point"):
        change = b.loc[b["unit"] == unit, "size"].sum() - a.loc[a["unit"] == unit, "size"].sum()
        assert rows.loc[rows["unit"] == unit, "size_change"].sum() == pytest.approx(change, abs=1e-6)
        assert by_cause.loc[by_cause["unit"] == unit, "size_change"].sum() == pytest.approx(change, abs=1e-6)
    moved = (rows["gaps_change"] != 0) | (rows["size_change"].abs() > 1e-6) | ~rows["change"].isin(["same", "grown"])
    assert rows.loc[moved & ~rows["change"].eq("same"), "cause"].notna().all()
    assert rows.loc[rows["cause"].notna(), "cause_words"].str.len().gt(0).all()
    return found


def of(found: Comparison, name: str) -> pd.DataFrame:
    """Return the changes of the gaps of a place, those that stayed left out."""
    rows = found.changes[found.changes["name"].str.contains(name) & found.changes["cause"].notna()]
    return rows[["change", "cause", "cause_ids", "cause_words", "size_change"]]


def test_a_study_compared_with_itself_has_no_change(before: Results) -> None:
    found = compared(before, before)
    assert set(found.changes["change"]) == {"same"}
    assert found.changes["cause"].isna().all()
    assert found.by_cause.empty
    assert say_comparison(found, lang="en")[-1].endswith(f"same {len(before.gaps)}")


def test_a_new_camera_shrinks_and_a_removed_one_opens_a_gap(town: Town, before: Results) -> None:
    # 8 m from the gate and facing it: 960 / 8 = 120 px/m is too little, 960 / 6 = 160 is enough for the entrance
    gate = {**CAMERA, "camera_id": "c2", "spot": (130, 14)}
    after = town.study(cameras=(CAMERA, gate))
    rows = of(compared(before, after), "新吴小学 entrance")
    assert rows[["change", "cause", "cause_ids"]].to_numpy().tolist() == [["closed", "camera", "gongan:c2"]]
    assert rows["cause_words"].tolist() == ["new camera gongan:c2"]
    rows = of(compared(after, before), "新吴小学 entrance")
    assert rows[["change", "cause"]].to_numpy().tolist() == [["opened", "camera"]]
    assert rows["cause_words"].tolist() == ["camera gongan:c2 is no longer registered"]
    turned = town.study(cameras=(CAMERA, {**gate, "azimuth": 180}))
    rows = of(compared(after, turned), "新吴小学 entrance")
    assert rows["cause_words"].tolist() == ["camera gongan:c2 changed (azimuth (°))"]


def test_a_new_building_in_the_view_is_the_cause_and_its_going_too(town: Town, before: Results) -> None:
    nodes = {40: (215, 30), 41: (245, 30), 42: (245, 34), 43: (215, 34)}
    hidden = town.study(nodes=nodes, ways=[*WAYS, (40, [40, 41, 42, 43, 40], {"building": "yes", "name": "新楼"})])
    rows = of(compared(before, hidden), "中心广场")
    assert set(rows["cause"]) == {"building"}
    assert rows["size_change"].sum() > 100
    assert rows.set_index("change").loc["grown", "cause_words"] == "the new building way/40 (新楼) hides it"
    rows = of(compared(hidden, before), "中心广场")
    told = rows.set_index("change").loc["shrunk", "cause_words"]
    assert told == "the building way/40 (新楼) is gone and hides it no more"
    assert set(rows["cause"]) == {"building"}


def test_a_place_that_appears_on_the_map_opens_gaps_and_one_that_goes_closes_them(town: Town, before: Results) -> None:
    nodes = {50: (40, 100), 51: (80, 100), 52: (80, 140), 53: (40, 140)}
    after = town.study(nodes=nodes, ways=[*WAYS, (50, [50, 51, 52, 53, 50], {"place": "square", "name": "东广场"})])
    rows = of(compared(before, after), "东广场")
    assert rows[["change", "cause", "cause_ids"]].to_numpy().tolist() == [["opened", "osm_place", "way/50"]]
    assert rows["cause_words"].tolist() == ["new on the map: way/50 (东广场)"]
    rows = of(compared(after, before), "东广场")
    assert rows[["change", "cause_words"]].to_numpy().tolist() == [["closed", "no longer on the map: way/50 (东广场)"]]


def test_a_stricter_density_is_a_matter_of_criteria(town: Town, before: Results) -> None:
    file = town.folder / "strict.toml"
    file.write_text('origin = "test"\n[components.area]\ndensity = 62.5\n', encoding="utf-8")
    after = town.study(requirements=file)
    rows = of(compared(before, after), "中心广场")
    assert set(rows["cause"]) == {"criteria"}
    assert rows["size_change"].sum() > 100
    assert set(rows["cause_words"]) == {"a higher density or more cameras are asked"}


def test_another_rulebook_closes_and_opens_every_gap(town: Town, before: Results) -> None:
    after = town.study(rulebook="nanchang_2016")
    found = compared(before, after)
    assert set(found.changes["change"]) == {"opened", "closed"}
    assert set(found.changes["cause"]) == {"rulebook"}
    assert set(found.changes["cause_words"]) == {"the rulebook was wuxi_2019 and is nanchang_2016"}


def test_a_decision_that_drops_a_place_is_the_cause(town: Town, before: Results) -> None:
    file = town.folder / "decisions.csv"
    row = {"subject": "place", "id": "way/3", "field": "exists", "value": "no", "decided_by": "联席会议"}
    pd.DataFrame([{**row, "decided_on": "2025-12-01", "why": "已改建"}]).to_csv(file, index=False)
    after = town.study(decisions=file)
    rows = of(compared(before, after), "中心广场")
    assert set(rows["change"]) == {"closed"}
    assert set(rows["cause"]) == {"decision"}
    assert rows["cause_words"].str.contains("way/3 exists=no, 联席会议 2025-12-01").all()


def test_folders_tell_what_results_tell_and_an_earlier_run_tells_its_changes(town: Town, tmp_path: Path) -> None:
    """A street is cut by a new side street, the square is drawn anew, and the run names the earlier folder."""
    bare = town.study(cameras=())
    write_layers(bare, tmp_path / "old" / "layers.gpkg")
    write_summary(bare, tmp_path / "old" / "summary.json")
    nodes = {60: (120, 0), 61: (120, -150)}
    side = (60, [60, 61], {"highway": "residential", "name": "支路"})
    ways = [(1, [1, 60, 2], WAYS[0][2]), WAYS[1], (903, *WAYS[2][1:]), WAYS[3], side]
    after = town.study(nodes=nodes, ways=ways, cameras=(), previous=tmp_path / "old")
    write_layers(after, tmp_path / "new" / "layers.gpkg")
    write_summary(after, tmp_path / "new" / "summary.json")
    found = compared(bare, after)
    rows = pd.DataFrame(found.changes.drop(columns="geometry"))
    for other in (compared(tmp_path / "old", tmp_path / "new").changes, after.gap_changes):
        pd.testing.assert_frame_equal(
            rows, pd.DataFrame(other.drop(columns="geometry")).assign(cause_words=rows["cause_words"])
        )
    square = rows[rows["name"].str.contains("中心广场")]
    assert square["change"].tolist() == ["same"]
    assert square["gap_id"].isin(bare.gaps["gap_id"]).all()
    # 300 m were two gaps of 150; cut at 120 m they are one of 120 and one of 180, and each keeps the id of its part
    street = rows[rows["name"].str.startswith("中山路") & rows["component"].eq("segment")].sort_values("size")
    assert street[["size", "change", "cause"]].round(0).to_numpy().tolist() == [
        [120, "shrunk", "osm_place"],
        [180, "grown", "osm_place"],
    ]
    assert set(street["gap_id"]) == set(bare.gaps.loc[bare.gaps["component"] == "segment", "gap_id"])
    assert list_figures(found)["size_change"]["m"] == pytest.approx(60, abs=0.5)  # of the side street inside the area


def test_the_command_writes_map_workbook_and_figures(
    town: Town, before: Results, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = town.study(cameras=())
    for name, results in (("old", before), ("new", after)):
        write_layers(results, tmp_path / name / "layers.gpkg")
        write_summary(results, tmp_path / name / "summary.json")
    folders = [str(tmp_path / name) for name in ("old", "new")]
    with pytest.raises(SystemExit) as ended:
        main(["compare", *folders, "--out", str(tmp_path / "out"), "--json", "--lang", "en"])
    assert ended.value.code == 0
    told = json.loads(capsys.readouterr().out)
    assert told["new"]["gaps"] == len(after.gaps)
    assert {row["cause"] for row in told["by_cause"]} == {"camera"}
    assert sum(row["gaps_change"] for row in told["by_cause"]) == told["gaps_change"]
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "before_after.html",
        *(f"gap_changes.{k}" for k in ("html", "json", "xlsx")),
    ]
    sheet = pd.read_excel(tmp_path / "out" / "gap_changes.xlsx", sheet_name="Changes of gaps", engine="calamine")
    assert sheet["change"].isin(["grown", "shrunk", "merged"]).all()
    assert len(sheet) == len(compared(before, after).changes.query("cause.notna()"))
    with pytest.raises(SystemExit):
        main(["compare", *folders, "--out", str(tmp_path / "changes.csv")])
    head = (tmp_path / "changes.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert head.startswith("name,change,cause,cause_words,size_before,size,size_change,unit")
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(tmp_path), folders[1]])
    assert ended.value.code == 2
    assert "layers.gpkg" in capsys.readouterr().err
