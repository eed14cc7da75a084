"""The review as a value: what it says is met."""

from types import MappingProxyType

from outcomes import a_route, an_outcome
from tonnage.advise.cost import MonthlyCost
from tonnage.advise.load_line import LoadLine
from tonnage.advise.review import Judged, Review
from tonnage.advise.verdict import judge
from tonnage.workload import Scenario, Traffic, Workload, parse_objective

OBJECTIVES = (parse_objective("errors < 1 %"), parse_objective("p99 latency < 300 ms"))


def a_load(*, failed: int = 0, time_s: float = 0.1) -> Judged:
    outcome = an_outcome(a_route("all", {time_s: 1000 - failed}, failed=failed))
    return Judged(
        scenario=Scenario(name="t"),
        rate_per_s=1.0,
        judgements=judge(OBJECTIVES, [outcome], 0.0),
        outcomes=(outcome,),
        pressures=(),
        cost=MonthlyCost(usd=0.0, components={}, notes=()),
    )


def test_a_load_is_met_when_every_objective_holds() -> None:
    assert a_load().met
    assert not a_load(failed=20).met
    assert not a_load(time_s=0.5).met


def test_a_review_is_met_when_todays_load_is() -> None:
    def a_review(*loads: Judged) -> Review:
        return Review(
            version="0",
            seed=1,
            workload=Workload(
                name="t",
                region="us-east-1",
                architecture="t.yaml",
                components={},
                edges=(),
                routes=(),
                traffic=Traffic(name="t", start_s=0.0, step_s=1.0, rates_per_s=(1.0,), evidence="declared"),
                objectives=OBJECTIVES,
            ),
            loads=loads,
            load_line=LoadLine(factor=1.0, rate_per_s=1.0, above=None, gives_way=()),
            recommendations=(),
            influences=(),
            summaries=MappingProxyType({}),
            limits={},
            policies={},
            unsupported={},
        )

    assert a_review(a_load(), a_load(failed=500)).met
    assert not a_review(a_load(failed=500), a_load()).met
