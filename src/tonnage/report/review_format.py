"""The JSON form of a review, version 1: a contract. Fields may be added; none changes its meaning or goes away.

Times are seconds, rates per second, shares 0 to 1, money USD per 730-hour month. A figure that is infinite or does not
exist is null.
"""

from typing import Literal

import msgspec

Number = float | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all parts."""


class ObjectiveReport(Report, frozen=True, kw_only=True):
    """A service-level objective; threshold in seconds, as a share, or in USD a month."""

    text: str
    indicator: Literal["latency", "errors", "cost"]
    percentile: Number
    threshold: float
    route: str | None
    place: str | None


class QuantityReport(Report, frozen=True, kw_only=True):
    """A value with its unit, evidence and plausible range."""

    value: float
    unit: str
    evidence: Literal["measured", "declared", "assumed"]
    source: str
    low: float
    high: float


class PolicyReport(Report, frozen=True, kw_only=True):
    """A scaling policy: what it does in a line, or why it was not simulated."""

    name: str
    mechanism: str
    description: str | None
    not_simulated: str | None


class ComponentReport(Report, frozen=True, kw_only=True):
    """One modelled resource."""

    name: str
    kind: str
    title: str
    summary: str
    settings: dict[str, str]
    limits: dict[str, Number]
    characteristics: dict[str, QuantityReport]
    policies: list[PolicyReport]
    place: str | None


class EdgeReport(Report, frozen=True, kw_only=True):
    """One component calls another."""

    caller: str
    callee: str
    certainty: Literal["stated", "inferred", "guessed"]
    evidence: str


class CallReport(Report, frozen=True, kw_only=True):
    """One visit to a component, with the calls made during it."""

    component: str
    probability: float
    times: int
    timeout_s: Number
    demands: dict[str, QuantityReport]
    calls: list["CallReport"]
    on_miss: list["CallReport"]


class RouteReport(Report, frozen=True, kw_only=True):
    """One kind of request."""

    name: str
    share: float
    deadline_s: float
    inferred: bool
    entry: CallReport


class TrafficReport(Report, frozen=True, kw_only=True):
    """Offered load; start_s is Unix time of a history, 0 for a shape."""

    name: str
    evidence: Literal["measured", "declared", "assumed"]
    start_s: float
    step_s: float
    duration_s: float
    peak_per_s: float
    mean_per_s: float


class WorkloadReport(Report, frozen=True, kw_only=True):
    """What was reviewed."""

    name: str
    region: str
    architecture: str
    growth: float
    traffic: TrafficReport
    objectives: list[ObjectiveReport]
    components: list[ComponentReport]
    edges: list[EdgeReport]
    routes: list[RouteReport]


class JudgementReport(Report, frozen=True, kw_only=True):
    """One objective at one load; low and high are the 95 % confidence interval over replications."""

    objective: str
    value: Number
    low: Number
    high: Number
    met: bool
    margin: Number
    confidence: Literal["sure", "too close to call", "one run"]


class PressureReport(Report, frozen=True, kw_only=True):
    """Something that is full or ran out; since_s counts from the beginning of the judged time."""

    component: str
    primitive: str
    kind: str
    text: str
    since_s: Number
    severity: Number


class RunReport(Report, frozen=True, kw_only=True):
    """One replication."""

    seed: int
    requests: int
    stopped: str | None


class LatencyReport(Report, frozen=True, kw_only=True):
    """Response times of the judged requests that were not refused; tm99 and iqm are trimmed means as CloudWatch's."""

    mean_s: Number
    p50_s: Number
    p90_s: Number
    p99_s: Number
    p99_9_s: Number
    tm99_s: Number
    iqm_s: Number


class RouteResultReport(Report, frozen=True, kw_only=True):
    """What happened to the judged requests of a route, or of all."""

    arrived: int
    answered: int
    failed: int
    late: int
    unanswered: int
    latency: LatencyReport


class FailureReport(Report, frozen=True, kw_only=True):
    """Judged requests lost to one cause."""

    component: str
    primitive: str
    text: str
    requests: int


class ComponentResultReport(Report, frozen=True, kw_only=True):
    """What a component did over the judged time; null where it has no such thing."""

    visits_per_s: Number
    residence_s: Number
    utilization: Number
    utilization_peak: Number
    instances: Number
    instances_peak: Number
    hit_ratio: Number
    concurrency: Number
    concurrency_peak: Number
    concurrency_limit: Number
    cold_starts: int
    refused: int


class ActivityReport(Report, frozen=True, kw_only=True):
    """A scaling activity; time_s counts from the beginning of the judged time."""

    fleet: str
    time_s: float
    before: int
    after: int
    reason: str


class HappeningReport(Report, frozen=True, kw_only=True):
    """Something that ran out; negative times lie before the judged time."""

    primitive: str
    time_s: float
    text: str


class CostReport(Report, frozen=True, kw_only=True):
    """Cost of a month."""

    usd_per_month: Number
    components: dict[str, Number]
    notes: list[str]


class SeriesReport(Report, frozen=True, kw_only=True):
    """Time series of the first run, at most 360 points: of windows by arrival, and of levels by sample."""

    window_times_s: list[Number]
    offered_per_s: list[Number]
    answered_per_s: list[Number]
    failed_per_s: list[Number]
    latency_p50_s: list[Number]
    latency_p99_s: list[Number]
    times_s: list[Number]
    levels: dict[str, list[Number]]


class LoadReport(Report, frozen=True, kw_only=True):
    """One load, judged; within_percent is the percent of answers no slower than each latency objective asks."""

    name: str
    factor: float
    rate_per_s: float
    met: bool
    judged_s: float
    judged_from_s: float
    lead_s: float
    runs: list[RunReport]
    judgements: list[JudgementReport]
    within_percent: dict[str, Number]
    all_requests: RouteResultReport
    routes: dict[str, RouteResultReport]
    failures: list[FailureReport]
    pressures: list[PressureReport]
    components: dict[str, ComponentResultReport]
    activities: list[ActivityReport]
    happenings: list[HappeningReport]
    cost: CostReport
    series: SeriesReport
    notes: list[str]


class LoadLineReport(Report, frozen=True, kw_only=True):
    """The largest load that meets every objective, as a multiple of today's traffic and in requests/s."""

    factor: float
    rate_per_s: float
    above: Number
    at_least: bool
    never: bool
    missed: list[str]
    gives_way: list[PressureReport]
    runs: int


class ChangeReport(Report, frozen=True, kw_only=True):
    """One edit; an addition of resources has neither setting nor values."""

    title: str
    component: str
    policy: str | None
    setting: str | None
    before: str | None
    after: str | None
    because: str
    caveat: str
    also: list["ChangeReport"]
    resources: list[str]


class EffectReport(Report, frozen=True, kw_only=True):
    """What changes do at the load they were tried at."""

    judgements: list[JudgementReport]
    missed: int
    usd_per_month: Number
    load_line: LoadLineReport | None
    stopped: str | None


class ChangedReport(Report, frozen=True, kw_only=True):
    """How much an indicator changes, over runs with the same requests; low and high are its 95 % interval."""

    objective: str
    change: Number
    low: Number
    high: Number


class RecommendationReport(Report, frozen=True, kw_only=True):
    """Changes worth making, with their simulated effect and patch."""

    title: str
    at: str
    factor: float
    changes: list[ChangeReport]
    effect: EffectReport
    before: EffectReport
    value: Number
    diff: str
    notes: list[str]
    changed: list[ChangedReport]


class AssumptionReport(Report, frozen=True, kw_only=True):
    """An assumption; capacity and latency are relative to now at the low and the high end of the range."""

    component: str
    name: str
    where: str
    meaning: str
    quantity: QuantityReport
    capacity: list[Number]
    latency: list[Number]
    score: Number
    met: list[bool] | None


class NotModelledReport(Report, frozen=True, kw_only=True):
    """A resource that was left out."""

    name: str
    kind: str
    reason: str
    matters: bool
    place: str | None


class FindingReport(Report, frozen=True, kw_only=True):
    """Something that contradicts itself or a rule."""

    check: str
    severity: str
    resource: str | None
    what: str
    remedy: str
    place: str | None
    best_practice: str | None
    source: str | None


class CheckReport(Report, frozen=True, kw_only=True):
    """What one check said."""

    check: str
    title: str
    answer: str
    looked_at: int
    cannot_tell: dict[str, str]


class ReviewReport(Report, frozen=True, kw_only=True, rename={"schema_": "schema"}):
    """A review."""

    schema_: Literal["tonnage.review/1"]
    tonnage: str
    seed: int
    met: bool
    workload: WorkloadReport
    loads: list[LoadReport]
    load_line: LoadLineReport
    advised: bool
    recommendations: list[RecommendationReport]
    findings: list[FindingReport]
    checks: list[CheckReport]
    assumptions: list[AssumptionReport]
    not_modelled: list[NotModelledReport]
    notes: list[str]
