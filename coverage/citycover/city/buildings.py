"""Find buildings and what is known of their heights."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from citycover import tables
from citycover.city.measures import parse_metres, parse_number
from citycover.city.osm import tag_values

STOREY = 3.0
"""Height of a storey, m, where only storeys are tagged. Ours: dwellings have 2.8 to 3.0, offices and shops more."""

COVERED = 0.9
_TALLEST = 1000.0
_SEE_UNDER = frozenset({"roof", "carport", "canopy"})
_NOT_BUILDINGS = frozenset({"no", "demolished", "razed", "proposed", "construction"})


def find_buildings(objects: gpd.GeoDataFrame, *, crs: CRS | None = None) -> gpd.GeoDataFrame:
    """Return the table ``buildings`` of the raw objects, in their order.

    ``height`` is the tag ``height`` (``12``, ``12 m``, ``12,5``, ``40'``), else storeys × 3.0 m + the height of the
    roof where it is tagged, else null. ``opaque`` is false for roofs, carports, surfaces tagged as passages and for
    whatever begins more than 2 m above the ground, for what lies under it (``layer`` below 0: metro halls) and for
    bridges in the air; a building over a passage stays opaque (pessimistic), and so does one with a ``layer`` above 0,
    for that is how whole towers are often tagged.

    Outline and parts (``building:part``) are not both kept: where the parts cover at least 90 % of the outline they
    replace it and take its name and use; otherwise the outline stays, takes the greatest height of its parts where it
    has none, and the parts go. A part without an outline is a building.
    """
    surface = shapely.get_dimensions(objects.geometry.to_numpy()) == 2
    whole, part = tag_values(objects, "building"), tag_values(objects, "building:part")
    is_whole = surface & (whole.notna() & ~whole.isin(_NOT_BUILDINGS)).to_numpy(bool)
    is_part = surface & (part.notna() & ~part.isin(_NOT_BUILDINGS)).to_numpy(bool) & ~is_whole
    found = objects[is_whole | is_part]
    levels = parse_number(tag_values(found, "building:levels", "levels"))
    levels = levels.where((levels > 0) & (levels <= _TALLEST / STOREY))
    height = parse_metres(tag_values(found, "height", "building:height"))
    height = height.where((height > 0) & (height <= _TALLEST))
    roof = parse_metres(tag_values(found, "roof:height")).fillna(0.0).clip(lower=0.0)
    by_levels = levels * STOREY + roof
    under = parse_metres(tag_values(found, "min_height", "building:min_height"))
    under = under.fillna(parse_number(tag_values(found, "building:min_level")) * STOREY).fillna(0.0)
    use = whole[found.index].fillna(part[found.index])
    layer = parse_number(tag_values(found, "layer")).fillna(0.0).round().astype("int64")
    raised = (under > 2.0) | ((use == "bridge") & (layer > 0))
    passage = tag_values(found, "tunnel") == "building_passage"
    rows = gpd.GeoDataFrame(
        {
            "building_id": found["osm_id"],
            "name": tag_values(found, "name", "name:zh"),
            "building": use,
            "height": height.fillna(by_levels),
            "levels": levels,
            "height_source": np.where(height.notna(), "tag", np.where(by_levels.notna(), "levels", "unknown")),
            "min_height": under,
            "layer": layer,
            "opaque": ~(use.isin(_SEE_UNDER) | passage | raised | (layer < 0)),
        },
        geometry=found.geometry.to_numpy(),
        crs=objects.crs,
    ).reset_index(drop=True)
    return tables.conform("buildings", _settle_parts(rows, is_part[is_whole | is_part]), crs=crs or objects.crs)


def _settle_parts(rows: gpd.GeoDataFrame, is_part: np.typing.NDArray[np.bool_]) -> gpd.GeoDataFrame:
    """Keep either the outline or its parts."""
    part, outline = np.flatnonzero(is_part), np.flatnonzero(~is_part)
    if not len(part) or not len(outline):
        return rows
    shapes = rows.geometry.to_numpy()
    inside = shapely.point_on_surface(shapes[part])
    tree = shapely.STRtree(shapes[outline])
    p, o = tree.query(inside, predicate="intersects")
    links = pd.DataFrame({"part": part[p], "outline": outline[o]})
    links["ground"] = shapely.area(shapes[links["outline"].to_numpy()])
    links = links.sort_values(["part", "ground"], kind="stable").drop_duplicates("part")  # the smallest outline
    links = links.sort_values(["outline", "part"], kind="stable")
    number, outlines = pd.factorize(links["outline"])
    if not len(outlines):
        return rows
    union = shapely.unary_union(
        shapely.geometrycollections(shapes[links["part"].to_numpy()], indices=number).reshape(-1, 1), axis=1
    )
    base = shapes[outlines]
    replaced = shapely.area(shapely.intersection(union, base)) >= COVERED * shapely.area(base)
    out = rows.copy()
    links["replaces"] = replaced[number]
    new = links[links["replaces"]]
    for column in ("name", "building"):
        values = rows[column].to_numpy(dtype=object).copy()
        from_outline = rows[column].to_numpy(dtype=object)[new["outline"].to_numpy()]
        own = values[new["part"].to_numpy()]
        keep_own = ~pd.isna(own) if column == "name" else pd.isna(from_outline)
        values[new["part"].to_numpy()] = np.where(keep_own, own, from_outline)
        out[column] = pd.Series(values, index=rows.index).astype("str")
    dropped = links[~links["replaces"]]
    parts = rows.loc[dropped["part"]].assign(outline=dropped["outline"].to_numpy())
    tallest = parts.sort_values(["outline", "height"], ascending=[True, False], kind="stable").drop_duplicates(
        "outline"
    )
    tallest = tallest.set_index("outline")
    needy = tallest.index[rows.loc[tallest.index, "height"].isna() & tallest["height"].notna()]
    for column in ("height", "levels", "height_source"):
        out.loc[needy, column] = tallest.loc[needy, column]
    gone = np.concatenate([outlines[replaced], dropped["part"].to_numpy()])
    return gpd.GeoDataFrame(out.drop(index=gone), crs=rows.crs)
