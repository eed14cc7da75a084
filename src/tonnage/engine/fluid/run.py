"""A fluid run: one model advanced through time, and what it counted."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.fluid.counting import pass_time
from tonnage.engine.fluid.layout import Layout
from tonnage.engine.fluid.response import Waits, strata
from tonnage.engine.fluid.state import fresh_books, fresh_flows, fresh_levels, fresh_stack
from tonnage.engine.primitives import Bucket, Fleet, Queue

Floats = NDArray[np.float64]


class FluidRun:
    """One model, from empty queues on.

    Args:
        layout: The model, laid out.
        windows: Windows of the judged time.
    """

    def __init__(self, layout: Layout, windows: int) -> None:
        self.layout = layout
        self.levels = fresh_levels(layout)
        self.flows = fresh_flows(layout)
        self.books = fresh_books(layout, windows)
        self.now_s = 0.0
        self.steps = 0
        self._stack = fresh_stack()
        self._waits = Waits._make(np.zeros(len(layout.queues)) for _ in Waits._fields)
        self._visits_of: dict[str, list[int]] = {}
        for visit, component in enumerate(layout.visits):
            self._visits_of.setdefault(component, []).append(visit)

    def advance(
        self, until_s: float, offered_per_s: float, *, window: int = -1, left_s: float = 0.0, ends: bool = True
    ) -> None:
        """Go on to a time under an even load.

        Args:
            until_s: The time.
            offered_per_s: Requests per second.
            window: Window that the arrivals belong to; -1: they are not judged.
            left_s: Until the simulation ends.
            ends: Whether the window ends then.
        """
        code, rules = self.layout.code, self.layout.rules
        room = (self.levels, self.flows, self._waits, self._stack, self.books, strata())
        passed_s = until_s - self.now_s
        self.steps += pass_time(code, rules, *room, offered_per_s, passed_s, window, left_s, ends)
        self.now_s = until_s

    def set_instances(self, fleet: str, speeds: Sequence[float]) -> None:
        """Speeds of a fleet's instances in service from now on; a line stands divided among those that serve it."""
        k = self.layout.queues[fleet]
        before, after = self.levels.instances[k], float(len(speeds))
        if 0.0 < before < after:
            for q in np.flatnonzero(self.layout.rules.follows == k):
                self.levels.wait[q] *= before / after
                self.levels.variance[q] *= (before / after) ** 2
        self.levels.instances[k] = after
        if speeds:
            self.levels.speed[k] = max(sum(speeds) / after, 1e-9)

    def set_bucket_rate(self, bucket: str, rate_per_s: float) -> None:
        """Refill rate of a bucket from now on; its level stays."""
        k = self.layout.queues[bucket]
        primitive = self.layout.model.primitives[bucket]
        assert isinstance(primitive, Bucket)
        change = self.levels.speed[k] / max(rate_per_s, 1e-12)
        self.levels.wait[k] *= change
        self.levels.variance[k] *= change**2
        self.levels.speed[k] = rate_per_s
        if primitive.when_empty == "delay":
            self.layout.rules.offset_s[k] = primitive.capacity / max(rate_per_s, 1e-12)

    def set_provisioned(self, environments: str, count: int) -> None:
        """How many environments are always there from now on."""
        self.levels.always[self.layout.queues[environments]] = count

    def cpu(self, fleet: str) -> float:
        """Mean busy share of a fleet's servers at full speed, were each instance as fast as their mean."""
        k = self.layout.queues[fleet]
        rule = self.layout.model.primitives[fleet]
        assert isinstance(rule, Fleet)
        return float(self.levels.busy[k] * self.levels.speed[k] / rule.speed)

    def visits_per_s(self, component: str) -> float:
        """Visits of a component begun, per second."""
        return sum(float(self.flows.called[visit]) for visit in self._visits_of.get(component, ()))

    def tokens_per_s(self, bucket: str) -> float:
        """Tokens asked of a bucket, per second."""
        return float(self.flows.visits[self.layout.queues[bucket]])

    def taken_per_s(self, bucket: str) -> float:
        """Tokens taken from a bucket, per second: those asked for less those refused."""
        k = self.layout.queues[bucket]
        return float(self.flows.visits[k] * (1.0 - self.levels.refused[k]))

    def leased(self, environments: str) -> float:
        """Environments in use."""
        k = self.layout.queues[environments]
        return float(self.flows.visits[k] * self.levels.server_s[k] * (1.0 - self.levels.refused[k]))

    def waiting(self, queue: str) -> float:
        """Messages of a queue that wait: by Little's law those that are processed in the time that one waits."""
        k = self.layout.queues[queue]
        primitive = self.layout.model.primitives[queue]
        assert isinstance(primitive, Queue)
        batches_per_s = self.consuming(queue) / max(float(self.levels.server_s[k]), 1e-12)
        return float(self.levels.wait[k]) * batches_per_s * primitive.batch

    def consuming(self, queue: str) -> float:
        """Batches of a queue being processed."""
        k = self.layout.queues[queue]
        follows = self.layout.rules.follows[k]
        instances = float(self.levels.instances[follows]) if follows >= 0 else 1.0
        return float(self.levels.busy[k] * self.layout.rules.servers[k] * instances)

    def sent_per_s(self, queue: str) -> float:
        """Messages sent to a queue, per second."""
        k = self.layout.queues[queue]
        primitive = self.layout.model.primitives[queue]
        assert isinstance(primitive, Queue)
        return float(self.flows.visits[k]) * primitive.batch

    def visited(self, component: str) -> tuple[float, float]:
        """Judged visits of a component, and the mean time of one."""
        visits, spent_s = self.books.called[self._visits_of.get(component, [])].sum(axis=0)
        return float(visits), float(spent_s / visits) if visits > 0 else 0.0
