"""Pool: tokens that are held while work goes on downstream (layered queueing).

Worker threads, database connections and concurrency limits are pools. A request that finds no token waits in order
of arrival, up to ``queue_limit`` requests and ``patience_s`` seconds, and otherwise fails.

Closed forms held in ``tests/validation``: with ``queue_limit=0`` a pool is the Erlang loss system (Erlang B,
insensitive to the distribution of the holding time); with exponential patience it is Erlang A.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Tokens.

    Attributes:
        capacity: Tokens (of each instance, if ``fleet`` is given).
        queue_limit: Most requests waiting; 0 refuses at once, None means no limit.
        patience_s: A waiting request fails after this long; None waits for ever.
        age_limit_s: A request that has waited longer when a token comes free is refused; None: never.
        age_target_s: The limit while the line has not been empty for ``age_limit_s`` (see ``Fleet``).
        patience: Whether every request is as patient as that, or exponentially so with that mean.
        fleet: Name of the fleet whose every instance has such a pool; None for one pool.
        refusal: What a refused request is told, for the report ("too many connections").
    """

    capacity: int
    queue_limit: int | None = None
    patience_s: float | None = None
    patience: Literal["constant", "exponential"] = "constant"
    age_limit_s: float | None = None
    age_target_s: float | None = None
    fleet: str | None = None
    refusal: str = "queue full"
