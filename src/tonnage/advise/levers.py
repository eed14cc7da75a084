"""What can be turned at the scaling of a workload: levers, each with a few settings in order.

The mechanisms say which values of their policies are worth trying; sizes and hours come from the need that the history
shows. Only what a patch can write is turned.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tonnage.advise.replay import Elasticity
from tonnage.compile import Compiled
from tonnage.engine.model import component_of
from tonnage.scaling.forecast import LEAST_HOURS
from tonnage.scaling.mechanism import levers as policy_levers
from tonnage.services import (
    DETAILED_MONITORING,
    PodGroup,
    ScalingGroup,
    daily_minimum,
    predictive_policy,
    takes_policies,
    takes_warm_pool,
    tracking_policy,
    warm_pool,
)
from tonnage.workload import Addition, Change, Component, Value

Proposal = Change | Addition

DAY_S = 86_400.0
SWING = 1.5
"""Busy hours are worth a schedule where they need so many times what the quiet ones do."""
_TARGETS = (40, 50, 60, 70)
_FORECAST_TARGETS = (50, 60)
_SLOT_S = 900.0
_BOUNDS = (("MinSize", "MaxSize"), ("MinCapacity", "MaxCapacity"), ("minReplicas", "maxReplicas"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """Something that can be turned.

    Attributes:
        name: For people.
        options: What each setting changes, in order; the present one changes nothing.
        now: Index of the present one.
    """

    name: str
    options: tuple[tuple[Proposal, ...], ...]
    now: int


def levers(compiled: Compiled, needs: Sequence[Elasticity], times_s: NDArray[np.float64]) -> tuple[Lever, ...]:
    """Every lever of every group that scales.

    Args:
        compiled: The workload.
        needs: Of every group, as the history as recorded shows it.
        times_s: (samples,) float64: times of the samples of ``needs``, from the beginning of the traffic.
    """
    found: list[Lever] = []
    groups = {
        control.fleet: control
        for behaviour in compiled.behaviours.values()
        for control in behaviour.controls
        if isinstance(control, ScalingGroup | PodGroup)
    }
    for need in needs:
        component = compiled.workload.components[component_of(need.fleet)]
        boot_s = math.ceil(groups[need.fleet].boot_s / 60.0) * 60.0
        found += _of_policies(component)
        found += _of_sizes(component, need.needed)
        found += _of_group(component, boot_s)
        if takes_policies(component):
            start_s = compiled.workload.traffic.start_s
            found += _new_policies(component, need.needed, start_s + times_s, boot_s)
    return tuple(lever for lever in found if len(lever.options) > 1)


def _of_policies(component: Component) -> Iterator[Lever]:
    for policy in component.policies:
        for setting, values in policy_levers(policy).items():
            if setting in policy.origins:
                yield _lever(component, setting, policy.settings.get(setting), values, policy.name)


def _of_sizes(component: Component, needed: NDArray[np.float64]) -> Iterator[Lever]:
    least, half, most = (int(np.quantile(needed, share)) for share in (0.0, 0.5, 1.0))
    for low, high in _BOUNDS:
        minimum, maximum = component.settings.get(low), component.settings.get(high)
        if not (isinstance(minimum, int | float) and isinstance(maximum, int | float)):
            continue
        if component.origins.get(low) is not None:
            smallest = {value for value in (least, least + 1, half, math.ceil(0.75 * most)) if 1 <= value <= maximum}
            yield _lever(component, low, minimum, sorted({*smallest, minimum}))
        if component.origins.get(high) is not None:
            largest = {value for value in (most, math.ceil(1.3 * most), 2 * most) if value >= minimum}
            yield _lever(component, high, maximum, sorted({*largest, maximum}))


def _of_group(component: Component, boot_s: float) -> Iterator[Lever]:
    own = [policy.settings.get("EstimatedInstanceWarmup") is not None for policy in component.policies]
    if component.origins.get("DefaultInstanceWarmup") is not None and not all(own):
        now = component.settings.get("DefaultInstanceWarmup")
        values = {boot_s, 2.0 * boot_s} | ({float(now)} if isinstance(now, int | float) else set())
        yield _lever(component, "DefaultInstanceWarmup", now, sorted(values))
    if component.origins.get(DETAILED_MONITORING) and not component.settings.get(DETAILED_MONITORING):
        yield Lever(
            name=f"{component.name} {DETAILED_MONITORING}",
            options=((), (_change(component, DETAILED_MONITORING, component.settings.get(DETAILED_MONITORING), True),)),
            now=0,
        )


def _new_policies(
    component: Component, needed: NDArray[np.float64], unix_s: NDArray[np.float64], boot_s: float
) -> Iterator[Lever]:
    mechanisms = {policy.mechanism for policy in component.policies}
    if "target tracking" not in mechanisms:
        yield _added(f"{component.name} target tracking", [tracking_policy(component, each) for each in _TARGETS])
    if "predictive" not in mechanisms and len(unix_s) and unix_s[-1] - unix_s[0] >= 3600.0 * LEAST_HOURS:
        yield _added(f"{component.name} forecast", [predictive_policy(component, each) for each in _FORECAST_TARGETS])
    if takes_warm_pool(component):
        yield _added(f"{component.name} warm pool", [warm_pool(component)])
    minimum = component.settings.get("MinSize")
    hours = busy_hours(needed, unix_s, boot_s) if "scheduled" not in mechanisms else None
    if hours is not None and isinstance(minimum, int | float) and hours.most > minimum:
        schedules = [
            daily_minimum(component, least=int(minimum), most=most, rise=hours.rise, fall=hours.fall)
            for most in sorted({math.ceil((minimum + hours.most) / 2), hours.most})
            if most > minimum
        ]
        yield _added(f"{component.name} busy hours", schedules)


@dataclass(frozen=True, slots=True, kw_only=True)
class BusyHours:
    """The part of every day that needs most.

    Attributes:
        rise: Hour and minute, UTC, at which capacity is started for it.
        fall: Hour and minute at which it ends.
        most: Instances needed in it on a usual day.
    """

    rise: tuple[int, int]
    fall: tuple[int, int]
    most: int


def busy_hours(needed: NDArray[np.float64], unix_s: NDArray[np.float64], boot_s: float) -> BusyHours | None:
    """The longest stretch of the day above the middle of its need; None where days are too few or too even.

    Args:
        needed: (samples,) float64, instances.
        unix_s: (samples,) float64, Unix times.
        boot_s: How long an instance takes to start: they are wanted that much earlier, and five minutes more.
    """
    if not len(unix_s) or unix_s[-1] - unix_s[0] < 1.5 * DAY_S:
        return None
    slots = round(DAY_S / _SLOT_S)
    slot = (np.floor_divide(unix_s, _SLOT_S) % slots).astype(int)
    usual = np.array([np.median(needed[slot == k]) if np.any(slot == k) else 0.0 for k in range(slots)])
    low, high = float(usual.min()), float(usual.max())
    if high < SWING * max(low, 1.0):
        return None
    busy = usual > (low + high) / 2.0
    begin, length = _longest(busy)
    rise_s = (begin * _SLOT_S - boot_s - 300.0) % DAY_S
    fall_s = ((begin + length) * _SLOT_S) % DAY_S
    stretch = usual[(begin + np.arange(length)) % slots]
    return BusyHours(rise=_clock(rise_s), fall=_clock(fall_s), most=math.ceil(float(np.quantile(stretch, 0.9))))


def _longest(busy: NDArray[np.bool_]) -> tuple[int, int]:
    """Beginning and length of the longest run of True around a circle that is not all True."""
    quiet = np.flatnonzero(~busy)
    following = np.append(quiet[1:], quiet[0] + len(busy))
    k = int(np.argmax(following - quiet))
    return int(quiet[k] + 1) % len(busy), int(following[k] - quiet[k] - 1)


def _clock(time_s: float) -> tuple[int, int]:
    return int(time_s // 3600), int(time_s % 3600 // 60)


def _lever(
    component: Component, setting: str, before: Value, values: Sequence[float], policy: str | None = None
) -> Lever:
    """A setting and its values; what is unset comes before the first."""
    tidy = [int(value) if value == int(value) else value for value in values]
    options = [() if value == before else (_change(component, setting, before, value, policy),) for value in tidy]
    if before not in tidy:
        options.insert(0, ())
    return Lever(name=f"{policy or component.name} {setting}", options=tuple(options), now=options.index(()))


def _change(component: Component, setting: str, before: Value, after: Value, policy: str | None = None) -> Change:
    also: tuple[Change, ...] = ()
    desired = component.settings.get("DesiredCapacity")
    if setting == "MinSize" and isinstance(desired, int | float) and isinstance(after, int) and desired < after:
        also = (_change(component, "DesiredCapacity", desired, after),)
    return Change(component=component.name, setting=setting, before=before, after=after, policy=policy, also=also)


def _added(name: str, additions: Sequence[Addition]) -> Lever:
    return Lever(name=name, options=((), *((addition,) for addition in additions)), now=0)


__all__ = ["BusyHours", "Lever", "Proposal", "busy_hours", "levers"]
