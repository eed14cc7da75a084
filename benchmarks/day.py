"""A day at 1,000 requests/s (86.4 million) under the product's ``simulate``, with progress lines, on one core.

The load swings once between 700/s and 1,300/s and the servers are a scaling group under target tracking; the rest is
the plain job, or with ``--everything`` the job with everything on. Without ``--day`` only the busiest hour is simulated
and the day is reckoned from its requests per second: a day takes long.
"""

import argparse
import math
import time

from figures import print_goal, print_machine
from job import CREDITS, GROUP, RATE, controlled, featured, mean_and_p99, plain
from tonnage.compile import Compiled
from tonnage.engine.run import Run
from tonnage.simulate import simulate
from tonnage.workload import Scenario

DAY_S, HOUR_S, STEP_S, SWING = 86_400.0, 3_600.0, 60.0, 0.3


def course() -> tuple[float, ...]:
    """Rates of the day by minute: from the mean up, down and back."""
    steps = round(DAY_S / STEP_S)
    return tuple(RATE * (1.0 + SWING * math.sin(2.0 * math.pi * (k + 0.5) / steps)) for k in range(steps))


def job(*, everything: bool) -> Compiled:
    if everything:
        return controlled(featured(), course(), STEP_S, GROUP, CREDITS)
    return controlled(plain(autoscaled=True), course(), STEP_S, GROUP)


class Progress:
    """Watches a run."""

    def __init__(self) -> None:
        self.begun = time.process_time()
        self.tenth = 0

    def look(self, run: Run, share: float) -> bool:
        """Print a line at every tenth of the run; never ends it."""
        if share >= (self.tenth + 1) / 10.0:
            self.tenth = int(share * 10.0)
            taken = time.process_time() - self.begun
            print(f"  {share:>4.0%}  {run.arrived:>11,} requests  {taken:>6.1f} s CPU", flush=True)
        return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--day", action="store_true", help="the whole day")
    parser.add_argument("--everything", action="store_true", help="the job with everything on")
    options = parser.parse_args()
    print_machine()
    length_s = DAY_S if options.day else HOUR_S
    tiny = Scenario(name="tiny", window_s=60.0, lead_s=0.0, run_out_s=0.0)
    compiled = job(everything=options.everything)
    simulate(compiled, tiny, seed=1)
    scenario = Scenario(name="day", window_s=length_s, lead_s=0.0, run_out_s=0.0)
    begun, wall = time.process_time(), time.perf_counter()
    outcome = simulate(compiled, scenario, seed=1, watch=Progress().look)
    taken, wall = time.process_time() - begun, time.perf_counter() - wall
    route = outcome.routes[0]
    mean_s, p99_s = mean_and_p99(route.histogram)
    speed = outcome.requests / taken
    print(f"{outcome.requests:,} requests in {taken:.1f} s CPU, {wall:.1f} s wall: {speed:,.0f} requests/s")
    failed = (route.failed + route.unanswered) / route.arrived
    print(
        f"mean {mean_s * 1e3:.1f} ms, p99 {p99_s * 1e3:.0f} ms, failed {failed:.4%}, {len(outcome.activities)} changes"
    )
    day_s = DAY_S * RATE / speed
    what = "a day, everything on" if options.everything else "a day, autoscaled"
    print_goal(what if options.day else f"{what} (from an hour)", f"{day_s:.0f} s", "<= 60 s", met=day_s <= 60.0)


if __name__ == "__main__":
    main()
