"""What the headers of a register mean: recognised by name, by alias, or through the planner's column map."""

from __future__ import annotations

import difflib
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from citycover.errors import InputError
from citycover.tables import TABLES

ColumnMap = Mapping[str, str] | str | Path | None
_BRACKETS = re.compile(r"[(\[【<][^)\]】>]*[)\]】>]")
_SIGNS = re.compile(r"[\s*_\-:：.。'\"]+")
_REPEAT = re.compile(r"\.\d+$")


@dataclass(frozen=True)
class Headers:
    """What a file's headers were taken for.

    ``columns`` maps our names to their headers; ``private`` are the headers dropped at the door and ``unused`` those
    that nothing here needs, both in the order of the file.
    """

    columns: dict[str, str]
    private: tuple[str, ...]
    unused: tuple[str, ...]


def normal(header: str) -> str:
    """Return a header as it is compared: half-width, lower case, without brackets, blanks, ``*``, ``_`` and ``-``.

    >>> normal(" 经度（WGS84）* "), normal("Camera_ID")
    ('经度', 'cameraid')
    """
    text = unicodedata.normalize("NFKC", header).lower()
    return _SIGNS.sub("", _BRACKETS.sub("", text))


def is_private(header: str) -> bool:
    """Return whether a header names what is dropped at the door: logins, addresses of devices, persons, phones.

    >>> is_private("管理员联系电话*"), is_private("IPv4"), is_private("安装地址")
    (True, True, False)
    """
    exact, parts = _private()
    name = normal(_REPEAT.sub("", header))
    return name in exact or any(part in name for part in parts)


def load_columns(columns: ColumnMap) -> dict[str, str]:
    """Return a column map {our name: their header} from a mapping or a TOML file (table ``columns``, or the top).

    Raises
    ------
    InputError
        The file is no TOML, or the map does not lead from names to headers.
    """
    if columns is None:
        return {}
    if isinstance(columns, Mapping):
        given: Any = columns
        where = "columns"
    else:
        path = Path(columns)
        where = path.name
        try:
            given = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise InputError(
                f"{where}: needed a column map in TOML, given a file that cannot be read: {error}"
            ) from error
        given = given.get("columns", given)
    wrong = [name for name, header in given.items() if not isinstance(header, str)]
    if wrong:
        raise InputError(f'{where}: needed our name = "their header", given no header for {", ".join(map(str, wrong))}')
    return {str(name): header for name, header in given.items()}


def scorer(as_: str, columns: Mapping[str, str]) -> Callable[[Sequence[str]], int]:
    """Return a function that counts the cells of a row that are headers of such a register."""
    known = set(_aliases(as_)) | {normal(header) for header in columns.values()} | _known()
    known.discard("")

    def score(cells: Sequence[str]) -> int:
        return sum(normal(cell) in known or is_private(cell) for cell in cells if 0 < len(cell) <= 60)

    return score


def recognise(headers: Sequence[str], *, as_: str, columns: Mapping[str, str], source: str) -> Headers:
    """Return what each header means; the column map goes before the aliases.

    Raises
    ------
    InputError
        The column map names an unknown column of ours, a header that the file lacks, or a private one.
    """
    aliases = _aliases(as_)
    found: dict[str, str] = {}
    for name, header in columns.items():
        ours = name if name in aliases.values() else aliases.get(normal(name))
        if ours is None:
            near = nearest(name, sorted(set(aliases.values())))
            raise InputError(f"{source}: column map: {name!r} is no column of {as_}{near}")
        theirs = next((h for h in headers if h == header or normal(h) == normal(header)), None)
        if theirs is None:
            near = nearest(header, headers)
            raise InputError(
                f"{source}: column map: {ours} = {header!r}, but there is no such header{near}; "
                f"headers: {', '.join(headers)}"
            )
        if is_private(theirs):
            raise InputError(f"{source}: column map: {theirs!r} holds logins, addresses or persons and is never read")
        found[ours] = theirs
    private = tuple(h for h in headers if is_private(h) and h not in found.values())
    free = {normal(_REPEAT.sub("", h)): h for h in reversed(headers) if h not in found.values() and h not in private}
    for alias, ours in aliases.items():
        if ours not in found and alias in free:
            found[ours] = free.pop(alias)
    used = set(found.values())
    unused = tuple(h for h in headers if h not in used and h not in private)
    return Headers(found, private, unused)


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a hint at the names that are most like a name, or nothing.

    >>> nearest("longitud", ["longitude", "name"])
    '; nearest: longitude'
    """
    plain = {normal(n): n for n in names}
    close = difflib.get_close_matches(normal(name), list(plain), n=3, cutoff=0.5)
    return f"; nearest: {', '.join(plain[c] for c in close)}" if close else ""


@cache
def _tables() -> dict[str, dict[str, list[str]]]:
    text = resources.files("citycover.city").joinpath("headers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def _private() -> tuple[frozenset[str], tuple[str, ...]]:
    private = _tables()["private"]
    return frozenset(normal(h) for h in private["exact"]), tuple(normal(h) for h in private["parts"])


@cache
def _known() -> frozenset[str]:
    return frozenset(normal(h) for h in _tables()["known"]["exact"])


@cache
def _aliases(as_: str) -> dict[str, str]:
    """Return alias (normalised) → our name, in order of preference: our own names first."""
    sections = ([] if as_ in ("records", "decisions") else [_tables()["position"]]) + [_tables()[as_]]
    declared = [name for name in TABLES[as_].column_names() if name != "geometry" and name != "source_row"]
    out: dict[str, str] = {}
    for name in [*(n for section in sections for n in section), *declared]:
        out.setdefault(normal(name), name)
    for section in reversed(sections):
        for name, others in section.items():
            for alias in others:
                out.setdefault(normal(alias), name)
    return out
