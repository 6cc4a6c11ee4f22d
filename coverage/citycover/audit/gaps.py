"""Finds what is not seen as required: stretches, patches, gates and junctions, each with somebody who must close it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import tables
from citycover.audit._merging import merge_cells, merge_stretches, split_by_cause
from citycover.audit.coverage import measure_demands
from citycover.audit.gap_ids import content_gap_ids, keep_gap_ids
from citycover.audit.gap_names import name_gaps
from citycover.audit.gap_shapes import shape_gaps
from citycover.audit.laying_areas import open_buildings
from citycover.audit.priorities import sum_priorities
from citycover.audit.requirements import Requirements, load_requirements
from citycover.city.model import City
from citycover.sight.unseen import explain_unseen
from citycover.terms import Lang


def find_gaps(
    demands: pd.DataFrame,
    targets: pd.DataFrame,
    seen: pd.DataFrame,
    *,
    mandates: gpd.GeoDataFrame,
    cameras: gpd.GeoDataFrame,
    city: City,
    previous: gpd.GeoDataFrame | None = None,
    requirements: Requirements | None = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Merge the targets of each mandate and component that are not seen for sure, and say why, where and by whom.

    Consecutive samples of one street section, passage or boundary make a stretch (cut where the cause changes for 20 m
    or more, and into equal pieces above ``gaps.longest`` metres), touching cells make a patch, the points of a junction
    make one gap, each entrance its own.

    Parameters
    ----------
    demands, targets, seen
        From ``lay_targets`` and ``measure_coverage``.
    mandates
        With builders; the effective one is named where there is one.
    cameras
        All cameras; those that do not count (``assign_counting``) are left out.
    city
        For buildings and names.
    previous
        Gaps of an earlier study: a gap of the same mandate and component within 30 m keeps its id.
    requirements
        Longest stretch, nearness and weights of the priority; null = ours.
    lang
        Language of ``name``; names of places and streets stay as mapped, and no id depends on it.

    Returns
    -------
    GeoDataFrame
        Table ``gaps``, highest priority first, then by id. The sizes of a mandate's gaps of one component add up to
        what ``roll_up`` requires and does not find seen at the low end. ``reason`` is that of most of the gap;
        ``nearest_camera`` is the least distance from any of its targets to a camera that counts, null where none is.

    Raises
    ------
    InputError
        The tables do not fit together (see ``measure_demands``).
    """
    needs = requirements or load_requirements()
    rows = _unseen(demands, targets, seen)
    why = _explain(rows, targets, cameras, city)
    rows["gap"] = _number_gaps(rows, needs.gaps.longest, why["reason"])
    gaps = _summed(rows.join(why), demands)
    duty = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id").reindex(gaps["mandate_id"])
    duty = duty.reset_index(drop=True)
    gaps = gaps.join(duty[["place_id", "article", "item", "kind", "standing", "department", "district"]])
    gaps["builder"] = duty["builder_effective"].fillna(duty["builder"])
    gaps["priority"] = sum_priorities(
        gaps["standing"], gaps["kind"], _road_class(gaps, city), gaps["size"], gaps["unit"], needs.priority
    )
    gaps["name"] = name_gaps(gaps, mandates, city, lang=lang)
    gaps["gap_id"] = content_gap_ids(gaps)
    gaps["geometry"] = shape_gaps(rows, gaps, mandates, open_buildings(city))
    if previous is not None:
        gaps["gap_id"] = keep_gap_ids(gaps, previous)
    gaps = gaps.sort_values(["priority", "gap_id"], ascending=[False, True], kind="stable")
    return tables.conform("gaps", gaps[tables.TABLES["gaps"].column_names()], crs=city.crs)


def _unseen(demands: pd.DataFrame, targets: pd.DataFrame, seen: pd.DataFrame) -> pd.DataFrame:
    """Return the demands not met at the low end, with their targets, in the order in which they are merged."""
    met = measure_demands(demands, seen)
    ground = targets[["target_id", "x", "y", "unit"]].assign(
        cell=targets["cell"].to_numpy(dtype=np.float64) if "cell" in targets.columns else np.nan
    )
    rows = met[met["met_low"] == 0].merge(ground, on="target_id", how="left")
    if "sequence" not in rows.columns:
        rows["sequence"] = rows["target_id"]
    rows["surrogate"] = rows["surrogate"].fillna(False).astype(bool) if "surrogate" in rows.columns else False
    order = ["mandate_id", "component", "feature_id", "sequence", "x", "y"]
    return rows.sort_values(order, kind="stable").reset_index(drop=True)


def _explain(rows: pd.DataFrame, targets: pd.DataFrame, cameras: gpd.GeoDataFrame, city: City) -> pd.DataFrame:
    """Return reason and nearest camera of each row; each target is asked once per density and number of cameras."""
    asked = ["target_id", "density_required", "cameras_required"]
    once = rows[asked].drop_duplicates(ignore_index=True)
    ground = once[["target_id"]].merge(targets, on="target_id", how="left", sort=False)
    why = explain_unseen(
        ground,
        cameras,
        city.buildings,
        once["density_required"].to_numpy(dtype=np.float64),
        cameras_required=once["cameras_required"].to_numpy(dtype=np.int64),
        barriers=city.barriers,
        terrain=city.terrain,
    )
    why["reason"] = why["reason"].where(why["reason"] != "", "unfit")  # seen as required, by cameras for other things
    return rows[asked].merge(once.join(why), on=asked, how="left", sort=False).drop(columns=asked)


def _number_gaps(rows: pd.DataFrame, longest: float, reason: pd.Series) -> npt.NDArray[np.int64]:
    """Return the number of the gap of each row, 0 … n-1 in the order of the rows."""
    number = np.full(len(rows), -1, dtype=np.int64)
    keys = ["mandate_id", "component", "feature_id"]
    feature = np.asarray(rows.groupby(keys, dropna=False, sort=True).ngroup()).astype(np.int64)
    owner = np.asarray(rows.groupby(keys[:2], sort=True).ngroup()).astype(np.int64)
    is_line = (rows["unit"] == "m").to_numpy()
    is_cell = rows["cell"].notna().to_numpy()
    is_junction = rows["component"].eq("junction").to_numpy()
    sequence = rows["sequence"].to_numpy(dtype=np.int64)
    weight = rows["weight"].to_numpy(dtype=np.float64)
    cause = pd.factorize(reason)[0][is_line]
    part = split_by_cause(feature[is_line], sequence[is_line], weight[is_line], cause.astype(np.int64))
    number[is_line] = merge_stretches(part, sequence[is_line], weight[is_line], longest)
    side, x, y = (rows[c].to_numpy(dtype=np.float64)[is_cell] for c in ("cell", "x", "y"))
    number[is_cell] = merge_cells(owner[is_cell], side, x, y)
    number[is_junction] = feature[is_junction]
    alone = number < 0
    number[alone] = np.arange(int(alone.sum()))
    sort = np.select([is_line, is_cell, is_junction], [0, 1, 2], 3)
    return np.asarray(pd.DataFrame({"sort": sort, "n": number}).groupby(["sort", "n"], sort=False).ngroup())


def _summed(rows: pd.DataFrame, demands: pd.DataFrame) -> pd.DataFrame:
    """Return one row per gap: its owner, feature, middle, size, reason, nearest camera, and its pieces."""
    weight = rows["weight"].to_numpy(dtype=np.float64)
    weighted = rows.assign(wx=rows["x"] * weight, wy=rows["y"] * weight)
    grouped = weighted.groupby("gap", sort=True)
    first = ["mandate_id", "component", "feature_id", "unit", "surrogate"]
    gaps = grouped[first].first()
    gaps["size"] = grouped["weight"].sum()
    gaps["x"], gaps["y"] = grouped["wx"].sum() / gaps["size"], grouped["wy"].sum() / gaps["size"]
    by_reason: pd.DataFrame = rows.groupby(["gap", "reason"])["weight"].sum().reset_index()
    by_reason = by_reason.sort_values(["gap", "weight", "reason"], ascending=[True, False, True])
    gaps["reason"] = by_reason.drop_duplicates("gap").set_index("gap")["reason"]
    closest = ["gap", "nearest_camera", "nearest_camera_id"]
    nearest = rows[closest].sort_values(closest).drop_duplicates("gap").set_index("gap")
    gaps["nearest_camera"] = nearest["nearest_camera"].round(1)
    gaps["nearest_camera_id"] = nearest["nearest_camera_id"]
    key = ["mandate_id", "component"]
    required = demands.groupby(key)["weight"].sum().rename("required")
    gaps = gaps.reset_index(drop=True).join(required, on=key)
    gaps["whole"] = gaps["size"] >= 0.999 * gaps["required"]
    along = gaps.groupby([*key, "feature_id"], dropna=False)
    line = gaps["unit"] == "m"
    gaps["piece"] = np.where(line, along.cumcount() + 1, 1)
    gaps["pieces"] = np.where(line, along["size"].transform("size"), 1)
    return gaps


def _road_class(gaps: pd.DataFrame, city: City) -> pd.Series:
    streets = pd.DataFrame(city.streets)[["street_id", "road_class"]].set_axis(["id", "road_class"], axis=1)
    junctions = pd.DataFrame(city.junctions)[["junction_id", "road_class"]].set_axis(["id", "road_class"], axis=1)
    classes = pd.concat([streets, junctions]).drop_duplicates("id").set_index("id")["road_class"]
    return gaps["feature_id"].map(classes)
