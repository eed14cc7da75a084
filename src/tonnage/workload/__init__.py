"""The nouns: what is reviewed, as frozen, validated values. Imports nothing else of Tonnage."""

from tonnage.workload.change import Addition, Change
from tonnage.workload.component import Component, Edge, NotModelled, Origin, ScalingPolicy
from tonnage.workload.errors import (
    CatalogError,
    InputError,
    ObjectiveError,
    TemplateError,
    TonnageError,
    TrafficError,
    WorkloadError,
)
from tonnage.workload.fault import Fault, parse_fault
from tonnage.workload.objective import Objective, parse_objective
from tonnage.workload.place import Place
from tonnage.workload.quantity import Quantity, assumed, declared, measured
from tonnage.workload.resource import Path, Reference, Resource, Stack, Text, Unknown, Value, known, references
from tonnage.workload.route import Call, CircuitBreaker, Retry, Route
from tonnage.workload.scenario import Scenario
from tonnage.workload.traffic import ArrivalPattern, Traffic
from tonnage.workload.workload import Workload, check

__all__ = [
    "Addition",
    "ArrivalPattern",
    "Call",
    "CatalogError",
    "Change",
    "CircuitBreaker",
    "Component",
    "Edge",
    "Fault",
    "InputError",
    "NotModelled",
    "Objective",
    "ObjectiveError",
    "Origin",
    "Path",
    "Place",
    "Quantity",
    "Reference",
    "Resource",
    "Retry",
    "Route",
    "ScalingPolicy",
    "Scenario",
    "Stack",
    "TemplateError",
    "Text",
    "TonnageError",
    "Traffic",
    "TrafficError",
    "Unknown",
    "Value",
    "Workload",
    "WorkloadError",
    "assumed",
    "check",
    "declared",
    "known",
    "measured",
    "parse_fault",
    "parse_objective",
    "references",
]
