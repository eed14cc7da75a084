"""Application Auto Scaling of provisioned concurrency as templates write it, and as it is added."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, a_workload, gathered, writable
from tonnage.compile import compile_workload
from tonnage.engine.primitives import Environments
from tonnage.iac import patch, read_template
from tonnage.services import ProvisionedScaling, Usage, describe_provisioned_policy, lambda_function
from tonnage.simulate import simulate
from tonnage.workload import Addition, Call, Component, Route, Scenario, WorkloadError, declared
from tonnage.workload.traffic_shape import parse_shape

FUNCTION = """
Orders:
  Type: AWS::Lambda::Function
  Properties: {{ FunctionName: orders, Runtime: python3.12, MemorySize: 1024 }}
Live:
  Type: AWS::Lambda::Alias
  Properties:
    FunctionName: !Ref Orders
    FunctionVersion: "1"
    Name: live
    ProvisionedConcurrencyConfig: {{ ProvisionedConcurrentExecutions: 4 }}
{more}
"""
SCALED = """
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 5
    MaxCapacity: 80
    ResourceId: {resource}
    ScalableDimension: lambda:function:ProvisionedConcurrency
    ServiceNamespace: lambda
    SuspendedState: {suspended}
    ScheduledActions: {schedule}
"""
TRACKED = """
Track:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: 0.7
      ScaleInCooldown: 120
      {metric}
"""
PREDEFINED = "PredefinedMetricSpecification: { PredefinedMetricType: LambdaProvisionedConcurrencyUtilization }"
OWN = "CustomizedMetricSpecification: { MetricName: ProvisionedConcurrencyUtilization, Statistic: Maximum }"
DAILY = '[{ Schedule: "cron(0 7 * * ? *)", ScalableTargetAction: { MinCapacity: 60 } }]'


def orders(
    tmp_path: Path,
    *,
    resource: str = '!Sub "function:${Orders}:live"',
    metric: str = PREDEFINED,
    schedule: str = "[]",
    suspended: str = "{}",
    tracked: bool = True,
) -> Component:
    more = SCALED.format(resource=resource, schedule=schedule, suspended=suspended)
    more += TRACKED.format(metric=metric) if tracked else ""
    return gathered(lambda_function, a_stack(tmp_path, FUNCTION.format(more=more)), "Orders")


def scaling(component: Component) -> ProvisionedScaling:
    behaviour = lambda_function.behaviour(component, CATALOG)
    (control,) = behaviour.controls
    assert isinstance(control, ProvisionedScaling)
    environments = behaviour.primitives[control.environments]
    assert isinstance(environments, Environments)
    assert environments.provisioned == control.start
    return control


@pytest.mark.parametrize("resource", ['!Sub "function:${Orders}:live"', "function:orders:live", "!Ref Live"])
def test_a_target_finds_its_function_however_it_is_named(tmp_path: Path, resource: str) -> None:
    found = scaling(orders(tmp_path, resource=resource))
    assert (found.environments, found.policy) == ("Orders/environments", "Track")
    assert (found.start, found.minimum, found.maximum, found.target) == (5, 5, 80, 0.7)
    assert (found.in_cooldown_s, found.scale_in, found.scale_out, found.by_peak) == (120.0, True, True, False)
    assert (found.begin_s, found.per_s * 60.0) == (90.0, 6000.0)


def test_another_functions_target_is_not_its_own(tmp_path: Path) -> None:
    assert orders(tmp_path, resource="function:other:live").policies == ()


def test_the_maximum_of_the_metric_may_be_tracked(tmp_path: Path) -> None:
    component = orders(tmp_path, metric=OWN)
    assert scaling(component).by_peak
    assert describe_provisioned_policy(component.policies[0]) == (
        "provisioned concurrency: 70 % used at most, 5 to 80 environments"
    )


def test_it_may_be_scaled_by_its_schedule_alone(tmp_path: Path) -> None:
    component = orders(tmp_path, schedule=DAILY, tracked=False)
    found = scaling(component)
    assert (found.scale_in, found.scale_out) == (False, False)
    assert [policy.settings["MinCapacity"] for policy in found.schedule] == [60]
    assert "schedule only" in describe_provisioned_policy(component.policies[0])


def test_suspended_directions(tmp_path: Path) -> None:
    inward = orders(tmp_path, suspended="{ DynamicScalingInSuspended: true }")
    assert (scaling(inward).scale_in, scaling(inward).scale_out) == (False, True)
    both = orders(tmp_path, suspended="{ DynamicScalingInSuspended: true, DynamicScalingOutSuspended: true }")
    assert (scaling(both).scale_in, scaling(both).scale_out) == (False, False)
    assert "SuspendedState" in describe_provisioned_policy(both.policies[0])


@pytest.mark.parametrize(
    ("resource", "qualifier"),
    [
        ('!Sub "function:${Orders}:live"', "live"),
        ('!Sub "function:${Orders}"', ""),
        ("function:orders:live", "live"),
        ("function:orders", ""),
    ],
)
def test_the_alias_of_a_target_is_read(tmp_path: Path, resource: str, qualifier: str) -> None:
    assert orders(tmp_path, resource=resource).policies[0].settings["Qualifier"] == qualifier


def test_what_is_provisioned_on_average_is_paid(tmp_path: Path) -> None:
    component = orders(tmp_path)
    cost = lambda_function.price(component, Usage(visits_per_s=0.0, provisioned={"environments": 10.0}), CATALOG)
    # 10 environments of 1 GB for an hour, at 0.0000041667 USD per GB-second.
    assert cost.items["provisioned concurrency"] == pytest.approx(10 * 3600 * 0.0000041667)


def test_it_can_be_added_to_an_alias(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, FUNCTION.format(more=""))
    component = gathered(lambda_function, stack, "Orders")
    (added,) = [knob for knob in writable(lambda_function, stack, component, PRESSED) if isinstance(knob, Addition)]
    written = patch(stack.file, [added], a_workload(stack, component))
    file = tmp_path / "after.yaml"
    file.write_text(written.after)
    found = scaling(gathered(lambda_function, read_template(file, parameters={}), "Orders"))
    assert (found.policy, found.target) == ("OrdersProvisionedTracking", 0.7)
    assert "DependsOn: Live" in written.after


@pytest.mark.parametrize(
    ("old", "new"), [("MinCapacity: 5", "MinCapacity: 90"), ("TargetValue: 0.7", "TargetValue: 0")]
)
def test_what_cannot_be_is_refused_at_its_place(tmp_path: Path, old: str, new: str) -> None:
    more = SCALED.format(resource="function:orders:live", schedule="[]", suspended="{}")
    text = FUNCTION.format(more=more + TRACKED.format(metric=PREDEFINED)).replace(old, new)
    component = gathered(lambda_function, a_stack(tmp_path, text), "Orders")
    with pytest.raises(WorkloadError, match=r"template.yaml:\d+.*Track"):
        lambda_function.behaviour(component, CATALOG)


def test_a_schedule_provisions_before_the_peak_of_a_simulation(tmp_path: Path) -> None:
    # A steady load since midnight, at which the schedule raises the least to 60: no call of the peak is cold.
    def colds(schedule: str) -> int | None:
        more = SCALED.format(resource="function:orders:live", schedule=schedule, suspended="{}")
        stack = a_stack(tmp_path, FUNCTION.format(more=more))
        component = gathered(lambda_function, stack, "Orders")
        hasty = replace(component, characteristics={"keep_alive": declared(0.0, "s", "test")})
        route = Route(name="r", share=1.0, entry=Call(component="Orders"))
        workload = replace(a_workload(stack, hasty), routes=(route,), traffic=parse_shape("constant 100/s for 4 h"))
        scenario = Scenario(name="t", window_s=60.0, lead_s=10.0)
        return simulate(compile_workload(workload, CATALOG), scenario, seed=1).components["Orders"].cold_starts

    without = colds("[]")
    assert without is not None
    assert without > 100
    assert colds('[{ Schedule: "cron(0 0 * * ? *)", ScalableTargetAction: { MinCapacity: 60 } }]') == 0
