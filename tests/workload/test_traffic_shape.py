import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.workload import TrafficError
from tonnage.workload.traffic_shape import FORMS, bursts, constant, diurnal, parse_shape, ramp, spike


def requests(traffic):
    return traffic.mean_per_s * traffic.duration_s


def at(traffic, time_s):
    return traffic.rates_per_s[int(time_s // traffic.step_s)]


def test_constant():
    traffic = constant(200.0, 90.0)
    assert set(traffic.rates_per_s) == {200.0}
    assert (traffic.duration_s, traffic.start_s, traffic.evidence) == (90.0, 0.0, "declared")
    assert traffic.name == "constant 200/s for 1.5 min"


@pytest.mark.parametrize("duration_s", [1.0, 3600.0, 86400.0, 30 * 86400.0])
def test_a_longer_time_has_longer_steps_but_the_same_length(duration_s):
    traffic = constant(5.0, duration_s)
    assert traffic.duration_s == duration_s
    assert len(traffic.rates_per_s) <= 50_000


def test_diurnal_is_a_cosine_up_to_twice_the_mean():
    traffic = diurnal(240.0, 400.0)
    assert at(traffic, 14 * 3600) == pytest.approx(400.0)
    assert at(traffic, 2 * 3600) == pytest.approx(80.0)
    assert at(traffic, 8 * 3600) == pytest.approx(240.0)
    assert traffic.duration_s == 86400.0


@given(st.floats(0.1, 1e4), st.floats(1.0, 50.0), st.floats(0.0, 24.0), st.integers(1, 3))
def test_diurnal_keeps_mean_and_peak(mean, ratio, hour, days):
    traffic = diurnal(mean, mean * ratio, days=days, step_s=300.0, peak_hour=hour)
    assert traffic.mean_per_s == pytest.approx(mean, rel=1e-3)
    # A narrow peak that falls between two steps is cut by up to 2.1 %.
    assert traffic.peak_per_s == pytest.approx(mean * ratio, rel=3e-2)
    late_s = (traffic.peak_index * 300.0 - hour * 3600.0) % 86400.0
    assert min(late_s, 86400.0 - late_s) <= 301.0 or ratio < 1.01


def test_diurnal_changes_its_form_without_a_jump():
    below, above = diurnal(100.0, 199.999), diurnal(100.0, 200.001)
    assert above.rates_per_s == pytest.approx(below.rates_per_s, abs=0.01)


@pytest.mark.parametrize(("mean", "peak"), [(100.0, 90.0), (0.0, 5.0), (1.0, 101.0), (-1.0, 1.0), (math.nan, 1.0)])
def test_a_peak_that_does_not_go_with_its_mean_is_refused(mean, peak):
    with pytest.raises(TrafficError, match="do not go together"):
        diurnal(mean, peak)


@given(st.floats(0.0, 1e4), st.floats(0.1, 1e4), st.floats(60.0, 7200.0), st.sampled_from([0.0, 600.0, 3600.0]))
def test_a_ramp_has_the_requests_of_its_trapezium(low, high, over_s, hold_s):
    traffic = ramp(low, high, over_s, hold_s)
    beyond_s = traffic.duration_s - over_s - hold_s
    assert -1e-6 <= beyond_s < traffic.step_s
    assert requests(traffic) == pytest.approx((low + high) / 2.0 * over_s + high * (hold_s + beyond_s))
    steps = traffic.rates_per_s
    assert list(steps) == sorted(steps, reverse=high < low) or high == low


def test_a_ramp_may_fall():
    assert ramp(500.0, 10.0, 600.0, 60.0).rates_per_s[-1] == pytest.approx(10.0)


@given(st.floats(0.0, 100.0), st.floats(200.0, 1e4), st.floats(0.0, 3000.0), st.floats(2.0, 600.0))
def test_a_spike_has_the_requests_of_its_rectangle(base, peak, at_s, width_s):
    traffic = spike(base, peak, at_s, width_s, 3600.0)
    assert requests(traffic) == pytest.approx(base * traffic.duration_s + (peak - base) * width_s)
    assert traffic.peak_per_s <= peak * (1 + 1e-9)
    assert at(traffic, at_s + width_s / 2.0) > base


def test_a_spike_of_a_second_in_a_day_keeps_its_height():
    traffic = spike(1.0, 50.0, 40_000.0, 1.0, 86_400.0)
    assert traffic.peak_per_s == 50.0
    assert at(traffic, 40_000.0) == 50.0


@pytest.mark.parametrize(
    "arguments",
    [(9.0, 9.0, 0.0, 1.0, 9.0), (1.0, 9.0, 8.0, 2.0, 9.0), (1.0, 9.0, -1.0, 2.0, 9.0), (1.0, 9.0, 1.0, 0.0, 9.0)],
)
def test_a_spike_that_is_none_is_refused(arguments):
    with pytest.raises(TrafficError, match="does not"):
        spike(*arguments)


@given(st.floats(0.5, 1e3), st.floats(1.5, 50.0), st.floats(1.0, 300.0), st.floats(60.0, 1e4), st.integers(0, 99))
def test_bursts_keep_the_mean_and_the_factor(mean, factor, burst_s, every_s, seed):
    traffic = bursts(mean, factor, burst_s, every_s, 3600.0, seed)
    assert traffic.mean_per_s == pytest.approx(mean)
    assert traffic.peak_per_s <= min(traffic.rates_per_s) * factor * (1 + 1e-9)
    assert traffic.peak_per_s > min(traffic.rates_per_s) or traffic.peak_per_s == pytest.approx(mean)


def test_bursts_begin_as_a_poisson_process():
    traffic = bursts(100.0, 5.0, 10.0, 600.0, 300 * 86400.0 / 30, 3)
    middle = (min(traffic.rates_per_s) + traffic.peak_per_s) / 2.0
    high = [rate > middle for rate in traffic.rates_per_s]
    begins = sum(now and not before for before, now in zip([False, *high], high, strict=False))
    expected = traffic.duration_s / 600.0
    assert abs(begins - expected) < 5 * math.sqrt(expected)


def test_bursts_are_the_same_for_the_same_seed_only():
    assert bursts(50.0, 8.0, 30.0, 600.0, 7200.0, 1) == bursts(50.0, 8.0, 30.0, 600.0, 7200.0, 1)
    assert bursts(50.0, 8.0, 30.0, 600.0, 7200.0, 1) != bursts(50.0, 8.0, 30.0, 600.0, 7200.0, 2)


def test_there_is_always_a_burst():
    assert bursts(1.0, 10.0, 1.0, 1e9, 60.0, 1).peak_per_s > 5.0


@pytest.mark.parametrize(
    "arguments", [(1.0, 1.0, 1.0, 9.0), (1.0, 2.0, 0.0, 9.0), (1.0, 2.0, 99.0, 9.0), (1.0, 2.0, 1.0, 0.0)]
)
def test_bursts_that_are_none_are_refused(arguments):
    with pytest.raises(TrafficError, match="Bursts"):
        bursts(*arguments, 60.0, 1)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("constant 200/s for 1h", constant(200.0, 3600.0)),
        ("constant 200 rps", constant(200.0, 3600.0)),
        ("Constant 12_000 requests/min for 90 s", constant(200.0, 90.0)),
        ("constant 7200/h for 2 days", constant(2.0, 172_800.0)),
        ("diurnal 80/s to 400/s", diurnal(240.0, 400.0)),
        ("diurnal 80/s to 400/s for 3 d", diurnal(240.0, 400.0, days=3)),
        ("ramp 10/s to 500/s over 20 min", ramp(10.0, 500.0, 1200.0, 1800.0)),
        ("ramp from 10/s to 500/s hold 1 h", ramp(10.0, 500.0, 1200.0, 3600.0)),
        ("spike 100/s to 900/s for 5 min", spike(100.0, 900.0, 3600.0, 300.0, 7500.0)),
        ("spike 100/s to 900/s", spike(100.0, 900.0, 3600.0, 300.0, 7500.0)),
        ("bursts 50/s x8 for 30 s every 10 min", bursts(50.0, 8.0, 30.0, 600.0, 14_400.0, 1)),
        ("bursts 50/s ×8", bursts(50.0, 8.0, 30.0, 600.0, 14_400.0, 1)),
        ("bursts 0.5 req/s x 2.5 for 30s every 10min over 6h", bursts(0.5, 2.5, 30.0, 600.0, 21_600.0, 1)),
    ],
)
def test_a_line_makes_the_shape(text, same):
    traffic = parse_shape(f"  {text} ")
    assert traffic.rates_per_s == pytest.approx(same.rates_per_s)
    assert (traffic.step_s, traffic.name, traffic.evidence) == (same.step_s, text, "declared")


@pytest.mark.parametrize("shape", FORMS)
def test_the_form_that_the_error_shows_can_be_read(shape):
    assert parse_shape(FORMS[shape]).peak_per_s > 0


@pytest.mark.parametrize("text", ["", "200/s", "constnt 200/s", "traffic.cvs", "sinus 1/s to 2/s"])
def test_a_line_that_is_no_shape_is_answered_with_all_forms(text):
    with pytest.raises(TrafficError, match="neither a file nor a shape") as caught:
        parse_shape(text)
    assert all(form in caught.value.remedy for form in FORMS.values())


@pytest.mark.parametrize(
    "text",
    ["constant", "constant 200", "constant 200/s for ever", "constant -5/s", "diurnal 80/s", "ramp 10/s over 20 min",
     "spike 1/s to 2/s for 5 parsecs", "bursts 50/s for 30 s", "bursts 50/s x8 for 30 s", "constant 1/s for 1h or so"],
)  # fmt: skip
def test_a_shape_that_cannot_be_read_is_answered_with_its_form(text):
    with pytest.raises(TrafficError, match="cannot be read") as caught:
        parse_shape(text)
    assert FORMS[text.split()[0]] in caught.value.remedy


@pytest.mark.parametrize(
    "text",
    ["constant 0/s", "constant 1/s for 400 d", "constant 1/s for 0.5 s", "diurnal 9/s to 3/s", "diurnal 0/s to 0/s",
     "ramp 0/s to 0/s", "ramp 1/s to 2/s over 0 min", "spike 9/s to 1/s", "bursts 5/s x1", "bursts 0/s x3"],
)  # fmt: skip
def test_numbers_that_cannot_be_are_refused_with_a_remedy(text):
    with pytest.raises(TrafficError) as caught:
        parse_shape(text)
    assert caught.value.remedy
