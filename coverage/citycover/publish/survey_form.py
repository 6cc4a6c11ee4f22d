"""Make the form of a site visit for QField: a layer whose style says what is filled in, and how."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from xml.sax.saxutils import quoteattr

import geopandas as gpd
import pandas as pd

from citycover import terms
from citycover.publish.palette import SURVEY
from citycover.publish.qgis_styles import categorize, put_styles
from citycover.publish.wording import header, text
from citycover.terms import Lang

FILLED = ("survey", "azimuth", "why", "document")
"""Columns that a visit fills in, beside the place, which may be moved: result, direction, reason, photo."""

SHOWN = ("site_id", "name", "nature", "direction", "support", "device_class", "mount_height", "articles", "permits")


def survey_rows(sites: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the sites as the form shows them: what is known of each, what is filled in, and why it is needed.

    ``why`` (reason of the visitor) and ``document`` (photo) are empty; the site's own reason is ``necessity``. Sites
    that a visit has settled come too, with its result.
    """
    rows = sites.rename(columns={"why": "necessity"})
    empty = pd.Series(None, index=rows.index, dtype="str")
    rows = rows.assign(why=empty, document=empty)
    return gpd.GeoDataFrame(rows[[*SHOWN, "necessity", *FILLED, "geometry"]], crs=sites.crs)


def add_form(path: Path, *, lang: Lang = "zh") -> None:
    """Add style and form of the layer ``survey`` to a GeoPackage; QGIS and QField read both from ``layer_styles``."""
    classes = [(key, terms.label(terms.SURVEYS, key, lang), SURVEY[key]) for key in terms.SURVEYS]
    style = categorize("survey", "marker", classes) + _form(lang)
    with closing(sqlite3.connect(path)) as base, base:
        put_styles(base, [("survey", style)])


def _form(lang: Lang) -> str:
    """Return the parts of a QGIS style that make a form: how each field is filled in, its name, its tab."""
    shown = [*SHOWN, "necessity"]
    options = "".join(
        f'<Option type="Map"><Option name={quoteattr(terms.label(terms.SURVEYS, key, lang))} value="{key}"'
        ' type="QString"/></Option>'
        for key in terms.SURVEYS
    )
    widgets = {
        "survey": ("ValueMap", f'<Option name="map" type="List">{options}</Option>'),
        "azimuth": ("Range", _numbers({"Min": 0, "Max": 360, "Step": 5}) + '<Option name="AllowNull" value="true"/>'),
        "why": ("TextEdit", '<Option name="IsMultiline" value="true" type="bool"/>'),
        "document": ("ExternalResource", _numbers({"DocumentViewer": 1, "RelativeStorage": 1, "StorageMode": 0})),
        **dict.fromkeys(shown, ("TextEdit", '<Option name="IsMultiline" value="true" type="bool"/>')),
    }
    fields = "".join(
        f'<field name="{name}"><editWidget type="{kind}"><config><Option type="Map">{config}</Option></config>'
        "</editWidget></field>"
        for name, (kind, config) in widgets.items()
    )
    names = [*FILLED, *shown]
    titles = {name: header(name, lang) for name in names} | {"document": text("sheet_photo", lang)}
    aliases = "".join(f'<alias field="{n}" index="{i}" name={quoteattr(titles[n])}/>' for i, n in enumerate(names))
    editable = "".join(f'<field name="{name}" editable="{int(name in FILLED)}"/>' for name in names)
    return (
        f"<fieldConfiguration>{fields}</fieldConfiguration><aliases>{aliases}</aliases>"
        f"<editable>{editable}</editable><editorlayout>tablayout</editorlayout>"
        f"<attributeEditorForm>{_tab('survey_tab', FILLED, lang)}{_tab('site_tab', shown, lang)}</attributeEditorForm>"
        '<previewExpression>"site_id" || \' \' || "name"</previewExpression>'
    )


def _numbers(values: dict[str, int]) -> str:
    return "".join(f'<Option name="{name}" value="{value}" type="int"/>' for name, value in values.items())


def _tab(key: str, names: Sequence[str], lang: Lang) -> str:
    fields = "".join(f'<attributeEditorField name="{name}" index="-1" showLabel="1"/>' for name in names)
    title = quoteattr(text(key, lang))
    return (
        f'<attributeEditorContainer name={title} groupBox="0" columnCount="1" showLabel="1">{fields}'
        "</attributeEditorContainer>"
    )
