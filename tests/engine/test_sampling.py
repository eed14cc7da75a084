"""Samples of a run: every counter becomes the rate, share or level it stands for."""

import pytest

from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, Primitive, constant
from tonnage.engine.program import Hold, Lease, Lookup, Release, Return, Take, Wait, Work
from tonnage.engine.run import Run
from tonnage.engine.sampling import Reading, Sampler
from tonnage.engine.start import Measure
from workloads import with_primitives

RATE = 200.0


@pytest.fixture(scope="module")
def reading() -> Reading:
    primitives: dict[str, Primitive] = {
        "Server/cpu": Fleet(servers=4, speed=2.0),
        "Server/tokens": Pool(capacity=50),
        "Server/bucket": Bucket(rate_per_s=150.0, capacity=100.0),
        "Server/functions": Environments(limit=100, cold_start=constant(0.05), keep_alive_s=600.0),
        "Server/keys": Cache(hit_ratio=0.6),
    }
    one = with_primitives(
        primitives,
        [
            Hold("Server/tokens"),
            Lease("Server/functions"),
            Work("Server/cpu", constant(0.010)),
            Wait(constant(0.020)),
            Take("Server/bucket"),
            Lookup("Server/keys"),
        ],
        [Return("Server/functions"), Release("Server/tokens")],
        traffic="constant 1/s",
    )
    run = Run(one.model, [RATE], 100.0, Measure(start_s=0.0, end_s=100.0, window_s=10.0), seed=5)
    run.advance(20.0)
    sampler = Sampler(run)
    run.advance(70.0)
    return sampler.read()


def test_busy_share_of_an_instance_is_work_over_what_it_could_do(reading: Reading) -> None:
    offered = reading.values({"Server/cpu": (0,)})[":offered"]
    assert reading.passed_s == pytest.approx(50.0)
    assert offered == pytest.approx(RATE, rel=0.05)
    assert reading.cpu("Server/cpu")[0] == pytest.approx(offered * 0.010 / 8.0, rel=0.02)
    assert reading.requests("Server/cpu") == pytest.approx(offered * 50.0, rel=0.01)


def test_every_primitive_has_its_metrics(reading: Reading) -> None:
    row = reading.values({"Server/cpu": (0,)})
    offered = row[":offered"]
    assert row["Server/tokens:in use"] == pytest.approx(offered * 0.025, rel=0.05)
    assert row["Server/tokens:waiting"] == 0.0
    assert row["Server/functions:in use"] == pytest.approx(offered * 0.025, rel=0.05)
    assert row["Server/functions:throttled"] == 0.0
    assert row["Server/bucket:taken"] == pytest.approx(150.0, rel=0.02)
    assert row["Server/bucket:taken"] + row["Server/bucket:refused"] == pytest.approx(offered, rel=0.01)
    assert 0.0 <= row["Server/bucket:level"] <= 100.0
    assert row["Server/keys:hit ratio"] == pytest.approx(0.6, abs=0.03)
    assert row["Server:visits"] == pytest.approx(offered, rel=0.01)
    assert reading.tokens("Server/bucket") == pytest.approx(150.0 * 50.0, rel=0.02)


def test_a_reading_starts_where_the_last_one_ended_and_rows_become_series() -> None:
    one = with_primitives(
        {"Server/cpu": Fleet(servers=1)}, [Work("Server/cpu", constant(0.001))], traffic="constant 1/s"
    )
    run = Run(one.model, [50.0], 30.0, Measure(start_s=0.0, end_s=30.0, window_s=10.0), seed=1)
    sampler = Sampler(run)
    counted = 0.0
    for end_s in (10.0, 20.0, 30.0):
        run.advance(end_s)
        reading = sampler.read()
        counted += reading.requests("Server/cpu")
        sampler.record(end_s, reading.values({"Server/cpu": (0,)}))
    assert counted == run.arrived
    series = sampler.series()
    assert sampler.times_s == [10.0, 20.0, 30.0]
    assert float(series[":offered"].sum()) * 10.0 == pytest.approx(run.arrived, abs=1.0)
    assert all(len(values) == 3 for values in series.values())


def test_a_cache_nobody_asked_has_no_hit_ratio() -> None:
    one = with_primitives(
        {"Server/keys": Cache(hit_ratio=0.5)}, [Wait(constant(0.001)), Lookup("Server/keys")], traffic="constant 1/s"
    )
    run = Run(one.model, [0.0], 30.0, Measure(start_s=0.0, end_s=10.0, window_s=10.0), seed=1)
    sampler = Sampler(run)
    run.advance(10.0)
    ratio = sampler.read().values({})["Server/keys:hit ratio"]
    assert ratio != ratio
