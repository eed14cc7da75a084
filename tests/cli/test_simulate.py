"""``tonnage simulate``: what it prints and writes, and its exit code."""

import json
from pathlib import Path

import pytest

from command_line import run
from workloads import a_web_source

SHAPE = ("--traffic", "diurnal 40/s to 400/s", "--quiet")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("web")
    a_web_source(folder, max_size=10, db_class="db.m5.4xlarge")
    return str(folder)


def test_a_day_is_told(web: str, tmp_path: Path) -> None:
    page = tmp_path / "replay.html"
    result = run("simulate", web, *SHAPE, "--html", str(page))
    assert result.err == ""
    assert "1 d from day 1 00:00" in result.out.replace("\u00a0", " ")
    assert "scaling activities" in result.out
    assert "in service, up to" in result.out
    assert "missed in" in result.out
    assert str(page) in result.out.replace("\n", "")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_json_is_the_same_each_time(web: str) -> None:
    first, again = (run("simulate", web, *SHAPE, "--hours", "2", "-f", "json").out for _ in range(2))
    assert first == again
    found = json.loads(first)
    assert found["schema"] == "tonnage.replay/1"
    assert found["length_s"] == 7200.0
    assert len(found["groups"][0]["needed"]) == len(found["times_s"])
    assert "NaN" not in first


def test_request_by_request_is_said(web: str) -> None:
    result = run("simulate", web, *SHAPE, "--hours", "0.2", "--by-request")
    assert "request by request" in result.out


def test_what_flows_leave_out_is_said(web: str) -> None:
    result = run("simulate", web, *SHAPE, "--hours", "1", "--fault", "errors Database 5 % at 10 min for 5 min")
    assert "not covered as flows" in result.out


@pytest.mark.parametrize(("option", "value"), [("--hours", "0"), ("--hours", "1e9"), ("--busy", "2"), ("--html", "/")])
def test_what_makes_no_sense_is_refused(web: str, option: str, value: str) -> None:
    result = run("simulate", web, *SHAPE, option, value)
    assert result.code == 2
    assert result.out == ""
    assert result.err.count("\n") <= 2
