"""Lays samples along boundaries: both sides of a perimeter, or the street-facing front of a building."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.audit import _samples
from citycover.audit._samples import Floats, Ints, LineSamples, bearings, sample_lines, unit_vectors
from citycover.audit.laying_areas import open_buildings
from citycover.audit.laying_lines import StreetSamples
from citycover.audit.requirements import Ground
from citycover.city.model import City

_AHEAD = 0.5  # cosine of 60°
_CROWDED = 0.05  # m: nearer to a building is inside its wall


def lay_rings(grounds: gpd.GeoDataFrame, city: City, rules: Ground) -> pd.DataFrame:
    """Lay the boundary of polygon grounds from both sides, ``ring_offset`` metres off.

    Every piece of about ``line_step`` metres has a sample on either side, which carries half of the piece; where one
    side lies in a building, the other carries the whole; where both do, the piece is no boundary to be seen. So the
    weights add up to the length of boundary that stands free. Either side faces away from the boundary, which matters
    only where the requirements ask for the front.
    """
    row, samples = _around(grounds, rules)
    out_x, out_y = _beside(samples, rules.ring_offset)
    in_x, in_y = _beside(samples, -rules.ring_offset)
    out_free, in_free = _free(out_x, out_y, city), _free(in_x, in_y, city)
    both = out_free & in_free
    weight = np.where(both, samples.size / 2.0, samples.size)
    outward = bearings(samples.dy, -samples.dx, samples.x, samples.y, city.crs)
    inward = np.mod(outward + 180.0, 360.0)
    outer = _ring(grounds, row, samples, out_x, out_y, outward, weight, out_free)
    inner = _ring(grounds, row, samples, in_x, in_y, inward, weight, in_free)
    return _inside_area(pd.concat([outer, inner], ignore_index=True), city)


def lay_frontages(grounds: gpd.GeoDataFrame, city: City, streets: StreetSamples, rules: Ground) -> pd.DataFrame:
    """Lay the fronts of outlines towards streets, ``ring_offset`` metres outside.

    A sample faces a street when the nearest street lies within ``frontage_reach`` metres, within 60° of straight ahead,
    and the way to it does not cross the outline; an outline without any such sample is laid all around.
    """
    row, samples = _around(grounds, rules)
    x, y = _beside(samples, rules.ring_offset)
    free = _free(x, y, city)
    faces = np.zeros(len(x), dtype=bool)
    if len(streets.lines):
        points = np.asarray(shapely.points(x, y), dtype=object)
        at, line = shapely.STRtree(streets.lines).query_nearest(
            points, max_distance=rules.frontage_reach, all_matches=False
        )
        way = shapely.shortest_line(points[at], streets.lines[line])
        outlines = grounds.geometry.to_numpy()[row[at]]
        ahead = shapely.get_coordinates(shapely.get_point(way, -1)) - np.column_stack([x[at], y[at]])
        dx, dy = unit_vectors(ahead)
        straight = dx * samples.dy[at] - dy * samples.dx[at] >= _AHEAD
        faces[at] = straight & ~shapely.intersects(outlines, way)
    fronted = pd.Series(faces & free).groupby(row).transform("any").to_numpy(dtype=bool)
    kept = free & (faces | ~fronted)
    outward = bearings(samples.dy, -samples.dx, samples.x, samples.y, city.crs)
    return _inside_area(_ring(grounds, row, samples, x, y, outward, samples.size, kept), city)


def _around(grounds: gpd.GeoDataFrame, rules: Ground) -> tuple[Ints, LineSamples]:
    """Sample the outer boundaries, counter-clockwise, so that the outside lies to the right."""
    parts, part_row = shapely.get_parts(grounds.geometry.to_numpy(), return_index=True)
    keep = shapely.get_type_id(parts) == 3
    parts, part_row = parts[keep], part_row[keep]
    rings = np.asarray(shapely.get_exterior_ring(shapely.normalize(parts)), dtype=object)
    clockwise = ~shapely.is_ccw(rings)
    rings[clockwise] = shapely.reverse(rings[clockwise])
    samples = sample_lines(rings, rules.line_step)
    return part_row[samples.line], samples


def _beside(samples: LineSamples, offset: float) -> tuple[Floats, Floats]:
    return samples.x + offset * samples.dy, samples.y - offset * samples.dx


def _free(x: Floats, y: Floats, city: City) -> npt.NDArray[np.bool_]:
    free = np.ones(len(x), dtype=bool)
    buildings = open_buildings(city)
    if len(buildings) and len(x):
        inside, _ = shapely.STRtree(buildings).query(shapely.points(x, y), predicate="dwithin", distance=_CROWDED)
        free[inside] = False
    return free


def _ring(
    grounds: gpd.GeoDataFrame,
    row: Ints,
    samples: LineSamples,
    x: Floats,
    y: Floats,
    facing: Floats,
    weight: Floats,
    kept: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    return _samples.frame(
        "ring",
        "m",
        ground=grounds["ground"].to_numpy()[row[kept]],
        x=x[kept],
        y=y[kept],
        facing=facing[kept],
        size=weight[kept],
        weight=weight[kept],
        feature_id=grounds["place_id"].to_numpy(dtype=object)[row[kept]],
        sequence=samples.sequence[kept] + 100_000 * samples.line[kept],
    )


def _inside_area(samples: pd.DataFrame, city: City) -> pd.DataFrame:
    shapely.prepare(city.area)
    return samples[shapely.contains_xy(city.area, samples["x"], samples["y"])].reset_index(drop=True)
