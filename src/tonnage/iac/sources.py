"""The files of an architecture: one template or file of manifests, or a folder of them."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tonnage.iac.read_cloudformation import interpret
from tonnage.iac.read_manifests import interpret_manifests, is_manifest
from tonnage.iac.yaml_marks import read_text
from tonnage.workload import Resource, Stack, TemplateError

_ENDINGS = frozenset({".yaml", ".yml", ".json", ".template"})
_WORKLOAD_FILE = "tonnage.yaml"


def files_of(path: Path | str) -> tuple[Path, ...]:
    """The files that make an architecture, by name: the file itself, or those of a folder and the folders in it.

    Raises:
        TemplateError: A folder has neither a template nor a manifest.
    """
    top = Path(path)
    if not top.is_dir():
        return (top,)
    found = [
        file
        for file in sorted(top.rglob("*"))
        if file.suffix in _ENDINGS
        and file.name != _WORKLOAD_FILE
        and not any(part.startswith(".") for part in file.relative_to(top).parts)
        and _is_architecture(read_text(file))
    ]
    if not found:
        raise TemplateError(
            f"{path} is a folder without a template or a manifest",
            remedy="Give a CloudFormation template, Kubernetes manifests, or a folder of them.",
        )
    return tuple(found)


def _is_architecture(text: str) -> bool:
    return is_manifest(text) or '"Resources"' in text or "\nResources:" in f"\n{text}"


def read_stack(path: Path | str, *, parameters: Mapping[str, str], region: str) -> Stack:
    """All resources of an architecture, of one file or of a folder.

    Raises:
        TemplateError: A file cannot be read, or two of them have a resource of one name.
    """
    files = files_of(path)
    stacks = [stack_of(read_text(file), str(file), parameters=parameters, region=region) for file in files]
    if len(stacks) == 1:
        return stacks[0]
    resources: dict[str, Resource] = {}
    for stack in stacks:
        for name, resource in stack.resources.items():
            if name in resources:
                raise TemplateError(
                    f"There are two resources {name}, the other in {resources[name].place}",
                    place=resource.place,
                    remedy="Give one of them another name, or leave its file out of the folder.",
                )
            resources[name] = resource
    return replace(
        stacks[0],
        file=str(path),
        resources=resources,
        parameters={name: value for stack in stacks for name, value in stack.parameters.items()},
        notes=tuple(note for stack in stacks for note in stack.notes),
    )


def stack_of(text: str, file: str, *, parameters: Mapping[str, str], region: str) -> Stack:
    """The stack of one file, whichever format it is in.

    Raises:
        TemplateError: It cannot be read.
    """
    if is_manifest(text):
        return interpret_manifests(text, file, region).stack
    return interpret(text, file, parameters=parameters, region=region).stack
