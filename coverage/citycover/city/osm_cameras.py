"""Find the cameras that OSM itself has."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables
from citycover.city.measures import parse_metres, parse_number
from citycover.city.osm import tag_values

REGISTER = "osm"
_CARDINALS = ["N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"]
CARDINALS: dict[str, float] = {
    **{name: i * 22.5 for i, name in enumerate(_CARDINALS)},
    "NORTH": 0.0,
    "EAST": 90.0,
    "SOUTH": 180.0,
    "WEST": 270.0,
}
_TYPES = {"fixed": "fixed", "dome": "dome", "panning": "ptz", "ptz": "ptz", "panorama": "panoramic"}
_POLICE = r"公安|警|派出所|[Pp]olice"
_GOVERNMENT = r"政府|管理局|城管|交通局|委员会|[Cc]ity of|[Mm]unicipal|[Mm]airie|[Gg]overnment"
_ENTERPRISE = r"公司|银行|集团|酒店|商场|超市|\b(?:Ltd|Inc|GmbH|S\.?A\.?|Co\.)\b"
_BY_TYPE = {"government": "government", "public": "public_body", "business": "enterprise", "police": "police"}


def find_osm_cameras(objects: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, dict[str, int]]:
    """Return the table ``cameras`` of ``man_made=surveillance`` and counts of what was left out or is doubtful.

    Guards and detectors of shots are no cameras; ALPR is one for plates. A list of directions (``45;135``) is one
    camera each on one pole. A range (``45-135``, clockwise) gives the middle as azimuth and its width as angle of view.
    ``tilt`` is degrees below the horizon: ``camera:angle`` as it stands (mappers write it positive downwards),
    ``camera:tilt`` with its sign turned (negative is down); a positive ``camera:tilt`` would look into the sky, so its
    sign is doubtful and the tilt stays unknown. OSM says nothing of status: taken as in use, ``status_assumed``.
    Source: OSM wiki, Tag:man_made=surveillance, and the use made of it (second-hand).
    """
    kind = tag_values(objects, "surveillance:type").str.lower()
    tagged = tag_values(objects, "man_made") == "surveillance"
    is_camera = kind.isna() | kind.str.contains("camera|alpr|anpr", na=False)
    found = objects[(tagged & is_camera).to_numpy(bool)].reset_index(drop=True)
    counts = {"osm_surveillance_no_camera": int((tagged & ~is_camera).sum())}
    plate = tag_values(found, "surveillance:type").str.lower().str.contains("alpr|anpr", na=False)
    kinds = tag_values(found, "camera:type").str.lower().map(_TYPES).astype("str")
    tilt, doubtful = _tilt(found)
    counts["osm_camera_tilt_doubtful"] = doubtful
    where = tag_values(found, "surveillance").str.lower()
    operator = tag_values(found, "operator")
    owner_class = _owner_class(operator, tag_values(found, "operator:type"))
    number = parse_number(tag_values(found, "camera:count", "count"))
    rows = pd.DataFrame(
        {
            "pole_id": REGISTER + ":" + found["osm_id"],
            "register": REGISTER,
            "name": tag_values(found, "name", "name:zh"),
            "owner": operator.where(owner_class != "unknown"),
            "owner_class": owner_class,
            "status": "in_use",
            "status_assumed": True,
            "camera_type": kinds,
            "count": number.where((number >= 1) & (number % 1 == 0)).fillna(1.0),
            "tilt": tilt,
            "mount_height": parse_metres(tag_values(found, "camera:height", "height")),
            "ptz": (kinds == "ptz").astype("boolean").where(kinds == "ptz"),
            "purpose": pd.Series("plate", index=found.index, dtype="str").where(plate),
            "indoor": (where == "indoor") | (tag_values(found, "indoor") == "yes"),
            "direction": tag_values(found, "camera:direction", "direction").str.split(";"),
            "fixed_hfov": parse_number(tag_values(found, "camera:hfov", "camera:fov")),
        }
    )
    rows["geometry"] = shapely.point_on_surface(found.geometry.to_numpy())
    rows = rows.explode("direction").reset_index(drop=True)
    text = rows.pop("direction").astype("str").str.strip()
    rows["azimuth"], width = parse_directions(text)
    hfov = rows.pop("fixed_hfov")
    hfov = width.fillna(hfov.where((hfov > 0) & (hfov <= 360)))
    rows["hfov"] = hfov.fillna(pd.Series(np.where(rows["camera_type"] == "panoramic", 360.0, np.nan)))
    rows["azimuth_source"] = pd.Series("osm", index=rows.index, dtype="str").where(rows["azimuth"].notna())
    counts["osm_camera_direction_unread"] = int((text.notna() & rows["azimuth"].isna() & (width != 360.0)).sum())
    nth = rows.groupby("pole_id").cumcount() + 1
    several = rows.groupby("pole_id")["pole_id"].transform("size") > 1
    rows["count"] = rows["count"].where(~several, 1.0)
    rows["camera_id"] = rows["pole_id"].where(~several, rows["pole_id"] + "#" + nth.astype("str"))
    return tables.conform("cameras", rows, crs=objects.crs), counts


def parse_directions(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return azimuth (clockwise from true north) and angle of view, in degrees, of single OSM directions.

    ``90``, ``90°``, ``NNE``, and ranges clockwise ``45-135``, ``NW-NE``; anything else is null. A full circle has an
    angle of view of 360 and no azimuth.

    >>> azimuth, hfov = parse_directions(pd.Series(["90°", "NW", "315-45", "0-360", "forward", None]))
    >>> azimuth.tolist()
    [90.0, 315.0, 0.0, nan, nan, nan]
    >>> hfov.tolist()
    [nan, nan, 90.0, 360.0, nan, nan]
    """
    one = _bearing(text)
    ends = text.str.extract(r"^\s*([^\s-]+)\s*(?:-|–|~)\s*([^\s-]+)\s*$")
    a, b = _bearing(ends[0]), _bearing(ends[1])
    width = (b - a) % 360.0
    width = width.where((width > 0) | a.isna() | b.isna(), 360.0)
    middle = ((a + width / 2) % 360.0).where(width < 360.0)
    return (one % 360.0).fillna(middle), width


def _bearing(text: pd.Series) -> pd.Series:
    named = text.str.strip().str.upper().map(CARDINALS)
    number = pd.to_numeric(text.str.extract(r"^\s*(-?\d+(?:\.\d+)?)\s*°?\s*$", expand=False))
    return named.astype("float64").fillna(number.where(number.abs() <= 360.0))


def _tilt(found: gpd.GeoDataFrame) -> tuple[pd.Series, int]:
    angle = parse_number(tag_values(found, "camera:angle").str.replace("°", "", regex=False)).abs()
    signed = parse_number(tag_values(found, "camera:tilt").str.replace("°", "", regex=False))
    doubtful = signed > 0
    tilt = (-signed).where(~doubtful).fillna(angle.where(~doubtful)) + 0.0
    return tilt.where(tilt <= 90.0), int(doubtful.sum())


def _owner_class(operator: pd.Series, kind: pd.Series) -> pd.Series:
    by_type = kind.str.lower().map(_BY_TYPE).astype("str")
    choices = [operator.str.contains(p, regex=True, na=False) for p in (_POLICE, _GOVERNMENT, _ENTERPRISE)]
    by_name = np.select(choices, ["police", "government", "enterprise"], default="unknown")
    return pd.Series(
        np.where(by_name != "unknown", by_name, by_type.fillna("unknown")), index=operator.index, dtype="str"
    )
