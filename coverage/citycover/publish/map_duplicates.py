"""Pack the proposals of a list for the map: pins joined by lines with the cameras that stand for them."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import shapely

from citycover import terms
from citycover.publish.columnar import pack_column
from citycover.publish.duplicate_report import cite, first_points
from citycover.publish.palette import ACTION
from citycover.publish.summary import format_share
from citycover.publish.theme_parts import label_cells, label_column, make_theme, number_column
from citycover.terms import Lang


def pack_duplicates(duplicates: gpd.GeoDataFrame, lang: Lang) -> dict[str, Any]:
    """Return the theme of proposals: each joined by lines with the cameras that stand for it."""
    action = duplicates["action"]
    kind = action.mask(duplicates["standing"].eq("possible") & action.eq("keep"), "possible")
    labels = terms.ACTIONS | {"possible": terms.DUPLICATE_STANDINGS["possible"]}
    sure = set(kind[duplicates["standing"].eq("certain")])
    groups = [
        {"key": key, "label": terms.label(labels, key, lang), "on": True, "colour": ACTION[key]}
        | {"style": "certain" if key in sure else "possible" if key == "possible" else "none"}
        for key in labels
        if (kind == key).any()
    ]
    ground = cite(duplicates["article"].astype("str"), lang)
    authority = duplicates["authority_article"].astype("str").where(duplicates["authority"].notna())
    fields = [
        ("f_action", label_column(action, terms.ACTIONS, lang)),
        ("f_duplicate", label_column(duplicates["standing"], terms.DUPLICATE_STANDINGS, lang)),
        ("f_saving", number_column(duplicates["saving"])),
        ("f_duplicate_why", duplicates["why"]),
        ("f_others", duplicates["name_b"].str.replace(";", "；" if lang == "zh" else "; ")),
        ("f_owner_b", duplicates["owner_b"].str.replace(";", "；" if lang == "zh" else "; ")),
        ("f_mends", label_cells(duplicates["mends"], terms.MENDS, lang)),
        ("f_needed", number_column(duplicates["needed"].where(duplicates["needed"] > 0).astype("float64"))),
        ("f_turn_to", number_column(duplicates["turn_to"]) + "°"),
        ("f_action_article", ground.str.replace(";", "、" if lang == "zh" else ", ")),
        ("f_clause", duplicates["clause"]),
        ("f_price_basis", label_column(duplicates["price_basis"], terms.PRICE_BASES, lang)),
        ("f_shared", duplicates["shared_share"].map(lambda share: format_share(share, lang)).astype("str")),
        ("f_shared_high", duplicates["shared_share_high"].map(lambda share: format_share(share, lang)).astype("str")),
        ("f_authority", label_column(duplicates["authority"], terms.AUTHORITIES, lang)),
        ("f_authority_article", cite(authority, lang).str.replace(";", "、" if lang == "zh" else ", ")),
        ("f_department", duplicates["department"]),
        ("f_camera_id", duplicates["camera_a"]),
        ("f_others_id", duplicates["camera_b"].str.replace(";", "；" if lang == "zh" else "; ")),
    ]
    shapes, pins = duplicates.geometry.to_numpy(), shapely.points(*first_points(duplicates))
    lined = shapely.get_dimensions(shapes) == 1
    both = [shapely.GeometryCollection([s, p] if far else [p]) for s, p, far in zip(shapes, pins, lined, strict=True)]
    drawn = duplicates.set_geometry(gpd.GeoSeries(both, index=duplicates.index, crs=duplicates.crs))
    theme = make_theme("duplicates", "duplicates_by_action", drawn, groups, kind, fields, lang)
    theme["names"] = pack_column(duplicates["name"].fillna(duplicates["camera_a"]))
    theme["ids"] = pack_column(duplicates["camera_a"])
    theme["style"] = pack_column(duplicates["standing"])
    return theme
