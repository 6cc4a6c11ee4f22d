"""Write the point table (点位表) as it is filed, tendered and accepted: Excel, GeoPackage, KML and DXF."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

import geopandas as gpd
import pandas as pd
import shapely

from citycover import terms
from citycover.publish.book import Mark, Sheet, write_book
from citycover.publish.coordinates import CGCS2000, LocalGrid, drawing_system, look_ahead, place_points, place_sites
from citycover.publish.files import clean_text, replacing
from citycover.publish.layers import write_layer
from citycover.publish.plan_figures import site_rows
from citycover.publish.qgis_aliases import add_aliases
from citycover.publish.qgis_styles import add_styles
from citycover.publish.survey_form import add_form, survey_rows
from citycover.publish.wording import header, text
from citycover.publish.workbook import with_reasons
from citycover.terms import Label, Lang

WORDS: Mapping[str, Mapping[str, Label]] = {
    "nature": terms.NATURES,
    "builder": terms.BUILDERS,
    "support": terms.SUPPORTS,
    "spot": terms.SPOTS,
    "power": terms.POWERS,
    "link": terms.LINKS,
    "purpose": terms.PURPOSES,
    "survey": terms.SURVEYS,
}
"""Columns whose terms are printed in words."""

AHEAD = 30.0
"""Length (m) of a line of sight in a drawing where the reach is unknown; ours."""


def write_point_table(
    sites: gpd.GeoDataFrame,
    folder: str | Path,
    *,
    mark: Mark,
    system: str | LocalGrid = "CGCS2000",
    devices: Mapping[str, Label] | None = None,
    lang: Lang = "zh",
) -> list[Path]:
    """Write the sites as ``point_table.xlsx``, ``.gpkg``, ``.kml`` and ``.dxf``, and the form ``survey.gpkg``.

    Restricted, for their owner only. Degrees are CGCS2000; where another ``system`` is named, its coordinates stand
    beside them in columns of their own (``named_x`` east, ``named_y`` north). The KML's points are WGS-84, as its
    standard asks. The DXF is a drawing in metres: in the named system where that is one in metres, else CGCS2000
    Gauss-Krüger of 3°; layers by nature, a point, a line of sight and the id each. The sheet is that of the workbook:
    its yellow columns come back by ``citycover decide``, and so does ``survey.gpkg``
    (:mod:`citycover.publish.survey_form`).

    Returns
    -------
    The files written, the Excel file first; none without sites.

    Raises
    ------
    OutputError
        A file cannot be written or replaced.
    CrsError
        The system is unknown.
    """
    if sites.empty:
        return []
    folder = Path(folder)
    told = name_coordinates(sites, system)
    rows = site_rows(told, devices=devices, lang=lang)
    points = gpd.GeoDataFrame(
        told.drop(columns="geometry"), geometry=shapely.points(sites[["lon", "lat"]].to_numpy(float)), crs=CGCS2000
    )
    sheet = Sheet(text("sheet_sites", lang), with_reasons(rows), "sites")
    write_book([sheet], folder / "point_table.xlsx", mark=mark, lang=lang)
    writers: dict[str, Callable[[Path], None]] = {
        "point_table.gpkg": lambda path: _write_geopackage(points, path, lang),
        "point_table.kml": lambda path: _write_kml(rows, path, mark, lang),
        "point_table.dxf": lambda path: _write_dxf(told, path, mark, system),
        "survey.gpkg": lambda path: _write_survey(points, path, lang),
    }
    for name, write in writers.items():
        with replacing(folder / name) as fresh:
            write(fresh)
    return [folder / name for name in ("point_table.xlsx", *writers)]


def name_coordinates(sites: gpd.GeoDataFrame, system: str | LocalGrid) -> gpd.GeoDataFrame:
    """Return the sites with their coordinates in the named system; as they are where that is CGCS2000 in degrees."""
    named = place_sites(sites, system)
    if named.system == "CGCS2000":
        return sites
    digits = 3 if named.metric else 7
    return sites.assign(named_system=named.system, named_x=named.x.round(digits), named_y=named.y.round(digits))


def say_terms(rows: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Return the rows with terms in words, as they are printed."""
    which = 0 if lang == "zh" else 1
    said = {
        name: rows[name].map({term: label[which] for term, label in words.items()}).astype("str").fillna(rows[name])
        for name, words in WORDS.items()
        if name in rows.columns
    }
    return rows.assign(**said)


def _write_geopackage(points: gpd.GeoDataFrame, path: Path, lang: Lang) -> None:
    write_layer(points, path, "sites")
    add_styles(path, ["sites"], lang=lang)
    add_aliases(path, ["sites"], lang=lang)


def _write_survey(points: gpd.GeoDataFrame, path: Path, lang: Lang) -> None:
    write_layer(survey_rows(points), path, "survey")
    add_form(path, lang=lang)


def _write_kml(table: pd.DataFrame, path: Path, mark: Mark, lang: Lang) -> None:
    rows = say_terms(table, lang)
    said = {name: rows[name].astype("str").where(rows[name].notna(), "").map(clean_text) for name in rows.columns}
    data = pd.Series("", index=rows.index, dtype="object")
    for name in rows.columns:
        head = f'<Data name="{name}"><displayName>{escape(header(str(name), lang))}</displayName><value>'
        data = data + (head + said[name].map(escape) + "</value></Data>").where(said[name].ne(""), "")
    where = zip(said["name"], said["necessity"], table["lon_2000"], table["lat_2000"], data, strict=True)
    marks = [
        f"<Placemark><name>{escape(name)}</name><description>{escape(why)}</description><ExtendedData>{more}"
        f"</ExtendedData><Point><coordinates>{lon:.7f},{lat:.7f}</coordinates></Point></Placemark>"
        for name, why, lon, lat, more in where
    ]
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>'
    title = escape(clean_text("　".join(mark)))
    path.write_text("\n".join([f"{head}<name>{title}</name>", *marks, "</Document></kml>", ""]), encoding="utf-8")


def _write_dxf(sites: pd.DataFrame, path: Path, mark: Mark, system: str | LocalGrid) -> None:
    """Write a drawing of the oldest form that every CAD reads (AutoCAD R12, text): metres, x east, y north."""
    plane, named = drawing_system(sites, system)
    spots = place_sites(sites, plane)
    ahead = place_points(*look_ahead(sites, sites["reach"].fillna(AHEAD).to_numpy(float)), plane)
    layers = "SITE_" + sites["nature"].str.upper().str.replace("-", "_")
    names = sorted(set(layers))
    low, high = (spots.x.min(), spots.y.min()), (spots.x.max(), spots.y.max())
    parts = [
        f"999\n{_letters('　'.join(mark))}\n999\n{named}, m, x east, y north\n0\nSECTION\n2\nHEADER\n"
        f"9\n$ACADVER\n1\nAC1009\n9\n$EXTMIN\n10\n{low[0]:.3f}\n20\n{low[1]:.3f}\n"
        f"9\n$EXTMAX\n10\n{high[0]:.3f}\n20\n{high[1]:.3f}\n0\nENDSEC\n"
        f"0\nSECTION\n2\nTABLES\n0\nTABLE\n2\nLAYER\n70\n{len(names)}\n",
        *(f"0\nLAYER\n2\n{name}\n70\n0\n62\n{colour}\n6\nCONTINUOUS\n" for colour, name in enumerate(names, start=1)),
        "0\nENDTAB\n0\nENDSEC\n0\nSECTION\n2\nENTITIES\n",
    ]
    rows = zip(layers, sites["site_id"], sites["name"], spots.x, spots.y, ahead.x, ahead.y, strict=True)
    for layer, site, name, x, y, to_x, to_y in rows:
        at = f"8\n{layer}\n10\n{x:.3f}\n20\n{y:.3f}\n30\n0.0\n"
        parts.append(f"0\nPOINT\n{at}0\nLINE\n{at}11\n{to_x:.3f}\n21\n{to_y:.3f}\n31\n0.0\n")
        parts.append(
            f"0\nTEXT\n8\n{layer}\n10\n{x + 1:.3f}\n20\n{y + 1:.3f}\n30\n0.0\n40\n2.0\n1\n"
            f"{_letters(f'{site} {name}')}\n"
        )
    path.write_text("".join([*parts, "0\nENDSEC\n0\nEOF\n"]), encoding="ascii")


def _letters(words: str) -> str:
    r"""Return words in the letters of such a drawing: others as \U+ and their number.

    >>> _letters("A 中")
    'A \\U+4E2D'
    """
    plain = clean_text(words).replace("\n", " ").replace("\r", " ")
    return "".join(letter if ord(letter) < 128 else f"\\U+{min(ord(letter), 0xFFFF):04X}" for letter in plain)
