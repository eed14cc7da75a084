"""Resilience: which loads below the load line a trigger makes unsafe."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from outcomes import a_route, an_outcome
from refusals import refusal
from tonnage.advise.resilience import (
    BEFORE_S,
    CALM_S,
    bad_windows,
    default_triggers,
    judged,
    resilience,
)
from tonnage.compile import Compiled
from tonnage.engine.outcome import Outcome
from tonnage.workload import Call, Fault, Retry, Route, WorkloadError, declared, parse_objective
from workloads import a_web_workload, compiled

TRIGGER = Fault(kind="latency", component="Database", delay_s=3.0, at_s=0.0, for_s=30.0)


def impatient(tmp_path: Path, attempts: int) -> Compiled:
    """A web tier whose queries are given up after a second and tried again; the database carries 300 of them."""
    workload = a_web_workload(
        tmp_path, objectives=["p99 latency < 900 ms", "errors < 1 %"], min_size=6, max_size=6, workers=2000
    )
    query = Call(
        component="Database",
        demands={"cpu": declared(2 / 300, "s", "test"), "io": declared(0.0, "1", "test")},
        timeout_s=1.0,
        retry=Retry(attempts=attempts, base_s=0.05, cap_s=0.1),
    )
    entry = Call(component="Web", demands={"cpu": declared(0.001, "s", "test")}, calls=(query,))
    return compiled(replace(workload, routes=(Route(name="only", share=1.0, entry=entry),)))


def test_retries_make_loads_unsafe_that_are_safe_without(tmp_path: Path) -> None:
    (storm,) = resilience(impatient(tmp_path, 2), [TRIGGER], 280.0, 1, fractions=(0.35, 0.95))
    assert [item.state for item in storm.recoveries] == ["stable", "vulnerable"]
    assert storm.unsafe_from_per_s == 0.95 * 280.0
    assert storm.safe_to_per_s == 0.35 * 280.0
    safe, unsafe = storm.recoveries
    assert 0.0 <= safe.recovery_s < 300.0
    assert unsafe.recovery_s == math.inf
    assert unsafe.worst_errors > 0.9
    (calm,) = resilience(impatient(tmp_path, 1), [TRIGGER], 280.0, 1, fractions=(0.35,))
    assert calm.unsafe_from_per_s is None


def test_a_load_that_is_not_carried_anyway_is_overload_and_not_the_triggers_doing(tmp_path: Path) -> None:
    (result,) = resilience(impatient(tmp_path, 1), [TRIGGER], 280.0, 1, fractions=(1.5,))
    assert result.recoveries[0].state == "overload"
    assert result.unsafe_from_per_s is None
    assert result.safe_to_per_s == 0.0


def test_without_a_load_line_there_is_nothing_to_try(tmp_path: Path) -> None:
    refusal(WorkloadError, lambda: resilience(compiled(a_web_workload(tmp_path)), [TRIGGER], 0.0, 1))


def test_unless_told_it_tries_a_spike_and_empties_every_cache(tmp_path: Path) -> None:
    spike, *others = default_triggers(compiled(a_web_workload(tmp_path)))
    assert (spike.kind, spike.factor) == ("spike", 3.0)
    assert others == []


def windows(*missed: int, arrived: int = 1000) -> Outcome:
    """Windows of 10 s with so many failures."""
    rows = np.array([[arrived, arrived - n, n] for n in missed], dtype=np.int64)
    route = replace(
        a_route("r", {0.1: 10}),
        windows=rows,
        window_histogram=np.zeros((len(missed), 512), dtype=np.int32),
    )
    return replace(
        an_outcome(route),
        windows=rows,
        window_hist=np.zeros((len(missed), 512), dtype=np.int32),
        window_s=10.0,
        judged_s=10.0 * len(missed),
    )


ERRORS = (parse_objective("errors < 1 %"),)


def test_a_window_is_bad_when_chance_does_not_explain_it() -> None:
    # 10 of 1,000 are allowed; twice that and three standard deviations are 33.4, and one more.
    assert bad_windows(windows(0, 10, 30, 36, 1000), ERRORS).tolist() == [False, False, False, True, True]


def verdict(*missed: int, control: tuple[int, ...] | None = None) -> tuple[str, float]:
    fault = Fault(kind="spike", factor=2.0, at_s=20.0, for_s=10.0)
    found = judged(windows(*missed), windows(*(control or (0,) * len(missed))), ERRORS, fault, 0.5, 100.0)
    return found.state, found.recovery_s


def test_recovery_is_counted_from_the_end_of_the_trigger_to_the_last_bad_window() -> None:
    calm = (0,) * round(CALM_S / 10)
    assert verdict(0, 0, 900, 500, 400, *calm) == ("stable", 20.0)
    assert verdict(0, 0, 0, 0, 0, *calm) == ("stable", 0.0)
    assert verdict(0, 0, 900, 500, 400, *calm[1:], 500) == ("vulnerable", math.inf)


def test_what_is_bad_without_the_trigger_too_is_not_counted() -> None:
    calm = (0,) * round(CALM_S / 10)
    control = (0, 0, 0, 0, 500, *calm)
    assert verdict(0, 0, 900, 500, 500, *calm, control=control) == ("stable", 10.0)
    assert verdict(*(900,) * 12, control=(900,) * 12)[0] == "overload"


def test_it_is_judged_before_the_trigger_comes() -> None:
    assert BEFORE_S >= 60.0


@pytest.mark.parametrize("objective", ["p99 latency < 300 ms", "errors < 0.1 %"])
def test_every_objective_can_be_bad(objective: str) -> None:
    assert bad_windows(windows(0, 900), (parse_objective(objective),)).tolist() == [False, True]
