"""Say where nothing may stand: carriageways, buildings, water, rails, gates, forbidden places, private ground."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.city.model import City

CLEAR = 0.5
"""Least distance from a carriageway (m)."""

DOOR = 3.0
"""Least distance from a gate or door (m); ours."""

RAIL = 3.0
"""Least distance from a track (m); ours."""

FORBIDDEN = 4.0
"""Least distance from a forbidden place itself (m); that of a toilet mapped as a point."""

SIDEWALK = 6.0
"""A strip this wide (m) beside a public street is its sidewalk where a compound's outline runs over it; ours."""


@dataclass(frozen=True)
class Ground:
    """What bars positions, as shapes; ``private`` is the ground that is known not to be public."""

    area: shapely.Geometry
    streets: npt.NDArray[np.object_]
    half: npt.NDArray[np.float64]
    buildings: npt.NDArray[np.object_]
    water: npt.NDArray[np.object_]
    rails: npt.NDArray[np.object_]
    doors: npt.NDArray[np.object_]
    bans: npt.NDArray[np.object_]
    private: npt.NDArray[np.object_]

    def allows(
        self, xy: npt.NDArray[np.float64], *, on_wall: npt.NDArray[np.bool_] | None = None
    ) -> npt.NDArray[np.bool_]:
        """Return at which positions (m) something may stand; what hangs on a wall may be nearer to the street."""
        points = place_points(xy)
        wall = np.zeros(len(points), bool) if on_wall is None else on_wall
        keep = np.asarray(shapely.intersects(self.area, points), bool)
        row, street = shapely.STRtree(points).query(self.streets, predicate="dwithin", distance=self.half + CLEAR)[::-1]
        close = (
            shapely.distance(points[row], self.streets[street])
            < self.half[street] + np.where(wall[row], 0.0, CLEAR) - 1e-6
        )
        keep[row[close]] = False
        for shapes, distance in (
            (self.buildings, 0.1),
            (self.water, 0.1),
            (self.rails, RAIL),
            (self.doors, DOOR),
            (self.bans, FORBIDDEN),
            (self.private, 0.0),
        ):
            keep[shapely.STRtree(shapes).query(points, predicate="dwithin", distance=distance)[0]] = False
        return keep


def place_points(xy: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Return points of coordinates (n × 2), also where there are none.

    >>> len(place_points([])), place_points([[1.0, 2.0]])[0].y
    (0, 2.0)
    """
    return np.asarray(shapely.points(np.asarray(xy, float).reshape(-1, 2)), dtype=object)


def find_ground(city: City) -> Ground:
    """Return what bars positions in a city.

    Private is ground inside a place or named compound that is not public ground (streets, squares, parks, paths of
    ``city.public_ground``) and lies farther than :data:`SIDEWALK` from the carriageway of a street that is public:
    compounds are often drawn to the middle of the road. What is neither known to be public nor inside anything is
    unknown, and allowed: a sidewalk is mostly not mapped.
    """
    streets = city.streets[~city.streets["tunnel"].fillna(False).to_numpy(bool)]
    width = np.nan_to_num(streets["width"].to_numpy(float), nan=4.0)
    water = city.landscape[(city.landscape["feature"] == "water").to_numpy(bool)].geometry.to_numpy()
    rails = city.landscape[(city.landscape["feature"] == "rail").to_numpy(bool)].geometry.to_numpy()
    standing = city.buildings["opaque"].fillna(True).to_numpy(bool) & (city.buildings["layer"].fillna(0) >= 0).to_numpy(
        bool
    )
    bans = city.ban_places[(city.ban_places["direct"].fillna(False).astype(bool)).to_numpy(bool)]
    return Ground(
        area=city.area,
        streets=streets.geometry.to_numpy(),
        half=width / 2.0,
        buildings=city.buildings.geometry.to_numpy()[standing],
        water=water,
        rails=rails,
        doors=city.entrances.geometry.to_numpy(),
        bans=bans.geometry.to_numpy(),
        private=find_private(city),
    )


def find_private(city: City) -> npt.NDArray[np.object_]:
    """Return the ground that is known not to be public, in pieces; see :func:`find_ground`."""
    shapes = np.asarray(city.places.geometry.array, dtype=object)
    closed = shapes[(shapely.get_dimensions(shapes) == 2) & ~_open_kinds(city)]
    compounds = city.landscape[(city.landscape["feature"] == "compound").to_numpy(bool)].geometry.to_numpy()
    closed = shapely.make_valid(np.concatenate([closed, compounds[shapely.get_dimensions(compounds) == 2]]))
    if not len(closed):
        return np.zeros(0, dtype=object)
    public = city.public_ground
    street = (public["ground_kind"] == "street").to_numpy(bool)
    ground = np.asarray(public.geometry.array, dtype=object).copy()
    ground[street] = shapely.buffer(ground[street], SIDEWALK, quad_segs=2)
    row, piece = shapely.STRtree(ground).query(closed, predicate="intersects")
    out = closed.copy()
    if len(row):
        first = np.flatnonzero(np.r_[True, row[1:] != row[:-1]])
        gathered = shapely.geometrycollections(
            ground[piece], indices=np.repeat(np.arange(len(first)), np.diff(np.r_[first, len(row)]))
        )
        whole = shapely.union_all(np.asarray(gathered, dtype=object).reshape(-1, 1), axis=1, grid_size=0.01)
        out[row[first]] = shapely.difference(closed[row[first]], whole, grid_size=0.01)
    return np.asarray(out[~shapely.is_empty(out)], dtype=object)


def _open_kinds(city: City) -> npt.NDArray[np.bool_]:
    """Return which places are open ground by their kind: streets, squares and what lies on them."""
    kinds: pd.Series = city.place_kinds["kind"].isin(OPEN_KINDS)
    ids = city.place_kinds.loc[kinds, "place_id"]
    return np.asarray(city.places["place_id"].isin(ids).to_numpy(bool))


OPEN_KINDS = (
    *("urban_road", "main_highway", "central_town_road", "township_main_road", "road_junction", "city_gateway"),
    *("expressway", "bridge", "tunnel", "square", "pedestrian_street", "commercial_street", "public_parking"),
    *("pedestrian_crossing_facility", "underground_passage", "pedestrian_underpass", "rail_transit_line"),
    *("public_transport_facility_other", "river_embankment", "scenic_area", "flood_control_area", "park"),
)
"""Kinds whose ground is no private ground by itself; what of it is closed is cut out of ``public_ground``; ours."""
