"""A unified diff applied to the files it names: all of it or nothing, and only where every line is as it says.

Source of the format: GNU diffutils manual, "Detailed Description of Unified Format".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from tonnage.workload import Place, TemplateError

_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_NOWHERE = "/dev/null"
_NO_NEWLINE = "\\"


@dataclass(frozen=True, slots=True)
class _Hunk:
    """Lines that are there, and lines that shall be there instead, from a line on."""

    line: int
    old: tuple[str, ...]
    new: tuple[str, ...]
    place: Place


def applied(diff: str, patch_file: str, read: Callable[[str], str | None]) -> dict[str, str]:
    """Texts of the files that a diff changes, with its changes.

    Args:
        diff: The diff.
        patch_file: Its file, for messages.
        read: Text of a file by its path as the diff has it, without ``a/``; None where there is none.

    Raises:
        TemplateError: It is no unified diff, names a file outside of the folder, or a file is not as it says.
    """
    texts: dict[str, str] = {}
    for name, is_new, hunks in _files(diff, patch_file):
        before = texts.get(name, read(name))
        if before is None and not is_new:
            raise TemplateError(
                f"There is no file {name}, which the patch changes",
                place=hunks[0].place,
                remedy="Run the command in the folder where the patch was made, or give it with --into.",
            )
        if before and is_new:
            raise TemplateError(
                f"{name} exists already, and the patch makes it",
                place=hunks[0].place,
                remedy="The patch may have been applied before.",
            )
        texts[name] = _changed(before or "", hunks, name)
    if not texts:
        raise TemplateError(
            f"{patch_file} changes nothing: it has no unified diff", remedy="Give what 'tonnage review --patch' wrote."
        )
    return texts


def _files(diff: str, patch_file: str) -> Iterator[tuple[str, bool, list[_Hunk]]]:
    lines = re.findall(r"[^\n]*\n|[^\n]+", diff)
    at = 0
    while at < len(lines):
        if not lines[at].startswith("--- ") or at + 1 >= len(lines) or not lines[at + 1].startswith("+++ "):
            at += 1
            continue
        place = Place(file=patch_file, line=at + 1)
        old, new = (_name(line, place) for line in lines[at : at + 2])
        if new == _NOWHERE:
            raise TemplateError(f"The patch deletes {old}", place=place, remedy="Tonnage deletes no files.")
        at += 2
        hunks: list[_Hunk] = []
        while at < len(lines) and lines[at].startswith("@@"):
            hunk, at = _hunk(lines, at, patch_file)
            hunks.append(hunk)
        if hunks:
            yield new, old == _NOWHERE or not hunks[0].old, hunks


def _name(line: str, place: Place) -> str:
    name = line[4:].rstrip("\r\n").partition("\t")[0]
    if name == _NOWHERE:
        return name
    path = PurePosixPath(re.sub(r"^[ab]/", "", name))
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise TemplateError(
            f"The patch names {name}, which is outside of the folder", place=place, remedy="It is not applied."
        )
    return path.as_posix()


def _hunk(lines: list[str], at: int, patch_file: str) -> tuple[_Hunk, int]:
    place = Place(file=patch_file, line=at + 1)
    head = _HUNK.match(lines[at])
    if head is None:
        raise TemplateError("The patch breaks here", place=place, remedy="Write it again.")
    counts = [1 if head[index] is None else int(head[index]) for index in (2, 4)]
    old: list[str] = []
    new: list[str] = []
    at += 1
    while at < len(lines) and (len(old) < counts[0] or len(new) < counts[1]):
        mark, text = lines[at][0], lines[at][1:]
        bare = at + 1 < len(lines) and lines[at + 1].startswith(_NO_NEWLINE)
        text = text.removesuffix("\n") if bare else text
        if mark not in " +-\n":
            break
        if mark != "+":
            old.append(text if mark != "\n" else "\n")
        if mark != "-":
            new.append(text if mark != "\n" else "\n")
        at += 2 if bare else 1
    if (len(old), len(new)) != tuple(counts):
        raise TemplateError("The patch ends before its lines do", place=place, remedy="Write it again.")
    # A hunk that adds to an empty file begins at line 0.
    return _Hunk(line=max(1, int(head[1])), old=tuple(old), new=tuple(new), place=place), at


def _changed(text: str, hunks: list[_Hunk], name: str) -> str:
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)
    made: list[str] = []
    at = 0
    for hunk in hunks:
        begin = hunk.line - 1
        if begin < at or tuple(lines[begin : begin + len(hunk.old)]) != hunk.old:
            already = tuple(lines[begin : begin + len(hunk.new)]) == hunk.new
            raise TemplateError(
                f"{name} is not as the patch says from line {hunk.line} on",
                place=hunk.place,
                remedy="The patch was applied before."
                if already
                else "The file was changed since the review: run the review again.",
            )
        made += [*lines[at:begin], *hunk.new]
        at = begin + len(hunk.old)
    return "".join([*made, *lines[at:]])


def summary(before: Mapping[str, str | None], after: Mapping[str, str]) -> Iterator[str]:
    """A line for each file that was changed.

    Args:
        before: Texts before, None for new files.
        after: Texts after.
    """
    for name, text in after.items():
        old = before.get(name)
        if old is None:
            yield f"{name}: new"
        else:
            lines = text.count("\n") - old.count("\n")
            size = f"{abs(lines)} line{'' if abs(lines) == 1 else 's'}"
            yield f"{name}: changed" + (f", {size} {'more' if lines > 0 else 'fewer'}" if lines else "")
