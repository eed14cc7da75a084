"""Terraform configuration read without Terraform: variables, locals, loops, local modules, data sources that are plain.

What cannot be known without asking a provider or a registry is unknown for a stated reason. Nothing outside the folder
that the user gave is read.

Source: Terraform language documentation, "Files and Configuration Structure", "Modules", "Meta-Arguments".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tonnage.iac.terraform.evaluate import Scope, evaluate
from tonnage.iac.terraform.functions import as_value
from tonnage.iac.terraform.instance import Instance, Source
from tonnage.iac.terraform.json_syntax import parse_json
from tonnage.iac.terraform.policy_document import policy_document
from tonnage.iac.terraform.syntax import Attribute, Block, Expression, Literal, Name, parse
from tonnage.iac.yaml_marks import read_text, replaced_files
from tonnage.workload import Path as PropertyPath
from tonnage.workload import Place, Reference, TemplateError, Unknown, Value

_MOST_INSTANCES, _DEEPEST = 20_000, 20
_META = frozenset({"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"})
_IDENTIFIES = ("name", "id", "arn", "identifier", "bucket", "url")
_Key = str | int | None


@dataclass(slots=True)
class Reader:
    """What all modules of one configuration share.

    Attributes:
        root: Folder outside of which nothing is read.
        region: Region to resolve for.
        notes: What a person must know, in order, each once.
        count: Instances made so far.
    """

    root: Path
    region: str
    notes: dict[str, None] = field(default_factory=dict)
    count: int = 0

    def note(self, text: str) -> None:
        """Keep a note, once."""
        self.notes.setdefault(text)


def read_configuration(
    folder: Path,
    *,
    parameters: Mapping[str, str],
    region: str,
    root: Path | None = None,
) -> tuple[tuple[Instance, ...], tuple[str, ...]]:
    """Instances of all resources of a configuration and its local modules, and notes.

    Args:
        folder: Folder of the root module.
        parameters: Values of its variables from outside, by name; they override ``*.tfvars``.
        region: Region to resolve for.
        root: Folder outside of which nothing is read; the root module's where it is None.

    Raises:
        TemplateError: A file is not Terraform, or ``parameters`` names a variable that there is not.
    """
    reader = Reader(root=(root or folder).resolve(), region=region)
    module = Module(reader, folder, "", {}, {}, 0)
    given = _tfvars(folder)
    for name, text in parameters.items():
        if name not in module.variables:
            known = ", ".join(sorted(module.variables)[:12])
            raise TemplateError(f"{folder} has no variable {name}", remedy=f"Its variables are {known}.")
        given[name] = _from_text(text)
    module.inputs = {name: value for name, value in given.items() if name in module.variables}
    instances = tuple(module.instances())
    missing = [name for name in module.variables if isinstance(module.variable(name), Unknown)]
    if missing:
        reader.note(
            f"{'Variable' if len(missing) == 1 else 'Variables'} without a value: {', '.join(missing)}; give them with "
            "--parameter NAME=VALUE or under parameters: in the workload file"
        )
    return instances, tuple(reader.notes)


def _from_text(text: str) -> Value:
    """A value from the command line: JSON where it is that, else text."""
    try:
        return as_value(json.loads(text))
    except ValueError:
        return text


def _tfvars(folder: Path) -> dict[str, Value]:
    """Values of ``terraform.tfvars`` and ``*.auto.tfvars``, later files over earlier ones."""
    found: dict[str, Value] = {}
    files = [folder / "terraform.tfvars", folder / "terraform.tfvars.json"]
    for file in (*files, *sorted([*folder.glob("*.auto.tfvars"), *folder.glob("*.auto.tfvars.json")])):
        if file.is_file():
            body = (parse_json if file.suffix == ".json" else parse)(read_text(file), str(file))
            nothing = Scope(lambda _: (Unknown("a reference in a tfvars file"), 99))
            found.update({name: evaluate(node, nothing) for name, node in body.attributes.items()})
    return found


class Module:
    """One module with the values of its variables."""

    def __init__(
        self,
        reader: Reader,
        folder: Path,
        prefix: str,
        inputs: Mapping[str, Value],
        sources: Mapping[str, Source],
        depth: int,
    ) -> None:
        self.reader, self.folder, self.prefix, self.depth = reader, folder, prefix, depth
        self.inputs, self.input_sources = inputs, sources
        self.variables: dict[str, Block] = {}
        self.locals: dict[str, tuple[Expression, str]] = {}
        self.resources: dict[tuple[str, str], Block] = {}
        self.data: dict[tuple[str, str], Block] = {}
        self.calls: dict[str, Block] = {}
        self.outputs: dict[str, Block] = {}
        for block in _blocks(folder):
            self._take(block)
        self._computing: list[str] = []
        self._values: dict[str, Value] = {}
        self._keys: dict[str, tuple[_Key, ...]] = {}
        self._children: dict[str, dict[_Key, Module]] = {}
        self.scope = Scope(self._resolve, read=self._read)

    def _take(self, block: Block) -> None:
        labels = block.labels
        if block.kind == "variable" and labels:
            self.variables[labels[0]] = block
        elif block.kind == "locals":
            self.locals.update({name: (node, block.file) for name, node in block.attributes.items()})
        elif block.kind == "output" and labels:
            self.outputs[labels[0]] = block
        elif block.kind == "module" and labels:
            self.calls[labels[0]] = block
        elif block.kind in {"resource", "data"} and len(labels) > 1:
            known = self.resources if block.kind == "resource" else self.data
            key = (labels[0], labels[1])
            known[key] = _overridden(known[key], block) if key in known else block

    def _read(self, path: str) -> str | None:
        file = (self.folder / path.removeprefix("./")).resolve()
        if not file.is_relative_to(self.reader.root) or not file.is_file():
            return None
        try:
            return read_text(file)
        except TemplateError:
            return None

    # Names ------------------------------------------------------------------------------------------------------

    def variable(self, name: str) -> Value:
        """Value of a variable: what is given, else its default."""
        if name in self.inputs:
            return self.inputs[name]
        block = self.variables.get(name)
        if block is None:
            return Unknown(f"there is no variable {name}")
        if "default" not in block.attributes:
            return Unknown(f"variable {name} has no value")
        return self._once(f"var.{name}", block.attributes["default"])

    def _once(self, name: str, node: Expression, scope: Scope | None = None) -> Value:
        if name in self._values:
            return self._values[name]
        if name in self._computing:
            return Unknown(f"{name} depends on itself")
        self._computing.append(name)
        value = evaluate(node, scope or self.scope)
        self._computing.pop()
        self._values[name] = value
        return value

    def _resolve(self, path: tuple[str | int, ...]) -> tuple[Value, int]:
        root, rest = str(path[0]), path[1:]
        first = str(rest[0]) if rest else ""
        if root == "var":
            return self.variable(first), 2
        if root == "local":
            found = self.locals.get(first)
            return (self._once(f"local.{first}", found[0]) if found else Unknown(f"there is no local {first}")), 2
        if root == "module":
            return self._output(path)
        if root == "data" and len(path) > 2:
            return self._data(str(path[1]), str(path[2])), 3
        if root == "path":
            return ".", 2
        if root == "terraform":
            return "default", 2
        if (root, first) in self.resources:
            return self._reference(root, first, rest[1:])
        return Unknown(f"{'.'.join(str(each) for each in path[:3])} is not known"), len(path)

    def _reference(self, kind: str, name: str, rest: Sequence[str | int]) -> tuple[Value, int]:
        address, keys = f"{self.prefix}{kind}.{name}", self.keys(kind, name)
        if keys == (None,):
            written = self._written(kind, name, None, rest)
            return (Reference(address), 2) if written is None else (written, 3)
        if rest and rest[0] in keys and not isinstance(rest[0], bool):
            written = self._written(kind, name, rest[0], rest[1:])
            return (Reference(f"{address}{_shown(rest[0])}"), 3) if written is None else (written, 4)
        if rest and isinstance(rest[0], int):
            return Unknown(f"{address} has no instance {rest[0]}"), 3
        several = {key: Reference(f"{address}{_shown(key)}") for key in keys}
        if keys and isinstance(keys[0], str):
            return {str(key): value for key, value in several.items()}, 2
        return tuple(several.values()), 2

    def _written(self, kind: str, name: str, key: _Key, rest: Sequence[str | int]) -> Value:
        """An attribute of a resource as its block has it; None for what names the resource, which stays a reference."""
        attribute = str(rest[0]) if rest else ""
        block = self.resources[kind, name]
        if attribute.endswith(_IDENTIFIES) or attribute not in block.attributes:
            return None
        address = f"{kind}.{name}"
        node, scope = block.attributes[attribute], self._scope_of(block, key, address)
        value = self._once(f"{address}{_shown(key)}.{attribute}", node, scope)
        return value if isinstance(value, bool | int | float | str) else None

    def keys(self, kind: str, name: str) -> tuple[_Key, ...]:
        """Keys of the instances of a resource; one None where it has neither count nor for_each."""
        address = f"{kind}.{name}"
        if address not in self._keys:
            self._keys[address] = (None,)
            self._keys[address] = self._keys_of(self.resources[kind, name], address)
        return self._keys[address]

    def _keys_of(self, block: Block, address: str) -> tuple[_Key, ...]:
        if "count" in block.attributes:
            count = evaluate(block.attributes["count"], self.scope)
            if isinstance(count, bool | int | float | str) and str(count).replace(".0", "").isdigit():
                return tuple(range(min(int(float(count)), _MOST_INSTANCES)))
            self.reader.note(f"{block.place()}: how many {self.prefix}{address} there are is not known: taken as one")
            return (0,)
        if "for_each" in block.attributes:
            return tuple(self._each(block, address))
        return (None,)

    def _each(self, block: Block, address: str) -> dict[str, Value]:
        over = evaluate(block.attributes["for_each"], self.scope)
        if isinstance(over, Mapping):
            return dict(over)
        if isinstance(over, tuple) and all(isinstance(each, str) for each in over):
            return {str(each): each for each in over}
        self.reader.note(f"{block.place()}: what {self.prefix}{address} is made for is not known: taken as one")
        return {"?": Unknown("what a loop runs over is not known")}

    def _scope_of(self, block: Block, key: _Key, address: str) -> Scope:
        if isinstance(key, int):
            return self.scope.inside(count={"index": key})
        if isinstance(key, str):
            return self.scope.inside(each={"key": key, "value": self._each(block, address).get(key)})
        return self.scope

    def _data(self, kind: str, name: str) -> Value:
        block = self.data.get((kind, name))
        if block is None:
            return Unknown(f"there is no data source {kind}.{name}")
        if kind == "aws_region":
            return {"name": self.reader.region, "id": self.reader.region, "region": self.reader.region}
        if kind == "aws_caller_identity":
            return {"account_id": "123456789012", "id": "123456789012"}
        if kind == "aws_partition":
            return {"partition": "aws", "dns_suffix": "amazonaws.com"}
        if kind == "aws_availability_zones":
            return {"names": tuple(f"{self.reader.region}{letter}" for letter in "abc")}
        if kind == "aws_iam_policy_document":
            values, _, _ = self.values(block, self.scope)
            return {"json": policy_document(values)}
        return Unknown(f"data source {kind}.{name}, which AWS answers")

    # Modules ----------------------------------------------------------------------------------------------------

    def children(self, name: str) -> "dict[_Key, Module]":
        """Instances of a module that is called; none where it is not at hand."""
        if name not in self._children:
            self._children[name] = {}
            self._children[name] = self._call(name, self.calls[name])
        return self._children[name]

    def _call(self, name: str, block: Block) -> "dict[_Key, Module]":
        source = evaluate(block.attributes["source"], self.scope) if "source" in block.attributes else None
        address = f"{self.prefix}module.{name}"
        if not isinstance(source, str) or not source.startswith("."):
            self.reader.note(f"{block.place()}: {address} comes from {source or 'elsewhere'} and was not read")
            return {}
        folder = (self.folder / source).resolve()
        if not folder.is_relative_to(self.reader.root) or not folder.is_dir() or self.depth >= _DEEPEST:
            why = "is not there" if not folder.is_dir() else "is outside of the folder given, or too deep"
            self.reader.note(f"{block.place()}: the source of {address} {why} and was not read")
            return {}
        folder = self.folder / source
        keys: tuple[_Key, ...] = (None,)
        if "count" in block.attributes or "for_each" in block.attributes:
            keys = self._keys_of(block, f"module.{name}")
        made: dict[_Key, Module] = {}
        for key in keys:
            scope = self._scope_of(block, key, f"module.{name}")
            inputs, _, sources = self.values(block, scope, shared=key is not None)
            passed = {str(path[0]): each for path, each in sources.items() if len(path) == 1}
            prefix = f"{address}{_shown(key)}."
            made[key] = Module(self.reader, folder, prefix, inputs, passed, self.depth + 1)
        return made

    def _output(self, path: tuple[str | int, ...]) -> tuple[Value, int]:
        name = str(path[1]) if len(path) > 1 else ""
        if name not in self.calls:
            return Unknown(f"there is no module {name}"), len(path)
        children = self.children(name)
        if not children:
            return Unknown(f"module {name} was not read"), len(path)
        if None in children:
            return children[None].outputs_value(), 2
        if len(path) > 2 and path[2] in children:
            return children[path[2]].outputs_value(), 3
        if all(isinstance(key, str) for key in children):
            return {str(key): child.outputs_value() for key, child in children.items()}, 2
        return tuple(child.outputs_value() for child in children.values()), 2

    def outputs_value(self) -> Value:
        """Values of all outputs, by name."""
        return {
            name: self._once(f"output.{name}", block.attributes["value"])
            for name, block in self.outputs.items()
            if "value" in block.attributes
        }

    # Instances --------------------------------------------------------------------------------------------------

    def instances(self) -> Iterator[Instance]:
        """Every instance of every resource of the module and of those that it calls."""
        for (kind, name), block in self.resources.items():
            for key in self.keys(kind, name):
                self.reader.count += 1
                if self.reader.count > _MOST_INSTANCES:
                    raise TemplateError(
                        f"The configuration makes more than {_MOST_INSTANCES:,} resources",
                        place=block.place(),
                        remedy="Give a part of it, or a plan.",
                    )
                values, places, sources = self.values(
                    block, self._scope_of(block, key, f"{kind}.{name}"), shared=key is not None
                )
                yield Instance(
                    address=f"{self.prefix}{kind}.{name}{_shown(key)}",
                    kind=kind,
                    values=values,
                    place=block.place(),
                    places=places,
                    sources=sources,
                    body=Source(file=block.file, span=block.span, shared=key is not None or bool(self.prefix)),
                )
        for name in self.calls:
            for child in self.children(name).values():
                yield from child.instances()

    def values(
        self, block: Block, scope: Scope, *, shared: bool = False, path: PropertyPath = ()
    ) -> tuple[dict[str, Value], dict[PropertyPath, Place], dict[PropertyPath, Source]]:
        """Attributes and blocks of a block; where they stand, and where their values are written."""
        found: dict[str, Value] = {}
        places: dict[PropertyPath, Place] = {}
        sources: dict[PropertyPath, Source] = {}
        for name, node in block.attributes.items():
            if not path and name in _META:
                continue
            found[name] = evaluate(node, scope)
            places[*path, name] = Place(file=block.file, line=block.places[name].line)
            source = self._source(node, block.file, shared)
            if source is not None:
                sources[*path, name] = source
        for inner, inner_scope, looped in self._inner(block, scope):
            if not path and inner.kind in _META:
                continue
            before = found.get(inner.kind)
            at = (*path, inner.kind, len(before) if isinstance(before, tuple) else 0)
            values, below, written = self.values(inner, inner_scope, shared=shared or looped, path=at)
            found[inner.kind] = (*(before if isinstance(before, tuple) else ()), values)
            places |= {at: inner.place(), **below}
            sources |= {at: Source(file=inner.file, span=inner.span, shared=shared or looped), **written}
        return found, places, sources

    def _inner(self, block: Block, scope: Scope) -> Iterator[tuple[Block, Scope, bool]]:
        """Blocks inside a block, dynamic ones unfolded."""
        for inner in block.blocks:
            if inner.kind != "dynamic" or not inner.labels or "for_each" not in inner.attributes:
                yield inner, scope, False
                continue
            over = evaluate(inner.attributes["for_each"], scope)
            iterator = inner.attributes.get("iterator")
            name = iterator.name if isinstance(iterator, Name) else inner.labels[0]
            pairs: list[tuple[Value, Value]] = []
            if isinstance(over, Mapping):
                pairs = list(over.items())
            elif isinstance(over, tuple):
                pairs = list(enumerate(over))
            else:
                self.reader.note(f"{inner.place()}: what dynamic {inner.labels[0]} runs over is not known: left out")
            for content in inner.all("content"):
                for key, value in pairs:
                    yield (
                        replace(content, kind=inner.labels[0]),
                        scope.inside(**{name: {"key": key, "value": value}}),
                        True,
                    )

    def _source(self, node: Expression, file: str, shared: bool) -> Source | None:
        """Where the literal stands that an expression is, or that a variable or local has."""
        if isinstance(node, Literal):
            return Source(file=file, span=node.span, shared=shared)
        if not isinstance(node, Attribute) or not isinstance(node.of, Name):
            return None
        if node.of.name == "var" and node.name in self.variables:
            if node.name in self.input_sources:
                return self.input_sources[node.name]
            default = self.variables[node.name].attributes.get("default")
            if node.name not in self.inputs and isinstance(default, Literal):
                return Source(file=self.variables[node.name].file, span=default.span, variable=node.name, shared=True)
        if node.of.name == "local" and node.name in self.locals:
            written, where = self.locals[node.name]
            if isinstance(written, Literal):
                return Source(file=where, span=written.span, variable=f"local.{node.name}", shared=True)
        return None


def _shown(key: _Key) -> str:
    return "" if key is None else f"[{key}]" if isinstance(key, int) else f'["{key}"]'


def _blocks(folder: Path) -> list[Block]:
    """Blocks of all files of a module, those of override files last."""
    here = folder.resolve()
    added = [folder / file.name for file in replaced_files() if file.parent == here and ".tf" in file.suffixes]
    files = [*folder.glob("*.tf"), *folder.glob("*.tf.json"), *added]
    override = {file for file in files if file.name.split(".")[0] == "override" or "_override." in file.name}
    found: list[Block] = []
    for file in (*sorted(set(files) - override), *sorted(override)):
        text = read_text(file)
        found += (parse_json if file.suffix == ".json" else parse)(text, str(file)).blocks
    return found


def _overridden(block: Block, by: Block) -> Block:
    """A resource with what an override file says of it."""
    kinds = {inner.kind for inner in by.blocks}
    return replace(
        block,
        attributes={**block.attributes, **by.attributes},
        places={**block.places, **by.places},
        blocks=(*(inner for inner in block.blocks if inner.kind not in kinds), *by.blocks),
    )
