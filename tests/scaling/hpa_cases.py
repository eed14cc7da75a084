"""Cases of the HorizontalPodAutoscaler from its own unit tests, each with its source."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from shared_data import worked_examples
from tonnage.scaling.replica_behavior import Event, RatePolicy, Rules
from tonnage.scaling.replica_calculator import Constants, PodSample, Tolerance

Case = Mapping[str, Any]


def cases(kind: str) -> list[Any]:
    """Cases of a kind, as parameters named by their id and source."""
    file = worked_examples("hpa-cases.json")
    found = json.loads(file.read_text(encoding="utf-8"))["cases"] if file else []
    return [pytest.param(case, id=case["id"]) for case in found if case["kind"] == kind]


def pods(case: Case) -> list[PodSample]:
    """Its pods; a missing sample is None."""
    return [
        PodSample(
            phase=pod["phase"],
            ready=pod["ready"],
            deleting=pod.get("deleting", False),
            started_ago_s=pod.get("started_ago_s", 3600.0),
            ready_changed_ago_s=pod.get("last_ready_transition_ago_s", 3600.0),
            value=pod.get("usage_milli", pod.get("metric_value")),
            request=pod.get("request_milli", 0),
        )
        for pod in case.get("pods", ())
    ]


def constants(case: Case) -> Constants:
    """Settings of the controller in a case."""
    tolerance = case.get("tolerance", 0.1)
    return Constants(
        tolerance=Tolerance(up=tolerance, down=tolerance),
        cpu_initialization_s=case.get("cpu_initialization_period_s", 300.0),
        readiness_delay_s=case.get("initial_readiness_delay_s", 30.0),
        window_s=case.get("metric_window_s", 60.0),
    )


def rules(direction: Case) -> Rules:
    """One direction of ``behavior``."""
    policies = tuple(
        RatePolicy(type=p["type"], value=p["value"], period_s=p["period_s"]) for p in direction["policies"]
    )
    return Rules(window_s=0.0, select=direction["select_policy"], policies=policies)


def events(given: list[Case], counted: str) -> list[Event]:
    """Events before time 0."""
    return [Event(time_s=-float(event["age_s"]), replicas=event[counted]) for event in given]
