"""The words that stand on papers only: report, packages, statutory papers, sheets that are filled in."""

from __future__ import annotations

from citycover.terms import Label

TEXTS: dict[str, Label] = {
    "sites": ("拟建点位", "proposed sites"),
    "sheet_comments": ("征求意见表", "Comments"),
    "sheet_storage": ("存储与带宽", "Storage and bandwidth"),
    "sheet_reply": ("填写说明", "How to reply"),
    "before_after": ("前后对比图", "Before and after"),
    "state_before": ("前", "before"),
    "state_after": ("后", "after"),
    "today": ("现状", "today"),
    "as_planned": ("方案实施后", "as planned"),
    "by_sites": ("方案点位", "the plan's sites"),
    "change_list": ("变化清单", "what changed"),
    "changes": ("缺口变化", "change"),
    "share_seen_low": ("覆盖率（最低）", "share seen (low)"),
    "on_the_map": ("在图上查看", "on the map"),
    "map_link_meaning": ("opens the place on gap_map.html, which must lie in the same folder",) * 2,
}

COLUMNS: dict[str, Label] = {
    "number": ("序号", "number"),
    "concerns": ("涉及内容", "what concerns it"),
    "opinion": ("意见", "opinion"),
    "answer": ("采纳情况", "answer"),
    "reason_of_answer": ("答复理由", "reason of the answer"),
    "map_link": ("地图定位", "place on the map"),
    "site_id": ("点位编号", "site id"),
    "nature": ("性质", "nature"),
    "phase": ("阶段", "phase"),
    "support": ("支撑", "support"),
    "direction": ("朝向", "direction"),
    "device_class": ("设备类别", "device class"),
    "survey": ("踏勘", "survey"),
    "storage_tb": ("存储（TB）", "storage (TB)"),
    "mbps": ("带宽（Mbit/s）", "bandwidth (Mbit/s)"),
    "sites": ("点位（个）", "sites"),
    "step": ("步骤", "step"),
    "how": ("说明", "how"),
    "in_use_since": ("启用日期", "in use since"),
    "filed_on": ("备案日期", "filed on"),
    "removed_on": ("拆除日期", "dismantled on"),
    "removal_reported_on": ("报告日期", "reported on"),
    "finding": ("核查结果", "finding"),
    "inspector": ("检查人", "inspector"),
    "inspected_on": ("检查日期", "inspected on"),
    "breaches": ("合规疑点（待核实）", "suspected breaches"),
}
