import gzip
import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared_data import shared
from tonnage.telemetry import read_traffic
from tonnage.telemetry.time_grid import to_traffic
from tonnage.telemetry.traffic_csv import read_csv
from tonnage.workload import TrafficError

CSV = "timestamp,count\n2025-06-01T00:00:00Z,60\n2025-06-01T00:01:00Z,120\n"
CLOUDWATCH = {
    "Label": "RequestCount",
    "Datapoints": [{"Timestamp": "2025-06-01T00:01:00Z", "Sum": 120}, {"Timestamp": "2025-06-01T00:00:00Z", "Sum": 60}],
}


def requests(traffic):
    return traffic.mean_per_s * traffic.duration_s


def peak_time(traffic):
    return datetime.fromtimestamp(traffic.start_s + traffic.peak_index * traffic.step_s, tz=UTC)


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode(),
        CSV.encode("utf-8-sig"),
        CSV.encode("utf-16"),
        gzip.compress(CSV.encode(), mtime=0),
        json.dumps(CLOUDWATCH).encode(),
    ],
    ids=["plain", "byte order mark", "UTF-16", "gzip", "CloudWatch"],
)
def test_what_the_file_is_the_content_says(tmp_path, data):
    file = tmp_path / "history.dat"
    file.write_bytes(data)
    traffic = read_traffic(file)
    assert traffic.rates_per_s == (1.0, 2.0)
    assert (traffic.name, traffic.evidence, traffic.notes) == ("history.dat", "measured", ())


def test_kind_reaches_the_reader(tmp_path):
    file = tmp_path / "history.csv"
    file.write_text(CSV)
    assert read_traffic(str(file), kind="rates").rates_per_s == (60.0, 120.0)
    with pytest.raises(TrafficError, match="kind 'means' is unknown"):
        read_traffic(file, kind="means")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"time,count\n\xff\xfe\x00", "not text in UTF-8"),
        (gzip.compress(CSV.encode(), mtime=0)[:-9], "cannot be read"),
        (b"\x1f\x8bnot gzip at all", "cannot be read"),
        (b"\x00\x01\x02", "a header and no rows|cannot be split"),
    ],
)
def test_a_file_that_holds_no_traffic_is_refused_by_name(tmp_path, data, said):
    file = tmp_path / "history.csv"
    file.write_bytes(data)
    with pytest.raises(TrafficError, match=said) as caught:
        read_traffic(file)
    assert str(file) in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(TrafficError, match="There is no traffic file"):
        read_traffic(tmp_path / "none.csv")
    with pytest.raises(TrafficError, match="is a folder"):
        read_traffic(tmp_path)


def test_two_months_of_a_web_site_by_the_minute():
    """The NASA trace of 1995: its busiest minute is a shuttle launch, its long gaps a hurricane."""
    traffic = read_traffic(shared("traffic/nasa_http_1995_per_minute.csv.gz"))
    assert traffic.step_s == 60.0
    assert traffic.peak_per_s == pytest.approx(405 / 60)
    assert peak_time(traffic) == datetime(1995, 7, 13, 9, 49, tzinfo=UTC)
    assert len(traffic.rates_per_s) == 62 * 1440
    assert 3_461_612 < requests(traffic) < 1.1 * 3_461_612
    notes = " ".join(traffic.notes)
    for said in ("read as UTC", "taken for zero requests", "interpolated", "1995-07-28 13:33 to 1995-08-01 00:00"):
        assert said in notes


def test_a_trace_with_one_row_per_request():
    traffic = read_traffic(shared("traffic/azure_llm_2023_code.csv.gz"))
    assert requests(traffic) == pytest.approx(8819)
    assert traffic.mean_per_s == pytest.approx(2.57, abs=0.01)
    assert traffic.duration_s == pytest.approx(57 * 60, abs=60)


def test_a_load_balancers_sums_of_five_minutes():
    traffic = read_traffic(shared("metrics/nab/realAWSCloudwatch/elb_request_count_8c0756.csv"))
    assert (traffic.step_s, len(traffic.rates_per_s)) == (300.0, 4040)
    assert traffic.peak_per_s == pytest.approx(656 / 300)
    assert any("'value' was read as requests per step" in note for note in traffic.notes)


@pytest.mark.parametrize(("name", "mentions"), [("AMZN", 843_768), ("CVS", 5_701)])
def test_bursty_mentions_by_the_five_minutes(name, mentions):
    traffic = read_traffic(shared(f"metrics/nab/realTweets/Twitter_volume_{name}.csv"))
    assert requests(traffic) == pytest.approx(mentions)


def test_a_day_of_functions_with_one_column_per_minute():
    traffic = read_traffic(shared("traffic/azure_functions_2019_three_functions_invocations_per_minute.csv"))
    assert (traffic.step_s, len(traffic.rates_per_s), traffic.start_s) == (60.0, 1440, 0.0)
    assert requests(traffic) == pytest.approx(4525)


def test_invocations_by_their_seconds_from_the_beginning():
    traffic = read_traffic(shared("traffic/azure_functions_2021_first_199_invocations.csv"))
    assert requests(traffic) == pytest.approx(199)


def test_an_exporters_pile_at_the_change_of_clocks_is_no_peak():
    traffic = read_traffic(shared("metrics/nab/realKnownCause/ec2_request_latency_system_failure.csv"))
    assert peak_time(traffic).date() != datetime(2014, 3, 9, tzinfo=UTC).date()


@pytest.mark.parametrize(
    "path",
    [
        "metrics/bitbrains/vm_one_month_5min.csv.gz",
        "metrics/vm-noise/redis_get_50conn_D8s_v5_long_westus2.csv.gz",
        "traffic/MANIFEST.csv",
        "traffic/azure_functions_2019_three_functions_durations_ms.csv",
    ],
)
def test_real_files_without_requests_are_refused_in_a_sentence(path):
    with pytest.raises(TrafficError) as caught:
        read_traffic(shared(path))
    assert caught.value.remedy


CELL = st.one_of(
    st.sampled_from(
        ["", "time", "count", "value", "rate", "2025-06-01", "2025-06-01 00:01", "0001-01-01",
         "9999-12-31T23:59:59-05:00", "1e19", "1748736000", "1748736000000", "5", "0", "-1", "nan",
         "12,5", '"', "#", "é", "\x00"]
    ),
    st.text(max_size=5),
    st.integers(0, 10**20).map(str),
)  # fmt: skip


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=12), st.sampled_from(",;\t"))
def test_no_text_whatever_gives_a_traceback(rows, delimiter):
    text = "\n".join(delimiter.join(row) for row in rows)
    try:
        traffic = to_traffic(read_csv(text, name="f.csv", file="f.csv"))
    except TrafficError as error:
        assert "f.csv" in str(error)  # noqa: PT017 - both answers are right, a traceback is not
    else:
        assert traffic.peak_per_s > 0
