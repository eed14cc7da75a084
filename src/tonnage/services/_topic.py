"""What topics and event buses share: a quota of messages, the time of a publish, copies to everybody who subscribes."""

from tonnage.catalog import fact
from tonnage.engine.primitives import Bucket, lognormal
from tonnage.engine.program import Take, Wait
from tonnage.services._face import Behaviour, Room, Steps, characteristic
from tonnage.workload import Component

LARGE_REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1"})
"""Regions with the largest quotas (AWS General Reference, service quotas)."""
_VARIATION = 0.7


def topic_behaviour(component: Component, per_s: float) -> Behaviour:
    """A quota that refuses what is above."""
    bucket = Bucket(rate_per_s=per_s, capacity=per_s, refusal="throttled")
    return Behaviour(primitives={f"{component.name}/messages": bucket}, limits={"messages/s": per_s})


def topic_visit(room: Room, component: Component, retries: str, size_bytes: float) -> Steps:
    """A publish: what becomes of the message its sender never learns."""
    latency_s = characteristic(room, component, "publish_latency").value
    return Steps(
        enter=(Take(f"{component.name}/messages"), Wait(lognormal(latency_s, _VARIATION))),
        retry_attempts=int(fact(retries).value),
        retry_base_s=0.05,
        retry_cap_s=20.0,
        usage={"bytes": size_bytes},
    )
