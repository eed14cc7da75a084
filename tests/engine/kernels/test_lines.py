"""Waiting lines against a list: anybody may leave from anywhere."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels import lines as kernels
from tonnage.engine.kernels.state import LINE, TASK

LINES, TASKS = 3, 12


@kernel
def joins(lines, tasks, line, task, now):
    kernels.join(lines, tasks, line, task, now)


@kernel
def joins_first(lines, tasks, line, task, now):
    kernels.join_first(lines, tasks, line, task, now)


@kernel
def leaves(lines, tasks, task):
    kernels.leave(lines, tasks, task)


@kernel
def is_too_old(lines, line, since, now):
    return kernels.too_old(lines[line], since, now)


def empty():
    lines, tasks = np.zeros(LINES, dtype=LINE), np.zeros(TASKS, dtype=TASK)
    lines["head"] = lines["tail"] = -1
    lines["age_limit_s"] = lines["age_target_s"] = math.inf
    tasks["line"] = -1
    return lines, tasks


def standing(lines, tasks, line: int) -> list[int]:
    found, task = [], int(lines["head"][line])
    while task >= 0:
        found.append(task)
        task = int(tasks["after"][task])
    back, task = [], int(lines["tail"][line])
    while task >= 0:
        back.append(task)
        task = int(tasks["before"][task])
    assert found == back[::-1]
    assert lines["len"][line] == len(found)
    return found


@settings(max_examples=60, deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, TASKS - 1), st.integers(0, LINES - 1), st.booleans()), max_size=60))
def test_lines_are_lists(moves: list[tuple[int, int, bool]]) -> None:
    lines, tasks = empty()
    expected: list[list[int]] = [[] for _ in range(LINES)]
    for now, (task, line, first) in enumerate(moves):
        where = int(tasks["line"][task])
        if where >= 0:
            leaves(lines, tasks, task)
            expected[where].remove(task)
        else:
            if not expected[line]:
                empty_since = now
            (joins_first if first else joins)(lines, tasks, line, task, float(now))
            expected[line].insert(0 if first else len(expected[line]), task)
            assert tasks["since"][task] == now
            if len(expected[line]) == 1:
                assert lines["empty_at"][line] == empty_since
        assert [standing(lines, tasks, k) for k in range(LINES)] == expected


@pytest.mark.parametrize(
    ("waited", "not_empty_for", "refused"),
    [(4.9, 9.0, False), (5.1, 9.0, True), (0.9, 11.0, False), (1.1, 11.0, True), (4.9, 11.0, True)],
)
def test_the_limit_of_age_tightens_while_a_line_does_not_run_empty(
    waited: float, not_empty_for: float, refused: bool
) -> None:
    lines, _ = empty()
    lines["age_limit_s"][1], lines["age_target_s"][1] = (5.0, 1.0) if not_empty_for <= 5 else (10.0, 1.0)
    lines["empty_at"][1] = 100.0 - not_empty_for
    if not_empty_for < 10.0:
        lines["age_limit_s"][1], lines["age_target_s"][1] = 5.0, 5.0
    assert is_too_old(lines, 1, 100.0 - waited, 100.0) is refused


def test_without_a_limit_nobody_is_too_old() -> None:
    lines, _ = empty()
    assert not is_too_old(lines, 0, 0.0, 1e12)
