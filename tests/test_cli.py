"""The command line: exit codes, messages that a planner can act on, machine-readable answers."""

import json

import pytest

from citycover.cli import main
from citycover.study import sample_folder


def call(capsys, *arguments):
    """Run the command line; return exit code, standard output and standard error."""
    with pytest.raises(SystemExit) as end:
        main([str(a) for a in arguments])
    printed = capsys.readouterr()
    return end.value.code or 0, printed.out, printed.err


def test_every_command_has_a_help_with_an_example(capsys):
    for command in ("demo", "run", "fetch", "check", "rulebooks", "package", "papers", "compare", "export"):
        code, out, _ = call(capsys, command, "--help")
        assert code == 0
        assert f"Example: citycover {command}" in " ".join(out.split())
        assert "--lang" in out
        assert "--json" in out


def test_rulebooks_are_listed_and_shown_in_both_languages(capsys):
    code, out, _ = call(capsys, "rulebooks")
    assert code == 0
    assert "wuxi_2019" in out
    zh, en = (call(capsys, "rulebooks", "wuxi_2019", "--lang", lang)[1] for lang in ("zh", "en"))
    assert "第八条（六）" in zh
    assert "城市道路" in zh
    assert "Urban roads" in en
    for title in ("未设专门罚款的义务", "鼓励（自愿）", "其他与规划有关的条款"):
        assert title in zh
    assert "第十条第三款" in zh  # the encouragement
    assert "run by departments" in en  # whom art. 21 binds


def test_a_rulebook_as_data_holds_what_scripts_rely_on(capsys):
    _, out, _ = call(capsys, "rulebooks", "wuxi_2019", "--json")
    book = json.loads(out)
    assert {"items", "bans", "deadlines", "penalties", "out_of_scope"} <= set(book)
    assert [e["article"] for e in book["encouragements"]] == ["第十条第三款"]
    assert "第十四条" in [e["article"] for e in book["unfined"]]
    (networking,) = [e for e in book["clauses"] if e["topic"] == "networking"]
    assert (networking["article"], networking["applies_to"]) == ("第二十一条", ["departments_systems"])
    assert {"article", "item", "kind", "part", "builder", "qualifier", "term"} <= set(book["items"][0])
    (road,) = [row for row in book["items"] if row["kind"] == "urban_road"]
    assert (road["article"], road["item"], road["builder"]) == ("第八条", "（六）", "government")


def test_check_answers_found_with_exit_code_1_and_names_row_and_column(capsys):
    code, out, _ = call(
        capsys, "check", sample_folder() / "cameras.csv", "--as", "cameras", "--datum", "gcj02", "--json"
    )
    assert code == 1
    (finding,) = json.loads(out)
    assert finding["rejects"]
    assert all(reject["row"] and reject["reason"] for reject in finding["rejects"])


def test_a_register_without_a_datum_is_refused_with_the_choices(capsys):
    code, _, err = call(capsys, "check", sample_folder() / "cameras.csv")
    assert code == 2
    assert "gcj02" in err
    assert "wgs84" in err


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["run"], "--osm"),
        (["run", "--osm", "nowhere.osm"], "nowhere.osm"),
        (["run", "--osm", "a.osm", "--cameras", "b.csv"], "--datum"),
        (["run", "--osm", "a.osm", "--lang", "fr"], "--lang"),
        (["run", "s.toml", "--osm", "a.osm"], "study file or flags"),
        (["rulebooks", "wuxi_2091"], "wuxi_2019"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(capsys, arguments, needed):
    code, _, err = call(capsys, *arguments)
    assert code == 2
    assert needed in err
    assert "Traceback" not in err


def test_a_wrong_key_of_a_study_file_is_answered_with_the_nearest_right_one(capsys, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text('rulebok = "wuxi_2019"\n[[osm]]\nfile = "a.osm"\n[[cameras]]\nfile = "b.csv"\ndattum = "wgs84"\n')
    code, _, err = call(capsys, "run", file)
    assert code == 2
    assert "did you mean 'rulebook'" in err
    assert "did you mean 'datum'" in err
