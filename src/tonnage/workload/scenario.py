"""Scenarios: a workload put under one load, and what goes wrong meanwhile."""

from dataclasses import dataclass

from tonnage.workload.errors import WorkloadError
from tonnage.workload.fault import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a simulation runs.

    Attributes:
        name: For the report: "today's peak", "+50 %".
        factor: Factor on the whole traffic, the hours before the peak included.
        window_s: Length of the judged time, placed over the busiest such stretch of the traffic.
        lead_s: Request-level time simulated before the judged time, so that queues and caches are in their stride.
        series_s: Length of a window of the series.
        faults: What goes wrong, by time of the judged time.
        run_out_s: Time simulated after it; a judged request still unanswered then has failed.
    """

    name: str
    factor: float = 1.0
    window_s: float = 1800.0
    lead_s: float = 120.0
    run_out_s: float = 30.0
    series_s: float = 60.0
    faults: tuple[Fault, ...] = ()

    def __post_init__(self) -> None:
        if not self.factor > 0:
            raise WorkloadError(f"Scenario {self.name}: factor {self.factor} is not above 0")
        if not (self.window_s > 0 and self.lead_s >= 0 and self.run_out_s >= 0):
            raise WorkloadError(f"Scenario {self.name}: the judged time must be longer than 0 s")
