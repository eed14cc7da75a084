"""``tonnage break-even``: the first component that computes, or the one that is named."""

import json
from pathlib import Path

from command_line import run
from workloads import an_api_source


def test_the_function_of_an_api(tmp_path: Path) -> None:
    an_api_source(tmp_path / "api", traffic="constant 20/s for 1 h")
    said = json.loads(run("break-even", str(tmp_path / "api"), "-q", "-f", "json").out)
    assert said["component"] == "Function"
    assert said["present"].startswith("Lambda")
    assert all(cost > 0 for costs in said["usd_per_month"].values() for cost in costs)
    assert "costs less than" in run("break-even", str(tmp_path / "api"), "-q").out


def test_a_component_that_computes_nothing(tmp_path: Path) -> None:
    an_api_source(tmp_path / "api", traffic="constant 20/s for 1 h")
    refused = run("break-even", str(tmp_path / "api"), "-q", "--component", "Table")
    assert refused.code == 2
    assert "Table computes nothing that routes call. Name one of: Function." in refused.err
