"""Put QGIS styles into a GeoPackage, so that its layers open in the colours of the map."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import quoteattr

from citycover import terms
from citycover.publish.palette import (
    ACTION,
    BASE,
    BUILDING,
    CAMERA,
    CHANGES,
    COMPOUND,
    CONFLICT,
    OBSTACLE,
    PRIORITY,
    SITE,
    STREET,
    UNDECIDED,
    VIEW_END,
    WATER,
)
from citycover.terms import Label, Lang

LAYER_STYLES = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
"""


def add_styles(path: Path, layers: Iterable[str], *, lang: Lang = "zh") -> None:
    """Add a default style for each of the layers that has one (``layer_styles``, as QGIS writes it itself).

    Layers of one geometry type get their symbol by that type. QGIS takes a layer of mixed types apart; such a one has
    three styles to choose from, ``gaps_point``, ``gaps_line`` and ``gaps_polygon``, none of them the default.
    """
    with closing(sqlite3.connect(path)) as base, base:
        columns = dict(base.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
        styled = [name for name in layers if name in (*_BY_VALUE, *_PLAIN, "gaps", "landscape")]
        shapes = {name: _shape(columns.get(name, "")) for name in styled}
        put_styles(base, [(name, _qml(name, shape, lang)) for name, shape in shapes.items() if shape])
        mixed = [name for name in styled if columns.get(name, "").upper().startswith("GEOMETRY")]
        if mixed:
            base.execute(LAYER_STYLES)
        for name in mixed:
            for number, (word, shape) in enumerate((("point", "marker"), ("line", "line"), ("polygon", "fill"))):
                body = _qml(name, shape, lang) + f"<layerGeometryType>{number}</layerGeometryType>"
                base.execute(
                    "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,"
                    " styleName, styleQML, styleSLD, useAsDefault, description, owner)"
                    " VALUES ('', '', ?, 'geom', ?, ?, '', 0, '', '')",
                    (name, f"{name}_{word}", make_document(body)),
                )


def put_styles(base: sqlite3.Connection, styles: Sequence[tuple[str, str]]) -> None:
    """Make ``layer_styles`` in a GeoPackage that has none yet; ``styles``: a layer's name and its QML's body each."""
    if not styles:
        return
    base.execute(LAYER_STYLES)
    base.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier)"
        " VALUES ('layer_styles', 'attributes', 'layer_styles')"
    )
    base.executemany(
        "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
        " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, 'geom', ?, ?, '', 1, '', '')",
        [(layer, layer, make_document(body)) for layer, body in styles],
    )


def _shape(geometry_type: str) -> str:
    for word, shape in (("POINT", "marker"), ("LINE", "line"), ("POLYGON", "fill")):
        if word in geometry_type.upper():
            return shape
    return ""


_BY_VALUE: dict[str, tuple[str, Mapping[str, Label], Mapping[str, str]]] = {
    "cameras": ("counts", terms.COUNTS, CAMERA),
    "sites": ("nature", terms.NATURES, SITE),
    "views": ("end", terms.VIEW_ENDS, VIEW_END),
    "duplicates": ("action", terms.ACTIONS, ACTION),
    "conflicts": ("level", terms.CONFLICT_LEVELS, CONFLICT),
    "obstructions": ("obstacle", terms.OBSTACLES, OBSTACLE),
    "gap_changes": ("change", terms.GAP_CHANGES, CHANGES),
}
"""Layers that are coloured by the values of a column: the column, its terms, their colours."""

_PLAIN: dict[str, str] = {
    "streets": STREET,
    "buildings": BUILDING,
    "districts": UNDECIDED,
    "mandates": WATER,
    "study_area": UNDECIDED,
    "places": COMPOUND,
    "public_cells": WATER,
}


def _qml(layer: str, shape: str, lang: Lang) -> str:
    if layer in _BY_VALUE:
        column, words, colours = _BY_VALUE[layer]
        return categorize(column, shape, [(key, terms.label(words, key, lang), colours[key]) for key in words])
    if layer == "landscape":
        return categorize("feature", shape, [(key, key, BASE[key]) for key in ("water", "green", "rail", "path")])
    if layer == "gaps":
        ranges = [("75", "101", PRIORITY["high"]), ("60", "75", PRIORITY["medium"]), ("-1", "60", PRIORITY["low"])]
        return _graduated("priority", shape, ranges)
    return f'<renderer-v2 type="singleSymbol"><symbols>{_symbol("0", shape, _PLAIN[layer])}</symbols></renderer-v2>'


def make_document(body: str) -> str:
    """Return a QGIS style document with a body."""
    return f"<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis version=\"3.22\">{body}</qgis>"


def categorize(column: str, shape: str, classes: Sequence[tuple[str, str, str]]) -> str:
    """Return a renderer by the values of a column; a class is value, label, colour."""
    categories = "".join(
        f'<category render="true" symbol="{i}" value={quoteattr(value)} label={quoteattr(name)}/>'
        for i, (value, name, _) in enumerate(classes)
    )
    symbols = "".join(_symbol(str(i), shape, colour) for i, (_, _, colour) in enumerate(classes))
    return (
        f'<renderer-v2 type="categorizedSymbol" attr="{column}"><categories>{categories}</categories>'
        f"<symbols>{symbols}</symbols></renderer-v2>"
    )


def _graduated(column: str, shape: str, classes: Sequence[tuple[str, str, str]]) -> str:
    ranges = "".join(
        f'<range render="true" symbol="{i}" lower="{low}" upper="{high}" label="{low} – {high}"/>'
        for i, (low, high, _) in enumerate(classes)
    )
    symbols = "".join(_symbol(str(i), shape, colour) for i, (_, _, colour) in enumerate(classes))
    return (
        f'<renderer-v2 type="graduatedSymbol" attr="{column}" graduatedMethod="GraduatedColor">'
        f"<ranges>{ranges}</ranges><symbols>{symbols}</symbols></renderer-v2>"
    )


def _symbol(name: str, shape: str, colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    rgb = f"{red},{green},{blue}"
    layers = {
        "marker": ("SimpleMarker", {"color": f"{rgb},255", "size": "2.2", "outline_color": "255,255,255,255"}),
        "line": ("SimpleLine", {"line_color": f"{rgb},255", "line_width": "0.5"}),
        "fill": ("SimpleFill", {"color": f"{rgb},90", "outline_color": f"{rgb},255", "outline_width": "0.2"}),
    }
    kind, options = layers[shape]
    properties = "".join(f'<Option name="{key}" value="{value}" type="QString"/>' for key, value in options.items())
    return (
        f'<symbol name="{name}" type="{shape}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="{kind}" enabled="1" locked="0" pass="0"><Option type="Map">{properties}</Option></layer>'
        "</symbol>"
    )
