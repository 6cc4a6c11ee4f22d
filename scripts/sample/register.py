"""The register of existing cameras: the row that the police file holds of each.

The headers are those of the national one-camera-one-file register (一机一档), 73 columns, and behind them those that the
police added for cameras measured on site; coordinates are GCJ-02.
Names, phones, addresses of networks and passwords are placeholders (documentation ranges), so that readers can drop them.
"""

from __future__ import annotations

import csv
import io
from typing import Any

from sample.ground import gcj02, lonlat, true_azimuth
from sample.poles import Camera

HEADERS = [
    "序号",
    "设备编码*",
    "原设备编码",
    "设备名称*",
    "行政区划编码*",
    "监控点位类型*",
    "拾音器",
    "父设备",
    "建设单位/设备归属*",
    "建设单位/平台归属代码*",
    "管理单位*",
    "摄像机所属部门(警种)*",
    "管理员姓名*",
    "管理员联系电话*",
    "承建单位*",
    "维护单位*",
    "设备厂商*",
    "设备型号",
    "摄像机类型*",
    "接入方式",
    "摄像机功能类型*",
    "视频编码格式*",
    "图像分辨率*",
    "摄像机补光属性",
    "后端结构化",
    "镜头类型",
    "安装类型",
    "高度类型*",
    "所属辖区公安机关*",
    "安装地址*",
    "周边标志*",
    "经度*",
    "纬度*",
    "摄像机安装位置室内外*",
    "摄像机监控方位*",
    "立杆编号*",
    "摄像机实景图片",
    "联网属性",
    "接入网络*",
    "IPv4*",
    "IPv6",
    "MAC*",
    "访问端口",
    "关联编码器",
    "用户名",
    "口令",
    "通道号",
    "连接协议",
    "启用时间*",
    "报废时间",
    "设备状态*",
    "巡检状态",
    "视频丢失",
    "色彩失真",
    "视频模糊",
    "亮度异常",
    "视频干扰",
    "视频卡顿",
    "视频遮挡",
    "场景变更",
    "在线时长",
    "离线时长",
    "信令时延",
    "视频流时延",
    "关键帧时延",
    "录像保存天数*",
    "存储设备编码",
    "存储通道号",
    "存储设备IP",
    "存储类型",
    "备注",
    "采集区域类型*",
    "更新时间",
]
MEASURED = ["方位角", "水平视场角", "监控距离", "架设高度", "用途"]
"""Local columns, filled for measured cameras only."""

DIRECTION_CODES = {90: "1", 270: "2", 180: "3", 0: "4", 135: "5", 45: "6", 225: "7", 315: "8"}
DIRECTION_WORDS = {"6": "东北", "5": "东南", "1": "东"}
OWNERS: dict[str, tuple[str, str, str, str]] = {
    # who: owner, industry digits, point type, department code
    "police": ("樟桥公安分局", "00", "1", "1"),
    "traffic": ("樟桥区交通运输局", "04", "1", "12"),
    "city": ("樟桥区城市管理局", "08", "2", "17"),
    "school": ("樟桥区教育局", "11", "2", "8"),
    "hospital": ("樟桥区第一人民医院", "56", "2", "4"),
    "estate": ("和畅物业服务有限公司", "50", "3", "13"),
    "firm": ("金樟商业管理有限公司", "45", "3", "13"),
    "metro": ("澄安轨道交通集团有限公司", "46", "2", "12"),
    "bank": ("澄安银行股份有限公司", "49", "3", "11"),
    "person": ("张三", "80", "3", "1"),
}


def code_of(azimuth: float) -> str:
    """Return the register's direction code (1 to 8) nearest to an azimuth from true north."""
    return DIRECTION_CODES[int(round(azimuth / 45.0) % 8) * 45]


def _dms(value: float) -> str:
    whole = int(value)
    minutes = int((value - whole) * 60)
    return f"{whole}°{minutes}′{((value - whole) * 60 - minutes) * 60:.3f}″"


def row_of(camera: Camera, number: int) -> dict[str, str]:
    """Return the register's row of a camera."""
    owner, industry, point, department = OWNERS[camera.who]
    lon, lat = gcj02(*lonlat(camera.x, camera.y))
    if camera.flaw == "outside":
        lon, lat = lon + 0.13, lat + 0.05
    x, y = f"{lon:.6f}", f"{lat:.6f}"
    x, y = {
        "swapped": (y, x),
        "zero": ("0", "0"),
        "no_coordinates": ("", ""),
        "coordinate_text": ("不详", y),
        "no_decimal_point": (x.replace(".", ""), y),
        "dms": (_dms(lon), _dms(lat)),
    }.get(camera.flaw, (x, y))
    code = code_of(true_azimuth(camera.x, camera.y, camera.azimuth))
    code = "9" if camera.hfov >= 360 else code
    code = {
        "azimuth_missing": "",
        "direction_invalid": "朝向路口",
        "direction_word": DIRECTION_WORDS.get(code, "正" + {"4": "北", "3": "南", "2": "西"}.get(code, "东")),
    }.get(camera.flaw, code)
    address = camera.name if camera.who != "person" else "樟桥区某处"
    row = dict.fromkeys([*HEADERS, *MEASURED], "")
    row |= {
        "序号": str(number + 1),
        "设备编码*": f"320299{'01' if camera.x < 876 else '02'}{industry}1321{number + 1:06d}",
        "设备名称*": camera.name, "行政区划编码*": "320299", "监控点位类型*": point, "拾音器": "2", "建设单位/设备归属*": owner,
        "建设单位/平台归属代码*": industry, "管理单位*": owner, "摄像机所属部门(警种)*": department, "管理员姓名*": ("张三", "李四", "王五", "赵六")[number % 4],
        "管理员联系电话*": "13800000000", "承建单位*": "樟桥安防工程公司", "维护单位*": "樟桥安防工程公司", "设备厂商*": "1", "设备型号": f"ZQ-{camera.shape}00",
        "摄像机类型*": camera.shape, "接入方式": "1", "摄像机功能类型*": "03" if camera.shape == "5" else "99", "视频编码格式*": "5", "图像分辨率*": camera.pixels,
        "摄像机补光属性": "2" if not camera.indoor else "1", "安装类型": "1" if camera.pole else "3",
        "高度类型*": {3.5: "1", 6.0: "4", 6.5: "5"}.get(camera.height, "2"), "所属辖区公安机关*": "樟桥派出所" if camera.x < 876 else "运东派出所",
        "安装地址*": address, "周边标志*": "", "经度*": x, "纬度*": y, "摄像机安装位置室内外*": "2" if camera.indoor else "1",
        "摄像机监控方位*": code, "立杆编号*": camera.pole, "联网属性": "已联网" if camera.who in ("police", "traffic", "city", "school") else "未联网",
        "接入网络*": "1" if camera.who in ("police", "traffic") else "8", "IPv4*": f"192.0.2.{number % 250 + 1}", "MAC*": f"00:00:5E:00:53:{number % 256:02X}",
        "访问端口": "554", "用户名": "sample", "口令": f"notapassword{number % 10}", "通道号": "1", "连接协议": "1", "启用时间*": f"20{16 + number % 9}-{number % 12 + 1:02d}-15",
        "设备状态*": "" if camera.flaw == "blank_status" else camera.status, "录像保存天数*": camera.retention, "存储设备IP": f"198.51.100.{number % 250 + 1}",
        "备注": "联系人电话13800000000，平台192.0.2.9" if camera.flaw == "phone_in_remark" else "", "采集区域类型*": camera.area_type, "更新时间": "2026-02-01",
    }  # fmt: skip
    if camera.measured:
        azimuth = true_azimuth(camera.x, camera.y, camera.azimuth)
        pose = (azimuth, f"{camera.hfov:.0f}", f"{camera.reach:.0f}", camera.height)
        row |= dict(zip(MEASURED, map(str, (*pose, "车辆" if camera.shape == "5" else "概览")), strict=True))
    return row


def repeats(found: list[Camera]) -> list[int]:
    """Return the numbers of the cameras in the order of the file's rows: one row stands there twice."""
    order = list(range(len(found)))
    return [*order[:40], 39, *order[40:]]


def write_register(found: list[Camera]) -> str:
    """Return the register as CSV text."""
    out = io.StringIO()
    writer = csv.DictWriter(out, [*HEADERS, *MEASURED], lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(row_of(found[n], n) for n in repeats(found))
    return out.getvalue()


def true_poses(found: list[Camera]) -> list[dict[str, Any]]:
    """Return for each row of the file the pose that the camera truly has, and the row's flaw if it has one."""
    rows: list[dict[str, Any]] = []
    seen: set[int] = set()
    for source_row, n in enumerate(repeats(found), start=2):
        c = found[n]
        lon, lat = lonlat(c.x, c.y)
        azimuth = true_azimuth(c.x, c.y, c.azimuth)
        rows.append(
            {
                "source_row": source_row, "device_id": row_of(c, n)["设备编码*"], "name": c.name, "lon": lon, "lat": lat,
                "azimuth": azimuth, "hfov": c.hfov, "mount_height": c.height, "indoor": c.indoor, "pole_id": c.pole,
                "status": {"1": "in_use", "2": "repair", "3": "removed"}[c.status] if c.flaw != "blank_status" else "in_use",
                "owner_class": _owner_class(c.who), "flaw": "repeated" if n in seen else c.flaw,
                "azimuth_known": c.flaw not in ("azimuth_missing", "direction_invalid"),
            }
        )  # fmt: skip
        seen.add(n)
    return rows


def _owner_class(who: str) -> str:
    return {
        "police": "police",
        "traffic": "government",
        "city": "government",
        "school": "government",
        "hospital": "public_body",
        "person": "person",
    }.get(who, "enterprise")
