"""Say who pays what in which year: the lines of a budget, and which of them pays for a site."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover import terms
from citycover.errors import InputError

PUBLIC = ("government", "police")


@dataclass(frozen=True)
class BudgetLine:
    """Money (yuan) of one year; it pays for sites of its builders and, where it names any, of its kinds of places.

    ``level`` (市级, 区级 …) is the payer's own word; what a level pays for is told by ``kinds``.
    """

    yuan: float
    year: int
    builders: tuple[str, ...] = PUBLIC
    level: str = ""
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not np.isfinite(self.yuan) or self.yuan < 0.0:
            raise InputError(f"budget of {self.year}: needed yuan of 0 or more, given {self.yuan}")
        for words, known in ((self.builders, terms.BUILDERS), (self.kinds, terms.KINDS)):
            wrong = [word for word in words if word not in known]
            if wrong:
                raise InputError(f"budget of {self.year}: needed known builders and kinds, given {', '.join(wrong)}")


@dataclass(frozen=True)
class Budget:
    """The lines, the earlier years first; each year is a phase of the plan.

    >>> Budget.of(2_000_000, 2027).years
    (2027,)
    """

    lines: tuple[BudgetLine, ...]

    def __post_init__(self) -> None:
        if not self.lines:
            raise InputError("budget: needed one line or more, given none")

    @classmethod
    def of(cls, yuan: float, year: int) -> Budget:
        """Return a budget of one sum in one year, for all that public money builds."""
        return cls((BudgetLine(yuan, year),))

    @property
    def years(self) -> tuple[int, ...]:
        """The years, rising."""
        return tuple(sorted({line.year for line in self.lines}))

    @property
    def total(self) -> float:
        """All lines together (yuan)."""
        return sum(line.yuan for line in self.lines)

    def of_year(self, year: int) -> tuple[BudgetLine, ...]:
        """Return the lines of a year, in order."""
        return tuple(line for line in self.lines if line.year == year)


def choose_lines(lines: tuple[BudgetLine, ...], builder: pd.Series, kind: pd.Series) -> npt.NDArray[np.int64]:
    """Return for each site the first line that may pay for it, -1 where none does.

    >>> lines = (BudgetLine(1e6, 2027, level="市级", kinds=("bridge",)), BudgetLine(1e6, 2027, level="区级"))
    >>> choose_lines(lines, pd.Series(["government"] * 2 + ["owner"]), pd.Series(["bridge", "park", "park"])).tolist()
    [0, 1, -1]
    """
    out = np.full(len(builder), -1, np.int64)
    for number in range(len(lines) - 1, -1, -1):
        line = lines[number]
        pays = builder.isin(line.builders)
        if line.kinds:
            pays &= kind.isin(line.kinds)
        out[pays.to_numpy(bool)] = number
    return out
