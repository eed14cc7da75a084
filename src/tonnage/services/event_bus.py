"""EventBridge event buses: an event put on a bus, and a copy to the targets of every rule that matches.

What is below a bus in a route is done for every event, each target by itself; the share of events that a rule matches
is the ``probability`` of its call. The default bus of the account is in no file; schedules put a load of their own on
their targets, which the workload file names.

Not modelled: the time from event to target, archives, pipes, retries of deliveries.

Sources: Amazon EventBridge user guide, "Event buses", "Amazon EventBridge quotas"; pricing.
"""

import math
import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Cost,
    Demand,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    demand,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import room_of
from tonnage.services._topic import LARGE_REGIONS, topic_behaviour, topic_visit
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::Events::EventBus"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_cloudwatch_event_bus", "boto3": "events:ListEventBuses"}
TITLE = "EventBridge event bus"
ENTRY = False
ROLE: Role = "topic"
_BILLED_BYTES = 65_536.0

SETTINGS: tuple[Setting, ...] = ()
CHARACTERISTICS = (
    Characteristic(
        name="publish_latency",
        quantity=fact("eventbridge.put_s").assumed(),
        meaning="Time of a PutEvents. Measure in the caller.",
    ),
)
DEMANDS = (
    Demand(
        name="bytes",
        quantity=assumed(1000.0, "bytes", "a small JSON event", low=200.0, high=262_144.0),
        meaning="Size of an event.",
    ),
)


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a bus."""
    return Component(name=resource.name, kind=KIND, place=resource.place)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """The quota of PutEvents of the Region."""
    where = "large" if catalog.region in LARGE_REGIONS else "other"
    return topic_behaviour(component, fact(f"eventbridge.{where}_region_per_s").value)


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """An event is put."""
    return topic_visit(_ROOM, component, "sdk.attempts", demand(_ROOM, call, "bytes").value)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:  # noqa: ARG001 - the face of every room
    """Events by 64 KiB."""
    unit = catalog.unit_price("eventbridge", "custom_events")
    chunks = math.ceil(max(1.0, usage.per_visit.get("bytes", 0.0)) / _BILLED_BYTES)
    items = {"events": usage.visits_per_s * chunks * 3600.0 / 1e6 * unit.usd}
    return Cost(usd_per_h=sum(items.values()), items=items, sources=(source_of(unit),))


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None: its quota is the account's."""
    return ()


_ROOM = room_of(sys.modules[__name__])
