"""Fetch OpenStreetMap data of a named place: the only module of citycover that uses the network."""

from __future__ import annotations

import tempfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import osmium
from osmium.osm import mutable
from shapely.geometry.base import BaseGeometry

from citycover.errors import AreaError, InputError, NetworkError

_MISSING = "citycover fetch needs osmnx: pip install 'citycover[fetch]'"


def fetch_osm(place: str, out: str | Path) -> Path:
    """Fetch all OSM objects within a named place and write them as one file.

    Parameters
    ----------
    place
        Name of an administrative area, such as ``无锡市新吴区``.
    out
        File to write; its ending (``.osm.pbf``, ``.osm``, ``.osm.gz``) chooses the format.

    Returns
    -------
    The path written.

    Raises
    ------
    NetworkError
        The OpenStreetMap services cannot be reached.
    AreaError
        No area of that name is known.
    InputError
        The ending of ``out`` names no OSM format, or osmnx is not installed.
    """
    target = Path(out)
    if not target.name.endswith((".osm", ".osm.pbf", ".osm.gz", ".osm.bz2")):
        raise InputError(f"--out: needed a name ending in .osm.pbf, .osm, .osm.gz or .osm.bz2, given {target.name}")
    try:
        import osmnx
        import requests
        from osmnx import _overpass
    except ImportError as error:
        raise InputError(_MISSING) from error
    try:
        outline = osmnx.geocode_to_gdf(place).union_all()
        elements = _download(outline, _overpass)
    except (requests.exceptions.RequestException, ConnectionError) as error:
        raise NetworkError(
            "The OpenStreetMap services cannot be reached from this machine. Fetch on a machine with a network, or "
            "take an extract on a stick and give it to 'citycover run --osm'."
        ) from error
    except (TypeError, osmnx._errors.InsufficientResponseError) as error:
        raise AreaError(f"--place: needed the name of an area that OpenStreetMap knows, given {place!r}") from error
    return _write(elements, target)


def _download(outline: BaseGeometry, overpass: Any) -> list[dict[str, Any]]:
    """Return the nodes, ways and relations within an outline (degrees), each once, in the order of OSM files."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for ring in overpass._make_overpass_polygon_coord_strs(outline):
        query = f"{overpass._make_overpass_settings()};(nwr(poly:'{ring}');>;);out;"
        for element in overpass._overpass_request(OrderedDict(data=query))["elements"]:
            found[element["type"], element["id"]] = element
    order = {"node": 0, "way": 1, "relation": 2}
    return [found[key] for key in sorted(found, key=lambda k: (order[k[0]], k[1]))]


def _write(elements: list[dict[str, Any]], target: Path) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        part = Path(folder) / target.name
        with osmium.SimpleWriter(str(part)) as writer:
            for e in elements:
                tags = e.get("tags", {})
                if e["type"] == "node":
                    writer.add_node(mutable.Node(id=e["id"], location=(e["lon"], e["lat"]), tags=tags))
                elif e["type"] == "way":
                    writer.add_way(mutable.Way(id=e["id"], nodes=e["nodes"], tags=tags))
                else:
                    members = [(m["type"][0], m["ref"], m["role"]) for m in e["members"]]
                    writer.add_relation(mutable.Relation(id=e["id"], members=members, tags=tags))
        part.replace(target)
    return target
