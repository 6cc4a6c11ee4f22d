"""Every exception and warning that citycover raises on purpose.

Each exception is also a builtin, so that ``except ValueError`` keeps working. A message always says where the
fault is, what was needed and what was given.
"""

from __future__ import annotations


class CitycoverError(Exception):
    """Base of all errors that a user can mend."""


class InputError(CitycoverError, ValueError):
    """A file or a value from outside cannot be used; the message names file, row and column where there are any."""


class FileFormatError(InputError):
    """A file is broken, empty, too large when unpacked, or of no known format."""


class SheetError(InputError):
    """A workbook or a GeoPackage has no sheet or layer of that name."""


class TableError(InputError):
    """A table lacks columns or holds values that its declaration in ``tables.py`` forbids; lists all faults at once."""


class CrsError(InputError):
    """Coordinates have no or an impossible reference system."""


class StudyError(InputError):
    """A study file or a flag of ``citycover run`` is wrong."""


class RulebookError(InputError):
    """A rulebook is unknown or malformed."""


class AreaError(InputError):
    """The area asked for and the data do not meet."""


class NetworkError(CitycoverError, OSError):
    """``citycover fetch`` could not reach the OpenStreetMap service."""


class OutputError(CitycoverError, OSError):
    """A product cannot be written: the disk, the folder or a program that holds the file stands in the way."""


class PageError(CitycoverError, ValueError):
    """A page would ask an outside server for something, or lacks the web files it must carry."""


class CitycoverWarning(UserWarning):
    """Something a planner should know about the data; never an error."""


class DatumWarning(CitycoverWarning):
    """Cameras fall beside the streets by the known offset of another datum."""
