"""The command line: arguments in, messages and exit codes out; the work is done by ``study``.

Exit codes: 0 done; 1 the question was answered with "found" (``check``, ``duplicates``); 2 bad input or usage.
"""

from __future__ import annotations

import datetime
import json
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from citycover.errors import CitycoverError, CitycoverWarning, StudyError

app = typer.Typer(
    help="Audit and plan public-safety video coverage of a Chinese city. 公共安全视频图像信息系统覆盖审计与规划。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
_err = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)

LangOption = Annotated[str, typer.Option("--lang", help="Language of outputs and messages: zh or en.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print a machine-readable summary on standard output.")]
OutOption = Annotated[Path, typer.Option("--out", help="Folder for the results; made where it is absent.")]


@app.command(epilog="Example: citycover demo --out maps/demo")
def demo(
    out: OutOption = Path("citycover-demo"),
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Run the main job on the embedded district, end to end."""
    from citycover.study import sample_folder
    from citycover.study_file import read_study

    study = read_study(sample_folder() / "study.toml")
    _run(study.model_copy(update={"lang": _lang(lang)}), out, as_json)


@app.command(epilog="Example: citycover run --osm wuxi.osm.pbf --cameras register.xlsx --datum gcj02 --out DIR")
def run(
    study_file: Annotated[Path | None, typer.Argument(metavar="[STUDY.toml]", help="Study file.")] = None,
    out: OutOption = Path("citycover-study"),
    osm: Annotated[list[Path] | None, typer.Option(help="OpenStreetMap extract; may be given several times.")] = None,
    cameras: Annotated[list[Path] | None, typer.Option(help="Camera register; may be given several times.")] = None,
    datum: Annotated[
        list[str] | None,
        typer.Option(help="Datum of each register in turn: wgs84, gcj02, bd09, EPSG:n or a PROJ string. No default."),
    ] = None,
    columns: Annotated[list[Path] | None, typer.Option(help="Column map (TOML) of each register in turn.")] = None,
    rulebook: Annotated[str | None, typer.Option(help="Rulebook id or file; see 'citycover rulebooks'.")] = None,
    area: Annotated[Path | None, typer.Option(help="Study area: a file of polygons.")] = None,
    planned: Annotated[Path | None, typer.Option(help="Planned buildings: polygons, height where known.")] = None,
    buildings: Annotated[Path | None, typer.Option(help="Buildings of the planner's, laid over OSM's.")] = None,
    terrain: Annotated[Path | None, typer.Option(help="Height raster.")] = None,
    criteria: Annotated[Path | None, typer.Option(help="The planner's numbers (TOML).")] = None,
    records: Annotated[Path | None, typer.Option(help="Agreements, owners, operating units.")] = None,
    places: Annotated[list[Path] | None, typer.Option(help="Places that OSM does not show.")] = None,
    districts: Annotated[list[Path] | None, typer.Option(help="Districts: a file of polygons.")] = None,
    requirements: Annotated[Path | None, typer.Option(help="Densities and numbers of cameras (TOML).")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="Device classes and prices (TOML).")] = None,
    budget: Annotated[float | None, typer.Option(help="Yuan of a construction plan; without it none is made.")] = None,
    decisions: Annotated[Path | None, typer.Option(help="What persons settled.")] = None,
    previous: Annotated[Path | None, typer.Option(help="Folder of an earlier run: gaps keep their ids.")] = None,
    date: Annotated[str | None, typer.Option(help="Date of the study, as 2026-11-20.")] = None,
    overlay: Annotated[str | None, typer.Option(help="Higher law laid over the rulebook: an id, or none.")] = None,
    report_template: Annotated[Path | None, typer.Option(help="The city's own Word template of the report.")] = None,
    atlas: Annotated[
        bool, typer.Option("--atlas", help="Write an A3 atlas by district and an A0 wall map too.")
    ] = False,
    lang: Annotated[
        str | None, typer.Option("--lang", help="Language of outputs: zh or en; without it the study's own, else zh.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run one study, end to end: from a study file, or from flags alone."""
    from citycover.study_file import make_study, read_study

    flags: dict[str, Any] = {
        "rulebook": rulebook,
        "area": area,
        "planned": planned,
        "buildings": buildings,
        "terrain": terrain,
        "criteria": criteria,
        "records": records,
        "requirements": requirements,
        "catalogue": catalogue,
        "plan": None if budget is None else {"budget": budget},
        "decisions": decisions,
        "previous": previous,
        "date": date,
        "overlay": overlay,
        "report_template": report_template,
        "osm": [{"file": f} for f in osm or []],
        "cameras": _registers(cameras or [], datum or [], columns or []),
        "places": [{"file": f} for f in places or []],
        "districts": [{"file": f} for f in districts or []],
    }
    given = {key: value for key, value in flags.items() if value not in (None, [])}
    if study_file is not None and given:
        raise StudyError(f"needed a study file or flags, given both: {study_file} and --{' --'.join(given)}")
    if study_file is None and "osm" not in given:
        raise StudyError("needed a study file, or --osm FILE; see 'citycover run --help'")
    asked = ({} if lang is None else {"lang": _lang(lang)}) | ({"atlas": True} if atlas else {})
    study = read_study(study_file) if study_file is not None else make_study(given, source="run")
    _run(study.model_copy(update=asked), out, as_json)


@app.command(epilog="Example: citycover duplicates list.csv --existing register.xlsx --datum gcj02 --out pairs.html")
def duplicates(
    proposed: Annotated[Path, typer.Argument(metavar="PROPOSED", help="List of proposed cameras.")],
    existing: Annotated[list[Path], typer.Option(help="Register of what stands or is approved; may be repeated.")],
    datum: Annotated[
        list[str],
        typer.Option(help="Datum: one for all files, one for the list and one for the registers, or one each."),
    ],
    columns: Annotated[list[Path] | None, typer.Option(help="Column map (TOML), in the same order.")] = None,
    osm: Annotated[list[Path] | None, typer.Option(help="OpenStreetMap extract; without it: open field.")] = None,
    area: Annotated[Path | None, typer.Option(help="Study area: a file of polygons.")] = None,
    rulebook: Annotated[str | None, typer.Option(help="Rulebook: articles, and with --osm its targets.")] = None,
    overlay: Annotated[str, typer.Option(help="Higher law beside the rulebook: an id, auto or none.")] = "auto",
    criteria: Annotated[Path | None, typer.Option(help="The planner's numbers (TOML).")] = None,
    requirements: Annotated[Path | None, typer.Option(help="Densities and numbers of cameras (TOML).")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="Device classes and prices (TOML).")] = None,
    not_duplicates: Annotated[Path | None, typer.Option(help="Pairs that persons settled (CSV).")] = None,
    decisions: Annotated[Path | None, typer.Option(help="Decisions; those on pairs are honoured.")] = None,
    settle: Annotated[
        list[str] | None, typer.Option(help="A=B: settle a pair as no duplicate; written to --not-duplicates.")
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Who settles.")] = "",
    why: Annotated[str, typer.Option("--why", help="Reason.")] = "",
    share: Annotated[
        float | None, typer.Option(help="Share of the useful view that others must hold; of the criteria without it.")
    ] = None,
    date: Annotated[str | None, typer.Option(help="Day of the check, as 2026-11-20; today without it.")] = None,
    out: Annotated[
        list[Path] | None, typer.Option("--out", help="File: .html, .xlsx, .gpkg, .geojson or .csv; may be repeated.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Possible duplicates make the answer 1 too.")] = False,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Find proposed cameras that repeat others; exit 0 none, 1 a certain one, 2 bad input (findings still written)."""
    from citycover.duplicate_check import CheckInputs, check_duplicates
    from citycover.publish.duplicate_files import check_ending, say_report, write_report_file
    from citycover.publish.duplicate_report import summarise_report

    chosen = _lang(lang)
    for file in out or []:
        check_ending(file)
    if settle:
        not_duplicates = _settle(settle, not_duplicates, by, why, date)
    inputs = CheckInputs(
        proposed=proposed,
        existing=tuple(existing),
        datums=tuple(datum),
        columns=tuple(columns or ()),
        osm=tuple(osm or ()),
        area=area,
        rulebook=rulebook,
        overlay=overlay,
        criteria=criteria,
        requirements=requirements,
        catalogue=catalogue,
        not_duplicates=not_duplicates,
        decisions=decisions,
        share=share,
        date=date,
    )
    with _progress() as step:
        report = check_duplicates(inputs, lang=chosen, progress=step)
        written = [write_report_file(report, file, lang=chosen) for file in out or []]
    summary = summarise_report(report) | {"files": [str(path) for path in written]}
    if as_json:
        _print(json.dumps(summary, ensure_ascii=False, indent=1))
    else:
        for line in [*say_report(report, chosen), *map(str, written)]:
            _print(line)
    for row in summary["rejects"]:
        _err.print(f"{row['source']}, row {row['row']}, {row['column'] or '-'}: {row['reason']}")
    if report.rejected:
        raise typer.Exit(2)
    if summary["certain"] or (strict and summary["possible"]):
        raise typer.Exit(1)


@app.command(epilog='Example: citycover fetch --place "无锡市新吴区" --out xinwu.osm.pbf')
def fetch(
    place: Annotated[str, typer.Option(help="Name of an administrative area.")],
    out: Annotated[Path, typer.Option(help="File to write, ending in .osm.pbf.")],
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Fetch OpenStreetMap data of a place: the only command that uses the network."""
    from citycover.city.fetch import fetch_osm

    _lang(lang)
    path = fetch_osm(place, out)
    _print(json.dumps({"file": str(path), "bytes": path.stat().st_size}) if as_json else str(path))


@app.command(epilog="Example: citycover check register.xlsx --as cameras --datum gcj02")
def check(
    files: Annotated[list[Path], typer.Argument(help="Inputs to check.")],
    as_: Annotated[
        str, typer.Option("--as", help="cameras, places, districts, records, fleets or decisions.")
    ] = "cameras",
    datum: Annotated[str | None, typer.Option(help="Datum of the coordinates.")] = None,
    columns: Annotated[Path | None, typer.Option(help="Column map (TOML).")] = None,
    sheet: Annotated[str | None, typer.Option(help="Sheet of a workbook.")] = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with an input, row by row; exit 1 where anything is."""
    from citycover.study import check_input

    _lang(lang)
    findings: list[dict[str, Any]] = []
    for file in files:
        try:
            findings.append(check_input(file, as_=as_, datum=datum, columns=columns, sheet=sheet))
        except CitycoverError as error:
            findings.append({"file": file.name, "error": str(error)})
    if as_json:
        _print(json.dumps(findings, ensure_ascii=False, indent=1))
    for finding in findings:
        _print_finding(finding, as_json)
    if any("error" in finding for finding in findings):
        raise typer.Exit(2)
    if any(finding["rejects"] or finding["remarks"] for finding in findings):
        raise typer.Exit(1)


@app.command(epilog='Example: citycover decide maps/demo --from edited.xlsx --by "张工" --out decisions.csv')
def decide(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study, as it was written.")],
    edited: Annotated[Path, typer.Option("--from", help="Edited copy of its layers.gpkg or workbook.xlsx.")],
    by: Annotated[str, typer.Option("--by", help="Who decided.")],
    out: Annotated[Path, typer.Option("--out", help="Decisions file; rows are added to it.")] = Path("decisions.csv"),
    on: Annotated[
        str | None, typer.Option("--on", help="Day of the decision, as 2026-11-20; today without it.")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Reason of the edits that name none.")] = "",
    document: Annotated[str, typer.Option("--document", help="Paper of the edits that name none.")] = "",
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Turn edits made in QGIS or in the workbook's yellow columns into decisions; exit 1 where an edit is refused."""
    from citycover.publish.edits import add_decisions, read_edits

    zh = _lang(lang) == "zh"
    day = on or datetime.date.today().isoformat()  # noqa: DTZ011  the day on this machine's calendar
    edits = read_edits(folder, edited, by=by, on=day, why=why, document=document)
    new = add_decisions(edits.decisions, out) if len(edits.decisions) else 0
    if as_json:
        found = {"decisions": len(edits.decisions), "new": new, "refused": list(edits.refused), "file": str(out)}
        _print(json.dumps(found, ensure_ascii=False, indent=1))
    elif len(edits.decisions):
        counted = (len(edits.decisions), new, out)
        _print(
            "修改 {} 处，新增决定 {} 条：{}".format(*counted)
            if zh
            else "{} edits, {} new decisions: {}".format(*counted)
        )
    else:
        _print("未发现可作为决定的修改" if zh else "no edit found that is a decision")
    for refusal in edits.refused:
        _err.print(("未采用：" if zh else "refused: ") + refusal)
    if edits.refused:
        raise typer.Exit(1)


@app.command(epilog="Example: citycover seal maps/demo/gap_map.html --out gap_map_sealed.html")
def seal(
    page: Annotated[Path, typer.Argument(help="A restricted page that citycover wrote.")],
    out: Annotated[Path, typer.Option("--out", help="The sealed page.")] = Path("sealed.html"),
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File whose first line is the passphrase; asked for without it.")
    ] = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Seal a page with a passphrase (AES-GCM), for the way by stick or mail."""
    from citycover.publish.seal import seal_page

    language = _lang(lang)
    if passphrase_file is not None:
        try:
            phrase = passphrase_file.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise StudyError(
                f"--passphrase-file: needed a text file that can be read, given {passphrase_file}"
            ) from error
    else:
        asked = "口令" if language == "zh" else "Passphrase"
        phrase = typer.prompt(asked, hide_input=True, confirmation_prompt=True, err=True)
    written = seal_page(page, phrase, out=out, lang=language)
    _print(json.dumps({"file": str(written)}) if as_json else str(written))


@app.command(epilog="Example: citycover package maps/demo --for 教育")
def package(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study, as it was written.")],
    department: Annotated[str, typer.Option("--for", help="Department, as it stands in the workbook.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder; DIR/packages/DEPARTMENT without it.")] = None,
    template: Annotated[Path | None, typer.Option(help="A Word template of the questions.")] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en; without it the study's own.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Cut a study to one department: its rows, its map, its questions, a reply sheet."""
    from citycover.publish.package import folder_name, write_package
    from citycover.publish.reopen import open_results

    results = open_results(folder)
    chosen = results.lang if lang is None else _lang(lang)
    target = out or folder / "packages" / folder_name(department)
    made = write_package(results, target, department, template=template, lang=chosen)
    counts = {"mandates": made.mandates, "gaps": made.gaps, "cameras": made.cameras, "questions": made.questions}
    if as_json:
        files = [str(file) for file in made.files]
        _print(json.dumps({"department": department, **counts, "files": files}, ensure_ascii=False, indent=1))
        return
    said = (
        "{}：应建 {} 条，缺口 {} 个，摄像机 {} 条，问题 {} 个"
        if chosen == "zh"
        else "{}: {} mandates, {} gaps, {} cameras, {} questions"
    )
    _print(said.format(department, *counts.values()))
    for path in made.files:
        _print(f"{path.name:<16}{path.resolve()}")


@app.command(epilog="Example: citycover compare maps/spring maps/autumn --out maps/changes")
def compare(
    old: Annotated[Path, typer.Argument(metavar="OLD_DIR", help="Folder of the earlier run.")],
    new: Annotated[Path, typer.Argument(metavar="NEW_DIR", help="Folder of the later run.")],
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for map, workbook and figures, or one file: .xlsx, .csv, .html or .json."),
    ] = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Say which gaps closed, opened and changed between two studies, and what did it."""
    from citycover.publish.change_tables import write_comparison
    from citycover.publish.comparing import compare_studies, list_figures, say_comparison
    from citycover.publish.run_folder import read_map_city

    chosen = _lang(lang)
    with _progress() as step:
        step("comparing")
        found = compare_studies(old, new, lang=chosen)
        written = [] if out is None else write_comparison(found, out, city=read_map_city(new), lang=chosen)
    if as_json:
        _print(json.dumps(list_figures(found) | {"files": [str(p) for p in written]}, ensure_ascii=False, indent=1))
        return
    for line in say_comparison(found, lang=chosen):
        _print(line)
    for path in written:
        _print(f"{path.name:<18}{path.resolve()}")


@app.command(epilog="Example: citycover plans maps/plan_a maps/plan_b --out plans.xlsx")
def plans(
    first: Annotated[Path, typer.Argument(metavar="FIRST_DIR", help="Folder of a run with a plan.")],
    second: Annotated[Path, typer.Argument(metavar="SECOND_DIR", help="Folder of another, of the same area.")],
    out: Annotated[Path | None, typer.Option("--out", help="Workbook (.xlsx) of figures and sites.")] = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Set two construction plans side by side: money, coverage, and which sites stand in both or in one."""
    from citycover.plan.alternatives import compare_plans
    from citycover.publish.book import Mark
    from citycover.publish.plan_pair import pair_figures, read_plan, write_pair

    chosen = _lang(lang)
    one, two = read_plan(first), read_plan(second)
    figures, sites = pair_figures(one, two, lang=chosen), compare_plans(one.sites, two.sites)
    counts = {name: int((sites["which"] == name).sum()) for name in ("both", "first", "second")}
    if out is not None:
        write_pair(one, two, out, mark=Mark("内部资料", f"{one.name} – {two.name}", ""), lang=chosen)
    if as_json:
        told = {"figures": json.loads(figures.to_json(orient="records")), "sites": counts, "file": str(out or "")}
        _print(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for name, before, after, change in figures.itertuples(index=False):
        _print(f"{name}：{before:,.4g} → {after:,.4g}（{change:+,.4g}）")
    words = (
        "两案均有 {both}，仅方案一 {first}，仅方案二 {second}",
        "both {both}, first only {first}, second only {second}",
    )
    _print(words[0 if chosen == "zh" else 1].format(**counts))
    if out is not None:
        _print(f"{out.name:<18}{out.resolve()}")


@app.command(epilog="Example: citycover papers maps/demo --for 教育 --templates ours/")
def papers(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study, as it was written.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder; DIR/papers without it.")] = None,
    department: Annotated[str | None, typer.Option("--for", help="Only what is of this department.")] = None,
    templates: Annotated[
        Path | None,
        typer.Option(
            help="Folder of your own notice.docx, filing.docx, dismantling.docx, inspection.toml; any may lack."
        ),
    ] = None,
    blank: Annotated[
        Path | None, typer.Option("--blank", help="Write our templates into this folder, to be changed, and stop.")
    ] = None,
    lang: Annotated[str | None, typer.Option("--lang", help="zh or en; without it the study's own.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write statutory papers: notices to builders, filing table, report on dismantling, inspection workbook."""
    from citycover.publish.audience import cut_results
    from citycover.publish.papers import write_papers, write_templates
    from citycover.publish.reopen import open_results

    if blank is not None:
        for path in write_templates(blank, lang="zh" if lang is None else _lang(lang)):
            _print(str(path.resolve()))
        return
    results = open_results(folder)
    chosen = results.lang if lang is None else _lang(lang)
    cut = results if department is None else cut_results(results, department)
    made = write_papers(cut, out or folder / "papers", templates=templates, lang=chosen)
    if as_json:
        _print(json.dumps({str(path): rows for path, rows in made.items()}, ensure_ascii=False, indent=1))
        return
    for path, rows in made.items():
        _print(f"{path.name:<18}{rows:>6}  {path.resolve()}")


@app.command(epilog="Example: citycover export maps/demo --layer gaps --layer sites --datum cgcs2000 --out gis")
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the study, as it was written.")],
    out: Annotated[Path | None, typer.Option("--out", help="Folder; DIR/export without it.")] = None,
    layer: Annotated[
        list[str] | None, typer.Option(help="Layer; may be repeated; without it all with geometry.")
    ] = None,
    form: Annotated[str, typer.Option(help="geojson, or geoparquet (extra parquet).")] = "geojson",
    datum: Annotated[
        str, typer.Option(help="wgs84, cgcs2000, EPSG:n, or gcj02, which is never chosen unasked.")
    ] = "wgs84",
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """Write layers of a study as GeoJSON or GeoParquet for other programs. Restricted."""
    from citycover.publish.export import export_layers

    _lang(lang)
    chosen: Any = form
    made = export_layers(folder, out or folder / "export", layers=layer or (), form=chosen, datum=datum)
    if as_json:
        _print(json.dumps({str(path): rows for path, rows in made}, ensure_ascii=False, indent=1))
        return
    for path, rows in made:
        _print(f"{path.name:<28}{rows:>8}  {path.resolve()}")


@app.command(epilog="Example: citycover rulebooks wuxi_2019 --lang en")
def rulebooks(
    rulebook_id: Annotated[str | None, typer.Argument(metavar="[ID]", help="Rulebook to show.")] = None,
    lang: LangOption = "zh",
    as_json: JsonOption = False,
) -> None:
    """List the rulebooks, or show one."""
    from citycover.law.rulebook import list_rulebooks, load_rulebook
    from citycover.publish.law_text import rulebook_as_data, rulebook_as_text

    chosen = _lang(lang)
    if rulebook_id is None:
        books = [load_rulebook(i) for i in list_rulebooks()]
        if as_json:
            _print(json.dumps([{"id": b.id, "title": b.title[0]} for b in books], ensure_ascii=False, indent=1))
        else:
            for book in books:
                _print(f"{book.id}\t{book.title[0 if chosen == 'zh' else 1]}")
        return
    book = load_rulebook(rulebook_id)
    if as_json:
        _print(json.dumps(rulebook_as_data(book), ensure_ascii=False, indent=1))
    else:
        _print(rulebook_as_text(book, lang=chosen))


def _print_finding(finding: dict[str, Any], as_json: bool) -> None:
    if "error" in finding:
        _err.print(f"citycover: {finding['error']}")
        return
    if as_json:
        return
    _print(f"{finding['file']}: {finding['rows']} rows usable, {len(finding['rejects'])} rejected")
    for reject in finding["rejects"]:
        _print(f"  row {reject['row']}, {reject['column'] or '-'}: {reject['reason']}")
    for remark in finding["remarks"]:
        _print(f"  row {remark['row']}, kept: {remark['remark']}")
    for what, n in finding["counts"].items():
        _print(f"  {what}: {n}")


def _run(study: Any, out: Path, as_json: bool) -> None:
    from citycover.publish.summary import five_figures
    from citycover.study import run_study, write_study

    with _progress() as step:
        results = run_study(study, progress=step)
        written = write_study(results, out, report_template=study.report_template, atlas=study.atlas, progress=step)
    if as_json:
        _print((out / "summary.json").read_text(encoding="utf-8"))
        return
    _print("")
    for line in five_figures(results):
        _print(line)
    _print("")
    for path in written:
        _print(f"{path.name:<18}{path.resolve()}")


def _settle(pairs: Sequence[str], file: Path | None, by: str, why: str, date: str | None) -> Path:
    """Write settled pairs into the file of settled pairs; return it."""
    from citycover.publish.duplicate_files import add_not_duplicates, settled_rows

    if file is None or not by:
        raise StudyError("--settle: needed --not-duplicates FILE to write to and --by NAME, given not both")
    day = date or datetime.date.today().isoformat()  # noqa: DTZ011  the day on this machine's calendar
    add_not_duplicates(settled_rows(pairs, by=by, on=day, why=why), file)
    return file


def _registers(files: Sequence[Path], datums: Sequence[str], columns: Sequence[Path]) -> list[dict[str, Any]]:
    if not files and (datums or columns):
        raise StudyError("--datum, --columns: needed --cameras FILE that they are of, given none")
    if files and len(datums) not in (1, len(files)):
        raise StudyError(
            f"--datum: needed one for all registers or one for each ({len(files)}), given {len(datums)}; "
            "choices: wgs84, gcj02, bd09, EPSG:n, a PROJ string"
        )
    if columns and len(columns) not in (1, len(files)):
        raise StudyError(f"--columns: needed one or {len(files)}, given {len(columns)}")
    rows: list[dict[str, Any]] = []
    for i, file in enumerate(files):
        row: dict[str, Any] = {"file": file, "datum": datums[i if len(datums) > 1 else 0]}
        if columns:
            row["columns"] = columns[i if len(columns) > 1 else 0]
        rows.append(row)
    return rows


def _lang(lang: str) -> Any:
    if lang not in ("zh", "en"):
        raise StudyError(f"--lang: needed zh or en, given {lang!r}")
    return lang


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show the steps of long work on standard error; nothing where that is no terminal."""
    if not _err.is_terminal:
        yield lambda _name: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda name: bar.update(task, description=name)


def _show_warning(message: Warning | str, category: type[Warning], *_rest: Any, **_more: Any) -> None:
    if issubclass(category, CitycoverWarning):
        _err.print(f"note: {message}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a mendable error is one message on standard error and exit code 2."""
    warnings.showwarning = _show_warning
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")
    try:
        app(args=list(arguments) if arguments is not None else None)
    except CitycoverError as error:
        _err.print(f"citycover: {error}")
        raise SystemExit(2) from error
