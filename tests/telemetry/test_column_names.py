import pytest

from tonnage.telemetry.column_names import Fit, demand_of, rate_factor, relative_unit_s, says_clock, says_time, words


def test_words_are_the_same_in_every_spelling():
    assert words("RequestCount") == words("request_count") == words("Request count") == ("request", "count")


@pytest.mark.parametrize("name", ["count", "requests", "RequestCount", "Invocations", "SampleCount", "num_requests"])
def test_counts_of_requests_fit_best(name):
    assert demand_of(name).fit is Fit.REQUESTS
    assert demand_of(name).per_s is None


@pytest.mark.parametrize(
    ("name", "per_s"),
    [
        ("rps", 1.0),
        ("rate", 1.0),
        ("requests_per_s", 1.0),
        ("req/s", 1.0),
        ("Requests per second", 1.0),
        ("rpm", 1 / 60),
        ("requests/min", 1 / 60),
        ("hits_per_hour", 1 / 3600),
    ],
)
def test_rates_are_told_by_name_with_their_unit(name, per_s):
    assert demand_of(name).fit is Fit.RATE
    assert rate_factor(name) == pytest.approx(per_s)


@pytest.mark.parametrize(
    "name", ["error_rate", "cache hit rate", "5xx_count", "latency_ms", "CPU usage [%]", "ContextTokens",
             "response_time", "HealthyHostCount", "RequestCountPerTarget", "Disk read throughput [KB/s]"],
)  # fmt: skip
def test_what_is_not_about_arriving_requests_never_fits(name):
    assert demand_of(name).fit is Fit.OTHER


def test_a_name_that_says_nothing_is_vague():
    assert demand_of("value").vague
    assert demand_of("y").vague
    assert demand_of("column 2").vague
    assert not demand_of("events").vague
    assert not demand_of("requests").vague


def test_times_and_clocks_are_told_apart_from_durations():
    for name in ("Timestamp [ms]", "ds", "end_timestamp", "startTime", "starttime", "date"):
        assert says_time(name)
    assert says_clock("end_timestamp")
    assert says_clock("minute")
    assert not says_clock("response_time")
    assert not says_clock("duration")
    assert (relative_unit_s("minute"), relative_unit_s("hour"), relative_unit_s("time")) == (60.0, 3600.0, 1.0)
