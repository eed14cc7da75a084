import re
from dataclasses import replace

import numpy as np

from report.reviews import a_review, an_outcome
from tonnage.report.html.time_charts import time_charts


def titles(text):
    return [title.strip() for title in re.findall(r"<h3>([^<]*)", text)]


def with_outcomes(*outcomes):
    review = a_review()
    loads = [replace(load, outcomes=(o,)) for load, o in zip(review.loads, outcomes, strict=False)]
    return replace(review, loads=tuple(loads))


def test_every_question_has_a_row_and_every_load_a_column():
    text = time_charts(a_review())
    assert titles(text) == [
        "Requests by second",
        "Response time",
        "Utilization",
        "Instances",
        "CPU credits",
        "Burst balance of storage",
        "Refused calls by second",
    ]
    assert text.count('<figure class="chart">') == 14


def test_rows_without_anything_to_show_are_left_out():
    calm = an_outcome(series={}, activities=())
    assert titles(time_charts(with_outcomes(calm))) == ["Requests by second", "Response time"]


def test_a_balance_that_stays_full_is_not_shown():
    full = an_outcome(series={"Database/cpu:credits": np.full(180, 576.0)})
    assert "CPU credits" not in titles(time_charts(with_outcomes(full)))
    empty = an_outcome(series={"Database/cpu:credits": np.zeros(180)})
    assert "CPU credits" in titles(time_charts(with_outcomes(empty)))


def test_scaling_activities_are_marks_with_their_reason():
    text = time_charts(a_review())
    assert "<title>WebServerGroup after 5\u00a0min: AlarmHigh: 3 of 3 datapoints above 70.0" in text
    before = an_outcome(busy=True, activities=(("WebServerGroup/cpu", -60.0, 3, 4, "earlier"),))
    assert "earlier" not in time_charts(with_outcomes(before))


def test_what_gives_way_is_drawn_as_such():
    assert re.search(r'swatch bad"></span><span class="name">Database CPU', time_charts(a_review()))


def test_long_runs_are_thinned():
    times_s = 30.0 * np.arange(1, 2001)
    long = an_outcome(times_s=times_s, judged_s=60000.0, series={"Database/cpu:utilization": np.linspace(0, 1, 2000)})
    text = time_charts(with_outcomes(long))
    utilization = text[text.index("Utilization") :]
    assert 470 <= re.search(r'<path d="([^"]*)" class="line', utilization)[1].count("L") <= 480


def test_latency_axis_survives_a_run_without_answers():
    nothing = an_outcome()
    nothing = replace(nothing, window_hist=np.zeros_like(nothing.window_hist))
    review = with_outcomes(nothing)
    assert "no values" in time_charts(replace(review, workload=replace(review.workload, objectives=())))


def test_concurrency_of_functions_counts_as_utilization():
    outcome = an_outcome()
    components = {**outcome.components, "Handler": replace(outcome.components["Orders"], concurrency_limit=40.0)}
    series = {
        "Handler/environments:in use": np.full(180, 30.0),
        "Handler/environments:throttled": np.zeros(180),
    }
    text = time_charts(with_outcomes(replace(outcome, components=components, series=series)))
    assert "Handler concurrency" in text
    assert "max 75\u00a0%" in text
