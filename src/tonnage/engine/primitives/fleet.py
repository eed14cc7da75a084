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
Rule = Literal["round robin", "least outstanding", "random", "random two"]


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
        speed: Work done per second and server, 1.0 = the reference vCPU.
    """

    servers: int
    discipline: Discipline = "processor sharing"
    instances: int = 1
    max_instances: int = 1
    rule: Rule = "round robin"
    queue_limit: int | None = None
    speed: float = 1.0
