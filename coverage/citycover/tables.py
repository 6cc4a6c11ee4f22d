"""The tables that travel between floors: their columns, meanings, units and keys, and the check at the door.

Lists inside a cell (several OSM ids, several articles) are joined by ``;``. Unknown is null, never a made-up value.
Text columns are ``str``; whole numbers that may be unknown are ``Int64``; yes-or-no that may be unknown is ``boolean``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import geopandas as gpd
import numpy as np
import pandas as pd

from citycover import terms
from citycover.errors import TableError

DTYPES: dict[str, str] = {
    "str": "str",
    "int": "Int64",
    "float": "float64",
    "bool": "boolean",
    "date": "str",  # ISO 8601, so that every format can carry it
}


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, type, meaning and unit, whether it may be null, and its closed set."""

    name: str
    dtype: str
    meaning: str
    unit: str = ""
    nullable: bool = True
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table: its name, meaning, key columns, columns and the kind of geometry it carries (empty for none)."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    geometry: str = ""

    def column_names(self) -> list[str]:
        """Return the names of the columns in order, the geometry last."""
        names = [column.name for column in self.columns]
        return [*names, "geometry"] if self.geometry else names


def _c(
    name: str,
    dtype: str,
    meaning: str,
    unit: str = "",
    *,
    required: bool = False,
    values: Iterable[str] = (),
) -> Column:
    return Column(name, dtype, meaning, unit, not required, tuple(values))


_DISTRICT = _c("district", "str", "district (辖区) by name; null where no district is known")
_PLACE_ID = _c(
    "place_id",
    "str",
    "`node/1`, `way/2`, `relation/3`, a register's id, or a content key for cut and merged things",
    required=True,
)
_NAME = _c("name", "str", "name as mapped or registered; null where there is none")
_OSM_IDS = _c("osm_ids", "str", "OSM objects behind the row, such as `way/2;way/3`")

_FINE_PATHS = (
    *("if_not_corrected", "correct_first", "if_not_removed", "with_removal", "with_order", "if_serious", "direct"),
    *("other_law", "disciplinary", "none"),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        Table(
            "streets",
            "Street sections between junctions; ways are merged where only a tag border cuts them.",
            ("street_id",),
            (
                _c("street_id", "str", "content key from name, class and end points", required=True),
                _OSM_IDS,
                _NAME,
                _c("ref", "str", "road number, such as G312"),
                _c("road_class", "str", "OSM class without `_link`", required=True),
                _c("link", "bool", "a slip road of its class"),
                _c("lanes", "float", "lanes, both directions together"),
                _c("width", "float", "carriageway from kerb to kerb", "m"),
                _c("width_source", "str", "where the width came from", values=("tag", "lanes", "class")),
                _c("bridge", "bool", "lies on a bridge"),
                _c("tunnel", "bool", "lies in a tunnel"),
                _c("layer", "int", "OSM layer, 0 on the ground"),
                _c("oneway", "bool", "one direction only"),
                _c("access", "str", "OSM access where tagged"),
                _c("from_node", "str", "OSM node at the start"),
                _c("to_node", "str", "OSM node at the end"),
                _c("length", "float", "length on the ground", "m"),
                _c(
                    "betweenness",
                    "float",
                    "share of all pairs of ends and junctions whose shortest route runs along it",
                ),
                _c("betweenness_rank", "float", "share of the network's length along which fewer routes run"),
                _DISTRICT,
            ),
            "line",
        ),
        Table(
            "junctions",
            "Junctions consolidated over dual carriageways.",
            ("junction_id",),
            (
                _c("junction_id", "str", "content key from the crossing streets and the place", required=True),
                _c("name", "str", "names of the crossing streets, joined by –"),
                _OSM_IDS,
                _c("legs", "int", "approach legs, dual carriageways counted once"),
                _c("signals", "bool", "has traffic signals"),
                _c("road_class", "str", "highest class of its legs"),
                _c("second_class", "str", "highest class among the other streets that cross"),
                _c("radius", "float", "radius of the junction disc, at least 20", "m"),
                _DISTRICT,
            ),
            "point",
        ),
        Table(
            "buildings",
            "Buildings as obstacles; outline and parts are not counted twice.",
            ("building_id",),
            (
                _c("building_id", "str", "OSM id or register id", required=True),
                _NAME,
                _c("building", "str", "value of the building tag"),
                _c("height", "float", "height of the roof over the ground; null where unknown", "m"),
                _c("levels", "float", "storeys as tagged"),
                _c("height_source", "str", "where the height came from", values=("tag", "levels", "unknown")),
                _c("min_height", "float", "height of the underside over the ground (passages, roofs)", "m"),
                _c("layer", "int", "OSM layer"),
                _c("opaque", "bool", "blocks sight from the ground up (a `building=roof` or a passage does not)"),
                _DISTRICT,
            ),
            "polygon",
        ),
        Table(
            "places",
            "Real things on the ground that may be of a kind.",
            ("place_id",),
            (
                _PLACE_ID,
                _NAME,
                _OSM_IDS,
                _DISTRICT,
                _c("department", "str", "department (主管部门) that answers for it"),
                _c("source", "str", "where it came from", values=("osm", "derived", "register", "decision")),
                _c("ground", "float", "ground it covers", "m²"),
                _c("gfa", "float", "floor area: footprints times storeys, where known", "m²"),
                _c("gfa_low", "float", "floor area at least: a building of unknown storeys counts with one", "m²"),
                _c("length", "float", "length of a linear place", "m"),
                _c("spaces", "float", "parking spaces as tagged or counted"),
                _c("capacity", "float", "seats or persons as tagged"),
                _c("output_mw", "float", "electric output of a plant", "MW"),
                _c("voltage_kv", "float", "highest voltage of a substation", "kV"),
                _c("platforms", "float", "platforms of a station"),
                _c("tanks", "float", "storage tanks on the site of a depot, as mapped"),
                _c("road_class", "str", "class of a street, junction, bridge or tunnel"),
                _c("second_class", "str", "second class of a junction"),
                _c("legs", "int", "approach legs of a junction"),
                _c("signals", "bool", "junction with signals"),
                _c("built_up", "bool", "lies inside the built-up area"),
                _c("underground", "bool", "lies underground for the most part: no camera on the street sees it"),
                _c("operator", "str", "operator as tagged or recorded"),
                _c("operator_type", "str", "OSM operator:type: public, government, private …"),
                _c("owner", "str", "owner as tagged or recorded"),
                _c("access", "str", "OSM access where tagged"),
                _c("fee", "str", "OSM fee where tagged"),
                _c("heritage_level", "str", "level of protection as tagged or recorded"),
                _c("start_date", "date", "year or date of construction as tagged or recorded"),
                _c("secret", "bool", "never leaves a restricted product"),
            ),
            "any",
        ),
        Table(
            "place_kinds",
            "Which kinds a place is of, and why we think so.",
            ("place_id", "kind"),
            (
                _PLACE_ID,
                _c("kind", "str", "kind (场所类别)", required=True, values=terms.KINDS),
                _c("evidence", "str", "the tags, the words of the name, or the decision", required=True),
                _c("confidence", "str", "how sure", required=True, values=terms.CONFIDENCES),
                _c("candidate", "bool", "the evidence only suggests the kind: its mandates stay undecided"),
            ),
        ),
        Table(
            "entrances",
            "Gates and doors of places.",
            ("entrance_id",),
            (
                _c("entrance_id", "str", "OSM id, or a content key where derived", required=True),
                _c("place_id", "str", "place whose entrance it is; null where it belongs to no place"),
                _NAME,
                _c("entrance", "str", "main, yes, gate, garage, station …"),
                _c("facing", "float", "outward direction, clockwise from true north", "°"),
                _c("source", "str", "where it came from", values=("mapped", "derived", "decision")),
                _DISTRICT,
            ),
            "point",
        ),
        Table(
            "barriers",
            "Walls and fences.",
            ("barrier_id",),
            (
                _c("barrier_id", "str", "OSM id", required=True),
                _c("barrier", "str", "value of the barrier tag"),
                _c("height", "float", "height; null where unknown", "m"),
                _c("opaque", "bool", "a wall blocks sight, a fence does not"),
            ),
            "line",
        ),
        Table(
            "trees",
            "Trees, rows of trees and woods: partial obstacles, reported only.",
            ("tree_id",),
            (
                _c("tree_id", "str", "OSM id", required=True),
                _c("tree", "str", "tree, tree_row or wood"),
                _c("height", "float", "height; null where unknown", "m"),
            ),
            "any",
        ),
        Table(
            "supports",
            "What a camera could hang on, as mapped: street lamps, traffic signals, poles.",
            ("support_id",),
            (
                _c("support_id", "str", "OSM id", required=True),
                _c("support", "str", "what it is", required=True, values=terms.SUPPORTS),
            ),
            "point",
        ),
        Table(
            "boards",
            "Outdoor advertising, but for paintings on walls.",
            ("board_id",),
            (
                _c("board_id", "str", "OSM id", required=True),
                _NAME,
                _c("board", "str", "value of the advertising tag"),
                _c("height", "float", "height of the upper edge over the ground; null where unknown", "m"),
                _c("min_height", "float", "height of the lower edge; null where unknown", "m"),
                _c("width", "float", "width; null where unknown", "m"),
            ),
            "any",
        ),
        Table(
            "planned_buildings",
            "Buildings that are not there yet: proposed, planned or under construction.",
            ("building_id",),
            (
                _c("building_id", "str", "OSM id or the planner's", required=True),
                _NAME,
                _c("state", "str", "how far it is", values=terms.OBSTACLE_STATES),
                _c("height", "float", "height of the roof over the ground; null where unknown", "m"),
                _c("levels", "float", "storeys as tagged"),
                _c("min_height", "float", "height of the underside over the ground", "m"),
                _c("source", "str", "where it came from", values=("osm", "planner")),
            ),
            "polygon",
        ),
        Table(
            "public_ground",
            "Ground open to all: streets to their kerbs, squares, parks and paths outside compounds and buildings.",
            ("ground_id",),
            (
                _c("ground_id", "str", "content key", required=True),
                _c("ground_kind", "str", "what makes it public", values=("street", "square", "park", "path")),
                _c("source", "str", "tag or class of width it was taken from"),
            ),
            "polygon",
        ),
        Table(
            "districts",
            "Districts (区, 街道, 派出所辖区) from files or OSM.",
            ("district_id",),
            (
                _c("district_id", "str", "code, or OSM id", required=True),
                _NAME,
                _c("level", "str", "admin_level 6–10, or the level named by the file"),
            ),
            "polygon",
        ),
        Table(
            "landscape",
            "Water, green, rail and the like for the base map; no place of any regulation.",
            ("feature_id",),
            (
                _c("feature_id", "str", "OSM id", required=True),
                _c("feature", "str", "what to draw", values=("water", "green", "rail", "path", "compound")),
                _NAME,
            ),
            "any",
        ),
        Table(
            "cameras",
            "Existing, approved or proposed cameras; one row is one camera or `count` cameras on one pole.",
            ("camera_id",),
            (
                _c("camera_id", "str", "id of the register, prefixed by the register", required=True),
                _c("pole_id", "str", "pole; rows within a metre share one where none is given"),
                _c("register", "str", "register it came from"),
                _c("source_row", "int", "row in the file, the header being row 1"),
                _c("device_id", "str", "20-digit id of GB/T 28181 where there is one"),
                _c("name", "str", "name of the point"),
                _c("address", "str", "where it stands, in words"),
                _c("department", "str", "department that uses it"),
                _c("owner", "str", "owner; natural persons appear as 个人"),
                _c("owner_class", "str", "class of owner", required=True, values=terms.OWNER_CLASSES),
                _c("status", "str", "status", required=True, values=terms.STATUSES),
                _c("status_assumed", "bool", "the register had no status: taken as in use"),
                _c("camera_type", "str", "fixed, dome, ptz, panoramic; null where unknown"),
                _c("count", "int", "cameras that the row stands for"),
                _c("azimuth", "float", "direction of view, clockwise from true north; null = unknown", "°"),
                _c("azimuth_source", "str", "number, word, osm, decision …"),
                _c("layer", "float", "OSM layer of what it stands on: 0 the ground, 1 a bridge; null = unknown"),
                _c("cost", "float", "what building it costs, as proposed", "yuan"),
                _c("azimuth_approved", "float", "direction in the approved design", "°"),
                _c("hfov", "float", "horizontal angle of view", "°"),
                _c("vfov", "float", "vertical angle of view", "°"),
                _c(
                    "focal_length",
                    "float",
                    "focal length of the lens; with `sensor` it gives hfov where none is told",
                    "mm",
                ),
                _c("sensor", "str", "image sensor: its width in mm or its format, such as 1/2.7"),
                _c("tilt", "float", "below the horizon", "°"),
                _c("mount_height", "float", "height of the lens over the ground", "m"),
                _c("pixels", "int", "pixels across"),
                _c("reach", "float", "how far it is useful", "m"),
                _c("ptz", "bool", "pan-tilt: the home preset counts"),
                _c("purpose", "str", "what it is for", values=terms.PURPOSES),
                _c("indoor", "bool", "stands inside a building"),
                _c("networked", "bool", "connected to the sharing platform"),
                _c("retention_days", "float", "how long images are kept", "days"),
                _c("accepted_on", "date", "date of acceptance"),
                _c("in_use_since", "date", "date of first use"),
                _c("filed_on", "date", "date of filing with the police"),
                _c("removed_on", "date", "date of dismantling, past or planned"),
                _c("removal_reported_on", "date", "date on which the dismantling was reported"),
                _c("has_sign", "bool", "a sign tells of it"),
                _c("has_interface", "bool", "interface to the platform reserved"),
                _c("grading", "str", "grade of network security"),
                _c("online_rate", "float", "share of time online, 0 to 1"),
                _c("place_types", "str", "codes of what it was built for, as in the register"),
                _c("same_as", "str", "camera_id of another row that is the same device"),
                _c("outside", "bool", "lies outside the study's area"),
                _DISTRICT,
            ),
            "point",
        ),
        Table(
            "ban_places",
            "Features that a ban or a duty to ask for consent speaks of; no kinds of places.",
            ("ban_id",),
            (
                _c("ban_id", "str", "place_id and place type", required=True),
                _PLACE_ID,
                _c(
                    "place_type",
                    "str",
                    "what the ban speaks of",
                    required=True,
                    values=(*terms.BAN_PLACES, *terms.CONSENT_PLACES),
                ),
                _c("name", "str", "name as mapped or listed; null for military ground"),
                _OSM_IDS,
                _c("direct", "bool", "the forbidden place itself, not a host that holds such rooms", required=True),
                _c(
                    "located",
                    "str",
                    "what the geometry is: the feature's own ground, the buildings that hold it, a point without a "
                    "building, or a site whose buildings are not mapped",
                    required=True,
                    values=("ground", "building", "point", "site"),
                ),
                _c("near", "float", "how near counts as inside where the feature is a point", "m"),
                _c("valid_from", "date", "first day; null = not limited"),
                _c("valid_to", "date", "last day; null = not limited"),
                _c("evidence", "str", "tags, words of the name, or the planner's row", required=True),
                _c("source", "str", "where it came from", required=True, values=("osm", "register", "decision")),
                _c("secret", "bool", "never leaves a restricted product", required=True),
            ),
            "any",
        ),
        Table(
            "duplicates",
            "What of each proposed camera's useful view others hold, and what to do instead of building it.",
            ("camera_a",),
            (
                _c("camera_a", "str", "proposed camera", required=True),
                _NAME,
                _c("camera_b", "str", "the smallest set that replaces it, joined by ;, or whose pole it shares"),
                _c("name_b", "str", "their names, or ids where they have none, joined by ;"),
                _c("n_b", "int", "how many replace it"),
                _c("standing", "str", "how sure", required=True, values=terms.DUPLICATE_STANDINGS),
                _c("action", "str", "what to do", required=True, values=terms.ACTIONS),
                _c("reason", "str", "why it repeats others or does not", required=True, values=terms.DUPLICATE_REASONS),
                _c("why", "str", "the reason in words"),
                _c("shared_share", "float", "share of its useful view that others hold at the pessimistic end"),
                _c("shared_share_high", "float", "… at the optimistic end"),
                _c("needed", "int", "targets that would fall below what they need without it"),
                _c("useful", "float", "weight of its useful view: size of its targets, or m² of its samples"),
                _c("basis", "str", "what its useful view is made of", values=("targets", "samples")),
                _c("open_field", "bool", "judged without buildings: nothing blocks sight"),
                _c("turn_to", "float", "azimuth that camera_b is to be turned to, from true north", "°"),
                _c("mends", "str", "what the others need before they stand for it, joined by ;"),
                _c("owner_b", "str", "owners of the others, joined by ;"),
                _c("article", "str", "articles that are the ground of the action, joined by ;"),
                _c("clause", "str", "those articles in words"),
                _c("cost", "float", "what building it costs", "yuan"),
                _c("saving", "float", "money not spent; null where the cost is unknown", "yuan"),
                _c("price_basis", "str", "where cost and saving come from", values=terms.PRICE_BASES),
                _c("authority", "str", "whether who proposes it may build in public space", values=terms.AUTHORITIES),
                _c("authority_article", "str", "articles that say who may build in public space, joined by ;"),
                _c("decided_by", "str", "who settled it as no duplicate"),
                _c("department", "str", "department that proposes it"),
            ),
            "any",
        ),
        Table(
            "camera_repeats",
            "Pairs of rows of the registers that tell of one device twice; no duplicate builds.",
            ("camera_a", "camera_b"),
            (
                _c("camera_a", "str", "first row", required=True),
                _c("camera_b", "str", "later row", required=True),
                _c("kind", "str", "why they are one", required=True, values=terms.REPEAT_KINDS),
                _c("distance", "float", "between the two positions", "m"),
                _NAME,
                _c("owner", "str", "owner as registered"),
                _c("register_a", "str", "register of the first row"),
                _c("register_b", "str", "register of the later row"),
                _c("row_a", "int", "first row in its file"),
                _c("row_b", "int", "later row in its file"),
                _c("linked", "bool", "the readers linked the later row to an earlier one already: it counts once"),
            ),
            "line",
        ),
        Table(
            "completeness",
            "What OpenStreetMap holds of the area, and the least that a town of that size has.",
            ("matter",),
            (
                _c("matter", "str", "a measure, or the kinds of which any one counts, joined by ;", required=True),
                _c("found", "float", "mapped", "unit"),
                _c("expected", "float", "the least that a town of that size has; ours", "unit"),
                _c("unit", "str", "unit", required=True, values=("point", "percent")),
                _c("standing", "str", "how it compares", required=True, values=terms.COMPLETENESS_STANDINGS),
            ),
        ),
        Table(
            "rejects",
            "Rows and objects that could not be used, each with its reason.",
            ("reject_id",),
            (
                _c("reject_id", "str", "file and row or object", required=True),
                _c("source", "str", "file name", required=True),
                _c("row", "int", "row in the file, the header being row 1"),
                _c("column", "str", "column at fault"),
                _c("reason", "str", "what was needed and what was given; never a dropped value", required=True),
            ),
        ),
        Table(
            "records",
            "What a register of agreements, owners and operating units says of a place.",
            ("place_id", "fact"),
            (
                _PLACE_ID,
                _c(
                    "fact",
                    "str",
                    "what is recorded",
                    required=True,
                    values=(
                        "agreement",
                        "owner",
                        "manager",
                        "operating_unit",
                        "state_owned",
                        "designation",
                        "completed_on",
                    ),
                ),
                _c("value", "str", "the party, yes or no, the item, or the date"),
                _c("document", "str", "document it stands in"),
                _c("date", "date", "date of the document"),
            ),
        ),
        Table(
            "decisions",
            "What persons settled.",
            ("subject", "id", "field"),
            (
                _c(
                    "subject",
                    "str",
                    "what it is about",
                    required=True,
                    values=("place", "mandate", "entrance", "camera", "gap", "pair", "site", "ban"),
                ),
                _c("id", "str", "id of the subject", required=True),
                _c("field", "str", "column decided; `exists` drops or adds; `kind` corrects", required=True),
                _c("value", "str", "the decided value"),
                _c("geometry_wkt", "str", "WKT in degrees, for what is added or moved"),
                _c("decided_by", "str", "who", required=True),
                _c("decided_on", "date", "when", required=True),
                _c("why", "str", "reason"),
                _c("document", "str", "paper it stands in"),
                _c("valid_until", "date", "last day it holds; null = for good"),
            ),
        ),
        Table(
            "mandates",
            "Places that fall under an item: they must be covered.",
            ("mandate_id",),
            (
                _c("mandate_id", "str", "stable: from place, rulebook, item and kind", required=True),
                _PLACE_ID,
                _NAME,
                _c("rulebook", "str", "rulebook id", required=True),
                _c("article", "str", "article, such as 第八条", required=True),
                _c("item", "str", "item, such as （六）; empty where the article has none"),
                _c("kind", "str", "kind", required=True, values=terms.KINDS),
                _c("term", "str", "the word of the text"),
                _c("part", "str", "what of the place must be seen", required=True, values=terms.PARTS),
                _c("qualifier", "str", "大型, 重要 … where the text has one"),
                _c("qualifier_scope", "str", "explicit or ambiguous", values=("explicit", "ambiguous")),
                _c("criterion", "str", "the planner's number that was applied, with its origin"),
                _c("standing", "str", "how sure the duty is", required=True, values=terms.STANDINGS),
                _c("standing_reason", "str", "why"),
                _c("evidence", "str", "why the place is of the kind"),
                _c("confidence", "str", "of kind and item together", values=terms.CONFIDENCES),
                _c("ranking_only", "bool", "the criterion only ranks: it never drops"),
                _c("builder", "str", "who must build by the city's text", values=terms.BUILDERS),
                _c("builder_rule", "str", "id of the rule that fired"),
                _c("builder_article", "str", "article of that rule"),
                _c("builder_evidence", "str", "facts it rests on"),
                _c("builder_confidence", "str", "how sure", values=terms.CONFIDENCES),
                _c("builder_alternatives", "str", "other answers that a record would bring"),
                _c("builder_effective", "str", "the higher law's answer where it speaks", values=terms.BUILDERS),
                _c("overlay_article", "str", "article of the higher law, where it speaks"),
                _c("overlay_conflict", "bool", "the two laws disagree on the builder"),
                _c("needs_record", "str", "record that would settle it"),
                _c("decided_by", "str", "who decided, where a decision changed the row"),
                _c("department", "str", "department that answers for the kind"),
                _DISTRICT,
            ),
            "any",
        ),
        Table(
            "targets",
            "Samples of parts; a point of ground is laid once, whoever demands it.",
            ("target_id",),
            (
                _c("target_id", "int", "number within the study", required=True),
                _c("x", "float", "east in the metric CRS", "m", required=True),
                _c("y", "float", "north in the metric CRS", "m", required=True),
                _c("z", "float", "height to be seen over the ground", "m"),
                _c("facing", "float", "direction it must be seen from, true north; null = any", "°"),
                _c("facing_within", "float", "how far a camera may stand off that direction; null = any", "°"),
                _c("size", "float", "length or ground it stands for; 1 for a point", "unit"),
                _c("unit", "str", "unit of size", required=True, values=terms.UNITS),
                _c("layer", "int", "OSM layer it lies on, 0 on the ground"),
                _DISTRICT,
            ),
            "",
        ),
        Table(
            "demands",
            "Which mandate demands which target, and how sharply.",
            ("target_id", "mandate_id", "component"),
            (
                _c("target_id", "int", "target", required=True),
                _c("mandate_id", "str", "mandate", required=True),
                _c("component", "str", "component of the part", required=True, values=terms.COMPONENTS),
                _c("feature_id", "str", "street section, junction, entrance or place the sample lies on"),
                _c("weight", "float", "weight in shares: the size of the target"),
                _c("density_required", "float", "pixel density", "px/m"),
                _c("cameras_required", "int", "how many cameras must see it, 1 or 2"),
            ),
        ),
        Table(
            "views",
            "The ground that a camera sees.",
            ("view_id",),
            (
                _c("view_id", "str", "camera_id and end", required=True),
                _c("camera_id", "str", "camera", required=True),
                _c("end", "str", "which end", required=True, values=terms.VIEW_ENDS),
                _c("ground", "float", "ground seen", "m²"),
                _c("near_unknown", "bool", "tilt or vertical angle unknown: no near blind zone was cut"),
                _c("assumed", "str", "defaults used, joined by ;"),
                _c("tree_share", "float", "share of the ground under or behind crowns of trees, which hide nothing"),
            ),
            "polygon",
        ),
        Table(
            "view_zones",
            "The parts of each view by pixel density.",
            ("view_id", "density_from"),
            (
                _c("view_id", "str", "view", required=True),
                _c("camera_id", "str", "camera", required=True),
                _c("density_from", "float", "seen at least this sharply; 0: below all levels", "px/m", required=True),
                _c("density_to", "float", "and less sharply than this; null: no level above", "px/m"),
                _c("ground", "float", "ground of the part", "m²"),
            ),
            "polygon",
        ),
        Table(
            "coverage",
            "How much of each mandate is seen as required, by component.",
            ("mandate_id", "component"),
            (
                _c("mandate_id", "str", "mandate", required=True),
                _c("component", "str", "component", required=True, values=terms.COMPONENTS),
                _c("required", "float", "what must be seen", "unit"),
                _c("seen_low", "float", "seen at the pessimistic end", "unit"),
                _c("seen_expected", "float", "expected", "unit"),
                _c("seen_high", "float", "seen at the optimistic end: a bound no real aiming reaches", "unit"),
                _c("unit", "str", "unit", values=terms.UNITS),
                _c("share_low", "float", "seen_low / required"),
                _c("share_expected", "float", "seen_expected / required"),
                _c("share_high", "float", "seen_high / required"),
                _c("state", "str", "state", required=True, values=terms.COVERAGE_STATES),
            ),
        ),
        Table(
            "coverage_levels",
            "The coverage if one pixel density were asked of everything, for each level of the edition.",
            ("scope", "value", "unit", "level"),
            (
                _c("scope", "str", "of what", required=True, values=terms.LEVEL_SCOPES),
                _c("value", "str", "component, kind, or article and item; empty for the whole", required=True),
                _c("unit", "str", "unit", required=True, values=terms.UNITS),
                _c("level", "float", "pixel density asked for", "px/m", required=True),
                _c("required", "float", "what must be seen", "unit"),
                _c("seen_low", "float", "seen at the pessimistic end", "unit"),
                _c("seen_expected", "float", "expected", "unit"),
                _c("seen_high", "float", "seen at the optimistic end: a bound no real aiming reaches", "unit"),
                _c("share_low", "float", "seen_low / required"),
                _c("share_expected", "float", "seen_expected / required"),
                _c("share_high", "float", "seen_high / required"),
            ),
        ),
        Table(
            "coverage_apart",
            "The coverage by sets of cameras, each target once; each set holds the one before.",
            ("which", "unit"),
            (
                _c("which", "str", "which cameras count", required=True, values=terms.APART),
                _c("unit", "str", "unit", required=True, values=terms.UNITS),
                _c("cameras", "int", "cameras in the set", required=True),
                _c("required", "float", "what must be seen", "unit"),
                _c("seen_low", "float", "seen at the pessimistic end", "unit"),
                _c("seen_expected", "float", "expected", "unit"),
                _c("seen_high", "float", "seen at the optimistic end: a bound no real aiming reaches", "unit"),
                _c("share_low", "float", "seen_low / required"),
                _c("share_expected", "float", "seen_expected / required"),
                _c("share_high", "float", "seen_high / required"),
            ),
        ),
        Table(
            "public_cells",
            "Large cells and the shares that the public may see; `cameras` and `targets` never leave the folder.",
            ("cell_id",),
            (
                _c(
                    "cell_id",
                    "str",
                    "south-west corner in metres, such as E669000N3546000",
                    required=True,
                ),
                _c("side", "float", "side of the cell", "m", required=True),
                _c("share", "float", "share of targets seen, in steps of 0.05; null = not shown"),
                _c("targets", "int", "demanded targets in the cell", required=True),
                _c("cameras", "str", "those that contribute, each with a mark of its pose, joined by ;", required=True),
            ),
            "polygon",
        ),
        Table(
            "gaps",
            "What is not seen as required: a stretch, a gate, a corner.",
            ("gap_id",),
            (
                _c("gap_id", "str", "stable: from mandate, component and place", required=True),
                _c("mandate_id", "str", "mandate", required=True),
                _PLACE_ID,
                _c("name", "str", "place and stretch in words"),
                _c("component", "str", "component", values=terms.COMPONENTS),
                _c(
                    "size",
                    "float",
                    "size; of a street asked in both directions each counts half",
                    "unit",
                    required=True,
                ),
                _c("unit", "str", "unit", required=True, values=terms.UNITS),
                _c("remnants", "float", "part of size in remnants too small for a gap, which lie apart", "unit"),
                _c("reason", "str", "why it is not seen", values=terms.GAP_REASONS),
                _c("builder", "str", "who must close it (effective)", values=terms.BUILDERS),
                _c("article", "str", "article"),
                _c("item", "str", "item"),
                _c("kind", "str", "kind", values=terms.KINDS),
                _c("standing", "str", "standing of its mandate", values=terms.STANDINGS),
                _c("priority", "float", "0 to 100: the sum of the four parts that follow"),
                _c("priority_duty", "float", "part by the standing of the duty", "points"),
                _c("priority_kind", "float", "part by the kind of place", "points"),
                _c("priority_road", "float", "part by the street's class and betweenness", "points"),
                _c("priority_size", "float", "part by the size", "points"),
                _c("nearest_camera", "float", "distance to the nearest camera that counts", "m"),
                _c("nearest_camera_id", "str", "that camera"),
                _c("accepted_until", "date", "a person left it as it is until this day"),
                _c("postponed_until", "date", "a person put it off until this day"),
                _c("note", "str", "what a person noted"),
                _c("decided_by", "str", "who decided, where a decision changed the row"),
                _c("department", "str", "department that answers"),
                _DISTRICT,
                _c("change", "str", "what became of it since the earlier study", values=terms.GAP_CHANGES),
                _c("previous_ids", "str", "the earlier gaps that it was (part of), joined by ;"),
            ),
            "any",
        ),
        Table(
            "study_area",
            "The ground that was studied: one row.",
            ("source",),
            (_c("source", "str", "given by the planner, or the map's extent", required=True, values=("given", "map")),),
            "polygon",
        ),
        Table(
            "gap_changes",
            "What became of each gap since an earlier study, with one cause; closed ones stand where they were.",
            ("gap_id",),
            (
                _c("gap_id", "str", "gap of today, or of the earlier study where it is gone", required=True),
                _c("change", "str", "what became of it", required=True, values=terms.GAP_CHANGES),
                _c("cause", "str", "why; null where nothing changed", values=terms.GAP_CAUSES),
                _c("cause_words", "str", "why, in words"),
                _c("cause_ids", "str", "cameras, buildings or places that did it, the weightiest first, joined by ;"),
                _c("name", "str", "place and stretch in words"),
                _c("component", "str", "component", values=terms.COMPONENTS),
                _c("gaps_change", "int", "1: one gap more, -1: one fewer; split and merged ones count", required=True),
                _c("size_before", "float", "size in the earlier study; null where it was not there", "unit"),
                _c("size", "float", "size today; null where it is gone", "unit"),
                _c("size_change", "float", "size today less that of the earlier study", "unit", required=True),
                _c("unit", "str", "unit of the sizes", required=True, values=terms.UNITS),
                _c("builder", "str", "who must close it (effective)", values=terms.BUILDERS),
                _c("article", "str", "article"),
                _c("item", "str", "item"),
                _c("kind", "str", "kind", values=terms.KINDS),
                _c("standing", "str", "standing of its mandate", values=terms.STANDINGS),
                _c("department", "str", "department that answers"),
                _DISTRICT,
                _c("previous_ids", "str", "the earlier gaps that it was (part of), joined by ;"),
                _c("mandate_id", "str", "mandate", required=True),
                _PLACE_ID,
                _c("detail", "str", "what the cause did, in short"),
                _c("side", "str", "study in which the ground is unseen that names the cause", values=("old", "new")),
            ),
            "any",
        ),
        Table(
            "indoor",
            "Parts that no 2D view can answer: a checklist for the site visit.",
            ("mandate_id", "part"),
            (
                _c("mandate_id", "str", "mandate", required=True),
                _PLACE_ID,
                _NAME,
                _c("part", "str", "part to be checked on site", required=True, values=terms.PARTS),
                _c("setting", "str", "why no view answers it", values=terms.INDOOR_SETTINGS),
                _c("what", "str", "what to check, in words"),
            ),
        ),
        Table(
            "conflicts",
            "Cameras in or near places where the law forbids them or asks for consent; suspicions, to be verified.",
            ("camera_id", "place_id", "check"),
            (
                _c("camera_id", "str", "camera", required=True),
                _PLACE_ID,
                _c("check", "str", "which check found it", required=True, values=terms.CONFLICT_CHECKS),
                _c("level", "str", "how grave", required=True, values=terms.CONFLICT_LEVELS),
                _c("name", "str", "name of the place; null where it has none or is secret"),
                _c("place_type", "str", "what the ban speaks of; kinds of units for C7; several joined by ;"),
                _c("named", "bool", "the text names it; else only its closing clause covers it"),
                _c("rulebook", "str", "rulebook that the article stands in", required=True),
                _c("article", "str", "article that forbids or asks for consent", required=True),
                _c("item", "str", "item; empty where the article has none"),
                _c("term", "str", "the words of the text"),
                _c("penalty_article", "str", "article on the penalty, where the text has one"),
                _c("overlay_article", "str", "article of the higher law that says the same"),
                _c("distance", "float", "from the place: 0 inside", "m"),
                _c("depth", "float", "how far inside the outline; null outside", "m"),
                _c("amount", "float", "how much: façade seen (m), share of the view on private ground (%)", "unit"),
                _c("unit", "str", "unit of the amount", values=("m", "%")),
                _c("reason", "str", "why, in words", required=True),
                _c("remedy", "str", "what to do", required=True, values=terms.REMEDIES),
                _c("secret", "bool", "speaks of a secret place: never leaves a restricted product", required=True),
                _c("department", "str", "department that uses the camera"),
                _DISTRICT,
            ),
            "point",
        ),
        Table(
            "obstructions",
            "Trees, boards and planned buildings in the views of existing cameras; suspicions, to be verified.",
            ("camera_id", "object_id"),
            (
                _c("camera_id", "str", "camera", required=True),
                _c("object_id", "str", "tree, board or planned building", required=True),
                _c("obstacle", "str", "what it is", required=True, values=terms.OBSTACLES),
                _c("kind_of", "str", "tag value: tree, tree_row, wood, billboard …"),
                _NAME,
                _c("state", "str", "whether it is there", required=True, values=terms.OBSTACLE_STATES),
                _c("height", "float", "its height; null where unknown", "m"),
                _c("distance", "float", "from the camera", "m"),
                _c("ground_at_risk", "float", "ground of the view under or behind it", "m²", required=True),
                _c("share", "float", "of the view's ground", required=True),
                _c("at_most", "bool", "a height is unknown: no more than this", required=True),
                _c("assumed", "str", "what was assumed of it: crown, width"),
                _c("rulebook", "str", "rulebook that the article stands in"),
                _c("article", "str", "article that forbids to hinder cameras"),
                _c("named", "bool", "its words name such an obstacle; else only its general or closing words reach it"),
                _c("penalty_article", "str", "article on the penalty, where the text has one"),
                _c("remedy", "str", "what to do", required=True, values=terms.OBSTACLE_REMEDIES),
                _c("department", "str", "department that uses the camera"),
                _DISTRICT,
            ),
            "any",
        ),
        Table(
            "breaches",
            "What the registers say against the clauses of the regulation; suspicions, to be verified.",
            ("breach_id",),
            (
                _c("breach_id", "str", "stable: from camera, place, clause and rulebook", required=True),
                _c("camera_id", "str", "camera; null where a place as a whole is meant"),
                _c("place_id", "str", "place it stands in, where that matters"),
                _c("clause", "str", "which fact", required=True, values=terms.BREACHES),
                _c("rulebook", "str", "rulebook that the article stands in", required=True),
                _c("article", "str", "article that the fact speaks against", required=True),
                _c("fact", "str", "what the register says, in words", required=True),
                _c("due", "date", "last day, where the text counts days"),
                _c("overdue_days", "int", "days since the day due; null where none has passed", "days"),
                _c("fine", "str", "what the text threatens: yuan, for whom, on what condition", required=True),
                _c("fine_path", "str", "on what condition: a path of the rulebook's penalties, or none", required=True),
                _c("overlay_article", "str", "article of the higher law that says the same"),
                _c("overlay_due", "date", "last day under the higher law"),
                _c("overlay_fine", "str", "what the higher law threatens"),
                _c("standing", "str", "how sure", required=True, values=terms.BREACH_STANDINGS),
                _c("owner_class", "str", "class of owner; never a name", values=terms.OWNER_CLASSES),
                _c("register", "str", "register it came from"),
                _c("source_row", "int", "row in the file, the header being row 1"),
                _c("department", "str", "department that uses the camera"),
                _DISTRICT,
            ),
            "point",
        ),
        Table(
            "checks",
            "How many cameras each clause could be checked on.",
            ("rulebook", "clause"),
            (
                _c("rulebook", "str", "rulebook", required=True),
                _c("clause", "str", "which fact", required=True, values=terms.BREACHES),
                _c("article", "str", "article", required=True),
                _c("suspected", "int", "cameras with a finding", required=True),
                _c("met", "int", "cameras without one", required=True),
                _c("not_checkable", "int", "cameras whose facts are unknown: never a finding", required=True),
                _c("not_bound", "int", "cameras that the clause does not bind", required=True),
            ),
        ),
        Table(
            "fleets",
            "Vehicles and vessels that must carry cameras: required, fitted, missing; never points on a map.",
            ("fleet_id", "article", "item"),
            (
                _c("fleet_id", "str", "id of the register, or a content key", required=True),
                _c("kind", "str", "kind of vehicle or vessel", required=True, values=terms.KINDS),
                _c("operator", "str", "who runs it; natural persons appear as 个人"),
                _c("name", "str", "line, route or fleet"),
                _c("required", "int", "vehicles that must be fitted", "vehicles"),
                _c("fitted", "int", "vehicles that are", "vehicles"),
                _c("missing", "int", "required less fitted; null where either is unknown", "vehicles"),
                _c("rulebook", "str", "rulebook", required=True),
                _c("article", "str", "article; empty where no item names the kind", required=True),
                _c("item", "str", "item", required=True),
                _c("term", "str", "the word of the text"),
                _c("qualifier", "str", "大中型, 重要 … where the text has one"),
                _c("standing", "str", "how sure the duty is", values=terms.STANDINGS),
                _c("source_row", "int", "row in the file, the header being row 1"),
            ),
        ),
        Table(
            "sites",
            "The point table (点位表): what to build, mend or turn, where, by whom, for how much, and why.",
            ("site_id",),
            (
                _c("site_id", "str", "stable: from nature, place, direction and class", required=True),
                _c("name", "str", "street–street corner, or place and gate", required=True),
                _c("nature", "str", "what is done", required=True, values=terms.NATURES),
                _c("phase", "int", "phase of the plan; null: suggested to a builder who is not told a phase"),
                _c("builder", "str", "who builds (effective)", values=terms.BUILDERS),
                _c("department", "str", "department that answers for the place"),
                _DISTRICT,
                _c("street_office", "str", "street office (街道); null where no such district is known"),
                _c("police_station", "str", "police station (派出所辖区); null where no such district is known"),
                _c("lon", "float", "WGS-84 longitude", "°", required=True),
                _c("lat", "float", "WGS-84 latitude", "°", required=True),
                _c("support", "str", "what it hangs on", required=True, values=terms.SUPPORTS),
                _c("support_id", "str", "the mapped or registered support; null for a new one"),
                _c("spot", "str", "where that stands", values=terms.SPOTS),
                _c("camera_id", "str", "the existing camera that is mended, turned or moved"),
                _c("azimuth", "float", "direction of view, clockwise from true north", "°"),
                _c("direction", "str", "the direction in words"),
                _c("hfov", "float", "horizontal angle of view", "°"),
                _c("vfov", "float", "vertical angle of view", "°"),
                _c("tilt", "float", "below the horizon", "°"),
                _c("mount_height", "float", "height of the lens over the ground", "m"),
                _c("pixels", "int", "pixels across"),
                _c("reach", "float", "how far it is useful", "m"),
                _c("device_class", "str", "class of the catalogue"),
                _c("purpose", "str", "what it is for", values=terms.PURPOSES),
                _c("power", "str", "where power comes from", values=terms.POWERS),
                _c("link", "str", "how it is connected", values=terms.LINKS),
                _c("cost", "float", "once, rates included", "yuan", required=True),
                _c("cost_year", "float", "each year", "yuan"),
                _c("year", "int", "year of the budget that pays"),
                _c("level", "str", "level of the budget that pays"),
                _c("storage_tb", "float", "terabytes that its recordings fill"),
                _c("mbps", "float", "bandwidth", "Mbit/s"),
                _c("gain", "float", "worth of what it adds to the sites before it; see the report", required=True),
                _c("gain_m", "float", "length that is seen as required only with it, beside those before it", "m"),
                _c("gain_m2", "float", "ground, likewise", "m²"),
                _c("gain_points", "float", "gates and other points, likewise"),
                _c("mandates", "str", "ids that it serves, joined by ;"),
                _c("articles", "str", "articles and items, joined by ;"),
                _c("gaps", "str", "gap ids that it closes or narrows, joined by ;"),
                _c("why", "str", "why it is needed, and why so aimed", required=True),
                _c("permits", "str", "what must be asked or filed, and by when, joined by ;"),
                _c("private_share", "float", "share of its view on ground that is not public"),
                _c("facade", "float", "façade of homes, hotels, wards seen at recognisable density", "m"),
                _c("survey", "str", "what the visit found", required=True, values=terms.SURVEYS),
                _c("locked", "bool", "fixed by a person"),
            ),
            "point",
        ),
        Table(
            "notices",
            "What each builder is to be told: its gaps, place by place.",
            ("notice_id",),
            (
                _c("notice_id", "str", "stable: from place and builder", required=True),
                _PLACE_ID,
                _NAME,
                _c("builder", "str", "who", values=terms.BUILDERS),
                _c("articles", "str", "articles and items, joined by ;"),
                _c("gaps", "str", "gap ids, joined by ;"),
                _c("points", "float", "gates and other points not seen"),
                _c("metres", "float", "length not seen", "m"),
                _c("square_metres", "float", "ground not seen", "m²"),
                _c("needs_record", "str", "record that would settle who builds"),
                _c("department", "str", "department that answers"),
                _DISTRICT,
                _c("heads", "int", "cameras that would close most of it, as estimated; null without a plan"),
                _c("devices", "str", "classes and numbers of them, joined by ;"),
                _c("estimate", "float", "what those would cost, once", "yuan"),
            ),
        ),
    )
}
"""All declared tables by name. ``seen`` has columns by density level and is declared by :func:`seen_columns`."""


def seen_columns(levels: Iterable[float]) -> list[str]:
    """Return the columns of the table ``seen`` for the levels of an edition of densities (px/m), in order.

    Per level L: ``n_low_L`` cameras of known pose, ``n_expected_L`` expected number, ``n_high_L`` cameras at the
    optimistic end, ``p1_L`` and ``p2_L`` the chance that at least one and at least two cameras see the target. Last
    ``through_trees``: the line from ``best_camera`` crosses the crown of a tree.

    >>> seen_columns([25, 62.5])[4:9]
    ['n_low_25', 'n_expected_25', 'n_high_25', 'p1_25', 'p2_25']
    """
    names = ["target_id", "density_low", "density_high", "best_camera"]
    for level in levels:
        names += [f"{head}_{level:g}" for head in ("n_low", "n_expected", "n_high", "p1", "p2")]
    return [*names, "through_trees"]


def content_ids(prefix: str, *columns: Iterable[Any]) -> list[str]:
    """Return one id per row that follows from the row's content alone: prefix and twelve hexadecimal digits.

    Rows of equal content get equal ids; use :func:`number_repeats` where that may happen.

    >>> content_ids("M", ["way/2"], ["wuxi_2019"]) == content_ids("M", ["way/2"], ["wuxi_2019"])
    True
    """
    rows = zip(*columns, strict=True)
    return [prefix + hashlib.blake2b("\x1f".join(map(str, row)).encode(), digest_size=6).hexdigest() for row in rows]


def number_repeats(ids: Iterable[str]) -> list[str]:
    """Return the ids with ``-2``, ``-3`` … behind the second, third … row of the same id, in row order.

    >>> number_repeats(["a", "b", "a"])
    ['a', 'b', 'a-2']
    """
    series = pd.Series(list(ids), dtype="str")
    repeat = series.groupby(series).cumcount() + 1
    return [i if n == 1 else f"{i}-{n}" for i, n in zip(series, repeat, strict=True)]


def conform(name: str, rows: Any, *, crs: Any = None) -> gpd.GeoDataFrame:
    """Return ``rows`` as the declared table: every column present, in order, in its type; further columns stay last.

    Parameters
    ----------
    name
        Name of a table in :data:`TABLES`.
    rows
        A frame or anything a frame can be made of. Missing columns become null. It is not changed.
    crs
        Reference system of the geometry, where ``rows`` does not carry one itself.

    Returns
    -------
    GeoDataFrame or, for a table without geometry, DataFrame, with a fresh index 0 … n-1.

    Raises
    ------
    TableError
        A value does not fit the type of its column.

    Examples
    --------
    >>> conform("place_kinds", [{"place_id": "way/1", "kind": "school_kindergarten"}]).shape
    (1, 5)
    """
    table = TABLES[name]
    frame = pd.DataFrame(rows).copy() if not isinstance(rows, pd.DataFrame) else rows.copy()
    crs = crs if crs is not None else getattr(rows, "crs", None)
    frame = frame.reset_index(drop=True)
    data: dict[str, Any] = {}
    for column in table.columns:
        given = frame[column.name] if column.name in frame.columns else pd.Series([None] * len(frame), dtype=object)
        data[column.name] = _cast(given, column, name)
    rest = [c for c in frame.columns if c not in data and c != "geometry"]
    out = pd.DataFrame(data).join(frame[rest]) if rest else pd.DataFrame(data)
    if not table.geometry:
        return cast("gpd.GeoDataFrame", out)
    geometry = frame["geometry"] if "geometry" in frame.columns else [None] * len(frame)
    return gpd.GeoDataFrame(out, geometry=gpd.GeoSeries(list(geometry), crs=crs))


def _cast(given: pd.Series, column: Column, table: str) -> pd.Series:
    try:
        if column.dtype in ("str", "date"):
            if given.dtype == "str":
                return given
            text = given.astype(object).where(given.notna(), None)
            return text.map(lambda v: v if v is None else str(v)).astype("str")
        if column.dtype == "float":
            return pd.to_numeric(given).astype("float64")
        if column.dtype == "bool":
            return given.astype("boolean")
        return pd.to_numeric(given).astype("Int64")
    except (TypeError, ValueError) as error:
        raise TableError(
            f"table {table}, column {column.name}: needed {column.dtype}, given values that are not: {error}"
        ) from error


def check(frame: pd.DataFrame, name: str) -> None:
    """Check a frame against its declaration; all faults come in one message.

    Raises
    ------
    TableError
        Columns are missing, nulls stand where none may, a key repeats, a value lies outside its closed set, or the
        geometry is missing or has no metric reference system.

    Examples
    --------
    >>> check(conform("place_kinds", [{"place_id": "way/1", "kind": "palace", "evidence": "x", "confidence": "high"}]),
    ...       "place_kinds")
    Traceback (most recent call last):
    citycover.errors.TableError: table place_kinds: column kind: needed one of its closed set, given 'palace'
    """
    table = TABLES[name]
    faults: list[str] = []
    missing = [c for c in table.column_names() if c not in frame.columns]
    if missing:
        faults.append(f"columns missing: {', '.join(missing)}; given: {', '.join(map(str, frame.columns))}")
    for column in table.columns:
        if column.name not in frame.columns:
            continue
        values = frame[column.name]
        if not column.nullable and bool(values.isna().any()):
            row = int(np.flatnonzero(values.isna().to_numpy())[0])
            faults.append(f"column {column.name}: needed a value in every row, row {row} has none")
        if column.values:
            wrong = values.dropna()[~values.dropna().isin(column.values)]
            if len(wrong):
                faults.append(f"column {column.name}: needed one of its closed set, given {str(wrong.iloc[0])!r}")
    if not missing and bool(frame.duplicated(list(table.key)).any()):
        repeated = frame.loc[frame.duplicated(list(table.key)), list(table.key)].iloc[0].to_dict()
        faults.append(f"key {', '.join(table.key)} must be unique, repeated: {repeated}")
    if table.geometry and isinstance(frame, gpd.GeoDataFrame) and "geometry" in frame.columns:
        crs = frame.crs
        if crs is None or not crs.is_projected:
            faults.append(f"geometry: needed a metric reference system, given {crs}")
    if faults:
        raise TableError(f"table {name}: " + "; ".join(faults))


def describe(names: Iterable[str] | None = None) -> str:
    """Return the declarations as Markdown tables, for the docs.

    >>> describe(["place_kinds"]).splitlines()[0]
    '### place_kinds'
    """
    lines: list[str] = []
    for name in names or TABLES:
        table = TABLES[name]
        lines += [f"### {name}", "", f"{table.meaning} Key: {', '.join(table.key)}.", ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        for column in table.columns:
            values = f" One of: {', '.join(column.values)}." if 0 < len(column.values) <= 16 else ""
            star = "" if column.nullable else " (required)"
            lines.append(f"| {column.name} | {column.dtype}{star} | {column.unit} | {column.meaning}.{values} |")
        if table.geometry:
            lines.append(f"| geometry | {table.geometry} | | in the metric CRS of the study |")
        lines.append("")
    return "\n".join(lines)


def document() -> str:
    """Return the whole of ``docs/columns.md``: what it is, how it is made, and :func:`describe` of every table."""
    head = '# Columns of the tables\n\nMade from `citycover.tables`: `python -c "from citycover import tables; '
    return head + "print(tables.document(), end='')\" > docs/columns.md`.\n\n" + describe()


def count_by(frame: pd.DataFrame, column: str) -> Mapping[str, int]:
    """Return how many rows hold each value of a column, most first, unknown as ``unknown``.

    >>> dict(count_by(pd.DataFrame({"a": ["x", "y", "x"]}), "a"))
    {'x': 2, 'y': 1}
    """
    counts = frame[column].astype("object").fillna("unknown").value_counts(sort=True)
    return {str(k): int(v) for k, v in counts.items()}
