"""Programs: values that compare by what they say."""

import dataclasses

import pytest

from tonnage.engine.primitives import constant
from tonnage.engine.program import Program, Visit, Wait, Work


def test_programs_are_values() -> None:
    def program() -> Program:
        return Program(route="r", share=0.5, entry=Visit(component="a", enter=(Work("a/cpu", constant(1.0)),)))

    assert program() == program()
    assert hash(program()) == hash(program())
    with pytest.raises(dataclasses.FrozenInstanceError):
        program().share = 1.0  # type: ignore[misc]


def test_a_visit_is_made_once_without_time_out_unless_said_otherwise() -> None:
    visit = Visit(component="a", enter=(Wait(constant(1.0)),))
    assert (visit.probability, visit.times, visit.attempts, visit.timeout_s) == (1.0, 1, 1, None)
    assert Program(route="r", share=1.0, entry=visit).deadline_s == 60.0
