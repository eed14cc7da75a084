import pytest

from tonnage.engine.fluid.layout import lay_out
from tonnage.engine.fluid.state import fresh_books, fresh_flows, fresh_levels, fresh_stack, set_level
from tonnage.engine.model import build
from tonnage.engine.primitives import Bucket, Environments, Fleet, constant
from tonnage.engine.program import Program, Take, Visit


def test_a_run_starts_empty_with_what_the_primitives_declare() -> None:
    primitives = {
        "s/cpu": Fleet(servers=2, instances=3, max_instances=5, speed=1.5),
        "s/rate": Bucket(rate_per_s=50.0, capacity=100.0, level=25.0),
        "s/env": Environments(limit=9, cold_start=constant(1.0), keep_alive_s=60.0, provisioned=4, scale_burst=7.0),
    }
    visit = Visit(component="s", enter=(Take("s/rate"),))
    layout = lay_out(build(primitives, [Program(route="r", share=1.0, entry=visit)]))
    levels = fresh_levels(layout)
    cpu, rate, env = (layout.queues[name] for name in primitives)
    assert (levels.instances[cpu], levels.speed[cpu]) == (3.0, 1.5)
    assert levels.wait[rate] == pytest.approx(1.5)
    assert (levels.always[env], levels.made[env], levels.spare[env]) == (4.0, 0.0, 7.0)
    set_level(layout, levels, "s/rate", 100.0)
    assert levels.wait[rate] == 0.0
    assert fresh_flows(layout).lost.shape == (4, 1)
    assert fresh_books(layout, 5).counts.shape == (1, 5, 4)
    assert not fresh_stack().kept.any()
