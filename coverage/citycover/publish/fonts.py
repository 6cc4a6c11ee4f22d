"""Find a font that has Chinese letters, for pictures and PDF pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from citycover.errors import OutputError

FAMILIES: tuple[str, ...] = (
    *("WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC"),
    *("Microsoft YaHei", "SimHei", "PingFang SC", "Heiti SC", "Arial Unicode MS"),
)
"""Font families with Chinese letters, the first found is taken."""

FILES: tuple[str, ...] = ("wqy-microhei", "wqy-zenhei", "notosanscjk", "notosanssc", "sourcehansans", "msyh", "simhei")
"""Beginnings of file names of such fonts, for those that matplotlib's own list does not know yet."""


NO_FONT = (
    f"needed a font with Chinese letters, such as {', '.join(FAMILIES[:3])}, found none here; install one (on "
    "Debian the package fonts-wqy-microhei) and run again"
)


@cache
def find_font() -> Path | None:
    """Return the file of a font with Chinese letters; None where this machine has none.

    matplotlib keeps its list of fonts from an earlier day, so a font installed since is looked for by its file.
    """
    from matplotlib import font_manager

    known = {entry.name: Path(entry.fname) for entry in font_manager.fontManager.ttflist}
    listed = [known[name] for name in FAMILIES if name in known and known[name].is_file()]
    if listed:
        return listed[0]
    files = sorted(Path(name) for name in font_manager.findSystemFonts())
    fresh = [file for start in FILES for file in files if file.name.lower().startswith(start)]
    return fresh[0] if fresh else None


def need_font() -> Path:
    """Return the file of a font with Chinese letters.

    Raises
    ------
    OutputError
        There is none on this machine.
    """
    found = find_font()
    if found is None:
        raise OutputError(f"maps on paper: {NO_FONT}")
    return found
