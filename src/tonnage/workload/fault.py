"""Faults: what goes wrong during a scenario, when, and for how long."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from tonnage.workload.errors import WorkloadError

FaultKind = Literal[
    "zone loss",
    "instance loss",
    "unhealthy instances",
    "Spot interruption",
    "failing launches",
    "slow instances",
    "latency",
    "errors",
    "cold cache",
    "deployment",
    "spike",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something that goes wrong at a time, and is made good after another.

    Attributes:
        kind: ``zone loss``: every fleet loses the instances of one Availability Zone, and components in one zone
            fail; ``instance loss``: ``count`` instances are gone at once; ``unhealthy instances``: ``count`` instances
            run but do not answer; ``Spot interruption``: ``share`` of the Spot Instances get their notice; ``failing
            launches``: no instance can be launched; ``slow instances``: ``count`` instances take ``factor`` times as
            long; ``latency``: each visit takes ``delay_s`` more; ``errors``: ``share`` of the visits fail; ``cold
            cache``: everything cached is gone; ``deployment``: the instances are replaced; ``spike``: ``factor`` times
            the traffic.
        component: Component it strikes; None for ``zone loss`` and ``spike``.
        at_s: When, seconds from the beginning of the judged time.
        for_s: How long; losses and cold caches are made good by the architecture itself, if at all.
        count: Instances.
        factor: How many times.
        delay_s: Added latency.
        share: Part of the visits or instances, 0 to 1.
        healthy_percent: Least and most of the desired capacity during a deployment; None means as the group says.
        checkpoints: Percentages of a deployment at which it pauses.
        pause_s: How long.
    """

    kind: FaultKind
    component: str | None = None
    at_s: float = 300.0
    for_s: float = 600.0
    count: int = 1
    factor: float = 1.0
    delay_s: float = 0.0
    share: float = 1.0
    healthy_percent: tuple[float, float] | None = None
    checkpoints: tuple[float, ...] = ()
    pause_s: float = 3600.0

    def __post_init__(self) -> None:
        if not (self.at_s >= 0 and self.for_s > 0):
            raise WorkloadError(f"A {self.kind} at {self.at_s:g} s for {self.for_s:g} s is no time to come")
        if self.count < 1 or not self.factor > 0 or not self.delay_s >= 0 or not 0 < self.share <= 1:
            raise WorkloadError(f"A {self.kind} has a count, factor, delay or share that makes no sense")
        least, most = self.healthy_percent or (90.0, 100.0)
        if not (0 <= least <= 100 <= most <= 200 and most - least <= 100):
            raise WorkloadError(
                f"A {self.kind} between {least:g} % and {most:g} % of the desired capacity is refused by AWS",
                remedy="Give 0 to 100 % and 100 to 200 %, no more than 100 apart.",
            )
        rising = list(self.checkpoints) == sorted(set(self.checkpoints))
        if not rising or not all(0 < each <= 100 for each in self.checkpoints):
            raise WorkloadError(f"The checkpoints of a {self.kind} must rise from above 0 to at most 100 %")

    @property
    def end_s(self) -> float:
        """When it is over, seconds from the beginning of the judged time."""
        return self.at_s + self.for_s

    @property
    def text(self) -> str:
        """For reports: "3 instances of Web lost at 5 min"."""
        when = f"at {_time(self.at_s)}"
        during = f"{when} for {_time(self.for_s)}"
        return {
            "zone loss": f"one Availability Zone lost {during}",
            "instance loss": f"{self.count} instance{'s' * (self.count > 1)} of {self.component} lost {when}",
            "unhealthy instances": f"{self.count} of {self.component} fail their health checks {during}",
            "Spot interruption": f"{100 * self.share:g} % of the Spot Instances of {self.component} interrupted {when}",
            "failing launches": f"launches of {self.component} fail {during}",
            "slow instances": f"{self.count} of {self.component} {self.factor:g} times slower {during}",
            "latency": f"{self.component} {self.delay_s * 1000:g} ms slower {during}",
            "errors": f"{100 * self.share:g} % of the visits to {self.component} fail {during}",
            "cold cache": f"{self.component} emptied {when}",
            "deployment": f"{self.component} replaced{self._bounds}, from {_time(self.at_s)} on",
            "spike": f"{self.factor:g} times the traffic {during}",
        }[self.kind]

    @property
    def _bounds(self) -> str:
        within = ""
        if self.healthy_percent is not None:
            least, most = self.healthy_percent
            within = f", {100 - least:g} % at a time" if most == 100 else f" within {least:g} and {most:g} %"
        if not self.checkpoints:
            return within
        return f"{within}, with a pause at {', '.join(f'{each:g}' for each in self.checkpoints)} %"


FORMS = {
    "zone loss": "zone loss at 5 min for 10 min",
    "instance loss": "lose 2 of WebServerGroup at 5 min",
    "unhealthy instances": "fail 2 of WebServerGroup at 5 min for 30 min",
    "Spot interruption": "interrupt WebServerGroup 30 % at 5 min",
    "failing launches": "launches of WebServerGroup fail at 5 min for 10 min",
    "slow instances": "slow 1 of WebServerGroup x4 at 5 min for 10 min",
    "latency": "latency Database +200 ms at 5 min for 10 min",
    "errors": "errors Database 20 % at 5 min for 10 min",
    "cold cache": "cold SessionCache at 5 min",
    "deployment": "deploy WebServerGroup 90-120 % checkpoints 20, 50, 100 pause 15 min at 5 min",
    "spike": "spike x3 at 5 min for 1 min",
}
"""An example of each form that :func:`parse_fault` reads; ``at`` and ``for`` may be left out."""

_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}
_TIME = r"(\d+(?:\.\d+)?)\s*(ms|s|min|h)"
_NUMBER = r"(\d+(?:\.\d+)?)"
_WHEN = re.compile(rf"\s+(at|for)\s+{_TIME}\s*$")


def parse_fault(text: str) -> Fault:
    """Read a fault as people write it: see :data:`FORMS`.

    Raises:
        WorkloadError: It is none of the forms.
    """
    rest, times = text.strip(), {}
    while (found := _WHEN.search(rest)) and found[1] not in times:
        times[found[1]] = float(found[2]) * _UNITS[found[3]]
        rest = rest[: found.start()]
    when = {f"{name}_s": value for name, value in times.items()}
    for form, make in _READERS:
        if match := re.fullmatch(form, rest):
            return make(match, when)
    raise WorkloadError(
        f"The fault {text!r} is not understood",
        remedy="Write it like one of: " + "; ".join(f"'{form}'" for form in FORMS.values()) + ".",
    )


_Reader = Callable[["re.Match[str]", dict[str, float]], Fault]


def _reader(kind: FaultKind, **fields: Callable[["re.Match[str]"], object]) -> _Reader:
    def read(match: "re.Match[str]", when: dict[str, float]) -> Fault:
        return Fault(kind=kind, **{name: take(match) for name, take in fields.items()}, **when)  # type: ignore[arg-type]

    return read


_READERS: tuple[tuple[str, _Reader], ...] = (
    ("zone loss", _reader("zone loss")),
    (r"lose (\d+) of (\S+)", _reader("instance loss", count=lambda m: int(m[1]), component=lambda m: m[2])),
    (r"fail (\d+) of (\S+)", _reader("unhealthy instances", count=lambda m: int(m[1]), component=lambda m: m[2])),
    (
        rf"interrupt (\S+) {_NUMBER}\s*%",
        _reader("Spot interruption", component=lambda m: m[1], share=lambda m: float(m[2]) / 100.0),
    ),
    (r"launches of (\S+) fail", _reader("failing launches", component=lambda m: m[1])),
    (
        rf"slow (\d+) of (\S+) x{_NUMBER}",
        _reader("slow instances", count=lambda m: int(m[1]), component=lambda m: m[2], factor=lambda m: float(m[3])),
    ),
    (
        rf"latency (\S+) \+{_TIME}",
        _reader("latency", component=lambda m: m[1], delay_s=lambda m: float(m[2]) * _UNITS[m[3]]),
    ),
    (rf"errors (\S+) {_NUMBER}\s*%", _reader("errors", component=lambda m: m[1], share=lambda m: float(m[2]) / 100.0)),
    (r"cold (\S+)", _reader("cold cache", component=lambda m: m[1])),
    (
        rf"deploy (\S+)(?: (?:{_NUMBER}-)?{_NUMBER}\s*%)?(?: checkpoints ((?:[\d.]+[\s,]*)+))?(?:\s+pause {_TIME})?",
        _reader(
            "deployment",
            component=lambda m: m[1],
            healthy_percent=lambda m: _healthy(m[2], m[3]),
            checkpoints=lambda m: tuple(float(each) for each in re.findall(_NUMBER, m[4] or "")),
            pause_s=lambda m: float(m[5]) * _UNITS[m[6]] if m[5] else 3600.0,
        ),
    ),
    (rf"spike x{_NUMBER}", _reader("spike", factor=lambda m: float(m[1]))),
)


def _healthy(least: str | None, most: str | None) -> tuple[float, float] | None:
    """Bounds of a deployment: both as written, or a share at a time, which leaves the rest in service."""
    if most is None:
        return None
    return (float(least), float(most)) if least is not None else (100.0 - float(most), 100.0)


def _time(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"
