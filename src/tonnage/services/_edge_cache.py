"""What a CloudFront distribution keeps, and for how long: cache behaviors, cache policies and the rule of the TTL.

A request goes by the first behavior whose path pattern fits, else by the default one. Only GET and HEAD are cached, and
OPTIONS where the behavior says so. What is kept stays for the time that the origin's Cache-Control asks for, within the
bounds of the cache policy.

Source: Amazon CloudFront developer guide, "Managing how long content stays in the cache (expiration)", "Using managed
cache policies", "Cache behavior settings".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tonnage.catalog import fact
from tonnage.services._properties import number_in
from tonnage.workload import Component, Reference, Resource, Stack, Text, Value, references

POLICY = "AWS::CloudFront::CachePolicy"
CONFIG = "DistributionConfig"
DEFAULT_PATTERN = "*"
_YEAR_S = 31_536_000.0
_KEEPS_OUT = frozenset({"no-cache", "no-store", "private"})
_DIRECTIVE = re.compile(r"\s*([A-Za-z-]+)\s*(?:=\s*\"?(\d+)\"?)?")
_URL = "AWS::Lambda::Url"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How long a policy lets an object stay.

    Attributes:
        minimum_s: Minimum TTL.
        default_s: Default TTL, for answers that say nothing.
        maximum_s: Maximum TTL.
        name: Name of a managed policy; empty otherwise.
    """

    minimum_s: float
    default_s: float
    maximum_s: float
    name: str = ""


MANAGED: Mapping[str, Bounds] = MappingProxyType(
    {
        key: Bounds(minimum_s=minimum_s, default_s=default_s, maximum_s=maximum_s, name=name)
        for key, name, minimum_s, default_s, maximum_s in (
            ("2e54312d-136d-493c-8eb9-b001f22f67d2", "Amplify", 2.0, 2.0, 600.0),
            ("4135ea2d-6df8-44a3-9df3-4b5a84be39ad", "CachingDisabled", 0.0, 0.0, 0.0),
            ("658327ea-f89d-4fab-a63d-7e88639e58f6", "CachingOptimized", 1.0, 86_400.0, _YEAR_S),
            (
                "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
                "CachingOptimizedForUncompressedObjects",
                1.0,
                86_400.0,
                _YEAR_S,
            ),
            ("08627262-05a9-4f76-9ded-b50ca2e3a84f", "Elemental-MediaPackage", 0.0, 86_400.0, _YEAR_S),
            ("83da9c7e-98b4-4e11-a168-04f0df8e2c65", "UseOriginCacheControlHeaders", 0.0, 0.0, _YEAR_S),
            ("4cc15a8a-d715-48a4-82b8-cc0b614638fe", "UseOriginCacheControlHeaders-QueryStrings", 0.0, 0.0, _YEAR_S),
        )
    }
)
"""Managed cache policies by their ids (CloudFront developer guide, "Using managed cache policies")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheBehavior:
    """How requests of some paths are treated.

    Attributes:
        pattern: Path pattern; ``*`` for the default behavior.
        origin: Logical id of what the origin's domain name refers to; empty where the files do not say.
        bounds: How long objects stay.
        methods: HTTP methods whose answers are cached.
        why_not: Why nothing is ever cached whatever the TTL; empty otherwise.
    """

    pattern: str
    origin: str
    bounds: Bounds
    methods: tuple[str, ...] = ("GET", "HEAD")
    why_not: str = ""

    def kept_s(self, max_age_s: float | None) -> float:
        """How long an answer to a GET is kept; 0 where it is not cached.

        Args:
            max_age_s: What the origin asks for; None where it sends nothing about it.
        """
        if self.why_not:
            return 0.0
        return time_to_live_s("" if max_age_s is None else f"max-age={max_age_s:.0f}", self.bounds)


def time_to_live_s(cache_control: str, bounds: Bounds, *, expires_in_s: float | None = None) -> float:
    """How long an edge answers from its cache without asking the origin; 0 where it keeps nothing.

    Args:
        cache_control: The origin's ``Cache-Control`` header; empty where it sends none. The viewer's is ignored.
        bounds: Minimum, default and maximum TTL.
        expires_in_s: Time that is left by the origin's ``Expires`` header, which ``max-age`` outranks.
    """
    said = {name.lower(): value for name, value in _DIRECTIVE.findall(cache_control)}
    if said.keys() & _KEEPS_OUT:
        return bounds.minimum_s
    asked = next((float(said[name]) for name in ("s-maxage", "max-age") if said.get(name)), expires_in_s)
    if asked is None:
        return max(bounds.minimum_s, bounds.default_s)
    return max(bounds.minimum_s, min(asked, bounds.maximum_s))


def max_age_s(component: Component) -> float | None:
    """What the origin of a distribution asks for in its Cache-Control; None where nothing is stated."""
    stated = component.characteristics.get("max_age")
    return None if stated is None or stated.value < 0 else stated.value


def unreachable_s(timeout_s: float, attempts: float) -> float:
    """How long until an origin that cannot be reached is an error, or its group fails over."""
    return timeout_s * attempts


def fits(pattern: str, path: str) -> bool:
    """Whether a path fits a pattern: ``*`` is anything, ``?`` one character; the first slash may be left out."""
    parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in pattern.removeprefix("/"))
    return re.fullmatch("".join(parts), path.partition("?")[0].removeprefix("/")) is not None


def method_and_path(request: str) -> tuple[str, str]:
    """Method and path of ``GET /path`` or ``/path``."""
    method, _, path = request.strip().rpartition(" ")
    return (method.strip() or "GET").upper(), path


def behavior_of(behaviors: Sequence[CacheBehavior], request: str, origin: str) -> CacheBehavior:
    """The behavior by which a request goes.

    Args:
        behaviors: In their order, the default one last.
        request: ``GET /path``; empty where the user has not said it.
        origin: Name of what is called on a miss: without a request, the first behavior with that origin is taken, the
            default one before all others.
    """
    if request:
        path = method_and_path(request)[1]
        return next((each for each in behaviors if fits(each.pattern, path)), behaviors[-1])
    return next((each for each in (behaviors[-1], *behaviors) if each.origin == origin), behaviors[-1])


def is_cached(behavior: CacheBehavior, request: str) -> bool:
    """Whether the request's method is one whose answers the behavior keeps."""
    return not request or method_and_path(request)[0] in behavior.methods


def read_bounds(holder: Resource, path: tuple[str | int, ...]) -> Bounds:
    """Minimum, default and maximum TTL below a path, with CloudFront's defaults where they are absent or not known."""

    def found(name: str, otherwise: float) -> float:
        number = number_in(holder.get(*path, name))
        return otherwise if number is None or number < 0 else number

    minimum_s = found("MinTTL", 0.0)
    return Bounds(
        minimum_s=minimum_s,
        default_s=found("DefaultTTL", max(minimum_s, fact("cloudfront.default_ttl_s").value)),
        maximum_s=found("MaxTTL", max(minimum_s, fact("cloudfront.max_ttl_s").value)),
    )


def read_behaviors(resource: Resource, stack: Stack) -> Iterator[tuple[tuple[str | int, ...], CacheBehavior]]:
    """Every behavior of a distribution with its path, in the order in which they are tried; the default one last."""
    others = resource.get(CONFIG, "CacheBehaviors")
    paths: list[tuple[str | int, ...]] = [
        (CONFIG, "CacheBehaviors", k) for k in range(len(others) if isinstance(others, tuple) else 0)
    ]
    for path in (*paths, (CONFIG, "DefaultCacheBehavior")):
        pattern = resource.get(*path, "PathPattern")
        cached = resource.get(*path, "CachedMethods")
        listed = tuple(str(each).upper() for each in cached) if isinstance(cached, tuple) else ()
        holder, at = policy_of(resource, stack, path)
        policy = resource.get(*path, "CachePolicyId")
        yield (
            path,
            CacheBehavior(
                pattern=str(pattern) if isinstance(pattern, str) else DEFAULT_PATTERN,
                origin=origin_of(resource, stack, resource.get(*path, "TargetOriginId")),
                bounds=(MANAGED.get(policy) if isinstance(policy, str) else None) or read_bounds(holder, at),
                methods=tuple(dict.fromkeys(("GET", "HEAD", *listed))),
                why_not="every header is forwarded" if _forwards_all(resource, path) else "",
            ),
        )


def policy_of(resource: Resource, stack: Stack, path: tuple[str | int, ...]) -> tuple[Resource, tuple[str | int, ...]]:
    """Where a behavior's own TTLs stand: in a cache policy of the stack, or in the behavior itself."""
    for reference in references(resource.get(*path, "CachePolicyId")):
        policy = stack.resources.get(reference.resource)
        if policy is not None and policy.kind == POLICY:
            return policy, ("CachePolicyConfig",)
    return resource, path


def _forwards_all(resource: Resource, path: tuple[str | int, ...]) -> bool:
    headers = resource.get(*path, "ForwardedValues", "Headers")
    return isinstance(headers, tuple) and "*" in headers and resource.get(*path, "CachePolicyId") is None


def origin_index(resource: Resource, target: Value) -> int | None:
    """Index of the origin that a behavior targets; the first member of a group. None where it is not known."""
    groups = resource.get(CONFIG, "OriginGroups", "Items")
    for group in groups if isinstance(groups, tuple) else ():
        if isinstance(group, Mapping) and group.get("Id") == target:
            members = group.get("Members")
            items = members.get("Items") if isinstance(members, Mapping) else None
            first = items[0] if isinstance(items, tuple) and items else None
            target = first.get("OriginId") if isinstance(first, Mapping) else target
            break
    origins = resource.get(CONFIG, "Origins")
    for k, origin in enumerate(origins if isinstance(origins, tuple) else ()):
        if isinstance(origin, Mapping) and origin.get("Id") == target and target is not None:
            return k
    return None


def targeted_origins(resource: Resource) -> Iterator[tuple[str | int, ...]]:
    """Paths of the origins that behaviors of a distribution target, in file order."""
    others = resource.get(CONFIG, "CacheBehaviors")
    count = len(others) if isinstance(others, tuple) else 0
    paths = ((CONFIG, "DefaultCacheBehavior"), *((CONFIG, "CacheBehaviors", k) for k in range(count)))
    indices = {origin_index(resource, resource.get(*path, "TargetOriginId")) for path in paths}
    return ((CONFIG, "Origins", k) for k in sorted(index for index in indices if index is not None))


def origin_of(resource: Resource, stack: Stack, target: Value) -> str:
    """Logical id of the resource behind an origin; empty where the domain name refers to none of the stack."""
    index = origin_index(resource, target)
    domain = resource.get(CONFIG, "Origins", index, "DomainName") if index is not None else None
    if isinstance(domain, Reference | Text | Mapping | tuple):
        for reference in references(domain):
            named = stack.resources.get(reference.resource)
            if named is not None and named.kind == _URL:
                return next((each.resource for each in references(named.get("TargetFunctionArn"))), "")
            return reference.resource
    return ""
