"""DynamoDB tables: read and write capacity as token buckets, single-digit milliseconds, retries by the SDK.

Provisioned capacity refills each second and keeps up to 300 seconds of what was not used (burst capacity). An on-demand
table serves at once the larger of 4,000 writes and 12,000 reads per second and twice its previous peak; growth beyond
that within 30 minutes may throttle and is refused here. A global secondary index takes its own writes: each write to
the table is one to each index as well, taken from the index's capacity.

A table whose stream Lambda polls puts a record for each visit that writes: the calls written under it are what becomes
of the record. The stream has a shard for each partition of the table, polled four times a second.

With Application Auto Scaling the provisioned capacity follows what is consumed (``table_auto_scaling``).

Not modelled: hot partitions (a key above 3,000 read or 1,000 write units a second throttles whatever the table has),
auto scaling of the reads of an index, DAX.

Sources: Amazon DynamoDB developer guide, "Burst and adaptive capacity", "On-demand capacity mode", "Read and write
operations"; DynamoDB pricing.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Primitive, lognormal
from tonnage.engine.program import Send, Step, Take, Wait
from tonnage.services._event_sources import POLLED, gather_event_source
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Control,
    Cost,
    Demand,
    Role,
    Setting,
    Situation,
    Steps,
    TableScaling,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.services._stream import MAPPING, MAPPING_SETTINGS, MOST_PARALLEL, records
from tonnage.services._table_scaling import parts_scaled, scales, table_policies
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Origin,
    Resource,
    Stack,
    WorkloadError,
    assumed,
)

KIND = "AWS::DynamoDB::Table"
ALSO: tuple[str, ...] = ("AWS::Serverless::SimpleTable",)
SPELLINGS = {"terraform": "aws_dynamodb_table", "boto3": "dynamodb:DescribeTable"}
TITLE = "DynamoDB table"
ENTRY = False
ROLE: Role = "table"

_GUIDE = "Amazon DynamoDB developer guide"
SETTINGS = (
    Setting(
        name="BillingMode",
        unit="",
        default="PROVISIONED",
        meaning="PROVISIONED, or PAY_PER_REQUEST (on demand).",
        source="CloudFormation, AWS::DynamoDB::Table",
    ),
    Setting(
        name="ReadCapacityUnits",
        unit="1/s",
        default=5,
        meaning="Reads of 4 KB per second, strongly consistent.",
        source=f"{_GUIDE}, provisioned capacity mode",
    ),
    Setting(
        name="WriteCapacityUnits",
        unit="1/s",
        default=5,
        meaning="Writes of 1 KB per second.",
        source=f"{_GUIDE}, provisioned capacity mode",
    ),
    Setting(
        name="IndexWriteCapacityUnits",
        unit="1/s",
        default=None,
        meaning="Least write capacity of its global secondary indexes: a starved index throttles the table.",
        source=f"{_GUIDE}, global secondary indexes",
    ),
    Setting(
        name="Indexes", unit="1", default=0, meaning="Number of global secondary indexes.", source=f"{_GUIDE}, indexes"
    ),
    *MAPPING_SETTINGS,
)
CHARACTERISTICS = (
    Characteristic(
        name="update_time",
        quantity=fact("dynamodb.update_s").assumed(),
        meaning="From a minute that calls for other capacity until the table has it; only with auto scaling. Compare "
        "ConsumedReadCapacityUnits with ProvisionedReadCapacityUnits.",
    ),
    Characteristic(
        name="stream_shards",
        quantity=assumed(1.0, "1", "a table of one partition, up to 10 GB", low=1.0, high=20.0),
        meaning="Shards of the table's stream, one for each partition: DescribeStream.",
    ),
    Characteristic(
        name="latency",
        quantity=fact("dynamodb.latency_s").assumed(),
        meaning="Mean time of a request on the server: SuccessfulRequestLatency.",
    ),
    Characteristic(
        name="previous_peak_reads",
        quantity=assumed(0.0, "1/s", "a new table", low=0.0, high=20_000.0),
        meaning="Most read units per second an on-demand table has served; it serves twice that at once.",
    ),
    Characteristic(
        name="previous_peak_writes",
        quantity=assumed(0.0, "1/s", "a new table", low=0.0, high=20_000.0),
        meaning="Most write units per second an on-demand table has served; it serves twice that at once.",
    ),
)
DEMANDS = (
    Demand(
        name="reads",
        quantity=assumed(
            1.0, "1", "one strongly consistent read of up to 4 KB, or two eventually consistent", low=0.5, high=4.0
        ),
        meaning="Read units per visit: ConsumedReadCapacityUnits over the requests.",
    ),
    Demand(
        name="writes",
        quantity=assumed(0.2, "1", "one write of up to 1 KB in five requests", low=0.0, high=2.0),
        meaning="Write units per visit: ConsumedWriteCapacityUnits over the requests.",
    ),
)

_VARIATION = 0.5
_STREAM_POLL_S = 0.25
"""Lambda polls a shard four times a second (AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB")."""
_STREAM_RETENTION_S = 86_400.0
"""Records are kept for 24 hours (Amazon DynamoDB developer guide, "Change data capture for DynamoDB Streams")."""
_UNITS = ("ReadCapacityUnits", "WriteCapacityUnits")
_ON_DEMAND = "PAY_PER_REQUEST"
_HEADROOM = 0.7
"""Share of the capacity that a peak should use (DynamoDB developer guide: auto scaling targets 70 %)."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a table with its indexes and its auto scaling.

    Raises:
        TemplateError: A capacity is not a number.
    """
    gathered = Gathered()
    gathered.text("BillingMode", resource)
    for name in _UNITS:
        gathered.number(name, resource, "ProvisionedThroughput", name)
    gathered.origins["ProvisionedThroughput"] = Origin(
        resource=resource.name, path=("ProvisionedThroughput",), place=resource.places.get(("ProvisionedThroughput",))
    )
    if resource.kind == "AWS::Serverless::SimpleTable" and resource.get("ProvisionedThroughput") is None:
        # SAM makes a simple table without throughput an on-demand one.
        gathered.settings["BillingMode"] = _ON_DEMAND
    indexes = resource.get("GlobalSecondaryIndexes")
    if isinstance(indexes, tuple) and indexes:
        gathered.settings["Indexes"] = len(indexes)
        least = [
            value
            for k in range(len(indexes))
            if (
                value := gathered.number(
                    "IndexWriteCapacityUnits",
                    resource,
                    "GlobalSecondaryIndexes",
                    k,
                    "ProvisionedThroughput",
                    "WriteCapacityUnits",
                )
            )
            is not None
        ]
        if least:
            gathered.settings["IndexWriteCapacityUnits"] = min(least)
        gathered.origins.pop("IndexWriteCapacityUnits", None)
    if resource.get("StreamSpecification") is not None:
        gather_event_source(gathered, resource, stack, MAPPING, sam=("DynamoDB", "Stream"))
    return Component(
        name=resource.name,
        kind=KIND,
        settings=gathered.settings,
        origins=gathered.origins,
        policies=() if gathered.settings.get("BillingMode") == _ON_DEMAND else table_policies(resource, stack),
        place=resource.place,
    )


def _on_demand(component: Component) -> bool:
    return setting(_ROOM, component, "BillingMode") == _ON_DEMAND


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """A bucket for reads, one for writes, one for the writes of the weakest index; full a day before the peak."""
    name = component.name
    primitives: dict[str, Primitive] = {}
    limits: dict[str, float] = {}
    for part, units in zip(("reads", "writes"), _UNITS, strict=True):
        if _on_demand(component):
            peak = characteristic(_ROOM, component, f"previous_peak_{part}").value
            rate = max(fact(f"dynamodb.on_demand_{part}_per_s").value, 2.0 * peak)
            capacity, refusal = rate, "throttled (on-demand limit)"
        else:
            rate = number_of(_ROOM, component, units)
            capacity, refusal = fact("dynamodb.burst_s").value * rate, "throttled (ProvisionedThroughputExceeded)"
        primitives[f"{name}/{part}"] = Bucket(rate_per_s=rate, capacity=max(1.0, capacity), refusal=refusal)
        limits[f"{part[:-1]} units/s"] = rate
    index_writes = setting(_ROOM, component, "IndexWriteCapacityUnits")
    if index_writes is not None and not _on_demand(component):
        rate = number_of(_ROOM, component, "IndexWriteCapacityUnits")
        primitives[f"{name}/index writes"] = Bucket(
            rate_per_s=rate,
            capacity=max(1.0, fact("dynamodb.burst_s").value * rate),
            refusal="throttled (IndexWriteProvisionedThroughputExceeded)",
        )
    if setting(_ROOM, component, POLLED):
        primitives[f"{name}/stream"] = records(
            _ROOM,
            component,
            shards=max(1, round(characteristic(_ROOM, component, "stream_shards").value)),
            workers=1.0,
            poll_s=_STREAM_POLL_S,
            retention_s=_STREAM_RETENTION_S,
        )
    return Behaviour(primitives=primitives, limits=limits, controls=tuple(_scaling(component, primitives)))


def _scaling(component: Component, primitives: Mapping[str, Primitive]) -> Iterator[Control]:
    """Auto scaling of the parts that have it."""
    for part, policy, schedule in parts_scaled(component.policies):
        name, bucket = f"{component.name}/{part}", primitives.get(f"{component.name}/{part}")
        least, most = (int(float(str(policy.settings[key]))) for key in ("MinCapacity", "MaxCapacity"))
        target = float(str(policy.settings.get("TargetValue", _HEADROOM * 100.0)))
        cooldowns = [policy.settings.get(key) for key in ("ScaleOutCooldown", "ScaleInCooldown")]
        out_s, in_s = (float(value) if isinstance(value, int | float) else 0.0 for value in cooldowns)
        if not 20.0 <= target <= 90.0 or least > most:
            origin = policy.origins.get("TargetValue" if least <= most else "MinCapacity")
            raise WorkloadError(
                f"{policy.name}: a target of {target:g} % between {least:g} and {most:g} units cannot be",
                place=origin.place if origin else None,
                remedy="Give a target of 20 to 90 and a minimum no larger than the maximum.",
            )
        if isinstance(bucket, Bucket):
            yield TableScaling(
                bucket=name,
                start=bucket.rate_per_s,
                minimum=least,
                maximum=most,
                target=target / 100.0,
                out_cooldown_s=out_s,
                in_cooldown_s=in_s,
                scale_in=scales(policy, "In"),
                scale_out=scales(policy, "Out"),
                burst_s=fact("dynamodb.burst_s").value,
                delay_s=characteristic(_ROOM, component, "update_time").value,
                schedule=schedule,
            )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Take the units, or be throttled and tried again by the SDK; then the server's own time."""
    name = component.name
    reads, writes = demand(_ROOM, call, "reads").value, demand(_ROOM, call, "writes").value
    steps: list[Step] = []
    if reads > 0:
        steps.append(Take(f"{name}/reads", reads))
    if writes > 0:
        steps.append(Take(f"{name}/writes", writes))
        if setting(_ROOM, component, "IndexWriteCapacityUnits") is not None and not _on_demand(component):
            steps.append(Take(f"{name}/index writes", writes))
    steps.append(Wait(lognormal(characteristic(_ROOM, component, "latency").value, _VARIATION)))
    if writes > 0 and call.calls and setting(_ROOM, component, POLLED):
        steps.append(Send(f"{name}/stream"))
    return Steps(
        enter=tuple(steps),
        retry_attempts=int(fact("dynamodb.retry_attempts").value),
        retry_base_s=fact("dynamodb.retry_base_s").value,
        retry_cap_s=fact("dynamodb.retry_cap_s").value,
        usage={"reads": reads, "writes": writes},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Units by the hour, or by the million; storage is not counted."""
    indexes = 1.0 + number_of(_ROOM, component, "Indexes")
    if _on_demand(component):
        read, write = (
            catalog.unit_price("dynamodb", "on_demand_read"),
            catalog.unit_price("dynamodb", "on_demand_write"),
        )
        per_h = usage.visits_per_s * 3600.0 / 1e6
        items = {
            "reads": per_h * usage.per_visit.get("reads", 0.0) * read.usd,
            "writes": per_h * usage.per_visit.get("writes", 0.0) * indexes * write.usd,
        }
    else:
        read = catalog.unit_price("dynamodb", "provisioned_read")
        write = catalog.unit_price("dynamodb", "provisioned_write")
        extra = number_of(_ROOM, component, "IndexWriteCapacityUnits") if indexes > 1 and _has_index(component) else 0.0
        reads = usage.provisioned.get("reads", number_of(_ROOM, component, "ReadCapacityUnits"))
        writes = usage.provisioned.get("writes", number_of(_ROOM, component, "WriteCapacityUnits"))
        extra = usage.provisioned.get("index writes", extra)
        items = {
            "read capacity": reads * read.usd,
            "write capacity": (writes + extra * (indexes - 1.0)) * write.usd,
        }
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("storage, streams and backups are not counted",),
        sources=(source_of(read), source_of(write)),
    )


def _has_index(component: Component) -> bool:
    return setting(_ROOM, component, "IndexWriteCapacityUnits") is not None


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """Capacity for the peak with headroom, on demand instead, and less capacity where it lies idle."""
    factor = int(number_of(_ROOM, component, "ParallelizationFactor"))
    if "backlog" in situation.pressures and "ParallelizationFactor" in component.origins and factor < MOST_PARALLEL:
        wanted = min(MOST_PARALLEL, 2 * factor)
        yield _change(component, "ParallelizationFactor", wanted, "more batches of a shard at once")
    if _on_demand(component):
        return
    needed = _needed(situation)
    for name in _UNITS:
        now, wanted = number_of(_ROOM, component, name), needed[name]
        if name in component.origins and wanted > now:
            yield _change(component, name, wanted, f"the peak at {_HEADROOM:.0%} of the capacity")
            yield _change(component, name, 2 * wanted, "room for twice the peak")
    if "BillingMode" in component.origins and number_of(_ROOM, component, "Indexes") == 0:
        yield Change(
            component=component.name,
            setting="BillingMode",
            before=component.settings.get("BillingMode"),
            after=_ON_DEMAND,
            because="an on-demand table takes 4,000 writes and 12,000 reads per second at once",
            also=(
                Change(
                    component=component.name,
                    setting="ProvisionedThroughput",
                    before="set" if _UNITS[0] in component.settings else None,
                    after=None,
                ),
            )
            if _UNITS[0] in component.settings
            else (),
        )
    for name in _UNITS:
        now, wanted = number_of(_ROOM, component, name), needed[name]
        if name in component.origins and 0 < wanted < 0.7 * now:
            yield _change(component, name, wanted, "more capacity is paid for than the peak uses")


def _needed(situation: Situation) -> Mapping[str, int]:
    """Units per second that the peak asks for, with headroom."""
    per_s = situation.peak_visits_per_s
    return {
        name: max(1, round(per_s * situation.per_visit.get(part, 0.0) / _HEADROOM))
        for part, name in zip(("reads", "writes"), _UNITS, strict=True)
    }


def _change(component: Component, name: str, after: int, because: str) -> Change:
    return Change(
        component=component.name, setting=name, before=component.settings.get(name), after=after, because=because
    )


_ROOM = room_of(sys.modules[__name__])
