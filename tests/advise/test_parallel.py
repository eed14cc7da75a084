"""Runs beside each other keep their order, and an interruption drops those not begun."""

import os
import threading

import pytest

from tonnage.advise.parallel import in_parallel


def test_results_come_in_the_order_of_the_items() -> None:
    first = threading.Event()

    def slow_first(item: int) -> int:
        if item == 0:
            first.wait(5.0)
        elif item == 1:
            first.set()
        return item * 10

    if (os.cpu_count() or 1) < 2:
        first.set()
    assert list(in_parallel(slow_first, range(8))) == [item * 10 for item in range(8)]


def test_an_interruption_drops_what_has_not_begun() -> None:
    begun: list[int] = []

    def run(item: int) -> int:
        begun.append(item)
        if item == 0:
            raise KeyboardInterrupt
        threading.Event().wait(0.02)
        return item

    with pytest.raises(KeyboardInterrupt):
        list(in_parallel(run, range(500)))
    assert len(begun) < 100
