"""S3 buckets: time to the first byte, the transfer over one or several connections, and the rates of their prefixes.

A prefix of a general purpose bucket takes 5,500 reads and 3,500 writes a second at once, and grows while more is asked
of it; what is above is refused with 503 Slow Down and tried again by the SDK. Directory buckets (S3 Express One Zone)
answer sooner and have a rate of their own. Large objects are transferred at the speed of a connection, faster in parts
over several at once.

Not modelled: listing, storage classes but Standard and Express One Zone, replication, event notifications, the network
of the instance that reads.

Sources: Amazon S3 user guide, "Best practices design patterns: optimizing Amazon S3 performance", "S3 Express One
Zone", "Uploading and copying objects using multipart upload"; pricing.
"""

import sys
from collections.abc import Iterable

from tonnage.catalog import Catalog, fact
from tonnage.engine.primitives import Bucket, lognormal
from tonnage.engine.program import Step, Take, Wait
from tonnage.services._face import (
    Behaviour,
    Characteristic,
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
from tonnage.services._pricing import source_of
from tonnage.services._properties import Gathered, room_of, setting
from tonnage.workload import Addition, Call, Change, Component, NotModelled, Resource, Stack, assumed

KIND = "AWS::S3::Bucket"
DIRECTORY = "AWS::S3Express::DirectoryBucket"
ALSO: tuple[str, ...] = (DIRECTORY,)
SPELLINGS = {"terraform": "aws_s3_bucket", "boto3": "s3:ListBuckets"}
TITLE = "S3 bucket"
ENTRY = False
ROLE: Role = "storage"
_GUIDE = "Amazon S3 user guide"
_REDUNDANCY = "DataRedundancy"
_ONE_ZONE = "SingleAvailabilityZone"

SETTINGS = (
    Setting(
        name=_REDUNDANCY,
        unit="",
        default=None,
        meaning=f"{_ONE_ZONE}: a directory bucket of S3 Express One Zone; absent: a general purpose bucket.",
        source=f"{_GUIDE}, directory buckets",
    ),
)
CHARACTERISTICS = (
    Characteristic(
        name="prefixes",
        quantity=assumed(1.0, "1", "all keys under one partition", low=1.0, high=100.0),
        meaning="Partitioned prefixes that requests spread over: S3 makes them where load has lasted.",
    ),
    Characteristic(
        name="doubling_time",
        quantity=fact("s3.split_doubling_s").assumed(),
        meaning="How long the request rate of the prefixes takes to double while more is asked: compare 5xxErrors with "
        "AllRequests (request metrics) in a load test.",
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
        quantity=assumed(1.0, "1", "one PUT", low=1.0, high=5.0),
        meaning="PUT, COPY, POST and DELETE requests of a visit, one after the other: PutRequests over visits.",
        needs=("writes",),
    ),
    Demand(
        name="bytes",
        quantity=assumed(100_000.0, "bytes", "a document or a picture", low=1_000.0, high=10_000_000.0),
        meaning="Size of an object: BytesDownloaded over GetRequests.",
    ),
    Demand(
        name="connections",
        quantity=assumed(1.0, "1", "one request for the whole object", low=1.0, high=16.0),
        meaning="Parts or byte ranges of an object that are transferred at once.",
    ),
)
_VARIATION = 0.7
_RETRIES, _RETRY_BASE_S, _RETRY_CAP_S = 3, 0.05, 20.0
"""The SDKs' standard mode: three attempts in all, full jitter (AWS SDKs and Tools reference guide, retry behavior)."""
_HEADROOM = 1.0
_HALVING_S = 86_400.0
"""Partitions that are no longer needed are kept for a long time; how long is not documented."""


def gather(resource: Resource, stack: Stack) -> Component | NotModelled:  # noqa: ARG001 - the face of every room
    """Make the component of a bucket."""
    gathered = Gathered()
    if resource.kind == DIRECTORY:
        gathered.settings[_REDUNDANCY] = _ONE_ZONE
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def _express(component: Component) -> bool:
    return setting(_ROOM, component, _REDUNDANCY) == _ONE_ZONE


def behaviour(component: Component, catalog: Catalog) -> Behaviour:  # noqa: ARG001 - the face of every room
    """A rate of reads and one of writes, which grow with what is asked."""
    express = _express(component)
    prefixes = max(1.0, characteristic(_ROOM, component, "prefixes").value)
    rates = {
        kind: fact(f"s3.express_{kind}_per_s").value
        if express
        else fact(f"s3.{kind}_per_s_per_prefix").value * prefixes
        for kind in ("reads", "writes")
    }
    controls = [
        GrowingCapacity(
            bucket=f"{component.name}/{kind}",
            floor_per_s=rate,
            headroom=_HEADROOM,
            doubling_s=characteristic(_ROOM, component, "doubling_time").value,
            halving_s=_HALVING_S,
        )
        for kind, rate in rates.items()
    ]
    return Behaviour(
        primitives={
            f"{component.name}/{kind}": Bucket(rate_per_s=rate, capacity=rate, refusal="503 Slow Down")
            for kind, rate in rates.items()
        },
        controls=() if express else tuple(controls),
        limits={f"{kind}/s": rate for kind, rate in rates.items()},
    )


def visit(component: Component, call: Call, catalog: Catalog) -> Steps:  # noqa: ARG001 - the face of every room
    """Each request takes a token, waits for the first byte and for the transfer."""
    first_s = fact("s3.express_first_byte_s" if _express(component) else "s3.first_byte_s").value
    connections = max(1.0, demand(_ROOM, call, "connections").value)
    size = demand(_ROOM, call, "bytes").value
    transfer_s = size / (connections * fact("s3.bytes_per_s_per_connection").value)
    reads, writes = (_asked(call, kind) for kind in ("reads", "writes"))
    steps: list[Step] = []
    for kind, asked in (("reads", reads), ("writes", writes)):
        if asked > 0:
            # Parts of an object are requests of their own.
            steps.append(Take(f"{component.name}/{kind}", asked * connections))
            steps.append(Wait(lognormal(asked * (first_s + transfer_s), _VARIATION)))
    return Steps(
        enter=tuple(steps),
        retry_attempts=_RETRIES,
        retry_base_s=_RETRY_BASE_S,
        retry_cap_s=_RETRY_CAP_S,
        usage={
            "reads": reads * connections,
            "writes": writes * connections,
            "read_bytes": reads * size,
            "written_bytes": writes * size,
        },
    )


def _asked(call: Call, kind: str) -> float:
    found = next(item for item in DEMANDS if item.name == kind)
    return demand(_ROOM, call, kind).value if found.matters_to(call) else 0.0


def price(component: Component, usage: Usage, catalog: Catalog) -> Cost:
    """Requests; for Express One Zone the bytes too."""
    express = _express(component)
    names = ("express_get", "express_put") if express else ("standard_get_select", "standard_put_copy_post_list")
    get, put = (catalog.unit_price("s3", name) for name in names)
    per_h = usage.visits_per_s * 3600.0
    items = {
        "reads": per_h * usage.per_visit.get("reads", 0.0) / 1e3 * get.usd,
        "writes": per_h * usage.per_visit.get("writes", 0.0) / 1e3 * put.usd,
    }
    if express:
        for name, kind in (("express_retrieval", "read_bytes"), ("express_upload", "written_bytes")):
            items[kind.replace("_", " ")] = (
                per_h * usage.per_visit.get(kind, 0.0) / 1e9 * catalog.unit_price("s3", name).usd
            )
    return Cost(
        usd_per_h=sum(items.values()),
        items=items,
        notes=("storage and transfer to the internet are not counted",),
        sources=(source_of(get), source_of(put)),
    )


def knobs(component: Component, situation: Situation, catalog: Catalog) -> Iterable[Change | Addition]:  # noqa: ARG001
    """None that a template writes: prefixes are names that the application gives."""
    return ()


_ROOM = room_of(sys.modules[__name__])
