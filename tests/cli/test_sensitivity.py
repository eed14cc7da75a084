"""``tonnage sensitivity``: what it prints and its exit code."""

import json
from pathlib import Path

import pytest

from command_line import run
from workloads import an_api_source

QUICK = ("--trajectories", "2", "--quiet")


@pytest.fixture
def api(tmp_path: Path) -> str:
    an_api_source(tmp_path, traffic="constant 20/s for 5 min")
    return str(tmp_path)


def test_the_quantities_are_ranked(api: str) -> None:
    result = run("sensitivity", api, *QUICK)
    assert result.code == 0
    assert result.err == ""
    assert "assumed quantities" in result.out
    assert "designs" in result.out


def test_json_is_the_same_each_time(api: str) -> None:
    first, again = (run("sensitivity", api, *QUICK, "-f", "json").out for _ in range(2))
    assert first == again
    assert json.loads(first)["schema"] == "tonnage.sensitivity/1"


@pytest.mark.parametrize(
    ("option", "value"), [("--trajectories", "1"), ("--trajectories", "5000"), ("--sobol", "7"), ("--sobol", "100")]
)
def test_numbers_that_make_no_sense_are_refused(api: str, option: str, value: str) -> None:
    result = run("sensitivity", api, option, value, "--quiet")
    assert result.code == 2
    assert result.out == ""
    assert value in result.err
