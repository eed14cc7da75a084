"""Cache behaviours of a CloudFront distribution: what is cached, for how long, from which origin.

Sources: Amazon CloudFront developer guide, "Manage how long content stays in the cache (expiration)", "Use managed
cache policies", "Cache content based on request headers".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from tonnage.services._properties import number_in
from tonnage.workload import Path, Reference, Resource, Stack, Unknown, Value

_CONFIG = "DistributionConfig"
_POLICY = "AWS::CloudFront::CachePolicy"
_DEFAULT_S, _MOST_S = 86_400.0, 31_536_000.0
NAMES = ("MinTTL", "DefaultTTL", "MaxTTL")
_LEGACY = (0.0, _DEFAULT_S, _MOST_S)
MANAGED: Mapping[str, tuple[float, float, float]] = MappingProxyType(
    {
        "658327ea-f89d-4fab-a63d-7e88639e58f6": (1.0, _DEFAULT_S, _MOST_S),  # CachingOptimized
        "b2884449-e4de-46a7-ac36-70bc7f1ddd6d": (1.0, _DEFAULT_S, _MOST_S),  # CachingOptimizedForUncompressedObjects
        "4135ea2d-6df8-44a3-9df3-4b5a84be39ad": (0.0, 0.0, 0.0),  # CachingDisabled
        "08627262-05a9-4f76-9ded-b50ca2e3a84f": (0.0, _DEFAULT_S, _MOST_S),  # Elemental-MediaPackage
        "2e54312d-136d-493c-8eb9-b001f22f67d2": (2.0, 2.0, 600.0),  # Amplify
        "83da9c7e-98b4-4e11-a168-04f0df8e2c65": (0.0, 0.0, _MOST_S),  # UseOriginCacheControlHeaders
        "4cc15a8a-d715-48a4-82b8-cc0b614638fe": (0.0, 0.0, _MOST_S),  # UseOriginCacheControlHeaders-QueryStrings
    }
)
"""Least, default and longest time to live of AWS's own cache policies, by id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheBehavior:
    """What a distribution does with the requests of one path pattern.

    Attributes:
        pattern: Path pattern; ``*`` for the default behaviour.
        origin: Id of the origin, as written.
        min_s: Least time to live.
        default_s: Time to live where the origin says nothing.
        max_s: Longest time to live.
        holder: Resource that carries the times: the distribution, or its own cache policy.
        path: Path of the times below the holder's properties; None where they cannot be changed (a managed policy).
        at: Path of the behaviour below the distribution's properties.
        everything_differs: Whether all request headers are forwarded, so that nothing is ever cached.
    """

    pattern: str
    origin: Value
    min_s: float
    default_s: float
    max_s: float
    holder: str
    path: Path | None
    at: Path
    everything_differs: bool = False

    @property
    def caches(self) -> bool:
        """Whether anything can stay in the cache at all."""
        return self.max_s > 0 and not self.everything_differs


def time_to_live_s(behavior: CacheBehavior, max_age_s: float | None, *, forbidden: bool = False) -> float:
    """How long an object is served without asking the origin; 0: it is not cached.

    Args:
        behavior: The behaviour.
        max_age_s: What the origin's Cache-Control says (``s-maxage`` before ``max-age`` before ``Expires``); None:
            none.
        forbidden: Whether it says no-cache, no-store or private.
    """
    if behavior.everything_differs:
        return 0.0
    if forbidden:
        return behavior.min_s
    if max_age_s is None:
        return max(behavior.min_s, behavior.default_s)
    return min(max(max_age_s, behavior.min_s), behavior.max_s)


def cache_behaviors(distribution: Resource, stack: Stack) -> Iterator[CacheBehavior]:
    """The behaviours of a distribution in the order in which paths are tried, the default last."""
    others = distribution.get(_CONFIG, "CacheBehaviors")
    for k in range(len(others) if isinstance(others, tuple) else 0):
        at: Path = (_CONFIG, "CacheBehaviors", k)
        yield _behavior(distribution, stack, at, str(distribution.get(*at, "PathPattern") or "*"))
    at = (_CONFIG, "DefaultCacheBehavior")
    if isinstance(distribution.get(*at), Mapping):
        yield _behavior(distribution, stack, at, "*")


def _behavior(distribution: Resource, stack: Stack, at: Path, pattern: str) -> CacheBehavior:
    policy = distribution.get(*at, "CachePolicyId")
    holder, path = distribution, at
    times = _LEGACY
    managed = None
    if isinstance(policy, Reference) and (named := stack.resources.get(policy.resource)) is not None:
        holder, path = (named, ("CachePolicyConfig",)) if named.kind == _POLICY else (named, ())
    elif isinstance(policy, str):
        managed = MANAGED.get(policy, _LEGACY)
    elif isinstance(policy, Unknown):
        managed = _LEGACY
    if managed is not None:
        times = managed
    else:
        found = [number_in(holder.get(*path, name)) for name in NAMES]
        least, default, most = (own if own is not None else usual for own, usual in zip(found, _LEGACY, strict=True))
        times = (least, max(least, default), max(least, default, most) if found[2] is None else most)
    headers = distribution.get(*at, "ForwardedValues", "Headers")
    return CacheBehavior(
        pattern=pattern,
        origin=distribution.get(*at, "TargetOriginId"),
        min_s=times[0],
        default_s=times[1],
        max_s=times[2],
        holder=holder.name,
        path=None if managed is not None else path,
        at=at,
        everything_differs=isinstance(headers, tuple) and "*" in headers,
    )
