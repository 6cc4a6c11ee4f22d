"""The coverage at every pixel density of the edition, and of all public ground: thresholds are chosen by looking."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables, terms
from citycover.audit._samples import Floats
from citycover.audit.coverage import add_shares, find_levels, measure_demands, measure_headline
from citycover.audit.laying_areas import open_buildings
from citycover.audit.requirements import Requirements, load_requirements
from citycover.city.model import City
from citycover.sight.coverage import measure_coverage

_ENDS = ("low", "expected", "high")


def measure_levels(
    demands: pd.DataFrame, targets: pd.DataFrame, seen: pd.DataFrame, *, mandates: pd.DataFrame
) -> pd.DataFrame:
    """Return what would be seen if each level of ``seen`` were asked of every demand, all from one measurement.

    The headline counts each target once; by component, kind and item ground that several mandates demand counts once
    per mandate. How many cameras must see a target stays as demanded. No share of a level exceeds that of a lower one.

    Returns
    -------
    DataFrame
        Table ``coverage_levels``: scopes in the order of ``terms.LEVEL_SCOPES``, then by value, unit and level.

    Raises
    ------
    InputError
        The tables do not fit together (see ``measure_demands``).

    Examples
    --------
    >>> targets = pd.DataFrame({"target_id": [0], "x": 0.0, "y": 0.0, "layer": 0, "facing": np.nan, "unit": "m",
    ...     "size": 5.0, "district": None})
    >>> demands = pd.DataFrame({"target_id": [0], "mandate_id": "M", "component": "segment", "feature_id": "s",
    ...     "weight": 5.0, "density_required": 25.0, "cameras_required": 1})
    >>> figures = {f"{head}_{level}": [1 if level == 25 else 0] for level in (25, 125) for head in
    ...     ("n_low", "n_high", "p1", "p2")}
    >>> mandates = pd.DataFrame({"mandate_id": ["M"], "kind": "bridge", "article": "第八条", "item": "（一）"})
    >>> levels = measure_levels(demands, targets, pd.DataFrame({"target_id": [0], **figures}), mandates=mandates)
    >>> levels.loc[levels["scope"] == "headline", ["level", "share_low"]].values.tolist()
    [[25.0, 1.0], [125.0, 0.0]]
    """
    rows = demands.reset_index(drop=True)
    unit = pd.Series(targets["unit"].to_numpy(object), index=targets["target_id"].astype("int64"))
    facts = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id").reindex(rows["mandate_id"])
    keys = {
        "component": rows["component"].to_numpy(object),
        "kind": facts["kind"].to_numpy(object),
        "item": (facts["article"].fillna("") + facts["item"].fillna("")).to_numpy(object),
    }
    units = rows["target_id"].astype("int64").map(unit).to_numpy(object)
    weight = rows["weight"].to_numpy(dtype=np.float64)
    out: list[pd.DataFrame] = []
    for level in find_levels(seen):
        asked = rows.assign(density_required=level)
        headline = measure_headline(asked, targets, seen).drop(columns="targets")
        out.append(headline.assign(scope="headline", value="", level=level))
        met = measure_demands(asked, seen)
        figures = {f"seen_{end}": weight * met[f"met_{end}"].to_numpy() for end in _ENDS}
        for scope, value in keys.items():
            frame = pd.DataFrame({"value": value, "unit": units, "required": weight, **figures})
            sums = frame.groupby(["value", "unit"], sort=True).sum().reset_index()
            out.append(add_shares(sums).assign(scope=scope, level=level))
    return _in_order(out)


def lay_public_ground(city: City, *, requirements: Requirements | None = None) -> pd.DataFrame:
    """Lay all public ground of the study's area, whoever must cover it: one target per point of a grid that it holds.

    The grid has ``whole_area_step`` metres and is fixed to the origin of the reference system; each point stands for
    the square of that side, so the ground is a sample of the true one. Ground under buildings is left out, tunnels are
    no public ground. Wuxi 2019, art. 3 (全域覆盖).

    Returns
    -------
    DataFrame
        Table ``targets``, west to east in rows from the south, in m².
    """
    needs = requirements or load_requirements()
    step = needs.ground.whole_area_step
    public = city.public_ground.geometry.to_numpy()
    low_x, low_y, high_x, high_y = np.floor(np.array(city.area.bounds) / step)
    xs = (np.arange(low_x, high_x + 1) + 0.5) * step
    ys = (np.arange(low_y, high_y + 1) + 0.5) * step
    walls = open_buildings(city)
    shapely.prepare(city.area)
    found: list[Floats] = []
    for band in np.array_split(ys, max(1, len(xs) * len(ys) // 1_000_000)):
        x, y = (part.ravel() for part in np.meshgrid(xs, band))
        points = np.asarray(shapely.points(x, y), dtype=object)
        held = np.unique(shapely.STRtree(points).query(public, predicate="intersects")[1])
        held = held[shapely.contains_xy(city.area, x[held], y[held])]
        covered = shapely.STRtree(points[held]).query(walls, predicate="intersects")[1]
        held = np.delete(held, np.unique(covered))
        found.append(np.column_stack([x[held], y[held]]))
    at = np.concatenate(found) if found else np.zeros((0, 2))
    rows = pd.DataFrame({"target_id": np.arange(len(at)), "x": at[:, 0], "y": at[:, 1]})
    height = needs.components["area"].height
    ground: pd.DataFrame = tables.conform("targets", rows.assign(z=height, size=step**2, unit="m2", layer=0))
    return ground


def measure_whole_area(
    city: City,
    cameras: gpd.GeoDataFrame,
    *,
    requirements: Requirements | None = None,
    edition: str = "IEC 62676-4:2014",
) -> pd.DataFrame:
    """Return how much of all public ground one camera at least sees, at each level: rows of ``coverage_levels``.

    Empty where the area has no public ground.
    """
    ground = lay_public_ground(city, requirements=requirements)
    seen = measure_coverage(
        ground, cameras, city.buildings, barriers=city.barriers, terrain=city.terrain, edition=edition
    )
    size = ground["size"].to_numpy(dtype=np.float64)
    out = [
        add_shares(
            pd.DataFrame(
                {
                    "required": [size.sum()],
                    "seen_low": [size[seen[f"n_low_{level:g}"].to_numpy() >= 1].sum()],
                    "seen_expected": [(size * seen[f"p1_{level:g}"].to_numpy()).sum()],
                    "seen_high": [size[seen[f"n_high_{level:g}"].to_numpy() >= 1].sum()],
                }
            )
        ).assign(scope="whole_area", value="", unit="m2", level=level)
        for level in find_levels(seen)
        if len(ground)
    ]
    return _in_order(out)


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    names = tables.TABLES["coverage_levels"].column_names()
    rows = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
    rank = rows["scope"].map({scope: n for n, scope in enumerate(terms.LEVEL_SCOPES)})
    rows = rows.assign(rank=rank).sort_values(["rank", "value", "unit", "level"], kind="stable")
    table: pd.DataFrame = tables.conform("coverage_levels", rows[names])
    return table
