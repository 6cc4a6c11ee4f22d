"""What every test has: no network, and the places of real data where they are there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from browsing import CHROMIUM, FLAGS
from checkout import SHARED, NetworkTouchedError


@pytest.fixture(scope="session", autouse=True)
def no_network():
    """No code under test may open a connection to anywhere but this machine; `citycover fetch` is tried on a double."""
    real = socket.socket.connect

    def connect(self, address):
        local = self.family == getattr(socket, "AF_UNIX", None) or address[0] in ("127.0.0.1", "::1", "localhost")
        if not local:
            raise NetworkTouchedError(f"a connection to {address} was tried")
        return real(self, address)

    socket.socket.connect = connect  # type: ignore[method-assign]
    yield
    socket.socket.connect = real  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real extracts and registers, which is never part of the repository."""
    folder = SHARED / "data"
    if not folder.is_dir():
        pytest.skip("real data are absent: they lie beside the repository, in ../shared/data")
    return folder


@pytest.fixture(scope="session")
def shared_law() -> Path:
    """The folder of the regulations' texts and tables, which is never part of the repository."""
    folder = SHARED / "regulations"
    if not folder.is_dir():
        pytest.skip("the texts of the regulations are absent: they lie beside the repository, in ../shared/regulations")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield running
        running.close()
