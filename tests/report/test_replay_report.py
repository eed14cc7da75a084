"""The replay report: times, bars, lines, JSON."""

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from tonnage.advise.replay import Replay, replay
from tonnage.report.html.replay_page import replay_html
from tonnage.report.replay_report import bars, moment, print_replay, replay_json
from tonnage.workload import Scenario, parse_fault
from workloads import a_web_workload, compiled


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Replay:
    web = a_web_workload(tmp_path_factory.mktemp("web"), traffic="spike 60/s to 900/s for 15 min", max_size=10)
    return replay(compiled(web), Scenario(name="as recorded", window_s=3600.0))


def told(done: Replay) -> str:
    out = io.StringIO()
    print_replay("shop", done, Console(file=out, width=120, highlight=False))
    return out.getvalue().replace("\u00a0", " ")


def test_times_are_dates_where_there_are_dates(done: Replay) -> None:
    assert (
        moment(replace(done, outcome=replace(done.outcome, judged_from_s=1_397_088_240.0)), 60.0) == "Thu 04-10 00:05"
    )
    assert moment(replace(done, outcome=replace(done.outcome, judged_from_s=0.0)), 90_000.0) == "day 2 01:00"


def test_bars_are_the_peaks_of_their_part() -> None:
    assert bars(np.array([0.0, 1.0, 4.0, 8.0]), 8.0) == " ▁▄█"
    assert bars(np.array([0.0, 1.0, 4.0, 8.0]), 8.0, columns=2) == "▁█"
    assert bars(np.zeros(3), 0.0) == "   "


def test_everything_is_told(done: Replay) -> None:
    text = told(done)
    assert "replayed as flows" in text
    assert "p99 latency < 300 ms" in text
    assert "windows of 1 min" in text
    assert "Web: instances needed to be 70% busy" in text
    assert f"{len(done.outcome.activities)} scaling activities" in text
    assert "worst windows" in text
    assert "in this time" in text
    assert "not covered" not in text
    faulty = replace(done, outcome=replace(done.outcome, not_covered=("fault: fire",)))
    assert "not covered as flows: fault: fire" in told(faulty)


def test_what_happened_is_told_once_with_how_often(done: Replay) -> None:
    assert "what happened" not in told(done)
    many = (("Web/cpu", 0.0, "CPU credits run out"), ("Web/cpu", 60.0, "CPU credits run out"), ("Web", 90.0, "lost"))
    text = told(replace(done, outcome=replace(done.outcome, happenings=many)))
    assert "Web  CPU credits run out (2 times)" in text
    assert "Web  lost\n" in text
    more = tuple(("Web", 0.0, f"thing {k}") for k in range(15))
    assert "… 3 more in the JSON" in told(replace(done, outcome=replace(done.outcome, happenings=more)))


def test_json_has_every_sample_and_window(done: Replay) -> None:
    text = replay_json("shop", 3, done)
    assert "NaN" not in text
    assert "Infinity" not in text
    found = json.loads(text)
    assert (found["workload"], found["seed"], found["met"]) == ("shop", 3, done.met)
    assert len(found["windows"]) == len(found["latency_p99_s"]) == len(done.outcome.windows)
    assert len(found["groups"][0]["in_service"]) == len(found["times_s"])
    assert len(found["activities"]) == len(done.outcome.activities)
    assert found["objectives"][0]["missed_windows"] == np.flatnonzero(done.missed[0]).tolist()


def test_a_fault_that_flows_do_not_know_is_named(tmp_path: Path) -> None:
    web = compiled(a_web_workload(tmp_path))
    scenario = Scenario(name="t", window_s=300.0, faults=(parse_fault("cold Web"),))
    assert "Web emptied" in told(replay(web, scenario))


def test_the_page_is_whole(done: Replay) -> None:
    page = replay_html("shop <b>", "us-east-1", done)
    assert page.count("<svg") == 4
    assert "shop &lt;b&gt;" in page
    assert "<script" in page
    assert "http" not in page.replace("http-equiv", "")
