from dataclasses import replace

from report.reading import words
from report.reviews import a_review
from tonnage.report.html.advice_sections import assumptions, best_change, recommendations


def test_a_card_shows_every_figure_before_and_after():
    text = words(recommendations(a_review()))
    assert "load line 471 req/s 1 210 req/s" in text
    assert "p99 latency at +50 % 2.41 s ✗ 171 ms ✓" in text
    assert "cost a month at +50 % 1 240 $ 1 292 $ (+52 $)" in text
    assert "It has no CPU credits that can run out or be billed." in text


def test_a_run_that_was_ended_early_says_so():
    assert "The run with the change was ended early (stopped early at 1 020 s" in words(recommendations(a_review()))


def test_a_patch_is_coloured_by_line_and_escaped():
    text = recommendations(a_review())
    assert text.count('class="removed"') == 1
    assert text.count('class="added"') == 1
    assert text.count('class="file"') == 2
    assert "&lt;script&gt;alert(" in text
    assert text.count("<details>") == 1


def test_the_head_names_the_best_change():
    text = words(best_change(a_review()))
    assert "Database DBInstanceClass db.t3.medium → db.m7g.large : load line 1 210 req/s, +52 $ a month" in text
    assert best_change(a_review(recommendations=())) is None


def test_without_recommendations_it_says_why():
    review = a_review(recommendations=())
    assert "No change that was tried helps" in recommendations(review)
    assert "not searched" in recommendations(replace(review, advised=False))
    assert "Nothing has to change" in recommendations(replace(review, loads=review.loads[:1]))


def test_assumptions_say_what_happens_at_the_ends():
    text = words(assumptions(a_review()))
    assert "1 assumption carries this answer" in text
    assert "4 ms 1 ms–10 ms +90 %, −58 % −10 %, +20 % holds at 1 ms, misses at 10 ms" in text
    assert "1 more that move capacity and response time little or not at all" in text
    assert "Nothing was assumed" in assumptions(a_review(influences=()))
