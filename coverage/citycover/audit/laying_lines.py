"""Lays targets along streets, rails and other lines; inside a tunnel only its portals."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover.audit import _samples
from citycover.audit._samples import Floats, Ints, bearings, sample_lines, unit_vectors
from citycover.audit.requirements import Ground
from citycover.city.model import City

_ON = 0.5  # m: a sample this near to a line of the same direction lies on it
_PARALLEL = 0.94  # cosine of 20°


@dataclass(frozen=True)
class StreetSamples:
    """Every street of the area, sampled once: pieces inside the area, and samples (rows of equal length arrays)."""

    lines: npt.NDArray[np.object_]
    street_id: npt.NDArray[np.object_]
    layer: Ints
    tunnel: npt.NDArray[np.bool_]
    oneway: npt.NDArray[np.bool_]
    heading: Floats  # per sample, ° from true north; sections of one direction run as their traffic does
    samples: _samples.LineSamples

    def points(self) -> npt.NDArray[np.object_]:
        """Return the samples as points."""
        return np.asarray(shapely.points(self.samples.x, self.samples.y), dtype=object)


def sample_streets(city: City, step: float) -> StreetSamples:
    """Sample the street sections of a city inside its area, every ``step`` metres or nearly so."""
    streets = city.streets.sort_values("street_id", kind="stable")
    clipped = clip(streets.geometry.to_numpy(), city.area)
    lines, row = shapely.get_parts(clipped, return_index=True)
    keep = (shapely.get_type_id(lines) == 1) & (shapely.length(lines) > 0)
    lines, row = lines[keep], row[keep]
    samples = sample_lines(lines, step)
    pieces = pd.Series(row).groupby(row).cumcount().to_numpy()  # a section that leaves the area and comes back
    samples = samples._replace(sequence=samples.sequence + 100_000 * pieces[samples.line])
    return StreetSamples(
        lines=lines,
        street_id=streets["street_id"].to_numpy(dtype=object)[row],
        # a negative layer without a tunnel is a road in a cutting, open to the sky
        layer=streets["layer"].fillna(0).clip(lower=0).to_numpy(dtype=np.int64)[row],
        tunnel=streets["tunnel"].fillna(False).to_numpy(dtype=bool)[row],
        oneway=streets["oneway"].fillna(False).to_numpy(dtype=bool)[row],
        heading=bearings(samples.dx, samples.dy, samples.x, samples.y, city.crs),
        samples=samples,
    )


def clip(geometries: npt.NDArray[np.object_], area: shapely.Geometry) -> npt.NDArray[np.object_]:
    """Return the parts of geometries inside an area; those wholly inside come back as they are."""
    shapely.prepare(area)
    inside = shapely.covers(area, geometries)
    out = geometries.copy()
    out[~inside] = shapely.intersection(geometries[~inside], area)
    return out


def lay_segments(grounds: gpd.GeoDataFrame, streets: StreetSamples, component: str, rules: Ground) -> pd.DataFrame:
    """Lay samples along line grounds: those of the street sections that they follow, and their own where there is none.

    Samples inside a tunnel come with ``tunnel`` true; they are no targets.
    """
    parts, row = shapely.get_parts(shapely.normalize(grounds.geometry.to_numpy()), return_index=True)
    keep = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 0)
    parts, row = parts[keep], row[keep]
    if len(parts) == 0:
        return _samples.empty()
    on_part, sample = _samples_on(parts, streets)
    pairs = pd.DataFrame({"row": row[on_part], "sample": sample}).drop_duplicates().sort_values(["row", "sample"])
    sample = pairs["sample"].to_numpy()
    line = streets.samples.line[sample]
    underground = grounds["underground"].to_numpy(dtype=bool)
    number = grounds["ground"].to_numpy()
    on_streets = _samples.frame(
        component,
        "m",
        ground=number[pairs["row"]],
        x=streets.samples.x[sample],
        y=streets.samples.y[sample],
        heading=streets.heading[sample],
        oneway=streets.oneway[line],
        size=streets.samples.size[sample],
        weight=streets.samples.size[sample],
        layer=streets.layer[line],
        feature_id=streets.street_id[line],
        sequence=streets.samples.sequence[sample],
        tunnel=streets.tunnel[line] | underground[pairs["row"]],
    )
    return pd.concat(
        [on_streets, _own_samples(grounds, parts, row, streets, pairs, component, rules)], ignore_index=True
    )


def _samples_on(parts: npt.NDArray[np.object_], streets: StreetSamples) -> tuple[Ints, Ints]:
    """Return pairs (part, street sample) where the sample lies on the part and the street runs along it there."""
    points = streets.points()
    sample, part = shapely.STRtree(parts).query(points, predicate="dwithin", distance=_ON)
    along = shapely.line_locate_point(parts[part], points[sample])
    before = shapely.get_coordinates(shapely.line_interpolate_point(parts[part], np.maximum(along - 0.5, 0.0)))
    after = shapely.get_coordinates(shapely.line_interpolate_point(parts[part], along + 0.5))
    dx, dy = unit_vectors(after - before)
    cosine = np.abs(dx * streets.samples.dx[sample] + dy * streets.samples.dy[sample])
    return part[cosine >= _PARALLEL], sample[cosine >= _PARALLEL]


def _own_samples(
    grounds: gpd.GeoDataFrame,
    parts: npt.NDArray[np.object_],
    row: Ints,
    streets: StreetSamples,
    pairs: pd.DataFrame,
    component: str,
    rules: Ground,
) -> pd.DataFrame:
    """Sample the parts themselves, leaving out what lies on a street section that the same ground already follows."""
    own = sample_lines(parts, rules.line_step)
    taken = np.zeros(len(own.x), dtype=bool)
    if len(streets.lines) and len(pairs):
        point, line = shapely.STRtree(streets.lines).query(
            shapely.points(own.x, own.y), predicate="dwithin", distance=_ON
        )
        width = len(streets.lines)
        followed = np.unique(pairs["row"].to_numpy() * width + streets.samples.line[pairs["sample"].to_numpy()])
        taken[point[np.isin(row[own.line[point]] * width + line, followed)]] = True
    free = ~taken
    place = grounds["place_id"].to_numpy(dtype=object)
    ground_row = row[own.line[free]]
    return _samples.frame(
        component,
        "m",
        ground=grounds["ground"].to_numpy()[ground_row],
        x=own.x[free],
        y=own.y[free],
        heading=bearings(own.dx[free], own.dy[free], own.x[free], own.y[free], grounds.crs),
        size=own.size[free],
        weight=own.size[free],
        feature_id=place[ground_row],
        sequence=own.sequence[free] + 100_000 * own.line[free],  # the parts of a line are not consecutive
        tunnel=grounds["underground"].to_numpy(dtype=bool)[ground_row],
    )


def lay_passages(grounds: gpd.GeoDataFrame, streets: StreetSamples) -> pd.DataFrame:
    """Lay the samples of the streets inside polygon grounds as passages; tunnels are left out."""
    points = streets.points()
    sample, row = shapely.STRtree(grounds.geometry.to_numpy()).query(points, predicate="intersects")
    keep = ~streets.tunnel[streets.samples.line[sample]]
    sample, row = sample[keep], row[keep]
    line = streets.samples.line[sample]
    return _samples.frame(
        "passage",
        "m",
        ground=grounds["ground"].to_numpy()[row],
        x=streets.samples.x[sample],
        y=streets.samples.y[sample],
        heading=streets.heading[sample],
        oneway=streets.oneway[line],
        size=streets.samples.size[sample],
        weight=streets.samples.size[sample],
        layer=streets.layer[line],
        feature_id=streets.street_id[line],
        sequence=streets.samples.sequence[sample],
    )


def lay_ends(grounds: gpd.GeoDataFrame, city: City) -> pd.DataFrame:
    """Lay a point at each free end of line grounds (bridge ends, tunnel mouths), facing outward along the line.

    Ends at the border of the study's area are cuts, not ends, and are left out; so are ends where only tunnels meet:
    junctions under the ground, which no view from above answers.
    """
    merged = shapely.line_merge(grounds.geometry.to_numpy())
    parts, row = shapely.get_parts(merged, return_index=True)
    keep = (shapely.get_type_id(parts) == 1) & (shapely.length(parts) > 0)
    return _lay_tips(parts[keep], grounds["ground"].to_numpy()[row[keep]], grounds.set_index("ground"), city)


def _lay_tips(lines: npt.NDArray[np.object_], ground: Ints, grounds: gpd.GeoDataFrame, city: City) -> pd.DataFrame:
    x, y, dx, dy = _tips(lines)
    tips = pd.DataFrame({"ground": np.tile(ground, 2), "x": x, "y": y, "dx": dx, "dy": dy})
    key = [tips["ground"], tips["x"].round(1), tips["y"].round(1)]
    tips = tips[(tips.groupby(key)["x"].transform("size") == 1).to_numpy()]
    border = np.asarray(shapely.distance(shapely.points(tips["x"], tips["y"]), city.area.boundary))
    tips = tips[(border > 1.0) & ~_under_ground(tips, city)].reset_index(drop=True)
    at_x, at_y = tips["x"].to_numpy(), tips["y"].to_numpy()
    return _samples.frame(
        "entrance",
        "point",
        ground=tips["ground"].to_numpy(),
        x=at_x,
        y=at_y,
        facing=bearings(tips["dx"].to_numpy(), tips["dy"].to_numpy(), at_x, at_y, city.crs),
        size=np.ones(len(tips)),
        weight=np.ones(len(tips)),
        feature_id=grounds["place_id"].reindex(tips["ground"]).to_numpy(dtype=object),
        sequence=np.arange(len(tips)),
    )


def _under_ground(tips: pd.DataFrame, city: City) -> npt.NDArray[np.bool_]:
    """Tell which tips lie where several street sections meet that are all tunnels, or where a tunnel goes straight on.

    The second is the opening of a side street into a covered one.
    """
    x, y, dx, dy = _tips(city.streets.geometry.to_numpy())
    ends = pd.DataFrame({"x": x.round(1), "y": y.round(1), "tunnel": np.tile(city.streets["tunnel"].fillna(False), 2)})
    nodes = ends.groupby(["x", "y"])["tunnel"].agg(["all", "size"])
    below = nodes.index[nodes["all"].astype(bool) & (nodes["size"] > 1)]
    spots = tips["x"].round(1), tips["y"].round(1)
    onward = ends.assign(ex=dx, ey=dy)[ends["tunnel"].astype(bool)]
    pairs = tips.assign(row=np.arange(len(tips)), x=spots[0], y=spots[1]).merge(onward, on=["x", "y"])
    straight = pairs.loc[pairs["dx"] * pairs["ex"] + pairs["dy"] * pairs["ey"] <= -_PARALLEL, "row"]
    through = np.isin(np.arange(len(tips)), straight)
    return np.asarray(pd.MultiIndex.from_arrays(spots).isin(below) | through, dtype=bool)


def _tips(lines: npt.NDArray[np.object_]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the positions of all starts, then all ends, with the unit direction out of the line."""
    length = shapely.length(lines)
    inset = np.minimum(5.0, length / 2.0)
    start, end = (
        shapely.get_coordinates(shapely.get_point(lines, 0)),
        shapely.get_coordinates(shapely.get_point(lines, -1)),
    )
    after = shapely.get_coordinates(shapely.line_interpolate_point(lines, inset))
    before = shapely.get_coordinates(shapely.line_interpolate_point(lines, length - inset))
    at = np.vstack([start, end])
    dx, dy = unit_vectors(np.vstack([start - after, end - before]))
    return at[:, 0], at[:, 1], dx, dy


def lay_portals(grounds: gpd.GeoDataFrame, segments: pd.DataFrame, streets: StreetSamples, city: City) -> pd.DataFrame:
    """Lay the mouths of the tunnels that the segments of line grounds run through.

    A mouth is an end of a tunnel section that no other tunnel section shares. Grounds that are tunnels themselves have
    their own ends (:func:`lay_ends`).
    """
    inside = segments[segments["tunnel"]][["ground", "feature_id"]].drop_duplicates()
    tunnels = np.flatnonzero(streets.tunnel)
    if len(inside) == 0 or len(tunnels) == 0:
        return _samples.empty()
    x, y, dx, dy = _tips(streets.lines[tunnels])
    mouths = pd.DataFrame({"feature_id": np.tile(streets.street_id[tunnels], 2), "x": x, "y": y, "dx": dx, "dy": dy})
    shared = mouths.groupby([mouths["x"].round(1), mouths["y"].round(1)])["x"].transform("size") > 1
    border = shapely.distance(shapely.points(x, y), city.area.boundary) <= 1.0
    mouths = mouths[~shared.to_numpy() & ~border]
    found = inside.merge(mouths, on="feature_id")
    own_ends = set(grounds.loc[grounds["underground"].astype(bool), "ground"])
    found = found[~found["ground"].isin(own_ends)].reset_index(drop=True)
    at_x, at_y = found["x"].to_numpy(), found["y"].to_numpy()
    return _samples.frame(
        "entrance",
        "point",
        ground=found["ground"].to_numpy(),
        x=at_x,
        y=at_y,
        facing=bearings(found["dx"].to_numpy(), found["dy"].to_numpy(), at_x, at_y, city.crs),
        size=np.ones(len(found)),
        weight=np.ones(len(found)),
        feature_id=found["feature_id"].to_numpy(dtype=object),
        sequence=np.arange(len(found)),
    )
