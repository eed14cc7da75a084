import re
from dataclasses import replace

from report.reading import words
from report.reviews import a_load_line, a_review
from tonnage.report.html.verdict_sections import load_line_gauge, objectives_table, verdict_line


def test_objectives_stand_with_interval_and_doubt():
    text = words(objectives_table(a_review()))
    assert "p99 latency < 300 ms 299.6 ms ✓ 288 ms to 312 ms; too close to call 2.41 s ✗ 2.21 s to 2.61 s" in text
    assert "cost < 2 000 $/month 1 184 $ ✓ 1 240 $ ✓" in text


def test_each_load_says_what_it_misses():
    text = words(verdict_line(a_review()))
    assert "today's peak (412 req/s) : every objective holds (p99 latency too close to call)" in text
    assert "+50 % (618 req/s) : p99 latency and errors missed" in text


def test_the_gauge_keeps_its_order():
    text = load_line_gauge(a_review())
    places = [float(x) for x in re.findall(r'<line x1="([\d.]+)"', text)]
    line, today, grown = places
    assert today < line < grown
    assert 'class="over"' in text


def test_labels_that_would_touch_stand_in_two_rows():
    review = a_review()
    near = replace(review.loads[1], rate_per_s=430.0)
    rows = re.findall(
        r'<text x="[\d.]+" y="([\d.]+)" text-anchor="\w+" class="m',
        load_line_gauge(replace(review, loads=(review.loads[0], near))),
    )
    assert len(set(rows)) == 2


def test_a_gauge_without_a_load_line_carries_nothing():
    text = load_line_gauge(a_review(load_line=a_load_line(factor=0.0, rate_per_s=0.0, above=0.01, never=True)))
    assert 'class="carried"' not in text
    assert "none" in text
