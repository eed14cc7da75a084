"""S3 buckets: requests take tens of milliseconds and their transfer, prefixes carry so many of them each second.

A general purpose bucket serves 5,500 reads and 3,500 writes a second for each partitioned prefix and refuses what is
above (503 Slow Down); under sustained load it splits prefixes, gradually. Whether a bucket's keys lie under one prefix
or several no template says. A directory bucket (S3 Express One Zone) answers in milliseconds, from one zone. An object
is transferred at the speed of one connection, or of several that each ask for a byte range or upload a part.

Not modelled: events to functions and queues, replication, lists, hot objects, retrieval from other storage classes,
what Transfer Acceleration gains, the bandwidth of the caller.

Sources: Amazon S3 user guide, "Best practices design patterns: optimizing Amazon S3 performance", "Amazon S3 multipart
upload limits", "S3 Express One Zone"; AWS SDKs and Tools reference guide, "Retry behavior"; Amazon S3 pricing.
"""

import math
import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, Primitive, lognormal
from tonnage.engine.program import Step, Take, Wait
from tonnage.services._face import (
    Behaviour,
    Characteristic,
    Control,
    Cost,
    Demand,
    GrowingCapacity,
    Role,
    Setting,
    Situation,
    Steps,
    Usage,
    characteristic,
    demand,
)
from tonnage.services._pricing import HOURS_PER_MONTH, source_of
from tonnage.services._properties import Gathered, room_of, setting
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    NotModelled,
    Resource,
    Stack,
    WorkloadError,
    assumed,
)

KIND = "AWS::S3::Bucket"
_DIRECTORY_BUCKET = "AWS::S3Express::DirectoryBucket"
ALSO: tuple[str, ...] = (_DIRECTORY_BUCKET,)
SPELLINGS = {"terraform": "aws_s3_bucket", "boto3": "s3:ListBuckets"}
TITLE = "S3 bucket"
ENTRY = False
ROLE: Role = "storage"

_GUIDE = "Amazon S3 user guide"
_DIRECTORY = "DirectoryBucket"
_ACCELERATION = "AccelerateConfiguration.AccelerationStatus"

SETTINGS = (
    Setting(
        name=_DIRECTORY,
        unit="",
        default=False,
        meaning="Whether it is a directory bucket (S3 Express One Zone).",
        source=f"{_GUIDE}, directory buckets",
    ),
    Setting(
        name=_ACCELERATION,
        unit="",
        default="Suspended",
        meaning="Enabled lets far clients transfer by way of CloudFront's edges; it changes nothing inside the Region.",
        source=f"{_GUIDE}, configuring fast, secure file transfers using Amazon S3 Transfer Acceleration",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="first_byte",
        quantity=fact("s3.first_byte_s").assumed(),
        meaning="Mean time until a read answers; 5 ms for a directory bucket, unless stated. CloudWatch request "
        "metrics: FirstByteLatency.",
    ),
    Characteristic(
        name="write_latency",
        quantity=fact("s3.write_s").assumed(),
        meaning="Mean time of a write beside its transfer; 5 ms for a directory bucket, unless stated. CloudWatch "
        "request metrics: TotalRequestLatency of small PutRequests.",
    ),
    Characteristic(
        name="prefixes",
        quantity=assumed(1.0, "1", "all keys under one prefix, or a new bucket", low=1.0, high=10.0),
        meaning="Partitioned prefixes over which the requests are spread alike at the start. CloudWatch: 5xxErrors "
        "tell when they are too few.",
    ),
    Characteristic(
        name="split_time",
        quantity=fact("s3.split_s").assumed(),
        meaning="How long sustained load takes to double the prefixes. Watch for how long 503s last after a step.",
    ),
    Characteristic(
        name="part_size",
        quantity=fact("s3.part_bytes").assumed(),
        meaning="Bytes of a part where an object is written in parts: multipart_chunksize of the transfer manager.",
    ),
    Characteristic(
        name="stored",
        quantity=assumed(0.0, "bytes", "not known: storage is not priced", low=0.0, high=0.0),
        meaning="Bytes kept; only the price depends on it. CloudWatch: BucketSizeBytes.",
    ),
)
DEMANDS = (
    Demand(
        name="reads",
        quantity=assumed(1.0, "1", "one GET", low=1.0, high=5.0),
        meaning="GET and HEAD requests of a visit, one after the other: GetRequests over visits.",
        unless=("writes",),
    ),
    Demand(
        name="writes",
        quantity=assumed(0.0, "1", "none, where only reads are named", low=0.0, high=0.0),
        meaning="Objects written in a visit, one after the other: PutRequests over visits.",
        needs=("writes",),
    ),
    Demand(
        name="object_size",
        quantity=assumed(100_000.0, "bytes", "images, documents; measure yours", low=10_000.0, high=1_000_000.0),
        meaning="Mean bytes of an object read or written: BytesDownloaded over GetRequests.",
    ),
    Demand(
        name="connections",
        quantity=assumed(1.0, "1", "one connection for an object", low=1.0, high=1.0),
        meaning="Connections that share an object: byte ranges of a read, parts of a write, at the same time.",
    ),
)

_VARIATION = 1.0
"""Latency of S3 has a long tail, about which AWS says nothing but to retry the slowest requests: assumed."""
_HEADROOM = 1.5
"""Capacity over the latest minute's requests, once split: not documented, assumed."""
_HALVING_S = 86_400.0
"""How long prefixes that are not needed take to halve: not documented, taken to be a day."""
_GB = 1e9
_LEAST_PART_BYTES, _MOST_PART_BYTES = 5.0 * 2**20, 5.0 * 2**30
"""Multipart upload limits (Amazon S3 user guide); the last part may be smaller."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a bucket."""
    gathered = Gathered()
    if resource.kind == _DIRECTORY_BUCKET:
        gathered.settings[_DIRECTORY] = True
    else:
        gathered.text(_ACCELERATION, resource, *_ACCELERATION.split("."))
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _express(component: Component) -> bool:
    return setting(_ROOM, component, _DIRECTORY) is True


def _latency_s(component: Component, name: str) -> float:
    if _express(component) and name not in component.characteristics:
        return fact("s3.express_latency_s").value
    return characteristic(_ROOM, component, name).value


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """A bucket of tokens for reads and one for writes, which grow as prefixes are split."""
    primitives: dict[str, Primitive] = {}
    controls: list[Control] = []
    express = _express(component)
    prefixes = 1.0 if express else max(1.0, characteristic(_ROOM, component, "prefixes").value)
    for part in ("reads", "writes"):
        name = f"{component.name}/{part}"
        rate = prefixes * fact(f"s3.{'express_' if express else ''}{part}_per_s").value
        primitives[name] = Bucket(rate_per_s=rate, capacity=rate, refusal=f"503 Slow Down ({part})")
        if not express:
            controls.append(
                GrowingCapacity(
                    bucket=name,
                    floor_per_s=rate,
                    headroom=_HEADROOM,
                    doubling_s=max(1.0, characteristic(_ROOM, component, "split_time").value),
                    halving_s=_HALVING_S,
                )
            )
    return Behaviour(
        primitives=primitives,
        controls=tuple(controls),
        limits={
            "MB/s of a connection": fact("s3.bytes_per_s_per_connection").value / 1e6,
            **{f"{part}/s": bucket.rate_per_s for part, bucket in _buckets(component.name, primitives)},
        },
        zone_loss_s=math.inf if express else 0.0,
    )


def _buckets(name: str, primitives: dict[str, Primitive]) -> Iterable[tuple[str, Bucket]]:
    for part in ("reads", "writes"):
        bucket = primitives[f"{name}/{part}"]
        assert isinstance(bucket, Bucket)
        yield part, bucket


def parts(object_bytes: float, part_bytes: float) -> int:
    """Parts of an object that is written in parts; 1 where it is written whole.

    Raises:
        WorkloadError: S3 would refuse the parts: more than 10,000, or one below 5 MiB or above 5 GiB.
    """
    if object_bytes <= part_bytes:
        if object_bytes > _MOST_PART_BYTES:
            raise WorkloadError(
                f"S3 takes at most 5 GiB in one request, not {object_bytes / 2**30:.3g} GiB",
                remedy="Give a smaller part_size.",
            )
        return 1
    if not _LEAST_PART_BYTES <= part_bytes <= _MOST_PART_BYTES:
        raise WorkloadError(
            f"S3 takes parts of 5 MiB to 5 GiB, not of {part_bytes / 2**20:.3g} MiB", remedy="Change part_size."
        )
    count = math.ceil(object_bytes / part_bytes)
    most = fact("s3.most_parts").value
    if count > most:
        raise WorkloadError(
            f"An object of {object_bytes / 1e9:,.0f} GB in parts of {part_bytes / 2**20:.3g} MiB has {count:,} parts, "
            f"and S3 takes {most:,.0f}",
            remedy=f"Give parts of at least {math.ceil(object_bytes / most / 2**20)} MiB.",
        )
    return count


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Tokens for the requests, their latency and their transfer; uses ``gets``, ``puts``, bytes in and out."""
    size = demand(_ROOM, call, "object_size").value
    connections = max(1.0, demand(_ROOM, call, "connections").value)
    transfer_s = size / (connections * fact("s3.bytes_per_s_per_connection").value)
    writes = demand(_ROOM, call, "writes").value
    reads = demand(_ROOM, call, "reads").value if "reads" in call.demands or writes <= 0 else 0.0
    gets, puts = reads * connections, 0.0
    steps: list[Step] = []
    if reads > 0:
        steps.append(Take(f"{component.name}/reads", gets))
        steps.append(Wait(lognormal(reads * (_latency_s(component, "first_byte") + transfer_s), _VARIATION)))
    if writes > 0:
        count = parts(size, characteristic(_ROOM, component, "part_size").value)
        # An upload in parts is begun and completed by a request each.
        puts = writes * (count + 2 if count > 1 else 1)
        rounds = math.ceil(count / connections) + 2 if count > 1 else 1
        steps.append(Take(f"{component.name}/writes", puts))
        taken_s = rounds * _latency_s(component, "write_latency") + size / (
            min(connections, count) * fact("s3.bytes_per_s_per_connection").value
        )
        steps.append(Wait(lognormal(writes * taken_s, _VARIATION)))
    return Steps(
        enter=tuple(steps),
        retry_attempts=int(fact("s3.retry_attempts").value),
        retry_base_s=fact("s3.retry_base_s").value,
        retry_cap_s=fact("s3.retry_cap_s").value,
        usage={"gets": gets, "puts": puts, "bytes_out": reads * size, "bytes_in": writes * size},
    )


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Requests, what is stored where it is known, and in a directory bucket the bytes that move."""
    express = _express(component)
    get = catalog.unit_price("s3", "express_get" if express else "standard_get_select")
    put = catalog.unit_price("s3", "express_put" if express else "standard_put_copy_post_list")
    keep = catalog.unit_price("s3", "express_storage" if express else "standard_first_50TB")
    per_h = {name: usage.visits_per_s * 3600.0 * used for name, used in usage.per_visit.items()}
    stored_gb = characteristic(_ROOM, component, "stored").value / _GB
    items = {
        "reads": per_h.get("gets", 0.0) / 1e3 * get.usd,
        "writes": per_h.get("puts", 0.0) / 1e3 * put.usd,
    }
    if stored_gb > 0:
        items["storage"] = stored_gb * keep.usd / HOURS_PER_MONTH
    if express:
        out = catalog.unit_price("s3", "express_retrieval").usd
        back = catalog.unit_price("s3", "express_upload").usd
        items["transferred bytes"] = (per_h.get("bytes_out", 0.0) * out + per_h.get("bytes_in", 0.0) * back) / _GB
    notes = ["data transfer out of the Region is not counted"]
    if stored_gb <= 0:
        notes.append("storage is not counted: state 'stored'")
    if setting(_ROOM, component, _ACCELERATION) == "Enabled":
        notes.append("Transfer Acceleration is not counted")
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=tuple(notes),
        sources=tuple(dict.fromkeys((source_of(get), source_of(put)))),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None: prefixes are the keys' names, which no template holds."""
    return ()


_ROOM = room_of(sys.modules[__name__])
