"""SQS queues: messages wait, are processed in batches, come back when that fails, and end in a dead-letter queue.

A call to a queue sends one message and goes on; the calls written under it are what becomes of the message: its
consumer. A Lambda event source mapping polls with five concurrent batches at first and 300 more each minute while
messages wait, up to 1,250 or ``MaximumConcurrency``; other consumers process as many batches at once as ``consumers``
says, or as each instance of the group or service that consumes it does. A FIFO queue keeps the order in each message
group.

Not modelled: the limit of 120,000 messages in flight, up to 20 s of extra batching at low traffic, delays of single
messages, the throughput quota of FIFO queues.

Sources: Amazon SQS developer guide, "Visibility timeout", "Dead-letter queues", "Quotas"; AWS Lambda developer guide,
"Using Lambda with Amazon SQS"; Amazon SQS pricing.
"""

import sys
from collections.abc import Iterable, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Queue, lognormal
from tonnage.engine.program import Send, Wait
from tonnage.services._event_sources import POLLED, gather_event_source
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Control,
    Cost,
    Demand,
    Pollers,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Path,
    Resource,
    Stack,
    assumed,
    references,
)

KIND = "AWS::SQS::Queue"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_sqs_queue", "boto3": "sqs:ListQueues"}
TITLE = "SQS queue"
ENTRY = False
ROLE: Role = "queue"

_GUIDE = "Amazon SQS developer guide"
_LAMBDA = "AWS Lambda developer guide, Using Lambda with Amazon SQS"
_RECEIVES = "maxReceiveCount"

SETTINGS = (
    Setting(
        name="VisibilityTimeout",
        unit="s",
        default=30,
        meaning="A message that was received and not deleted comes back after so long.",
        source=f"{_GUIDE}, visibility timeout",
    ),
    Setting(
        name="MessageRetentionPeriod",
        unit="s",
        default=345_600,
        meaning="A message older than this is dropped.",
        source=f"{_GUIDE}, quotas",
    ),
    Setting(name="FifoQueue", unit="", default=False, meaning="Keeps the order in each group.", source=_GUIDE),
    Setting(
        name=_RECEIVES,
        unit="1",
        default=None,
        meaning="How often a message is received before it goes to the dead-letter queue; absent means for ever.",
        source=f"{_GUIDE}, dead-letter queues",
    ),
    Setting(name="BatchSize", unit="1", default=10, meaning="Most messages of one invocation.", source=_LAMBDA),
    Setting(
        name="MaximumBatchingWindowInSeconds",
        unit="s",
        default=0,
        meaning="How long a batch that is not full waits for more.",
        source=_LAMBDA,
    ),
    Setting(
        name="MaximumConcurrency",
        unit="1",
        default=None,
        meaning="Most concurrent invocations for this queue; absent means 1,250.",
        source=_LAMBDA,
    ),
    Setting(
        name=POLLED,
        unit="",
        default=False,
        meaning="Whether Lambda polls the queue: then consumers come and go by its rules.",
        source=_LAMBDA,
    ),
)

CHARACTERISTICS = (
    Characteristic(
        name="consumers",
        quantity=assumed(10.0, "1", "ten receivers in all", low=1.0, high=100.0),
        meaning="Batches that consumers other than Lambda process at once, all together.",
    ),
    Characteristic(
        name="consumers_per_instance",
        quantity=assumed(4.0, "1", "a few receivers in each instance or task", low=1.0, high=50.0),
        meaning="Batches that each instance of a group, or each task of a service, processes at once where that is the "
        "consumer; not used where consumers is given.",
    ),
    Characteristic(
        name="message_groups",
        quantity=assumed(10.0, "1", "ten groups active at a time; FIFO queues only", low=1.0, high=1000.0),
        meaning="Message groups of a FIFO queue with messages in them at a time: each is processed in order.",
    ),
    Characteristic(
        name="send_latency",
        quantity=fact("sqs.send_s").assumed(),
        meaning="Time of a SendMessage. Measure in the caller.",
    ),
)
DEMANDS: tuple[Demand, ...] = ()

_VARIATION = 0.7
_MAPPING: Mapping[str, Path] = {
    "BatchSize": ("BatchSize",),
    "MaximumBatchingWindowInSeconds": ("MaximumBatchingWindowInSeconds",),
    "MaximumConcurrency": ("ScalingConfig", "MaximumConcurrency"),
}
_DEAD_LETTERS: tuple[Path, ...] = (
    ("RedrivePolicy", "deadLetterTargetArn"),
    ("DeadLetterConfig", "TargetArn"),
    ("DeadLetterQueue", "TargetArn"),
    ("EventInvokeConfig", "DestinationConfig", "OnFailure"),
    ("DestinationConfig", "OnFailure"),
)
_MOST_BATCH_FIFO = 10


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a queue with the event source mapping that polls it.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    if _is_dead_letter_queue(resource, stack):
        return NotModelled(
            name=resource.name,
            kind=KIND,
            reason="carries no requests (a dead-letter queue: only what failed reaches it)",
            place=resource.place,
            matters=False,
        )
    gathered = Gathered()
    for name in ("VisibilityTimeout", "MessageRetentionPeriod"):
        gathered.number(name, resource)
    gathered.switch("FifoQueue", resource)
    if resource.get("RedrivePolicy", _RECEIVES) is not None:
        gathered.number(_RECEIVES, resource, "RedrivePolicy", _RECEIVES)
    gather_event_source(gathered, resource, stack, _MAPPING, sam=("SQS", "Queue"))
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _is_dead_letter_queue(resource: Resource, stack: Stack) -> bool:
    return any(
        reference.resource == resource.name
        for other in stack.resources.values()
        for path in _DEAD_LETTERS
        for reference in references(other.get(*path))
    )


def _batch(component: Component) -> int:
    most = _MOST_BATCH_FIFO if setting(_ROOM, component, "FifoQueue") else 10_000
    return int(min(max(1.0, number_of(_ROOM, component, "BatchSize")), most))


def _most_concurrent(component: Component) -> int:
    if not setting(_ROOM, component, POLLED):
        return max(1, round(characteristic(_ROOM, component, "consumers").value))
    given = component.settings.get("MaximumConcurrency")
    return int(given) if isinstance(given, int | float) else int(fact("sqs.lambda_most_concurrent").value)


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """The messages and who polls them; a FIFO queue has a shard for each active message group."""
    name = f"{component.name}/messages"
    receives = component.settings.get(_RECEIVES)
    fifo = bool(setting(_ROOM, component, "FifoQueue"))
    most = _most_concurrent(component)
    groups = max(1, round(characteristic(_ROOM, component, "message_groups").value)) if fifo else 1
    shards = min(groups, most)
    fixed = fifo or bool(setting(_ROOM, component, POLLED)) or "consumers" in component.characteristics
    messages = Queue(
        per_instance=0 if fixed else max(1, round(characteristic(_ROOM, component, "consumers_per_instance").value)),
        concurrency=1 if fifo else most,
        shards=shards,
        ordered=fifo,
        batch=_batch(component),
        batch_window_s=number_of(_ROOM, component, "MaximumBatchingWindowInSeconds"),
        visibility_s=number_of(_ROOM, component, "VisibilityTimeout"),
        retry_s=number_of(_ROOM, component, "VisibilityTimeout"),
        receives=int(receives) if isinstance(receives, int | float) else None,
        retention_s=number_of(_ROOM, component, "MessageRetentionPeriod"),
    )
    controls: tuple[Control, ...] = ()
    if setting(_ROOM, component, POLLED) and not fifo:
        start, more = fact("sqs.lambda_first_pollers").value, fact("sqs.lambda_pollers_per_minute").value
        controls = (Pollers(queue=name, start=min(int(start), most), per_minute=int(more), maximum=most),)
    return Behaviour(primitives={name: messages}, controls=controls, limits={"concurrent batches": float(most)})


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Send a message."""
    send_s = characteristic(_ROOM, component, "send_latency").value
    return Steps(enter=(Wait(lognormal(send_s, _VARIATION)), Send(f"{component.name}/messages")))


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """A request to send each message, and its share of a request to receive and one to delete the batch."""
    unit = catalog.unit_price("sqs", "fifo" if setting(_ROOM, component, "FifoQueue") else "standard")
    per_message = 1.0 + 2.0 / _batch(component)
    items = {"requests": usage.visits_per_s * per_message * 3600.0 / 1e6 * unit.usd}
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("batches are taken to be full; empty receives and the first million requests are not counted",),
        sources=(source_of(unit),),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """More consumers at once and larger batches where messages pile up."""
    if "backlog" not in situation.pressures:
        return
    most = component.settings.get("MaximumConcurrency")
    if "MaximumConcurrency" in component.origins and isinstance(most, int | float):
        for wanted in dict.fromkeys((min(1000, 2 * int(most)), min(1000, 5 * int(most)))):
            if wanted > most:
                yield _change(component, "MaximumConcurrency", wanted, "more batches are processed at once")
    if "BatchSize" in component.origins and _batch(component) < _MOST_BATCH_FIFO:
        yield _change(component, "BatchSize", _MOST_BATCH_FIFO, "an invocation takes more messages at once")


def _change(component: Component, name: str, after: int, because: str) -> Change:
    before = component.settings.get(name)
    return Change(component=component.name, setting=name, before=before, after=after, because=because)


_ROOM = room_of(sys.modules[__name__])
