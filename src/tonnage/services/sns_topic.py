"""SNS topics: a publish, and a copy to every queue and function that subscribes, for which nobody waits.

What is below a topic in a route is done for every message, each subscriber by itself; the share of messages that a
subscription's filter lets through is the ``probability`` of its call. A topic that nothing subscribes to but people is
left out.

Not modelled: the time from publish to delivery, deliveries to HTTP endpoints and their retries, batches.

Sources: Amazon SNS developer guide, "Message delivery", "Message filtering"; AWS General Reference, Amazon SNS quotas;
pricing.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping

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
from tonnage.services._properties import Gathered, room_of, setting
from tonnage.services._topic import LARGE_REGIONS, topic_behaviour, topic_visit
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Resource,
    Stack,
    Value,
    assumed,
    references,
)

KIND = "AWS::SNS::Topic"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_sns_topic", "boto3": "sns:ListTopics"}
TITLE = "SNS topic"
ENTRY = False
ROLE: Role = "topic"
_GUIDE = "Amazon SNS developer guide"
_SUBSCRIPTION = "AWS::SNS::Subscription"
_PEOPLE = frozenset({"email", "email-json", "sms", "application"})
_WATCHERS = ("AWS::CloudWatch::", "AWS::SNS::", "AWS::Budgets::", "AWS::Config::", "AWS::RDS::Event", "AWS::Backup::")
_BILLED_BYTES = 65_536.0

SETTINGS = (Setting(name="FifoTopic", unit="", default=False, meaning="Keeps the order in each group.", source=_GUIDE),)
CHARACTERISTICS = (
    Characteristic(
        name="publish_latency",
        quantity=fact("sns.publish_s").assumed(),
        meaning="Time of a Publish. Measure in the caller.",
    ),
)
DEMANDS = (
    Demand(
        name="bytes",
        quantity=assumed(1000.0, "bytes", "a small JSON event", low=200.0, high=65_536.0),
        meaning="Size of a message: PublishSize.",
    ),
)


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a topic that more than people and alarms use.

    Raises:
        TemplateError: FifoTopic is neither true nor false.
    """
    if not _serves(resource, stack):
        reason = "carries no requests (alarms and people use it)"
        return NotModelled(name=resource.name, kind=KIND, reason=reason, place=resource.place)
    gathered = Gathered()
    gathered.switch("FifoTopic", resource)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _serves(topic: Resource, stack: Stack) -> bool:
    """Whether a program subscribes, or anything but what watches the stack names it."""
    if any(protocol not in _PEOPLE for protocol in _protocols(topic, stack)):
        return True
    return any(
        reference.resource == topic.name
        for other in stack.resources.values()
        if other.kind not in {_SUBSCRIPTION, "AWS::SNS::TopicPolicy"} and not other.kind.startswith(_WATCHERS)
        for reference in references(other.properties)
    )


def _protocols(topic: Resource, stack: Stack) -> Iterator[Value]:
    own = topic.get("Subscription")
    for each in own if isinstance(own, tuple) else ():
        if isinstance(each, Mapping):
            yield each.get("Protocol")
    for subscription in stack.of_kind(_SUBSCRIPTION):
        if any(reference.resource == topic.name for reference in references(subscription.get("TopicArn"))):
            yield subscription.get("Protocol")


def behaviour(component: Component, catalog: Catalog) -> Behaviour:
    """The quota of the Region."""
    fifo = bool(setting(_ROOM, component, "FifoTopic"))
    where = "large" if catalog.region in LARGE_REGIONS else "other"
    return topic_behaviour(component, fact("sns.fifo_per_s" if fifo else f"sns.{where}_region_per_s").value)


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """A publish."""
    return topic_visit(_ROOM, component, "sdk.attempts", demand(_ROOM, call, "bytes").value)


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Publishes by 64 KiB; deliveries to queues and functions are free."""
    unit = catalog.unit_price("sns", "fifo_publish" if setting(_ROOM, component, "FifoTopic") else "api_requests")
    chunks = max(1.0, usage.per_visit.get("bytes", 0.0) / _BILLED_BYTES)
    items = {"publishes": usage.visits_per_s * chunks * 3600.0 / 1e6 * unit.usd}
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("deliveries to HTTP endpoints and people are not counted",),
        sources=(source_of(unit),),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None: its quota is the account's."""
    return ()


_ROOM = room_of(sys.modules[__name__])
