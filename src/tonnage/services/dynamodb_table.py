"""DynamoDB tables: read and write capacity as token buckets, partitions with a limit of their own, retries by the SDK.

Provisioned capacity refills each second and keeps up to 300 seconds of what was not used (burst capacity); it follows
what is consumed where Application Auto Scaling says so (``table_auto_scaling``). An on-demand table serves at once the
largest of 4,000 writes and 12,000 reads per second, its warm throughput and twice its previous peak; a new peak counts
as the previous one after 30 minutes (``on_demand_capacity``). A global secondary index takes its own writes: each write
to the table is one to each index as well, taken from the index's capacity.

A partition serves 3,000 read and 1,000 write units a second whatever the table has; adaptive capacity lets it use what
the table has up to there. With a ``hottest_key`` the partition of that key has its own limit, and is split when it
stays too hot (``partition_split``).

A table whose stream Lambda polls puts a record for each visit that writes: the calls written under it are what becomes
of the record. The stream has a shard for each partition of the table, polled four times a second.

Not modelled: auto scaling of the reads of an index, hot keys of an index, quotas of the account.

Sources: Amazon DynamoDB developer guide, "Burst and adaptive capacity", "On-demand capacity mode", "Understanding warm
throughput", "Read and write operations"; DynamoDB pricing.
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
    OnDemandCapacity,
    Role,
    Setting,
    Situation,
    Steps,
    TableScaling,
    Usage,
    characteristic,
)
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, number_of, room_of, setting
from tonnage.services._stream import MAPPING, MAPPING_SETTINGS, MOST_PARALLEL, records
from tonnage.services._table_knobs import HEADROOM, MAXIMUM, ON_DEMAND, UNITS, WARM, table_knobs
from tonnage.services._table_partitions import (
    CHARACTERISTICS as PARTITION_CHARACTERISTICS,
)
from tonnage.services._table_partitions import PARTS, partition_buckets, partition_splits, partition_takes, partitions
from tonnage.services._table_scaling import parts_scaled, scales, table_policies
from tonnage.services._table_units import DEMANDS as DEMANDS
from tonnage.services._table_units import units_of
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
        name="OnDemandThroughput.MaxReadRequestUnits",
        unit="1/s",
        default=-1,
        meaning="Most read units per second of an on-demand table; -1 means no maximum.",
        source=f"{_GUIDE}, on-demand capacity mode",
    ),
    Setting(
        name="OnDemandThroughput.MaxWriteRequestUnits",
        unit="1/s",
        default=-1,
        meaning="Most write units per second of an on-demand table; -1 means no maximum.",
        source=f"{_GUIDE}, on-demand capacity mode",
    ),
    Setting(
        name="WarmThroughput.ReadUnitsPerSecond",
        unit="1/s",
        default=0,
        meaning="Read units per second that the table is prepared for.",
        source=f"{_GUIDE}, warm throughput",
    ),
    Setting(
        name="WarmThroughput.WriteUnitsPerSecond",
        unit="1/s",
        default=0,
        meaning="Write units per second that the table is prepared for.",
        source=f"{_GUIDE}, warm throughput",
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
        quantity=assumed(1.0, "1", "as many as its partitions, unless stated: 1 up to 10 GB", low=1.0, high=20.0),
        meaning="Shards of the table's stream, one for each partition: DescribeStream.",
    ),
    Characteristic(
        name="latency",
        quantity=fact("dynamodb.latency_s").assumed(),
        meaning="Mean time of a request on the server: SuccessfulRequestLatency.",
    ),
    Characteristic(
        name="previous_peak_reads",
        quantity=assumed(0.0, "1/s", "a new table; what its traffic asked before counts too", low=0.0, high=20_000.0),
        meaning="Most read units per second an on-demand table has served; it serves twice that at once.",
    ),
    Characteristic(
        name="previous_peak_writes",
        quantity=assumed(0.0, "1/s", "a new table; what its traffic asked before counts too", low=0.0, high=20_000.0),
        meaning="Most write units per second an on-demand table has served; it serves twice that at once.",
    ),
    Characteristic(
        name="growth_time",
        quantity=fact("dynamodb.on_demand_growth_s").assumed(),
        meaning="How long a new peak of an on-demand table takes to count as the previous one.",
    ),
    *PARTITION_CHARACTERISTICS,
)

_VARIATION = 0.5
_STREAM_POLL_S = 0.25
"""Lambda polls a shard four times a second (AWS Lambda developer guide, "Using AWS Lambda with Amazon DynamoDB")."""
_STREAM_RETENTION_S = 86_400.0
"""Records are kept for 24 hours (Amazon DynamoDB developer guide, "Change data capture for DynamoDB Streams")."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:
    """Make the component of a table with its indexes and its auto scaling.

    Raises:
        TemplateError: A capacity is not a number.
    """
    gathered = Gathered()
    gathered.text("BillingMode", resource)
    for name in UNITS.values():
        gathered.number(name, resource, "ProvisionedThroughput", name)
    for name in (*WARM.values(), *MAXIMUM.values()) if resource.kind == KIND else ():
        gathered.number(name, resource, *name.split("."))
    gathered.origins["ProvisionedThroughput"] = Origin(
        resource=resource.name, path=("ProvisionedThroughput",), place=resource.places.get(("ProvisionedThroughput",))
    )
    if resource.kind != KIND:
        # SAM makes a simple table without throughput an on-demand one, and gives it no billing mode to set.
        gathered.origins.pop("BillingMode")
        if resource.get("ProvisionedThroughput") is None:
            gathered.settings["BillingMode"] = ON_DEMAND
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
        policies=() if gathered.settings.get("BillingMode") == ON_DEMAND else table_policies(resource, stack),
        place=resource.place,
    )


def _on_demand(component: Component) -> bool:
    return setting(_ROOM, component, "BillingMode") == ON_DEMAND


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """A bucket for each direction, for the weakest index, for the partitions; full a day before the peak."""
    name, on_demand = component.name, _on_demand(component)
    primitives: dict[str, Primitive] = {}
    controls: list[Control] = []
    for part, word in PARTS.items():
        if on_demand:
            capacity = _served(component, part)
            rate = max(capacity.floor_per_s, capacity.growth * capacity.peak_per_s)
            controls.append(capacity)
            refusal = "throttled (on demand: above twice the previous peak)"
            primitives[capacity.bucket] = Bucket(rate_per_s=rate, capacity=rate, refusal=refusal)
            most = number_of(_ROOM, component, MAXIMUM[part])
            if most > 0:
                refusal = f"throttled (Table{word}MaxOnDemandThroughputExceeded)"
                primitives[f"{name}/maximum {part}"] = Bucket(rate_per_s=most, capacity=most, refusal=refusal)
        else:
            rate = number_of(_ROOM, component, UNITS[part])
            primitives[f"{name}/{part}"] = Bucket(
                rate_per_s=rate,
                capacity=max(1.0, fact("dynamodb.burst_s").value * rate),
                refusal=f"throttled (Table{word}ProvisionedThroughputExceeded)",
            )
    limits = {f"{part[:-1]} units/s": bucket.rate_per_s for part, bucket in _by_part(name, primitives)}
    if _has_index(component) and not on_demand:
        rate = number_of(_ROOM, component, "IndexWriteCapacityUnits")
        primitives[f"{name}/index writes"] = Bucket(
            rate_per_s=rate,
            capacity=max(1.0, fact("dynamodb.burst_s").value * rate),
            refusal="throttled (IndexWriteProvisionedThroughputExceeded)",
        )
    count, key_share = _partitions(component), _hottest_key(component)
    if setting(_ROOM, component, POLLED):
        stated = component.characteristics.get("stream_shards")
        primitives[f"{name}/stream"] = records(
            _ROOM,
            component,
            shards=count if stated is None else max(1, round(stated.value)),
            workers=1.0,
            poll_s=_STREAM_POLL_S,
            retention_s=_STREAM_RETENTION_S,
        )
    primitives |= partition_buckets(name, count, key_share, bursts=not on_demand)
    split_s = characteristic(_ROOM, component, "split_time").value
    controls += [*_scaling(component, primitives), *partition_splits(name, count, key_share, split_s)]
    return Behaviour(primitives=primitives, limits=limits | {"partitions": float(count)}, controls=tuple(controls))


def _by_part(name: str, primitives: Mapping[str, Primitive]) -> Iterator[tuple[str, Bucket]]:
    for part in PARTS:
        bucket = primitives[f"{name}/{part}"]
        assert isinstance(bucket, Bucket)
        yield part, bucket


def _served(component: Component, part: str) -> OnDemandCapacity:
    """What an on-demand table serves in one direction."""
    return OnDemandCapacity(
        bucket=f"{component.name}/{part}",
        floor_per_s=max(fact(f"dynamodb.on_demand_{part}_per_s").value, number_of(_ROOM, component, WARM[part])),
        peak_per_s=characteristic(_ROOM, component, f"previous_peak_{part}").value,
        growth=fact("dynamodb.on_demand_growth").value,
        growth_s=characteristic(_ROOM, component, "growth_time").value,
    )


def _partitions(component: Component) -> int:
    """Partitions of the table, for the most that it was prepared for."""
    prepared: dict[str, float] = {}
    scaled: dict[str, float] = {}
    for part, policy, schedule in parts_scaled(component.policies):
        bounds = [each.settings.get("MaxCapacity") for each in (policy, *schedule)]
        scaled[part] = max(float(each) for each in bounds if isinstance(each, int | float))
    for part in PARTS:
        if _on_demand(component):
            served = _served(component, part)
            prepared[part] = max(served.floor_per_s, served.growth * served.peak_per_s)
        else:
            provisioned, warm = (number_of(_ROOM, component, names[part]) for names in (UNITS, WARM))
            prepared[part] = max(provisioned, warm, scaled.get(part, 0.0))
    size = characteristic(_ROOM, component, "table_size").value
    return partitions(prepared["reads"], prepared["writes"], size)


def _hottest_key(component: Component) -> float:
    share = characteristic(_ROOM, component, "hottest_key").value
    if not 0.0 <= share <= 1.0:
        raise WorkloadError(
            f"{component.name}: hottest_key is {share:g}, but a share of the requests is 0 to 1",
            remedy="Give the share of the requests that go to one key, such as 5 %.",
        )
    return share


def _scaling(component: Component, primitives: Mapping[str, Primitive]) -> Iterator[Control]:
    """Auto scaling of the parts that have it."""
    for part, policy, schedule in parts_scaled(component.policies):
        name, bucket = f"{component.name}/{part}", primitives.get(f"{component.name}/{part}")
        least, most = (int(float(str(policy.settings[key]))) for key in ("MinCapacity", "MaxCapacity"))
        target = float(str(policy.settings.get("TargetValue", HEADROOM * 100.0)))
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
                warm_per_s=number_of(_ROOM, component, WARM[part]) if part in WARM else 0.0,
                schedule=schedule,
            )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Take the units, or be throttled and tried again by the SDK; then the server's own time.

    What a partition refuses has taken nothing from the table's own capacity.

    Raises:
        WorkloadError: The call states its units in two ways.
    """
    name, on_demand = component.name, _on_demand(component)
    count, key_share = _partitions(component), _hottest_key(component)
    units = dict(zip(PARTS, units_of(call), strict=True))
    wanted = {part: amount for part, amount in units.items() if amount > 0}
    steps: list[Step] = []
    for part, amount in wanted.items():
        if on_demand and number_of(_ROOM, component, MAXIMUM[part]) > 0:
            steps.append(Take(f"{name}/maximum {part}", amount))
        steps += partition_takes(name, part, amount, count, key_share, bursts=not on_demand)
    steps += [Take(f"{name}/{part}", amount) for part, amount in wanted.items()]
    if "writes" in wanted and _has_index(component) and not on_demand:
        steps.append(Take(f"{name}/index writes", wanted["writes"]))
    steps.append(Wait(lognormal(characteristic(_ROOM, component, "latency").value, _VARIATION)))
    if "writes" in wanted and call.calls and setting(_ROOM, component, POLLED):
        steps.append(Send(f"{name}/stream"))
    return Steps(
        enter=tuple(steps),
        retry_attempts=int(fact("dynamodb.retry_attempts").value),
        retry_base_s=fact("dynamodb.retry_base_s").value,
        retry_cap_s=fact("dynamodb.retry_cap_s").value,
        usage=units,
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
        notes=("storage, streams, backups and the raising of warm throughput are not counted",),
        sources=(source_of(read), source_of(write)),
    )


def _has_index(component: Component) -> bool:
    return setting(_ROOM, component, "IndexWriteCapacityUnits") is not None


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """Capacity for the peak with headroom, the other billing mode, warm throughput, less where it lies idle."""
    factor = int(number_of(_ROOM, component, "ParallelizationFactor"))
    if "backlog" in situation.pressures and "ParallelizationFactor" in component.origins and factor < MOST_PARALLEL:
        yield Change(
            component=component.name,
            setting="ParallelizationFactor",
            before=component.settings.get("ParallelizationFactor"),
            after=min(MOST_PARALLEL, 2 * factor),
            because="more batches of a shard at once",
        )
    yield from table_knobs(component, situation, on_demand=_on_demand(component))


_ROOM = room_of(sys.modules[__name__])
