"""Reads from tags, names and records what is known of who owns, runs and agreed on each mandate's place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from citycover.law.criteria import Criteria
from citycover.law.phrases import phrase
from citycover.law.records import RECORDED, spread_records
from citycover.terms import Lang

_PUBLIC_TYPES = ("government", "public", "national", "state", "county", "municipal")
_OPEN = ("yes", "permissive", "customers", "public", "destination")
_CLOSED = ("no", "private", "residents", "permit", "employees", "delivery", "members")


@dataclass(frozen=True)
class Facts:
    """State and words of each fact per mandate, and which facts are on record; rows as in the mandates.

    ``states`` holds the states of ``FACT_STATES`` but ``size``, which depends on the criterion of a rule.
    """

    states: pd.DataFrame
    words: pd.DataFrame
    recorded: pd.DataFrame


def read_facts(mandates: pd.DataFrame, records: pd.DataFrame | None, criteria: Criteria, *, lang: Lang) -> Facts:
    """Return the facts behind each mandate; records come before tags, tags before names.

    The patterns of names are ours (``hints`` of ``criteria.toml``); a hint is never proof.

    Raises
    ------
    TableError
        The records contradict each other.
    """
    noted = _noted(mandates, records)
    tags = pd.DataFrame(
        {c: _text(mandates, c) for c in ("operator", "operator_type", "owner", "access", "fee", "name")}
    )
    states = pd.DataFrame(index=mandates.index)
    words = pd.DataFrame(index=mandates.index)
    states["agreement"] = _yes_no(noted["agreement"])
    words["agreement"] = _choose(
        [states["agreement"] == "recorded_yes", states["agreement"] == "recorded_no"],
        [_say("agreement", noted["agreement"], lang), phrase("no_agreement", lang)],
    )
    states["state_owned"], words["state_owned"] = _ownership(mandates, noted, tags, criteria, lang)
    states["owner"] = np.select([_party(noted["owner"]), tags["owner"].notna()], ["recorded", "tagged"], "unknown")
    words["owner"] = _choose(
        [states["owner"] == "recorded", states["owner"] == "tagged"],
        [_say("owner_record", noted["owner"], lang), _say("owner_tag", tags["owner"], lang)],
    )
    words["manager"] = _say("manager_record", noted["manager"], lang).fillna("")
    states["operated"], words["operated"] = _operation(noted, tags, criteria, lang)
    opened = tags["access"].isin(_OPEN) | (tags["access"].isna() & (tags["fee"] == "yes"))
    states["access"] = np.select([opened, tags["access"].isin(_CLOSED)], ["open", "closed"], "unknown")
    words["access"] = _say("access", tags["access"], lang).fillna("")
    return Facts(states, words, noted.notna())


def _text(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame.columns:
        return pd.Series([None] * len(frame), index=frame.index, dtype="str")
    text = frame[column].astype("str").str.strip()
    return text.where(text != "", None)


def _noted(mandates: pd.DataFrame, records: pd.DataFrame | None) -> pd.DataFrame:
    if records is None or not len(records):
        return pd.DataFrame({f: pd.Series(dtype="str") for f in RECORDED}).reindex(mandates.index)
    wide = spread_records(records).set_index("place_id")
    return wide.reindex(mandates["place_id"]).set_axis(mandates.index)


def _party(value: pd.Series) -> pd.Series:
    return value.notna() & (value != "no")


def _yes_no(value: pd.Series) -> np.ndarray:
    return np.select([_party(value), value == "no"], ["recorded_yes", "recorded_no"], "unknown")


def _say(key: str, values: pd.Series, lang: Lang) -> pd.Series:
    """Return the phrase filled in per row, null where there is no value."""
    return values.map({value: phrase(key, lang, value) for value in values.dropna().unique()}).astype("str")


def _choose(masks: list[pd.Series], words: list[pd.Series | str]) -> np.ndarray:
    texts = [w.fillna("").to_numpy(object) if isinstance(w, pd.Series) else np.asarray(w, object) for w in words]
    return np.select([m.fillna(False).to_numpy(bool) for m in masks], texts, "")


def _ownership(
    mandates: pd.DataFrame, noted: pd.DataFrame, tags: pd.DataFrame, criteria: Criteria, lang: Lang
) -> tuple[np.ndarray, np.ndarray]:
    """Is the place the State's? A record says; operator:type says nearly; names hint."""
    body, company = criteria.public_body, criteria.company
    own_name = tags["name"].where(mandates["kind"].isin(criteria.named_after_body))
    owner = noted["owner"].where(_party(noted["owner"]), tags["owner"])
    named = owner.where(owner.notna(), tags["operator"].where(tags["operator"].notna(), own_name))
    is_company = named.str.contains(company, regex=True).fillna(False).astype(bool)
    is_body = named.str.contains(body, regex=True).fillna(False).astype(bool) & ~is_company
    tagged = tags["operator_type"]
    masks = [
        noted["state_owned"] == "yes",
        noted["state_owned"] == "no",
        tagged.isin(_PUBLIC_TYPES),
        tagged.notna() & tagged.str.startswith(("private", "business", "company")).fillna(False).astype(bool),
        is_body,
        is_company,
    ]
    states = ["recorded_yes", "recorded_no", "tagged_yes", "tagged_no", "hinted_yes", "hinted_no"]
    operator_type = _say("operator_type", tagged, lang)
    words: list[pd.Series | str] = [
        phrase("state_yes", lang),
        phrase("state_no", lang),
        operator_type,
        operator_type,
        _say("public_name", named, lang),
        _say("company_name", named, lang),
    ]
    plain = [m.fillna(False).astype(bool) for m in masks]
    return np.select(plain, states, "unknown"), _choose(plain, words)


def _operation(
    noted: pd.DataFrame, tags: pd.DataFrame, criteria: Criteria, lang: Lang
) -> tuple[np.ndarray, np.ndarray]:
    """Does an operating unit run the place? A record says; a company as operator, a fee or a limited access hint."""
    company = tags["operator"].str.contains(criteria.company, regex=True).fillna(False).astype(bool)
    paid, limited = tags["fee"] == "yes", tags["access"] == "customers"
    masks = [_party(noted["operating_unit"]), noted["operating_unit"] == "no", company, paid, limited]
    states = ["recorded_yes", "recorded_no", "hinted_yes", "hinted_yes", "hinted_yes"]
    words: list[pd.Series | str] = [
        _say("operating_record", noted["operating_unit"], lang),
        phrase("no_operating", lang),
        _say("operating_hint", tags["operator"], lang),
        phrase("operating_hint", lang, "fee=yes"),
        phrase("operating_hint", lang, "access=customers"),
    ]
    plain = [m.fillna(False).astype(bool) for m in masks]
    return np.select(plain, states, "unknown"), _choose(plain, words)
