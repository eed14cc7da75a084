"""Streams that Lambda polls: shard by shard, in order, a batch at a time or several.

Source: AWS Lambda developer guide, "How Lambda processes records from stream and queue-based event sources".
"""

from collections.abc import Mapping

from tonnage.engine.primitives import Queue
from tonnage.services._event_sources import POLLED
from tonnage.services._face import Room, Setting
from tonnage.services._properties import number_of, setting
from tonnage.workload import Component, Path

_GUIDE = "AWS Lambda developer guide, event source mappings"
MOST_PARALLEL = 10
RETRIES = "MaximumRetryAttempts"
MAPPING: Mapping[str, Path] = {
    name: (name,) for name in ("BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor", RETRIES)
}
MAPPING_SETTINGS = (
    Setting(name="BatchSize", unit="1", default=100, meaning="Most records of one invocation.", source=_GUIDE),
    Setting(
        name="MaximumBatchingWindowInSeconds",
        unit="s",
        default=0,
        meaning="How long a batch that is not full waits for more.",
        source=_GUIDE,
    ),
    Setting(
        name="ParallelizationFactor",
        unit="1",
        default=1,
        meaning="Batches of a shard that are worked on at once, in order for each key.",
        source=_GUIDE,
    ),
    Setting(
        name=RETRIES,
        unit="1",
        default=-1,
        meaning="Retries of a failed batch before it is dropped; -1 means until its records expire.",
        source=_GUIDE,
    ),
    Setting(name=POLLED, unit="", default=False, meaning="Whether Lambda polls the stream.", source=_GUIDE),
)


def records(
    room: Room, component: Component, *, shards: int, workers: float, poll_s: float, retention_s: float
) -> Queue:
    """The records of a stream and who works on them.

    Args:
        room: The component's room.
        component: The stream.
        shards: Its shards.
        workers: Workers for each shard where Lambda does not poll.
        poll_s: How often Lambda polls a shard.
        retention_s: A record older than this is dropped.
    """
    polled = bool(setting(room, component, POLLED))
    beside = number_of(room, component, "ParallelizationFactor") if polled else workers
    retries = int(number_of(room, component, RETRIES))
    return Queue(
        concurrency=1,
        shards=shards * max(1, round(beside)),
        ordered=True,
        batch=max(1, int(number_of(room, component, "BatchSize"))),
        batch_window_s=max(number_of(room, component, "MaximumBatchingWindowInSeconds"), poll_s),
        retry_s=0.1,
        receives=None if retries < 0 else retries + 1,
        retention_s=retention_s,
        refusal="dropped after its last try",
    )
