"""A fluid run: one model advanced through time, with the face of a request-level run where both have it."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.fluid.layout import Kind, Layout
from tonnage.engine.fluid.response import SAMPLES, Waits, respond, strata
from tonnage.engine.fluid.state import fresh_flows, fresh_levels, fresh_stack, level_of
from tonnage.engine.fluid.stepping import advance
from tonnage.engine.model import Cause, component_of
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, Queue
from tonnage.engine.program import Visit

Floats = NDArray[np.float64]


class FluidRun:
    """One model, from empty queues on.

    Args:
        layout: The model, laid out.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.levels = fresh_levels(layout)
        self.flows = fresh_flows(layout)
        self.now_s = 0.0
        self.steps = 0
        self._stack = fresh_stack()
        self._waits = Waits._make(np.zeros(len(layout.queues)) for _ in Waits._fields)
        self._moments = 0
        self._names = list(layout.queues)
        self._component_visits = {
            name: np.array([v for v, other in enumerate(layout.visits) if other == name], dtype=np.int64)
            for name in dict.fromkeys(layout.visits)
        }

    def advance(self, until_s: float, offered_per_s: float) -> None:
        """Go on to a time under an even load."""
        passed_s = until_s - self.now_s
        self.steps += advance(
            self.layout.code, self.layout.rules, self.levels, self.flows, self._stack, offered_per_s, passed_s
        )
        self.now_s = until_s

    def responses(self, route: int) -> Floats:
        """Response times of requests that arrive now on a route: (SAMPLES,), NaN where one fails."""
        times_s = np.empty(SAMPLES)
        self._moments += 1
        code, rules = self.layout.code, self.layout.rules
        luck = (strata(), route, self._moments % (1 << 20), times_s)
        respond(code, rules, self.levels, self._waits, self._stack, *luck)
        return times_s

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
        self.layout.rules.offset_s[k] = 0.0 if primitive.when_empty == "reject" else primitive.capacity / rate_per_s

    def cpu(self, fleet: str) -> float:
        """Work offered to each instance over what it does at full speed, may be above 1."""
        k = self.layout.queues[fleet]
        rule = self.layout.model.primitives[fleet]
        assert isinstance(rule, Fleet)
        share = self.levels.busy[k] if self.levels.wait[k] > 0 else self.levels.full[k]
        return float(share * self.levels.speed[k] / rule.speed) if self.levels.instances[k] > 0 else 0.0

    def visits_per_s(self, component: str) -> float:
        """Visits of a component begun."""
        return float(self.flows.called[self._component_visits[component]].sum()) if component in self._component_visits else 0.0

    def residence_s(self, component: str) -> float:
        """Mean time of a visit of a component."""
        visits = self._component_visits.get(component)
        if visits is None:
            return 0.0
        called = self.flows.called[visits]
        return float(np.dot(called, self.flows.time_s[visits, 0]) / called.sum()) if called.sum() > 0 else 0.0

    def refused_per_s(self) -> Mapping[str, float]:
        """Refusals at any try, by queue."""
        rates = self.flows.visits * self.levels.refused
        return {name: float(rates[k]) for name, k in self.layout.queues.items()}

    def cold_starts_per_s(self, environments: str) -> float:
        """Environments made."""
        k = self.layout.queues[environments]
        return float(self.levels.cold[k] * self.flows.visits[k])

    def values(self) -> dict[str, float]:
        """The sample: ``primitive:metric`` to value, named as a request-level run names them."""
        model, levels, flows = self.layout.model, self.levels, self.flows
        row = {
            ":offered": float(flows.route[self.layout.code.feeds < 0, 0].sum()),
            ":in flight": float(np.dot(flows.route[:, 0], flows.route[:, 2])),
        }
        for name, primitive in model.primitives.items():
            if isinstance(primitive, Cache):
                continue
            k = self.layout.queues.get(name)
            if k is None:
                continue
            follows = self.layout.rules.follows[k]
            servers = self.layout.rules.servers[k] * (levels.instances[follows] if follows >= 0 else 1.0)
            waiting = float(levels.wait[k] / max(levels.server_s[k], 1e-12) * servers * levels.busy[k])
            if isinstance(primitive, Fleet):
                row[f"{name}:utilization"] = min(self.cpu(name), 1.0)
                row[f"{name}:queue"] = waiting
            elif isinstance(primitive, Pool | Queue):
                row[f"{name}:in use"] = float(levels.busy[k] * servers)
                row[f"{name}:waiting"] = waiting
            elif isinstance(primitive, Bucket):
                row[f"{name}:taken"] = float(flows.visits[k] * (1.0 - levels.refused[k]))
                row[f"{name}:refused"] = float(flows.visits[k] * levels.refused[k])
                row[f"{name}:level"] = level_of(self.layout, levels, name)
            elif isinstance(primitive, Environments):
                row[f"{name}:in use"] = float(levels.busy[k] * servers)
                row[f"{name}:cold starts"] = self.cold_starts_per_s(name)
                row[f"{name}:throttled"] = float(flows.visits[k] * levels.refused[k])
        for component in self._component_visits:
            row[f"{component}:visits"] = self.visits_per_s(component)
        return row

    def cause(self, place: int) -> Cause:
        """Why requests are lost at a queue, or (after the queues) to the time-out of a visit."""
        if place >= len(self._names):
            visit = place - len(self._names)
            component = self.layout.visits[visit]
            timeout_s = _visits(self.layout)[visit].timeout_s or 0.0
            return Cause(component=component, primitive=component, text=f"timed out after {timeout_s:g} s")
        name = self._names[place]
        primitive = self.layout.model.primitives[name]
        if isinstance(primitive, Fleet):
            text = "queue full" if self.levels.instances[place] > 0 else "no instance in service"
        elif isinstance(primitive, Pool) and primitive.queue_limit is None and primitive.patience_s is not None:
            text = f"waited longer than {primitive.patience_s:g} s"
        else:
            text = getattr(primitive, "refusal", "refused")
        return Cause(component=component_of(name), primitive=name, text=text)


def _visits(layout: Layout) -> list[Visit]:
    """Visits by their number: the order in which they were laid out."""
    found: list[Visit] = []

    def walk(visit: Visit) -> None:
        found.append(visit)
        for below in (*visit.on_miss, *visit.calls):
            walk(below)

    for program in layout.model.programs:
        walk(program.entry)
    return found
