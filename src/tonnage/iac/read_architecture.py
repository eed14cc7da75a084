"""An architecture file read whole: its components, who calls whom, and everything that is left out, with reasons."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tonnage.iac.architecture import Architecture
from tonnage.iac.edges.sam_event import implicit_apis
from tonnage.iac.not_modelled import not_modelled
from tonnage.iac.parts import parts_of
from tonnage.iac.sources import read_stack
from tonnage.iac.topology import connect, entries
from tonnage.iac.wiring import FUNCTIONS, wire
from tonnage.services import main_resource_kinds
from tonnage.workload import Component, NotModelled, Resource, Stack, references

__all__ = ["Architecture", "entries", "read_architecture", "understand"]

_NO_PARAMETERS: Mapping[str, str] = {}
_CUSTOM = ("Custom::", "AWS::CloudFormation::CustomResource")
# Kinds that name a function without sending it requests.
_BYSTANDERS = ("AWS::IAM::", "AWS::Logs::", "AWS::CloudWatch::", "AWS::Lambda::Permission", "AWS::Lambda::EventInvoke")


def read_architecture(
    file: Path | str, *, parameters: Mapping[str, str] = _NO_PARAMETERS, region: str = "us-east-1"
) -> Architecture:
    """Read a CloudFormation, SAM or synthesised CDK template, Kubernetes manifests, or a folder of them.

    Args:
        file: The file or folder.
        parameters: Parameter values from outside the template, by name.
        region: Region to resolve for.

    Raises:
        TemplateError: The file cannot be read, or a property has a value that AWS would refuse.
    """
    return understand(read_stack(file, parameters=parameters, region=region))


def understand(stack: Stack) -> Architecture:
    """An architecture from the resources of a stack.

    Raises:
        TemplateError: A property has a value that AWS would refuse.
    """
    components, refused, notes = _components(stack)
    parts = parts_of(stack, components)
    wiring = wire(stack, components, parts)
    edges, uncertain = connect(wiring)
    left_out = tuple(
        refused.get(resource.name) or not_modelled(resource, wiring)
        for resource in stack.resources.values()
        if resource.name not in components and resource.name not in parts
    )
    return Architecture(
        stack=stack,
        components=components,
        edges=edges,
        not_modelled=left_out,
        parts=parts,
        notes=(*stack.notes, *notes, *uncertain),
    )


def _components(stack: Stack) -> tuple[dict[str, Component], dict[str, NotModelled], list[str]]:
    kinds = main_resource_kinds()
    components: dict[str, Component] = {}
    refused: dict[str, NotModelled] = {}
    notes: list[str] = []
    for resource in stack.resources.values():
        if resource.kind not in kinds or _in_cluster(resource, stack):
            continue
        if kinds[resource.kind].KIND in FUNCTIONS and _serves_deployment(resource, stack):
            refused[resource.name] = _deployment_only(resource)
            continue
        gathered = kinds[resource.kind].gather(resource, stack)
        if isinstance(gathered, Component):
            components[gathered.name] = gathered
        else:
            refused[resource.name] = gathered
    for resource in implicit_apis(stack).values():
        made = kinds[resource.kind].gather(resource, stack) if resource.kind in kinds else None
        if isinstance(made, Component):
            # It is not in the file, so nothing of it can be patched there.
            components[made.name] = replace(made, origins={})
            notes.append(
                f"{resource.name} is the API that SAM makes for events that name none; Globals are not applied"
            )
    return components, refused, notes


def _in_cluster(resource: Resource, stack: Stack) -> bool:
    """Whether a database instance is a member of a cluster of the stack that has a room."""
    kinds = main_resource_kinds()
    named = (stack.resources.get(each.resource) for each in references(resource.get("DBClusterIdentifier")))
    return resource.kind == "AWS::RDS::DBInstance" and any(each is not None and each.kind in kinds for each in named)


def _serves_deployment(resource: Resource, stack: Stack) -> bool:
    """Whether only custom resources call a function: it runs when the stack is deployed."""
    serves = False
    for other in stack.resources.values():
        if other.name == resource.name or other.kind.startswith(_BYSTANDERS):
            continue
        if any(each.resource == resource.name for each in references(other.properties)):
            if not other.kind.startswith(_CUSTOM):
                return False
            serves = True
    return serves and not resource.get("Events")


def _deployment_only(resource: Resource) -> NotModelled:
    return NotModelled(
        name=resource.name,
        kind=resource.kind,
        reason="carries no requests (it serves a custom resource when the stack is deployed)",
        place=resource.place,
    )
