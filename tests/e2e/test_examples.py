"""The examples review in one command, as the README shows them."""

import json
from pathlib import Path

import pytest

from command_line import run
from shared_data import ROOT

pytestmark = pytest.mark.e2e

EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/tonnage.yaml"))


@pytest.mark.parametrize("folder", EXAMPLES, ids=lambda folder: folder.name)
def test_an_example_reviews(folder: Path) -> None:
    result = run("review", str(folder), "--no-advise", "--window", "60", "--quiet", "--format", "json")
    assert result.code in {0, 1}, result.err
    assert json.loads(result.out)


def test_there_are_examples() -> None:
    assert {folder.name for folder in EXAMPLES} >= {"web-shop", "orders-api", "eks-shop"}
