"""Model + Scenario → Outcome: the day before the peak coarsely, the peak request by request.

The coarse run gives every control (instances, credits, burst balances) the history it would have had; it knows only
utilization (the utilization law) and drives the same policies. The request-level run starts from there.
"""

import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tonnage.compile import Compiled
from tonnage.engine.kernels.histogram import COARSE_BITS, FINE_BITS, bucket_of
from tonnage.engine.offered import Offered
from tonnage.engine.outcome import ComponentOutcome, Failure, Outcome, RouteOutcome
from tonnage.engine.primitives import Bucket, Cache, Environments, Fleet, Pool, Queue, exponential
from tonnage.engine.run import Run
from tonnage.engine.sampling import Reading, Sampler
from tonnage.engine.start import Measure
from tonnage.faults import FaultsAtWork
from tonnage.scaling.control import ControlLoop
from tonnage.scaling.instances import InstanceState
from tonnage.scaling.predictive_scaling import HOUR_S, MOST_HOURS, HourlyLoad
from tonnage.scaling.readings import BucketRate, Consumers, Provisioned, Readings
from tonnage.services import Control, OnDemandCapacity, PodGroup, ScalingGroup
from tonnage.workload import Scenario, Traffic

COARSE_STEP_S = 60.0
SPIKE_STEP_S = 5.0
SAMPLE_S = 10.0
LONG_S = 3600.0
HISTORY_S = 24 * 3600.0
SETTLE_S = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The part of a traffic that a simulation looks at; time 0 is the beginning of the lead.

    Attributes:
        lead_s: Where the judged time begins.
        judged_s: Length of the judged time.
        judged_from_s: Time of the traffic at which the judged time begins.
        past_per_s: (hours,) float64: mean rates of the traffic's whole Unix hours before the coarse minutes, newest
            last, no more than predictive scaling looks back.
        before_per_s: (minutes,) float64: rates of the coarse minutes before time 0.
        rates_per_s: (steps,) float64: rates from time 0 on.
        step_s: Length of a step of ``rates_per_s``.
    """

    lead_s: float
    judged_s: float
    judged_from_s: float
    past_per_s: NDArray[np.float64] = field(repr=False)
    before_per_s: NDArray[np.float64] = field(repr=False)
    rates_per_s: NDArray[np.float64] = field(repr=False)
    step_s: float

    @property
    def judged_rates_per_s(self) -> NDArray[np.float64]:
        """(steps,) float64: rates of the judged time alone."""
        first = round(self.lead_s / self.step_s)
        return self.rates_per_s[first : first + math.ceil(self.judged_s / self.step_s - 1e-9)]


def stretch(traffic: Traffic, scenario: Scenario) -> Stretch:
    """The busiest stretch of a traffic, with the day before it.

    A traffic shorter than the judged time is judged whole. What lies before the beginning of the traffic is taken to
    be as its first step.
    """
    rates = np.asarray(traffic.rates_per_s, dtype=np.float64) * scenario.factor
    judged_s = min(scenario.window_s, traffic.duration_s)
    begin_s = traffic.busiest(judged_s) * traffic.step_s
    if traffic.step_s > judged_s:
        begin_s += (traffic.step_s - judged_s) / 2.0
    step_s = min(traffic.step_s, COARSE_STEP_S)
    zero_s = begin_s - scenario.lead_s

    def at(times_s: NDArray[np.float64]) -> NDArray[np.float64]:
        index = np.clip(np.floor(times_s / traffic.step_s + 1e-9), 0, len(rates) - 1).astype(np.int64)
        return rates[index]

    length_s = scenario.lead_s + judged_s + scenario.run_out_s
    history_s = min(HISTORY_S, max(0.0, zero_s))
    minutes = math.ceil((history_s + SETTLE_S) / COARSE_STEP_S)
    before_s = zero_s - COARSE_STEP_S * np.arange(minutes, 0, -1, dtype=np.float64)
    spikes = [fault for fault in scenario.faults if fault.kind == "spike"]
    if spikes:
        step_s /= math.ceil(step_s / SPIKE_STEP_S)
    fine = math.ceil(length_s / step_s)
    offered = at(zero_s + step_s * np.arange(fine, dtype=np.float64))
    for spike in spikes:
        first, last = (round((scenario.lead_s + time_s) / step_s) for time_s in (spike.at_s, spike.end_s))
        offered[first:last] *= spike.factor
    return Stretch(
        lead_s=scenario.lead_s,
        judged_s=judged_s,
        judged_from_s=traffic.start_s + begin_s,
        past_per_s=_hourly_before(traffic, rates, float(before_s[0])),
        before_per_s=at(before_s),
        rates_per_s=offered,
        step_s=step_s,
    )


def _hourly_before(traffic: Traffic, rates_per_s: NDArray[np.float64], end_s: float) -> NDArray[np.float64]:
    """Mean rates of whole Unix hours up to a time since the beginning of a traffic, newest last."""
    last = math.floor((traffic.start_s + end_s) / HOUR_S + 1e-9)
    first = max(math.ceil(traffic.start_s / HOUR_S - 1e-9), last - MOST_HOURS)
    if last <= first:
        return np.zeros(0)
    edges_s = HOUR_S * np.arange(first, last + 1, dtype=np.float64) - traffic.start_s
    steps_s = traffic.step_s * np.arange(len(rates_per_s) + 1, dtype=np.float64)
    requests = np.concatenate([[0.0], np.cumsum(rates_per_s)]) * traffic.step_s
    return np.asarray(np.diff(np.interp(edges_s, steps_s, requests)) / HOUR_S, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The coarse run of the hours before the peak and of the peak itself.

    Attributes:
        loop: The controls at time 0.
        instances: Mean instances in service or pending over the whole time, by fleet.
        kinds: Mean instances by the offer they are got by, and those prepared in a warm pool, by fleet where not all
            are alike.
        surplus_s_per_h: Surplus credits spent per hour, server-seconds, by fleet.
        provisioned: Mean of what is billed by how much of it is there, by primitive.
        hours: Length of the time.
        levels: Tokens in each rejecting bucket at time 0: burst capacity may be spent before the peak begins.
    """

    loop: ControlLoop
    instances: Mapping[str, float]
    kinds: Mapping[str, Mapping[str, float]]
    surplus_s_per_h: Mapping[str, float]
    provisioned: Mapping[str, float]
    hours: float
    levels: Mapping[str, float]


class Meter:
    """What is billed by how much of it is there, and for how long.

    Args:
        loop: The controls, when the meter begins.
        fleets: The fleets that are counted.
    """

    def __init__(self, loop: ControlLoop, fleets: Iterable[str]) -> None:
        self._instances = dict.fromkeys(fleets, 0.0)
        self._kinds: dict[str, dict[str, float]] = {
            fleet: {} for fleet, group in loop.groups.items() if len(group.offers) > 1 or group.warm_pool
        }
        self._provisioned: dict[str, float] = dict.fromkeys(loop.provisioned(), 0.0)
        self._surplus_s = dict(loop.surplus_s)
        self._passed_s = 0.0

    def add(self, loop: ControlLoop, passed_s: float) -> None:
        """Count what is there for so long."""
        self._passed_s += passed_s
        for fleet in self._instances:
            there = loop.count(fleet, InstanceState.IN_SERVICE) + loop.count(fleet, InstanceState.PENDING)
            self._instances[fleet] += passed_s * there
        for fleet, counts in self._kinds.items():
            for kind, count in loop.kinds(fleet).items():
                counts[kind] = counts.get(kind, 0.0) + passed_s * count
        for name, units in loop.provisioned().items():
            self._provisioned[name] = self._provisioned.get(name, 0.0) + passed_s * units

    def day(self, loop: ControlLoop, zero: ControlLoop, levels: Mapping[str, float]) -> Day:
        """The means so far, as a day with these controls and levels at time 0."""
        passed_s = max(self._passed_s, COARSE_STEP_S)
        hours = passed_s / 3600.0
        return Day(
            loop=zero,
            instances={fleet: total / passed_s for fleet, total in self._instances.items()},
            kinds={f: {kind: n / passed_s for kind, n in counts.items()} for f, counts in self._kinds.items()},
            provisioned={name: total / passed_s for name, total in self._provisioned.items()},
            surplus_s_per_h={f: (s - self._surplus_s.get(f, 0.0)) / hours for f, s in loop.surplus_s.items()},
            hours=hours,
            levels=levels,
        )


def coarse_day(compiled: Compiled, part: Stretch, *, judged: bool = True) -> Day:
    """Run the controls over the hours before time 0, then on over the judged time, at one-minute steps.

    Args:
        compiled: The workload.
        part: The stretch of the traffic.
        judged: Whether to go on over the judged time, for what is billed there.
    """
    fleets = {n: p for n, p in compiled.model.primitives.items() if isinstance(p, Fleet)}
    begin_s = -COARSE_STEP_S * len(part.before_per_s)
    loop = _loop(compiled, fleets, begin_s, part)
    per_minute = max(1, round(COARSE_STEP_S / part.step_s))
    after = part.rates_per_s[: len(part.rates_per_s) // per_minute * per_minute].reshape(-1, per_minute).mean(axis=1)
    settle = round(SETTLE_S / COARSE_STEP_S)
    zero: ControlLoop | None = None
    meter = Meter(loop, fleets)
    kept = _Kept(compiled, loop)
    levels_at_zero: dict[str, float] = {}
    for k, rate in enumerate(np.concatenate([part.before_per_s, after if judged else after[:0]])):
        if k == len(part.before_per_s):
            zero = loop.copy()
            levels_at_zero = dict(kept.levels)
        if k == settle:
            meter = Meter(loop, fleets)
        meter.add(loop, COARSE_STEP_S)
        # Autoscalers of pods act several times a minute, and see then what their last step has done.
        end_s = loop.time_s + COARSE_STEP_S
        while loop.time_s < end_s:
            until_s = min(loop.cluster.next_event_s(), end_s)
            loop.tick(until_s, _coarse_readings(compiled, fleets, loop, kept, float(rate), until_s - loop.time_s))
    if zero is None:
        zero, levels_at_zero = loop.copy(), dict(kept.levels)
    return meter.day(loop, zero, _levels_before(compiled, part, kept.levels) | levels_at_zero)


class _Kept:
    """What is kept from minute to minute: the unused of buckets under control that refuse, and messages that wait."""

    def __init__(self, compiled: Compiled, loop: ControlLoop) -> None:
        primitives = compiled.model.primitives
        self.backlogs: dict[str, float] = dict.fromkeys(loop.reads.queues, 0.0)
        self.levels: dict[str, float] = {}
        for name, rate in loop.bucket_rates().items():
            bucket = primitives[name]
            if isinstance(bucket, Bucket) and bucket.when_empty == "reject":
                self.levels[name] = bucket.capacity if rate.capacity is None else rate.capacity

    def take(self, rate: BucketRate, wanted_per_s: float, step_s: float) -> tuple[float, float]:
        """Tokens taken and refused in a step: what is wanted, as far as the rate and what was kept of it go."""
        wanted = wanted_per_s * step_s
        if rate.bucket not in self.levels:
            return wanted, 0.0
        available = rate.rate_per_s * step_s + self.levels[rate.bucket]
        taken = min(wanted, available)
        most = self.levels[rate.bucket] if rate.capacity is None else rate.capacity
        self.levels[rate.bucket] = min(most, available - taken)
        return taken, wanted - taken

    def process(self, queue: str, sent: float, batches_wanted: float, batches: float) -> float:
        """Batches of a queue being processed in a minute; what does not get its turn waits.

        Args:
            queue: The queue.
            sent: Messages that come.
            batches_wanted: Batches that they would keep in progress.
            batches: Most at once.
        """
        waiting = self.backlogs[queue] + sent
        done = waiting if batches_wanted <= 0.0 else min(waiting, sent * batches / batches_wanted)
        self.backlogs[queue] = waiting - done
        return batches_wanted * done / sent if sent > 0.0 else 0.0


def _batches(compiled: Compiled, loop: ControlLoop, queue: str) -> float:
    """Batches of a queue that are processed at once, at most."""
    primitive = compiled.model.primitives[queue]
    assert isinstance(primitive, Queue)
    if primitive.fleet is not None:
        return float(primitive.per_instance * len(loop.active(primitive.fleet)))
    set_to = next((s.batches for s in loop.settings() if isinstance(s, Consumers) and s.queue == queue), None)
    return float(primitive.concurrency * primitive.shards if set_to is None else set_to)


def _levels_before(compiled: Compiled, part: Stretch, scaled: Collection[str]) -> dict[str, float]:
    """What the hours before time 0 left in the rejecting buckets, each filled and drawn on minute by minute."""
    levels = {}
    for name, bucket in compiled.model.primitives.items():
        if not isinstance(bucket, Bucket) or bucket.when_empty != "reject":
            continue
        if name in scaled:
            continue
        wanted = compiled.means.tokens.get(name, 0.0)
        level = bucket.capacity if bucket.level is None else bucket.level
        for rate in part.before_per_s:
            change = (bucket.rate_per_s - wanted * float(rate)) * COARSE_STEP_S
            level = min(bucket.capacity, max(0.0, level + change))
        levels[name] = level
    return levels


def _loop(compiled: Compiled, fleets: Mapping[str, Fleet], time_s: float, part: Stretch) -> ControlLoop:
    controls = [
        _with_its_past(control, compiled, part)
        for behaviour in compiled.behaviours.values()
        for control in behaviour.controls
    ]
    instances = {name: fleet.instances for name, fleet in fleets.items()}
    history: dict[str, HourlyLoad] = {}
    for control in controls:
        if isinstance(control, PodGroup):
            instances[control.fleet] = control.desired
        if isinstance(control, ScalingGroup):
            wanted = control.minimum if control.desired is None else control.desired
            instances[control.fleet] = min(max(wanted, control.minimum), control.maximum)
            history[control.fleet] = _carried(compiled, control.fleet, fleets[control.fleet], part.past_per_s)
    servers = {name: fleet.servers for name, fleet in fleets.items()}
    epoch_s = part.judged_from_s - part.lead_s
    return ControlLoop(controls, instances, servers, time_s, epoch_s, history, compiled.model.queues)


def _with_its_past(control: Control, compiled: Compiled, part: Stretch) -> Control:
    """A control as its past made it: an on-demand table never forgets a peak, of which hourly means are known."""
    if not isinstance(control, OnDemandCapacity) or not len(part.past_per_s):
        return control
    past_per_s = compiled.means.tokens.get(control.bucket, 0.0) * float(part.past_per_s.max())
    return replace(control, peak_per_s=max(control.peak_per_s, past_per_s))


def _carried(compiled: Compiled, name: str, fleet: Fleet, rates_per_s: NDArray[np.float64]) -> HourlyLoad:
    """What a fleet carried at some rates, by the utilization law; more than its instances could is in it too."""
    busy = compiled.means.work_s.get(name, 0.0) / (fleet.servers * fleet.speed)
    visits = compiled.means.visits.get(name.partition("/")[0], 0.0)
    return HourlyLoad(
        cpu_percent=tuple((100.0 * busy * rates_per_s).tolist()),
        requests_per_min=tuple((60.0 * visits * rates_per_s).tolist()),
    )


def _coarse_readings(
    compiled: Compiled, fleets: Mapping[str, Fleet], loop: ControlLoop, kept: _Kept, rate: float, step_s: float
) -> Readings:
    cpu: dict[str, dict[int, float]] = {}
    requests: dict[str, float] = {}
    for name, fleet in fleets.items():
        slots = loop.active(name)
        work = compiled.means.work_s.get(name, 0.0) * rate
        share = work / (max(1, len(slots)) * fleet.servers * fleet.speed)
        cpu[name] = {slot: min(share, loop.speed(name, slot)) for slot in slots}
        for slot, pace in loop.pace(name).items():
            if slot in cpu[name]:
                cpu[name][slot] = min(share / pace, loop.speed(name, slot))
        component = name.partition("/")[0]
        requests[name] = compiled.means.visits.get(component, 0.0) * rate * step_s
    taken = {
        b: kept.take(now, compiled.means.tokens.get(b, 0.0) * rate, step_s) for b, now in loop.bucket_rates().items()
    }
    sent = {queue: compiled.means.sent.get(queue, 0.0) * rate * step_s for queue in loop.reads.queues}
    consuming = {
        queue: kept.process(
            queue, messages, compiled.means.held_s.get(queue, 0.0) * rate, _batches(compiled, loop, queue)
        )
        for queue, messages in sent.items()
    }
    return Readings(
        cpu=cpu,
        requests=requests,
        tokens={bucket: tokens for bucket, (tokens, _) in taken.items()},
        refused={bucket: refused for bucket, (_, refused) in taken.items()},
        waiting=dict(kept.backlogs),
        consuming=consuming,
        in_flight=consuming,
        sent=sent,
        leased={name: compiled.means.held_s.get(name, 0.0) * rate for name in loop.reads.environments},
    )


Watcher = Callable[[Run, float], bool]
"""Called at every sample with the run and the share of the time done; True stops the run."""


def simulate(
    compiled: Compiled, scenario: Scenario, *, seed: int, day: Day | None = None, watch: Watcher | None = None
) -> Outcome:
    """Simulate a scenario request by request.

    Args:
        compiled: The workload.
        scenario: The load.
        seed: Same seed, same requests: designs compared under one seed see the same requests with the same luck.
        day: The coarse run of the same scenario, if it is at hand.
        watch: May end the run early.
    """
    part = stretch(compiled.workload.traffic, scenario)
    before = day or coarse_day(compiled, part)
    loop = before.loop.copy()
    loop.activities = []
    judged = Measure(
        start_s=part.lead_s, end_s=part.lead_s + part.judged_s, window_s=min(scenario.series_s, part.judged_s)
    )
    run = Run(compiled.model, _offered(compiled.workload.traffic, part, scenario.factor), part.step_s, judged, seed)
    fleets = [name for name, p in compiled.model.primitives.items() if isinstance(p, Fleet)]
    for bucket, now in loop.bucket_rates().items():
        run.set_bucket_rate(bucket, now.rate_per_s, now.capacity)
    for bucket, level in before.levels.items():
        run.state.things.buckets["level"][compiled.model.buckets[bucket]] = level
    faults = FaultsAtWork(compiled, scenario.faults, judged.start_s, run, loop)
    sampler, watched = Sampler(run, faults.slower), Sampler(run, faults.slower)
    _apply(run, loop, fleets, faults)
    end_s = judged.end_s + scenario.run_out_s
    totals = _Totals(run)
    stopped: str | None = None
    sample_s = min(SAMPLE_S, part.judged_s) if part.judged_s <= LONG_S else 3.0 * SAMPLE_S
    while run.now_s < end_s - 1e-9:
        # A run is read at full samples counted from time 0, so that the judged time begins and ends on one.
        next_sample = (math.floor(run.now_s / sample_s + 1e-9) + 1) * sample_s
        until = min(next_sample, loop.next_event_s(), faults.next_s(), end_s)
        if run.now_s < judged.start_s < until:
            until = judged.start_s
        if not run.advance(until):
            stopped = run.stopped
        # Controls act between samples too (an instance comes in service); a sample is as long as any other.
        if until == next_sample or abs(until - judged.start_s) < 1e-9:
            reading = sampler.read()
            active = {fleet: loop.active(fleet) for fleet in fleets}
            if judged.start_s < run.now_s <= judged.end_s + 1e-9:
                sampler.record(run.now_s - judged.start_s, reading.values(active) | loop.levels())
        loop.tick(until, _readings(watched.read(), loop, fleets))
        faults.act(run.now_s)
        _apply(run, loop, fleets, faults)
        if abs(run.now_s - judged.start_s) < 1e-9:
            totals = _Totals(run)
        if stopped is None and watch is not None and watch(run, run.now_s / end_s):
            stopped = f"stopped early at {max(0.0, run.now_s - judged.start_s):,.0f} s: the outcome was decided"
        if stopped is not None:
            break
    return _outcome(compiled, scenario, part, run, sampler, loop, totals, seed, stopped)


def _offered(traffic: Traffic, part: Stretch, factor: float) -> Offered:
    """The arrivals of a stretch, in the pattern of the traffic."""
    pattern = traffic.pattern
    return Offered(
        rates_per_s=tuple(float(rate) for rate in part.rates_per_s),
        step_s=part.step_s,
        within="exact" if pattern.exact else "poisson",
        batch_mean=pattern.batch_mean,
        burst_ratio=pattern.burst_ratio,
        burst_s=pattern.burst_s,
        calm_s=pattern.calm_s,
        clients=max(1, round(pattern.clients * factor)) if pattern.clients else 0,
        think=exponential(pattern.think_s),
    )


def _readings(reading: Reading, loop: ControlLoop, fleets: list[str]) -> Readings:
    return Readings(
        cpu={fleet: reading.cpu(fleet) for fleet in fleets},
        requests={fleet: reading.requests(fleet) for fleet in loop.changing},
        tokens={bucket: reading.tokens(bucket) for bucket in loop.reads.buckets},
        refused={bucket: reading.refused(bucket) for bucket in loop.reads.buckets},
        waiting={queue: reading.waiting(queue) for queue in loop.reads.queues},
        consuming={queue: reading.consuming(queue) for queue in loop.reads.queues},
        in_flight={queue: reading.in_flight(queue) for queue in loop.reads.queues},
        sent={queue: reading.sent(queue) for queue in loop.reads.queues},
        leased={name: reading.leased(name) for name in loop.reads.environments},
    )


def _apply(run: Run, loop: ControlLoop, fleets: list[str], faults: FaultsAtWork) -> None:
    """Let the data plane follow the controls and what went wrong."""
    for fleet in fleets:
        rule = run.model.primitives[fleet]
        assert isinstance(rule, Fleet)
        if fleet in loop.changing or faults.strike:
            run.set_active(fleet, loop.active(fleet))
        if fleet in loop.credits or faults.slower:
            for slot in loop.balance.get(fleet, loop.active(fleet)):
                speed = rule.speed * loop.speed(fleet, slot)
                run.set_speed(fleet, slot, speed / faults.slower.get((fleet, slot), 1.0))
    for queue, consumers in run.model.followers.items():
        run.set_concurrency(queue, consumers.per_instance * len(loop.active(consumers.fleet or "")))
    for setting in loop.settings():
        if isinstance(setting, Consumers):
            run.set_concurrency(setting.queue, setting.batches)
        elif isinstance(setting, Provisioned):
            run.set_provisioned(setting.environments, setting.count)
        elif setting.rate_per_s != run.state.things.buckets["rate"][run.model.buckets[setting.bucket]]:
            run.set_bucket_rate(setting.bucket, setting.rate_per_s, setting.capacity)


class _Totals:
    """Counters at the beginning of the judged time."""

    def __init__(self, run: Run) -> None:
        self.now_s = run.now_s
        self.arrived = run.arrived
        self.visits = run.state.books.comp_own.copy()
        self.time = run.state.books.comp_time.copy()
        self.refused = run.state.books.refused.copy()
        self.lookups = run.state.things.caches["lookups"].copy()
        self.hits = run.state.things.caches["hits"].copy()
        self.colds = run.state.things.environments["colds"].copy()


def _outcome(
    compiled: Compiled,
    scenario: Scenario,
    part: Stretch,
    run: Run,
    sampler: Sampler,
    loop: ControlLoop,
    before: _Totals,
    seed: int,
    stopped: str | None,
) -> Outcome:
    books = run.state.books
    histograms = books.route_hist.copy()
    unanswered = np.zeros(len(run.model.routes), dtype=np.int64)
    windows, window_hist = books.window_count.copy(), books.window_hist.copy()
    # Where the run was ended because its outcome was decided, what is in flight has not failed.
    waiting = () if stopped is not None and run.stopped is None else run.unanswered()
    for age_s, arrived_s, route in waiting:
        unanswered[int(route)] += 1
        histograms[int(route), bucket_of(age_s, FINE_BITS)] += 1
        window = int((arrived_s - part.lead_s) / run.measure.window_s)
        windows[int(route), window, 2] += 1
        window_hist[int(route), window, bucket_of(age_s, COARSE_BITS)] += 1
    routes = tuple(
        RouteOutcome(
            name=name,
            arrived=int(books.route_count[k, 0]),
            answered=int(books.route_count[k, 1]),
            failed=int(books.route_count[k, 2]),
            late=int(books.route_count[k, 3]),
            unanswered=int(unanswered[k]),
            histogram=histograms[k],
            windows=windows[k],
            window_histogram=window_hist[k],
            messages=run.model.programs[k].queue is not None,
        )
        for k, name in enumerate(run.model.routes)
    )
    requests = [k for k, route in enumerate(routes) if not route.messages]
    lost = books.failed.sum(axis=0)
    failures = sorted(
        (Failure(cause=cause, requests=int(lost[k])) for k, cause in enumerate(run.model.causes) if lost[k]),
        key=lambda failure: -failure.requests,
    )
    series = sampler.series()
    return Outcome(
        seed=seed,
        factor=scenario.factor,
        judged_s=part.judged_s,
        judged_from_s=part.judged_from_s,
        offered_per_s=float(part.judged_rates_per_s.max()),
        routes=routes,
        failures=tuple(failures),
        components=_components(compiled, run, series, before),
        times_s=np.array(sampler.times_s),
        series=series,
        window_s=run.measure.window_s,
        windows=windows[requests].sum(axis=0),
        window_hist=window_hist[requests].sum(axis=0, dtype=np.int32),
        activities=tuple((fleet, a.time_s - part.lead_s, a.before, a.after, a.reason) for fleet, a in loop.activities),
        happenings=tuple((h.primitive, h.time_s - part.lead_s, h.text) for h in loop.happenings),
        stopped=stopped,
        arrivals_per_s=(run.arrived - before.arrived) / max(run.now_s - before.now_s, 1e-9),
        requests=run.arrived,
    )


def _components(
    compiled: Compiled, run: Run, series: Mapping[str, NDArray[np.float64]], before: _Totals
) -> dict[str, ComponentOutcome]:
    model, books = run.model, run.state.books
    passed_s = max(run.now_s - before.now_s, 1e-9)
    result: dict[str, ComponentOutcome] = {}
    for name in compiled.workload.components:
        mine = {n: p for n, p in model.primitives.items() if n.partition("/")[0] == name}
        visits_per_s = residence_s = 0.0
        if name in model.components:
            k = model.components.index(name)
            visits_per_s = float(books.comp_own[k] - before.visits[k]) / passed_s
            done, time_s = books.comp_time[k] - before.time[k]
            residence_s = float(time_s / done) if done else 0.0
        refused = sum(
            int(books.refused[k] - before.refused[k]) for k, c in enumerate(model.causes) if c.component == name
        )
        result[name] = ComponentOutcome(
            visits_per_s=visits_per_s,
            residence_s=residence_s,
            refused=refused,
            **_levels_of(run, mine, series, before),  # type: ignore[arg-type]
        )
    return result


def _levels_of(
    run: Run, mine: Mapping[str, object], series: Mapping[str, NDArray[np.float64]], before: _Totals
) -> dict[str, float | int | None]:
    """Utilization, instances, hit ratio (of all its caches together) and concurrency of one component's primitives."""
    found: dict[str, float | int | None] = {}
    lookups = hits = 0
    for name, primitive in mine.items():
        if isinstance(primitive, Fleet) and len(series.get(f"{name}:utilization", ())):
            share = series[f"{name}:utilization"]
            if float(share.max()) <= float(found.get("utilization_peak") or -1.0):
                continue  # of several fleets the busiest
            found |= {"utilization": float(share.mean()), "utilization_peak": float(share.max())}
            count = series.get(f"{name}:in service", np.full(1, float(primitive.instances)))
            found |= {"instances": float(count.mean()), "instances_peak": float(count.max())}
        elif isinstance(primitive, Cache):
            k = run.model.caches[name]
            caches = run.state.things.caches
            looked, hit = caches["lookups"][k] - before.lookups[k], caches["hits"][k] - before.hits[k]
            lookups, hits = lookups + int(looked), hits + int(hit)
            found["hit_ratio"] = hits / lookups if lookups else None
        elif isinstance(primitive, Pool | Environments) and len(series.get(f"{name}:in use", ())):
            used = series[f"{name}:in use"]
            limit = primitive.limit if isinstance(primitive, Environments) else primitive.capacity
            if isinstance(primitive, Pool) and primitive.fleet is not None:
                used = used / np.maximum(series.get(f"{primitive.fleet}:in service", np.ones_like(used)), 1.0)
            if isinstance(primitive, Environments):
                k = run.model.environments[name]
                found["cold_starts"] = int(run.state.things.environments["colds"][k] - before.colds[k])
            found |= {
                "concurrency": float(used.mean()),
                "concurrency_peak": float(used.max()),
                "concurrency_limit": float(limit),
            }
    return found
