"""Diffs as they are shown: without what may be a secret in the user's files.

A patch has to repeat lines of the file around what it changes, so the file that ``--patch`` writes is exact. What is
shown in a terminal, a report or a comment is not applied, and need not repeat them.
"""

import re
from collections.abc import Iterator, Mapping

from tonnage.workload import Stack, Text, Value

MASK = "********"
_WORDS = "password|secret|token|api_?key|private_?key|credential"
_PRIVATE = re.compile(f"{_WORDS}|userdata|command|cloud_?init", re.IGNORECASE)
_VALUES = frozenset({"Variables", "Environment", "environment"})
_NAMES = frozenset({"Name", "name"})
_NAMED = re.compile(
    rf"""(\b(?:default|value|[\w.-]*(?:{_WORDS})[\w.-]*)["']?\s*[:=]\s*)
    (?: "[^"]*" | '[^']*' | [^"'\s{{\[!&*][^\s,}}]* )""",
    re.IGNORECASE | re.VERBOSE,
)
_SHORTEST = 4


def masked(diff: str, stack: Stack) -> str:
    """A unified diff without texts that may be secrets.

    Hidden are the values of environment variables, user data, commands and properties named as passwords, tokens or
    keys wherever they stand, and in lines that are only context also defaults of parameters.

    Args:
        diff: The diff.
        stack: What the files say.
    """
    texts = sorted(set(_secrets(stack)), key=len, reverse=True)
    found = re.compile("|".join(re.escape(text) for text in texts)) if texts else None
    lines = []
    for line in diff.splitlines(keepends=True):
        if not line.startswith(("---", "+++", "@@")):
            line = _NAMED.sub(rf"\g<1>{MASK}", line) if line.startswith(" ") else line
            line = found.sub(MASK, line) if found is not None else line
        lines.append(line)
    return "".join(lines)


def _secrets(stack: Stack) -> Iterator[str]:
    for resource in stack.resources.values():
        for name, value in resource.properties.items():
            yield from _below(name, value, private=False)


def _below(name: str, value: Value, *, private: bool) -> Iterator[str]:
    private = private or name in _VALUES or bool(_PRIVATE.search(name))
    match value:
        case Mapping():
            for key, each in value.items():
                yield from _below(key, each, private=private and key not in _NAMES)
        case tuple():
            for each in value:
                yield from _below(name, each, private=private)
        case Text() if private:
            for part in value.parts:
                yield from _lines(part) if isinstance(part, str) else ()
        case str() if private:
            yield from _lines(value)


def _lines(text: str) -> Iterator[str]:
    yield from (line.strip() for line in text.splitlines() if len(line.strip()) >= _SHORTEST)
