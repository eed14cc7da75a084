"""What is found in the concurrency of Lambda functions. L5 and L6: AWS Lambda developer guide, "Configuring reserved
concurrency" (an account of 1,000 may reserve 900)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, a_workload, gathered
from tonnage.advise.findings import findings
from tonnage.compile import compile_workload
from tonnage.services import lambda_function
from tonnage.workload import Call, Route

FUNCTION = """
{name}:
  Type: AWS::Lambda::Function
  Properties: {{ FunctionName: {name}, Runtime: python3.12{reserved} }}
"""
SCALED = """
Live:
  Type: AWS::Lambda::Alias
  Properties:
    FunctionName: !Ref A
    FunctionVersion: "1"
    Name: live
    ProvisionedConcurrencyConfig: {{ ProvisionedConcurrentExecutions: {provisioned} }}
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 5
    MaxCapacity: {most}
    ResourceId: {resource}
    ScalableDimension: lambda:function:ProvisionedConcurrency
    ScheduledActions:
      - {{ ScheduledActionName: early, Schedule: cron(0 7 * * ? *), ScalableTargetAction: {{ MinCapacity: {least} }} }}
Track:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: {target}
      PredefinedMetricSpecification: {{ PredefinedMetricType: LambdaProvisionedConcurrencyUtilization }}
"""


def found(tmp_path: Path, reserved: Sequence[int | None], more: str = "") -> list[str]:
    names = ("A", "B", "C")[: len(reserved)]
    text = "".join(
        FUNCTION.format(name=name, reserved="" if n is None else f", ReservedConcurrentExecutions: {n}")
        for name, n in zip(names, reserved, strict=True)
    )
    stack = a_stack(tmp_path, text + more)
    components = [gathered(lambda_function, stack, name) for name in names]
    route = Route(name="r", share=1.0, entry=Call(component="A"))
    compiled = compile_workload(replace(a_workload(stack, *components), routes=(route,)), CATALOG)
    return [finding.text for finding in findings(compiled)]


def scaled(
    target: str = "0.7",
    most: int = 80,
    least: int = 60,
    provisioned: int = 4,
    resource: str = '!Sub "function:${A}:live"',
) -> str:
    return SCALED.format(target=target, most=most, least=least, provisioned=provisioned, resource=resource)


@pytest.mark.parametrize(("reserved", "finds"), [((400, 400, None), 0), ((500, 400), 0), ((500, 401), 1)])
def test_l6_a_hundred_stay_unreserved(tmp_path: Path, reserved: Sequence[int | None], finds: int) -> None:
    texts = found(tmp_path, reserved)
    assert len(texts) == finds
    for text in texts:
        assert "template.yaml:" in text
        assert "901 concurrent executions are reserved in all" in text
        assert "no more than 900" in text


def test_what_is_sound_is_not_complained_about(tmp_path: Path) -> None:
    assert found(tmp_path, (None, 100), scaled()) == []
    assert found(tmp_path, (100,), scaled()) == []


@pytest.mark.parametrize(
    ("reserved", "settings", "said"),
    [
        (50, {"most": 60, "least": 50}, "MaxCapacity of Track is 60, more than the 50 that the function has reserved"),
        (50, {"provisioned": 51, "most": 50, "least": 50}, "ProvisionedConcurrentExecutions is 51"),
        (None, {"most": 901}, "more than the 900 that the account leaves to it"),
        (None, {"target": "70"}, "never scales out"),
        (None, {"target": "0.95"}, "outside 0.1 to 0.9"),
        (None, {"least": 81}, "early sets a minimum of 81, above the maximum of 80"),
        (None, {"resource": '!Sub "function:${A}"'}, "no alias or version"),
        (None, {"resource": "function:A:$LATEST"}, "no alias or version"),
    ],
)
def test_what_cannot_be_meant_is_told(
    tmp_path: Path, reserved: int | None, settings: dict[str, object], said: str
) -> None:
    (text,) = found(tmp_path, (reserved,), scaled(**settings))  # type: ignore[arg-type]
    assert said in text
    assert "template.yaml:" in text
