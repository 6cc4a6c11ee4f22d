"""Judge a study's proposals beside its registers: the lists given, and what the registers hold as planned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import geopandas as gpd
import pandas as pd

from citycover import tables
from citycover.audit.catalogue import Catalogue
from citycover.audit.duplicates import SHARE, find_duplicates
from citycover.audit.rivals import column
from citycover.audit.settled_pairs import (
    decisions_of_pairs,
    pairs_of_decisions,
    read_not_duplicates,
    resolve_pairs,
)
from citycover.city.model import City
from citycover.law.regulation import Rulebook
from citycover.terms import Lang


def judge_proposals(
    lists: Sequence[gpd.GeoDataFrame],
    cameras: gpd.GeoDataFrame,
    targets: pd.DataFrame,
    demands: pd.DataFrame,
    city: City,
    *,
    rulebook: Rulebook,
    overlay: Rulebook | None = None,
    catalogue: Catalogue | None = None,
    duplicate_share: float = SHARE,
    decisions: pd.DataFrame | None = None,
    not_duplicates: Path | None = None,
    on: str,
    lang: Lang = "zh",
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Return the table ``duplicates`` of a study's proposals, and what became of each decision on a pair.

    Proposals are the rows of the lists and the planned cameras of the registers; all other cameras are what they are
    held against. Where there is no proposal the table has no row.

    Parameters
    ----------
    lists
        Tables ``cameras`` of proposals, each of a name of its own.
    cameras, targets, demands, city
        What the study measured.
    rulebook, overlay, catalogue
        For articles and money.
    duplicate_share
        Of the criteria.
    decisions, not_duplicates
        Persons' decisions (those with the subject ``pair`` are read) and the file of settled pairs.
    on
        Day of the study (ISO 8601).
    lang
        Language of the words.

    Raises
    ------
    InputError
        An id stands twice among lists and registers.
    """
    planned = cameras["status"].eq("planned").fillna(False).to_numpy(bool)
    parts = [as_proposals(part.to_crs(city.crs)) for part in lists if len(part)]
    parts += [cameras[planned]] if planned.any() else []
    pairs = [pairs_of_decisions(decisions)] if decisions is not None else []
    pairs += [read_not_duplicates(not_duplicates)] if not_duplicates is not None else []
    told = pd.concat(pairs, ignore_index=True) if pairs else pairs_of_decisions(tables.conform("decisions", []))
    if not parts:
        return tables.conform("duplicates", [], crs=city.crs), _told(told.assign(state="stale"))
    proposed = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=city.crs)
    existing = cameras[~planned].reset_index(drop=True)
    settled, states = resolve_pairs(told, pd.concat([proposed["camera_id"], existing["camera_id"]]), on=on)
    found = find_duplicates(
        proposed,
        existing,
        targets,
        city.buildings,
        demands=demands,
        duplicate_share=duplicate_share,
        barriers=city.barriers,
        not_duplicates=settled,
        rulebook=rulebook,
        overlay=overlay,
        catalogue=catalogue,
        public_ground=city.public_ground,
        lang=lang,
    )
    return found, _told(states)


def as_proposals(rows: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a list of proposals in which a row that tells no status is planned, where a register's would be in use.

    >>> rows = gpd.GeoDataFrame({"status": ["in_use", "approved"], "status_assumed": [True, False]})
    >>> as_proposals(rows)["status"].tolist()
    ['planned', 'approved']
    """
    assumed = column(rows, "status_assumed").astype("boolean").fillna(False).to_numpy(bool)
    status = column(rows, "status").mask(assumed | column(rows, "status").isna().to_numpy(bool), "planned")
    return rows.assign(status=status)


def _told(states: pd.DataFrame) -> pd.DataFrame:
    """Return settled pairs as decisions with what became of each."""
    return pd.DataFrame(decisions_of_pairs(states)).assign(
        found_id=pd.Series(None, index=states.index, dtype="str"),
        detail=pd.Series(None, index=states.index, dtype="str"),
        state=states["state"].to_numpy(object),
    )
