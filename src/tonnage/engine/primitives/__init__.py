"""The engine's primitives: few, orthogonal, each with a closed form to test against."""

from tonnage.engine.primitives.breaker import Breaker
from tonnage.engine.primitives.bucket import Bucket
from tonnage.engine.primitives.budget import Budget
from tonnage.engine.primitives.cache import Cache
from tonnage.engine.primitives.distribution import Distribution, constant, exponential, lognormal, mixture
from tonnage.engine.primitives.environments import Environments, unreserved
from tonnage.engine.primitives.fleet import Fleet
from tonnage.engine.primitives.pool import Pool
from tonnage.engine.primitives.queue import Queue

Primitive = Fleet | Pool | Bucket | Cache | Environments | Queue | Budget | Breaker

__all__ = [
    "Breaker",
    "Bucket",
    "Budget",
    "Cache",
    "Distribution",
    "Environments",
    "Fleet",
    "Pool",
    "Primitive",
    "Queue",
    "constant",
    "exponential",
    "lognormal",
    "mixture",
    "unreserved",
]
