"""Seal a page with a passphrase: without it nobody reads more than that it is sealed."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import unicodedata
import zlib
from pathlib import Path

from citycover.errors import InputError, OutputError, PageError
from citycover.publish.files import replacing
from citycover.publish.page import load_asset
from citycover.publish.wording import text
from citycover.terms import Lang

ROUNDS = 1_000_000
"""Rounds of PBKDF2-HMAC-SHA-256; OWASP asks for 600,000 (2023)."""

SHORTEST = 12
"""A passphrase has at least so many characters; ours."""

PADDING = 65_536
"""The sealed text is filled up to a multiple of so many bytes, so that its length tells little."""

LABEL = b"citycover-seal-1"

_POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">')


def seal_page(page: str | Path, passphrase: str, *, out: str | Path, lang: Lang = "zh") -> Path:
    """Write a page that asks for a passphrase and then shows ``page``; title and all else are sealed too.

    AES-256-GCM with a random nonce; the key by PBKDF2-HMAC-SHA-256 (:data:`ROUNDS`) from the passphrase (in Unicode's
    normal form C) and a random salt. The browser's own cryptography opens it, offline; browsers have it for files and
    for https, not for plain http: there the page says so.

    Parameters
    ----------
    page
        A page of this package: its policy tells which scripts may run.
    passphrase
        At least 12 characters. Never logged, never written.
    out
        Where the sealed page shall stand.
    lang
        Language of the question.

    Raises
    ------
    InputError
        The passphrase is too short.
    PageError
        The page cannot be read or has no policy of ours.
    OutputError
        The sealed page cannot be written, or the library ``cryptography`` is missing.
    """
    phrase = unicodedata.normalize("NFC", passphrase)
    if len(phrase) < SHORTEST:
        raise InputError(f"passphrase: needed at least {SHORTEST} characters, given {len(phrase)}")
    try:
        html = Path(page).read_text(encoding="utf-8")
    except OSError as error:
        raise PageError(f"needed a page to seal, given {page}: {error.strerror}") from error
    policy = _POLICY.search(html)
    if policy is None:
        raise PageError(f"needed a page that citycover wrote, given {page} without its policy")
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    body = _encrypt(zlib.compress(html.encode("utf-8"), 9), phrase, salt, nonce)
    with replacing(out) as fresh:
        fresh.write_text(_render(policy.group(1), salt, nonce, body, lang), encoding="utf-8", newline="\n")
    return Path(out)


def _encrypt(plain: bytes, phrase: str, salt: bytes, nonce: bytes) -> bytes:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as error:
        raise OutputError("sealing needs the library cryptography: pip install 'citycover[seal]'") from error
    key = hashlib.pbkdf2_hmac("sha256", phrase.encode("utf-8"), salt, ROUNDS, dklen=32)
    framed = len(plain).to_bytes(4, "big") + plain
    framed += bytes(-len(framed) % PADDING)
    return bytes(AESGCM(key).encrypt(nonce, framed, LABEL))


def _render(policy: str, salt: bytes, nonce: bytes, body: bytes, lang: Lang) -> str:
    code = load_asset("asset:seal.js")
    digest = base64.b64encode(hashlib.sha256(code.encode("utf-8")).digest()).decode()
    allowed = policy.replace("script-src ", f"script-src 'sha256-{digest}' ", 1)
    parts = {"salt": salt, "nonce": nonce, "body": body, "label": LABEL}
    data = "".join(
        f'<script type="text/plain" id="seal-{name}">{base64.b64encode(value).decode()}</script>\n'
        for name, value in parts.items()
    )
    words = "".join(f' data-{key}="{text("seal_" + key, lang)}"' for key in ("wrong", "working", "insecure", "missing"))
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if lang == "zh" else "en"}"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text('seal_title', lang)}</title>\n"
        "<style>body{font:16px/1.6 sans-serif;max-width:26em;margin:18vh auto;padding:0 1em;color:#24221e}"
        "input,button{font:inherit;padding:.4em .6em;width:100%;box-sizing:border-box;margin:.3em 0}</style></head>\n"
        f'<body><h1>{text("seal_title", lang)}</h1><form id="seal-form" data-rounds="{ROUNDS}"{words}>'
        f'<label>{text("seal_ask", lang)}<input type="password" id="seal-phrase" autocomplete="off" required></label>'
        f'<button type="submit">{text("seal_open", lang)}</button><p id="seal-told" role="status"></p></form>\n'
        f"{data}<script>{code}</script></body></html>\n"
    )
