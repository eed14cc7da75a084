"""Scaling policies of services, tables and whatever else Application Auto Scaling scales: PutScalingPolicy."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, jsonable, shown
from tonnage.workload import Value

KIND = "AWS::ApplicationAutoScaling::ScalingPolicy"
PROPERTIES = ("PolicyType", "TargetTrackingScalingPolicyConfiguration", "StepScalingPolicyConfiguration")
CREATES = True
CALLS = ("application-autoscaling:PutScalingPolicy", "application-autoscaling:DeleteScalingPolicy")
_SERVICE = "application-autoscaling"


def steps(wanted: Wanted) -> Iterator[Step]:
    """The whole policy is put; a new one is undone by taking it away."""
    own = _target(wanted.wanted) | {"PolicyName": str(wanted.wanted.get("PolicyName") or wanted.resource)}
    new = wanted.now is None
    yield Step(
        resource=wanted.resource,
        says=f"new policy of {own['ResourceId']}: {shown(_configured(wanted.wanted))}" if new else wanted.says(),
        call=_put(own, wanted.wanted),
        undo=Call(service=_SERVICE, operation="delete_scaling_policy", arguments=own)
        if wanted.now is None
        else _put(own, wanted.now),
    )


def _target(properties: Mapping[str, Value]) -> dict[str, str]:
    """What is scaled: said one by one, or as the target's physical id."""
    target = properties.get("ScalingTargetId")
    if isinstance(target, str) and target.count("|") == 2:
        resource, dimension, namespace = target.split("|")
        return {"ServiceNamespace": namespace, "ResourceId": resource, "ScalableDimension": dimension}
    return {name: str(properties[name]) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}


def _configured(properties: Mapping[str, Value]) -> dict[str, Value]:
    return {name: properties[name] for name in PROPERTIES if properties.get(name) is not None}


def _put(own: Mapping[str, str], properties: Mapping[str, Value]) -> Call:
    values = {name: jsonable(value) for name, value in _configured(properties).items()}
    return Call(service=_SERVICE, operation="put_scaling_policy", arguments={**own, **values})
