import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.workload import Traffic, TrafficError

RATES = st.lists(st.one_of(st.just(0.0), st.floats(1e-9, 1e6)), min_size=1, max_size=50).filter(
    lambda rates: max(rates) > 0
)


def traffic(*rates, step_s=60.0, start_s=0.0):
    return Traffic(name="t", start_s=start_s, step_s=step_s, rates_per_s=rates, evidence="measured", notes=("seen",))


def test_figures_of_a_history():
    history = traffic(1.0, 4.0, 4.0, 3.0)
    assert (history.duration_s, history.mean_per_s, history.peak_per_s, history.peak_index) == (240.0, 3.0, 4.0, 1)


@pytest.mark.parametrize(
    ("rates", "step_s", "said"),
    [
        ((), 60.0, "is empty"),
        ((1.0, -1.0), 60.0, "rate -1.0 at step 1"),
        ((float("nan"),), 60.0, "rate nan at step 0"),
        ((float("inf"),), 60.0, "rate inf at step 0"),
        ((0.0, 0.0), 60.0, "never has a request"),
        ((1.0,), 0.0, "step 0.0 s"),
        ((1.0,), float("nan"), "step nan s"),
    ],
)
def test_what_is_no_traffic_is_refused(rates, step_s, said):
    with pytest.raises(TrafficError, match=said):
        traffic(*rates, step_s=step_s)


@given(RATES, st.floats(1e-3, 1e3))
def test_scaling_scales_every_rate_and_nothing_else(rates, factor):
    history = traffic(*rates)
    grown = history.scaled(factor)
    assert grown.rates_per_s == pytest.approx([rate * factor for rate in rates])
    assert grown.peak_index == history.peak_index or grown.peak_per_s == pytest.approx(history.peak_per_s * factor)
    assert (grown.step_s, grown.start_s, grown.notes) == (history.step_s, history.start_s, history.notes)


@pytest.mark.parametrize("factor", [0.0, -1.0, float("nan"), float("inf")])
def test_a_factor_that_is_none_is_refused(factor):
    with pytest.raises(TrafficError, match="Growth factor"):
        traffic(1.0).scaled(factor)


@given(RATES, st.floats(1.0, 5000.0))
def test_the_busiest_stretch_is_busier_than_every_other(rates, duration_s):
    history = traffic(*rates)
    steps = min(max(1, round(duration_s / 60.0)), len(rates))
    begin = history.busiest(duration_s)
    most = max(sum(rates[k : k + steps]) for k in range(len(rates) - steps + 1))
    assert sum(rates[begin : begin + steps]) == pytest.approx(most, rel=1e-6)


def test_the_busiest_stretch_is_not_always_around_the_peak():
    assert traffic(9.0, 0.0, 0.0, 5.0, 6.0, 5.0).busiest(180.0) == 3


def test_the_busiest_stretch_of_a_constant_is_its_beginning():
    assert traffic(*[0.1] * 1000).busiest(1800.0) == 0


@pytest.mark.parametrize("duration_s", [0.0, -1.0, float("nan")])
def test_a_stretch_of_no_length_is_refused(duration_s):
    with pytest.raises(TrafficError, match="not longer than 0 s"):
        traffic(1.0).busiest(duration_s)


def test_a_window_takes_the_steps_that_it_touches():
    history = traffic(1.0, 2.0, 3.0, 4.0, start_s=600.0)
    part = history.window(665.0, 60.0)
    assert (part.start_s, part.rates_per_s, part.notes) == (660.0, (2.0, 3.0), ("seen",))
    assert history.window(660.0, 120.0).rates_per_s == (2.0, 3.0)
    assert history.window(0.0, 1e6) == history


@pytest.mark.parametrize(("start_s", "duration_s"), [(240.0, 60.0), (-60.0, 60.0), (60.0, 0.0)])
def test_a_window_outside_is_refused_with_what_there_is(start_s, duration_s):
    with pytest.raises(TrafficError, match=r"not in it\. It reaches from 0 to 240") as caught:
        traffic(1.0, 2.0, 3.0, 4.0).window(start_s, duration_s)
    assert "reaches" in caught.value.remedy


@given(RATES)
def test_the_window_of_the_busiest_stretch_has_its_mean(rates):
    history = traffic(*rates, start_s=1e9)
    begin = history.busiest(300.0)
    steps = min(5, len(rates))
    best = sum(rates[begin : begin + steps])
    if best > 0:
        part = history.window(1e9 + 60.0 * begin, 60.0 * steps)
        assert sum(part.rates_per_s) == pytest.approx(best)
