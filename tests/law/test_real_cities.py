"""All four city rulebooks on real extracts: each mandate has an item, a standing, a builder and the rule behind it."""

import pytest

from citycover import tables
from citycover.city.read import read_osm
from citycover.law.builders import assign_builders
from citycover.law.mandates import find_mandates
from citycover.law.rulebook import list_rulebooks, load_rulebook

CITIES = [i for i in list_rulebooks() if load_rulebook(i).role == "city"]
EXTRACTS = ("nanjing_xinjiekou.osm", "monaco.osm.pbf")


@pytest.fixture(scope="module", params=EXTRACTS)
def city(request, shared_data):
    return read_osm(shared_data / request.param)


def test_there_are_four_cities():
    assert {"changzhou_2014", "chongqing_2016", "nanchang_2016", "wuxi_2019"} <= set(CITIES)


@pytest.mark.parametrize("rulebook", CITIES)
def test_every_mandate_on_real_streets_is_answered_by_its_own_city(city, rulebook):
    book, national = load_rulebook(rulebook), load_rulebook("national_2025")
    mandates = assign_builders(find_mandates(city, book), book, overlay=national, on="2026-11-20")
    tables.check(mandates, "mandates")
    items = {(item.article, item.item) for item in book.items}
    assert set(zip(mandates["article"], mandates["item"].fillna(""), strict=True)) <= items
    assert mandates["builder"].notna().all()
    assert set(mandates["builder_rule"].str.split("/").str[0]) == {rulebook}
    assert mandates["builder_effective"].notna().all()
    # junctions, main roads and bridges stand in every city in one form or another
    assert {"road_junction", "urban_road", "bridge"} & set(mandates["kind"])
    if rulebook == "nanchang_2016":  # no builder article: never borrowed from another city
        assert set(mandates["builder"]) == {"unspecified"}


@pytest.mark.parametrize("rulebook", CITIES)
def test_what_the_higher_law_changes_is_flagged_and_the_citys_answer_kept(city, rulebook):
    book, national = load_rulebook(rulebook), load_rulebook("national_2025")
    found = find_mandates(city, book)
    alone = assign_builders(found, book)
    laid = assign_builders(found, book, overlay=national, on="2026-11-20")
    before = assign_builders(found, book, overlay=national, on="2025-03-31")
    assert laid["builder"].tolist() == alone["builder"].tolist() == before["builder"].tolist()
    assert not before["overlay_conflict"].fillna(False).any()  # in force from 2025-04-01
    differs = (laid["builder_effective"] != laid["builder"]) & laid["overlay_conflict"].fillna(False)
    assert laid.loc[differs, "overlay_article"].notna().all()
