"""Draw two states of one area as one page with a divider to move: what was left of it, what is or would be right."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from citycover import terms
from citycover.audit.changed_things import find_changed
from citycover.audit.comparison import Comparison, sum_causes
from citycover.audit.coverage import find_levels, measure_headline
from citycover.audit.snapshot import Snapshot
from citycover.city.model import City
from citycover.errors import InputError
from citycover.publish import palette
from citycover.publish.change_map import list_sections
from citycover.publish.columnar import named, pack_column
from citycover.publish.comparing import compare_studies
from citycover.publish.files import replacing
from citycover.publish.map_base import pack_base
from citycover.publish.map_page import render_map
from citycover.publish.map_themes import pack_cameras, pack_gaps
from citycover.publish.results import Results
from citycover.publish.summary import format_number, format_share
from citycover.publish.theme_parts import label_column, make_theme, number_column
from citycover.publish.wording import TEXTS, text
from citycover.terms import Lang

ARROW = " → "


def draw_before_after(
    comparison: Comparison,
    path: str | Path,
    *,
    city: City,
    names: tuple[str, str] | None = None,
    mark: str = "内部资料",
    lang: Lang = "zh",
) -> Path:
    """Write ``before_after.html``: gaps and cameras of two studies on either side of a divider, and what changed.

    Self-contained as the gap map; restricted, and says so. The divider moves by mouse, touch and keyboard; a row of the
    list opens its place with the divider through it. Cameras that are new or changed stand out.

    Parameters
    ----------
    comparison
        From :func:`citycover.publish.comparing.compare_studies`; the after-state may be a plan
        (:func:`citycover.plan.after.measure_planned`).
    path
        Where the page shall stand; an old one is replaced in one step.
    city
        For the streets and buildings below, today's.
    names
        What to call the states; by default the days of the studies.
    mark
        Classification.
    lang
        ``zh`` or ``en``.

    Returns
    -------
    The path written.

    Raises
    ------
    PageError
        A web file that the page must carry is missing.
    OutputError
        The page cannot be written or replaced.
    """
    old, new = comparison.old.to_crs(comparison.new.crs), comparison.new
    names = names or (old.date, new.date)
    themes = [
        *_pack_side(old, "before", set(), lang),
        *_pack_side(new, "after", set(find_changed(new, old).cameras), lang),
        *_pack_changes(comparison, lang),
    ]
    study = _describe(comparison, names, mark, lang) | {"themes": [theme["id"] for theme in themes]}
    blocks = {"study": study, "base": pack_base(city)} | {theme["id"]: theme for theme in themes}
    title = f"{mark} {text('before_after', lang)} {new.name} {new.date}"
    page = render_map(title, blocks, bounds=city.area.bounds, crs=city.crs, lang=lang)
    with replacing(path) as fresh:
        fresh.write_text(page, encoding="utf-8", newline="\n")
    return Path(path)


def draw_plan_state(results: Results, path: str | Path, *, lang: Lang | None = None) -> Path:
    """Write the page of a study and what its plan would leave: ``results.planned``.

    Raises
    ------
    InputError
        The study has no plan.
    PageError, OutputError
        As :func:`draw_before_after`.
    """
    if results.planned is None:
        raise InputError("before and after: needed a study with a plan, given one without")
    lang = lang or results.lang
    comparison = _only_sites(compare_studies(results, results.planned, lang=lang), lang)
    names = (text("today", lang), text("as_planned", lang))
    return draw_before_after(comparison, path, city=results.city, names=names, mark=results.classification, lang=lang)


def _only_sites(comparison: Comparison, lang: Lang) -> Comparison:
    """Return the comparison with the plan's sites as the cause of all that changed: nothing else differs."""
    rows = comparison.changes
    other = rows["cause"].notna() & rows["cause"].ne("camera")
    changes = rows.assign(
        cause=rows["cause"].mask(other, "camera"),
        cause_words=rows["cause_words"].mask(other, text("by_sites", lang)).astype("str"),
    )
    return replace(comparison, changes=changes, by_cause=sum_causes(changes))


def _pack_side(study: Snapshot, side: str, changed: set[str], lang: Lang) -> list[dict[str, Any]]:
    """Return cameras and gaps of one state, with the state they belong to; what changed of the cameras is marked."""
    packed = []
    if len(study.cameras):
        theme = pack_cameras(study.cameras, lang)
        counts = study.cameras["counts"].fillna("no")
        fresh = study.cameras["camera_id"].isin(changed) & counts.ne("no")
        theme["style"] = pack_column(counts.mask(fresh, "new").astype("str"))
        packed.append(("cameras", theme))
    if len(study.gaps):
        packed.append(("gaps", pack_gaps(study.gaps, study.mandates, lang)))
    for kind, theme in packed:
        theme |= {"id": kind if side == "after" else f"{kind}_before", "kind": kind, "side": side}
        theme["title"] = f"{text('state_' + side, lang)} · {theme['title']}"
    return [theme for _, theme in packed]


def _pack_changes(comparison: Comparison, lang: Lang) -> list[dict[str, Any]]:
    """Return what changed as a theme that is not drawn: the list opens its rows."""
    rows = comparison.changes[comparison.changes["change"].ne("same")].reset_index(drop=True)
    if rows.empty:
        return []
    groups = [
        {"key": word, "label": terms.label(terms.GAP_CHANGES, word, lang), "on": False, "colour": palette.CHANGES[word]}
        for word in terms.GAP_CHANGES
        if rows["change"].eq(word).any()
    ]
    unit = label_column(rows["unit"], terms.UNITS, lang)
    sizes = number_column(rows["size_before"]).fillna("0") + ARROW + number_column(rows["size"]).fillna("0")
    sizes = sizes + " " + unit
    between = "；" if lang == "zh" else "; "
    fields = [
        ("f_change", label_column(rows["change"], terms.GAP_CHANGES, lang)),
        ("f_size", sizes),
        ("f_cause", label_column(rows["cause"], terms.GAP_CAUSES, lang)),
        ("f_cause_words", rows["cause_words"]),
        ("f_kind", label_column(rows["kind"], terms.KINDS, lang)),
        ("f_component", label_column(rows["component"], terms.COMPONENTS, lang)),
        ("f_builder", label_column(rows["builder"], terms.BUILDERS, lang)),
        ("f_district", rows["district"]),
        ("f_gap_id", rows["gap_id"]),
        ("f_previous_ids", rows["previous_ids"]),
    ]
    theme = make_theme("changes", "change_list", rows, groups, rows["change"], fields, lang, tolerance=0.5)
    theme["names"], theme["ids"] = pack_column(named(rows["name"], lang)), pack_column(rows["gap_id"])
    theme["style"] = pack_column(rows["change"])
    theme["told"] = pack_column(sizes + (between + rows["cause_words"]).fillna(""))
    return [theme | {"quiet": True}]


def _describe(comparison: Comparison, names: tuple[str, str], mark: str, lang: Lang) -> dict[str, Any]:
    old, new, which = comparison.old, comparison.new, 0 if lang == "zh" else 1
    return {
        "lang": lang,
        "name": new.name or text("before_after", lang),
        "sub": text("before_after", lang),
        "mark": mark,
        "hint": text("restricted_hint", lang),
        "block": [
            (text("state_before", lang), f"{names[0]}（{old.date}）" if names[0] != old.date else old.date),
            (text("state_after", lang), f"{names[1]}（{new.date}）" if names[1] != new.date else new.date),
        ],
        "notes": [text(key, lang) for key in ("validity", "osm_silence", "flat", "counting")],
        "figures": [*_sections(old, new, lang), *_changes(comparison, lang)],
        "words": {key: words[which] for key, words in TEXTS.items()},
        "colours": palette.BASE | {"priority": palette.PRIORITY, "camera": palette.CAMERA | {"new": palette.NEW}},
        "swipe": {
            "before": names[0],
            "after": names[1],
            "list": text("change_list", lang),
            "label": text("before_after", lang),
        },
    }


def _changes(comparison: Comparison, lang: Lang) -> list[dict[str, Any]]:
    """Return the panel of the comparison, its first part named for what it counts here."""
    first, *others = list_sections(comparison, lang) or [{}]
    return [part for part in ({"title": text("changes", lang), "rows": first.get("rows", [])}, *others) if part["rows"]]


def _sections(old: Snapshot, new: Snapshot, lang: Lang) -> list[dict[str, Any]]:
    """Return the panel: the sizes of gaps, the certain share of what is demanded, and the cameras, before and after."""
    sizes = [study.gaps.groupby("unit")["size"].sum() for study in (old, new)]
    gaps = [
        [
            terms.label(terms.UNITS, unit, lang),
            ARROW.join(format_number(float(part.get(unit, 0.0)), lang) for part in sizes),
        ]
        for unit in terms.UNITS
        if any(unit in part.index for part in sizes)
    ]
    shares = [measure_shares(study) for study in (old, new)]
    seen = [
        [terms.label(terms.UNITS, unit, lang), ARROW.join(format_share(part.get(unit), lang) for part in shares)]
        for unit in terms.UNITS
        if any(unit in part for part in shares)
    ]
    counts = [study.cameras.get("counts", pd.Series(dtype="str")).value_counts() for study in (old, new)]
    cameras = [
        [terms.label(terms.COUNTS, key, lang), ARROW.join(str(int(part.get(key, 0))) for part in counts)]
        for key in terms.COUNTS
        if any(key in part.index for part in counts)
    ]
    total = f"{len(old.gaps)}{ARROW}{len(new.gaps)}"
    parts = [
        {"title": text("share_seen_low", lang), "rows": seen},
        {"title": text("gaps", lang), "total": total, "rows": gaps},
        {"title": text("cameras", lang), "total": f"{len(old.cameras)}{ARROW}{len(new.cameras)}", "rows": cameras},
    ]
    return [part for part in parts if part["rows"]]


def measure_shares(study: Snapshot) -> dict[str, float]:
    """Return by unit the share of what settled duties demand that is seen for sure, each target once."""
    settled = study.mandates.loc[study.mandates["standing"].ne("undecided"), "mandate_id"]
    demands = pd.DataFrame(study.demands)[study.demands["mandate_id"].isin(settled)]
    if demands.empty or not find_levels(study.seen):
        return {}
    targets = pd.DataFrame(study.targets.drop(columns="geometry", errors="ignore"))
    head = measure_headline(demands, targets, study.seen).set_index("unit")
    return {str(unit): float(share) for unit, share in head["share_low"].items() if pd.notna(share)}
