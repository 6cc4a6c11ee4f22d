"""A study from its inputs to its outputs on the embedded district: decisions survive, broken inputs are answered."""

import bz2
import gzip
import json
import os
import re
import shutil

import geopandas as gpd
import osmium
import pandas as pd
import pytest
from shapely.geometry import box

from citycover.errors import AreaError, CitycoverError, CrsError, FileFormatError, InputError, StudyError
from citycover.publish.layers import write_layers
from citycover.sight.optics import load_edition
from citycover.study import run_study, sample_folder, write_study
from citycover.study_file import make_study, read_study


@pytest.fixture(scope="module")
def folder():
    return sample_folder()


def study_of(folder, **changes):
    raw = {
        "name": "试验",
        "date": "2026-03-01",
        "osm": [{"file": folder / "district.osm"}],
        "cameras": [{"file": folder / "cameras.csv", "name": "gongan", "datum": "gcj02"}],
        "places": [{"file": folder / "places.csv", "datum": "wgs84"}],
        "records": folder / "records.csv",
    }
    return make_study(raw | changes)


@pytest.fixture(scope="module")
def before(folder):
    return run_study(study_of(folder))


def repack(source, target):
    """Write an extract in the format that the target's ending names."""
    with osmium.SimpleWriter(str(target)) as writer:
        for entity in osmium.FileProcessor(str(source)):
            writer.add(entity)


def decisions_for(before, path):
    """Four decisions: correct a kind, drop a place, add an entrance, turn a camera."""
    kinds = before.city.place_kinds
    places = before.city.places.set_index("place_id")
    grounds = kinds[kinds["place_id"].map(places["ground"]) > 0]  # places with ground of their own, not points
    hotel, park, school = (
        grounds.loc[grounds["kind"] == kind, "place_id"].iloc[0]
        for kind in ("hotel_lodging", "park", "education_institution")
    )
    camera = before.cameras.loc[
        before.cameras["azimuth"].isna() & (before.cameras["counts"] == "range"), "camera_id"
    ].iloc[0]
    shapes = places.to_crs(4326).geometry
    inside = shapes.representative_point()
    gate = shapes[school].boundary.interpolate(0.3, normalized=True)
    rows = [
        ("place", hotel, "kind", "party_government_organ", inside[hotel].wkt, "实为区政府招待所"),
        ("place", park, "exists", "no", inside[park].wkt, "已改建"),
        ("entrance", school, "exists", "yes", gate.wkt, "现场核实有侧门"),
        ("camera", camera, "azimuth", "90", "", "现场核实"),
    ]
    frame = pd.DataFrame(rows, columns=["subject", "id", "field", "value", "geometry", "why"])
    frame.assign(decided_by="联席会议", decided_on="2026-02-01", document="", valid_until="").to_csv(path, index=False)
    return [places.loc[i, "name"] for i in (hotel, park, school)], camera


def renumber(text, by):
    """Return OSM XML with every id moved on: the same ground, drawn anew under other ids."""

    def later(match):
        return f'{match[1]}"{int(match[2]) + by}"'

    text = re.sub(r'(<(?:node|way|relation) id=)"(\d+)"', later, text)
    return re.sub(r'(<(?:nd|member)\b[^>]*\bref=)"(\d+)"', later, text)


def test_four_decisions_change_four_answers_and_stay_changed_on_another_osm_date(before, folder, tmp_path):
    """A kind corrected, a place dropped, an entrance added, a camera turned; all OSM ids change and nothing is lost."""
    (hotel, park, school), camera = decisions_for(before, tmp_path / "decisions.csv")
    assert {"hotel_lodging", "special_trade_premises"} & set(kinds_at(before, hotel))
    assert "park" in kinds_at(before, park)
    later = tmp_path / "later.osm"
    later.write_text(renumber((folder / "district.osm").read_text(encoding="utf-8"), 7_000_000), encoding="utf-8")
    for osm in (folder / "district.osm", later):
        after = run_study(study_of(folder, osm=[{"file": osm}], decisions=tmp_path / "decisions.csv"))
        assert kinds_at(after, hotel) == ["party_government_organ"]
        assert "park" not in kinds_at(after, park)
        where = after.city.places.set_index("name").loc[school, "place_id"]
        gates = after.city.entrances[after.city.entrances["place_id"] == where]
        assert (gates["source"] == "decision").sum() == 1
        turned = after.cameras.set_index("camera_id").loc[camera]
        assert (turned["azimuth"], turned["azimuth_source"], turned["counts"]) == (90.0, "decision", "yes")
        assert after.decisions["state"].tolist() == ["used"] * 4


def kinds_at(results, name):
    """Return the kinds of the place of a name, sorted."""
    ids = results.city.places.loc[results.city.places["name"] == name, "place_id"]
    return sorted(results.city.place_kinds.loc[results.city.place_kinds["place_id"].isin(ids), "kind"])


def test_a_decision_whose_subject_is_gone_is_listed_as_stale_and_never_dropped(folder, tmp_path):
    frame = pd.DataFrame(
        [("place", "way/999999999", "exists", "no", "", "王某", "2026-02-01", "", "", "")],
        columns=[
            "subject",
            "id",
            "field",
            "value",
            "geometry",
            "decided_by",
            "decided_on",
            "why",
            "document",
            "valid_until",
        ],
    )
    frame.to_csv(tmp_path / "decisions.csv", index=False)
    results = run_study(study_of(folder, decisions=tmp_path / "decisions.csv"))
    assert results.decisions["state"].tolist() == ["stale"]
    assert [zh for zh, _ in results.notes if "人工决定未采用" in zh]


def test_a_register_read_in_the_wrong_datum_is_noticed(folder):
    """The district's register is GCJ-02; read as WGS-84 its cameras fall some 450 m beside the streets."""
    results = run_study(study_of(folder, cameras=[{"file": folder / "cameras.csv", "datum": "wgs84"}]))
    assert [zh for zh, _ in results.notes if "GCJ-02" in zh]


def test_the_right_datum_raises_no_alarm(before):
    assert not [zh for zh, _ in before.notes if "GCJ-02" in zh]


def test_all_packings_of_one_extract_give_the_same_study(before, folder, tmp_path):
    content = (folder / "district.osm").read_bytes()
    (tmp_path / "a.osm.gz").write_bytes(gzip.compress(content))
    (tmp_path / "b.osm.bz2").write_bytes(bz2.compress(content))
    repack(folder / "district.osm", tmp_path / "c.osm.pbf")
    for file in sorted(tmp_path.iterdir()):
        after = run_study(study_of(folder, osm=[{"file": file}]))
        assert after.mandates["mandate_id"].tolist() == before.mandates["mandate_id"].tolist(), file.name
        assert after.gaps["gap_id"].tolist() == before.gaps["gap_id"].tolist(), file.name


def test_a_register_without_a_needed_column_names_what_was_needed_and_given(folder, tmp_path):
    (tmp_path / "r.csv").write_text("编号,名称,经度\n1,甲,120.3\n", encoding="utf-8")
    with pytest.raises(InputError, match="lat") as caught:
        run_study(study_of(folder, cameras=[{"file": tmp_path / "r.csv", "datum": "wgs84"}]))
    assert "经度" in str(caught.value)


def test_a_register_with_swapped_axes_is_refused_with_the_hint(folder, tmp_path):
    rows = "".join(f"{i},31.57{i:02d},120.30{i:02d}\n" for i in range(30))
    (tmp_path / "r.csv").write_text("camera_id,lon,lat\n" + rows, encoding="utf-8")
    with pytest.raises(InputError, match="swapped"):
        run_study(study_of(folder, cameras=[{"file": tmp_path / "r.csv", "datum": "wgs84"}]))


def test_a_tenth_of_rubbish_goes_to_the_rejects_with_row_and_reason(folder, tmp_path):
    """Of 50 rows every tenth is rubbish: 45 cameras, 5 rejects that name rows 2, 12, 22, 32 and 42."""
    rows = [
        f"c{i},abc,-999\n" if i % 10 == 0 else f"c{i},{120.295 + i * 1e-4:.6f},{31.568 + i * 1e-5:.6f}\n"
        for i in range(50)
    ]
    (tmp_path / "r.csv").write_text("camera_id,lon,lat\n" + "".join(rows), encoding="utf-8")
    results = run_study(study_of(folder, cameras=[{"file": tmp_path / "r.csv", "datum": "wgs84"}]))
    assert (results.cameras["register"] == "r").sum() == 45
    bad = results.rejects[results.rejects["source"] == "r.csv"]
    assert bad["row"].tolist() == [2, 12, 22, 32, 42]
    assert bad["reason"].notna().all()


def test_a_broken_and_an_empty_extract_say_so(folder, tmp_path):
    content = (folder / "district.osm").read_bytes()
    (tmp_path / "broken.osm").write_bytes(content[: len(content) // 2])
    (tmp_path / "empty.osm").write_text('<osm version="0.6"></osm>', encoding="utf-8")
    for name in ("broken.osm", "empty.osm"):
        with pytest.raises(FileFormatError, match=name):
            run_study(study_of(folder, osm=[{"file": tmp_path / name}]))


def test_an_area_that_misses_the_streets_is_an_error_and_no_empty_map(folder, tmp_path):
    (tmp_path / "area.geojson").write_text(
        '{"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": '
        "[[[110.0, 30.0], [110.1, 30.0], [110.1, 30.1], [110.0, 30.1], [110.0, 30.0]]]}}",
        encoding="utf-8",
    )
    with pytest.raises(AreaError, match=r"110"):
        run_study(study_of(folder, area=tmp_path / "area.geojson"))


def test_a_register_without_a_datum_is_refused(folder):
    with pytest.raises(CrsError, match="gcj02"):
        run_study(study_of(folder, cameras=[{"file": folder / "cameras.csv"}]))


def test_every_error_on_purpose_is_one_family():
    for error in (AreaError, CrsError, FileFormatError, InputError):
        assert issubclass(error, CitycoverError)
    assert issubclass(InputError, ValueError)


def test_running_a_study_changes_none_of_its_inputs(folder, tmp_path):
    copy = tmp_path / "sample"
    shutil.copytree(folder, copy)
    stamps = {p.name: p.read_bytes() for p in copy.iterdir() if p.is_file()}
    run_study(study_of(copy))
    assert {p.name: p.read_bytes() for p in copy.iterdir() if p.is_file()} == stamps


def geojson(path, frame):
    """Write a frame as GeoJSON in degrees; return the path."""
    frame.to_crs(4326).to_file(path, driver="GeoJSON")
    return path


def test_districts_from_a_file_reach_every_table_down_to_the_gaps(before, folder, tmp_path):
    """The area is cut into a western and an eastern half; each gap belongs to the half of its place."""
    west, south, east, north = before.city.area.bounds
    middle = (west + east) / 2
    halves = gpd.GeoDataFrame(
        {"code": ["1", "2"], "name": ["西半", "东半"]},
        geometry=[box(west - 500, south - 500, middle, north + 500), box(middle, south - 500, east + 500, north + 500)],
        crs=before.city.crs,
    )
    after = run_study(study_of(folder, districts=[{"file": geojson(tmp_path / "d.geojson", halves), "datum": "wgs84"}]))
    for name in ("streets", "places", "buildings", "cameras"):
        table = after.cameras if name == "cameras" else getattr(after.city, name)
        assert set(table["district"].dropna()) == {"西半", "东半"}, name
    places = after.city.places.set_index("place_id")
    gaps = after.gaps.join(places["district"].rename("of_place"), on="place_id").dropna(subset=["of_place"])
    assert len(gaps)
    assert (gaps["district"] == gaps["of_place"]).all()
    inner = places.geometry.representative_point().x
    clear = (inner - middle).abs() > 400  # no place of the district is wider
    assert (places["district"] == (inner < middle).map({True: "西半", False: "东半"}))[clear].all()


def test_a_planners_buildings_replace_those_of_the_map_on_the_same_ground(before, folder, tmp_path):
    """One building of the map, taller in the planner's file: the map's gives way and its height is the planner's."""
    one = before.city.buildings.iloc[[0]]
    mine = gpd.GeoDataFrame({"height": [77.0]}, geometry=one.geometry.tolist(), crs=one.crs)
    after = run_study(study_of(folder, buildings=geojson(tmp_path / "b.geojson", mine)))
    assert len(after.city.buildings) == len(before.city.buildings)
    assert one["building_id"].iloc[0] not in set(after.city.buildings["building_id"])
    assert after.city.counts["buildings_replaced"] == 1
    assert (after.city.buildings["height"] == 77.0).sum() == 1


def test_gaps_keep_their_ids_from_one_run_to_the_next(before, folder, tmp_path):
    """With `previous`, a gap whose place was drawn anew under another id keeps the number of the earlier meeting."""
    write_layers(before, tmp_path / "before" / "layers.gpkg")
    after = run_study(study_of(folder, previous=tmp_path / "before"))
    assert after.gaps["gap_id"].tolist() == before.gaps["gap_id"].tolist()


def test_no_previous_run_in_the_folder_is_an_error(folder, tmp_path):
    with pytest.raises(StudyError, match=r"layers\.gpkg"):
        run_study(study_of(folder, previous=tmp_path))


def test_the_planner_s_catalogue_prices_what_duplicates_save(folder, tmp_path):
    """N05 costs 28,000 as proposed; connecting what stands costs 1,000 by the planner's catalogue, where it is his."""
    own = tmp_path / "catalogue.toml"
    own.write_text("[actions]\nconnect = 1000\n", encoding="utf-8")
    proposed = [{"file": sample_folder() / "proposed.csv", "datum": "gcj02"}]
    results = run_study(study_of(folder, catalogue=own, proposed=proposed))
    row = results.duplicates.set_index("camera_a").loc["proposed:N05"]
    assert (row["action"], row["saving"]) == ("connect", 27_000.0)
    assert row["article"] == "第二十一条第一款"  # an estate's camera: the paragraph that is not about departments
    assert results.figures["duplicates"]["certain"] > 5
    assert any("made-up prices" in en for _, en in results.notes)


def test_each_layer_and_the_summary_are_readable_by_their_owner_only(before, tmp_path):
    if os.name == "nt":
        pytest.skip("Windows knows no such rights")
    written = write_study(before, tmp_path / "out")
    private = [p for p in written if p.parent.name != "public"]
    assert len(private) >= 4
    assert [oct(p.stat().st_mode & 0o777) for p in private] == ["0o600"] * len(private)


def test_the_figures_of_the_summary_are_those_of_the_tables(before, tmp_path):
    write_study(before, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["figures"]
    layers = {n: gpd.read_file(tmp_path / "layers.gpkg", layer=n) for n in ("mandates", "gaps", "cameras")}
    assert summary["mandates"]["total"] == len(layers["mandates"])
    assert summary["gaps"]["total"] == len(layers["gaps"])
    assert summary["cameras"]["by_counts"] == layers["cameras"]["counts"].value_counts().to_dict()
    for unit, size in layers["gaps"].groupby("unit")["size"].sum().items():
        told = sum(row.get(unit, 0.0) for row in summary["gaps"]["by_builder"].values())
        undecided = layers["gaps"].query("standing == 'undecided' and unit == @unit")["size"].sum()
        assert told + undecided == pytest.approx(size)


def test_a_camera_in_a_public_toilet_reaches_layers_notes_and_figures(folder, tmp_path):
    """The toilet of the old street is the node 4393 at 120.3013010, 31.5666479; 0.00001° of latitude are 1.1 m."""
    register = tmp_path / "cameras.csv"
    register.write_text("设备编码,设备名称,经度,纬度\nK1,老街01,120.3013010,31.5666579\n", encoding="utf-8")
    cameras = [{"file": register, "name": "k", "datum": "wgs84"}]
    results = run_study(study_of(folder, cameras=cameras, overlay="none"))
    rows = results.conflicts.set_index("check")
    assert rows.loc["C1", ["camera_id", "place_id", "level", "article"]].tolist() == [
        *("k:K1", "node/4393", "error", "第九条"),
    ]
    assert rows.loc["C1", "distance"] == pytest.approx(1.1, abs=0.1)
    assert results.figures["conflicts"]["by_level"] == {"error": 1}
    assert any(zh.startswith("禁装与冲突 1 条（疑似，需核实") for zh, _ in results.notes)
    write_layers(results, tmp_path / "layers.gpkg")
    assert len(gpd.read_file(tmp_path / "layers.gpkg", layer="conflicts")) == 1


def test_a_study_without_conflicts_says_among_how_many_features_it_looked(folder, tmp_path):
    register = tmp_path / "cameras.csv"
    register.write_text("设备编码,设备名称,经度,纬度\nK1,老街02,120.3013010,31.5668479\n", encoding="utf-8")
    results = run_study(study_of(folder, cameras=[{"file": register, "name": "k", "datum": "wgs84"}], overlay="none"))
    assert results.conflicts.empty
    n = results.ban_features
    assert n > 5
    looked = f"no conflict found among {n} mapped features; indoor rooms not checked"
    unaimed = results.cameras["azimuth"].isna().sum()  # K1, and of the map's cameras those without a direction
    told = f"{looked}; what {unaimed} camera rows of unknown direction look into was not checked"
    assert told in [en for _, en in results.notes]


def test_a_planner_s_densities_stand_beside_the_study_file(tmp_path):
    (tmp_path / "a.osm").write_text("<osm/>", encoding="utf-8")
    (tmp_path / "own.toml").write_text("levels = [20, 70]", encoding="utf-8")
    (tmp_path / "study.toml").write_text('edition = "own.toml"\n[[osm]]\nfile = "a.osm"\n', encoding="utf-8")
    study = read_study(tmp_path / "study.toml")
    assert load_edition(study.edition) == (20.0, 70.0)
    assert make_study({"osm": [{"file": tmp_path / "a.osm"}]}).edition == "IEC 62676-4:2014"
