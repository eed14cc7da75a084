import pytest

from tonnage.workload import ObjectiveError, Place, parse_objective


@pytest.mark.parametrize(
    ("text", "percentile", "seconds", "route"),
    [
        ("p99 latency < 300 ms", 99.0, 0.3, None),
        ("p99.9 latency <= 2 s", 99.9, 2.0, None),
        ("P50 Latency of checkout below 250us", 50.0, 250e-6, "checkout"),
        ("median response time under 40 µs", 50.0, 40e-6, None),
        ("mean latency < 1 second", None, 1.0, None),
        ("average latency of api/v1 < 1.5 seconds", None, 1.5, "api/v1"),
        ("latency < 300 ms", 99.0, 0.3, None),
    ],
)
def test_latency_in_seconds(text, percentile, seconds, route):
    objective = parse_objective(text)
    assert (objective.indicator, objective.percentile, objective.route) == ("latency", percentile, route)
    assert objective.threshold == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "share", "route"),
    [
        ("errors < 0.1 %", 0.001, None),
        ("error rate of checkout below 1%", 0.01, "checkout"),
        ("availability > 99.9 %", 0.001, None),
        ("success rate of checkout >= 99.95%", 0.0005, "checkout"),
        ("errors < 100 %", 1.0, None),
    ],
)
def test_errors_as_a_share(text, share, route):
    objective = parse_objective(text)
    assert (objective.indicator, objective.percentile, objective.route) == ("errors", None, route)
    assert objective.threshold == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("cost < 2000 USD/month", 2000.0),
        ("cost below $2,000 a month", 2000.0),
        ("cost < 2 000 $ per month", 2000.0),
        ("cost < 1.5 USD/hour", 1095.0),
        ("cost < 24 USD/day", 730.0),
        ("cost < 12_000 dollars/year", 1000.0),
    ],
)
def test_cost_in_dollars_per_month(text, month):
    objective = parse_objective(text)
    assert objective.indicator == "cost"
    assert objective.threshold == pytest.approx(month)


def test_an_objective_keeps_its_words_and_its_place():
    place = Place(file="tonnage.yaml", line=4)
    objective = parse_objective("  p99   latency < 300 ms ", place)
    assert (objective.text, objective.place) == ("p99 latency < 300 ms", place)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("fast", "cannot be read"),
        ("p99 latency > 300 ms", "cannot be read"),
        ("p99 latency < 300", "cannot be read"),
        ("p100 latency < 1 s", "cannot be read"),
        ("errors < 0.1", "cannot be read"),
        ("cost < -5 USD/month", "cannot be read"),
        ("p0 latency < 1 s", "percentile 0 is outside"),
        ("p99 latency < 0 ms", "can never be met"),
        ("errors < 0 %", "can never be met"),
        ("availability > 100 %", "can never be met"),
        ("availability > 101 %", "can never be met"),
        ("cost < 0 USD/month", "can never be met"),
        ("errors < 150 %", "is always met"),
        ("p99 latency < 1.2.3 s", "'1.2.3' is not a number"),
    ],
)
def test_what_cannot_be_an_objective_is_refused_with_examples(text, said):
    place = Place(file="tonnage.yaml", line=4)
    with pytest.raises(ObjectiveError, match=said) as caught:
        parse_objective(text, place)
    assert caught.value.place == place
    assert "p99 latency < 300 ms" in caught.value.remedy
