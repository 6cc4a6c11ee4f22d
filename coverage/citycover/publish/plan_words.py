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
    "sheet_rivals": ("点位比选", "Why not another"),
    "sheet_money": ("不同投资比较", "Other sums"),
    "sheet_curve": ("投资覆盖曲线", "Coverage for money"),
    "sheet_scale": ("平面图 1:500", "plan 1:500"),
    "sheet_view": ("视域（按现有建筑）", "view, as buildings leave it"),
    "sheet_seen": ("本点位可见的待覆盖目标", "wanted targets in its view"),
}

COLUMNS: dict[str, Label] = {
    "worth": ("独有价值", "worth that it alone adds"),
    "private": ("视域内非公共场所（平方米）", "private ground in view (m²)"),
    "verdict": ("未选替代的原因", "why the other was not chosen"),
    "rival_id": ("最佳替代候选编号", "best other candidate"),
    "rival_nature": ("替代：性质", "other: nature"),
    "rival_spot": ("替代：位置类型", "other: spot"),
    "rival_device_class": ("替代：设备类别", "other: device class"),
    "rival_azimuth": ("替代：方位（°）", "other: azimuth (°)"),
    "rival_cost_wan": ("替代：投资（万元）", "other: cost (10,000 yuan)"),
    "rival_worth": ("替代：价值", "other: worth in its place"),
    "rival_private": ("替代：非公共场所（平方米）", "other: private ground (m²)"),
    "number_of_sites": ("点位数", "sites"),
    "budget_wan": ("预算（万元）", "budget (10,000 yuan)"),
    "share_of_worth": ("价值占比", "share of all worth"),
    "share_bound": ("上界", "no choice of these candidates reaches more"),
    "cost_so_far": ("累计投资（万元）", "cost so far (10,000 yuan)"),
    "sites_so_far": ("累计点位", "sites so far"),
    "share_m": ("长度覆盖率", "share of length"),
    "share_m2": ("面积覆盖率", "share of ground"),
    "share_point": ("点位覆盖率", "share of points"),
    "heads": ("建议摄像机数（估算，非强制）", "cameras suggested (an estimate, no duty)"),
    "devices": ("建议设备", "devices suggested"),
    "estimate_wan": ("估算投资（万元）", "estimate (10,000 yuan)"),
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
