"""The files of an architecture: templates, manifests, a folder of them, what ``cdk synth`` wrote, or Terraform."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tonnage.iac.cdk_assembly import assembly_of, templates_of
from tonnage.iac.nested_stacks import read_together
from tonnage.iac.read_cloudformation import Reading
from tonnage.iac.read_manifests import Manifests, interpret_manifests, is_manifest
from tonnage.iac.terraform.read import Terraform, is_terraform, read_terraform
from tonnage.iac.yaml_marks import read_text
from tonnage.workload import Resource, Stack, TemplateError

_ENDINGS = frozenset({".yaml", ".yml", ".json", ".template"})
_STATES = frozenset({".json", ".tfstate"})
_WORKLOAD_FILE = "tonnage.yaml"


def files_of(path: Path | str) -> tuple[Path, ...]:
    """The files that make an architecture, by name: the file itself, or those of a folder and the folders in it.

    Raises:
        TemplateError: A folder has neither a template nor a manifest.
    """
    top = Path(path)
    if not top.is_dir():
        return (top,)
    found = _files_in(top)
    if not found:
        raise TemplateError(
            f"{path} is a folder without a template or a manifest",
            remedy="Give a CloudFormation template, Kubernetes manifests, or a folder of them.",
        )
    return tuple(found)


def is_architecture(folder: Path) -> bool:
    """Whether a folder holds Terraform, templates, manifests, or what ``cdk synth`` wrote."""
    return is_terraform(folder) or assembly_of(folder) is not None or bool(_files_in(folder))


def _files_in(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.rglob("*"))
        if file.suffix in _ENDINGS
        and file.name != _WORKLOAD_FILE
        and not any(part.startswith(".") or part == "node_modules" for part in file.relative_to(folder).parts)
        and file.is_file()
        and _looks_like_one(file)
    ]


def _looks_like_one(file: Path) -> bool:
    """What is no text is no architecture; whatever else is in the folder is passed over."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return False
    return is_manifest(text) or '"Resources"' in text or "\nResources:" in f"\n{text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Everything that makes an architecture, with where each value is written.

    Attributes:
        stack: All resources.
        templates: Readings of the templates, those that nest before those that are nested.
        manifests: Readings of the files of manifests, by file.
        terraform: What was read as Terraform; None for other formats.
    """

    stack: Stack
    templates: tuple[Reading, ...] = ()
    manifests: Mapping[str, Manifests] = field(default_factory=dict)
    terraform: Terraform | None = None


def read_stack(path: Path | str, *, parameters: Mapping[str, str], region: str) -> Stack:
    """All resources of an architecture, of one file or of a folder.

    Raises:
        TemplateError: A file cannot be read, or two of them have a resource of one name.
    """
    return read_sources(path, parameters=parameters, region=region).stack


def read_sources(path: Path | str, *, parameters: Mapping[str, str], region: str) -> Sources:
    """All files of an architecture: templates with those that they nest, and manifests.

    Raises:
        TemplateError: A file cannot be read, or two of them have a resource of one name.
    """
    top = Path(path)
    text = read_text(top) if top.suffix in _STATES else None
    if is_terraform(top, text):
        terraform = read_terraform(top, text, parameters=parameters, region=region)
        return Sources(stack=terraform.stack, terraform=terraform)
    assembly = assembly_of(top) if top.is_dir() else None
    if assembly is not None:
        files, notes = templates_of(assembly, region)
    else:
        files, notes = files_of(path), ()
    texts = {str(file): read_text(file) for file in files} if len(files) > 1 else {}
    only = str(files[0])
    manifests = {
        name: interpret_manifests(text, name, region)
        for name, text in (texts or {only: read_text(only)}).items()
        if is_manifest(text)
    }
    templates = [str(file) for file in files if str(file) not in manifests]
    root = assembly or (top if top.is_dir() else top.parent)
    together = read_together(templates, root=root, parameters=parameters, region=region) if templates else None
    stacks = [*([together.stack] if together else []), *(each.stack for each in manifests.values())]
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
    return Sources(
        stack=replace(
            stacks[0], file=str(path), resources=resources, notes=(*notes, *(n for each in stacks for n in each.notes))
        ),
        templates=together.readings if together else (),
        manifests=manifests,
    )
