"""Plans and states as ``terraform show -json`` prints them, and state files.

What a plan does not know before apply is taken from its configuration: the resources that the expression refers to.

Source: Terraform documentation, "JSON Output Format" (formats 0.1 to 1.2); state files of version 4.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tonnage.iac.terraform.functions import as_value
from tonnage.iac.terraform.instance import Instance
from tonnage.workload import Place, Reference, TemplateError, Text, Unknown, Value

_DEEPEST = 60
_INDEX = re.compile(r"\[[^\]]*\]")
_Object = Mapping[str, Any]


def looks_like(text: str) -> bool:
    """Whether a JSON text is a plan, a state, or a state file."""
    head = text[:4000]
    return '"terraform_version"' in head and ('"format_version"' in head or '"lineage"' in text[:20000])


def read_plan(text: str, file: str) -> tuple[tuple[Instance, ...], tuple[str, ...]]:
    """Instances of all resources, and notes.

    Raises:
        TemplateError: It is not JSON, or none of the formats.
    """
    try:
        content = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise TemplateError(
            "Not valid JSON", place=Place(file=file, line=line), remedy="Print it with 'terraform show -json'."
        ) from None
    if not isinstance(content, dict):
        raise TemplateError(f"{file} is no plan", remedy="Print it with 'terraform show -json'.")
    places = _Places(text, file)
    if content.get("version") == 4 and isinstance(content.get("resources"), list):
        return tuple(_of_state(content["resources"], places)), (
            "a state file tells what is there, not what is planned",
        )
    planned = content.get("planned_values") or content.get("values")
    if not isinstance(planned, dict):
        raise TemplateError(f"{file} has neither planned_values nor values", remedy="Give a plan or a state.")
    configuration = content.get("configuration")
    root = configuration.get("root_module", {}) if isinstance(configuration, dict) else {}
    found = list(_resources(_object(planned.get("root_module")), 0))
    addresses = [address for address, _, _ in found]
    origin = _Origin(_object(root), addresses)
    instances = []
    for address, kind, values in found:
        known = {str(key): as_value(each) for key, each in values.items()}
        merged = origin.filled(address, known)
        instances.append(Instance(address=address, kind=kind, values=merged, place=places.of(address)))
    return tuple(instances), ()


def _object(value: object) -> _Object:
    return value if isinstance(value, dict) else {}


class _Places:
    """Lines of addresses: where the text names one first."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.lines: dict[str, int] = {}
        if text.count("\n") < 3:
            return
        for number, line in enumerate(text.splitlines(), 1):
            if '"address"' in line:
                self.lines.setdefault(line.partition(":")[2].strip().rstrip(",").strip('"').replace('\\"', '"'), number)

    def of(self, address: str) -> Place:
        """Where an address stands; the first line in a text without line ends."""
        return Place(file=self.file, line=self.lines.get(address, 1))


def _resources(module: _Object, depth: int) -> Iterator[tuple[str, str, _Object]]:
    """Address, type and values of the resources of a module and those in it."""
    for resource in module.get("resources") or ():
        if isinstance(resource, dict) and resource.get("mode", "managed") == "managed":
            yield str(resource.get("address", "?")), str(resource.get("type", "?")), _object(resource.get("values"))
    for child in module.get("child_modules") or ():
        if isinstance(child, dict) and depth < _DEEPEST:
            yield from _resources(child, depth + 1)


def _of_state(resources: Sequence[object], places: _Places) -> Iterator[Instance]:
    """Instances of a state file."""
    for resource in resources:
        if not isinstance(resource, dict) or resource.get("mode") != "managed":
            continue
        base = f"{resource['module']}." if resource.get("module") else ""
        base += f"{resource.get('type')}.{resource.get('name')}"
        for instance in resource.get("instances") or ():
            if not isinstance(instance, dict):
                continue
            key = instance.get("index_key")
            address = base if key is None else f"{base}[{key}]" if isinstance(key, int) else f'{base}["{key}"]'
            values = {str(name): as_value(each) for name, each in _object(instance.get("attributes")).items()}
            yield Instance(address=address, kind=str(resource.get("type")), values=values, place=places.of(address))


class _Origin:
    """What the expressions of a configuration refer to."""

    def __init__(self, root: _Object, addresses: Sequence[str]) -> None:
        self.root = root
        self.by_base: dict[str, list[str]] = {}
        for address in addresses:
            self.by_base.setdefault(_bare(address), []).append(address)
        self.addresses = frozenset(addresses)

    def filled(self, address: str, values: dict[str, Value]) -> dict[str, Value]:
        """Values of a resource with references where they are not known yet."""
        modules = re.findall(r"module\.([^.\[]+)", _INDEX.sub("", address))
        chain = [self.root]
        for name in modules:
            call = _object(_object(chain[-1].get("module_calls")).get(name))
            chain.append(_object(call.get("module")))
        bare = _bare(address).rpartition("module.")[2]
        local = bare if not modules else bare.partition(".")[2]
        for resource in chain[-1].get("resources") or ():
            if isinstance(resource, dict) and str(resource.get("address", "")) == local:
                return self._merged(values, _object(resource.get("expressions")), chain, modules, address, 0)
        return values

    def _merged(
        self,
        values: dict[str, Value],
        expressions: _Object,
        chain: list[_Object],
        modules: list[str],
        address: str,
        depth: int,
    ) -> dict[str, Value]:
        merged = dict(values)
        for name, expression in expressions.items():
            now = merged.get(name)
            if isinstance(expression, list) and depth < _DEEPEST:
                blocks = now if isinstance(now, tuple) else ()
                made: list[Value] = []
                for k in range(max(len(blocks), 0 if blocks else len(expression))):
                    block = blocks[k] if k < len(blocks) else {}
                    inner = expression[min(k, len(expression) - 1)]
                    plain = dict(block) if isinstance(block, Mapping) else {}
                    made.append(self._merged(plain, _object(inner), chain, modules, address, depth + 1))
                merged[name] = tuple(made) if made else now
            elif isinstance(expression, dict) and "references" in expression and now in (None, (), "", {}):
                merged[name] = self._referred(expression["references"], chain, modules, address, 0)
            elif isinstance(expression, dict) and "references" not in expression and "constant_value" not in expression:
                block = dict(now) if isinstance(now, Mapping) else {}
                merged[name] = self._merged(block, expression, chain, modules, address, depth + 1) or now
        return merged

    def _referred(self, names: object, chain: list[_Object], modules: list[str], address: str, depth: int) -> Value:
        """What an expression refers to, as one reference or a text of several."""
        listed = [str(each) for each in names] if isinstance(names, list) else []
        # A reference is followed by what it is part of: aws_lb.web.arn, then aws_lb.web.
        longest = [
            each for each in listed if not any(o != each and o.startswith((f"{each}.", f"{each}[")) for o in listed)
        ]
        found: list[Reference | Unknown] = []
        for name in longest:
            for each in self._one(name, chain, modules, address, depth):
                if each not in found:
                    found.append(each)
        kept = [each for each in found if isinstance(each, Reference)] or found
        if not kept:
            return Unknown("known only after apply")
        return kept[0] if len(kept) == 1 else Text(tuple(kept))

    def _one(
        self, name: str, chain: list[_Object], modules: list[str], address: str, depth: int
    ) -> list[Reference | Unknown]:
        pieces = _INDEX.sub("", name).split(".")
        if depth > _DEEPEST or len(pieces) < 2:
            return []
        if pieces[0] == "var" and len(chain) > 1:
            call = _object(_object(chain[-2].get("module_calls")).get(modules[-1]))
            expression = _object(_object(call.get("expressions")).get(pieces[1]))
            inner = self._referred(expression.get("references"), chain[:-1], modules[:-1], address, depth + 1)
            return _flat(inner)
        if pieces[0] == "module" and len(pieces) > 2:
            call = _object(_object(chain[-1].get("module_calls")).get(pieces[1]))
            module = _object(call.get("module"))
            output = _object(_object(_object(module.get("outputs")).get(pieces[2])).get("expression"))
            return _flat(
                self._referred(output.get("references"), [*chain, module], [*modules, pieces[1]], address, depth + 1)
            )
        if pieces[0] in {"var", "local", "each", "count", "path", "terraform", "self", "data", "module"}:
            return [Unknown(f"{'.'.join(pieces[:3])} is known only after apply")]
        return self._instances(name, pieces, modules, address)

    def _instances(self, name: str, pieces: list[str], modules: list[str], address: str) -> list[Reference | Unknown]:
        base = "".join(f"module.{each}." for each in modules) + ".".join(pieces[:2])
        candidates = self.by_base.get(base, [])
        attribute = pieces[2] if len(pieces) > 2 else None
        index = re.match(r"[^\[]*(\[[^\]]*\])", name)
        exact = [each for each in candidates if index and each.endswith(index[1])]
        own = re.search(r"(\[[^\]]*\])$", address)
        same = [each for each in candidates if own and each.endswith(own[1])]
        return [Reference(each, attribute) for each in exact or same or candidates]


def _flat(value: Value) -> list[Reference | Unknown]:
    if isinstance(value, Text):
        return [part for part in value.parts if not isinstance(part, str)]
    return [value] if isinstance(value, Reference | Unknown) else []


def _bare(address: str) -> str:
    """An address without the keys of instances."""
    return _INDEX.sub("", address)
