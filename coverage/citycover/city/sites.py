"""Makes one place of the several OSM objects that map one real site."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from citycover import terms
from citycover.city.kinds import KindRules

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

BESIDE = 15.0
"""m: an unnamed estate this near to one named point of its kind is what the point stands for. Ours."""


def merge_sites(
    matches: pd.DataFrame,
    shapes: npt.NDArray[np.object_],
    names: Sequence[str | None],
    rules: KindRules,
) -> pd.DataFrame:
    """Find which matches of one kind are the same real site.

    Three steps, each within one kind. (1) What a larger polygon contains is a part of it: when it carries no other
    name, when nothing but a building tag speaks for it, or when the kind's ``own_unit`` does not know its name as a
    unit of its own. A polygon that only a building tag or its name speaks for takes in only what is unnamed or called
    alike, and gives way to its contents when it is unnamed and they have several names. (2) What carries the same name
    (站 at its end aside) within the kind's ``merge`` distance is one site; its largest polygon stands for it.
    (3) Unnamed polygons within the kind's ``estate`` distance of each other are one site, and belong to a named one
    that near, else to the one named point within :data:`BESIDE` of them.

    Parameters
    ----------
    matches
        As :func:`citycover.city.kinds.match_kinds` returns them.
    shapes, names
        Metric geometry and name of each match, in the order of ``matches``.
    rules
        The rules of the kinds, for ``own_unit`` and ``merge``.

    Returns
    -------
    DataFrame
        ``matches`` with ``root`` (position of the match that stands for the site; its own where it stands itself, -1
        where it gave way) and ``united`` (its polygon belongs to the site's ground).
    """
    out = matches.reset_index(drop=True).copy()
    root = np.arange(len(out), dtype=np.int64)
    united = np.zeros(len(out), dtype=bool)
    if len(out):
        named = np.array(["" if n is None else _plain(n) for n in names], dtype=object)
        kind = out["kind"].to_numpy()
        root = _absorb_contents(out, shapes, named, kind, rules)
        _unite_namesakes(root, united, shapes, named, kind, rules)
        _unite_estates(root, united, shapes, named, kind, rules)
    out["root"] = root
    out["united"] = united
    return out


def _plain(name: str) -> str:
    """Return a name without spaces, capitals and accents.

    >>> _plain("Ministère d'État"), _plain("第三 中学")
    ("ministered'etat", '第三中学')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return re.sub(r"\s+", "", bare).casefold()


def pick_surest(group: pd.DataFrame) -> pd.DataFrame:
    """Return one row per ``root``: the evidence of its surest match (no candidate before candidates).

    A building tag on a part of the site speaks last: the halls of a party school are ``building=school``, too.

    >>> rows = pd.DataFrame({"root": [0, 0], "candidate": [True, False], "confidence": ["high", "low"]})
    >>> pick_surest(rows)["confidence"].tolist()
    ['low']
    """
    order = list(terms.CONFIDENCES)
    ranked = group.assign(_sure=group["confidence"].map({c: i for i, c in enumerate(order)}), _at=np.arange(len(group)))
    ranked["_part"] = (group.index != group["root"]) & group.get("building_only", False)
    ranked = ranked.sort_values(["root", "_part", "candidate", "_sure", "_at"], kind="stable")
    return ranked.drop_duplicates("root").drop(columns=["_sure", "_at", "_part"])


def _absorb_contents(
    out: pd.DataFrame,
    shapes: npt.NDArray[np.object_],
    named: npt.NDArray[np.object_],
    kind: npt.NDArray[np.object_],
    rules: KindRules,
) -> Ints:
    root = np.arange(len(out), dtype=np.int64)
    ground = shapely.area(shapes)
    big = np.flatnonzero(ground > 0)
    inner, outer = shapely.STRtree(shapes[big]).query(shapely.point_on_surface(shapes), predicate="within")
    outer = big[outer]
    larger = (ground[outer] > ground[inner]) | ((ground[outer] == ground[inner]) & (outer < inner))
    same = (kind[inner] == kind[outer]) & (inner != outer) & larger
    inner, outer = inner[same].astype(np.int64), outer[same].astype(np.int64)
    if not len(inner):
        return root
    weak = out["weak"].to_numpy(bool)
    unit = {k: re.compile(v) if v else None for k, v in rules.own_unit.items()}
    own = np.array([bool(unit[k] and n and unit[k].search(n)) for k, n in zip(kind, named, strict=True)])  # type: ignore[union-attr]
    alike = np.array([_alike(named[i], named[j]) for i, j in zip(inner, outer, strict=True)], dtype=bool)
    part = alike | out["building_only"].to_numpy(bool)[inner] | ~own[inner]
    # an unnamed polygon known only by its building tag stands for its content only when that has one name
    nameless = weak & (named == "")
    content = pd.DataFrame({"outer": outer, "name": named[inner]})
    content = content[(content["name"] != "") & nameless[outer]]
    several = content.groupby("outer")["name"].nunique()
    gives_way = np.zeros(len(out), dtype=bool)
    gives_way[several.index[several > 1].to_numpy(dtype=np.int64)] = True
    part &= ~weak[outer] | alike | (named[outer] == "")
    part &= ~gives_way[outer]
    pairs = pd.DataFrame(
        {"inner": inner[part], "outer": outer[part], "ground": ground[outer[part]], "weak": weak[outer[part]]}
    )
    pairs = pairs.sort_values(["inner", "weak", "ground"], ascending=[True, True, False], kind="stable")
    best = pairs.drop_duplicates("inner")
    root[best["inner"].to_numpy()] = best["outer"].to_numpy()
    for _ in range(8):  # a part of a part is a part; sites are never nested deeper
        root = root[root]
    root[gives_way & (root == np.arange(len(root)))] = -1
    return root


def _alike(one: str, other: str) -> bool:
    return not one or not other or one in other or other in one


def _unite_namesakes(
    root: Ints,
    united: Mask,
    shapes: npt.NDArray[np.object_],
    named: npt.NDArray[np.object_],
    kind: npt.NDArray[np.object_],
    rules: KindRules,
) -> None:
    at = np.flatnonzero((root == np.arange(len(root))) & (named != ""))
    if len(at) < 2:
        return
    called = [re.sub(r"(?:火车|地铁)?站$", "", n) or n for n in named[at]]
    label = pd.factorize(np.array([f"{k}\x1f{n}" for k, n in zip(kind[at], called, strict=True)], dtype=object))[0]
    repeated = np.bincount(label)[label] > 1
    at, label = at[repeated], label[repeated]
    if not len(at):
        return
    reach = np.array([rules.merge[k] for k in kind[at]], dtype=float)
    a, b = shapely.STRtree(shapes[at]).query(shapes[at], predicate="dwithin", distance=reach)
    ok = (label[a] == label[b]) & (a != b)
    links = coo_array((np.ones(int(ok.sum())), (a[ok], b[ok])), shape=(len(at), len(at)))
    _, part = connected_components(links, directed=False)
    ground = shapely.area(shapes[at])
    frame = pd.DataFrame({"at": at, "part": part, "ground": ground}).sort_values(
        ["part", "ground", "at"], ascending=[True, False, True], kind="stable"
    )
    head = frame.groupby("part")["at"].transform("first").to_numpy()
    members = frame["at"].to_numpy()
    moved = head != members
    united[members[moved & (frame["ground"].to_numpy() > 0)]] = True
    target = np.arange(len(root), dtype=np.int64)
    target[members] = head
    keep = root >= 0
    root[keep] = target[root[keep]]


def _unite_estates(
    root: Ints,
    united: Mask,
    shapes: npt.NDArray[np.object_],
    named: npt.NDArray[np.object_],
    kind: npt.NDArray[np.object_],
    rules: KindRules,
) -> None:
    stands = root == np.arange(len(root))
    for name, reach in rules.estate.items():
        at = np.flatnonzero(stands & (kind == name))
        ground = shapely.area(shapes[at])
        loose = np.flatnonzero((named[at] == "") & (ground > 0))
        if not len(loose) or len(at) < 2:
            continue
        a, b = shapely.STRtree(shapes[at[loose]]).query(shapes[at[loose]], predicate="dwithin", distance=reach)
        links = coo_array((np.ones(len(a)), (a, b)), shape=(len(loose), len(loose)))
        part = np.asarray(connected_components(links, directed=False)[1], np.int64)
        frame = pd.DataFrame({"at": at[loose], "part": part, "ground": ground[loose]})
        frame = frame.sort_values(["part", "ground", "at"], ascending=[True, False, True], kind="stable")
        head = frame.groupby("part")["at"].first()
        known = np.flatnonzero((named[at] != "") & (ground > 0))
        if len(known):
            (mine, near), far = shapely.STRtree(shapes[at[known]]).query_nearest(
                shapes[at[loose]], max_distance=reach, return_distance=True, all_matches=False
            )
            close = pd.DataFrame({"part": part[mine], "host": at[known][near], "far": far}).sort_values(
                ["part", "far"], kind="stable"
            )
            head.update(close.drop_duplicates("part").set_index("part")["host"])
        lone = _lone_points(part, head, at[loose], at[(named[at] != "") & (ground == 0)], shapes, named, reach)
        host = head.loc[frame["part"]].to_numpy()
        members = frame["at"].to_numpy()
        united[members[host != members]] = True
        target = np.arange(len(root), dtype=np.int64)
        target[members] = host
        target[lone.index.to_numpy(dtype=np.int64)] = lone.to_numpy(dtype=np.int64)
        keep = root >= 0
        root[keep] = target[root[keep]]


def _lone_points(
    part: Ints,
    head: pd.Series,
    loose: Ints,
    points: Ints,
    shapes: npt.NDArray[np.object_],
    named: npt.NDArray[np.object_],
    reach: float,
) -> pd.Series:
    """Return by named point the head of the unnamed estate beside it, where no other name is as near to that estate."""
    if not len(points):
        return pd.Series(dtype=np.int64)
    point, near = shapely.STRtree(shapes[loose]).query_nearest(
        shapes[points], max_distance=min(reach, BESIDE), all_matches=False
    )
    near_part = part[near]
    still_loose = np.isin(head.loc[near_part].to_numpy(), loose)
    found = pd.DataFrame({"point": points[point], "part": near_part, "name": named[points[point]]})[still_loose]
    found = found[found.groupby("part")["name"].transform("nunique") == 1]
    return pd.Series(head.loc[found["part"]].to_numpy(), index=found["point"].to_numpy(), dtype=np.int64)
