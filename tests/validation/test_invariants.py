"""What must hold in every run, whatever the network: conservation, work, Little's law, repeatability."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonnage.engine.model import Model, build
from tonnage.engine.primitives import (
    Bucket,
    Cache,
    Distribution,
    Environments,
    Fleet,
    Pool,
    Primitive,
    constant,
    exponential,
    lognormal,
)
from tonnage.engine.program import (
    Choose,
    Hold,
    Lease,
    Leave,
    Lookup,
    Program,
    Release,
    Return,
    Take,
    Visit,
    Wait,
    Work,
)
from tonnage.engine.run import Run
from tonnage.engine.start import Measure

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("engine")]
TIMES = st.sampled_from([constant(0.02), exponential(0.02), lognormal(0.02, 1.5)])
DURATION_S = 60.0


@st.composite
def networks(draw: st.DrawFn) -> Model:
    """A web tier with workers, a function, a cache, a database: random limits, calls, time-outs and retries."""
    disciplines = st.sampled_from(["fifo", "processor sharing"])
    primitives: dict[str, Primitive] = {
        "web/cpu": Fleet(
            servers=draw(st.integers(1, 3)),
            discipline=draw(disciplines),
            instances=draw(st.integers(1, 4)),
            max_instances=4,
            rule=draw(st.sampled_from(["round robin", "least outstanding", "random", "random two"])),
            queue_limit=draw(st.sampled_from([None, 0, 5])),
        ),
        "web/workers": Pool(
            capacity=draw(st.integers(1, 5)),
            queue_limit=draw(st.sampled_from([0, 3, None])),
            patience_s=draw(st.sampled_from([None, 0.05])),
            fleet="web/cpu",
        ),
        "door/rate": Bucket(rate_per_s=draw(st.floats(5, 200)), capacity=draw(st.integers(1, 50))),
        "disk/io": Bucket(rate_per_s=draw(st.floats(50, 500)), capacity=1.0, when_empty="delay"),
        "cache/keys": Cache(
            objects=50, alpha=0.9, capacity=draw(st.integers(0, 50)), ttl_s=draw(st.sampled_from([None, 1.0]))
        ),
        "fn/env": Environments(
            limit=draw(st.integers(1, 20)),
            cold_start=exponential(0.1),
            keep_alive_s=1.0,
            provisioned=draw(st.integers(0, 1)),
        ),
        "db/cpu": Fleet(servers=draw(st.integers(1, 2)), discipline=draw(disciplines)),
        "db/connections": Pool(capacity=draw(st.integers(1, 6)), queue_limit=draw(st.sampled_from([0, 2, None]))),
    }
    patience = st.sampled_from([None, 0.05])
    database = Visit(
        component="db",
        enter=(Hold("db/connections"), Work("db/cpu", draw(TIMES)), Take("disk/io", 0.5)),
        leave=(Release("db/connections"),),
        timeout_s=draw(patience),
        attempts=draw(st.integers(1, 3)),
        backoff_base_s=0.01,
        backoff_cap_s=0.1,
        times=draw(st.integers(1, 3)),
    )
    cache = Visit(component="cache", enter=(Wait(draw(TIMES)), Lookup("cache/keys")), on_miss=(database,))
    function = Visit(
        component="fn",
        enter=(Lease("fn/env"), Wait(draw(TIMES))),
        leave=(Return("fn/env"),),
        calls=(database,),
        probability=draw(st.floats(0, 1)),
        timeout_s=draw(patience),
    )
    web = Visit(
        component="web",
        enter=(Choose("web/cpu"), Hold("web/workers"), Work("web/cpu", draw(TIMES))),
        leave=(Release("web/workers"), Leave("web/cpu")),
        calls=(cache, function),
    )
    door = Visit(component="door", enter=(Take("door/rate"),), calls=(web,))
    return build(primitives, [Program(route="r", share=1.0, entry=door, deadline_s=draw(st.sampled_from([0.1, 60.0])))])


def simulated(model: Model, rate: float, seed: int) -> Run:
    simulation = Run(model, [rate], DURATION_S, Measure(start_s=0.0, end_s=DURATION_S, window_s=10.0), seed)
    assert simulation.advance(DURATION_S)
    return simulation


@settings(max_examples=40, deadline=None)
@given(model=networks(), rate=st.floats(1.0, 120.0), seed=st.integers(0, 1000))
def test_requests_in_are_done_lost_or_in_flight(model: Model, rate: float, seed: int) -> None:
    simulation = simulated(model, rate, seed)
    arrived, answered, failed, late = simulation.state.books.route_count[0]
    waiting = simulation.unanswered()
    assert arrived == answered + failed + late + len(waiting)
    assert simulation.in_flight == len(waiting)
    assert simulation.state.books.window_count[:, :, 0].sum() == arrived
    assert failed == simulation.state.books.failed.sum()
    assert simulation.state.books.route_hist.sum() == answered + late


@settings(max_examples=30, deadline=None)
@given(model=networks(), rate=st.floats(1.0, 120.0), seed=st.integers(0, 1000))
def test_everything_held_is_given_back_once_the_arrivals_stop(model: Model, rate: float, seed: int) -> None:
    simulation = Run(model, [rate, 1e-300], 30.0, Measure(start_s=0.0, end_s=30.0, window_s=30.0), seed)
    assert simulation.advance(20_000.0)
    state = simulation.state
    assert simulation.in_flight == 0
    assert not state.things.pools["use"].any()
    assert not state.things.environments["use"].any()
    assert not state.things.environments["use_provisioned"].any()
    assert not state.things.instances["out"].any()
    assert not state.things.instances["n"].any()
    assert not state.things.lines["len"].any()
    assert state.clock["free"][0] == len(state.free)


@settings(max_examples=20, deadline=None)
@given(model=networks(), rate=st.floats(1.0, 80.0), seed=st.integers(0, 1000))
def test_servers_are_never_busier_than_they_are_many(model: Model, rate: float, seed: int) -> None:
    simulation = simulated(model, rate, seed)
    instances = simulation.state.things.instances
    assert np.all(instances["busy"] <= instances["servers"] * simulation.now_s * (1 + 1e-9))
    assert np.all(
        simulation.state.things.pools["integral"]
        <= simulation.state.things.pools["capacity"] * simulation.now_s * (1 + 1e-9)
    )


@settings(max_examples=15, deadline=None)
@given(model=networks(), rate=st.floats(1.0, 80.0), seed=st.integers(0, 1000))
def test_the_same_seed_gives_the_same_books(model: Model, rate: float, seed: int) -> None:
    one, other = (simulated(model, rate, seed).state.books for _ in range(2))
    for name, first, second in zip(one._fields, one, other, strict=True):
        assert np.array_equal(first, second), name


def test_littles_law() -> None:
    # Mean tokens in use = rate x mean time held.
    pool = {"a/pool": Pool(capacity=1000)}
    visit = Visit(component="a", enter=(Hold("a/pool"), Wait(lognormal(0.5, 1.0))), leave=(Release("a/pool"),))
    model = build(pool, [Program(route="r", share=1.0, entry=visit)])
    simulation = Run(model, [100.0], 2000.0, Measure(start_s=0.0, end_s=2000.0, window_s=2000.0), seed=1)
    simulation.advance(2000.0)
    done, time_s = simulation.state.books.comp_time[0]
    in_use = simulation.state.things.pools["integral"][0] / 2000.0
    assert in_use == pytest.approx(done / 2000.0 * time_s / done, rel=2e-3)
    assert in_use == pytest.approx(50.0, rel=0.02)


def test_overload_stops_with_a_sentence_and_keeps_what_it_has() -> None:
    model = build(
        {"a/cpu": Fleet(servers=1, discipline="fifo")},
        [Program(route="r", share=1.0, entry=Visit(component="a", enter=(Work("a/cpu", constant(1.0)),)))],
    )
    simulation = Run(model, [1e6], 10.0, Measure(start_s=0.0, end_s=10.0, window_s=1.0), seed=1)
    assert not simulation.advance(10.0)
    assert simulation.stopped is not None
    assert "requests in flight" in simulation.stopped
    assert simulation.state.books.route_count[0, 0] > 900_000


@settings(max_examples=40, deadline=None)
@given(
    stations=st.lists(
        st.tuples(st.sampled_from(["fifo", "processor sharing"]), st.integers(1, 4), TIMES, st.floats(0.2, 1.0)),
        min_size=1,
        max_size=5,
    ),
    rate=st.floats(1.0, 150.0),
    seed=st.integers(0, 1000),
)
def test_littles_law_in_any_network_that_loses_nothing(
    stations: list[tuple[Literal["fifo", "processor sharing"], int, Distribution, float]], rate: float, seed: int
) -> None:
    # Everybody holds a token for as long as the visit lasts: tokens x time is the sum of the visits' times.
    primitives: dict[str, Primitive] = {"door/tokens": Pool(capacity=1_000_000)}
    calls: tuple[Visit, ...] = ()
    for k, (discipline, servers, time, probability) in enumerate(stations):
        primitives[f"s{k}/cpu"] = Fleet(servers=servers, discipline=discipline)
        work = (Work(f"s{k}/cpu", time),)
        calls = (*calls, Visit(component=f"s{k}", enter=work, calls=calls[-1:], probability=probability))
    door = Visit(component="door", enter=(Hold("door/tokens"),), calls=calls, leave=(Release("door/tokens"),))
    model = build(primitives, [Program(route="r", share=1.0, entry=door, deadline_s=1e9)])
    simulation = Run(model, [rate, 1e-300], 30.0, Measure(start_s=0.0, end_s=30.0, window_s=30.0), seed)
    assert simulation.advance(20_000.0)
    done, time_s = simulation.state.books.comp_time[simulation.model.components.index("door")]
    assert done == simulation.arrived
    assert simulation.state.things.pools["integral"][0] == pytest.approx(time_s, rel=1e-9)
    # And a server is busy for exactly the time it works.
    assert np.allclose(simulation.state.things.instances["busy"], simulation.state.things.instances["work"])
