"""Where the real data for tests lies: a folder ``shared`` beside the repository."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
_SHARED = ROOT.parent / "shared"


def shared(path: str) -> Path:
    """A file of the real data, or a skip that says what is missing."""
    found = _SHARED / "data" / path
    if not found.exists():
        pytest.skip(f"the real data file shared/data/{path} is not beside this checkout")
    return found


def worked_examples(path: str) -> Path | None:
    """A file of documented cases, for parametrizing; None where it is not beside this checkout."""
    found = _SHARED / "facts" / path
    return found if found.exists() else None
