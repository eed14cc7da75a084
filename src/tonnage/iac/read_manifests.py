"""Kubernetes manifests, Karpenter's and eksctl's resources among them, read into a stack.

Every document becomes a resource whose properties are the whole manifest, so that a path is what ``kubectl explain``
names: ``spec.replicas``. A Deployment is called by its own name; any other resource by its name and kind
(``web-service``, ``web-hpa``), since in a cluster several kinds share a name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.resolve import Written
from tonnage.iac.yaml_marks import Document, item, pairs, parse_all, scalar
from tonnage.workload import Path as PropertyPath
from tonnage.workload import Place, Resource, Stack, TemplateError, Value

DEPLOYMENT = "Kubernetes::Deployment"
NODE_GROUP = "eksctl::NodeGroup"
_MOST_VALUES = 200_000
_MANIFEST = re.compile(r"^\s*\{?\s*[\"']?apiVersion[\"']?\s*:", re.MULTILINE)
_TEMPLATE = re.compile(r"^\s*\{?\s*[\"']?Resources[\"']?\s*:", re.MULTILINE)
_SHORT = {"HorizontalPodAutoscaler": "hpa", "PodDisruptionBudget": "pdb"}
_ROOMS = (("karpenter.", "Karpenter"), ("eksctl.io", "eksctl"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """A file of manifests together with where each value is written, for editing.

    Attributes:
        stack: What they say.
        document: The first document; its text is that of the file.
        bodies: Node of each resource, by name.
        written: For each resource, where the value at each path is written.
    """

    stack: Stack
    document: Document
    bodies: Mapping[str, MappingNode]
    written: Mapping[str, Mapping[PropertyPath, Written]]


def is_manifest(text: str) -> bool:
    """Whether a text has an ``apiVersion``, which no template has at the top."""
    return _MANIFEST.search(text) is not None and _TEMPLATE.search(text) is None


def interpret_manifests(text: str, file: str, region: str) -> Manifests:
    """Read the text of a file of manifests.

    Raises:
        TemplateError: Broken syntax, a document without kind or name, or two resources of one kind and name.
    """
    if "{{" in text and re.search(r"\{\{[-\s]*(?:\.|if|range|include|template|with)", text):
        raise TemplateError(
            f"{file} is a Helm template, not a manifest", remedy="Give what 'helm template' makes of it."
        )
    documents = parse_all(text, file)
    if not documents:
        raise TemplateError(f"{file} is empty", remedy="Give manifests with apiVersion and kind.")
    resources: dict[str, Resource] = {}
    bodies: dict[str, MappingNode] = {}
    written: dict[str, dict[PropertyPath, Written]] = {}
    reader = _Reader(file)
    for document in documents:
        for name, kind, body in _resources(document, document.root):
            if name in resources:
                raise TemplateError(
                    f"There are two resources {name}, the first in line {resources[name].place.line}",
                    place=document.place(body),
                    remedy="One architecture is one namespace: keep one of them, or give one another name.",
                )
            trace: dict[PropertyPath, Written] = {}
            properties = reader.value(body, trace, ())
            places = {path: document.place(found.key or found.value) for path, found in trace.items()}
            resources[name] = Resource(
                name=name,
                kind=kind,
                properties=properties if isinstance(properties, Mapping) else {},
                place=document.place(body),
                places=places,
            )
            bodies[name], written[name] = body, trace
    stack = Stack(file=file, resources=resources, region=region)
    return Manifests(stack=stack, document=documents[0], bodies=bodies, written=written)


def _resources(document: Document, root: MappingNode) -> Iterator[tuple[str, str, MappingNode]]:
    """Name, kind and node of every resource of a document; lists and clusters of eksctl hold several."""
    kind, version = (_text(item(root, name)) for name in ("kind", "apiVersion"))
    if not kind or not version:
        raise TemplateError(
            "The document has no apiVersion and kind, so it is no manifest",
            place=document.place(root),
            remedy="Give Kubernetes manifests, or a CloudFormation template by itself.",
        )
    items = item(root, "items")
    if kind == "List" or (kind.endswith("List") and isinstance(items, SequenceNode)):
        for each in items.value if isinstance(items, SequenceNode) else ():
            if isinstance(each, MappingNode):
                yield from _resources(document, each)
        return
    name = _text(item(item(root, "metadata"), "name"))
    if not name:
        raise TemplateError(f"The {kind} has no metadata.name", place=document.place(root), remedy="Give it a name.")
    group = next((prefix for start, prefix in _ROOMS if version.startswith(start)), "Kubernetes")
    if group == "eksctl":
        for section in ("managedNodeGroups", "nodeGroups"):
            groups = item(root, section)
            for each in groups.value if isinstance(groups, SequenceNode) else ():
                own = _text(item(each, "name"))
                if own and isinstance(each, MappingNode):
                    yield own, NODE_GROUP, each
    full = f"{group}::{kind}"
    yield name if full == DEPLOYMENT else f"{name}-{_SHORT.get(kind, kind.lower())}", full, root


def _text(node: Node | None) -> str:
    return str(node.value) if isinstance(node, ScalarNode) else ""


class _Reader:
    """Values of nodes; aliases may unfold only so far."""

    def __init__(self, file: str) -> None:
        self.file, self.budget = file, _MOST_VALUES

    def value(self, node: Node, trace: dict[PropertyPath, Written], path: PropertyPath) -> Value:
        self.budget -= 1
        if self.budget < 0 or len(path) > 100:
            raise TemplateError(
                f"{self.file} unfolds to more than {_MOST_VALUES:,} values through its YAML aliases",
                place=Place(file=self.file, line=node.start_mark.line + 1),
                remedy="Write the repeated parts out, or remove them.",
            )
        if isinstance(node, MappingNode):
            values: dict[str, Value] = {}
            for key, inner in pairs(node):
                trace[(*path, key.value)] = Written(key, inner)
                values[key.value] = self.value(inner, trace, (*path, key.value))
            return values
        if isinstance(node, SequenceNode):
            items = []
            for k, inner in enumerate(node.value):
                trace[(*path, k)] = Written(None, inner)
                items.append(self.value(inner, trace, (*path, k)))
            return tuple(items)
        return scalar(node) if isinstance(node, ScalarNode) else None
