"""The wheel: built, installed into an empty environment, and used in an empty folder."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from checkout import ROOT

pytestmark = pytest.mark.slow


def sh(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    sh(sys.executable, "-m", "build", "--wheel", "--installer", "uv", "--outdir", folder, ROOT)
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.xdist_group("wheel")
def test_the_wheel_carries_the_sample_the_web_assets_and_the_marker_of_types(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "citycover/py.typed",
        "citycover/sample/study.toml",
        "citycover/sample/district.osm",
        "citycover/publish/assets/leaflet.js",
        "citycover/law/rulebooks/wuxi_2019.toml",
        "citycover/city/kinds.toml",
    } <= names
    assert not [n for n in names if not n.startswith(("citycover/", "citycover-"))]


@pytest.mark.xdist_group("wheel")
def test_the_demo_runs_from_the_wheel_in_an_empty_folder(wheel, tmp_path):
    home = tmp_path / "environment"
    sh(sys.executable, "-m", "venv", "--without-pip", home)
    python = home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    sh(sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, "-c", ROOT / "constraints.txt", wheel)
    folder = tmp_path / "empty"
    folder.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    printed = sh(python, "-m", "citycover", "demo", "--json", cwd=folder, env=environment)
    assert json.loads(printed) == json.loads((folder / "citycover-demo" / "summary.json").read_text("utf-8"))
    assert {"gap_map.html", "workbook.xlsx", "layers.gpkg", "summary.json"} <= {
        p.name for p in (folder / "citycover-demo").iterdir()
    }
