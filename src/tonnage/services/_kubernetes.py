"""What the rooms of a Kubernetes cluster find in its manifests: who selects whom, quantities, annotations."""

import re
from collections.abc import Iterator, Mapping

from tonnage.services._properties import Gathered
from tonnage.workload import Path, Resource, Stack, TemplateError, Value

DEPLOYMENT = "Kubernetes::Deployment"
SERVICE = "Kubernetes::Service"
INGRESS = "Kubernetes::Ingress"
AUTOSCALER = "Kubernetes::HorizontalPodAutoscaler"
DISRUPTION_BUDGET = "Kubernetes::PodDisruptionBudget"
POD: Path = ("spec", "template", "spec")
SYSTEM = frozenset({"kube-system", "karpenter", "amazon-cloudwatch", "cert-manager"})
"""Namespaces of what runs the cluster itself."""

_QUANTITY = re.compile(r"(\d+(?:\.\d*)?|\.\d+)\s*(n|u|m|k|M|G|T|Ki|Mi|Gi|Ti)?$")
_SCALES = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}
_BINARY = {"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40}
_DURATION = re.compile(r"(\d+(?:\.\d*)?)(ms|s|m|h)")
_SECONDS = {"ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def amount(value: Value) -> float | None:
    """A quantity (``250m``, ``512Mi``, ``2``) as a number; None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = _QUANTITY.match(str(value))
    return float(found[1]) * (_SCALES | _BINARY).get(found[2] or "", 1.0) if found else None


def duration_s(value: Value) -> float | None:
    """A duration (``30s``, ``1h30m``), seconds; None where it is none."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    parts = _DURATION.findall(value) if isinstance(value, str) else []
    if not parts or "".join(number + unit for number, unit in parts) != value:
        return None
    return sum(float(number) * _SECONDS[unit] for number, unit in parts)


def quantity(gathered: Gathered, name: str, resource: Resource, *path: str | int) -> float | None:
    """Take a quantity as it is written; None where it is absent.

    Raises:
        TemplateError: It is no quantity.
    """
    text = gathered.text(name, resource, *path)
    if text is None:
        return None
    number = amount(text)
    if number is None:
        raise TemplateError(
            f"{resource.name}: {name} is {text!r}",
            place=resource.place_of(*path),
            remedy="Give it a quantity such as 250m, 2 or 512Mi.",
        )
    return number


def mapping(value: Value) -> Mapping[str, Value]:
    """A mapping, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def sequence(value: Value) -> tuple[Value, ...]:
    """A list, or an empty one for anything else."""
    return value if isinstance(value, tuple) else ()


def annotation(resource: Resource, name: str) -> str:
    """An annotation; empty where it is absent."""
    found = mapping(resource.get("metadata", "annotations")).get(name)
    return "" if found is None else str(found)


def selected(selector: Value, deployment: Resource) -> bool:
    """Whether a selector of labels chooses a Deployment's pods; an empty one chooses none."""
    labels = mapping(deployment.get("spec", "template", "metadata", "labels"))
    wanted = mapping(selector)
    return bool(wanted) and all(labels.get(name) == value for name, value in wanted.items())


def services_of(deployment: Resource, stack: Stack) -> Iterator[Resource]:
    """Services that choose a Deployment's pods."""
    return (each for each in stack.of_kind(SERVICE) if selected(each.get("spec", "selector"), deployment))


def deployments_behind(service: Resource, stack: Stack) -> Iterator[Resource]:
    """Deployments whose pods a Service chooses."""
    return (each for each in stack.of_kind(DEPLOYMENT) if selected(service.get("spec", "selector"), each))


def backends(ingress: Resource) -> Iterator[tuple[str, Path]]:
    """Names of the Services that an Ingress sends requests to, each with its path."""
    default: Path = ("spec", "defaultBackend", "service", "name")
    if isinstance(name := ingress.get(*default), str):
        yield name, default
    for k, rule in enumerate(sequence(ingress.get("spec", "rules"))):
        for j, _ in enumerate(sequence(mapping(mapping(rule).get("http")).get("paths"))):
            path: Path = ("spec", "rules", k, "http", "paths", j, "backend", "service", "name")
            if isinstance(name := ingress.get(*path), str):
                yield name, path


def named(stack: Stack, kind: str, name: str) -> Resource | None:
    """The resource of a kind with a name of its own in the cluster."""
    return next((each for each in stack.of_kind(kind) if each.get("metadata", "name") == name), None)


def attributes(text: str) -> dict[str, str]:
    """Attributes of a load balancer or target group, as annotations list them: ``name=value,name=value``."""
    pairs = (part.partition("=") for part in text.split(","))
    return {name.strip(): value.strip() for name, sign, value in pairs if sign}


def runs(deployment: Resource, program: str) -> tuple[str, ...]:
    """Command and arguments of the container that runs a program; empty where none does."""
    for container in sequence(deployment.get(*POD, "containers")):
        given = mapping(container)
        words = [str(word) for name in ("command", "args") for word in sequence(given.get(name))]
        if any(program in word for word in words[:1]) or program in str(given.get("image", "")):
            return tuple(words) or (program,)
    return ()
