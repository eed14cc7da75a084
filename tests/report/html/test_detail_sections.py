from dataclasses import replace

from report.reading import words
from report.reviews import a_review, a_workload, an_outcome
from tonnage.report.html import detail_sections as detail


def test_percentiles_stand_by_load_and_route():
    text = words(detail.latency_table(a_review()))
    assert "today's peak (412 req/s) all 20 ms" in text
    assert "browse" in text
    review = a_review()
    single = replace(review.loads[0].outcomes[0], routes=review.loads[0].outcomes[0].routes[:1])
    (load, *_) = review.loads
    assert "browse" not in detail.latency_table(replace(review, loads=(replace(load, outcomes=(single,)),)))


def test_refusals_name_the_part_that_refused():
    lost = a_review().loads[1].outcomes[0].failures[0].requests
    text = words(detail.failures(a_review()))
    refused = f"{lost:,}".replace(",", " ")
    assert f"+50 % (618 req/s) Database connections too many connections {refused}" in text
    assert detail.failures(replace(a_review(), loads=a_review().loads[:1])) is None


def test_activities_have_their_reason_and_are_not_endless():
    assert "4 → 5" in words(detail.activities(a_review()))
    many = tuple(("WebServerGroup/cpu", 10.0 * k, 4, 5, "again") for k in range(100))
    load = replace(a_review().loads[1], outcomes=(an_outcome(activities=many),))
    text = detail.activities(a_review(loads=(load,)))
    assert text.count("again") == 60
    assert "100 scaling activities" in text
    assert detail.activities(a_review(loads=a_review().loads[:1])) is None


def test_cost_is_sorted_and_summed():
    text = words(detail.cost_table(a_review()))
    assert text.index("Database") < text.index("WebServerGroup") < text.index("SessionCache")
    assert "all 1 184 $ 1 240 $" in text
    assert "Database: backups are not counted" in text


def test_requests_are_told_as_nested_calls():
    text = words(detail.routes(a_review()))
    assert "browse: 85 % of requests" in text
    assert "order: 15 % of requests (made from the wiring, not confirmed)" in text
    assert "Database on a miss, time-out 3 s, 2 attempts cpu 4 ms (assumed, 1 ms–10 ms)" in text
    assert "Orders in 50 % of visits, time-out 250 ms" in text
    assert "Database 2 times" in text


def test_what_is_left_out_is_never_dropped():
    text = words(detail.not_modelled(a_review()))
    for name in ("Cdn", "WebSecurityGroup", "Assets", "web.yaml:8"):
        assert name in text
    assert "Everything in the architecture is modelled" in detail.not_modelled(
        a_review(workload=a_workload(not_modelled=()))
    )


def test_the_simulation_is_described():
    text = words(detail.simulation(a_review()))
    assert "seed 1" in text
    assert "history.csv (measured)" in text
    assert "it lies between 471 req/s and 482 req/s" in text
