"""Station and Fleet: servers that do work, alone or as a changing number of identical instances.

A station has ``servers`` servers of equal ``speed`` and serves either in order of arrival (FIFO) or by processor
sharing, where ``n`` jobs in service each progress at ``speed * min(1, servers / n)``. A fleet is a number of such
stations behind a balancing rule.

Closed forms held in ``tests/validation``: M/M/c (Erlang C), M/M/c/K, M/G/1 FIFO (Pollaczek-Khinchine), M/G/1-PS
(mean ``S / (1 - rho)``, insensitive to the distribution), join-shortest-queue of two.
"""

from dataclasses import dataclass
from typing import Literal

Discipline = Literal["fifo", "processor sharing"]
Rule = Literal["round robin", "least outstanding", "random", "random two", "weighted random"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fleet:
    """Identical stations behind a balancing rule; one instance is a plain station.

    Attributes:
        servers: Servers (vCPUs, threads of an engine) of one instance.
        discipline: Order of service inside an instance.
        instances: Instances in service at the start.
        max_instances: Most that can ever be in service.
        rule: How a request is given to an instance.
        queue_limit: Most jobs waiting at one instance (FIFO only); None means no limit.
        weights: Share of each instance under ``weighted random``, by slot; shorter than the fleet: 1.0 for the rest.
        slow_start_s: A new instance's share rises evenly to its full one over this long (not with ``least
            outstanding``). Source: Elastic Load Balancing, "Target groups", slow start mode.
        age_limit_s: A job that has waited longer when its turn comes is refused (FIFO only); None: never.
        age_target_s: Controlled delay: the limit while the queue has not been empty for ``age_limit_s``; None: the
            limit never tightens. Source: B. Maurer, "Fail at Scale", ACM Queue 13(8), 2015, after CoDel.
        speed: Work done per second and server, 1.0 = the reference vCPU.
    """

    servers: int
    discipline: Discipline = "processor sharing"
    instances: int = 1
    max_instances: int = 1
    rule: Rule = "round robin"
    queue_limit: int | None = None
    weights: tuple[float, ...] = ()
    slow_start_s: float = 0.0
    age_limit_s: float | None = None
    age_target_s: float | None = None
    speed: float = 1.0
