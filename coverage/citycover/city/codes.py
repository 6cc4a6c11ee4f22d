"""Code tables of Chinese registers, read by edition, with the 20-digit ids of GB/T 28181 taken apart."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import pandas as pd

from citycover.errors import InputError

Edition = str | Mapping[str, str] | None
_CODED = re.compile(r"^(\d{1,3})\s*[-—:：.、\s(（]*(.*?)[)）]?$")
_PROVINCES = (
    *("11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43"),
    *("44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82"),
)
AMBIGUOUS = "ambiguous"
UNREADABLE = "unreadable"


def list_editions() -> list[str]:
    """Return the editions of code tables that can be named.

    >>> "gbt28181_2022" in list_editions()
    True
    """
    names = {name for table in load_codes().values() for name, codes in table.items() if isinstance(codes, dict)}
    return sorted((names - {"common", "words"}) | {"gbt28181_2016"})


@cache
def load_codes() -> dict[str, dict[str, Any]]:
    """Return all code tables as they stand in ``codes.toml``."""
    text = resources.files("citycover.city").joinpath("codes.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def decode(values: pd.Series, table: str, *, edition: Edition = None) -> tuple[pd.Series, pd.Series]:
    """Return what the cells of a column mean by a code table, and what is wrong with those that mean nothing.

    Parameters
    ----------
    values
        Text: a code (``1``), a word (``球机``), or both (``1-球机``); null stays null.
    table
        Name of a table in ``codes.toml``.
    edition
        Edition of the table, or a mapping table → edition. Without one, a code on which two editions disagree is
        ambiguous.

    Returns
    -------
    Two columns of objects with the index of ``values``: the meanings (None where there is none), and ``ambiguous``,
    ``unreadable`` or None.

    Raises
    ------
    InputError
        There is no such edition.

    Examples
    --------
    >>> meaning, fault = decode(pd.Series(["1", "5", "固定枪机"]), "ptz_type")
    >>> meaning.tolist(), fault.tolist()
    (['ptz', None, 'fixed'], [None, 'ambiguous', None])
    >>> decode(pd.Series(["5"]), "ptz_type", edition="police")[0].tolist()
    ['fixed']
    """
    wanted = edition.get(table) if isinstance(edition, Mapping) else edition
    if wanted is not None and wanted not in list_editions():
        raise InputError(f"unknown edition {wanted!r} of code tables: needed one of {', '.join(list_editions())}")
    meanings = {text: _meaning(text, table, wanted) for text in values.dropna().unique()}
    if not meanings:
        nothing = pd.Series([None] * len(values), index=values.index, dtype=object)
        return nothing, nothing.copy()
    cells = values.astype(object)
    found = cells.map({text: meaning for text, (meaning, _) in meanings.items()}).astype(object)
    fault = cells.map({text: what for text, (_, what) in meanings.items()}).astype(object)
    return found.where(found.notna(), None), fault.where(fault.notna(), None)


def _meaning(text: str, table: str, edition: str | None) -> tuple[Any, str | None]:
    codes = load_codes()[table]
    words = codes.get("words", {})
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    if plain in words:
        return _value(words[plain]), None
    coded = _CODED.match(plain)
    code = coded.group(1) if coded else plain
    word = coded.group(2).strip() if coded else ""
    if word:
        return (_value(words[word]), None) if word in words else (None, UNREADABLE)
    common = codes.get("common", {})
    if code in common:
        return _value(common[code]), None
    editions = {n: c for n, c in codes.items() if n not in ("common", "words") and isinstance(c, dict) and code in c}
    if edition is not None and edition in editions:
        return _value(editions[edition][code]), None
    if edition is not None and edition in codes:
        return None, UNREADABLE
    answers = {str(c[code]): c[code] for c in editions.values()}
    if len(answers) == 1 and not codes.get("by_edition_only", False):
        return _value(next(iter(answers.values()))), None
    return None, AMBIGUOUS if answers else UNREADABLE


def _value(meaning: Any) -> Any:
    return None if meaning == "" else meaning


def take_apart(ids: pd.Series) -> pd.DataFrame:
    """Return the parts of 20-digit ids of GB/T 28181-2022, Annex E (second-hand), and whether each id can be one.

    Returns
    -------
    Columns ``civil_code`` (GB/T 2260, six digits), ``grassroots`` (two), ``industry`` (two), ``device_type`` (three),
    ``network`` (one), ``serial`` (six), ``owner_class`` (by the blocks of the industry code: 00-39 state organs, 40-79
    enterprises, 80-89 residents, 90-99 others, unknown), and ``fault``: None, ``malformed``, ``lost_digits`` (a
    spreadsheet cut a number to 15 digits) or ``no_camera`` (well formed, but of another device). Index of ``ids``.

    >>> row = take_apart(pd.Series(["32020501001320000017"])).iloc[0]
    >>> row["civil_code"], row["industry"], row["device_type"], row["serial"], row["fault"] is None
    ('320205', '00', '132', '000017', True)
    """
    text = ids.astype("str").str.strip()
    pattern = r"^(?P<civil_code>\d{6})(?P<grassroots>\d{2})(?P<industry>\d{2})(?P<device_type>\d{3})"
    parts = text.str.extract(pattern + r"(?P<network>\d)(?P<serial>\d{6})$")
    province = parts["civil_code"].str[:2].isin(_PROVINCES)
    camera = parts["device_type"].isin(["131", "132", "121", "122"])
    lost = text.str.contains(r"^\d(?:\.\d+)?[Ee]\+?\d+$", na=False)
    fault = pd.Series([None] * len(ids), index=ids.index, dtype=object)
    fault = fault.mask(text.notna() & ~province, "malformed").mask(lost, "lost_digits")
    fault = fault.mask(province & ~camera, "no_camera")
    block = pd.to_numeric(parts["industry"], errors="coerce")
    owner = pd.cut(block, [-1, 39, 79, 89, 99], labels=["government", "enterprise", "residents", "unknown"])
    return parts.assign(owner_class=owner.astype(object), fault=fault.where(fault.notna(), None))
