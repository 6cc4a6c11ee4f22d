"""The declared tables: checked at the door with all faults in one message, and written into the docs as they stand."""

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from checkout import ROOT
from citycover import tables, terms
from citycover.errors import TableError


def test_the_column_tables_in_the_docs_are_those_of_the_declarations():
    assert (ROOT / "docs" / "columns.md").read_text(encoding="utf-8") == tables.document()


def test_no_table_has_a_column_that_geodataframe_would_hide():
    assert not [t.name for t in tables.TABLES.values() for c in t.columns if c.name in {"area", "length_", "bounds"}]


def test_every_key_is_a_required_column():
    for table in tables.TABLES.values():
        required = {c.name for c in table.columns if not c.nullable}
        assert set(table.key) <= required, table.name


def test_all_faults_of_a_table_come_in_one_message():
    frame = tables.conform("place_kinds", [{"place_id": "way/1", "kind": "palace"}] * 2)
    with pytest.raises(TableError) as caught:
        tables.check(frame.drop(columns="candidate"), "place_kinds")
    for part in ("columns missing: candidate", "column evidence", "'palace'"):
        assert part in str(caught.value)
    with pytest.raises(TableError, match="key place_id, kind must be unique"):
        tables.check(frame, "place_kinds")


def test_geometry_in_degrees_is_refused():
    frame = tables.conform("places", gpd.GeoDataFrame({"place_id": ["a"]}, geometry=[shapely.Point(0, 0)], crs=4326))
    with pytest.raises(TableError, match="metric"):
        tables.check(frame, "places")


def test_conform_keeps_unknown_unknown_and_its_input_unchanged():
    rows = pd.DataFrame({"camera_id": ["a"], "azimuth": [None], "extra": [1]})
    before = rows.copy()
    out = tables.conform("cameras", rows, crs=32650)
    assert out["azimuth"].isna().all()
    assert out["count"].isna().all()
    assert out.columns[-2] == "extra" or "extra" in out.columns
    pd.testing.assert_frame_equal(rows, before)


def test_a_value_of_the_wrong_type_is_named_with_its_table_and_column():
    with pytest.raises(TableError, match="table cameras, column azimuth"):
        tables.conform("cameras", [{"camera_id": "a", "azimuth": "north"}])


def test_every_term_has_a_label_in_both_languages():
    for name, vocabulary in vars(terms).items():
        if isinstance(vocabulary, dict) and name.isupper():
            for term, label in vocabulary.items():
                assert len(label) == 2, (name, term)
                assert term == "" or all(label), (name, term)
