"""Read numbers with units out of OSM tag values."""

from __future__ import annotations

import pandas as pd

_NUMBER = r"^\s*~?(-?\d+(?:[.,]\d+)?)\s*"
_FOOT = 0.3048


def parse_metres(values: pd.Series) -> pd.Series:
    """Return lengths in metres of tag values such as ``12``, ``12 m``, ``12,5``, ``40 ft``, ``5'6"``.

    Anything else (lists, ranges, words) is null: unknown stays unknown. The index stays.

    >>> parse_metres(pd.Series(["12", "12 m", "12,5", "40'", "10-12", None])).round(3).tolist()
    [12.0, 12.0, 12.5, 12.192, nan, nan]
    """
    text = values.astype("str")
    metres = text.str.extract(_NUMBER + r"(?:m|metres?|meters?|米)?\s*$", expand=False)
    feet = text.str.extract(r"^\s*(\d+(?:\.\d+)?)\s*(?:ft|feet|')\s*(?:(\d+(?:\.\d+)?)\s*(?:in|\"))?\s*$")
    inches = pd.to_numeric(feet[1]).fillna(0.0)
    number = pd.to_numeric(metres.str.replace(",", ".", regex=False))
    return number.fillna((pd.to_numeric(feet[0]) + inches / 12.0) * _FOOT).astype("float64")


def parse_number(values: pd.Series) -> pd.Series:
    """Return plain numbers of tag values (comma or point for decimals); anything else is null. The index stays.

    >>> parse_number(pd.Series(["4", "2,5", "3;4", None])).tolist()
    [4.0, 2.5, nan, nan]
    """
    number = values.astype("str").str.extract(_NUMBER + "$", expand=False)
    return pd.to_numeric(number.str.replace(",", ".", regex=False)).astype("float64")


def is_yes(values: pd.Series) -> pd.Series:
    """Return whether a tag stands and says anything but no.

    >>> is_yes(pd.Series(["yes", "no", None, "viaduct"])).tolist()
    [True, False, False, True]
    """
    return values.notna() & ~values.isin(["no", "false", "0"])
