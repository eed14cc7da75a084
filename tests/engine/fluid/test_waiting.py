import numpy as np
import pytest

from tonnage.engine.fluid.waiting import POINTS, curve, erlang_b


def at(servers: int, rho: float, row: str, **rules: object) -> float:
    one = curve(servers, **rules)  # type: ignore[arg-type]
    return float(np.interp(rho, one.offered, getattr(one, row)))


@pytest.mark.parametrize(("servers", "load", "delayed"), [(4, 3.2, 0.5964324718), (20, 18.0, 0.5507690048)])
def test_erlangs_c_formula(servers: int, load: float, delayed: float) -> None:
    rho = load / servers
    assert at(servers, rho, "delayed", memoryless=True) == pytest.approx(delayed, rel=2e-3)
    assert at(servers, rho, "wait", memoryless=True) == pytest.approx(delayed / (servers - load), rel=5e-3)


def test_erlangs_b_formula() -> None:
    assert erlang_b(64, np.array([60.0]))[0] == pytest.approx(0.0603627382, rel=1e-9)
    assert at(64, 60.0 / 64.0, "refused", queue_limit=0) == pytest.approx(0.0603627382, rel=5e-3)


def test_a_bounded_line_is_mmck() -> None:
    assert at(4, 1.25, "refused", queue_limit=8) == pytest.approx(0.218230, rel=3e-3)
    # Long lines are summed in pieces; in overload they refuse what is too much.
    assert at(1, 1.5, "refused", queue_limit=5000) == pytest.approx(1.0 / 3.0, rel=2e-3)
    assert at(1, 0.8, "refused", queue_limit=5000) < 1e-12
    assert at(1, 0.8, "wait", queue_limit=5000) == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize("rho", [0.4, 0.7, 0.9])
@pytest.mark.parametrize("cv", [0.0, 0.5, 1.0, 2.0])
def test_one_server_waits_by_pollaczek_and_khinchine(rho: float, cv: float) -> None:
    exact = rho / (1.0 - rho) * (1.0 + cv * cv) / 2.0
    assert at(1, rho, "wait", cv=cv) == pytest.approx(exact, rel=0.05)
    assert at(1, rho, "delayed", cv=cv) == pytest.approx(rho, rel=0.03)


def test_many_servers_wait_less_than_allen_and_cunneen_say() -> None:
    # Of 48 million requests by Kiefer and Wolfowitz's recursion; Allen and Cunneen's formula says 0.688.
    assert at(20, 0.9, "wait", cv=2.0) == pytest.approx(0.568, rel=0.05)


def test_round_robin_evens_the_arrivals_out() -> None:
    waits = [at(2, 0.8, "wait", phases=phases, memoryless=True) for phases in (1.0, 2.0, 8.0)]
    assert waits == sorted(waits, reverse=True)
    # E2/M/1: the root of x = (1.6 (1 - x) ... ) gives a wait of 0.6 of M/M/1's in heavy traffic: at most 3/4.
    assert 0.5 < waits[1] / waits[0] < 0.76


def test_curves_rise() -> None:
    for one in (curve(3, 2.0), curve(3, 0.0, 4.0), curve(2, 1.0, 1.0, 10), curve(700, 1.0, 1.0, 0)):
        assert all(len(getattr(one, row)) == POINTS for row in ("offered", "carried", "refused", "delayed", "wait"))
        for row in (one.offered, one.carried, one.wait):
            assert np.all(np.diff(row) >= -1e-12)
        assert np.all((one.refused >= 0) & (one.refused <= 1) & (one.delayed <= 1 + 1e-9) & (one.variance >= 0))
