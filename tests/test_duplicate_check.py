"""The command `citycover duplicates`: exit codes, files, memory, datums; by hand-made lists."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest

from browsing import visit
from citycover.cli import main
from citycover.geo import gcj02_from_wgs84
from citycover.study import sample_folder

HEADER = "camera_id,lon,lat,azimuth,hfov,reach,pixels,purpose,owner,owner_class,status,networked,retention_days\n"
ROOT = Path(__file__).resolve().parents[1]


def row(name: str, *, east: float = 0.0, azimuth: str = "0", owner: str = "甲", status: str = "in_use") -> str:
    """A police camera near 120.3 E, 31.57 N; 0.00001 degrees of longitude are 0.95 m there."""
    lon = 120.3 + east / 94_900.0
    return f"{name},{lon:.7f},31.57,{azimuth},60,40,1920,overview,{owner},police,{status},yes,30\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "register.csv").write_text(HEADER + row("E1"), encoding="utf-8")
    (tmp_path / "same.csv").write_text(HEADER + row("P1", east=0.5, status="planned"), encoding="utf-8")
    (tmp_path / "other.csv").write_text(HEADER + row("P1", azimuth="180", status="planned"), encoding="utf-8")
    (tmp_path / "unsure.csv").write_text(HEADER + row("E1", azimuth="", owner="乙"), encoding="utf-8")
    (tmp_path / "broken.csv").write_text(
        HEADER + row("P1", east=0.5, status="planned") + row("P2").replace("120.3", "x120.3"), encoding="utf-8"
    )
    return tmp_path


def run(*arguments) -> int:
    try:
        main(["duplicates", *map(str, arguments)])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_none_certain_possible_and_bad_input_have_their_exit_codes(files, capsys):
    register = ("--existing", files / "register.csv", "--datum", "wgs84")
    assert run(files / "other.csv", *register) == 0
    assert run(files / "same.csv", *register) == 1
    unsure = ("--existing", files / "unsure.csv", "--datum", "wgs84")
    assert run(files / "same.csv", *unsure) == 0
    assert run(files / "same.csv", *unsure, "--strict") == 1
    assert run(files / "missing.csv", *register) == 2
    assert run(files / "same.csv", "--existing", files / "register.csv", "--datum", "mars") == 2
    assert run(files / "same.csv", *register, "--out", files / "pairs.pdf") == 2


def test_one_unreadable_row_makes_2_and_the_findings_are_still_written(files, capsys):
    out = files / "pairs.csv"
    assert run(files / "broken.csv", "--existing", files / "register.csv", "--datum", "wgs84", "--out", out) == 2
    found = pd.read_csv(out)
    assert found["action"].tolist() == ["drop"]
    assert "broken.csv, row 3" in capsys.readouterr().err


def draw_wall(folder: Path) -> Path:
    """A street, and from 0.2 m to 0.4 m east of the register's camera a wall-like house, 60 m long to the north."""
    corners = [(0.2, -5.0), (0.4, -5.0), (0.4, 60.0), (0.2, 60.0)]
    nodes = {1: (-50.0, -20.0), 2: (50.0, -20.0)} | {10 + i: corner for i, corner in enumerate(corners)}
    lines = ['<osm version="0.6" generator="test">']
    for number, (x, y) in nodes.items():
        lines.append(
            f'<node id="{number}" version="1" lon="{120.3 + x / 94_900:.8f}" lat="{31.57 + y / 110_870:.8f}"/>'
        )
    for number, refs, tag in ((1, [1, 2], ("highway", "residential")), (2, [10, 11, 12, 13, 10], ("building", "yes"))):
        ends = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        lines.append(f'<way id="{number}" version="1">{ends}<tag k="{tag[0]}" v="{tag[1]}"/></way>')
    path = folder / "wall.osm"
    path.write_text("\n".join([*lines, "</osm>"]), encoding="utf-8")
    return path


def test_a_wall_on_the_map_makes_the_difference_and_every_exit_code_holds_with_the_map_too(files, capsys):
    register = ("--existing", files / "register.csv", "--datum", "wgs84")
    osm = ("--osm", draw_wall(files))
    assert run(files / "same.csv", *register, "--json") == 1
    assert json.loads(capsys.readouterr().out)["open_field"] is True
    assert run(files / "same.csv", *register, *osm, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["open_field"], told["by_reason"]) == (False, {"alone": 1})
    assert run(files / "broken.csv", *register, *osm) == 2
    beside = (files / "beside.csv", files / "west.csv")
    for path, name, east in ((beside[0], "P1", -1.0), (beside[1], "E1", -0.6)):
        path.write_text(HEADER + row(name, east=east, status="planned" if name == "P1" else "in_use"), encoding="utf-8")
    assert run(beside[0], "--existing", beside[1], "--datum", "wgs84", *osm) == 1  # both on one side of the wall


def test_a_register_may_be_held_against_itself(files, capsys):
    both = files / "both.csv"
    unsure = {"azimuth": ""}
    both.write_text(
        HEADER
        + row("E1", **unsure)
        + row("E2", east=3.0, **unsure)
        + row("E3", east=900.0, **unsure)
        + row("E4", east=903.0, owner="乙", **unsure),
        encoding="utf-8",
    )
    assert run(both, "--existing", both, "--datum", "wgs84", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["proposed"], told["existing"]) == (4, 0)
    assert told["by_reason"] == {"pose_unknown": 2, "one_owner": 2}


def test_a_proposal_without_a_status_is_planned_and_its_share_is_of_the_criteria(files, capsys):
    text = (files / "same.csv").read_text(encoding="utf-8").replace(",planned,", ",,").replace("P1", "P1", 1)
    (files / "bare.csv").write_text(text.replace(",0,60,40", ",,60,40"), encoding="utf-8")
    check = (files / "bare.csv", "--existing", files / "unsure.csv", "--datum", "wgs84")
    assert run(*check, "--json") == 0
    assert json.loads(capsys.readouterr().out)["possible"] == 1  # taken as in use it would be one owner's other way
    (files / "criteria.toml").write_text("duplicate_share = 0.99\n", encoding="utf-8")
    same = (files / "same.csv", "--existing", files / "register.csv", "--datum", "wgs84")
    assert run(*same) == 1
    assert run(*same, "--criteria", files / "criteria.toml") == 0
    assert run(*same, "--criteria", files / "criteria.toml", "--share", "0.9") == 1


def test_json_tells_pairs_money_certificate_and_that_it_was_open_field(files, capsys):
    run(files / "same.csv", "--existing", files / "register.csv", "--datum", "wgs84", "--json")
    told = json.loads(capsys.readouterr().out)
    assert (told["certain"], told["by_action"], told["open_field"]) == (1, {"drop": 1}, True)
    assert [(r["camera_a"], r["camera_b"]) for r in told["rows"]] == [("same:P1", "register:E1")]
    assert told["smallest"] == {"number": 0, "bound": 0, "gap": 0.0, "chosen": []}
    assert told["saving_made_up"] is True
    assert set(told["inputs_sha256"]) == {"same.csv", "register.csv"}


def test_the_list_and_the_register_may_be_in_different_datums(files):
    """The same spot, written in GCJ-02: some 500 m off in numbers, and still the same camera."""
    lon, lat = gcj02_from_wgs84([120.3 + 0.5 / 94_900.0], [31.57])
    text = row("P1", status="planned").replace("120.3000000,31.57", f"{lon[0]:.7f},{lat[0]:.7f}")
    (files / "gcj.csv").write_text(HEADER + text, encoding="utf-8")
    both = ("--existing", files / "register.csv", "--existing", files / "other.csv")
    assert run(files / "gcj.csv", *both, "--datum", "gcj02", "--datum", "wgs84") == 1
    assert run(files / "gcj.csv", *both, "--datum", "wgs84") == 0
    assert run(files / "gcj.csv", *both, "--datum", "gcj02", "--datum", "wgs84", "--datum", "wgs84") == 1
    assert run(files / "gcj.csv", *both, *["--datum", "gcj02"] * 4) == 2


def test_a_meeting_decides_once(files):
    """A pair that is settled is written to the file, honoured at once and in the next run."""
    memory = files / "not_duplicates.csv"
    check = (files / "same.csv", "--existing", files / "register.csv", "--datum", "wgs84", "--not-duplicates", memory)
    settle = ("--settle", "P1=E1", "--by", "联席会议", "--why", "=两侧各一", "--date", "2026-03-05")
    assert run(*check, *settle) == 0
    assert run(*check, "--json", "--date", "2026-04-01") == 0
    kept = pd.read_csv(memory)
    assert kept[["camera_a", "camera_b", "decided_by", "decided_on"]].values.tolist() == [
        ["P1", "E1", "联席会议", "2026-03-05"]
    ]
    assert kept["why"].tolist() == ["'=两侧各一"]  # a spreadsheet runs no formula of it
    assert run(*check, *settle) == 0
    assert len(pd.read_csv(memory)) == 1
    assert run(*check[:-2], "--settle", "P1=E1") == 2


def test_a_settled_pair_ends_with_its_day_and_a_lost_one_is_listed(files, capsys):
    memory = files / "not_duplicates.csv"
    memory.write_text(
        "拟建摄像机,现有摄像机,决定人,决定日期,有效期至\nP1,E1,张工,2025-01-01,2025-12-31\nP1,E9,张工,2025-01-01,\n",
        encoding="utf-8",
    )
    check = (files / "same.csv", "--existing", files / "register.csv", "--datum", "wgs84", "--not-duplicates", memory)
    assert run(*check, "--date", "2025-06-01", "--json") == 0
    assert json.loads(capsys.readouterr().out)["rows"][0]["decided_by"] == "张工"
    assert run(*check, "--date", "2026-01-01", "--json") == 1
    assert json.loads(capsys.readouterr().out)["settled"] == {"expired": 1, "stale": 1}


def test_every_form_of_output_holds_the_pair_and_is_for_its_owner_only(files):
    outs = [files / f"pairs{end}" for end in (".html", ".xlsx", ".gpkg", ".geojson", ".csv")]
    flags = [word for out in outs for word in ("--out", out)]
    assert run(files / "same.csv", "--existing", files / "register.csv", "--datum", "wgs84", *flags) == 1
    layer = gpd.read_file(files / "pairs.gpkg", layer="duplicates")
    assert layer["camera_b"].tolist() == ["register:E1"]
    assert 0.3 < layer.geometry.length[0] < 0.7  # metres: from the one to the other
    degrees = gpd.read_file(files / "pairs.geojson")
    assert abs(degrees.geometry[0].bounds[0] - 120.3) < 1e-4
    assert "重复建设" in zipfile.ZipFile(files / "pairs.xlsx").read("xl/workbook.xml").decode("utf-8")
    page = (files / "pairs.html").read_text(encoding="utf-8")
    assert "内部资料" in page
    assert "default-src 'none'" in page  # the page may ask nobody for anything
    if sys.platform != "win32":
        assert {oct(out.stat().st_mode & 0o777) for out in outs} == {"0o600"}


def test_the_csv_has_the_names_of_the_table_and_the_terminal_names_the_pairs(files, capsys):
    out = files / "pairs.csv"
    register = ("--existing", files / "register.csv", "--datum", "wgs84")
    run(files / "same.csv", *register, "--out", out)
    assert {"camera_a", "camera_b", "shared_share", "reason", "action", "saving"} <= set(pd.read_csv(out).columns)
    said = capsys.readouterr().out
    assert "  same:P1：取消；register:E1；" in said
    assert "按开阔地判断" in said


@pytest.mark.browser
def test_the_small_map_joins_the_pair_and_says_what_who_why_and_how_much(files, browser):
    out = files / "pairs.html"
    run(
        files / "same.csv",
        *("--existing", files / "register.csv", "--datum", "wgs84", "--rulebook", "changzhou_2014", "--out", out),
    )
    with visit(browser, out) as visited:
        page = visited.page
        page.fill("#cc-search", "P1")
        page.click(".cc-found button")
        card = page.locator(".cc-card")
        card.wait_for()
        told = card.inner_text()
        panel = page.locator("body").inner_text()
        visited.check_quiet(out.as_uri())
    for words in ("取消", "register:E1", "甲", "第六条第二款", "节约（元）", "公共空间建设主体", "第八条第三款"):
        assert words in told, words
    assert "未计入（按开阔地判断）" in panel
    assert "摄像机视域" in panel  # the views of both


def test_with_the_map_and_the_regulation_the_known_ones_of_the_district_are_found(tmp_path, capsys):
    folder = sample_folder()
    code = run(
        folder / "proposed.csv",
        *("--existing", folder / "cameras.csv", "--existing", folder / "cameras_estates.csv"),
        *("--datum", "gcj02", "--datum", "gcj02", "--datum", "wgs84"),
        *("--osm", folder / "district.osm", "--rulebook", "wuxi_2019"),
        *("--requirements", folder / "requirements.toml", "--json", "--lang", "en"),
    )
    told = json.loads(capsys.readouterr().out)
    assert code == 1
    assert told["by_action"] == {"drop": 7, "connect": 2, "repair": 1, "upgrade": 1, "co-locate": 3, "keep": 17}
    assert told["smallest"]["number"] == told["smallest"]["bound"] == 31 - 7
    assert told["open_field"] is False
    assert told["repeats"]["same_id"] >= 1  # the register's row that stands twice


def test_the_script_for_schedulers_does_the_same(files):
    script = ROOT / "scripts" / "find_duplicates.py"
    flags = ["--existing", files / "register.csv", "--datum", "wgs84"]
    done = subprocess.run([sys.executable, script, files / "same.csv", *flags], capture_output=True, check=False)
    assert done.returncode == 1, done.stderr
