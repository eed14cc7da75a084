"""CloudFormation, SAM and synthesised CDK templates (YAML and JSON) read into a stack."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tonnage.iac.language_extensions import LOOP, unfolded
from tonnage.iac.parameters import read_parameters
from tonnage.iac.resolve import Resolver, Written
from tonnage.iac.rules import keep_rules
from tonnage.iac.sam_globals import with_globals
from tonnage.iac.yaml_marks import Document, item, pairs, parse, read_text
from tonnage.workload import Path as PropertyPath
from tonnage.workload import Resource, Stack, TemplateError, Unknown, Value

_LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
_SAM = "AWS::Serverless"
_NO_PARAMETERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where a template stands among others.

    Attributes:
        parent: Name of the resource that nests it; empty for one that stands by itself.
        prefix: What its resources' names begin with, for example ``Network.``.
        top: What those begin with that CDK names by their whole construct path.
        values: Values of its parameters that the parent gives.
        shared: Whether the parameter values from outside are for other templates too, so that it need not have each.
    """

    parent: str = ""
    prefix: str = ""
    top: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)
    shared: bool = False


ALONE = Scope()
SHARED = Scope(shared=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A stack together with where each of its values is written, for editing.

    Attributes:
        stack: What the template says.
        document: The template's text and nodes.
        resolver: What resolved it, with every parameter and condition.
        bodies: Key and body of each resource, by its name in the stack.
        written: For each resource, where the value at each path below its properties is written.
        names: Name in the stack of each resource, by logical id.
        scope: Where it stands among other templates.
    """

    stack: Stack
    document: Document
    resolver: Resolver
    bodies: Mapping[str, tuple[ScalarNode, MappingNode]]
    written: Mapping[str, Mapping[PropertyPath, Written]]
    names: Mapping[str, str]
    scope: Scope = ALONE

    def outputs(self) -> dict[str, tuple[Value, Value]]:
        """Value and name of the export of each output whose condition is not false; None where it has no export."""
        section = item(self.document.root, "Outputs")
        found: dict[str, tuple[Value, Value]] = {}
        for key, body in pairs(section) if isinstance(section, MappingNode) else ():
            value, condition = item(body, "Value"), item(body, "Condition")
            if value is None or (
                isinstance(condition, ScalarNode) and self.resolver.condition(str(condition.value), condition) is False
            ):
                continue
            export = item(item(body, "Export"), "Name")
            found[key.value] = self.resolver.value(value), None if export is None else self.resolver.value(export)
        return found


def read_template(
    file: Path | str, *, parameters: Mapping[str, str] = _NO_PARAMETERS, region: str = "us-east-1"
) -> Stack:
    """Read a CloudFormation template (YAML or JSON, SAM and CDK output included).

    Args:
        file: The template.
        parameters: Parameter values from outside the template, by name; they override its defaults.
        region: Region to resolve for (``AWS::Region``, ``Fn::GetAZs``, mappings by Region).

    Returns:
        The stack: every value known, a reference to another resource, or unknown for a stated reason. Resources whose
        condition is false are absent; those whose condition cannot be decided are kept, with a note.

    Raises:
        TemplateError: The file cannot be read, is not a template, or names what it does not have; or ``parameters``
            has an unknown name or a value that the template does not allow.
    """
    return interpret(read_text(file), str(file), parameters=parameters, region=region).stack


def interpret(text: str, file: str, *, parameters: Mapping[str, str], region: str, scope: Scope = ALONE) -> Reading:
    """Read the text of a template; as :func:`read_template`, but keeps where each value is written.

    Args:
        text: The text.
        file: The file, for messages.
        parameters: Parameter values from outside, by name.
        region: Region to resolve for.
        scope: Where it stands among other templates.
    """
    document = parse(text, file)
    bodies = _bodies(document)
    declared = read_parameters(document, parameters, scope.values, shared=scope.shared)
    transforms = _transforms(document)
    resolver = Resolver(
        document=document,
        parameters=declared,
        region=region,
        names={name: name for name in bodies},
        macro=next((name for name in transforms if name != _LANGUAGE_EXTENSIONS), None),
        stack_name=_stack_name(file),
    )
    keep_rules(resolver)
    if LOOP in text and _LANGUAGE_EXTENSIONS in transforms:
        document, left = unfolded(document, resolver.value)
        bodies = _bodies(document)
        resolver = replace(resolver, document=document, notes=dict.fromkeys((*resolver.notes, *left)))
    resolver = replace(resolver, names=_names(bodies, scope))
    _note_transforms(document, resolver, transforms)
    written: dict[str, dict[PropertyPath, Written]] = {}
    resources: dict[str, Resource] = {}
    try:
        for logical, (key, body) in bodies.items():
            name = resolver.names[logical]
            trace: dict[PropertyPath, Written] = {}
            resource = _resource(name, key, body, resolver, trace)
            if resource is not None:
                resources[name], written[name] = resource, trace
    except RecursionError:
        raise TemplateError(f"{file} is nested too deeply, or an alias contains itself") from None
    _note_parameters(resolver)
    stack = Stack(
        file=file,
        resources=resources,
        region=region,
        parameters={name: parameter.value for name, parameter in declared.items()},
        notes=tuple(resolver.notes),
    )
    return Reading(
        stack=stack,
        document=document,
        resolver=resolver,
        bodies={resolver.names[logical]: body for logical, body in bodies.items()},
        written=written,
        names=resolver.names,
        scope=scope,
    )


def _names(bodies: Mapping[str, tuple[ScalarNode, MappingNode]], scope: Scope) -> dict[str, str]:
    """Name of each resource: its construct path where CDK wrote one that no other has, else its logical id."""
    paths = {logical: construct_name(body) for logical, (_, body) in bodies.items()}
    counts = Counter(paths.values())
    return {
        logical: scope.top + path if path and counts[path] == 1 and path not in bodies else scope.prefix + logical
        for logical, path in paths.items()
    }


def construct_path(body: MappingNode) -> str:
    """Path of the CDK construct that made a resource, as ``aws:cdk:path`` has it; empty where there is none."""
    path = item(item(body, "Metadata"), "aws:cdk:path")
    return str(path.value) if isinstance(path, ScalarNode) else ""


def construct_name(body: MappingNode) -> str:
    """A construct path as a name: without the stack and the resource of an L2 construct, dots between the pieces."""
    pieces = construct_path(body).split("/")[1:]
    if len(pieces) > 1 and pieces[-1] in {"Resource", "Default"}:
        pieces = pieces[:-1]
    return ".".join(re.sub(r"[^A-Za-z0-9_.-]", "-", piece) for piece in pieces if piece)


def _bodies(document: Document) -> dict[str, tuple[ScalarNode, MappingNode]]:
    section = item(document.root, "Resources")
    if section is None:
        raise TemplateError(
            f"{document.file} has no Resources section{_likeness(document)}",
            remedy="Give a CloudFormation, SAM or synthesised CDK template.",
        )
    if not isinstance(section, MappingNode) or not section.value:
        raise TemplateError(
            "Resources has no resource in it", place=document.place(section), remedy="Give a template with resources."
        )
    bodies: dict[str, tuple[ScalarNode, MappingNode]] = {}
    for key, body in pairs(section):
        if key.value.startswith("Fn::"):
            continue
        if not isinstance(body, MappingNode):
            raise TemplateError(
                f"Resource {key.value} is not a mapping with a Type",
                place=document.place(key),
                remedy="Give it a Type, for example AWS::S3::Bucket.",
            )
        bodies[key.value] = (key, body)
    return bodies


_LIKENESSES: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"planned_values", "resource_changes", "terraform_version"}), "a Terraform plan"),
    (frozenset({"resource", "provider", "terraform"}), "Terraform configuration"),
    (frozenset({"architecture", "routes", "traffic", "objectives"}), "a Tonnage workload file"),
    (frozenset({"apiVersion", "kind"}), "a Kubernetes manifest"),
    (frozenset({"services"}), "a Compose file"),
)


def _likeness(document: Document) -> str:
    keys = {key.value for key, _ in pairs(document.root)}
    looks = next((name for signs, name in _LIKENESSES if signs & keys), None)
    return f"; it looks like {looks}" if looks else ""


def _transforms(document: Document) -> list[str]:
    node = item(document.root, "Transform")
    if isinstance(node, ScalarNode):
        return [str(node.value)]
    if isinstance(node, SequenceNode):
        return [str(entry.value) for entry in node.value if isinstance(entry, ScalarNode)]
    return ["AWS::Include"] if node is not None else []


def _note_transforms(document: Document, resolver: Resolver, transforms: list[str]) -> None:
    for name in transforms:
        if name.startswith(_SAM):
            resolver.note("SAM resources are read as written; what SAM's own expansion adds is not there")
        elif name != _LANGUAGE_EXTENSIONS:
            resolver.note(f"The transform {name} was not applied; what it makes or changes is missing")
    section = item(document.root, "Resources")
    for key, _ in pairs(section) if isinstance(section, MappingNode) else ():
        if key.value.startswith("Fn::"):
            resolver.note(f"{document.place(key)}: {key.value} was not expanded; the resources it makes are missing")


def _note_parameters(resolver: Resolver) -> None:
    missing = [
        name
        for name, parameter in resolver.parameters.items()
        if isinstance(parameter.value, Unknown) and not parameter.from_ssm and not parameter.given
    ]
    if missing:
        one = len(missing) == 1
        resolver.note(
            f"{'Parameter' if one else 'Parameters'} without a value: {', '.join(missing)}; give "
            f"{'it' if one else 'them'} with --parameter NAME=VALUE or under parameters: in the workload file"
        )


def _stack_name(file: str) -> str:
    stem = PurePath(file).name
    for suffix in (".yaml", ".yml", ".json", ".template"):
        stem = stem.removesuffix(suffix)
    return re.sub(r"[^A-Za-z0-9-]+", "-", stem).strip("-") or "stack"


def _resource(
    name: str, key: ScalarNode, body: MappingNode, resolver: Resolver, trace: dict[PropertyPath, Written]
) -> Resource | None:
    document = resolver.document
    sections: dict[str, Node] = {section.value: node for section, node in pairs(body)}
    place = document.place(key)
    if "Type" not in sections or not isinstance(sections["Type"], ScalarNode):
        raise TemplateError(
            f"Resource {name} has no Type", place=place, remedy="Give it a Type, for example AWS::S3::Bucket."
        )
    kind = str(sections["Type"].value)
    if "Condition" in sections:
        condition = sections["Condition"]
        if resolver.condition(str(condition.value), condition) is False:
            return None
    own = sections.get("Properties")
    if own is not None and not isinstance(own, MappingNode) and (not isinstance(own, ScalarNode) or own.value):
        raise TemplateError(
            f"Properties of resource {name} are not a mapping",
            place=document.place(own),
            remedy="Write them as keys with values.",
        )
    properties_node = with_globals(document, kind, own if isinstance(own, MappingNode) else None)
    properties = resolver.properties(properties_node, trace) if properties_node is not None else {}
    attributes: dict[str, Value] = {
        other: resolver.value(node) for other, node in sections.items() if other not in {"Type", "Properties"}
    }
    return Resource(
        name=name,
        kind=kind,
        properties=properties,
        place=place,
        places={
            path: document.place(written.key or written.value) for path, written in trace.items() if not written.removed
        },
        attributes=attributes,
    )
