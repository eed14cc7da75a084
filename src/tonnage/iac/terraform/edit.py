"""Edits of Terraform configuration: literals and defaults in place, new attributes in their block, else an override.

After each edit the configuration is read again: the value must then be the one wanted, and nothing else may differ but
what shares the literal, which the notes say.

Source: Terraform language documentation, "Override Files".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import indent as indented

from tonnage.iac.edit import (
    BY_HAND,
    AddResource,
    Edit,
    SetProperty,
    differences,
    is_below,
    same,
    shown,
    title,
    titles_of,
)
from tonnage.iac.terraform.instance import Instance, Source
from tonnage.iac.terraform.kinds import spellings
from tonnage.iac.terraform.kinds._spelling import Spec
from tonnage.iac.terraform.read import Terraform, read_terraform
from tonnage.iac.terraform.translate import pascal
from tonnage.iac.terraform.write_resource import address, hcl, readdressed, written_block, written_resource
from tonnage.iac.yaml_marks import read_text, replaced
from tonnage.workload import Path as PropertyPath
from tonnage.workload import TemplateError, Value

_OVERRIDE = "tonnage_override.tf"


def edit_terraform(
    terraform: Terraform, edits: Sequence[Edit], given: Path, *, parameters: Mapping[str, str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Texts of the files that some edits change, by file, and what a reader of the patch must know.

    Args:
        terraform: What was read.
        edits: The edits.
        given: The path that the user gave.
        parameters: Values of variables, as it was read with.

    Raises:
        TemplateError: What was given is no configuration, or an edit cannot be made safely.
    """
    if not given.is_dir() and not given.name.endswith((".tf", ".tf.json")):
        raise TemplateError(
            f"{given} is a plan or a state", remedy="Give the folder of the configuration to change it."
        )
    texts: dict[str, str] = {}
    notes: dict[str, None] = {}
    new = {e.name: a for e in edits if isinstance(e, AddResource) and (a := address(e)) is not None}
    for edit in edits:
        before = terraform
        if isinstance(edit, SetProperty):
            resource = terraform.stack.resources.get(edit.resource)
            if resource is not None and same(resource.get(*edit.path), edit.value):
                continue
            file, text = _set(terraform, edit, texts, given, notes)
        else:
            body = {key: readdressed(each, new) for key, each in edit.body.items()}
            file, text = _added(terraform, replace(edit, body=body), texts)
        texts[file] = text
        with replaced(texts):
            terraform = read_terraform(given, None, parameters=parameters, region=before.stack.region)
        _check(before, terraform, edit, notes)
    return texts, tuple(notes)


def _check(before: Terraform, after: Terraform, edit: Edit, notes: dict[str, None]) -> None:
    changed = differences(before.stack, after.stack)
    if not isinstance(edit, SetProperty):
        new = [each for each in changed if each[0] not in before.stack.resources]
        if len(new) != 1 or len(changed) != 1:
            raise TemplateError(f"Resource {edit.name} cannot be added safely", remedy="Add it by hand.")
        return
    resource = after.stack.resources.get(edit.resource)
    if resource is None or not same(resource.get(*edit.path), edit.value):
        raise TemplateError(
            f"{title(edit)} cannot be set to {shown(edit.value)} safely",
            place=before.stack.resources[edit.resource].place_of(*edit.path),
            remedy="Edit the configuration by hand.",
        )
    others = [each for each in changed if not is_below(each, (edit.resource, *edit.path))]
    if others:
        notes.setdefault(f"{title(edit)} shares what is edited with {titles_of(others)}, which changes with it.")


def _text(file: str, texts: Mapping[str, str]) -> str:
    return texts[file] if file in texts else read_text(file)


def _set(
    terraform: Terraform, edit: SetProperty, texts: Mapping[str, str], given: Path, notes: dict[str, None]
) -> tuple[str, str]:
    """File and its text after an edit."""
    instance = terraform.instances.get(edit.resource)
    joined = _joined(edit, terraform)
    if joined is not None:
        return _in_what_joins(*joined, edit.value, texts, notes)
    if instance is None or edit.value is None:
        what = "is made of several resources" if instance is None else "would have to be removed"
        raise TemplateError(f"{title(edit)} {what}", remedy="Edit the configuration by hand.")
    trace = terraform.translation.traces[edit.resource]
    written = trace.get(edit.path) or _by_parent(edit.path, trace)
    source = instance.sources.get(written) if written is not None else None
    if source is not None:
        return _replaced_at(source, edit.value, texts, notes)
    name = written or spelled_back(edit.path, spellings()[instance.kind].spec)
    if name is None or instance.body is None:
        raise TemplateError(
            f"{title(edit)} has no place in {instance.address}", place=instance.place, remedy="Edit it by hand."
        )
    if written is None:
        return _inserted(instance, name, edit.value, texts)
    if len(name) > 1 or "module." in instance.address or not instance.body.file.endswith(".tf"):
        raise TemplateError(
            f"{title(edit)} is computed, which cannot be edited safely",
            place=instance.places.get(name, instance.place),
            remedy=f"Set it to {shown(edit.value)} by hand.",
        )
    return _overriding(instance, str(name[0]), edit.value, texts, given)


def _replaced_at(source: Source, value: Value, texts: Mapping[str, str], notes: dict[str, None]) -> tuple[str, str]:
    text = _text(source.file, texts)
    if source.variable:
        notes.setdefault(f"The default of {source.variable} is edited; a value given where you apply overrides it.")
    return source.file, text[: source.span.start] + hcl(value) + text[source.span.end :]


def _joined(edit: SetProperty, terraform: Terraform) -> tuple[Instance, PropertyPath] | None:
    """What writes a property in Terraform that CloudFormation writes inside another resource, and where in it."""
    for prefix, joined in terraform.translation.joined.get(edit.resource, {}).items():
        rest = edit.path[len(prefix) :]
        if edit.path[: len(prefix)] == prefix and rest:
            back = spelled_back(rest, joined.spec)
            written = joined.trace.get(rest) or (None if back is None else (*joined.within, *back))
            return None if written is None else (terraform.instances[joined.name], written)
    return None


def _in_what_joins(
    joining: Instance, written: PropertyPath, value: Value, texts: Mapping[str, str], notes: dict[str, None]
) -> tuple[str, str]:
    source = joining.sources.get(written)
    if source is not None:
        return _replaced_at(source, value, texts, notes)
    return _inserted(joining, written, value, texts)


def _by_parent(path: PropertyPath, trace: Mapping[PropertyPath, PropertyPath]) -> PropertyPath | None:
    """Where a property below a list or mapping made by a rule comes from: what made the whole."""
    if len(path) == 3 and path[-1] == "Value" and path[:1] in trace:
        return trace[path[:1]]
    return None


def spelled_back(path: PropertyPath, spec: Spec) -> PropertyPath | None:
    """Terraform's path of a property that is not written yet; None where there is none.

    A block on the way is its first (``("monitoring", 0, "enabled")``).
    """
    for name, rule in spec.items():
        if isinstance(rule, list) and len(path) > (depth := rule[0][0].count(".") + 1):
            index = path[depth]
            if ".".join(map(str, path[:depth])) == rule[0][0] and isinstance(index, int):
                item = spelled_back(path[depth + 1 :], rule[0][1])
                return None if item is None else (name, index, *item)
    if any(isinstance(step, int) for step in path):
        return None
    dotted = ".".join(str(step) for step in path)
    for name, rule in spec.items():
        if isinstance(rule, str) and (rule or pascal(name)) == dotted:
            return (name,)
        if callable(rule) and pascal(name) == dotted:
            return (name,)
        if isinstance(rule, tuple) and dotted.startswith(f"{rule[0]}.") and rule[0]:
            inner = spelled_back(tuple(dotted.removeprefix(f"{rule[0]}.").split(".")), rule[1])
            if inner is not None:
                return (name, 0, *inner)
    plain = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", dotted).lower()
    return (plain,) if len(path) == 1 and plain not in spec else None


def _inserted(instance: Instance, path: PropertyPath, value: Value, texts: Mapping[str, str]) -> tuple[str, str]:
    """A new attribute before the closing brace of its block, in a new block where that is not there."""
    holder, left = instance.body, path
    for length in range(len(path) - 1, 0, -1):
        found = instance.sources.get(path[:length])
        if found is not None and isinstance(path[length - 1], int):
            holder, left = found, path[length:]
            break
    return _before_the_end(instance, _lines(left, value, ""), texts, holder)


def _before_the_end(
    instance: Instance, lines: str, texts: Mapping[str, str], holder: Source | None = None
) -> tuple[str, str]:
    """Lines at the end of a block, or of the whole resource."""
    holder = holder or instance.body
    if holder is None or not holder.file.endswith(".tf"):
        raise TemplateError(f"{instance.address} is not written in HCL", place=instance.place, remedy=BY_HAND)
    text = _text(holder.file, texts)
    indent = _indent(text, holder)
    lines = indented(lines, f"{indent}  ")
    end = holder.span.end - 1
    start = text.rfind("\n", 0, end) + 1
    if text[start:end].strip():
        body = text[:end].rstrip()
        return holder.file, f"{body}\n{lines}\n{indent}{text[end:]}"
    return holder.file, f"{text[:start]}{lines}\n{text[start:]}"


def _lines(path: PropertyPath, value: Value, indent: str) -> str:
    names = [str(step) for step in path if isinstance(step, str)]
    if len(names) == 1:
        return f"{indent}{names[0]} = {hcl(value, indent)}"
    inner = _lines(tuple(names[1:]), value, f"{indent}  ")
    return f"{indent}{names[0]} {{\n{inner}\n{indent}}}"


def _indent(text: str, source: Source) -> str:
    line = text[text.rfind("\n", 0, source.span.start) + 1 : source.span.start]
    return line if not line.strip() else ""


def _overriding(instance: Instance, name: str, value: Value, texts: Mapping[str, str], given: Path) -> tuple[str, str]:
    """An override file beside the configuration: it replaces the attribute, whatever computes it."""
    folder = given if given.is_dir() else given.parent
    file = str(folder / _OVERRIDE)
    before = texts.get(file) or (read_text(file) if Path(file).exists() else "")
    kind, label = re.sub(r"\[[^\]]*\]", "", instance.address).split(".")[:2]
    block = f'resource "{kind}" "{label}" {{\n  {name} = {hcl(value, "  ")}\n}}\n'
    return file, f"{before}{chr(10) if before else ''}{block}"


def _added(terraform: Terraform, edit: Edit, texts: Mapping[str, str]) -> tuple[str, str]:
    """A new resource at the end of the file that what it joins is written in."""
    if isinstance(edit, SetProperty):
        raise TypeError(edit)
    block = written_block(edit)
    if block is not None and (owner := terraform.instances.get(block[0])) is not None:
        return _before_the_end(owner, block[1], texts)
    beside = terraform.instances.get(edit.beside)
    if beside is None or beside.body is None or "module." in beside.address or not beside.body.file.endswith(".tf"):
        raise TemplateError(f"{edit.name} has no file to join", remedy="Add it to the configuration by hand.")
    text = _text(beside.body.file, texts)
    return beside.body.file, f"{text.rstrip()}\n\n{written_resource(edit)}"
