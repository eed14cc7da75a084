"""Kinesis data streams: shards that take records at a limited rate and are worked on in order.

A call puts one record and goes on; the calls written under it are what becomes of the record: its consumer. Lambda
polls each shard once a second and works on one batch at a time, times the parallelization factor; a batch that fails
stops its shard and is tried again at once, until it succeeds or its tries or its retention are over. A shard takes
1,000 records and 1 MiB a second.

Not modelled: hot keys (records are spread evenly over the shards), enhanced fan-out, other consumers, the growth of an
on-demand stream, bisecting of failed batches.

Sources: Amazon Kinesis Data Streams developer guide, "Quotas and limits"; AWS Lambda developer guide, "Using Lambda
with Kinesis"; Amazon Kinesis Data Streams pricing.
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, lognormal
from tonnage.engine.program import Send, Take, Wait
from tonnage.services._event_sources import gather_event_source
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
    characteristic,
    demand,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.services._stream import MAPPING, MAPPING_SETTINGS, MOST_PARALLEL, records
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::Kinesis::Stream"
ALSO: tuple[str, ...] = ()
SPELLINGS = {"terraform": "aws_kinesis_stream", "boto3": "kinesis:DescribeStreamSummary"}
TITLE = "Kinesis data stream"
ENTRY = False
ROLE: Role = "queue"

_GUIDE = "Amazon Kinesis Data Streams developer guide"
_ON_DEMAND = "ON_DEMAND"

SETTINGS = (
    Setting(name="ShardCount", unit="1", default=1, meaning="Shards of a provisioned stream.", source=_GUIDE),
    Setting(name="StreamMode", unit="", default="PROVISIONED", meaning="PROVISIONED or ON_DEMAND.", source=_GUIDE),
    Setting(
        name="RetentionPeriodHours",
        unit="h",
        default=24,
        meaning="A record older than this is dropped.",
        source=f"{_GUIDE}, retention",
    ),
    *MAPPING_SETTINGS,
)
CHARACTERISTICS = (
    Characteristic(
        name="put_latency",
        quantity=fact("kinesis.put_s").assumed(),
        meaning="Time of a PutRecord. Measure in the caller.",
    ),
    Characteristic(
        name="consumers",
        quantity=assumed(1.0, "1", "one worker for each shard", low=1.0, high=4.0),
        meaning="Workers for each shard where Lambda does not poll.",
    ),
)
DEMANDS = (
    Demand(
        name="bytes",
        quantity=assumed(1000.0, "bytes", "a small JSON event", low=200.0, high=10_000.0),
        meaning="Size of a record: IncomingBytes over IncomingRecords.",
    ),
)

_VARIATION = 0.7
_MIB = float(2**20)
_PUT_UNIT_BYTES = 25.0 * 1024.0


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a stream with the event source mapping that polls it.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    gathered = Gathered()
    for name in ("ShardCount", "RetentionPeriodHours"):
        gathered.number(name, resource)
    if resource.get("StreamModeDetails", "StreamMode") is not None:
        gathered.text("StreamMode", resource, "StreamModeDetails", "StreamMode")
    gather_event_source(gathered, resource, stack, MAPPING, sam=("Kinesis", "Stream"))
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _shards(component: Component) -> int:
    if setting(_ROOM, component, "StreamMode") == _ON_DEMAND:
        return int(fact("kinesis.on_demand_shards").value)
    return max(1, int(number_of(_ROOM, component, "ShardCount")))


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """What the shards take, and the records that are worked on in order, shard by shard."""
    name, shards = component.name, _shards(component)
    records_per_s = fact("kinesis.shard_records_per_s").value * shards
    return Behaviour(
        primitives={
            # Tokens are shares of what the shards take in a second: a record takes the larger of its two shares.
            f"{name}/ingest": Bucket(
                rate_per_s=records_per_s,
                capacity=records_per_s,
                refusal="throttled (WriteProvisionedThroughputExceeded)",
            ),
            f"{name}/records": records(
                _ROOM,
                component,
                shards=shards,
                workers=characteristic(_ROOM, component, "consumers").value,
                poll_s=fact("kinesis.poll_s").value,
                retention_s=3600.0 * number_of(_ROOM, component, "RetentionPeriodHours"),
            ),
        },
        limits={"shards": float(shards), "records/s": records_per_s},
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Put a record, or be throttled and tried again by the SDK."""
    size = demand(_ROOM, call, "bytes").value
    most, mib = fact("kinesis.shard_records_per_s").value, fact("kinesis.shard_mib_per_s").value
    put_s = characteristic(_ROOM, component, "put_latency").value
    return Steps(
        enter=(
            Take(f"{component.name}/ingest", max(1.0, size * most / (mib * _MIB))),
            Wait(lognormal(put_s, _VARIATION)),
            Send(f"{component.name}/records"),
        ),
        retry_attempts=int(fact("kinesis.retry_attempts").value),
        retry_base_s=fact("kinesis.retry_base_s").value,
        retry_cap_s=fact("kinesis.retry_cap_s").value,
        usage={"put_units": max(1.0, -(-size // _PUT_UNIT_BYTES)), "bytes": size},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Shards by the hour and put units; on demand the stream by the hour and its bytes in and out once."""
    if setting(_ROOM, component, "StreamMode") == _ON_DEMAND:
        stream, into, out = (catalog.unit_price("kinesis", f"on_demand_standard_{x}") for x in ("stream", "in", "out"))
        gb_per_h = usage.visits_per_s * usage.per_visit.get("bytes", 0.0) * 3600.0 / 2**30
        items = {"stream": stream.usd, "data in": gb_per_h * into.usd, "data out": gb_per_h * out.usd}
        sources = (source_of(stream), source_of(into))
    else:
        shard, put = (catalog.unit_price("kinesis", f"provisioned_{x}") for x in ("shard", "put_units"))
        units = usage.visits_per_s * usage.per_visit.get("put_units", 0.0) * 3600.0 / 1e6
        items = {"shards": _shards(component) * shard.usd, "put units": units * put.usd}
        sources = (source_of(shard), source_of(put))
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("longer retention and enhanced fan-out are not counted",),
        sources=sources,
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """More shards where they throttle or fall behind, more batches of a shard at once, larger batches."""
    behind, throttled = "backlog" in situation.pressures, "throttle" in situation.pressures
    now = _shards(component)
    if (behind or throttled) and "ShardCount" in component.origins:
        for wanted in (2 * now, 4 * now):
            yield _change(
                component, "ShardCount", wanted, "each shard takes 1,000 records a second and is worked on apart"
            )
    factor = int(number_of(_ROOM, component, "ParallelizationFactor"))
    if behind and "ParallelizationFactor" in component.origins and factor < MOST_PARALLEL:
        yield _change(
            component, "ParallelizationFactor", min(MOST_PARALLEL, 2 * factor), "more batches of a shard at once"
        )
    if behind and "BatchSize" in component.origins:
        size = int(number_of(_ROOM, component, "BatchSize"))
        yield _change(component, "BatchSize", min(10_000, 5 * size), "an invocation takes more records at once")


def _change(component: Component, name: str, after: int, because: str) -> Change:
    return Change(
        component=component.name, setting=name, before=component.settings.get(name), after=after, because=because
    )


_ROOM = room_of(sys.modules[__name__])
