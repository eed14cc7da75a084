"""Pending events against a sorted list: tournament, timers, jobs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.event_set import first_slot, job_pop, job_push, slot_changed, timer_pop, timer_push
from tonnage.engine.kernels.state import CLOCK, JOB, TIMER
from tonnage.engine.start import tournament

TIMES = st.floats(0.0, 1e6)


@kernel
def changed(times, tree, slot):
    slot_changed(times, tree, slot)
    return first_slot(tree)


@kernel
def push(clock, timers, at, who, stamp, what):
    timer_push(clock[0], timers, at, who, stamp, what)


@kernel
def pop(clock, timers):
    timer_pop(clock[0], timers)


@kernel
def add_job(jobs, base, size, done_at, who):
    job_push(jobs, base, size, done_at, who)


@kernel
def remove_job(jobs, base, size):
    job_pop(jobs, base, size)


@pytest.mark.parametrize("slots", [1, 2, 3, 8, 9, 21, 64, 65, 513, 1200])
def test_the_winner_is_the_earliest_slot_after_every_change(slots: int) -> None:
    times, tree = np.full(slots, math.inf), tournament(slots)
    draw = np.random.default_rng(slots)
    for _ in range(500):
        slot = int(draw.integers(slots))
        times[slot] = math.inf if draw.random() < 0.3 else draw.random()
        assert times[changed(times, tree, slot)] == times.min()


def test_times_closer_than_the_key_tells_apart_leave_in_one_order() -> None:
    times, tree = np.full(4, math.inf), tournament(4)
    near = math.nextafter(1.0, 2.0)
    for slot, at in ((3, 1.0), (1, near)):
        times[slot] = at
        first = changed(times, tree, slot)
    assert first == 1  # the lower slot, though one part in 2**52 later


@settings(max_examples=50, deadline=None)
@given(times=st.lists(st.one_of(TIMES, st.none()), max_size=80))
def test_timers_leave_in_order_of_time_with_what_they_carry(times: list[float | None]) -> None:
    clock, timers = np.zeros(1, dtype=CLOCK), np.zeros(100, dtype=TIMER)
    waiting: list[tuple[float, int]] = []
    for k, at in enumerate(times):
        if at is not None:
            push(clock, timers, at, k, 2 * k, k % 4)
            waiting.append((at, k))
        elif waiting:
            at_first, first, stamp, kind = timers[0].item()
            assert at_first == min(waiting)[0]
            assert stamp == 2 * first
            assert kind == first % 4
            pop(clock, timers)
            waiting.remove((at_first, first))
        assert clock["timers"][0] == len(waiting)


@settings(max_examples=50, deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, 1), st.one_of(TIMES, st.none())), max_size=60))
def test_each_instance_finishes_its_own_jobs_in_order(moves: list[tuple[int, float | None]]) -> None:
    room = np.zeros(120, dtype=JOB)
    jobs: list[list[tuple[float, int]]] = [[], []]
    for k, (i, done_at) in enumerate(moves):
        base = 60 * i
        if done_at is not None:
            add_job(room, base, len(jobs[i]), done_at, k)
            jobs[i].append((done_at, k))
        elif jobs[i]:
            first = room[base].item()
            assert first[0] == min(jobs[i])[0]
            remove_job(room, base, len(jobs[i]))
            jobs[i].remove(first)
