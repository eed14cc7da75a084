"""Templates that make one architecture together: nested stacks, and stacks that import what others export.

A nested stack whose template is at hand is read with the parameters that its parent gives it; its resources are called
``Network.LoadBalancer``, after the resource that nests it. Outputs of nested stacks and exported values stand for what
they name.

Sources: CloudFormation user guide, "Nested stacks", "Fn::ImportValue"; AWS SAM developer guide, "Nested applications".
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from yaml.nodes import ScalarNode

from tonnage.iac.intrinsic import assemble, plain_text
from tonnage.iac.parameters import near
from tonnage.iac.read_cloudformation import ALONE, SHARED, Reading, Scope, interpret
from tonnage.iac.yaml_marks import item, read_text
from tonnage.workload import Reference, Resource, Stack, TemplateError, Text, Unknown, Value

STACK, APPLICATION = "AWS::CloudFormation::Stack", "AWS::Serverless::Application"
_LOCATION: Mapping[str, str] = {STACK: "TemplateURL", APPLICATION: "Location"}
_DEEPEST, _MOST = 10, 500
_OUTPUTS = "Outputs."
IMPORTED = "imported value "


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """Several templates as one stack.

    Attributes:
        readings: Each template as it was read, those that nest before those that are nested.
        stack: All their resources under their names; nested stacks that were read are not among them.
    """

    readings: tuple[Reading, ...]
    stack: Stack


def read_together(files: Sequence[str], *, root: Path, parameters: Mapping[str, str], region: str) -> Assembly:
    """Read templates that belong together, and those that they nest.

    Args:
        files: Templates; one that another of them nests is read as nested.
        root: Folder outside of which nothing is read.
        parameters: Parameter values from outside, by name, for every template that declares them.
        region: Region to resolve for.

    Raises:
        TemplateError: One cannot be read, or stacks nest each other in a circle.
    """
    reader = _Reader(root=root, parameters=parameters, region=region, alone=ALONE if len(files) == 1 else SHARED)
    single = [reader.read(file, reader.alone) for file in files]
    reader.refuse_unknown(single)
    nested = {str(path) for reading in single for _, path in reader.children(reading)}
    tops = [each for each in single if str(Path(each.stack.file).resolve()) not in nested] or single
    names = Counter(name for each in tops for name in each.stack.resources)
    readings: list[Reading] = []
    for top in tops:
        stem = f"{top.resolver.stack_name}."
        clash = len(tops) > 1 and any(names[name] > 1 for name in top.stack.resources)
        scope = replace(SHARED, prefix=stem, top=stem)
        readings += reader.below(reader.read(top.stack.file, scope) if clash else top, ())
    return Assembly(readings=tuple(readings), stack=_joined(readings, reader))


class _Reader:
    def __init__(self, *, root: Path, parameters: Mapping[str, str], region: str, alone: Scope) -> None:
        self.root, self.parameters, self.region, self.alone = root.resolve(), parameters, region, alone
        self.notes: dict[str, None] = {}
        self.count = 0

    def read(self, file: str, scope: Scope) -> Reading:
        """One template."""
        return interpret(read_text(file), file, parameters=self.parameters, region=self.region, scope=scope)

    def refuse_unknown(self, readings: Sequence[Reading]) -> None:
        """Parameters that no template declares."""
        known = {name for each in readings for name in each.resolver.parameters}
        for name in self.parameters:
            if name not in known:
                raise TemplateError(
                    f"No template has a parameter {name}", remedy=near(name, sorted(known), "They have")
                )

    def children(self, reading: Reading) -> Iterator[tuple[Resource, Path]]:
        """Nested stacks of a template whose own templates are at hand."""
        for resource in reading.stack.of_kind(*_LOCATION):
            path = self._template_of(resource, reading)
            if path is not None:
                yield resource, path

    def below(self, reading: Reading, above: tuple[str, ...]) -> Iterator[Reading]:
        """A template and all those nested in it."""
        yield reading
        here = str(Path(reading.stack.file).resolve())
        for resource, path in self.children(reading):
            self.count += 1
            if str(path) in (*above, here) or len(above) >= _DEEPEST or self.count > _MOST:
                raise TemplateError(
                    f"{resource.name} nests {path.name}, which nests it again"
                    if str(path) in (*above, here)
                    else f"{resource.name} nests too many stacks",
                    place=resource.place,
                    remedy="Break the circle."
                    if str(path) in (*above, here)
                    else "Give the inner stacks by themselves.",
                )
            values = resource.get("Parameters")
            scope = Scope(
                parent=resource.name,
                prefix=f"{resource.name}.",
                top=reading.scope.top,
                values=dict(values) if isinstance(values, Mapping) else {},
            )
            text, file = read_text(path), _shown(path, reading.stack.file)
            inner = interpret(text, file, parameters={}, region=self.region, scope=scope)
            yield from self.below(inner, (*above, here))

    def _template_of(self, resource: Resource, reading: Reading) -> Path | None:
        folder = Path(reading.stack.file).resolve().parent
        metadata = item(reading.bodies[resource.name][1], "Metadata")
        asset = item(metadata, "aws:asset:path")
        location = resource.get(_LOCATION[resource.kind])
        if isinstance(asset, ScalarNode):
            tried: Iterable[Path] = (folder / str(asset.value),)
        elif isinstance(location, str) and "://" not in location:
            tried = (folder / location, folder / location / "template.yaml")
        else:
            tried = _likely(location, folder)
        for path in tried:
            found = path.resolve()
            if not found.is_file():
                continue
            if not found.is_relative_to(self.root):
                self.notes.setdefault(
                    f"{resource.place}: the template of {resource.name} is outside of {self.root.name}/ and was not "
                    "read; give the folder that holds both"
                )
                return None
            return found
        return None


def _likely(location: Value, folder: Path) -> Iterator[Path]:
    """Where the template of an address in S3 lies beside the one that names it: by the end of its path."""
    text = location if isinstance(location, str) else ""
    if isinstance(location, Text):
        text = "".join(part if isinstance(part, str) else "?" for part in location.parts)
    parts = [part for part in PurePosixPath(urlsplit(text).path).parts if part not in {"/", ".."}]
    for start in range(len(parts)):
        if not any("?" in part for part in parts[start:]):
            yield folder.joinpath(*parts[start:])


def _shown(path: Path, beside: str) -> str:
    """A file as the user would write it: relative where the one that names it is."""
    top = Path(beside)
    folder = top.resolve().parent
    if top.is_absolute() or not path.is_relative_to(folder):
        return str(path)
    return str(top.parent / path.relative_to(folder))


def _joined(readings: Sequence[Reading], reader: _Reader) -> Stack:
    """All resources with outputs and imports in the place of what names them."""
    parents = {each.scope.parent for each in readings if each.scope.parent}
    outputs: dict[Reference, Value] = {}
    exports: dict[str, Value] = {}
    for each in readings:
        for name, (value, export) in each.outputs().items():
            if each.scope.parent:
                outputs[Reference(each.scope.parent, _OUTPUTS + name)] = value
            if (text := plain_text(export)) and export is not None:
                exports[IMPORTED + text] = value
    link = _Linker(outputs, exports)
    resources: dict[str, Resource] = {}
    for each in readings:
        for name, resource in each.stack.resources.items():
            if name in resources:
                raise TemplateError(
                    f"There are two resources {name}, the other in {resources[name].place}",
                    place=resource.place,
                    remedy="Give one of them another name, or leave its file out.",
                )
            if name not in parents:
                resources[name] = replace(
                    resource,
                    properties={key: link.value(value) for key, value in resource.properties.items()},
                    attributes={key: link.value(value) for key, value in resource.attributes.items()},
                )
    first = readings[0].stack
    notes = [note for each in readings for note in each.stack.notes]
    return replace(
        first,
        resources=resources,
        parameters={name: value for each in reversed(readings) for name, value in each.stack.parameters.items()},
        notes=tuple(dict.fromkeys((*notes, *reader.notes))),
    )


class _Linker:
    """Puts what an output or an export stands for in the place of its name; a circle stays as it is written."""

    def __init__(self, outputs: Mapping[Reference, Value], exports: Mapping[str, Value]) -> None:
        self.outputs, self.exports = outputs, exports
        self.linking: list[Reference | Unknown] = []

    def value(self, value: Value) -> Value:
        """The value with every name followed to what it stands for."""
        if isinstance(value, Reference | Unknown):
            found = self.outputs.get(value) if isinstance(value, Reference) else self.exports.get(value.reason)
            if found is None or value in self.linking:
                return value
            self.linking.append(value)
            found = self.value(found)
            self.linking.pop()
            return found
        if isinstance(value, Text):
            return assemble([self.value(part) if not isinstance(part, str) else part for part in value.parts])
        if isinstance(value, tuple):
            return tuple(self.value(each) for each in value)
        if isinstance(value, Mapping):
            return {key: self.value(each) for key, each in value.items()}
        return value
