"""Lay out those sheets of the workbook that are no table of their own."""

from __future__ import annotations

import pandas as pd

from citycover import terms
from citycover.audit.priorities import PARTS
from citycover.publish.compliance import compliance_summary, compliance_unknown
from citycover.publish.figures import figures_of
from citycover.publish.results import Results
from citycover.publish.summary import list_versions
from citycover.publish.wording import header, text
from citycover.terms import Lang

_MANDATE_HEAD = (
    *("name", "article", "item", "term", "kind", "part", "standing", "standing_reason", "builder_effective", "builder"),
)
_MANDATE_TAIL = (
    *("builder_article", "builder_evidence", "builder_confidence", "builder_alternatives", "overlay_article"),
    *("overlay_conflict", "needs_record", "evidence", "confidence", "qualifier", "criterion", "decided_by"),
    *("department", "district", "rulebook", "place_id", "mandate_id"),
)
_COVERAGE = (
    *("component", "state", "required", "seen_low", "seen_expected", "seen_high", "unit"),
    *("share_low", "share_expected", "share_high"),
)
GAP_COLUMNS = (
    *("name", "article", "item", "kind", "component", "size", "unit", "builder", "reason", "nearest_camera"),
    *(
        "nearest_camera_id",
        "standing",
        "priority",
        *PARTS,
        "accepted_until",
        "postponed_until",
        "note",
        "decided_by",
        "department",
        "district",
        "place_id",
        "mandate_id",
        "gap_id",
    ),
    *("lon", "lat", "map_link"),
)

CONFLICT_COLUMNS = (
    *("level", "camera_id", "check", "name", "place_type", "reason", "remedy", "article", "item", "term", "named"),
    *(
        "penalty_article",
        "overlay_article",
        "rulebook",
        "distance",
        "depth",
        "amount",
        "unit",
        "secret",
        "department",
        "district",
    ),
    *("place_id", "lon", "lat"),
)


SHARE = "%"
_ENDS = ("low", "expected", "high")


def mandate_rows(results: Results) -> pd.DataFrame:
    """Return one row per mandate and component, in the order of the mandates, with its coverage."""
    mandates = pd.DataFrame(results.mandates.drop(columns="geometry"))
    coverage = results.coverage[["mandate_id", *_COVERAGE]]
    rows = mandates.merge(coverage, on="mandate_id", how="left", sort=False)
    return rows[[*_MANDATE_HEAD, *_COVERAGE, *_MANDATE_TAIL]]


def summary_rows(results: Results, lang: Lang) -> pd.DataFrame:
    """Return the summary: title block, then each figure with its value and unit, as in ``summary.json``.

    The unit :data:`SHARE` marks shares of 1, which are shown in per cent.
    """
    figures = figures_of(results)
    rows: list[tuple[str, object, str]] = [
        (text("study", lang), results.name, ""),
        (text("date", lang), results.date, ""),
        (text("rulebook", lang), f"{results.rulebook_title}（{results.rulebook_id}）", ""),
        (text("overlay", lang), results.overlay_title or results.overlay_id or text("none", lang), ""),
        (text("classification", lang), results.classification, ""),
        (text("recipient", lang), results.recipient or text("not_named", lang), ""),
    ]
    mandates, gaps, cameras = figures["mandates"], figures["gaps"], figures["cameras"]
    row_word = text("rows", lang)
    rows += [
        (text("n_mandates", lang), mandates["total"], row_word),
        (text("n_mandate_places", lang), mandates["places"], ""),
    ]
    rows += [
        (f"{text('n_mandates', lang)}: {terms.label(terms.STANDINGS, key, lang)}", n, row_word)
        for key, n in mandates["by_standing"].items()
    ]
    rows += [(f"{text('n_mandates', lang)}: {key}", n, row_word) for key, n in mandates["by_item"].items()]
    for unit, seen in figures.get("seen", {}).items():
        name = terms.label(terms.UNITS, unit, lang)
        head = text("seen_in", lang, unit=name)
        rows.append((f"{head}: {text('of_required', lang, n='').strip()}", seen["required"], name))
        rows += [(f"{head}: {text(end, lang)}", seen[end], name) for end in _ENDS]
        rows += [(f"{head}: {header(f'share_{end}', lang)}", seen[f"share_{end}"], SHARE) for end in _ENDS]
    rows += [
        (text("n_gaps", lang), gaps["total"], row_word),
        (text("n_gaps_decided", lang), gaps["decided"], row_word),
        (text("n_gaps_undecided", lang), gaps["undecided"], row_word),
    ]
    for builder, values in gaps["by_builder"].items():
        head = f"{text('n_gaps', lang)}: {terms.label(terms.BUILDERS, builder, lang)}"
        rows.append((head, values["gaps"], row_word))
        rows += [(head, values[u], terms.label(terms.UNITS, u, lang)) for u in terms.UNITS if u in values]
    rows += [
        (text("n_cameras", lang), cameras["total"], row_word),
        (text("n_devices", lang), cameras["devices"], ""),
    ]
    rows += [
        (f"{text('n_cameras', lang)}: {terms.label(terms.COUNTS, key, lang)}", n, row_word)
        for key, n in cameras["by_counts"].items()
    ]
    if "conflicts" in figures:
        found = figures["conflicts"]
        head = text("n_conflicts", lang)
        rows += [(text("n_ban_features", lang), found["features"], ""), (head, found["total"], row_word)]
        rows.append((text("n_unaimed", lang), found["unaimed"], row_word))
        rows += [
            (f"{head}: {terms.label(terms.CONFLICT_LEVELS, k, lang)}", n, row_word)
            for k, n in found["by_level"].items()
        ]
    if "obstructions" in figures:
        found = figures["obstructions"]
        head = text("n_obstructions", lang)
        rows += [(head, found["total"], row_word), (text("n_obstructed", lang), found["cameras"], row_word)]
        rows += [
            (f"{head}: {terms.label(terms.OBSTACLES, k, lang)}", n, row_word) for k, n in found["by_obstacle"].items()
        ]
    rows += compliance_summary(figures, lang)
    rows += [
        (text("n_indoor", lang), figures["indoor"]["total"], row_word),
        (text("n_rejects", lang), figures["rejects"]["total"], row_word),
    ]
    return pd.DataFrame(rows, columns=[text("figure", lang), text("value", lang), text("unit", lang)])


def unknown_rows(results: Results, lang: Lang) -> pd.DataFrame:
    """Return what stayed unknown, why cameras do not count fully, and what the reader of the map left out."""
    figures = figures_of(results)
    rows: list[tuple[str, object]] = [(text(key, lang), n) for key, n in figures["unknown"].items()]
    for part in ("by_reason", "range_by_reason"):
        rows += [
            (f"{text('cameras', lang)}: {terms.label(terms.COUNT_REASONS, key, lang)}", n)
            for key, n in figures["cameras"][part].items()
        ]
    rows += compliance_unknown(figures, lang)
    rows += [(f"OpenStreetMap: {key}", n) for key, n in results.city.counts.items()]
    return pd.DataFrame(rows, columns=[text("matter", lang), text("value", lang)])


def assumption_rows(results: Results, lang: Lang) -> pd.DataFrame:
    """Return the standing notes, the notes of the study, the defaults used, the inputs and the versions."""
    which = 0 if lang == "zh" else 1
    rows: list[tuple[str, object]] = [
        (text(key, lang), None)
        for key in ("restricted_hint", "validity", "osm_silence", "high_bound", "flat", "counting")
    ]
    rows += [(note[which], None) for note in results.notes]
    rows += [(f"{text('default_used', lang)}: {key}", n) for key, n in results.defaults.items()]
    rows += [(f"{text('input_file', lang)}: {key}", f"sha256 {digest}") for key, digest in results.inputs.items()]
    rows += [(f"{text('version', lang)}: {key}", version) for key, version in list_versions().items()]
    rows.append((text("osm", lang), None))
    return pd.DataFrame(rows, columns=[text("assumption", lang), text("value", lang)]).astype("object")
