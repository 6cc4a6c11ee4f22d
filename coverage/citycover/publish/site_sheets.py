"""Draw one sheet per site (一点一图): plan 1:500, view, what it sees, article, boxes for photo and signatures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import shapely

from citycover import terms
from citycover.errors import OutputError
from citycover.plan.after import site_cameras
from citycover.plan.reach import find_sight
from citycover.publish.coordinates import LocalGrid
from citycover.publish.files import replacing
from citycover.publish.fonts import need_font
from citycover.publish.plan_figures import site_rows
from citycover.publish.point_table import name_coordinates, say_terms
from citycover.publish.results import Results
from citycover.publish.static_maps import Bounds, Ground, Look, draw_page, font_of, legend_entries, write
from citycover.publish.wording import header, text
from citycover.sight.views import camera_views
from citycover.terms import Lang

PAGE = (210.0, 297.0)
"""A4, mm."""

MAP = (15.0, 120.0, 180.0, 140.0)
"""The plan on the page: left, bottom, width, height in mm; at 1:500 it shows 90 × 70 m."""

SCALE = 500

_FACTS = (
    *(
        "nature",
        "phase",
        "budget_level",
        "builder",
        "department",
        "district",
        "lon_2000",
        "lat_2000",
        "named_system",
        "named_x",
    ),
    *(
        "named_y",
        "support",
        "spot",
        "device_class",
        "azimuth",
        "hfov",
        "tilt",
        "mount_height",
        "reach",
        "power",
        "link",
    ),
    *("cost_wan", "storage_tb", "mbps", "gain_m", "gain_m2", "gain_points", "private_share", "facade", "articles"),
    *("gaps", "necessity", "permits", "survey"),
)
_EXACT = ("lon_2000", "lat_2000", "named_x", "named_y")
_LONG = 7
"""Lines that one fact may fill on a sheet; what is longer stands in the point table."""


def draw_site_sheets(results: Results, path: str | Path, *, lang: Lang | None = None) -> Path:
    """Write ``site_sheets.pdf``: a page of A4 for each site, in the order of the point table. Restricted.

    Shown are the ground at 1:500 turned to grid north, the view as the study's buildings leave it, the wanted targets
    that the site sees, and the facts of the point table. The plan's middle lies ahead of the site, so that site and
    near view both show; a longer view runs off the sheet.

    Raises
    ------
    OutputError
        There is no font with Chinese letters, the results have no plan, or the file cannot be written.
    """
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    need_font()
    lang = lang or results.lang
    if results.plan is None:
        raise OutputError("site sheets: needed results with a plan, given none; set a budget in the study")
    sites = results.sites
    cameras = site_cameras(sites, results.cameras)
    views = camera_views(cameras, results.city.buildings, barriers=results.city.barriers, terrain=results.city.terrain)
    shapes = views[views["end"].isin(["exact", "low"]).to_numpy(bool)].drop_duplicates("camera_id")
    shape = pd.Series(shapes.geometry.to_numpy(), index=shapes["camera_id"].to_numpy(object))
    wants = results.plan.wants
    sight = find_sight(cameras, wants, results.city)
    system = LocalGrid(*results.plan.local_grid) if results.plan.local_grid else results.plan.coordinates
    ground, rows = (
        Ground(results.city),
        say_terms(site_rows(name_coordinates(sites, system), devices=results.plan.devices, lang=lang), lang),
    )
    look = Look(("gaps", "cameras"), lang, scale=1.0)
    known = legend_entries(results, look)
    about = {"Title": results.name, "Author": "", "Creator": "citycover", "Producer": None, "CreationDate": None}
    with replacing(path) as fresh, PdfPages(fresh, metadata=about) as book:
        for number, (name, spot, azimuth) in enumerate(
            zip(sites["site_id"], sites.geometry, sites["azimuth"].fillna(0.0), strict=True)
        ):
            figure = Figure(figsize=(PAGE[0] / 25.4, PAGE[1] / 25.4), dpi=150)
            axes = figure.add_axes((MAP[0] / PAGE[0], MAP[1] / PAGE[1], MAP[2] / PAGE[0], MAP[3] / PAGE[1]))
            wide, high = MAP[2] * SCALE / 1000.0, MAP[3] * SCALE / 1000.0
            turn = np.radians(float(azimuth))
            x, y = spot.x + 0.3 * wide * np.sin(turn), spot.y + 0.3 * high * np.cos(turn)
            bounds = (x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            draw_page(axes, results, ground, look, bounds, title=text("sheet_scale", lang))
            seen = sight.point[sight.camera == number]
            _draw_carriageways(axes, results, bounds)
            _draw_view(axes, shape.get(name), spot, wants.iloc[seen], look, known)
            _write_facts(figure, rows.iloc[number], results, lang)
            book.savefig(figure)
    return Path(path)


def _draw_carriageways(axes: Any, results: Results, bounds: Bounds) -> None:
    """Draw the carriageways at their width: at this scale a line does not tell where the kerb is."""
    streets = results.city.streets
    lines, open_air = streets.geometry.to_numpy(), ~streets["tunnel"].fillna(False).to_numpy(bool)
    near = open_air & shapely.intersects(lines, shapely.box(*bounds).buffer(20.0))
    wide = streets["width"].fillna(0.0).to_numpy(float)[near]
    for part in shapely.get_parts(shapely.union_all(shapely.buffer(lines[near], wide / 2.0, cap_style="flat"))):
        for ring in (part.exterior, *part.interiors):
            x, y = np.asarray(ring.coords).T
            axes.plot(x, y, color="#8a857a", linewidth=0.7, zorder=2.5)


def _draw_view(axes: Any, view: Any, spot: Any, seen: pd.DataFrame, look: Look, known: list[Any]) -> None:
    for part in shapely.get_parts(view) if view is not None else ():
        x, y = np.asarray(part.exterior.coords).T
        axes.fill(x, y, facecolor="#d81b60", alpha=0.18, zorder=6)
        axes.plot(x, y, color="#d81b60", linewidth=0.9, zorder=6.5)
    axes.plot(seen["x"], seen["y"], ".", color="#1b7a3d", markersize=4, zorder=7)
    signs = [
        axes.plot([], [], marker, color=colour, label=text(key, look.lang))[0]
        for colour, key, marker in (("#d81b60", "sheet_view", "s"), ("#1b7a3d", "sheet_seen", "."))
    ]
    legend = axes.legend(
        handles=[*signs, *known], loc="lower left", bbox_to_anchor=(0.0, 0.06), prop=font_of(6.0), framealpha=0.85
    )
    legend.set_zorder(9)
    axes.plot([spot.x], [spot.y], "s", color="#d81b60", markeredgecolor="white", markersize=8, zorder=8)


def _write_facts(figure: Any, row: pd.Series, results: Results, lang: Lang) -> None:
    """Write the title above the plan, the facts below it, and the boxes for photo, result and signatures."""
    head = figure.add_axes((MAP[0] / PAGE[0], 262.0 / PAGE[1], MAP[2] / PAGE[0], 28.0 / PAGE[1]))
    body = figure.add_axes((MAP[0] / PAGE[0], 8.0 / PAGE[1], 108.0 / PAGE[0], 109.0 / PAGE[1]))
    box = figure.add_axes((127.0 / PAGE[0], 8.0 / PAGE[1], 68.0 / PAGE[0], 109.0 / PAGE[1]))
    look = Look((), lang)
    for axes in (head, body, box):
        axes.set_axis_off()
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1)
    top: dict[str, Any] = {"of_axes": True, "top": True}
    write(head, (0, 0.98), results.classification, look, size=10, colour="#a50f15", **top)
    write(head, (0, 0.68), f"{row['site_id']}　{row['name']}", look, size=14, **top)
    write(head, (0, 0.28), f"{results.name}　{results.date}　{text('osm', lang)}", look, size=8, **top)
    y = 0.99
    for name in _FACTS:
        value = row.get(name)
        if value is None or value is pd.NA or value != value or value == "":
            continue
        lines = _fold(f"{header(name, lang)}：{_say(name, value)}", 80)
        for line in lines[:_LONG]:
            write(body, (0, y), line, look, size=6.8, **top)
            y -= 0.0272
    results_of_visit = "　".join(f"□ {terms.label(terms.SURVEYS, key, lang)}" for key in list(terms.SURVEYS)[1:])
    boxes = (
        (0.56, 0.99, (text("sheet_photo", lang),)),
        (
            *(0.22, 0.55),
            (
                text("sheet_verdict", lang) + results_of_visit,
                text("sheet_new_place", lang),
                text("sheet_new_azimuth", lang),
                text("sheet_power", lang),
                text("sheet_reason", lang),
            ),
        ),
        (0.0, 0.21, tuple(text(key, lang) for key in ("sheet_signed", "sheet_design", "sheet_client"))),
    )
    for low, high, lines_of in boxes:
        box.plot([0, 1, 1, 0, 0], [low, low, high, high, low], color="#55524c", linewidth=0.8)
        for number, words in enumerate(lines_of):
            write(box, (0.03, high - 0.012 - 0.062 * number), words, look, size=6.6, **top)


def _say(name: str, value: Any) -> str:
    if name in _EXACT:
        return f"{value:.7f}" if abs(value) <= 360.0 else f"{value:.3f}"
    if name == "private_share":
        return f"{100.0 * value:.0f} %"
    return f"{value:,.6g}" if isinstance(value, float) else str(value)


def _fold(words: str, most: int) -> list[str]:
    """Return the words in lines of at most so many half-width letters.

    >>> _fold("abcdef", 4)
    ['abcd', 'ef']
    """
    lines, wide = [""], 0
    for letter in words:
        size = 2 if ord(letter) > 0x2E7F else 1
        if wide + size > most:
            lines.append("")
            wide = 0
        lines[-1] += letter
        wide += size
    return lines
