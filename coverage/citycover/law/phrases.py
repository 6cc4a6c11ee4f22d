"""The phrases with which the law floor gives its reasons, in Chinese and English."""

from __future__ import annotations

from citycover.terms import Label, Lang

PHRASES: dict[str, Label] = {
    "named": ("条文点名，无限定", "named by the text without a qualifier"),
    "by_kind": ("条文点名；“{}”由类别本身体现", "named by the text: the kind itself bears {}"),
    "ambiguous": (
        "“{}”是否及于本类不明确，不据以排除",
        "whether {} reaches this kind is open: it drops nothing",
    ),
    "met": ("符合认定标准", "meets the criterion"),
    "not_met": ("不符合认定标准", "does not meet the criterion"),
    "criterion_unknown": ("缺少面积、级别或者日期等数据，不能认定", "no size, level or date to decide the criterion"),
    "candidate": ("现有证据仅提示可能属于本类", "the evidence only suggests the kind"),
    "list": ("须由“{}”确定", "only this list decides: {}"),
    "listed": ("来自登记或者人工决定", "comes from a register or a decision"),
    "designated": ("有认定记录", "designated on record"),
    "designated_out": ("记录写明不属于", "on record as not belonging"),
    "vehicle": ("车船属移动对象，不由地图得出", "vehicles never come from a map"),
    "rank_met": ("排序：达到“{}”", "rank: reaches {}"),
    "rank_not_met": ("排序：未达“{}”", "rank: below {}"),
    "rank_unknown": ("排序：“{}”未知", "rank: {} unknown"),
    "agreement": ("约定：{}", "agreement: {}"),
    "no_agreement": ("记录：没有约定", "on record: no agreement"),
    "state_yes": ("记录：国家所有", "on record: state-owned"),
    "state_no": ("记录：非国家所有", "on record: not state-owned"),
    "operator_type": ("operator:type={}", "operator:type={}"),
    "public_name": ("名称似公共机构：{}", "named like a public body: {}"),
    "company_name": ("名称似企业：{}", "named like a company: {}"),
    "owner_record": ("记录的所有者：{}", "owner on record: {}"),
    "manager_record": ("记录的管理者：{}", "manager on record: {}"),
    "owner_tag": ("标注的所有者：{}", "owner as tagged: {}"),
    "operating_record": ("记录的运营管理单位：{}", "operating unit on record: {}"),
    "no_operating": ("记录：无运营管理单位", "on record: no operating unit"),
    "operating_hint": ("疑有运营管理单位：{}", "perhaps operated: {}"),
    "access": ("通行：{}", "access: {}"),
    "size": ("实测为标准（{}）的 {} 倍", "measured {1} times the number ({0})"),
    "size_unknown": ("面积等未知，无法与标准（{}）比较", "unknown, cannot be held against the number ({})"),
    "road_class": ("道路等级：{}", "road class: {}"),
    "no_evidence": ("数据无此类标注或者名称", "OpenStreetMap shows no such kind"),
    "vehicle_register": ("移动对象：需车船登记表", "mobile: needs a fleet register"),
    "needs_layer": ("开放地图不反映：需规划人员提供图层", "maps do not show it: needs a layer from the planner"),
}


def phrase(key: str, lang: Lang, *words: object) -> str:
    """Return a phrase with its words filled in.

    >>> phrase("public_name", "en", "市公安局")
    'named like a public body: 市公安局'
    """
    return PHRASES[key][0 if lang == "zh" else 1].format(*words)
