"""What planners do wrong or twice: each is answered, and nothing is counted twice or lost."""

import json
import shutil

import pytest

from citycover.cli import main
from citycover.errors import AreaError, StudyError
from citycover.study import run_study, sample_folder
from citycover.study_file import make_study, read_study


def call(capsys, *arguments):
    with pytest.raises(SystemExit) as end:
        main([str(a) for a in arguments])
    printed = capsys.readouterr()
    return end.value.code or 0, printed.out, printed.err


def study_of(**changes):
    return make_study({"date": "2026-03-01", "osm": [{"file": sample_folder() / "district.osm"}]} | changes)


def register(path, rows=20):
    lines = [f"c{i},{120.295 + i * 1e-4:.6f},{31.568:.6f}" for i in range(rows)]
    path.write_text("camera_id,lon,lat\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_the_language_of_a_study_file_holds_unless_a_flag_says_otherwise(capsys, tmp_path):
    shutil.copy(sample_folder() / "district.osm", tmp_path)
    (tmp_path / "study.toml").write_text('lang = "en"\n[[osm]]\nfile = "district.osm"\n', encoding="utf-8")
    main_out = tmp_path / "out"
    code, out, _ = call(capsys, "run", tmp_path / "study.toml", "--out", main_out)
    assert code == 0
    assert "gaps" in out
    assert "缺口" not in out
    assert json.loads((main_out / "summary.json").read_text("utf-8"))["five_figures"][0].startswith("mandates")


def test_the_same_register_given_twice_is_refused_whatever_its_name(tmp_path):
    first = register(tmp_path / "a.csv")
    second = shutil.copy(first, tmp_path / "b.csv")
    with pytest.raises(StudyError, match="twice"):
        run_study(study_of(cameras=[{"file": f, "datum": "wgs84"} for f in (first, second)]))


def test_ids_of_a_register_stay_when_another_one_joins(tmp_path):
    """A decision made for a.csv alone must still find its camera when b.csv is added."""
    first, second = register(tmp_path / "a.csv"), register(tmp_path / "b.csv", rows=7)
    alone = run_study(study_of(cameras=[{"file": first, "datum": "wgs84"}])).cameras
    both = run_study(study_of(cameras=[{"file": f, "datum": "wgs84"} for f in (second, first)])).cameras
    assert set(alone["camera_id"]) <= set(both["camera_id"])
    assert "a:c3" in set(alone["camera_id"])


def test_an_area_file_without_shapes_and_a_folder_as_study_file_are_answered(capsys, tmp_path):
    with pytest.raises(AreaError, match=r"a\.csv"):
        run_study(study_of(area=register(tmp_path / "a.csv")))
    with pytest.raises(StudyError, match="study file"):
        read_study(tmp_path)
    code, _, err = call(capsys, "run", "--osm", sample_folder() / "district.osm", "--requirements", tmp_path)
    assert code == 2
    assert "folder" in err


def test_check_goes_on_to_the_next_file_after_one_that_cannot_be_read(capsys, tmp_path):
    good = register(tmp_path / "good.csv")
    (tmp_path / "bad.csv").write_text("编号,名称\n1,甲\n", encoding="utf-8")
    code, out, err = call(capsys, "check", tmp_path / "bad.csv", good, "--datum", "wgs84", "--json")
    assert code == 2
    bad, fine = json.loads(out)
    assert "bad.csv" in bad["error"] or bad["file"] == "bad.csv"
    assert (fine["file"], fine["rows"], fine["rejects"]) == ("good.csv", 20, [])
    assert "citycover:" in err


def test_a_datum_without_a_register_is_a_mistake_and_says_so(capsys):
    code, _, err = call(capsys, "run", "--osm", sample_folder() / "district.osm", "--datum", "gcj02")
    assert code == 2
    assert "--cameras" in err


def test_tables_of_a_study_file_are_explained_in_its_own_words(tmp_path):
    (tmp_path / "study.toml").write_text('osm = "a.osm"\n', encoding="utf-8")
    with pytest.raises(StudyError, match=r"\[\[osm\]\]"):
        read_study(tmp_path / "study.toml")
    (tmp_path / "study.toml").write_text('[[osm]]\nfile = "a.osm"\nrulebook = "wuxi_2019"\n', encoding="utf-8")
    with pytest.raises(StudyError, match="before the first"):
        read_study(tmp_path / "study.toml")


def test_an_unknown_language_is_refused_by_every_command(capsys):
    assert call(capsys, "rulebooks", "--lang", "fr", "--json")[0] == 2
