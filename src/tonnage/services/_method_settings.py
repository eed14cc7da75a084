"""Method settings of a REST API's stage: throttles and caching for all methods, or for one path and method.

A path is written with its slashes as ``~1`` (``/~1orders~1{id}``), or ``/*`` for every one; a setting for one method
outranks that for all.

Source: API Gateway developer guide, "Set up a stage"; CloudFormation, "AWS::ApiGateway::Stage MethodSetting".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tonnage.services._properties import number_in
from tonnage.workload import Path, Resource, Value

METHODS = "MethodSettings"
_ALL_PATHS = frozenset({"/*", "/*/*", "*"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodSetting:
    """What a stage says of some of its methods.

    Attributes:
        path: Resource path; ``*`` for all.
        method: HTTP method; ``*`` for all.
        rate_per_s: Its own throttle; None where it has none.
        burst: The bucket of the throttle; None where it has none.
        cached: Whether its answers are cached; None where it does not say.
        ttl_s: How long; None where it does not say.
        at: Path of the entry below the stage's properties.
    """

    path: str
    method: str
    rate_per_s: float | None = None
    burst: float | None = None
    cached: bool | None = None
    ttl_s: float | None = None
    at: Path = ()

    @property
    def everything(self) -> bool:
        """Whether it is for every method of every path."""
        return self.path == "*" and self.method == "*"

    def fits(self, method: str, path: str) -> bool:
        """Whether a request is among those it speaks of; a path parameter stands for one piece."""
        if self.method not in {"*", method}:
            return False
        pieces = (r"[^/]+" if piece.startswith("{") else re.escape(piece) for piece in self.path.split("/"))
        return self.path == "*" or re.fullmatch("/".join(pieces), path.partition("?")[0]) is not None


def read_method_settings(holder: Resource) -> Iterator[MethodSetting]:
    """Method settings of a stage, or of a SAM API, in the order of the file."""
    written = holder.get(METHODS)
    for k, each in enumerate(written if isinstance(written, tuple) else ()):
        if isinstance(each, Mapping):
            yield _read(each, (METHODS, k))


def _read(each: Mapping[str, Value], at: Path) -> MethodSetting:
    path = str(each.get("ResourcePath", "/*"))
    cached = each.get("CachingEnabled")
    return MethodSetting(
        path="*" if path in _ALL_PATHS else "/" + path.replace("~1", "/").strip("/"),
        method=str(each.get("HttpMethod", "*")).upper(),
        rate_per_s=number_in(each.get("ThrottlingRateLimit")),
        burst=number_in(each.get("ThrottlingBurstLimit")),
        cached=None if cached is None else str(cached).lower() == "true",
        ttl_s=number_in(each.get("CacheTtlInSeconds")),
        at=at,
    )


def written(settings: Sequence[MethodSetting]) -> Value:
    """Method settings as the plain value of a component's setting."""
    return tuple(
        {
            "ResourcePath": each.path,
            "HttpMethod": each.method,
            "ThrottlingRateLimit": each.rate_per_s,
            "ThrottlingBurstLimit": each.burst,
            "CachingEnabled": each.cached,
            "CacheTtlInSeconds": each.ttl_s,
        }
        for each in settings
    )


def method_settings(value: Value) -> tuple[MethodSetting, ...]:
    """Method settings of a component, from what :func:`written` made of them."""
    return tuple(_read(each, ()) for each in value if isinstance(each, Mapping)) if isinstance(value, tuple) else ()


def fitting(settings: Sequence[MethodSetting], method: str, path: str) -> MethodSetting | None:
    """The setting of one method and path that a request goes by; None where only those for everything are there."""
    return next((each for each in settings if not each.everything and each.fits(method, path)), None)
