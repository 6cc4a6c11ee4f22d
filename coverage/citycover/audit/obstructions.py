"""Find trees, advertising boards and planned buildings that stand, or will stand, in the views of existing cameras."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import tables, terms
from citycover.city.future import board_shapes
from citycover.city.model import City
from citycover.law.criteria import Criteria, load_criteria
from citycover.law.regulation import Rulebook
from citycover.sight.behind import find_behind
from citycover.sight.cameras import find_poses
from citycover.sight.crowns import find_crowns
from citycover.sight.views import camera_views
from citycover.terms import Lang

LEAST = "obstruction_least_percent"
"""Number of the criteria: an obstacle before which less of a view lies at risk is not named."""

OWN_MOUNT = 1.0
"""A board this near to a camera (m) is taken to be what it is mounted on; ours."""

_REMEDIES = {"tree": "trim", "board": "move_board", "planned_building": "plan_ahead"}


def find_obstructions(
    cameras: gpd.GeoDataFrame,
    city: City,
    *,
    planned: gpd.GeoDataFrame | None = None,
    views: gpd.GeoDataFrame | None = None,
    rulebook: Rulebook | None = None,
    criteria: Criteria | None = None,
) -> gpd.GeoDataFrame:
    """Return what may hinder existing cameras, with the share of each view that lies at risk behind it.

    Views are those that are certain (``exact``, else ``low``); cameras of unknown direction are not asked, nor are ones
    that are removed, not there yet, outside the study or second rows of a device. Behind an obstacle lies the ground
    that it hides from the lens, see :func:`citycover.sight.behind.find_behind`: exact on level ground where the heights
    of lens and obstacle are known, else all behind it (``at_most``). Taking an obstacle away never lowers a view.

    - trees, rows of trees and woods of ``city.trees``: crowns of 3 m (ours), woods as drawn; a camera under a crown
      has that crown's ground at risk only;
    - ``city.boards``: advertising; a point as a line of its width across the line of sight;
    - ``city.planned_buildings`` (OSM: construction, proposed) and ``planned``.

    Parameters
    ----------
    cameras, city
        In one metric reference system.
    planned
        Polygons, ``height`` (m) where known, ``building_id`` and ``name`` where there are any.
    views
        Table ``views`` of the cameras; null: measured here.
    rulebook
        Names the article (Wuxi 18, Nanchang 10, Chongqing 27; Changzhou 23 in general words only) and its penalty;
        ``named`` tells whether its words name such an obstacle or only its closing words may reach it. Null: none.
    criteria
        The planner's least share (``obstruction_least_percent``); ours by default.

    Returns
    -------
    GeoDataFrame
        Table ``obstructions``; the geometry is the ground at risk. In the order of cameras, then the largest share
        first, then by object. Shares of several obstacles of a view may overlap: they do not add up.

    Raises
    ------
    TableError, CrsError, InputError
        As in ``camera_views``.

    Examples
    --------
    >>> find_obstructions(cameras, city)[["camera_id", "object_id", "share"]]  # doctest: +SKIP
    """
    least = (criteria or load_criteria()).value(LEAST) / 100.0
    if views is None:
        views = camera_views(cameras, city.buildings, barriers=city.barriers, terrain=city.terrain)
    sure = views[views["end"].isin(["exact", "low"]).to_numpy(bool)]
    existing = cameras[_is_existing(cameras)]
    sure = sure[sure["camera_id"].isin(existing["camera_id"]).to_numpy(bool) & (sure["ground"] > 0.0).to_numpy(bool)]
    poses = find_poses(cameras, city.buildings)
    number = pd.Series(np.arange(len(cameras)), index=cameras["camera_id"].to_numpy(object))
    at = number.loc[sure["camera_id"].to_numpy(object)].to_numpy(np.int64)
    seen = _Seen(sure, poses.x[at], poses.y[at], poses.lens[at], poses.reach[at, 2], at)
    found = [_before_trees(seen, city), _before_boards(seen, city), _before_buildings(seen, city, planned)]
    rows = pd.concat([part for part in found if len(part)], ignore_index=True) if any(map(len, found)) else found[0]
    if not len(rows):
        return tables.conform("obstructions", [], crs=city.crs)
    rows["share"] = rows["ground_at_risk"] / sure["ground"].to_numpy(dtype=np.float64)[rows["view"]]
    rows = rows[(rows["share"] >= least) & (rows["ground_at_risk"] > 0.0)]
    own = cameras.iloc[at[rows["view"].to_numpy(np.int64)]]
    for name in ("camera_id", "department", "district"):
        rows[name] = own[name].to_numpy(object) if name in own.columns else None
    rows["remedy"] = rows["obstacle"].map(_REMEDIES)
    law = _law(rulebook)
    for name in ("rulebook", "article", "named", "penalty_article"):
        rows[name] = rows["obstacle"].map({obstacle: told[name] for obstacle, told in law.items()}).astype(object)
    rows["camera"] = at[rows["view"].to_numpy(np.int64)]
    rows = rows.sort_values(["camera", "share", "object_id"], ascending=[True, False, True], kind="stable")
    rows = rows.drop_duplicates(["camera_id", "object_id"])
    names = tables.TABLES["obstructions"].column_names()
    return tables.conform("obstructions", rows.reindex(columns=names), crs=city.crs)


def summarise_obstructions(obstructions: pd.DataFrame, lang: Lang = "zh") -> str:
    """Return one sentence on what may hinder cameras.

    >>> summarise_obstructions(tables.conform("obstructions", []), "en")
    'no mapped tree, board or planned building takes much of a view; few of them are mapped'
    """
    if obstructions.empty:
        if lang == "zh":
            return "未发现地图上的树木、广告设施或者拟建建筑明显遮挡视域；此类对象在地图上多有缺漏"
        return "no mapped tree, board or planned building takes much of a view; few of them are mapped"
    counts = obstructions.groupby("obstacle")["camera_id"].nunique()
    told = [
        f"{terms.label(terms.OBSTACLES, key, lang)} {int(counts[key])}"
        for key in terms.OBSTACLES
        if key in counts.index
    ]
    cameras = int(obstructions["camera_id"].nunique())
    if lang == "zh":
        rest = "树木、广告在地图上多有缺漏"
        return f"可能妨碍采集（疑似，需现场核实）：涉及摄像机 {cameras} 条，其中{'，'.join(told)}；{rest}"
    return (
        f"{cameras} camera rows may be hindered (suspicions, verify on site): {', '.join(told)}; "
        "few trees and boards are mapped"
    )


class _Seen:
    """The views asked, with where their lenses stand."""

    def __init__(self, views: gpd.GeoDataFrame, x: Any, y: Any, lens: Any, reach: Any, camera: Any) -> None:
        self.shapes = np.asarray(views.geometry.array, dtype=object)
        self.points = np.asarray(shapely.points(x, y), dtype=object)
        self.x, self.y, self.lens, self.reach, self.camera = x, y, lens, reach, camera

    def behind(
        self, view: npt.NDArray[np.int64], shapes: npt.NDArray[np.object_], top: pd.Series, base: pd.Series
    ) -> npt.NDArray[np.object_]:
        pose = (self.x[view], self.y[view], self.lens[view], self.reach[view])
        high, low = top.to_numpy(dtype=np.float64), base.to_numpy(dtype=np.float64)
        return find_behind(self.shapes[view], *pose, shapes, top=high, base=low)

    def rows(
        self,
        view: npt.NDArray[np.int64],
        risk: npt.NDArray[np.object_],
        of: npt.NDArray[np.object_],
        obstacle: str,
        facts: pd.DataFrame,
    ) -> pd.DataFrame:
        """Return rows of the table for pairs of views and objects."""
        unknown = np.isnan(self.lens[view]) | facts["height"].isna().to_numpy()
        out = facts.reset_index(drop=True).assign(view=view, obstacle=obstacle, at_most=unknown, geometry=risk)
        out["distance"] = shapely.distance(self.points[view], of)
        out["ground_at_risk"] = shapely.area(risk)
        return out


def _before_trees(seen: _Seen, city: City) -> pd.DataFrame:
    trees = city.trees[~(city.trees.geometry.is_empty | city.trees.geometry.isna()).to_numpy(bool)]
    trees = trees.reset_index(drop=True)
    crowns = find_crowns(trees)
    view, tree = _pairs(seen, crowns)
    facts = trees.iloc[tree].reset_index(drop=True)
    facts = pd.DataFrame({"object_id": facts["tree_id"], "kind_of": facts["tree"], "height": facts["height"]})
    facts["assumed"] = np.where(shapely.get_dimensions(trees.geometry.to_numpy()[tree]) < 2, "crown", "")
    facts["state"] = "standing"
    risk = seen.behind(view, crowns[tree], facts["height"], pd.Series(0.0, index=facts.index))
    under = shapely.intersects(crowns[tree], seen.points[view])
    risk[under] = shapely.intersection(seen.shapes[view[under]], crowns[tree[under]])
    return seen.rows(view, risk, crowns[tree], "tree", facts)


def _before_boards(seen: _Seen, city: City) -> pd.DataFrame:
    boards = city.boards[~(city.boards.geometry.is_empty | city.boards.geometry.isna()).to_numpy(bool)]
    boards = boards.reset_index(drop=True)
    spots = np.asarray(boards.geometry.array, dtype=object)
    wide = np.where(shapely.get_dimensions(spots) == 0, shapely.buffer(spots, 3.0), spots)
    view, board = _pairs(seen, wide)
    far = shapely.distance(seen.points[view], spots[board]) > OWN_MOUNT
    view, board = view[far], board[far]
    shapes = board_shapes(boards, board, seen.x[view], seen.y[view])
    facts = boards.iloc[board].reset_index(drop=True)
    spot = shapely.get_dimensions(spots[board]) == 0
    assumed = np.where(spot & facts["width"].isna().to_numpy(), "width", "")
    told = facts[["name", "height"]].assign(object_id=facts["board_id"], kind_of=facts["board"], assumed=assumed)
    risk = seen.behind(view, shapes, facts["height"], facts["min_height"])
    return seen.rows(view, risk, shapes, "board", told.assign(state="standing"))


def _before_buildings(seen: _Seen, city: City, planned: gpd.GeoDataFrame | None) -> pd.DataFrame:
    houses = [city.planned_buildings]
    if planned is not None and len(planned):
        houses.append(list_planned(planned))
    rows = pd.concat(houses, ignore_index=True)
    shapes = np.asarray(rows["geometry"], dtype=object)
    view, house = _pairs(seen, shapes)
    facts = rows.iloc[house].reset_index(drop=True)
    told = facts[["name", "height", "state"]].assign(object_id=facts["building_id"], kind_of="building", assumed="")
    risk = seen.behind(view, shapes[house], facts["height"], facts["min_height"])
    return seen.rows(view, risk, shapes[house], "planned_building", told)


def list_planned(planned: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a planner's polygons as the table ``planned_buildings``: ids by content where none are given."""
    rows = planned[shapely.get_dimensions(planned.geometry.to_numpy()) == 2].reset_index(drop=True)
    own = tables.content_ids("P", [shape.wkb_hex for shape in rows.geometry])
    given = rows["building_id"] if "building_id" in rows.columns else pd.Series([None] * len(rows), dtype="str")
    ids = given.astype(object).where(given.notna(), pd.Series(own, index=rows.index))
    known = {name: rows[name] for name in ("name", "height", "levels", "min_height", "state") if name in rows.columns}
    out = pd.DataFrame({"building_id": tables.number_repeats(ids.astype(str)), **known, "source": "planner"})
    out["state"] = out["state"].fillna("planned") if "state" in out.columns else "planned"
    return tables.conform("planned_buildings", out.assign(geometry=rows.geometry.to_numpy()), crs=planned.crs)


def _pairs(seen: _Seen, shapes: npt.NDArray[np.object_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return which views each shape touches, by view."""
    view, shape = shapely.STRtree(shapes).query(seen.shapes, predicate="intersects")
    order = np.lexsort((shape, view))
    return view[order].astype(np.int64), shape[order].astype(np.int64)


def _is_existing(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which cameras stand there: of no known future or past, each device once, inside the study."""

    def column(name: str) -> pd.Series:
        return cameras[name] if name in cameras.columns else pd.Series(None, index=cameras.index, dtype=object)

    gone = column("status").isin(["planned", "approved", "building", "removed"])
    outside = column("outside").astype("boolean").fillna(False).astype(bool)
    return np.asarray(~gone & column("same_as").isna() & ~outside, dtype=bool)


def _law(rulebook: Rulebook | None) -> dict[str, dict[str, Any]]:
    """Return what a rulebook says of each obstacle; nothing for those that its words do not reach."""
    if rulebook is None:
        return {}
    penalty = ";".join(p.article for p in rulebook.penalties if p.violation == "obstruction")
    told: dict[str, dict[str, Any]] = {}
    for clause in rulebook.clauses:
        for named, obstacles in ((True, clause.obstacles), (False, clause.obstacles_open)):
            for obstacle in obstacles:
                fine = penalty or None
                row = {"rulebook": rulebook.id, "article": clause.article, "named": named, "penalty_article": fine}
                told.setdefault(obstacle, row)
    return told
