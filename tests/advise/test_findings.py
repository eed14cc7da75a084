"""Findings: scaling that contradicts itself has its place and a remedy."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import a_stack, a_workload, gathered
from shared_data import ROOT
from tonnage.advise.findings import findings
from tonnage.intake import Overrides, load, open_source
from tonnage.review import review
from tonnage.services import db_cluster
from tonnage.workload import Call, Route
from workloads import a_web_source, compiled

TRACKING = """\
      PolicyType: TargetTrackingScaling
      EstimatedInstanceWarmup: 60
      TargetTrackingConfiguration:
        PredefinedMetricSpecification:
          PredefinedMetricType: ASGAverageCPUUtilization
        TargetValue: 50
"""
STEPS = """\
      PolicyType: StepScaling
      AdjustmentType: ChangeInCapacity
      StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }]
  Down:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Web
      PolicyType: StepScaling
      AdjustmentType: ChangeInCapacity
      StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }]
  High:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/EC2
      MetricName: CPUUtilization
      Dimensions: [{ Name: AutoScalingGroupName, Value: !Ref Web }]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 1
      Threshold: 60
      ComparisonOperator: GreaterThanThreshold
      AlarmActions: [!Ref Scaling]
  Low:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/EC2
      MetricName: CPUUtilization
      Dimensions: [{ Name: AutoScalingGroupName, Value: !Ref Web }]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 1
      Threshold: LOW
      ComparisonOperator: LessThanThreshold
      AlarmActions: [!Ref Down]
"""


def found(folder: Path, old: str = "", new: str = "", **settings: int) -> list[str]:
    a_web_source(folder, **settings)  # type: ignore[arg-type]
    template = folder / "template.yaml"
    assert old in template.read_text()
    template.write_text(template.read_text().replace(old, new) if old else template.read_text())
    return [finding.text for finding in findings(compiled(load(open_source(str(folder), Overrides()))))]


def test_what_is_sound_is_not_complained_about(tmp_path: Path) -> None:
    assert found(tmp_path) == []


def test_a_group_that_cannot_move_has_policies_for_nothing(tmp_path: Path) -> None:
    (text,) = found(tmp_path, min_size=4, max_size=4)
    assert "template.yaml:" in text
    assert "minimum and maximum are both 4, so its 1 scaling policies never act" in text


def test_a_target_that_no_instance_exceeds_never_scales_out(tmp_path: Path) -> None:
    (text,) = found(tmp_path, "TargetValue: 50", "TargetValue: 100")
    assert "tracks CPU at 100 %" in text
    assert "Give a target well below 100" in text


@pytest.mark.parametrize(("target", "finds"), [(5000, False), (20_000, True)])
def test_a_target_of_more_requests_than_an_instance_carries(tmp_path: Path, target: int, finds: bool) -> None:
    # Two vCPUs of 10 ms a request carry 12,000 a minute.
    requests = TRACKING.replace("ASGAverageCPUUtilization", "ALBRequestCountPerTarget").replace("50", str(target))
    texts = found(tmp_path, TRACKING, requests)
    assert bool(texts) == finds
    if finds:
        assert "one carries 12,000 at most" in texts[0]


def test_a_group_that_only_grows(tmp_path: Path) -> None:
    (text,) = found(tmp_path, "        TargetValue: 50", "        TargetValue: 50\n        DisableScaleIn: true")
    assert "none of its policies scales in" in text


@pytest.mark.parametrize(("low", "finds"), [("30", False), ("70", True)])
def test_thresholds_that_cross_undo_each_other(tmp_path: Path, low: str, finds: bool) -> None:
    texts = found(tmp_path, TRACKING, STEPS.replace("LOW", low))
    assert bool(texts) == finds
    if finds:
        assert "Down scales in at 70 and Scaling out at 60" in texts[0]


CLUSTER = """
Cluster:
  Type: AWS::RDS::DBCluster
  Properties: { Engine: aurora-mysql }
Writer:
  Type: AWS::RDS::DBInstance
  Properties: { Engine: aurora-mysql, DBClusterIdentifier: !Ref Cluster, DBInstanceClass: db.r6g.large }
Target:
  Type: AWS::ApplicationAutoScaling::ScalableTarget
  Properties:
    MinCapacity: 0
    MaxCapacity: 6
    ResourceId: !Sub "cluster:${Cluster}"
    ScalableDimension: rds:cluster:ReadReplicaCount
Follow:
  Type: AWS::ApplicationAutoScaling::ScalingPolicy
  Properties:
    PolicyType: TargetTrackingScaling
    ScalingTargetId: !Ref Target
    TargetTrackingScalingPolicyConfiguration:
      TargetValue: 60
      PredefinedMetricSpecification: { PredefinedMetricType: RDSReaderAverageCPUUtilization }
"""


@pytest.mark.parametrize(("least", "finds"), [(0, True), (1, False)])
def test_scaling_of_readers_needs_a_reader(tmp_path: Path, least: int, finds: bool) -> None:
    stack = a_stack(tmp_path, CLUSTER.replace("MinCapacity: 0", f"MinCapacity: {least}"))
    workload = a_workload(stack, gathered(db_cluster, stack, "Cluster"))
    route = Route(name="r", share=1.0, entry=Call(component="Cluster"))
    texts = [finding.text for finding in findings(compiled(replace(workload, routes=(route,))))]
    assert [("Follow never acts" in text) for text in texts] == [True] * finds


def test_the_review_tells_them(tmp_path: Path) -> None:
    source = a_web_source(tmp_path, min_size=4, max_size=4, traffic="constant 20/s for 5 min")
    answer = review(source, advise=False, window_s=60.0)
    assert any("never act" in finding.what for finding in answer.findings)


def test_an_autoscaler_that_never_acts_is_told_at_its_line_of_the_manifest(tmp_path: Path) -> None:
    folder = tmp_path / "eks-shop"
    shutil.copytree(ROOT / "examples" / "eks-shop", folder)
    manifest = folder / "k8s" / "shop.yaml"
    manifest.write_text(manifest.read_text().replace("averageUtilization: 80", "averageUtilization: 190"))
    (told,) = findings(compiled(load(open_source(str(folder), Overrides()))))
    assert "a pod can use 200 %" in told.text
    assert told.place is not None
    assert manifest.read_text().splitlines()[told.place.line - 1].strip() == "averageUtilization: 190"
