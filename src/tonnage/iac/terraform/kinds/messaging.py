"""SQS, SNS, EventBridge, Kinesis.

Source: AWS provider for Terraform, aws_sqs_queue, aws_sns_topic, aws_cloudwatch_event_rule, aws_kinesis_stream.
"""

from collections.abc import Mapping

from tonnage.iac.terraform.kinds._spelling import Spelling
from tonnage.iac.terraform.policy_document import as_document

KINDS: Mapping[str, Spelling] = {
    "aws_sqs_queue": Spelling(
        kind="AWS::SQS::Queue",
        spec={
            "name": "QueueName",
            "visibility_timeout_seconds": "VisibilityTimeout",
            "message_retention_seconds": "MessageRetentionPeriod",
            "receive_wait_time_seconds": "ReceiveMessageWaitTimeSeconds",
            "max_message_size": "MaximumMessageSize",
            "redrive_policy": lambda value: {"RedrivePolicy": as_document(value)},
            "policy": None,
        },
    ),
    "aws_sqs_queue_policy": Spelling(kind="AWS::SQS::QueuePolicy", spec={"policy": None}),
    "aws_sns_topic": Spelling(kind="AWS::SNS::Topic", spec={"name": "TopicName", "policy": None}),
    "aws_sns_topic_policy": Spelling(kind="AWS::SNS::TopicPolicy", spec={"policy": None}),
    "aws_sns_topic_subscription": Spelling(
        kind="AWS::SNS::Subscription", spec={"filter_policy": lambda value: {"FilterPolicy": as_document(value)}}
    ),
    "aws_cloudwatch_event_bus": Spelling(kind="AWS::Events::EventBus"),
    "aws_cloudwatch_event_rule": Spelling(
        kind="AWS::Events::Rule",
        spec={"event_pattern": lambda value: {"EventPattern": as_document(value)}, "is_enabled": None},
    ),
    "aws_cloudwatch_event_target": Spelling(
        kind="",
        spec={"arn": "Arn", "target_id": "Id", "rule": None, "input_transformer": None},
        into=("rule", "Targets[]"),
    ),
    "aws_kinesis_stream": Spelling(
        kind="AWS::Kinesis::Stream",
        spec={"retention_period": "RetentionPeriodHours", "stream_mode_details": ("StreamModeDetails", {})},
    ),
    "aws_kinesis_stream_consumer": Spelling(kind="AWS::Kinesis::StreamConsumer", spec={"stream_arn": "StreamARN"}),
    "aws_kinesis_firehose_delivery_stream": Spelling(kind="AWS::KinesisFirehose::DeliveryStream"),
}
