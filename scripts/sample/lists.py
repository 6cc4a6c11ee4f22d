"""The planner's own lists of the sample: places that no map shows, records of owners and agreements, the study file."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from sample.drawing import Drawing
from sample.ground import lonlat


@dataclass(frozen=True)
class Listed:
    """A place that only the planner's list holds. All names are invented; ``secret`` ones never leave a restricted product."""

    place_id: str
    name: str
    kind: str
    x: float
    y: float
    secret: bool = False
    ground: float = 0.0


LISTED: tuple[Listed, ...] = tuple(
    Listed(f"LB-{number:03d}", *row)  # type: ignore[arg-type]
    for number, row in enumerate(
        (
            ("樟桥区融媒体中心", "important_news_unit", 590.0, 1046.0),
            ("樟桥文物库房（甲）", "cultural_relic_repository_other", 910.0, 370.0, True),
            ("档案专库（甲）", "state_secret_archive", 672.0, 776.0, True),
            ("柳塘低洼易涝片", "flood_control_area", 410.0, 330.0),
            ("专用库房（甲）", "weapons_ammunition_site", 560.0, 772.0, True),
            ("烟花爆竹临时销售点", "civil_explosives_site", 230.0, 240.0),
            ("危化品储存单元（甲）", "flammable_explosive_store", 1596.0, 968.0, True),
            ("剧毒品专柜（甲）", "highly_toxic_goods_site", 1492.0, 976.0, True),
            ("放射源暂存点（甲）", "radioactive_material_site", 120.0, 796.0, True),
            ("易制毒品仓（甲）", "drug_precursor_chemical_site", 1536.0, 976.0, True),
            ("易制爆品仓（甲）", "explosive_precursor_chemical_site", 1536.0, 986.0, True),
            ("菌种保藏室（甲）", "pathogen_culture_lab", 150.0, 880.0, True),
            ("毒株库（甲）", "pathogen_store", 96.0, 868.0, True),
            ("麻精药品库（甲）", "controlled_drug_store", 204.0, 784.0, True),
            ("甲类军工配套厂", "defence_industry_unit", 1040.0, 970.0, True),
            ("樟溪综合整治工程项目部", "national_key_project_unit", 1060.0, 440.0),
            ("地下人防片（甲）", "civil_air_defence_works", 640.0, 660.0, True, 12000.0),
            ("金库（甲）", "financial_vault_store", 795.0, 530.0, True),
            ("樟桥拍卖行", "auction_house", 906.0, 620.0),
            ("樟桥站综合换乘中心", "transport_hub_other", 1350.0, 660.0),
            ("公交车队（登记）", "public_transport_vehicle", 1260.0, 230.0),
            ("地铁车辆（登记）", "rail_transit_vehicle", 600.0, 742.0),
            ("客运车队（登记）", "passenger_coach_vehicle", 1260.0, 690.0),
            ("客船（登记）", "passenger_vessel", 705.0, 405.0),
            ("游船（登记）", "cruise_vessel", 712.0, 405.0),
            ("其他交通工具（登记）", "transport_vehicle_other", 1330.0, 610.0),
            ("樟溪东段治安复杂水域", "complex_inland_water", 1250.0, 428.0),
            ("樟桥社区活动广场棚", "other_public_gathering_place", 640.0, 1000.0),
            ("柳塘旧货夜市", "other_complex_security_place", 350.0, 268.0),
            ("重点目标（甲）", "counter_terror_key_target", 630.0, 868.0, True),
            ("治安保卫重点单位（甲）", "internal_security_key_unit", 365.0, 1150.0, True),
            ("易发案片（柳塘村北）", "crime_hotspot_area", 400.0, 240.0),
            ("溪滨步道亲水段", "other_social_public_area", 900.0, 476.0),
            ("联席会议指定点（一）", "other_designated_place", 860.0, 612.0),
            ("港西路充换电站", "energy_service_station_other", 1462.0, 746.0),
            ("樟苑花园地下车库连廊", "other_common_parts", 170.0, 618.0),
            ("铁塔运维站", "other_communications_unit", 1180.0, 1046.0),
            ("望山集中供冷站", "other_utility_unit", 820.0, 1116.0),
        ),
        start=1,
    )
)

RECORDS: tuple[tuple[str, str, str, str, str], ...] = (
    ("mall", "agreement", "金樟商业管理有限公司", "樟会纪〔2025〕3号", "2025-06-11"),
    ("carpark", "operating_unit", "樟桥城市停车运营有限公司", "樟会纪〔2025〕3号", "2025-06-11"),
    ("gov", "state_owned", "是", "国有资产登记表", "2024-12-31"),
    ("hospital", "state_owned", "是", "国有资产登记表", "2024-12-31"),
    ("hospital", "manager", "樟桥区第一人民医院", "国有资产登记表", "2024-12-31"),
    ("theatre", "manager", "樟桥文化旅游发展中心", "国有资产登记表", "2024-12-31"),
    ("yinxing", "owner", "银杏花园全体业主", "物业管理备案", "2018-08-01"),
    ("yinxing", "completed_on", "2018-06-30", "竣工验收备案表", "2018-06-30"),
    ("temple", "designation", "宗教活动场所登记证", "樟宗登〔2009〕1号", "2009-05-20"),
    ("taoist", "designation", "宗教活动场所登记证", "樟宗登〔2009〕2号", "2009-05-20"),
    ("square", "state_owned", "是", "国有资产登记表", "2024-12-31"),
)

STUDY = """# One study of the embedded district: everything in it is invented.
name = "樟桥区公共安全视频图像信息系统覆盖研究（示例）"
date = 2026-03-01
rulebook = "wuxi_2019"
records = "records.csv"
requirements = "requirements.toml"
marking = "内部资料"
recipient = "樟桥区公共安全视频图像信息系统联席会议（示例）"

# made-up money and prices: see catalogue.toml of the package
[plan]
budget = 300000
year = 2027
drafters = ["樟桥公安分局（示例）"]

[[osm]]
file = "district.osm"

[[cameras]]
file = "cameras.csv"
name = "gongan"
datum = "gcj02"
department = "樟桥公安分局"

[[cameras]]
file = "cameras_estates.csv"
name = "wuye"
datum = "wgs84"
department = "住房城乡建设"
owner_class = "residents"

[[proposed]]
file = "proposed.csv"
datum = "gcj02"

[[places]]
file = "places.csv"
datum = "wgs84"
"""

REQUIREMENTS = """# What this district asks beyond the defaults: two cameras before each bank.
[parts.business_premises.area]
cameras = 2
"""


def _csv(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def places_csv() -> str:
    """Return the planner's places table."""
    rows = []
    for p in LISTED:
        lon, lat = lonlat(p.x, p.y)
        ground = f"{p.ground:.0f}" if p.ground else ""
        rows.append((p.place_id, p.name, p.kind, f"{lon:.6f}", f"{lat:.6f}", "是" if p.secret else "否", ground))
    return _csv(("place_id", "name", "kind", "lon", "lat", "secret", "ground"), rows)


def records_csv(d: Drawing) -> str:
    """Return the records, whose places are named by their OSM ids."""
    rows = [(d.shown[key][0], fact, value, document, date) for key, fact, value, document, date in RECORDS]
    return _csv(("place_id", "fact", "value", "document", "date"), rows)
