"""A record of what was changed in an account, written before and after every call, so that it can be undone."""

import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tonnage.iac.account.actions import Call, Step
from tonnage.workload import Place, TemplateError

SCHEMA = "tonnage.apply/1"
_STATES = ("planned", "started", "done", "failed", "undone")


@dataclass(slots=True)
class Entry:
    """One step and what became of it.

    Attributes:
        step: The step.
        state: ``planned``, ``started`` (the call was sent, its answer is not known), ``done``, ``failed``, ``undone``.
        error: Why it failed.
    """

    step: Step
    state: str = "planned"
    error: str = ""


@dataclass(slots=True)
class Journal:
    """What was asked of an account.

    Attributes:
        region: The Region.
        entries: In the order of the calls.
        write: Keeps the text of the journal; called before and after each call.
    """

    region: str
    entries: list[Entry]
    write: Callable[[str], None] = field(repr=False)

    def mark(self, entry: Entry, state: str, error: str = "") -> None:
        """Note what became of a step, and keep it."""
        entry.state, entry.error = state, error
        self.write(as_text(self))


def begun(region: str, steps: Sequence[Step], write: Callable[[str], None]) -> Journal:
    """A journal of what is planned, kept before anything is asked."""
    journal = Journal(region=region, entries=[Entry(step) for step in steps], write=write)
    write(as_text(journal))
    return journal


def carry_out(journal: Journal, send: Callable[[Call], None]) -> Iterator[Entry]:
    """Make the planned calls, each told when it is done; a failing one raises, and those behind it are not made.

    Args:
        journal: The plan.
        send: Makes a call; raises :class:`TemplateError` where AWS refuses.
    """
    for entry in journal.entries:
        if entry.state == "planned":
            journal.mark(entry, "started")
            _try(journal, entry, entry.step.call, "done", send)
            yield entry


def revert(journal: Journal, send: Callable[[Call], None]) -> Iterator[Entry]:
    """Undo what was done, the last first; what may have been done counts as done.

    Args:
        journal: What was done.
        send: Makes a call; raises :class:`TemplateError` where AWS refuses.
    """
    for entry in reversed(journal.entries):
        if entry.state in {"started", "done"}:
            _try(journal, entry, entry.step.undo, "undone", send, keep=True)
            yield entry


def _try(
    journal: Journal, entry: Entry, call: Call, state: str, send: Callable[[Call], None], *, keep: bool = False
) -> None:
    try:
        send(call)
    except TemplateError as error:
        journal.mark(entry, entry.state if keep else "failed", str(error))
        raise
    journal.mark(entry, state)


def as_text(journal: Journal) -> str:
    """The journal as JSON."""
    content = {
        "schema": SCHEMA,
        "region": journal.region,
        "steps": [
            {"state": each.state, "error": each.error or None, **dataclasses.asdict(each.step)}
            for each in journal.entries
        ],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def from_text(text: str, file: str, write: Callable[[str], None]) -> Journal:
    """A journal that was kept.

    Args:
        text: Its text.
        file: Its file, for messages.
        write: Keeps it.

    Raises:
        TemplateError: It is no journal, or one of another version.
    """
    try:
        content = json.loads(text)
        schema = content["schema"]
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError):
        raise _no_journal(file) from None
    if schema != SCHEMA:
        raise TemplateError(
            f"{file} is a journal of another version ({schema})", remedy="Use the Tonnage that wrote it."
        )
    try:
        entries = [_entry(each) for each in content["steps"]]
        return Journal(region=str(content["region"]), entries=entries, write=write)
    except (KeyError, TypeError):
        raise _no_journal(file) from None


def _no_journal(file: str) -> TemplateError:
    return TemplateError(
        f"{file} is not a journal of 'tonnage apply'", place=Place(file=file, line=1), remedy="Give what it wrote."
    )


def _entry(each: Mapping[str, Any]) -> Entry:
    if each["state"] not in _STATES:
        raise KeyError(each["state"])
    call, undo = (
        Call(service=str(one["service"]), operation=str(one["operation"]), arguments=dict(one["arguments"]))
        for one in (each["call"], each["undo"])
    )
    step = Step(resource=str(each["resource"]), says=str(each["says"]), call=call, undo=undo)
    return Entry(step=step, state=each["state"], error=each.get("error") or "")
