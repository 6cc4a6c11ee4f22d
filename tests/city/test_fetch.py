"""`fetch_osm`: the one module with a network code path, tried against a made service."""

import geopandas as gpd
import osmium
import osmnx
import pytest
import requests
from osmnx import _overpass
from shapely.geometry import box

from citycover.city.fetch import fetch_osm
from citycover.errors import AreaError, InputError, NetworkError

ANSWER = {
    "elements": [
        {"type": "way", "id": 5, "nodes": [1, 2], "tags": {"highway": "primary", "name": "中山路"}},
        {"type": "node", "id": 2, "lat": 31.001, "lon": 120.001},
        {"type": "node", "id": 1, "lat": 31.0, "lon": 120.0},
        {"type": "relation", "id": 9, "members": [{"type": "way", "ref": 5, "role": ""}], "tags": {"type": "route"}},
    ]
}


@pytest.fixture
def service(monkeypatch):
    """A service that knows one place and answers with one street."""
    place = gpd.GeoDataFrame(geometry=[box(120.0, 31.0, 120.01, 31.01)], crs=4326)
    monkeypatch.setattr(osmnx, "geocode_to_gdf", lambda name: place)
    monkeypatch.setattr(_overpass, "_overpass_request", lambda data: ANSWER)


def test_a_fetched_place_is_an_osm_file_in_the_order_of_osm_files(service, tmp_path):
    path = fetch_osm("无锡市新吴区", tmp_path / "place.osm.pbf")
    found = [(e.type_str() + str(e.id), dict(e.tags)) for e in osmium.FileProcessor(str(path))]
    assert found == [
        ("n1", {}),
        ("n2", {}),
        ("w5", {"highway": "primary", "name": "中山路"}),
        ("r9", {"type": "route"}),
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["place.osm.pbf"]


def test_without_a_network_the_message_says_what_to_do_in_one_line(monkeypatch, tmp_path):
    def refuse(name):
        raise requests.exceptions.ConnectionError("no route")

    monkeypatch.setattr(osmnx, "geocode_to_gdf", refuse)
    with pytest.raises(NetworkError, match="cannot be reached from this machine") as caught:
        fetch_osm("无锡市", tmp_path / "place.osm.pbf")
    assert "\n" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_place_and_an_unknown_ending_are_named(monkeypatch, tmp_path):
    def unknown(name):
        raise TypeError("not found")

    monkeypatch.setattr(osmnx, "geocode_to_gdf", unknown)
    with pytest.raises(AreaError, match="不存在市"):
        fetch_osm("不存在市", tmp_path / "place.osm.pbf")
    with pytest.raises(InputError, match="place.zip"):
        fetch_osm("无锡市", tmp_path / "place.zip")
