"""Finds where registers speak against the regulation: suspicions, each with article, day due and fine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import tables, terms
from citycover.audit.checks import BREACH, MET, NOT_BOUND, NOT_CHECKABLE, Check, check_cameras
from citycover.audit.register_facts import RegisterFacts, gather_facts
from citycover.errors import CrsError, InputError, RulebookError
from citycover.law.regulation import Rulebook
from citycover.terms import Lang

_CARRIED = ("owner_class", "register", "source_row", "department", "district")
_VERDICTS = (BREACH, MET, NOT_CHECKABLE, NOT_BOUND)


def find_breaches(
    cameras: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    rulebook: Rulebook,
    *,
    today: str | dt.date,
    overlay: Rulebook | None = None,
    public_ground: gpd.GeoDataFrame | None = None,
    views: gpd.GeoDataFrame | None = None,
    kept: Collection[str] = (),
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Return the facts of a register that speak against the clauses of a regulation; all ``suspected`` (疑似).

    What the register does not say is never a breach: see :func:`count_checks`. An empty date of acceptance or filing
    speaks only in a register that holds such a date in some row, or where ``kept`` says so. Days are calendar days,
    the start day is not counted, holidays do not shift them: the last day is start + days, and the day after it is
    the first on which the fact is raised. A report that is due *before* a dismantling has dismantling − days as its
    last day. Systems built before the text was in force file by its date for them, and are not bound to acceptance.
    Cameras outside the study are left out; a device that stands in two registers is told once per fact.

    Parameters
    ----------
    cameras
        Table ``cameras``; every fact comes from its declared columns. Owners are told by class, never by name.
    places
        Table ``places``, in the same reference system: a camera whose owner owns or runs the place it stands in is
        no third party there.
    rulebook
        The city's regulation: its deadlines, penalties and clauses by topic (:data:`citycover.audit.checks.TOPICS`)
        say which facts are raised.
    today
        Day of the study.
    overlay
        A higher law. Where both laws speak against the same fact the row is the city's, with ``overlay_article``,
        ``overlay_due`` and ``overlay_fine``; where only the higher law does, the row is the higher law's.
    public_ground
        Table ``public_ground``; without it nobody is known to stand in public.
    views
        Table ``views``: how much of a third party's exact view lies on public ground.
    kept
        ``accepted_on`` or ``filed_on``: the registers are known to keep such dates, and an empty one means none.
    lang
        Language of ``fact`` and ``fine``.

    Returns
    -------
    Table ``breaches`` in the order of ``terms.BREACHES``, then of the cameras.

    Raises
    ------
    InputError
        ``today`` is no date, or ``kept`` names another column.
    RulebookError
        ``overlay`` is no overlay.
    CrsError
        The tables have different reference systems.

    Examples
    --------
    >>> from shapely import Point
    >>> from citycover.law.rulebook import load_rulebook
    >>> rows = [{"camera_id": "a", "status": "in_use", "retention_days": 29, "geometry": Point(0, 0)}]
    >>> cameras, places = tables.conform("cameras", rows, crs=32650), tables.conform("places", [], crs=32650)
    >>> found = find_breaches(cameras, places, load_rulebook("wuxi_2019"), today="2026-03-01")
    >>> found[["clause", "article", "standing"]].values.tolist()
    [['retention', '第二十八条第二款', 'suspected']]
    """
    facts = _facts(cameras, places, overlay, today, public_ground, views, kept)
    city = _rows(facts, rulebook, lang)
    higher = _rows(facts, overlay, lang) if overlay is not None else city.iloc[:0]
    out = _lay_over(city, higher)
    out = _once_per_device(out, facts)
    out["standing"] = "suspected"
    out["breach_id"] = tables.content_ids(
        "B", out["camera_id"], out["place_id"].fillna(""), out["clause"], out["rulebook"]
    )
    late = (facts.today - pd.to_datetime(out["due"]).to_numpy().astype("datetime64[D]")).astype("float64")
    late = np.where(pd.isna(out["due"]), np.nan, late)
    out["overdue_days"] = np.where(late > 0, late, np.nan)
    rank = pd.Series(out["clause"]).map({name: n for n, name in enumerate(terms.BREACHES)}).to_numpy()
    out = out.iloc[np.lexsort((out["row"].to_numpy(), rank))]
    told = facts.cameras.iloc[out["row"].to_numpy(dtype=np.int64)]
    for column in _CARRIED:
        out[column] = told[column].to_numpy(dtype=object) if column in told.columns else None
    out["geometry"] = told.geometry.to_numpy()
    table = tables.conform("breaches", out.drop(columns=["row", "device"]), crs=cameras.crs)
    tables.check(table, "breaches")
    return table


def count_checks(
    cameras: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    rulebook: Rulebook,
    *,
    today: str | dt.date,
    overlay: Rulebook | None = None,
    public_ground: gpd.GeoDataFrame | None = None,
    views: gpd.GeoDataFrame | None = None,
    kept: Collection[str] = (),
) -> pd.DataFrame:
    """Return on how many cameras each clause could be checked; parameters and errors as for :func:`find_breaches`.

    Returns
    -------
    Table ``checks``: one row per rulebook and clause, in the order of the checks. ``suspected`` counts rows of the
    register under one law, before those that stand for the same device are told once.
    """
    facts = _facts(cameras, places, overlay, today, public_ground, views, kept)
    rows = []
    for book in (rulebook, overlay):
        if book is None:
            continue
        for check in check_cameras(facts, book, lang="zh"):
            counts = {name: int((check.verdict == name).sum()) for name in _VERDICTS}
            rows.append({"rulebook": book.id, "clause": check.clause, "article": check.article, **counts})
    if not rows:
        empty: pd.DataFrame = tables.conform("checks", [])
        return empty
    grouped = pd.DataFrame(rows).groupby(["rulebook", "clause"], sort=False)
    out = grouped[[BREACH, MET, NOT_CHECKABLE]].sum()
    out["article"] = grouped["article"].agg(lambda articles: ";".join(dict.fromkeys(articles)))
    # two deadlines share the fact of filing: who is bound by one of them is bound
    out[NOT_BOUND] = (len(facts.cameras) - out.sum(axis="columns", numeric_only=True)).clip(lower=0)
    table: pd.DataFrame = tables.conform("checks", out.reset_index())
    return table


def _facts(
    cameras: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    overlay: Rulebook | None,
    today: str | dt.date,
    public_ground: gpd.GeoDataFrame | None,
    views: gpd.GeoDataFrame | None,
    kept: Collection[str],
) -> RegisterFacts:
    try:
        day = dt.date.fromisoformat(str(today)).isoformat()
    except ValueError as error:
        raise InputError(f"today: needed a day such as 2026-03-01, given {str(today)!r}") from error
    wrong = sorted(set(kept) - {"accepted_on", "filed_on"})
    if wrong:
        raise InputError(f"kept: needed accepted_on or filed_on, given {', '.join(wrong)}")
    if overlay is not None and overlay.role != "overlay":
        raise RulebookError(f"needed a rulebook with role 'overlay' to lay over, given {overlay.id} ({overlay.role})")
    for name, frame in (("places", places), ("public_ground", public_ground), ("views", views)):
        if frame is not None and len(frame) and len(cameras) and frame.crs != cameras.crs:
            raise CrsError(f"{name}: needed the reference system of the cameras, {cameras.crs}, given {frame.crs}")
    return gather_facts(cameras, places, today=day, public_ground=public_ground, views=views, kept=kept)


def _rows(facts: RegisterFacts, rulebook: Rulebook, lang: Lang) -> pd.DataFrame:
    columns = ["row", "clause", "rulebook", "article", "fact", "due", "fine", "fine_path", "place_id"]
    frames = [_found(check, rulebook.id) for check in check_cameras(facts, rulebook, lang=lang)]
    frames = [frame for frame in frames if len(frame)]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _found(check: Check, rulebook_id: str) -> pd.DataFrame:
    row = np.flatnonzero(check.verdict == BREACH)
    due = check.due[row]
    return pd.DataFrame(
        {
            "row": row,
            "clause": check.clause,
            "rulebook": rulebook_id,
            "article": check.article,
            "fact": check.fact[row],
            "due": pd.Series(np.datetime_as_string(due), dtype="str").mask(np.isnat(due)).astype(object),
            "fine": check.fine,
            "fine_path": check.path,
            "place_id": pd.Series(check.place_id[row] if len(check.place_id) else [None] * len(row), dtype=object),
        }
    )


def _lay_over(city: pd.DataFrame, higher: pd.DataFrame) -> pd.DataFrame:
    """Return the city's rows with the higher law's article, day and fine, and the rows of the higher law alone."""
    keys = ["row", "clause"]
    beside = higher[[*keys, "article", "due", "fine"]].rename(columns=lambda c: c if c in keys else f"overlay_{c}")
    both = city.astype(object).merge(beside.astype(object), on=keys, how="left")
    known = pd.MultiIndex.from_frame(city[keys].astype(object))
    alone = higher[~pd.MultiIndex.from_frame(higher[keys].astype(object)).isin(known)]
    return pd.concat([both, alone.astype(object)], ignore_index=True) if len(alone) else both


def _once_per_device(rows: pd.DataFrame, facts: RegisterFacts) -> pd.DataFrame:
    """Leave out a fact that another row for the same device tells already; the first row of the register stays."""
    cameras = facts.cameras
    camera_id = cameras["camera_id"].to_numpy(dtype=object)
    same = cameras["same_as"].to_numpy(dtype=object) if "same_as" in cameras.columns else np.full(len(cameras), None)
    device = np.where(pd.isna(same), camera_id, same)
    at = rows["row"].to_numpy(dtype=np.int64)
    out = rows.assign(row=at, camera_id=camera_id[at], device=device[at])
    first = out.sort_values("row", kind="stable").drop_duplicates(["device", "clause"])
    return out.loc[first.index]
