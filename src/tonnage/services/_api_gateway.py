"""What REST and HTTP APIs share: the throttle, the overhead, the stages."""

from collections.abc import Iterable, Iterator

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket
from tonnage.services._face import Room, Setting
from tonnage.services._properties import number_of, referred, setting
from tonnage.workload import Change, Component, Resource, Stack

RATE, BURST = "ThrottlingRateLimit", "ThrottlingBurstLimit"
VARIATION = 0.5
CACHE = "CacheClusterEnabled"
_GUIDE = "API Gateway developer guide"
_SMALL_REGIONS = frozenset(
    {
        "af-south-1",
        "eu-south-1",
        "ap-southeast-3",
        "me-central-1",
        "ap-south-2",
        "ap-southeast-4",
        "eu-south-2",
        "eu-central-2",
        "il-central-1",
        "ca-west-1",
        "ap-southeast-5",
        "ap-southeast-7",
        "mx-central-1",
    }
)
"""Regions with a smaller account limit (API Gateway developer guide, "Throttle requests to your APIs")."""

THROTTLES = (
    Setting(
        name=RATE,
        unit="1/s",
        default=None,
        meaning="Requests per second of the stage; absent means the account's limit.",
        source=f"{_GUIDE}, throttle requests",
    ),
    Setting(
        name=BURST,
        unit="1",
        default=None,
        meaning="Requests that may come at once; absent means the account's limit.",
        source=f"{_GUIDE}, throttle requests",
    ),
)


def stages(api: Resource, stack: Stack, kind: str, key: str) -> Iterator[Resource]:
    """Stages of an API."""
    return (stage for stage in stack.of_kind(kind) if api in referred(stage.get(key), stack, api.kind))


def throttle(room: Room, component: Component, catalog: Catalog) -> Bucket:
    """One token per request, under the lower of the stage's and the account's limits."""
    small = "small_region_" if catalog.region in _SMALL_REGIONS else ""
    rate, burst = fact(f"apigateway.{small}rate_per_s").value, fact(f"apigateway.{small}burst").value
    if setting(room, component, RATE) is not None:
        rate = min(rate, number_of(room, component, RATE))
    if setting(room, component, BURST) is not None:
        burst = min(burst, number_of(room, component, BURST))
    return Bucket(rate_per_s=max(rate, 1e-9), capacity=max(burst, 1.0), refusal="throttled (429)")


def throttle_knobs(component: Component) -> Iterable[Change]:
    """Twice the stage's limits, where they are written."""
    for name in (RATE, BURST):
        now = component.settings.get(name)
        if isinstance(now, int | float) and name in component.origins:
            yield Change(
                component=component.name,
                setting=name,
                before=now,
                after=2 * now,
                because="the stage refuses what the account would let through",
            )
