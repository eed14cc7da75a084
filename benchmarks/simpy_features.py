"""The reference job with everything on (``job.featured``) in SimPy, under Tonnage's own control loop.

The same laws: a worker held while cache and database are called, a bounded queue for workers, time-outs whose work
goes on until it next asks for something, tries with backoff and full jitter, a scaling group and CPU credits that are
ticked at least every 10 s.
"""

import math
import random
from dataclasses import dataclass

import numpy as np
import simpy

from job import (
    ATTEMPTS,
    BACKOFF_CAP_S,
    DATABASE_BACKOFF_S,
    DATABASE_TIMEOUT_S,
    FLEET,
    GROUP,
    HELD_WORKERS,
    WAITING,
    WEB_BACKOFF_S,
    WEB_TIMEOUT_S,
    WORKERS,
)
from peers import DB_MU, DB_SIGMA, WEB_MU, WEB_SIGMA
from tonnage.scaling.control import ControlLoop, Readings

SAMPLE_S = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a run.

    Attributes:
        arrived: Requests.
        mean_s: Mean response time of judged requests that were answered.
        p99_s: Their 99th percentile.
        failed: Share of judged requests that failed.
        changes: Changes of the number of servers.
    """

    arrived: int
    mean_s: float
    p99_s: float
    failed: float
    changes: int


def featured_run(rates: tuple[float, ...], step_s: float, run_out_s: float, loop: ControlLoop, seed: int) -> Answer:
    """Simulate it.

    Args:
        rates: Mean arrivals in each step, 1/s; the last goes on.
        step_s: Length of a step.
        run_out_s: Time after the last step; what arrives in it is not judged.
        loop: The controls at the beginning.
        seed: Of the random numbers.
    """
    draw = random.Random(seed)
    env = simpy.Environment()
    judged_s = step_s * len(rates)
    end_s = judged_s + run_out_s
    gateway, balancer = simpy.Resource(env, 4), simpy.Resource(env, 2)
    cache, database = simpy.Resource(env, 2), simpy.Resource(env, 64)
    room = GROUP.slots
    cpus = [simpy.Resource(env, WORKERS) for _ in range(room)]
    workers = [simpy.Resource(env, HELD_WORKERS) for _ in range(room)]
    outstanding, busy_s, speed = [0] * room, [0.0] * room, [1.0] * room
    active = list(loop.active(FLEET))
    latencies: list[float] = []
    counted = {"arrived": 0, "judged": 0, "failed": 0, "visits": 0}

    def served(resource, service_s, until):
        """Whether it was served before its caller gave up."""
        if env.now > until:
            return False
        with resource.request() as turn:
            yield turn
            if env.now > until:
                return False
            yield env.timeout(service_s)
        return True

    def tried(visit, until, timeout_s, backoff_s):
        """Whether a visit was answered within the time and the tries allowed."""
        for attempt in range(ATTEMPTS):
            if attempt:
                if env.now > until:
                    return False
                yield env.timeout(draw.random() * min(BACKOFF_CAP_S, backoff_s * 2.0 ** (attempt - 1)))
            call = env.process(visit(min(until, env.now + timeout_s)))
            yield call | env.timeout(timeout_s)
            if call.triggered and call.value:
                return True
        return False

    def at_database(until):
        return (yield from served(database, draw.lognormvariate(DB_MU, DB_SIGMA), until))

    def at_web(until):
        server = min(active, key=outstanding.__getitem__)
        if env.now > until or len(workers[server].queue) >= WAITING:
            return False
        outstanding[server] += 1
        counted["visits"] += 1
        try:
            with workers[server].request() as turn:
                yield turn
                service_s = draw.lognormvariate(WEB_MU, WEB_SIGMA)
                if not (yield from served(cpus[server], service_s / speed[server], until)):
                    return False
                busy_s[server] += service_s
                if not (yield from served(cache, draw.expovariate(1000.0), until)):
                    return False
                if draw.random() < 0.8:
                    return True
                return (yield from tried(at_database, until, DATABASE_TIMEOUT_S, DATABASE_BACKOFF_S))
        finally:
            outstanding[server] -= 1

    def request():
        begun = env.now
        counted["arrived"] += 1
        yield from served(gateway, draw.expovariate(500.0), math.inf)
        yield from served(balancer, draw.expovariate(1000.0), math.inf)
        answered = yield from tried(at_web, math.inf, WEB_TIMEOUT_S, WEB_BACKOFF_S)
        if begun < judged_s:
            counted["judged"] += 1
            counted["failed"] += not answered
            if answered:
                latencies.append(env.now - begun)

    def arrivals():
        for k, rate in enumerate((*rates, rates[-1])):
            until = (k + 1) * step_s
            while True:
                gap = draw.expovariate(rate)
                if env.now + gap >= until:
                    yield env.timeout(until - env.now)
                    break
                yield env.timeout(gap)
                env.process(request())

    def controls():
        while True:
            before = env.now
            sample = (math.floor(before / SAMPLE_S + 1e-9) + 1) * SAMPLE_S
            yield env.timeout(min(sample, loop.next_event_s()) - before)
            full = WORKERS * (env.now - before)
            cpu = {slot: min(1.0, work / full) for slot, work in enumerate(busy_s)}
            loop.tick(env.now, Readings(cpu={FLEET: cpu}, requests={FLEET: counted["visits"]}, tokens={}))
            counted["visits"] = 0
            busy_s[:] = [0.0] * room
            active[:] = loop.active(FLEET)
            speed[:] = [loop.speed(FLEET, slot) for slot in range(room)]

    env.process(arrivals())
    env.process(controls())
    env.run(until=end_s)
    return Answer(
        arrived=counted["arrived"],
        mean_s=float(np.mean(latencies)),
        p99_s=float(np.percentile(latencies, 99)),
        failed=counted["failed"] / counted["judged"],
        changes=len(loop.activities),
    )
