"""A workload after changes, by way of the user's files: what the patch writes is what is read again."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tonnage.iac import Patch, patch
from tonnage.iac.sources import files_of
from tonnage.iac.yaml_marks import read_text
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
    top = Path(source.architecture)
    with tempfile.TemporaryDirectory(prefix="tonnage-") as folder:
        copied = Path(folder) / top.name
        for file in files_of(top):
            target = copied / file.relative_to(top) if top.is_dir() else copied
            target.parent.mkdir(parents=True, exist_ok=True)
            text = written.files[str(file)] if str(file) in written.files else read_text(file)
            target.write_text(text, encoding="utf-8", newline="")
        return load(source, architecture=str(copied), known=frozenset(before.components))
