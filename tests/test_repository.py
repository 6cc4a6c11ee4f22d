"""The repository itself: what it must and must not hold, and that it starts anywhere."""

import json
import re
import socket
import subprocess
import sys
import tomllib

import pytest

from checkout import ROOT, NetworkTouchedError


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("not a git checkout")
    return done.stdout.splitlines()


def test_numba_and_citycover_start_from_the_repositorys_root():
    """The folder `coverage/` must not shadow coverage.py, which numba probes."""
    done = subprocess.run(
        [sys.executable, "-c", "import numba, citycover, coverage; print(coverage.__version__)"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.match(r"\d", done.stdout)


def test_the_source_root_is_no_package_and_holds_nothing_else():
    assert sorted(p.name for p in (ROOT / "coverage").iterdir() if p.name != "__pycache__") == ["citycover"]


def test_pins_and_locks_name_no_host():
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "://" not in pins
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[^\s]+", line) for line in pins.splitlines() if line)
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]


def test_no_third_party_code_and_no_environment_is_committed():
    files = tracked()
    assert not [f for f in files if "node_modules" in f or f.startswith((".venv/", "dist/")) or f == "uv.lock"]
    assert not [f for f in files if f.startswith("coverage/citycover/publish/assets/")]


def test_a_connection_to_the_outside_is_refused_during_tests():
    """The guard of the whole suite can fail a test: it is no ornament."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe,
        pytest.raises(NetworkTouchedError, match=r"192\.0\.2\.1"),
    ):
        probe.connect(("192.0.2.1", 80))


def test_only_one_module_knows_a_network():
    """`requests`, `urllib`, `socket` and osmnx are imported by city/fetch.py alone."""
    pattern = re.compile(r"^\s*(?:import|from)\s+(requests|urllib|socket|http|osmnx|aiohttp|httpx)\b", re.MULTILINE)
    package = ROOT / "coverage" / "citycover"
    found = [
        p.relative_to(package).as_posix() for p in sorted(package.rglob("*.py")) if pattern.search(p.read_text("utf-8"))
    ]
    assert found == ["city/fetch.py"]


def test_every_dependency_that_is_declared_is_used():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    imports = {"python-calamine": "python_calamine", "coverage": None}
    source = "\n".join(p.read_text("utf-8") for p in (ROOT / "coverage" / "citycover").rglob("*.py"))
    for requirement in project["dependencies"]:
        name = re.match(r"[A-Za-z0-9-]+", requirement).group()
        module = imports.get(name, name)
        if module is not None:
            assert re.search(rf"\b(import|from) {module}\b|engine=\"{module}\"", source), requirement
