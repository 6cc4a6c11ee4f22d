"""Put the headers that people read beside the columns of a GeoPackage, for QGIS and by the GeoPackage standard."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import quoteattr

from citycover import tables
from citycover.publish.layer_words import LAYER_COLUMNS
from citycover.publish.qgis_styles import LAYER_STYLES, make_document
from citycover.publish.wording import COLUMNS
from citycover.terms import Lang

_SCHEMA = "http://www.geopackage.org/spec131/#extension_schema"
_TABLES = """
CREATE TABLE IF NOT EXISTS gpkg_extensions (
  table_name TEXT, column_name TEXT, extension_name TEXT NOT NULL, definition TEXT NOT NULL, scope TEXT NOT NULL,
  CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name));
CREATE TABLE IF NOT EXISTS gpkg_data_columns (
  table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT, mime_type TEXT,
  constraint_name TEXT, CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
  CONSTRAINT gdc_tn UNIQUE (table_name, name));
CREATE TABLE IF NOT EXISTS gpkg_data_column_constraints (
  constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC, min_is_inclusive BOOLEAN,
  max NUMERIC, max_is_inclusive BOOLEAN, description TEXT, CONSTRAINT gdcc_ntv UNIQUE (constraint_name,
  constraint_type, value));
"""
_LEVEL = re.compile(r"(n_low|n_expected|n_high|p1|p2)_([\d.]+)")
_OF_LEVEL = {
    "n_low": ("≥{n} 像素/米的台数（最低）", "cameras from {n} px/m (low)"),
    "n_expected": ("≥{n} 像素/米的台数（期望）", "cameras from {n} px/m (expected)"),
    "n_high": ("≥{n} 像素/米的台数（最高）", "cameras from {n} px/m (high)"),
    "p1": ("≥{n} 像素/米至少一台的概率", "chance of one camera from {n} px/m"),
    "p2": ("≥{n} 像素/米至少两台的概率", "chance of two cameras from {n} px/m"),
}


def name_column(column: str, lang: Lang) -> str:
    """Return what people call a column of a layer; its key where nobody named it.

    >>> name_column("gap_id", "zh"), name_column("n_low_62.5", "en"), name_column("surprise", "zh")
    ('缺口编号', 'cameras from 62.5 px/m (low)', 'surprise')
    """
    which = 0 if lang == "zh" else 1
    told = COLUMNS.get(column) or LAYER_COLUMNS.get(column)
    if told is not None:
        return told[which]
    level = _LEVEL.fullmatch(column)
    return _OF_LEVEL[level[1]][which].format(n=level[2]) if level else column


def add_aliases(path: Path, layers: Iterable[str], *, lang: Lang = "zh") -> None:
    """Name the columns of the layers: as aliases in their QGIS styles, and in ``gpkg_data_columns`` for others.

    A layer without a style gets one that holds its aliases only. Two columns of a layer never get the same name.
    """
    with closing(sqlite3.connect(path)) as base, base:
        base.executescript(_TABLES)
        base.execute(LAYER_STYLES)
        base.execute(
            "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier)"
            " VALUES ('layer_styles', 'attributes', 'layer_styles')"
        )
        for table in ("gpkg_data_columns", "gpkg_data_column_constraints"):
            base.execute(
                "INSERT OR IGNORE INTO gpkg_extensions VALUES (?, NULL, 'gpkg_schema', ?, 'read-write')",
                (table, _SCHEMA),
            )
        spatial = dict(base.execute("SELECT table_name, column_name FROM gpkg_geometry_columns"))
        styled = {name for (name,) in base.execute("SELECT f_table_name FROM layer_styles WHERE useAsDefault = 1")}
        for layer in layers:
            _name_layer(base, layer, spatial.get(layer, ""), lang, styled=layer in styled)


def _name_layer(base: sqlite3.Connection, layer: str, geometry: str, lang: Lang, *, styled: bool) -> None:
    columns = [row[1] for row in base.execute(f'PRAGMA table_info("{layer}")')]
    declared = tables.TABLES.get(layer)
    meanings = {c.name: c.meaning for c in declared.columns} if declared else {}
    taken: set[str] = set()
    aliases, rows = [], []
    for index, column in enumerate(c for c in columns if c not in ("fid", geometry)):
        name = name_column(column, lang)
        name = f"{name}（{column}）" if name in taken else name
        taken.add(name)
        aliases.append(f'<alias field={quoteattr(column)} index="{index + 1}" name={quoteattr(name)}/>')
        rows.append((layer, column, name, name, meanings.get(column)))
    base.executemany(
        "INSERT OR REPLACE INTO gpkg_data_columns (table_name, column_name, name, title, description)"
        " VALUES (?, ?, ?, ?, ?)",
        rows,
    )
    body = f"<aliases>{''.join(aliases)}</aliases>"
    base.execute(
        "UPDATE layer_styles SET styleQML = replace(styleQML, '</qgis>', ?) WHERE f_table_name = ?",
        (f"{body}</qgis>", layer),
    )
    if not styled:
        base.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,"
            " styleQML, styleSLD, useAsDefault, description, owner) VALUES ('', '', ?, ?, ?, ?, '', 1, '', '')",
            (layer, geometry, layer, make_document(body)),
        )
