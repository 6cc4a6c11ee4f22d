from __future__ import annotations

import base64
import hashlib
import re

import pytest

from citycover.errors import PageError
from citycover.publish.page import ASSET_URLS, inline_assets, load_asset

HEAD = "<html><head></head><body>{}</body></html>"


@pytest.mark.parametrize(
    "asking",
    [
        '<script src="https://example.org/x.js"></script>',
        '<link rel="stylesheet" href="https://example.org/x.css"/>',
        '<img src="http://example.org/x.png">',
        '<img srcset="x.png 2x">',
        '<iframe src="//example.org"></iframe>',
        '<form action="https://example.org"></form>',
        '<video poster="x.png"></video>',
        '<object data="x.svg"></object>',
        '<a href="https://example.org">x</a>',
        '<a href="#x" ping="https://example.org">x</a>',
        '<div style="background: url(https://example.org/x.png)"></div>',
        "<style>p { background: url('//example.org/x.png') }</style>",
        '<style>@import "https://example.org/x.css";</style>',
        "<script src=https://example.org/x.js></script>",
        '<script async src="https://example.org/x.js">;</script>',
    ],
)
def test_a_page_that_asks_for_anything_unknown_is_refused(asking: str) -> None:
    with pytest.raises(PageError, match="asks for"):
        inline_assets(HEAD.format(asking))


def test_data_and_fragments_ask_for_nothing() -> None:
    page = HEAD.format('<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><a href="#gap=1">x</a>')
    assert "data:image/gif" in inline_assets(page)


def test_each_script_runs_by_its_own_hash_and_no_other_may() -> None:
    """The hash is taken here anew, by the definition of CSP: base64 of sha256 of what stands between the tags."""
    page = inline_assets(
        HEAD.format("<script>let a = 1;</script><script src='asset:x.js'></script>"), load=lambda _: "let b = 2;"
    )
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
    assert policy
    for code in ("let a = 1;", "let b = 2;"):
        assert f"<script>{code}</script>" in page
        assert base64.b64encode(hashlib.sha256(code.encode()).digest()).decode() in policy[1]
    assert "default-src 'none'" in policy[1]
    script_part = re.search(r"script-src ([^;]*)", policy[1])
    assert script_part
    assert "unsafe" not in script_part[1]


def test_the_policy_stands_before_everything_it_must_govern() -> None:
    page = inline_assets(HEAD.format("<script>1</script>"))
    assert page.index("Content-Security-Policy") < page.index("<script")


def test_a_script_cannot_end_its_own_tag() -> None:
    page = inline_assets(HEAD.format('<script src="asset:x.js"></script>'), load=lambda _: "s = '</script><b>';")
    assert page.count("</script>") == 1


def test_every_web_file_is_carried_and_asks_for_nothing() -> None:
    tags = [
        f'<link rel="stylesheet" href="{u}">' if u.endswith("css") else f'<script src="{u}"></script>'
        for u in ASSET_URLS
    ]
    page = inline_assets(HEAD.format("".join(tags)))
    assert not re.search(r"<script[^>]*\bsrc|<link\b", page)
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    assert len(styles) == 2
    assert not re.search(r"url\(|@import", "".join(styles))


def test_our_own_scripts_never_write_html() -> None:
    """Names come from outside: they may go in as text only."""
    web = {url for url, (folder, _) in ASSET_URLS.items() if folder == "web" and url.endswith(".js")}
    sealed = {url for url in web if url.endswith("seal.js")}  # puts the page it has opened and proved in its own place
    assert len(sealed) == 1
    own = [load_asset(url) for url in web - sealed]
    assert len(own) >= 5
    for code in own:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", code)


def test_a_page_without_a_head_is_refused() -> None:
    with pytest.raises(PageError, match="head"):
        inline_assets("<p>x</p>")
