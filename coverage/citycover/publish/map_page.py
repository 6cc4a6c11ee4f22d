"""Make one page of a map: folium, our scripts, the packed data, under a policy that forbids any request."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import folium
from pyproj import CRS

from citycover.geo import to_degrees
from citycover.publish.columnar import to_json
from citycover.publish.page import inline_assets
from citycover.terms import Lang

_MARK = "<!--citycover-->"


class OfflineMap(folium.Map):
    """A folium map that needs Leaflet and our own scripts, and nothing else."""

    default_js = [  # noqa: RUF012  folium's own form
        ("leaflet", "asset:leaflet.js"),
        ("unpack", "asset:unpack.js"),
        ("store", "asset:store.js"),
        ("canvas", "asset:canvas.js"),
        ("base", "asset:base.js"),
        ("themes", "asset:themes.js"),
        ("panel", "asset:panel.js"),
        ("tools", "asset:tools.js"),
        ("swipe", "asset:swipe.js"),
        ("map", "asset:map.js"),
    ]
    default_css = [("leaflet_css", "asset:leaflet.css"), ("map_css", "asset:map.css")]  # noqa: RUF012


def render_map(
    title: str, blocks: Mapping[str, Any], *, bounds: tuple[float, float, float, float], crs: CRS, lang: Lang
) -> str:
    """Return a page that shows ``blocks``: ``study`` (title block, figures, notes, themes), ``base``, and the themes.

    ``bounds`` are those of the study's area (m, in ``crs``); the page opens on them.

    Raises
    ------
    PageError
        A web file that the page must carry is missing.
    """
    west, south, east, north = bounds
    lon, lat = to_degrees([west, east, (west + east) / 2], [south, north, (south + north) / 2], crs)
    fmap = OfflineMap(
        location=[round(float(lat[2]), 6), round(float(lon[2]), 6)],
        zoom_start=15,
        tiles=None,
        prefer_canvas=True,
        max_zoom=20,
        min_zoom=9,
        zoom_snap=0.5,  # half steps: tiles are drawn one step larger and shrunk, so that they stay sharp
        fade_animation=False,
        attribution_control=False,
    )
    fmap._id = "citycover"  # the same study gives the same page
    root: Any = fmap.get_root()
    root.title = None
    root.html.add_child(folium.Element(_MARK), name="citycover")
    html = inline_assets(root.render().replace("<head>", f"<head><title>{escape(title)}</title>", 1))
    study = {**blocks["study"], "bounds": [[float(lat[0]), float(lon[0])], [float(lat[1]), float(lon[1])]]}
    data = "\n".join(
        f'<script type="application/json" id="cc-{name}">{to_json(value)}</script>'
        for name, value in {**blocks, "study": study}.items()
    )
    if html.count(_MARK) != 1:
        raise AssertionError("folium rendered the page without the place for the data")
    return html.replace(_MARK, data).replace("<html>", f'<html lang="{"zh-CN" if lang == "zh" else "en"}">', 1)
