"""A list of proposed cameras, some of which repeat what stands already, with the true answer for each.

The answer follows from how each was planned against the true poses of the existing ones, not from any measurement.
"""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

from sample.ground import gcj02, lonlat, true_azimuth
from sample.poles import Camera

HEADERS = [
    "camera_id",
    "name",
    "department",
    "owner",
    "owner_class",
    "status",
    "lon",
    "lat",
    "azimuth",
    "hfov",
    "tilt",
    "mount_height",
    "pixels",
    "reach",
    "purpose",
    "cost",
]


@dataclass(frozen=True)
class Proposal:
    """A proposed camera on the plan's grid, and whether it repeats others: `yes`, `no` or `possible`."""

    name: str
    x: float
    y: float
    azimuth: float
    duplicate: str
    action: str
    why: str
    of: tuple[str, ...] = ()
    hfov: float = 60.0
    reach: float = 60.0
    height: float = 5.0
    pixels: int = 1920
    purpose: str = "overview"
    department: str = "樟桥公安分局"
    owner_class: str = "police"


def proposals(police: list[Camera]) -> list[Proposal]:
    """Return the proposals in order."""
    sound = [c for c in police if c.status == "1" and not c.indoor]
    known = [c for c in sound if not c.flaw]
    on_street = [
        c for c in known if c.name[:2] in ("樟桥", "樟湖", "安和", "学府") and ("路段" in c.name or "中段" in c.name)
    ]
    found = [
        _beside(c, "yes", "upgrade", "same spot, same view, but the existing camera keeps 15 days only")
        if c.retention == "15"
        else _beside(c, "yes", "drop", "same spot, same view, in use and connected")
        for c in on_street[:4]
    ]
    gates = [c for c in known if c.who == "estate" and c.name.endswith("外")]
    found += [
        _beside(c, "yes", "connect", "an estate's camera sees it, but is not connected", owner=c.name)
        for c in gates[:2]
    ]
    broken = [c for c in police if c.status == "2" and not c.indoor and not c.flaw]
    found += [_beside(c, "yes", "repair", "the existing camera is under repair") for c in broken[:1]]
    removed = [c for c in police if c.status == "3" and not c.indoor]
    found += [
        _beside(c, "no", "co-locate", "the old camera was taken down, its pole still bears another")
        for c in removed[:1]
    ]
    unaimed = [c for c in sound if c.flaw == "azimuth_missing" and c.who in ("police", "traffic")]
    found += [
        _beside(
            c, "possible", "keep", "the existing camera's direction is not on file: to be checked on site", aside=1.2
        )
        for c in unaimed[:3]
    ]
    poles = [c for c in known if c.pole.startswith("JK")]
    found += [
        Proposal(
            f"{c.name}（背向）",
            c.x,
            c.y,
            (c.azimuth + 180) % 360,
            "no",
            "co-locate",
            "same pole, opposite direction",
            (c.name,),
        )
        for c in poles[:2]
    ]
    found += [
        Proposal("通用机场北侧全景", 1536, 214, 180, "yes", "drop", "only three existing cameras together cover it", ("通用机场北侧1", "通用机场北侧2", "通用机场北侧3"), 90, 50),
        Proposal("樟苑花园北墙内侧", 214, 712, 90, "no", "keep", "a wall stands between it and the camera on the street", (), 60),
        Proposal("桂花苑北墙内侧", 460, 712, 270, "no", "keep", "a wall stands between it and the camera on the street", (), 60),
        Proposal("图书馆北侧通道", 690, 577, 0, "no", "keep", "the library hides this passage from the cameras south of it", (), 70),
        Proposal("金樟广场西门人脸", 779, 682, 270, "no", "keep", "for faces: another purpose and density than the overview camera there", ("金樟广场西门",), 20, 15, 3.0, 1920, "face"),
        Proposal("樟桥收费站车牌", 604, 1141, 270, "no", "keep", "for number plates: another purpose than the overview", ("樟桥收费站1",), 18, 25, 6.5, 1920, "plate"),
        Proposal("澄安银行门前二", 797, 504, 0, "no", "keep", "two cameras are required before a bank", ("澄安银行门前",), 80, 30),
        Proposal("博物馆门前室外", 911, 343.5, 180, "yes", "drop", "the museum's camera sees the same forecourt", ("樟桥博物馆门前",), 80, 40, 5.0, 1280),
        Proposal("博物馆北侧", 911, 381, 0, "no", "keep", "the camera inside the museum sees no outdoor ground", ("樟桥博物馆展厅",), 70),
        Proposal("市民广场东北角（城管）", 710, 710, 225, "yes", "drop", "the police have the same view of the square", ("市民广场东北角",), 78, 80, 4.5, 1280, "overview", "樟桥区城市管理局", "government"),
        Proposal("港城路与樟湖大道路口（公安）", 1672, 752, 180, "no", "keep", "nothing stands here; the first of two proposals for one corner", (), 60),
        Proposal("港城路与樟湖大道路口（交通）", 1673, 752, 182, "yes", "drop", "another department proposes the same corner", ("港城路与樟湖大道路口（公安）",), 60, 60, 6.0, 1920, "overview", "樟桥区交通运输局", "government"),
    ]  # fmt: skip
    found += [
        Proposal(name, x, y, look, "no", "keep", "no camera near: it closes a gap", (), 70)
        for name, x, y, look in (
            ("港西路与安和东路路口", 1458.0, 938.0, 90.0),
            ("港城路南段", 1670.0, 200.0, 0.0),
            ("柳岸人家东侧", 1182.0, 200.0, 180.0),
            ("香樟路北段", 1198.0, 1060.0, 180.0),
            ("云谷路中段", 1090.0, 1002.0, 90.0),
            ("柳塘一巷西段", 100.0, 187.0, 90.0),
        )
    ]
    return found


def _beside(c: Camera, duplicate: str, action: str, why: str, *, owner: str = "", aside: float = 0.0) -> Proposal:
    """Return a proposal half a metre before an existing camera, or so far aside of it, that looks the same way."""
    look = math.radians(c.azimuth)
    return Proposal(
        f"{c.name}（新建）",
        c.x + 0.5 * math.sin(look) + aside * math.cos(look),
        c.y + 0.5 * math.cos(look) - aside * math.sin(look),
        c.azimuth,
        duplicate,
        action,
        why,
        (owner or c.name,),
        c.hfov,
    )


def write_proposed(found: list[Proposal]) -> str:
    """Return the proposals as CSV text; positions in GCJ-02, as the existing register."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADERS)
    for n, p in enumerate(found, start=1):
        lon, lat = gcj02(*lonlat(p.x, p.y))
        azimuth = true_azimuth(p.x, p.y, p.azimuth)
        writer.writerow(
            [
                f"N{n:02d}",
                p.name,
                p.department,
                p.department,
                p.owner_class,
                "planned",
                f"{lon:.7f}",
                f"{lat:.7f}",
                azimuth,
                f"{p.hfov:.0f}",
                12,
                p.height,
                p.pixels,
                f"{p.reach:.0f}",
                p.purpose,
                28000,
            ]
        )
    return out.getvalue()


def true_duplicates(found: list[Proposal]) -> list[dict[str, Any]]:
    """Return the true answer for each proposal."""
    return [
        {
            "camera_id": f"N{n:02d}",
            "name": p.name,
            "duplicate": p.duplicate,
            "action": p.action,
            "of": list(p.of),
            "why": p.why,
        }
        for n, p in enumerate(found, start=1)
    ]
