import pytest

from tonnage.telemetry.timestamps import form_of, parse_timestamps, show
from tonnage.workload import TrafficError

NINE = 1697360400.0  # 2023-10-15 09:00:00 UTC


@pytest.mark.parametrize(
    "cell",
    [
        "2023-10-15T09:00:00Z",
        "2023-10-15T11:00:00+02:00",
        "2023-10-15 09:00:00 +0000",
        "2023-10-15 09:00:00 UTC",
        "2023/10/15 09:00",
        "2023-10-15 09:00",
        "1697360400",
        "1697360400000",
        "1697360400000000",
        "1697360400000000000",
        "1.6973604e9",
    ],
)
def test_every_way_of_writing_a_time_is_the_same_time(cell):
    assert parse_timestamps([cell], file="f.csv").times_s.tolist() == [NINE]


def test_fractions_of_a_second_with_seven_digits_are_read():
    assert parse_timestamps(["2023-10-15 09:00:00.2500000"], file="f.csv").times_s[0] == NINE + 0.25


def test_only_dates_without_a_zone_are_naive():
    assert parse_timestamps(["2023-10-15 09:00"], file="f.csv").naive
    assert not parse_timestamps(["2023-10-15 09:00Z"], file="f.csv").naive
    assert not parse_timestamps(["1697360400"], file="f.csv").naive


def test_small_numbers_are_times_from_a_beginning_in_their_own_unit():
    stamps = parse_timestamps(["0", "1", "2.5"], file="f.csv", relative_unit_s=60.0)
    assert stamps.relative
    assert stamps.times_s.tolist() == [0.0, 60.0, 150.0]


def test_a_compact_date_is_not_a_number_of_seconds():
    assert form_of("20231015") == "date"
    assert parse_timestamps(["20231015"], file="f.csv").times_s[0] == NINE - 9 * 3600


@pytest.mark.parametrize("cell", ["", "yesterday", "15.10.2023 09:00", "-5", "nan", "2023-13-01"])
def test_what_is_no_time_has_no_form(cell):
    assert form_of(cell) is None


@pytest.mark.parametrize("cells", [["2023-10-15", "soon"], ["1697360400", "soon"], ["1697360400", "-1"]])
def test_a_cell_that_is_no_time_is_refused_with_its_line(cells):
    with pytest.raises(TrafficError) as caught:
        parse_timestamps(cells, file="f.csv", lines=[2, 7])
    assert str(caught.value.place) == "f.csv:7"
    assert cells[1] in caught.value.what
    assert "ISO 8601" in caught.value.remedy


def test_a_time_is_shown_as_a_date_whatever_it_is():
    assert show(NINE) == "2023-10-15 09:00"
    assert show(NINE + 5) == "2023-10-15 09:00:05"
    assert show(1e18) == "second 1e+18"
