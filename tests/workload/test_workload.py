from dataclasses import replace

import pytest

from tonnage.workload import (
    Call,
    Change,
    Component,
    Place,
    Route,
    ScalingPolicy,
    Traffic,
    Workload,
    WorkloadError,
    check,
    parse_objective,
)

POLICY = ScalingPolicy(name="Cpu", mechanism="target tracking", settings={"TargetValue": 70})
CIRCLE = Call(component="Database", calls=(Call(component="Web"),))


def route(name, entry, share=1.0):
    return Route(name=name, share=share, entry=entry)


def web_shop(**changes):
    """A balancer, a group with one policy and a database, with two routes through all three."""
    database = Call(component="Database")
    browse = Call(component="Balancer", calls=(Call(component="Web", calls=(database,)),))
    workload = Workload(
        name="web-shop",
        region="us-east-1",
        architecture="web.yaml",
        components={
            "Balancer": Component(name="Balancer", kind="AWS::ElasticLoadBalancingV2::LoadBalancer"),
            "Web": Component(
                name="Web",
                kind="AWS::AutoScaling::AutoScalingGroup",
                settings={"MinSize": 2, "MaxSize": 8},
                policies=(replace(POLICY, name="Other"), POLICY),
            ),
            "Database": Component(name="Database", kind="AWS::RDS::DBInstance"),
        },
        edges=(),
        routes=(route("browse", browse, 0.75), route("buy", browse, 0.25)),
        traffic=Traffic(name="t", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="assumed"),
        objectives=(parse_objective("p99 latency of buy < 1 s", Place(file="tonnage.yaml", line=9)),),
    )
    return replace(workload, **changes)


def test_calls_are_those_of_every_route():
    assert [(route.name, call.component) for route, call in web_shop().calls()] == [
        *(("browse", name) for name in ("Balancer", "Web", "Database")),
        *(("buy", name) for name in ("Balancer", "Web", "Database")),
    ]


def test_a_sound_workload_passes():
    check(web_shop())


def test_a_change_makes_a_new_workload_and_leaves_the_old_one():
    shop = web_shop()
    changed = shop.changed(
        Change(component="Web", setting="MaxSize", before=8, after=20),
        Change(component="Web", setting="HealthCheckGracePeriod", before=None, after=60),
    )
    assert changed.components["Web"].settings == {"MinSize": 2, "MaxSize": 20, "HealthCheckGracePeriod": 60}
    assert shop == web_shop()
    assert changed.components["Database"] is shop.components["Database"]


def test_a_change_of_a_policy_changes_that_policy_only():
    change = Change(component="Web", policy="Cpu", setting="TargetValue", before=70, after=50)
    other, cpu = web_shop().changed(change).components["Web"].policies
    assert (other.settings["TargetValue"], cpu.settings["TargetValue"]) == (70, 50)


def test_edits_that_go_with_a_change_are_made_too():
    also = Change(component="Database", setting="Iops", before=None, after=3000)
    change = Change(component="Web", setting="MaxSize", before=8, after=20, also=(also,))
    changed = web_shop().changed(change)
    assert changed.components["Database"].settings == {"Iops": 3000}
    assert changed.components["Web"].settings["MaxSize"] == 20


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change(component="Cache", setting="x", before=1, after=2), "no component Cache"),
        (Change(component="Web", policy="Memory", setting="x", before=1, after=2), "Web has no scaling policy Memory"),
        (
            Change(
                component="Web",
                setting="x",
                before=1,
                after=2,
                also=(Change(component="Cache", setting="y", before=1, after=2),),
            ),
            "no component Cache",
        ),
    ],
)
def test_a_change_of_what_is_not_there_is_refused(change, said):
    with pytest.raises(WorkloadError, match=said):
        web_shop().changed(change)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"components": {}}, "web.yaml has no resource that Tonnage models"),
        ({"routes": ()}, "no way for a request to enter"),
        ({"routes": (route("a", Call(component="Web"), 0.5), route("a", Call(component="Web"), 0.5))}, "Two routes"),
        ({"routes": (route("buy", Call(component="Web"), 0.5),)}, "sum to 0.5"),
        ({"routes": (route("buy", Call(component="Wbe")),)}, "calls 'Wbe', which is not a modelled component"),
        (
            {"routes": (route("buy", Call(component="Web", on_miss=(Call(component="Nowhere"),))),)},
            "calls 'Nowhere'",
        ),
        (
            {"routes": (route("buy", Call(component="Web", calls=(CIRCLE,))),)},
            "in a circle: Web → Database → Web",
        ),
        ({"routes": (route("sell", Call(component="Web")),)}, "names the route 'buy'. Routes are: sell"),
    ],
)  # fmt: skip
def test_nouns_that_do_not_fit_together_are_refused_with_a_remedy(changes, said):
    with pytest.raises(WorkloadError, match=said) as caught:
        check(web_shop(**changes))
    assert caught.value.remedy


def test_an_objective_of_an_unknown_route_is_refused_where_it_is_written():
    with pytest.raises(WorkloadError) as caught:
        check(web_shop(routes=(route("sell", Call(component="Web")),)))
    assert str(caught.value.place) == "tonnage.yaml:9"


def test_shares_may_sum_to_one_within_rounding():
    thirds = tuple(route(name, Call(component="Web"), 1 / 3) for name in ("browse", "buy", "search"))
    check(web_shop(routes=thirds))


def test_two_calls_of_one_component_side_by_side_are_no_circle():
    entry = Call(component="Web", calls=(Call(component="Database"), Call(component="Database")))
    check(web_shop(routes=(route("buy", entry),)))
