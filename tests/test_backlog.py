"""Workers of a queue that follow the backlog of each of their instances, in both fidelities and in the hours before."""

from pathlib import Path

import numpy as np
import pytest

from tonnage.engine.primitives import Queue
from tonnage.simulate import coarse_day, simulate, stretch
from tonnage.simulate_fluid import simulate_fluid
from tonnage.workload import Scenario
from workloads import a_worker_workload, compiled

RUSH = "spike 5/s to 120/s for 20 min"
HOUR = Scenario(name="rush", window_s=3600.0, run_out_s=60.0)


def test_each_instance_brings_its_own_consumers(tmp_path: Path) -> None:
    queue = compiled(a_worker_workload(tmp_path)).model.primitives["Jobs/messages"]
    assert isinstance(queue, Queue)
    assert (queue.fleet, queue.per_instance, queue.concurrency) == ("Workers/cpu", 2, 2)


def test_a_rush_is_worked_off_by_the_instances_that_the_backlog_brings(tmp_path: Path) -> None:
    workload = compiled(a_worker_workload(tmp_path, traffic=RUSH))
    exact, flows = simulate(workload, HOUR, seed=1), simulate_fluid(workload, HOUR)
    for outcome in (exact, flows):
        ((_, time_s, before, after, reason),) = outcome.activities
        # Three full minutes above 100 messages an instance, read a minute late.
        assert (time_s, before, after) == (2640.0, 1, 20)
        assert reason.startswith("AlarmHigh: 3 of 3 datapoints above 100.0")
        waiting = outcome.series["Jobs/messages:waiting"]
        # 120 jobs a second come, one instance does two at a time, each in 83 ms: 24 a second.
        assert waiting.max() == pytest.approx(300.0 * (120.0 - 24.2), rel=0.1)
        assert waiting[-1] < 10.0
    times = exact.times_s[exact.series["Jobs/messages:waiting"] > 100.0]
    both = (times.max(), flows.times_s[flows.series["Jobs/messages:waiting"] > 100.0].max())
    assert abs(both[0] - both[1]) < 90.0, "both are through with it at the same time"


def test_the_hours_before_know_the_backlog_too(tmp_path: Path) -> None:
    workload = compiled(a_worker_workload(tmp_path, traffic="constant 60/s for 26 h"))
    loop = coarse_day(workload, stretch(workload.workload.traffic, Scenario(name="now", window_s=600.0))).loop
    # 60 jobs a second need three instances of 24.2 each; a backlog of 100 each is what makes them.
    assert 2 <= len(loop.active("Workers/cpu")) <= 20
    steady = simulate_fluid(workload, Scenario(name="now", window_s=3600.0))
    assert np.mean(steady.series["Workers/cpu:in service"]) >= 2.4
