import pytest

from tonnage.scaling.group_metric import (
    GroupMetric,
    Record,
    Series,
    Source,
    Statistic,
    Watch,
    cpu_record,
    extend,
    load,
    request_record,
    value,
    windows,
)


def a_series(period_s: float = 60.0, delay_s: float = 0.0, limit: int = 30) -> Series:
    return Series(
        source=Source(metric=GroupMetric.CPU_UTILIZATION, warm_up_s=0.0, period_s=period_s, delay_s=delay_s),
        limit=limit,
    )


def a_watch(period_s: float = 60.0, periods: int = 5) -> Watch:
    return Watch(metric=GroupMetric.CPU_UTILIZATION, statistic=Statistic.AVERAGE, period_s=period_s, periods=periods)


def fed(series: Series, values: list[float | None]) -> Series:
    for minute, item in enumerate(values):
        series = extend(series, minute, None if item is None else cpu_record([item]))
    return series


def averages(series: Series, watch: Watch) -> list[float | None]:
    return [None if item is None else value(item, watch.statistic) for item in windows(series, watch)]


def test_group_cpu_is_the_mean_of_its_instances():
    # AS12: Amazon EC2 Auto Scaling user guide, "Dynamic scaling": two instances at 60 % and 40 %.
    record = cpu_record([60.0, 40.0])
    assert record is not None
    assert value(record, Statistic.AVERAGE) == 50.0
    assert load(record, Statistic.AVERAGE) == 100.0


@pytest.mark.parametrize(
    ("statistic", "expected"),
    [("Average", 50.0), ("Sum", 100.0), ("Minimum", 40.0), ("Maximum", 60.0), ("SampleCount", 2.0)],
)
def test_statistics(statistic, expected):
    record = cpu_record([60.0, 40.0])
    assert record is not None
    assert value(record, Statistic(statistic)) == expected


def test_a_period_of_five_minutes_slides_by_the_minute():
    # CW11: CloudWatch user guide, "Alarm evaluation": at the end of minute 5 minutes 1-5 are used, at minute 6, 2-6.
    watch = a_watch(300.0, periods=1)
    assert averages(fed(a_series(), [1.0, 2.0, 3.0, 4.0]), watch) == []
    assert averages(fed(a_series(), [1.0, 2.0, 3.0, 4.0, 5.0]), watch) == [3.0]
    assert averages(fed(a_series(), [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), watch) == [4.0]


def test_a_datapoint_arrives_late():
    assert averages(fed(a_series(delay_s=60.0), [1.0, 2.0, 3.0]), a_watch()) == [1.0, 2.0]
    assert averages(fed(a_series(delay_s=90.0), [1.0, 2.0, 3.0]), a_watch()) == [1.0]


def test_basic_monitoring_gives_one_point_in_five_minutes():
    minutes: list[float | None] = [float(minute) for minute in range(11)]
    seen = averages(fed(a_series(period_s=300.0, delay_s=60.0), minutes), a_watch(periods=10))
    assert seen == [None, None, None, None, 2.0, None, None, None, None, 7.0]


def test_a_wide_window_holds_exactly_one_basic_datapoint():
    seen = fed(a_series(period_s=300.0), [float(minute) for minute in range(13)])
    assert averages(seen, a_watch(300.0, periods=2)) == [2.0, 7.0]


def test_load_of_a_changing_number_of_instances_is_a_mean():
    series = extend(a_series(period_s=300.0), 0, cpu_record([50.0, 50.0]))
    for minute in range(1, 5):
        series = extend(series, minute, cpu_record([25.0] * 4))
    newest = series.records[-1]
    assert newest is not None
    assert load(newest, Statistic.AVERAGE) == pytest.approx(100.0)


def test_history_is_bounded():
    series = fed(a_series(limit=7), [1.0] * 100)
    assert len(series.records) == 7
    assert len(fed(a_series(limit=1), [1.0] * 9).records) == 1


def test_request_count_is_missing_without_requests():
    # Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer", reporting criteria.
    assert request_record(GroupMetric.REQUEST_COUNT, 0.0, 3) is None
    assert request_record(GroupMetric.REQUEST_COUNT_PER_TARGET, 0.0, 3) == Record(0.0, 1, 0.0, 0.0, 3)
    assert request_record(GroupMetric.REQUEST_COUNT_PER_TARGET, 10.0, 0) is None


def test_only_the_sum_of_request_count_counts_requests():
    record = request_record(GroupMetric.REQUEST_COUNT, 600.0, 3)
    assert record is not None
    assert value(record, Statistic.SUM) == 600.0
    assert value(record, Statistic.AVERAGE) == value(record, Statistic.MAXIMUM) == 1.0
