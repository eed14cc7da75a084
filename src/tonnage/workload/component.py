"""Components: what is modelled, what is not, and who calls whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tonnage.workload.place import Place
from tonnage.workload.quantity import Quantity
from tonnage.workload.resource import Path, Value

Certainty = Literal["stated", "inferred", "guessed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a setting is, or would be, written.

    Attributes:
        resource: Logical id of the resource that carries it.
        path: Path below that resource's ``Properties``.
        place: Where it stands; None when the property is absent and would have to be inserted.
    """

    resource: str
    path: Path
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingPolicy:
    """One scaling policy of a component, in AWS's own words.

    Attributes:
        name: Logical id of the policy.
        mechanism: ``target tracking``, ``step``, ``simple`` or ``scheduled``: the file in ``scaling/`` that runs it.
        settings: Flat settings of that mechanism (``TargetValue``, ``EstimatedInstanceWarmup``, ``Cooldown`` …).
        origins: Where each setting is written.
    """

    name: str
    mechanism: str
    settings: Mapping[str, Value]
    origins: Mapping[str, Origin] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One modelled AWS resource, or a group that acts as one (an Auto Scaling group with its launch template).

    Attributes:
        name: Logical id; unique in the workload.
        kind: CloudFormation resource type; names the service room that knows it.
        settings: Property names of that room to plain values; absent means the room's default.
        origins: Where each setting is written in the architecture file.
        policies: Scaling policies that act on it.
        characteristics: What no template states (boot time, worker threads, latency), by the room's names; absent
            means the room's assumption.
        place: Where the main resource begins.
    """

    name: str
    kind: str
    settings: Mapping[str, Value] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    policies: tuple[ScalingPolicy, ...] = ()
    characteristics: Mapping[str, Quantity] = field(default_factory=dict)
    place: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModelled:
    """A refusal as a value: listed in every report, never dropped.

    Attributes:
        name: Logical id.
        kind: Resource type.
        reason: Why it is not modelled, and what that means for the answer.
        place: Where it stands.
        matters: Whether requests probably pass through it, so that the answer may be too good without it.
    """

    name: str
    kind: str
    reason: str
    place: Place | None = None
    matters: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One component calls another.

    Attributes:
        caller: Name of the calling component.
        callee: Name of the called component.
        evidence: What in the architecture says so, with its place: "TargetGroupARNs of WebServerGroup (web.yaml:88)".
        certainty: ``stated`` (a direct wiring), ``inferred`` (permission or network rule), ``guessed`` (only by shape).
        place: Where the evidence stands.
    """

    caller: str
    callee: str
    evidence: str
    certainty: Certainty
    place: Place | None = None
