"""A patched source read again is the changed workload: every knob of every architecture, in every format.

The knobs are those that the rooms offer under pressure. The diff is made by git in a copy of the source, so that what
is read again is what a person gets.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from iac.terraform.architectures import ALL
from services.gathering import CATALOG, PRESSED
from shared_data import ROOT
from tonnage.iac import patch
from tonnage.iac.account.template import as_template
from tonnage.iac.architecture import Architecture
from tonnage.iac.read_architecture import read_architecture
from tonnage.iac.sources import read_stack
from tonnage.services import Situation, room
from tonnage.workload import Addition, Change, Component, Traffic, Workload

SITUATIONS = (
    PRESSED,
    Situation(utilization=0.05, pressures=(), peak_visits_per_s=5.0, peak_instances=1.0),
    Situation(
        utilization=0.9,
        pressures=("throttle", "memory", "concurrency", "backlog", "service time", "scaling lag"),
        peak_visits_per_s=900.0,
        peak_instances=8.0,
        peak_concurrency=80.0,
        declared_reads=0.9,
    ),
)
SAM = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: { Runtime: python3.12, Timeout: 12, MemorySize: 512 } # of all
Resources:
  Orders:
    Type: AWS::Serverless::SimpleTable
    Properties: { ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 } }
  Jobs: { Type: AWS::SQS::Queue }
  Handler:
    Type: AWS::Serverless::Function
    Properties:
      Handler: i.h
      InlineCode: x
      MemorySize: 1024 # measured
      Policies: [{ DynamoDBCrudPolicy: { TableName: !Ref Orders } }]
      Environment: { Variables: { TABLE: !Ref Orders } }
      Events:
        Get: { Type: HttpApi, Properties: { Path: /orders, Method: get } }
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Handler: i.h
      InlineCode: x
      ReservedConcurrentExecutions: 20
      Events:
        Job:
          Type: SQS
          Properties: { Queue: !GetAtt Jobs.Arn, BatchSize: 5, ScalingConfig: { MaximumConcurrency: 7 } }
"""
FORMATS = [
    *((name, form) for name in ALL for form in ("yaml", "json", "terraform")),
    ("sam", "sam"), ("web-shop", "example"), ("orders-api", "example"), ("eks-shop", "manifests"),
]  # fmt: skip


def laid(folder: Path, name: str, form: str) -> Path:
    """An architecture written in a format, and the file or folder to read."""
    template, configuration = ALL.get(name, ("", ""))
    if form in {"yaml", "sam"}:
        (folder / "template.yaml").write_text(SAM if form == "sam" else template)
        return folder / "template.yaml"
    if form == "json":
        (folder / "template.yaml").write_text(template)
        stack = read_stack(folder / "template.yaml", parameters={}, region="us-east-1")
        (folder / "template.yaml").unlink()
        (folder / "template.json").write_text(as_template(stack))
        return folder / "template.json"
    if form == "terraform":
        (folder / "tf").mkdir()
        (folder / "tf" / "main.tf").write_text(configuration)
        return folder / "tf"
    shutil.copytree(ROOT / "examples" / name, folder / "it")
    return folder / "it" / ("template.yaml" if form == "example" else "k8s")


def knobs(architecture: Architecture) -> Iterator[Change | Addition]:
    """Everything that the rooms offer, each once."""
    told: set[str] = set()
    for component in architecture.components.values():
        for situation in SITUATIONS:
            for knob in room(component.kind).knobs(component, situation, CATALOG):
                if repr(knob) not in told:
                    told.add(repr(knob))
                    yield knob


def a_workload(architecture: Architecture) -> Workload:
    return Workload(
        name="test",
        region="us-east-1",
        architecture=architecture.stack.file,
        components=architecture.components,
        edges=architecture.edges,
        routes=(),
        traffic=Traffic(name="test", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="declared"),
        objectives=(),
    )


def git(folder: Path, *arguments: str, given: str | None = None) -> None:
    done = subprocess.run(["git", *arguments], cwd=folder, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def alike(left: Component, right: Component) -> bool:
    """Whether two components do the same, however their settings are spelled."""
    if [p.name for p in left.policies] != [p.name for p in right.policies]:
        return False
    return (
        left.settings == right.settings and [p.settings for p in left.policies] == [p.settings for p in right.policies]
    ) or room(left.kind).behaviour(left, CATALOG) == room(right.kind).behaviour(right, CATALOG)


@pytest.mark.parametrize(("name", "form"), FORMATS)
def test_every_knob_written_and_read_again_is_the_changed_workload(tmp_path: Path, name: str, form: str) -> None:
    file = laid(tmp_path, name, form)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    before = read_architecture(file)
    workload = a_workload(before)
    tried = 0
    for knob in knobs(before):
        written = patch(file, [knob], workload)
        git(file.parent, "apply", "-", given=written.diff)
        after = read_architecture(file)
        git(tmp_path, "checkout", "-q", "--", ".")
        git(tmp_path, "clean", "-qfd")
        tried += 1
        if isinstance(knob, Addition):
            assert added(before, after, knob), knob.title
            continue
        changed = workload.changed(knob).components
        assert after.components.keys() == changed.keys()
        for each in changed:
            assert alike(after.components[each], changed[each]), (knob.title, each)
    assert tried > 0


def added(before: Architecture, after: Architecture, knob: Addition) -> bool:
    """Whether an addition made something, and left everything else as it was."""
    others = before.components.keys() - {knob.component}
    same = all(alike(after.components[each], before.components[each]) for each in others)
    return same and (after.components, after.edges) != (before.components, before.edges)
