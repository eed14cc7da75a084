from dataclasses import replace

import numpy as np

from report.reviews import an_outcome
from tonnage.report.series import component_of, split, thin, thinned, windows


def test_windows_give_rates_and_percentiles():
    seen = windows(an_outcome(busy=True, factor=1.5), (50.0, 99.0))
    assert len(seen.times_s) == 30
    assert seen.times_s[0] == 30.0
    np.testing.assert_allclose(seen.offered_per_s, 618.0, rtol=1e-3)
    np.testing.assert_allclose(seen.answered_per_s + seen.failed_per_s, seen.offered_per_s)
    assert seen.latency_s[99.0][0] < 0.3 < seen.latency_s[50.0][20] < seen.latency_s[99.0][20]


def test_the_last_window_may_be_shorter():
    outcome = replace(an_outcome(), judged_s=1770.0)
    seen = windows(outcome, ())
    assert seen.offered_per_s[-1] == 2.0 * seen.offered_per_s[0]
    assert seen.times_s[-1] == 1755.0


def test_windows_that_an_ended_run_never_reached_are_left_out():
    outcome = an_outcome()
    ended = replace(outcome, stopped="decided", times_s=outcome.times_s[:60])
    assert len(windows(ended, ()).times_s) == 10


def test_a_window_without_answers_has_no_percentile():
    outcome = an_outcome()
    empty = replace(outcome, window_hist=np.zeros_like(outcome.window_hist))
    assert np.isnan(windows(empty, (99.0,)).latency_s[99.0]).all()


def test_thinning_keeps_means_or_peaks_and_survives_gaps():
    values = np.arange(1000.0)
    assert len(thin(values, 10)) == 10
    assert thin(values, 10).mean() == values.mean()
    assert thin(values, 10, peaks=True)[-1] == 999.0
    gaps = np.full(100, np.nan)
    gaps[3] = 5.0
    found = thin(gaps, 10)
    assert found[0] == 5.0
    assert np.isnan(found[1:]).all()
    assert thin(values, 1000) is values


def test_peaks_matter_for_utilization_and_not_for_instances():
    spike = np.zeros(1000)
    spike[500] = 1.0
    assert thinned("Database/cpu:utilization", spike, 10).max() == 1.0
    assert thinned("Web/cpu:in service", spike, 10).max() < 0.02


def test_names_of_series():
    assert split("Database/cpu:in service") == ("Database/cpu", "in service")
    assert split(":offered") == ("", "offered")
    assert component_of("Database/cpu") == "Database"
