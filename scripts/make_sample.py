"""Write the embedded sample: an invented district, its registers and its true answers, always the same bytes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from sample.answers import police_ids, truth
from sample.draw import draw
from sample.estates import estate_cameras, write_estates
from sample.fill import bounds, fill
from sample.lists import REQUIREMENTS, STUDY, places_csv, records_csv
from sample.poles import cameras
from sample.proposed import proposals, true_duplicates, write_proposed
from sample.register import write_register


def make() -> dict[str, bytes]:
    """Return every file of the sample by name."""
    drawing = draw()
    missing = fill(drawing)
    police = cameras(drawing)
    estates = estate_cameras(police)
    proposed = proposals(police)
    answers = truth(drawing, police, estates) | {"proposed": true_duplicates(proposed)}
    return {
        "district.osm": drawing.world.xml(bounds(), missing=missing).encode("utf-8"),
        "cameras.csv": write_register(police).encode("utf-8-sig"),
        "cameras_estates.csv": write_estates(estates, police_ids(police)).encode("gb18030"),
        "proposed.csv": write_proposed(proposed).encode("utf-8"),
        "places.csv": places_csv().encode("utf-8"),
        "records.csv": records_csv(drawing).encode("utf-8"),
        "requirements.toml": REQUIREMENTS.encode("utf-8"),
        "study.toml": STUDY.encode("utf-8"),
        "truth.json": (json.dumps(answers, ensure_ascii=False, indent=1) + "\n").encode("utf-8"),
    }


def main(folder: Path) -> None:
    """Write every file of the sample into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in make().items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[1] / "data" / "sample")
