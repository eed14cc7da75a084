"""Operation codes: one number each, and the kernel knows every one by the same name."""

import inspect

from tonnage.engine.kernels import advance as event_loop
from tonnage.engine.kernels import state
from tonnage.engine.operations import Operation


def test_codes_are_consecutive_numbers() -> None:
    assert sorted(Operation) == list(range(len(Operation)))


def test_the_kernel_has_every_operation_under_its_number() -> None:
    source = inspect.getsource(event_loop)
    for operation in Operation:
        assert getattr(state, operation.name) == operation.value
        # The loop is what is left when it is no other.
        assert operation is Operation.LOOP or f"op == {operation.name}" in source, operation
