"""The true answers: what each planned thing is and which items name it, from the plan and our reading of the law alone.

From the drawing come only ids and sizes; no tag is looked at.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from typing import Any

from sample import dress
from sample.drawing import Drawing
from sample.estates import true_estate_poses
from sample.ground import Point, lonlat, metres
from sample.law import items_of
from sample.lists import LISTED, Listed
from sample.network import Crossing
from sample.places import LOOKALIKES, PLACES
from sample.plan import COMPOUNDS, DISTRICT, EXPRESSWAY, STREETS, SUBDISTRICTS, UNNAMED_COMPOUND, Place, Street
from sample.poles import Camera
from sample.register import repeats, row_of, true_poses

UNUSABLE = ("zero", "no_coordinates", "coordinate_text", "no_decimal_point")


def truth(d: Drawing, police: list[Camera], estates: list[Camera]) -> dict[str, Any]:
    """Return the whole answer sheet."""
    places = [*COMPOUNDS, *PLACES]
    named_only = [p.key for p in places if p.form == "house" and p.key not in dress.DRESS]
    poses = true_poses(police)
    return {
        "about": "True answers of an invented district, written from its plan; sizes in metres, positions in WGS-84.",
        "district": DISTRICT,
        "subdistricts": [name for name, _ in SUBDISTRICTS],
        "places": [_place(d, p) for p in (*places, UNNAMED_COMPOUND)],
        "name_only": named_only,
        "lookalikes": [_place(d, p) for p in LOOKALIKES],
        "listed": [_listed(p) for p in LISTED],
        "streets": [*(_street(d, s) for s in (*STREETS, EXPRESSWAY)), _ramps(d)],
        "structures": _structures(d),
        "gateways": [_gateway(d)],
        "stops": [_stop(d, n) for n in d.shown["bus_stops"]],
        "junctions": [_junction(j) for j in _merged(d.junctions) if j.legs >= 3],
        "either_elsewhere": {
            "public_transport_facility_other": "the taxi rank and platforms: the closing class of an item",
            "city_gateway": "where main roads leave the built-up area",
            "bridge": "the railway's viaduct and the steps of the footbridge",
            "parking_facility": "private spaces inside compounds belong to the compound",
            "urban_road": "lanes without a name",
            "road_junction": "where ramps and lanes without a name join",
            "rail_transit_station": "single mouths of a station",
            "wharf_pier": "quays within the port",
        },
        "bans": {
            "toilet": d.shown["ban:toilet"],
            "public_bath": d.shown["ban:bath"],
            "staff_dormitory": d.shown["staff_home"],
        },
        "not_places": {key: d.shown[key] for key in ("bus_stops", "private_parking", "billboards", "rail_bridge")},
        "surveillance": d.shown["surveillance"],
        "flaws": {"cut_by_the_edge": d.shown["flaw:cut"], "far_outside": d.shown["flaw:stray"]},
        "counts": {
            "buildings": d.buildings,
            "building_parts": d.parts,
            "cameras_rows": len(poses),
            "cameras_devices": len(police),
            "cameras_unusable_rows": sum(p["flaw"] in UNUSABLE for p in poses),
            "cameras_swapped_rows": sum(p["flaw"] == "swapped" for p in poses),
            "cameras_outside_rows": sum(p["flaw"] == "outside" for p in poses),
            "cameras_repeated_rows": sum(p["flaw"] == "repeated" for p in poses),
            "cameras_indoor_rows": sum(p["indoor"] for p in poses),
            "estates_rows": len(estates),
            "same_devices": sum(e["flaw"] == "same_device" for e in true_estate_poses(estates)),
        },
        "cameras": poses,
        "cameras_estates": true_estate_poses(estates),
    }


def _middle(place: Place) -> Point:
    if place.form in ("house", "site"):
        return (place.at[0] + place.at[2]) / 2, (place.at[1] + place.at[3]) / 2
    if place.form == "line":
        return (place.at[0] + place.at[2]) / 2, (place.at[1] + place.at[3]) / 2
    return place.at[0], place.at[1]


def _degrees(spot: Point) -> dict[str, float]:
    lon, lat = lonlat(*spot)
    return {"lon": lon, "lat": lat}


def _place(d: Drawing, p: Place) -> dict[str, Any]:
    doors = d.entrances.get(p.key, [])
    answer: dict[str, Any] = {
        "key": p.key,
        "name": p.name,
        "osm_ids": d.shown[p.key],
        "part_ids": d.shown.get(f"parts:{p.key}", []),
        **_degrees(_middle(p)),
        "form": p.form,
        "kinds": list(p.kinds),
        "either": list(p.either),
        "kinds_not": list(p.kinds_not),
        "mandates": items_of(p.kinds, p.either, p.facts),
    }
    if p.key in d.surface:
        answer["ground"] = round(d.surface[p.key], 1)
    if p.why:
        answer["why"] = p.why
    if doors:
        answer["entrances"] = [{**_degrees(e["spot"]), "shown": e["shown"]} for e in doors]
    return answer


def _listed(p: Listed) -> dict[str, Any]:
    facts = {"area": p.ground} if p.ground else {}
    return {
        "place_id": p.place_id,
        "name": p.name,
        "kinds": [p.kind],
        "secret": p.secret,
        "mandates": items_of((p.kind,), (), facts),
    }


def _length(line: tuple[Point, ...]) -> float:
    total = 0.0
    for a, b in pairwise(line):
        steps = max(1, int(math.hypot(b[0] - a[0], b[1] - a[1]) // 20))
        spots = [metres(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps) for i in range(steps + 1)]
        total += sum(math.dist(p, q) for p, q in pairwise(spots))
    return round(total, 1)


def _street(d: Drawing, s: Street) -> dict[str, Any]:
    return {
        "name": s.name,
        "class": s.rank,
        "ref": s.ref,
        "carriageways": 2 if s.dual else 1,
        "length": _length(s.line),
        "osm_ids": d.shown[f"street:{s.name}"],
        "kinds": list(s.kinds),
        "either": list(s.either),
        "mandates": items_of(s.kinds, s.either, {"rank": s.rank}),
    }


def _ramps(d: Drawing) -> dict[str, Any]:
    kinds, either = ("expressway",), ("main_highway",)
    return {
        "name": "", "class": "motorway_link", "ref": "", "carriageways": 1, "length": None, "osm_ids": d.shown["street:ramp"],
        "kinds": list(kinds), "either": list(either), "mandates": items_of(kinds, either, {"rank": "motorway"}),
    }  # fmt: skip


def _structures(d: Drawing) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for s in (*STREETS, EXPRESSWAY):
        for kind, spans in (("bridge", s.bridges), ("tunnel", s.tunnels)):
            for name, low, high in spans:
                rows.append(_structure(d, s, kind, name, low, high))
    ends = ((735.0, 1252.0), (705.0, 1236.0), (690.0, 1196.0))
    facts = {"length": _length(ends)}
    rows.append(
        {
            "kind": "bridge", "name": "", "street": "", "class": "motorway", "carriageways": 1, **facts, **_degrees((710.0, 1236.0)),
            "osm_ids": d.shown["structure:ramp"], "on_expressway": True, "kinds": ["bridge"], "either": [], "mandates": items_of(("bridge",), (), facts),
        }
    )  # fmt: skip
    return rows


def _structure(d: Drawing, s: Street, kind: str, name: str, low: float, high: float) -> dict[str, Any]:
    (ax, ay), (bx, by) = s.line[0], s.line[-1]
    upright = abs(bx - ax) < abs(by - ay)
    ends = ((ax, low), (ax, high)) if upright else ((low, ay), (high, ay))
    middle = ((ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2)
    key = f"structure:{name}" if name else f"structure:{s.name}@{round((low + high) / 2)}"
    facts = {"length": _length(ends)}
    either = ("underground_passage",) if kind == "tunnel" else ()
    return {
        "kind": kind, "name": name, "street": s.name, "class": s.rank, "carriageways": 2 if s.dual else 1, **facts, **_degrees(middle),
        "osm_ids": d.shown[key], "on_expressway": s.rank == "motorway", "kinds": [kind], "either": list(either), "mandates": items_of((kind,), either, facts),
    }  # fmt: skip


def _gateway(d: Drawing) -> dict[str, Any]:
    booths = [n for n, (_, tags) in d.world.nodes.items() if tags.get("name") == "樟桥收费站"]
    return {
        "name": "樟桥收费站",
        "osm_ids": [f"node/{n}" for n in booths],
        **_degrees((596.0, 1150.0)),
        "kinds": ["city_gateway"],
        "either": ["expressway"],
        "mandates": items_of(("city_gateway",), ("expressway",), {}),
    }


def _merged(found: list[Crossing]) -> list[Crossing]:
    """Streets that meet a third one face to face across its carriageways make one junction with it."""
    out: list[Crossing] = []
    for j in found:
        twin = next((k for k in out if k.spot == j.spot and set(k.names) & set(j.names)), None)
        if twin is None:
            out.append(j)
            continue
        new = [(n, r) for n, r in zip(j.names, j.ranks, strict=True) if n not in twin.names]
        both = replace(
            twin,
            names=(*twin.names, *(n for n, _ in new)),
            ranks=(*twin.ranks, *(r for _, r in new)),
            legs=twin.legs + len(new),
            signals=twin.signals or j.signals,
            important=twin.important or j.important,
        )
        out[out.index(twin)] = both
    return out


def _junction(j: Crossing) -> dict[str, Any]:
    return {
        "streets": list(j.names),
        "classes": list(j.ranks),
        **_degrees(j.spot),
        "legs": j.legs,
        "signals": j.signals,
        "important": j.important,
        "mandates": items_of(("road_junction",) if j.important else (), (), {"important": j.important}),
    }


def _stop(d: Drawing, node: str) -> dict[str, Any]:
    (lon, lat), tags = d.world.nodes[int(node.split("/")[1])]
    kinds = ("public_transport_facility_other",)
    return {
        "name": tags["name"],
        "osm_ids": [node],
        "lon": lon,
        "lat": lat,
        "kinds": list(kinds),
        "either": [],
        "mandates": items_of(kinds, (), {}),
    }


def police_ids(police: list[Camera]) -> dict[str, str]:
    """Return the 20-digit id of each police camera by its name."""
    return {police[n].name: row_of(police[n], n)["设备编码*"] for n in repeats(police)}
