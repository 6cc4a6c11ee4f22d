"""A sealed page shows nothing without its passphrase, and all of it with it, in a browser without a network."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib

import pytest

from browsing import CHROMIUM
from citycover.errors import InputError, PageError
from citycover.publish.gap_map import draw_map
from citycover.publish.seal import LABEL, ROUNDS, seal_page

pytest.importorskip("cryptography")
PHRASE = "樟湖大道 correct horse"


@pytest.fixture(scope="module")
def pages(results, tmp_path_factory):
    folder = tmp_path_factory.mktemp("seal")
    page = draw_map(results, folder / "gap_map.html")
    return page, seal_page(page, PHRASE, out=folder / "sealed.html")


def part(sealed: str, name: str) -> bytes:
    return base64.b64decode(re.search(rf'id="seal-{name}">([^<]*)<', sealed).group(1))


def test_title_district_and_counts_are_sealed_and_the_length_is_rounded_up(pages, results):
    plain, sealed = (page.read_text(encoding="utf-8") for page in pages)
    for words in (results.name, "示例片区", "缺口", results.recipient, "CAM-1"):
        assert words in plain
        assert words not in sealed
    assert (len(part(sealed, "body")) - 16) % 65_536 == 0  # GCM adds a tag of 16 bytes


def test_the_page_is_what_the_standards_say_it_is(pages):
    """Opened here by another hand: PBKDF2-HMAC-SHA-256, AES-256-GCM, zlib."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    plain, sealed = (page.read_text(encoding="utf-8") for page in pages)
    assert ROUNDS >= 600_000
    key = hashlib.pbkdf2_hmac("sha256", PHRASE.encode(), part(sealed, "salt"), ROUNDS)
    framed = AESGCM(key).decrypt(part(sealed, "nonce"), part(sealed, "body"), LABEL)
    assert zlib.decompress(framed[4 : 4 + int.from_bytes(framed[:4], "big")]).decode() == plain


def test_salt_and_nonce_are_new_each_time(pages, tmp_path):
    again = seal_page(pages[0], PHRASE, out=tmp_path / "again.html").read_text(encoding="utf-8")
    before = pages[1].read_text(encoding="utf-8")
    for name in ("salt", "nonce", "body"):
        assert part(again, name) != part(before, name)


@pytest.mark.browser
def test_a_browser_opens_it_with_the_passphrase_and_refuses_another(browser, pages):
    assert CHROMIUM
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        errors, requests = [], []
        page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(pages[1].as_uri())
        page.fill("#seal-phrase", "not this one, no")
        page.click("button")
        page.wait_for_selector("text=口令不对")
        assert page.query_selector("#cc-panel") is None
        page.fill("#seal-phrase", PHRASE)
        page.click("button")
        page.wait_for_selector("#cc-panel", timeout=20_000)
        assert "示例片区" in page.inner_text("body")
        page.fill("#cc-search", "西侧")
        page.wait_for_selector(".cc-found button")
        assert errors == []
        assert [url for url in requests if not url.startswith((pages[1].as_uri(), "data:", "blob:"))] == []
    finally:
        context.close()


@pytest.mark.browser
def test_without_the_browsers_cryptography_the_page_says_to_open_it_as_a_file(browser, pages):
    context = browser.new_context(offline=True)
    try:
        page = context.new_page()
        page.add_init_script("Object.defineProperty(window, 'crypto', { value: {} });")
        page.goto(pages[1].as_uri())
        assert "作为文件打开" in page.inner_text("#seal-told")
        assert page.is_disabled("button")
    finally:
        context.close()


def test_short_passphrases_and_other_peoples_pages_are_refused(pages, tmp_path):
    with pytest.raises(InputError, match="at least 12 characters, given 5"):
        seal_page(pages[0], "short", out=tmp_path / "x.html")
    other = tmp_path / "other.html"
    other.write_text("<html></html>")
    with pytest.raises(PageError, match="without its policy"):
        seal_page(other, PHRASE, out=tmp_path / "x.html")
    with pytest.raises(PageError, match="needed a page"):
        seal_page(tmp_path / "none.html", PHRASE, out=tmp_path / "x.html")
    assert not (tmp_path / "x.html").exists()
