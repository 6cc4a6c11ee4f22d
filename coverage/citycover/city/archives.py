"""Packed files (gzip, zip) unpacked within a limit, nothing written outside."""

from __future__ import annotations

import gzip
import io
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from citycover.errors import FileFormatError


def unpack_gzip(path: Path, *, limit: int) -> bytes:
    """Return the content of a gzip file.

    Raises
    ------
    FileFormatError
        The file is broken, or its content exceeds ``limit`` bytes.
    """
    try:
        with gzip.open(path, "rb") as packed:
            content = packed.read(limit + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise FileFormatError(f"{path.name}: broken gzip file ({error})") from error
    if len(content) > limit:
        raise FileFormatError(f"{path.name}: unpacks to more than the limit of {_megabytes(limit)}")
    return content


def unpack_zip(path: Path, *, limit: int) -> dict[str, bytes]:
    """Return the files of a zip by their names inside it, in the order of the archive.

    Raises
    ------
    FileFormatError
        The archive is broken or encrypted, holds a name that leads outside it or a link, or unpacks to more than
        ``limit`` bytes, whatever its own table of contents says.
    """
    members: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            for info in infos:
                _refuse(path.name, info)
            if sum(info.file_size for info in infos) > limit:
                raise FileFormatError(f"{path.name}: unpacks to more than the limit of {_megabytes(limit)}")
            for info in infos:
                with archive.open(info) as packed:
                    members[info.filename] = packed.read(info.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise FileFormatError(f"{path.name}: broken zip archive ({error})") from error
    return members


def repack(members: dict[str, bytes]) -> io.BytesIO:
    """Return an uncompressed archive of exactly these members, so that no later reader can be made to unpack more."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    out.seek(0)
    return out


def _refuse(source: str, info: zipfile.ZipInfo) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or ":" in (name.parts[0] if name.parts else ""):
        raise FileFormatError(f"{source}: refused, a name inside the archive leads outside it")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise FileFormatError(f"{source}: refused, the archive holds a link instead of a file")
    if info.flag_bits & 0x1:
        raise FileFormatError(f"{source}: the archive is protected by a password; save it without one")


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB" if size >= 2**20 else f"{size:,} bytes"
