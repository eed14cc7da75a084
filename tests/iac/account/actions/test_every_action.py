"""Every change that can be made in an account: its calls, their undoing, and that AWS's own model takes them."""

from typing import Any

import boto3
import pytest
from botocore.validate import ParamValidator

from tonnage.iac.account.actions import Call, Wanted, actions
from tonnage.workload import Value

GROUP = "AWS::AutoScaling::AutoScalingGroup"
TRACKING = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 50.0}
TARGET = {
    "ServiceNamespace": "ecs",
    "ResourceId": "service/c/app",
    "ScalableDimension": "ecs:service:DesiredCount",
}
UUID = "0a0a0a0a-0000-1111-2222-333333333333"
ALIAS = "arn:aws:lambda:us-east-1:123456789012:function:f:live"
STREAM = "arn:aws:kinesis:us-east-1:123456789012:stream/s"

Asked = tuple[str, dict[str, Any], dict[str, Any]]
EXAMPLES: list[tuple[str, str, dict[str, Value] | None, dict[str, Value], list[Asked]]] = [
    (
        GROUP, "web", {"MinSize": 2, "MaxSize": 8}, {"MinSize": "9", "MaxSize": 12, "DefaultInstanceWarmup": 60},
        [("update_auto_scaling_group",
          {"AutoScalingGroupName": "web", "MinSize": 9, "MaxSize": 12, "DefaultInstanceWarmup": 60},
          {"AutoScalingGroupName": "web", "MinSize": 2, "MaxSize": 8, "DefaultInstanceWarmup": -1})],
    ),
    (
        "AWS::AutoScaling::ScalingPolicy",
        "arn:aws:autoscaling:x:1:scalingPolicy:u:autoScalingGroupName/web:policyName/p",
        {"AutoScalingGroupName": "web", "PolicyType": "TargetTrackingScaling", "TargetTrackingConfiguration": TRACKING},
        {"AutoScalingGroupName": "web", "PolicyType": "TargetTrackingScaling",
         "TargetTrackingConfiguration": TRACKING | {"TargetValue": 30.0}},
        [("put_scaling_policy",
          {"AutoScalingGroupName": "web", "PolicyName": "p", "PolicyType": "TargetTrackingScaling",
           "TargetTrackingConfiguration": TRACKING | {"TargetValue": 30.0}},
          {"AutoScalingGroupName": "web", "PolicyName": "p", "PolicyType": "TargetTrackingScaling",
           "TargetTrackingConfiguration": TRACKING})],
    ),
    (
        "AWS::AutoScaling::ScalingPolicy", "", None,
        {"AutoScalingGroupName": "web", "PolicyType": "SimpleScaling", "AdjustmentType": "ChangeInCapacity",
         "ScalingAdjustment": "2", "Cooldown": "60"},
        [("put_scaling_policy",
          {"AutoScalingGroupName": "web", "PolicyName": "New", "PolicyType": "SimpleScaling",
           "AdjustmentType": "ChangeInCapacity", "ScalingAdjustment": 2, "Cooldown": 60},
          {"AutoScalingGroupName": "web", "PolicyName": "New"})],
    ),
    (
        "AWS::ApplicationAutoScaling::ScalableTarget", "", None, {**TARGET, "MinCapacity": 2, "MaxCapacity": "9"},
        [("register_scalable_target", {**TARGET, "MinCapacity": 2, "MaxCapacity": 9}, TARGET)],
    ),
    (
        "AWS::ApplicationAutoScaling::ScalableTarget", "x", {**TARGET, "MinCapacity": 1, "MaxCapacity": 4},
        {**TARGET, "MinCapacity": 1, "MaxCapacity": 9},
        [("register_scalable_target", {**TARGET, "MinCapacity": 1, "MaxCapacity": 9},
          {**TARGET, "MinCapacity": 1, "MaxCapacity": 4})],
    ),
    (
        "AWS::ApplicationAutoScaling::ScalingPolicy", "", None,
        {"PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
         "ScalingTargetId": "service/c/app|ecs:service:DesiredCount|ecs",
         "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 55.0}},
        [("put_scaling_policy",
          {**TARGET, "PolicyName": "cpu", "PolicyType": "TargetTrackingScaling",
           "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 55.0}},
          {**TARGET, "PolicyName": "cpu"})],
    ),
    (
        "AWS::ECS::Service", "arn:aws:ecs:us-east-1:1:service/c/app", {"DesiredCount": 2}, {"DesiredCount": 5},
        [("update_service", {"cluster": "c", "service": "app", "desiredCount": 5},
          {"cluster": "c", "service": "app", "desiredCount": 2})],
    ),
    (
        "AWS::Lambda::Function", "f", {"MemorySize": 512}, {"MemorySize": 1024, "ReservedConcurrentExecutions": 50},
        [("update_function_configuration", {"FunctionName": "f", "MemorySize": 1024},
          {"FunctionName": "f", "MemorySize": 512}),
         ("put_function_concurrency",
          {"FunctionName": "f", "ReservedConcurrentExecutions": 50}, {"FunctionName": "f"})],
    ),
    (
        "AWS::Lambda::Alias", ALIAS, {}, {"ProvisionedConcurrencyConfig": {"ProvisionedConcurrentExecutions": 9}},
        [("put_provisioned_concurrency_config",
          {"FunctionName": ALIAS.removesuffix(":live"), "Qualifier": "live", "ProvisionedConcurrentExecutions": 9},
          {"FunctionName": ALIAS.removesuffix(":live"), "Qualifier": "live"})],
    ),
    (
        "AWS::DynamoDB::Table", "orders",
        {"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
         "GlobalSecondaryIndexes": ({"IndexName": "by-day"},)},
        {"BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexes": ({"IndexName": "by-day"},)},
        [("update_table", {"TableName": "orders", "BillingMode": "PAY_PER_REQUEST"},
          {"TableName": "orders", "BillingMode": "PROVISIONED",
           "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
           "GlobalSecondaryIndexUpdates": [{"Update": {
               "IndexName": "by-day", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}}]})],
    ),
    (
        "AWS::EC2::Volume", "vol-1", {"VolumeType": "gp2"}, {"VolumeType": "gp3", "Iops": "4000", "Throughput": 250},
        [("modify_volume", {"VolumeId": "vol-1", "VolumeType": "gp3", "Iops": 4000, "Throughput": 250},
          {"VolumeId": "vol-1", "VolumeType": "gp2"})],
    ),
    (
        "AWS::Kinesis::Stream", STREAM, {"StreamModeDetails": {"StreamMode": "ON_DEMAND"}}, {"ShardCount": 8},
        [("update_stream_mode", {"StreamARN": STREAM, "StreamModeDetails": {"StreamMode": "PROVISIONED"}},
          {"StreamARN": STREAM, "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
         ("update_shard_count", {"StreamARN": STREAM, "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"},
          {"StreamARN": STREAM, "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"})],
    ),
    (
        "AWS::Lambda::EventSourceMapping", UUID, {"BatchSize": 10},
        {"BatchSize": 5, "ScalingConfig": {"MaximumConcurrency": 9}},
        [("update_event_source_mapping", {"UUID": UUID, "BatchSize": 5, "ScalingConfig": {"MaximumConcurrency": 9}},
          {"UUID": UUID, "BatchSize": 10, "ScalingConfig": {}})],
    ),
]  # fmt: skip


def test_every_action_has_an_example() -> None:
    assert {kind for kind, *_ in EXAMPLES} == set(actions())


@pytest.mark.parametrize(
    "example", EXAMPLES, ids=lambda example: f"{example[0]}-{'new' if example[2] is None else 'old'}"
)
def test_an_action_asks_what_aws_takes(example: Any) -> None:
    kind, own, now, wanted, expected = example
    action = actions()[kind]
    assert now is not None or action.CREATES
    names = dict.fromkeys([*(now or {}), *wanted])
    changed = tuple(name for name in names if name in action.PROPERTIES and (now or {}).get(name) != wanted.get(name))
    steps = list(action.steps(Wanted(resource="New", physical_id=own, now=now, wanted=wanted, changed=changed)))
    assert [(step.call.operation, step.call.arguments, step.undo.arguments) for step in steps] == expected
    for step in steps:
        assert step.says
        for call in (step.call, step.undo):
            assert _valid(call) == ""
            assert _action(call) in action.CALLS


def _valid(call: Call) -> str:
    client = boto3.client(call.service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    model = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[call.operation])
    report: str = ParamValidator().validate(dict(call.arguments), model.input_shape).generate_report()
    return report


def _action(call: Call) -> str:
    return f"{call.service}:{''.join(word.capitalize() for word in call.operation.split('_'))}"
