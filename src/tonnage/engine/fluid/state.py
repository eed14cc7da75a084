"""What the fluid kernels change: queues, flows and the way back up the calls, all allocated beforehand."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.fluid.layout import Layout
from tonnage.engine.kernels.histogram import COARSE_BITS, FINE_BITS, OCTAVES
from tonnage.engine.primitives import Bucket, Environments, Fleet

Floats = NDArray[np.float64]

MOST_DEPTH = 64
SAMPLES = 256
"""Requests drawn at one moment; a power of two."""


class Levels(NamedTuple):
    """The queues at a moment. All (queues,) float64; times in seconds, rates per second.

    Attributes:
        instances: In service; 1 where there are none to count.
        speed: Mean speed of an instance; of a bucket its rate.
        wait: Mean wait of a request that arrives now, those that do not wait included.
        variance: Of that wait.
        delayed: Share that waits.
        refused: Share refused on arrival.
        ratio: Flow out over flow in: below 1 a backlog grows, above it is worked off.
        busy: Work done over capacity.
        server_s: Mean time a server, token or environment is taken by a visit.
        full: Offered work over capacity.
        cold: Share of leases that make an environment.
        always: Environments that are always there.
        made: Environments that exist beyond those.
        spare: Environments that may be made at once.
    """

    instances: Floats
    speed: Floats
    wait: Floats
    variance: Floats
    delayed: Floats
    refused: Floats
    ratio: Floats
    busy: Floats
    server_s: Floats
    full: Floats
    cold: Floats
    always: Floats
    made: Floats
    spare: Floats


class Flows(NamedTuple):
    """What flows at a moment, per second.

    Attributes:
        visits: (queues,) visits that ask; tokens of a bucket.
        takes: (queues,) visits that ask a bucket.
        work: (queues,) work of them, server-seconds at speed 1.
        held: (queues,) token-seconds of those admitted.
        admitted: (queues,) of them.
        lost: (queues + visits, routes) requests lost at a queue, or to a visit's time-out.
        feed: (queues,) messages sent to a queue.
        called: (visits,) visits begun.
        fails: (visits,) share of tries that fail.
        time_s: (visits, 2) mean and variance of a try's time.
        route: (routes, 3) offered, share answered, mean response time.
    """

    visits: Floats
    takes: Floats
    work: Floats
    held: Floats
    admitted: Floats
    lost: Floats
    feed: Floats
    called: Floats
    fails: Floats
    time_s: Floats
    route: Floats


class Books(NamedTuple):
    """What the judged requests met: expected numbers, so not whole.

    Attributes:
        counts: (routes, windows, 4): answered, failed, late, unanswered.
        fine: (routes, buckets), response times of all but the failed.
        coarse: (routes, windows, coarse buckets), likewise.
        lost: (queues + visits, routes), failed by place.
        called: (visits, 2), visits begun and the time they took.
        refused: (queues,), refusals at any try.
        cold: (queues,), environments made.
        pending: (routes, 2), answered requests whose response times are still to be drawn; of them unanswered.
        seen: (2, queues), waits and refusals when they were last drawn.
        times_s: (samples,), room for the draws.
        moments: (1,), how often was drawn.
    """

    counts: Floats
    fine: Floats
    coarse: Floats
    lost: Floats
    called: Floats
    refused: Floats
    cold: Floats
    pending: Floats
    seen: Floats
    times_s: Floats
    moments: NDArray[np.int64]


ANSWERED, FAILED, LATE, UNANSWERED = range(4)


class Stack(NamedTuple):
    """The calls on the way, by depth.

    Attributes:
        at: (depth, 4) int64: where the call began, attempt, rounds left, whether it forks.
        kept: (depth, 8) float64: what to go on with when the call ends.
        hold: (depth, 3) float64: queue held, since when, by how much flow.
    """

    at: NDArray[np.int64]
    kept: Floats
    hold: Floats


def fresh_levels(layout: Layout) -> Levels:
    """Empty queues, full buckets, the instances declared."""
    levels = Levels._make(np.zeros(len(layout.queues)) for _ in Levels._fields)
    levels.instances[:] = 1.0
    levels.speed[:] = 1.0
    levels.ratio[:] = 1.0
    for name, k in layout.queues.items():
        primitive = layout.model.primitives[name]
        if isinstance(primitive, Fleet):
            levels.instances[k], levels.speed[k] = primitive.instances, primitive.speed
        elif isinstance(primitive, Bucket):
            levels.speed[k] = primitive.rate_per_s
            set_level(layout, levels, name, primitive.capacity if primitive.level is None else primitive.level)
        elif isinstance(primitive, Environments):
            levels.always[k] = primitive.provisioned
            levels.spare[k] = primitive.scale_burst
    return levels


def set_level(layout: Layout, levels: Levels, bucket: str, level: float) -> None:
    """Put so many tokens into a bucket: what is missing to its capacity is work to be waited for."""
    k = layout.queues[bucket]
    primitive = layout.model.primitives[bucket]
    assert isinstance(primitive, Bucket)
    levels.wait[k] = (primitive.capacity - level) / max(levels.speed[k], 1e-12)


def fresh_flows(layout: Layout) -> Flows:
    """Nothing flows."""
    queues, visits, routes = len(layout.queues), len(layout.visits), len(layout.code.share)
    return Flows(
        visits=np.zeros(queues),
        takes=np.zeros(queues),
        work=np.zeros(queues),
        held=np.zeros(queues),
        admitted=np.zeros(queues),
        lost=np.zeros((queues + visits, routes)),
        feed=np.zeros(queues),
        called=np.zeros(visits),
        fails=np.zeros(visits),
        time_s=np.zeros((visits, 2)),
        route=np.zeros((routes, 3)),
    )


def fresh_books(layout: Layout, windows: int) -> Books:
    """Nothing counted."""
    queues, visits, routes = len(layout.queues), len(layout.visits), len(layout.code.share)
    return Books(
        counts=np.zeros((routes, windows, 4)),
        fine=np.zeros((routes, OCTAVES << FINE_BITS)),
        coarse=np.zeros((routes, windows, OCTAVES << COARSE_BITS)),
        lost=np.zeros((queues + visits, routes)),
        called=np.zeros((visits, 2)),
        refused=np.zeros(queues),
        cold=np.zeros(queues),
        pending=np.zeros((routes, 2)),
        seen=np.full((2, queues), -1.0),
        times_s=np.zeros(SAMPLES),
        moments=np.zeros(1, dtype=np.int64),
    )


def fresh_stack() -> Stack:
    """Room for the deepest tree of calls."""
    return Stack(
        at=np.zeros((MOST_DEPTH, 4), dtype=np.int64), kept=np.zeros((MOST_DEPTH, 8)), hold=np.zeros((MOST_DEPTH, 3))
    )
