from dataclasses import replace

import pytest

from report.reviews import CREDITS, WRITES, a_load_line, a_review, an_influence
from tonnage.report import figures, sentences
from tonnage.workload import Reference, Text, Unknown, parse_objective


def plain(text):
    return text.replace(figures.SPACE, " ")


def test_the_headline_says_what_it_carries_against_today():
    assert plain(sentences.headline(a_review())) == "web-shop carries 471 requests/s: 14 % above today's peak."


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (a_load_line(factor=0.81, rate_per_s=334.0), "web-shop carries 334 requests/s: 19 % below today's peak."),
        (a_load_line(factor=1.001, rate_per_s=412.4), "web-shop carries 412 requests/s: just today's peak."),
        (
            a_load_line(factor=14.6, rate_per_s=6015.0, at_least=True, above=None),
            "web-shop carries at least 6 015 requests/s: 15 times today's peak.",
        ),
        (
            a_load_line(factor=0.0, rate_per_s=0.0, never=True),
            "web-shop does not meet its objectives at any load that was tried.",
        ),
    ],
)
def test_headlines_of_other_load_lines(line, text):
    assert plain(sentences.headline(a_review(load_line=line))) == text


def test_what_gives_way_names_component_part_and_time():
    words = sentences.load_line_words(a_review())
    assert plain(words.gives_way) == (
        "Database (db.t3.medium): CPU credits run out: speed falls to 20 %, after 10 min of the peak"
    )
    assert plain(words.then[0]).startswith("Orders (PROVISIONED) writes: throttled")
    assert "1 040/s refused above 1 000/s" in plain(words.then[0])


def test_what_is_full_from_the_beginning_has_no_time():
    assert "after" not in sentences.pressure_text(a_review(), replace(CREDITS, since_s=None))
    assert "after" not in sentences.pressure_text(a_review(), WRITES)


def test_objectives_are_named_with_statistic_and_route():
    texts = ("p99 latency < 1 s", "mean latency of checkout < 1 s", "errors of x < 1 %", "cost < 5 USD/month")
    names = [sentences.objective_name(parse_objective(text)) for text in texts]
    assert names == ["p99 latency", "mean latency of checkout", "errors of x", "cost"]


def test_values_of_a_template_are_short():
    assert sentences.value_text(None) == "(unset)"
    assert sentences.value_text(True) == "true"
    assert sentences.value_text(Reference("Web", "Arn")) == "Web.Arn"
    assert sentences.value_text(Unknown("no default")) == "(unknown: no default)"
    assert sentences.value_text(Text(("a-", Reference("B")))) == "a-B"
    assert sentences.value_text((1, {"A": 2})) == "[1, {A: 2}]"


def test_edits_that_go_with_a_change_follow_it():
    lines = list(sentences.change_lines(a_review().recommendations[1]))
    assert lines == [
        "CpuPolicy TargetValue 70 → 50",
        "with it: CpuPolicy EstimatedInstanceWarmup 300 → removed",
        "a proxy before Database",
    ]


def test_notes_of_recommendations_are_said_once():
    notes = sentences.grouped_notes(a_review())
    assert [numbers for numbers, _ in notes] == ["1, 2", "2"]


def test_a_missed_latency_objective_is_shown_before_a_met_one():
    review = a_review()
    judgements = review.loads[1].judgements
    assert sentences.shown_objective(review.workload.objectives, judgements).indicator == "latency"
    met = (replace(judgements[0], met=True), *judgements[1:])
    assert sentences.shown_objective(review.workload.objectives, met).indicator == "errors"
    costs = (parse_objective("cost < 5 USD/month"),)
    assert sentences.shown_objective(costs, ()) is None


def test_only_a_simulated_end_that_misses_carries_the_verdict():
    untested = an_influence("io", 1.0, "1", 0.0, 2.0, score=3.0)
    review = a_review(influences=(*a_review().influences, untested))
    assert [item.assumption.name for item in sentences.carrying(review)] == ["cpu"]
    assert plain(sentences.ends_text(sentences.carrying(review)[0])) == "holds at 1 ms, misses at 10 ms"
    assert sentences.ends_text(untested) == ""


def test_notes_tell_of_inferred_routes_policies_left_out_and_runs_ended_early():
    review = a_review()
    load = review.loads[1]
    stopped = replace(load, outcomes=(replace(load.outcomes[0], stopped="overload: 500,000 requests in flight"),))
    notes = [plain(note) for note in sentences.notes(replace(review, loads=(review.loads[0], stopped)))]
    assert any("not confirmed: order" in note for note in notes)
    assert any(note.startswith("Scaling policy Mornings is not simulated") for note in notes)
    assert any("At +50 %" in note and "500 000 requests in flight" in note for note in notes)
    assert len(notes) == len(set(notes))


def test_numbers_inside_sentences_of_inner_rooms_are_set_alike():
    assert plain(sentences.spaced("96% of 1,040/s, 12 of 14, 1,2")) == "96 % of 1 040/s, 12 of 14, 1,2"


def test_the_load_of_a_recommendation_is_found_by_its_factor():
    review = a_review()
    assert sentences.tried_at(review, review.recommendations[0]) is review.loads[1]


def test_requests_are_counted_over_all_runs():
    total = sum(outcome.requests for load in a_review().loads for outcome in load.outcomes)
    text = plain(sentences.simulated(a_review()))
    assert text.startswith("3/1 runs of the busiest 30 min at each load")
    assert f"{plain(figures.whole(total))} requests simulated" in text
