"""Waiting lines: doubly linked through the tasks, so that anybody can leave from anywhere at once."""

import math

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import Record, Records


@inlined
def join(lines: Records, tasks: Records, line: int, task: int, now: float) -> None:
    """Append a task to a waiting line."""
    q = lines[line]
    t = tasks[task]
    last = q.tail
    t.before = last
    t.after = -1
    t.line = line
    t.since = now
    if last >= 0:
        tasks[last].after = task
    else:
        q.head = task
        q.empty_at = now
    q.tail = task
    q.len += 1


@inlined
def join_first(lines: Records, tasks: Records, line: int, task: int, now: float) -> None:
    """Put a task at the head of a waiting line."""
    q = lines[line]
    t = tasks[task]
    first = q.head
    t.after = first
    t.before = -1
    t.line = line
    t.since = now
    if first >= 0:
        tasks[first].before = task
    else:
        q.tail = task
        q.empty_at = now
    q.head = task
    q.len += 1


@inlined
def leave(lines: Records, tasks: Records, task: int) -> None:
    """Take a task out of the waiting line it stands in."""
    t = tasks[task]
    q = lines[t.line]
    following = t.after
    preceding = t.before
    if preceding >= 0:
        tasks[preceding].after = following
    else:
        q.head = following
    if following >= 0:
        tasks[following].before = preceding
    else:
        q.tail = preceding
    t.line = -1
    q.len -= 1


@inlined
def too_old(line: Record, since: float, now: float) -> bool:
    """Whether whoever has waited since then has waited longer than the line allows.

    The limit is ``age_limit_s``, or ``age_target_s`` once the line has not been empty for ``age_limit_s`` (B. Maurer,
    "Fail at Scale", ACM Queue 13(8), 2015).
    """
    if line.age_limit_s == math.inf:
        return False
    limit = line.age_target_s if now - line.empty_at > line.age_limit_s else line.age_limit_s
    return bool(now - since > limit)
