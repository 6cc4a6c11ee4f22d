"""The compliance of registers in a whole study of the embedded district."""

from __future__ import annotations

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from citycover.study import run_study, sample_folder, write_study
from citycover.study_file import make_study


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """The police register with four more columns (acceptance, filing, sign, a dismantling), and a register of buses."""
    folder, tmp = sample_folder(), tmp_path_factory.mktemp("study")
    register = pd.read_csv(folder / "cameras.csv", dtype=str, encoding="utf-8-sig", keep_default_na=False)
    register["验收日期"] = ["2021-03-01"] * 10 + [""] * (len(register) - 10)
    register["备案日期"] = ["2019-09-30", "2019-10-01"] + [""] * (len(register) - 2)
    register["有无标识"] = ["无"] * 3 + ["有"] * 5 + [""] * (len(register) - 8)
    register.loc[4, "报废时间"] = "2026-03-05"
    register.to_csv(tmp / "cameras.csv", index=False, encoding="utf-8")
    (tmp / "buses.csv").write_text("类别,运营单位,线路,应装,已装\n公交车,樟桥公交公司,1路,20,15\n", encoding="utf-8")
    raw = {
        "date": "2026-03-01",
        "osm": [{"file": folder / "district.osm"}],
        "cameras": [{"file": tmp / "cameras.csv", "name": "gongan", "datum": "gcj02"}],
        "fleets": [{"file": tmp / "buses.csv"}],
    }
    results = run_study(make_study(raw))
    write_study(results, tmp / "out")
    return register, results, tmp / "out"


def test_each_finding_is_the_registers(done):
    """Recomputed from the file with pandas alone."""
    register, results, _ = done
    found = results.breaches
    rows = results.cameras.set_index("camera_id")
    inside = rows[~rows["outside"].fillna(False).astype(bool) & rows["same_as"].isna()]
    inside = inside[inside["register"] == "gongan"]  # what OpenStreetMap shows says nothing of its own
    file = register.set_index(register.index + 2).loc[inside["source_row"].astype(int)]
    days = pd.to_numeric(file["录像保存天数*"], errors="coerce")
    working = inside["status"].isin(["accepted", "in_use", "repair"]).to_numpy()
    by_clause = found["clause"].value_counts()
    assert by_clause["retention"] == int(((days < 30).to_numpy() & working).sum()) > 0
    assert by_clause["no_sign"] == int((file["有无标识"].eq("无").to_numpy() & working).sum()) > 0


def test_days_are_counted_on_the_rows_that_hold_them(done):
    """Built 2016 and 2017, filed on the last day (2019-09-30) and on the day after it."""
    _, results, _ = done
    late = results.breaches[results.breaches["clause"] == "filed_late"]
    city = late[late["rulebook"] == "wuxi_2019"]
    assert city["source_row"].tolist() == [3]
    assert city["due"].tolist() == ["2019-09-30"]
    gone = results.breaches[results.breaches["clause"].str.startswith("dismantling")]
    assert gone[["source_row", "clause", "due"]].values.tolist() == [[6, "dismantling_unreported", "2026-02-23"]]


def test_sheets_and_layer_hold_every_row(done):
    _, results, out = done
    book = CalamineWorkbook.from_path(str(out / "workbook.xlsx"))
    sheet = book.get_sheet_by_name("合规疑点").to_python()
    assert len(sheet) - 1 == len(results.breaches) == results.figures["breaches"]["total"]
    assert all("疑似" in str(row[0]) for row in sheet[1:])
    assert len(book.get_sheet_by_name("车船").to_python()) == 2
    assert results.figures["fleets"]["missing"] == 5


def test_no_name_of_a_dropped_column_is_repeated(done):
    register, results, _ = done
    text = results.breaches.drop(columns="geometry").to_csv()
    assert not [name for name in register["管理员姓名*"].unique() if name and name in text]


def test_the_sets_of_cameras_and_the_levels_stand_beside_the_same_headline(done):
    results = done[1]
    seen = results.figures["seen"]
    apart = results.apart[results.apart["which"] == "private"].set_index("unit")
    levels = results.levels_seen[results.levels_seen["scope"] == "headline"]
    for unit, told in seen.items():
        assert apart.loc[unit, "required"] == pytest.approx(told["required"])
        assert apart.loc[unit, "seen_low"] == pytest.approx(told["low"])
        assert (levels.loc[levels["unit"] == unit, "required"] - told["required"]).abs().max() < 1e-6
