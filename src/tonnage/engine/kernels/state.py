"""What the kernel runs on: constants of the model, and the state that it changes, as named arrays.

Shapes use: I instances (slots of all fleets), F fleets, P pools, B buckets, C caches, E environments, T tasks,
N instructions, R routes, K causes of failure, M components, W windows.
"""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.operations import Operation

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

REGISTERS = 8
HOLDS = 16

END = int(Operation.END)
WAIT = int(Operation.WAIT)
CHOOSE = int(Operation.CHOOSE)
WORK = int(Operation.WORK)
LEAVE = int(Operation.LEAVE)
HOLD = int(Operation.HOLD)
RELEASE = int(Operation.RELEASE)
TAKE = int(Operation.TAKE)
LOOKUP = int(Operation.LOOKUP)
FILL = int(Operation.FILL)
LEASE = int(Operation.LEASE)
RETURN = int(Operation.RETURN)
BRANCH = int(Operation.BRANCH)
CALL = int(Operation.CALL)
BEGIN = int(Operation.BEGIN)
FINISH = int(Operation.FINISH)
SET = int(Operation.SET)
LOOP = int(Operation.LOOP)

HELD_INSTANCE, HELD_POOL, HELD_ENVIRONMENT, HELD_PROVISIONED = 0, 1, 2, 3
KIND_SHIFT = 24

RESUME, TIMEOUT, PATIENCE, RETRY = np.int8(0), np.int8(1), np.int8(2), np.int8(3)

NOW, NEXT_ARRIVAL = 0, 1
FREE, TIMERS, READY, SEQUENCE, IN_FLIGHT, EVENTS, MOST_IN_FLIGHT = 0, 1, 2, 3, 4, 5, 6


class Status(IntEnum):
    """Why the kernel came back."""

    REACHED = 0
    """The time asked for was reached."""
    GROW = 1
    """The task or timer arrays are nearly full."""


MARGIN = 256
"""Free tasks and timers that must be left when the kernel begins an event or a call."""


class Program(NamedTuple):
    """Instructions and the tables they draw from."""

    code: Ints
    """(N, 5) int32: operation, a, b, c, component."""
    number: Floats
    """(N, 3) float64: mean times (s), amounts, probabilities, time-outs, back-offs."""
    salt: NDArray[np.uint64]
    """(N,) uint64: which stream of luck the step draws from."""
    tables: Floats
    """(tables, 1281) float64: quantiles at mean 1."""


class Fleets(NamedTuple):
    """What the fleets and their instances are."""

    first: Ints
    """(F,) int32: first slot."""
    servers: Ints
    """(F,) int32: servers of one instance."""
    shared: Ints
    """(F,) int32: 1 for processor sharing, 0 for FIFO."""
    rule: Ints
    """(F,) int32: 0 round robin, 1 least outstanding, 2 random, 3 random two."""
    queue_limit: Ints
    """(F,) int32: most jobs waiting at an instance."""
    cause: Ints
    """(F, 2) int32: causes for a full queue, and for no instance in service."""
    of: Ints
    """(I,) int32."""
    heap_base: Longs
    """(I,) int64: where the instance's jobs begin."""
    heap_room: Ints
    """(I,) int32: most jobs in service at once."""


class PoolRules(NamedTuple):
    """What the pools are."""

    queue_limit: Ints
    """(P,) int32."""
    patience_s: Floats
    """(P,) float64, s."""
    cause: Ints
    """(P, 2) int32: causes for a full line, and for lost patience."""
    queue: Ints
    """(P,) int32: waiting line of the pool."""


class BucketRules(NamedTuple):
    """What the buckets are."""

    rejects: Ints
    """(B,) int32: 1 to reject, 0 to delay."""
    cause: Ints
    """(B,) int32."""


class CacheRules(NamedTuple):
    """What the caches are."""

    fixed: Floats
    """(C,) float64: fixed hit ratio, or -1."""
    base: Ints
    """(C,) int32."""
    objects: Ints
    """(C,) int32."""
    capacity: Ints
    """(C,) int32."""
    ttl_s: Floats
    """(C,) float64, s."""
    alias_share: Floats
    """(sum of objects,) float64: Walker's alias table of the popularity."""
    alias_other: Ints
    """(sum of objects,) int32."""
    alias_base: Ints
    """(C,) int32."""


class EnvironmentRules(NamedTuple):
    """What the environments are."""

    keep_alive_s: Floats
    """(E,) float64, s."""
    scale: Floats
    """(E, 2) float64: new environments per second, and at once."""
    cold: Floats
    """(E, 2) float64: mean time of a cold start (s), and row of its table."""
    cause: Ints
    """(E,) int32."""
    base: Ints
    """(E,) int32: where its warm environments begin."""
    room: Ints
    """(E,) int32: most warm environments remembered."""


class Arrivals(NamedTuple):
    """What is offered, and what counts."""

    route_pc: Ints
    """(R,) int32: first instruction."""
    route_until: Floats
    """(R,) float64: cumulated shares."""
    deadline_s: Floats
    """(R,) float64, s."""
    seed: NDArray[np.uint64]
    """(1,) uint64."""
    rate_per_s: Floats
    """(steps,) float64, 1/s: offered rate in each step of the traffic."""
    rate_step_s: float
    """Length of a step of the traffic, s."""
    measure: Floats
    """(3,) float64, s: start and end of the measured time, and length of a window."""


class Events(NamedTuple):
    """The clock, the pending events, and the lists of free and ready tasks."""

    clock: Floats
    """(2,) float64, s: now, next arrival."""
    counts: Longs
    """(7,) int64: free tasks, timers, ready tasks, arrivals so far, requests in flight, events, most in flight."""
    slot_time: Floats
    """(power of two,) float64, s: next completion of each instance."""
    winner: Ints
    """(2 x power of two,) int32: tournament over ``slot_time``."""
    free: Ints
    ready: Ints
    timer_time: Floats
    timer_task: Ints
    timer_stamp: Ints
    timer_kind: NDArray[np.int8]


class Instances(NamedTuple):
    """The instances of all fleets. An integral is up to the last change, not up to now."""

    v: Floats
    """(I,) float64, s: work each job in service has received since the instance was last empty."""
    t: Floats
    """(I,) float64, s: when ``v`` was brought up to date."""
    speed: Floats
    """(I,) float64: work per second and server."""
    busy: Floats
    """(I,) float64: integral of busy servers, server-seconds."""
    work: Floats
    """(I,) float64: integral of busy servers times speed: work done."""
    n: Ints
    """(I,) int32: jobs in service."""
    out: Ints
    """(I,) int32: requests outstanding."""
    visits: Longs
    """(I,) int64: requests ever given to it."""
    job_key: Floats
    """(sum of room,) float64: the virtual time at which each job is done."""
    job_task: Ints
    """(sum of room,) int32."""
    active: Ints
    """(F, slots) int32: slots in service."""
    active_n: Ints
    """(F,) int32."""
    cursor: Ints
    """(F,) int32: round robin."""


class Lines(NamedTuple):
    """Waiting lines: one for each instance and each pool, linked through the tasks."""

    head: Ints
    """(I + P,) int32."""
    tail: Ints
    """(I + P,) int32."""
    len: Ints
    """(I + P,) int32."""
    after: Ints
    before: Ints
    queue: Ints


class Pools(NamedTuple):
    """Tokens in use."""

    capacity: Ints
    """(P,) int32."""
    use: Ints
    """(P,) int32."""
    most: Ints
    """(P,) int32: most tokens in use since last asked."""
    integral: Floats
    """(P,) float64: integral of tokens in use, token-seconds."""
    t: Floats
    """(P,) float64, s."""


class Buckets(NamedTuple):
    """Tokens left."""

    rate: Floats
    """(B,) float64, tokens/s."""
    capacity: Floats
    """(B,) float64, tokens."""
    level: Floats
    """(B,) float64, tokens; negative in delay mode: already promised."""
    t: Floats
    """(B,) float64, s."""
    taken: Floats
    """(B,) float64: tokens taken so far."""
    refused: Floats
    """(B,) float64: tokens refused so far."""


class Caches(NamedTuple):
    """What the caches hold."""

    newer: Ints
    """(sum of objects + 1,) int32."""
    older: Ints
    """(sum of objects + 1,) int32."""
    stored: Floats
    """(sum of objects + 1,) float64, s."""
    held: Ints
    """(C,) int32."""
    counts: Longs
    """(C, 2) int64: look-ups, hits."""


class EnvironmentsInUse(NamedTuple):
    """Environments in use and warm."""

    limit: Ints
    """(E,) int32."""
    provisioned: Ints
    """(E,) int32."""
    use: Ints
    """(E, 3) int32: environments in use, provisioned ones among them, most in use since last asked."""
    warm: Floats
    """(sum of room,) float64, s: since when each warm environment is idle, oldest first."""
    warm_n: Ints
    """(E,) int32."""
    level: Floats
    """(E,) float64: new environments allowed now."""
    t: Floats
    """(E, 2) float64, s: of the level, and of the integral."""
    integral: Floats
    """(E,) float64: integral of environments in use."""
    counts: Longs
    """(E, 4) int64: leases, cold starts, throttled, spilled over from provisioned."""


class Tasks(NamedTuple):
    """Requests, and the calls they make that may time out or be tried again."""

    pc: Ints
    route: Ints
    start: Floats
    key: NDArray[np.uint64]
    parent: Ints
    """Waiting caller, or -1 for a request, or -2 for work nobody waits for any more."""
    stamp: Ints
    """Changes whenever the task resumes: an older timer is stale."""
    child: Ints
    attempt: Ints
    work: Floats
    reg: Ints
    """(T, REGISTERS) int32."""
    hold: Ints
    """(T, HOLDS) int32: what it holds, kind in the upper bits."""
    held: Ints
    """(T,) int32: how many."""
    mark: Floats
    """(T, 10) float64, s: when it entered the components it is in."""
    depth: Ints


class Books(NamedTuple):
    """What is counted."""

    route_count: Longs
    """(R, 4) int64, measured requests: arrived, answered in time, failed, answered late."""
    route_hist: Longs
    """(R, fine buckets) int64: answered measured requests by response time."""
    window_count: Longs
    """(R, W, 3) int64: arrived, answered in time, failed or late, by arrival."""
    window_hist: Ints
    """(R, W, coarse buckets) int32: answered requests of the window by response time."""
    failed: Longs
    """(R, K) int64: measured requests failed, by cause."""
    refused: Longs
    """(K,) int64: refusals at any attempt, over the whole run."""
    comp_time: Floats
    """(M, 2) float64: visits completed, and their total time, s (time spent below included)."""
    comp_own: Longs
    """(M,) int64: visits begun."""


class Constants(NamedTuple):
    """The compiled model. Nothing here changes while the kernel runs."""

    program: Program
    fleets: Fleets
    pool_rules: PoolRules
    bucket_rules: BucketRules
    cache_rules: CacheRules
    env_rules: EnvironmentRules
    arrivals: Arrivals


class State(NamedTuple):
    """What changes while the kernel runs."""

    events: Events
    inst: Instances
    lines: Lines
    pools: Pools
    buckets: Buckets
    caches: Caches
    envs: EnvironmentsInUse
    tasks: Tasks
    books: Books
