"""Say beside each verdict whose cameras stand for it, by which article, what that saves, and who may build there."""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from citycover import tables, terms
from citycover.audit.catalogue import Catalogue
from citycover.audit.register_facts import PRIVATE_OWNERS, PUBLIC_OWNERS
from citycover.audit.rivals import column, list_mends
from citycover.law.regulation import Clause, Rulebook
from citycover.terms import Lang

OWNED = dict.fromkeys(PUBLIC_OWNERS, "public") | dict.fromkeys(PRIVATE_OWNERS, "private")
_MENDED = ("connect", "repair", "upgrade")
_ACTION_OF = {"accept": "upgrade"}
"""What a mend costs that the catalogue does not name: an acceptance as an upgrade; ours."""

_BOUND: dict[str, tuple[str, ...]] = {
    "departments_systems": ("public",),
    "government_invested": ("public",),
    "not_government_invested": ("private",),
}
"""Whose systems a limited clause speaks of (``regulation.APPLIES``); owners of unknown class get both."""


def advise(
    found: gpd.GeoDataFrame,
    proposed: gpd.GeoDataFrame,
    existing: gpd.GeoDataFrame,
    *,
    rulebook: Rulebook | None = None,
    overlay: Rulebook | None = None,
    catalogue: Catalogue | None = None,
    public_ground: gpd.GeoDataFrame | None = None,
    not_duplicates: pd.DataFrame | None = None,
    lang: Lang = "zh",
) -> gpd.GeoDataFrame:
    """Return the table ``duplicates`` with owners, mends, articles, money and authority filled in; same rows.

    Articles are those clauses of the rulebook whose ``actions`` name the action and whose limits fit the owners of the
    cameras that stand for the proposal; where recordings are kept too short, the article on retention too. Nothing
    here says that anyone must: a clause is the ground on which it may be asked for.

    Money, in yuan: ``cost`` is the proposal's own, else that of the catalogue's class nearest to it on a new pole;
    ``saving`` is the cost less what the action costs (all mends of all the others; turning one; of a shared pole, the
    difference between a new and an existing pole). ``price_basis`` says whether made-up prices are in it. Without a
    catalogue only the saving of ``drop`` is known, where the proposal tells its cost.

    ``authority`` is told where a text says who may build in public space: government and police are entitled; others on
    ground known to be public are to be checked.

    Parameters
    ----------
    found, proposed, existing
        What :func:`citycover.audit.duplicates.find_duplicates` makes of the lists, in the order of ``proposed``.
    rulebook, overlay
        The city's regulation and a higher law; without them no article and no authority is told.
    catalogue
        Prices; see :mod:`citycover.audit.catalogue`.
    public_ground
        Table ``public_ground``; without it nobody is known to build in public.
    not_duplicates
        Pairs that persons settled.
    lang
        Language of ``clause``.
    """
    both = pd.concat([pd.DataFrame(existing), pd.DataFrame(proposed)], ignore_index=True)
    facts = pd.DataFrame(
        {
            "id": both["camera_id"].astype("str"),
            "name": column(both, "name").fillna(both["camera_id"]).astype("str"),
            "owner": column(both, "owner").fillna(column(both, "department")).astype("str"),
            "owned": column(both, "owner_class").map(OWNED).fillna("unknown").astype("str"),
        }
    ).drop_duplicates("id")
    mends = list_mends(existing)
    needs = mends.assign(id=existing["camera_id"].astype("str"))
    names = found["camera_b"].astype("str").str.split(";").explode().dropna()
    others = pd.DataFrame({"row": names.index, "id": names.astype("str").array}).merge(facts, on="id", how="left")
    others = others.merge(needs, on="id", how="left")
    rows = np.arange(len(found))
    mended = found["action"].isin(_MENDED).to_numpy(bool)

    out = pd.DataFrame(found)
    out["name_b"] = _join(others.fillna({"name": others["id"]}), "name", rows)
    out["owner_b"] = _join(others.dropna(subset=["owner"]), "owner", rows)
    long = others.melt(id_vars=["row", "id"], value_vars=list(terms.MENDS), var_name="mend", value_name="is")
    long = long[long["is"].eq(True) & mended[long["row"].to_numpy(np.int64)]]
    long = long.assign(order=long["mend"].map({m: i for i, m in enumerate(terms.MENDS)}))
    long = long.sort_values(["row", "order"], kind="stable")
    out["mends"] = _join(long, "mend", rows)
    books = [book for book in (rulebook, overlay) if book is not None]
    if books:
        owned = _join(others, "owned", rows)
        out["article"], out["clause"] = _articles(out["action"], out["mends"], owned, books, lang)
        out["authority"], out["authority_article"] = _authority(proposed, public_ground, books)
    cost, saving, basis = _money(out, proposed, long, catalogue)
    out["cost"], out["saving"], out["price_basis"] = cost, saving, basis
    if not_duplicates is not None and len(not_duplicates):
        told = not_duplicates.dropna(subset=["decided_by"]) if "decided_by" in not_duplicates else not_duplicates[:0]
        if len(told):
            who = told.groupby(told["camera_a"].astype("str"))["decided_by"].first()
            settled = out["reason"].eq("settled")
            out["decided_by"] = out["camera_a"].map(who).where(settled)
    return gpd.GeoDataFrame(tables.conform("duplicates", out, crs=found.crs))


def _join(rows: pd.DataFrame, name: str, every: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pd.Series:
    """Return the distinct words of each row joined by ``;`` in their order; null where there are none."""
    once = rows.drop_duplicates(["row", name])
    joined = once.groupby("row", sort=True)[name].agg(";".join) if len(once) else pd.Series(dtype="str")
    return joined.reindex(every).reset_index(drop=True).astype("str")


def _articles(
    action: pd.Series, mends: pd.Series, owned: pd.Series, books: Sequence[Rulebook], lang: Lang
) -> tuple[pd.Series, pd.Series]:
    which = 0 if lang == "zh" else 1
    cases = pd.DataFrame({"action": action.astype("str"), "mends": mends.fillna(""), "owned": owned.fillna("")})
    words: dict[tuple[str, str, str], tuple[str | None, str | None]] = {}
    for key in cases.drop_duplicates().itertuples(index=False, name=None):  # a few kinds of cases, never the rows
        done, needed, whose = key
        clauses = [(b, c) for b in books for a in _asked(done, needed) for c in b.clauses if a in c.actions]
        told = [(_cite(b, c.article, books), c.label[which]) for b, c in clauses if _binds(c, whose.split(";"))]
        if "upgrade" in needed.split(";"):
            told += [
                (_cite(b, d.article, books), d.note[which]) for b in books for d in b.deadlines if d.id == "retention"
            ]
        told = list(dict.fromkeys(told))
        article = ";".join(dict.fromkeys(a for a, _ in told))
        words[key] = (article or None, ("；" if lang == "zh" else "; ").join(w for _, w in told if w) or None)
    keys = list(cases.itertuples(index=False, name=None))
    return (
        pd.Series([words[k][0] for k in keys], dtype="str"),
        pd.Series([words[k][1] for k in keys], dtype="str"),
    )


def _asked(action: str, mends: str) -> list[str]:
    """Return the actions whose clauses are told: for mended cameras each of their mends."""
    if action not in _MENDED:
        return [action]
    return [m for m in mends.split(";") if m in _MENDED] or [action]


def _cite(book: Rulebook, article: str, books: Sequence[Rulebook]) -> str:
    """Return an article; that of a higher law with its id before it."""
    return article if book is books[0] else f"{book.id} {article}"


def _binds(clause: Clause, owned: Sequence[str]) -> bool:
    limits = [name for name in clause.applies_to if name in _BOUND]
    if not limits or not any(owned) or "unknown" in owned:
        return True
    return all(any(whose in _BOUND[name] for whose in owned) for name in limits)


def _authority(
    proposed: gpd.GeoDataFrame, public_ground: gpd.GeoDataFrame | None, books: Sequence[Rulebook]
) -> tuple[pd.Series, pd.Series]:
    told = [_cite(b, c.article, books) for b in books for c in b.clauses if c.topic == "authority"]
    none = pd.Series([None] * len(proposed), dtype="str")
    if not told:
        return none, none.copy()
    public = np.zeros(len(proposed), bool)
    if public_ground is not None and len(public_ground):
        tree = shapely.STRtree(public_ground.geometry.to_numpy())
        public[np.unique(tree.query(proposed.geometry.to_numpy(), predicate="intersects")[0])] = True
    owner = column(proposed, "owner_class").astype("str").reset_index(drop=True)
    cases = [
        owner.isin(["government", "police"]).to_numpy(bool),
        (owner.isna() | owner.eq("unknown")).to_numpy(bool),
        public,
    ]
    words = np.select(cases, ["entitled", "owner_unknown", "check"], "ground_unknown")
    return pd.Series(words, dtype="str"), pd.Series([";".join(told)] * len(proposed), dtype="str")


def _money(
    out: pd.DataFrame, proposed: gpd.GeoDataFrame, mends: pd.DataFrame, catalogue: Catalogue | None
) -> tuple[pd.Series, pd.Series, pd.Series]:
    given = pd.to_numeric(column(proposed, "cost")).astype("float64").reset_index(drop=True)
    action = out["action"].reset_index(drop=True)
    if catalogue is None:
        saving = given.where(action.eq("drop"))
        basis = pd.Series(None, index=saving.index, dtype="object").mask(given.notna(), "proposal")
        return given, saving, basis.astype("str")
    chosen = catalogue.classes_of(pd.DataFrame(proposed))
    price = {c: catalogue.build_cost(c).total for c in catalogue.classes}
    shared = {c: price[c] - catalogue.build_cost(c, support="existing_pole").total for c in catalogue.classes}
    classes = pd.Series(chosen, index=given.index)
    cost = given.fillna(classes.map(price).astype("float64"))
    each = mends["mend"].map({m: catalogue.action_cost(_ACTION_OF.get(m, m)) for m in terms.MENDS}).astype("float64")
    spent = each.groupby(mends["row"].to_numpy()).sum().reindex(given.index).fillna(0.0)
    saving = cost.where(action.eq("drop"))
    saving = saving.mask(action.isin(_MENDED), cost - spent)
    saving = saving.mask(action.eq("re-aim"), cost - catalogue.action_cost("re-aim"))
    saving = saving.mask(action.eq("co-locate"), classes.map(shared).astype("float64"))
    own = given.notna() & (action.isin(["drop", "keep"]))
    word = "made_up" if catalogue.made_up() else "catalogue"
    return cost, saving, pd.Series(np.where(own, "proposal", word), index=given.index, dtype="str")
