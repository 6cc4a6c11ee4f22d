"""Which OSM tags the reader keeps, and which closed ways are surfaces."""

from __future__ import annotations

from collections.abc import Mapping

from citycover import terms

LINKS: dict[str, str] = {f"{c}_link": c for c in ("motorway", "trunk", "primary", "secondary", "tertiary")}
CARRIAGEWAYS: dict[str, str] = {**{c: c for c in terms.ROAD_CLASSES}, **LINKS, "road": "unclassified"}
"""Value of ``highway`` → class of street, for every way that cars (or, in pedestrian streets, delivery) may use."""

PATHS = frozenset({"footway", "path", "steps", "cycleway", "bridleway", "track", "corridor"})
FUTURE = frozenset({"proposed", "construction", "planned", "abandoned", "razed", "disused"})

# fmt: off
KEPT_KEYS = frozenset({
    "advertising", "aerialway", "aeroway", "amenity", "area:highway", "barrier", "boundary", "bridge", "building",
    "building:part", "club", "construction:building", "craft", "diplomatic", "education", "emergency", "entrance",
    "flood_prone", "government", "hazard", "healthcare", "heritage", "highway", "historic", "industrial", "landuse",
    "leisure", "man_made", "military", "natural", "office", "operator:type", "parking", "pipeline", "place",
    "planned:building", "power", "proposed:building", "public_transport", "railway", "religion", "route", "shop",
    "social_facility", "sport", "station", "surveillance", "telecom", "tourism", "training", "tunnel", "utility",
    "water", "waterway", "wholesale",
})
# fmt: on
"""Objects with one of these keys are read; everything else in a file serves only as node or member."""

UNWANTED_KEYS = ("source", "note", "fixme", "created_by", "gns:", "phone", "fax", "email", "contact:", "mobile", "user")
"""Keys (by their beginnings) that are dropped at the door: remarks of mappers, phone numbers and addresses."""

COLLECTIONS = frozenset({"site", "bridge", "tunnel", "subway", "light_rail", "tram", "monorail", "railway", "train"})
"""Relations that gather members: by ``type``, or by ``route`` for routes."""

# key → values that stay lines although the way closes; for `except`-less keys every closed way is a surface.
_SURFACE_UNLESS: dict[str, frozenset[str]] = {
    "amenity": frozenset(),
    "area:highway": frozenset(),
    "boundary": frozenset(),
    "building": frozenset({"no"}),
    "building:part": frozenset({"no"}),
    "construction:building": frozenset({"no"}),
    "planned:building": frozenset({"no"}),
    "proposed:building": frozenset({"no"}),
    "club": frozenset(),
    "craft": frozenset(),
    "healthcare": frozenset(),
    "landuse": frozenset(),
    "leisure": frozenset({"track", "slipway"}),
    "military": frozenset({"trench"}),
    "natural": frozenset({"coastline", "cliff", "ridge", "arete", "tree_row", "valley", "earth_bank"}),
    "office": frozenset(),
    "place": frozenset(),
    "public_transport": frozenset(),
    "shop": frozenset(),
    "tourism": frozenset({"artwork"}),
    "water": frozenset(),
    "historic": frozenset({"citywalls", "city_wall"}),
    "man_made": frozenset({"cutline", "embankment", "dyke", "pipeline", "breakwater", "groyne"}),
    "aeroway": frozenset({"runway", "taxiway", "jet_bridge"}),
}
# key → the only values that make a closed way a surface
_SURFACE_IF: dict[str, frozenset[str]] = {
    "highway": frozenset({"services", "rest_area", "platform", "elevator"}),
    "railway": frozenset({"station", "platform", "turntable", "roundhouse", "halt", "yard", "depot"}),
    "waterway": frozenset({"riverbank", "dock", "boatyard", "dam", "fuel"}),
    "power": frozenset({"plant", "substation", "generator", "transformer", "sub_station", "station"}),
    "emergency": frozenset({"assembly_point", "ambulance_station", "disaster_help_point", "landing_site"}),
    "telecom": frozenset({"data_center", "exchange"}),
}


def is_surface(tags: Mapping[str, str]) -> bool:
    """Return whether a closed way with these tags is a surface, not a line that returns to its start.

    ``area=yes`` and ``area=no`` decide first; then the keys that mean ground or a building. Roads, walls and rails
    stay lines. Source: the OSM wiki's area keys, as the iD editor reads them; ours where it is silent.

    >>> is_surface({"highway": "pedestrian"}), is_surface({"highway": "pedestrian", "area": "yes"})
    (False, True)
    >>> is_surface({"barrier": "wall"}), is_surface({"barrier": "wall", "amenity": "school"})
    (False, True)
    """
    if "area" in tags:
        return tags["area"] != "no"
    return any(k in tags and tags[k] not in unless for k, unless in _SURFACE_UNLESS.items()) or any(
        tags.get(k) in values for k, values in _SURFACE_IF.items()
    )
