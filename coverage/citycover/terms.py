"""The closed vocabularies: one word for one thing, with its label in Chinese and English.

Every vocabulary is a dict from the term, as it stands in tables, to its labels ``(zh, en)``. Tables, rulebooks,
maps and documents take both the terms and their labels from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Label = tuple[str, str]
Lang = Literal["zh", "en"]

PARTS: dict[str, Label] = {
    "site_per_plan": ("场所整体（按规划）", "the place itself, as the approved plan sets out"),
    "whole_length_per_plan": ("全线（按规划）", "the whole length, as the approved plan sets out"),
    "key_parts": ("重要部位", "key parts only"),
    "key_parts_or_business_premises": ("重要部位或者经营场所", "key parts or business premises"),
    "business_premises": ("营业场所", "business premises"),
    "production_storage_business_premises": (
        "生产、存储或者经营场所",
        "production, storage or business premises",
    ),
    "main_entrances_passages_or_key_parts": (
        "主要出入口、通道或者重点部位",
        "main entrances, passages or key parts",
    ),
    "lobby_lift_passages_entrances": ("大厅、电梯、通道、出入口", "lobby, lift, passages, entrances"),
    "entrances_and_perimeter": ("出入口和周界", "entrances and perimeter"),
    "public_parts": ("公共部位", "common parts"),
    "public_safety_parts": ("涉及公共安全的部位", "the parts that concern public safety"),
    "important_segments": ("重要路段", "important segments"),
    "important_segments_and_junctions": ("重要路段、路口", "important segments and junctions"),
    "important_junctions": ("重要路口", "important junctions"),
    "vehicle_interior": ("车船内部", "inside the vehicle or vessel"),
}

COMPONENTS: dict[str, Label] = {
    "entrance": ("出入口", "entrance"),
    "ring": ("周界", "boundary ring"),
    "segment": ("路段", "segment"),
    "junction": ("路口", "junction"),
    "passage": ("通道", "passage"),
    "area": ("场地", "open area"),
}

UNITS: dict[str, Label] = {"m": ("米", "m"), "m2": ("平方米", "m²"), "point": ("处", "points")}

STANDINGS: dict[str, Label] = {
    "named": ("条文点名", "named by the text"),
    "qualified": ("符合认定标准", "meets the planner's criteria"),
    "undecided": ("待认定", "cannot be decided from the data"),
    "designated": ("已确定", "designated by a record or decision"),
}

STATUSES: dict[str, Label] = {
    "planned": ("规划", "planned"),
    "approved": ("已批准", "approved"),
    "building": ("在建", "being built"),
    "accepted": ("已验收", "accepted"),
    "in_use": ("在用", "in use"),
    "repair": ("维修", "under repair"),
    "out_of_use": ("停用", "out of use"),
    "removed": ("拆除", "removed"),
}

OWNER_CLASSES: dict[str, Label] = {
    "government": ("政府", "government"),
    "police": ("公安", "police"),
    "public_body": ("事业单位", "public body"),
    "enterprise": ("企业", "enterprise"),
    "residents": ("业主", "residents"),
    "person": ("个人", "natural person"),
    "unknown": ("未知", "unknown"),
}

PURPOSES: dict[str, Label] = {
    "overview": ("概览", "overview"),
    "face": ("人脸", "faces"),
    "plate": ("车牌", "number plates"),
    "person": ("人员", "persons"),
    "vehicle": ("车辆", "vehicles"),
    "crossing": ("路口", "crossing"),
    "other": ("其他", "other"),
}

BUILDERS: dict[str, Label] = {
    "government": ("政府", "government"),
    "police": ("公安机关", "public-security organ"),
    "owner": ("所有者", "owner"),
    "manager": ("管理者", "manager"),
    "manager_or_user": ("管理单位或者使用权人", "managing unit or user"),
    "agreed_party": ("约定的建设责任主体", "the party agreed upon"),
    "operating_unit": ("运营管理单位", "operating unit"),
    "holder_by_inference": ("场所持有单位（推定）", "the unit that holds the site (inferred)"),
    "unspecified": ("条文未规定", "not specified by the text"),
    "review": ("待协调确定", "to be settled"),
}

RECORD_FACTS: dict[str, Label] = {
    "agreement": ("建设责任约定", "agreement on who builds"),
    "owner": ("权属（所有者）", "owner"),
    "manager": ("管理者", "manager"),
    "operating_unit": ("运营管理单位", "operating unit"),
    "state_owned": ("是否国有", "state ownership"),
    "designation": ("认定或者列名文件", "designation"),
    "completed_on": ("竣工日期", "date of completion"),
    "size": ("规模认定", "size"),
    "access": ("是否向公众开放", "public access"),
}

ACTIONS: dict[str, Label] = {
    "drop": ("取消", "drop"),
    "connect": ("联网接入", "connect"),
    "repair": ("维修", "repair"),
    "upgrade": ("升级改造", "upgrade"),
    "re-aim": ("调整方向", "re-aim"),
    "co-locate": ("共杆", "co-locate"),
    "keep": ("保留", "keep"),
}

NATURES: dict[str, Label] = {
    "connect": ("联网接入", "connect"),
    "repair": ("维修", "repair"),
    "re-aim": ("调整方向", "re-aim"),
    "upgrade": ("升级改造", "upgrade"),
    "move": ("迁移", "move"),
    "new": ("新建", "new"),
}
"""What is done at a site, cheapest kinds first: what exists stands before new builds."""

SUPPORTS: dict[str, Label] = {
    "existing_pole": ("既有立杆", "existing pole"),
    "signal": ("信号灯杆", "traffic signal"),
    "lamp": ("路灯杆", "street lamp"),
    "wall": ("墙面", "wall"),
    "new_pole": ("新立杆", "new pole"),
}

SPOTS: dict[str, Label] = {
    "pole": ("既有杆位", "at an existing pole"),
    "signal": ("信号灯处路侧", "kerb at a signal"),
    "lamp": ("路灯处", "at a street lamp"),
    "corner": ("路口转角路侧", "street corner, off the kerb"),
    "kerb": ("路侧（路缘外）", "off the kerb"),
    "wall": ("建筑转角墙面", "corner of a building"),
}
"""Where a support stands."""

POWERS: dict[str, Label] = {
    "mains": ("市电引接", "new mains"),
    "existing": ("利用既有", "as it is"),
    "solar": ("太阳能", "solar"),
}
LINKS: dict[str, Label] = {
    "fibre": ("光纤", "new fibre"),
    "existing": ("利用既有", "as it is"),
    "wireless": ("无线", "wireless"),
}

SURVEYS: dict[str, Label] = {
    "open": ("待踏勘", "to be visited"),
    "confirmed": ("已确认", "confirmed"),
    "moved": ("已移位", "moved"),
    "refused": ("不可行", "refused"),
}
"""What the visit of a site found."""

PLAN_STATES: dict[str, Label] = {
    "draft": ("草案", "draft"),
    "for comment": ("征求意见稿", "draft for comments"),
    "submitted": ("送审稿", "version for approval"),
    "approved": ("已批准", "approved"),
}

RIVAL_VERDICTS: dict[str, Label] = {
    "less": ("新增较少", "brings less"),
    "dearer": ("造价较高", "costs more"),
    "private": ("看到更多非公共场所", "sees more private ground"),
    "equal": ("效果相当", "as good"),
    "better": ("单独替换更优，请复核", "better by itself: look again"),
}
"""Why the best stand-in for a site was not chosen instead of it."""

DUPLICATE_STANDINGS: dict[str, Label] = {
    "certain": ("重复", "certain"),
    "possible": ("可能重复，须现场核实", "possible, to be checked on site"),
    "none": ("不重复", "no duplicate"),
}

DUPLICATE_REASONS: dict[str, Label] = {
    "held": ("现有或者已批准的一台摄像机已看到同样的范围", "one existing or approved camera already sees it"),
    "held_together": (
        "现有或者已批准的几台摄像机合起来已看到同样的范围",
        "several existing or approved cameras see it together",
    ),
    "proposed_twice": ("另一拟建摄像机看到同样的范围", "another proposed camera sees it"),
    "held_once_repair": ("现有摄像机修复后即可看到", "an existing camera sees it once it is repaired"),
    "held_once_connect": ("现有摄像机联网后即可看到", "an existing camera sees it once it is connected"),
    "held_once_upgrade": (
        "现有摄像机升级（录像保存不足 30 日）后即可看到",
        "an existing camera sees it once it keeps 30 days",
    ),
    "held_once_accepted": (
        "现有摄像机验收合格后即可看到",
        "an existing camera sees it once it is accepted",
    ),
    "could_turn": (
        "一台现有摄像机转向后即可看到，且其原有目标点另有覆盖",
        "an existing camera that nothing else needs sees it once it is turned",
    ),
    "pose_unknown": ("相关摄像机的方向、镜头未知", "the direction or lens of the others is unknown"),
    "needed": ("有目标点仍需要它才能达到要求", "some targets would fall below what they need"),
    "stands_in": ("替代了另一取消的拟建点位，须保留", "it stands for another proposal that is dropped"),
    "settled": ("已由人工确定不重复", "settled by persons: no duplicate"),
    "one_owner": (
        "同一单位的另一台，方向均未登记（登记册自查时按看向不同方向处理）",
        "another of the same owner, directions not told: of a register held against itself they look different ways",
    ),
    "one_pole": ("同杆同一单位的另一台，方向未知或者环视", "another of the same owner on the pole, direction unknown"),
    "other_purpose": ("用途不同（人脸、车牌、全景）", "for another purpose (faces, number plates, scenes)"),
    "other_side": ("从另一侧观看", "the others look from another side"),
    "too_few": ("要求两台，现有不足", "two cameras are required, the others are too few"),
    "pole_there": ("此处有可共用的立杆", "a pole stands there to be shared"),
    "partly": ("其他摄像机只看到一部分", "the others see only part of it"),
    "alone": ("无其他摄像机看到", "no other camera sees it"),
    "sees_nothing": ("视线被遮挡，看不到任何地面", "it sees no ground at all: something stands before it"),
}
"""Why a proposed camera repeats others or does not."""

MENDS: dict[str, Label] = {
    "repair": ("修复", "repair"),
    "connect": ("联网接入", "connect"),
    "upgrade": ("升级（保存 30 日）", "upgrade (keep 30 days)"),
    "accept": ("组织验收", "accept"),
}
"""What an existing camera needs before it stands for another."""

AUTHORITIES: dict[str, Label] = {
    "entitled": ("政府或公安机关建设", "built by government or police"),
    "check": ("在公共空间，须核实是否为责任主体", "on public ground: to be checked whether it is answerable there"),
    "ground_unknown": ("是否公共空间未知", "whether the ground is public is not known"),
    "owner_unknown": ("建设单位类别未知", "class of the builder not known"),
}
"""Whether who proposes a camera may build it in public space; never a verdict, always to be checked."""

PRICE_BASES: dict[str, Label] = {
    "proposal": ("申报造价", "cost as proposed"),
    "catalogue": ("目录价格（规划单位）", "the planner's catalogue"),
    "made_up": ("含示例价格，不得引用", "holds made-up prices: not to be cited"),
}

REPEAT_KINDS: dict[str, Label] = {
    "same_id": ("编码相同", "same id"),
    "same_pose": ("同杆、同单位、同方向", "same pole, owner and pose"),
    "two_datums": ("两种坐标系各登记一次", "one device in two datums"),
}
"""How a register tells of one device twice."""

CONFIDENCES: dict[str, Label] = {"high": ("高", "high"), "medium": ("中", "medium"), "low": ("低", "low")}

COVERAGE_STATES: dict[str, Label] = {
    "covered": ("已覆盖", "covered"),
    "partly": ("部分覆盖", "partly covered"),
    "uncovered": ("未覆盖", "not covered"),
    "indoor": ("室内，需现场核查", "indoor, to be checked on site"),
    "unknown": ("未知", "unknown"),
}

VIEW_ENDS: dict[str, Label] = {
    "exact": ("位姿已知", "pose known"),
    "low": ("最低", "pessimistic"),
    "high": ("最高", "optimistic"),
    "swept": ("云台可达", "swept by the pan-tilt"),
}

COUNTS: dict[str, Label] = {
    "yes": ("计入", "counts"),
    "range": ("仅计入期望值与最高值", "counts in the expected and high figures only"),
    "no": ("不计入", "does not count"),
}

COUNT_REASONS: dict[str, Label] = {
    "": ("", ""),
    "azimuth_unknown": ("监控方位未知", "azimuth unknown"),
    "not_in_use": ("未在用（状态）", "not in use (status)"),
    "not_accepted": ("未验收", "not accepted"),
    "not_connected": ("未联网（规划另计）", "not connected (counted apart by the plan)"),
    "indoor": ("室内摄像机", "indoor camera"),
    "outside_study": ("研究范围外", "outside the study"),
    "same_device": ("与另一登记为同一设备", "the same device as another row"),
    "inside_building": ("坐标落在建筑物内", "position lies inside a building"),
}

LEVEL_SCOPES: dict[str, Label] = {
    "headline": ("总计（每个目标点计一次）", "the whole study, each target once"),
    "component": ("按部位构成", "by component"),
    "kind": ("按场所类别", "by kind"),
    "item": ("按条款", "by item"),
    "whole_area": ("全域公共空间", "all public ground of the area"),
}
"""What the coverage at every pixel density is told for."""

ROLL_UPS: dict[str, Label] = {
    "item": ("按条款（逐项义务计）", "by item, once per duty"),
    "kind": ("按场所类别（逐项义务计）", "by kind, once per duty"),
    "part": ("按部位（逐项义务计）", "by part, once per duty"),
    "component": ("按部位构成（逐项义务计）", "by component, once per duty"),
    "builder": ("按建设责任主体（逐项义务计）", "by builder, once per duty"),
    "department": ("按主管部门（逐项义务计）", "by department, once per duty"),
    "district": ("按辖区（每个目标点计一次）", "by district, each target once"),
    "street": ("按路段（每个目标点计一次）", "by street section, each target once"),
    "state": ("按覆盖状态（每个目标点计一次）", "by state, each target once"),
}
"""What the coverage is summed up by, and how often ground that several duties demand counts."""

APART: dict[str, Label] = {
    "base": ("社会单位摄像机不计入政府建设范围", "private cameras not counted for what the government must build"),
    "private": ("加社会单位面向公共区域的摄像机", "and private ones that look at public ground"),
    "approved": ("加已批准和在建的摄像机", "and approved ones and those being built"),
    "planned": ("加规划的摄像机", "and planned ones"),
}
"""Sets of cameras whose coverage is told apart; each holds the one before."""

INDOOR_SETTINGS: dict[str, Label] = {
    "inside": ("室内部位", "inside"),
    "underground": ("地下", "underground"),
    "not_on_map": ("地图上无法布设", "not to be laid on the map"),
}
"""Why a part stands on the checklist for the site visit."""

GAP_REASONS: dict[str, Label] = {
    "no_camera_near": ("附近无摄像机", "no camera near"),
    "hidden": ("被建筑物遮挡", "hidden by a building"),
    "out_of_view": ("不在视场角内", "outside the angle of view"),
    "too_coarse": ("像素密度不足", "too far for the density required"),
    "too_few": ("摄像机数量不足", "fewer cameras than required"),
    "only_optimistic": ("仅在方位有利时可见", "seen only if unknown azimuths are favourable"),
    "unfit": ("可见的摄像机用途不符", "seen only by cameras for another purpose"),
}

GAP_CHANGES: dict[str, Label] = {
    "same": ("未变", "the same"),
    "opened": ("新增", "opened"),
    "closed": ("消除", "closed"),
    "grown": ("扩大", "grown"),
    "shrunk": ("缩小", "shrunk"),
    "split": ("拆分", "split"),
    "merged": ("合并", "merged"),
}
"""What became of a gap between two studies."""

GAP_CAUSES: dict[str, Label] = {
    "rulebook": ("规章", "the rulebook"),
    "decision": ("人工决定", "a decision"),
    "criteria": ("认定标准或者要求", "criteria or requirements"),
    "osm_place": ("地图场所", "places and streets of the map"),
    "camera": ("摄像机", "cameras"),
    "building": ("建筑物", "buildings"),
}
"""Why a gap opened, closed or changed: one of them, the first that holds."""

BAN_PLACES: dict[str, Label] = {
    "hotel_guest_room": ("旅馆客房", "hotel guest rooms"),
    "collective_dormitory": ("集体宿舍", "collective, staff and student dormitories"),
    "individual_dormitory": ("个人宿舍", "individual dormitory rooms"),
    "public_bath": ("浴室", "bath rooms"),
    "changing_room": ("更衣室", "changing rooms"),
    "toilet": ("卫生间", "toilets"),
    "lactation_room": ("哺乳室", "nursing rooms"),
    "entertainment_private_room": ("娱乐场所包房", "private rooms in entertainment venues"),
    "financial_private_operation_area": (
        "金融机构内可能泄露客户信息的操作区域",
        "areas in financial institutions where client data could leak",
    ),
    "voting_place": ("可观察到选举意愿的区域", "where a voter's choice could be seen"),
    "fitting_room": ("试衣间", "fitting rooms"),
    "lodging_private_dining_room": ("食宿场所包间", "private rooms of lodging and catering hosts"),
    "staff_rest_room": ("单位内部住宿、休息房间", "rooms for staff lodging or rest"),
    "other_privacy_area": ("其他涉及隐私的区域", "other privacy areas"),
}
"""Places where the regulations forbid capture devices."""

CONSENT_PLACES: dict[str, Label] = {
    "military": ("军事禁区、军事管理区", "military zones"),
    "classified_unit": ("涉密单位", "secret-holding units"),
}
"""Units near which a camera needs their consent; secret, and never in a public product."""

OBSTACLES: dict[str, Label] = {
    "tree": ("树木", "trees"),
    "board": ("户外广告", "advertising boards"),
    "planned_building": ("拟建建筑", "planned buildings"),
}
"""What may come to stand in the views of cameras."""

OBSTACLE_STATES: dict[str, Label] = {
    "standing": ("已有", "there"),
    "construction": ("在建", "under construction"),
    "proposed": ("拟建", "proposed"),
    "planned": ("规划", "planned"),
}

OBSTACLE_REMEDIES: dict[str, Label] = {
    "trim": (
        "现场核实；确有遮挡的，由养护单位修剪，或者调整摄像机高度、位置",
        "check on site; if it hides, have it trimmed by whoever keeps the greenery, or raise or move the camera",
    ),
    "move_board": (
        "现场核实；确有遮挡的，调整或者移走广告设施，或者调整摄像机",
        "check on site; if it hides, have the board changed or moved, or move the camera",
    ),
    "plan_ahead": (
        "规划、施工许可阶段核对；建成前移动、调整摄像机或者增补点位",
        "check while the works are being permitted; move or turn the camera, or plan another, before they stand",
    ),
}

COMPLETENESS: dict[str, Label] = {
    "ground_built": ("建筑物占地（%）", "ground under buildings (%)"),
    "building_heights": ("有高度的建筑物（%）", "buildings with a height (%)"),
    "compound_gates": ("已标绘出入口的小区（%）", "compounds with a mapped gate (%)"),
    "street_names": ("有名称的道路长度（%）", "length of streets with a name (%)"),
    "place_names": ("有名称的场所（%）", "places with a name (%)"),
}
"""What is asked of an area's OpenStreetMap data."""

COMPLETENESS_STANDINGS: dict[str, Label] = {
    "likely_missing": ("很可能缺漏", "likely missing"),
    "thin": ("偏少", "fewer than expected"),
    "as_expected": ("与规模相符", "as expected"),
}
"""How what is mapped compares with the least that a town of that size has."""

CONFLICT_CHECKS: dict[str, Label] = {
    "C1": ("位置在禁止安装的区域内", "position inside a forbidden place"),
    "C2": ("位置在含有禁止安装房间的建筑内", "position inside a building that holds forbidden rooms"),
    "C3": ("视域覆盖禁止安装场所的出入口", "the view reaches an entrance of a forbidden place"),
    "C4": ("视域可看清住宅、客房等的外墙", "the view looks into façades of homes, hotels, wards"),
    "C5": ("视域较大部分落在非公共场所", "much of the view lies on private ground"),
    "C6": ("位置在临时禁止安装的区域内", "position inside a place that is forbidden for a time"),
    "C7": ("临近军事管理区或者涉密单位", "near a military zone or secret-holding unit"),
}
"""Checks of cameras against forbidden places; C3 to C5 ask what a camera sees."""

CONFLICT_LEVELS: dict[str, Label] = {
    "error": ("冲突", "conflict"),
    "review": ("待核实", "to be reviewed"),
    "warning": ("提示", "warning"),
}

REMEDIES: dict[str, Label] = {
    "remove": (
        "核对坐标；确在禁止安装的区域内的，拆除或者移至区域外",
        "check the position; if it is inside, remove it or move it out",
    ),
    "state_room": (
        "在登记中注明安装部位：大厅、通道等公共部位允许或者应当安装，房间内禁止",
        "state the room in the register: lobby and passages are allowed or even required, the rooms are forbidden",
    ),
    "check_room": (
        "现场核查安装部位；确在禁止安装的房间内的，拆除",
        "check the room on site; if it is a forbidden one, remove it",
    ),
    "turn_away": (
        "现场核查；调整方向或者设置隐私遮挡，使画面不含出入口",
        "check on site; turn it or mask the picture so that the entrance is not in it",
    ),
    "mask": (
        "降低俯仰角、调整方向或者设置隐私遮挡",
        "tilt it lower, turn it, or mask that part of the picture",
    ),
    "check_zone": (
        "核对距离和朝向：有效期内不得观察到个人意愿表达情况",
        "check distance and aim: while it lasts, nobody's choice may be observed",
    ),
    "seek_consent": (
        "核对是否已征得该单位同意；未征得的，补办",
        "check for the unit's prior consent; obtain it if missing",
    ),
}

BREACHES: dict[str, Label] = {
    "retention": ("留存时间不足", "recordings kept too short"),
    "not_connected": ("应接入共享平台而未接入", "not connected to the sharing platform though it must be"),
    "not_accepted": ("未经验收投入使用", "in use without acceptance"),
    "not_filed": ("逾期未备案", "not filed, and the day has passed"),
    "filed_late": ("备案逾期", "filed after the day due"),
    "no_sign": ("未设置明显标志", "no conspicuous sign"),
    "no_interface": ("未预留联网接口", "no interface reserved"),
    "grading": ("网络安全等级保护未落实", "network-security grading not met"),
    "dismantling_due": ("拆除报告期限将至", "dismantling to be reported by the day due"),
    "dismantling_unreported": ("拆除逾期未报告", "dismantling not reported by the day due"),
    "not_entitled": ("非责任单位在公共空间建设", "built on public ground by a party that is not responsible"),
    "turned": ("指向方位与批准不一致", "turned away from the approved direction"),
}
"""Facts of a register that a regulation's clauses speak against; each finding is a suspicion, to be verified."""

BREACH_STANDINGS: dict[str, Label] = {
    "suspected": ("疑似，待核实", "suspected, to be verified"),
    "certain": ("已核实", "verified"),
}

ROAD_CLASSES: tuple[str, ...] = (
    "motorway",
    "trunk",
    "primary",
    "secondary",
    "tertiary",
    "unclassified",
    "residential",
    "living_street",
    "pedestrian",
    "service",
)
"""OpenStreetMap road classes, highest first; links follow their parent."""


def label(vocabulary: Mapping[str, Label], term: str, lang: Lang = "zh") -> str:
    """Return the label of a term; a term that the vocabulary lacks comes back as it is.

    >>> label(BUILDERS, "owner", "zh"), label(BUILDERS, "owner", "en")
    ('所有者', 'owner')
    >>> label(BUILDERS, "somebody")
    'somebody'
    """
    zh, en = vocabulary.get(term, (term, term))
    return zh if lang == "zh" else en


def label_all(vocabulary: Mapping[str, Label], joined: str, lang: Lang = "zh") -> str:
    """Return the labels of terms joined by ``;``, joined as the language does.

    >>> label_all(BUILDERS, "owner;manager", "zh"), label_all(BUILDERS, "owner;manager", "en")
    ('所有者、管理者', 'owner, manager')
    """
    return ("、" if lang == "zh" else ", ").join(label(vocabulary, term, lang) for term in joined.split(";"))


KINDS: dict[str, Label] = {
    "party_government_organ": ("党政机关", "Party and government organs"),
    "state_organ": (
        "国家机关",
        "State organs (legislature, executive, supervision, courts, procuratorates; not Party)",
    ),
    "radio_station": ("广播电台", "Radio station"),
    "tv_station": ("电视台", "Television station"),
    "press_publisher": ("报刊/报社", "Newspaper and periodical offices"),
    "important_news_unit": ("等重要新闻单位", "Other important news units"),
    "education_institution": ("教育单位/机构", "Education institutions (all levels)"),
    "school_kindergarten": ("学校（含幼儿园）", "Schools incl. kindergartens"),
    "research_institution": ("科研单位/机构", "Research institutions"),
    "medical_institution": ("医疗单位/机构", "Medical institutions"),
    "hospital": ("医院", "Hospitals"),
    "museum": ("博物馆", "Museums"),
    "memorial_hall": ("纪念馆", "Memorial halls"),
    "exhibition_hall": ("展览馆", "Exhibition halls that display important relics or material"),
    "cultural_relic_repository_other": (
        "其他集中陈列、存放重要文物资料的场所",
        "Other places holding important relics or documents",
    ),
    "cultural_venue": ("大型文化场所", "Large cultural venues"),
    "cinema_theatre": ("影剧院", "Cinemas and theatres"),
    "archive": ("档案馆", "Archives"),
    "state_secret_archive": ("存放国家机密档案、资料的场所", "Places storing state-secret files"),
    "protected_heritage": ("重点文物保护单位", "Key protected cultural relics sites"),
    "religious_place": ("宗教活动场所", "Registered places of religious activity"),
    "telecom_unit": ("电信单位", "Telecom units"),
    "communication_hub": ("通讯枢纽", "Communication hubs"),
    "large_data_centre": ("大型电子信息中心", "Large electronic-information (data) centres"),
    "postal_unit": ("邮政单位", "Postal units"),
    "large_energy_facility": ("大型能源动力设施", "Large energy and power facilities"),
    "power_supply_facility": ("供电设施", "Electricity supply facilities"),
    "water_supply_facility": ("供水设施", "Water supply facilities"),
    "gas_supply_facility": ("供气/燃气供应设施", "City gas supply facilities"),
    "heat_supply_facility": ("热力供应设施", "Heat supply facilities"),
    "oil_depot": ("油库", "Oil depots"),
    "fuel_station": ("加油站", "Filling stations (petrol, diesel)"),
    "gas_filling_station": ("加气站", "Gas (CNG/LNG/LPG) filling stations"),
    "fuel_oil_supply_facility": ("城市燃油供应设施", "City fuel-oil supply facilities"),
    "material_reserve_depot": ("重要物资仓库/物资储备单位", "Important material warehouses and reserve depots"),
    "water_conservancy_facility": ("水利设施/重要水利工程", "Water conservancy works"),
    "river_embankment": ("江河堤防", "River embankments and dykes"),
    "reservoir": ("水库", "Reservoirs"),
    "artificial_lake": ("人工湖", "Artificial lakes"),
    "flood_control_area": ("重点防洪排涝区域", "Key flood-control and drainage areas"),
    "weapons_ammunition_site": ("枪支弹药/武器、弹药库", "Arms and ammunition sites"),
    "civil_explosives_site": ("民用爆炸物品场所", "Civil explosives sites"),
    "flammable_explosive_goods_site": ("易燃易爆物品场所/仓库", "Flammable and explosive goods sites"),
    "highly_toxic_goods_site": ("剧毒物品场所/仓库", "Highly toxic goods sites"),
    "radioactive_material_site": ("放射性物品场所/仓库", "Radioactive material sites"),
    "drug_precursor_chemical_site": ("易制毒化学品场所", "Drug-precursor chemical sites"),
    "explosive_precursor_chemical_site": ("易制爆化学品场所", "Explosive-precursor chemical sites"),
    "dangerous_goods_site": ("危险物品单位（其他）", "Dangerous goods makers, sellers, stores (general)"),
    "pathogen_store": ("致病毒菌仓库", "Stores of pathogenic agents"),
    "controlled_drug_store": ("国家管制药品仓库", "Stores of state-controlled drugs"),
    "pathogen_culture_lab": ("实验、保藏传染性菌种、毒种的单位", "Labs handling or keeping infectious strains"),
    "chemical_enterprise": ("大型化工企业", "Large chemical enterprises"),
    "defence_industry_unit": ("国防科技工业重要产品研制、生产单位", "Defence-industry units"),
    "national_key_project_unit": ("国家重点建设工程单位", "National key construction project units"),
    "civil_air_defence_works": ("大型人防工程", "Large civil air-defence works"),
    "financial_institution": ("金融机构营业场所/金融单位", "Financial institutions (business premises)"),
    "financial_vault_store": (
        "金融单位集中存放场所（货币、有价证券等）",
        "Places where financial units store cash, securities, ledgers",
    ),
    "auction_house": ("拍卖行", "Auction houses"),
    "jewelry_precious_goods_shop": ("金银珠宝、玉石经营场所", "Gold, jewellery and jade dealers"),
    "airport": ("机场", "Airports"),
    "port": ("港口", "Ports"),
    "border_port_of_entry": ("口岸", "Ports of entry (border inspection)"),
    "passenger_station": ("车站", "Passenger stations (rail, coach)"),
    "wharf_pier": ("码头", "Wharves and piers"),
    "transport_hub_other": ("等重要交通枢纽", "Other important transport hubs"),
    "public_transport_vehicle": ("公共交通工具（公交车等）", "City public transport vehicles"),
    "rail_transit_vehicle": ("地铁/城市轨道车辆", "Metro and light-rail cars"),
    "passenger_coach_vehicle": ("客运车辆/长途客运车辆", "Passenger coaches"),
    "passenger_vessel": ("客轮/客运船/客运轮船", "Passenger ships"),
    "cruise_vessel": ("游轮", "Sightseeing cruise boats"),
    "expressway": ("高速公路", "Expressways"),
    "urban_road": ("城市道路/城市干道", "Urban roads"),
    "main_highway": ("主要公路", "Main highways (公路)"),
    "central_town_road": ("中心城镇的重要路段、路口", "Important segments and junctions in central towns"),
    "township_main_road": ("乡镇主要道路的重要路段", "Important segments of main township roads"),
    "road_junction": ("重要交通路口", "Important road junctions"),
    "city_gateway": ("城市主要出入口", "Main gateways of the city"),
    "rail_transit_line": ("轨道交通/地铁路段", "Rail transit lines and their segments"),
    "rail_transit_station": ("轨道交通站", "Rail transit stations and entrances"),
    "bridge": ("桥梁", "Bridges"),
    "tunnel": ("隧道", "Tunnels"),
    "pedestrian_crossing_facility": ("人行过街通道", "Pedestrian crossing passages (footbridges and underpasses)"),
    "underground_passage": ("地下通道", "Underground passages (road or pedestrian)"),
    "pedestrian_underpass": ("地下人行通道", "Pedestrian underpasses"),
    "public_transport_facility_other": ("等公共交通设施", "Other public transport facilities"),
    "complex_inland_water": ("内陆江河湖治安复杂水域", "Inland waters with complicated security"),
    "commercial_centre": ("商贸中心", "Commercial centres"),
    "commercial_street": ("商业街", "Commercial streets"),
    "pedestrian_street": ("步行街", "Pedestrian streets"),
    "farmers_market": ("农贸市场", "Farmers' markets"),
    "square": ("广场", "Squares and plazas"),
    "sports_venue": ("体育场馆", "Stadiums and sports halls"),
    "scenic_area": ("旅游景区（点）", "Scenic areas"),
    "park": ("公园", "Parks"),
    "convention_exhibition_centre": ("会议会展中心", "Convention and exhibition centres"),
    "other_public_gathering_place": ("等公众活动和聚集/人员密集场所", "Other public-activity and crowd places"),
    "special_trade_premises": ("特种行业", "Special trades under police control"),
    "hotel_lodging": ("宾馆、旅馆", "Hotels and lodging"),
    "internet_access_venue": ("互联网上网服务营业场所/网吧", "Internet cafes"),
    "logistics_delivery_site": ("物流寄递存储和运营场所", "Logistics, delivery, storage operations"),
    "logistics_centre": ("大型物流中心", "Large logistics centres"),
    "entertainment_venue": ("娱乐场所", "Entertainment venues"),
    "other_complex_security_place": ("等治安复杂场所", "Other places with complicated security"),
    "large_catering_venue": ("大型餐饮场所", "Large catering venues"),
    "residential_compound": ("住宅小区", "Residential compounds"),
    "parking_facility": ("停车场（库）", "Car parks and garages"),
    "public_parking": ("公共停车场", "Public car parks"),
    "emergency_evacuation_site": ("应急疏散场所", "Emergency evacuation sites"),
    "counter_terror_key_target": ("防范恐怖袭击的重点目标", "Key counter-terrorism targets"),
    "internal_security_key_unit": ("治安保卫重点单位", "Key internal-security units"),
    "foreign_related_place": ("重要涉外场所", "Important foreign-related places"),
    "crime_hotspot_area": ("易发或者频发刑事、治安案件的区域和场所", "Areas with frequent crime or public-order cases"),
    "other_social_public_area": ("等社会公共区域", "Other social public areas"),
    "other_designated_place": ("其他（兜底）", "Residual: other places by law or by designation"),
    "flammable_explosive_store": (
        "集中储存易燃易爆物品的仓库、场所",
        "Stores that keep flammable or explosive goods together",
    ),
    "energy_service_station_other": (
        "等服务提供单位（液化气、加氢、充换电）",
        "Other energy service stations (bottled gas, hydrogen, charging)",
    ),
    "other_common_parts": ("等公共部位", "Other common parts"),
    "transport_vehicle_other": ("等交通工具", "Other means of transport"),
    "other_communications_unit": ("等单位（通信）", "Other communications units"),
    "other_utility_unit": ("等单位（水电气热）", "Other utility units"),
}
