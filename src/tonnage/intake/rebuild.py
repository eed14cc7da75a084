"""A workload after changes, by way of the user's files: what the patch writes is what is read again."""

from collections.abc import Sequence

from tonnage.iac import Patch, patch
from tonnage.iac.yaml_marks import replaced
from tonnage.intake.load import Source, load
from tonnage.workload import Addition, Change, Workload


def rebuilt(source: Source, workload: Workload, changes: Sequence[Change | Addition]) -> Workload:
    """The workload that the user's files give once the changes are written into them, in memory.

    Raises:
        InputError: A change cannot be written safely, or the result cannot be read.
    """
    return read_back(source, patch(source.architecture, changes, workload, parameters=source.parameters), workload)


def read_back(source: Source, written: Patch, before: Workload) -> Workload:
    """The workload with a patch in place of what it changes.

    Args:
        source: The user's files.
        written: The patch.
        before: The workload without it.

    Raises:
        InputError: The text cannot be read.
    """
    with replaced(written.files):
        return load(source, known=frozenset(before.components))
