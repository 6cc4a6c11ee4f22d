"""What persons settled: decisions read from a file, applied before the step they concern, shown, never dropped."""

from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import terms
from citycover.city.cells import Notes, dates
from citycover.city.deciding import NO, OSM_ID, REFIND_WITHIN, YES, Decision, Rows, apply_each
from citycover.city.decision_words import DEFUSED, DROPPED, STATES, RefusedError, StaleError
from citycover.city.files import read_table
from citycover.city.headers import ColumnMap, load_columns, recognise, scorer
from citycover.city.model import City
from citycover.city.planner_tables import parse_kinds
from citycover.city.privacy import mask
from citycover.city.registers import Reading
from citycover.errors import InputError
from citycover.tables import TABLES, conform, number_repeats
from citycover.terms import Lang

__all__ = [
    "REFIND_WITHIN",
    "STATES",
    "apply_camera_decisions",
    "apply_mandate_decisions",
    "apply_place_decisions",
    "read_decisions",
]


def read_decisions(path: str | Path, *, columns: ColumnMap = None, sheet: str | None = None) -> Reading:
    """Read decisions from a CSV file, a sheet, or a layer of a GeoPackage.

    Columns: subject, id, field, value, geometry (WKT in WGS-84 degrees, optional), decided_by, decided_on, why,
    document, valid_until. A row without subject, id, field, decided_by or a readable date is rejected, and so is one
    whose geometry is no WKT.

    Raises
    ------
    FileFormatError
        The file cannot be read.
    InputError
        A required column is missing.
    """
    wanted = load_columns(columns)
    raw = read_table(path, sheet=sheet, score=scorer("decisions", wanted))
    headers = recognise(list(raw.frame.columns), as_="decisions", columns=wanted, source=raw.source)
    cells = raw.frame[list(headers.columns.values())].set_axis(list(headers.columns), axis="columns")
    required = [c.name for c in TABLES["decisions"].columns if not c.nullable]
    missing = [name for name in required if name not in cells]
    if missing:
        given = ", ".join(map(str, raw.frame.columns))
        raise InputError(f"{raw.source}: decisions need the columns {', '.join(missing)}; given headers: {given}")
    if raw.geometry is not None and "geometry_wkt" not in cells:
        shapes = raw.geometry if raw.crs is None else raw.geometry.set_crs(raw.crs).to_crs(4326)
        cells = cells.assign(
            geometry_wkt=pd.Series(shapely.to_wkt(shapes.to_numpy(), rounding_precision=7), dtype="str")
        )
    cells = cells.assign(**{name: cells[name].str.replace(DEFUSED, "", regex=True) for name in cells.columns})
    column, reason = _faults(cells, required)
    bad = reason.notna().to_numpy()
    for name in ("decided_on", "valid_until"):
        if name in cells:
            cells = cells.assign(**{name: dates(cells[name], notes=Notes(len(cells)), name=name)})
    for name in ("why", "document"):
        if name in cells:
            cells = cells.assign(**{name: mask(cells[name])})
    rejects = pd.DataFrame({"row": raw.rows[bad], "column": column[bad], "reason": reason[bad], "source": raw.source})
    rejects["reject_id"] = [f"{raw.source}:{row}" for row in rejects["row"]]
    table = conform("decisions", cells[~bad])
    counts = {"rows": len(cells), "read": len(table), "rejected": int(bad.sum())}
    return Reading(table, conform("rejects", rejects), counts)


def _faults(cells: pd.DataFrame, required: list[str]) -> tuple[pd.Series, pd.Series]:
    column = pd.Series([None] * len(cells), dtype=object)
    reason = column.copy()

    def fault(where: pd.Series, name: str, why: str) -> None:
        new = where & reason.isna()
        column[new], reason[new] = name, why

    for name in required:
        fault(cells[name].isna(), name, "needed a value, given nothing")
    subjects = next(c.values for c in TABLES["decisions"].columns if c.name == "subject")
    fault(~cells["subject"].isin(subjects), "subject", f"needed one of {', '.join(subjects)}")
    for name in ("decided_on", "valid_until"):
        if name in cells:
            wrong = dates(cells[name], notes=Notes(len(cells)), name=name).isna() & cells[name].notna()
            fault(wrong, name, "needed a date such as 2026-03-05")
    if "geometry_wkt" in cells:
        texts = [None if pd.isna(text) else str(text) for text in cells["geometry_wkt"]]
        shapes = np.asarray(shapely.from_wkt(texts, on_invalid="ignore"))
        wrong = pd.Series(shapely.is_missing(shapes)) & cells["geometry_wkt"].notna()
        fault(wrong, "geometry", "needed WKT in degrees, such as POINT (118.78 32.04)")
    return column, reason


def apply_place_decisions(
    city: City, decisions: pd.DataFrame, *, on: str, lang: Lang = "zh"
) -> tuple[City, pd.DataFrame]:
    """Return the city as decided, and what became of each decision on places and entrances.

    - subject ``place``: field ``exists`` drops a place (value no) or adds one (value yes, with a geometry); ``kind``
      replaces its kinds (keys or labels, joined by ``;``), ``kind+`` adds and ``kind-`` takes one away; ``geometry``
      moves it; any other declared column of ``places`` is set to the value.
    - subject ``entrance``: a geometry adds an entrance: ``value`` names its place, or ``id`` does where the value is
      yes or empty; field ``exists`` with the value no drops an entrance; any other declared column is set.

    A place whose id is gone (another OSM date) is found again by the decision's geometry: the nearest place within
    :data:`REFIND_WITHIN` metres; a line or polygon finds its like first, then the smaller id wins. ``on`` is the
    study's date (ISO 8601).

    Returns
    -------
    The city, and the decisions concerned with the columns ``state`` (a key of :data:`STATES`), ``found_id`` and
    ``detail`` (what changed or why nothing did, in words of ``lang``).
    """
    places = Rows(city.places, "places", "place_id", city.crs)
    entrances = Rows(city.entrances, "entrances", "entrance_id", city.crs)
    kinds = city.place_kinds

    def place(row: Decision) -> tuple[str, terms.Label]:
        nonlocal kinds
        found = places.find(row.id) or places.near(row.shape(city.crs), row.id)
        adds = row.field == "exists" and row.value.lower() in YES
        if found is None and adds and row.wkt:
            places.add({"place_id": row.id, "source": "decision"}, row.shape(city.crs))
            return row.id, ("已增加", "added")
        if found is None:
            raise StaleError
        if row.field == "exists":
            if adds:
                return found, ("原已存在", "exists already")
            if row.value.lower() not in NO:
                raise RefusedError("exists 需要填 是 或者 否", "exists needs yes or no")
            places.drop(found)
            kinds = kinds[kinds["place_id"] != found]
            entrances.clear("place_id", found)
            return found, DROPPED
        if row.field in ("kind", "kind+", "kind-"):
            kinds, detail = _decide_kind(kinds, found, row)
            return found, detail
        return found, places.set(found, row)

    def entrance(row: Decision) -> tuple[str, terms.Label]:
        found = entrances.find(row.id)
        if found is not None and row.field == "exists" and row.value.lower() in NO:
            entrances.drop(found)
            return found, DROPPED
        if found is not None and row.field != "exists":
            return found, entrances.set(found, row)
        if not row.wkt:
            raise StaleError
        owner = row.value if row.value and row.value.lower() not in YES else row.id
        gone = owner != row.id or bool(re.match(OSM_ID, owner))
        whose = places.find(owner) or (places.near(row.shape(city.crs), owner) if gone else None)
        new = row.id if whose != row.id else f"{row.id}/entrance"
        new = number_repeats([*entrances.frame["entrance_id"], new])[-1]
        gate = {"entrance_id": new, "place_id": whose, "entrance": "yes", "source": "decision"}
        entrances.add(gate, row.shape(city.crs))
        if whose is None:
            return new, ("已增加，但未找到其场所", "added to no place: its place was not found")
        return new, (f"已增加到 {whose}", f"added to {whose}")

    first = apply_each(decisions, "place", on, place, lang)
    second = apply_each(decisions, "entrance", on, entrance, lang)
    tables = {"places": places.done(), "entrances": entrances.done(), "place_kinds": conform("place_kinds", kinds)}
    changed = city.with_tables(**tables)
    return changed, pd.concat([first, second], ignore_index=True)


def apply_camera_decisions(
    cameras: gpd.GeoDataFrame, decisions: pd.DataFrame, *, on: str, lang: Lang = "zh"
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the cameras as decided, and what became of each decision on cameras (see the place decisions).

    Any declared column is set; ``azimuth`` also sets ``azimuth_source`` to ``decision``; ``geometry`` moves the camera;
    ``exists`` = no removes the row. A camera is found by ``camera_id``, else by a 20-digit id that one row alone has.
    """
    table = Rows(cameras, "cameras", "camera_id", cameras.crs)

    def camera(row: Decision) -> tuple[str, terms.Label]:
        found = table.find(row.id) or table.find_by("device_id", row.id)
        if found is None:
            raise StaleError
        if row.field == "exists":
            if row.value.lower() not in NO:
                raise RefusedError(
                    "exists 只能填 否：摄像机由登记表增加", "exists needs no: a camera is added by its register"
                )
            table.drop(found)
            return found, DROPPED
        detail = table.set(found, row)
        if row.field == "azimuth":
            table.put(found, "azimuth_source", "decision")
        if row.field == "status":
            table.put(found, "status_assumed", False)
        return found, detail

    used = apply_each(decisions, "camera", on, camera, lang)
    return table.done(), used


def apply_mandate_decisions(
    mandates: gpd.GeoDataFrame, decisions: pd.DataFrame, *, on: str, lang: Lang = "zh"
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the mandates as decided, and what became of each decision on mandates (see the place decisions).

    ``builder`` also becomes the effective builder, unless a higher law speaks (``overlay_article``), and names the
    decision as its evidence; ``standing`` takes a key of ``terms.STANDINGS``; ``exists`` = no removes the mandate; any
    other declared column is set. ``decided_by`` names who decided.
    """
    table = Rows(mandates, "mandates", "mandate_id", mandates.crs)

    def mandate(row: Decision) -> tuple[str, terms.Label]:
        found = table.find(row.id)
        if found is None:
            raise StaleError
        if row.field == "exists":
            if row.value.lower() not in NO:
                raise RefusedError(
                    "exists 只能填 否：建设要求由规则集得出", "exists needs no: a mandate follows from the rulebook"
                )
            table.drop(found)
            return found, DROPPED
        detail = table.set(found, row)
        table.put(found, "decided_by", row.decided_by)
        if row.field == "standing":
            table.put(found, "standing_reason", row.evidence)
        if row.field == "builder":
            changes = {"builder_rule": "decision", "builder_evidence": row.evidence, "builder_confidence": "high"}
            if pd.isna(table.get(found, "overlay_article")):
                changes["builder_effective"] = row.value
            for name, value in changes.items():
                table.put(found, name, value)
        return found, detail

    used = apply_each(decisions, "mandate", on, mandate, lang)
    return table.done(), used


def _decide_kind(kinds: pd.DataFrame, place: str, row: Decision) -> tuple[pd.DataFrame, terms.Label]:
    named, why = parse_kinds(pd.Series([row.value], dtype="str"))
    if named.isna().iloc[0]:
        fault = str(why.iloc[0]) if why.iloc[0] else "needed a kind"
        near = fault.partition("; nearest: ")[2]
        given = f"，给出的是 {mask(pd.Series([row.value])).iloc[0]!r}" if row.value else ""
        raise RefusedError(f"需要场所类型的编码或者名称{given}" + (f"；最接近：{near}" if near else ""), fault)
    wanted = str(named.iloc[0]).split(";")
    mine = kinds["place_id"] == place
    before = [str(kind) for kind in kinds.loc[mine, "kind"]]
    kept = kinds[~mine] if row.field == "kind" else kinds[~(mine & kinds["kind"].isin(wanted))]
    now = (terms.label_all(terms.KINDS, ";".join(wanted), "zh"), ", ".join(wanted))
    if row.field == "kind-":
        return kept, (f"不再是{now[0]}", f"no longer {now[1]}")
    new = [
        {"place_id": place, "kind": kind, "evidence": row.evidence, "confidence": "high", "candidate": False}
        for kind in wanted
    ]
    out = pd.concat([kept, conform("place_kinds", new)], ignore_index=True)
    was = (terms.label_all(terms.KINDS, ";".join(before), "zh") or "无", ", ".join(before) or "none")
    return out, (f"类型：{was[0]} → {now[0]}", f"kind: {was[1]} → {now[1]}")
