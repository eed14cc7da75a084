"""``tonnage tune``: what it prints and writes, and its exit code."""

import json
from pathlib import Path

import pytest

from command_line import run
from workloads import a_web_source

SHAPE = ("--traffic", "diurnal 60/s to 500/s", "--designs", "6", "--quiet")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("web")
    a_web_source(folder, max_size=10, db_class="db.m5.12xlarge", objectives=["p99 latency < 400 ms"])
    return folder


def test_designs_are_listed_and_the_patch_written(web: Path, tmp_path: Path) -> None:
    patch = tmp_path / "scaling.diff"
    result = run("tune", str(web), *SHAPE, "--patch", str(patch))
    assert result.err == ""
    assert result.code in {0, 1}
    assert "Error budget spent" in result.out
    assert "spikes ×3" in result.out
    if patch.exists():
        assert patch.read_text(encoding="utf-8").startswith("--- ")
    else:
        assert "nothing was written" in result.out


def test_json_is_the_same_each_time(web: Path) -> None:
    first, again = (run("tune", str(web), *SHAPE, "-f", "json").out for _ in range(2))
    assert first == again
    found = json.loads(first)
    assert found["schema"] == "tonnage.tuning/1"
    assert found["now"]["changes"] == []
    assert all(design["budget_spent"]["peak"] is not None for design in found["designs"])
    assert "NaN" not in first


@pytest.mark.parametrize(("option", "value"), [("--designs", "1"), ("--designs", "x"), ("--patch", "/")])
def test_what_makes_no_sense_is_refused(web: Path, option: str, value: str) -> None:
    result = run("tune", str(web), *SHAPE, option, value)
    assert (result.code, result.out) == (2, "")
