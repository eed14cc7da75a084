"""The state's constants fit together."""

import numpy as np

from tonnage.engine import flatten
from tonnage.engine.kernels import state


def test_what_flattening_allows_fits_the_state() -> None:
    assert flatten.MOST_REGISTERS <= state.REGISTERS
    assert flatten.MOST_HELD <= state.HOLDS


def test_kinds_of_holding_leave_room_for_the_index_below_them() -> None:
    kinds = (state.HELD_INSTANCE, state.HELD_POOL, state.HELD_ENVIRONMENT, state.HELD_PROVISIONED)
    packed = [(kind << state.KIND_SHIFT) | index for kind in kinds for index in (0, (1 << state.KIND_SHIFT) - 1)]
    assert len(set(packed)) == len(packed)
    assert max(packed) <= np.iinfo(np.int32).max


def test_timers_are_told_apart() -> None:
    kinds = (
        state.RESUME,
        state.PATIENCE,
        state.RETRY,
        state.HEDGE,
        state.VISIBLE,
        state.RETURNED,
        state.CLIENT,
    )
    assert len(set(kinds)) == len(kinds)


def test_numbers_of_choices_are_those_that_flattening_writes() -> None:
    jitters = (state.NO_JITTER, state.FULL_JITTER, state.EQUAL_JITTER, state.DECORRELATED_JITTER)
    assert [flatten.JITTERS[k] for k in jitters] == ["none", "full", "equal", "decorrelated"]


def test_the_kernels_status_is_what_the_run_reads() -> None:
    assert (state.Status.REACHED, state.Status.GROW, state.Status.ENDLESS) == (0, 1, 2)
