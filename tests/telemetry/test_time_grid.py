import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.telemetry.samples import Samples
from tonnage.telemetry.time_grid import is_regular, to_traffic
from tonnage.workload import TrafficError


def samples(times_s, values=None, *, kind="counts", naive=False, silent=False):
    times = np.asarray(times_s, dtype=float)
    return Samples(
        name="history.csv",
        file="data/history.csv",
        kind=kind,
        times_s=times,
        values=np.ones(len(times)) if values is None else np.asarray(values, dtype=float),
        naive=naive,
        silent_when_idle=silent,
    )


def test_counts_become_rates_at_the_commonest_spacing():
    traffic = to_traffic(samples([600, 660, 720], [60, 120, 30]))
    assert (traffic.start_s, traffic.step_s) == (600.0, 60.0)
    assert traffic.rates_per_s == (1.0, 2.0, 0.5)
    assert (traffic.name, traffic.evidence, traffic.notes) == ("history.csv", "measured", ())


def test_rates_stay_rates():
    assert to_traffic(samples([0, 60], [4, 5], kind="rates")).rates_per_s == (4.0, 5.0)


def test_rows_out_of_order_are_sorted_and_said():
    traffic = to_traffic(samples([120, 0, 60], [300, 60, 120]))
    assert traffic.rates_per_s == (1.0, 2.0, 5.0)
    assert traffic.notes == ("rows were not in the order of time and were sorted",)
    assert "newest first" in to_traffic(samples([120, 60, 0])).notes[0]


def test_repeated_timestamps_are_summed_as_counts_and_averaged_as_rates():
    summed = to_traffic(samples([0, 60, 60, 120], [60, 60, 120, 60]))
    assert summed.rates_per_s == (1.0, 3.0, 1.0)
    assert summed.notes == ("1 rows repeat the timestamp of another and were summed with it",)
    assert to_traffic(samples([0, 60, 60, 120], [1, 2, 4, 1], kind="rates")).rates_per_s == (1.0, 3.0, 1.0)


def test_jitter_is_snapped_to_the_grid():
    traffic = to_traffic(samples([1, 62, 119, 178, 242, 300, 361], [60] * 7))
    assert traffic.step_s == 60.0
    assert traffic.rates_per_s == (1.0,) * 7
    assert "snapped" in traffic.notes[0]


def test_a_sampler_that_drifts_never_puts_two_rows_into_one_step():
    times = np.cumsum([0, *[60.0] * 5, *[59.7] * 400])
    traffic = to_traffic(samples(times, [60.0] * len(times)))
    assert traffic.peak_per_s == pytest.approx(1.0, rel=0.01)


def test_an_hour_that_is_there_twice_is_the_mean_of_both_only_without_a_zone():
    quarter = 900.0
    times = [k * quarter for k in range(12)] + [k * quarter for k in range(4, 8)]
    order = np.argsort(times, kind="stable")
    values = [900.0] * 16
    naive = to_traffic(samples(np.asarray(times)[order], values, naive=True))
    assert set(naive.rates_per_s) == {1.0}
    assert any("is there twice" in note for note in naive.notes)
    assert to_traffic(samples(np.asarray(times)[order], values)).peak_per_s == 2.0


def test_rows_piled_up_after_a_gap_are_spread_over_it():
    # How exporters write the hour that daylight saving time leaves out: all its rows bear the time of its end.
    times = [0, 300, 600, *[2400] * 6, 2700]
    traffic = to_traffic(samples(times, [300, 300, 300, 300, 600, 900, 600, 300, 300, 300]))
    assert traffic.rates_per_s == (1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 2.0, 1.0, 1.0, 1.0)
    assert any("spread" in note for note in traffic.notes)


def test_a_sparse_source_has_the_period_that_divides_every_spacing():
    assert to_traffic(samples([0, 600, 780, 1800], [3, 4, 5, 6], silent=True)).step_s == 60.0


def test_sparse_counts_keep_their_minute():
    minutes = np.cumsum([0, 7, 9, 8, 13, 6, 11, 8, 9, 7, 10, 12])
    traffic = to_traffic(samples(minutes * 60.0, [2] * 12))
    assert traffic.step_s == 60.0


def test_each_row_a_request_is_counted_by_the_second_and_nothing_is_a_gap():
    traffic = to_traffic(samples([10.2, 10.9, 14.5], kind="requests"))
    assert (traffic.start_s, traffic.step_s) == (10.0, 1.0)
    assert traffic.rates_per_s == (2.0, 0.0, 0.0, 0.0, 1.0)
    assert "3 requests" in traffic.notes[0]


@pytest.mark.parametrize(("span_s", "step_s"), [(7200, 1.0), (7201, 10.0), (3 * 86400, 60.0)])
def test_a_longer_trace_gets_a_longer_step(span_s, step_s):
    assert to_traffic(samples([0, 5, span_s], kind="requests")).step_s == step_s


@pytest.mark.parametrize(
    ("times", "values", "said"),
    [
        ([5], [1], "a single row"),
        ([0, 60], [0, 0], "never has a request"),
        ([60, 60], [1, 1], "same timestamp"),
        ([0, 1, 33, 34.5, 90, 91, 200, 201.3], [1] * 8, "no regular spacing"),
        ([0, 1, 2, 3, 4, 5, 6, 1.7e9], [1] * 8, "over 5,000,000 steps"),
    ],
)
def test_what_is_no_history_is_refused_with_the_file_and_a_remedy(times, values, said):
    with pytest.raises(TrafficError, match=said) as caught:
        to_traffic(samples(times, values))
    assert "data/history.csv" in str(caught.value)
    assert caught.value.remedy


def test_rows_at_one_spacing_are_told_from_requests():
    assert is_regular(np.arange(0, 6000, 60.0))
    assert not is_regular(np.cumsum(np.random.default_rng(1).exponential(1.0, 500)))
    assert not is_regular(np.floor(np.cumsum(np.random.default_rng(1).exponential(0.2, 500))))


COUNTS = st.lists(st.integers(0, 10_000), min_size=2, max_size=60).filter(any)


@given(COUNTS, st.sampled_from([1.0, 60.0, 300.0, 86400.0]), st.integers(0, 2_000_000_000))
def test_requests_are_conserved(counts, step_s, start):
    traffic = to_traffic(samples(start + step_s * np.arange(len(counts)), counts))
    assert sum(traffic.rates_per_s) * traffic.step_s == pytest.approx(sum(counts))
    assert len(traffic.rates_per_s) == len(counts)


@given(COUNTS.flatmap(lambda counts: st.tuples(st.just(counts), st.permutations(range(len(counts))))))
def test_the_order_of_rows_does_not_matter(given):
    counts, order = given
    straight = to_traffic(samples([60.0 * k for k in range(len(counts))], counts))
    mixed = to_traffic(samples([60.0 * k for k in order], [counts[k] for k in order]))
    assert mixed.rates_per_s == straight.rates_per_s
    assert mixed.start_s == straight.start_s


@given(st.lists(st.floats(0.0, 100_000.0), min_size=2, max_size=200))
def test_every_request_of_a_trace_is_counted_once(times):
    traffic = to_traffic(samples(times, kind="requests"))
    assert sum(traffic.rates_per_s) * traffic.step_s == pytest.approx(len(times))
