"""Draw maps for paper with matplotlib: quiet ground, gaps, cameras and sites, with scale bar, north and legend.

Nothing here uses pyplot: every figure stands alone, so that several may be drawn in several threads.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from citycover import terms
from citycover.city.model import City
from citycover.geo import meridian_convergence
from citycover.publish import palette
from citycover.publish.figures import is_undecided
from citycover.publish.files import clean_text
from citycover.publish.fonts import need_font
from citycover.publish.map_themes import priority_classes
from citycover.publish.results import Results
from citycover.publish.wording import text
from citycover.terms import Lang

Bounds = tuple[float, float, float, float]

MOST_BUILDINGS = 60_000
"""Buildings in the view above which none is drawn: on paper they would be one grey."""

MOST_NAMES = 30
"""Streets that are named on one map."""

DPI = 150
STREET_WIDTHS = dict(zip(terms.ROAD_CLASSES, (2.4, 2.4, 2.0, 1.5, 1.1, 0.7, 0.7, 0.6, 0.6, 0.4), strict=True))
"""Width of a line by its road class, in points at the scale of a page."""

SITE_COLOURS = ("#006d2c", "#31a354", "#74c476", "#bae4b3")
"""Colours of proposed sites by phase; the last one for all later phases."""


@dataclass(frozen=True)
class Look:
    """What a map shows beside the ground: any of ``gaps``, ``cameras``, ``sites``, ``duplicates``, ``mandates``."""

    themes: tuple[str, ...]
    lang: Lang
    scale: float = 1.0
    rasterised: bool = False


class Ground:
    """The quiet ground of a study, its paths made once and drawn on any number of maps."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.area: Bounds = city.area.bounds
        land = city.landscape
        self._land = {
            name: _shapes(land.loc[land["feature"] == name, "geometry"]) for name in ("compound", "green", "water")
        }
        self._rail = _shapes(land.loc[land["feature"] == "rail", "geometry"])
        streets = city.streets
        shown = streets[~streets["tunnel"].fillna(False).astype(bool)]
        self._streets = {
            name: _shapes(shown.loc[shown["road_class"] == name, "geometry"])
            for name in reversed(terms.ROAD_CLASSES)
            if (shown["road_class"] == name).any()
        }
        self._buildings = _shapes(city.buildings.geometry)
        districts = city.districts
        finest = districts["level"].astype("str").max() if len(districts) else None
        self.districts = districts[districts["level"].astype("str") == finest] if len(districts) else districts

    def draw(self, axes: Any, look: Look, bounds: Bounds, *, names: bool = True, buildings: bool = True) -> None:
        """Draw the ground within the bounds (metres of the study's reference system)."""
        axes.set_facecolor(palette.PAPER)
        faces = (("compound", palette.COMPOUND), ("green", palette.GREEN), ("water", palette.WATER))
        box = shapely.box(*bounds)
        for name, colour in faces:
            _fill(axes, within(self._land[name], box), colour, look)
        if buildings:
            near = within(self._buildings, box)
            if len(near) <= MOST_BUILDINGS:
                _fill(axes, near, palette.BUILDING, look)
        for name, lines in self._streets.items():
            _stroke(axes, within(lines, box), palette.STREET, look.scale * STREET_WIDTHS.get(name, 0.5), look)
        _stroke(axes, within(self._rail, box), palette.RAIL, 0.8 * look.scale, look, dashes=(4, 2))
        borders = _shapes(self.districts.boundary) if len(self.districts) else _shapes(self.districts.geometry)
        _stroke(axes, within(borders, box), "#55524c", 0.9 * look.scale, look, dashes=(6, 2, 1, 2))
        if names:
            self._name_streets(axes, look, box)

    def _name_streets(self, axes: Any, look: Look, box: Any) -> None:
        """Name the largest streets once, along the middle of their longest section in view."""
        streets = self.city.streets
        rank = streets["road_class"].map({name: i for i, name in enumerate(terms.ROAD_CLASSES)})
        rows = streets.assign(rank=rank, shown=shapely.length(streets.geometry.to_numpy()))
        rows = rows[rows["name"].notna() & shapely.intersects(rows.geometry.to_numpy(), box)]
        rows = rows.sort_values(["rank", "shown"], ascending=[True, False], kind="stable").drop_duplicates("name")
        rows = rows.head(MOST_NAMES)
        if rows.empty:
            return
        lines = shapely.intersection(rows.geometry.to_numpy(), box)
        middle = shapely.line_interpolate_point(_longest(lines), 0.5, normalized=True)
        ahead = shapely.line_interpolate_point(_longest(lines), 0.6, normalized=True)
        angle = np.degrees(
            np.arctan2(shapely.get_y(ahead) - shapely.get_y(middle), shapely.get_x(ahead) - shapely.get_x(middle))
        )
        angle = (angle + 90.0) % 180.0 - 90.0
        for name, spot, turn in zip(rows["name"], middle, angle, strict=True):
            if shapely.is_empty(spot):
                continue
            write(axes, (spot.x, spot.y), str(name), look, size=5.5, colour="#6b665c", rotation=float(turn), halo=True)


def draw_page(
    axes: Any,
    results: Results,
    ground: Ground,
    look: Look,
    bounds: Bounds,
    *,
    title: str = "",
    focus: Any = None,
) -> None:
    """Draw one whole map: ground, themes, scale bar, north arrow, attribution and the mark of classification."""
    _frame(axes, bounds)
    ground.draw(axes, look, bounds)
    for theme in look.themes:
        _THEMES[theme](axes, results, look, shapely.box(*bounds))
    if focus is not None:
        veil = shapely.difference(shapely.box(*bounds), focus)
        _fill(axes, np.asarray(shapely.get_parts(veil), dtype=object), "white", look, alpha=0.6, z=8.5)
    _scale_bar(axes, look, bounds)
    _north(axes, look, bounds, results)
    write(
        axes,
        (0.995, 0.008),
        text("osm", look.lang),
        look,
        size=5.5,
        colour="#55524c",
        of_axes=True,
        align="right",
        halo=True,
    )
    write(
        axes, (0.01, 0.985), results.classification, look, size=9, colour="#a50f15", of_axes=True, top=True, halo=True
    )
    if title:
        write(axes, (0.99, 0.985), title, look, size=8, of_axes=True, align="right", top=True, halo=True)


def draw_picture(
    results: Results,
    ground: Ground,
    themes: Sequence[str],
    *,
    lang: Lang,
    bounds: Bounds | None = None,
    size: tuple[float, float] = (6.3, 4.3),
    title: str = "",
    focus: Any = None,
) -> bytes:
    """Return one map as PNG, ``size`` in inches, with its legend below; its bounds widened to the picture's shape.

    What lies outside ``focus`` (a polygon) is veiled.
    """
    from matplotlib.figure import Figure

    look = Look(tuple(themes), lang)
    figure = Figure(figsize=size, dpi=DPI)
    room = 0.12
    axes = figure.add_axes((0.0, room, 1.0, 1.0 - room))
    shown = fit_bounds(bounds or ground.area, size[0] / (size[1] * (1.0 - room)))
    draw_page(axes, results, ground, look, shown, title=title, focus=focus)
    entries = legend_entries(results, look)
    if entries:
        figure.legend(
            handles=entries,
            loc="upper center",
            bbox_to_anchor=(0.5, room - 0.005),
            ncols=min(len(entries), 4),
            frameon=False,
            prop=font_of(6.5),
            handlelength=1.6,
            columnspacing=1.2,
            borderaxespad=0.2,
        )
    return as_png(figure)


def draw_panels(
    results: Results,
    ground: Ground,
    groups: Sequence[tuple[str, pd.Series]],
    *,
    lang: Lang,
    columns: int = 3,
    width: float = 6.3,
) -> bytes:
    """Return small maps side by side as PNG: one per group of gaps, each ``(title, which gaps)``."""
    from matplotlib.figure import Figure

    look = Look((), lang, scale=0.5)
    rows = -(-len(groups) // columns)
    bounds = fit_bounds(ground.area, 1.35)
    height = rows * (width / columns / 1.35 + 0.28)
    figure = Figure(figsize=(width, height), dpi=DPI)
    for i, (title, which) in enumerate(groups):
        axes = figure.add_subplot(rows, columns, i + 1)
        _frame(axes, bounds)
        ground.draw(axes, look, bounds, names=False, buildings=False)
        _draw_gap_rows(axes, results.gaps[which.to_numpy(bool)], look, shapely.box(*bounds))
        axes.set_title(clean_text(title), fontproperties=font_of(6.5), pad=3)
    figure.subplots_adjust(
        left=0.005, right=0.995, top=1.0 - 0.22 / height, bottom=0.14 / height, wspace=0.03, hspace=0.22
    )
    write_below(figure, f"{results.classification}　{text('osm', lang)}")
    return as_png(figure)


def as_png(figure: Any) -> bytes:
    """Return a figure as the bytes of a PNG."""
    out = io.BytesIO()
    figure.savefig(out, format="png", facecolor="white")
    return out.getvalue()


def write(
    axes: Any,
    spot: tuple[float, float],
    words: str,
    look: Look,
    *,
    size: float,
    colour: str = "#1f1d1a",
    rotation: float = 0.0,
    of_axes: bool = False,
    align: str = "",
    top: bool = False,
    halo: bool = False,
) -> None:
    """Write words on a map as they are: dollar signs and backslashes are no formulas."""
    from matplotlib import patheffects

    axes.text(
        *spot,
        clean_text(words),
        fontproperties=font_of(size * look.scale),
        color=colour,
        rotation=rotation,
        rotation_mode="anchor",
        ha=align or ("left" if of_axes else "center"),
        va="top" if top else ("bottom" if of_axes else "center"),
        transform=axes.transAxes if of_axes else axes.transData,
        clip_on=True,
        parse_math=False,
        zorder=9,
        path_effects=[patheffects.withStroke(linewidth=1.6, foreground="white", alpha=0.85)] if halo else None,
    )


def write_below(figure: Any, words: str) -> None:
    """Write a small line at the foot of a figure."""
    figure.text(
        0.995,
        0.004,
        clean_text(words),
        fontproperties=font_of(5.5),
        ha="right",
        va="bottom",
        parse_math=False,
        color="#55524c",
    )


def fit_bounds(bounds: Bounds, ratio: float, *, margin: float = 0.02) -> Bounds:
    """Return bounds widened about their middle to a ratio of width to height, with a margin.

    >>> fit_bounds((0.0, 0.0, 100.0, 100.0), 2.0, margin=0.0)
    (-50.0, 0.0, 150.0, 100.0)
    """
    x0, y0, x1, y1 = bounds
    width, height = max(x1 - x0, 1.0) * (1 + 2 * margin), max(y1 - y0, 1.0) * (1 + 2 * margin)
    if width / height < ratio:
        width = height * ratio
    else:
        height = width / ratio
    x, y = (x0 + x1) / 2, (y0 + y1) / 2
    return (x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def legend_entries(results: Results, look: Look) -> list[Any]:
    """Return the handles of the legend for what the themes of a map really show."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    def spot(colour: str, label: str, marker: str = "o") -> Any:
        return Line2D([], [], color=colour, marker=marker, linestyle="none", markersize=5, label=label)

    found: list[Any] = []
    lang = look.lang
    if "gaps" in look.themes:
        classes = set(priority_classes(results.gaps.loc[~is_undecided(results.gaps), "priority"]))
        found += [
            Line2D([], [], color=colour, linewidth=3, label=f"{text('gaps', lang)}：{text(f'priority_{name}', lang)}")
            for name, colour in palette.PRIORITY.items()
            if name in classes
        ]
        if is_undecided(results.gaps).any():
            found.append(
                Line2D([], [], color=palette.UNDECIDED, linewidth=2, linestyle=":", label=text("gaps_undecided", lang))
            )
    if "mandates" in look.themes:
        found.append(Patch(facecolor="#1b6e7c", alpha=0.35, label=text("mandates", lang)))
    if "cameras" in look.themes:
        found += [
            spot(
                colour,
                f"{text('cameras', lang)}：{terms.label(terms.COUNTS, name, lang)}",
                "^" if name == "yes" else "v",
            )
            for name, colour in palette.CAMERA.items()
            if (results.cameras["counts"] == name).any()
        ]
    if "sites" in look.themes:
        phases = sites_of(results)["phase"].dropna().astype("str").drop_duplicates().sort_values()
        found += [
            spot(SITE_COLOURS[min(i, len(SITE_COLOURS) - 1)], f"{text('sites', lang)} {phase}", "D")
            for i, phase in enumerate(phases)
        ]
    if "duplicates" in look.themes:
        found.append(Line2D([], [], color="#54278f", linewidth=1.5, label=text("duplicates", lang)))
    return found


def sites_of(results: Results) -> pd.DataFrame:
    """Return the proposed sites; an empty table where no plan was drafted."""
    return _optional(results, "sites", ("site_id", "phase", "builder", "district"))


def duplicates_of(results: Results) -> pd.DataFrame:
    """Return the judged duplicates; an empty table where no proposed cameras were given."""
    return _optional(results, "duplicates", ("camera_a", "camera_b", "standing", "action", "reason", "department"))


def _optional(results: Results, name: str, columns: Sequence[str]) -> pd.DataFrame:
    found = getattr(results, name, None)
    rows = pd.DataFrame(columns=list(columns)) if found is None else found
    return rows if len(rows) else pd.DataFrame(columns=[*columns, *(c for c in rows.columns if c not in columns)])


def _draw_gaps(axes: Any, results: Results, look: Look, box: Any) -> None:
    _draw_gap_rows(axes, results.gaps, look, box)


def _draw_gap_rows(axes: Any, gaps: gpd.GeoDataFrame, look: Look, box: Any) -> None:
    undecided = is_undecided(gaps)
    style = priority_classes(gaps["priority"]).where(~undecided, "undecided")
    for name in ("undecided", "none", "low", "medium", "high"):
        colour = palette.UNDECIDED if name == "undecided" else palette.PRIORITY[name]
        rows = within(_shapes(gaps.loc[(style == name).to_numpy(bool), "geometry"]), box)
        kind = shapely.get_dimensions(rows)
        _fill(axes, rows[kind == 2], colour, look, alpha=0.35, edge=colour, hatch="////", z=5)
        dashes = (1, 1) if name == "undecided" else None
        _stroke(axes, rows[kind == 1], colour, 2.2 * look.scale, look, dashes=dashes, z=6)
        points = rows[kind == 0]
        size = 16 * look.scale**2
        axes.scatter(
            shapely.get_x(points),
            shapely.get_y(points),
            s=size,
            c=colour,
            marker="s",
            edgecolors="white",
            linewidths=0.4,
            zorder=7,
        )


def _draw_mandates(axes: Any, results: Results, look: Look, box: Any) -> None:
    rows = within(_shapes(results.mandates.geometry), box)
    kind = shapely.get_dimensions(rows)
    _fill(axes, rows[kind == 2], "#1b6e7c", look, alpha=0.3, edge="#1b6e7c", z=3)
    _stroke(axes, rows[kind == 1], "#1b6e7c", 1.6 * look.scale, look, z=3)
    points = rows[kind == 0]
    axes.scatter(shapely.get_x(points), shapely.get_y(points), s=8 * look.scale**2, c="#1b6e7c", zorder=4)


def _draw_cameras(axes: Any, results: Results, look: Look, box: Any) -> None:
    cameras = results.cameras[shapely.intersects(results.cameras.geometry.to_numpy(), box)]
    for name in ("no", "range", "yes"):
        rows = cameras[cameras["counts"] == name]
        axes.scatter(
            rows.geometry.x,
            rows.geometry.y,
            s=9 * look.scale**2,
            c=palette.CAMERA[name],
            marker="^" if name == "yes" else "v",
            edgecolors="white",
            linewidths=0.3,
            zorder=8,
        )


def _draw_sites(axes: Any, results: Results, look: Look, box: Any) -> None:
    sites = sites_of(results)
    if not isinstance(sites, gpd.GeoDataFrame) or sites.empty:
        return
    phases = sites["phase"].astype("str")
    for i, phase in enumerate(sorted(set(phases))):
        rows = within(_shapes(sites.loc[(phases == phase).to_numpy(bool), "geometry"]), box)
        spots = shapely.centroid(rows)
        colour = SITE_COLOURS[min(i, len(SITE_COLOURS) - 1)]
        axes.scatter(
            shapely.get_x(spots),
            shapely.get_y(spots),
            s=20 * look.scale**2,
            c=colour,
            marker="D",
            edgecolors="black",
            linewidths=0.4,
            zorder=8,
        )


def _draw_duplicates(axes: Any, results: Results, look: Look, box: Any) -> None:
    rows = duplicates_of(results)
    if isinstance(rows, gpd.GeoDataFrame) and len(rows):
        told = rows[rows["standing"] != "none"]
        _stroke(axes, within(_shapes(told.geometry), box), "#54278f", 1.5 * look.scale, look, z=8)


_THEMES: dict[str, Callable[[Any, Results, Look, Any], None]] = {
    "mandates": _draw_mandates,
    "gaps": _draw_gaps,
    "cameras": _draw_cameras,
    "sites": _draw_sites,
    "duplicates": _draw_duplicates,
}


def within(shapes: npt.NDArray[Any], box: Any) -> npt.NDArray[Any]:
    """Return those shapes that meet a box, cut no further: the page clips them."""
    return shapes[shapely.intersects(shapes, box)] if len(shapes) else shapes


def _shapes(geometry: gpd.GeoSeries) -> npt.NDArray[Any]:
    shapes = np.asarray(geometry.to_numpy(), dtype=object)
    return np.asarray(shapely.get_parts(shapes[~shapely.is_missing(shapes)]), dtype=object)


def _path(shapes: npt.NDArray[Any]) -> Any:
    """Return lines, or polygons with their holes, as one path."""
    from matplotlib.path import Path

    lines = shapely.get_rings(shapely.orient_polygons(shapes)) if shapely.get_dimensions(shapes[0]) == 2 else shapes
    points, owner = shapely.get_coordinates(lines, return_index=True)
    codes = np.full(len(points), Path.LINETO, np.uint8)
    codes[np.r_[True, owner[1:] != owner[:-1]]] = Path.MOVETO
    return Path(points, codes)


def _fill(
    axes: Any,
    shapes: npt.NDArray[Any],
    colour: str,
    look: Look,
    *,
    alpha: float = 1.0,
    edge: str = "none",
    hatch: str = "",
    z: float = 1,
) -> None:
    from matplotlib.patches import PathPatch

    polygons = shapes[shapely.get_dimensions(shapes) == 2] if len(shapes) else shapes
    if len(polygons):
        axes.add_artist(
            PathPatch(
                _path(polygons),
                facecolor=(colour, alpha),
                edgecolor=edge,
                linewidth=0.6 * look.scale,
                hatch=hatch or None,
                zorder=z,
                rasterized=look.rasterised and z < 2,
            )
        )


def _stroke(
    axes: Any,
    shapes: npt.NDArray[Any],
    colour: str,
    width: float,
    look: Look,
    *,
    dashes: tuple[float, ...] | None = None,
    z: float = 2,
) -> None:
    from matplotlib.patches import PathPatch

    lines = shapes[shapely.get_dimensions(shapes) == 1] if len(shapes) else shapes
    if len(lines):
        axes.add_artist(
            PathPatch(
                _path(lines),
                fill=False,
                edgecolor=colour,
                linewidth=width,
                capstyle="round",
                joinstyle="round",
                linestyle="solid" if dashes is None else (0, dashes),
                zorder=z,
                rasterized=look.rasterised and z < 3,
            )
        )


def _longest(lines: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the longest part of each line."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    order = np.lexsort((-shapely.length(parts), owner))
    first = np.r_[True, np.diff(owner[order]) > 0] if len(owner) else np.zeros(0, bool)
    out = np.asarray(lines, dtype=object).copy()
    out[owner[order][first]] = parts[order][first]
    return out


def _frame(axes: Any, bounds: Bounds) -> None:
    axes.set_xlim(bounds[0], bounds[2])
    axes.set_ylim(bounds[1], bounds[3])
    axes.set_aspect("equal")
    axes.set_xticks([])
    axes.set_yticks([])
    for side in axes.spines.values():
        side.set_linewidth(0.6)
        side.set_color("#55524c")


def _scale_bar(axes: Any, look: Look, bounds: Bounds) -> None:
    """Draw a scale bar of a round length, at most a quarter of the map's width."""
    from matplotlib.patches import Rectangle

    width, height = bounds[2] - bounds[0], bounds[3] - bounds[1]
    length = round_length(width / 4)
    x, y = bounds[0] + 0.02 * width, bounds[1] + 0.03 * height
    thick = 0.008 * height
    for i, colour in enumerate(("#1f1d1a", "white")):
        axes.add_artist(
            Rectangle(
                (x + i * length / 2, y),
                length / 2,
                thick,
                facecolor=colour,
                edgecolor="#1f1d1a",
                linewidth=0.5,
                zorder=9,
            )
        )
    words = f"{length / 1000:g} km" if length >= 1000 else f"{length:g} m"
    write(axes, (x + length, y + 2.6 * thick), words, look, size=6, halo=True)
    write(axes, (x, y + 2.6 * thick), "0", look, size=6, halo=True)


def _north(axes: Any, look: Look, bounds: Bounds, results: Results) -> None:
    """Draw an arrow to true north: the map's own upward direction is grid north."""
    x, y = bounds[2] - 0.05 * (bounds[2] - bounds[0]), bounds[1] + 0.10 * (bounds[3] - bounds[1])
    length = 0.07 * (bounds[3] - bounds[1])
    tip = point_north((x, y), length, results.city.crs)
    arrow = {"arrowstyle": "-|>", "color": "#1f1d1a", "linewidth": 1.0 * look.scale}
    axes.annotate("", xy=tip, xytext=(x, y), arrowprops=arrow, zorder=9)
    write(axes, (tip[0], tip[1] + 0.2 * length), "北" if look.lang == "zh" else "N", look, size=7, halo=True)


def point_north(spot: tuple[float, float], length: float, crs: Any) -> tuple[float, float]:
    """Return the point ``length`` metres towards true north: counter-clockwise of grid north by the convergence."""
    turn = np.radians(float(meridian_convergence([spot[0]], [spot[1]], crs)[0]))
    return (float(spot[0] - length * np.sin(turn)), float(spot[1] + length * np.cos(turn)))


def round_length(most: float) -> float:
    """Return the largest of 1, 2 and 5 times a power of ten that is at most ``most``.

    >>> round_length(460.0), round_length(1200.0), round_length(0.3)
    (200.0, 1000.0, 0.2)
    """
    power = 10.0 ** np.floor(np.log10(most))
    return float(max(step * power for step in (1.0, 2.0, 5.0) if step * power <= most * (1 + 1e-9)))


def font_of(size: float) -> Any:
    """Return the font of maps and papers at a size in points."""
    from matplotlib.font_manager import FontProperties

    return FontProperties(fname=str(need_font()), size=size)
