"""Print the packages of one dependency group of pyproject.toml, for installers that know no groups."""

import sys
import tomllib
from pathlib import Path

text = (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
print(" ".join(tomllib.loads(text)["dependency-groups"][sys.argv[1]]))
