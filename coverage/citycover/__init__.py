"""Coverage audits and construction plans for public-safety video systems of Chinese cities.

The public names, nothing else; the chain is read → find_mandates → assign_builders → lay_targets → measure_coverage →
find_gaps → draft_notices → propose_sites → draft_plan, or all of it by ``run_study``.
"""

from citycover.audit.breaches import count_checks, find_breaches
from citycover.audit.conflicts import find_conflicts, summarise_conflicts
from citycover.audit.coverage import measure_headline, roll_up
from citycover.audit.duplicates import find_duplicates
from citycover.audit.fitting import measure_apart, measure_fitting
from citycover.audit.fleets import match_fleets, tally_fleets
from citycover.audit.gaps import find_gaps
from citycover.audit.levels import measure_levels, measure_whole_area
from citycover.audit.obstructions import find_obstructions
from citycover.audit.requirements import load_requirements
from citycover.audit.targets import lay_targets
from citycover.audit.what_if import coverage_if_networked, coverage_with, coverage_without
from citycover.city.completeness import find_missing
from citycover.city.decisions import read_decisions
from citycover.city.fleets import read_fleets
from citycover.city.gather import add_places, gather_cameras
from citycover.city.model import City
from citycover.city.read import read_osm
from citycover.city.registers import (
    read_cameras,
    read_districts,
    read_places,
    read_records,
    read_register,
)
from citycover.city.terrain import Terrain, read_terrain
from citycover.law.builders import assign_builders
from citycover.law.criteria import load_criteria
from citycover.law.mandates import find_mandates, judge_places
from citycover.law.regulation import Rulebook
from citycover.law.rulebook import list_rulebooks, load_rulebook
from citycover.plan.candidates import propose_sites
from citycover.plan.cheapest import Cheapest, solve_cheapest
from citycover.plan.choice import choose_sites
from citycover.plan.covering import Covering, solve_covering
from citycover.plan.draft import Plan, draft_plan
from citycover.plan.notices import draft_notices
from citycover.plan.wants import find_wants
from citycover.publish.before_after import draw_before_after
from citycover.publish.change_tables import write_comparison
from citycover.publish.comparing import compare_studies
from citycover.publish.edits import add_decisions, read_edits
from citycover.publish.export import export_layers
from citycover.publish.gap_map import draw_map
from citycover.publish.layers import write_layers
from citycover.publish.papers import write_papers
from citycover.publish.report import write_report
from citycover.publish.results import Results
from citycover.publish.summary import write_summary
from citycover.publish.workbook import write_workbook
from citycover.sight.cameras import assign_counting
from citycover.sight.coverage import measure_coverage
from citycover.sight.optics import Lens, load_edition
from citycover.sight.reverse import cameras_that_see
from citycover.sight.views import camera_views, union_views
from citycover.sight.zones import view_zones
from citycover.study import run_study, sample_folder, write_study
from citycover.study_file import Study, make_study, read_study

__all__ = [
    "Cheapest",
    "City",
    "Covering",
    "Lens",
    "Plan",
    "Results",
    "Rulebook",
    "Study",
    "Terrain",
    "add_decisions",
    "add_places",
    "assign_builders",
    "assign_counting",
    "camera_views",
    "cameras_that_see",
    "choose_sites",
    "compare_studies",
    "count_checks",
    "coverage_if_networked",
    "coverage_with",
    "coverage_without",
    "draft_notices",
    "draft_plan",
    "draw_before_after",
    "draw_map",
    "export_layers",
    "find_breaches",
    "find_conflicts",
    "find_duplicates",
    "find_gaps",
    "find_mandates",
    "find_missing",
    "find_obstructions",
    "find_wants",
    "gather_cameras",
    "judge_places",
    "lay_targets",
    "list_rulebooks",
    "load_criteria",
    "load_edition",
    "load_requirements",
    "load_rulebook",
    "make_study",
    "match_fleets",
    "measure_apart",
    "measure_coverage",
    "measure_fitting",
    "measure_headline",
    "measure_levels",
    "measure_whole_area",
    "propose_sites",
    "read_cameras",
    "read_decisions",
    "read_districts",
    "read_edits",
    "read_fleets",
    "read_osm",
    "read_places",
    "read_records",
    "read_register",
    "read_study",
    "read_terrain",
    "roll_up",
    "run_study",
    "sample_folder",
    "solve_cheapest",
    "solve_covering",
    "summarise_conflicts",
    "tally_fleets",
    "union_views",
    "view_zones",
    "write_comparison",
    "write_layers",
    "write_papers",
    "write_report",
    "write_study",
    "write_summary",
    "write_workbook",
]
