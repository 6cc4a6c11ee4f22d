"""A small hand-drawn town with hostile names, and its results.

Metres east and north of a corner in UTM zone 50N (Nanjing). Two crossing streets, an alley, a compound with a gate,
two buildings, a square::

    y 300 |          north street (x = 200)
          |   +-----+  |   +----+
      200 |   |  A  |  |   | B  |
          |   +-gate+  |   +----+
      100 |------------+---------------- east street (y = 100)
          |  [square]  |
        0 +------------+----------------
          0   50  150  200  250 300  400
"""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hostile import FORMULA, HOSTILE, HOSTILE_SCRIPT
from pyproj import CRS
from shapely import affinity
from shapely.geometry import LineString, MultiLineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry

from citycover import tables
from citycover.city.model import City
from citycover.publish.results import Results

CRS_TOWN = CRS.from_epsg(32650)
CORNER = (669_000.0, 3_546_000.0)


def at(shape: BaseGeometry) -> BaseGeometry:
    """Move a shape of the drawing to its place in the CRS."""
    return affinity.translate(shape, *CORNER)


def table(name: str, rows: list[dict]) -> pd.DataFrame:
    rows = [{**row, "geometry": at(row["geometry"])} if "geometry" in row else row for row in rows]
    return tables.conform(name, rows, crs=CRS_TOWN)


@pytest.fixture(scope="session")
def town() -> City:
    streets = table(
        "streets",
        [
            {
                "street_id": "S1",
                "name": "东街",
                "road_class": "primary",
                "width": 14.0,
                "geometry": LineString([(0, 100), (400, 100)]),
            },
            {
                "street_id": "S2",
                "name": HOSTILE,
                "road_class": "residential",
                "width": 7.0,
                "geometry": LineString([(200, 0), (200, 300)]),
            },
            {
                "street_id": "S3",
                "name": None,
                "road_class": "service",
                "tunnel": True,
                "geometry": LineString([(100, 100), (100, 150)]),
            },
        ],
    )
    buildings = table(
        "buildings",
        [
            {"building_id": "way/1", "name": "甲楼", "height": 12.0, "geometry": box(50, 150, 150, 220)},
            {"building_id": "way/2", "name": None, "height": None, "geometry": box(250, 150, 300, 220)},
        ],
    )
    places = table(
        "places",
        [
            {"place_id": "way/1", "name": HOSTILE, "geometry": box(50, 150, 150, 220)},
            {"place_id": "way/9", "name": "中心广场", "geometry": box(20, 20, 150, 80)},
        ],
    )
    landscape = table(
        "landscape",
        [
            {"feature_id": "way/20", "feature": "water", "name": "护城河", "geometry": box(0, 260, 400, 290)},
            {"feature_id": "way/21", "feature": "rail", "geometry": LineString([(0, 240), (400, 250)])},
            {"feature_id": "way/22", "feature": "green", "geometry": box(310, 20, 390, 80)},
        ],
    )
    frames = {
        name: table(name, []) for name in ("junctions", "entrances", "barriers", "trees", "public_ground", "districts")
    }
    frames["junctions"] = table(
        "junctions", [{"junction_id": "J1", "name": "东街–北街", "legs": 4, "geometry": Point(200, 100)}]
    )
    frames["entrances"] = table("entrances", [{"entrance_id": "E1", "place_id": "way/1", "geometry": Point(100, 150)}])
    kinds = [
        {"place_id": "way/1", "kind": "school_kindergarten", "evidence": "amenity=school", "confidence": "high"},
        {"place_id": "way/9", "kind": "square", "evidence": "place=square", "confidence": "high"},
    ]
    return City(
        crs=CRS_TOWN,
        area=at(box(0, 0, 400, 300)),
        streets=streets,
        buildings=buildings,
        places=places,
        place_kinds=tables.conform("place_kinds", kinds),
        landscape=landscape,
        cameras=table("cameras", []),
        rejects=tables.conform("rejects", []),
        counts={"cut_by_edge": 2},
        **frames,
    )


@pytest.fixture(scope="session")
def results(town: City) -> Results:
    """Three mandates (one undecided), five gaps, four cameras (1 counts, 1 range, 2 do not), one reject."""
    common = {"rulebook": "wuxi_2019", "article": "第八条"}
    mandates = table(
        "mandates",
        [
            {
                **common,
                "mandate_id": "M1",
                "place_id": "way/1",
                "name": HOSTILE,
                "item": "（二）",
                "kind": "school_kindergarten",
                "term": "学校",
                "part": "entrances_and_perimeter",
                "standing": "named",
                "builder": "manager",
                "builder_evidence": FORMULA,
                "evidence": "amenity=school",
                "geometry": box(50, 150, 150, 220),
            },
            {
                **common,
                "mandate_id": "M2",
                "place_id": "way/9",
                "name": "中心广场",
                "item": "（六）",
                "kind": "square",
                "term": "广场",
                "part": "site_per_plan",
                "standing": "named",
                "builder": "government",
                "geometry": box(20, 20, 150, 80),
            },
            {
                **common,
                "mandate_id": "M3",
                "place_id": "S1",
                "name": "东街",
                "item": "（一）",
                "kind": "urban_road" if "urban_road" in tables.terms.KINDS else "square",
                "term": "道路",
                "part": "important_segments",
                "standing": "undecided",
                "standing_reason": "重要路段待认定",
                "builder": "government",
                "needs_record": "重要路段名录",
                "geometry": LineString([(0, 100), (400, 100)]),
            },
        ],
    )
    gap = {"article": "第八条", "reason": "no_camera_near", "nearest_camera": 62.5, "nearest_camera_id": "CAM-1"}
    gaps = table(
        "gaps",
        [
            {
                **gap,
                "gap_id": "G1",
                "mandate_id": "M1",
                "place_id": "way/1",
                "name": HOSTILE,
                "component": "entrance",
                "size": 1.0,
                "unit": "point",
                "builder": "manager",
                "item": "（二）",
                "kind": "school_kindergarten",
                "standing": "named",
                "priority": 80.0,
                "geometry": Point(100, 150),
            },
            {
                **gap,
                "gap_id": "G2",
                "mandate_id": "M1",
                "place_id": "way/1",
                "name": HOSTILE_SCRIPT,
                "component": "ring",
                "size": 120.0,
                "unit": "m",
                "builder": "manager",
                "item": "（二）",
                "kind": "school_kindergarten",
                "standing": "named",
                "priority": 65.0,
                "geometry": LineString([(50, 150), (50, 220), (100, 220)]),
            },
            {
                **gap,
                "gap_id": "G3",
                "mandate_id": "M2",
                "place_id": "way/9",
                "name": "中心广场西侧",
                "component": "area",
                "size": 2400.0,
                "unit": "m2",
                "builder": "government",
                "item": "（六）",
                "kind": "square",
                "standing": "named",
                "priority": 10.0,
                "geometry": box(20, 20, 60, 80),
            },
            {
                **gap,
                "gap_id": "G4",
                "mandate_id": "M3",
                "place_id": "S1",
                "name": "东街 东段",
                "component": "segment",
                "size": 150.0,
                "unit": "m",
                "builder": "government",
                "item": "（一）",
                "kind": "square",
                "standing": "undecided",
                "priority": None,
                "geometry": MultiLineString([[(220, 100), (300, 100)], [(330, 100), (400, 100)]]),
            },
            {
                **gap,
                "gap_id": "G5",
                "mandate_id": "M2",
                "place_id": "way/9",
                "name": "中心广场东侧",
                "component": "area",
                "size": 1.5,
                "unit": "m2",
                "builder": None,
                "item": "（六）",
                "kind": "square",
                "standing": "named",
                "priority": None,
                "nearest_camera": None,
                "nearest_camera_id": None,
                "geometry": box(120, 20, 150, 80),
            },
        ],
    )
    camera = {"owner_class": "police", "status": "in_use", "register": "警用", "count": 1}
    cameras = table(
        "cameras",
        [
            {
                **camera,
                "camera_id": "CAM-1",
                "name": FORMULA,
                "azimuth": 90.0,
                "hfov": 60.0,
                "reach": 50.0,
                "counts": "yes",
                "counts_reason": "",
                "geometry": Point(160, 90),
            },
            {
                **camera,
                "camera_id": "CAM-2",
                "name": HOSTILE,
                "azimuth": None,
                "hfov": None,
                "count": 3,
                "counts": "range",
                "counts_reason": "azimuth_unknown",
                "geometry": Point(240, 140),
            },
            {
                **camera,
                "camera_id": "@CAM-3",
                "name": "坏\x07掉的",
                "status": "removed",
                "azimuth": 10.0,
                "hfov": 90.0,
                "counts": "no",
                "counts_reason": "not_in_use",
                "geometry": Point(330, 60),
            },
            {
                **camera,
                "camera_id": "CAM-4",
                "name": "大厅",
                "indoor": True,
                "counts": "no",
                "counts_reason": "indoor",
                "geometry": Point(270, 180),
            },
        ],
    )
    views = table(
        "views",
        [
            {
                "view_id": "CAM-1:exact",
                "camera_id": "CAM-1",
                "end": "exact",
                "ground": 1309.0,
                "geometry": Polygon([(160, 90), (203, 65), (210, 90), (203, 115)]),
            },
            {
                "view_id": "CAM-2:high",
                "camera_id": "CAM-2",
                "end": "high",
                "ground": 7000.0,
                "geometry": Point(240, 140).buffer(40),
            },
        ],
    )
    coverage = tables.conform(
        "coverage",
        [
            {
                "mandate_id": "M1",
                "component": "entrance",
                "required": 1.0,
                "seen_low": 0.0,
                "seen_expected": 0.25,
                "seen_high": 1.0,
                "unit": "point",
                "share_low": 0.0,
                "share_expected": 0.25,
                "share_high": 1.0,
                "state": "partly",
            },
            {
                "mandate_id": "M2",
                "component": "area",
                "required": 7800.0,
                "seen_low": 3900.0,
                "seen_expected": 4680.0,
                "seen_high": 5460.0,
                "unit": "m2",
                "share_low": 0.5,
                "share_expected": 0.6,
                "share_high": 0.7,
                "state": "partly",
            },
        ],
    )
    targets = tables.conform(
        "targets",
        [{"target_id": 0, "x": CORNER[0] + 100, "y": CORNER[1] + 150, "z": 1.5, "size": 1.0, "unit": "point"}],
    )
    demands = tables.conform(
        "demands",
        [
            {
                "target_id": 0,
                "mandate_id": "M1",
                "component": "entrance",
                "weight": 1.0,
                "density_required": 125.0,
                "cameras_required": 1,
            }
        ],
    )
    seen = pd.DataFrame({"target_id": [0], "density_low": [0.0], "density_high": [40.0], "best_camera": ["CAM-1"]})
    return Results(
        name="示例片区",
        date="2026-11-20",
        rulebook_id="wuxi_2019",
        rulebook_title="无锡市公共安全视频图像信息系统管理办法",
        overlay_id=None,
        classification="内部资料",
        recipient="市公安局",
        lang="zh",
        city=town,
        mandates=mandates,
        targets=targets,
        demands=demands,
        seen=seen,
        views=views,
        coverage=coverage,
        gaps=gaps,
        indoor=tables.conform(
            "indoor",
            [{"mandate_id": "M1", "place_id": "way/1", "name": HOSTILE, "part": "public_parts", "what": "门厅"}],
        ),
        notices=tables.conform(
            "notices",
            [
                {
                    "notice_id": "N1",
                    "place_id": "way/1",
                    "name": HOSTILE,
                    "builder": "manager",
                    "articles": "第八条（二）",
                    "gaps": "G1;G2",
                    "points": 1.0,
                    "metres": 120.0,
                    "square_metres": 0.0,
                }
            ],
        ),
        cameras=cameras,
        rejects=tables.conform(
            "rejects",
            [
                {
                    "reject_id": "r:7",
                    "source": "register.csv",
                    "row": 7,
                    "column": "经度",
                    "reason": "needed a longitude, given nothing",
                }
            ],
        ),
        levels=(12.5, 25.0),
        defaults={"mount_height": 2},
        notes=(("样例说明", "a note"),),
        inputs={"town.osm": "0" * 64},
    )


@pytest.fixture(scope="session")
def headline() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "unit": ["point", "m2"],
            "required": [4.0, 7800.0],
            "seen_low": [1.0, 3900.0],
            "seen_expected": [1.5, 4680.0],
            "seen_high": [3.0, 5460.0],
        }
    )


@pytest.fixture
def empty_results(results: Results, town: City) -> Results:
    """A study without cameras, gaps and views."""
    from dataclasses import replace

    none = {name: gpd.GeoDataFrame(getattr(results, name).iloc[:0]) for name in ("cameras", "views", "gaps")}
    return replace(results, **none, notices=results.notices.iloc[:0])
