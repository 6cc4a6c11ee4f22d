"""Find cameras that stand where the law forbids them, or near units whose consent they need."""

from __future__ import annotations

from string import Formatter
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import tables, terms
from citycover.audit.ban_law import COLUMNS, OPEN_CLAUSE, Consent, list_banned, list_consents
from citycover.audit.view_conflicts import find_view_conflicts
from citycover.city.ban_places import load_bans
from citycover.city.model import City
from citycover.law.criteria import Criteria, load_criteria
from citycover.law.regulation import Rulebook
from citycover.terms import Lang

PRECISION = 1e-6
"""Metres that a distance may exceed its limit by: rounding of coordinates."""

Ints = npt.NDArray[np.int64]

_WORDS: dict[str, terms.Label] = {
    "inside": ("坐标位于{what}轮廓线内 {m} 米", "the position lies {m} m inside the outline: {what}"),
    "near": ("坐标距{what} {m} 米", "the position lies {m} m from: {what}"),
    "host": (
        "坐标位于含有{what}的建筑内，登记未注明部位",
        "the position lies in a building that holds: {what}; no room stated",
    ),
    "closed": ("；登记名称或地址提到禁止安装的房间", "; name or address speak of a forbidden room"),
    "outdoor": ("；登记为室外：核对坐标", "; registered as outdoors: check the position"),
    "open": ("；条文未点名，适用兜底规定", "; not named by the text, its closing clause covers it"),
    "until": ("；有效期 {start} 至 {end}", "; valid from {start} to {end}"),
    "undated": ("；有效期未载明或者未给研究日期", "; no days given, or no date of the study"),
    "unit": ("距{what} {m} 米；{limit}", "{m} m from: {what}; {limit}"),
    "organ": ("；该机关是否涉密、是否须同意，由其确认", "; whether it holds secrets is for the organ to say"),
    "without": ("不限", "any day"),
}


class _Ground(NamedTuple):
    """What every check reads: the cameras judged, the features that the law speaks of, its answers, day, language."""

    cameras: gpd.GeoDataFrame
    features: gpd.GeoDataFrame
    on: str | None
    lang: Lang

    @property
    def points(self) -> npt.NDArray[np.object_]:
        return np.asarray(self.cameras.geometry.array, dtype=object)

    def say(self, key: str) -> str:
        return _WORDS[key][0 if self.lang == "zh" else 1]


def find_conflicts(
    cameras: gpd.GeoDataFrame,
    city: City,
    rulebook: Rulebook,
    *,
    views: gpd.GeoDataFrame | None = None,
    overlay: Rulebook | None = None,
    criteria: Criteria | None = None,
    on: str | None = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Find conflicts between cameras, what they see, and the bans of a rulebook (and of the law laid over it).

    - **C1** inside a forbidden place itself (toilet, bath …), or within 4 m (ours) of a toilet that is a point without
      building: ``error`` where the text names it, ``review`` where only its closing clause covers it;
    - **C2** inside a building that holds forbidden rooms, where the register names no room: ``review``, one row per
      camera; ``warning`` for homes and wards and where the register says outdoors. Dormitories are hosts;
    - **C6** inside the drawn zone of a polling place while valid: ``error``; within 20 m (ours) of one that is a point,
      or of unknown days: ``review``. Only where a text names polling places;
    - **C7** near (the planner's number; the texts have none) a military zone or secret-holding unit: ``review``; of
      the organs that the text names, each of which may hold secrets or not, only the nearest.

    With ``views`` also what a camera sees, **C3** to **C5**: see
    :func:`citycover.audit.view_conflicts.find_view_conflicts`. Nobody's duty to cover a host (lobbies of hotels …) is
    touched.

    Parameters
    ----------
    cameras
        Cameras in the city's reference system; removed ones, those outside the study and second rows of one device are
        left out.
    city
        The city with its ``ban_places``, places and kinds.
    rulebook, overlay
        The city's text, and the higher law where one is laid over it.
    views
        Table ``views`` of the cameras; without it C3 to C5 are not asked.
    criteria
        The planner's numbers; ours by default.
    on
        Day of the study (ISO 8601), for what is forbidden for a time; without it validity counts as unknown.
    lang
        Language of ``reason``.

    Returns
    -------
    GeoDataFrame
        The table ``conflicts`` in the order of cameras, then checks, then places; geometry is the camera's position.
        ``name`` is null for secret places.

    Examples
    --------
    >>> from citycover.law.rulebook import load_rulebook
    >>> find_conflicts(cameras, city, load_rulebook("wuxi_2019"), on="2024-06-01")  # doctest: +SKIP
    """
    criteria = criteria or load_criteria()
    ground = _Ground(
        cameras=cameras[_is_judged(cameras)].reset_index(drop=True),
        features=select_features(city.ban_places, rulebook, overlay=overlay, on=on),
        on=on,
        lang=lang,
    )
    found = [check(ground) for check in (_check_grounds, _check_hosts, _check_dated)]
    found.append(_check_consent(ground, city, list_consents(rulebook, criteria, overlay=overlay), criteria))
    if views is not None and len(views):
        asked = (ground.cameras, views, ground.features, city, rulebook)
        found += find_view_conflicts(*asked, criteria=criteria, overlay=overlay, lang=lang)
    found = [rows for rows in found if len(rows)]
    if not found:
        return tables.conform("conflicts", [], crs=city.crs)
    rows = pd.concat(found, ignore_index=True)
    if "source" in rows.columns:
        decided = rows["source"].eq("decision").to_numpy(bool)
        rows["reason"] += np.where(decided, ("；" if lang == "zh" else "; ") + rows["evidence"].fillna(""), "")
    rows["_grave"] = rows["level"].map({level: i for i, level in enumerate(terms.CONFLICT_LEVELS)})
    rows = rows.sort_values(["cam", "check", "_grave", "_order", "place_id"], kind="stable")
    rows = rows.drop_duplicates(["cam", "place_id", "check"]).reset_index(drop=True)
    own = ground.cameras.iloc[rows["cam"].to_numpy(np.int64)].reset_index(drop=True)
    rows["camera_id"], rows["department"], rows["district"] = own["camera_id"], own["department"], own["district"]
    rows["name"] = rows["name"].where(~rows["secret"].astype(bool))
    rows["geometry"] = own.geometry.to_numpy()
    names = tables.TABLES["conflicts"].column_names()
    return tables.conform("conflicts", rows.reindex(columns=names), crs=city.crs)


def select_features(
    ban_places: gpd.GeoDataFrame, rulebook: Rulebook, *, overlay: Rulebook | None = None, on: str | None = None
) -> gpd.GeoDataFrame:
    """Return those features that a text names or its closing clause covers and that are not over or still to come.

    Behind the columns of ``ban_places`` stand what :func:`~citycover.audit.ban_law.list_banned` says of the place type,
    and ``days``: whether its days are known to include ``on``, are ``unlimited``, or ``unknown``.
    """
    banned = list_banned(rulebook, overlay=overlay)
    rows = ban_places[ban_places["place_type"].isin(banned.index).to_numpy()].reset_index(drop=True)
    rows = rows.assign(**{name: rows["place_type"].map(banned[name]) for name in COLUMNS})
    rows["named"] = rows["named"].astype(bool)
    limited = (rows["valid_from"].notna() | rows["valid_to"].notna()).to_numpy()
    if on is None:
        kept, known = np.ones(len(rows), bool), ~limited
    else:
        begun, lasting = rows["valid_from"].fillna("") <= on, rows["valid_to"].fillna("9999-12-31") >= on
        kept = (begun & lasting).to_numpy(bool)
        known = np.ones(len(rows), bool)
    rows["days"] = np.where(~limited, "unlimited", np.where(known, "known", "unknown"))
    return gpd.GeoDataFrame(rows[kept].reset_index(drop=True))


def count_features(city: City, rulebook: Rulebook, *, overlay: Rulebook | None = None, on: str | None = None) -> int:
    """Return how many mapped features :func:`find_conflicts` can test positions against.

    Hosts that are mapped as a point without a building, or on whose ground no building is mapped, are not among them;
    nor are organs and other units whose consent is asked, but for military zones and listed units.
    """
    features = select_features(city.ban_places, rulebook, overlay=overlay, on=on)
    tested = features["located"].isin(["ground", "building"]) | features["near"].notna()
    consent = city.ban_places["place_type"].isin(terms.CONSENT_PLACES)
    zones = rulebook.consent_zones or (overlay is not None and overlay.consent_zones)
    return int(features.loc[tested, "place_id"].nunique()) + (int(consent.sum()) if zones else 0)


def count_unaimed(cameras: gpd.GeoDataFrame, views: gpd.GeoDataFrame) -> int:
    """Return how many of the cameras judged have no certain view: what they look into (C3 to C5) was not asked."""
    aimed = views.loc[views["end"].isin(["exact", "low"]).to_numpy(bool), "camera_id"]
    return int((_is_judged(cameras) & ~cameras["camera_id"].isin(aimed).to_numpy(bool)).sum())


def summarise_conflicts(conflicts: pd.DataFrame, n_features: int, lang: Lang = "zh", *, unaimed: int = 0) -> str:
    """Return one sentence on what was found; where nothing was, how much was looked at.

    ``unaimed`` cameras (see :func:`count_unaimed`) are told in it.

    >>> summarise_conflicts(tables.conform("conflicts", []), 12, "en")
    'no conflict found among 12 mapped features; indoor rooms not checked'
    """
    rest = ""
    if unaimed:
        rest = (
            f"；另有 {unaimed} 条摄像机方向未知，未检查其视域"
            if lang == "zh"
            else (f"; what {unaimed} camera rows of unknown direction look into was not checked")
        )
    if conflicts.empty:
        if lang == "zh":
            return f"在 {n_features} 个地图要素中未发现冲突；室内房间未检查{rest}"
        return f"no conflict found among {n_features} mapped features; indoor rooms not checked{rest}"
    counts = tables.count_by(conflicts, "level")
    parts = [f"{terms.label(terms.CONFLICT_LEVELS, k, lang)} {counts[k]}" for k in terms.CONFLICT_LEVELS if k in counts]
    cameras = conflicts["camera_id"].nunique()
    if lang == "zh":
        return (
            f"禁装与冲突 {len(conflicts)} 条（疑似，需核实；涉及摄像机 {cameras} 条）：{'，'.join(parts)}；"
            f"检查地图要素 {n_features} 个，室内房间未检查{rest}"
        )
    return (
        f"{len(conflicts)} suspected conflicts, to be verified ({cameras} camera rows): {', '.join(parts)}; "
        f"{n_features} mapped features, indoor rooms not checked{rest}"
    )


def _is_judged(cameras: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Return which cameras are judged: with a position, not removed, each device once, inside the study."""
    shapes = cameras.geometry.to_numpy()
    judged = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    judged &= (cameras["status"] != "removed").to_numpy(bool) & cameras["same_as"].isna().to_numpy()
    return np.asarray(judged & ~cameras["outside"].fillna(False).to_numpy(bool), dtype=bool)


def _check_grounds(ground: _Ground) -> pd.DataFrame:
    """C1: inside the forbidden place itself."""
    features = ground.features
    rows = features[(features["direct"] & (features["place_type"] != "voting_place")).to_numpy(bool)]
    found = _within(ground, rows)
    if found.empty:
        return found
    found["check"] = "C1"
    found["level"] = np.where(found["named"], "error", "review")
    found["remedy"] = "remove"
    outdoor = np.where(_is_outdoor(ground, found), ground.say("outdoor"), "").astype(object)
    found["reason"] = _reason_of_position(ground, found) + outdoor + _open_words(ground, found)
    return found


def _check_hosts(ground: _Ground) -> pd.DataFrame:
    """C2: inside a building that holds forbidden rooms; one row per camera, that of the type surest in law."""
    features = ground.features
    rows = features[(~features["direct"].astype(bool) & (features["located"] == "building")).to_numpy(bool)]
    found = _within(ground, rows)
    if found.empty:
        return found
    of = ground.cameras.iloc[found["cam"].to_numpy(np.int64)].reset_index(drop=True)
    bans = load_bans()
    name, words = of["name"].fillna(""), of["name"].fillna("") + " " + of["address"].fillna("")
    closed = words.str.contains(bans.closed_rooms).to_numpy(bool)
    stated = name.str.contains(bans.open_rooms).to_numpy(bool) & ~closed
    outdoor = _is_outdoor(ground, found)
    found = found.assign(_closed=closed, _outdoor=outdoor)[~stated]
    found = found.sort_values(["cam", "named", "_order", "_size"], ascending=[True, False, True, True], kind="stable")
    types = found[["cam", "place_type"]].drop_duplicates()
    types["label"] = _label_types(ground, types)
    held = types.groupby("cam", sort=True).agg(
        {"place_type": ";".join, "label": ("、" if ground.lang == "zh" else ", ").join}
    )
    found = pd.DataFrame(found.drop_duplicates("cam").reset_index(drop=True))
    held = held.loc[found["cam"]].reset_index(drop=True)
    privacy = (found["place_type"] == OPEN_CLAUSE).to_numpy()
    found["check"] = "C2"
    found["level"] = np.where(privacy | found["_outdoor"], "warning", "review")
    found["remedy"] = np.where(found["_closed"], "check_room", "state_room")
    found["reason"] = (
        _fill(ground.say("host"), what=held["label"])
        + np.where(found["_closed"], ground.say("closed"), "")
        + np.where(found["_outdoor"], ground.say("outdoor"), "")
        + _open_words(ground, found)
    )
    found["place_type"] = held["place_type"]
    return found


def _check_dated(ground: _Ground) -> pd.DataFrame:
    """C6: a polling place while it lasts; a point tells no zone, so its distance is to be judged by a person."""
    features = ground.features
    found = _within(ground, features[(features["place_type"] == "voting_place").to_numpy(bool)])
    if found.empty:
        return found
    drawn = (found["located"] == "ground") & (found["days"] == "known")
    found["check"] = "C6"
    found["level"] = np.where(drawn, "error", "review")
    found["remedy"] = np.where(drawn, "remove", "check_zone")
    start, end = (found[c].fillna(ground.say("without")) for c in ("valid_from", "valid_to"))
    days = _fill(ground.say("until"), start=start, end=end).where(found["days"] == "known", ground.say("undated"))
    found["reason"] = _reason_of_position(ground, found) + days
    return found


def _check_consent(ground: _Ground, city: City, consents: list[Consent], criteria: Criteria) -> pd.DataFrame:
    """C7: near a military zone, a listed or secret unit, or an organ that the text names."""
    found = [_near_units(ground, _list_units(city, duty), duty, criteria) for duty in consents]
    found = [rows for rows in found if len(rows)]
    if not found:
        return pd.DataFrame()
    rows = pd.concat(found, ignore_index=True)
    key = ["cam", "place_id"]
    also = rows[rows.duplicated(key)].drop_duplicates(key).set_index(key)["article"]
    rows = rows.drop_duplicates(key).reset_index(drop=True)
    return rows.assign(overlay_article=also.reindex(pd.MultiIndex.from_frame(rows[key])).to_numpy())


def _list_units(city: City, duty: Consent) -> gpd.GeoDataFrame:
    """Return the units of a duty: place_id, name, place_type (kinds joined by ;), secret, geometry."""
    ban = city.ban_places
    columns = ["place_id", "name", "place_type", "secret", "geometry"]
    listed = pd.DataFrame(ban.loc[ban["place_type"].isin(terms.CONSENT_PLACES).to_numpy(), columns])
    kinds = city.place_kinds
    sure = kinds[kinds["kind"].isin(duty.kinds) & ~kinds["candidate"].fillna(False).astype(bool)]
    joined = sure.groupby("place_id", sort=False)["kind"].agg(";".join)
    places = pd.DataFrame(city.places[["place_id", "name", "secret", "geometry"]])
    secret = places["secret"].fillna(False).astype(bool)
    places["place_type"] = places["place_id"].map(joined).astype(object)
    places.loc[secret, "place_type"] = "classified_unit"
    places = places[places["place_type"].notna()].assign(secret=secret)
    units = pd.concat([listed, places[columns]], ignore_index=True)
    return gpd.GeoDataFrame(units.drop_duplicates("place_id").reset_index(drop=True), geometry="geometry", crs=city.crs)


def _near_units(ground: _Ground, units: gpd.GeoDataFrame, duty: Consent, criteria: Criteria) -> pd.DataFrame:
    points, shapes = ground.points, units.geometry.to_numpy()
    cam, unit = shapely.STRtree(points).query(shapes, predicate="dwithin", distance=duty.metres + PRECISION)[::-1]
    rows: pd.DataFrame = pd.DataFrame(units.drop(columns="geometry")).iloc[unit].reset_index(drop=True)
    if rows.empty:
        return rows
    rows["cam"], rows["_order"] = cam, 0
    rows["distance"] = shapely.distance(points[cam], shapes[unit])
    rows["check"], rows["level"], rows["remedy"] = "C7", "review", "seek_consent"
    rows["rulebook"], rows["article"], rows["item"], rows["named"] = duty.rulebook, duty.article, "", True
    rows["penalty_article"] = duty.penalty_article
    vocabulary = terms.CONSENT_PLACES | terms.KINDS
    which = 0 if ground.lang == "zh" else 1
    first = rows["place_type"].str.partition(";")[0].map({k: v[which] for k, v in vocabulary.items()})
    limit = pd.Series(criteria.numbers[duty.number].words(ground.lang), index=rows.index)
    organ = ~rows["place_type"].isin(terms.CONSENT_PLACES)
    words = _fill(ground.say("unit"), what=first, m=_metres(rows["distance"]), limit=limit)
    rows["reason"] = words + np.where(organ, ground.say("organ"), "").astype(object)
    rows = rows.assign(_organ=organ).sort_values(["cam", "distance", "place_id"], kind="stable")
    return rows[~(rows["_organ"] & rows.duplicated(["cam", "_organ"]))].reset_index(drop=True)


def _within(ground: _Ground, features: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the pairs of cameras (``cam``, position) and features that it stands inside of, or near a point."""
    points = ground.points
    features = features.reset_index(drop=True)
    near = features["near"].to_numpy(float)
    spot = (features["located"] == "point").to_numpy() & np.isfinite(near)
    plane = features["located"].isin(["ground", "building"]).to_numpy()
    shapes = features.geometry.to_numpy()
    tree = shapely.STRtree(points)
    whole, dots = np.flatnonzero(plane), np.flatnonzero(spot)
    at_plane, cam_in = tree.query(shapes[whole], predicate="contains")
    at_dot, cam_near = tree.query(shapes[dots], predicate="dwithin", distance=near[dots] + PRECISION)
    cam = np.concatenate([cam_in, cam_near]).astype(np.int64)
    row: Ints = np.concatenate([whole[at_plane], dots[at_dot]]).astype(np.int64)
    found: pd.DataFrame = pd.DataFrame(features.drop(columns="geometry")).iloc[row].reset_index(drop=True)
    if found.empty:
        return found
    found["cam"] = cam
    found["distance"] = shapely.distance(points[cam], shapes[row])
    inside = plane[row]
    depth = np.full(len(row), np.nan)
    depth[inside] = shapely.distance(points[cam[inside]], shapely.boundary(shapes[row[inside]]))
    found["depth"] = depth
    found["_size"] = shapely.area(shapes[row])
    found["_order"] = found["place_type"].map({t: i for i, t in enumerate(terms.BAN_PLACES)})
    return found


def _reason_of_position(ground: _Ground, found: pd.DataFrame) -> pd.Series:
    what = _label_types(ground, found)
    inside = _fill(ground.say("inside"), what=what, m=_metres(found["depth"]))
    return inside.where(found["depth"].notna(), _fill(ground.say("near"), what=what, m=_metres(found["distance"])))


def _is_outdoor(ground: _Ground, found: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which pairs are of a camera that its register says to be outdoors."""
    indoor = ground.cameras["indoor"].fillna(True).to_numpy(bool)
    return np.asarray(~indoor[found["cam"].to_numpy(np.int64)], dtype=bool)


def _label_types(ground: _Ground, found: pd.DataFrame) -> pd.Series:
    which = 0 if ground.lang == "zh" else 1
    return found["place_type"].map({place_type: words[which] for place_type, words in terms.BAN_PLACES.items()})


def _open_words(ground: _Ground, found: pd.DataFrame) -> npt.NDArray[np.object_]:
    return np.where(found["named"].astype(bool), "", ground.say("open")).astype(object)


def _metres(values: pd.Series) -> pd.Series:
    return values.round(1).astype("str")


def _fill(pattern: str, **columns: pd.Series) -> pd.Series:
    """Return the pattern once per row, its blanks filled from the columns of that name.

    >>> _fill("{a}-{b}!", a=pd.Series(["1", "2"]), b=pd.Series(["x", "{a}"])).tolist()
    ['1-x!', '2-{a}!']
    """
    index = next(iter(columns.values())).index
    filled = pd.Series([""] * len(index), index=index, dtype="object")
    for text, blank, _, _ in Formatter().parse(pattern):
        filled = filled + text
        if blank is not None:
            filled = filled + columns[blank].astype("object")
    return filled
