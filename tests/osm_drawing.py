"""Draw small towns as OSM text, in metres from a corner in Nanjing, so that lengths can be checked with a pencil."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

from citycover import geo

LON, LAT = 118.78, 32.04
CRS = geo.metric_crs(LON, LAT)
_X, _Y = (float(v[0]) for v in geo.to_metric([LON], [LAT], CRS))

Tags = Mapping[str, str]


def metric(x: float, y: float) -> tuple[float, float]:
    """Return the position of a drawn point in the study's CRS."""
    return _X + x, _Y + y


def degrees(x: float, y: float) -> tuple[float, float]:
    """Return longitude and latitude of a drawn point."""
    lon, lat = geo.to_degrees([_X + x], [_Y + y], CRS)
    return float(lon[0]), float(lat[0])


def draw(
    nodes: Mapping[int, tuple[float, float]],
    ways: Iterable[tuple[int, list[int], Tags]],
    *,
    node_tags: Mapping[int, Tags] | None = None,
    relations: Iterable[tuple[int, list[tuple[str, int, str]], Tags]] = (),
    missing: Iterable[int] = (),
) -> str:
    """Return OSM text; nodes in ``missing`` are referred to but not written, as at an extract's edge."""
    lines = ['<osm version="0.6" generator="test">']
    gone = set(missing)
    for number, (x, y) in sorted(nodes.items()):
        if number in gone:
            continue
        lon, lat = degrees(x, y)
        lines.append(f'<node id="{number}" version="1" lon="{lon:.7f}" lat="{lat:.7f}">')
        lines += [*_tags((node_tags or {}).get(number, {})), "</node>"]
    for number, refs, tags in sorted(ways):
        lines.append(f'<way id="{number}" version="1">')
        lines += [f'<nd ref="{ref}"/>' for ref in refs]
        lines += [*_tags(tags), "</way>"]
    for number, members, tags in sorted(relations):
        lines.append(f'<relation id="{number}" version="1">')
        lines += [f'<member type="{kind}" ref="{ref}" role="{role}"/>' for kind, ref, role in members]
        lines += [*_tags(tags), "</relation>"]
    return "\n".join([*lines, "</osm>"])


def write(folder: Path, text: str, name: str = "town.osm") -> Path:
    """Write OSM text to a file and return its path."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def _tags(tags: Tags) -> list[str]:
    return [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items()]
