"""What an architecture file holds once it is read: components, who calls whom, and what is left out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tonnage.workload import Component, Edge, NotModelled, Stack


@dataclass(frozen=True, slots=True, kw_only=True)
class Architecture:
    """An architecture file as Tonnage understands it.

    Every resource of the stack is in exactly one of ``components`` (by its own name), ``parts`` and ``not_modelled``.

    Attributes:
        stack: All resources as written.
        components: By name, in file order; an API that only SAM's expansion makes comes last.
        edges: Who calls whom; no edge twice, none to itself, no circle.
        not_modelled: Resources left out, with reasons, in file order.
        parts: Resources that were read into a component, by logical id: the name of that component.
        notes: What is uncertain or contradictory, for a person.
    """

    stack: Stack
    components: Mapping[str, Component]
    edges: tuple[Edge, ...]
    not_modelled: tuple[NotModelled, ...]
    parts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
