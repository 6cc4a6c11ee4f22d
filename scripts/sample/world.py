"""A drawing board that numbers nodes, ways and relations and writes them as one OSM file."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import quoteattr

from sample.ground import Point, degrees, metres

Tags = dict[str, str]
STAMP = "2026-03-01T00:00:00Z"


@dataclass
class World:
    """Nodes, ways and relations in the order in which they were drawn; one spot holds one node."""

    spots: dict[Point, int] = field(default_factory=dict)
    nodes: dict[int, tuple[Point, Tags]] = field(default_factory=dict)
    ways: dict[int, tuple[list[int], Tags]] = field(default_factory=dict)
    relations: dict[int, tuple[list[tuple[str, int, str]], Tags]] = field(default_factory=dict)

    def node(self, east: float, north: float, tags: Tags | None = None) -> int:
        """Return the node at a spot in metres, made if need be; tags are added to it."""
        lon, lat = degrees(east, north)
        spot = (round(lon, 7), round(lat, 7))
        number = self.spots.setdefault(spot, 101 + len(self.spots))
        held = self.nodes.setdefault(number, (spot, {}))
        held[1].update(tags or {})
        return number

    def grid_node(self, x: float, y: float, tags: Tags | None = None) -> int:
        """Return the node at a spot of the plan's grid."""
        return self.node(*metres(x, y), tags)

    def way(self, nodes: list[int], tags: Tags) -> str:
        """Draw a way and return its id."""
        number = 1001 + len(self.ways)
        self.ways[number] = (nodes, tags)
        return f"way/{number}"

    def grid_way(self, points: list[Point], tags: Tags, *, closed: bool = False) -> str:
        """Draw a way through spots of the plan's grid."""
        nodes = [self.grid_node(*p) for p in points]
        return self.way([*nodes, nodes[0]] if closed else nodes, tags)

    def ring(self, points: list[Point], tags: Tags) -> str:
        """Draw a closed way through points in metres."""
        nodes = [self.node(*p) for p in points]
        return self.way([*nodes, nodes[0]], tags)

    def relation(self, members: list[tuple[str, int, str]], tags: Tags) -> str:
        """Draw a relation of (type, number, role) and return its id."""
        number = 501 + len(self.relations)
        self.relations[number] = (members, tags)
        return f"relation/{number}"

    def xml(self, bounds: tuple[float, float, float, float], *, missing: frozenset[int] = frozenset()) -> str:
        """Return the OSM file; nodes in ``missing`` are left out, as an extract's edge does."""
        west, south, east, north = bounds
        out = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6" generator="make_sample.py">']
        out.append("<note>An invented district. No place, person or camera in it exists. MIT licence.</note>")
        out.append(f'<bounds minlat="{south:.7f}" minlon="{west:.7f}" maxlat="{north:.7f}" maxlon="{east:.7f}"/>')
        for number, ((lon, lat), tags) in sorted(self.nodes.items()):
            if number not in missing:
                head = f'<node id="{number}" version="1" lat="{lat:.7f}" lon="{lon:.7f}"'
                out += _element("node", head, [], tags)
        for number, (nodes, tags) in self.ways.items():
            out += _element("way", f'<way id="{number}" version="1"', [f'<nd ref="{n}"/>' for n in nodes], tags)
        for number, (members, tags) in self.relations.items():
            rows = [f'<member type="{kind}" ref="{n}" role="{role}"/>' for kind, n, role in members]
            out += _element("relation", f'<relation id="{number}" version="1"', rows, tags)
        return "\n".join([*out, "</osm>", ""])


def _element(kind: str, head: str, rows: list[str], tags: Tags) -> list[str]:
    body = rows + [f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in sorted(tags.items())]
    return [f"{head}>", *[f" {line}" for line in body], f"</{kind}>"] if body else [f"{head}/>"]
