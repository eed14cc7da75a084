"""``tonnage apply-patch``: the patch of a review made in the files."""

import sys
from typing import Annotated

from cyclopts import Parameter


def command(
    patch: str,
    *,
    into: str = ".",
    dry_run: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Make the changes of a patch in the files that it names: all of them or none.

    A file that is not as the patch says, to the letter, is refused: it was changed since the review.

    Args:
        patch: What 'tonnage review --patch' wrote, or any unified diff.
        into: The folder that its paths begin in: where the review was run.
        dry_run: Only say what would be changed.
    """
    from pathlib import Path

    from tonnage.cli.review import write_together
    from tonnage.iac.apply_patch import applied, summary
    from tonnage.iac.yaml_marks import read_text
    from tonnage.workload import WorkloadError

    folder = Path(into)
    if not folder.is_dir():
        raise WorkloadError(f"{into} is not a folder", remedy="Give the folder where the review was run.")
    before: dict[str, str | None] = {}

    def read(name: str) -> str | None:
        file = folder / name
        if file.exists() and not file.resolve().is_relative_to(folder.resolve()):
            raise WorkloadError(f"{name} leads outside of {into}", remedy="It is not changed.")
        before[name] = read_text(file) if file.is_file() else None
        return before[name]

    texts = applied(read_text(Path(patch)), patch, read)
    if not dry_run:
        write_together({str(folder / name): text for name, text in texts.items()})
    for line in summary(before, texts):
        sys.stdout.write(f"{line}{' (not written)' if dry_run else ''}\n")
    return 0
