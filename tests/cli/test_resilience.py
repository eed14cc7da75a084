"""``tonnage resilience``: what it prints and its exit code."""

import json
from pathlib import Path

import pytest

from command_line import run
from workloads import a_web_source

ROUTES = """\
architecture: template.yaml
traffic: constant 50/s for 20 min
objectives: ["p99 latency < 900 ms", "errors < 1 %"]
routes:
  only:
    share: 100 %
    call: Web
    then:
      - call: Database
        demands: { cpu: 20 ms, io: 0 }
        timeout: 1 s
        retry: { attempts: 3, base: 50 ms, cap: 100 ms }
components:
  Web: { workers: 2000 }
"""
TRIGGER = ("--trigger", "latency Database +3 s for 30 s")


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("storm")
    a_web_source(folder, max_size=6, min_size=6)
    (folder / "tonnage.yaml").write_text(ROUTES, encoding="utf-8")
    return str(folder)


def test_a_retry_storm_is_told_and_is_the_exit_code(storm: str) -> None:
    result = run("resilience", storm, *TRIGGER, "--quiet")
    assert result.code == 1
    assert result.err == ""
    assert "Database 3000 ms slower" in result.out
    assert "does not recover by itself" in result.out
    assert "vulnerable" in result.out
    assert "stable" in result.out


def test_json_is_the_same_each_time(storm: str) -> None:
    first, again = (run("resilience", storm, *TRIGGER, "-f", "json", "--quiet").out for _ in range(2))
    assert first == again
    answer = json.loads(first)
    assert answer["schema"] == "tonnage.resilience/1"
    (trigger,) = answer["triggers"]
    assert trigger["unsafe_from_per_s"] < answer["load_line_per_s"]
    assert {item["state"] for item in trigger["recoveries"]} >= {"stable", "vulnerable"}


@pytest.mark.parametrize("trigger", ["fire", "errors Nothing 20 % for 1 min"])
def test_a_trigger_that_cannot_be_is_refused_in_a_line(storm: str, trigger: str) -> None:
    result = run("resilience", storm, "--trigger", trigger, "--quiet")
    assert result.code == 2
    assert result.out == ""
    assert len(result.err.strip().splitlines()) <= 3


def test_it_recovers_where_nobody_tries_again(tmp_path: Path) -> None:
    a_web_source(tmp_path, min_size=6, max_size=6)
    result = run("resilience", str(tmp_path), "--trigger", "spike x2 for 10 s", "--quiet")
    assert result.code == 0
    assert "2 times the traffic" in result.out
    assert "recovers at every load tried" in result.out
