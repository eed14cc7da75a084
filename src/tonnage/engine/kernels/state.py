"""What the kernel runs on: one array of records for each kind of thing, constants and changing values side by side.

A record keeps what is used together in one place, and a kernel takes a third of the time to compile that named arrays
would need. Lines (of instances, pools, queues and calls) and the slots of the tournament share one numbering:
instances, then pools, then shards of queues, then calls.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.operations import Operation

Records = NDArray[Any]
"""An array of one of the record types below."""
Record = Any
"""One of them."""
Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]

NATURAL = 0x7FFFFFFF
"""Mask that tells the compiler of an index that it is not negative: Numba's test for negative ones costs three
steps."""

REGISTERS = 8
HOLDS = 16
DEPTHS = 10
LEVELS = 64
"""Instances behind least outstanding are kept in lists by requests outstanding; the last list is "so many or more"."""
FREQUENCIES = 256
"""Counts of use that a cache tells apart under least frequent use."""

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
FORK = int(Operation.FORK)
SPAWN = int(Operation.SPAWN)
SEND = int(Operation.SEND)

HELD_INSTANCE, HELD_POOL, HELD_ENVIRONMENT, HELD_PROVISIONED = 0, 1, 2, 3
KIND_SHIFT = 24

RESUME, PATIENCE, RETRY, HEDGE, VISIBLE, RETURNED, CLIENT = 0, 1, 2, 3, 4, 5, 6
"""What a timer is for: a wait is over; patience is lost; try again; ask a second time; a batch's visibility time-out
ends; a message comes back; a client has thought."""

NOBODY = -2
"""Parent of work that nobody waits for; -1 is the parent of a request or message."""

CLOSED, OPEN, HALF_OPEN = 0, 1, 2
NO_JITTER, FULL_JITTER, EQUAL_JITTER, DECORRELATED_JITTER = 0, 1, 2, 3

GIVEN_UP = 0
"""Cause 0: work refused because its caller has given up."""


class Status(IntEnum):
    """Why the kernel came back."""

    REACHED = 0
    """The time asked for was reached."""
    GROW = 1
    """The task or timer arrays are nearly full."""
    ENDLESS = 2
    """So many events fell on one moment that the program never ends."""


MARGIN = 256
"""Free tasks and timers that must be left when the kernel begins an event or a call."""
MOST_AT_ONCE = 20_000_000
"""Events and steps at one moment of simulated time after which a program is taken to be endless."""


def _record(**fields: str | tuple[str, tuple[int]]) -> np.dtype[np.void]:
    return np.dtype([(n, *f) if isinstance(f, tuple) else (n, f) for n, f in fields.items()], align=True)


INSTRUCTION = _record(op="i4", a="i4", b="i4", c="i4", component="i4", x="f8", salt="u8")
"""An instruction: see :class:`Operation` for a, b, c and x; ``salt`` says which stream of luck it draws from."""

CALL_RULE = _record(
    timeout_s="f8",
    base_s="f8",
    cap_s="f8",
    hedge_s="f8",
    attempts="i4",
    jitter="i4",
    budget="i4",
    breaker="i4",
    deadline="i4",
    cause="i4",
)
"""How a call is made; ``budget`` and ``breaker`` are -1 where there is none."""

CLOCK = _record(
    now="f8",
    next_arrival="f8",
    measure_start="f8",
    measure_end="f8",
    window_s="f8",
    rate_step_s="f8",
    batch_mean="f8",
    burst_factor="f8",
    calm_factor="f8",
    burst_s="f8",
    calm_s="f8",
    modulated_until="f8",
    think_s="f8",
    seed="u8",
    free="i8",
    timers="i8",
    ready="i8",
    sequence="i8",
    draws="i8",
    in_flight="i8",
    most_in_flight="i8",
    events="i8",
    at_once="i8",
    batch_left="i8",
    step_left="i8",
    step_at="i8",
    batches="i4",
    instances="i4",
    pools="i4",
    shards="i4",
    counted="i4",
    bursting="i4",
    clients="i4",
    think_table="i4",
)
"""One record: the clock, what is offered, and how many of everything there are. ``counted``: the rates are counts that
are met exactly. ``draws`` numbers the draws of the arrivals, ``sequence`` the requests."""

TIMER = _record(time="f8", task="i4", stamp="i4", kind="i4")

FLEET = _record(
    first="i4",
    servers="i4",
    shared="i4",
    rule="i4",
    active_n="i4",
    cursor="i4",
    lowest="i4",
    full="i4",
    none="i4",
    dead="i4",
    most_weight="f8",
    slow_start_s="f8",
)
"""``full``, ``none`` and ``dead`` are causes: queue full, no instance in service, instance lost. ``lowest`` is the
first list of least outstanding that may not be empty."""

INSTANCE = _record(
    v="f8",
    t="f8",
    speed="f8",
    busy="f8",
    work="f8",
    since="f8",
    weight="f8",
    base="i8",
    visits="i8",
    n="i4",
    out="i4",
    room="i4",
    fleet="i4",
    servers="i4",
    shared="i4",
    dead="i4",
    listed="i4",
    next="i4",
    previous="i4",
)
"""An instance. ``v``: work each job in service has received since it was last empty, s; ``t``: when that was so;
``busy`` and ``work``: integrals of busy servers, and of that times speed; ``since``: when it came into service;
``base``: where its jobs begin, ``room``: most jobs in service; ``n``: jobs in service; ``out``: requests outstanding;
``listed``: list of least outstanding that it stands in, or -1."""

JOB = _record(done_at="f8", task="i4")

LINE = _record(
    head="i4",
    tail="i4",
    len="i4",
    limit="i4",
    full="i4",
    old="i4",
    age_limit_s="f8",
    age_target_s="f8",
    empty_at="f8",
)
"""A waiting line. ``full`` and ``old`` are causes: line full, waited too long. ``empty_at``: when it was last empty."""

POOL = _record(capacity="i4", use="i4", memoryless="i4", impatient="i4", patience_s="f8", integral="f8", t="f8")
"""Tokens; ``impatient`` is the cause for lost patience; ``integral`` of the tokens in use."""

BUCKET = _record(rate="f8", capacity="f8", level="f8", t="f8", taken="f8", refused="f8", rejects="i4", cause="i4")
"""Tokens left; ``level`` is negative in delay mode: already promised."""

CACHE = _record(
    fixed="f8",
    ttl_s="f8",
    lookups="i8",
    hits="i8",
    base="i4",
    objects="i4",
    capacity="i4",
    held="i4",
    frequent="i4",
    lowest="i4",
    alias_base="i4",
    trace_base="i4",
    trace_len="i4",
    trace_at="i4",
)
"""``fixed``: fixed hit ratio, or -1; ``frequent``: least frequent use; ``lowest``: least count of use perhaps held."""

LINK = _record(stored="f8", newer="i4", older="i4", count="i4")
ALIAS = _record(share="f8", other="i4")

ENVIRONMENTS = _record(
    keep_alive_s="f8",
    scale_per_s="f8",
    scale_burst="f8",
    cold_s="f8",
    level="f8",
    t="f8",
    integral="f8",
    integral_t="f8",
    leases="i8",
    colds="i8",
    throttled="i8",
    spilled="i8",
    cold_table="i4",
    limit="i4",
    provisioned="i4",
    use="i4",
    use_provisioned="i4",
    base="i4",
    room="i4",
    warm_n="i4",
    cause="i4",
    sharer="i4",
    shared_limit="i4",
    claimed="i4",
)
"""``level`` at ``t``: new environments allowed; ``warm_n`` idle ones stand from ``base`` on in ``warm``.

Those that share a limit have one ``sharer``, whose ``claimed`` counts what is provisioned and what is used beyond that.
"""

BUDGET = _record(level="f8", capacity="f8", cost="f8", timeout_cost="f8", refund="f8", rate="f8", t="f8", refused="i8")

BREAKER = _record(
    threshold="f8",
    open_s="f8",
    until="f8",
    base="i4",
    window="i4",
    known="i4",
    at="i4",
    failures="i4",
    state="i4",
    probes="i4",
    asked="i4",
    passed="i4",
    cause="i4",
    opened="i8",
)

SHARD = _record(
    visibility_s="f8",
    retention_s="f8",
    window_s="f8",
    retry_s="f8",
    paused_until="f8",
    concurrency="i4",
    batch="i4",
    ordered="i4",
    receives="i4",
    cause="i4",
    old="i4",
    pc="i4",
    route="i4",
    use="i4",
    flying="i4",
    sent="i8",
    processed="i8",
    again="i8",
    dropped="i8",
)
"""One shard of a queue. ``use``: batches being processed; ``flying``: messages received and not yet processed."""

FAULT = _record(delay_s="f8", errors="f8", cause="i4")
"""What is wrong with a component now: extra latency of each visit, share of visits that fail, and their cause."""

TASK = _record(
    pc="i4",
    stamp="i4",
    line="i4",
    after="i4",
    before="i4",
    parent="i4",
    ticket="i4",
    waiting="i4",
    start="f8",
    key="u8",
    work="f8",
    since="f8",
    give_up="f8",
    backoff_s="f8",
    route="i4",
    held="i4",
    depth="i4",
    attempt="i4",
    doom="i4",
    batch="i4",
    chain="i4",
    shard="i4",
    reg=("i4", (REGISTERS,)),
    hold=("i4", (HOLDS,)),
    mark=("f8", (DEPTHS,)),
)
"""A request, message, batch of messages, or call that somebody may give up on. ``stamp`` changes whenever it resumes:
an older timer, or a child with an older ``ticket``, is stale. ``waiting``: children it waits for; ``doom``: cause with
which it fails as soon as it goes on, or -1; ``since``: when it joined a line, or received a batch; ``shard``: where
the message or batch belongs, ``batch``: messages in it, ``chain``: the first of them, or the next."""


class Books(NamedTuple):
    """What is counted. R routes, K causes, M components, W windows."""

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


class Things(NamedTuple):
    """Everything a model is made of, as it stands at time 0: a run works on a copy."""

    fleets: Records
    instances: Records
    active: Ints
    """(F, slots) int32: slots in service."""
    levels: Ints
    """(F, LEVELS, 2) int32: first and last instance of each list of least outstanding."""
    lines: Records
    pools: Records
    buckets: Records
    caches: Records
    links: Records
    environments: Records
    warm: Floats
    """(sum of room,) float64, s: since when each warm environment is idle, oldest first."""
    budgets: Records
    breakers: Records
    outcomes: NDArray[np.uint8]
    """(sum of windows,) uint8: 1 for each of the latest calls that failed."""
    shards: Records
    faults: Records


class Constants(NamedTuple):
    """What a run does not change."""

    code: Records
    calls: Records
    tables: Floats
    """(tables, 1281) float64: quantiles at mean 1."""
    aliases: Records
    """Walker's alias tables of the popularities."""
    trace: Ints
    """Keys to replay."""
    route_pc: Ints
    route_until: Floats
    """(R,) float64: cumulated shares of the arrivals."""
    deadline_s: Floats
    rates: Floats
    """(steps,) float64: offered rate (1/s) or count in each step of the traffic."""


class State(NamedTuple):
    """What changes while the kernel runs."""

    clock: Records
    slot_time: Floats
    """(power of two,) float64, s: next event of each slot; of a timed line no later than it."""
    tree: Longs
    """Tournament over ``slot_time`` (see ``event_set``)."""
    timers: Records
    tasks: Records
    free: Ints
    ready: Ints
    jobs: Records
    things: Things
    books: Books
