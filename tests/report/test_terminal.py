import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from report.reviews import a_load_line, a_review, a_workload
from tonnage.report.terminal import print_review
from tonnage.workload import NotModelled


def printed(review, width=100, **options):
    file = io.StringIO()
    print_review(review, Console(file=file, width=width, highlight=False, color_system=None), **options)
    return file.getvalue()


def test_the_whole_review(golden):
    golden("review.txt", printed(a_review(), diffs=True))


def test_it_fits_and_leaves_no_blanks_at_the_end_of_lines():
    for width in (100, 140):
        for line in printed(a_review(), width=width).splitlines():
            assert len(line) <= 100
            assert line == line.rstrip()


def test_a_narrow_terminal_gets_every_figure_too():
    wide, narrow = printed(a_review()), printed(a_review(), width=60)
    assert max(len(line) for line in narrow.splitlines()) <= 64
    for figure in ("299.6 ms ✓ too close to call", "2.41 s ✗", "1 240 $ ✓", "1 210 req/s", "171 ms ✓", "+52 $"):
        assert figure in wide
        assert figure in narrow


def test_patches_are_shown_when_asked_for():
    assert "db.m7g.large #" not in printed(a_review())
    assert '+      DBInstanceClass: db.m7g.large # <script>alert("no")</script>\n' in printed(a_review(), diffs=True)


def test_names_are_never_taken_for_markup():
    review = a_review(workload=a_workload(name="[bold]shop[/bold]", notes=("[red]x",)))
    text = printed(review)
    assert "[bold]shop[/bold]" in text
    assert "[red]x" in text


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_an_output_without_unicode_gets_words(encoding):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding)
    print_review(a_review(), Console(file=file, width=100, highlight=False), diffs=True)
    file.flush()
    text = raw.getvalue().decode(encoding)
    assert "2.41 s MISSED" in text
    assert "299.6 ms ok" in text
    assert "db.t3.medium -> db.m7g.large" in text


def test_colour_says_nothing_that_words_do_not():
    file = io.StringIO()
    console = Console(file=file, width=100, highlight=False, force_terminal=True, color_system="standard")
    print_review(a_review(), console)
    assert "\x1b[" in file.getvalue()
    assert re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue()) == printed(a_review())


def test_no_load_line():
    line = a_load_line(factor=0.0, rate_per_s=0.0, above=0.01, never=True)
    text = printed(a_review(load_line=line))
    assert "Load line: none. Even 4.1 req/s misses p99 latency < 300 ms." in text


def test_a_load_line_that_nothing_limits():
    line = a_load_line(factor=14.6, rate_per_s=6015.0, above=None, at_least=True, gives_way=(), missed=())
    text = printed(a_review(load_line=line))
    assert "Load line: at least 6 015 req/s (+1 360 %). Nothing gave way up to there." in text
    assert "Gives way" not in text


def test_no_recommendation_is_told_from_no_search():
    review = a_review(recommendations=())
    assert "What to change: no change that was tried helps enough." in printed(review)
    assert "What to change" not in printed(replace(review, advised=False))
    calm = (review.loads[0],)
    assert "What to change: nothing has to: every objective holds." in printed(replace(review, loads=calm))


def test_what_matters_but_is_not_modelled_is_counted_when_it_is_much():
    many = tuple(
        NotModelled(name=f"Queue{k}", kind="AWS::SQS::Queue", reason="not modelled", matters=True) for k in range(9)
    )
    text = printed(a_review(workload=a_workload(not_modelled=many)))
    assert "9 resources not (9 of them matter)" in text
    assert "and 3 more that matter" in text
    assert "carry no requests" not in text


def test_nothing_is_said_about_assumptions_that_move_nothing():
    review = a_review()
    assert "measure first" not in printed(replace(review, influences=review.influences[2:]))
    tested = printed(replace(review, influences=review.influences[1:]))
    assert "No assumption that was tested turns a load that holds into a miss" in tested
