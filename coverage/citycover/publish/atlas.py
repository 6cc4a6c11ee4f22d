"""Draw a study on large sheets: an A3 atlas by district and an A0 wall map, as PDF."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from citycover import terms
from citycover.publish.figures import figures_of, is_undecided
from citycover.publish.files import replacing
from citycover.publish.filters import builder_of, district_of
from citycover.publish.fonts import need_font
from citycover.publish.results import Results
from citycover.publish.static_maps import Bounds, Ground, Look, draw_page, legend_entries, sites_of, write
from citycover.publish.summary import five_figures
from citycover.publish.wording import text
from citycover.terms import Lang

A3, A0 = (420.0, 297.0), (1189.0, 841.0)
"""Width and height of the sheets, which lie across (mm)."""

SCALES = (2000, 2500, 5000, 10_000, 20_000, 25_000, 50_000, 100_000, 200_000)
"""Scales of maps, the largest first; the first at which a district fits on few sheets is taken."""

MOST_SHEETS = 9
"""Sheets of one district in the atlas."""

MANY_BUILDINGS = 20_000
"""Buildings from which the ground is laid into the PDF as a picture: as outlines it would open slowly."""

_MARGIN, _SIDE, _GAP = 10.0, 88.0, 6.0  # mm: edge of the sheet, width of the panel, between map and panel


def draw_atlas(results: Results, path: str | Path, *, lang: Lang | None = None) -> Path:
    """Write ``atlas.pdf``: each district on one or several A3 sheets of one scale, with legend, figures, title block.

    A study without districts is one district. Districts in the order of their names; sheets from north-west to
    south-east, those without any of the district left out. Restricted, and says so on every sheet.

    Raises
    ------
    OutputError
        There is no font with Chinese letters, or the file cannot be written.
    """
    lang = lang or results.lang
    ground = Ground(results.city)
    districts = ground.districts.dropna(subset=["name"]).drop_duplicates("name").sort_values("name")
    parts = list(zip(districts["name"], districts.geometry, strict=True)) or [("", results.city.area)]
    pages = [
        (name, shape, scale, bounds, number, len(sheets))
        for name, shape in parts
        for scale, sheets in [cut_sheets(shapely.intersection(shape, results.city.area), A3)]
        for number, bounds in enumerate(sheets, start=1)
    ]
    return _write_pages(results, ground, pages, A3, 1.0, path, lang)


def draw_wall_map(results: Results, path: str | Path, *, lang: Lang | None = None) -> Path:
    """Write ``wall_map.pdf``: the whole study on one A0 sheet, at the largest round scale that holds it.

    Raises
    ------
    OutputError
        There is no font with Chinese letters, or the file cannot be written.
    """
    lang = lang or results.lang
    scale, sheets = cut_sheets(results.city.area, A0, most=1, factor=A0[0] / A3[0])
    return _write_pages(
        results, Ground(results.city), [("", None, scale, sheets[0], 1, 1)], A0, A0[0] / A3[0], path, lang
    )


def cut_sheets(
    shape: Any, sheet: tuple[float, float], *, most: int = MOST_SHEETS, factor: float = 1.0
) -> tuple[int, list[Bounds]]:
    """Return the largest scale at which at most ``most`` sheets hold a shape, and their bounds on the ground (m).

    >>> scale, sheets = cut_sheets(shapely.box(0, 0, 1000, 1000), A3, most=1)
    >>> scale, [round(side, 1) for side in sheets[0]]
    (5000, [-265.0, -192.5, 1265.0, 1192.5])
    """
    width, height = _map_size(sheet, factor)
    x0, y0, x1, y1 = shape.bounds
    for scale in SCALES:
        w, h = width / 1000 * scale, height / 1000 * scale
        columns, rows = (max(1, int(np.ceil((high - low) / side))) for low, high, side in ((x0, x1, w), (y0, y1, h)))
        if columns * rows > 4 * most:
            continue
        left, top = (x0 + x1 - columns * w) / 2, (y0 + y1 + rows * h) / 2
        boxes = [
            (left + j * w, top - (i + 1) * h, left + (j + 1) * w, top - i * h)
            for i, j in product(range(rows), range(columns))
        ]
        held = [bounds for bounds in boxes if shapely.intersects(shape, shapely.box(*bounds))]
        if len(held) <= most:
            return scale, held
    scale = int(np.ceil(max((x1 - x0) / width, (y1 - y0) / height)) * 1000)
    w, h, x, y = width / 1000 * scale, height / 1000 * scale, (x0 + x1) / 2, (y0 + y1) / 2
    return scale, [(x - w / 2, y - h / 2, x + w / 2, y + h / 2)]


def _map_size(sheet: tuple[float, float], factor: float) -> tuple[float, float]:
    return sheet[0] - (2 * _MARGIN + _SIDE + _GAP) * factor, sheet[1] - 2 * _MARGIN * factor


def _write_pages(
    results: Results,
    ground: Ground,
    pages: Sequence[tuple[str, Any, int, Bounds, int, int]],
    sheet: tuple[float, float],
    factor: float,
    path: str | Path,
    lang: Lang,
) -> Path:
    from matplotlib.backends.backend_pdf import PdfPages
    from matplotlib.figure import Figure

    need_font()
    themes = ("gaps", "cameras", *(("sites",) if len(sites_of(results)) else ()))
    look = Look(themes, lang, scale=1.5 * factor**0.5, rasterised=len(results.city.buildings) > MANY_BUILDINGS)
    about = {"Title": results.name, "Author": "", "Creator": "citycover", "Producer": None, "CreationDate": None}
    with replacing(path) as fresh, PdfPages(fresh, metadata=about) as book:
        for name, shape, scale, bounds, number, of in pages:
            figure = Figure(figsize=(sheet[0] / 25.4, sheet[1] / 25.4), dpi=200)
            width, height = _map_size(sheet, factor)
            edge = _MARGIN * factor
            axes = figure.add_axes((edge / sheet[0], edge / sheet[1], width / sheet[0], height / sheet[1]))
            draw_page(axes, results, ground, look, bounds, focus=shape if name else None)
            left = (edge + width + _GAP * factor) / sheet[0]
            panel = figure.add_axes((left, edge / sheet[1], _SIDE * factor / sheet[0], height / sheet[1]))
            _panel(panel, results, look, name, scale, (number, of), factor)
            book.savefig(figure)
    return Path(path)


def _panel(
    axes: Any, results: Results, look: Look, name: str, scale: int, number: tuple[int, int], factor: float
) -> None:
    """Fill the strip beside the map: title block, figures of the district, legend, notes."""
    from matplotlib.font_manager import FontProperties

    lang, size = look.lang, factor**0.85
    axes.set_axis_off()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    plain = Look(look.themes, lang, scale=size)
    colon = "：" if lang == "zh" else ": "
    block = [
        (results.classification, 13.0, "#a50f15"),
        *((line, 12.0, "#1f1d1a") for line in _wrap(results.name, 17 if lang == "zh" else 34)),
        (name or text("gap_map", lang), 15.0, "#1f1d1a"),
        (f"1:{scale:,}" + (f"　{number[0]} / {number[1]}" if number[1] > 1 else ""), 11.0, "#1f1d1a"),
        (f"{text('date', lang)}{colon}{results.date}", 8.5, "#3c3933"),
        *(
            (line, 8.5, "#3c3933")
            for line in _wrap(f"{text('rulebook', lang)}{colon}{results.rulebook_title}", 26 if lang == "zh" else 50)
        ),
        *(
            (line, 8.5, "#3c3933")
            for line in _wrap(
                f"{text('recipient', lang)}{colon}{results.recipient or text('not_named', lang)}",
                26 if lang == "zh" else 50,
            )
        ),
        ("", 6.0, ""),
        *((line, 9.0, "#1f1d1a") for line in _figures_of(results, name, lang)),
    ]
    y = 0.99
    step = size / (axes.get_position().height * axes.figure.get_figheight() * 72)
    for words, points, colour in block:
        if words:
            write(axes, (0.0, y), words, plain, size=points, colour=colour, of_axes=True, top=True)
        y -= points * 1.55 * step
    entries = legend_entries(results, look)
    if entries:
        axes.legend(
            handles=entries,
            loc="upper left",
            bbox_to_anchor=(0.0, y - 0.01),
            frameon=False,
            prop=FontProperties(fname=str(need_font()), size=9 * size),
            borderaxespad=0.0,
            borderpad=0.0,
        )
    notes = [
        line
        for key in ("restricted_hint", "validity", "osm_silence")
        for line in _wrap(text(key, lang), 30 if lang == "zh" else 58)
    ]
    for i, line in enumerate([*notes, text("osm", lang)][::-1]):
        write(axes, (0.0, 0.002 + i * 10.5 * step), line, plain, size=7, colour="#55524c", of_axes=True)


def _figures_of(results: Results, name: str, lang: Lang) -> list[str]:
    """Return the figures of a district, or of the whole study, as short lines."""
    if not name:
        wide = 25 if lang == "zh" else 48
        return [line for sentence in five_figures(results, lang=lang)[:4] for line in _wrap(sentence, wide)]
    gaps = results.gaps[district_of(results.gaps) == name]
    open_ = is_undecided(gaps)
    cameras = results.cameras[district_of(results.cameras) == name]
    mandates = figures_of(results)["mandates"]["by_district"].get(name, 0)
    colon = "：" if lang == "zh" else ": "
    lines = [
        f"{text('n_mandates', lang)}{colon}{mandates}",
        f"{text('n_gaps_decided', lang)}{colon}{int((~open_).sum())}"
        if lang == "en"
        else f"缺口（义务已定）：{int((~open_).sum())}",
    ]
    counts = builder_of(gaps[~open_]).value_counts()
    lines += [
        f"　{terms.label(terms.BUILDERS, key, lang)} {counts[key]}" for key in terms.BUILDERS if key in counts.index
    ]
    lines.append(f"{text('gaps_undecided', lang)}{colon}{int(open_.sum())}")
    lines.append(f"{text('n_cameras', lang)}{colon}{len(cameras)}")
    return lines


def _wrap(words: str, most: int) -> list[str]:
    """Return words cut into lines of at most ``most`` letters, at blanks where there are any.

    >>> _wrap("一二三四五", 2), _wrap("one two three", 8)
    (['一二', '三四', '五'], ['one two', 'three'])
    """
    lines: list[str] = []
    rest = words
    while len(rest) > most:
        at = rest.rfind(" ", 0, most + 1)
        at = at if at > most // 2 else most
        lines.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [*lines, rest] if rest else lines
