"""Where the checkout lies, and what lies beside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


class NetworkTouchedError(RuntimeError):
    """A test reached for a network."""
