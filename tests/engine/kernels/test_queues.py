"""Waiting lines against a list: anybody may leave from anywhere."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.queues import join, leave
from tonnage.engine.start import _lines

LINES, TASKS = 3, 12


@kernel
def joins(lines, line, task):
    join(lines, line, task)


@kernel
def leaves(lines, task):
    leave(lines, task)


def standing(lines, line: int) -> list[int]:
    found, task = [], int(lines.head[line])
    while task >= 0:
        found.append(task)
        task = int(lines.after[task])
    back, task = [], int(lines.tail[line])
    while task >= 0:
        back.append(task)
        task = int(lines.before[task])
    assert found == back[::-1]
    assert lines.len[line] == len(found)
    return found


@settings(max_examples=60, deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, TASKS - 1), st.integers(0, LINES - 1)), max_size=60))
def test_lines_are_lists(moves: list[tuple[int, int]]) -> None:
    lines = _lines(LINES, TASKS)
    expected: list[list[int]] = [[] for _ in range(LINES)]
    for task, line in moves:
        where = int(lines.queue[task])
        if where >= 0:
            leaves(lines, task)
            expected[where].remove(task)
        else:
            joins(lines, line, task)
            expected[line].append(task)
        assert [standing(lines, k) for k in range(LINES)] == expected
