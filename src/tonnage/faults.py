"""Faults at work: each fault of a scenario becomes a few deeds, done to a run and its controls at their times."""

import heapq
import itertools
import math
from collections.abc import Callable, Mapping, Sequence

from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.engine.primitives import Cache, Fleet
from tonnage.engine.run import Run
from tonnage.scaling.control import ControlLoop
from tonnage.scaling.readings import Happening
from tonnage.workload import Fault, WorkloadError

DETECTION_S = 60.0
"""Until a load balancer takes a lost instance out: two failed health checks 30 s apart, the defaults of a target group
(User Guide for Application Load Balancers, "Health checks for your target groups")."""
ZONES = 3
"""Availability Zones that instances are taken to be spread over."""
WARMING_S = 300.0
"""How long a cache whose keys are unknown takes to come back to its hit ratio, in a straight line from nothing."""
_WARMING_STEPS = 20

_Deed = Callable[[], None]


class FaultsAtWork:
    """The faults of one scenario during one run.

    Args:
        compiled: The workload.
        faults: What goes wrong.
        start_s: Time of the run at which the judged time begins.
        run: The run.
        loop: Its controls.

    Raises:
        WorkloadError: A fault names a component that is not there, or that cannot have it.
    """

    def __init__(
        self, compiled: Compiled, faults: Sequence[Fault], start_s: float, run: Run, loop: ControlLoop
    ) -> None:
        self.strike = bool(faults)
        self.slower: dict[tuple[str, int], float] = {}
        self._compiled, self._run, self._loop = compiled, run, loop
        self._order = itertools.count()
        self._due: list[tuple[float, int, _Deed]] = []
        self._wrong: dict[str, dict[str, float]] = {}
        for fault in faults:
            self._plan(fault, start_s + fault.at_s, start_s + fault.end_s)

    def next_s(self) -> float:
        """When something happens next; infinity when nothing does."""
        return self._due[0][0] if self._due else math.inf

    def act(self, now_s: float) -> None:
        """Do what is due."""
        while self._due and self._due[0][0] <= now_s + 1e-9:
            heapq.heappop(self._due)[2]()

    def _at(self, time_s: float, deed: _Deed) -> None:
        heapq.heappush(self._due, (time_s, next(self._order), deed))

    def _plan(self, fault: Fault, begin_s: float, end_s: float) -> None:
        name = fault.component or ""
        if fault.component is not None and name not in self._compiled.workload.components:
            known = ", ".join(self._compiled.workload.components)
            raise WorkloadError(f"There is no component {name} for a fault", remedy=f"There are: {known}.")
        self._at(begin_s, lambda: self._tell(begin_s, name or "Traffic", fault.text))
        if fault.kind == "zone loss":
            self._lose_zone(begin_s, end_s)
        elif fault.kind == "instance loss":
            self._lose(self._fleet(fault), fault.count, begin_s, end_s)
        elif fault.kind == "slow instances":
            fleet = self._fleet(fault)
            self._at(begin_s, lambda: self._slow(fleet, fault.count, fault.factor))
            self._at(end_s, lambda: self._slow(fleet, fault.count, None))
        elif fault.kind in {"latency", "errors"}:
            wrong = {"delay_s": fault.delay_s} if fault.kind == "latency" else {"errors": fault.share}
            self._visits(name, wrong, begin_s, end_s)
        elif fault.kind == "cold cache":
            self._cool(name, begin_s)
        elif fault.kind == "deployment":
            self._deploy(self._fleet(fault), fault.share, begin_s)

    def _tell(self, time_s: float, component: str, text: str) -> None:
        self._loop.happenings.append(Happening(time_s=time_s, primitive=component, text=text))

    def _fleets(self, component: str) -> list[str]:
        primitives = self._compiled.model.primitives
        return [n for n, p in primitives.items() if isinstance(p, Fleet) and component_of(n) == component]

    def _fleet(self, fault: Fault) -> str:
        """The fleet that a fault strikes; the first, where a component has several."""
        fleets = self._fleets(fault.component or "")
        if not fleets or (fault.kind == "deployment" and fleets[0] not in self._loop.groups):
            raise WorkloadError(
                f"{fault.component} has no instances to strike with a {fault.kind}",
                remedy="Name a group of instances.",
            )
        return fleets[0]

    def _lose_zone(self, begin_s: float, end_s: float) -> None:
        for name, behaviour in self._compiled.behaviours.items():
            for fleet in self._fleets(name):
                if fleet in self._loop.groups:
                    self._lose(fleet, None, begin_s, end_s)
            if behaviour.zone_loss_s > 0:
                self._visits(name, {"errors": 1.0}, begin_s, min(end_s, begin_s + behaviour.zone_loss_s))

    def _lose(self, fleet: str, count: int | None, begin_s: float, end_s: float) -> None:
        """Instances are gone; ``count`` None means those of one zone."""

        def gone() -> None:
            active = self._loop.active(fleet)
            lost = active[::ZONES] if count is None else active[:count]
            for slot in lost:
                self._run.lose(fleet, slot)
            self._at(begin_s + DETECTION_S, lambda: self._loop.lose(fleet, lost))
            if fleet not in self._loop.groups:
                self._at(max(end_s, begin_s + DETECTION_S), lambda: self._loop.restore(fleet, lost))

        self._at(begin_s, gone)

    def _slow(self, fleet: str, count: int, factor: float | None) -> None:
        if factor is None:
            for key in [key for key in self.slower if key[0] == fleet]:
                del self.slower[key]
            rule = self._compiled.model.primitives[fleet]
            assert isinstance(rule, Fleet)
            for slot in self._loop.active(fleet):
                self._run.set_speed(fleet, slot, rule.speed)
        else:
            self.slower.update(dict.fromkeys([(fleet, slot) for slot in self._loop.active(fleet)[:count]], factor))

    def _visits(self, component: str, wrong: Mapping[str, float], begin_s: float, end_s: float) -> None:
        def change(values: Mapping[str, float]) -> _Deed:
            def deed() -> None:
                now = self._wrong.setdefault(component, {})
                now |= values
                self._run.set_fault(component, **now)

            return deed

        self._at(begin_s, change(wrong))
        self._at(end_s, change(dict.fromkeys(wrong, 0.0)))

    def _cool(self, component: str, begin_s: float) -> None:
        caches = {
            n: p
            for n, p in self._compiled.model.primitives.items()
            if isinstance(p, Cache) and component_of(n) == component
        }
        if not caches:
            raise WorkloadError(f"{component} is not a cache that can be emptied", remedy="Name a cache.")
        for name, cache in caches.items():
            if cache.hit_ratio is None:
                self._at(begin_s, lambda name=name: self._run.flush(name))  # type: ignore[misc]
                continue
            for k in range(_WARMING_STEPS + 1):
                ratio = cache.hit_ratio * k / _WARMING_STEPS
                warm = lambda name=name, ratio=ratio: self._run.set_hit_ratio(name, ratio)  # noqa: E731
                self._at(begin_s + WARMING_S * k / _WARMING_STEPS, warm)

    def _deploy(self, fleet: str, share: float, begin_s: float) -> None:
        """Replace all instances, a share at a time: the next when the last have booted."""

        def begin() -> None:
            old = list(self._loop.active(fleet))
            at_once = max(1, math.floor(share * len(old)))
            for k, first in enumerate(range(0, len(old), at_once)):
                some = old[first : first + at_once]
                renew = lambda some=some: self._loop.renew(fleet, some)  # noqa: E731
                self._at(begin_s + k * (self._loop.groups[fleet].boot_s + 1.0), renew)

        self._at(begin_s, begin)
