"""AWS Lambda as two public experiments measured it, and what Tonnage predicts of it.

Sources: N. Mahmoudi and H. Khazaei, "Performance Modeling of Serverless Computing Platforms" (IEEE Transactions on
Cloud Computing 2020, doi 10.1109/TCC.2020.3033373), raw data in pacslab/serverless-performance-modeling (MIT): a
function of 1.9 s with 128 MB, called at exponential intervals for 28 hours a file. maxday/lambda-perf (Apache-2.0): ten
cold starts a day of "hello world" in every runtime and four memory sizes.
"""

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tonnage.catalog import fact, load_catalog
from tonnage.catalog.tables import indexed
from tonnage.engine.model import Model, build
from tonnage.engine.offered import Offered
from tonnage.engine.primitives import Environments, constant
from tonnage.engine.program import Lease, Program, Return, Visit, Wait
from tonnage.engine.run import Run
from tonnage.engine.start import Measure
from tonnage.services import lambda_function
from tonnage.workload import Call, Component, declared

DROPPED = 0.25
"""Share of an experiment that counts as its warm-up: the paper's own choice."""
EXPIRY_S = 600.0
"""An instance counts as up until so long after its last request: the paper's own choice."""
SAMPLE_S = 300.0
MEMORIES_MB = (128, 256, 512, 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """One file: what was set (rate, duration) and what came of it after the warm-up.

    Attributes:
        name: Its beginning.
        rate_per_s: Requests by second.
        warm_s: Mean duration of warm invocations, from the REPORT line.
        length_s: Of the whole experiment.
        requests: Requests after the warm-up.
        colds: Cold ones among them.
        early: Cold ones that came within ``EXPIRY_S`` of an answer while nothing was in progress: an idle instance was
            thrown away early.
        instances: Mean number up.
        cold_more_s: What a cold answer takes longer than a warm one, seen by the client.
    """

    name: str
    rate_per_s: float
    warm_s: float
    length_s: float
    requests: int
    colds: int
    early: int
    instances: float
    cold_more_s: float

    @property
    def cold_share(self) -> float:
        """Share of cold starts."""
        return self.colds / self.requests


def experiment(path: Path) -> Experiment:
    """Read one file."""
    with gzip.open(path, "rt") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: float(row["client_start_time"]))
    begun, ended = (np.array([float(row[f"client_{at}_time"]) for row in rows]) for at in ("start", "end"))
    cold = np.array([row["is_cold"] == "True" for row in rows])
    aws_s = np.array([float(row["aws_duration"]) for row in rows]) / 1e3
    length_s = float(begun[-1] - begun[0])
    kept = begun >= begun[0] + DROPPED * length_s
    idle_s = begun[1:] - np.maximum.accumulate(ended)[:-1]
    early = cold[1:] & kept[1:] & (idle_s > 0.0) & (idle_s < EXPIRY_S)
    return Experiment(
        name=path.name[7:17],
        rate_per_s=(len(rows) - 1) / length_s,
        warm_s=float(aws_s[~cold].mean()),
        length_s=length_s,
        requests=int(kept.sum()),
        colds=int(cold[kept].sum()),
        early=int(early.sum()),
        instances=_mean_up([row["inst_id"] for row in rows], begun, ended),
        cold_more_s=float((ended - begun)[cold].mean() - (ended - begun)[~cold].mean()),
    )


def _mean_up(names: Sequence[str], begun: np.ndarray, ended: np.ndarray) -> float:
    """Mean number of instances up after the warm-up, each from its first request to its expiry."""
    lives: dict[str, tuple[float, float]] = {}
    for name, start, end in zip(names, begun, ended, strict=True):
        first, last = lives.get(name, (start, end))
        lives[name] = (min(first, start), max(last, end))
    low, high = begun[0] + DROPPED * (begun[-1] - begun[0]), begun[-1]
    up_s = [max(0.0, min(last + EXPIRY_S, high) - max(first, low)) for first, last in lives.values()]
    return float(sum(up_s) / (high - low))


def experiments(folder: Path) -> list[Experiment]:
    """All files, the lowest rate first."""
    return sorted((experiment(path) for path in folder.glob("res-*.csv.gz")), key=lambda found: found.rate_per_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A figure over replications of the same length: what one experiment would have measured."""

    mean: float
    deviation: float

    def off(self, measured: float) -> float:
        """Distance of what was measured, in deviations."""
        return abs(measured - self.mean) / self.deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What Tonnage says of one experiment."""

    cold_share: Spread
    instances: Spread


def predict(found: Experiment, keep_alive_s: float | None = None, replications: int = 200) -> Prediction:
    """From the rate and the warm duration alone; the rest are the catalogue's facts.

    Each replication is as long as the experiment and drops the same warm-up.
    """
    cold_s = fact("lambda.init_s.python").value + fact("lambda.environment_s").value
    keep_alive_s = keep_alive_s or fact("lambda.keep_alive_s").value
    environments = Environments(limit=1000, cold_start=constant(cold_s), keep_alive_s=keep_alive_s)
    held = Visit(component="f", enter=(Lease("f/env"), Wait(constant(found.warm_s))), leave=(Return("f/env"),))
    model = build({"f/env": environments}, [Program(route="r", share=1.0, entry=held, deadline_s=1e12)])
    shares, counts = zip(*(_replication(model, found, keep_alive_s, seed) for seed in range(replications)), strict=True)
    return Prediction(cold_share=_spread(shares), instances=_spread(counts))


def _replication(model: Model, found: Experiment, keep_alive_s: float, seed: int) -> tuple[float, float]:
    offered = Offered(rates_per_s=(found.rate_per_s,), step_s=2.0 * found.length_s)
    run = Run(model, offered, 1.0, Measure(start_s=0.0, end_s=found.length_s, window_s=found.length_s), seed)
    things = run.state.things
    run.advance(DROPPED * found.length_s)
    colds, leases = (int(things.environments[name][0]) for name in ("colds", "leases"))
    up: list[int] = []
    for time_s in np.arange(DROPPED * found.length_s, found.length_s, SAMPLE_S):
        run.advance(float(time_s))
        things = run.state.things
        env = things.environments[0]
        idle_since = things.warm[env["base"] : env["base"] + env["warm_n"]]
        up.append(int(env["use"]) + int(np.sum(run.now_s - idle_since <= keep_alive_s)))
    made, asked = (int(things.environments[name][0]) for name in ("colds", "leases"))
    return (made - colds) / max(1, asked - leases), float(np.mean(up))


def _spread(values: Iterable[float]) -> Spread:
    array = np.array(list(values))
    return Spread(mean=float(array.mean()), deviation=float(array.std(ddof=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColdStarts:
    """Days of maxday/lambda-perf from 2024 on (its files had another form before), zip packages, both architectures.

    Attributes:
        init_s: By runtime and memory in MB, every init duration.
        first_s: By runtime and memory, the mean duration of the first invocation by day and architecture.
    """

    init_s: dict[tuple[str, int], list[float]]
    first_s: dict[tuple[str, int], list[float]]

    def init_mean_s(self, runtime: str, memories_mb: Sequence[int] = MEMORIES_MB) -> float:
        """Mean init of a runtime."""
        return float(np.mean([value for memory in memories_mb for value in self.init_s[runtime, memory]]))

    def first_mean_s(self, runtime: str, memory_mb: int) -> float:
        """Mean duration of the first invocation."""
        return float(np.mean(self.first_s[runtime, memory_mb]))

    def runtimes(self) -> list[str]:
        """Those that the catalogue has a fact of."""
        return sorted({runtime for runtime, _ in self.init_s} & catalogued())


def computing_s(cpu_s: float, memory_mb: int) -> float:
    """What the Lambda room says that so much CPU time takes at a memory size."""
    component = Component(name="f", kind=lambda_function.KIND, settings={"MemorySize": memory_mb})
    call = Call(component="f", demands={"cpu": declared(cpu_s, "s", "measured")})
    steps = lambda_function.visit(component, call, load_catalog("us-east-1"))
    return [step.time.mean_s for step in steps.enter if isinstance(step, Wait)][-1]


def work_predicted_s(seen: ColdStarts, runtime: str, memory_mb: int) -> float:
    """The first invocation at a memory size, from that at 1,024 MB alone."""
    return computing_s(seen.first_mean_s(runtime, 1024) / computing_s(1.0, 1024), memory_mb)


def catalogued() -> set[str]:
    """Runtimes whose init time is a fact of the catalogue."""
    beginning = "lambda.init_s."
    return {key.removeprefix(beginning) for key in indexed("facts", "key") if key.startswith(beginning)}


def cold_starts(paths: Iterable[Path]) -> ColdStarts:
    """Read days."""
    found = ColdStarts(init_s=defaultdict(list), first_s=defaultdict(list))
    for path in paths:
        with gzip.open(path, "rt") as file:
            rows = json.load(file)["runtimeData"]
        for row in rows:
            if row.get("p") == "zip":
                key = (row["d"], int(row["m"]))
                found.init_s[key] += [value / 1e3 for value in row["i"]]
                found.first_s[key].append(row["ad"] / 1e3)
    return found
