"""The review: everything that a report shows, as one value."""

from collections.abc import Mapping
from dataclasses import dataclass

from tonnage.advise.assumptions import Influence
from tonnage.advise.checks import Checked
from tonnage.advise.cost import MonthlyCost
from tonnage.advise.finding import Finding
from tonnage.advise.load_line import LoadLine
from tonnage.advise.pressure import Pressure
from tonnage.advise.recommend import Recommendation
from tonnage.advise.verdict import Judgement
from tonnage.engine.outcome import Outcome
from tonnage.workload import Scenario, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One load, judged.

    Attributes:
        scenario: The load.
        rate_per_s: Its peak, requests/s.
        judgements: Each objective.
        outcomes: Replications, the first one with the seed of the review.
        pressures: What is full, worst first.
        cost: Of a month.
        notes: What else is to know: the warm-up left out, a load that never settles.
    """

    scenario: Scenario
    rate_per_s: float
    judgements: tuple[Judgement, ...]
    outcomes: tuple[Outcome, ...]
    pressures: tuple[Pressure, ...]
    cost: MonthlyCost
    notes: tuple[str, ...] = ()

    @property
    def met(self) -> bool:
        """Whether every objective holds."""
        return all(judgement.met for judgement in self.judgements)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The answer.

    Attributes:
        version: Version of Tonnage.
        seed: Seed of the runs.
        workload: What was reviewed.
        loads: Today's traffic, then the traffic grown.
        load_line: The largest load that holds, and what gives way.
        recommendations: What to change, best first.
        influences: Assumptions by influence, strongest first.
        summaries: For each component, by name: what it is, in a few words ("2-6 × t3.medium").
        limits: For each component, hard limits by name.
        policies: For each scaling policy, by name: what it does, in a line.
        unsupported: Scaling policies that were not simulated, by name, with the reason.
        advised: Whether changes were searched for at all.
        findings: What contradicts itself or a rule, the worst first.
        checked: What every check said.
    """

    version: str
    seed: int
    workload: Workload
    loads: tuple[Judged, ...]
    load_line: LoadLine
    recommendations: tuple[Recommendation, ...]
    influences: tuple[Influence, ...]
    summaries: Mapping[str, str]
    limits: Mapping[str, Mapping[str, float]]
    policies: Mapping[str, str]
    unsupported: Mapping[str, str]
    advised: bool = True
    findings: tuple[Finding, ...] = ()
    checked: tuple[Checked, ...] = ()

    @property
    def met(self) -> bool:
        """Whether every objective holds today: what the exit code says."""
        return self.loads[0].met
