"""Stabilization and rate limits: the controller's own cases, K2 and K3, and invariants."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scaling.hpa_cases import Case, cases, events, rules
from tonnage.scaling.replica_behavior import DEFAULT_DOWN, DEFAULT_UP, Event, RatePolicy, Rules, limited, stabilized


@pytest.mark.parametrize("case", cases("stabilization"))
def test_stabilization_of_the_controllers_unit_tests(case: Case) -> None:
    """Kubernetes, horizontal_test.go; the case's ``source`` names the commit."""
    given_, past = case["input"], events(case["input"]["past_recommendations"], "replicas")
    windows = {"up_window_s": given_["scale_up_window_s"], "down_window_s": given_["scale_down_window_s"]}
    found = stabilized(given_["current_replicas"], given_["desired_replicas"], past, 0.0, **windows)
    assert found == case["expected"]["replicas"]


@pytest.mark.parametrize("case", cases("rate_limit"))
def test_rate_limits_of_the_controllers_unit_tests(case: Case) -> None:
    """Kubernetes, horizontal_test.go; the case's ``source`` names the commit."""
    given_ = case["input"]
    found = limited(
        given_["current_replicas"],
        given_["desired_replicas"],
        0.0,
        up=rules(given_["scale_up"]),
        down=rules(given_["scale_down"]),
        added=events(given_["scale_up_events"], "change"),
        removed=events(given_["scale_down_events"], "change"),
        minimum=given_["min_replicas"],
        maximum=given_["max_replicas"],
    )
    assert found == case["expected"]["replicas"]


FOUR_OR_TENTH = Rules(
    window_s=0.0,
    select="Max",
    policies=(RatePolicy(type="Pods", value=4, period_s=60.0), RatePolicy(type="Percent", value=10, period_s=60.0)),
)


def down(current: int, passes: int) -> list[int]:
    """Replicas after each pass, one a minute, with ten wanted throughout."""
    removed: list[Event] = []
    counts = [current]
    for k in range(passes):
        time_s = 60.0 * k
        after = limited(
            counts[-1],
            10,
            time_s,
            up=DEFAULT_UP,
            down=FOUR_OR_TENTH,
            added=(),
            removed=removed,
            minimum=1,
            maximum=100,
        )
        removed.append(Event(time_s=time_s, replicas=counts[-1] - after))
        counts.append(after)
    return counts


def test_k2_of_80_replicas_a_tenth_goes_each_minute() -> None:
    """K2: Kubernetes documentation, Horizontal Pod Autoscaling, scaling policies: 80, 72, then 7.2 rounds up to 8."""
    assert down(80, 2) == [80, 72, 64]


def test_k3_of_40_replicas_or_fewer_four_pods_go_each_minute() -> None:
    """K3: the same page: at 40 or fewer the policy of 4 pods decides."""
    assert down(40, 3) == [40, 36, 32, 28]


def test_a_disabled_direction_does_not_move() -> None:
    disabled = Rules(window_s=0.0, select="Disabled", policies=DEFAULT_UP.policies)
    either = {"added": (), "removed": (), "minimum": 1, "maximum": 100}
    assert limited(5, 50, 0.0, up=disabled, down=DEFAULT_DOWN, **either) == 5  # type: ignore[arg-type]
    assert limited(5, 1, 0.0, up=DEFAULT_UP, down=disabled, **either) == 5  # type: ignore[arg-type]


counts = st.integers(1, 200)
past = st.lists(st.builds(Event, time_s=st.floats(-400, -1), replicas=st.integers(1, 20)), max_size=6)


@given(counts, counts, past, past)
def test_a_limit_never_moves_against_the_wish_nor_past_it(
    current: int, desired: int, added: list[Event], removed: list[Event]
) -> None:
    found = limited(
        current,
        desired,
        0.0,
        up=DEFAULT_UP,
        down=FOUR_OR_TENTH,
        added=added,
        removed=removed,
        minimum=1,
        maximum=200,
    )
    assert min(current, desired) <= found <= max(current, desired)


@given(counts, counts, past)
def test_without_windows_the_newest_recommendation_stands(current: int, desired: int, earlier: list[Event]) -> None:
    assert stabilized(current, desired, earlier, 0.0, up_window_s=0.0, down_window_s=0.0) == desired
