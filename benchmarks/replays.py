"""Real traffic through nine sets of scaling policies: how well capacity follows need, as a table and as pictures.

Each set-up is a template as a user would write it, read and replayed as ``tonnage simulate`` does (flows). The traces
are real; only their height is changed, so that the need of 99 % of the time is 20 instances. ``--out`` writes the page
and its pictures (usually ``docs/explanation``). Needs the real data (``--data``, usually ``../shared/data``).
"""

import argparse
import datetime as dt
import math
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from figures import print_machine
from replay_picture import picture, samples
from tonnage import intake
from tonnage.advise.replay import Elasticity, Replay, replay
from tonnage.catalog import load_catalog
from tonnage.compile import Compiled, compile_workload
from tonnage.engine.primitives import Fleet
from tonnage.intake import Overrides, open_source
from tonnage.telemetry import read_traffic
from tonnage.workload import Scenario, Traffic

BUSY = 0.7
"""Utilization at which a group has what it needs."""
INSTANCES = 20
TARGET = 50
DAYS = 14
DAY_S = 86_400.0

TEMPLATE = """\
Resources:
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {{ Type: application }}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{{ Type: forward, TargetGroupArn: !Ref Targets }}]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      TargetGroupAttributes: [{{ Key: deregistration_delay.timeout_seconds, Value: "60" }}]
  Launch:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: c7g.large
        Monitoring: {{ Enabled: {detailed} }}
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      LaunchTemplate: {{ LaunchTemplateId: !Ref Launch, Version: "1" }}
      MinSize: "2"
      MaxSize: "60"
      TargetGroupARNs: [!Ref Targets]
{policies}"""

FILE = """\
architecture: template.yaml
traffic: constant 1/s
objectives: [p99 latency < 500 ms, errors < 1 %]
routes:
  page:
    share: 100 %
    call: Balancer
    then: [{ call: Web, demands: { cpu: 20 ms } }]
components:
  Web: { boot_time: 120 s, workers: 100 }
"""

POLICY = """\
  {name}:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Web
"""


def tracking(target: float, metric: str = "ASGAverageCPUUtilization") -> str:
    label = "\n          ResourceLabel: !Join ['/', [app/b/1, targetgroup/t/1]]" if metric.startswith("ALB") else ""
    return f"""{POLICY.format(name="Track")}\
      PolicyType: TargetTrackingScaling
      TargetTrackingConfiguration:
        PredefinedMetricSpecification:
          PredefinedMetricType: {metric}{label}
        TargetValue: {target:g}
"""


def alarm(policy: str, comparison: str, threshold: int, periods: int) -> str:
    return f"""\
  {policy}Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/EC2
      MetricName: CPUUtilization
      Statistic: Average
      Dimensions: [{{ Name: AutoScalingGroupName, Value: !Ref Web }}]
      Period: 60
      EvaluationPeriods: {periods}
      ComparisonOperator: {comparison}
      Threshold: {threshold}
      AlarmActions: [!Ref {policy}]
"""


def stepped() -> str:
    out = f"""{POLICY.format(name="Out")}\
      PolicyType: StepScaling
      AdjustmentType: PercentChangeInCapacity
      MinAdjustmentMagnitude: 1
      EstimatedInstanceWarmup: 180
      StepAdjustments:
        - {{ MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 10, ScalingAdjustment: 10 }}
        - {{ MetricIntervalLowerBound: 10, MetricIntervalUpperBound: 20, ScalingAdjustment: 25 }}
        - {{ MetricIntervalLowerBound: 20, ScalingAdjustment: 50 }}
"""
    back = f"""{POLICY.format(name="In")}\
      PolicyType: StepScaling
      AdjustmentType: PercentChangeInCapacity
      MinAdjustmentMagnitude: 1
      StepAdjustments: [{{ MetricIntervalUpperBound: 0, ScalingAdjustment: -10 }}]
"""
    return out + back + alarm("Out", "GreaterThanThreshold", 60, 2) + alarm("In", "LessThanThreshold", 40, 10)


def simple() -> str:
    def policy(name: str, adjustment: int) -> str:
        return f"""{POLICY.format(name=name)}\
      PolicyType: SimpleScaling
      AdjustmentType: ChangeInCapacity
      ScalingAdjustment: {adjustment}
      Cooldown: "300"
"""

    alarms = alarm("Out", "GreaterThanThreshold", 60, 2) + alarm("In", "LessThanThreshold", 40, 10)
    return policy("Out", 2) + policy("In", -1) + alarms


def scheduled(least: int, rise: int, fall: int) -> str:
    def action(name: str, hour: int, minute: int, minimum: int) -> str:
        return f"""\
  {name}:
    Type: AWS::AutoScaling::ScheduledAction
    Properties: {{ AutoScalingGroupName: !Ref Web, Recurrence: "{minute} {hour} * * *", MinSize: {minimum} }}
"""

    return tracking(TARGET) + action("Busy", (rise - 1) % 24, 45, least) + action("Quiet", fall % 24, 0, 2)


def predictive() -> str:
    return f"""{tracking(TARGET)}{POLICY.format(name="Forecast")}\
      PolicyType: PredictiveScaling
      PredictiveScalingConfiguration:
        Mode: ForecastAndScale
        SchedulingBufferTime: 600
        MetricSpecifications:
          - TargetValue: {TARGET}
            PredefinedMetricPairSpecification: {{ PredefinedMetricType: ASGCPUUtilization }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A real history, and the hours of the day in which it is busy."""

    key: str
    title: str
    file: str
    begin: str | None = None
    busy_hours: tuple[int, int] | None = None

    def read(self, data: Path) -> Traffic:
        """As recorded, by the minute where it is finer."""
        found = read_traffic(data / self.file, kind="counts" if "nab" in self.file else None)
        if found.step_s < 60.0:
            found = by_minute(found)
        if self.begin is None:
            return found
        return found.window(dt.datetime.fromisoformat(self.begin).replace(tzinfo=dt.UTC).timestamp(), DAYS * DAY_S)


def by_minute(traffic: Traffic) -> Traffic:
    """Means by whole minutes."""
    steps = round(60.0 / traffic.step_s)
    rates = np.array(traffic.rates_per_s)[: len(traffic.rates_per_s) // steps * steps].reshape(-1, steps).mean(axis=1)
    return replace(traffic, step_s=60.0, rates_per_s=tuple(rates.tolist()))


TRACES = (
    Trace(
        key="elb",
        title="RequestCount of an Elastic Load Balancer, April 2014, every 5 minutes",
        file="metrics/nab/realAWSCloudwatch/elb_request_count_8c0756.csv",
        begin="2014-04-10T00:04",
        busy_hours=(12, 22),
    ),
    Trace(
        key="nasa",
        title="NASA Kennedy Space Center, 3 to 16 July 1995, every minute",
        file="traffic/nasa_http_1995_per_minute.csv.gz",
        begin="1995-07-03",
        busy_hours=(8, 18),
    ),
    Trace(
        key="tweets",
        title="Tweets that mention Amazon, 16 to 29 March 2015, every 5 minutes",
        file="metrics/nab/realTweets/Twitter_volume_AMZN.csv",
        begin="2015-03-16",
        busy_hours=(12, 24),
    ),
    Trace(
        key="llm",
        title="Code completion by a language model, Azure, 57 minutes of November 2023, every minute",
        file="traffic/azure_llm_2023_code.csv.gz",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """Scaling policies, and how often the group's metric comes."""

    key: str
    title: str
    policies: str
    detailed: bool = True


def set_ups(trace: Trace, traffic: Traffic, per_instance_per_s: float) -> list[SetUp]:
    """Every set-up; those by the hour of the day only where there are days.

    Args:
        trace: What is replayed.
        traffic: Its rates.
        per_instance_per_s: What fills one instance.
    """
    at_target = per_instance_per_s * TARGET / 100.0
    found = [
        SetUp(key="fixed", title=f"no policy: {INSTANCES} instances always", policies=""),
        SetUp(key="track-50", title="target tracking, CPU 50 %", policies=tracking(50)),
        SetUp(key="track-70", title="target tracking, CPU 70 %", policies=tracking(70)),
        SetUp(
            key="track-50-basic",
            title="target tracking, CPU 50 %, basic monitoring",
            policies=tracking(50),
            detailed=False,
        ),
        SetUp(
            key="requests",
            title="target tracking, requests per target (50 % busy)",
            policies=tracking(round(60.0 * at_target), "ALBRequestCountPerTarget"),
        ),
        SetUp(key="step", title="step scaling, three steps above 60 %", policies=stepped()),
        SetUp(key="simple", title="simple scaling, +2 above 60 %, cooldown 300 s", policies=simple()),
    ]
    if trace.busy_hours is None:
        return found
    rise, fall = trace.busy_hours
    hours = (traffic.start_s + traffic.step_s * np.arange(len(traffic.rates_per_s))) // 3600.0 % 24
    busy = np.array(traffic.rates_per_s)[(hours >= rise) & (hours < fall)].mean()
    least = math.ceil(busy / at_target)
    return [
        *found,
        SetUp(
            key="scheduled",
            title=f"target tracking, CPU 50 %, and at least {least} from {rise} to {fall} h",
            policies=scheduled(least, rise, fall),
        ),
        SetUp(key="predictive", title="target tracking, CPU 50 %, and predictive scaling", policies=predictive()),
    ]


def compiled(set_up: SetUp, traffic: Traffic) -> Compiled:
    """The template with the policies of a set-up, read as a user's."""
    text = TEMPLATE.format(detailed=str(set_up.detailed).lower(), policies=set_up.policies)
    if set_up.key == "fixed":
        text = text.replace('"2"', f'"{INSTANCES}"').replace('"60"', f'"{INSTANCES}"')
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "template.yaml").write_text(text)
        (Path(folder) / "tonnage.yaml").write_text(FILE)
        workload = intake.load(open_source(folder, Overrides()))
    return compile_workload(replace(workload, traffic=traffic), load_catalog(workload.region))


def per_instance(traffic: Traffic) -> float:
    """Requests/s that fill one instance."""
    model = compiled(SetUp(key="track-50", title="", policies=tracking(50)), traffic)
    fleet = next(p for p in model.model.primitives.values() if isinstance(p, Fleet))
    return fleet.servers * fleet.speed / max(model.means.work_s.values())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """One replay."""

    trace: Trace
    traffic: Traffic
    set_up: SetUp
    replayed: Replay

    @property
    def group(self) -> Elasticity:
        """How well the group followed."""
        return self.replayed.elasticities[0]


HEAD = (
    "| set-up | too few, of the time | of the need | too many, of the time | of the need | against each other"
    " | instance hours | activities | p99 | errors |\n|---|" + "---:|" * 9
)


def row(found: Result) -> str:
    item, outcome = found.group, found.replayed.outcome
    p99_s, errors = (judgement.value for judgement in found.replayed.judgements)
    p99 = f"{1e3 * p99_s:,.0f} ms" if p99_s < 10 else f"{p99_s:,.0f} s"
    return (
        f"| {found.set_up.title} | {item.time_too_few:.1%} | {item.too_few:.1%} | {item.time_too_many:.1%}"
        f" | {item.too_many:.0%} | {item.instability:.1%} | {item.instance_hours:,.0f}"
        f" | {len(outcome.activities):,} | {p99} | {errors:.2%} |"
    )


def results(trace: Trace, data: Path) -> list[Result]:
    """Every set-up over one trace."""
    traffic = trace.read(data)
    fill_per_s = per_instance(traffic)
    raised = traffic.scaled(INSTANCES * BUSY * fill_per_s / float(np.percentile(traffic.rates_per_s, 99.0)))
    scenario = Scenario(name="as recorded", window_s=raised.duration_s)
    print(f"\n{trace.title}: mean {raised.mean_per_s:,.0f}/s, busiest step {raised.peak_per_s:,.0f}/s\n\n{HEAD}")
    found = []
    for set_up in set_ups(trace, raised, fill_per_s):
        replayed = replay(compiled(set_up, raised), scenario, busy=BUSY)
        result = Result(trace=trace, traffic=raised, set_up=set_up, replayed=replayed)
        print(row(result), flush=True)
        found.append(result)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the real data")
    parser.add_argument("--out", type=Path, help="write the pictures into this folder's replays/")
    parser.add_argument("--trace", choices=[trace.key for trace in TRACES], help="only this one")
    options = parser.parse_args()
    print_machine()
    for trace in TRACES:
        if options.trace in {None, trace.key}:
            found = results(trace, options.data)
            if options.out:
                write(found, options.out / "replays")


def busiest_day(traffic: Traffic) -> tuple[float, float]:
    """Beginning and end of the day of the calendar with the most requests, s; all of what is shorter than a day."""
    first = -traffic.start_s % DAY_S
    days = np.arange(first, traffic.duration_s - DAY_S + 1.0, DAY_S)
    if not len(days):
        return 0.0, traffic.duration_s
    busiest = max(days, key=lambda begin: traffic.window(traffic.start_s + begin, DAY_S).mean_per_s)
    return float(busiest), float(busiest + DAY_S)


def write(found: Sequence[Result], folder: Path) -> None:
    """One picture a set-up: the busiest day of the trace, on the same scale."""
    folder.mkdir(parents=True, exist_ok=True)
    part = busiest_day(found[0].traffic)
    first, last = samples(found[0].replayed, part)
    high = max(float(max(each.group.needed[first:last].max(), each.group.supplied[first:last].max())) for each in found)
    for result in found:
        text = picture(result.set_up.title, result.replayed, part, high)
        (folder / f"{result.trace.key}-{result.set_up.key}.svg").write_text(text)


if __name__ == "__main__":
    main()
