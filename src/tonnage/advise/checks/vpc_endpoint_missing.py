"""Calls to S3 or DynamoDB from private subnets that pass a NAT gateway, where a gateway endpoint would take them."""

from collections.abc import Iterator, Mapping

from tonnage.advise.checks._face import Check, Hit, View
from tonnage.workload import Resource, Text, Value, references

_SERVICES: Mapping[str, str] = {"AWS::S3::Bucket": "s3", "AWS::DynamoDB::Table": "dynamodb"}
_NAMES: Mapping[str, str] = {"s3": "S3", "dynamodb": "DynamoDB"}
_ENDPOINT, _SUBNET, _PUBLIC = "AWS::EC2::VPCEndpoint", "AWS::EC2::Subnet", "MapPublicIpOnLaunch"
_IN_VPC = frozenset(
    {"AWS::AutoScaling::AutoScalingGroup", "AWS::ECS::Service", "AWS::Lambda::Function", "AWS::EC2::Instance"}
)


def _survey(view: View) -> Iterator[tuple[Resource | None, Hit]]:
    gateway = next(view.stack.of_kind("AWS::EC2::NatGateway"), None)
    if gateway is None:
        return
    usd = view.catalog.unit_price("vpc", "nat_gateway_data").usd
    for service in sorted(_SERVICES.values()):
        if any(_for(endpoint, service) for endpoint in view.stack.of_kind(_ENDPOINT)):
            continue
        calls = view.workload.edges
        callers = sorted({each.caller for each in calls if _passes(view, each.caller, each.callee, service)})
        if callers:
            what = f"calls of {', '.join(callers)} to {_NAMES[service]} pass {gateway.name} at {usd:g} USD a GB"
            remedy = f"Add a gateway endpoint for {_NAMES[service]} to the route tables of the private subnets"
            yield gateway, Hit(what=f"{what}, and share its bandwidth and ports", remedy=f"{remedy}: it costs nothing.")


def _for(endpoint: Resource, service: str) -> bool:
    return service in _words(endpoint.get("ServiceName"))


def _words(value: Value) -> str:
    if isinstance(value, Text):
        return "".join(part for part in value.parts if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _passes(view: View, caller: str, callee: str, service: str) -> bool:
    """Whether a call goes from a private subnet to the service."""
    called, calling = (view.workload.components.get(name) for name in (callee, caller))
    if called is None or calling is None or calling.kind not in _IN_VPC or _SERVICES.get(called.kind) != service:
        return False
    resource = view.stack.resources.get(caller)
    if resource is None:
        return False
    subnets = [
        view.stack.resources.get(each.resource)
        for name in ("VpcConfig", "VPCZoneIdentifier", "NetworkConfiguration", "SubnetId")
        for each in references(resource.get(name))
    ]
    private = [each for each in subnets if each is not None and each.kind == _SUBNET]
    return bool(private) and not any(str(each.get(_PUBLIC)).lower() == "true" for each in private)


CHECK = Check(
    id="vpc-endpoint-missing",
    title="Private subnets reach S3 and DynamoDB by gateway endpoints",
    why="Through a NAT gateway every gigabyte is billed, and shares its bandwidth and ports with all else that leaves.",
    remedy="Add a gateway endpoint.",
    source="Amazon VPC user guide, Gateway endpoints; AWS Config service-vpc-endpoint-enabled",
    best_practice="PERF04-BP03",
    severity="medium",
    survey=_survey,
    safe=True,
)
