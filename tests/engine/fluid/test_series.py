import numpy as np
import pytest

from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.fluid.series import Samples
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Environments, Fleet, Pool, constant, exponential
from tonnage.engine.program import Hold, Lease, Program, Release, Return, Take, Visit, Wait, Work


def test_samples_are_named_and_measured_as_in_a_request_level_run() -> None:
    primitives = {
        "s/cpu": Fleet(servers=1, discipline="fifo"),
        "s/pool": Pool(capacity=100),
        "s/rate": Bucket(rate_per_s=60.0, capacity=600.0),
        "s/env": Environments(limit=10, cold_start=constant(0.1), keep_alive_s=60.0),
    }
    visit = Visit(
        component="s",
        enter=(Take("s/rate"), Lease("s/env"), Hold("s/pool"), Work("s/cpu", exponential(0.01)), Wait(constant(0.02))),
        leave=(Release("s/pool"), Return("s/env")),
    )
    run = FluidRun(lay_out(build(primitives, [Program(route="r", share=1.0, entry=visit)])), 1)
    samples = Samples(run)
    assert samples.series() == {}
    for k in range(1, 4):
        run.advance(60.0 * k, 50.0)
        samples.take(60.0 * k)
    last = {name: float(values[-1]) for name, values in samples.series().items()}
    assert samples.times_s == [60.0, 120.0, 180.0]
    assert last[":offered"] == pytest.approx(50.0)
    assert last["s/cpu:utilization"] == pytest.approx(0.5, rel=0.01)
    assert last["s/cpu:queue"] == pytest.approx(0.5, rel=0.02)
    assert last["s/pool:in use"] == pytest.approx(2.0, rel=0.02) == last["s/env:in use"]
    assert last["s/rate:taken"] == pytest.approx(50.0)
    assert last["s/rate:refused"] == pytest.approx(0.0, abs=1e-6)
    assert 590.0 < last["s/rate:level"] <= 600.0
    assert last["s:visits"] == pytest.approx(50.0)
    assert last[":in flight"] == pytest.approx(2.0, rel=0.02)
    assert all(np.isfinite(value) for value in last.values())
