"""Draw the public map and write the table beside it: shares by large cells over a base map of allowed features only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover.publish import palette
from citycover.publish.columnar import pack_column, pack_geometry
from citycover.publish.files import replacing
from citycover.publish.map_base import pack_base
from citycover.publish.map_page import render_map
from citycover.publish.public_cells import total_share
from citycover.publish.results import Results
from citycover.publish.wording import TEXTS, text
from citycover.terms import Lang

SENSITIVE = (
    *(
        "weapons_ammunition_site",
        "civil_explosives_site",
        "flammable_explosive_goods_site",
        "radioactive_material_site",
    ),
    *("flammable_explosive_store", "explosive_precursor_chemical_site", "highly_toxic_goods_site", "pathogen_store"),
    *("drug_precursor_chemical_site", "dangerous_goods_site", "pathogen_culture_lab", "controlled_drug_store"),
    *("defence_industry_unit", "civil_air_defence_works", "state_secret_archive", "counter_terror_key_target"),
    *("large_energy_facility", "power_supply_facility", "water_supply_facility", "gas_supply_facility"),
    *("heat_supply_facility", "oil_depot", "fuel_station", "gas_filling_station", "fuel_oil_supply_facility"),
    *("energy_service_station_other", "internal_security_key_unit", "national_key_project_unit"),
)
"""Kinds of places whose ground the public base map leaves blank; ours, after DESIGN (energy, fuel, explosives …)."""

SHOWN_FEATURES = ("water", "green")
HIDDEN_STREETS = ("service", "track", "path", "footway")
"""Classes of streets that the public base map leaves out: they lie inside compounds."""

CLASSES = (0.2, 0.4, 0.6, 0.8)
"""Where one class of shares ends and the next begins."""


def draw_public_map(results: Results, path: str | Path, *, lang: Lang | None = None) -> Path:
    """Write ``public_map.html``: shares by cell, nothing else of the study.

    The base map is a whitelist (streets without those inside compounds, water, green, borders of districts). The page
    bears that no map authority has reviewed it until ``results.map_review`` names the number (审图号).

    Raises
    ------
    PageError
        A web file that the page must carry is missing.
    OutputError
        The page cannot be written or replaced.
    """
    lang = lang or results.lang
    cells = results.public_cells
    theme = _pack_cells(cells, lang)
    study = _describe(results, lang) | {"themes": [theme["id"]]}
    title = f"{text('public_map', lang)} {results.date}"
    blocks = {"study": study, "base": _public_base(results), theme["id"]: theme}
    box = results.city.area.bounds
    page = render_map(title, blocks, bounds=box, crs=results.city.crs, lang=lang)
    with replacing(path, private=False) as fresh:
        fresh.write_text(page, encoding="utf-8", newline="\n")
    return Path(path)


def write_public_cells(results: Results, path: str | Path) -> Path:
    """Write the shares of the cells as CSV: id, south-west and north-east corners (WGS-84 °), share or nothing.

    Raises
    ------
    OutputError
        The file cannot be written or replaced.
    """
    cells = results.public_cells
    corners = shapely.bounds(cells.geometry.to_crs(4326).to_numpy()) if len(cells) else np.zeros((0, 4))
    frame = pd.DataFrame(np.round(corners, 6), columns=["west", "south", "east", "north"])
    frame.insert(0, "cell_id", cells["cell_id"].to_numpy())
    frame["share"] = cells["share"].to_numpy()
    with replacing(path, private=False) as fresh:
        frame.to_csv(fresh, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return Path(path)


def share_classes(share: pd.Series) -> pd.Series:
    """Return the class of each share, ``c0`` (lowest) to ``c4``, or ``held`` where none is shown.

    >>> share_classes(pd.Series([0.0, 0.2, 1.0, None])).tolist()
    ['c0', 'c1', 'c4', 'held']
    """
    values = share.to_numpy(float)
    names = np.array([f"c{i}" for i in range(len(CLASSES) + 1)], dtype=object)
    found = names[np.searchsorted(np.array(CLASSES), np.nan_to_num(values) + 1e-9)]
    return pd.Series(np.where(np.isnan(values), "held", found), index=share.index, dtype="str")


def _pack_cells(cells: gpd.GeoDataFrame, lang: Lang) -> dict[str, Any]:
    classes = share_classes(cells["share"])
    edges = [0.0, *CLASSES, 1.0]
    labels = {f"c{i}": f"{100 * edges[i]:.0f}–{100 * edges[i + 1]:.0f} %" for i in range(len(edges) - 1)}
    labels["held"] = text("held_back", lang)
    groups = [
        {"key": key, "label": label, "on": True, "colour": palette.SHARES[key], "n": int((classes == key).sum())}
        for key, label in labels.items()
        if (classes == key).any()
    ]
    code = {group["key"]: i for i, group in enumerate(groups)}
    words = pd.Series(
        [text("held_back", lang) if np.isnan(share) else f"{100 * share:.0f} %" for share in cells["share"]],
        dtype="str",
    )
    return {
        "id": "cells",
        "title": text("shares_by_cell", lang),
        "groups": groups,
        "group": pack_column(classes.map(code)),
        "fields": [{"label": text("public_share", lang), **pack_column(words)}],
        "geometry": pack_geometry(cells.geometry),
        "names": pack_column(cells["cell_id"]),
        "ids": pack_column(cells["cell_id"]),
        "style": pack_column(words),
    }


def _public_base(results: Results) -> dict[str, Any]:
    city = results.city
    kinds = city.place_kinds
    hidden = kinds.loc[kinds["kind"].isin(SENSITIVE), "place_id"]
    grounds = [
        city.places.loc[city.places["place_id"].isin(hidden)].geometry,
        city.ban_places.loc[city.ban_places["place_type"].isin(("military", "classified_unit"))].geometry
        if len(city.ban_places)
        else gpd.GeoSeries([], crs=city.crs),
    ]
    secret = shapely.union_all(np.concatenate([shapes.to_numpy() for shapes in grounds]))
    landscape = city.landscape[city.landscape["feature"].isin(SHOWN_FEATURES)]
    landscape = landscape[~shapely.intersects(landscape.geometry.to_numpy(), secret)]
    streets = city.streets[~city.streets["road_class"].isin(HIDDEN_STREETS)]
    streets = streets[~shapely.intersects(streets.geometry.to_numpy(), secret)]
    quiet = city.with_tables(landscape=landscape, streets=streets, buildings=city.buildings.iloc[:0])
    return pack_base(quiet)


def _describe(results: Results, lang: Lang) -> dict[str, Any]:
    which = 0 if lang == "zh" else 1
    cells = results.public_cells
    total = total_share(cells)
    side = f"{float(cells['side'].iloc[0]):g}" if len(cells) else "–"
    notes = ["public_method", "public_held", "public_repeat", "validity", "osm_silence"]
    review = text("map_review", lang).format(number=results.map_review) if results.map_review else ""
    rows = [
        [text("public_total", lang), text("unknown", lang) if total is None else f"{100 * total:.0f} %"],
        [text("cells_shown", lang), str(int(cells["share"].notna().sum()))],
        [text("cells_held", lang), str(int(cells["share"].isna().sum()))],
    ]
    return {
        "lang": lang,
        "name": text("public_map", lang),
        "mark": review or text("not_reviewed", lang),
        "hint": "",
        "block": [(text("date", lang), results.date), (text("rulebook", lang), results.rulebook_title)],
        "notes": [text(key, lang).format(side=side) for key in notes],
        "figures": [{"title": text("coverage", lang), "rows": rows}],
        "words": {key: words[which] for key, words in TEXTS.items() if key != "restricted_hint"},
        "colours": palette.BASE | {"shares": palette.SHARES},
    }
