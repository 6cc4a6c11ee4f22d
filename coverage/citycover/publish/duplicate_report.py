"""Say what a check of duplicate builds found: rows for people, figures for machines, one file in the form asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from citycover import terms
from citycover.audit.smallest_list import SmallestList
from citycover.city.model import City
from citycover.law.rulebook import list_rulebooks, load_rulebook
from citycover.terms import Lang

COLUMNS = (
    *("name", "duplicate_standing", "action", "why", "name_b", "owner_b", "mends", "turn_to", "saving", "price_basis"),
    *("article", "action_clause", "shared_share", "shared_share_high", "needed", "cost", "authority"),
    *("authority_article", "department", "decided_by", "open_field", "camera_a", "camera_b", "duplicate_reason"),
    *("lon", "lat"),
)
SHEET_COLUMNS = tuple(name for name in COLUMNS if name not in ("duplicate_reason", "open_field"))
"""What a sheet shows: the class of the reason stands in words in ``why``, the open field in the summary."""

LISTS = ("camera_b", "name_b", "owner_b", "article", "authority_article")

PRINTED = 12
"""Of these so many are printed: what is found, on whose ground, and what it saves."""

REPEAT_COLUMNS = (
    *("repeat_first", "repeat_later", "repeat_kind", "distance", "name", "owner", "register_a", "row_a", "register_b"),
    *("row_b", "linked"),
)


@dataclass(frozen=True)
class DuplicateReport:
    """All that a check of a list of proposals found.

    ``found`` is the table ``duplicates``; ``existing`` all cameras that it was held against; ``repeats`` the rows of
    the registers that tell of one device; ``settled`` the pairs that persons settled, with what became of each;
    ``city`` None where the list was judged as open field; ``rejected`` how many rows of the list could not be read.
    """

    found: gpd.GeoDataFrame
    proposed: gpd.GeoDataFrame
    existing: gpd.GeoDataFrame
    views: gpd.GeoDataFrame
    repeats: gpd.GeoDataFrame
    smallest: SmallestList
    rejects: pd.DataFrame
    rejected: int
    settled: pd.DataFrame
    city: City | None
    name: str
    date: str
    classification: str
    rulebook_title: str = ""
    catalogue_origin: str = ""
    made_up: int = 0
    notes: tuple[tuple[str, str], ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)


def gather_duplicates(found: pd.DataFrame) -> dict[str, Any]:
    """Return how many proposals are certain, possible and no duplicates, by action and reason, and what it saves.

    ``saving`` (yuan) sums what certain duplicates save; ``saving_made_up`` says that made-up prices are in it;
    ``saving_unknown`` counts those whose saving is not known.
    """
    certain = found["standing"].eq("certain")
    saving = found.loc[certain, "saving"]
    order = list(terms.ACTIONS)
    actions = found["action"].value_counts()
    reasons = found["reason"].value_counts()
    return {
        "proposed": len(found),
        "certain": int(certain.sum()),
        "possible": int(found["standing"].eq("possible").sum()),
        "by_action": {name: int(actions[name]) for name in order if name in actions.index},
        "by_reason": {name: int(reasons[name]) for name in terms.DUPLICATE_REASONS if name in reasons.index},
        "together": int((certain & found["n_b"].gt(1)).sum()),
        "saving": float(saving.sum()),
        "saving_unknown": int(saving.isna().sum()),
        "saving_made_up": bool(found.loc[certain, "price_basis"].eq("made_up").any()),
        "by_targets": int(found["basis"].eq("targets").sum()),
        "open_field": bool(found["open_field"].fillna(False).any()),
    }


def duplicate_notes(found: pd.DataFrame) -> tuple[tuple[str, str], ...]:
    """Return the notes ``(zh, en)`` of a study on its proposals: what repeats, and that prices are made up."""
    if not len(found):
        return ()
    n = gather_duplicates(found)
    notes = [
        (
            f"拟建 {n['proposed']} 台：重复 {n['certain']} 台，可能重复 {n['possible']} 台（须现场核实）；"
            f"判断标准为他人已占有用视域的九成（本工具标准）",
            f"{n['proposed']} proposed cameras: {n['certain']} certain duplicates, {n['possible']} possible ones "
            "(to be checked on site); others must hold nine tenths of the useful view (ours)",
        )
    ]
    if n["saving_made_up"]:
        notes.append(
            (
                "节约金额含示例价格（本工具虚构），不得引用；以规划单位的价格目录为准",
                "savings hold made-up prices of ours: not to be cited; the planner's catalogue decides",
            )
        )
    return tuple(notes)


def summarise_report(report: DuplicateReport) -> dict[str, Any]:
    """Return the report for machines: figures, the list of pairs, the certificate, what could not be read."""
    columns = ["camera_a", "camera_b", "standing", "action", "reason", "shared_share", "shared_share_high", "saving"]
    columns += ["price_basis", "article", "authority", "decided_by"]
    rows = pd.DataFrame(report.found)[columns].astype(object)
    smallest = report.smallest
    return {
        **gather_duplicates(report.found),
        "rejected": report.rejected,
        "existing": len(report.existing),
        "smallest": {
            "number": smallest.number,
            "bound": smallest.bound,
            "gap": smallest.gap,
            "chosen": list(smallest.chosen),
        },
        "repeats": {str(k): int(n) for k, n in report.repeats["kind"].value_counts().items()},
        "settled": {str(k): int(n) for k, n in report.settled["state"].value_counts().items()},
        "catalogue": {"origin": report.catalogue_origin, "made_up_prices": report.made_up},
        "rows": rows.where(rows.notna(), None).to_dict("records"),
        "rejects": pd.DataFrame(report.rejects)[["source", "row", "column", "reason"]]
        .astype(object)
        .where(pd.DataFrame(report.rejects)[["source", "row", "column", "reason"]].notna(), None)
        .to_dict("records"),
        "inputs_sha256": dict(report.inputs),
    }


def duplicate_sheet(found: gpd.GeoDataFrame, lang: Lang) -> pd.DataFrame:
    """Return the verdicts as a sheet shows them: titles for ids of laws, no keys of reasons."""
    rows = duplicate_rows(found)
    cited = rows.assign(**{name: cite(rows[name].astype("str"), lang) for name in ("article", "authority_article")})
    return cited.assign(**{name: join_words(cited[name], lang) for name in LISTS})[list(SHEET_COLUMNS)]


def join_words(cells: pd.Series, lang: Lang) -> pd.Series:
    """Return cells of several words joined by ``;`` as a reader of the language would join them."""
    return cells.astype("str").str.replace(";", "、" if lang == "zh" else "; ")


def duplicate_rows(found: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the verdicts as people read them, certain ones first, then possible ones, in the order of the list."""
    if not len(found):
        return pd.DataFrame(columns=list(COLUMNS))
    spots = gpd.GeoSeries(gpd.points_from_xy(*first_points(found)), crs=found.crs).to_crs(4326)
    renamed = {"standing": "duplicate_standing", "reason": "duplicate_reason", "clause": "action_clause"}
    rows = pd.DataFrame(found.drop(columns="geometry")).rename(columns=renamed)
    rows = rows.assign(lon=spots.x.to_numpy(), lat=spots.y.to_numpy())
    lists = {"name": rows["name"].fillna(rows["camera_a"]), "needed": rows["needed"].mask(rows["needed"].eq(0))}
    rank = {name: i for i, name in enumerate(terms.DUPLICATE_STANDINGS)}
    rows = rows.assign(**lists).sort_values("duplicate_standing", key=lambda s: s.map(rank), kind="stable")
    return rows[list(COLUMNS)].reset_index(drop=True)


def cite(articles: pd.Series, lang: Lang) -> pd.Series:
    """Return articles with the title of a higher law in place of its id.

    >>> cite(pd.Series(["第七条;national_2025 第六条"]), "zh").tolist()
    ['第七条;《公共安全视频图像信息系统管理条例》第六条']
    """
    ids = set(articles.astype("str").str.extractall(r"(?:^|;)([a-z][a-z0-9_]*) ")[0])
    for name in sorted(ids & set(list_rulebooks())):
        title = load_rulebook(name).title[0 if lang == "zh" else 1]
        said = f"《{title}》" if lang == "zh" else f"{title}, "
        articles = articles.str.replace(rf"(^|;){name} ", rf"\g<1>{said}", regex=True)
    return articles


def repeat_rows(repeats: pd.DataFrame) -> pd.DataFrame:
    """Return the repeated rows as a sheet shows them."""
    names = {"camera_a": "repeat_first", "camera_b": "repeat_later", "kind": "repeat_kind"}
    return pd.DataFrame(repeats).rename(columns=names).reindex(columns=list(REPEAT_COLUMNS))


def first_points(found: gpd.GeoDataFrame) -> tuple[Any, Any]:
    """Return x and y (m) of the proposal of each row: where its lines begin, or its point."""
    at = found.geometry.get_coordinates()
    at = at[~at.index.duplicated()].reindex(found.index)
    return at["x"].to_numpy(float), at["y"].to_numpy(float)
