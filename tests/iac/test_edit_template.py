"""Where an edit lands, for every way a value can be written."""

import pytest

from tonnage.iac import AddResource, SetProperty, patch_template
from tonnage.iac.edit_template import parts_of
from tonnage.iac.read_cloudformation import interpret
from tonnage.workload import Reference, TemplateError, Unknown

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    MemorySize: 128
    Architectures: [x86_64]
Parameters:
  Vpc: {Type: String}
Conditions:
  Prod: !Equals [a, a]
  Maybe: !Equals [!Ref Vpc, x]
X-Common: &common
  Timeout: 10
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      <<: *common
      Runtime: python3.11 # the newest
      Handler: "a.b"
      Reserved: !If [Prod, 5, !Ref AWS::NoValue]
      Provisioned: !If [Maybe, 1, 2]
      Tracing: !If [Prod, !Ref AWS::NoValue, on]
      Tags:
        - Key: a
          Value: '1'
        - {Key: b, Value: 2}
      Dead: !GetAtt Queue.Arn
      Arn: !Sub "${AWS::Region}-x"
      Where: !Ref AWS::Region
      Nothing:
  Queue:
    Type: AWS::SQS::Queue
  Empty:
    Type: AWS::SQS::Queue
    Properties:
  Other: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}
"""


def changes(resource, path, value, text=TEMPLATE):
    """Lines taken away and lines added."""
    edit = SetProperty(resource=resource, path=path, value=value)
    diff = patch_template(text, [edit], file="t.yaml").diff.splitlines()[2:]
    return (
        [line[1:].strip() for line in diff if line[0] == "-"],
        [line[1:].strip() for line in diff if line[0] == "+"],
    )


@pytest.mark.parametrize(
    ("resource", "path", "value", "gone", "come"),
    [
        ("F", ("Runtime",), "python3.13", ["Runtime: python3.11 # the newest"], ["Runtime: python3.13 # the newest"]),
        ("F", ("Handler",), "c.d", ['Handler: "a.b"'], ['Handler: "c.d"']),
        (
            "F",
            ("Reserved",),
            50,
            ["Reserved: !If [Prod, 5, !Ref AWS::NoValue]"],
            ["Reserved: !If [Prod, 50, !Ref AWS::NoValue]"],
        ),
        (
            "F",
            ("Tracing",),
            "a, b",
            ["Tracing: !If [Prod, !Ref AWS::NoValue, on]"],
            ['Tracing: !If [Prod, "a, b", on]'],
        ),
        ("F", ("Tags", 0, "Value"), 2, ["Value: '1'"], ["Value: '2'"]),
        ("F", ("Tags", 1, "Value"), 3, ["- {Key: b, Value: 2}"], ["- {Key: b, Value: 3}"]),
        ("F", ("Tags", 2), {"Key": "c", "Value": 3}, [], ["- Key: c", "Value: 3"]),
        ("F", ("Dead",), "arn:x", ["Dead: !GetAtt Queue.Arn"], ["Dead: arn:x"]),
        ("F", ("Dead",), Reference("Other", "Arn"), ["Dead: !GetAtt Queue.Arn"], ["Dead: !GetAtt Other.Arn"]),
        ("F", ("Nothing",), 5, ["Nothing:"], ["Nothing: 5"]),
        ("F", ("Nothing", "Deep"), 5, [], ["Deep: 5"]),
        ("F", ("Handler",), None, ['Handler: "a.b"'], []),
        ("F", ("Tags", 1), None, ["- {Key: b, Value: 2}"], []),
        ("F", ("New", "Deep", 0, "Er"), True, [], ["New:", "Deep:", "- Er: true"]),
        ("F", ("MemorySize",), 512, [], ["MemorySize: 512"]),
        ("F", ("Timeout",), 30, [], ["Timeout: 30"]),
        ("Queue", ("DelaySeconds",), 5, [], ["Properties:", "DelaySeconds: 5"]),
        ("Empty", ("DelaySeconds",), 5, [], ["DelaySeconds: 5"]),
        (
            "Other",
            ("Fifo",),
            True,
            ["Other: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5}}"],
            ["Other: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 5, Fifo: true}}"],
        ),
    ],
)
def test_an_edit_lands_where_the_value_is_written(resource, path, value, gone, come):
    assert changes(resource, path, value) == (gone, come)


def test_only_the_parts_of_a_collection_that_differ_are_touched():
    tags = ({"Key": "a", "Value": "1"}, {"Key": "b", "Value": "9"}, {"Key": "c"})
    assert changes("F", ("Tags",), tags) == (["- {Key: b, Value: 2}"], ["- {Key: b, Value: 9}", "- Key: c"])
    assert changes("F", ("Tags",), tags[:1]) == (["- {Key: b, Value: 2}"], [])
    reading = interpret(TEMPLATE, "t.yaml", parameters={}, region="us-east-1")
    same = SetProperty(resource="F", path=("Tags", 0), value={"Key": "a", "Value": 1})
    assert parts_of(reading, same) == []


def test_an_item_of_a_global_list_changes_for_all():
    text = TEMPLATE + "  G: {Type: AWS::Serverless::Function}\n"
    edit = SetProperty(resource="F", path=("Architectures",), value=("arm64",))
    patch = patch_template(text, [edit], file="t.yaml")
    assert "+    Architectures: [arm64]" in patch.diff
    assert any("shares the Globals section with G Architectures.0" in note for note in patch.notes)


def test_an_undecided_condition_is_noted():
    patch = patch_template(TEMPLATE, [SetProperty(resource="F", path=("Provisioned",), value=7)], file="t.yaml")
    assert "+      Provisioned: !If [Maybe, 7, 2]" in patch.diff
    assert patch.notes == ("F Provisioned depends on condition Maybe, which cannot be decided: one branch is edited.",)


@pytest.mark.parametrize(
    ("resource", "path", "value", "what"),
    [
        ("Nope", ("A",), 1, "has no resource Nope"),
        ("F", ("Arn",), "x", r"t\.yaml:28.*F Arn is computed by Fn::Sub"),
        ("F", ("Where",), "x", r"t\.yaml:29.*computed by Ref AWS::Region"),
        ("F", ("Arn", "Deep"), "x", "F Arn is not written as a mapping"),
        ("F", ("Tags", 5), "x", "no place to be inserted"),
        ("F", ("New", 3), "x", "no list to be inserted into"),
        ("F", ("Timeout",), None, "not set by the resource itself"),
        ("F", ("Tags", 0), None, "cannot be removed safely"),
        ("F", ("Runtime",), Unknown("u"), "cannot be written"),
        ("F", ("Dead",), Reference("Gone"), "F Dead cannot be set to !Ref Gone safely"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(resource, path, value, what):
    with pytest.raises(TemplateError, match=what) as caught:
        patch_template(TEMPLATE, [SetProperty(resource=resource, path=path, value=value)], file="t.yaml")
    assert "\n" not in str(caught.value)


def test_anchored_values_are_not_edited_for_one_resource_only():
    text = "Resources:\n  A: {Type: X, Properties: &p {N: &n 1, M: *n}}\n  B: {Type: X, Properties: *p}\n"
    for resource, name in (("A", "N"), ("B", "N"), ("A", "M")):
        with pytest.raises(TemplateError, match=r"anchor|not set by|would also change|safely"):
            patch_template(text, [SetProperty(resource=resource, path=(name,), value=2)], file="t.yaml")


def test_an_alias_is_replaced_by_the_value():
    text = "N: &n 1\nResources:\n  A:\n    Type: X\n    Properties:\n      N: *n # shared\n      M: *n\n"
    patch = patch_template(text, [SetProperty(resource="A", path=("N",), value=2)], file="t.yaml")
    assert patch.after == text.replace("N: *n", "N: 2")


def test_additions_come_last():
    added = AddResource(
        name="Dlq", body={"Type": "AWS::SQS::Queue", "Properties": {"Source": Reference("Queue", "Arn")}}
    )
    patch = patch_template(TEMPLATE, [added], file="t.yaml")
    assert patch.after == TEMPLATE + (
        "  Dlq:\n    Type: AWS::SQS::Queue\n    Properties:\n      Source: !GetAtt Queue.Arn\n"
    )
