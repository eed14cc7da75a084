"""A run: one model under one traffic and seed, advanced in slices, read between them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.kernels.advance import advance
from tonnage.engine.kernels.slices import active_changed, first_arrival, lose_instance, settle, speed_changed, wake
from tonnage.engine.kernels.state import CLIENT, MARGIN, Constants, Status
from tonnage.engine.model import Model, ring_links
from tonnage.engine.offered import Offered
from tonnage.engine.primitives import Cache
from tonnage.engine.start import Measure, forget_stale_timers, fresh_state, grown

MOST_TASKS = 1_000_000
"""A run stops when this many requests and calls are in flight at once: that is overload, and memory ends."""


class Run:
    """One simulation in progress.

    Args:
        model: What is simulated.
        offered: How requests arrive; rates in 1/s are Poisson arrivals in steps of ``step_s``.
        step_s: Length of a step where ``offered`` is rates, s.
        measure: Which requests count.
        seed: Same seed, same requests, whatever the model.

    Raises:
        WorkloadError: A rate is not a number, negative, or too large to count.
    """

    def __init__(
        self, model: Model, offered: Offered | Sequence[float], step_s: float, measure: Measure, seed: int
    ) -> None:
        self.model = model
        self.measure = measure
        self.stopped: str | None = None
        if not isinstance(offered, Offered):
            offered = Offered(rates_per_s=tuple(offered), step_s=step_s)
        tables, think_table = offered.with_table(model.tables)
        self.constants = Constants(
            code=model.code,
            calls=model.calls,
            tables=tables,
            aliases=model.aliases,
            trace=model.trace,
            route_pc=model.route_pc,
            route_until=model.route_until,
            deadline_s=model.deadline_s,
            rates=offered.steps(),
        )
        self.state = fresh_state(model, measure, offered.clients)
        offered.write(self.state.clock, seed, think_table)
        things = self.state.things
        for k in range(len(things.fleets)):
            active_changed(things.fleets, things.instances, things.levels, things.active, k)
        s, c = self.state, self.constants
        first_arrival(s.clock, s.timers, s.tasks, s.free, c.rates, c.tables)

    @property
    def now_s(self) -> float:
        """Simulated time, s."""
        return float(self.state.clock["now"][0])

    @property
    def arrived(self) -> int:
        """Requests that have arrived, judged or not."""
        return int(self.state.clock["sequence"][0])

    @property
    def in_flight(self) -> int:
        """Requests in flight."""
        return int(self.state.clock["in_flight"][0])

    @property
    def most_in_flight(self) -> int:
        """Most requests in flight at once so far."""
        return int(self.state.clock["most_in_flight"][0])

    def advance(self, until_s: float) -> bool:
        """Run to a time; False when the run was stopped before by overload (see ``stopped``)."""
        while self.stopped is None:
            status = advance(self.constants, self.state, float(until_s))
            if status == Status.REACHED:
                self._settle()
                return True
            if status == Status.ENDLESS:
                self.stopped = f"endless: a request makes calls without end at {self.now_s:,.0f} s"
                break
            forget_stale_timers(self.state)
            if self.state.clock["free"][0] >= MARGIN and self.state.clock["timers"][0] < len(self.state.timers) // 2:
                continue
            if len(self.state.free) >= MOST_TASKS:
                self.stopped = f"overload: {self.in_flight:,} requests in flight at {self.now_s:,.0f} s"
            else:
                self.state = grown(self.state)
        self._settle()
        return False

    def _settle(self) -> None:
        s = self.state
        settle(s.clock, s.things.instances, s.things.pools, s.things.environments)

    def set_active(self, fleet: str, slots: Sequence[int]) -> None:
        """Which instances of a fleet are given requests; slots count from 0 within the fleet."""
        k = self.model.fleets[fleet]
        things = self.state.things
        wanted = int(things.fleets["first"][k]) + np.asarray(slots, dtype=np.int32)
        before = things.active[k, : things.fleets["active_n"][k]]
        if np.array_equal(before, wanted):
            return
        come = np.setdiff1d(wanted, before)
        things.instances["since"][come] = self.now_s
        things.instances["dead"][come] = 0
        things.active[k, : len(wanted)] = wanted
        things.fleets["active_n"][k] = len(wanted)
        active_changed(things.fleets, things.instances, things.levels, things.active, k)

    def set_speed(self, fleet: str, slot: int, speed: float) -> None:
        """Speed of one instance from now on, work per second and server."""
        i = self.model.fleet_slots(fleet).start + slot
        s = self.state
        if s.things.instances["speed"][i] != speed:
            speed_changed(s.clock, s.things.instances, s.jobs, s.slot_time, s.tree, i, speed)

    def lose(self, fleet: str, slot: int) -> None:
        """An instance is gone at once: what it serves fails, and so does what it is given until it is taken out."""
        i = self.model.fleet_slots(fleet).start + slot
        cause = int(self.state.things.fleets["dead"][self.model.fleets[fleet]])
        s = self.state
        things = s.things
        lose_instance(s.clock, things.instances, s.jobs, s.slot_time, s.tree, s.tasks, s.ready, things.lines, i, cause)

    def flush(self, cache: str) -> None:
        """Empty a cache."""
        rule = self.model.primitives[cache]
        assert isinstance(rule, Cache)
        k = self.model.caches[cache]
        things = self.state.things
        base, objects = int(things.caches["base"][k]), int(things.caches["objects"][k])
        if objects:
            empty = ring_links(objects, 256 if rule.policy == "lfu" else 1, np.zeros(0, dtype=np.int32))
            things.links[base : base + len(empty)] = empty
            things.caches["held"][k] = 0

    def set_hit_ratio(self, cache: str, ratio: float) -> None:
        """Hit ratio of a cache with a fixed one, from now on."""
        self.state.things.caches["fixed"][self.model.caches[cache]] = ratio

    def set_fault(self, component: str, *, delay_s: float = 0.0, errors: float = 0.0) -> None:
        """What is wrong with a component from now on: extra latency of each visit, share of visits that fail."""
        if component in self.model.components:
            fault = self.state.things.faults[self.model.components.index(component)]
            fault["delay_s"], fault["errors"] = delay_s, errors

    def set_bucket_rate(self, bucket: str, rate_per_s: float, capacity: float | None = None) -> None:
        """Refill rate of a bucket from now on, and most tokens it keeps; None leaves that as it is."""
        b = self.state.things.buckets[self.model.buckets[bucket]]
        b["level"] = min(b["capacity"], b["level"] + b["rate"] * (self.now_s - b["t"]))
        b["t"], b["rate"] = self.now_s, rate_per_s
        if capacity is not None:
            b["capacity"] = capacity
            b["level"] = min(b["level"], capacity)

    def set_concurrency(self, queue: str, batches: int) -> None:
        """How many batches of a queue are processed at once from now on, over all its shards."""
        shards = self.model.shard_range(queue)
        s = self.state
        before = s.things.shards["concurrency"][shards.start : shards.stop].copy()
        each = np.full(len(shards), batches // len(shards), dtype=np.int32)
        each[: batches % len(shards)] += 1
        s.things.shards["concurrency"][shards.start : shards.stop] = each
        first = len(s.things.instances) + len(s.things.pools)
        for k in np.flatnonzero(each > before):
            wake(s.clock, s.slot_time, s.tree, first + shards.start + int(k))

    def set_provisioned(self, environments: str, count: int) -> None:
        """How many environments are always there from now on; those in use beyond that go when they are free."""
        records, k = self.state.things.environments, self.model.environments[environments]
        records["claimed"][records["sharer"][k]] += count - records["provisioned"][k]
        records["provisioned"][k] = count

    def unanswered(self) -> NDArray[np.float64]:
        """Ages of measured requests still in flight, s; they count as answered no earlier than now.

        Returns:
            (n, 3) float64: age (s), arrival time (s) and index of the route.
        """
        s = self.state
        busy = np.ones(len(s.tasks), dtype=bool)
        busy[s.free[: int(s.clock["free"][0])]] = False
        start = s.tasks["start"]
        mine = busy & (s.tasks["parent"] == -1) & (start >= self.measure.start_s) & (start < self.measure.end_s)
        mine &= ~self._thinking()
        return np.column_stack([self.now_s - start[mine], start[mine], s.tasks["route"][mine]])

    def _thinking(self) -> NDArray[np.bool_]:
        """Tasks of clients that think: no request yet."""
        s = self.state
        timers = s.timers[: int(s.clock["timers"][0])]
        found = np.zeros(len(s.tasks), dtype=bool)
        live = (timers["kind"] == CLIENT) & (timers["stamp"] == s.tasks["stamp"][timers["task"]])
        found[timers["task"][live]] = True
        return found
