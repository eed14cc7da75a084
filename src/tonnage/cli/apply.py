"""``tonnage apply``: an account made as its file says, within bounds, and back."""

import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from tonnage.iac.account.asking import Account
    from tonnage.iac.account.journal import Journal
    from tonnage.iac.account.plan import Plan


def command(
    template: str | None = None,
    *,
    revert: str | None = None,
    journal: str | None = None,
    yes: Annotated[bool, Parameter(alias="-y", negative="")] = False,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    endpoint_url: str | None = None,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Change a live account to what a file says that 'tonnage account read' wrote and you, or a patch, changed.

    Only scaling policies, capacities, volumes and table modes are changed; nothing is deleted or replaced. The calls
    are shown first and must be confirmed. Every one is kept in a journal, from which --revert undoes them.

    Args:
        template: The file.
        revert: Undo what this journal says was done.
        journal: File for the record of what was done; tonnage-apply-TIME.json unless given.
        yes: Do not ask.
        dry_run: Only show the calls.
        endpoint_url: Where to ask instead of AWS.
        quiet: Say nothing on standard error.
    """
    import datetime as dt
    from pathlib import Path

    from tonnage.cli.progress import progress
    from tonnage.cli.review import write_whole
    from tonnage.iac.account import journal as journals
    from tonnage.iac.account.asking import Account
    from tonnage.iac.account.plan import plan
    from tonnage.iac.account.read import read_account
    from tonnage.iac.sources import read_stack
    from tonnage.iac.stated_region import DEFAULT_REGION, stated_region
    from tonnage.iac.yaml_marks import read_text
    from tonnage.workload import WorkloadError

    if (template is None) == (revert is None):
        raise WorkloadError("Give a file or a journal to revert, one of both", remedy="See 'tonnage apply --help'.")
    if revert is not None:
        kept = journals.from_text(read_text(revert), revert, lambda text: write_whole(revert, text))
        return _undo(kept, revert, Account(kept.region, endpoint_url=endpoint_url), yes=yes, dry_run=dry_run)
    assert template is not None
    region = stated_region(template) or DEFAULT_REGION
    wanted = read_stack(template, parameters={}, region=region)
    with progress(quiet=quiet) as say:
        now = read_account(region, progress=say, endpoint_url=endpoint_url)
    found = plan(wanted, now)
    _show(found)
    if not found.steps or dry_run:
        return 0
    if not (yes or _confirmed(len(found.steps), region)):
        sys.stdout.write("nothing was changed\n")
        return 1
    file = journal or f"tonnage-apply-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%SZ}.json"
    if Path(file).exists():
        raise WorkloadError(f"{file} exists already: it may be the only record of a change", remedy="Give another.")
    kept = journals.begun(region, found.steps, lambda text: write_whole(file, text))
    return _do(kept, file, Account(region, endpoint_url=endpoint_url))


def _show(found: "Plan") -> None:
    for number, step in enumerate(found.steps, 1):
        sys.stdout.write(f"{number}. {step.resource}: {step.says}\n   {step.call.service} {step.call.operation}\n")
    for line in (*found.drift, *found.left):
        sys.stdout.write(f"not done: {line}\n")
    if not found.steps:
        sys.stdout.write("the account is as the file says, as far as Tonnage changes it\n")


def _confirmed(steps: int, where: str) -> bool:
    if not sys.stdin.isatty():
        return False
    sys.stdout.write(f"Make these {steps} changes in {where}? Type 'yes': ")
    sys.stdout.flush()
    return sys.stdin.readline().strip() == "yes"


def _do(kept: "Journal", file: str, account: "Account") -> int:
    from tonnage.iac.account.journal import carry_out
    from tonnage.workload import TemplateError

    done = 0
    try:
        for entry in carry_out(kept, account.send):
            done += 1
            sys.stdout.write(f"done: {entry.step.resource}: {entry.step.says}\n")
    except TemplateError as error:
        left = len(kept.entries) - done - 1
        sys.stdout.write(f"stopped after {done} of {len(kept.entries)}: {left} not begun\n")
        raise TemplateError(str(error), remedy=f"Undo the rest with 'tonnage apply --revert {file}'.") from None
    sys.stdout.write(f"{done} changes made; undo them with 'tonnage apply --revert {file}'\n")
    return 0


def _undo(kept: "Journal", file: str, account: "Account", *, yes: bool, dry_run: bool) -> int:
    from tonnage.iac.account.journal import revert

    undoable = [entry for entry in reversed(kept.entries) if entry.state in {"started", "done"}]
    for entry in undoable:
        sys.stdout.write(f"undo {entry.step.resource}: {entry.step.says}\n")
        sys.stdout.write(f"   {entry.step.undo.service} {entry.step.undo.operation}\n")
    if not undoable:
        sys.stdout.write(f"{file} has nothing to undo\n")
        return 0
    if dry_run:
        return 0
    if not (yes or _confirmed(len(undoable), kept.region)):
        sys.stdout.write("nothing was changed\n")
        return 1
    for entry in revert(kept, account.send):
        sys.stdout.write(f"undone: {entry.step.resource}\n")
    return 0
