"""Waiting lines: doubly linked through the tasks, so that anybody can leave from anywhere at once."""

from tonnage.engine.compiled import inlined
from tonnage.engine.kernels.state import Lines


@inlined
def join(lines: Lines, line: int, task: int) -> None:
    """Append a task to a waiting line."""
    last = lines.tail[line]
    lines.before[task] = last
    lines.after[task] = -1
    lines.queue[task] = line
    if last >= 0:
        lines.after[last] = task
    else:
        lines.head[line] = task
    lines.tail[line] = task
    lines.len[line] += 1


@inlined
def leave(lines: Lines, task: int) -> None:
    """Take a task out of the waiting line it stands in."""
    line = lines.queue[task]
    following = lines.after[task]
    preceding = lines.before[task]
    if preceding >= 0:
        lines.after[preceding] = following
    else:
        lines.head[line] = following
    if following >= 0:
        lines.before[following] = preceding
    else:
        lines.tail[line] = preceding
    lines.queue[task] = -1
    lines.len[line] -= 1
