"""Make one sorted, unpacked OSM file of the files that a user gave."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple, cast

import osmium

from citycover.errors import FileFormatError

SUFFIXES = (".osm", ".osm.gz", ".osm.bz2", ".osm.pbf", ".pbf")
UNPACK_LIMIT = 8 * 1024**3
UNPACK_RATIO = 100
UNPACK_FLOOR = 100 * 1024**2
_CHUNK = 4 * 1024**2
_NEGATIVE = 10**15

Box = tuple[float, float, float, float]


class Prepared(NamedTuple):
    """One file that osmium can read in one pass, its bounds as the files state them, and how often objects repeat."""

    path: Path
    box: Box | None
    repeats: int


def check_suffix(path: Path) -> str:
    """Return the OSM suffix of a path.

    Raises
    ------
    FileFormatError
        There is no such file, it is empty, or its suffix is none of ``.osm .osm.gz .osm.bz2 .osm.pbf .pbf``.

    Examples
    --------
    >>> check_suffix(Path("city.shp"))
    Traceback (most recent call last):
    citycover.errors.FileFormatError: city.shp: needed a file ending in .osm, .osm.gz, .osm.bz2, .osm.pbf, .pbf
    """
    name = path.name.lower()
    found = [s for s in sorted(SUFFIXES, key=len, reverse=True) if name.endswith(s)]
    if not found:
        raise FileFormatError(f"{path}: needed a file ending in {', '.join(SUFFIXES)}, given {path.suffix or 'none'}")
    if not path.is_file():
        raise FileFormatError(f"{path}: needed an OpenStreetMap file, given no such file")
    if path.stat().st_size == 0:
        raise FileFormatError(f"{path}: needed an OpenStreetMap file, given an empty one (0 bytes)")
    return found[0]


def prepare(paths: Sequence[Path], folder: Path, *, unpack_limit: int = UNPACK_LIMIT) -> Prepared:
    """Return one file ready for osmium: unpacked, and merged and sorted where there are several.

    Parameters
    ----------
    paths
        OSM files; tiles may overlap. An object that several of them hold is taken once, in its newest version.
    folder
        Folder for what is unpacked or merged; the caller deletes it.
    unpack_limit
        Bytes to which one ``.gz`` or ``.bz2`` may unpack. Above 100 MB it may also not unpack to more than a
        hundred times its size (OSM text packs 10 to 25 times).

    Raises
    ------
    FileFormatError
        A file is missing, empty, of another format, broken or too large when unpacked.
    """
    if not paths:
        raise FileFormatError("read_osm: needed at least one file, given none")
    files = [_unpacked(path, folder / f"unpacked{i}.osm", unpack_limit) for i, path in enumerate(paths)]
    boxes = [_box(file, path) for file, path in zip(files, paths, strict=True)]
    known = [box for box in boxes if box is not None]
    box = None
    if known and len(known) == len(boxes):
        lows, highs = [b[:2] for b in known], [b[2:] for b in known]
        box = (min(x for x, _ in lows), min(y for _, y in lows), max(x for x, _ in highs), max(y for _, y in highs))
    if len(files) == 1:
        return Prepared(files[0], box, 0)
    merged = sort_file(files, folder / "merged.osm.pbf", paths)
    before = sum(_count_tagged(file, path) for file, path in zip(files, paths, strict=True))
    return Prepared(merged, box, before - _count_tagged(merged, merged))


def sort_file(files: Sequence[Path], out: Path, names: Sequence[Path]) -> Path:
    """Write the objects of the files to ``out``, sorted by type and id, each once; return ``out``."""
    reader = osmium.MergeInputReader()
    for file, name in zip(files, names, strict=True):
        try:
            reader.add_file(str(file))
        except RuntimeError as error:
            raise broken(name, error) from error
    with osmium.SimpleWriter(str(out), overwrite=True) as writer:
        reader.apply(writer, simplify=True)
    return out


def renumber_negative(file: Path, out: Path) -> Path:
    """Write the file with the negative ids of editors (JOSM) turned into large positive ones; return ``out``.

    osmium keeps no positions of nodes with negative ids. :func:`own_id` turns the ids back.
    """
    unsorted = out.with_name("renumbered.osm.pbf")
    with osmium.SimpleWriter(str(unsorted), overwrite=True) as writer:
        for thing in osmium.FileProcessor(str(file)):
            if isinstance(thing, osmium.osm.Way):
                writer.add(thing.replace(id=_positive(thing.id), nodes=[_positive(n.ref) for n in thing.nodes]))
            elif isinstance(thing, osmium.osm.Relation):
                members = [(m.type, _positive(m.ref), m.role) for m in thing.members]
                writer.add(thing.replace(id=_positive(thing.id), members=members))
            elif isinstance(thing, osmium.osm.Node):
                writer.add(thing.replace(id=_positive(thing.id)))
    return sort_file([unsorted], out, [file])


def own_id(number: int) -> int:
    """Return the id as the file has it, negative ones of editors included.

    >>> own_id(7), own_id(10**15 + 7)
    (7, -7)
    """
    return number if number < _NEGATIVE else _NEGATIVE - number


def broken(path: Path, error: BaseException) -> FileFormatError:
    """Return the error that says that a file cannot be read."""
    return FileFormatError(f"{path}: needed a whole OpenStreetMap file, given a broken or truncated one: {error}")


def _positive(number: int) -> int:
    return number if number >= 0 else _NEGATIVE - number


def _unpacked(path: Path, out: Path, limit: int) -> Path:
    suffix = check_suffix(path)
    if not suffix.endswith((".gz", ".bz2")):
        return path
    packed = path.stat().st_size
    allowed = min(limit, max(UNPACK_FLOOR, UNPACK_RATIO * packed))
    opener = gzip.open if suffix.endswith(".gz") else bz2.open
    written = 0
    try:
        with cast("IO[bytes]", opener(path, "rb")) as source, out.open("wb") as target:
            while chunk := source.read(_CHUNK):
                written += len(chunk)
                if written > allowed:
                    raise FileFormatError(
                        f"{path}: needed a file that unpacks to at most {allowed:,} bytes "
                        f"(unpack_limit {limit:,}, or {UNPACK_RATIO} times its {packed:,} bytes), given one that "
                        "unpacks to more: unpack it yourself if you trust it"
                    )
                target.write(chunk)
    except (EOFError, OSError, zlib.error) as error:
        raise broken(path, error) from error
    if written == 0:
        raise FileFormatError(f"{path}: needed an OpenStreetMap file, given one that unpacks to nothing")
    return out


def _box(file: Path, name: Path) -> Box | None:
    try:
        box = osmium.FileProcessor(str(file)).header.box()
    except RuntimeError as error:
        raise broken(name, error) from error
    if not box.valid():
        return None
    return (box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat)


def _count_tagged(file: Path, name: Path) -> int:
    try:
        return sum(1 for _ in osmium.FileProcessor(str(file)).with_filter(osmium.filter.EmptyTagFilter()))
    except RuntimeError as error:
        raise broken(name, error) from error
