"""The committed tables are what the script makes of its sources."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared_data import ROOT, shared

TABLES = ROOT / "src" / "tonnage" / "catalog" / "tables"
SCRIPT = ROOT / "scripts" / "build_catalog.py"
MADE = (
    "ec2_instance_types.csv",
    "ec2_prices.csv",
    "rds_classes.csv",
    "elasticache_nodes.csv",
    "unit_prices.csv",
    "relative_speed.csv",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source, target = shared("catalogue"), tmp_path_factory.mktemp("tables")
    command = [sys.executable, str(SCRIPT), "--from", str(source), "--to", str(target)]
    subprocess.run(command, check=True, capture_output=True)
    return target


@pytest.mark.parametrize("name", MADE)
def test_the_committed_table_is_what_the_script_writes(built: Path, name: str) -> None:
    # Compared outside the assertion: pytest would take minutes to explain a difference of 100 KB.
    same = (built / name).read_bytes() == (TABLES / name).read_bytes()
    assert same, f"{name} differs: run scripts/build_catalog.py"


def test_the_script_writes_nothing_else(built: Path) -> None:
    assert {path.name for path in built.iterdir()} == set(MADE)


def test_every_table_has_its_provenance() -> None:
    words = (TABLES / "SOURCES.md").read_text(encoding="utf-8")
    assert all(f"`{path.name}`" in words for path in TABLES.glob("*.csv"))


def test_no_table_is_larger_than_a_reviewer_can_open() -> None:
    assert all(path.stat().st_size < 200_000 for path in TABLES.iterdir())
