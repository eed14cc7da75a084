"""The engine's primitives: few, orthogonal, each with a closed form to test against."""

from tonnage.engine.primitives.bucket import Bucket
from tonnage.engine.primitives.cache import Cache
from tonnage.engine.primitives.distribution import Distribution, constant, exponential, lognormal
from tonnage.engine.primitives.environments import Environments
from tonnage.engine.primitives.fleet import Fleet
from tonnage.engine.primitives.pool import Pool

Primitive = Fleet | Pool | Bucket | Cache | Environments

__all__ = [
    "Bucket",
    "Cache",
    "Distribution",
    "Environments",
    "Fleet",
    "Pool",
    "Primitive",
    "constant",
    "exponential",
    "lognormal",
]
