"""What persons settled on pairs of cameras: read once, honoured in every run, so that a meeting decides once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import tables
from citycover.city.cells import Notes, dates
from citycover.city.decision_words import DEFUSED
from citycover.city.files import read_table
from citycover.city.headers import normal
from citycover.city.privacy import mask
from citycover.errors import InputError

COLUMNS = ("camera_a", "camera_b", "decided_by", "decided_on", "why", "document", "valid_until")
_ALIASES = {
    "camera_a": ("camera_a", "摄像机甲", "拟建摄像机", "拟建编号"),
    "camera_b": ("camera_b", "摄像机乙", "现有摄像机", "现有编号"),
    "decided_by": ("decided_by", "决定人", "认定人"),
    "decided_on": ("decided_on", "决定日期", "日期"),
    "why": ("why", "理由", "原因"),
    "document": ("document", "文件", "依据文件", "文号"),
    "valid_until": ("valid_until", "有效期至", "有效期"),
}
EVERY = "*"
"""Stands for every other camera."""

PAIR = "|"
"""Stands between the two ids of a decision on a pair."""


def read_not_duplicates(path: str | Path) -> pd.DataFrame:
    """Read ``not_duplicates.csv``: pairs that persons settled as no duplicates.

    Columns: camera_a, camera_b (``*``: of no other), decided_by, decided_on, why, document, valid_until; Chinese
    headers are known too.

    Raises
    ------
    FileFormatError
        The file cannot be read.
    InputError
        A column is missing, or a row lacks an id, who decided, or a readable date; all faults at once.
    """
    raw = read_table(path)
    theirs = {normal(h): h for h in reversed(list(raw.frame.columns))}
    named = {
        name: next((theirs[normal(a)] for a in aliases if normal(a) in theirs), None)
        for name, aliases in _ALIASES.items()
    }
    missing = [name for name in ("camera_a", "camera_b", "decided_by") if named[name] is None]
    if missing:
        given = ", ".join(map(str, raw.frame.columns))
        raise InputError(f"{raw.source}: needed the columns {', '.join(missing)}; given headers: {given}")
    rows = pd.DataFrame(
        {
            name: raw.frame[header].str.replace(DEFUSED, "", regex=True)
            if header is not None
            else pd.Series([None] * len(raw.frame), dtype="str")
            for name, header in named.items()
        }
    )
    faults = []
    for name in ("camera_a", "camera_b", "decided_by"):
        faults += [f"row {row}, {name}: needed a value, given nothing" for row in raw.rows[rows[name].isna()]]
    for name in ("decided_on", "valid_until"):
        read = dates(rows[name], notes=Notes(len(rows)), name=name)
        wrong = (read.isna() & rows[name].notna()).to_numpy(bool)
        faults += [f"row {row}, {name}: needed a date such as 2026-03-05" for row in raw.rows[wrong]]
        rows[name] = read
    if faults:
        raise InputError(f"{raw.source}: " + "; ".join(faults))
    return rows.assign(why=mask(rows["why"]), document=mask(rows["document"]))


def pairs_of_decisions(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs that decisions settle: subject ``pair``, id ``A|B``, field ``duplicate``, a value that says no.

    >>> row = {"subject": "pair", "id": "p:1|e:2", "field": "duplicate", "value": "no", "decided_by": "x"}
    >>> pairs_of_decisions(pd.DataFrame([row]))[["camera_a", "camera_b"]].values.tolist()
    [['p:1', 'e:2']]
    """
    rows = pd.DataFrame(decisions).reindex(columns=["subject", "id", "field", "value", *COLUMNS[2:]])
    value = rows["value"].astype("str").str.strip().str.lower()
    told = rows[
        rows["subject"].eq("pair")
        & rows["field"].eq("duplicate")
        & value.isin(["no", "false", "0", "否", "不是", "不重复"])
        & rows["id"].astype("str").str.contains(PAIR, regex=False, na=False)
    ]
    ids = told["id"].astype("str").str.split(PAIR, n=1, regex=False)
    told = told.assign(camera_a=ids.str[0].str.strip(), camera_b=ids.str[1].str.strip())
    return told[list(COLUMNS)].reset_index(drop=True)


def decisions_of_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return settled pairs as the table ``decisions``: the same facts, as every other decision is kept."""
    rows = pairs.assign(
        subject="pair",
        id=pairs["camera_a"].astype("str") + PAIR + pairs["camera_b"].astype("str"),
        field="duplicate",
        value="no",
    )
    out: pd.DataFrame = tables.conform("decisions", rows.drop(columns=["camera_a", "camera_b"]))
    return out


def resolve_pairs(pairs: pd.DataFrame, ids: npt.ArrayLike, *, on: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the pairs that hold on a day with the ids of a run, and all of them with ``state``.

    An id may lack the register's name before the colon, as long as one camera only bears it. ``state``: ``used``,
    ``expired``, or ``stale`` where a camera is not found; nothing is dropped silently.

    >>> pairs = pd.DataFrame({"camera_a": ["1"], "camera_b": ["*"], "decided_by": ["x"], "valid_until": [None]})
    >>> resolve_pairs(pairs, ["list:1"], on="2026-01-01")[0][["camera_a", "camera_b"]].values.tolist()
    [['list:1', '*']]
    """
    known = pd.Series(np.asarray(ids, dtype=object), dtype="str")
    bare = known.str.replace(r"^[^:]*:", "", regex=True)
    single = ~bare.duplicated(keep=False)
    meant = {EVERY: EVERY} | dict(zip(bare[single], known[single], strict=True)) | dict(zip(known, known, strict=True))
    rows = pairs.reindex(columns=list(COLUMNS)).reset_index(drop=True)
    found = rows.assign(**{name: rows[name].astype("str").map(meant) for name in ("camera_a", "camera_b")})
    stale = found[["camera_a", "camera_b"]].isna().any(axis="columns")
    until = rows["valid_until"].astype("str")
    expired = until.notna() & (until < on)
    state = np.select([expired, stale], ["expired", "stale"], "used")
    keep = state == "used"
    return found[keep].reset_index(drop=True), rows.assign(state=state)
