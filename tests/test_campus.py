"""A campus on two dates, eight days apart: gaps keep their numbers, and new buildings are named as the cause.

Between the extracts 15 buildings were drawn and 9 redrawn, the campus lost a strip of 6,500 m² at its edge, and some
inner streets were added. Eight cameras are made up: each stands 25 m west of where a building will be, looking east.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from citycover.audit.changed_things import find_changed
from citycover.audit.comparison import Comparison
from citycover.city.read import read_osm
from citycover.publish.layers import write_layers
from citycover.publish.run_folder import snapshot_of
from citycover.publish.summary import write_summary
from citycover.study import run_study
from citycover.study_file import make_study
from test_comparing import compared

pytestmark = pytest.mark.slow

DAYS = ("2021-09-09", "2021-09-17")


def look_over(buildings: gpd.GeoDataFrame, folder: Path) -> Path:
    """Return a register of one camera 25 m west of each building, looking east: it sees the ground behind its spot."""
    west = [shapely.Point(s.bounds[0] - 25, (s.bounds[1] + s.bounds[3]) / 2) for s in buildings.geometry]
    spots = gpd.GeoSeries(west, crs=buildings.crs).to_crs(4326)
    pose = {"azimuth": 90, "hfov": 60, "reach": 66, "pixels": 1920, "mount_height": 4, "status": "in_use"}
    rows = [{"camera_id": f"c{n}", "lon": p.x, "lat": p.y, **pose} for n, p in enumerate(spots)]
    file = folder / "cameras.csv"
    pd.DataFrame(rows).to_csv(file, index=False)
    return file


@pytest.fixture(scope="module")
def campus(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any, Comparison]:
    folder = tmp_path_factory.mktemp("campus")
    files = [shared_data / f"shanghai_university_{day}.osm" for day in DAYS]
    old, new = (read_osm(file).buildings for file in files)
    fresh = new[~new["building_id"].isin(old["building_id"])]
    clear = fresh[fresh.geometry.apply(lambda s: old.distance(s).min() > 30)].sort_values("building_id").head(8)
    register = [{"file": look_over(clear, folder), "name": "made", "datum": "wgs84"}]
    studies: list[Any] = []
    for day, file in zip(DAYS, files, strict=True):
        raw: dict[str, Any] = {
            "date": day,
            "osm": [{"file": file}],
            "overlay": "none",
            "lang": "en",
            "cameras": register,
        }
        studies.append(run_study(make_study(raw | ({"previous": folder} if studies else {}))))
        if len(studies) == 1:
            write_layers(studies[0], folder / "layers.gpkg")
            write_summary(studies[0], folder / "summary.json")
    return studies[0], studies[1], compared(studies[0], studies[1])


def test_the_ids_of_gaps_survive_eight_days_of_mapping(campus: tuple[Any, Any, Comparison]) -> None:
    old, new, found = campus
    stayed = set(old.gaps["gap_id"]) & set(new.gaps["gap_id"])
    assert len(stayed) > 0.95 * len(old.gaps)
    assert found.changes.loc[found.changes["change"].eq("same"), "gap_id"].isin(stayed).all()
    assert found.changes["change"].eq("same").mean() > 0.75


def test_the_ground_that_buildings_took_is_told_as_theirs(campus: tuple[Any, Any, Comparison]) -> None:
    """Expected: what today's buildings take of the ground of each earlier gap that only shrank."""
    old, new, found = campus
    told = found.changes[found.changes["cause"].eq("building") & found.changes["unit"].eq("m2")]
    grounds = told["place_id"].eq("relation/13058054")
    assert grounds.sum() >= 10
    changed = find_changed(snapshot_of(new), snapshot_of(old))
    named = {i for i in ";".join(told["cause_ids"].dropna()).split(";") if not i.startswith("made:")}
    assert len(named) >= 10
    assert named <= set(changed.obstacle_ids) | set(find_changed(snapshot_of(old), snapshot_of(new)).obstacle_ids)
    stands = found.changes[found.changes["cause_words"].fillna("").str.contains("stands on it")]
    stands = stands[stands["change"].eq("shrunk") & stands["place_id"].eq("relation/13058054")]
    assert len(stands) >= 3
    before = old.gaps.set_index("gap_id").loc[stands["previous_ids"], "geometry"]
    taken = before.intersection(new.city.buildings.geometry.union_all()).area.to_numpy()
    assert -stands["size_change"].sum() == pytest.approx(taken.sum(), rel=0.1)


def test_a_new_building_before_a_camera_hides_what_it_saw(campus: tuple[Any, Any, Comparison]) -> None:
    _, new, found = campus
    hidden = found.changes[found.changes["cause_words"].fillna("").str.contains("hides it")]
    assert len(hidden) >= 1
    assert set(hidden["change"]) <= {"opened", "grown", "split", "merged"}
    ids = {i for i in ";".join(hidden["cause_ids"]).split(";") if not i.startswith("made:")}
    assert ids
    assert ids <= set(new.city.buildings["building_id"])
