import html
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np

from report.respelled import respelled
from report.reviews import a_load_line, a_review, an_outcome
from tonnage.report.html import to_html

EVIL = "<script>alert(1)</script><img src=x onerror='alert(2)'>\" onmouseover=\"alert(3)"


class Balanced(HTMLParser):
    """Collects tags and attributes, and fails where tags do not close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag not in {"meta", "br", "hr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def parsed(text):
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


def test_the_whole_page(golden):
    golden("review.html", to_html(a_review()))


def test_it_is_well_formed_and_small():
    text = to_html(a_review())
    assert text.startswith("<!DOCTYPE html>")
    parsed(text)
    assert len(text.encode()) < 200_000


def test_nothing_is_loaded_from_anywhere():
    text = to_html(a_review())
    assert "default-src 'none'" in html.unescape(text)
    assert not re.search(r"https?://|url\(|@import|src=|<link", text)
    assert set(re.findall(r'href="([^"]*)"', text)) == {"#changes"}


def test_nothing_of_the_users_files_becomes_markup():
    review = respelled(a_review(), "Database", EVIL)
    review = respelled(review, "browse", f"browse{EVIL}")
    review = respelled(review, "web.yaml", f"{EVIL}.yaml")
    review = respelled(review, "history.csv", EVIL)
    text = to_html(review)
    page, clean = parsed(text), parsed(to_html(a_review()))
    assert page.tags == clean.tags
    assert page.attributes == clean.attributes
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text


def test_the_order_is_the_readers():
    names = re.findall(r'<section id="([\w-]+)">', to_html(a_review()))
    assert names == [
        "objectives",
        "load-line",
        "architecture",
        "time",
        "latency",
        "changes",
        "assumptions",
        "cost",
        "not-modelled",
        "notes",
        "simulation",
    ]


def test_a_big_review_stays_below_a_megabyte():
    n = 1440
    names = [f"Component{k}" for k in range(60)]
    series = {
        f"{name}/cpu:{metric}": np.abs(np.sin(np.arange(n) * (k + 1.3))) * 1000.0
        for k, name in enumerate(names)
        for metric in ("utilization", "in service", "pending", "credits")
    }
    series |= {f"{name}/rate:refused": np.abs(np.sin(np.arange(n) * 1.7 * (k + 1))) for k, name in enumerate(names)}
    big = an_outcome(times_s=10.0 * np.arange(1, n + 1), judged_s=14400.0, series=series)
    review = a_review()
    loads = tuple(replace(load, outcomes=(big,)) for load in review.loads)
    many = tuple(replace(item, diff=item.diff * 20) for item in review.recommendations * 3)
    assert len(to_html(replace(review, loads=loads, recommendations=many)).encode()) < 1_000_000


def test_reviews_with_little_in_them():
    bare = a_review(recommendations=(), influences=(), loads=a_review().loads[:1])
    line = a_load_line(factor=0.0, rate_per_s=0.0, above=None, never=True, gives_way=(), missed=())
    for review in (bare, replace(bare, load_line=line), replace(bare, advised=False)):
        parsed(to_html(review))


def test_a_run_that_ended_before_the_judged_time():
    ended = an_outcome(
        busy=True, times_s=np.zeros(0), series={}, activities=(), stopped="overload: 500,000 requests in flight at 90 s"
    )
    review = a_review()
    text = to_html(replace(review, loads=(review.loads[0], replace(review.loads[1], outcomes=(ended,)))))
    parsed(text)
    assert "was ended early (overload: 500\u00a0000 requests in flight at 90 s)" in text
