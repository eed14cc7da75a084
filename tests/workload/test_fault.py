"""Faults read as people write them, and tell themselves in a sentence."""

import math

import pytest

from refusals import refusal
from tonnage.workload import Fault, WorkloadError, parse_fault
from tonnage.workload.fault import FORMS


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("zone loss at 5 min for 10 min", Fault(kind="zone loss", at_s=300.0, for_s=600.0)),
        ("zone loss for 90 s at 1 h", Fault(kind="zone loss", at_s=3600.0, for_s=90.0)),
        ("lose 2 of Web at 30 s", Fault(kind="instance loss", component="Web", count=2, at_s=30.0)),
        ("slow 1 of Web x4.5", Fault(kind="slow instances", component="Web", factor=4.5)),
        (
            "latency Database +200 ms at 0 s for 2 min",
            Fault(kind="latency", component="Database", delay_s=0.2, at_s=0.0, for_s=120.0),
        ),
        ("errors Database 20 %", Fault(kind="errors", component="Database", share=0.2)),
        ("cold Cache at 5min", Fault(kind="cold cache", component="Cache", at_s=300.0)),
        ("deploy Web 25%", Fault(kind="deployment", component="Web", healthy_percent=(75.0, 100.0))),
        ("deploy Web", Fault(kind="deployment", component="Web")),
        (
            "deploy Web 90-120 % checkpoints 20, 50 pause 15 min at 1 min",
            Fault(
                kind="deployment",
                component="Web",
                healthy_percent=(90.0, 120.0),
                checkpoints=(20.0, 50.0),
                pause_s=900.0,
                at_s=60.0,
            ),
        ),
        ("fail 2 of Web for 1 h", Fault(kind="unhealthy instances", component="Web", count=2, for_s=3600.0)),
        ("interrupt Web 30 %", Fault(kind="Spot interruption", component="Web", share=0.3)),
        ("launches of Web fail at 0 s", Fault(kind="failing launches", component="Web", at_s=0.0)),
        ("spike x3 at 5 min for 500 ms", Fault(kind="spike", factor=3.0, at_s=300.0, for_s=0.5)),
    ],
)
def test_faults_are_read_as_they_are_written(text: str, fault: Fault) -> None:
    assert parse_fault(text) == fault


def test_every_form_that_is_offered_is_read_and_told() -> None:
    for kind, form in FORMS.items():
        fault = parse_fault(form)
        assert fault.kind == kind
        assert fault.component is None or fault.component in fault.text


@pytest.mark.parametrize("text", ["", "fire", "lose some of Web", "spike 3", "zone loss at noon", "errors Database 20"])
def test_what_is_no_fault_is_refused_with_the_forms(text: str) -> None:
    error = refusal(WorkloadError, lambda: parse_fault(text))
    assert error.remedy is not None
    assert FORMS["spike"] in error.remedy


@pytest.mark.parametrize(
    "wrong",
    [
        {"at_s": -1.0},
        {"for_s": 0.0},
        {"for_s": math.nan},
        {"count": 0},
        {"factor": 0.0},
        {"delay_s": -0.1},
        {"share": 0.0},
        {"share": 1.5},
        {"healthy_percent": (95.0, 90.0)},
        {"healthy_percent": (0.0, 150.0)},
        {"checkpoints": (50.0, 20.0)},
        {"checkpoints": (120.0,)},
    ],
)
def test_faults_that_make_no_sense_are_refused(wrong: dict[str, float]) -> None:
    refusal(WorkloadError, lambda: Fault(kind="errors", component="Web", **wrong), remedy=False)  # type: ignore[arg-type]


def test_a_fault_of_no_size_is_refused_when_read() -> None:
    refusal(WorkloadError, lambda: parse_fault("lose 0 of Web"), remedy=False)
    refusal(WorkloadError, lambda: parse_fault("errors Web 300 %"), remedy=False)


def test_a_fault_ends_when_it_has_lasted() -> None:
    assert parse_fault("spike x3 at 1 min for 30 s").end_s == 90.0
