"""Words of the construction plan's sheets, forms and papers, in both languages."""

from __future__ import annotations

from citycover.terms import Label

TEXTS: dict[str, Label] = {
    "survey_tab": ("踏勘", "visit"),
    "site_tab": ("点位", "site"),
    "sheet_photo": ("现场照片", "photo"),
    "sheet_verdict": ("踏勘结论：", "visit: "),
    "sheet_new_place": (
        "移位至（CGCS2000 经度、纬度）：____________________",
        "moved to (CGCS2000 lon, lat): ____________________",
    ),
    "sheet_new_azimuth": ("改为监控方位（真北起，°）：________", "new azimuth (° from true north): ________"),
    "sheet_reason": ("理由：", "why:"),
    "sheet_power": (
        "取电、接入、杆件权属已核实：□ 是　□ 否",
        "power, link, owner of the support checked: □ yes □ no",
    ),
    "sheet_signed": ("踏勘人：　　　　　　日期：", "visited by:               day:"),
    "sheet_design": ("设计单位：　　　　　　日期：", "designed by:              day:"),
    "sheet_client": ("建设单位：　　　　　　日期：", "built for:                day:"),
    "sheet_scale": ("平面图 1:500", "plan 1:500"),
    "sheet_view": ("视域（按现有建筑）", "view, as buildings leave it"),
    "sheet_seen": ("本点位可见的待覆盖目标", "wanted targets in its view"),
}

COLUMNS: dict[str, Label] = {
    "necessity": ("必要性和朝向理由", "why, and why so aimed"),
    "cost_wan": ("一次性投资（万元）", "cost (10,000 yuan)"),
    "cost_year_wan": ("年运维（万元）", "cost a year (10,000 yuan)"),
    "budget_level": ("资金层级", "level of the budget"),
    "lon_2000": ("经度（CGCS2000）", "longitude (CGCS2000)"),
    "lat_2000": ("纬度（CGCS2000）", "latitude (CGCS2000)"),
    "named_system": ("另用坐标系", "named system"),
    "named_x": ("东／经度（另用坐标系）", "east or longitude (named system)"),
    "named_y": ("北／纬度（另用坐标系）", "north or latitude (named system)"),
    "moved_to": ("移位至（经度 纬度）", "moved to (lon lat)"),
}
