"""Routes: one kind of request each, from where it enters, as a tree of calls."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from tonnage.workload.errors import WorkloadError
from tonnage.workload.quantity import Quantity

Jitter = Literal["none", "full", "equal", "decorrelated"]
JITTERS: tuple[Jitter, ...] = get_args(Jitter)
_REQUEST = re.compile(r"(?:[A-Z]+ )?/\S*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """What a caller does when a call fails.

    Attributes:
        attempts: Tries in all, the first included; at least 1.
        base_s: Backoff before the second try.
        cap_s: Largest backoff.
        jitter: ``full`` (uniform from 0 to the backoff), ``equal`` (half of it fixed), ``decorrelated`` (uniform from
            the base to three times the last one) or ``none``.
        budget: Purse that retries are paid from, 5 each and 10 after a time-out, and that answers fill again, as the
            AWS SDKs do with 500; None: no budget.
    """

    attempts: int = 3
    base_s: float = 0.05
    cap_s: float = 20.0
    jitter: Jitter = "full"
    budget: float | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.attempts <= 100:
            raise WorkloadError(f"retries: {self.attempts} attempts is outside 1 to 100", remedy="Give a count in it.")
        if not 0 <= self.base_s <= self.cap_s:
            raise WorkloadError(
                f"retries: backoff base {self.base_s} s and cap {self.cap_s} s contradict each other",
                remedy="Make the base at least 0 and the cap at least the base.",
            )
        if self.jitter not in JITTERS:
            raise WorkloadError(f"retries: jitter {self.jitter!r} is unknown", remedy=f"Use {' or '.join(JITTERS)}.")
        if self.budget is not None and not self.budget >= 0:
            raise WorkloadError(f"retries: a budget of {self.budget} is below 0", remedy="The AWS SDKs use 500.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitBreaker:
    """A circuit breaker that all callers of a call share.

    Attributes:
        threshold: Share of failures among the latest ``window`` calls at which it opens, 0 to 1.
        window: How many calls that are.
        open_s: How long it then refuses every call.
        probes: Calls let through afterwards, which must all be answered.
    """

    threshold: float = 0.5
    window: int = 100
    open_s: float = 60.0
    probes: int = 10

    def __post_init__(self) -> None:
        if not (0 < self.threshold <= 1 and 1 <= self.window <= 1024 and self.open_s > 0 and self.probes >= 1):
            raise WorkloadError(
                "circuit breaker: its threshold, window, open time or probes make no sense",
                remedy="Give a threshold up to 100 %, a window of 1 to 1024 calls, and positive times and probes.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One visit to a component.

    Attributes:
        component: Name of the component visited.
        demands: What the visit asks there, by the room's names (``cpu``, ``reads``, ``writes``, ``bytes`` …); absent
            means the room's assumption.
        calls: Calls made during the visit, one after the other, while what the visit holds stays held.
        on_miss: Calls made only when a cache visited here does not have the answer.
        probability: Share of the parent's visits that make this call, 0 to 1.
        times: How often the call is made each time, at least 1.
        timeout_s: The caller gives up after this long; the work already sent goes on. None: waits for ever.
        retry: What the caller does on failure or timeout; None: fails.
        parallel: Whether the calls below are made all at once.
        waits: Whether the caller waits for the answer; if not, it never learns of a failure.
        hedge_s: After this long without an answer the call is made a second time, and the first answer counts.
        breaker: Circuit breaker before the call.
        deadline: Whether the time-out travels along, so that work whose caller has given up is refused.
        request: Method and path (``GET /images/logo.png``) where the component treats some unlike others; empty: any.
    """

    component: str
    demands: Mapping[str, Quantity] = field(default_factory=dict)
    calls: tuple["Call", ...] = ()
    on_miss: tuple["Call", ...] = ()
    probability: float = 1.0
    times: int = 1
    timeout_s: float | None = None
    retry: Retry | None = None
    parallel: bool = False
    waits: bool = True
    hedge_s: float | None = None
    breaker: CircuitBreaker | None = None
    deadline: bool = False
    request: str = ""

    def __post_init__(self) -> None:
        if self.request and not _REQUEST.fullmatch(self.request):
            raise WorkloadError(
                f"Call to {self.component}: request {self.request!r} is no method and path",
                remedy="Write it like 'GET /images/logo.png'.",
            )
        if not 0.0 <= self.probability <= 1.0:
            raise WorkloadError(
                f"Call to {self.component}: probability {self.probability} is outside 0 to 1",
                remedy="Give the share of visits that make the call.",
            )
        if not 1 <= self.times <= 1000:
            raise WorkloadError(
                f"Call to {self.component}: times {self.times} is outside 1 to 1000", remedy="Give a whole count."
            )
        if self.hedge_s is not None and not self.hedge_s > 0:
            raise WorkloadError(
                f"Call to {self.component}: hedge after {self.hedge_s} s is not above 0", remedy="Give a positive time."
            )
        if self.deadline and self.timeout_s is None:
            raise WorkloadError(
                f"Call to {self.component}: there is no timeout that could travel along", remedy="Give a timeout."
            )
        if self.timeout_s is not None and not self.timeout_s > 0:
            raise WorkloadError(
                f"Call to {self.component}: timeout {self.timeout_s} s is not above 0", remedy="Give a positive time."
            )

    def walk(self) -> Iterator["Call"]:
        """This call and every call below it, parents first."""
        yield self
        for call in (*self.calls, *self.on_miss):
            yield from call.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One kind of request or message.

    Attributes:
        name: Short name, unique in the workload.
        share: Share of the traffic, 0 to 1; the shares of all routes sum to 1.
        entry: The call by which it enters.
        deadline_s: The client has given up after this long; a later answer counts as an error.
        inferred: True when Tonnage made the route from the topology and the user has not confirmed it.
    """

    name: str
    share: float
    entry: Call
    deadline_s: float = 60.0
    inferred: bool = False

    def __post_init__(self) -> None:
        if not 0.0 < self.share <= 1.0:
            raise WorkloadError(
                f"Route {self.name}: share {self.share} is outside 0 to 1", remedy="Give its part of the traffic."
            )
        if not self.deadline_s > 0:
            raise WorkloadError(f"Route {self.name}: deadline {self.deadline_s} s is not above 0")
