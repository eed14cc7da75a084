"""The search of ``tonnage tune`` beside Optuna's samplers: what each finds in the same number of replayed designs.

Every searcher sees the same levers and the same two figures of a design: its cost and the error budget that it spends
on the history and under spikes. Reported are the cheapest design that meets (budget at most 1) and the hypervolume of
the front in log cost and log budget, as a share of that of all designs that any searcher tried. A design that is asked
for again costs nothing. Needs Optuna (``pip install --target DIR optuna``, ``PYTHONPATH=DIR``).
"""

import argparse
import math
import warnings
from collections.abc import Callable

import numpy as np
import optuna

from figures import print_machine
from tonnage.advise.levers import Proposal, levers
from tonnage.advise.tune import _Search, _spread, _Trials
from tonnage.catalog import load_catalog
from tonnage.compile import Compiled, compile_workload
from tonnage.intake import Overrides, load, open_source, rebuilt
from tonnage.workload import InputError

Choice = tuple[int, ...]
Figures = tuple[float, float]
Evaluate = Callable[[Choice], Figures]
WORST = (1e6, 1e6)


class Budget:
    """Counts the designs that one searcher has asked for, each once."""

    def __init__(self, evaluate: Evaluate, most: int) -> None:
        self.evaluate, self.most = evaluate, most
        self.seen: dict[Choice, Figures] = {}

    def __call__(self, choice: Choice) -> Figures:
        """Figures of a design; StopIteration where no more may be asked for."""
        if choice not in self.seen:
            if len(self.seen) >= self.most:
                raise StopIteration
            self.seen[choice] = self.evaluate(choice)
        return self.seen[choice]


def by_optuna(sampler: optuna.samplers.BaseSampler, options: list[int], now: Choice, budget: Budget) -> None:
    """Ask a sampler until the budget is spent; it begins with what is there, as the product does."""
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    study.enqueue_trial({str(k): at for k, at in enumerate(now)})
    for _ in range(50 * budget.most):
        trial = study.ask()
        choice = tuple(trial.suggest_int(str(k), 0, count - 1) for k, count in enumerate(options))
        try:
            study.tell(trial, [math.log(value) for value in budget(choice)])
        except StopIteration:
            return


def hypervolume(points: list[Figures], least: Figures) -> float:
    """Area between the front and twice-the-cost, hundred-times-the-budget, in logarithms."""
    edge_x, edge_y = math.log(2.0 * least[0]), math.log(10.0)
    front = sorted((math.log(usd), math.log(max(spent, 1e-3))) for usd, spent in points)
    area, lowest = 0.0, edge_y
    for x, y in front:
        if x < edge_x and y < lowest:
            area += (edge_x - x) * (lowest - y)
            lowest = y
    return area


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--path", default="examples/web-shop")
    parser.add_argument("--designs", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
    print_machine()
    source = open_source(given.path, Overrides())
    workload = load(source)
    catalog = load_catalog(workload.region)
    compiled = compile_workload(workload, catalog)
    trials = _Trials(compiled, 0.7)
    first = trials.history(compiled)
    found = levers(compiled, first.elasticities, first.outcome.times_s)
    now = tuple(lever.now for lever in found)
    known: dict[Choice, Figures] = {}

    def build(changes: tuple[Proposal, ...]) -> Compiled:
        return compile_workload(rebuilt(source, workload, changes), catalog)

    def evaluate(choice: Choice) -> Figures:
        if choice not in known:
            changes = tuple(change for lever, at in zip(found, choice, strict=True) for change in lever.options[at])
            try:
                design = trials.design(build(changes), changes)
                known[choice] = (design.usd, min(max(design.spent, 1e-6), 1e6))
            except InputError:
                known[choice] = WORST
        return known[choice]

    options = [len(lever.options) for lever in found]
    asked: dict[str, list[Budget]] = {}
    for seed in range(1, given.seeds + 1):
        budget = Budget(evaluate, given.designs)
        search = _Search(trials, lambda changes: build(tuple(changes)), found, given.designs, lambda _: None)
        search.known[now] = trials.design(compiled, (), first)
        for choice in _spread(found, given.designs // 2, seed):
            search.visit(choice)
        search.improve()
        for choice, design in search.known.items():
            known[choice] = WORST if design is None else (design.usd, min(max(design.spent, 1e-6), 1e6))
            budget(choice)
        asked.setdefault("tonnage tune", []).append(budget)
        samplers = {
            "Optuna TPE": optuna.samplers.TPESampler(seed=seed, multivariate=True),
            "Optuna NSGA-II": optuna.samplers.NSGAIISampler(seed=seed, population_size=max(4, given.designs // 4)),
            "random": optuna.samplers.RandomSampler(seed=seed),
        }
        for name, sampler in samplers.items():
            budget = Budget(evaluate, given.designs)
            by_optuna(sampler, options, now, budget)
            asked.setdefault(name, []).append(budget)
    least = (min(usd for usd, spent in known.values() if spent <= 1.0), 1.0)
    whole = hypervolume(list(known.values()), least)
    print(
        f"{given.path}: {given.designs} designs of {math.prod(options):,}; {given.seeds} seeds; "
        f"{len(known)} tried by all together"
    )
    print(f"the cheapest of all that meets: {least[0]:.1f} $ a month")
    print(f"{'search':16s} {'cheapest that meets, $':>24s} {'none met':>9s} {'hypervolume':>12s}")
    for name, budgets in asked.items():
        cheapest = [min((u for u, s in b.seen.values() if s <= 1.0), default=math.nan) for b in budgets]
        share = [hypervolume(list(b.seen.values()), least) / whole for b in budgets]
        none = sum(math.isnan(value) for value in cheapest)
        print(f"{name:16s} {np.nanmean(cheapest):24.1f} {none:9d} {np.mean(share):12.3f}")


if __name__ == "__main__":
    main()
