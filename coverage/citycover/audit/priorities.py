"""How urgent a gap is: a documented sum of duty, kind, road and size."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from citycover.audit.requirements import Priority


def sum_priorities(
    standing: pd.Series, kind: pd.Series, road_class: pd.Series, size: pd.Series, unit: pd.Series, rules: Priority
) -> npt.NDArray[np.float64]:
    """Return the priority of each gap, 0 to 100, one decimal.

    The sum, with the numbers of ``requirements.toml`` (ours): points of the mandate's standing, plus ``kind_weight``
    times the weight of its kind, plus ``road_weight`` times the weight of the class of its street (``road_default``
    where it lies on none), plus ``size_weight`` times its size as a share of ``full_size`` of its unit, at most 1.

    Examples
    --------
    >>> from citycover.audit.requirements import load_requirements
    >>> one = [pd.Series([v]) for v in ("named", "school_kindergarten", "primary", 100.0, "m")]
    >>> float(sum_priorities(*one, load_requirements().priority)[0])  # 35 + 25·1 + 20·1 + 20·100/200
    90.0
    """
    duty = standing.map(rules.duty).fillna(rules.duty["undecided"]).to_numpy(dtype=np.float64)
    kinds = kind.map(rules.kinds).fillna(rules.kind_default).to_numpy(dtype=np.float64)
    roads = road_class.map(rules.roads).fillna(rules.road_default).to_numpy(dtype=np.float64)
    full = unit.map(rules.full_size).to_numpy(dtype=np.float64)
    sizes = np.minimum(size.to_numpy(dtype=np.float64) / full, 1.0)
    total = duty + rules.kind_weight * kinds + rules.road_weight * roads + rules.size_weight * sizes
    return np.asarray(np.clip(np.round(total, 1), 0.0, 100.0), dtype=np.float64)
