"""The numbers that decide what must be seen: ours, and a planner's laid over them."""

from __future__ import annotations

from pathlib import Path

import pytest

from citycover import terms
from citycover.audit.requirements import load_requirements
from citycover.errors import InputError


def write(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "requirements.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_our_defaults_are_marked_as_ours_and_cover_every_component() -> None:
    ours = load_requirements()
    assert ours.origin == "ours"
    assert set(ours.components) == set(terms.COMPONENTS)
    assert set(ours.indoor) <= set(terms.PARTS)
    assert set(ours.priority.kinds) <= set(terms.KINDS)
    assert set(ours.priority.roads) == set(terms.ROAD_CLASSES)
    assert set(ours.priority.duty) == set(terms.STANDINGS)


@pytest.mark.parametrize(
    ("component", "density"),
    [("segment", 25), ("area", 25), ("junction", 62.5), ("passage", 62.5), ("ring", 62.5), ("entrance", 125)],
)
def test_default_densities_are_those_of_the_project(component: str, density: float) -> None:
    assert load_requirements().need("site_per_plan", component).density == density  # type: ignore[arg-type]


def test_the_priority_of_any_gap_stays_within_a_hundred() -> None:
    rules = load_requirements().priority
    assert max(rules.duty.values()) + rules.kind_weight + rules.road_weight + rules.size_weight <= 100


def test_a_planners_file_changes_only_what_it_names(tmp_path: Path) -> None:
    file = write(tmp_path, "[parts.entrances_and_perimeter.entrance]\ndensity = 250\n[components.ring]\ncameras = 2\n")
    ours, theirs = load_requirements(), load_requirements(file)
    assert theirs.need("entrances_and_perimeter", "entrance").density == 250
    assert theirs.need("public_parts", "entrance") == ours.need("public_parts", "entrance")
    assert theirs.need("public_parts", "ring").cameras == 2
    assert theirs.need("public_parts", "ring").density == ours.need("public_parts", "ring").density
    assert theirs.origin == "requirements.toml"
    assert theirs.ground == ours.ground


@pytest.mark.parametrize(
    ("text", "nearest"),
    [
        ("[components.entrence]\ndensity = 25\n", "components.entrance"),
        ("[components.entrance]\ndensty = 25\n", "components.entrance.density"),
        ("[parts.public_part.entrance]\ndensity = 25\n", "parts.public_parts"),
        ("[priority.kinds]\ntunel = 1\n", "priority.kinds.tunnel"),
        ("[grund]\ncell = 5\n", "ground"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_right_one(tmp_path: Path, text: str, nearest: str) -> None:
    with pytest.raises(InputError, match=f"nearest right one: {nearest}"):
        load_requirements(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[components.entrance]\ncameras = 3\n", "components.entrance.cameras"),
        ("[components.ring]\ndensity = -1\n", "components.ring.density"),
        ("[states]\ncovered_share = 95\n", "states.covered_share"),
        ("[states\n", "needed TOML"),
    ],
)
def test_an_impossible_value_is_refused_by_name(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_requirements(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere.toml"):
        load_requirements(tmp_path / "nowhere.toml")


def test_a_plain_text_of_the_checklist_stands_for_both_languages(tmp_path: Path) -> None:
    theirs = load_requirements(write(tmp_path, '[indoor]\nkey_parts = "查看机房"\n'))
    assert {theirs.indoor["key_parts"].in_language(lang) for lang in ("zh", "en")} == {"查看机房"}
    assert theirs.indoor["business_premises"] == load_requirements().indoor["business_premises"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[indoor.key_parts]\nzh = "查看机房"\n', "indoor.key_parts.en"),
        ('[indoor.key_parts]\nzh = "查看机房"\neng = "look"\n', "nearest right one: indoor.key_parts.en"),
        ('[indoor]\nkey_parts = ""\n', "indoor.key_parts"),
        ("[indoor]\nkey_parts = 3\n", "indoor.key_parts"),
    ],
)
def test_a_text_of_the_checklist_that_lacks_a_language_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_requirements(write(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[components.entrance]\nfacing = "both"\n', "components.entrance.facing: needed any or front, given both"),
        ('[parts.public_parts.area]\nfacing = "front"\n', "parts.public_parts.area.facing: needed any, given front"),
    ],
)
def test_a_side_that_a_component_does_not_have_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_requirements(write(tmp_path, text))
