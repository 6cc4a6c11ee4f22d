"""A real browser without a network, for the pages that tests open."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


class Visit:
    """A page in a browser without a network, and all that it did that it should not."""

    def __init__(self, page: Any, address: str) -> None:
        self.page = page
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.dialogs: list[str] = []
        self.started: list[Any] = []
        page.on("request", lambda request: (self.requests.append(request.url), self.started.append(request)))
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        page.wait_for_function("window.citycoverReady", timeout=15_000)

    def check_quiet(self, address: str) -> None:
        assert [url for url in self.requests if not url.startswith((address, "data:"))] == []
        assert len([url for url in self.requests if url.startswith(address)]) == 1  # the page itself
        assert self.errors == []
        assert self.dialogs == []


@contextmanager
def visit(browser: Any, file: Path, anchor: str = "", *, width: int = 1280, height: int = 800) -> Iterator[Visit]:
    context = browser.new_context(offline=True, viewport={"width": width, "height": height})
    try:
        yield Visit(context.new_page(), file.as_uri() + anchor)
    finally:
        context.close()
