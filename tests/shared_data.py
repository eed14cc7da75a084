"""Where the real data for tests lies: a folder ``shared/data`` beside the repository."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def shared(path: str) -> Path:
    """A file of the real data, or a skip that says what is missing."""
    found = ROOT.parent / "shared" / "data" / path
    if not found.exists():
        pytest.skip(f"the real data file shared/data/{path} is not beside this checkout")
    return found
