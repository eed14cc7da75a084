"""Measured AWS Lambda beside Tonnage's prediction, and SimFaaS's where it is installed.

Cold starts and instances from the arrival rate and the warm duration alone, init times by runtime, work by memory, and
an application of which one published row is declared; with errors. What was measured and how it is read stands in
``tests/validation/measured_lambda.py`` and ``products_api.py``. Needs the real data
(``--data``, usually ``../shared/data``); SimFaaS is left out where it is not installed (``pip install --target DIR
simfaas==0.2.2``, ``PYTHONPATH=DIR``).
"""

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path

from figures import print_machine
from tonnage.catalog import fact

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from validation.measured_lambda import (
    MEMORIES_MB,
    Experiment,
    cold_starts,
    experiments,
    predict,
    work_predicted_s,
)
from validation.products_api import DECLARED, ROWS, application, colds, declare, published, times

FIRST_DAY_OF_THE_FACTS = "2025-11"
PEER_S = 3e6


def simfaas() -> Callable[[Experiment], tuple[float, float]] | None:
    """Cold share and instances by SimFaaS, told the same and that durations do not vary."""
    try:
        from simfaas.ServerlessSimulator import ServerlessSimulator
        from simfaas.SimProcess import ConstSimProcess, ExpSimProcess
    except ImportError:
        print("SimFaaS is not installed: left out")
        return None

    def asked(found: Experiment) -> tuple[float, float]:
        cold_s = found.warm_s + fact("lambda.init_s.python").value + fact("lambda.environment_s").value
        peer = ServerlessSimulator(
            arrival_process=ExpSimProcess(rate=found.rate_per_s),
            warm_service_process=ConstSimProcess(rate=1.0 / found.warm_s),
            cold_service_process=ConstSimProcess(rate=1.0 / cold_s),
            expiration_threshold=fact("lambda.keep_alive_s").value,
            max_time=PEER_S,
        )
        peer.generate_trace(debug_print=False, progress=False)
        return float(peer.get_cold_start_prob()), float(peer.get_average_server_count())

    return asked


def print_cold_starts(folder: Path) -> None:
    """Cold starts and instances by load."""
    peer = simfaas()
    print(
        "\n| requests/s | cold starts measured | Tonnage | error | exp(-600 rate) | SimFaaS | instances measured",
        end="",
    )
    print(" | Tonnage | error | SimFaaS |\n|" + "---:|" * 10)
    for found in experiments(folder):
        said = predict(found)
        cold, up = said.cold_share, said.instances
        theirs = peer(found) if peer else (math.nan, math.nan)
        print(
            f"| {found.rate_per_s:.5f} | {found.cold_share:.2%} ({found.colds})"
            f" | {cold.mean:.2%} ± {cold.deviation:.2%}"
            f" | {cold.mean / found.cold_share - 1.0:+.0%} | {math.exp(-600 * found.rate_per_s):.2%} | {theirs[0]:.2%}"
            f" | {found.instances:.3f} | {up.mean:.3f} ± {up.deviation:.3f} | {up.mean / found.instances - 1.0:+.1%}"
            f" | {theirs[1]:.3f} |",
            flush=True,
        )


def print_init(folder: Path) -> None:
    """Init by runtime, and first invocations by memory."""
    paths = sorted(folder.glob("*.json.gz"))
    before = cold_starts(path for path in paths if path.name < FIRST_DAY_OF_THE_FACTS)
    after = cold_starts(path for path in paths if path.name >= FIRST_DAY_OF_THE_FACTS)
    print("\n| runtime | fact, ms | days before it, ms | error | by memory 128, 256, 512, 1,024 MB |")
    print("|---|---:|---:|---:|---|")
    for runtime in before.runtimes():
        known, seen = fact(f"lambda.init_s.{runtime}").value, before.init_mean_s(runtime)
        by_memory = ", ".join(f"{1e3 * before.init_mean_s(runtime, [memory]):.0f}" for memory in MEMORIES_MB)
        print(f"| {runtime} | {1e3 * known:.0f} | {1e3 * seen:.0f} | {known / seen - 1.0:+.0%} | {by_memory} |")
    print("\n| first invocation, measured (predicted from 1,024 MB), ms | 128 MB | 256 MB | 512 MB | 1,024 MB |")
    print("|---|---:|---:|---:|---:|")
    for runtime in ("dotnet6", "dotnet8", "dotnet10", "java21", "java25"):
        row = [
            f"{1e3 * after.first_mean_s(runtime, memory):.1f} ({1e3 * work_predicted_s(after, runtime, memory):.1f})"
            for memory in MEMORIES_MB
        ]
        print(f"| {runtime} | {' | '.join(row)} |")


def print_application(folder: Path) -> None:
    """Percentiles of Lambda's own times, measured (predicted), and cold starts of a minute of the load."""
    rows = published(folder)
    said = declare(application(folder, DECLARED), rows[DECLARED])
    print(f"\ndeclared from {DECLARED}: cpu {1e3 * said.cpu_s:.2f} ms, init {1e3 * said.init_s:.0f} ms\n")
    print("| measured (predicted), ms | warm p50 | p90 | p99 | cold p50 | p90 | p99 | cold starts |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    for name in ROWS:
        app, row = application(folder, name), rows[name]
        figures = [
            f"{1e3 * found:.1f} ({1e3 * predicted:.1f}, {predicted / found - 1.0:+.0%})"
            for cold, seen in ((False, row.warm_s), (True, row.cold_s))
            for found, predicted in zip(seen, times(app, said, cold=cold), strict=True)
        ]
        counted = "" if row.colds is None else f"{row.colds:.0f} ({colds(app, said):.0f})"
        print(f"| {name} | {' | '.join(figures)} | {counted} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    options = parser.parse_args()
    print_machine()
    print_cold_starts(options.data / "lambda/faas_experiments")
    print_init(options.data / "lambda/cold_starts_maxday")
    print_application(options.data / "lambda/products_api")


if __name__ == "__main__":
    main()
