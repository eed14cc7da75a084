"""Changes of a workload written back into its CloudFormation template, as text that differs only where it must."""

import difflib
import os
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from tonnage.iac.edit import (
    BY_HAND,
    AddResource,
    Edit,
    SetProperty,
    Step,
    differences,
    is_below,
    same,
    shown,
    title,
    titles_of,
)
from tonnage.iac.edit_manifests import edit_manifests
from tonnage.iac.edit_template import addition, parts_of, step_for
from tonnage.iac.read_cloudformation import ALONE, Reading, Scope, construct_path, interpret
from tonnage.iac.sources import Sources, read_sources
from tonnage.iac.terraform.edit import edit_terraform
from tonnage.iac.yaml_marks import read_text
from tonnage.workload import (
    Addition,
    Change,
    Origin,
    Reference,
    TemplateError,
    Text,
    Value,
    Workload,
    references,
)

_NO_PARAMETERS: Mapping[str, str] = {}
_LOGICAL_ID = re.compile(r"[A-Za-z0-9]{1,255}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A template, or a folder of files, before and after some edits; nothing is written to disk.

    Attributes:
        file: The template or folder as the user gave it.
        before: Its text; of a folder, that of all files one after the other.
        after: Its text after the edits, line ends as in the file (write it with ``newline=""``).
        diff: Unified diff that ``git apply`` takes.
        notes: What a reader of the patch must know: shared parameters, values to set outside the template.
        files: Text after the edits of every file that they change.
        above: Edits of the template that nests this one: parameters that it gives.
    """

    file: str
    before: str
    after: str
    diff: str
    notes: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    above: tuple[SetProperty, ...] = ()


def patch(
    file: Path | str,
    changes: Sequence[Change | Addition],
    workload: Workload,
    *,
    parameters: Mapping[str, str] = _NO_PARAMETERS,
) -> Patch:
    """The template with some changes of the workload written into it.

    Args:
        file: The template that the workload was read from.
        changes: Changes and additions, in the order to apply.
        workload: The workload before the changes; its origins say where each setting is written.
        parameters: Parameter values from outside the template, as it was read with.

    Raises:
        TemplateError: The file cannot be read, or a change cannot be written safely.
    """
    edits, region = edits_for(changes, workload), workload.region
    sources = read_sources(file, parameters=parameters, region=region)
    if sources.terraform is not None:
        texts, notes = edit_terraform(sources.terraform, edits, Path(file), parameters=parameters)
        before = {name: read_text(name) if Path(name).exists() else "" for name in texts}
        return Patch(
            file=str(file),
            before="".join(before.values()),
            after="".join(texts.values()),
            diff="".join(unified_diff(before[name], texts[name], _within(name, file)) for name in texts),
            notes=notes,
            files=texts,
        )
    if not sources.templates and any(isinstance(edit, AddResource) for edit in edits):
        raise TemplateError("Manifests cannot take an AWS resource", remedy="Add it to a template by hand.")
    texts = {each.stack.file: each.document.bom + each.document.text for each in sources.templates}
    before = dict(texts)
    told: dict[str, None] = {}
    shared = Counter(each.stack.file for each in sources.templates)
    # What a nested stack is given is written in the one that nests it, so that comes after it.
    waiting = list(edits)
    for reading in reversed(sources.templates):
        mine = [edit for edit in waiting if _belongs(edit, reading, sources)]
        waiting = [edit for edit in waiting if edit not in mine]
        if not mine:
            continue
        name = reading.stack.file
        written = patch_template(
            texts[name], mine, file=name, parameters=parameters, region=region, scope=reading.scope
        )
        texts[name] = written.after
        waiting += written.above
        told.update(dict.fromkeys(written.notes))
        if shared[name] > 1:
            told.setdefault(f"{name} is nested {shared[name]} times: the change is one of all of them.")
        told.update(dict.fromkeys(_constructs(mine, reading)))
    for name, manifests in sources.manifests.items():
        owned = [e for e in waiting if isinstance(e, SetProperty) and e.resource in manifests.stack.resources]
        before[name] = manifests.document.bom + manifests.document.text
        texts[name] = edit_manifests(before[name], name, owned, region)
    return Patch(
        file=str(file),
        before="".join(before.values()),
        after="".join(texts.values()),
        diff="".join(unified_diff(before[name], texts[name], _within(name, file)) for name in before),
        notes=tuple(told),
        files={name: text for name, text in texts.items() if text != before[name]},
    )


def _belongs(edit: Edit, reading: Reading, sources: Sources) -> bool:
    """Whether an edit is of a template: of one of its resources, or a new one beside what it refers to."""
    names = set(reading.names.values())
    if isinstance(edit, SetProperty):
        in_manifests = any(edit.resource in each.stack.resources for each in sources.manifests.values())
        return edit.resource in names or (reading is sources.templates[0] and not in_manifests)
    beside = {edit.beside, *(each.resource for each in references(dict(edit.body)))}
    homes = [each for each in sources.templates if beside & set(each.names.values())]
    return reading is (homes[-1] if homes else sources.templates[0])


def _constructs(edits: Sequence[Edit], reading: Reading) -> list[str]:
    """Where to make an edit in a CDK app, whose templates are made anew by every synthesis."""
    notes: list[str] = []
    for edit in edits:
        if isinstance(edit, SetProperty) and edit.resource in reading.bodies:
            path = construct_path(reading.bodies[edit.resource][1])
            if path:
                setting = ".".join(str(step) for step in edit.path)
                notes.append(f"In the CDK app it is construct {path}: set its {setting} to {shown(edit.value)} there.")
    return notes


def _within(file: str, given: Path | str) -> str:
    """A file of a folder by its path in it, where the folder itself is not below the present one."""
    here, top = Path.cwd(), Path(given)
    if not top.is_dir() or Path(file).absolute().is_relative_to(here):
        return file
    return str(PurePath(top.name) / PurePath(file).relative_to(top))


def edits_for(changes: Sequence[Change | Addition], workload: Workload) -> tuple[Edit, ...]:
    """Changes of a workload as edits of its template.

    Raises:
        TemplateError: A change names a component or policy that the workload lacks.
    """
    edits: list[Edit] = []
    for change in changes:
        if isinstance(change, Addition):
            edits += (
                AddResource(name=name, body=body, beside=change.component) for name, body in change.resources.items()
            )
        else:
            for each in (change, *change.also):
                origin = _origin(each, workload)
                edits.append(SetProperty(resource=origin.resource, path=origin.path, value=each.after))
    return tuple(edits)


def _origin(change: Change, workload: Workload) -> Origin:
    component = workload.components.get(change.component)
    if component is None:
        raise TemplateError(f"There is no component {change.component} to change")
    if change.policy is None:
        return component.origins.get(change.setting) or Origin(resource=component.name, path=(change.setting,))
    policy = next((policy for policy in component.policies if policy.name == change.policy), None)
    if policy is None or change.setting not in policy.origins:
        raise TemplateError(
            f"{change.title}: where the policy's {change.setting} is written is not known",
            place=component.place,
            remedy=BY_HAND,
        )
    return policy.origins[change.setting]


def patch_template(
    text: str,
    edits: Sequence[Edit],
    *,
    file: str,
    parameters: Mapping[str, str] = _NO_PARAMETERS,
    region: str = "us-east-1",
    scope: Scope = ALONE,
) -> Patch:
    """Edit the text of a template.

    Each edit is made on the text and read back: the value must then be the one wanted, and nothing else may differ
    except what shares the edited parameter or mapping entry, which the notes say.

    Raises:
        TemplateError: An edit cannot be made safely.
    """
    reading = interpret(text, file, parameters=parameters, region=region, scope=scope)
    notes: dict[str, None] = {}
    outside: list[SetProperty] = []
    above: tuple[SetProperty, ...] = ()
    edits = _without_clashes(edits, reading, notes)
    for edit in edits:
        if isinstance(edit, AddResource):
            reading = _add(reading, edit, parameters)
            continue
        for part in parts_of(reading, edit):
            step = step_for(reading, part)
            notes.update(dict.fromkeys(() if step.above and scope.parent else step.notes))
            if step.above and scope.parent:
                outside.append(edit)
                above += (SetProperty(resource=scope.parent, path=("Parameters", *step.above), value=part.value),)
            elif step.outside:
                outside.append(edit)
            else:
                reading = _make(reading, part, step, parameters, notes)
    _check_all(reading, [edit for edit in edits if isinstance(edit, SetProperty) and edit not in outside])
    after = reading.document.bom + reading.document.text
    diff = unified_diff(text, after, file)
    return Patch(file=file, before=text, after=after, diff=diff, notes=tuple(notes), above=above)


def unified_diff(before: str, after: str, file: str) -> str:
    """Unified diff with ``a/`` and ``b/`` paths, for ``git apply``; empty where the texts are equal."""
    name = _shown_path(file)
    lines = difflib.unified_diff(_lines(before), _lines(after), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    # Only \n ends a line for git; str.splitlines would also split at form feeds and Unicode line separators.
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _shown_path(file: str) -> str:
    path = PurePath(file)
    if path.is_absolute():
        here = PurePath(os.path.abspath(os.curdir))  # noqa: PTH100 (pure path arithmetic, no file is touched)
        path = path.relative_to(here) if path.is_relative_to(here) else PurePath(path.name)
    return path.as_posix()


def _make(
    reading: Reading, edit: SetProperty, step: Step, parameters: Mapping[str, str], notes: dict[str, None]
) -> Reading:
    text = reading.document.text
    for splice in sorted(step.splices, key=lambda splice: splice.start, reverse=True):
        text = splice.apply(text)
    after = _read_back(reading, text, parameters)
    resource = after.stack.resources.get(edit.resource)
    name = title(edit)
    place = reading.stack.resources[edit.resource].place_of(*edit.path)
    if resource is None or not same(resource.get(*edit.path), edit.value):
        raise TemplateError(f"{name} cannot be set to {shown(edit.value)} safely", place=place, remedy=BY_HAND)
    others = [
        other for other in differences(reading.stack, after.stack) if not is_below(other, (edit.resource, *edit.path))
    ]
    if others and not step.shared:
        raise TemplateError(f"Setting {name} would also change {titles_of(others)}", place=place, remedy=BY_HAND)
    if others:
        notes.setdefault(f"{name} shares {step.shared} with {titles_of(others)}, which changes with it.")
    return after


def _read_back(reading: Reading, text: str, parameters: Mapping[str, str]) -> Reading:
    try:
        return interpret(
            reading.document.bom + text,
            reading.stack.file,
            parameters=parameters,
            region=reading.stack.region,
            scope=reading.scope,
        )
    except TemplateError as error:
        raise TemplateError(
            f"The edited template could not be read back: {error.what}",
            place=error.place,
            remedy=BY_HAND,
        ) from None


def _add(reading: Reading, edit: AddResource, parameters: Mapping[str, str]) -> Reading:
    if not isinstance(edit.body.get("Type"), str):
        raise TemplateError(f"The new resource {edit.name} has no Type")
    after = _read_back(reading, addition(reading, edit).apply(reading.document.text), parameters)
    added = after.stack.resources.get(edit.name)
    others = [other for other in differences(reading.stack, after.stack) if other[0] != edit.name]
    if added is None or not same(added.properties, edit.body.get("Properties", {})) or others:
        raise TemplateError(
            f"Resource {edit.name} cannot be added safely", place=None, remedy="Add it to the template by hand."
        )
    return after


def _without_clashes(edits: Sequence[Edit], reading: Reading, notes: dict[str, None]) -> tuple[Edit, ...]:
    """Give new resources whose name is taken another one, in their references too; put what is referred to first."""
    taken, prefix = {*reading.names, *reading.resolver.parameters}, reading.scope.prefix
    renamed: dict[str, str] = {}
    for edit in edits:
        if not isinstance(edit, AddResource):
            continue
        # A name made of a construct's or a nested resource's has dots, which no logical id has.
        logical = edit.name.removeprefix(prefix).replace(".", "").replace("-", "")
        if not _LOGICAL_ID.match(logical):
            raise TemplateError(f"{edit.name} cannot name a resource", remedy="Use letters and digits.")
        name, number = logical, 2
        while name in taken:
            name, number = f"{logical}{number}", number + 1
        taken.add(name)
        if prefix + name != edit.name:
            renamed[edit.name] = prefix + name
        if name != logical:
            notes.setdefault(f"The new resource {edit.name} is called {name}: the template has that name already.")
    added = [
        AddResource(
            name=renamed.get(edit.name, edit.name),
            body={key: _renamed(value, renamed) for key, value in edit.body.items()},
        )
        for edit in edits
        if isinstance(edit, AddResource)
    ]
    return (*_referred_first(added), *(edit for edit in edits if isinstance(edit, SetProperty)))


def _renamed(value: Value, names: Mapping[str, str]) -> Value:
    if isinstance(value, Reference):
        return Reference(names.get(value.resource, value.resource), value.attribute)
    if isinstance(value, Text):
        parts = (
            Reference(names.get(part.resource, part.resource), part.attribute) if isinstance(part, Reference) else part
            for part in value.parts
        )
        return Text(tuple(parts))
    if isinstance(value, tuple):
        return tuple(_renamed(entry, names) for entry in value)
    if isinstance(value, Mapping):
        return {key: _renamed(inner, names) for key, inner in value.items()}
    return value


def _referred_first(added: list[AddResource]) -> list[AddResource]:
    """Each text between two additions must be a whole template, so what is referred to is added first."""
    waiting, ordered = list(added), list[AddResource]()
    while waiting:
        names = {edit.name for edit in waiting}
        ready = [
            edit
            for edit in waiting
            if not any(found.resource in names - {edit.name} for found in references(dict(edit.body)))
        ]
        if not ready:
            raise TemplateError(f"The new resources {', '.join(sorted(names))} refer to each other in a circle")
        ordered += ready
        waiting = [edit for edit in waiting if edit not in ready]
    return ordered


def _check_all(reading: Reading, edits: list[SetProperty]) -> None:
    for edit in edits:
        resource = reading.stack.resources.get(edit.resource)
        if resource is None or not same(resource.get(*edit.path), edit.value):
            raise TemplateError(
                f"{title(edit)} cannot be {shown(edit.value)} beside the other changes: they share a parameter",
                place=resource.place_of(*edit.path) if resource is not None else None,
                remedy="Apply fewer changes at once, or give each its own value in the template.",
            )
