"""Turn a page that asks for web files into one that carries them and may ask nobody for anything."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from html.parser import HTMLParser
from importlib import resources

from citycover.errors import PageError

ASSET_URLS: dict[str, tuple[str, str]] = {
    "asset:leaflet.js": ("assets", "leaflet.js"),
    "asset:leaflet.css": ("assets", "leaflet.css"),
    "asset:unpack.js": ("web", "unpack.js"),
    "asset:store.js": ("web", "store.js"),
    "asset:canvas.js": ("web", "canvas.js"),
    "asset:base.js": ("web", "base.js"),
    "asset:themes.js": ("web", "themes.js"),
    "asset:panel.js": ("web", "panel.js"),
    "asset:tools.js": ("web", "tools.js"),
    "asset:swipe.js": ("web", "swipe.js"),
    "asset:map.js": ("web", "map.js"),
    "asset:seal.js": ("web", "seal.js"),
    "asset:map.css": ("web", "map.css"),
}
"""What each address that our pages may name stands for: folder and file in this package."""

_SCRIPT = re.compile(r"<script\b[^>]*\bsrc=[\"']([^\"']*)[\"'][^>]*>\s*</script>", re.IGNORECASE)
_SHEET = re.compile(r"<link\b[^>]*\bhref=[\"']([^\"']*)[\"'][^>]*/?>", re.IGNORECASE)
_INLINE = re.compile(r"<script(?P<head>[^>]*)>(?P<code>.*?)</script>", re.IGNORECASE | re.DOTALL)
_CSS_URL = re.compile(r"url\(\s*[\"']?(?!data:|#)([^)\"']*)[\"']?\s*\)", re.IGNORECASE)
_ASKING = (
    "src",
    "href",
    "srcset",
    "action",
    "formaction",
    "poster",
    "data",
    "background",
    "ping",
    "manifest",
    "xlink:href",
)


def inline_assets(html: str, *, load: Callable[[str], str] | None = None) -> str:
    """Return the page with each script and style sheet put inside, under a policy that forbids any request.

    Leaflet's own pictures (buttons and default markers, which our pages do not use) are taken out of its style sheet.

    Parameters
    ----------
    html
        A page as folium renders it.
    load
        Gives the text behind an address; by default :func:`load_asset`.

    Raises
    ------
    PageError
        The page names an address that is not in :data:`ASSET_URLS`, in a tag or in a style.

    Examples
    --------
    >>> inline_assets('<head></head><script src="https://example.org/x.js"></script>')
    Traceback (most recent call last):
    citycover.errors.PageError: the page asks for https://example.org/x.js, ...
    """
    load = load or load_asset
    html = html.replace("\r\n", "\n")
    html = _SCRIPT.sub(lambda found: f"<script>{_safe_code(load(found.group(1)))}</script>", html)
    html = _SHEET.sub(lambda found: f"<style>{_safe_style(load(found.group(1)))}</style>", html)
    _Askers().check(html)
    return _forbid_requests(html)


def load_asset(url: str) -> str:
    """Return the text of a web file that this package carries.

    Raises
    ------
    PageError
        The address is unknown, or the file is missing because the build did not fetch it.
    """
    if url not in ASSET_URLS:
        raise PageError(f"the page asks for {url}, needed one of the files it carries: {', '.join(ASSET_URLS)}")
    folder, name = ASSET_URLS[url]
    file = resources.files("citycover.publish").joinpath(folder, name)
    if not file.is_file():
        raise PageError(
            f"the web file {folder}/{name} is missing: run `python hatch_build.py` in a checkout, or install the wheel"
        )
    return file.read_text(encoding="utf-8").replace("\r\n", "\n")


def _safe_code(code: str) -> str:
    return re.sub(r"</(script)", r"<\\/\1", code, flags=re.IGNORECASE)


def _safe_style(style: str) -> str:
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    return re.sub(r"url\(\s*[\"']?(images/[^)\"']*|#default#VML)[\"']?\s*\)", "none", style)


def _forbid_requests(html: str) -> str:
    """Put the Content-Security-Policy first into the head: our scripts by their hashes, pictures as data, no more."""
    hashes = []
    for found in _INLINE.finditer(html):
        if "json" not in found["head"]:
            digest = hashlib.sha256(found["code"].encode("utf-8")).digest()
            hashes.append(f"'sha256-{base64.b64encode(digest).decode()}'")
    policy = (
        f"default-src 'none'; script-src {' '.join(dict.fromkeys(hashes)) or chr(39) + 'none' + chr(39)}; "
        "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    fresh, n = re.subn(r"<head>", lambda found: f"{found.group(0)}\n{meta}", html, count=1, flags=re.IGNORECASE)
    if n != 1:
        raise PageError("needed a page with a <head> to put its policy into, given one without")
    return fresh


class _Askers(HTMLParser):
    """Finds tags and styles that would make a browser ask for something."""

    def check(self, html: str) -> None:
        self.found: list[str] = []
        self.style = False
        self.feed(html)
        self.close()
        if self.found:
            raise PageError(f"the page asks for {self.found[0]}, needed a page that carries all its files")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.style = tag == "style"
        for name, value in attrs:
            if name in _ASKING and value and not value.startswith(("data:", "#")):
                self.found.append(value)
            if name == "style" and value:
                self.found += _CSS_URL.findall(value)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style":
            self.style = False

    def handle_data(self, data: str) -> None:
        if self.style:
            self.found += _CSS_URL.findall(data) + re.findall(r"@import\b[^;]*", data)
