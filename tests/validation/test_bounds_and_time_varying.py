"""Arrivals that are not Poisson, or not at a steady rate: against exact results and Kingman's bound.

Sources: GI/M/1 and bulk arrivals M^X/M/1, D. Gross and C. M. Harris, "Fundamentals of Queueing Theory", sections 5.3
and 3.1; J. F. C. Kingman, "Some Inequalities for the Queue GI/G/1" (Biometrika 49, 1962), and the lower bound of
W. G. Marchal, "Some Simpler Bounds on the Mean Queuing Time" (Operations Research 26(6), 1978); M(t)/G/infinity,
S. G. Eick, W. A. Massey and W. Whitt, "The Physics of the M_t/G/infinity Queue" (Operations Research 41(4), 1993);
M(t)/M/c from the forward equations of Kolmogorov, uniformized; Markov-modulated arrivals from their chain, solved
numerically.
"""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.sparse import lil_matrix
from scipy.sparse.linalg import spsolve
from scipy.stats import lognorm, poisson

from tonnage.engine.offered import Offered
from tonnage.engine.primitives import Distribution, Fleet, Primitive, constant, exponential, lognormal
from tonnage.engine.program import Visit, Wait, Work
from tonnage.engine.run import Run
from tonnage.engine.start import Measure
from validation.replications import closed, erlang_c, judge, mean_response, one_route, under

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("time varying")]


def station(servers: int) -> dict[str, Primitive]:
    return {"a/cpu": Fleet(servers=servers, discipline="fifo")}


def served(time: Distribution) -> Visit:
    return Visit(component="a", enter=(Work("a/cpu", time),))


def renewal(between: Distribution, service: Distribution, replications: int = 8) -> list[float]:
    """Mean response times of GI/G/1: one client sends work that it does not wait for, and thinks in between."""
    work = Visit(component="a", enter=(Work("a/cpu", service),), waits=False)
    model = one_route(station(1), Visit(component="client", calls=(work,)))
    runs = closed(model, 1, between, 300_000.0 * between.mean_s, replications)
    k = model.components.index("a")
    return [float(run.state.books.comp_time[k, 1] / run.state.books.comp_time[k, 0]) for run in runs]


def transform(between: Distribution) -> Callable[[float], float]:
    """The Laplace-Stieltjes transform of a constant or lognormal time."""
    if between.cv == 0.0:
        return lambda s: math.exp(-s * between.mean_s)
    sigma = math.sqrt(math.log1p(between.cv**2))
    # The midpoints of equal shares of probability.
    times = lognorm.ppf((np.arange(200_000) + 0.5) / 200_000, sigma, scale=between.mean_s * math.exp(-(sigma**2) / 2))
    return lambda s: float(np.mean(np.exp(-s * times)))


@pytest.mark.parametrize("between", [constant(1.25), lognormal(1.25, 0.5), lognormal(1.25, 2.0)])
def test_renewal_arrivals_at_a_memoryless_server_are_gi_m_1(between: Distribution) -> None:
    of = transform(between)
    root = brentq(lambda x: of(1.0 - x) - x, 0.0, 1.0 - 1e-6)
    judge(renewal(between, exponential(1.0)), 1.0 / (1.0 - root))


@pytest.mark.parametrize("load", [0.5, 0.9])
@pytest.mark.parametrize(("cv_between", "cv_service"), [(0.5, 0.5), (0.5, 2.0), (1.5, 0.5), (1.5, 1.5)])
def test_waiting_in_gi_g_1_lies_between_marchals_and_kingmans_bounds(
    load: float, cv_between: float, cv_service: float
) -> None:
    between = 1.0 / load
    waits = np.array(renewal(lognormal(between, cv_between), lognormal(1.0, cv_service), 4)) - 1.0
    error = float(np.std(waits, ddof=1) / 2.0)
    least = (load**2 * cv_service**2 - load * (2.0 - load)) / (2.0 * load * (1.0 - load))
    most = load * ((cv_between * between) ** 2 + cv_service**2) / (2.0 * (1.0 - load))
    assert max(0.0, least) < np.mean(waits) + 4.0 * error
    assert np.mean(waits) - 4.0 * error < most
    if load == 0.9:
        # In heavy traffic the bound is nearly met.
        assert np.mean(waits) > 0.7 * most


@pytest.mark.parametrize(("batch_mean", "load"), [(3.0, 0.5), (10.0, 0.8)])
def test_geometric_batches_are_m_x_m_1(batch_mean: float, load: float) -> None:
    offered = Offered(rates_per_s=(load,), step_s=1e9, batch_mean=batch_mean)
    model = one_route(station(1), served(exponential(1.0)))
    runs = [under(offered, model, 1_000_000 / load, seed) for seed in range(8)]
    judge([mean_response(run) for run in runs], batch_mean / (1.0 - load))


def test_bursts_at_a_memoryless_server_are_a_modulated_queue() -> None:
    load, ratio, burst_s, calm_s, places = 0.6, 4.0, 20.0, 60.0, 900
    calm = load / (1.0 + burst_s / (burst_s + calm_s) * (ratio - 1.0))
    # States (in the system, in a burst); with these places the last is hardly ever reached.
    flow = lil_matrix((2 * places, 2 * places))
    for n in range(places):
        for phase, (rate, turns) in enumerate([(calm, 1.0 / calm_s), (calm * ratio, 1.0 / burst_s)]):
            here = 2 * n + phase
            moves = [(2 * n + 1 - phase, turns), (here + 2, rate), (here - 2, 1.0)]
            for there, speed in moves:
                if 0 <= there < 2 * places:
                    flow[there, here] += speed
                    flow[here, here] -= speed
    flow[0, :] = 1.0
    share = spsolve(flow.tocsc(), np.eye(1, 2 * places)[0])
    assert share[-2:].sum() < 1e-9
    in_system = float(np.dot(np.arange(places), share.reshape(-1, 2).sum(axis=1)))
    offered = Offered(rates_per_s=(load,), step_s=1e9, burst_ratio=ratio, burst_s=burst_s, calm_s=calm_s)
    model = one_route(station(1), served(exponential(1.0)))
    runs = [under(offered, model, 3_000_000.0, seed) for seed in range(8)]
    judge([mean_response(run) for run in runs], in_system / load, precise=0.03)


PERIOD_S = 100.0
STEPS = 50
PERIODS = 3_000
EVERY = 5


def wave(mean: float, swing: float) -> np.ndarray:
    """(STEPS,) float64: the mean rate of each step of a sinusoidal period."""
    edges = 2.0 * np.pi * np.arange(STEPS + 1) / STEPS
    return mean * (1.0 + swing * -np.diff(np.cos(edges)) / (2.0 * np.pi / STEPS))


def observed(primitives: dict[str, Primitive], visit: Visit, rates: np.ndarray, seed: int) -> np.ndarray:
    """(PERIODS, STEPS / EVERY) float64: requests in the system at moments of each period, after the first two."""
    offered = Offered(rates_per_s=tuple(np.tile(rates, PERIODS + 2)), step_s=PERIOD_S / STEPS)
    measure = Measure(start_s=0.0, end_s=1.0, window_s=1.0)
    run = Run(one_route(primitives, visit), offered, 1.0, measure, seed)
    found = np.zeros((PERIODS + 2, STEPS // EVERY))
    for period, moment in np.ndindex(*found.shape):
        run.advance(period * PERIOD_S + (moment + 1) * EVERY * PERIOD_S / STEPS)
        found[period, moment] = run.in_flight
    return found[2:]


def agrees_at_all_moments(found: np.ndarray, exact: np.ndarray) -> None:
    """By the means of thirty blocks of periods: further than four standard errors is one moment in 2,500."""
    blocks = found.reshape(30, -1, found.shape[1]).mean(axis=1)
    error = blocks.std(axis=0, ddof=1) / math.sqrt(30)
    assert np.all(error < 0.1 * exact)
    assert np.all(np.abs(blocks.mean(axis=0) - exact) <= 4.0 * error), f"{blocks.mean(axis=0)}, not {exact}"


@pytest.mark.parametrize("time", [exponential(15.0), lognormal(15.0, 1.5), constant(15.0)])
def test_a_sinusoidal_rate_at_unlimited_servers_is_the_physics_of_m_t_g_infinity(time: Distribution) -> None:
    rates = wave(2.0, 0.8)
    step_s = PERIOD_S / STEPS
    # A request that came u ago is still here with the probability of a time longer than u.
    fine = 40
    ages = (np.arange(200 * STEPS * fine // 5) + 0.5) * step_s / fine
    if time.shape == "constant":
        still = (ages < time.mean_s).astype(float)
    elif time.shape == "exponential":
        still = np.exp(-ages / time.mean_s)
    else:
        sigma = math.sqrt(math.log1p(time.cv**2))
        still = lognorm.sf(ages, sigma, scale=time.mean_s * math.exp(-(sigma**2) / 2.0))
    by_step = still.reshape(-1, fine).sum(axis=1) * step_s / fine
    moments = np.arange(EVERY, STEPS + 1, EVERY)
    exact = np.array([sum(rates[(m - 1 - k) % STEPS] * s for k, s in enumerate(by_step)) for m in moments])
    found = observed({}, Visit(component="a", enter=(Wait(time),)), rates, seed=3)
    agrees_at_all_moments(found, exact)
    # And their number is Poisson: its variance is its mean.
    assert np.var(found, axis=0) == pytest.approx(exact, rel=4.0 * math.sqrt(2.0 / PERIODS))
    # The load lags behind the rate.
    assert moments[np.argmax(exact)] > np.argmax(rates)


@pytest.mark.parametrize(("servers", "mean", "swing"), [(1, 0.6, 0.9), (4, 2.8, 0.7)])
def test_a_sinusoidal_rate_at_few_servers_obeys_kolmogorovs_equations(servers: int, mean: float, swing: float) -> None:
    # For a while more comes than can be served: a stationary formula at each moment's rate has no answer there.
    rates = wave(mean, swing)
    assert rates.max() > servers
    states = 240
    leave = np.minimum(np.arange(states), servers).astype(float)
    uniform = float(rates.max()) + servers
    # Events of the uniformized chain in a step: Poisson.
    events = poisson.pmf(np.arange(120), uniform * PERIOD_S / STEPS)

    def after_a_step(share: np.ndarray, rate: float) -> np.ndarray:
        found = np.zeros(states)
        for probability in events:
            found += probability * share
            join = rate / uniform * share
            join[-1] = 0.0
            gone = leave / uniform * share
            share = share - join - gone
            share[1:] += join[:-1]
            share[:-1] += gone[1:]
        return found

    share = np.eye(1, states)[0]
    for rate in np.tile(rates, 4):
        share = after_a_step(share, rate)
    exact = []
    for k, rate in enumerate(rates):
        share = after_a_step(share, rate)
        if (k + 1) % EVERY == 0:
            exact.append(float(np.dot(np.arange(states), share)))
    assert share[-1] < 1e-9
    agrees_at_all_moments(observed(station(servers), served(exponential(1.0)), rates, seed=5), np.array(exact))


def test_a_rate_that_changes_slowly_is_stationary_at_each_moment() -> None:
    # Pointwise stationary approximation (Green and Kolesar, 1991): exact in the limit.
    offered = Offered(rates_per_s=(2.0, 3.2), step_s=100_000.0)
    model = one_route(station(4), served(exponential(1.0)))
    for window, load in enumerate(offered.rates_per_s):
        values = []
        for seed in range(8):
            measure = Measure(start_s=window * 1e5 + 1e3, end_s=window * 1e5 + 99e3, window_s=98e3)
            run = Run(model, offered, 1.0, measure, seed)
            run.advance(window * 1e5 + 99.5e3)
            values.append(mean_response(run))
        judge(values, 1.0 + erlang_c(4, load) / (4.0 - load))
