"""Sampling a run: cumulative counters read at ticks become rates, shares and levels over time."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.model import Model
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, Queue
from tonnage.engine.run import Run


class Sampler:
    """Reads a run at ticks.

    Args:
        run: The run.
        slower: By fleet and slot: how many times as long an instance takes that something slows down. Its servers are
            busy for longer, as its operating system sees it; an instance out of credits is not, for it stands still.
    """

    def __init__(self, run: Run, slower: Mapping[tuple[str, int], float] | None = None) -> None:
        self.run = run
        self.slower = {} if slower is None else slower
        self.model: Model = run.model
        self.times_s: list[float] = []
        self.rows: dict[str, list[float]] = {}
        self._before = self._counters()
        self._before_s = run.now_s

    def _counters(self) -> dict[str, NDArray[np.float64]]:
        s = self.run.state
        t = s.things
        return {
            "work": t.instances["work"].copy(),
            "visits": t.instances["visits"].astype(np.float64),
            "pool": t.pools["integral"].copy(),
            "taken": t.buckets["taken"].copy(),
            "refused": t.buckets["refused"].copy(),
            "env": t.environments["integral"].copy(),
            "colds": t.environments["colds"].astype(np.float64),
            "throttled": t.environments["throttled"].astype(np.float64),
            "lookups": t.caches["lookups"].astype(np.float64),
            "hits": t.caches["hits"].astype(np.float64),
            "sent": t.shards["sent"].astype(np.float64),
            "processed": t.shards["processed"].astype(np.float64),
            "comp": s.books.comp_own.astype(np.float64),
            "arrived": s.clock["sequence"].astype(np.float64),
        }

    def read(self) -> "Reading":
        """What happened since the last reading."""
        now = self._counters()
        passed_s = self.run.now_s - self._before_s
        change = {name: values - self._before[name] for name, values in now.items()}
        reading = Reading(self.run, change, max(passed_s, 1e-12), self.slower)
        self._before, self._before_s = now, self.run.now_s
        return reading

    def record(self, time_s: float, values: Mapping[str, float]) -> None:
        """Append one sample."""
        self.times_s.append(time_s)
        for name, value in values.items():
            self.rows.setdefault(name, []).append(value)

    def series(self) -> dict[str, NDArray[np.float64]]:
        """All samples as arrays."""
        return {name: np.array(values) for name, values in self.rows.items()}


class Reading:
    """The difference between two readings of a run.

    Args:
        run: The run, at the later reading.
        change: What each counter grew by.
        passed_s: Time between the readings.
        slower: See :class:`Sampler`.
    """

    def __init__(
        self,
        run: Run,
        change: Mapping[str, NDArray[np.float64]],
        passed_s: float,
        slower: Mapping[tuple[str, int], float],
    ) -> None:
        self.run = run
        self.model = run.model
        self.change = change
        self.passed_s = passed_s
        self.slower = slower

    def cpu(self, fleet: str) -> dict[int, float]:
        """Mean busy share of each instance's servers, at full speed, 0 to 1, by slot."""
        rule = self.model.primitives[fleet]
        assert isinstance(rule, Fleet)
        slots = self.model.fleet_slots(fleet)
        full = rule.servers * rule.speed * self.passed_s
        work = self.change["work"][slots.start : slots.stop] / full
        return {k: min(1.0, float(share) * self.slower.get((fleet, k), 1.0)) for k, share in enumerate(work)}

    def requests(self, fleet: str) -> float:
        """Requests given to the fleet's instances."""
        slots = self.model.fleet_slots(fleet)
        return float(self.change["visits"][slots.start : slots.stop].sum())

    def tokens(self, bucket: str) -> float:
        """Tokens taken from a bucket."""
        return float(self.change["taken"][self.model.buckets[bucket]])

    def refused(self, bucket: str) -> float:
        """Tokens asked of a bucket and refused."""
        return float(self.change["refused"][self.model.buckets[bucket]])

    def leased(self, environments: str) -> float:
        """Mean number of environments in use."""
        return float(self.change["env"][self.model.environments[environments]]) / self.passed_s

    def waiting(self, queue: str) -> float:
        """Messages of a queue that wait now."""
        things = self.run.state.things
        lines = things.lines["len"][len(things.instances) + len(things.pools) :]
        shards = self.model.shard_range(queue)
        return float(lines[shards.start : shards.stop].sum())

    def consuming(self, queue: str) -> float:
        """Batches of a queue being processed now."""
        shards = self.model.shard_range(queue)
        return float(self.run.state.things.shards["use"][shards.start : shards.stop].sum())

    def in_flight(self, queue: str) -> float:
        """Messages of a queue that are received and not yet processed, now."""
        shards = self.model.shard_range(queue)
        return float(self.run.state.things.shards["flying"][shards.start : shards.stop].sum())

    def sent(self, queue: str) -> float:
        """Messages sent to a queue."""
        shards = self.model.shard_range(queue)
        return float(self.change["sent"][shards.start : shards.stop].sum())

    def values(self, active: Mapping[str, tuple[int, ...]]) -> dict[str, float]:
        """The sample: ``primitive:metric`` to value.

        Args:
            active: Slots in service, by fleet.
        """
        things, model, passed_s = self.run.state.things, self.model, self.passed_s
        waiting = things.lines["len"]
        row: dict[str, float] = {":offered": float(self.change["arrived"][0]) / passed_s}
        row[":in flight"] = float(self.run.in_flight)
        for name, primitive in model.primitives.items():
            if isinstance(primitive, Fleet):
                slots = active[name]
                first = model.fleet_slots(name).start
                in_service = things.instances["n"]
                shares = self.cpu(name)
                row[f"{name}:utilization"] = sum(shares[slot] for slot in slots) / max(1, len(slots))
                row[f"{name}:queue"] = float(
                    sum(waiting[first + k] + max(0, int(in_service[first + k]) - primitive.servers) for k in slots)
                )
            elif isinstance(primitive, Pool):
                pools = model.pool_range(name)
                part = slice(pools.start, pools.stop)
                row[f"{name}:in use"] = float(self.change["pool"][part].sum()) / passed_s
                row[f"{name}:waiting"] = float(waiting[len(things.instances) :][part].sum())
            elif isinstance(primitive, Bucket):
                k = model.buckets[name]
                row[f"{name}:taken"] = float(self.change["taken"][k]) / passed_s
                row[f"{name}:refused"] = float(self.change["refused"][k]) / passed_s
                row[f"{name}:level"] = float(things.buckets["level"][k])
            elif isinstance(primitive, Environments):
                k = model.environments[name]
                row[f"{name}:in use"] = float(self.change["env"][k]) / passed_s
                row[f"{name}:cold starts"] = float(self.change["colds"][k]) / passed_s
                row[f"{name}:throttled"] = float(self.change["throttled"][k]) / passed_s
            elif isinstance(primitive, Cache):
                k = model.caches[name]
                looked, hit = self.change["lookups"][k], self.change["hits"][k]
                row[f"{name}:hit ratio"] = float(hit / looked) if looked else float("nan")
            elif isinstance(primitive, Queue):
                mine = slice(model.shard_range(name).start, model.shard_range(name).stop)
                row[f"{name}:waiting"] = self.waiting(name)
                kept = things.shards["sent"][mine] - things.shards["processed"][mine] - things.shards["dropped"][mine]
                row[f"{name}:kept"] = float(kept.sum())
                row[f"{name}:consumers"] = float(things.shards["concurrency"][mine].sum())
                row[f"{name}:in flight"] = float(things.shards["flying"][mine].sum())
                row[f"{name}:sent"] = float(self.change["sent"][mine].sum()) / passed_s
                row[f"{name}:processed"] = float(self.change["processed"][mine].sum()) / passed_s
        for k, component in enumerate(model.components):
            row[f"{component}:visits"] = float(self.change["comp"][k]) / passed_s
        return row
