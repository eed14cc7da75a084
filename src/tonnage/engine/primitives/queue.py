"""Queue: messages that are kept until a consumer has processed them.

Senders go on at once. Up to ``concurrency`` batches are processed at a time in each shard, each of up to ``batch``
messages, by the program that consumes the queue. A message whose processing fails, or takes longer than
``visibility_s``, is received again, up to ``receives`` times in all; then it is dropped (to a dead-letter queue).

With ``ordered`` a shard works on its batches in order and tries a failed batch again at once, before any later one
(Kinesis and DynamoDB streams, FIFO message groups); without, a failed message comes back when its visibility time-out
ends (SQS). Sources: Amazon SQS developer guide, "Visibility timeout" and "Dead-letter queues"; AWS Lambda developer
guide, "Using Lambda with Amazon SQS" and "How Lambda processes records from stream and queue-based event sources".

A message whose visibility time-out ends while it is still being processed is received a second time, and the second
receipt is the one that counts: the work of the first is for nothing.

Closed forms held in ``tests/validation``: with batches of one, no failures and c consumers it is M/M/c.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue, topic or stream.

    Attributes:
        concurrency: Batches processed at once in each shard.
        fleet: Whose instances are the consumers, ``per_instance`` batches at once each, those in service; then
            ``concurrency`` is what the instances of the start make together.
        per_instance: Batches that each instance of a fleet processes at once; 0 where consumers are no instances.
        batch: Most messages in a batch.
        batch_window_s: How long a batch that is not full waits for more messages.
        shards: Parts that a message is given to by its key.
        ordered: Whether a shard keeps the order and stops at a failure.
        visibility_s: A message received and not processed comes back after this long (not when ``ordered``).
        retry_s: Pause of an ordered shard after a failure before it tries the batch again.
        receives: How often a message is tried before it is dropped; None: for ever.
        retention_s: A message older than this is dropped.
        refusal: What is said of a message dropped after ``receives`` tries.
    """

    concurrency: int = 1
    batch: int = 1
    batch_window_s: float = 0.0
    shards: int = 1
    ordered: bool = False
    visibility_s: float = 30.0
    retry_s: float = 1.0
    receives: int | None = None
    retention_s: float = 345_600.0
    fleet: str | None = None
    per_instance: int = 0
    refusal: str = "moved to the dead-letter queue"
