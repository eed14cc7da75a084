"""A workload after changes, by way of the user's files: what the patch writes is what is read again."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from tonnage.iac import patch
from tonnage.intake.load import Source, load
from tonnage.workload import Addition, Change, Workload


def rebuilt(source: Source, workload: Workload, changes: Sequence[Change | Addition]) -> Workload:
    """The workload that the user's files give once the changes are written into them, in memory.

    Raises:
        InputError: A change cannot be written safely, or the result cannot be read.
    """
    return read_back(source, patch(source.architecture, changes, workload, parameters=source.parameters).after)


def read_back(source: Source, text: str) -> Workload:
    """The workload with another text in place of its architecture file.

    Raises:
        InputError: The text cannot be read.
    """
    with tempfile.TemporaryDirectory(prefix="tonnage-") as folder:
        file = Path(folder) / Path(source.architecture).name
        file.write_text(text, encoding="utf-8", newline="")
        return load(source, architecture=str(file))
