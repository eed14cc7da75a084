"""Metastable failures: the published examples of a retry storm and of a cold look-aside cache.

Source: N. Bronson, A. Aghayev, A. Charapko and T. Zhu, "Metastable Failures in Distributed Systems" (HotOS 2021),
sections 2.1 and 2.2: a database that answers 300 queries/s, a client that tries once more after a second, a load of
280 queries/s and an outage of 10 s: afterwards every query times out and is sent twice, 560/s, for ever, until the load
falls below 150/s. And a cache in front of such a database: with nine of ten look-ups answered by it, 3,000/s are
carried; once it is empty, the database answers nobody in time, so nothing comes into the cache. Both kinds are
measured in L. Huang et al., "Metastable Failures in the Wild" (OSDI 2022).
"""

from collections.abc import Callable

import numpy as np
import pytest

from tonnage.engine.model import Model, build
from tonnage.engine.primitives import Breaker, Budget, Cache, Fleet, Primitive, constant, exponential
from tonnage.engine.program import Lookup, Program, Visit, Work
from tonnage.engine.run import Run
from tonnage.engine.start import Measure

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("engine")]

OUTAGE_S = (60.0, 70.0)
END_S = 600.0
WINDOW_S = 10.0


def retrying(**call: object) -> Model:
    """Two tries, the second when the first has had no answer for a second."""
    primitives: dict[str, Primitive] = {
        "db/cpu": Fleet(servers=3, discipline="fifo"),
        "web/purse": Budget(capacity=100.0, cost=5.0, timeout_cost=10.0, refund=0.1),
        "web/circuit": Breaker(threshold=0.5, window=100, open_s=5.0, probes=10),
    }
    settings = {"timeout_s": 1.0, "attempts": 2, "backoff_base_s": 0.0, "backoff_cap_s": 0.0} | call
    query = Visit(component="db", enter=(Work("db/cpu", exponential(0.01)),), **settings)  # type: ignore[arg-type]
    return build(primitives, [Program(route="r", share=1.0, entry=Visit(component="web", calls=(query,)))])


def after_an_outage(
    model: Model, rate_per_s: Callable[[float], float], trigger: Callable[[Run, bool], None]
) -> np.ndarray:
    """(windows,) float64: share of the requests of each 10 s that failed."""
    rates = [rate_per_s(WINDOW_S * k) for k in range(round(END_S / WINDOW_S))]
    measure = Measure(start_s=0.0, end_s=END_S, window_s=WINDOW_S)
    run = Run(model, rates, WINDOW_S, measure, seed=1)
    run.advance(OUTAGE_S[0])
    trigger(run, True)
    run.advance(OUTAGE_S[1])
    trigger(run, False)
    assert run.advance(END_S + 30.0)
    arrived, _, failed = run.state.books.window_count[0].T
    return np.asarray(failed / np.maximum(arrived, 1))


def outage(run: Run, begins: bool) -> None:
    run.set_speed("db/cpu", 0, 0.0 if begins else 1.0)


def test_a_retry_storm_outlives_the_outage_that_began_it() -> None:
    bad = after_an_outage(retrying(), lambda _: 280.0, outage)
    assert bad[:5].max() == 0.0, "it carries 280/s"
    assert bad[8:].min() > 0.9, "nobody is answered in time, 9 minutes after an outage of 10 s"


def test_without_retries_the_same_outage_passes() -> None:
    bad = after_an_outage(retrying(attempts=1), lambda _: 240.0, outage)
    assert bad[6:8].max() > 0.9
    assert bad[40:].max() == 0.0


@pytest.mark.parametrize(("rate", "recovers"), [(140.0, True), (165.0, False), (220.0, False)])
def test_it_recovers_by_itself_only_below_half_the_capacity(rate: float, recovers: bool) -> None:
    # Two tries of everybody are more than 300/s above 150/s.
    bad = after_an_outage(retrying(), lambda _: rate, outage)
    assert bad[:5].max() == 0.0
    assert bool(bad[-5:].max() == 0.0) == recovers


@pytest.mark.parametrize(("low", "recovers"), [(40.0, True), (155.0, False)])
def test_shedding_load_ends_it_if_enough_is_shed(low: float, recovers: bool) -> None:
    bad = after_an_outage(retrying(), lambda t: low if 200.0 <= t < 400.0 else 280.0, outage)
    assert bad[15] > 0.9
    assert bool(bad[-5:].max() == 0.0) == recovers


def test_a_retry_budget_keeps_the_storm_from_lasting() -> None:
    # One retry for a hundred first answers: at most 1 % more load.
    bad = after_an_outage(retrying(budget="web/purse"), lambda _: 240.0, outage)
    assert bad[-5:].max() == 0.0


def test_a_circuit_breaker_lets_the_database_catch_up() -> None:
    bad = after_an_outage(retrying(breaker="web/circuit"), lambda _: 240.0, outage)
    assert bad[-5:].max() == 0.0


def test_a_deadline_that_is_passed_on_spares_the_database_work_for_nobody() -> None:
    bad = after_an_outage(retrying(deadline=True), lambda _: 240.0, outage)
    assert bad[-5:].max() == 0.0


def looking_aside() -> Model:
    """What the database answers in time is put into the cache, which holds nine tenths of 10,000 keys alike."""
    primitives: dict[str, Primitive] = {
        "cache/keys": Cache(objects=10_000, alpha=0.0, capacity=9_000),
        "db/cpu": Fleet(servers=3, discipline="fifo"),
    }
    query = Visit(component="db", enter=(Work("db/cpu", constant(0.01)),), timeout_s=1.0)
    return build(
        primitives,
        [
            Program(
                route="r",
                share=1.0,
                entry=Visit(
                    component="web",
                    calls=(Visit(component="cache", enter=(Lookup("cache/keys"),), on_miss=(query,)),),
                ),
            )
        ],
    )


def flush(run: Run, begins: bool) -> None:
    if begins:
        run.flush("cache/keys")


@pytest.mark.parametrize(("rate", "recovers"), [(280.0, True), (800.0, False), (1500.0, False)])
def test_a_cold_cache_never_warms_above_what_the_database_carries_alone(rate: float, recovers: bool) -> None:
    bad = after_an_outage(looking_aside(), lambda _: rate, flush)
    assert bad[:5].max() == 0.0, "it carries up to 3,000/s while it is warm"
    assert bool(bad[-5:].max() < 0.01) == recovers
    if not recovers:
        assert bad[10:].min() > 0.5
