"""Put QGIS styles into a GeoPackage, so that its layers open in the colours of the map."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import quoteattr

from citycover import terms
from citycover.publish.palette import BUILDING, CAMERA, PRIORITY, SITE, STREET, UNDECIDED, VIEW_END, WATER
from citycover.terms import Lang

LAYER_STYLES = """
CREATE TABLE IF NOT EXISTS layer_styles (
  id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
  f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
  useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30),
  update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')))
"""
_STYLED = ("streets", "buildings", "districts", "cameras", "mandates", "views", "gaps", "sites")


def add_styles(path: Path, layers: Iterable[str], *, lang: Lang = "zh") -> None:
    """Add a default style for each of the layers that has one (``layer_styles``, as QGIS writes it itself).

    Layers of one geometry type get their symbol by that type; those of mixed types are left to QGIS.
    """
    with closing(sqlite3.connect(path)) as base, base:
        columns = dict(base.execute("SELECT table_name, geometry_type_name FROM gpkg_geometry_columns"))
        rows = []
        for layer in layers:
            shape = _shape(columns.get(layer, ""))
            if layer in _STYLED and shape:
                rows.append((layer, _qml(layer, shape, lang)))
        put_styles(base, rows)


def put_styles(base: sqlite3.Connection, styles: Sequence[tuple[str, str]]) -> None:
    """Make ``layer_styles`` in a GeoPackage that has none yet; ``styles``: a layer's name and its QML's body each."""
    if not styles:
        return
    base.execute(LAYER_STYLES)
    base.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier)"
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


def _qml(layer: str, shape: str, lang: Lang) -> str:
    if layer == "cameras":
        classes = [(key, terms.label(terms.COUNTS, key, lang), CAMERA[key]) for key in terms.COUNTS]
        return categorize("counts", shape, classes)
    if layer == "sites":
        classes = [(key, terms.label(terms.NATURES, key, lang), SITE[key]) for key in terms.NATURES]
        return categorize("nature", shape, classes)
    if layer == "views":
        classes = [(key, terms.label(terms.VIEW_ENDS, key, lang), VIEW_END[key]) for key in terms.VIEW_ENDS]
        return categorize("end", shape, classes)
    if layer == "gaps":
        ranges = [("75", "101", PRIORITY["high"]), ("60", "75", PRIORITY["medium"]), ("-1", "60", PRIORITY["low"])]
        return _graduated("priority", shape, ranges)
    colour = {
        "streets": STREET,
        "buildings": BUILDING,
        "districts": UNDECIDED,
        "mandates": WATER,
    }[layer]
    return f'<renderer-v2 type="singleSymbol"><symbols>{_symbol("0", shape, colour)}</symbols></renderer-v2>'


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
