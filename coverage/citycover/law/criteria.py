"""The planner's numbers for what the regulations leave open (大型, 重要, 主要 …), judged over a table of places."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from citycover import terms
from citycover.errors import InputError
from citycover.law.strict import StrictTable, nearest, read_toml
from citycover.terms import Label, Lang

OURS = "ours"

MEASURES: tuple[str, ...] = (
    "ground",
    "gfa",
    "length",
    "spaces",
    "capacity",
    "output_mw",
    "voltage_kv",
    "platforms",
    "tanks",
    "legs",
    "signals",
    "road_class",
    "second_class",
    "heritage_level",
    "start_date",
)
"""Columns of ``places`` that a criterion may judge."""

OPERATORS: tuple[str, ...] = ("at_least", "one_of", "since", "is")

NumberValue = float | str | tuple[Any, ...]


@dataclass(frozen=True)
class Number:
    """One number (or list, or day) of the criteria; ``origin`` is ``ours`` or the planner's file."""

    key: str
    value: NumberValue
    unit: str
    basis: Label
    origin: str

    def words(self, lang: Lang = "en") -> str:
        """Return key, value, unit and origin, such as ``large_market_min_area_m2 = 3000 m² (ours)``; or in Chinese."""
        value = " ".join(map(str, self.value)) if isinstance(self.value, tuple) else self.value
        value = f"{value:g}" if isinstance(value, float) else value
        if lang == "zh":
            if self.origin != "ours":
                return f"{value} {self.unit}（{self.origin}）"
            return f"{self.basis[0].split('；')[0]} {value} {self.unit}（本工具默认值）"
        return f"{self.key} = {value} {self.unit} ({self.origin})"


@dataclass(frozen=True)
class Test:
    """One comparison: a measure of the place, scaled, against a number of the criteria."""

    __test__ = False  # no test case of pytest

    measure: str
    operator: str
    number: str
    wanted: bool
    scale: float
    times: str
    divided_by: str


@dataclass(frozen=True)
class Criterion:
    """How a qualifier is judged: alternatives, each a group of tests that must all hold."""

    id: str
    label: Label
    combine: str
    alternatives: tuple[tuple[Test, ...], ...]

    def numbers(self) -> list[str]:
        """Return the numbers it rests on, each once, in order."""
        named = [n for group in self.alternatives for t in group for n in (t.number, t.times, t.divided_by) if n]
        return list(dict.fromkeys(named))


@dataclass(frozen=True)
class Criteria:
    """All numbers, the criteria that use them, and the words and hints found in data."""

    numbers: Mapping[str, Number]
    criteria: Mapping[str, Criterion]
    words: Mapping[str, Mapping[str, str]]
    public_body: str
    company: str
    named_after_body: tuple[str, ...]

    def value(self, key: str) -> float:
        """Return a number that is one, as a float."""
        value = self.numbers[key].value
        if not isinstance(value, float):
            raise InputError(f"criteria: needed a single number under {key!r}, given {value!r}")
        return value

    def choices(self, key: str) -> tuple[str, ...]:
        """Return a number that is a list of words."""
        value = self.numbers[key].value
        if not isinstance(value, tuple):
            raise InputError(f"criteria: needed a list under {key!r}, given {value!r}")
        return tuple(map(str, value))

    def describe(self, criterion: str, lang: Lang = "en") -> str:
        """Return the numbers behind a criterion in words, joined by ``; ``.

        >>> load_criteria().describe("large_square"), load_criteria().describe("large_square", "zh")
        ('large_square_min_area_m2 = 10000 m² (ours)', '大型广场面积下限 10000 m²（本工具默认值）')
        """
        return ("；" if lang == "zh" else "; ").join(
            self.numbers[n].words(lang) for n in self.criteria[criterion].numbers()
        )

    def judge(self, criterion: str, places: pd.DataFrame) -> pd.Series:
        """Return ``met``, ``not_met`` or ``unknown`` per row of places, in row order.

        Source of the numbers: ours or the planner's, never the law's; see ``criteria.toml``.
        """
        rule = self._criterion(criterion)
        groups = [self._group(tests, places) for tests in rule.alternatives]
        return pd.Series(_combine(groups, rule.combine), index=places.index, dtype="str")

    def ratio(self, criterion: str, places: pd.DataFrame) -> pd.Series:
        """Return measure over number per row (1.0 = just met), NaN where unknown.

        Of several alternatives the first known one counts, or under ``any`` the largest.

        Raises
        ------
        InputError
            The criterion does not compare single measures with ``at_least``.
        """
        rule = self._criterion(criterion)
        if any(len(g) != 1 or g[0].operator != "at_least" for g in rule.alternatives):
            raise InputError(f"criteria: needed a criterion that compares one measure, given {criterion!r}")
        ratios = np.column_stack([self._scaled(g[0], places) / self.value(g[0].number) for g in rule.alternatives])
        frame = pd.DataFrame(ratios, index=places.index)
        return frame.max(axis=1) if rule.combine == "any" else frame.bfill(axis=1).iloc[:, 0]

    def _criterion(self, criterion: str) -> Criterion:
        if criterion not in self.criteria:
            hint = nearest(criterion, list(self.criteria))
            raise InputError(f"criteria: needed the name of a criterion, given {criterion!r}{hint}")
        return self.criteria[criterion]

    def _group(self, tests: tuple[Test, ...], places: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Return 1 met, 0 not met, NaN unknown: one test that fails settles the group."""
        results = np.column_stack([self._test(t, places) for t in tests])
        failed = (results == 0).any(axis=1)
        return np.where(failed, 0.0, np.where(np.isnan(results).any(axis=1), np.nan, 1.0))

    def _test(self, test: Test, places: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
        if test.operator == "at_least":
            measure = self._scaled(test, places)
            return np.where(np.isnan(measure), np.nan, (measure >= self.value(test.number)).astype(float))
        if test.measure not in places.columns:
            return np.full(len(places), np.nan)
        given = places[test.measure]
        if test.operator == "is":
            flag = given.astype("boolean")
            return np.where(flag.isna(), np.nan, (flag.fillna(False) == test.wanted).astype(float))
        if test.operator == "since":
            return _since(given, str(self.numbers[test.number].value))
        return self._one_of(given, test)

    def _one_of(self, given: pd.Series, test: Test) -> np.ndarray[Any, np.dtype[np.float64]]:
        text = given.astype("str").str.strip()
        if test.measure in self.words:
            text = text.map({given: _meaning(given, self.words[test.measure]) for given in text.dropna().unique()})
        known = text.notna().to_numpy(bool)
        return np.where(known, text.isin(self.choices(test.number)).to_numpy(float), np.nan)

    def _scaled(self, test: Test, places: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
        if test.measure not in places.columns:
            return np.full(len(places), np.nan)
        measure = pd.to_numeric(places[test.measure]).to_numpy(dtype=float, na_value=np.nan)
        measure = np.where(measure > 0, measure, np.nan)  # a point has no ground: unknown, not zero
        scaled = measure * test.scale
        scaled = scaled * self.value(test.times) if test.times else scaled
        return scaled / self.value(test.divided_by) if test.divided_by else scaled


def _meaning(given: str, words: Mapping[str, str]) -> str | None:
    """Return what a word means, or the longest known one of four characters and more that stands in it."""
    inside = sorted((w for w in words if len(w) >= 4 and w in given), key=len)
    return words.get(given) or (words[inside[-1]] if inside else None)


def _combine(groups: list[np.ndarray[Any, np.dtype[np.float64]]], combine: str) -> list[str]:
    table = pd.DataFrame(dict(enumerate(groups)))
    best = table.max(axis=1) if combine == "any" else table.bfill(axis=1).iloc[:, 0]
    return [str(s) for s in np.select([best == 1, best == 0], ["met", "not_met"], "unknown")]


def _since(given: pd.Series, start: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A year alone decides unless the start falls inside it; a date decides to its own precision."""
    text = given.astype("str").str.strip().str.extract(r"^(\d{4}(?:-\d{2}(?:-\d{2})?)?)$", expand=False)
    known = text.notna().to_numpy(bool)
    earliest = (text + text.str.len().map({4: "-01-01", 7: "-01", 10: ""})).fillna("")
    latest = (text + text.str.len().map({4: "-12-31", 7: "-31", 10: ""})).fillna("")
    after, before = (earliest >= start).to_numpy(bool), (latest < start).to_numpy(bool)
    return np.where(known & after, 1.0, np.where(known & before, 0.0, np.nan))


def load_criteria(path: str | Path | None = None) -> Criteria:
    """Return our default numbers, with a planner's file laid over them.

    The file holds ``key = value`` or a table ``[key]`` with ``value`` and ``basis`` for any number of
    ``criteria.toml``.

    Raises
    ------
    InputError
        The file is no TOML, a key is unknown (the nearest right one is named), or a value is of another type.

    Examples
    --------
    >>> load_criteria().value("large_market_min_area_m2")
    3000.0
    """
    ours = _defaults()
    return ours if path is None else _lay_over(ours, Path(path))


@cache
def _defaults() -> Criteria:
    path = files("citycover") / "law" / "criteria.toml"
    root = StrictTable(read_toml(path, error=InputError), path.name, InputError)
    numbers = root.table("numbers")
    found: dict[str, Number] = {}
    for key in numbers.data:
        entry = numbers.table(key)
        value = _plain(entry.data.get("value"))
        entry.asked["value"] = None
        found[key] = Number(key, value, entry.text("unit"), entry.label(), OURS)
        entry.done()
    table = root.table("criteria")
    criteria = {key: _criterion(key, table.table(key), found) for key in table.data}
    words = root.table("words")
    meanings = {
        measure: {word: meaning for meaning in t.data for word in t.words(meaning)}
        for measure in words.data
        for t in [words.table(measure)]
    }
    hints = root.table("hints")
    result = Criteria(
        found,
        criteria,
        meanings,
        hints.text("public_body"),
        hints.text("company"),
        hints.words("named_after_body", terms.KINDS),
    )
    hints.done()
    root.done()
    return result


def _criterion(key: str, table: StrictTable, numbers: Mapping[str, Number]) -> Criterion:
    table.asked["alternatives"] = None
    groups = table.data.get("alternatives", [])
    alternatives = tuple(
        tuple(_one_test(StrictTable(test, f"{table.where}, alternative {n}", InputError), numbers) for test in group)
        for n, group in enumerate(groups, start=1)
    )
    criterion = Criterion(key, table.label(), table.word("combine", ("first", "any")), alternatives)
    table.done()
    return criterion


def _one_test(table: StrictTable, numbers: Mapping[str, Number]) -> Test:
    given = [op for op in OPERATORS if op in table.data]
    if len(given) != 1:
        raise table.fail(f"needed one of {', '.join(OPERATORS)}, given {', '.join(given) or 'none'}")
    operator = given[0]
    test = Test(
        measure=table.word("measure", MEASURES),
        operator=operator,
        number="" if operator == "is" else table.word(operator, numbers),
        wanted=table.flag("is") if operator == "is" else True,
        scale=float(table.data.get("scale", 1.0)),
        times=table.word("times", numbers, ""),
        divided_by=table.word("divided_by", numbers, ""),
    )
    table.asked["scale"] = None
    table.done()
    return test


def _plain(value: Any) -> NumberValue:
    """Return numbers as floats, lists as tuples, days as ISO text."""
    if isinstance(value, bool) or value is None:
        raise InputError(f"criteria: needed a number, a day or a list, given {value!r}")
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, list):
        return tuple(float(v) if isinstance(v, int | float) and not isinstance(v, bool) else str(v) for v in value)
    return str(value)


def _lay_over(ours: Criteria, path: Path) -> Criteria:
    numbers = dict(ours.numbers)
    for key, given in read_toml(path, error=InputError).items():
        if key not in numbers:
            raise InputError(f"{path.name}: unknown key {key!r}{nearest(key, list(numbers))}")
        table = StrictTable(given if isinstance(given, dict) else {"value": given}, f"{path.name}, {key}", InputError)
        if "value" not in table.data:
            raise table.fail("needed the key 'value', given none")
        value = _plain(table.data["value"])
        table.asked["value"] = None
        basis = table.text("basis", "")
        table.done()
        _check_value(table, numbers[key], value)
        numbers[key] = replace(
            numbers[key],
            value=value,
            basis=(basis, basis) if basis else ("规划人员设定", "set by the planner"),
            origin=path.name,
        )
    return replace(ours, numbers=numbers)


def _check_value(table: StrictTable, old: Number, value: NumberValue) -> None:
    if type(value) is not type(old.value):
        kind = {float: "a number", str: "a text", tuple: "a list"}[type(old.value)]
        raise table.fail(f"needed {kind} ({old.unit}), given {value!r}")
    if isinstance(value, float) and not (math.isfinite(value) and value > 0):
        raise table.fail(f"needed a number above 0 ({old.unit}), given {value:g}")
    if old.unit == "date" and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        raise table.fail(f"needed a day such as 2015-01-01, given {value!r}")
    allowed = {"road classes": terms.ROAD_CLASSES, "kinds": tuple(terms.KINDS)}.get(old.unit)
    if allowed and isinstance(value, tuple):
        wrong = next((str(v) for v in value if v not in allowed), None)
        if wrong is not None:
            raise table.fail(f"needed {old.unit}, given {wrong!r}{nearest(wrong, allowed)}")
    if old.key == "size_review_band":
        band = value if isinstance(value, tuple) else ()
        if len(band) != 2 or not all(isinstance(v, float) for v in band) or not 0 < band[0] <= 1 <= band[1]:
            raise table.fail(f"needed two multiples around 1, such as [0.5, 2.0], given {list(band)}")
