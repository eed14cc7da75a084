"""Small runs to test the engine with: one route, a crowd that arrives at once or a steady stream."""

from collections.abc import Mapping

import numpy as np

from tonnage.engine.kernels.state import State
from tonnage.engine.model import Model, build
from tonnage.engine.primitives import Primitive
from tonnage.engine.program import Program, Step, Visit
from tonnage.engine.run import Run
from tonnage.engine.start import Measure

FOR_EVER_S = 1e9


def one_route(primitives: Mapping[str, Primitive], *enter: Step, leave: tuple[Step, ...] = (), **more: object) -> Model:
    """A model of one component ``a`` with these steps."""
    visit = Visit(component="a", enter=enter, leave=leave, **more)  # type: ignore[arg-type]
    return routed(primitives, visit)


def routed(primitives: Mapping[str, Primitive], entry: Visit, deadline_s: float = FOR_EVER_S) -> Model:
    return build(primitives, [Program(route="r", share=1.0, entry=entry, deadline_s=deadline_s)])


def crowd(model: Model, requests: float, *, seed: int = 1, until_s: float | None = None) -> Run:
    """About so many requests arrive within the first nanosecond, and none later."""
    measure = Measure(start_s=0.0, end_s=1.0, window_s=1.0)
    run = Run(model, [requests * 1e9, 1e-300], 1e-9, measure, seed)
    if until_s is not None:
        run.advance(until_s)
    return run


def steady(model: Model, rate_per_s: float, duration_s: float, *, seed: int = 1) -> Run:
    """Poisson arrivals for so long, all of them measured; not yet begun."""
    measure = Measure(start_s=0.0, end_s=duration_s, window_s=duration_s)
    return Run(model, [rate_per_s], duration_s, measure, seed)


def stream(model: Model, rate_per_s: float, duration_s: float, *, seed: int = 1) -> Run:
    """The same, run to its end."""
    run = steady(model, rate_per_s, duration_s, seed=seed)
    run.advance(duration_s)
    return run


def counts(run: Run) -> dict[str, int]:
    """Measured requests of the first route."""
    arrived, answered, failed, late = (int(n) for n in run.state.books.route_count[0])
    return {"arrived": arrived, "answered": answered, "failed": failed, "late": late}


def failures(run: Run) -> dict[str, int]:
    """Measured requests lost, by what they are told."""
    lost = run.state.books.failed.sum(axis=0)
    return {cause.text: int(n) for cause, n in zip(run.model.causes, lost, strict=False) if n}


def given(run: Run, fleet: str) -> list[int]:
    """Requests ever given to each instance of a fleet."""
    slots = run.model.fleet_slots(fleet)
    return [int(n) for n in run.state.things.instances["visits"][slots.start : slots.stop]]


def same_books(one: Run, other: Run) -> bool:
    """Whether two runs counted exactly the same."""
    return all(np.array_equal(a, b) for a, b in zip(one.state.books, other.state.books, strict=True))


def held_by(state: State) -> tuple[list[int], list[tuple[float, int]]]:
    """Tasks in use, and timers with their tasks, in order."""
    free = set(state.free[: int(state.clock["free"][0])].tolist())
    timers = state.timers[: int(state.clock["timers"][0])]
    pending = zip(timers["time"].tolist(), timers["task"].tolist(), strict=True)
    return [task for task in range(len(state.free)) if task not in free], sorted(pending)
