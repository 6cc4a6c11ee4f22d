from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from citycover.publish.figures import gather_figures
from citycover.publish.results import Results
from citycover.publish.summary import five_figures, format_share, write_summary


def test_counts_are_those_of_the_town(results: Results, headline: pd.DataFrame) -> None:
    """Counted by hand in ``conftest.py``."""
    figures = gather_figures(results, headline=headline)
    assert figures["mandates"]["by_standing"] == {"named": 2, "undecided": 1}
    assert figures["gaps"]["by_builder"] == {
        "government": {"gaps": 1, "m": 0.0, "m2": 2400.0, "point": 0.0},
        "manager": {"gaps": 2, "m": 120.0, "m2": 0.0, "point": 1.0},
        "review": {"gaps": 1, "m": 0.0, "m2": 1.5, "point": 0.0},
    }
    assert (figures["gaps"]["total"], figures["gaps"]["undecided"]) == (5, 1)
    assert figures["cameras"]["by_counts"] == {"yes": 1, "range": 1, "no": 2}
    assert figures["cameras"]["by_reason"] == {"not_in_use": 1, "indoor": 1}
    assert figures["unknown"]["azimuth_unknown"] == 1  # the one that does not count is not asked
    assert figures["unknown"]["height_unknown"] == 1
    assert figures["seen"]["m2"]["share_expected"] == 0.6


def test_units_are_never_added_and_shared_ground_never_summed(results: Results) -> None:
    """Without a headline, where each target counts once, nothing is said about what is seen."""
    assert "seen" not in gather_figures(results)


def test_the_five_figures_name_what_is_undecided_and_unknown(results: Results, headline: pd.DataFrame) -> None:
    full = replace(results, figures=gather_figures(results, headline=headline))
    sentences = five_figures(full, lang="en")
    assert len(sentences) == 5
    assert "1 more whose duty is undecided" in sentences[2]
    assert "indoor camera 1" in sentences[3]
    assert "cameras of unknown azimuth 1" in sentences[4]
    assert all(any("\u4e00" <= c <= "\u9fff" for c in sentence) for sentence in five_figures(full, lang="zh"))


def test_a_study_without_cameras_says_that_it_has_no_register(empty_results: Results) -> None:
    assert five_figures(empty_results, lang="en")[3] == "cameras: the study has no camera register"


def test_the_summary_is_json_that_any_reader_takes(results: Results, headline: pd.DataFrame, tmp_path: Path) -> None:
    figures = gather_figures(results, headline=headline) | {"odd": [np.float64("nan"), np.int64(3)]}
    file = write_summary(replace(results, figures=figures), tmp_path / "summary.json")
    said = json.loads(file.read_text(encoding="utf-8"), parse_constant=lambda word: 1 / 0)
    assert said["classification"] == "内部资料"
    assert said["figures"]["odd"] == [None, 3]
    assert said["inputs_sha256"] == {"town.osm": "0" * 64}
    assert said["defaults_used"] == {"mount_height": 2}
    assert said["versions"]["pandas"] == pd.__version__
    assert file.stat().st_mode & 0o077 == 0


@given(st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True))
def test_a_share_that_is_not_all_never_reads_as_all_nor_as_none(share: float) -> None:
    assert format_share(share) not in ("0.0 %", "100.0 %")
