"""Which department answers for a kind: ours, replaceable by a planner's file of the same form."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from citycover import terms
from citycover.errors import InputError
from citycover.law.strict import StrictTable, read_toml
from citycover.terms import Lang


def load_departments(path: str | Path | None = None, *, lang: Lang = "zh") -> dict[str, str]:
    """Return the department of each kind.

    Raises
    ------
    InputError
        The file is no TOML, names an unknown kind (the nearest right one is given), or one kind twice.

    Examples
    --------
    >>> load_departments()["park"], load_departments(lang="en")["park"]
    ('市政园林（城市管理）', 'municipal works and parks')
    """
    return dict(_ours(lang)) if path is None else _read(Path(path), lang)


@cache
def _ours(lang: Lang) -> dict[str, str]:
    return _read(files("citycover") / "law" / "departments.toml", lang)


def _read(source: Path | Traversable, lang: Lang) -> dict[str, str]:
    root = StrictTable(read_toml(source, error=InputError), source.name, InputError)
    found: dict[str, str] = {}
    for table in root.tables("departments"):
        label = table.label()
        for kind in table.words("kinds", terms.KINDS):
            if kind in found:
                raise table.fail(f"needed each kind once, given {kind!r} twice")
            found[kind] = label[0] if lang == "zh" else label[1]
        table.done()
    root.done()
    return found
