"""Sizes and waiting times of Auto Scaling groups: UpdateAutoScalingGroup."""

from collections.abc import Iterator

from tonnage.iac.account.actions._face import Call, Step, Wanted, number

KIND = "AWS::AutoScaling::AutoScalingGroup"
_ARGUMENTS = {
    "MinSize": "MinSize",
    "MaxSize": "MaxSize",
    "DesiredCapacity": "DesiredCapacity",
    "Cooldown": "DefaultCooldown",
    "DefaultInstanceWarmup": "DefaultInstanceWarmup",
}
PROPERTIES = tuple(_ARGUMENTS)
CREATES = False
CALLS = ("autoscaling:UpdateAutoScalingGroup",)
_NONE = {"DefaultInstanceWarmup": -1, "Cooldown": 300}
"""What stands for no value (EC2 Auto Scaling API reference, UpdateAutoScalingGroup)."""


def steps(wanted: Wanted) -> Iterator[Step]:
    """One call with all sizes: a new minimum above the old maximum must come together with its maximum."""
    now = wanted.now or {}
    names = [name for name in wanted.changed if wanted.wanted.get(name) is not None or name in _NONE]
    yield Step(
        resource=wanted.resource,
        says=wanted.says(*names),
        call=_call(wanted, {name: wanted.wanted.get(name) for name in names}),
        undo=_call(wanted, {name: now.get(name) for name in names}),
    )


def _call(wanted: Wanted, values: dict[str, object]) -> Call:
    arguments = {
        _ARGUMENTS[name]: _NONE[name] if value is None else number(str(value))
        for name, value in values.items()
        if value is not None or name in _NONE
    }
    return Call(
        service="autoscaling",
        operation="update_auto_scaling_group",
        arguments={"AutoScalingGroupName": wanted.physical_id, **arguments},
    )
