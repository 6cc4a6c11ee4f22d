"""Apply what persons settled on findings: gaps that are accepted or postponed, and places where no camera may look."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import terms
from citycover.city.ban_places import PLACE_TYPES, load_bans
from citycover.city.deciding import NO, Decision, Rows, apply_each
from citycover.city.decision_words import DROPPED, STATES, RefusedError, StaleError
from citycover.city.model import City
from citycover.terms import Lang

GAP_FIELDS = ("accepted_until", "postponed_until", "priority", "note")
"""What may be decided of a gap."""

_KEY = ["subject", "id", "field", "value", "decided_by", "decided_on"]


def apply_gap_decisions(
    gaps: gpd.GeoDataFrame, decisions: pd.DataFrame, *, on: str, lang: Lang = "zh"
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the gaps as decided, and what became of each decision on gaps, as for places.

    ``accepted_until`` (a day: left as it is until then), ``postponed_until`` (a day: to be closed after it),
    ``priority`` (0 to 100, in place of the sum) and ``note`` are set; ``decided_by`` names who decided. A gap stays in
    the table and in every figure; :func:`is_settled` tells which are to be closed now. A gap whose id is gone is found
    again by the decision's geometry within 25 m; one that was closed leaves a stale decision.
    """
    table = Rows(gaps, "gaps", "gap_id", gaps.crs)

    def gap(row: Decision) -> tuple[str, terms.Label]:
        found = table.find(row.id) or table.near(row.shape(gaps.crs), row.id)
        if found is None:
            raise StaleError
        if row.field not in GAP_FIELDS:
            raise RefusedError(
                f"缺口由测算得出，只能决定 {'、'.join(GAP_FIELDS)}",
                f"a gap follows from what is seen: only {', '.join(GAP_FIELDS)} can be decided",
            )
        before = table.get(found, row.field)
        detail = table.set(found, row)
        value = table.get(found, row.field)
        if row.field == "priority" and not 0.0 <= value <= 100.0:
            table.put(found, "priority", before)
            raise RefusedError("priority 需要 0 至 100", "priority needs 0 to 100")
        table.put(found, "decided_by", row.decided_by)
        if row.field.endswith("_until") and pd.notna(value) and value < on:
            detail = f"{detail[0]}（期限已过，不再生效）", f"{detail[1]} (that day has passed: it holds no more)"
        return found, detail

    used = apply_each(decisions, "gap", on, gap, lang)
    done = table.done()
    if len(used):
        done = done.sort_values(["priority", "gap_id"], ascending=[False, True], kind="stable").reset_index(drop=True)
    return gpd.GeoDataFrame(done, crs=gaps.crs), used


def is_settled(gaps: pd.DataFrame, *, on: str | None) -> npt.NDArray[np.bool_]:
    """Return which gaps a person accepted or postponed until a day that has not passed; without ``on`` none.

    >>> gaps = pd.DataFrame({"accepted_until": ["2026-12-31", "2026-01-01", None], "postponed_until": None})
    >>> is_settled(gaps, on="2026-06-01").tolist()
    [True, False, False]
    """
    settled = np.zeros(len(gaps), bool)
    for name in ("accepted_until", "postponed_until") if on is not None else ():
        if name in gaps.columns:
            settled |= (gaps[name].fillna("").astype("str") >= str(on)).to_numpy(bool)
    return settled


def apply_ban_decisions(
    city: City, decisions: pd.DataFrame, *, on: str, lang: Lang = "zh"
) -> tuple[City, pd.DataFrame]:
    """Return the city with the places of bans as decided, and what became of each decision on them, as for places.

    Field ``place_type`` with a geometry adds a place of that type (a key or a label of ``terms.BAN_PLACES`` or
    ``terms.CONSENT_PLACES``) under the decision's id, or corrects one that is there; ``exists`` = no takes one away;
    ``valid_from``, ``valid_to`` (days), ``near`` (m, of a point) and ``name`` are set. A place is found by its
    ``ban_id``, else by a ``place_id`` that one row alone has, else by geometry within 25 m. Units whose consent is
    needed stay secret. Every conflict with a place that was decided names who did.
    """
    table = Rows(city.ban_places, "ban_places", "ban_id", city.crs)

    def ban(row: Decision) -> tuple[str, terms.Label]:
        found = table.find(row.id) or table.find_by("place_id", row.id)
        found = found or table.near(row.shape(city.crs), row.id)
        if row.field == "exists":
            if row.value.lower() not in NO:
                raise RefusedError(
                    "exists 只能填 否：增加请用 place_type 和几何坐标",
                    "exists needs no: add one by place_type and a geometry",
                )
            if found is None:
                raise StaleError
            table.drop(found)
            return found, DROPPED
        if row.field != "place_type":
            if found is None:
                raise StaleError
            return found, table.set(found, row)
        place_type = _place_type(row.value)
        secret = place_type in terms.CONSENT_PLACES
        shape = row.shape(city.crs)
        if found is None and shape is None:
            raise StaleError
        if found is None and shape is not None:
            plane = int(shapely.get_dimensions(shape)) == 2
            near = load_bans().near.get(place_type, load_bans().near["toilet"])
            facts = {"ban_id": row.id, "place_id": row.id, "place_type": place_type, "direct": True, "secret": secret}
            facts |= {"located": "ground" if plane else "point", "near": None if plane else near}
            table.add(facts | {"evidence": row.evidence, "source": "decision"}, shape)
            label = PLACE_TYPES[place_type]
            return row.id, (f"已增加：{label[0]}", f"added: {label[1]}")
        assert found is not None
        was = str(table.get(found, "place_type"))
        for name, value in {
            "place_type": place_type,
            "direct": True,
            "secret": secret,
            "evidence": row.evidence,
        }.items():
            table.put(found, name, value)
        table.put(found, "source", "decision")
        labels = PLACE_TYPES.get(was, (was, was)), PLACE_TYPES[place_type]
        return found, (f"类型：{labels[0][0]} → {labels[1][0]}", f"type: {labels[0][1]} → {labels[1][1]}")

    used = apply_each(decisions, "ban", on, ban, lang)
    return city.with_tables(ban_places=table.done()), used


def list_unread(decisions: pd.DataFrame, used: pd.DataFrame, *, lang: Lang = "zh") -> pd.DataFrame:
    """Return the decisions that no step took up, with ``state`` unread: none is ever dropped in silence."""
    taken = pd.MultiIndex.from_frame(used.reindex(columns=_KEY).astype("str"))
    mine = pd.MultiIndex.from_frame(decisions.reindex(columns=_KEY).astype("str"))
    rows = decisions[~mine.isin(taken)]
    return rows.assign(state="unread", detail=STATES["unread"][0 if lang == "zh" else 1], found_id=None)


def _place_type(text: str) -> str:
    keys = {name: key for key, label in PLACE_TYPES.items() for name in (key, *label)}
    if text not in keys:
        raise RefusedError(
            f"place_type 需要填以下之一：{'、'.join(zh for zh, _ in PLACE_TYPES.values())}",
            f"place_type needs one of {', '.join(PLACE_TYPES)}",
        )
    return keys[text]
