import dataclasses
import random
import re
import subprocess
from collections.abc import Mapping

import pytest

from shared_data import shared
from tonnage.iac import AddResource, SetProperty, edits_for, patch, patch_template, read_template, unified_diff
from tonnage.iac.read_cloudformation import interpret
from tonnage.workload import (
    Addition,
    Call,
    Change,
    Component,
    Origin,
    Reference,
    Route,
    ScalingPolicy,
    TemplateError,
    Text,
    Traffic,
    Workload,
)

TEMPLATE = """\
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: '2'

  Policy:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      TargetTrackingConfiguration: {TargetValue: 70}
"""


def workload(file="t.yaml"):
    policy = ScalingPolicy(
        name="Policy",
        mechanism="target tracking",
        settings={"TargetValue": 70},
        origins={"TargetValue": Origin(resource="Policy", path=("TargetTrackingConfiguration", "TargetValue"))},
    )
    group = Component(
        name="Group",
        kind="AWS::AutoScaling::AutoScalingGroup",
        settings={"MinSize": 2},
        origins={"MinSize": Origin(resource="Group", path=("MinSize",))},
        policies=(policy,),
    )
    return Workload(
        name="w",
        region="us-east-1",
        architecture=file,
        components={"Group": group},
        edges=(),
        routes=(Route(name="r", share=1.0, entry=Call(component="Group")),),
        traffic=Traffic(name="t", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="assumed"),
        objectives=(),
    )


CHANGES = (
    Change(component="Group", setting="MinSize", before=2, after=4),
    Change(component="Group", setting="DefaultInstanceWarmup", before=None, after=120),
    Change(component="Group", setting="TargetValue", before=70, after=50, policy="Policy"),
    Addition(component="Group", title="a queue", resources={"Queue": {"Type": "AWS::SQS::Queue"}}),
)
AFTER = """\
Resources:
  Group:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: '4'
      DefaultInstanceWarmup: 120

  Policy:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      TargetTrackingConfiguration: {TargetValue: 50}

  Queue:
    Type: AWS::SQS::Queue
"""


def test_changes_become_edits_by_their_origins():
    assert edits_for(CHANGES, workload()) == (
        SetProperty(resource="Group", path=("MinSize",), value=4),
        SetProperty(resource="Group", path=("DefaultInstanceWarmup",), value=120),
        SetProperty(resource="Policy", path=("TargetTrackingConfiguration", "TargetValue"), value=50),
        AddResource(name="Queue", body={"Type": "AWS::SQS::Queue"}, beside="Group"),
    )


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (Change(component="Nope", setting="A", before=None, after=1), "no component Nope"),
        (Change(component="Group", setting="A", before=None, after=1, policy="Nope"), "is not known"),
        (Change(component="Group", setting="A", before=None, after=1, policy="Policy"), "is not known"),
    ],
)
def test_changes_of_what_is_not_there_are_refused(change, what):
    with pytest.raises(TemplateError, match=what):
        edits_for([change], workload())


def git(folder, *words, diff=None):
    return subprocess.run(["git", *words], cwd=folder, input=diff, check=True, capture_output=True)


@pytest.mark.parametrize(
    ("newline", "tail"), [("\n", ""), ("\r\n", ""), ("\n", "no line end"), ("\r\n", "no line end")]
)
def test_git_applies_the_patch(tmp_path, monkeypatch, newline, tail):
    monkeypatch.chdir(tmp_path)
    before = TEMPLATE.rstrip("\n") if tail else TEMPLATE
    wanted = AFTER.rstrip("\n") if tail else AFTER
    before, wanted = before.replace("\n", newline), wanted.replace("\n", newline)
    file = tmp_path / "t.yaml"
    file.write_bytes(before.encode())
    made = patch("t.yaml", CHANGES, workload())
    assert (made.before, made.after) == (before, wanted)
    assert file.read_bytes() == before.encode()
    git(tmp_path, "init", "-q")
    git(tmp_path, "apply", diff=made.diff.encode())
    assert file.read_bytes() == wanted.encode()


def test_a_byte_order_mark_stays():
    made = patch_template("\ufeff" + TEMPLATE, edits_for(CHANGES, workload()), file="t.yaml")
    assert made.after == "\ufeff" + AFTER


def test_paths_of_the_diff_are_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert unified_diff("a\n", "b\n", "infra/t.yaml").startswith("--- a/infra/t.yaml\n+++ b/infra/t.yaml\n")
    assert unified_diff("a\n", "b\n", str(tmp_path / "infra/t.yaml")).startswith("--- a/infra/t.yaml\n")
    assert unified_diff("a\n", "b\n", "/elsewhere/t.yaml").startswith("--- a/t.yaml\n")
    assert unified_diff("a\n", "a\n", "t.yaml") == ""


def test_a_taken_name_gets_a_number_in_references_too():
    queue = {"Type": "AWS::SQS::Queue", "Properties": {"Name": Text(("x-", Reference("Group")))}}
    edits = [
        AddResource(name="User", body={"Type": "X", "Properties": {"Queue": Reference("Policy", "Arn")}}),
        AddResource(name="Policy", body=queue),
    ]
    made = patch_template(TEMPLATE, edits, file="t.yaml")
    assert made.after == TEMPLATE + (
        "\n  Policy2:\n    Type: AWS::SQS::Queue\n    Properties:\n      Name: !Sub 'x-${Group}'\n"
        "\n  User:\n    Type: X\n    Properties:\n      Queue: !GetAtt Policy2.Arn\n"
    )
    assert made.notes == ("The new resource Policy is called Policy2: the template has that name already.",)


@pytest.mark.parametrize(
    ("edits", "what"),
    [
        ([AddResource(name="A b", body={"Type": "X"})], "A b cannot name a resource"),
        ([AddResource(name="A", body={})], "has no Type"),
        ([AddResource(name="A", body={"Type": "X", "Properties": {"P": Reference("No")}})], "No is neither a resource"),
        (
            [
                AddResource(name="A", body={"Type": "X", "Properties": {"P": Reference("B")}}),
                AddResource(name="B", body={"Type": "X", "Properties": {"P": Reference("A")}}),
            ],
            "in a circle",
        ),
    ],
)
def test_additions_that_cannot_be(edits, what):
    with pytest.raises(TemplateError, match=what):
        patch_template(TEMPLATE, edits, file="t.yaml")


def test_an_addition_to_json():
    text = '{\n  "Resources": {\n    "A": {\n      "Type": "X"\n    }\n  }\n}\n'
    added = AddResource(name="B", body={"Type": "X", "Properties": {"P": Reference("A")}})
    assert patch_template(text, [added], file="t.json").after == (
        '{\n  "Resources": {\n    "A": {\n      "Type": "X"\n    },\n    "B": {\n      "Type": "X",\n'
        '      "Properties": {\n        "P": {\n          "Ref": "A"\n        }\n      }\n    }\n  }\n}\n'
    )


# On real templates --------------------------------------------------------------------------------------------------


def leaves(value, path=()):
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    elif isinstance(value, bool | int | float | str):
        yield path, value


def mappings(value, path=()):
    if isinstance(value, Mapping):
        yield path, value
        for name, inner in value.items():
            yield from mappings(inner, (*path, name))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from mappings(inner, (*path, index))


def other(value):
    if isinstance(value, bool):
        return not value
    return value + 7 if isinstance(value, int | float) else "m7g.large"


def touched(diff):
    lines = diff.split("\n")[2:]
    return [line[1:] for line in lines if line[:1] == "-"], [line[1:] for line in lines if line[:1] == "+"]


@pytest.fixture(scope="module")
def real():
    root = shared("iac")
    files = [file for name in ("cloudformation", "cdk_synth", "sam") for file in sorted((root / name).iterdir())]
    return [(str(file), file.read_bytes().decode(), read_template(file)) for file in files]


def literals(text, stack):
    """Scalars that stand as they are in the line of their own key or dash."""
    lines = text.split("\n")
    for resource in stack.resources.values():
        for path, value in leaves(resource.properties):
            if path not in resource.places:
                continue
            line = lines[resource.places[path].line - 1]
            shown = str(value).lower() if isinstance(value, bool) else str(value)
            if "!" not in line and re.search(rf"[:\-\s\[]['\"]?{re.escape(shown)}['\"]?,?\s*(#.*)?$", line):
                yield resource.name, path, value


def everything(text, file):
    stack = interpret(text, file, parameters={}, region="us-east-1").stack
    return {
        (resource.name, *path): value
        for resource in stack.resources.values()
        for path, value in leaves({"kind": resource.kind, "P": resource.properties, "A": resource.attributes})
    }


def test_a_literal_on_a_real_template_changes_in_one_line(real):
    draw = random.Random(1)
    made = 0
    for file, text, stack in real:
        found = list(literals(text, stack))
        before = everything(text, file)
        for name, path, value in draw.sample(found, min(5, len(found))):
            result = patch_template(text, [SetProperty(resource=name, path=path, value=other(value))], file=file)
            gone, come = touched(result.diff)
            after = everything(result.after, file)
            changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
            assert changed == {(name, "P", *path)}
            assert str(after[name, "P", *path]) == str(other(value))
            if gone or "Globals:" not in text:  # what Globals sets is overridden by a line of the resource's own
                assert (len(gone), len(come)) == (1, 1), result.diff
            made += 1
    assert made > 120


def test_an_insertion_on_a_real_template_only_adds_lines(real):
    draw = random.Random(2)
    shapes = (5, True, "a: b", {"A": 1, "B": {"C": "x"}}, ("a", "b"), ({"Key": "x", "Value": 1},))
    made = 0
    for file, text, stack in real:
        places = [
            (resource.name, path)
            for resource in stack.resources.values()
            for path, value in mappings(resource.properties)
            if value and "Condition" not in path
        ]
        for name, path in draw.sample(places, min(3, len(places))):
            tail = draw.choice([("New",), ("New", "Deep"), ("New", 0, "Deep")])
            edit = SetProperty(resource=name, path=(*path, *tail), value=draw.choice(shapes))
            result = patch_template(text, [edit], file=file)
            gone, come = touched(result.diff)
            # A mapping inside one line of flow style has no line of its own.
            assert come
            assert not gone or "{" in gone[0], result.diff
            back = SetProperty(resource=name, path=(*path, "New"), value=None)
            assert not gone or len(gone) == 1
            assert patch_template(result.after, [back], file=file).after == text or "Globals:" in text
            made += 1
    assert made > 60


def test_a_folder_of_manifests_is_patched_file_by_file(tmp_path):
    (tmp_path / "a.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: 2\n"
    )
    (tmp_path / "b.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: b}\nspec:\n  replicas: 3\n"
    )
    of_a, of_b = (
        Component(
            name=name,
            kind="Kubernetes::Deployment",
            settings={"replicas": count},
            origins={"replicas": Origin(resource=name, path=("spec", "replicas"))},
        )
        for name, count in (("a", 2), ("b", 3))
    )
    both = dataclasses.replace(workload(), components={"a": of_a, "b": of_b}, routes=(), edges=())
    made = patch(tmp_path, [Change(component="b", setting="replicas", before=3, after=6)], both)
    assert list(made.files) == [str(tmp_path / "b.yaml")]
    assert made.files[str(tmp_path / "b.yaml")].endswith("replicas: 6\n")
    assert "+  replicas: 6" in made.diff
    assert "a.yaml" not in made.diff
