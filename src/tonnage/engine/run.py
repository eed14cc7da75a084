"""A run: one model under one traffic and seed, advanced in slices, read between them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.kernels.advance import advance
from tonnage.engine.kernels.slices import first_arrival, settle, speed_changed
from tonnage.engine.kernels.state import (
    FREE,
    IN_FLIGHT,
    MARGIN,
    MOST_IN_FLIGHT,
    NOW,
    SEQUENCE,
    Arrivals,
    Constants,
    Status,
)
from tonnage.engine.model import Model
from tonnage.engine.start import Measure, forget_stale_timers, fresh_state, grown

MOST_TASKS = 1_000_000
"""A run stops when this many requests and calls are in flight at once: that is overload, and memory ends."""


class Run:
    """One simulation in progress.

    Args:
        model: What is simulated.
        rates_per_s: Offered rate in each step.
        step_s: Length of a step, s.
        measure: Which requests count.
        seed: Same seed, same requests, whatever the model.
    """

    def __init__(self, model: Model, rates_per_s: Sequence[float], step_s: float, measure: Measure, seed: int) -> None:
        self.model = model
        self.measure = measure
        self.stopped: str | None = None
        # Beyond the traffic's end the last rate goes on, so that late requests of the measured time meet their like.
        rates = np.append(np.asarray(rates_per_s, dtype=np.float64), rates_per_s[-1])
        self.constants = Constants(
            program=model.program,
            fleets=model.fleet_rules,
            pool_rules=model.pool_rules,
            bucket_rules=model.bucket_rules,
            cache_rules=model.cache_rules,
            env_rules=model.env_rules,
            arrivals=Arrivals(
                route_pc=model.route_pc,
                route_until=model.route_until,
                deadline_s=model.deadline_s,
                seed=np.array([seed], dtype=np.uint64),
                rate_per_s=rates,
                rate_step_s=float(step_s),
                measure=np.array([measure.start_s, measure.end_s, measure.window_s]),
            ),
        )
        self.state = fresh_state(model, measure)
        first_arrival(self.constants.arrivals, self.state.events)

    @property
    def now_s(self) -> float:
        """Simulated time, s."""
        return float(self.state.events.clock[NOW])

    @property
    def arrived(self) -> int:
        """Requests that have arrived, judged or not."""
        return int(self.state.events.counts[SEQUENCE]) - 1

    @property
    def in_flight(self) -> int:
        """Requests in flight."""
        return int(self.state.events.counts[IN_FLIGHT])

    @property
    def most_in_flight(self) -> int:
        """Most requests in flight at once so far."""
        return int(self.state.events.counts[MOST_IN_FLIGHT])

    def advance(self, until_s: float) -> bool:
        """Run to a time; False when the run was stopped before by overload (see ``stopped``)."""
        while self.stopped is None:
            if advance(self.constants, self.state, float(until_s)) == Status.REACHED:
                self._settle()
                return True
            forget_stale_timers(self.state)
            if self.state.events.counts[FREE] >= MARGIN:
                continue
            if len(self.state.events.free) >= MOST_TASKS:
                self.stopped = f"overload: {self.in_flight:,} requests in flight at {self.now_s:,.0f} s"
            else:
                self.state = grown(self.state)
        self._settle()
        return False

    def _settle(self) -> None:
        s = self.state
        settle(self.constants.fleets, s.inst, s.pools, s.envs, self.now_s)

    def set_active(self, fleet: str, slots: Sequence[int]) -> None:
        """Which instances of a fleet are given requests; slots count from 0 within the fleet."""
        k = self.model.fleets[fleet]
        first = int(self.model.fleet_rules.first[k])
        self.state.inst.active[k, : len(slots)] = [first + slot for slot in slots]
        self.state.inst.active_n[k] = len(slots)

    def set_speed(self, fleet: str, slot: int, speed: float) -> None:
        """Speed of one instance from now on, work per second and server."""
        first = int(self.model.fleet_rules.first[self.model.fleets[fleet]])
        if self.state.inst.speed[first + slot] != speed:
            speed_changed(self.constants.fleets, self.state.events, self.state.inst, first + slot, speed)

    def set_bucket_rate(self, bucket: str, rate_per_s: float) -> None:
        """Refill rate of a bucket from now on."""
        k = self.model.buckets[bucket]
        s = self.state
        passed = self.now_s - s.buckets.t[k]
        s.buckets.level[k] = min(s.buckets.capacity[k], s.buckets.level[k] + s.buckets.rate[k] * passed)
        s.buckets.t[k] = self.now_s
        s.buckets.rate[k] = rate_per_s

    def unanswered(self) -> NDArray[np.float64]:
        """Ages of measured requests still in flight, s; they count as answered no earlier than now.

        Returns:
            (n, 3) float64: age (s), arrival time (s) and index of the route.
        """
        s = self.state
        busy = np.ones(len(s.tasks.start), dtype=bool)
        busy[s.events.free[: s.events.counts[FREE]]] = False
        start, end, _ = self.constants.arrivals.measure
        mine = busy & (s.tasks.parent == -1) & (s.tasks.start >= start) & (s.tasks.start < end)
        return np.column_stack([self.now_s - s.tasks.start[mine], s.tasks.start[mine], s.tasks.route[mine]])
