"""Reads the planner's register of vehicles and vessels: how many must carry cameras and how many do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from citycover.city.cells import Notes, numbers
from citycover.city.files import read_table
from citycover.city.headers import ColumnMap, load_columns, recognise, scorer
from citycover.city.planner_tables import parse_kinds
from citycover.city.privacy import hide_persons, holds_address, mask
from citycover.city.registers import Reading
from citycover.errors import InputError
from citycover.tables import conform, content_ids, number_repeats

FLEET_KINDS = (
    *("public_transport_vehicle", "rail_transit_vehicle", "passenger_coach_vehicle"),
    *("passenger_vessel", "cruise_vessel", "transport_vehicle_other"),
)
"""Kinds that are vehicles or vessels."""

_MOST = 1_000_000.0
_WORDS = {
    **dict.fromkeys(("公交车", "公交", "公共汽车", "电车", "无轨电车"), "public_transport_vehicle"),
    **dict.fromkeys(("地铁", "地铁车辆", "轻轨", "轨道车辆", "城市轨道车辆"), "rail_transit_vehicle"),
    **dict.fromkeys(("客运车", "客车", "长途客车", "客运车辆", "长途客运车辆"), "passenger_coach_vehicle"),
    **dict.fromkeys(("客船", "客轮", "客运船", "客运轮船", "轮渡"), "passenger_vessel"),
    **dict.fromkeys(("游船", "游轮"), "cruise_vessel"),
}
"""Words of operators' lists beside the keys and labels of ``terms.KINDS``."""


def read_fleets(path: str | Path, *, columns: ColumnMap = None, sheet: str | None = None) -> Reading:
    """Read a table of fleets of any format (see :func:`citycover.city.files.read_table`), one row per fleet.

    Columns: kind (by key or label), operator, name (line or ship), required (应装: vehicles that must be fitted) and
    fitted (已装). A number that is missing or no whole number stays unknown and is counted; a row without a kind of
    :data:`FLEET_KINDS` is rejected. Operators who are natural persons are 个人. Vehicles have no position.

    Returns
    -------
    Reading
        ``table`` holds the columns of the table ``fleets`` that are the planner's; those of the law are still null
        (see :func:`citycover.audit.fleets.match_fleets`).

    Raises
    ------
    FileFormatError
        The file cannot be read.
    InputError
        The columns ``kind``, ``required`` and ``fitted`` are not all there, or no row can be used.
    """
    wanted = load_columns(columns)
    raw = read_table(path, sheet=sheet, score=scorer("fleets", wanted))
    headers = recognise(list(raw.frame.columns), as_="fleets", columns=wanted, source=raw.source)
    cells = raw.frame[list(headers.columns.values())].set_axis(list(headers.columns), axis="columns")
    missing = [name for name in ("kind", "required", "fitted") if name not in cells]
    if missing:
        given = ", ".join(map(str, raw.frame.columns))
        raise InputError(f"{raw.source}: fleets need the columns {', '.join(missing)}; given headers: {given}")
    notes = Notes(len(cells))

    def cell(name: str) -> pd.Series:
        return cells[name] if name in cells else pd.Series([None] * len(cells), dtype="str")

    kinds, why = parse_kinds(cell("kind").str.strip().replace(_WORDS))
    why = why.mask(kinds.isna() & why.isna(), "needed a kind of vehicle or vessel, given nothing")
    stray = kinds.notna() & ~kinds.isin(FLEET_KINDS)
    why = why.mask(stray, f"needed one kind of {', '.join(FLEET_KINDS)}, given another or several")
    out = pd.DataFrame({"kind": kinds, "operator": hide_persons(cell("operator"))[0], "name": mask(cell("name"))})
    for name in ("required", "fitted"):
        text = cell(name).astype("str").str.replace(r"[辆艘列部]$", "", regex=True)
        values = numbers(text.where(cell(name).notna()), 0, _MOST, notes=notes, name=name)
        whole = values.where(values == np.floor(values))
        notes.add(f"{name}_unreadable", values.notna() & whole.isna())
        out[name] = whole
    ids = mask(cell("fleet_id"))
    ids = ids.mask(holds_address(ids))
    key = content_ids("F", out["kind"].fillna(""), out["operator"].fillna(""), out["name"].fillna(""))
    out["fleet_id"] = number_repeats(ids.fillna(pd.Series(key, dtype="str")))
    out["source_row"] = raw.rows
    out["missing"] = (out["required"] - out["fitted"]).clip(lower=0)
    bad = why.notna().to_numpy()
    rejects = pd.concat(
        [
            pd.DataFrame({"row": raw.rows[bad], "column": "kind", "reason": why[bad].to_numpy()}, dtype=object),
            raw.broken.assign(column=None),
        ],
        ignore_index=True,
    ).sort_values("row", kind="stable")
    rejects["source"] = raw.source
    rejects["reject_id"] = [f"{raw.source}:{row}" for row in rejects["row"]]
    if bad.all():
        reasons = "; ".join(dict.fromkeys(why.dropna().astype(str))) or "the table has a header but no rows"
        raise InputError(f"{raw.source}: none of {len(cells)} rows can be used: {reasons}")
    table = conform("fleets", out[~bad])
    counts = {"rows": len(raw.frame) + len(raw.broken), "read": len(table), "rejected": len(rejects)}
    extra = {"private_columns_dropped": len(headers.private), "unused_columns": len(headers.unused)} | notes.counts
    return Reading(table, conform("rejects", rejects), counts | {name: n for name, n in extra.items() if n})
