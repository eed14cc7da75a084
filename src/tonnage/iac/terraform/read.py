"""Terraform read into a stack: a folder of configuration, a plan, or a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tonnage.iac.terraform.configuration import read_configuration
from tonnage.iac.terraform.instance import Instance
from tonnage.iac.terraform.plan import looks_like, read_plan
from tonnage.iac.terraform.translate import Translation, translate
from tonnage.workload import Stack, TemplateError

_ENDINGS = (".tf", ".tf.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terraform:
    """A stack together with what it was made of, for editing.

    Attributes:
        stack: In CloudFormation's vocabulary.
        instances: Terraform's resources by their name in the stack.
        translation: Where each property comes from.
    """

    stack: Stack
    instances: Mapping[str, Instance]
    translation: Translation


def is_terraform(path: Path, text: str | None = None) -> bool:
    """Whether a path is Terraform: a folder with configuration, a file of it, a plan or a state.

    Args:
        path: The file or folder.
        text: The file's text, where it was read already.
    """
    if path.is_dir():
        return any(file.name.endswith(_ENDINGS) for file in path.iterdir() if file.is_file())
    if path.name.endswith(_ENDINGS):
        return True
    return text is not None and looks_like(text)


def read_terraform(
    path: Path,
    text: str | None,
    *,
    parameters: Mapping[str, str],
    region: str,
) -> Terraform:
    """Read Terraform into a stack.

    Args:
        path: A folder of configuration, one of its files, or a plan or state as JSON.
        text: The text of a plan or state.
        parameters: Values of variables, by name.
        region: Region to resolve for.

    Raises:
        TemplateError: It cannot be read, or makes nothing.
    """
    if text is not None and not path.name.endswith(_ENDINGS):
        instances, notes = read_plan(text, str(path))
        if parameters:
            notes = (*notes, "a plan is already made: its variables cannot be given other values here")
    else:
        folder = path if path.is_dir() else path.parent
        instances, notes = read_configuration(folder, parameters=parameters, region=region)
    if not instances:
        raise TemplateError(
            f"{path} makes no resource that can be read" + (f": {notes[0]}" if notes else ""),
            remedy="Give a plan: terraform plan -out p && terraform show -json p > plan.json",
        )
    translation = translate(instances)
    stack = Stack(file=str(path), resources=translation.resources, region=region, notes=tuple(notes))
    names = {each.address.replace("/", "-").replace(":", "-"): each for each in instances}
    return Terraform(stack=stack, instances=names, translation=translation)
