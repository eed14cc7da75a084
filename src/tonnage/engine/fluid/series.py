"""Samples of a fluid run: copies of its levels, turned into series when it has ended."""

import numpy as np
from numpy.typing import NDArray

from tonnage.engine.fluid.run import FluidRun
from tonnage.engine.primitives import Bucket, Environments, Fleet, Pool, Queue

Floats = NDArray[np.float64]

_LEVELS = ("wait", "busy", "refused", "server_s", "instances", "speed", "cold")


class Samples:
    """Copies of a run's levels and flows.

    Args:
        run: The run.
    """

    def __init__(self, run: FluidRun) -> None:
        self.run = run
        self.times_s: list[float] = []
        self._levels: list[Floats] = []
        self._visits: list[Floats] = []
        self._called: list[Floats] = []
        self._routes: list[Floats] = []

    def take(self, time_s: float) -> None:
        """Copy the run as it stands."""
        self.times_s.append(time_s)
        self._levels.append(np.array([getattr(self.run.levels, name) for name in _LEVELS]))
        self._visits.append(self.run.flows.visits.copy())
        self._called.append(self.run.flows.called.copy())
        self._routes.append(self.run.flows.route.copy())

    def series(self) -> dict[str, Floats]:
        """``primitive:metric`` to values by sample, named as a request-level run names them."""
        if not self.times_s:
            return {}
        layout = self.run.layout
        stacked, visits, routes = np.stack(self._levels), np.stack(self._visits), np.stack(self._routes)
        levels = {name: stacked[:, k] for k, name in enumerate(_LEVELS)}
        outside = layout.code.feeds < 0
        found = {
            ":offered": routes[:, outside, 0].sum(axis=1),
            ":in flight": (routes[:, :, 0] * routes[:, :, 2]).sum(axis=1),
        }
        for name, k in layout.queues.items():
            one = {level: values[:, k] for level, values in levels.items()}
            follows = layout.rules.follows[k]
            servers = layout.rules.servers[k] * (levels["instances"][:, follows] if follows >= 0 else 1.0)
            found |= self._queue(name, one, visits[:, k], np.asarray(servers * np.ones(len(stacked))))
        called = np.stack(self._called)
        for component in dict.fromkeys(layout.visits):
            mine = [visit for visit, other in enumerate(layout.visits) if other == component]
            found[f"{component}:visits"] = called[:, mine].sum(axis=1)
        return found

    def _queue(self, name: str, levels: dict[str, Floats], visits: Floats, servers: Floats) -> dict[str, Floats]:
        primitive = self.run.layout.model.primitives[name]
        used, refused = levels["busy"] * servers, visits * levels["refused"]
        # Little's law: what waits is done at the rate of the busy servers.
        waiting = levels["wait"] * used / np.maximum(levels["server_s"], 1e-12)
        if isinstance(primitive, Fleet):
            share = levels["busy"] * levels["speed"] / primitive.speed
            return {f"{name}:utilization": np.minimum(share, 1.0), f"{name}:queue": waiting}
        if isinstance(primitive, Queue):
            return {f"{name}:in use": used, f"{name}:waiting": waiting * primitive.batch}
        if isinstance(primitive, Pool):
            return {f"{name}:in use": used, f"{name}:waiting": waiting}
        if isinstance(primitive, Environments):
            return {
                f"{name}:in use": used,
                f"{name}:cold starts": levels["cold"] * visits,
                f"{name}:throttled": refused,
            }
        assert isinstance(primitive, Bucket)
        level = primitive.capacity - levels["wait"] * levels["speed"]
        return {f"{name}:taken": visits - refused, f"{name}:refused": refused, f"{name}:level": level}
