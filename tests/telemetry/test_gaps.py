import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.telemetry.gaps import fill_gaps

NAN = float("nan")
DAY = 24


def hours(days, level=lambda hour: 100.0 + hour):
    """Counts per hour of some days, as an array: hour after hour, level by the hour of the day."""
    return np.array([level(hour % DAY) for hour in range(days * DAY)])


def fill(values, *, counts=True, step_s=3600.0, silent=False):
    return fill_gaps(
        np.asarray(values, dtype=float), start_s=0.0, step_s=step_s, counts=counts, silent_when_idle=silent
    )


def test_a_history_without_gaps_stays_as_it_is():
    filled = fill([1.0, 2.0, 3.0])
    assert filled.values.tolist() == [1.0, 2.0, 3.0]
    assert filled.notes == ()


def test_a_short_gap_between_high_counts_is_interpolated():
    filled = fill([100.0, NAN, NAN, 130.0])
    assert filled.values.tolist() == [100.0, 110.0, 120.0, 130.0]
    assert filled.notes == ("2 steps missing in 1 short gap were interpolated",)


def test_a_short_gap_between_low_counts_is_zero_requests():
    filled = fill([3.0, NAN, 2.0])
    assert filled.values.tolist() == [3.0, 0.0, 2.0]
    assert "taken for zero requests" in filled.notes[0]


def test_where_zeros_are_written_a_missing_step_is_not_one():
    assert fill([4.0, NAN, 2.0, 0.0]).values.tolist() == [4.0, 3.0, 2.0, 0.0]


@pytest.mark.parametrize("values", [[3.5, NAN, 2.5], [3.0, NAN, 2.5]])
def test_what_is_not_counted_in_whole_numbers_does_not_run_out(values):
    assert fill(values).values[1] > 0


def test_rates_are_never_zeroed():
    assert fill([3.0, NAN, 3.0], counts=False).values.tolist() == [3.0, 3.0, 3.0]


def test_only_a_source_that_is_silent_when_idle_may_be_silent_for_long():
    values = [3.0, *[NAN] * 50, 2.0, 4.0]
    assert fill(values, silent=True).values.tolist() == [3.0, *[0.0] * 50, 2.0, 4.0]
    assert fill(values).values.tolist() == [2.0, 4.0]


def test_a_long_gap_takes_the_same_time_of_day_of_the_days_around_it():
    values = hours(3)
    values[2 * DAY :] += 50.0
    values[DAY + 8 : DAY + 18] = NAN
    filled = fill(values)
    assert filled.values[DAY + 8 : DAY + 18].tolist() == [125.0 + hour for hour in range(8, 18)]
    assert filled.notes == (
        "no rows from 1970-01-02 08:00 to 1970-01-02 18:00: filled with the same time of day of the nearest days",
    )


def test_a_gap_of_days_reaches_over_to_measured_days():
    values = hours(6)
    values[2 * DAY : 4 * DAY + 5] = NAN
    assert fill(values).values.tolist() == hours(6).tolist()


def test_a_gap_that_no_day_can_fill_is_cut_and_the_part_with_the_peak_kept():
    values = np.concatenate([[900.0, 100.0], [NAN] * 12, [100.0, 200.0, 300.0]])
    filled = fill(values)
    assert filled.values.tolist() == [900.0, 100.0]
    assert filled.first == 0
    assert "cut there" in filled.notes[0]
    values[0] = 100.0
    filled = fill(values)
    assert filled.values.tolist() == [100.0, 200.0, 300.0]
    assert filled.first == 14


def test_a_gap_longer_than_a_week_is_cut():
    values = hours(12)
    values[2 * DAY : 10 * DAY] = NAN
    assert len(fill(values).values) == 2 * DAY


def test_many_gaps_make_one_note_with_the_longest():
    values = hours(8)
    for day in range(1, 7):
        values[day * DAY + 2 : day * DAY + 8 + day] = NAN
    (note,) = fill(values).notes
    assert note.startswith("no rows in 6 stretches, the longest from 1970-01-05 02:00 to 1970-01-05 12:00")


@given(
    st.lists(st.one_of(st.just(NAN), st.integers(0, 500).map(float)), max_size=150),
    st.booleans(),
    st.booleans(),
)
def test_filling_invents_no_peak_and_keeps_what_was_measured(middle, counts, silent):
    values = np.array([7.0, *middle, 501.0])
    filled = fill(values, counts=counts, silent=silent)
    kept = values[filled.first : filled.first + len(filled.values)]
    measured = ~np.isnan(kept)
    assert np.isfinite(filled.values).all()
    assert (filled.values[measured] == kept[measured]).all()
    assert filled.values.max() == np.nanmax(values)
