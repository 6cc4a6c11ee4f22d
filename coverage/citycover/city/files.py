"""Any tabular or geographic file as a frame of text cells that remember their rows in the file."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS

from citycover.city.archives import unpack_gzip, unpack_zip
from citycover.city.sheets import Rows, read_sheet
from citycover.errors import FileFormatError, InputError, SheetError

MAX_FILE_BYTES = 2 * 2**30
"""Largest file that is opened."""
MAX_UNPACKED_BYTES = 2**30
"""Largest content of a gzip, zip or .xlsx file, unpacked."""
MAX_CELLS = 100_000_000
"""Most cells (rows × columns) of one sheet."""
MAX_ROWS = 5_000_000
"""Most rows or objects of one file."""
HEADER_ROWS = 30
"""Rows from the top of the file within which the header must stand."""

SUFFIXES = (
    ".csv",
    ".csv.gz",
    ".txt",
    ".tsv",
    ".xlsx",
    ".xlsm",
    ".xls",
    ".geojson",
    ".json",
    ".gpkg",
    ".shp",
    ".zip",
    ".kml",
)
_GEO = {".geojson": b"{", ".json": b"{", ".gpkg": b"SQLite format 3\0", ".shp": b"\0\0\x27\x0a", ".kml": b"<"}
_LINKED_CRS = re.compile(rb'"crs"\s*:\s*\{[^}]{0,300}?("link"|https?://(?!www\.opengis\.net))', re.DOTALL)
_BLANKS = " \t\r\n\u3000\ufeff\u200b\xa0"
_LOST = 1e15

Score = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class RawTable:
    """A file's rows as text; an empty cell is null.

    ``rows`` gives each row's number in the file, counted as a spreadsheet shows it: the first line is row 1, and the
    first object of a geographic file, which has no header line, is row 2. ``geometry`` (east or longitude first) and
    ``crs`` are None for tables. ``broken`` lists rows that could not even be split into cells (row, reason).
    """

    source: str
    stem: str
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    geometry: gpd.GeoSeries | None = None
    crs: CRS | None = None
    broken: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"row": [], "reason": []}))


def read_table(path: str | Path, *, sheet: str | None = None, score: Score | None = None) -> RawTable:
    """Return the rows of a file of any format in :data:`SUFFIXES` as text.

    Parameters
    ----------
    path
        CSV (UTF-8, with or without a byte-order mark, UTF-16 with one, or GB18030; the delimiter is found out), the
        same packed by gzip, Excel, GeoJSON, GeoPackage, Shapefile (its ``.cpg``, else UTF-8 or GB18030), KML, or a
        zip that holds one of them.
    sheet
        Sheet of a workbook or layer of a GeoPackage, by name.
    score
        How many cells of a row are headers that the caller knows; the header is the best row among the first
        :data:`HEADER_ROWS`, so that titles may stand above it. Without it, the first row that is filled.

    Raises
    ------
    FileFormatError
        The file is absent, empty, broken, of no known format, or beyond a limit, which the message names.
    InputError
        The sheet or layer is not there.
    """
    path = Path(path)
    if not path.is_file():
        raise FileFormatError(f"{path.name}: there is no such file in {path.parent}")
    size = path.stat().st_size
    if size == 0:
        raise FileFormatError(f"{path.name}: the file is empty")
    if size > MAX_FILE_BYTES:
        raise FileFormatError(f"{path.name}: {size:,} bytes, over the limit of {MAX_FILE_BYTES:,}")
    count = score or (lambda cells: int(sum(map(bool, cells)) > 0))
    suffix, stem = _suffix(path.name)
    if suffix == ".zip":
        return _read_zip(path, sheet=sheet, score=count)
    if suffix in (".xlsx", ".xlsm", ".xls"):
        _, rows = read_sheet(
            path,
            sheet=sheet,
            choose=lambda rows: max((count(row) for row in rows[:HEADER_ROWS]), default=0),
            max_bytes=MAX_UNPACKED_BYTES,
            max_cells=MAX_CELLS,
        )
        return _from_rows(rows, source=path.name, stem=stem, score=count, ragged=False)
    if suffix in _GEO:
        return _read_geographic(path, suffix, layer=sheet)
    if suffix in (".csv", ".csv.gz", ".txt", ".tsv"):
        packed = suffix.endswith(".gz")
        content = unpack_gzip(path, limit=MAX_UNPACKED_BYTES) if packed else path.read_bytes()
        rows = _split(decode(content, source=path.name), source=path.name)
        return _from_rows(rows, source=path.name, stem=stem, score=count, ragged=True)
    raise FileFormatError(f"{path.name}: needed one of {', '.join(SUFFIXES)}")


def decode(content: bytes, *, source: str) -> str:
    """Return text whose encoding is found out: a byte-order mark decides, then UTF-8, then GB18030.

    Up to one character in a hundred may be broken; it is read as �.

    Raises
    ------
    FileFormatError
        The bytes are no text in any of them.

    Examples
    --------
    >>> decode("经度".encode("gb18030"), source="x.csv")
    '经度'
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise FileFormatError(f"{source}: needed text in UTF-8 or GB18030, given binary data")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    guesses = [content.decode(encoding, errors="replace") for encoding in ("utf-8-sig", "gb18030")]
    best = min(guesses, key=lambda text: text.count("\ufffd"))
    if best.count("\ufffd") * 100 > len(best):
        raise FileFormatError(f"{source}: needed text in UTF-8 or GB18030, given bytes that are neither")
    return best


def _suffix(name: str) -> tuple[str, str]:
    lower = name.lower()
    for suffix in sorted(SUFFIXES, key=len, reverse=True):
        if lower.endswith(suffix):
            return suffix, name[: -len(suffix)]
    return PurePosixPath(lower).suffix, name


def _split(text: str, *, source: str) -> Rows:
    sample = "\n".join(text.splitlines()[:50])
    delimiter = max(",\t;|", key=lambda sign: _regularity(sample, sign))
    lines = list(io.StringIO(text, newline=""))
    rows = _quoted(lines, delimiter) or [_alone(line, delimiter) for line in lines]
    if len(rows) > MAX_ROWS:
        raise FileFormatError(f"{source}: {len(rows):,} rows, over the limit of {MAX_ROWS:,}")
    return rows


def _quoted(lines: Sequence[str], delimiter: str) -> Rows:
    """Return the rows as the quotes say; nothing where a quote is never closed and would swallow rows.

    That is so where a cell runs over lines one of which, taken alone, is as wide as a row.
    """
    try:
        reader = csv.reader(lines, delimiter=delimiter)
        rows, ends = [], []
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error:
        return []
    widths = [len(row) for row in rows if row]
    usual = max(set(widths), key=widths.count, default=1)
    spans = ((start, end) for start, end in zip([0, *ends], ends, strict=False) if end - start > 1)
    torn = usual > 1 and any(
        end - start > HEADER_ROWS or len(_alone(line, delimiter)) >= usual
        for start, end in spans
        for line in lines[start + 1 : end]
    )
    return [] if torn else rows


def _alone(line: str, delimiter: str) -> list[str]:
    """Return the cells of a line for itself; where its quotes do not pair, they mean nothing."""
    bare = line.rstrip("\r\n")
    if bare.count('"') % 2:
        return [cell.strip('"') for cell in bare.split(delimiter)]
    return next(csv.reader([bare], delimiter=delimiter), [])


def _regularity(sample: str, delimiter: str) -> tuple[int, int]:
    try:
        widths = [len(row) for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row]
    except csv.Error:
        return (0, 0)
    usual = max(set(widths), key=lambda width: (widths.count(width), width), default=1)
    return (widths.count(usual) if usual > 1 else 0, usual)


def _from_rows(rows: Rows, *, source: str, stem: str, score: Score, ragged: bool) -> RawTable:
    clean = [[cell.strip(_BLANKS) for cell in row] for row in rows]
    filled = [i for i, row in enumerate(clean) if any(row)]
    if not filled:
        raise FileFormatError(f"{source}: the table is empty")
    header_row = max((i for i in filled if i < HEADER_ROWS), key=lambda i: (score(clean[i]), -i), default=filled[0])
    header = clean[header_row]
    while header and not header[-1]:
        header = header[:-1]
    body = [i for i in filled if i > header_row and clean[i][: len(header)] != header]
    broken = [i for i in body if ragged and any(clean[i][len(header) :])]
    torn = set(broken)
    kept = [i for i in body if i not in torn]
    width = len(header)
    cells = [clean[i][:width] + [""] * (width - len(clean[i])) for i in kept]
    frame = pd.DataFrame(cells, columns=_unique(header), dtype="str")
    reasons = [f"needed {width} cells, given {len(clean[i])}: an unquoted delimiter inside a cell?" for i in broken]
    return RawTable(
        source=source,
        stem=stem,
        frame=frame.mask(frame == ""),
        rows=np.asarray(kept, dtype=np.int64) + 1,
        broken=pd.DataFrame({"row": np.asarray(broken, dtype=np.int64) + 1, "reason": reasons}),
    )


def _unique(header: Sequence[str]) -> list[str]:
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return names


def _read_zip(path: Path, *, sheet: str | None, score: Score) -> RawTable:
    members = unpack_zip(path, limit=MAX_UNPACKED_BYTES)
    members = {name: content for name, content in members.items() if not name.startswith("__MACOSX/")}
    readable = [s for s in SUFFIXES if s not in (".zip", ".txt", ".json")]
    tables = [name for name in members if _suffix(name)[0] in readable]
    if len(tables) != 1:
        found = ", ".join(PurePosixPath(name).name for name in tables) or "none"
        raise FileFormatError(f"{path.name}: needed a zip that holds one register, found {found}")
    suffix, inner = _suffix(tables[0])
    with tempfile.TemporaryDirectory() as folder:
        for name, content in members.items():
            if name == tables[0] or (suffix == ".shp" and PurePosixPath(name).stem == PurePosixPath(inner).name):
                extension = suffix if name == tables[0] else PurePosixPath(name).suffix.lower()
                (Path(folder) / f"register{extension}").write_bytes(content)
        raw = read_table(Path(folder) / f"register{suffix}", sheet=sheet, score=score)
    return RawTable(path.name, path.stem, raw.frame, raw.rows, raw.geometry, raw.crs, raw.broken)


def _read_geographic(path: Path, suffix: str, *, layer: str | None) -> RawTable:
    with path.open("rb") as opened:
        start = opened.read(4096)
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_GEO[suffix]):
        raise FileFormatError(f"{path.name}: its content is not what its name {suffix} says")
    if suffix in (".geojson", ".json") and _LINKED_CRS.search(path.read_bytes()):
        raise FileFormatError(f"{path.name}: names a reference system by a link, which is not followed")
    if suffix == ".kml" and b"<kml" not in start:
        raise FileFormatError(f"{path.name}: its content is not KML")
    encoding = _dbf_encoding(path) if suffix == ".shp" else None
    try:
        kinds = {str(name): kind for name, kind in pyogrio.list_layers(path)}
        layers = [name for name, kind in kinds.items() if kind is not None or name == layer]
        if layer is not None and layer not in layers:
            raise SheetError(f"{path.name}: has no layer {layer!r}; its layers: {', '.join(layers)}")
        if layer is None and len(layers) > 1 and suffix == ".gpkg":
            raise InputError(f"{path.name}: has several layers, name one of: {', '.join(layers)}")
        chosen = [layer] if layer is not None else layers
        if sum(pyogrio.read_info(path, layer=name, encoding=encoding)["features"] for name in chosen) > MAX_ROWS:
            raise FileFormatError(f"{path.name}: over the limit of {MAX_ROWS:,} objects")
        frames = [pyogrio.read_dataframe(path, layer=name, encoding=encoding) for name in chosen]
    except (DataSourceError, DataLayerError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{path.name}: cannot be read ({error})") from error
    named = layer is not None and kinds[layer] is None  # a table without geometry, asked for by its name
    frames = [frame for frame in frames if (isinstance(frame, gpd.GeoDataFrame) or named) and len(frame)]
    if not frames:
        raise FileFormatError(f"{path.name}: holds no object with a geometry")
    whole = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    attributes = pd.DataFrame(whole.drop(columns="geometry", errors="ignore"))
    text = pd.DataFrame({name: _as_text(attributes[name]) for name in attributes.columns}, index=attributes.index)
    return RawTable(
        source=path.name,
        stem=_suffix(path.name)[1],
        frame=text,
        rows=np.arange(2, len(whole) + 2, dtype=np.int64),
        geometry=None if named else gpd.GeoSeries(whole.geometry.to_numpy()),
        crs=None if named else whole.crs,
    )


def _dbf_encoding(path: Path) -> str | None:
    if any(path.with_suffix(suffix).is_file() for suffix in (".cpg", ".CPG")):
        return None
    for suffix in (".dbf", ".DBF"):
        table = path.with_suffix(suffix)
        if table.is_file():
            content = table.read_bytes()
            try:
                content[32:].decode("utf-8")
            except UnicodeDecodeError:
                return "gb18030"
            return "utf-8"
    raise FileFormatError(f"{path.name}: its table {path.stem}.dbf is not beside it")


def _as_text(values: pd.Series) -> pd.Series:
    if pd.api.types.is_float_dtype(values):
        numbers = values.to_numpy(dtype=float)
        whole = np.isfinite(numbers) & (numbers == np.floor(numbers)) & (np.abs(numbers) < _LOST)
        text = pd.Series(numbers.astype(str), dtype="str", index=values.index).mask(np.isnan(numbers))
        text = text.mask(np.abs(numbers) >= _LOST, pd.Series([f"{n:.14E}" for n in numbers], index=values.index))
        integers = pd.Series(np.where(whole, numbers, 0).astype(np.int64).astype(str), index=values.index)
        return text.mask(whole, integers)
    if pd.api.types.is_bool_dtype(values):
        return values.map({True: "true", False: "false"}).astype("str")
    text = values.astype("str").str.strip(_BLANKS)
    return text.mask(text == "")
