"""Says in words where a gap is: the street and its cross streets, the gate, the side of the square."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import shapely

from citycover import terms
from citycover.city.model import City

_ROADS: Mapping[str, str] = {
    "motorway": "高速公路",
    "trunk": "快速路",
    "primary": "主干路",
    "secondary": "次干路",
    "tertiary": "支路",
    "unclassified": "一般道路",
    "residential": "居住区道路",
    "living_street": "生活性街道",
    "pedestrian": "步行街",
    "service": "内部道路",
}
_WINDS = np.array(["北", "东北", "东", "东南", "南", "西南", "西", "西北"], dtype=object)


def name_gaps(gaps: pd.DataFrame, mandates: pd.DataFrame, city: City) -> pd.Series:
    """Return a name in Chinese for each gap, such as 中山路 240 m（上海路—广州路）.

    Parameters
    ----------
    gaps
        ``mandate_id``, ``component``, ``feature_id``, ``x``, ``y`` (middle), ``size``, ``unit``, ``piece`` and
        ``pieces`` (of a stretch that was cut), ``whole`` (nothing of the component is seen), ``surrogate``.
    mandates
        Table ``mandates``; the place's name, else its kind, begins the name.
    city
        For the names of streets, cross streets, junctions and gates.
    """
    facts = pd.DataFrame(mandates)[["mandate_id", "name", "kind"]].drop_duplicates("mandate_id").set_index("mandate_id")
    kind = facts["kind"].map({k: "未命名" + zh.split("/")[0].removeprefix("等") for k, (zh, _) in terms.KINDS.items()})
    place = gaps["mandate_id"].map(facts["name"].where(facts["name"].notna(), kind)).astype(object)
    street, ends = _streets(city)
    on = gaps["feature_id"].map(street).astype(object)
    between = gaps["feature_id"].map(ends).astype(object).fillna("")
    size = _sizes(gaps)
    side = _sides(gaps, mandates)
    cut = gaps["piece"].astype("int64")
    part = pd.Series(
        np.where(gaps["pieces"] > 1, "第" + cut.astype(str) + "段/共" + gaps["pieces"].astype(str) + "段", ""),
        index=gaps.index,
        dtype=object,
    )
    gate = gaps["feature_id"].map(_gate_names(city)).astype(object)
    gate = gate.where(gate.notna(), _ends(gaps, mandates, on))
    guessed = pd.Series(np.where(gaps["surrogate"].astype(bool), "位置推定", ""), index=gaps.index, dtype=object)
    told = pd.Series(
        [str(g).startswith(str(p)) for g, p in zip(gate, place, strict=True)], index=gaps.index, dtype=bool
    )
    gate = (place + " " + gate).where(~told, gate)
    junction = gaps["feature_id"].map(_junction_names(city)).astype(object)
    by_component = {
        "segment": on.where(on.notna(), place) + size + _brackets(between, part),
        "passage": place + " 通道" + size + _brackets(on.fillna(""), part),
        "ring": place + " 周界" + size + _brackets(side, part),
        "area": place + " 场地" + size + _brackets(side),
        "entrance": gate + _brackets(side, guessed),
        "junction": junction.where(junction.notna(), place) + " 路口" + size,
    }
    out = pd.Series("", index=gaps.index, dtype=object)
    for component, words in by_component.items():
        out = out.where(gaps["component"] != component, words)
    return out.astype("str")


def _brackets(*words: pd.Series) -> pd.Series:
    joined = words[0].astype(object)
    for more in words[1:]:
        comma = np.where((joined != "") & (more != ""), "，", "")
        joined = joined + comma + more
    return ("（" + joined + "）").where(joined != "", "")


def _sizes(gaps: pd.DataFrame) -> pd.Series:
    number = gaps["size"].round().clip(lower=1).astype("int64").astype(str)
    unit = gaps["unit"].map({"m": " m", "m2": " m²", "point": " 处"})
    return (" " + number + unit.astype(object)).astype(object)


def _streets(city: City) -> tuple[dict[str, str], dict[str, str]]:
    """Return, by section, its name (else its class) and its cross streets, as A—B."""
    streets = pd.DataFrame(city.streets)[["street_id", "name", "road_class", "from_node", "to_node"]].astype(object)
    named = streets["name"].notna()
    words = streets["name"].where(named, "未命名道路（" + streets["road_class"].map(dict(_ROADS)).fillna("道路") + "）")
    rank = streets["road_class"].map({c: i for i, c in enumerate(terms.ROAD_CLASSES)}).fillna(99)
    ends: pd.DataFrame = pd.concat(
        [streets.assign(node=streets[node], end=i, rank=rank) for i, node in enumerate(("from_node", "to_node"))]
    ).dropna(subset=["node"])
    others = ends.loc[ends["name"].notna(), ["node", "name", "rank"]].rename(columns={"name": "other"})
    others = others.sort_values(["node", "other", "rank"]).drop_duplicates(["node", "other"])
    crossing = ends.drop(columns="rank").merge(others, on="node")
    crossing = crossing[crossing["name"].isna() | (crossing["name"] != crossing["other"])]
    crossing = crossing.sort_values(["street_id", "end", "rank", "other"]).drop_duplicates(["street_id", "end"])
    other = crossing.set_index("street_id")["other"].astype(object)
    at_start = (crossing["end"] == 0).to_numpy()
    either = pd.Index(streets["street_id"])
    first, second = other[at_start].reindex(either), other[~at_start].reindex(either)
    both = first.notna() & second.notna() & (first != second)
    one = first.where(first.notna(), second)
    between = (first + "—" + second).where(both, "近" + one)
    between = between.dropna()
    return dict(zip(streets["street_id"], words, strict=True)), dict(zip(between.index, between, strict=True))


def _gate_names(city: City) -> dict[str, str]:
    gates = pd.DataFrame(city.entrances)[["entrance_id", "name"]].dropna()
    return dict(zip(gates["entrance_id"], gates["name"], strict=True))


def _junction_names(city: City) -> dict[str, str]:
    junctions = pd.DataFrame(city.junctions)[["junction_id", "name"]].dropna()
    return dict(zip(junctions["junction_id"], junctions["name"], strict=True))


def _ends(gaps: pd.DataFrame, mandates: pd.DataFrame, street: pd.Series) -> pd.Series:
    """Return what an entrance without a name is called: a gate, the end of a line, or the mouth of a tunnel."""
    own = pd.DataFrame(mandates).drop_duplicates("mandate_id").set_index("mandate_id")
    is_line = pd.Series(shapely.get_dimensions(own["geometry"].to_numpy()) == 1, index=own.index)
    along = gaps["mandate_id"].map(is_line).fillna(False).astype(bool)
    below = gaps["mandate_id"].map(own["kind"]).isin(["tunnel", "underground_passage", "pedestrian_underpass"])
    words = np.select([street.notna() | (along & below), along], ["隧道洞口", "端部"], "出入口")
    return pd.Series(words, index=gaps.index, dtype=object)


def _sides(gaps: pd.DataFrame, mandates: pd.DataFrame) -> pd.Series:
    """Return on which side of its place a gap lies, 全部 where it is all of the component, nothing for points."""
    geometry = pd.Series(mandates.geometry.to_numpy(), index=mandates["mandate_id"].to_numpy())
    shape = geometry.reindex(gaps["mandate_id"]).to_numpy()
    centre = shapely.centroid(shape)
    east = gaps["x"].to_numpy() - shapely.get_x(centre)
    north = gaps["y"].to_numpy() - shapely.get_y(centre)
    wind = np.mod(np.rint(np.nan_to_num(np.degrees(np.arctan2(east, north))) / 45.0).astype(np.int64), 8)
    words = _WINDS[wind] + "侧"
    least = np.where(gaps["component"] == "entrance", 1, 2)  # the ends of a line have a side, its stretches do not
    flat = (shapely.get_dimensions(shape) < least) | ~(np.hypot(east, north) > 1.0)
    words = np.where(flat, "", words)
    words = np.where(gaps["whole"].to_numpy(dtype=bool) & gaps["component"].ne("entrance").to_numpy(), "全部", words)
    return pd.Series(words, index=gaps.index, dtype=object)
