"""Environments: cold, warm, provisioned, throttled; to the unit."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from engine.runs import counts, crowd, failures, one_route, routed, steady
from tonnage.engine.model import build
from tonnage.engine.primitives import Environments, Primitive, constant, unreserved
from tonnage.engine.program import Lease, Program, Return, Visit, Wait

ENV = "a/env"


def function(time_s: float = 1.0, **more: object):
    settings = {"limit": 1000, "cold_start": constant(0.25), "keep_alive_s": 100.0} | more
    environments = Environments(**settings)  # type: ignore[arg-type]
    return one_route({ENV: environments}, Lease(ENV), Wait(constant(time_s)), leave=(Return(ENV),))


def kept(run) -> dict[str, int]:
    found = run.state.things.environments[0]
    return {name: int(found[name]) for name in ("leases", "colds", "throttled", "spilled")}


def test_each_of_a_crowd_needs_an_environment_of_its_own_and_waits_for_it() -> None:
    run = crowd(function(), 40, until_s=1.24)
    assert kept(run)["colds"] == run.arrived
    assert counts(run)["answered"] == 0
    run.advance(1.26)
    assert counts(run)["answered"] == run.arrived
    assert run.state.things.environments["warm_n"][0] == run.arrived
    assert run.state.things.environments["use"][0] == 0


def test_beyond_the_limit_requests_are_throttled() -> None:
    run = crowd(function(limit=7), 40, until_s=10.0)
    assert counts(run)["answered"] == 7
    assert failures(run) == {"throttled (429)": run.arrived - 7}
    assert kept(run)["throttled"] == run.arrived - 7


def test_provisioned_environments_are_never_cold_and_the_rest_spills_over() -> None:
    run = crowd(function(provisioned=5), 40, until_s=1.01)
    assert counts(run)["answered"] == 5
    assert kept(run)["colds"] == kept(run)["spilled"] == run.arrived - 5
    run.advance(1.3)
    assert counts(run)["answered"] == run.arrived
    # Provisioned ones go back to their own, not among the warm.
    assert run.state.things.environments["warm_n"][0] == run.arrived - 5


def test_the_number_provisioned_may_change() -> None:
    run = crowd(function(), 40, until_s=0.0)
    run.set_provisioned(ENV, 5)
    run.advance(1.01)
    assert counts(run)["answered"] == 5
    assert kept(run)["colds"] == run.arrived - 5


def test_a_burst_is_allowed_at_once_and_then_the_rate() -> None:
    run = steady(function(time_s=1e6, scale_burst=10.0, scale_per_s=2.0), 100.0, 20.0)
    run.advance(20.0)
    assert kept(run)["colds"] == pytest.approx(10 + 2 * 20, abs=1)
    assert kept(run)["throttled"] == kept(run)["leases"] - kept(run)["colds"]


def test_what_is_allowed_does_not_pile_up_beyond_the_burst() -> None:
    run = crowd(function(time_s=1e6, scale_burst=10.0, scale_per_s=2.0), 50)
    run.state.things.environments["t"][0] = -1000.0  # nobody came for a long time
    run.advance(1.0)
    assert kept(run)["colds"] == 10


def test_an_idle_environment_is_kept_for_its_time_only() -> None:
    # Requests 10 s apart on average: warm where the last came within the time, the newest idle one is taken first.
    always = steady(function(time_s=0.0, keep_alive_s=1e9), 0.1, 10_000.0)
    never = steady(function(time_s=0.0, keep_alive_s=0.0), 0.1, 10_000.0)
    for run in (always, never):
        run.advance(10_000.0)
    assert kept(always)["colds"] <= 3
    assert kept(never)["colds"] >= 0.95 * kept(never)["leases"]


def test_the_environment_idle_for_the_shortest_time_is_taken() -> None:
    run = crowd(function(), 30, until_s=2.0)
    made = run.arrived
    run.state.things.warm[0] = -1e6  # the oldest has been idle for ever
    few = crowd(run.model, 3)
    few.state = few.state._replace(things=run.state.things)
    few.advance(0.5)
    assert 0 < few.arrived < made
    assert kept(run)["colds"] == made
    assert run.state.things.environments["warm_n"][0] == made - few.arrived
    assert run.state.things.warm[0] == -1e6


def two_functions(rates: tuple[float, float] = (1.0, 1.0), **more: Mapping[str, object]):
    """Functions a and b, called by a route each, of one account of 100; executions take for ever."""
    settings = {"limit": 100, "account": 100, "cold_start": constant(0.0), "keep_alive_s": 1e9}
    primitives: dict[str, Primitive] = {
        f"{name}/env": Environments(**(settings | dict(more.get(name, {}))))  # type: ignore[arg-type]
        for name in ("a", "b")
    }
    programs = [
        Program(
            route=name,
            share=share,
            entry=Visit(
                component=name,
                enter=(Lease(f"{name}/env"), Wait(constant(1e6))),
                leave=(Return(f"{name}/env"),),
            ),
            deadline_s=1e9,
        )
        for name, share in zip(("a", "b"), rates, strict=True)
    ]
    return build(primitives, programs)


def in_use(run) -> list[int]:
    return [int(n) for n in run.state.things.environments["use"]]


def test_functions_without_reservation_share_the_account() -> None:
    a, b = in_use(crowd(two_functions((3.0, 1.0)), 400, until_s=1.0))
    assert a + b == 100
    assert a > 1.5 * b > 0, "whoever asks first is served"


def test_what_is_reserved_is_taken_out_for_one_function_alone() -> None:
    # L5: an account of 1,000 in which two functions reserve 400 each leaves 200; here a tenth, and one of them.
    assert in_use(crowd(two_functions(b={"limit": 40, "reserved": True}), 400, until_s=1.0)) == [60, 40]
    assert in_use(crowd(two_functions((1.0, 0.0), b={"limit": 40, "reserved": True}), 400, until_s=1.0)) == [60, 0]
    own = Environments(limit=400, account=1000, reserved=True, cold_start=constant(0.0), keep_alive_s=1.0)
    assert unreserved([own, own, replace(own, reserved=False)]) == 200
    assert unreserved([replace(own, account=None)]) == 0


def test_what_is_provisioned_is_claimed_whether_it_is_used_or_not() -> None:
    # L8: what a function has provisioned is not there for others.
    run = crowd(two_functions((1.0, 0.0), b={"provisioned": 30}), 400, until_s=1.0)
    assert in_use(run) == [70, 0]
    assert run.state.things.environments["claimed"][0] == 100, "30 provisioned and 70 in use"
    both = crowd(two_functions(a={"provisioned": 20}, b={"provisioned": 30}), 400, until_s=1.0)
    assert sum(in_use(both)) == 100
    assert min(in_use(both)) >= 20


def test_a_change_of_what_is_provisioned_changes_what_is_left() -> None:
    run = crowd(two_functions((1.0, 0.0), b={"provisioned": 30}), 400, until_s=0.0)
    run.set_provisioned("b/env", 10)
    run.advance(1.0)
    assert in_use(run) == [90, 0]


def test_what_is_given_back_may_be_taken_by_the_other() -> None:
    settings = {"limit": 5, "account": 5, "cold_start": constant(0.0), "keep_alive_s": 1e9}
    env = Environments(**settings)  # type: ignore[arg-type]
    visits = [
        Visit(component=name, enter=(Lease(f"{name}/env"), Wait(constant(1.0))), leave=(Return(f"{name}/env"),))
        for name in ("a", "b")
    ]
    after = routed({"a/env": env, "b/env": env}, Visit(component="c", calls=(visits[0], visits[1])))
    run = crowd(after, 40, until_s=5.0)
    assert counts(run)["answered"] == 5, "five go through a, then through b"
    assert run.state.things.environments["claimed"][0] == 0


def test_l12_l13_the_burst_of_the_rule_before_november_2023() -> None:
    # AWS Lambda operator guide: 3,000 at once, each call keeps its environment for the minute. Of 10,000 in one minute
    # 7,000 are throttled (L12); spread over four minutes none is (L13).
    old: dict[str, object] = {"limit": 10_000, "scale_burst": 3000.0, "scale_per_s": 0.0, "time_s": 60.0}
    at_once = steady(function(cold_start=constant(0.0), **old), 10_000 / 60.0, 60.0)
    at_once.advance(60.0)
    assert kept(at_once)["colds"] == 3000
    assert kept(at_once)["throttled"] == kept(at_once)["leases"] - 3000 == pytest.approx(7000, abs=300)
    spread = steady(function(cold_start=constant(0.0), **old), 2500 / 60.0, 240.0)
    spread.advance(240.0)
    assert kept(spread)["throttled"] == 0
