"""Warm-up: left out where the traffic is constant and the response time settles."""

from tonnage.advise.steady_state import is_constant, settled
from tonnage.compile import Compiled
from tonnage.engine.primitives import Fleet, Pool, constant, exponential
from tonnage.engine.program import Hold, Release, Wait, Work
from tonnage.simulate import coarse_day, stretch
from tonnage.workload import Scenario
from tonnage.workload.traffic_shape import parse_shape
from workloads import with_primitives


def one_server(rate: float, minutes: int = 60) -> Compiled:
    """One server that carries 100/s."""
    return with_primitives(
        {"Server/cpu": Fleet(servers=1, discipline="fifo")},
        (Work("Server/cpu", exponential(0.01)),),
        traffic=f"constant {rate:g}/s for {minutes} min",
    )


def pilot(workload: Compiled, lead_s: float = 0.0, window_s: float = 1200.0) -> tuple[float | None, float]:
    scenario = Scenario(name="t", lead_s=lead_s, window_s=window_s)
    found = settled(workload, scenario, 1, coarse_day(workload, stretch(workload.workload.traffic, scenario)))
    return found.warm_up_s, found.scenario.lead_s


def test_what_settles_at_once_has_hardly_a_warm_up() -> None:
    warm_up_s, lead_s = pilot(one_server(50.0), lead_s=60.0)
    assert warm_up_s is not None
    assert warm_up_s <= 300.0
    assert lead_s == 60.0 + warm_up_s


def test_a_slow_start_is_left_out() -> None:
    # Visits of 300 s: as many as ever are in flight only after that long.
    steps = (Hold("Server/pool"), Wait(constant(300.0)))
    line = with_primitives(
        {"Server/pool": Pool(capacity=10_000)},
        steps,
        (Release("Server/pool"),),
        traffic="constant 20/s for 60 min",
        deadline_s=1000.0,
    )
    warm_up_s, lead_s = pilot(line)
    assert warm_up_s is not None
    assert 200.0 <= warm_up_s <= 400.0
    assert lead_s == warm_up_s


def test_what_piles_up_never_settles() -> None:
    warm_up_s, lead_s = pilot(one_server(150.0))
    assert warm_up_s is None
    assert lead_s == 0.0


def test_only_an_even_traffic_has_a_steady_state() -> None:
    assert is_constant(parse_shape("constant 5/s for 10 min"))
    assert not is_constant(parse_shape("diurnal 80/s to 400/s"))
