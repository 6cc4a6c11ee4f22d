"""Estimate what owners would need to close their gaps: how many cameras of which class, and at what cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import tables, terms
from citycover.audit.catalogue import Catalogue
from citycover.city.model import City
from citycover.law.regulation import Rulebook
from citycover.plan.candidates import propose_sites
from citycover.plan.choice import find_gains, shadow_costs
from citycover.plan.covering import solve_covering
from citycover.plan.ground import find_ground
from citycover.plan.reach import find_covers
from citycover.plan.wants import PUBLIC, find_wants

OWNERS = tuple(name for name in terms.BUILDERS if name not in (*PUBLIC, "unspecified", "review"))
"""Builders who are told, not planned for: what they do is theirs to decide."""


def suggest_builds(
    notices: pd.DataFrame,
    *,
    city: City,
    catalogue: Catalogue,
    cameras: gpd.GeoDataFrame,
    gaps: gpd.GeoDataFrame,
    mandates: gpd.GeoDataFrame,
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    seen: pd.DataFrame,
    rulebook: Rulebook,
    overlay: Rulebook | None = None,
    on: str | None = None,
    retention_days: float = 30.0,
    seed: int = 0,
) -> pd.DataFrame:
    """Return the notices with what would close most of their gaps: ``heads``, ``devices`` and ``estimate``.

    Cameras are tried as for the plan, on private ground too, for owners build on their own; what is chosen covers as
    much as can be, of equals the cheaper. A camera counts for the place of which it sees most. It is an estimate of
    number and money, made without knowing whose ground is whose: no positions are told, they are the owner's to choose.

    ``notices`` of public builders and of builders not settled stay without a suggestion; ``cameras`` and ``seen`` are
    as the plan starts from them, the rest is the study's.
    """
    out = notices.assign(heads=pd.Series(pd.NA, index=notices.index, dtype="Int64"), devices=None, estimate=np.nan)
    wants = find_wants(demands, targets, seen, mandates=mandates, gaps=gaps, builders=OWNERS, on=on)
    if wants.empty or notices.empty:
        return pd.DataFrame(tables.conform("notices", out))
    ground = find_ground(city)
    law: dict[str, Any] = {"overlay": overlay, "on": on}
    candidates = propose_sites(
        gaps, city, catalogue, cameras=cameras, rulebook=rulebook, wants=wants, retention_days=retention_days,
        ground=replace(ground, private=ground.private[:0]), **law,
    )  # fmt: skip
    if candidates.empty:
        return pd.DataFrame(tables.conform("notices", out))
    covers = find_covers(candidates, wants, city)
    answer = solve_covering(
        covers,
        wants["worth"].to_numpy(float),
        costs=shadow_costs(candidates, private_price=0.0),
        required=wants["cameras"].to_numpy(np.int64),
        groups=pd.factorize(candidates["group"])[0],
        seed=seed,
    )
    rows = np.asarray(answer.chosen, np.int64)
    _, needed = find_gains(covers, wants, rows)
    facts = wants.iloc[needed["want"].to_numpy(np.int64)].reset_index(drop=True)
    each = pd.DataFrame(
        {"site": needed["site"].to_numpy(), "worth": facts["worth"], "mandate_id": facts["mandates"].str.split(";")}
    ).explode("mandate_id")
    duty = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")
    each["place_id"] = each["mandate_id"].map(duty["place_id"])
    each["builder"] = each["mandate_id"].map(duty["builder_effective"].fillna(duty["builder"]))
    sums = each.groupby(["site", "place_id", "builder"])["worth"].sum().reset_index()
    top = sums.sort_values(["site", "worth", "place_id"], ascending=[True, False, True], kind="stable")
    top = top.drop_duplicates("site")
    taken = pd.DataFrame(candidates).iloc[rows[top["site"].to_numpy(np.int64)]]
    told = top.assign(device=taken["device_class"].to_numpy(object), cost=taken["cost"].to_numpy(float))
    told["nature"] = taken["nature"].to_numpy(object)
    told["label"] = told["device"].where(told["nature"].eq("new"), told["nature"]).astype("str")
    keys = ["place_id", "builder"]
    counted = told.groupby([*keys, "label"]).size().reset_index(name="n")
    counted["words"] = counted["label"] + " × " + counted["n"].astype("str")
    summed = told.groupby(keys).agg(heads=("site", "size"), estimate=("cost", "sum"))
    summed["devices"] = counted.groupby(keys)["words"].agg(";".join)
    out = notices.drop(columns=["heads", "devices", "estimate"], errors="ignore").merge(
        summed.reset_index(), on=keys, how="left"
    )
    return pd.DataFrame(tables.conform("notices", out))
