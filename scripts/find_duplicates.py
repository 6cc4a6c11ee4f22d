"""Check a list of proposed cameras for duplicates: `citycover duplicates` for a scheduler that wants a script.

Example: python scripts/find_duplicates.py list.csv --existing register.xlsx --datum gcj02 --out pairs.xlsx
"""

from __future__ import annotations

import sys

from citycover.cli import main

if __name__ == "__main__":
    main(["duplicates", *sys.argv[1:]])
