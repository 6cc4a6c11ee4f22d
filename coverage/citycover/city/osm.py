"""Read OpenStreetMap files in one osmium pass into raw objects with metric geometry."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import osmium
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from citycover import geo, tables
from citycover.city import osm_files
from citycover.city.osm_tags import CARRIAGEWAYS, COLLECTIONS, KEPT_KEYS, UNWANTED_KEYS, is_surface
from citycover.errors import FileFormatError

Tags = dict[str, str]
_UNSORTED = 0.2  # share of ways without any node above which a file is taken for unsorted
_SAME_COUNTRY = 5.0  # degrees within which an area may choose the CRS; farther off it is refused later


@dataclass(frozen=True)
class RoadWays:
    """The carriageway ways with their nodes.

    ``ways`` holds ``osm_id`` and ``tags``; way i has the nodes ``offsets[i]:offsets[i+1]`` of ``nodes`` (OSM ids),
    ``x`` and ``y`` (m). A way that the extract's edge cuts stands in it once per part that has its nodes.
    """

    ways: pd.DataFrame
    offsets: npt.NDArray[np.int64]
    nodes: npt.NDArray[np.int64]
    x: geo.Floats
    y: geo.Floats


@dataclass(frozen=True)
class RawOsm:
    """What the files hold, before anything is understood of it.

    ``objects``: ``osm_id`` (``node/1``, ``way/2``, ``relation/3``), ``tags`` (a dict per row), ``closed`` and metric
    geometry, one row per object, nodes first, then ways, then relations, each by id. Closed ways with the tags of a
    surface and multipolygon relations are polygons, other ways are lines. ``box`` is the extract's own statement of its
    bounds (west, south, east, north; degrees) where it has one, ``source`` the names of the files.
    """

    crs: CRS
    objects: gpd.GeoDataFrame
    road_ways: RoadWays
    counts: dict[str, int]
    rejects: pd.DataFrame
    box: osm_files.Box | None = None
    source: str = ""


def tag_values(objects: pd.DataFrame, *keys: str) -> pd.Series:
    """Return the value of the first of ``keys`` that an object has, null where it has none; index as ``objects``.

    >>> rows = pd.DataFrame({"tags": [{"name": "a"}, {}, {"name:zh": "b"}]})
    >>> tag_values(rows, "name", "name:zh").fillna("-").tolist()
    ['a', '-', 'b']
    """
    values = [next((tags[k] for k in keys if k in tags), None) for tags in objects["tags"]]
    return pd.Series(values, index=objects.index, dtype="str")


def read_raw(
    paths: str | Path | Sequence[str | Path],
    *,
    area: BaseGeometry | None = None,
    unpack_limit: int = osm_files.UNPACK_LIMIT,
) -> RawOsm:
    """Read OSM files (``.osm``, ``.osm.gz``, ``.osm.bz2``, ``.osm.pbf``) into raw objects.

    Parameters
    ----------
    paths
        One file or several tiles; what several hold is taken once.
    area
        Area of the study in WGS-84 degrees; only its centre is used, to choose the metric CRS. Without it the
        median of the road nodes (or of everything, where there are no roads) chooses.
    unpack_limit
        Bytes to which a packed file may unpack.

    Returns
    -------
    RawOsm
        Objects, road ways, counts of what was read and left out, and a row of ``rejects`` for each object that could
        not be used.

    Raises
    ------
    FileFormatError
        A file is missing, broken, truncated, of another format, too large when unpacked, or holds no object.
    """
    given = [paths] if isinstance(paths, str | Path) else list(paths)
    files = [Path(p) for p in given]
    with tempfile.TemporaryDirectory(prefix="citycover") as name:
        folder = Path(name)
        prepared = osm_files.prepare(files, folder, unpack_limit=unpack_limit)
        scan = _scan_any_order(prepared.path, files[0], folder)
    if not len(scan.ids):
        raise FileFormatError(f"{files[0]}: needed OpenStreetMap objects with tags, given none")
    source = ";".join(f.name for f in files)
    return _assemble(scan, source, area=area, box=prepared.box, repeats=prepared.repeats)


@dataclass
class _Scan:
    """What one pass collects, in file order."""

    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    shapes: list[Any] = field(default_factory=list)
    closed: list[bool] = field(default_factory=list)
    road_ids: list[str] = field(default_factory=list)
    road_tags: list[Tags] = field(default_factory=list)
    road_nodes: list[list[int]] = field(default_factory=list)
    road_shapes: list[Any] = field(default_factory=list)
    pending: dict[str, Tags] = field(default_factory=dict)
    collections: list[tuple[str, Tags, list[str]]] = field(default_factory=list)
    way_ids: set[int] = field(default_factory=set)
    cut_ways: dict[str, tuple[int, int]] = field(default_factory=dict)
    members: dict[str, list[int]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    negative: bool = False

    def add(self, osm_id: str, tags: Tags, shape: Any, *, closed: bool) -> None:
        self.ids.append(osm_id)
        self.tags.append(tags)
        self.shapes.append(shape)
        self.closed.append(closed)


def _scan_any_order(path: Path, name: Path, folder: Path) -> _Scan:
    scan: _Scan | None
    try:
        scan = _scan(path)
    except RuntimeError as error:
        if "out of order" not in str(error):
            raise osm_files.broken(name, error) from error
        scan = None
    bare = 0 if scan is None else sum(missing == total for missing, total in scan.cut_ways.values())
    if scan is None or bare > _UNSORTED * len(scan.way_ids):  # nodes behind their ways
        path = osm_files.sort_file([path], folder / "sorted.osm.pbf", [name])
        scan = _scan(path)
    if scan.negative:
        scan = _scan(osm_files.renumber_negative(path, folder / "positive.osm.pbf"))
    return scan


def _scan(path: Path) -> _Scan:
    """Collect every object that anyone needs; the only loop over objects in the package."""
    wkb = osmium.geom.WKBFactory()
    scan = _Scan()
    tagged_nodes = osmium.filter.EmptyTagFilter()
    tagged_nodes.enable_for(osmium.osm.NODE)
    things: Iterable[Any] = osmium.FileProcessor(str(path)).with_locations().with_areas().with_filter(tagged_nodes)
    for thing in things:
        if thing.is_way():
            _take_way(thing, wkb, scan)
            continue
        tags = {t.k: t.v for t in thing.tags}
        if KEPT_KEYS.isdisjoint(tags):
            continue
        if thing.is_area():
            osm_id = f"{'way' if thing.from_way() else 'relation'}/{osm_files.own_id(thing.orig_id())}"
            if osm_id in scan.pending and thing.num_rings()[0] > 0:  # none: its rings do not close or cross
                scan.add(osm_id, _wanted(tags), wkb.create_multipolygon(thing), closed=True)
                del scan.pending[osm_id]
        elif thing.is_node():
            scan.negative |= thing.id < 0
            scan.add(f"node/{osm_files.own_id(thing.id)}", _wanted(tags), wkb.create_point(thing), closed=False)
        elif thing.is_relation():
            _take_relation(thing, tags, scan)
    return scan


def _take_way(way: Any, wkb: Any, scan: _Scan) -> None:
    scan.way_ids.add(way.id)
    scan.negative |= way.id < 0
    tags = {t.k: t.v for t in way.tags}
    if KEPT_KEYS.isdisjoint(tags):
        return
    osm_id = f"way/{osm_files.own_id(way.id)}"
    road = tags.get("highway") in CARRIAGEWAYS and tags.get("area") != "yes"
    nodes = way.nodes
    closed = len(nodes) > 3 and way.is_closed()
    surface = closed and is_surface(tags)
    whole = True
    if not surface or road:
        try:
            shape = wkb.create_linestring(nodes, use_nodes=osmium.geom.ALL)
        except (osmium.InvalidLocationError, RuntimeError):
            whole = False
    elif any(not n.location.valid() for n in nodes):
        whole = False
    if not whole:
        _take_cut_way(osm_id, nodes, _wanted(tags), scan, surface=surface, road=road)
        return
    if surface:
        scan.pending[osm_id] = tags
    else:
        scan.add(osm_id, _wanted(tags), shape, closed=closed)
    if road:
        scan.road_ids.append(osm_id)
        scan.road_tags.append(_wanted(tags))
        scan.road_nodes.append([n.ref for n in nodes])
        scan.road_shapes.append(shape)


def _take_cut_way(osm_id: str, nodes: Any, tags: Tags, scan: _Scan, *, surface: bool, road: bool) -> None:
    """Keep the parts of a line whose nodes are known; a surface without all its nodes is left out."""
    seen = [(n.ref, n.lon, n.lat) if n.location.valid() else (n.ref, None, None) for n in nodes]
    scan.negative |= any(ref < 0 for ref, lon, _ in seen if lon is None)
    scan.cut_ways[osm_id] = (sum(lon is None for _, lon, _ in seen), len(seen))
    if surface:
        return
    runs: list[list[tuple[int, float, float]]] = [[]]
    for ref, lon, lat in seen:
        if lon is None or lat is None:
            runs.append([])
        else:
            runs[-1].append((ref, lon, lat))
    runs = [run for run in runs if len(run) > 1]
    lines = [shapely.linestrings([(lon, lat) for _, lon, lat in run]) for run in runs]
    if lines:
        scan.add(osm_id, tags, lines[0] if len(lines) == 1 else shapely.multilinestrings(lines), closed=False)
    if road:
        scan.road_ids += [osm_id] * len(runs)
        scan.road_tags += [tags] * len(runs)
        scan.road_nodes += [[ref for ref, _, _ in run] for run in runs]
        scan.road_shapes += lines


def _take_relation(relation: Any, tags: Tags, scan: _Scan) -> None:
    scan.negative |= relation.id < 0
    osm_id = f"relation/{osm_files.own_id(relation.id)}"
    kind = tags.get("type")
    if kind in ("multipolygon", "boundary"):
        scan.pending[osm_id] = tags
        scan.members[osm_id] = [m.ref for m in relation.members if m.type == "w"]
    elif kind in COLLECTIONS or (kind == "route" and tags.get("route") in COLLECTIONS):
        letters = {"n": "node", "w": "way", "r": "relation"}
        refs = [f"{letters[m.type]}/{osm_files.own_id(m.ref)}" for m in relation.members]
        scan.collections.append((osm_id, _wanted(tags), refs))
    else:
        scan.left_out["relations_of_other_types"] = scan.left_out.get("relations_of_other_types", 0) + 1


def _wanted(tags: Tags) -> Tags:
    return {k: v for k, v in tags.items() if not k.startswith(UNWANTED_KEYS)}


def _geometry(shapes: Iterable[Any]) -> npt.NDArray[np.object_]:
    """Return shapely geometry of a mixture of hexadecimal WKB and shapely geometry."""
    array = np.array(list(shapes), dtype=object)
    text = np.array([isinstance(s, str) for s in array], dtype=bool)
    if text.any():
        array[text] = shapely.from_wkb(array[text])
    return array


def _assemble(
    scan: _Scan, source: str, *, area: BaseGeometry | None, box: osm_files.Box | None, repeats: int
) -> RawOsm:
    geometry = _geometry(scan.shapes)
    road_geometry = _geometry(scan.road_shapes)
    road_lonlat = shapely.get_coordinates(road_geometry)
    crs = _choose_crs(area, road_lonlat if len(road_lonlat) else shapely.get_coordinates(geometry))

    def metric(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        return np.column_stack(geo.to_metric(degrees[:, 0], degrees[:, 1], crs))

    single = (shapely.get_type_id(geometry) == shapely.GeometryType.MULTIPOLYGON) & (
        shapely.get_num_geometries(geometry) == 1
    )
    geometry = np.where(single, shapely.get_geometry(geometry, 0), geometry)
    objects = gpd.GeoDataFrame(
        {"osm_id": pd.array(scan.ids, dtype="str"), "tags": pd.Series(scan.tags, dtype=object), "closed": scan.closed},
        geometry=gpd.GeoSeries(shapely.transform(geometry, metric), crs=crs),
    )
    collected, bare = _collect_members(scan, objects)
    objects = gpd.GeoDataFrame(pd.concat([objects, collected], ignore_index=True), crs=crs)
    kinds, numbers = zip(*(osm_id.split("/") for osm_id in objects["osm_id"]), strict=True)
    order = pd.DataFrame({"kind": kinds, "number": np.array(numbers, dtype=np.int64)}).sort_values(
        ["kind", "number"], key=lambda c: c.map({"node": 0, "way": 1, "relation": 2}) if c.name == "kind" else c
    )
    objects = gpd.GeoDataFrame(objects.loc[order.index], crs=crs)
    once = ~objects.duplicated("osm_id")
    inside = int((~once).sum())
    objects = gpd.GeoDataFrame(objects[once].reset_index(drop=True), crs=crs)
    rejects, lost = _list_lost(scan, source)
    counts = {
        "osm_objects": len(objects),
        "osm_repeats": repeats + inside,
        "osm_ways_cut": len(scan.cut_ways),
        **lost,
        "osm_collections_without_members": bare,
        **scan.left_out,
    }
    lengths = np.array([len(nodes) for nodes in scan.road_nodes], dtype=np.int64)
    xy = metric(road_lonlat) if len(road_lonlat) else np.empty((0, 2))
    roads = RoadWays(
        ways=pd.DataFrame(
            {"osm_id": pd.array(scan.road_ids, dtype="str"), "tags": pd.Series(scan.road_tags, dtype=object)}
        ),
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        nodes=np.array([n for nodes in scan.road_nodes for n in nodes], dtype=np.int64),
        x=xy[:, 0],
        y=xy[:, 1],
    )
    return RawOsm(crs=crs, objects=objects, road_ways=roads, counts=counts, rejects=rejects, box=box, source=source)


def _choose_crs(area: BaseGeometry | None, lonlat: npt.NDArray[np.float64]) -> CRS:
    lon, lat = np.median(lonlat, axis=0)
    if area is not None and abs(area.centroid.x - lon) < _SAME_COUNTRY and abs(area.centroid.y - lat) < _SAME_COUNTRY:
        lon, lat = area.centroid.x, area.centroid.y
    return geo.metric_crs(float(lon), float(lat))


def _collect_members(scan: _Scan, objects: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, int]:
    """Return the relations that only gather members (sites, bridges, lines of rail) with their members' geometry.

    The members of the highest dimension make the geometry. Untagged members are not known any more.
    """
    links = pd.DataFrame(
        [(i, ref) for i, (_, _, refs) in enumerate(scan.collections) for ref in refs], columns=["row", "osm_id"]
    )
    links = links.merge(objects[["osm_id", "geometry"]], on="osm_id", how="inner")
    empty = gpd.GeoDataFrame({c: objects[c].iloc[:0] for c in objects.columns}, crs=objects.crs)
    if links.empty:
        return empty, len(scan.collections)
    parts, index = shapely.get_parts(links["geometry"].to_numpy(), return_index=True)
    pieces = pd.DataFrame({"row": links["row"].to_numpy()[index], "part": parts})
    pieces["dimension"] = shapely.get_dimensions(parts)
    best = pieces.groupby("row")["dimension"].transform("max")
    gathered = pieces[pieces["dimension"] == best].sort_values("row", kind="stable")
    rows = np.unique(gathered["row"].to_numpy())
    numbers = np.searchsorted(rows, gathered["row"].to_numpy())
    shapes = np.asarray(shapely.geometrycollections(gathered["part"].to_numpy(), indices=numbers), dtype=object)
    made = gpd.GeoDataFrame(
        {
            "osm_id": pd.array([scan.collections[r][0] for r in rows], dtype="str"),
            "tags": pd.Series([scan.collections[r][1] for r in rows], dtype=object),
            "closed": False,
        },
        geometry=gpd.GeoSeries(shapely.unary_union(shapes.reshape(-1, 1), axis=1), crs=objects.crs),
    )
    return made, len(scan.collections) - len(rows)


def _list_lost(scan: _Scan, source: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """Return ``rejects`` and counts of the objects that the extract's edge cut or whose rings do not close."""
    rows = [
        (osm_id, f"needed all nodes of the way, given {total - missing} of {total}: the extract's edge cuts it")
        for osm_id, (missing, total) in scan.cut_ways.items()
    ]
    cut = {osm_id for osm_id in scan.cut_ways if osm_id.startswith("way/")}
    counts = {"osm_relations_cut": 0, "osm_districts_cut": 0, "osm_surfaces_broken": 0}
    for osm_id, tags in scan.pending.items():
        members = scan.members.get(osm_id, [])
        missing = sum(m not in scan.way_ids or f"way/{osm_files.own_id(m)}" in cut for m in members)
        if missing or (osm_id.startswith("relation/") and not members):
            counts["osm_relations_cut"] += 1
            counts["osm_districts_cut"] += tags.get("boundary") == "administrative"
            given = f"{len(members) - missing} of {len(members)}: the extract's edge cuts it"
            rows.append((osm_id, f"needed all member ways of the relation, given {given}"))
        else:
            counts["osm_surfaces_broken"] += 1
            rows.append((osm_id, "needed rings that close and do not cross, given others"))
    frame = pd.DataFrame(rows, columns=["osm_id", "reason"])
    frame["reject_id"] = source + ": " + frame["osm_id"].astype("str")
    frame["source"] = source
    return tables.conform("rejects", frame[["reject_id", "source", "reason"]]), counts
