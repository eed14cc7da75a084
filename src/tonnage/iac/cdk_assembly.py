"""What ``cdk synth`` writes: the stacks of a cloud assembly, as its manifest lists them.

Source: AWS CDK, cloud assembly schema (``manifest.json``: artifacts of type ``aws:cloudformation:stack``, nested
assemblies of type ``cdk:cloud-assembly``).
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tonnage.iac.yaml_marks import read_text
from tonnage.workload import Place, TemplateError

MANIFEST = "manifest.json"
_DEEPEST = 5


def assembly_of(folder: Path) -> Path | None:
    """The cloud assembly that a folder is, or holds as ``cdk.out``; None where there is none."""
    for each in (folder, folder / "cdk.out"):
        if (each / MANIFEST).is_file() and '"artifacts"' in read_text(each / MANIFEST):
            return each
    return None


def templates_of(assembly: Path, region: str) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Templates of the stacks of an assembly in the order of its manifest, and notes about it.

    Raises:
        TemplateError: The manifest cannot be read, or names no stack.
    """
    found = list(_stacks(assembly, 0))
    if not found:
        raise TemplateError(f"{assembly / MANIFEST} names no stack", remedy="Run 'cdk synth' again.")
    notes = [
        f"stack {name} is made for {where}, and read for {region}: give --region {where}"
        for name, _, where in found
        if where and where != region and "unknown" not in where
    ]
    return tuple(path for _, path, _ in found), tuple(notes)


def region_of(assembly: Path) -> str | None:
    """The Region that all stacks of an assembly are made for; None where there is none, or more than one.

    Raises:
        TemplateError: The manifest cannot be read.
    """
    found = {where for _, _, where in _stacks(assembly, 0) if where and "unknown" not in where}
    return found.pop() if len(found) == 1 else None


def _stacks(assembly: Path, depth: int) -> Iterator[tuple[str, Path, str]]:
    """Name, template and Region of every stack."""
    file = assembly / MANIFEST
    try:
        manifest = json.loads(read_text(file))
    except (json.JSONDecodeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        raise TemplateError(
            "The manifest of the cloud assembly is not JSON",
            place=Place(file=str(file), line=line),
            remedy="Run 'cdk synth' again.",
        ) from None
    artifacts = manifest.get("artifacts") if isinstance(manifest, dict) else None
    for name, artifact in artifacts.items() if isinstance(artifacts, Mapping) else ():
        if not isinstance(artifact, Mapping) or not isinstance(artifact.get("properties"), Mapping):
            continue
        kind, properties = artifact.get("type"), artifact["properties"]
        if kind == "aws:cloudformation:stack":
            path = _inside(assembly, properties.get("templateFile"), file)
            yield str(artifact.get("displayName", name)), path, str(artifact.get("environment", "")).rpartition("/")[2]
        elif kind == "cdk:cloud-assembly" and depth < _DEEPEST:
            yield from _stacks(_inside(assembly, properties.get("directoryName"), file), depth + 1)


def _inside(assembly: Path, name: object, manifest: Path) -> Path:
    path = assembly / str(name)
    if not path.exists() or not path.resolve().is_relative_to(assembly.resolve()):
        raise TemplateError(
            f"The manifest of the cloud assembly names {name}, which is not in it",
            place=Place(file=str(manifest), line=1),
            remedy="Run 'cdk synth' again.",
        )
    return path
