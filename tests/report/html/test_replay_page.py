from dataclasses import replace

import numpy as np

from report.html.test_page import EVIL, parsed
from report.reviews import a_review
from tonnage.advise.cost import MonthlyCost
from tonnage.advise.replay import Elasticity, Replay
from tonnage.report.html.chart import Chart, Line, svg
from tonnage.report.html.replay_page import replay_html
from tonnage.workload import Scenario


def a_replay(**changes: object) -> Replay:
    load = a_review().loads[0]
    outcome = replace(load.outcomes[0], judged_from_s=1_397_088_240.0)
    samples = len(outcome.times_s)
    group = Elasticity(
        fleet="Web/cpu",
        needed=np.full(samples, 2.0),
        supplied=np.full(samples, 3.0),
        too_few=0.0,
        too_many=0.5,
        time_too_few=0.0,
        time_too_many=1.0,
        instability=0.0,
        instance_hours=12.0,
    )
    replayed = Replay(
        scenario=Scenario(name="as recorded"),
        outcome=outcome,
        judgements=load.judgements,
        missed=tuple(np.zeros(len(outcome.windows), dtype=bool) for _ in load.judgements),
        elasticities=(group,),
        cost=MonthlyCost(usd=100.0, components={}, notes=()),
        usd=1.5,
        busy=0.7,
    )
    return replace(replayed, **changes)  # type: ignore[arg-type]


def test_it_is_well_formed():
    parsed(replay_html("shop", "us-east-1", a_replay()))


def test_nothing_of_the_users_files_becomes_markup():
    bad = replace(a_replay().elasticities[0], fleet=f"{EVIL}/cpu")
    page = replay_html(EVIL, "us-east-1", a_replay(elasticities=(bad,)))
    assert EVIL not in page
    parsed(page)


def test_what_happened_and_what_leaves_the_capacity_as_it_is_are_told():
    outcome = replace(
        a_replay().outcome,
        activities=(("Web/cpu", 60.0, 4, 4, "health check: 1 instance of 1 unhealthy replaced"),),
        happenings=(("Web", 0.0, "1 instance of Web lost"),),
    )
    page = replay_html("shop", "us-east-1", a_replay(outcome=outcome))
    assert "1 instance of Web lost" in page
    assert "4 → 4" not in page
    assert "unhealthy replaced" in page


def test_without_groups_and_activities_it_says_so():
    quiet = a_replay(elasticities=(), outcome=replace(a_replay().outcome, activities=()))
    page = replay_html("shop", "us-east-1", quiet)
    assert "None." in page
    assert "Groups" not in page


def test_days_are_marked_by_their_date():
    two_weeks = 14 * 86_400.0
    chart = Chart(
        label="x",
        load="",
        unit="count",
        times_s=np.array([0.0, two_weeks]),
        lines=(Line(name="a", values=np.array([1.0, 2.0]), style="c1"),),
        low=0.0,
        high=2.0,
        judged_s=two_weeks,
        judged_from_s=1_397_088_240.0,
    )
    text = svg(chart)
    assert ">04-11<" in text
    assert ">04-15<" in text
    assert "00:00" not in text
