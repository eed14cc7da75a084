"""Scaling policies of Auto Scaling groups: PutScalingPolicy."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, jsonable, number, shown
from tonnage.workload import Value

KIND = "AWS::AutoScaling::ScalingPolicy"
PROPERTIES = (
    "PolicyType", "AdjustmentType", "ScalingAdjustment", "StepAdjustments", "Cooldown", "EstimatedInstanceWarmup",
    "MetricAggregationType", "TargetTrackingConfiguration", "PredictiveScalingConfiguration",
)  # fmt: skip
CREATES = True
CALLS = ("autoscaling:PutScalingPolicy", "autoscaling:DeletePolicy")
_NUMBERS = ("ScalingAdjustment", "Cooldown", "EstimatedInstanceWarmup")


def steps(wanted: Wanted) -> Iterator[Step]:
    """The whole policy is put; a new one is undone by taking it away."""
    group = str(wanted.wanted["AutoScalingGroupName"])
    # An ARN ends with the name: …:autoScalingGroupName/web:policyName/tracking.
    name = wanted.physical_id.rpartition("policyName/")[2] or str(wanted.wanted.get("PolicyName") or wanted.resource)
    own = {"AutoScalingGroupName": group, "PolicyName": name}
    new = wanted.now is None
    yield Step(
        resource=wanted.resource,
        says=f"new policy of {group}: {shown(_configured(wanted.wanted))}" if new else wanted.says(),
        call=_put(own, wanted.wanted),
        undo=Call(service="autoscaling", operation="delete_policy", arguments=own)
        if wanted.now is None
        else _put(own, wanted.now),
    )


def _configured(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {name: properties[name] for name in PROPERTIES if properties.get(name) is not None}


def _put(own: Mapping[str, str], properties: Mapping[str, Value]) -> Call:
    values = {
        name: number(value) if name in _NUMBERS else jsonable(value) for name, value in _configured(properties).items()
    }
    return Call(service="autoscaling", operation="put_scaling_policy", arguments={**own, **values})
