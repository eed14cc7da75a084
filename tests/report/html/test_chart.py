import itertools
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.report.html.chart import Chart, Line, figure, log_ticks, rounded_up, svg, ticks


def a_chart(values, **changes):
    chart = Chart(
        label="Utilization",
        load="today's peak",
        unit="share",
        times_s=np.arange(1.0, len(values) + 1.0),
        lines=(Line(name="Database", values=np.array(values), style="c1"),),
        low=0.0,
        high=1.0,
        judged_s=float(len(values)),
        judged_from_s=0.0,
    )
    return replace(chart, **changes)


def path_of(chart):
    return re.search(r'<path d="([^"]*)" class="line', svg(chart))[1]


def test_a_gap_lifts_the_pen():
    assert path_of(a_chart([0.1, math.nan, 0.2, 0.3])).count("M") == 2
    assert path_of(a_chart([math.nan, math.nan])) == "M0 0"


def test_steps_hold_until_the_next_value():
    assert "L" not in path_of(a_chart([1.0, 1.0, 0.5], steps=True))


def test_values_beyond_the_axis_stay_inside():
    numbers = [float(n) for n in re.findall(r"[\d.]+", path_of(a_chart([-3.0, 9.0])))]
    assert min(numbers[1::2]) >= 8.0
    assert max(numbers[1::2]) <= 130.0


def test_the_data_of_the_read_out_is_json_without_an_end_tag():
    text = figure(a_chart([0.5, math.nan], times_s=np.array([1.0, 2.0])))
    data = json.loads(re.search(r'<script type="application/json">(.*?)</script>', text)[1])
    assert data["lines"] == [[0.5, None]]
    assert data["times"] == [1, 2]


def test_dated_time_axes_show_the_clock_and_others_the_time_passed():
    hour = [0.5] * 60
    dated = svg(a_chart(hour, times_s=60.0 * np.arange(60), judged_s=3600.0, judged_from_s=1_741_359_600.0))
    assert ">15:00<" in dated
    assert ">15:30<" in dated
    shape = svg(a_chart(hour, times_s=60.0 * np.arange(60), judged_s=3600.0))
    assert "30\u00a0min<" in shape


def test_marks_and_thresholds_carry_their_text():
    text = svg(a_chart([0.5, 0.6], marks=((1.0, "4 → 5 <b>"),), thresholds=((0.9, "90 %"),)))
    assert "<title>4 → 5 &lt;b&gt;</title>" in text
    assert ">90 %</text>" in text


@given(st.floats(1e-3, 1e9), st.floats(1.01, 1e3))
def test_ticks_are_few_and_inside(low, ratio):
    high = low * ratio
    found = ticks(0.0, high)
    assert 3 <= len(found) <= 6
    assert found[0] == 0.0
    assert found[-1] <= high * (1 + 1e-6)
    logarithmic = log_ticks(low, high)
    assert all(low * 0.999 <= tick <= high * 1.001 for tick in logarithmic)
    assert all(a < b for a, b in itertools.pairwise(logarithmic))


@pytest.mark.parametrize(("value", "end"), [(0.0, 1.0), (0.93, 1.0), (412.0, 500.0), (618.0, 800.0), (8.0, 8.0)])
def test_axes_end_on_round_values(value, end):
    assert rounded_up(value) == pytest.approx(end)
