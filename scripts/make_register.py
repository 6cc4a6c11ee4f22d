"""Write a made register of an OpenStreetMap extract, in the sample's columns and by its rules: nothing in it is real.

Pairs of cameras stand at junctions of streets from tertiary up, others along streets (a hundred metres apart on main
ones, sides in turn), at gates and doors, and on squares; two in five rows lack their direction, some are in repair.
"""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sample.register as register
from pyproj import Transformer
from sample.ground import Dice
from sample.poles import Camera, weathered

from citycover import read_osm
from citycover.geo import meridian_convergence

MAIN = ("trunk", "primary", "secondary", "tertiary")


def place(osm: Path, count: int) -> str:
    """Return the register's text: the first ``count`` of all cameras, taken evenly."""
    city = read_osm(osm)
    found: list[Camera] = []
    for n, cross in enumerate(city.junctions[city.junctions["road_class"].isin(MAIN)].itertuples()):
        x, y = cross.geometry.centroid.coords[0]
        for sign, looks in ((1, (0, 90)), (-1, (180, 270))):
            spot = (x + sign * 13.0, y + sign * 13.0)
            for k, look in enumerate(looks):
                who = "traffic" if k and n % 3 == 2 else "police"
                name = f"{cross.name or '路口'}{'东北' if sign > 0 else '西南'}角{k + 1}"
                found.append(Camera(name, who, *spot, look, 52.0, "3", 6.5, "7", "10", f"JK{n:03d}{sign}"))
    for n, street in enumerate(city.streets[city.streets["road_class"].isin(MAIN)].itertuples()):
        line, step = street.geometry, 100.0 if street.road_class in MAIN[:2] else 190.0
        for k, at in enumerate(np.arange(40.0, line.length - 20.0, step)):
            a, b = line.interpolate(at), line.interpolate(at + 5.0)
            look = math.degrees(math.atan2(b.x - a.x, b.y - a.y)) % 360
            side = 1 if k % 2 else -1
            off, right = side * 9.0, math.radians(look + 90)
            spot = (a.x + off * math.sin(right), a.y + off * math.cos(right))
            look = look if side > 0 else (look + 180) % 360
            name = f"{street.name or '道路'}路段{k:03d}"
            found.append(Camera(name, "police", *spot, look, 46.0, "3", 6.0, "6", "10", f"LD{n:04d}{k}"))
    for gate in city.entrances[city.entrances["facing"].notna()].itertuples():
        out = float(gate.facing)
        x, y = gate.geometry.x - 4 * math.sin(math.radians(out)), gate.geometry.y - 4 * math.cos(math.radians(out))
        found.append(Camera(f"{gate.name or '大门'}外", "estate", x, y, out, 84.0, "3", 3.5, "6", "132"))
    for square in city.places.merge(city.place_kinds.query("kind in ('square', 'park')"), on="place_id").itertuples():
        x, y = square.geometry.representative_point().coords[0]
        name = square.name or "广场"
        found += [Camera(f"{name}{look}", "city", x, y, look, 78.0, "3", 4.5, "6", "4") for look in (45, 225)]
    to_degrees = Transformer.from_crs(city.crs, 4326, always_xy=True)
    register.lonlat = to_degrees.transform
    register.true_azimuth = lambda x, y, a: round(
        float((a + meridian_convergence(np.array([x]), np.array([y]), city.crs)[0]) % 360.0), 1
    )
    dice = Dice(77)
    chosen = [found[i] for i in np.linspace(0, len(found) - 1, min(count, len(found))).round().astype(int)]
    return register.write_register([weathered(c, 1000 + i, dice) for i, c in enumerate(chosen)])


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(place(Path(sys.argv[1]), int(sys.argv[3])), encoding="utf-8-sig", newline="")
