"""Step Functions state machines."""

import json
from collections.abc import Iterator, Mapping

from tonnage.iac.account.found import Ask, Found, plain
from tonnage.workload import Value

CALLS = ("states:ListStateMachines", "states:DescribeStateMachine")
_FLOW = frozenset(
    {
        "StartAt", "States", "Type", "Next", "Default", "End", "Choices", "Branches", "Iterator", "ItemProcessor",
        "ProcessorConfig", "Mode", "ExecutionType", "MaxConcurrency", "Resource", "Retry", "Catch", "ErrorEquals",
        "IntervalSeconds", "MaxAttempts", "BackoffRate", "Seconds", "TimeoutSeconds", "HeartbeatSeconds", "Parameters",
        "Arguments", "QueryLanguage",
    }
)  # fmt: skip
_CALLED = frozenset(
    {"FunctionName", "TableName", "QueueUrl", "TopicArn", "StateMachineArn", "EventBusName", "Bucket", "Cluster"}
)
"""Members of a task's parameters that say whom it calls; the others are data, and may be secrets."""


def read(ask: Ask) -> Iterator[Found]:
    """State machines with the way through their states."""
    for each in ask("stepfunctions", "list_state_machines", "stateMachines"):
        arn, name = each["stateMachineArn"], each["name"]
        for text in ask("stepfunctions", "describe_state_machine", "definition", stateMachineArn=arn):
            yield Found(
                kind="AWS::StepFunctions::StateMachine",
                name=name,
                properties={
                    "StateMachineName": name,
                    "StateMachineType": each.get("type", "STANDARD"),
                    "Definition": _way(plain(json.loads(text))),
                },
                identifiers={arn: None},
            )


def _way(value: Value, *, names: bool = False) -> Value:
    """A definition without its data; below ``States`` every name is kept."""
    if isinstance(value, tuple):
        return tuple(_way(each) for each in value)
    if not isinstance(value, Mapping):
        return value
    kept: dict[str, Value] = {}
    for key, each in value.items():
        if key in {"Parameters", "Arguments"} and isinstance(each, Mapping):
            kept[key] = {name: text for name, text in each.items() if name in _CALLED}
        elif names or key in _FLOW:
            kept[key] = _way(each, names=key == "States")
    return kept
