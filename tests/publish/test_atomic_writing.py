from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from citycover.errors import OutputError
from citycover.publish.files import replacing
from citycover.publish.layers import write_layers
from citycover.publish.results import Results


def test_the_old_file_stays_when_writing_fails(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(ZeroDivisionError), replacing(file) as fresh:
        fresh.write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]  # nothing half-written lies about


def test_the_new_file_takes_the_place_of_the_old_one_and_leaves_nothing_beside(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "a.txt"
    for words in ("one", "two"):
        with replacing(file) as fresh:
            fresh.write_text(words, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == "two"
    assert list(file.parent.iterdir()) == [file]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_only_its_owner_may_read_a_restricted_file(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        with replacing(tmp_path / "a") as fresh:
            fresh.write_text("x", encoding="utf-8")
            assert fresh.parent.stat().st_mode & 0o077 == 0  # nor while it is written
        with replacing(tmp_path / "b", private=False) as fresh:
            fresh.write_text("x", encoding="utf-8")
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o644


def test_a_file_held_by_another_program_is_told_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("citycover.publish.files.os.replace", refuse)
    with (
        pytest.raises(OutputError, match=r"workbook.xlsx.*close the program"),
        replacing(tmp_path / "workbook.xlsx") as fresh,
    ):
        fresh.write_text("x", encoding="utf-8")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="needed a folder"), replacing(tmp_path / "file" / "a.txt"):
        pass


def test_a_geopackage_that_fails_half_way_leaves_the_old_one(
    tmp_path: Path, results: Results, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "layers.gpkg"
    write_layers(results, file)
    before = file.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("citycover.publish.layers.add_styles", fail)
    with pytest.raises(OSError, match="No space"):
        write_layers(results, file)
    assert file.read_bytes() == before
