import math

import pytest

from tonnage.workload import Call, CircuitBreaker, Retry, Route, WorkloadError


def test_a_call_walks_itself_then_what_it_calls_then_what_a_miss_calls():
    tree = Call(
        component="web",
        calls=(Call(component="cache", on_miss=(Call(component="table"),)), Call(component="queue")),
        on_miss=(Call(component="origin"),),
    )
    assert [call.component for call in tree.walk()] == ["web", "cache", "table", "queue", "origin"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"probability": 1.1}, "probability 1.1"),
        ({"probability": -0.1}, "probability -0.1"),
        ({"probability": math.nan}, "probability nan"),
        ({"times": 0}, "times 0"),
        ({"times": 1001}, "times 1001"),
        ({"timeout_s": 0.0}, "timeout 0.0 s"),
        ({"timeout_s": math.nan}, "timeout nan s"),
        ({"hedge_s": 0.0}, "hedge after 0.0 s"),
        ({"hedge_s": math.nan}, "hedge after nan s"),
    ],
)
def test_a_call_that_cannot_be_made_is_refused_by_its_component(settings, said):
    with pytest.raises(WorkloadError, match=f"Call to table: {said}"):
        Call(component="table", **settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"attempts": 0},
        {"attempts": 101},
        {"base_s": -0.1},
        {"base_s": 30.0},
        {"base_s": math.nan},
        {"cap_s": math.nan},
        {"jitter": "some"},
        {"budget": -1.0},
        {"budget": math.nan},
    ],
)
def test_retries_that_contradict_themselves_are_refused(settings):
    with pytest.raises(WorkloadError, match=r"^retries: ") as caught:
        Retry(**settings)
    assert caught.value.remedy


def test_the_edges_of_what_is_allowed_are_allowed():
    assert Retry(attempts=1, base_s=0.0, cap_s=0.0, jitter="none").attempts == 1
    assert Call(component="a", probability=0.0, times=1000).times == 1000
    assert Route(name="all", share=1.0, entry=Call(component="a")).deadline_s == 60.0


@pytest.mark.parametrize("share", [0.0, -0.5, 1.01, math.nan])
def test_a_route_has_a_share_of_the_traffic(share):
    with pytest.raises(WorkloadError, match="Route browse: share"):
        Route(name="browse", share=share, entry=Call(component="a"))


@pytest.mark.parametrize("deadline_s", [0.0, -1.0, math.nan])
def test_a_deadline_is_in_the_future(deadline_s):
    with pytest.raises(WorkloadError, match="Route browse: deadline"):
        Route(name="browse", share=1.0, entry=Call(component="a"), deadline_s=deadline_s)


@pytest.mark.parametrize(
    "settings",
    [
        {"threshold": 0.0},
        {"threshold": 1.1},
        {"threshold": math.nan},
        {"window": 0},
        {"window": 2000},
        {"open_s": 0.0},
        {"probes": 0},
    ],
)
def test_a_circuit_breaker_that_makes_no_sense_is_refused(settings):
    with pytest.raises(WorkloadError, match=r"^circuit breaker: ") as caught:
        CircuitBreaker(**settings)
    assert caught.value.remedy


def test_a_request_is_a_method_and_a_path():
    for fine in ("", "/", "GET /images/*", "POST /orders?x=1"):
        assert Call(component="edge", request=fine).request == fine
    for wrong in ("GET", "get /x", "images", "GET  /x", "GET /a b"):
        with pytest.raises(WorkloadError, match="no method and path"):
            Call(component="edge", request=wrong)
