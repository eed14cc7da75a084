"""State machines as Step Functions answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import step_functions

DEFINITION = """{
  "StartAt": "Charge", "Comment": "internal",
  "States": {"Charge": {
    "Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": true,
    "Parameters": {"FunctionName": "charge", "Payload": {"key": "hunter2"}}
  }}
}"""


def test_the_way_through_the_states_is_read_and_data_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        client("stepfunctions").create_state_machine(
            name="checkout", definition=DEFINITION, roleArn="arn:aws:iam::123456789012:role/states", type="EXPRESS"
        )

    machine = only(found(monkeypatch, step_functions, make), "AWS::StepFunctions::StateMachine")
    assert machine.properties["StateMachineType"] == "EXPRESS"
    assert machine.properties["Definition"] == {
        "StartAt": "Charge",
        "States": {
            "Charge": {
                "Type": "Task",
                "Resource": "arn:aws:states:::lambda:invoke",
                "End": True,
                "Parameters": {"FunctionName": "charge"},
            }
        },
    }
