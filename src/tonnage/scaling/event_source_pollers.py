"""Pollers of Lambda's event source mapping for a queue: more each minute while messages wait, else as many as are busy.

Source: AWS Lambda developer guide, "Scaling behavior" of Amazon SQS event source mappings (5 batches at first, up to
300 more a minute). That they fall back at once when nothing waits is assumed.
"""

from collections.abc import Mapping

from tonnage.scaling._controller import NOTHING_TOLD, Moment, Reads, Told
from tonnage.scaling.readings import Consumers, Readings, Setting
from tonnage.services import Pollers


def begin(rule: Pollers, unix_s: float) -> int:  # noqa: ARG001 - the face of every controller
    """As many as when nothing waits."""
    return rule.start


def reads(rule: Pollers) -> Reads:
    """The queue."""
    return Reads(queues=(rule.queue,))


def next_unix_s(rule: Pollers, memory: int) -> float:  # noqa: ARG001
    """Never by the clock."""
    return float("inf")


def tick(rule: Pollers, memory: int, moment: Moment, readings: Readings) -> tuple[int, Told]:
    """Once a minute."""
    if not moment.full_minute:
        return memory, NOTHING_TOLD
    if readings.waiting.get(rule.queue, 0.0) > 0.0:
        wanted = memory + rule.per_minute
    else:
        wanted = round(readings.consuming.get(rule.queue, 0.0))
    return min(max(wanted, rule.start), rule.maximum), NOTHING_TOLD


def settings(rule: Pollers, memory: int) -> tuple[Setting, ...]:
    """Batches processed at once."""
    return (Consumers(queue=rule.queue, batches=memory),)


def levels(rule: Pollers, memory: int) -> Mapping[str, float]:  # noqa: ARG001
    """Nothing: the queue's own series shows its consumers."""
    return {}


def provisioned(rule: Pollers, memory: int) -> Mapping[str, float]:  # noqa: ARG001
    """Nothing."""
    return {}
