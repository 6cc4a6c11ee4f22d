"""Who answers for a kind."""

from __future__ import annotations

import pytest

from citycover import terms
from citycover.errors import InputError
from citycover.law.departments import load_departments


def test_every_kind_has_a_department_in_both_languages():
    assert set(load_departments()) == set(load_departments(lang="en")) == set(terms.KINDS)


def test_a_planners_file_with_one_kind_twice_is_refused(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text('[[departments]]\nzh = "甲"\nen = "A"\nkinds = ["park", "park"]\n', encoding="utf-8")
    with pytest.raises(InputError, match="'park' twice"):
        load_departments(path)
