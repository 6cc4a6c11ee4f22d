"""Write a file whole or not at all, readable by its owner only; clean the text that goes into it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from citycover.errors import OutputError

MOST_LETTERS = 32_767
"""Letters that a cell of a workbook holds."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")


@contextmanager
def replacing(path: str | Path, *, private: bool = True) -> Iterator[Path]:
    """Yield a path to write to; when the block ends well, that file takes the place of ``path`` in one step.

    The file is made in a folder of its own beside ``path`` (so on the same disk, with its true name, and with room
    for the side files that a database makes). When the block fails, the folder goes and the old file stays.

    Parameters
    ----------
    path
        Where the file shall stand. Its folder is made where it is missing.
    private
        Let only the owner read and write it (0600), where the operating system knows such rights.

    Raises
    ------
    OutputError
        The file cannot be replaced, most often because another program holds it open.

    Examples
    --------
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with replacing(Path(folder) / "new.txt") as fresh:
    ...         _ = fresh.write_text("done", encoding="utf-8")
    ...     (Path(folder) / "new.txt").read_text(encoding="utf-8")
    'done'
    """
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".writing-", dir=target.parent))
    except OSError as error:
        raise OutputError(
            f"needed a folder to write {target.name} in, given {target.parent}: {error.strerror}"
        ) from error
    try:
        fresh = folder / target.name
        yield fresh
        fresh.chmod(0o600 if private else 0o644)
        try:
            os.replace(fresh, target)  # noqa: PTH105  Path.replace hides that this is the atomic step
        except OSError as error:
            raise OutputError(
                f"could not replace {target.name}: {error.strerror}; close the program that has it open, then run again"
            ) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clean_text(value: object) -> str:
    r"""Return the text as a cell can hold it: no control characters, no more letters than a cell takes.

    >>> clean_text("a\x07b"), len(clean_text("x" * 40_000))
    ('ab', 32767)
    """
    cleaned = _CONTROL.sub("", str(value))
    return cleaned if len(cleaned) <= MOST_LETTERS else cleaned[: MOST_LETTERS - 1] + "…"
