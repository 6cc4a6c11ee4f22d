"""The words that stand on maps, in workbooks and in summaries, in Chinese and English."""

from __future__ import annotations

from citycover.terms import Label, Lang

TEXTS: dict[str, Label] = {
    # marks and statements that stand on every product
    "osm": ("© OpenStreetMap contributors", "© OpenStreetMap contributors"),
    "validity": (
        "本图表未核查各市规章文本的现行有效性，引用前请核对。",
        "Whether the city's text is still in force was not checked; check before citing it.",
    ),
    "osm_silence": (
        "OpenStreetMap 未标注不等于现实中不存在。",
        "“Not in OpenStreetMap” does not mean that none exists.",
    ),
    "high_bound": (
        "“最高”为上限：假定每台方位未知的摄像机对每个目标点都恰好有利，任何实际布设都达不到。",
        "“High” is a bound: each camera of unknown azimuth is at its best for each target; no real aiming does that.",
    ),
    "flat": (
        "建筑高度未知处按不可透视处理；室内部位不在平面分析之内，见室内核查清单。",
        "Buildings of unknown height block sight; a 2D view does not answer for indoor parts: see their checklist.",
    ),
    "restricted_hint": (
        "内含摄像机位置、朝向与缺口，仅限指定接收单位使用，不得公开。",
        "Holds camera positions, poses and gaps: for the named recipient only, not for the public.",
    ),
    # title block
    "gap_map": ("公共安全视频图像系统覆盖缺口图", "Gaps in public-safety video coverage"),
    "study": ("规划研究", "study"),
    "date": ("日期", "date"),
    "rulebook": ("依据规章", "rulebook"),
    "overlay": ("叠加上位法", "laid over by"),
    "recipient": ("接收单位", "recipient"),
    "classification": ("标识", "mark"),
    "none": ("无", "none"),
    "not_named": ("未指定", "not named"),
    # things
    "mandates": ("应当建设", "mandates"),
    "places": ("场所", "places"),
    "gaps": ("缺口", "gaps"),
    "cameras": ("摄像机", "cameras"),
    "views": ("视域", "views"),
    "coverage": ("覆盖", "coverage"),
    "builder": ("建设责任主体", "builder"),
    "unknown": ("未知", "unknown"),
    "undecided": ("待认定", "undecided"),
    "unnamed": ("（无名称）", "(no name)"),
    "unnumbered": ("（未编条款）", "(no item)"),
    # map
    "figures": ("主要数字", "Key figures"),
    "layers": ("图层与图例", "Layers and legend"),
    "find": ("查找场所、摄像机或缺口编号", "Find a place, camera or gap id"),
    "nothing_found": ("没有匹配的结果", "nothing found"),
    "more": ("另有 {n} 项", "{n} more"),
    "of": ("第 {i} 项，此处共 {n} 项", "{i} of {n} here"),
    "all_on": ("全部显示", "show all"),
    "all_off": ("全部隐藏", "hide all"),
    "panel": ("面板", "panel"),
    "notes": ("说明与假设", "Notes and assumptions"),
    "gaps_by_builder": ("缺口（按建设责任主体）", "Gaps, by who must close them"),
    "gaps_undecided": ("义务待认定的缺口", "gaps whose duty is undecided"),
    "mandates_by_item": ("应当建设的场所（按条款）", "Places that must be covered, by item"),
    "cameras_by_counting": ("摄像机（是否计入覆盖）", "Cameras, by whether they count"),
    "views_by_end": ("摄像机视域", "Views of cameras"),
    "base": ("底图", "Base map"),
    "street_names": ("道路名称", "street names"),
    "priority": ("优先级", "priority"),
    "priority_high": ("高 ≥ 75", "high ≥ 75"),
    "priority_medium": ("中 60–75", "medium 60–75"),
    "priority_low": ("低 < 60", "low < 60"),
    "priority_none": ("未排序", "not ranked"),
    "shape_line": ("线", "line"),
    "shape_point": ("点", "point"),
    "shape_ground": ("面", "ground"),
    "low": ("最低", "low"),
    "expected": ("期望", "expected"),
    "high": ("最高", "high"),
    "seen_in": ("按要求可见的目标（{unit}）", "targets seen as required ({unit})"),
    "of_required": ("应见 {n}", "of {n} required"),
    "gap_count": ("缺口 {n} 处", "{n} gaps"),
    "gap_undecided_count": ("另有义务待认定的 {n} 处", "{n} more whose duty is undecided"),
    "rows": ("条", "rows"),
    "device_note": (
        "{rows} 条登记，折合 {devices} 台",
        "{rows} rows that stand for {devices} cameras",
    ),
    "no_register": ("本次研究没有摄像机登记资料", "the study has no camera register"),
    # popup fields
    "f_article": ("条款", "item"),
    "f_kind": ("场所类别", "kind"),
    "f_part": ("应覆盖部位", "part to be covered"),
    "f_component": ("部位", "component"),
    "f_builder": ("应由谁补建", "who must close it"),
    "f_must_build": ("建设责任主体", "who must build"),
    "f_builder_article": ("责任依据", "article on the builder"),
    "f_builder_evidence": ("责任认定依据", "facts it rests on"),
    "f_needs_record": ("尚需材料", "record that would settle it"),
    "f_size": ("规模", "size"),
    "f_reason": ("未见原因", "why it is not seen"),
    "f_nearest": ("最近的可计入摄像机", "nearest camera that counts"),
    "f_standing": ("义务认定", "standing of the duty"),
    "f_standing_reason": ("认定说明", "reason of the standing"),
    "f_evidence": ("类别依据", "why it is of the kind"),
    "f_covered": ("覆盖情况", "coverage"),
    "f_district": ("辖区", "district"),
    "f_department": ("主管部门", "department"),
    "f_gap_id": ("缺口编号", "gap id"),
    "f_mandate_id": ("应建编号", "mandate id"),
    "f_place_id": ("场所编号", "place id"),
    "f_camera_id": ("摄像机编号", "camera id"),
    "f_counts": ("是否计入", "counts?"),
    "f_counts_reason": ("原因", "reason"),
    "f_status": ("状态", "status"),
    "f_owner_class": ("所有者类别", "class of owner"),
    "f_azimuth": ("监控方位", "azimuth"),
    "f_hfov": ("水平视场角", "angle of view"),
    "f_reach": ("有效距离", "reach"),
    "f_count": ("台数", "cameras in this row"),
    "f_ground": ("可见地面", "ground seen"),
    "f_end": ("视域类型", "which end"),
    "f_assumed": ("使用的缺省值", "defaults used"),
    "f_register": ("登记来源", "register"),
    "f_priority": ("优先级", "priority"),
    # workbook sheets
    "sheet_summary": ("摘要", "Summary"),
    "sheet_mandates": ("应建清单", "Mandates"),
    "sheet_gaps": ("缺口", "Gaps"),
    "sheet_cameras": ("摄像机", "Cameras"),
    "sheet_notices": ("待办", "Notices"),
    "sheet_indoor": ("室内核查", "Indoor"),
    "sheet_unknown": ("未决与未知", "Unknowns"),
    "sheet_rejects": ("剔除", "Rejects"),
    "sheet_assumptions": ("假设", "Assumptions"),
    "figure": ("数字", "figure"),
    "value": ("数值", "value"),
    "unit": ("单位", "unit"),
    "default_used": ("使用的缺省值", "default used"),
    "times": ("次数", "times"),
    "assumption": ("假设与说明", "assumption or note"),
    "matter": ("事项", "matter"),
    "input_file": ("输入文件", "input file"),
    "version": ("版本", "version"),
    # figures
    "n_mandates": ("应当建设的场所—条款", "mandates"),
    "n_mandate_places": ("涉及场所", "places under a mandate"),
    "n_gaps": ("缺口", "gaps"),
    "n_gaps_decided": ("其中义务已定", "of these, duty settled"),
    "n_gaps_undecided": ("其中义务待认定", "of these, duty undecided"),
    "n_cameras": ("摄像机登记条数", "camera rows"),
    "n_devices": ("折合台数", "cameras they stand for"),
    "n_indoor": ("需现场核查的室内部位", "indoor parts to be checked on site"),
    "n_rejects": ("剔除的行和对象", "rows and objects rejected"),
    "azimuth_unknown": ("监控方位未知的摄像机", "cameras of unknown azimuth"),
    "hfov_unknown": ("水平视场角未知的摄像机", "cameras of unknown angle of view"),
    "status_assumed": ("登记无状态、按在用处理的摄像机", "cameras without a status, taken as in use"),
    "height_unknown": ("高度未知的建筑", "buildings of unknown height"),
    "mandates_undecided": ("义务待认定", "mandates undecided"),
    "builder_unsettled": ("建设责任主体未定", "mandates without a settled builder"),
    "needs_record": ("需补充材料才能定责", "mandates that need a record"),
    "no_district": ("辖区未知的应建场所", "mandates of unknown district"),
    "indoor_parts": ("室内部位", "indoor parts"),
    "rejects": ("剔除", "rejects"),
}
"""Every text by its key: ``(zh, en)``. ``{n}`` and the like are filled by ``str.format`` or in the page."""

COLUMNS: dict[str, Label] = {
    "mandate_id": ("应建编号", "mandate id"),
    "place_id": ("场所编号", "place id"),
    "name": ("名称", "name"),
    "rulebook": ("规章", "rulebook"),
    "article": ("条", "article"),
    "item": ("项", "item"),
    "kind": ("场所类别", "kind"),
    "term": ("条文用语", "word of the text"),
    "part": ("应覆盖部位", "part"),
    "qualifier": ("限定词", "qualifier"),
    "criterion": ("认定标准", "criterion"),
    "standing": ("义务认定", "standing"),
    "standing_reason": ("认定说明", "reason of the standing"),
    "evidence": ("类别依据", "evidence"),
    "confidence": ("可信度", "confidence"),
    "builder": ("建设责任主体", "builder"),
    "builder_article": ("责任条款", "article on the builder"),
    "builder_evidence": ("责任认定依据", "facts on the builder"),
    "builder_confidence": ("责任可信度", "confidence in the builder"),
    "builder_alternatives": ("可能的其他主体", "other possible builders"),
    "builder_effective": ("建设责任主体（叠加上位法）", "builder under the higher law"),
    "overlay_article": ("上位法条款", "article of the higher law"),
    "overlay_conflict": ("与上位法不一致", "the two laws disagree"),
    "needs_record": ("尚需材料", "record needed"),
    "decided_by": ("决定人", "decided by"),
    "department": ("主管部门", "department"),
    "district": ("辖区", "district"),
    "component": ("部位", "component"),
    "required": ("应见", "required"),
    "seen_low": ("可见（最低）", "seen, low"),
    "seen_expected": ("可见（期望）", "seen, expected"),
    "seen_high": ("可见（最高）", "seen, high"),
    "unit": ("单位", "unit"),
    "share_low": ("覆盖率（最低）", "share, low"),
    "share_expected": ("覆盖率（期望）", "share, expected"),
    "share_high": ("覆盖率（最高）", "share, high"),
    "state": ("覆盖状态", "state"),
    "gap_id": ("缺口编号", "gap id"),
    "size": ("规模", "size"),
    "reason": ("原因", "reason"),
    "priority": ("优先级", "priority"),
    "nearest_camera": ("最近摄像机距离（米）", "nearest camera (m)"),
    "nearest_camera_id": ("最近摄像机", "nearest camera id"),
    "camera_id": ("摄像机编号", "camera id"),
    "pole_id": ("立杆编号", "pole id"),
    "register": ("登记来源", "register"),
    "source_row": ("原表行号", "row in the file"),
    "device_id": ("设备编码", "device id"),
    "address": ("安装地址", "address"),
    "owner": ("所有者", "owner"),
    "owner_class": ("所有者类别", "class of owner"),
    "status": ("状态", "status"),
    "status_assumed": ("状态为推定", "status assumed"),
    "camera_type": ("摄像机类型", "camera type"),
    "count": ("台数", "cameras in the row"),
    "azimuth": ("监控方位（°）", "azimuth (°)"),
    "azimuth_source": ("方位来源", "source of the azimuth"),
    "hfov": ("水平视场角（°）", "angle of view (°)"),
    "tilt": ("俯角（°）", "tilt (°)"),
    "mount_height": ("架设高度（米）", "mount height (m)"),
    "pixels": ("横向像素", "pixels across"),
    "reach": ("有效距离（米）", "reach (m)"),
    "purpose": ("用途", "purpose"),
    "indoor": ("室内", "indoor"),
    "networked": ("已联网", "networked"),
    "retention_days": ("录像保存天数", "retention (days)"),
    "same_as": ("同一设备", "same device as"),
    "outside": ("研究范围外", "outside the study"),
    "counts": ("是否计入", "counts"),
    "counts_reason": ("不计入或部分计入的原因", "why it does not count, or not fully"),
    "notice_id": ("待办编号", "notice id"),
    "articles": ("条款", "articles"),
    "gaps": ("缺口编号", "gap ids"),
    "points": ("点位（处）", "points"),
    "metres": ("长度（米）", "length (m)"),
    "square_metres": ("面积（平方米）", "ground (m²)"),
    "what": ("核查内容", "what to check"),
    "reject_id": ("剔除编号", "reject id"),
    "source": ("来源", "source"),
    "row": ("行号", "row"),
    "column": ("列", "column"),
    "lon": ("经度（WGS-84）", "longitude (WGS-84)"),
    "lat": ("纬度（WGS-84）", "latitude (WGS-84)"),
}
"""The header of each column of the workbook: ``(zh, en)``."""


def text(key: str, lang: Lang = "zh", **parts: object) -> str:
    """Return a text by its key, its blanks filled.

    >>> text("gaps"), text("gap_count", "en", n=3)
    ('缺口', '3 gaps')
    """
    zh, en = TEXTS[key]
    words = zh if lang == "zh" else en
    return words.format(**parts) if parts else words


def header(column: str, lang: Lang = "zh") -> str:
    """Return the header of a column; one that has none comes back by its key.

    >>> header("gap_id"), header("surprise")
    ('缺口编号', 'surprise')
    """
    zh, en = COLUMNS.get(column, (column, column))
    return zh if lang == "zh" else en


def join_clauses(sentences: list[str], lang: Lang = "zh") -> str:
    """Return the sentences as one text.

    >>> join_clauses(["一", "二"]), join_clauses(["one", "two"], "en")
    ('一；二', 'one; two')
    """
    return ("；" if lang == "zh" else "; ").join(sentences)
