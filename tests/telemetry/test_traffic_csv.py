import pytest

from tonnage.telemetry.time_grid import to_traffic
from tonnage.telemetry.traffic_csv import MINUTES_OF_A_DAY, read_csv
from tonnage.workload import TrafficError

ROWS = "2025-06-01 00:00,{0}\n2025-06-01 00:01,{1}\n2025-06-01 00:02,{2}\n"


def read(text, *, kind=None):
    return read_csv(text, name="t.csv", file="t.csv", kind=kind)


def rates(text, *, kind=None):
    return to_traffic(read(text, kind=kind)).rates_per_s


@pytest.mark.parametrize("name", ["count", "requests", "RequestCount", "sum", "Invocations", "events"])
def test_a_column_of_counts_is_divided_by_the_step(name):
    assert rates(f"timestamp,{name}\n" + ROWS.format(60, 120, 30)) == (1.0, 2.0, 0.5)


@pytest.mark.parametrize(("name", "factor"), [("rps", 1.0), ("requests_per_s", 1.0), ("req/min", 1 / 60)])
def test_a_column_of_rates_is_not(name, factor):
    assert rates(f"time,{name}\n" + ROWS.format(6, 12, 3)) == pytest.approx((6 * factor, 12 * factor, 3 * factor))


def test_the_name_that_leaves_it_open_is_counts_with_a_note():
    samples = read("timestamp,value\n" + ROWS.format(1, 2, 3))
    assert samples.kind == "counts"
    assert "name it 'rate'" in samples.notes[0]
    assert not read("timestamp,count\n" + ROWS.format(1, 2, 3)).notes


def test_kind_overrides_the_name():
    assert rates("timestamp,value\n" + ROWS.format(1, 2, 3), kind="rates") == (1.0, 2.0, 3.0)
    assert rates("timestamp,rate\n" + ROWS.format(60, 60, 60), kind="counts") == (1.0, 1.0, 1.0)
    assert read("timestamp,count\n" + ROWS.format(1, 2, 3), kind="requests").kind == "requests"
    assert read("timestamp,latency\n" + ROWS.format(1, 2, 3), kind="counts").kind == "counts"


def test_counts_that_are_not_whole_numbers_are_said():
    assert "not all of them are whole numbers" in " ".join(read("time,count\n" + ROWS.format(1, 2.5, 3)).notes)


@pytest.mark.parametrize(
    "text",
    [
        "timestamp,count\n" + ROWS.format(60, 120, 30),
        ROWS.format(60, 120, 30),
        "timestamp;count\n" + ROWS.format(60, 120, 30).replace(",", ";"),
        "timestamp\tcount\n" + ROWS.format(60, 120, 30).replace(",", "\t"),
        '"timestamp" , "count"\r\n' + ROWS.format(60, 120, 30).replace("\n", "\r\n"),
        "# exported by hand\ntimestamp,count\n\n" + ROWS.format(60, 120, 30) + "# the end\n",
        "Full label,shop RequestCount\nPeriod,1 minute\nTimestamp,Value\n" + ROWS.format(60, 120, 30),
        "timestamp,errors,requests,calls\n" + ROWS.format("9,60,2", "9,120,2", "9,30,2"),
        "minute,count\n0,60\n1,120\n2,30\n",
        "t,count\n1748736000,60\n1748736060,120\n1748736120,30\n",
        'time,count\n2025-06-01 00:00,60\n2025-06-01 00:01,"120"\n2025-06-01 00:02,30',
    ],
)
def test_dialects_read_alike(text):
    assert rates(text) == (1.0, 2.0, 0.5)


def test_thousands_and_decimal_commas():
    assert read('time,count\n2025-06-01,"1,234"\n2025-06-02,"12,345,678"\n').values.tolist() == [1234.0, 12345678.0]
    assert read("time;rate\n2025-06-01;1,5\n2025-06-02;2,25\n").values.tolist() == [1.5, 2.25]


def test_an_empty_cell_is_a_missing_row():
    samples = read("time,count\n" + ROWS.format(100, "", 300))
    assert samples.values.tolist() == [100.0, 300.0]
    assert samples.notes == ("1 rows without a value were taken for missing",)


def test_one_row_per_request_where_no_column_can_be_a_count():
    samples = read(
        "TIMESTAMP,ContextTokens,GeneratedTokens\n"
        "2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n2023-11-16 18:17:07.0781490,110,27\n"
    )
    assert samples.kind == "requests"
    assert to_traffic(samples).rates_per_s == (1.0, 1.0, 0.0, 0.0, 1.0)


def test_a_column_of_timestamps_alone_is_one_row_per_request():
    assert read("time\n2025-06-01 00:00:01\n2025-06-01 00:00:07\n").kind == "requests"


def test_one_column_per_minute_of_a_day():
    head = "HashFunction,Trigger," + ",".join(MINUTES_OF_A_DAY)
    row = "f,queue," + ",".join(["60"] * 1440)
    samples = read(f"{head}\n{row}\n{row}\n")
    assert to_traffic(samples).rates_per_s == (2.0,) * 1440
    assert "2 rows" in samples.notes[0]
    with pytest.raises(TrafficError, match="'-3' in column '1440' is negative") as caught:
        read(f"{head}\n{row}\n{row[:-2]}-3\n")
    assert str(caught.value.place) == "t.csv:3"
    with pytest.raises(TrafficError, match="has 1440 columns"):
        read(f"{head}\n{row.rsplit(',', 2)[0]}\n")


@pytest.mark.parametrize(
    ("text", "said", "line"),
    [
        ("a,b\n1,2\n", "No timestamp column was recognised among 'a', 'b'", 1),
        ("time,count\n" + ROWS.format(1, -4, 3), "'-4' in column 'count' is negative", 3),
        ("time,count\n" + ROWS.format(1, 2, "NaN"), "'NaN' in column 'count' is not a number", 4),
        ("time,count\n" + ROWS.format(1, "many", 3), "'many' in column 'count' is not a number", 3),
        ("time,count\n" + ROWS.format(1, "inf", 3), "'inf' in column 'count' is not a number", 3),
        ("time,count\n" + ROWS.format(1, "1e99", 3), "'1e99' in column 'count' is too large", 3),
        ("time,count\n2025-06-01 00:00,1\nthen,2\n", "'then' is not a timestamp", 3),
        ("time,count\n2025-06-01 00:00,1\n2025-06-01 00:01\n", "The row has 1 columns, and 'count' is column 2", 3),
        ("time,count\n" + ROWS.format("", "", ""), "no value in any row", 1),
        ("time,calls,hits\n2025-06-01 00:00,1,2\n", "Several columns could be the demand: 'calls', 'hits'", 1),
        ("time,latency_ms,cpu\n" + ROWS.format("1,2", "1,2", "1,2"), "No column of request counts or rates", 1),
        ("\ntime,get,post\n" + ROWS.format("1,2", "1,2", "1,2"), "Several columns could be the demand", 2),
        ("time,count\n\n2025-06-01 00:00,x\n", "'x' in column 'count'", 3),
    ],
)
def test_what_cannot_be_used_is_refused_with_line_and_remedy(text, said, line):
    with pytest.raises(TrafficError, match=said) as caught:
        read(text)
    assert str(caught.value.place) == f"t.csv:{line}"
    assert caught.value.remedy


@pytest.mark.parametrize(("text", "said"), [("\n \n,\n", "is empty"), ("timestamp,count\n", "a header and no rows")])
def test_a_file_without_rows_is_refused(text, said):
    with pytest.raises(TrafficError, match=said):
        read(text)
