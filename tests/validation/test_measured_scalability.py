"""Measured scalability curves: the Universal Scalability Law as published, and what of it a queueing model carries.

Sources: ``usl``; the measurements and the fit of SPEC SDM91 (16 processors) are in the R package ``usl`` (S. Moeding),
the ray tracer (SGI Origin 2000) in N. J. Gunther, "Guerrilla Capacity Planning" (2007); what contention alone is as a
queueing network: N. J. Gunther, "A General Theory of Computational Scalability Based on Rational Functions"
(arXiv:0808.1431, 2008).
"""

import csv
import math

import pytest

from shared_data import shared
from tonnage.engine.primitives import Fleet, exponential
from tonnage.engine.program import Visit, Work
from validation.mean_value import mean_values
from validation.replications import closed, judge, one_route, throughput
from validation.usl import Scalability, fitted

pytestmark = [pytest.mark.validation, pytest.mark.xdist_group("time varying")]


def measured(name: str) -> tuple[list[float], list[float]]:
    with shared(f"instances/{name}.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    return [float(n) for n, _ in rows], [float(x) for _, x in rows]


def test_the_fit_of_spec_sdm91_is_the_published_one() -> None:
    law = fitted(*measured("usl_specsdm91"))
    assert law.alpha == pytest.approx(0.0277, abs=5e-5)
    assert law.beta == pytest.approx(0.000104, abs=5e-7)
    assert law.gamma == pytest.approx(89.995, abs=0.01)
    assert law.peak == pytest.approx(96.5, abs=0.05)


def test_the_fit_of_the_ray_tracer_has_contention_and_no_coherency() -> None:
    law = fitted(*measured("usl_raytracer"))
    assert law.alpha == pytest.approx(0.0578, abs=5e-5)
    assert law.beta == pytest.approx(0.0, abs=1e-9)
    assert law.gamma == pytest.approx(21.85, abs=0.01)
    assert law.peak == math.inf


def test_a_fit_finds_the_law_it_was_made_from() -> None:
    law = Scalability(alpha=0.05, beta=2e-4, gamma=40.0)
    numbers = [1.0, 4.0, 16.0, 64.0, 128.0, 256.0]
    for relative in (False, True):
        found = fitted(numbers, [law.throughput(n) for n in numbers], relative=relative)
        assert (found.alpha, found.beta, found.gamma) == pytest.approx((0.05, 2e-4, 40.0), rel=1e-4)
    assert max(range(1, 257), key=law.throughput) == round(law.peak)


@pytest.mark.parametrize("clients", [4, 16, 32, 64])
def test_contention_is_a_lock_whose_queue_carries_no_less_than_the_law(clients: int) -> None:
    # Without coherency the law is Amdahl's, the bound that is met when all ask for the lock at the same moment; clients
    # that ask for it independently wait less.
    numbers, values = measured("usl_raytracer")
    law = fitted(numbers, values)
    carried, _ = mean_values(clients, 1.0 - law.alpha, [(1, law.alpha)])
    visit = Visit(component="a", enter=(Work("a/lock", exponential(law.alpha)),))
    model = one_route({"a/lock": Fleet(servers=1, discipline="fifo")}, visit)
    runs = closed(model, clients, exponential(1.0 - law.alpha), 2_000.0)
    judge([throughput(run) for run in runs], carried, precise=0.01)
    assert law.gamma * carried > law.throughput(clients)
    assert values[numbers.index(clients)] == pytest.approx(law.throughput(clients), rel=0.1)
