"""Pending events against a sorted list: tournament, timers, jobs."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tonnage.engine.compiled import kernel
from tonnage.engine.kernels.event_set import job_pop, job_push, slot_changed, timer_pop, timer_push
from tonnage.engine.model import build
from tonnage.engine.primitives import Fleet, constant
from tonnage.engine.program import Program, Visit, Wait
from tonnage.engine.start import Measure, _events, fresh_state

TIMES = st.floats(0.0, 1e6)


@kernel
def changed(events, slot):
    slot_changed(events, slot)


@kernel
def push(events, at, who, stamp, what):
    timer_push(events, at, who, stamp, what)


@kernel
def pop(events):
    timer_pop(events)


@kernel
def add_job(inst, base, size, done_at, who):
    job_push(inst, base, size, done_at, who)


@kernel
def remove_job(inst, base, size):
    job_pop(inst, base, size)


@pytest.mark.parametrize("slots", [1, 2, 3, 8, 21])
def test_the_winner_is_the_earliest_slot_after_every_change(slots: int) -> None:
    events = _events(slots)
    draw = np.random.default_rng(slots)
    for _ in range(300):
        slot = int(draw.integers(slots))
        events.slot_time[slot] = math.inf if draw.random() < 0.3 else draw.random()
        changed(events, slot)
        assert events.slot_time[events.winner[1]] == events.slot_time.min()


@settings(max_examples=50, deadline=None)
@given(times=st.lists(st.one_of(TIMES, st.none()), max_size=80))
def test_timers_leave_in_order_of_time_with_what_they_carry(times: list[float | None]) -> None:
    events = _events(1)
    waiting: list[tuple[float, int]] = []
    for k, at in enumerate(times):
        if at is not None:
            push(events, at, k, 2 * k, np.int8(k % 4))
            waiting.append((at, k))
        elif waiting:
            first = int(events.timer_task[0])
            at_first = float(events.timer_time[0])
            assert at_first == min(waiting)[0]
            assert events.timer_stamp[0] == 2 * first
            assert events.timer_kind[0] == first % 4
            pop(events)
            waiting.remove((at_first, first))
        assert events.counts[TIMERS] == len(waiting)


@settings(max_examples=50, deadline=None)
@given(moves=st.lists(st.tuples(st.integers(0, 1), st.one_of(TIMES, st.none())), max_size=60))
def test_each_instance_finishes_its_own_jobs_in_order(moves: list[tuple[int, float | None]]) -> None:
    model = build(
        {"a/cpu": Fleet(servers=60, discipline="fifo", instances=2, max_instances=2)},
        [Program(route="r", share=1.0, entry=Visit(component="a", enter=(Wait(constant(1.0)),)))],
    )
    inst = fresh_state(model, Measure(start_s=0.0, end_s=1.0, window_s=1.0)).inst
    jobs: list[list[tuple[float, int]]] = [[], []]
    for k, (i, done_at) in enumerate(moves):
        base = int(model.fleet_rules.heap_base[i])
        if done_at is not None:
            add_job(inst, base, len(jobs[i]), done_at, k)
            jobs[i].append((done_at, k))
        elif jobs[i]:
            first = (float(inst.job_key[base]), int(inst.job_task[base]))
            assert first[0] == min(jobs[i])[0]
            remove_job(inst, base, len(jobs[i]))
            jobs[i].remove(first)
