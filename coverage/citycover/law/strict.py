"""Reads TOML tables strictly: a wrong key, type or word is refused, with its place and the nearest right one."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from citycover.errors import InputError, RulebookError
from citycover.terms import Label


def nearest(word: str, choices: Collection[str]) -> str:
    """Return a hint on the right word nearest to a wrong one, or on all of them where they are few.

    >>> nearest("tunel", ["bridge", "tunnel"])
    "; the nearest right one is 'tunnel'"
    """
    close = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.5)
    if close:
        return f"; the nearest right one is {close[0]!r}"
    return f"; possible: {', '.join(choices)}" if len(choices) <= 16 else ""


def read_toml(path: Path | Traversable, *, error: type[InputError] = RulebookError) -> dict[str, Any]:
    """Return the content of a TOML file.

    Raises
    ------
    RulebookError
        The file is missing, is no UTF-8 text or no TOML (or ``error`` where another one is asked for).
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as reason:
        raise error(f"{path.name}: needed a readable file, given {path}: {reason.strerror}") from reason
    except UnicodeDecodeError as reason:
        raise error(f"{path.name}: needed UTF-8 text, given other bytes at position {reason.start}") from reason
    except tomllib.TOMLDecodeError as reason:
        raise error(f"{path.name}: needed TOML, given text that is not: {reason}") from reason


@dataclass
class StrictTable:
    """One table of a TOML file that knows where it stands; ``done`` refuses keys that nobody asked for."""

    data: dict[str, Any]
    where: str
    error: type[InputError] = RulebookError
    asked: dict[str, None] = field(default_factory=dict)

    def fail(self, message: str) -> InputError:
        """Return the error with the place in front of the message."""
        return self.error(f"{self.where}: {message}")

    def _get(self, key: str, kind: type | tuple[type, ...], needed: str, default: Any) -> Any:
        self.asked[key] = None
        if key not in self.data:
            if default is not ...:
                return default
            extra = next((f"; given {k!r}" for k in difflib.get_close_matches(key, list(self.data), n=1)), "")
            raise self.fail(f"needed the key {key!r} ({needed}), given none{extra}")
        value = self.data[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.fail(f"key {key!r}: needed {needed}, given {value!r}")
        return value

    def text(self, key: str, default: Any = ...) -> str:
        """Return a text that is not empty, unless the default is."""
        value = self._get(key, str, "a text", default)
        if value == "" and default == ...:
            raise self.fail(f"key {key!r}: needed a text, given an empty one")
        return str(value)

    def word(self, key: str, choices: Collection[str], default: Any = ...) -> str:
        """Return one word of a closed set."""
        value = self.text(key, default)
        if value != default and value not in choices:
            raise self.fail(f"key {key!r}: needed one of a closed set, given {value!r}{nearest(value, choices)}")
        return value

    def words(self, key: str, choices: Collection[str] | None = None) -> tuple[str, ...]:
        """Return a list of texts, each of a closed set where one is given; empty where the key is missing."""
        values = self._get(key, list, "a list of texts", [])
        for value in values:
            if not isinstance(value, str) or not value:
                raise self.fail(f"key {key!r}: needed a list of texts, given {value!r} in it")
            if choices is not None and value not in choices:
                raise self.fail(f"key {key!r}: needed words of a closed set, given {value!r}{nearest(value, choices)}")
        return tuple(values)

    def flag(self, key: str, default: Any = ...) -> bool:
        """Return true or false."""
        return bool(self._get(key, bool, "true or false", default))

    def whole(self, key: str, default: Any = ...) -> Any:
        """Return a whole number, or the default."""
        return self._get(key, int, "a whole number", default)

    def number(self, key: str, default: Any = ...) -> float:
        """Return a finite number that is not negative, or the default."""
        value = float(self._get(key, (int, float), "a number", default))
        if not 0.0 <= value < float("inf"):
            raise self.fail(f"key {key!r}: needed a number that is not negative, given {value:g}")
        return value

    def day(self, key: str, default: Any = ...) -> str:
        """Return a day as ISO 8601 text; written in TOML as a date or as such a text."""
        value = self._get(key, (date, str), "a day such as 2019-08-01", default)
        if value == default:
            return str(value)
        try:
            return date.fromisoformat(str(value)).isoformat()
        except ValueError as reason:
            raise self.fail(f"key {key!r}: needed a day such as 2019-08-01, given {value!r}") from reason

    def label(self, zh: str = "zh", en: str = "en", default: Any = ...) -> Label:
        """Return a label in Chinese and English."""
        return self.text(zh, default), self.text(en, default)

    def yuan(self, key: str) -> tuple[int, int] | None:
        """Return a range of money (yuan), or None where the text has none."""
        value = self._get(key, list, "two whole numbers [from, to] in yuan", None)
        if value is None:
            return None
        if len(value) != 2 or not all(type(v) is int for v in value) or not 0 <= value[0] <= value[1]:
            raise self.fail(f"key {key!r}: needed two whole numbers [from, to] in yuan, given {value!r}")
        return value[0], value[1]

    def table(self, key: str) -> StrictTable:
        """Return the table under a key, empty where it is missing."""
        return StrictTable(self._get(key, dict, "a table", {}), f"{self.where}, {key}", self.error)

    def tables(self, key: str) -> Iterator[StrictTable]:
        """Yield the tables of a list in order; nothing where it is missing."""
        for number, value in enumerate(self._get(key, list, "a list of tables", []), start=1):
            if not isinstance(value, dict):
                raise self.fail(f"key {key!r}: needed a list of tables, given {value!r} in it")
            yield StrictTable(value, f"{self.where}, {key} {number}", self.error)

    def done(self) -> None:
        """Refuse keys that no one asked for."""
        for key in self.data:
            if key not in self.asked:
                raise self.fail(f"unknown key {key!r}{nearest(key, list(self.asked))}")
