"""Finds what opened, closed or changed each gap between two studies: one cause, by the ground that it touched.

Every piece of ground that is a gap in one study (the *worse* one there) is looked up in the other (the *better* one)
and speaks for one cause with its size:

- it lies outside the other study's area: ``criteria`` where the planner gave another one, else ``osm_place``;
- it is not demanded there by that duty, and the duty is not there: ``rulebook`` where another rulebook was used,
  ``decision`` where one speaks of the place or the duty, ``criteria`` where the place stands there with its kind and
  criteria or records differ, else ``osm_place``;
- the duty is there but does not reach this ground: ``building`` where one that is not so in the worse study stands on
  it, else ``decision``, else ``osm_place`` where place, streets or gates are drawn otherwise, else ``criteria`` where
  requirements differ, else ``osm_place``; a cell that only holds less ground there speaks alike with what it lost;
- it is demanded there and seen as it is asked there, but not as it is asked here: ``criteria``;
- it is seen there as it is asked here: ``camera`` where the camera that sees it differs here (``decision`` where one
  speaks of that camera, ``building`` where it stands inside a building of one study only), ``building`` where its line
  of sight crosses a building or wall that is not so in the better study, else the nearest camera that differs and
  reaches there, else the nearest such building.

What speaks with the greatest size is the cause; of equal ones the first of ``terms.GAP_CAUSES``. Where no ground
changed (a street was cut, a stretch of two causes was parted), ``rulebook``, ``osm_place`` where the duty is not the
same place, ``criteria``, a camera or building that differs nearby, and at last ``osm_place`` are asked in turn.
"""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from citycover import terms
from citycover.audit.changed_things import Changed, find_changed, find_touched
from citycover.audit.coverage import find_levels, find_rows, measure_demands
from citycover.audit.gap_ids import match_mandates
from citycover.audit.matching import Floats, Ints, Reach, match_things
from citycover.audit.snapshot import Snapshot

SAME_GROUND = 10.0
"""m: ground of the other study this near to a sample is the same ground. Ours."""
OF_GAP = 15.0
"""m: a sample that is not seen belongs to the nearest gap of its duty within this distance. Ours."""
NEARBY = 150.0
"""m: cameras and buildings this near may have changed a gap where no line of sight tells. Ours."""

_APART = 1e7  # m: more than any study is wide; parts groups in one tree
_LESS = 1e-6  # m, m²: less than this is a difference of two sums
_TURNED = 8.0  # m that samples looking opposite ways are held apart by, twice

Votes = pd.DataFrame
Words = str | npt.NDArray[np.object_]


@dataclass(frozen=True)
class _Side:
    """One study against the other: what is worse in ``bad`` than in ``good``."""

    bad: Snapshot
    good: Snapshot
    bad_class: Ints
    good_class: Ints
    changed_bad: Changed
    changed_good: Changed
    touched: dict[str, str]
    differs: frozenset[str]
    is_new: bool


def find_causes(old: Snapshot, new: Snapshot, family_old: Ints, family_new: Ints) -> pd.DataFrame:
    """Return the cause of each family of gaps that changed.

    Parameters
    ----------
    old, new
        Two studies in one reference system; the mandates of the new one bear the ids of the old one where they are the
        same (see ``keep_mandate_ids``).
    family_old, family_new
        Number of the family (gaps that are linked) of each gap of either study; -1 for one that did not change.

    Returns
    -------
    DataFrame
        By family: ``cause`` (``terms.GAP_CAUSES``), ``cause_ids`` (cameras, buildings or places, the weightiest first,
        joined by ``;``), ``detail`` (what happened to them, in short) and ``side`` (old or new: where it is worse).
    """
    links = match_mandates(old.mandates, new.mandates)
    class_old, class_new = join_linked(links, len(old.mandates), len(new.mandates))
    changed_old, changed_new = find_changed(old, new), find_changed(new, old)
    touched = find_touched(old, new)
    differs = frozenset(
        key
        for key in {*old.settings, *new.settings}
        if key in old.settings and key in new.settings and old.settings[key] != new.settings[key]
    )
    sides = (
        (_Side(new, old, class_new, class_old, changed_new, changed_old, touched, differs, True), family_new),
        (_Side(old, new, class_old, class_new, changed_old, changed_new, touched, differs, False), family_old),
    )
    votes = pd.concat([_votes(side, family) for side, family in sides], ignore_index=True)
    families = np.unique(np.concatenate([family_old[family_old >= 0], family_new[family_new >= 0]]))
    silent = families[~np.isin(families, votes["family"].to_numpy(dtype=np.int64))]
    guessed = [_guesses(side, np.where(np.isin(family, silent), family, -1)) for side, family in sides]
    votes = pd.concat([votes, *guessed], ignore_index=True)
    return _strongest(votes)


def join_linked(links: pd.DataFrame, n_old: int, n_new: int) -> tuple[Ints, Ints]:
    """Return the number of the group of each old and each new row: rows that links join share one.

    >>> a, b = join_linked(pd.DataFrame({"old": [0, 0], "new": [0, 1]}), 2, 2)
    >>> a.tolist(), b.tolist()
    ([0, 1], [0, 0])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = n_old + n_new
    a, b = links["old"].to_numpy(dtype=np.int64), links["new"].to_numpy(dtype=np.int64) + n_old
    found = np.asarray(connected_components(coo_array((np.ones(len(a)), (a, b)), shape=(n, n)), directed=False)[1])
    number = found.astype(np.int64)
    return number[:n_old], number[n_old:]


def _strongest(votes: Votes) -> pd.DataFrame:
    """Return the cause with the most weight by family, and up to three things that speak for it."""
    rank = {cause: i for i, cause in enumerate(terms.GAP_CAUSES)}
    by_cause = votes.groupby(["family", "cause"], as_index=False)["weight"].sum()
    by_cause = by_cause.assign(weight=by_cause["weight"].round(6), rank=by_cause["cause"].map(rank))
    best = by_cause.sort_values(["family", "weight", "rank"], ascending=[True, False, True]).drop_duplicates("family")
    told = votes.merge(best[["family", "cause"]], on=["family", "cause"])
    key = ["family", "cause", "id", "detail", "side"]
    things: pd.DataFrame = told.groupby(key)["weight"].sum().reset_index()
    things = things.sort_values(["family", "weight", "id", "detail"], ascending=[True, False, True, True])
    first: pd.DataFrame = things.drop_duplicates("family").set_index("family")[["cause", "detail", "side"]]
    named = things[things["id"] != ""].drop_duplicates(["family", "id"]).groupby("family").head(3)
    return first.assign(cause_ids=named.groupby("family")["id"].agg(";".join).reindex(first.index).fillna(""))


def _votes(side: _Side, family: Ints) -> Votes:
    """Return what each sample of the worse study's changed gaps says: family, cause, id, detail, weight, side."""
    rows = _samples_of(side.bad, family)
    if not len(rows):
        return _no_votes()
    group = pd.Series(side.bad_class, index=side.bad.mandates["mandate_id"].to_numpy())
    rows["class"] = rows["mandate_id"].map(group[~group.index.duplicated()]).to_numpy(dtype=np.int64)
    there, density, cameras = _counterparts(side, rows)
    found = there >= 0
    as_here, as_there = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    good = side.good.demands
    ids = good["target_id"].to_numpy(dtype=np.int64)[there[found]]
    strict = pd.DataFrame(
        {
            "target_id": ids,
            "density_required": rows["density_required"].to_numpy(dtype=np.float64)[found],
            "cameras_required": rows["cameras_required"].to_numpy(dtype=np.int64)[found],
        }
    )
    own = strict.assign(density_required=density[found], cameras_required=cameras[found])
    measured = np.isin(strict["density_required"], find_levels(side.good.seen))
    strict.loc[~measured, "density_required"] = own["density_required"][~measured]
    as_here[found] = (measure_demands(strict, side.good.seen)["met_low"].to_numpy() > 0) & measured
    as_there[found] = measure_demands(own, side.good.seen)["met_low"].to_numpy() > 0
    outside = np.zeros(len(rows), dtype=bool)
    if side.good.area is not None:
        outside = ~shapely.intersects_xy(
            shapely.buffer(side.good.area, 1.0), rows["x"].to_numpy(), rows["y"].to_numpy()
        )
    lost = found & ~as_there & ~as_here
    less = rows["weight"].to_numpy(dtype=np.float64)[lost] - good["weight"].to_numpy(dtype=np.float64)[there[lost]]
    parts = [
        _of_ground(side, rows[~found & ~outside]),
        _of_ground(side, rows[lost].assign(weight=less)[less > _LESS]),
        _vote(side, rows[~found & outside], "criteria" if "area" in side.differs else "osm_place", "", "outside"),
        _vote(side, rows[found & as_there & ~as_here], "criteria", "", "asked"),
        _of_sight(side, rows[as_here], good["target_id"].to_numpy(dtype=np.int64)[there[as_here]]),
    ]
    return pd.concat(parts, ignore_index=True)


def _no_votes() -> Votes:
    return pd.DataFrame(
        {"family": np.empty(0, np.int64), "cause": "", "id": "", "detail": "", "weight": np.empty(0), "side": ""}
    )


def _vote(side: _Side, rows: pd.DataFrame, cause: Words, name: Words, detail: Words) -> Votes:
    side_word = "new" if side.is_new else "old"
    votes = pd.DataFrame({"family": rows["family"].to_numpy(dtype=np.int64), "weight": rows["weight"].to_numpy()})
    return votes.assign(cause=cause, id=name, detail=detail, side=side_word)


def _samples_of(study: Snapshot, family: Ints) -> pd.DataFrame:
    """Return the demands that are not met and belong to a gap of a changed family, with position and family."""
    gaps = study.gaps
    key = ["mandate_id", "component"]
    wanted = gaps.loc[family >= 0, key].drop_duplicates()
    near = gaps.reset_index(drop=True).assign(family=family).merge(wanted, on=key)
    demands = pd.DataFrame(study.demands).merge(wanted, on=key)
    if not len(demands):
        return demands.assign(family=np.empty(0, np.int64), x=0.0, y=0.0, cell=0.0)
    demands = demands[measure_demands(demands, study.seen)["met_low"].to_numpy() == 0].reset_index(drop=True)
    at = find_rows(study.targets["target_id"], demands["target_id"])
    x, y, facing = (study.targets[c].to_numpy(dtype=np.float64)[at] for c in ("x", "y", "facing"))
    cell = (
        study.targets["cell"].to_numpy(dtype=np.float64)[at] if "cell" in study.targets.columns else np.zeros(len(at))
    )
    points = np.asarray(shapely.points(x, y), dtype=object)
    a, b = shapely.STRtree(near.geometry.to_numpy()).query(points, predicate="dwithin", distance=OF_GAP)
    fits = np.ones(len(a), dtype=bool)
    for name in key:
        mine, theirs = demands[name].astype(object).to_numpy(), near[name].astype(object).to_numpy()
        fits &= np.asarray(mine[a] == theirs[b], dtype=bool)
    a, b = a[fits], b[fits]
    pairs = pd.DataFrame({"row": a, "gap": b, "far": shapely.distance(points[a], near.geometry.to_numpy()[b]).round(3)})
    pairs["id"] = near["gap_id"].to_numpy(dtype=object)[b]
    pairs = pairs.sort_values(["row", "far", "id"]).drop_duplicates("row")
    rows = demands.iloc[pairs["row"].to_numpy()].assign(
        family=near["family"].to_numpy(dtype=np.int64)[pairs["gap"]],
        x=x[pairs["row"]],
        y=y[pairs["row"]],
        facing=facing[pairs["row"]],
        cell=np.nan_to_num(cell)[pairs["row"]],
    )
    kept: pd.DataFrame = rows[rows["family"] >= 0].reset_index(drop=True)
    return kept


def _counterparts(side: _Side, rows: pd.DataFrame) -> tuple[Ints, Floats, Ints]:
    """Return for each sample the row among the better study's demands of the same duty and ground, -1 where none is.

    Also the density and the number of cameras that are asked there.
    """
    good = side.good
    group = pd.Series(side.good_class, index=good.mandates["mandate_id"].to_numpy())
    number = good.demands["mandate_id"].astype(object).map(group[~group.index.duplicated()]).fillna(-1)
    classes = number.to_numpy(dtype=np.int64)
    kept = np.flatnonzero(np.isin(classes, rows["class"].to_numpy()) & (classes >= 0))
    there = np.full(len(rows), -1, dtype=np.int64)
    density = good.demands["density_required"].to_numpy(dtype=np.float64)
    cameras = good.demands["cameras_required"].to_numpy(dtype=np.int64)
    if len(kept):
        at = find_rows(good.targets["target_id"], good.demands["target_id"].to_numpy(dtype=np.int64)[kept])
        x, y, facing = (good.targets[c].to_numpy(dtype=np.float64)[at] for c in ("x", "y", "facing"))
        components = list(terms.COMPONENTS)
        spots = [
            _spots(c, np.asarray(pd.Categorical(part.astype(object), components).codes), *xyf)
            for c, part, xyf in (
                (classes[kept], good.demands["component"].iloc[kept], (x, y, facing)),
                (
                    rows["class"].to_numpy(dtype=np.int64),
                    rows["component"],
                    tuple(rows[c].to_numpy(dtype=np.float64) for c in ("x", "y", "facing")),
                ),
            )
        ]
        distance, nearest = cKDTree(spots[0]).query(spots[1], distance_upper_bound=SAME_GROUND)
        near = np.isfinite(distance)
        there[near] = kept[np.asarray(nearest)[near]]
    at_row = np.maximum(there, 0)
    return there, density[at_row] if len(density) else np.zeros(len(rows)), cameras[at_row] if len(cameras) else there


def _spots(group: Ints, part: npt.NDArray[np.int8], x: Floats, y: Floats, facing: Floats) -> Floats:
    """Return places in a space where only samples of one duty, component and direction lie near each other."""
    angle = np.radians(facing)
    sin, cos = (np.nan_to_num(_TURNED * f(angle)) for f in (np.sin, np.cos))
    return np.column_stack([x, y, sin, cos, _APART * (group * len(terms.COMPONENTS) + part)])


def _of_ground(side: _Side, rows: pd.DataFrame) -> Votes:
    """Vote for ground that the better study does not demand by this duty."""
    if not len(rows):
        return _no_votes()
    mandates = side.bad.mandates.drop_duplicates("mandate_id").set_index("mandate_id")
    known = rows["class"].isin(side.good_class).to_numpy(dtype=bool)
    duties = mandates.loc[rows["mandate_id"].unique()].reset_index()
    stays = duties["mandate_id"].isin(rows.loc[known, "mandate_id"]).to_numpy(dtype=bool)
    place = duties["place_id"].astype(object).to_numpy()
    told = [_decision_on(side, m, p) for m, p in zip(duties["mandate_id"], place, strict=True)]
    decided = np.array([t is not None for t in told], dtype=bool)
    had = _had_kind(side, duties)
    same_place = had | stays
    asked = bool(side.differs & {"criteria", "records"})
    laid = bool(side.differs & {"requirements"})
    drawn = _drawn_otherwise(side, duties)
    law = "rulebook" in side.differs
    rules = "rules" in side.differs
    steps = [
        (np.full(len(duties), law), "rulebook", "other"),
        (decided, "decision", ""),
        (stays & drawn, "osm_place", "redrawn"),
        (stays & np.full(len(duties), laid), "criteria", "laid"),
        (stays, "osm_place", "redrawn"),
        (same_place & np.full(len(duties), rules), "rulebook", "same_id"),
        (same_place & np.full(len(duties), asked), "criteria", "judged"),
        (same_place, "osm_place", "facts"),
    ]
    cause = np.select([s[0] for s in steps], [s[1] for s in steps], "osm_place").astype(object)
    detail = np.select([s[0] for s in steps], [s[2] for s in steps], "appeared").astype(object)
    name = np.where(cause == "rulebook", "", place).astype(object)
    detail = np.where(cause == "decision", np.array([t or "" for t in told], dtype=object), detail)
    by_duty = pd.DataFrame({"cause": cause, "id": name, "detail": detail}, index=duties["mandate_id"])
    of_row = by_duty.reindex(rows["mandate_id"]).astype(object)
    house = np.where(rows["mandate_id"].isin(duties.loc[stays, "mandate_id"]), _houses(side, rows), -1)
    built = house >= 0
    good = side.changed_good
    of_row.loc[built, "cause"] = "building"
    of_row.loc[built, "id"] = good.obstacle_ids[house[built]]
    of_row.loc[built, "detail"] = np.where(good.new_obstacle[house[built]], "stands", "reshaped")
    return _vote(side, rows, *(of_row[c].to_numpy() for c in ("cause", "id", "detail")))


def _houses(side: _Side, rows: pd.DataFrame) -> Ints:
    """Return the building that stands on each sample's cell in the better study and not so in the worse one, or -1."""
    out = np.full(len(rows), -1, dtype=np.int64)
    good = side.changed_good
    stands = np.flatnonzero((shapely.get_dimensions(good.obstacles) == 2) & ~_same_ground(good.partner))
    ground = np.flatnonzero(rows["component"].eq("area").to_numpy() & (rows["cell"].to_numpy() > 0))
    if not len(stands) or not len(ground):
        return out
    x, y, cell = (rows[c].to_numpy(dtype=np.float64)[ground] for c in ("x", "y", "cell"))
    col, line = np.floor(x / cell) * cell, np.floor(y / cell) * cell
    boxes = np.asarray(shapely.box(col, line, col + cell, line + cell), dtype=object)
    at, house = shapely.STRtree(good.obstacles[stands]).query(boxes, predicate="intersects")
    house = stands[house]
    taken = shapely.area(shapely.intersection(boxes[at], good.obstacles[house]))
    known = ~shapely.is_missing(good.partner[house])
    taken[known] -= shapely.area(shapely.intersection(boxes[at[known]], good.partner[house[known]]))
    order = np.lexsort((good.obstacle_ids[house].astype(str), -taken.round(3), at))
    order = order[taken[order] > _LESS]
    first, which = np.unique(at[order], return_index=True)
    out[ground[first]] = house[order][which]
    return out


def _same_ground(partner: npt.NDArray[np.object_]) -> npt.NDArray[np.bool_]:
    """Tell which obstacles differ by their height only: their partner is an empty shape."""
    return np.asarray(~shapely.is_missing(partner) & shapely.is_empty(partner), dtype=bool)


def _decision_on(side: _Side, mandate: object, place: object) -> str | None:
    """Return the decision that speaks of a duty, its place or an entrance of it; null where none does."""
    entrances = side.bad.entrances
    gates = entrances.loc[entrances["place_id"].eq(place), "entrance_id"].tolist() if side.touched else []
    return next((side.touched[i] for i in (mandate, place, *gates) if i in side.touched), None)


def _had_kind(side: _Side, duties: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Tell for each duty whether its place stands in the better study with the same kind."""
    kinds = side.good.place_kinds[["place_id", "kind"]]
    places = side.good.places[["place_id", "name", "geometry"]].merge(kinds, on="place_id")
    if not len(places):
        return np.zeros(len(duties), dtype=bool)
    places = gpd.GeoDataFrame(places, geometry="geometry", crs=side.good.crs)
    mine = duties[["place_id", "name", "kind", "geometry"]]
    mine = gpd.GeoDataFrame(mine, geometry="geometry", crs=side.bad.crs)
    links = match_things(places, mine, same=["kind"], reach=Reach(25.0, 25.0, 200.0), hint="place_id", name="name")
    return np.isin(np.arange(len(duties)), links["new"].to_numpy(dtype=np.int64))


def _drawn_otherwise(side: _Side, duties: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Tell for each duty whether its place or the gates of it are drawn otherwise in the better study."""
    theirs = side.good.mandates.drop_duplicates("mandate_id").set_index("mandate_id").geometry
    theirs = theirs.reindex(duties["mandate_id"])
    apart = shapely.hausdorff_distance(duties.geometry.to_numpy(), theirs.to_numpy())
    moved = ~(apart <= 1.0)
    gates = [s.entrances.groupby("place_id")["geometry"].size() for s in (side.bad, side.good)]
    counts = [g.reindex(duties["place_id"]).fillna(0).to_numpy() for g in gates]
    return np.asarray(moved | (counts[0] != counts[1]), dtype=bool)


def _of_sight(side: _Side, rows: pd.DataFrame, target: Ints) -> Votes:
    """Vote for ground that a camera of the better study sees as it is asked here."""
    if not len(rows):
        return _no_votes()
    good_cameras = side.changed_good
    at = find_rows(side.good.seen["target_id"], target)
    camera = side.good.seen["best_camera"].astype(object).to_numpy()[at]
    differs = np.array([c in good_cameras.cameras for c in camera], dtype=bool)
    spots = good_cameras.places_of_cameras
    spots = spots[~spots.index.duplicated()].reindex(camera).to_numpy()
    points = np.asarray(shapely.points(rows["x"].to_numpy(), rows["y"].to_numpy()), dtype=object)
    blocker = _blockers(side.changed_bad, spots, points)
    cause = np.where(differs, "camera", np.where(blocker >= 0, "building", ""))
    name = np.where(differs, camera, "").astype(object)
    name[~differs & (blocker >= 0)] = side.changed_bad.obstacle_ids[blocker[~differs & (blocker >= 0)]]
    housed = np.array([c in good_cameras.housed for c in camera], dtype=bool)
    decided = np.array([c in side.touched for c in camera], dtype=bool) & differs
    cause[decided] = "decision"
    detail = np.array([good_cameras.cameras.get(c, "") or "absent" for c in camera], dtype=object)
    hidden = cause == "building"
    cause[housed] = "building"
    detail[hidden] = (
        np.where(side.changed_bad.new_obstacle[blocker[hidden]], "absent", "redrawn") if hidden.any() else ""
    )
    detail[housed] = "housed"
    detail[decided] = [side.touched[c] for c in camera[decided]]
    rest = cause == ""
    cause = cause.astype(object)
    cause[rest], name[rest], detail[rest] = _nearest_change(side, points[rest])
    return _vote(side, rows, cause, name, detail)


def _blockers(changed: Changed, spots: npt.NDArray[np.object_], points: npt.NDArray[np.object_]) -> Ints:
    """Return the first obstacle that each line of sight crosses here and not there, -1 where there is none."""
    out = np.full(len(points), -1, dtype=np.int64)
    here = np.flatnonzero(~shapely.is_missing(spots))
    if not len(here) or not len(changed.obstacles):
        return out
    ends = np.stack([shapely.get_coordinates(spots[here]), shapely.get_coordinates(points[here])], axis=1)
    lines = np.asarray(shapely.linestrings(ends), dtype=object)
    a, b = shapely.STRtree(changed.obstacles).query(lines, predicate="intersects")
    known = ~shapely.is_missing(changed.partner[b])
    crossed = np.zeros(len(a), dtype=bool)
    crossed[known] = shapely.intersects(lines[a[known]], changed.partner[b[known]])
    a, b = a[~crossed], b[~crossed]
    order = np.lexsort((changed.obstacle_ids[b].astype(str), a))
    first, at = np.unique(a[order], return_index=True)
    out[here[first]] = b[order][at]
    return out


def _nearest_change(
    side: _Side, points: npt.NDArray[np.object_], *, both: bool = False
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Return cause, id and detail by what differs near each point: a camera, else a building."""
    n = len(points)
    cause, name, detail = (np.full(n, word, dtype=object) for word in ("osm_place", "", "around"))
    good, bad = side.changed_good, side.changed_bad
    cameras = [c.places_of_cameras[c.places_of_cameras.index.isin(list(c.cameras))] for c in (bad, good)]
    near = [("building", bad.obstacles, bad.obstacle_ids)]
    near += [("building", good.obstacles, good.obstacle_ids)] if both else []
    near += [("camera", c.to_numpy(), c.index.to_numpy(dtype=object)) for c in (cameras if both else cameras[1:])]
    for kind, shapes, ids in near:
        if n and len(shapes):
            a, b = shapely.STRtree(shapes).query_nearest(points, max_distance=NEARBY, all_matches=False)
            cause[a], name[a], detail[a] = kind, ids[b], "near"
    return cause, name, detail


def _guesses(side: _Side, family: Ints) -> Votes:
    """Vote for families whose ground did not change: it was cut, parted or joined otherwise."""
    rows = side.bad.gaps.assign(family=family)[family >= 0]
    if not len(rows):
        return _no_votes()
    group = pd.Series(side.bad_class, index=side.bad.mandates["mandate_id"].to_numpy())
    group = group[~group.index.duplicated()].reindex(rows["mandate_id"])
    sizes = [np.unique(c, return_counts=True) for c in (side.bad_class, side.good_class)]
    members = [pd.Series(n, index=c).reindex(group.to_numpy()).fillna(0).to_numpy() for c, n in sizes]
    recut = (members[0] != 1) | (members[1] != 1)
    duty = side.bad.mandates.drop_duplicates("mandate_id").set_index("mandate_id").loc[rows["mandate_id"]].reset_index()
    recut |= _drawn_otherwise(side, duty)
    cause, name, detail = _nearest_change(side, shapely.point_on_surface(rows.geometry.to_numpy()), both=True)
    place = rows["place_id"].astype(object).to_numpy()
    for holds, word, told in (
        (np.full(len(rows), bool(side.differs & {"criteria", "requirements"})), "criteria", "laid"),
        (recut, "osm_place", "recut"),
        (np.full(len(rows), bool(side.differs & {"rulebook", "rules"})), "rulebook", "other"),
    ):
        cause[holds], detail[holds] = word, told
        name[holds] = "" if word == "rulebook" else place[holds]
    return _vote(side, rows.assign(weight=rows["size"]), cause, name, detail)
