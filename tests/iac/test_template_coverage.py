"""The published table of real templates says what is read today."""

import importlib.util
from typing import Any

import pytest

from shared_data import ROOT, shared
from tonnage.iac.read_architecture import read_architecture
from tonnage.workload import TonnageError

TABLE = ROOT / "docs" / "reference" / "templates.md"


def script() -> Any:
    spec = importlib.util.spec_from_file_location("template_coverage", ROOT / "scripts" / "template_coverage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows() -> list[list[str]]:
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_template_is_in_the_table() -> None:
    data = shared("iac").parent
    listed = [row[0] for row in rows()[:-1]]
    assert listed == [str(path.relative_to(data)) for path in script().templates(data)]


@pytest.mark.parametrize("row", rows()[:-1], ids=lambda row: row[0])
def test_its_counts_are_those_of_today(row: list[str]) -> None:
    path = shared(row[0])
    named = path.is_file() and "LambdaArchitecture" in path.read_text()
    if "give a plan" in row[-1]:
        with pytest.raises(TonnageError, match="terraform show -json"):
            read_architecture(path)
        return
    read = read_architecture(path, parameters={"LambdaArchitecture": "arm64"} if named else {})
    counts = script().counted(read)
    numbers = [counts[name] for name in ("modelled", "quiet", "missing", "unknown")]
    assert row[1:7] == [str(each) for each in (len(read.stack.resources), *numbers, len(read.edges))]


def test_the_sums_add_up() -> None:
    *each, total = rows()
    for column in range(1, 7):
        assert sum(int(row[column]) for row in each) == int(total[column].replace(",", ""))
