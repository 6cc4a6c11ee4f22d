"""The second register: cameras of estate companies in the English headers of a GB/T 28181 catalogue, WGS-84, GB18030."""

from __future__ import annotations

import csv
import io
from typing import Any

from sample.ground import lonlat, true_azimuth
from sample.poles import Camera
from sample.register import code_of

HEADERS = [
    "DeviceID",
    "Name",
    "Manufacturer",
    "Model",
    "CivilCode",
    "Address",
    "IPAddress",
    "Port",
    "Status",
    "Longitude",
    "Latitude",
    "PTZType",
    "RoomType",
    "DirectionType",
    "Resolution",
    "HorizontalFieldAngle",
    "VerticalFieldAngle",
    "MaxViewDistance",
    "PointType",
    "InstallTime",
    "ManagementUnit",
    "ContactInfo",
    "RecordSaveDays",
]
SAME_DEVICES = ("樟苑花园南门外", "安和家园北门外", "银杏花园西门外")
"""Cameras that stand in both registers: they must count once."""


def estate_cameras(police: list[Camera]) -> list[Camera]:
    """Return the cameras of the estates: three of the police register again, and those of two further compounds."""
    again = [c for name in SAME_DEVICES for c in police if c.name == name]
    own: list[Camera] = []
    for n, (x, y, look, where) in enumerate(
        (
            (1013.0, 624.0, 90.0, "学府雅苑西门内"),
            (1169.0, 612.0, 90.0, "学府雅苑东门外"),
            (1169.0, 624.0, 270.0, "学府雅苑东门内"),
            (1030.0, 545.0, 0.0, "学府雅苑南侧路"),
            (1080.0, 600.0, 90.0, "学府雅苑中心路1"),
            (1098.0, 640.0, 180.0, "学府雅苑中心路2"),
            (1168.5, 712.5, 225.0, "学府雅苑东北角"),
            (1013.5, 712.5, 135.0, "学府雅苑西北角"),
            (1212.0, 988.0, 270.0, "香樟公馆西门外"),
            (1212.0, 998.0, 90.0, "香樟公馆西门内"),
            (1319.0, 951.0, 315.0, "香樟公馆东南角"),
            (1319.0, 1037.0, 225.0, "香樟公馆东北角"),
            (1085.0, 112.0, 180.0, "柳岸人家南门外"),
            (1085.0, 112.0, 0.0, "柳岸人家南门内"),
            (1090.0, 180.0, 270.0, "柳岸人家中心路"),
        )
    ):
        own.append(
            Camera(where, "estate", x, y, look, 76.0, "3", 3.5, "6", "", f"WY{n:02d}", retention="30" if n % 4 else "7")
        )
    return [*again, *own]


def _row(camera: Camera, number: int, police_ids: dict[str, str]) -> dict[str, str]:
    lon, lat = lonlat(camera.x, camera.y)
    code = code_of(true_azimuth(camera.x, camera.y, camera.azimuth))
    return {
        "DeviceID": police_ids.get(camera.name, f"320299{'01' if camera.x < 876 else '02'}801327{number + 1:06d}"),
        "Name": camera.name, "Manufacturer": "示例", "Model": "ZQ-300", "CivilCode": "320299", "Address": camera.name[:4],
        "IPAddress": f"203.0.113.{number + 1}", "Port": "5060", "Status": "OFF" if number == 9 else "ON",
        "Longitude": f"{lon:.7f}", "Latitude": f"{lat:.7f}", "PTZType": "3", "RoomType": "1",
        "DirectionType": "" if number % 6 == 5 else code, "Resolution": "6", "HorizontalFieldAngle": f"{camera.hfov:.0f}",
        "VerticalFieldAngle": "43", "MaxViewDistance": "60", "PointType": "3", "InstallTime": "2023-04-01T00:00:00",
        "ManagementUnit": "和畅物业服务有限公司", "ContactInfo": "赵六 13800000000", "RecordSaveDays": camera.retention,
    }  # fmt: skip


def write_estates(found: list[Camera], police_ids: dict[str, str]) -> str:
    """Return the second register as CSV text; ``police_ids`` gives the 20-digit ids by name of the shared devices."""
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADERS, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(_row(c, n, police_ids) for n, c in enumerate(found))
    return out.getvalue()


def true_estate_poses(found: list[Camera]) -> list[dict[str, Any]]:
    """Return the true pose of each row of the second register."""
    rows: list[dict[str, Any]] = []
    for n, c in enumerate(found):
        lon, lat = lonlat(c.x, c.y)
        flaw = "same_device" if c.name in SAME_DEVICES else "azimuth_missing" if n % 6 == 5 else ""
        rows.append(
            {
                "source_row": n + 2, "name": c.name, "lon": lon, "lat": lat, "azimuth": true_azimuth(c.x, c.y, c.azimuth),
                "hfov": c.hfov, "mount_height": c.height, "azimuth_known": n % 6 != 5, "flaw": flaw,
                "status": "repair" if n == 9 else "in_use",
            }
        )  # fmt: skip
    return rows
