"""Every primitive against its closed form, with stated confidence.

How a figure is judged, and with what confidence, is said in ``replications``.
"""

import math

import numpy as np
import pytest

from tonnage.engine.kernels.histogram import FINE_BITS, percentile
from tonnage.engine.model import build
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
from tonnage.engine.primitives.cache import che_hit_ratio
from tonnage.engine.program import Choose, Hold, Lease, Leave, Lookup, Program, Release, Return, Take, Visit, Wait, Work
from tonnage.engine.run import Run
from tonnage.engine.start import Measure
from validation.replications import agrees, erlang_b, erlang_c, mean_response, refused_share, run

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("engine")]


def station(servers: int, **more: object) -> dict[str, Primitive]:
    return {"a/cpu": Fleet(servers=servers, **({"discipline": "fifo"} | more))}  # type: ignore[arg-type]


def served(time: Distribution) -> Visit:
    return Visit(component="a", enter=(Work("a/cpu", time),))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.5), (1, 0.8), (4, 3.2), (20, 18.0), (64, 44.8)])
def test_m_m_c_response_is_erlang_c(servers: int, load: float) -> None:
    exact = 1.0 + erlang_c(servers, load) / (servers - load)
    agrees(mean_response, exact, station(servers), served(exponential(1.0)), load, 400_000 / load)


def test_m_m_1_99th_percentile() -> None:
    def p99(simulation: Run) -> float:
        return percentile(simulation.state.books.route_hist[0], 99.0, FINE_BITS)

    agrees(p99, math.log(100.0) / 0.5, station(1), served(exponential(1.0)), 0.5, 400_000)


@pytest.mark.parametrize(("time", "cv"), [(constant(1.0), 0.0), (lognormal(1.0, 0.5), 0.5), (lognormal(1.0, 1.5), 1.5)])
def test_m_g_1_fifo_is_pollaczek_khinchine(time: Distribution, cv: float) -> None:
    load = 0.7
    exact = 1.0 + load * (1.0 + cv * cv) / 2.0 / (1.0 - load)
    agrees(mean_response, exact, station(1), served(time), load, 400_000, precise=0.03)


@pytest.mark.parametrize("time", [constant(1.0), exponential(1.0), lognormal(1.0, 2.0)])
def test_m_g_1_processor_sharing_is_insensitive(time: Distribution) -> None:
    agrees(mean_response, 1.0 / 0.3, station(1, discipline="processor sharing"), served(time), 0.7, 300_000)


@pytest.mark.parametrize("time", [exponential(1.0), lognormal(1.0, 2.0)])
def test_processor_sharing_by_several_servers_is_erlang_c_and_insensitive(time: Distribution) -> None:
    exact = 1.0 + erlang_c(4, 3.2) / 0.8
    assert exact == pytest.approx(1.7455405897)
    agrees(mean_response, exact, station(4, discipline="processor sharing"), served(time), 3.2, 120_000)


def test_m_m_c_k_blocks_and_bounds_the_response() -> None:
    servers, places, load = 4, 12, 5.0
    weights = [load**n / math.factorial(n) for n in range(servers + 1)]
    weights += [weights[servers] * (load / servers) ** k for k in range(1, places - servers + 1)]
    blocked = weights[-1] / sum(weights)
    in_system = sum(n * weight for n, weight in enumerate(weights)) / sum(weights)
    limited = station(servers, queue_limit=places - servers)
    agrees(refused_share, blocked, limited, served(exponential(1.0)), load, 80_000)
    agrees(mean_response, in_system / (load * (1.0 - blocked)), limited, served(exponential(1.0)), load, 80_000)


@pytest.mark.parametrize("time", [exponential(1.0), lognormal(1.0, 1.5)])
@pytest.mark.parametrize(("tokens", "load", "blocked"), [(10, 7.0, 0.0787408830), (64, 60.0, 0.0603627382)])
def test_a_pool_that_does_not_wait_is_erlang_b_whatever_the_distribution(
    tokens: int, load: float, blocked: float, time: Distribution
) -> None:
    visit = Visit(component="a", enter=(Hold("a/pool"), Wait(time)), leave=(Release("a/pool"),))
    assert erlang_b(tokens, load) == pytest.approx(blocked, abs=1e-10)
    agrees(refused_share, blocked, {"a/pool": Pool(capacity=tokens, queue_limit=0)}, visit, load, 400_000 / load)


@pytest.mark.parametrize("patience_s", [0.1, 0.5])
def test_a_pool_with_patience_is_m_m_c_plus_d(patience_s: float) -> None:
    # Who finds more work ahead than its patience lasts gives up, and adds none: the density of the work ahead falls as
    # exp(-(c - load) x) up to the patience and as exp(-c x) beyond it (Baccelli and Hebuterne, 1981).
    servers, load = 4, 5.0
    below = [load**n / math.factorial(n) for n in range(servers)]
    at_patience = load * below[-1] * math.exp((load - servers) * patience_s)
    within = load * below[-1] * math.expm1((load - servers) * patience_s) / (load - servers)
    beyond = at_patience / servers
    exact = beyond / (sum(below) + within + beyond)
    visit = Visit(component="a", enter=(Hold("a/pool"), Wait(exponential(1.0))), leave=(Release("a/pool"),))
    agrees(refused_share, exact, {"a/pool": Pool(capacity=servers, patience_s=patience_s)}, visit, load, 80_000)


def test_a_pool_that_waits_is_erlang_c() -> None:
    visit = Visit(component="a", enter=(Hold("a/pool"), Wait(exponential(1.0))), leave=(Release("a/pool"),))
    exact = 1.0 + erlang_c(4, 3.2) / 0.8
    agrees(mean_response, exact, {"a/pool": Pool(capacity=4)}, visit, 3.2, 120_000)


@pytest.mark.parametrize(("load", "exact"), [(0.5, 1.42632075), (0.8, 2.95573662), (0.9, 5.47491282)])
def test_join_the_shortest_of_two_queues(load: float, exact: float) -> None:
    # The Markov chain of two queues, solved numerically.
    visit = Visit(component="a", enter=(Choose("a/cpu"), Work("a/cpu", exponential(1.0))), leave=(Leave("a/cpu"),))
    fleet = station(1, instances=2, max_instances=2, rule="least outstanding")
    agrees(mean_response, exact, fleet, visit, 2.0 * load, 200_000)


def test_a_tandem_of_stations_is_a_jackson_network() -> None:
    primitives = {name: Fleet(servers=c, discipline="fifo") for name, c in (("a/x", 1), ("b/y", 2))}
    visit = Visit(
        component="a",
        enter=(Work("a/x", exponential(1.0)),),
        calls=(Visit(component="b", enter=(Work("b/y", exponential(2.0)),)),),
    )
    exact = 1.0 / (1.0 - 0.6) + 2.0 * (1.0 + erlang_c(2, 1.2) / (2.0 - 1.2))
    agrees(mean_response, exact, primitives, visit, 0.6, 300_000)


def test_a_station_without_queueing_is_m_m_infinity() -> None:
    simulation = run({}, Visit(component="a", enter=(Wait(lognormal(2.0, 1.0)),)), 50.0, 20_000, seed=1)
    assert mean_response(simulation) == pytest.approx(2.0, rel=0.01)


def test_a_rejecting_bucket_lets_its_capacity_pass_and_then_its_rate() -> None:
    visit = Visit(component="a", enter=(Take("a/tokens"),))
    bucket = {"a/tokens": Bucket(rate_per_s=5.0, capacity=50.0)}
    simulation = run(bucket, visit, 10.0, 10_000.0, seed=3)
    assert simulation.state.things.buckets["taken"][0] == pytest.approx(50.0 + 5.0 * simulation.now_s, abs=50.0)
    assert refused_share(simulation) == pytest.approx(0.5, abs=0.01)


def test_a_delaying_bucket_is_a_deterministic_queue() -> None:
    # A request waits for its token like a customer of M/D/1 with service 1 / rate, its own service included.
    visit = Visit(component="a", enter=(Take("a/tokens"),))
    bucket = {"a/tokens": Bucket(rate_per_s=1.0, capacity=0.0, when_empty="delay", level=0.0)}

    def mean_delay(simulation: Run) -> float:
        return mean_response(simulation)

    agrees(mean_delay, 1.0 + 0.8 / (2.0 * 0.2), bucket, visit, 0.8, 300_000)


@pytest.mark.parametrize(("objects", "alpha", "capacity"), [(20_000, 0.9, 2_000), (20_000, 0.7, 5_000)])
def test_lru_hit_ratio_is_ches(objects: int, alpha: float, capacity: int) -> None:
    visit = Visit(component="a", enter=(Lookup("a/keys"),))
    cache = {"a/keys": Cache(objects=objects, alpha=alpha, capacity=capacity)}
    hits = []
    for seed in range(3):
        found = run(cache, visit, 1000.0, 2_000.0, seed).state.things.caches[0]
        hits.append(found["hits"] / found["lookups"])
    assert np.mean(hits) == pytest.approx(che_hit_ratio(objects, alpha, capacity), abs=0.004)


def test_a_fixed_hit_ratio_is_kept() -> None:
    visit = Visit(component="a", enter=(Lookup("a/keys"),))
    found = run({"a/keys": Cache(hit_ratio=0.8)}, visit, 1000.0, 500.0, seed=1).state.things.caches[0]
    assert found["hits"] / found["lookups"] == pytest.approx(0.8, abs=4 * math.sqrt(0.16 / found["lookups"]))


def leased(time: Distribution) -> Visit:
    return Visit(component="a", enter=(Lease("a/env"), Wait(time)), leave=(Return("a/env"),))


def test_environments_of_a_rare_caller_are_cold_when_none_came_within_the_keep_alive() -> None:
    environments = {"a/env": Environments(limit=100, cold_start=constant(0.0), keep_alive_s=600.0)}
    found = run(environments, leased(constant(0.001)), 0.00288, 1e8, seed=5).state.things.environments[0]
    assert found["colds"] / found["leases"] == pytest.approx(math.exp(-600 * 0.00288), abs=0.003)


def test_environments_far_from_their_limit_are_m_g_infinity() -> None:
    # In use at any moment: a Poisson number of mean rate x time, whatever the distribution of the time.
    environments = {"a/env": Environments(limit=1000, cold_start=constant(0.0), keep_alive_s=1e9)}
    visit = leased(lognormal(1.0, 1.5))
    model = build(environments, [Program(route="r", share=1.0, entry=visit, deadline_s=1e12)])
    simulation = Run(model, [20.0], 1e6, Measure(start_s=0.0, end_s=1.0, window_s=1.0), seed=6)
    samples = []
    for k in range(2_000):
        simulation.advance(200.0 + 20.0 * k)
        samples.append(int(simulation.state.things.environments["use"][0]))
    assert np.mean(samples) == pytest.approx(20.0, abs=4 * math.sqrt(20.0 / 2_000))
    assert np.var(samples, ddof=1) == pytest.approx(20.0, abs=4 * 20.0 * math.sqrt(2 / 2_000))
    assert simulation.state.things.environments["integral"][0] / simulation.now_s == pytest.approx(20.0, rel=0.01)


def test_environments_at_their_limit_are_erlang_b() -> None:
    environments = {"a/env": Environments(limit=10, cold_start=constant(0.0), keep_alive_s=1e9)}
    agrees(refused_share, erlang_b(10, 7.0), environments, leased(exponential(1.0)), 7.0, 60_000)


def test_new_environments_come_at_the_scaling_rate() -> None:
    # Lambda developer guide: 1,000 at once, then 1,000 every 10 s. Requests that never end need a new one each.
    environments = {
        "a/env": Environments(limit=10_000, cold_start=constant(0.0), keep_alive_s=600.0, scale_per_s=100.0)
    }
    model = build(environments, [Program(route="r", share=1.0, entry=leased(constant(1e9)), deadline_s=1e12)])
    simulation = Run(model, [500.0], 100.0, Measure(start_s=0.0, end_s=30.0, window_s=30.0), seed=2)
    simulation.advance(30.0)
    assert simulation.state.things.environments["colds"][0] == pytest.approx(1000 + 100 * 30, abs=15)


def test_speed_may_change_while_jobs_are_served() -> None:
    # 100 s of work from the first arrival on: a quarter of the speed after 40 s leaves 60 s for 240 s.
    model = build(station(1), [Program(route="r", share=1.0, entry=served(constant(100.0)), deadline_s=1e12)])
    simulation = Run(model, [1e9, 1e-12], 1e-9, Measure(start_s=0.0, end_s=1.0, window_s=1.0), seed=4)
    simulation.advance(40.0)
    arrived = float(simulation.state.tasks["start"][simulation.state.jobs["task"][0]])
    simulation.set_speed("a/cpu", 0, 0.25)
    simulation.advance(279.0 + arrived)
    assert simulation.in_flight == simulation.arrived
    simulation.advance(281.0 + arrived)
    assert simulation.in_flight == simulation.arrived - 1


def test_attempts_against_a_closed_door_are_counted_exactly() -> None:
    door = Visit(component="b", enter=(Take("b/door"),), attempts=3, backoff_base_s=0.1, backoff_cap_s=1.0)
    bucket = {"b/door": Bucket(rate_per_s=1e-12, capacity=1.0, level=0.0)}
    simulation = run(bucket, Visit(component="a", calls=(door,)), 1.0, 5_000.0, seed=1)
    begun = dict(zip(simulation.model.components, simulation.state.books.comp_own, strict=True))
    waiting = simulation.in_flight
    assert 3 * (begun["a"] - waiting) <= begun["b"] <= 3 * begun["a"]
    assert refused_share(simulation) == 1.0


def test_a_call_that_times_out_twice_fails() -> None:
    slow = Visit(component="b", enter=(Wait(exponential(1.0)),), timeout_s=1.0, attempts=2)

    agrees(refused_share, math.exp(-1.0) ** 2, {}, Visit(component="a", calls=(slow,)), 5.0, 20_000)


def test_workers_held_during_a_call_are_a_layered_queue() -> None:
    # One worker that waits for a database of one server: M/G/1 with the sum of both services.
    primitives: dict[str, Primitive] = {
        "a/cpu": Fleet(servers=1, discipline="fifo"),
        "a/workers": Pool(capacity=1),
        "b/cpu": Fleet(servers=1, discipline="fifo"),
    }
    database = Visit(component="b", enter=(Work("b/cpu", exponential(0.5)),))
    visit = Visit(
        component="a",
        enter=(Hold("a/workers"), Work("a/cpu", exponential(0.5))),
        calls=(database,),
        leave=(Release("a/workers"),),
    )
    load, second_moment = 0.7, 2 * 0.5**2 * 2 + 2 * 0.5 * 0.5
    exact = 1.0 + 0.7 * second_moment / 2.0 / (1.0 - load)
    agrees(mean_response, exact, primitives, visit, 0.7, 300_000)


def test_arrivals_follow_the_rate_of_their_step() -> None:
    rates = [10.0, 50.0, 0.0, 200.0]
    model = build({}, [Program(route="r", share=1.0, entry=Visit(component="a", enter=(Wait(constant(0.0)),)))])
    totals = np.zeros(4)
    for seed in range(20):
        simulation = Run(model, rates, 100.0, Measure(start_s=0.0, end_s=400.0, window_s=100.0), seed)
        simulation.advance(400.0)
        totals += simulation.state.books.window_count[0, :, 0]
    expected = 20 * 100.0 * np.array(rates)
    assert np.all(np.abs(totals - expected) <= 4.0 * np.sqrt(expected))


def test_the_same_requests_have_the_same_luck_in_another_design() -> None:
    # A component in between does not change what the same request needs at the other: common random numbers.
    work = Visit(component="b", enter=(Wait(lognormal(1.0, 1.0)),))
    plain = run({}, Visit(component="a", calls=(work,)), 5.0, 2_000.0, seed=9)
    before = Visit(component="c", enter=(Wait(exponential(0.5)),))
    more = run({}, Visit(component="a", calls=(before, work)), 5.0, 2_000.0, seed=9)
    assert _time_of(plain, "b") == pytest.approx(_time_of(more, "b"), rel=2e-3)


def _time_of(simulation: Run, component: str) -> float:
    done, time_s = simulation.state.books.comp_time[simulation.model.components.index(component)]
    return float(time_s / done)
