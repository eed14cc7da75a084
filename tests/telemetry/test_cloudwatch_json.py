import gzip
import json

import pytest

from shared_data import shared
from tonnage.telemetry.cloudwatch_json import read_cloudwatch
from tonnage.telemetry.time_grid import to_traffic
from tonnage.workload import TrafficError

TIMES = ["2025-06-01T00:02:00+00:00", "2025-06-01T00:01:00+00:00", "2025-06-01T00:00:00+00:00"]


def result(label="RequestCount", *, values=(30.0, 120.0, 60.0), times=TIMES, identity="m1", status="Complete"):
    return {"Id": identity, "Label": label, "Timestamps": list(times), "Values": list(values), "StatusCode": status}


def read(answer, *, kind=None):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return read_cloudwatch(text, name="cw.json", file="cw.json", kind=kind)


def data(*results, **more):
    return read({"MetricDataResults": list(results), "Messages": [], **more})


def test_sums_come_newest_first_and_become_rates():
    traffic = to_traffic(data(result()))
    assert traffic.rates_per_s == (1.0, 2.0, 0.5)
    assert (traffic.start_s, traffic.step_s, traffic.notes) == (1748736000.0, 60.0, ())


def test_statistics_are_read_like_data():
    points = [
        {"Timestamp": time, "Sum": value, "Unit": "Count"} for time, value in zip(TIMES, (30, 120, 60), strict=True)
    ]
    assert to_traffic(read({"Label": "Invocations", "Datapoints": points})).rates_per_s == (1.0, 2.0, 0.5)
    counted = [{"Timestamp": time, "SampleCount": 60.0, "Average": 0.3} for time in TIMES]
    assert to_traffic(read({"Label": "Duration", "Datapoints": counted})).rates_per_s == (1.0, 1.0, 1.0)


def test_results_of_one_metric_are_summed_where_they_meet():
    both = data(
        result("RequestCount app/shop"), result("RequestCount app/api", values=[60.0], times=TIMES[1:2], identity="m2")
    )
    assert to_traffic(both).rates_per_s == (1.0, 3.0, 0.5)
    assert both.notes == ("2 results of RequestCount app/shop were summed",)


def test_the_request_metric_is_chosen_among_others():
    chosen = data(
        result("TargetResponseTime", values=[0.1, 0.2, 0.3]), result("Invocations"), result("Empty", values=[])
    )
    assert chosen.values.tolist() == [60.0, 120.0, 30.0]


def test_a_period_without_a_datapoint_between_low_counts_is_idle_time():
    times = ["2025-06-01T00:00:00Z", "2025-06-01T00:01:00Z", "2025-06-01T01:00:00Z"]
    traffic = to_traffic(data(result(values=[6.0, 6.0, 12.0], times=times)))
    assert traffic.step_s == 60.0
    assert traffic.mean_per_s * traffic.duration_s == pytest.approx(24.0)


def test_numbers_as_timestamps_are_epoch_seconds():
    assert data(result(times=[1748736120, 1748736060, 1748736000])).times_s[0] == 1748736000.0


def test_a_rate_by_metric_math_is_a_rate():
    assert data(result("req/s", values=[0.5, 2.0, 1.25])).kind == "rates"
    assert read({"MetricDataResults": [result("e1", values=[0.5, 2.0, 1.25])]}, kind="rates").kind == "rates"


def test_an_incomplete_answer_is_said():
    assert "NextToken" in data(result(status="PartialData")).notes[0]
    assert "NextToken" in data(result(), NextToken="abc").notes[0]


def test_ones_all_over_are_said_because_the_average_is_one_too():
    times = [1748736000 + 60 * k for k in range(10)]
    assert "make sure that Stat is Sum" in data(result(values=[1.0] * 10, times=times)).notes[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"MetricDataResults": []}, "no datapoints"),
        ({"Label": "RequestCount", "Datapoints": []}, "no datapoints"),
        ({"MetricDataResults": [result("RequestCount Average")]}, "does not look like a sum"),
        ({"MetricDataResults": [result("Invocations p99")]}, "does not look like a sum"),
        ({"MetricDataResults": [result("RequestCount", values=[0.5, 2.25, 1.0])]}, "does not look like a sum"),
        ({"MetricDataResults": [result("reads"), result("writes")]}, "several metrics: 'reads', 'writes'"),
        ({"MetricDataResults": [result("RequestCount"), result("Invocations")]}, "several metrics"),
        ({"MetricDataResults": [result(values=[1.0])]}, "as many Timestamps as Values"),
        ({"MetricDataResults": [result(values=[1.0, -2.0, 3.0])]}, "the value -2.0 of RequestCount at"),
        ({"MetricDataResults": [result(values=[1.0, None, 3.0])]}, "the value None of RequestCount at"),
        ({"MetricDataResults": [result(times=["a", "b", "c"])]}, "'a' is not a timestamp"),
        ({"Label": "RequestCount", "Datapoints": [{"Timestamp": TIMES[0], "Average": 1.0}]}, "no Sum, only Average"),
        ({"Resources": {}, "Outputs": {}}, "not CloudWatch's JSON .its keys are Resources, Outputs"),
        ([1, 2, 3], "not CloudWatch's JSON"),
        ("[" * 100_000, "not CloudWatch's JSON"),
    ],
)
def test_what_is_not_a_sum_of_requests_is_refused_with_a_remedy(answer, said):
    with pytest.raises(TrafficError, match=said) as caught:
        read(answer)
    assert "cw.json" in str(caught.value)
    assert caught.value.remedy


def test_broken_json_is_refused_where_it_breaks():
    with pytest.raises(TrafficError) as caught:
        read('{"MetricDataResults": [\n  {"Id": "m1",\n')
    assert caught.value.place.line == 3


def test_there_is_no_row_per_request_in_json():
    with pytest.raises(TrafficError, match="no row per request"):
        read({"MetricDataResults": [result()]}, kind="requests")


def test_real_answers_of_the_cli_are_understood_and_refused_for_what_they_are():
    lines = gzip.decompress(shared("aws-api/awscli_examples.jsonl.gz").read_bytes()).decode().splitlines()
    answers = [json.loads(line) for line in lines]
    outputs = [answer["output"] for answer in answers if answer["command"] == "get-metric-data"]
    assert len(outputs) == 2
    for output in outputs:  # the average of IOPS, and a charge in dollars
        with pytest.raises(TrafficError, match="does not look like a sum of requests"):
            read(output)
