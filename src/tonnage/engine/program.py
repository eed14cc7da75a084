"""Route programs: what a request does, step by step, over named primitives.

Service rooms write the steps of one visit; ``compile`` joins visits into programs; ``model`` flattens programs into the
arrays that the kernel interprets. Primitives are named ``Component/part``.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from tonnage.engine.primitives import Distribution


@dataclass(frozen=True, slots=True)
class Wait:
    """Time that consumes nothing: network, hand-over, a service's own overhead."""

    time: Distribution


@dataclass(frozen=True, slots=True)
class Choose:
    """Give the request to an instance of the fleet by its rule; it counts as outstanding there until ``Leave``."""

    fleet: str


@dataclass(frozen=True, slots=True)
class Work:
    """Work at a fleet: at the instance chosen before, or at one chosen for this work alone."""

    fleet: str
    time: Distribution


@dataclass(frozen=True, slots=True)
class Leave:
    """The request is no longer outstanding at the instance it was given to."""

    fleet: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Take a token of the pool, or wait for one, or fail; held until ``Release`` or failure."""

    pool: str


@dataclass(frozen=True, slots=True)
class Release:
    """Give the token back."""

    pool: str


@dataclass(frozen=True, slots=True)
class Take:
    """Take tokens from the bucket, or be refused or delayed.

    Below a ``share`` of 1 only that share of the visits take them. Which ones is drawn once for a visit, however often
    it is tried again; takes of the same share in a visit are made by the same ones.
    """

    bucket: str
    amount: float = 1.0
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Lookup:
    """Look a key up in the cache; a hit skips the visit's ``on_miss`` part."""

    cache: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Take an execution environment, or be throttled; held until ``Return`` or failure."""

    environments: str


@dataclass(frozen=True, slots=True)
class Return:
    """Give the execution environment back: it stays warm for a while."""

    environments: str


@dataclass(frozen=True, slots=True)
class Send:
    """Put a message into the queue and go on; the program that consumes the queue processes it later."""

    queue: str


Step: TypeAlias = Wait | Choose | Work | Leave | Hold | Release | Take | Lookup | Lease | Return | Send
Jitter: TypeAlias = Literal["none", "full", "equal", "decorrelated"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One call, as the engine sees it.

    Attributes:
        component: Name for the accounts: failures inside are booked there; empty for a part of the visit around it.
        enter: Steps before the calls below; at most one ``Lookup``, and it is the last step.
        leave: Steps after them.
        calls: Visits made in between, in order.
        parallel: Whether the calls are made all at once: the visit goes on when the last is answered, and fails as
            soon as one fails.
        waits: Whether the caller waits for the answer; if not, it goes on at once and never learns of a failure.
        each_message: In a program that consumes a queue: made once for every message of the batch.
        on_miss: Visits made in between only if the ``Lookup`` missed; afterwards the key is filled in.
        probability: Share of the parent's visits that make this one.
        times: How often it is made each time.
        timeout_s: The caller gives up after this long; None: never. What it gave up on goes on.
        attempts: Tries in all.
        backoff_base_s: Backoff before the second try, doubling after.
        backoff_cap_s: Largest backoff.
        jitter: ``none``: the backoff itself; ``full``: uniform from 0 to it; ``equal``: half of it and uniform up to
            it; ``decorrelated``: uniform from the base to three times the last one. Source: AWS Architecture Blog,
            "Exponential Backoff And Jitter" (2015).
        hedge_s: After this long without an answer the call is made a second time; the first answer counts.
        budget: Name of the retry budget that a further try must pay from.
        breaker: Name of the circuit breaker that stands before the call.
        deadline: Whether the time-out travels along: work whose caller has given up is refused where it next asks
            for a server, token or environment, instead of being done.
    """

    component: str
    enter: tuple[Step, ...] = ()
    leave: tuple[Step, ...] = ()
    calls: tuple["Visit", ...] = ()
    parallel: bool = False
    waits: bool = True
    each_message: bool = False
    on_miss: tuple["Visit", ...] = ()
    probability: float = 1.0
    times: int = 1
    timeout_s: float | None = None
    attempts: int = 1
    backoff_base_s: float = 0.0
    backoff_cap_s: float = 0.0
    jitter: Jitter = "full"
    hedge_s: float | None = None
    budget: str | None = None
    breaker: str | None = None
    deadline: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One route's program.

    Attributes:
        route: Name of the route.
        share: Share of the arrivals; 0 for a program that consumes a queue.
        entry: The first visit.
        deadline_s: An answer later than this counts as an error.
        queue: The queue whose batches of messages this program processes; None where requests arrive from outside.
            Its response time is the age of a message when it has been processed.
    """

    route: str
    share: float
    entry: Visit
    deadline_s: float = field(default=60.0)
    queue: str | None = None
