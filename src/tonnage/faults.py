"""Faults at work: each fault of a scenario becomes a few deeds, done to a run and its controls at their times."""

import heapq
import itertools
import math
from collections.abc import Callable, Collection, Mapping, Sequence

from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.engine.primitives import Cache, Fleet
from tonnage.engine.run import Run
from tonnage.scaling import replacement
from tonnage.scaling.control import ControlLoop
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.readings import Happening
from tonnage.scaling.roster import Refresh, Roster, without
from tonnage.workload import Fault, WorkloadError

DETECTION_S = 60.0
"""Until instances without a group are missed: two failed health checks 30 s apart, the defaults of a target group
(User Guide for Application Load Balancers, "Health checks for your target groups")."""
ROLLING_PERCENT = (75.0, 125.0)
"""Least and most of the replicas during a rolling update of a Deployment: maxUnavailable and maxSurge of 25 %, the
defaults (Kubernetes documentation, "Deployments", rolling update)."""
POD_ZONES = 3
"""Availability Zones that pods are taken to be spread over."""
STRUCK_ZONE = 0
"""The zone that is lost."""
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
        self._struck: dict[tuple[str, int], float] = {}
        self._follow_offers()
        for fault in faults:
            self._plan(fault, start_s + fault.at_s, start_s + fault.end_s)

    def next_s(self) -> float:
        """When something happens next; infinity when nothing does."""
        return self._due[0][0] if self._due else math.inf

    def act(self, now_s: float) -> None:
        """Do what is due."""
        while self._due and self._due[0][0] <= now_s + 1e-9:
            heapq.heappop(self._due)[2]()
        self._follow_offers()

    def _follow_offers(self) -> None:
        """Bring up to date which instances are slower than the one that their fleet is made of, and how much."""
        paces = {fleet: pace for fleet in self._loop.groups if (pace := self._loop.pace(fleet))}
        if not (paces or self._struck or self.slower):
            return
        self.slower.clear()
        self.slower |= self._struck
        for fleet, pace in paces.items():
            for slot, speed in pace.items():
                self.slower[fleet, slot] = self._struck.get((fleet, slot), 1.0) / speed

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
        elif fault.kind == "unhealthy instances":
            fleet = self._group(fault)
            self._fail(fleet, lambda: self._loop.active(fleet)[: fault.count], begin_s, end_s, impaired=False)
        elif fault.kind == "Spot interruption":
            self._interrupt(self._group(fault), fault.share, begin_s)
        elif fault.kind == "failing launches":
            self._shut(self._group(fault), None, begin_s, end_s)
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
            pods = next((f for f in self._fleets(name) if f in self._loop.cluster.groups), None)
            if pods is not None:
                self._at(begin_s, lambda: self._loop.roll_out(pods, fault.healthy_percent or ROLLING_PERCENT))
            else:
                self._deploy(self._group(fault), fault, begin_s)

    def _tell(self, time_s: float, component: str, text: str) -> None:
        self._loop.happenings.append(Happening(time_s=time_s, primitive=component, text=text))

    def _fleets(self, component: str) -> list[str]:
        primitives = self._compiled.model.primitives
        return [n for n, p in primitives.items() if isinstance(p, Fleet) and component_of(n) == component]

    def _fleet(self, fault: Fault) -> str:
        """The fleet that a fault strikes; the first, where a component has several."""
        fleets = self._fleets(fault.component or "")
        if not fleets:
            raise self._refusal(fault)
        return fleets[0]

    def _group(self, fault: Fault) -> str:
        """The fleet that a fault strikes, which must be a group that launches its own instances."""
        fleet = next((each for each in self._fleets(fault.component or "") if each in self._loop.groups), None)
        if fleet is None:
            raise self._refusal(fault)
        if fault.kind == "Spot interruption" and not any(o.spot for o in self._loop.groups[fleet].offers):
            raise WorkloadError(
                f"{fault.component} has no Spot Instances to interrupt",
                remedy="Name a group whose InstancesDistribution asks for Spot.",
            )
        return fleet

    def _refusal(self, fault: Fault) -> WorkloadError:
        return WorkloadError(
            f"{fault.component} has no instances to strike with a {fault.kind}", remedy="Name a group of instances."
        )

    def _lose_zone(self, begin_s: float, end_s: float) -> None:
        for name, behaviour in self._compiled.behaviours.items():
            for fleet in self._fleets(name):
                if fleet in self._loop.groups:
                    self._shut(fleet, STRUCK_ZONE, begin_s, end_s)
                    self._at(begin_s, lambda fleet=fleet: self._loop.change(fleet, _without_launches))  # type: ignore[misc]
                    in_zone = lambda fleet=fleet: self._loop.active(fleet, STRUCK_ZONE)  # noqa: E731
                    self._fail(fleet, in_zone, begin_s, end_s, impaired=True)
                elif fleet in self._loop.cluster.groups:
                    self._lose(fleet, None, begin_s, end_s)
            if behaviour.zone_loss_s > 0:
                self._visits(name, {"errors": 1.0}, begin_s, min(end_s, begin_s + behaviour.zone_loss_s))

    def _shut(self, fleet: str, zone: int | None, begin_s: float, end_s: float) -> None:
        """Launches fail in a zone of a group, or in all."""
        zones = range(self._loop.groups[fleet].zones) if zone is None else (zone,)
        self._at(begin_s, lambda: self._loop.change(fleet, lambda roster: replacement.shut(roster, zones)))
        self._at(end_s, lambda: self._loop.change(fleet, lambda roster: replacement.reopen(roster, zones)))

    def _fail(
        self, fleet: str, which: Callable[[], Collection[int]], begin_s: float, end_s: float, *, impaired: bool
    ) -> None:
        """Instances of a group run on without an answer, until they are replaced or it is over."""
        group = self._loop.groups[fleet]
        found_s = begin_s + group.found_out_s
        failed: list[int] = []

        def gone() -> None:
            failed.extend(which())
            for slot in failed:
                self._run.lose(fleet, slot)

        def found_out() -> None:
            self._loop.change(fleet, lambda roster: replacement.fail(roster, failed, found_s, impaired=impaired))

        def back() -> None:
            # Taken out for no time, so that they answer again where nobody has noticed.
            self._run.set_active(fleet, [slot for slot in self._loop.active(fleet) if slot not in failed])
            self._loop.change(fleet, lambda roster: replacement.recover(roster, failed))

        self._at(begin_s, gone)
        if end_s > found_s:
            self._at(found_s, found_out)
        self._at(end_s + (group.taken_in_s if end_s > found_s else 0.0), back)

    def _interrupt(self, fleet: str, share: float, begin_s: float) -> None:
        """Spot takes back some of a group's instances, two minutes after its notice."""

        def notice() -> None:
            group, memory = self._loop.groups[fleet], self._loop.memory[fleet]
            spot = [i.slot for i in memory.instances if i.stays and group.offers[i.offer].spot]
            taken = spot[: math.ceil(share * len(spot) - 1e-9)]
            self._loop.change(
                fleet,
                lambda roster: replacement.interrupt(
                    group, roster, taken, begin_s, maximum=memory.maximum, found_out_s=group.found_out_s
                ),
            )
            self._at(begin_s + replacement.NOTICE_S, lambda: self._take_back(fleet, taken, begin_s))

        self._at(begin_s, notice)

    def _take_back(self, fleet: str, slots: Collection[int], noticed_s: float) -> None:
        """The end of the instances that are still there: not those that have taken their slots meanwhile."""
        for instance in self._loop.memory[fleet].instances:
            if instance.slot in slots and instance.launched_s < noticed_s:
                self._run.lose(fleet, instance.slot)

    def _lose(self, fleet: str, count: int | None, begin_s: float, end_s: float) -> None:
        """Instances are gone at once; ``count`` None means the pods of one zone of three."""

        def gone() -> None:
            active = self._loop.active(fleet)
            lost = active[::POD_ZONES] if count is None else active[:count]
            for slot in lost:
                self._run.lose(fleet, slot)
            group = self._loop.groups.get(fleet)
            found_s = begin_s + (DETECTION_S if group is None else group.found_out_s)
            self._at(found_s, lambda: self._loop.lose(fleet, lost))
            if fleet not in self._loop.changing:
                self._at(max(end_s, found_s), lambda: self._loop.restore(fleet, lost))

        self._at(begin_s, gone)

    def _slow(self, fleet: str, count: int, factor: float | None) -> None:
        if factor is not None:
            self._struck.update(dict.fromkeys([(fleet, slot) for slot in self._loop.active(fleet)[:count]], factor))
            return
        for key in [key for key in self._struck if key[0] == fleet]:
            del self._struck[key]
        rule = self._compiled.model.primitives[fleet]
        assert isinstance(rule, Fleet)
        for slot in self._loop.active(fleet):
            self._run.set_speed(fleet, slot, rule.speed)

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

    def _deploy(self, fleet: str, fault: Fault, begin_s: float) -> None:
        """An instance refresh of a group, as its maintenance policy or the fault says."""
        group = self._loop.groups[fleet]
        least, most = fault.healthy_percent or group.healthy_percent or (90.0, 100.0)
        refresh = Refresh(
            least_percent=least,
            most_percent=most,
            checkpoints=fault.checkpoints,
            delay_s=fault.pause_s,
            warm_up_s=group.grace_s if group.default_warmup_s is None else group.default_warmup_s,
        )
        begin = lambda roster: replacement.begin_refresh(group, roster, refresh, begin_s)  # noqa: E731
        self._at(begin_s, lambda: self._loop.change(fleet, begin))


def _without_launches(roster: Roster) -> Roster:
    """The roster without the launches under way in the zone that is lost."""
    booting = [i for i in roster.instances if i.zone == STRUCK_ZONE and i.state is InstanceState.PENDING]
    return without(roster, {instance.slot for instance in booting})
