"""What a study assumed, what stayed unknown and what it did not look at, as sentences in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd
from pyproj import Proj, Transformer

from citycover import terms
from citycover.city.finding_decisions import is_settled
from citycover.city.kinds import unshown_kinds
from citycover.geo import meridian_convergence
from citycover.law.criteria import Criteria
from citycover.law.mandates import unshown_rows
from citycover.law.regulation import Rulebook
from citycover.publish.results import Results
from citycover.terms import Label

_REGISTER_NOTES: dict[str, Label] = {
    "status_assumed": ("{n} 行没有设备状态：按在用处理", "{n} rows have no status: taken as in use"),
    "azimuth_unreadable": ("{n} 行的监控方位无法识读：按未知处理", "{n} rows have an unreadable azimuth: unknown"),
    "networked_ambiguous": (
        "{n} 行的联网属性代码含义不明：按未知处理",
        "{n} codes of networking are ambiguous: unknown",
    ),
    "count_zero": (
        "{n} 行摄像机数量为 0：不计入",
        "{n} rows say that they stand for 0 cameras: they do not count",
    ),
    "count_taken_as_one": (
        "{n} 行的摄像机数量无法识读或为负数：按 1 台处理",
        "{n} rows have an unreadable or negative number: taken as 1",
    ),
    "id_repeated": ("{n} 行设备编码重复：保留并编号", "{n} ids are repeated: kept, and numbered"),
    "id_missing": ("{n} 行没有编码：按内容编号", "{n} rows have no id: given one by content"),
    "device_id_lost_digits": ("{n} 个国标编码在表格中丢失位数", "{n} device ids have lost digits in the workbook"),
    "private_columns_dropped": (
        "{n} 列含口令、设备地址或个人信息：读入时舍弃",
        "{n} columns with passwords, device addresses or personal data: dropped at the door",
    ),
}


def list_notes(
    results: Results,
    *,
    rulebook: Rulebook,
    overlay: Rulebook | None,
    criteria: Criteria,
    study_counts: Mapping[str, int],
) -> tuple[Label, ...]:
    """Return the notes of a study, the weightiest first, each as ``(zh, en)``.

    Parameters
    ----------
    results
        The study without notes.
    rulebook, overlay, criteria
        The law that was applied and the planner's numbers.
    study_counts
        What was noticed while the registers were read.
    """
    notes = [*_law_notes(results, rulebook, overlay, criteria), *_camera_notes(results, study_counts)]
    notes += [*_ground_notes(results), *_sight_notes(results), *_decision_notes(results.decisions)]
    settled = int(is_settled(results.gaps, on=results.date).sum())
    if settled:
        notes.append(
            (
                f"{settled} 处缺口经人工决定接受现状或者暂缓：仍计入各项数字，到期前不列入待办",
                f"{settled} gaps were accepted or postponed by persons: they stay in every figure and are asked of "
                "nobody until their day",
            )
        )
    return tuple(notes)


def _law_notes(results: Results, rulebook: Rulebook, overlay: Rulebook | None, criteria: Criteria) -> Iterator[Label]:
    if overlay is not None:
        n = int(results.mandates["overlay_conflict"].fillna(False).sum())
        yield (
            f"叠加《{overlay.title[0]}》（{overlay.in_force} 起施行）：{n} 项建设责任主体与地方规章不一致，"
            "按上位法列出有效主体",
            f"{overlay.title[1]} (in force {overlay.in_force}) is laid over: {n} builders differ from the city's text; "
            "the higher law's answer is the effective one",
        )
    else:
        yield ("未叠加国家条例", "no national regulation is laid over the city's text")
    ours = [number for number in criteria.numbers.values() if number.origin == "ours"]
    yield (
        f"大型、重要等认定标准共 {len(criteria.numbers)} 项，其中 {len(ours)} 项为本工具默认值，非法定标准",
        f"of {len(criteria.numbers)} criteria (large, important …) {len(ours)} are our defaults, never law",
    )
    kinds = set(terms.KINDS) - set(unshown_kinds())
    listed = set(results.city.place_kinds["kind"])
    rows = unshown_rows(rulebook, kinds | listed)
    if len(rows):
        zh = "、".join(dict.fromkeys(rows["term"]))
        yield (
            f"地图数据不能显示、也未由规划人员提供的条款 {len(rows)} 项（不等于不存在）：{zh}",
            f"{len(rows)} rows of the regulation cannot be shown by map data and were not supplied (which is not "
            f"'none exists'): {zh}",
        )


def _camera_notes(results: Results, counts: Mapping[str, int]) -> Iterator[Label]:
    cameras = results.cameras
    if cameras.empty:
        yield ("没有摄像机资料：全部应建部位按未覆盖列出", "no cameras were given: all parts are listed as not covered")
        return
    for key, (zh, en) in _REGISTER_NOTES.items():
        if counts.get(key):
            yield zh.format(n=counts[key]), en.format(n=counts[key])
    outside = int(cameras["outside"].fillna(False).sum())
    if outside:
        yield (
            f"{outside} 行摄像机在研究范围外：不计入",
            f"{outside} rows of cameras lie outside the study: they do not count",
        )
    same = int(cameras["same_as"].notna().sum())
    if same:
        yield (
            f"{same} 行与另一登记为同一设备：只计一次",
            f"{same} rows are the same device as another row: counted once",
        )


def _sight_notes(results: Results) -> Iterator[Label]:
    """Say what was assumed about positions, trees, terrain and the plane."""
    views, city = results.views, results.city
    if len(views):
        assumed = views.drop_duplicates("camera_id")["assumed"].fillna("").str.split(";")
        moved, inside = (int(assumed.map(lambda words, w=w: w in words).sum()) for w in ("position", "inside_building"))
        if moved or inside:
            yield (
                f"坐标落在建筑物外墙上或者墙内 2 米以内的摄像机 {moved} 条，移至墙外；更深的 {inside} 条未移动，不计入",
                f"{moved} cameras on or up to 2 m inside a wall were moved in front of it; {inside} deeper inside were "
                "not moved and do not count",
            )
    if "through_trees" in results.seen.columns and bool(results.seen["through_trees"].fillna(False).any()):
        n = int(results.seen["through_trees"].fillna(False).sum())
        yield (
            f"{n} 个目标点的最佳视线穿过树冠：树木不视为遮挡，须现场核实",
            f"the best line of sight to {n} targets crosses a tree's crown: trees are no walls here, verify on site",
        )
    if city.terrain is not None:
        yield (
            f"视线已考虑地形（栅格间距 {city.terrain.cell:.0f} 米，空洞按未知处理）",
            f"sight lines clear the terrain (cells of {city.terrain.cell:.0f} m; voids are unknown, not sea level)",
        )
    if city.crs is not None and city.crs.is_projected:
        x, y = city.area.centroid.coords[0]
        lon, lat = Transformer.from_crs(city.crs, city.crs.geodetic_crs, always_xy=True).transform(x, y)
        scale = float(Proj(city.crs).get_factors(lon, lat).meridional_scale)
        off = float(meridian_convergence([x], [y], city.crs)[0])
        yield (
            f"平面坐标长度变形 {(scale - 1) * 1e4:+.1f}/10000，未改正；方位角以真北为准，坐标北偏差 {off:+.2f}° 已改正",
            f"lengths of the plane are off by {(scale - 1) * 1e4:+.1f} in 10,000, uncorrected; azimuths are from "
            f"true north, grid north differs by {off:+.2f}° and is corrected",
        )


def _ground_notes(results: Results) -> Iterator[Label]:
    city = results.city
    unknown = int((city.buildings["height_source"] == "unknown").sum())
    if city.buildings.empty:
        yield (
            "数据中没有建筑物：视域按无遮挡计算，偏乐观",
            "the data hold no buildings: views are those of an open field, on the high side",
        )
    elif unknown:
        yield (
            f"{unknown}/{len(city.buildings)} 栋建筑高度未知：按完全遮挡处理（从严）",
            f"{unknown} of {len(city.buildings)} buildings have no known height: taken as opaque (the safe side)",
        )
    widths = int((city.streets["width_source"] == "class").sum())
    if widths:
        yield (
            f"{widths}/{len(city.streets)} 段道路没有宽度或车道数：按道路等级取默认宽度",
            f"{widths} of {len(city.streets)} street sections have neither width nor lanes: width by class",
        )
    derived = int((city.entrances["source"] == "derived").sum())
    if derived:
        yield (
            f"{derived}/{len(city.entrances)} 个出入口由道路与边界相交推定，需现场核实",
            f"{derived} of {len(city.entrances)} entrances are derived from roads crossing boundaries: verify on site",
        )
    cut = city.counts.get("osm_relations_cut", 0) + city.counts.get("osm_ways_cut", 0)
    if cut:
        yield (
            f"{cut} 个对象被数据范围边缘截断，未能完整读入",
            f"{cut} objects are cut by the extract's edge and could not be read whole",
        )


def _decision_notes(decisions: pd.DataFrame) -> Iterator[Label]:
    if decisions.empty:
        return
    used = int((decisions["state"] == "used").sum())
    yield (f"采用人工决定 {used} 条", f"{used} decisions of persons were applied")
    if used < len(decisions):
        yield (
            f"{len(decisions) - used} 条人工决定未采用（找不到对象、过期、被取代或无法采用），见“人工决定”",
            f"{len(decisions) - used} decisions were not applied (stale, expired, replaced or refused); see the list",
        )
