"""Step Functions: states of a definition, quotas, what is begun and what is waited for."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, titles, writable
from tonnage.engine.program import Take
from tonnage.services import Situation, Usage, leaves_alone, state_machine
from tonnage.workload import Call, Component

TEXT = """
Checkout:
  Type: AWS::StepFunctions::StateMachine
  Properties:
    StateMachineType: %s
    DefinitionString: !Sub '{"StartAt": "Pay", "States": {"Pay": {"Type": "Task", "Resource": "${Pay.Arn}"},
      "Both": {"Type": "Parallel", "Branches": []}, "End": {"Type": "Succeed"}}}'
Pay: {Type: AWS::Lambda::Function}
"""
STRUCTURE = """
Checkout:
  Type: AWS::Serverless::StateMachine
  Properties:
    Type: EXPRESS
    Definition:
      StartAt: Each
      States:
        Each: {Type: Map, Iterator: {States: {Inner: {Type: Pass}}}, Next: End}
        End: {Type: Succeed}
"""


def machine(tmp_path: Path, kind: str = "STANDARD") -> Component:
    return gathered(state_machine, a_stack(tmp_path, TEXT % kind), "Checkout")


def test_states_are_counted_in_text_and_in_structures(tmp_path: Path) -> None:
    assert machine(tmp_path).settings["States"] == 3
    component = gathered(state_machine, a_stack(tmp_path, STRUCTURE), "Checkout")
    assert component.settings["States"] == 3
    assert component.settings["StateMachineType"] == "EXPRESS"


def test_a_standard_workflow_is_begun_and_left_to_itself(tmp_path: Path) -> None:
    component = machine(tmp_path)
    steps = state_machine.visit(component, Call(component="Checkout"), CATALOG)
    assert [step.bucket for step in steps.enter if isinstance(step, Take)] == ["Checkout/executions"]
    assert [(step.bucket, step.amount) for step in steps.begun if isinstance(step, Take)] == [
        ("Checkout/transitions", 3.0)
    ]
    assert leaves_alone(component)


def test_an_express_workflow_is_waited_for(tmp_path: Path) -> None:
    component = machine(tmp_path, "EXPRESS")
    assert state_machine.visit(component, Call(component="Checkout"), CATALOG).begun == ()
    assert not leaves_alone(component)
    assert state_machine.behaviour(component, CATALOG).limits["executions/s"] == 6_000


def test_transitions_are_billed_by_the_thousand(tmp_path: Path) -> None:
    usage = Usage(visits_per_s=1.0, per_visit={"transitions": 3.0})
    cost = state_machine.price(machine(tmp_path), usage, CATALOG)
    assert cost.usd_per_h == pytest.approx(3600 * 3 / 1000 * 0.025)
    express = state_machine.price(machine(tmp_path, "EXPRESS"), usage, CATALOG)
    assert express.usd_per_h == pytest.approx(3600 / 1e6)


def test_express_is_proposed_where_executions_are_throttled(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, TEXT % "STANDARD")
    component = gathered(state_machine, stack, "Checkout")
    found = writable(state_machine, stack, component, replace(PRESSED, pressures=("throttle",)))
    assert titles(found) == ["Checkout StateMachineType STANDARD → EXPRESS"]
    assert writable(state_machine, stack, component, Situation()) == []
