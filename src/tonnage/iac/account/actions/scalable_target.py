"""Bounds of what Application Auto Scaling scales: RegisterScalableTarget."""

from collections.abc import Iterator, Mapping

from tonnage.iac.account.actions._face import Call, Step, Wanted, number
from tonnage.workload import Value

KIND = "AWS::ApplicationAutoScaling::ScalableTarget"
PROPERTIES = ("MinCapacity", "MaxCapacity")
CREATES = True
CALLS = ("application-autoscaling:RegisterScalableTarget", "application-autoscaling:DeregisterScalableTarget")
_SERVICE = "application-autoscaling"


def steps(wanted: Wanted) -> Iterator[Step]:
    """Registering again changes the bounds; a new target is undone by deregistering it."""
    own = {name: str(wanted.wanted[name]) for name in ("ServiceNamespace", "ResourceId", "ScalableDimension")}
    yield Step(
        resource=wanted.resource,
        says=wanted.says() if wanted.now is not None else f"{own['ResourceId']} becomes scalable: {wanted.says()}",
        call=_register(own, wanted.wanted),
        undo=Call(service=_SERVICE, operation="deregister_scalable_target", arguments=own)
        if wanted.now is None
        else _register(own, wanted.now),
    )


def _register(own: Mapping[str, str], properties: Mapping[str, Value]) -> Call:
    bounds = {name: number(properties[name]) for name in PROPERTIES}
    return Call(service=_SERVICE, operation="register_scalable_target", arguments={**own, **bounds})
