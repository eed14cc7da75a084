"""Reviews made by hand, without a simulation: realistic figures, awkward names, every part filled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tonnage.advise.assumptions import Assumption, Influence
from tonnage.advise.cost import MonthlyCost
from tonnage.advise.load_line import LoadLine
from tonnage.advise.pressure import Pressure
from tonnage.advise.recommend import Effect, Recommendation
from tonnage.advise.review import Judged, Review
from tonnage.advise.verdict import Judgement
from tonnage.engine.kernels.histogram import COARSE_BITS, FINE_BITS, OCTAVES, bucket_edges
from tonnage.engine.model import Cause
from tonnage.engine.outcome import ComponentOutcome, Failure, Outcome, RouteOutcome
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    Edge,
    NotModelled,
    Objective,
    Place,
    Quantity,
    Retry,
    Route,
    ScalingPolicy,
    Scenario,
    Traffic,
    Workload,
    assumed,
    declared,
    parse_objective,
)

OBJECTIVES = ("p99 latency < 300 ms", "errors < 0.1 %", "cost < 2 000 USD/month")
PEAK_PER_S = 412.0
FRIDAY_1430 = 1_741_357_800.0
"""2025-03-07 14:30 UTC."""
LB, WEB, CACHE, DB, TABLE = (
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::AutoScaling::AutoScalingGroup",
    "AWS::ElastiCache::CacheCluster",
    "AWS::RDS::DBInstance",
    "AWS::DynamoDB::Table",
)


def at(line: int) -> Place:
    return Place(file="web.yaml", line=line)


def a_histogram(times_s: Mapping[float, int], bits: int = FINE_BITS) -> np.ndarray:
    """Counts of response times: each time with how many requests took it."""
    counts = np.zeros(OCTAVES << bits, dtype=np.int64)
    for time_s, requests in times_s.items():
        counts[np.searchsorted(bucket_edges(bits), time_s, side="right") - 1] += requests
    return counts


def a_traffic() -> Traffic:
    minutes = [PEAK_PER_S * (0.4 + 0.6 * min(k, 120 - k) / 60.0) for k in range(121)]
    return Traffic(
        name="history.csv", start_s=FRIDAY_1430 - 3600.0, step_s=60.0, rates_per_s=tuple(minutes), evidence="measured"
    )


def a_workload(**changes: object) -> Workload:
    read = Call(
        component="SessionCache",
        demands={"operations": declared(1.0, "1", "web.yaml")},
        on_miss=(
            Call(
                component="Database",
                demands={"cpu": assumed(0.004, "s", "typical of indexed queries", low=0.001, high=0.010)},
                timeout_s=3.0,
                retry=Retry(attempts=2),
            ),
        ),
    )
    browse = Call(
        component="LoadBalancer",
        calls=(
            Call(component="WebServerGroup", demands={"cpu": declared(0.014, "s", "tonnage.yaml:9")}, calls=(read,)),
        ),
    )
    order = Call(
        component="LoadBalancer",
        calls=(
            Call(
                component="WebServerGroup",
                calls=(
                    Call(component="Database", times=2),
                    Call(component="Orders", probability=0.5, timeout_s=0.25),
                ),
            ),
        ),
    )
    workload = Workload(
        name="web-shop",
        region="us-east-1",
        architecture="web.yaml",
        components={
            "LoadBalancer": Component(name="LoadBalancer", kind=LB, settings={"Type": "application"}, place=at(12)),
            "WebServerGroup": Component(
                name="WebServerGroup",
                kind=WEB,
                settings={"MinSize": 2, "MaxSize": 6, "InstanceType": "t3.medium"},
                policies=(
                    ScalingPolicy(
                        name="CpuPolicy", mechanism="target tracking", settings={"TargetValue": 70}, origins={}
                    ),
                    ScalingPolicy(name="Mornings", mechanism="scheduled", settings={}, origins={}),
                ),
                place=at(40),
            ),
            "SessionCache": Component(
                name="SessionCache",
                kind=CACHE,
                characteristics={"hit_ratio": assumed(0.8, "1", "typical", low=0.7, high=0.9)},
                place=at(70),
            ),
            "Database": Component(name="Database", kind=DB, settings={"DBInstanceClass": "db.t3.medium"}, place=at(88)),
            "Orders": Component(name="Orders", kind=TABLE, settings={"BillingMode": "PROVISIONED"}, place=at(120)),
            "Audit": Component(name="Audit", kind=TABLE, place=at(140)),
        },
        edges=(
            Edge(
                caller="LoadBalancer",
                callee="WebServerGroup",
                evidence="TargetGroupARNs of WebServerGroup (web.yaml:44)",
                certainty="stated",
                place=at(44),
            ),
            Edge(
                caller="WebServerGroup",
                callee="SessionCache",
                evidence="DataSecurityGroup lets WebSecurityGroup in (web.yaml:81)",
                certainty="inferred",
            ),
            Edge(
                caller="WebServerGroup",
                callee="Database",
                evidence="the only database of the stack",
                certainty="guessed",
            ),
        ),
        routes=(
            Route(name="browse", share=0.85, entry=browse),
            Route(name="order", share=0.15, entry=order, deadline_s=10.0, inferred=True),
        ),
        traffic=a_traffic(),
        objectives=tuple(parse_objective(text, at(5 + k)) for k, text in enumerate(OBJECTIVES)),
        not_modelled=(
            NotModelled(
                name="Cdn",
                kind="AWS::CloudFront::Distribution",
                reason="not modelled yet: what it answers itself does not reach the load balancer",
                place=at(8),
                matters=True,
            ),
            NotModelled(
                name="WebSecurityGroup",
                kind="AWS::EC2::SecurityGroup",
                reason="carries no requests (network)",
                place=at(30),
            ),
            NotModelled(name="Assets", kind="AWS::S3::Bucket", reason="carries no requests", place=at(150)),
        ),
        notes=("Parameter without a value: DatabasePassword; give it with --parameter NAME=VALUE.",),
    )
    return replace(workload, **changes)


def a_component_outcome(**changes: object) -> ComponentOutcome:
    return replace(ComponentOutcome(visits_per_s=400.0, residence_s=0.02), **changes)


def an_outcome(*, busy: bool = False, factor: float = 1.0, seed: int = 1, **changes: object) -> Outcome:
    """Half an hour: calm, or with a database that loses its CPU credits after ten minutes."""
    samples, windows = 180, 30
    times_s = 10.0 * np.arange(1, samples + 1)
    late = times_s > 600.0
    wave = (np.arange(samples) * 7 % 11 - 5) / 200.0
    rate = PEAK_PER_S * factor
    database = np.where(late, 1.0, 0.88 + wave) if busy else 0.55 + wave
    serving = np.where(times_s > 420.0, 5.0, 4.0) if busy else np.full(samples, 3.0)
    arrived = np.full(windows, round(rate * 60.0), dtype=np.int64)
    failed = np.where(np.arange(windows) >= 10, round(rate * 3.0), 0) if busy else np.zeros(windows, dtype=np.int64)
    fast = a_histogram({0.020: 500, 0.090: 450, 0.188: 48, 0.400: 2}, COARSE_BITS)
    slow = a_histogram({0.060: 400, 0.900: 500, 2.4: 90, 4.9: 10}, COARSE_BITS)
    total, lost = int(arrived.sum()), int(failed.sum())
    shares = {"browse": 0.85, "order": 0.15}
    tail = {0.060: 0.40, 0.900: 0.48, 2.4: 0.10, 4.9: 0.02} if busy else {0.020: 0.50, 0.090: 0.45, 0.187: 0.05}
    routes = tuple(
        RouteOutcome(
            name=name,
            arrived=round(total * share),
            answered=round(total * share) - round(lost * share),
            failed=round(lost * share),
            late=0,
            unanswered=0,
            histogram=a_histogram({time_s: round(total * share * part) for time_s, part in tail.items()}),
        )
        for name, share in shares.items()
    )
    refusals = (
        Failure(
            cause=Cause(component="Database", primitive="Database/connections", text="too many connections"),
            requests=lost,
        ),
    )
    outcome = Outcome(
        seed=seed,
        factor=factor,
        judged_s=1800.0,
        judged_from_s=FRIDAY_1430 + 1800.0,
        offered_per_s=rate,
        routes=routes,
        failures=refusals if busy else (),
        components={
            "LoadBalancer": a_component_outcome(visits_per_s=rate),
            "WebServerGroup": a_component_outcome(
                visits_per_s=rate,
                utilization=0.61,
                utilization_peak=0.72 if busy else 0.66,
                instances=float(serving.mean()),
                instances_peak=float(serving.max()),
                concurrency=12.0,
                concurrency_peak=48.0 if busy else 9.0,
                concurrency_limit=100.0,
            ),
            "SessionCache": a_component_outcome(utilization=0.02, utilization_peak=0.03, hit_ratio=0.8),
            "Database": a_component_outcome(
                utilization=float(database.mean()),
                utilization_peak=float(database.max()),
                instances=1.0,
                instances_peak=1.0,
                concurrency=60.0,
                concurrency_peak=341.0 if busy else 14.0,
                concurrency_limit=341.0,
                refused=lost,
            ),
            "Orders": a_component_outcome(visits_per_s=31.0, refused=120 if busy else 0),
            "Audit": a_component_outcome(visits_per_s=0.0, residence_s=0.0),
        },
        times_s=times_s,
        series={
            ":offered": rate + 400.0 * wave,
            "WebServerGroup/cpu:utilization": 0.62 + wave,
            "WebServerGroup/cpu:in service": serving,
            "WebServerGroup/cpu:pending": np.where((times_s > 300.0) & (times_s <= 420.0), 1.0, 0.0) * busy,
            "SessionCache/engine:utilization": np.full(samples, 0.02),
            "SessionCache/keys:hit ratio": np.where(times_s < 30.0, np.nan, 0.8),
            "Database/cpu:utilization": database,
            "Database/cpu:credits": np.maximum(0.0, 60.0 - times_s / 10.0) if busy else 240.0 - times_s / 60.0,
            "Database/io:burst balance": 1.0 - times_s / 4000.0,
            "Orders/writes:refused": np.where(late, 4.0, 0.0) * busy,
        },
        window_s=60.0,
        windows=np.stack([arrived, arrived - failed, failed], axis=1),
        window_hist=np.stack([slow if busy and k >= 10 else fast for k in range(windows)]).astype(np.int32),
        activities=(
            ("WebServerGroup/cpu", 300.0, 4, 5, "AlarmHigh: 3 of 3 datapoints above 70.0 (newest 83.1); 4 → 5"),
        )
        if busy
        else (),
        happenings=(("Database/cpu", 600.0, "CPU credits run out: speed falls to 20%"),) if busy else (),
        stopped=None,
        arrivals_per_s=rate,
        requests=round(rate * 1950.0),
    )
    return replace(outcome, **changes)


def a_judgement(objective: Objective, value: float, *, spread: float = 0.0, confidence: str = "sure") -> Judgement:
    return Judgement(
        objective=objective,
        value=value,
        low=max(0.0, value - spread),
        high=value + spread,
        met=value < objective.threshold,
        margin=(objective.threshold - value) / objective.threshold,
        confidence=confidence,
    )


CREDITS = Pressure(
    component="Database",
    primitive="Database/cpu",
    kind="credits",
    text="CPU credits run out: speed falls to 20%",
    since_s=600.0,
    severity=4.0,
)
CONNECTIONS = Pressure(
    component="Database",
    primitive="Database/connections",
    kind="connections",
    text="connections: 341 of 341 in use, 1.63% of requests refused (too many connections)",
    since_s=640.0,
    severity=1.0,
)
WRITES = Pressure(
    component="Orders",
    primitive="Orders/writes",
    kind="throttle",
    text="throttled (ProvisionedThroughputExceeded): 1,040/s refused above 1,000/s",
    since_s=None,
    severity=3.5,
)


def a_load_line(**changes: object) -> LoadLine:
    line = LoadLine(
        factor=1.143,
        rate_per_s=471.0,
        above=1.17,
        gives_way=(CREDITS, WRITES),
        missed=("p99 latency < 300 ms",),
        runs=7,
    )
    return replace(line, **changes)


def the_loads(workload: Workload) -> tuple[Judged, ...]:
    latency, errors, cost = workload.objectives[:3]
    calm, busy = an_outcome(), an_outcome(busy=True, factor=1.5)
    parts = {"LoadBalancer": 22.0, "WebServerGroup": 310.0, "SessionCache": 99.0, "Database": 701.0, "Orders": 52.0}
    return (
        Judged(
            scenario=Scenario(name="today's peak"),
            rate_per_s=PEAK_PER_S,
            judgements=(
                a_judgement(latency, 0.2996, spread=0.012, confidence="too close to call"),
                a_judgement(errors, 0.0),
                a_judgement(cost, 1184.0),
            ),
            outcomes=(calm, an_outcome(seed=2), an_outcome(seed=3)),
            pressures=(),
            cost=MonthlyCost(
                usd=1184.0, components={**parts, "Audit": 0.0}, notes=("Database: backups are not counted",)
            ),
        ),
        Judged(
            scenario=Scenario(name="+50%", factor=1.5),
            rate_per_s=618.0,
            judgements=(
                a_judgement(latency, 2.41, spread=0.2),
                a_judgement(errors, 0.032, spread=0.004),
                a_judgement(cost, 1240.0),
            ),
            outcomes=(busy,),
            pressures=(CREDITS, WRITES, CONNECTIONS),
            cost=MonthlyCost(usd=1240.0, components={**parts, "WebServerGroup": 366.0, "Audit": 0.0}, notes=()),
        ),
    )


DIFF = """--- a/web.yaml
+++ b/web.yaml
@@ -88,7 +88,7 @@
   Database:
     Type: AWS::RDS::DBInstance
     Properties:
-      DBInstanceClass: db.t3.medium # <script>alert("no")</script>
+      DBInstanceClass: db.m7g.large # <script>alert("no")</script>
       Engine: mysql
"""


def the_recommendations(workload: Workload) -> tuple[Recommendation, ...]:
    latency, errors, cost = workload.objectives[:3]

    def effect(p99: float, lost: float, usd: float, line: LoadLine | None, outcome: Outcome) -> Effect:
        return Effect(
            judgements=(
                a_judgement(latency, p99, confidence="one run"),
                a_judgement(errors, lost, confidence="one run"),
                a_judgement(cost, usd),
            ),
            outcome=outcome,
            usd=usd,
            load_line=line,
        )

    before = effect(2.41, 0.032, 1240.0, a_load_line(), an_outcome(busy=True, factor=1.5))
    calm = an_outcome(factor=1.5)
    stopped = an_outcome(busy=True, factor=1.5, stopped="stopped early at 1,020 s: the outcome was decided")
    restart = "the instance restarts: minutes without the database, about one with a standby"
    return (
        Recommendation(
            changes=(
                Change(
                    component="Database",
                    setting="DBInstanceClass",
                    before="db.t3.medium",
                    after="db.m7g.large",
                    because="it has no CPU credits that can run out or be billed",
                    caveat=restart,
                ),
            ),
            effect=effect(0.171, 0.0, 1292.0, a_load_line(factor=2.937, rate_per_s=1210.0, above=3.0), calm),
            before=before,
            value=10.2,
            diff=DIFF,
            notes=(restart,),
        ),
        Recommendation(
            changes=(
                Change(
                    component="WebServerGroup",
                    policy="CpuPolicy",
                    setting="TargetValue",
                    before=70,
                    after=50,
                    because="more instances stand ready before the peak",
                    also=(
                        Change(
                            component="WebServerGroup",
                            policy="CpuPolicy",
                            setting="EstimatedInstanceWarmup",
                            before=300,
                            after=None,
                        ),
                    ),
                ),
                Addition(
                    component="Database",
                    title="a proxy before Database",
                    resources={"DatabaseProxy": {"Type": "AWS::RDS::DBProxy", "Properties": {}}},
                    because="connections are shared",
                ),
            ),
            effect=effect(1.9, 0.004, 1278.0, a_load_line(factor=1.21, rate_per_s=498.0, at_least=True), stopped),
            before=before,
            value=0.4,
            notes=(restart, "no patch: the policy is in another stack"),
        ),
    )


def an_influence(name: str, value: float, unit: str, low: float, high: float, **changes: object) -> Influence:
    quantity = Quantity(value=value, unit=unit, evidence="assumed", source="typical", low=low, high=high)
    influence = Influence(
        assumption=Assumption(
            component="Database", name=name, where="call", meaning=f"What {name} is. Measure it.", quantity=quantity
        ),
        capacity=(1.0, 1.0),
        latency=(1.0, 1.0),
        score=0.0,
    )
    return replace(influence, **changes)


def the_influences() -> Sequence[Influence]:
    return (
        an_influence(
            "cpu", 0.004, "s", 0.001, 0.01, capacity=(1.9, 0.42), latency=(0.9, 1.2), score=0.9, met=(True, False)
        ),
        an_influence("queries", 1.0, "1", 1.0, 10.0, latency=(1.0, 1.155), score=0.14, met=(True, True)),
        an_influence("row_size", 1500.0, "bytes", 200.0, 20000.0),
    )


def a_review(**changes: object) -> Review:
    """The review of the project's documentation, more or less: it carries 471 requests/s, the database gives way."""
    workload = a_workload()
    review = Review(
        version="0.1.0",
        seed=1,
        workload=workload,
        loads=the_loads(workload),
        load_line=a_load_line(),
        recommendations=the_recommendations(workload),
        influences=tuple(the_influences()),
        summaries={
            "LoadBalancer": "",
            "WebServerGroup": "2-6 × t3.medium",
            "SessionCache": "cache.t4g.small redis",
            "Database": "db.t3.medium",
            "Orders": "PROVISIONED",
        },
        limits={"Database": {"max_connections": 341.0}, "WebServerGroup": {"instances": 6.0, "workers": 100.0}},
        policies={"CpuPolicy": "target tracking: CPU at 70 %, warm-up 300 s"},
        unsupported={"Mornings": "a scheduled action acts at a time of day, and a simulation has no calendar"},
    )
    return replace(review, **changes)
