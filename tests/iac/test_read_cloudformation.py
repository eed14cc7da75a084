import json
from collections import Counter

import pytest

from shared_data import shared
from tonnage.iac import read_template
from tonnage.iac.read_cloudformation import interpret
from tonnage.iac.yaml_marks import item, pairs, parse, read_text
from tonnage.workload import Place, Reference, TemplateError, Unknown


def stack_of(text, file="t.yaml", region="us-east-1", **parameters):
    return interpret(text, file, parameters=parameters, region=region).stack


def templates():
    root = shared("iac")
    folders = ("cloudformation", "cdk_synth", "sam")
    return [file for folder in folders for file in sorted((root / folder).iterdir())]


def test_a_resource_and_its_properties_have_places():
    stack = stack_of(
        "Resources:\n"
        "  Group:\n"
        "    Type: AWS::AutoScaling::AutoScalingGroup\n"
        "    DependsOn: Other\n"
        "    Properties:\n"
        "      MinSize: 2\n"
        "      Tags:\n"
        "        - Key: a\n"
        "          Value: b\n"
    )
    group = stack.resources["Group"]
    assert group.kind == "AWS::AutoScaling::AutoScalingGroup"
    assert group.properties == {"MinSize": 2, "Tags": ({"Key": "a", "Value": "b"},)}
    assert group.place == Place(file="t.yaml", line=2, column=3)
    assert group.places[("MinSize",)] == Place(file="t.yaml", line=6, column=7)
    assert group.places[("Tags", 0)] == Place(file="t.yaml", line=8, column=11)
    assert group.places[("Tags", 0, "Value")] == Place(file="t.yaml", line=9, column=11)
    assert group.attributes == {"DependsOn": "Other"}


def test_json_has_places_too():
    stack = stack_of(
        '{\n\t"Resources": {\n\t\t"Q": {"Type": "AWS::SQS::Queue",\n\t\t\t"Properties": {"DelaySeconds": 5}}}}'
    )
    assert stack.resources["Q"].places[("DelaySeconds",)].line == 4


def test_conditions_keep_or_drop_resources():
    text = """
Parameters: {Stage: {Type: String, Default: dev}, Cert: {Type: String}}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Dev: !Not [!Condition Prod]
  Both: {"Fn::And": [{Condition: Prod}, !Equals [!Ref Cert, ""]]}
  Either: !Or [!Condition Dev, !Equals [!Ref Cert, ""]]
  Https: !Not [!Equals [!Ref Cert, ""]]
Resources:
  A: {Type: AWS::SQS::Queue, Condition: Prod}
  B: {Type: AWS::SQS::Queue, Condition: Dev}
  C: {Type: AWS::SQS::Queue, Condition: Both}
  D: {Type: AWS::SQS::Queue, Condition: Either}
  E: {Type: AWS::SQS::Queue, Condition: Https}
"""
    stack = stack_of(text)
    assert list(stack.resources) == ["B", "D", "E"]
    assert any("Condition Https cannot be decided (parameter Cert has no value" in note for note in stack.notes)
    assert not any("Both" in note or "Either" in note for note in stack.notes)
    assert list(stack_of(text, Stage="prod", Cert="arn").resources) == ["A", "E"]
    assert list(stack_of(text, Stage="prod", Cert="").resources) == ["A", "C", "D"]


def test_notes_name_what_is_missing():
    stack = stack_of(
        """
Transform: [AWS::LanguageExtensions, "AWS::Serverless-2016-10-31"]
Parameters:
  {Vpc: {Type: String}, Names: {Type: List<String>}, Image: {Type: "AWS::SSM::Parameter::Value<String>", Default: /x}}
Resources:
  "Fn::ForEach::Queues": [Name, !Ref Names, {"Queue${Name}": {Type: AWS::SQS::Queue}}]
  F: {Type: AWS::Serverless::Function, Properties: {Role: !Ref FRole, Vpc: !Ref Vpc}}
"""
    )
    assert list(stack.resources) == ["F"]
    assert stack.resources["F"].properties["Role"] == Unknown(
        "FRole is made by the transform AWS::Serverless-2016-10-31"
    )
    notes = " | ".join(stack.notes)
    assert "SAM resources are read as written" in notes
    assert "t.yaml:6:3: Fn::ForEach::Queues was not expanded" in notes
    assert "Parameters without a value: Vpc, Names;" in notes
    assert stack.parameters["Image"] == Unknown("SSM parameter /x")


def test_a_macro_may_make_the_properties():
    stack = stack_of('Resources: {R: {Type: AWS::SQS::Queue, Properties: {"Fn::Transform": {Name: AWS::Include}}}}')
    assert stack.resources["R"].properties == {}
    assert any("macro" in note for note in stack.notes)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Foo: 1\n", "has no Resources section"),
        ('{"terraform_version": "1.0", "planned_values": {}}', "it looks like a Terraform plan"),
        ("architecture: web.yaml\nroutes: {}\n", "it looks like a Tonnage workload file"),
        ("apiVersion: v1\nkind: Service\n", "it looks like a Kubernetes manifest"),
        ("Resources:\n", "has no resource in it"),
        ("Resources: []\n", "has no resource in it"),
        ("Resources:\n  A: hello\n", "Resource A is not a mapping with a Type"),
        ("Resources:\n  A: {Properties: {}}\n", "Resource A has no Type"),
        ("Resources:\n  A: {Type: X, Properties: [1]}\n", "Properties of resource A are not a mapping"),
        (
            "Resources:\n  Queue: {Type: X, Properties: {A: !Ref Quue}}\n",
            r"t.yaml:2.*Quue is neither.*Did you mean Queue\?",
        ),
        ("Resources:\n  Q: {Type: X, Properties: {A: !GetAtt No.Arn}}\n", "No is neither a resource"),
        ('Resources:\n  Q: {Type: X, Properties: {A: !Sub "${No}"}}\n', "No is neither a resource"),
        ("Resources:\n  Q: {Type: X, Properties: {A: !Rf B}}\n", "!Rf is not a function of CloudFormation"),
        ("Resources:\n  Q: {Type: X, Properties: {A: !If [One, 2]}}\n", "Fn::If needs a list of 3 arguments"),
        ("Resources:\n  Q: {Type: X, Condition: Nope}\n", "There is no condition Nope"),
        (
            "Conditions: {A: !Condition B, B: !Not [!Condition A]}\nResources:\n  Q: {Type: X, Condition: A}\n",
            "in a circle: A → B → A",
        ),
        ("Resources:\n  Q: &q {Type: X, Properties: {A: *q}}\n", "an alias contains itself"),
    ],
)
def test_bad_templates_are_one_sentence(text, what):
    with pytest.raises(TemplateError, match=what) as caught:
        stack_of(text)
    assert "\n" not in str(caught.value)


def test_aliases_that_unfold_without_end_are_refused():
    bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
    for above, below in zip("abcdefgh", "bcdefghi", strict=True):
        bomb += f"{below}: &{below} [{', '.join([f'*{above}'] * 10)}]\n"
    with pytest.raises(TemplateError, match="unfolds to more than"):
        stack_of(bomb + "Resources: {R: {Type: X, Properties: {P: *i}}}\n")


def test_real_templates_declare_what_was_counted():
    expected = json.loads(shared("iac/expected_resources.json").read_text())
    for file in templates():
        stack = read_template(file)
        counted = expected[f"{file.parent.name}/{file.name}"]
        section = item(parse(read_text(file), str(file)).root, "Resources")
        declared = {key.value: item(body, "Type").value for key, body in pairs(section)}
        assert Counter(declared.values()) == counted
        read = {name: resource.kind for name, resource in stack.resources.items()}
        conditional = {key.value for key, body in pairs(section) if item(body, "Condition") is not None}
        assert read.items() <= declared.items()
        assert declared.keys() - read.keys() <= conditional
        for resource in stack.resources.values():
            assert all((name,) in resource.places for name in resource.properties)


def test_every_measured_lambda_template_reads():
    files = sorted(shared("lambda").rglob("template.yaml"))
    assert len(files) >= 5
    for file in files:
        stack = read_template(file)
        functions = list(stack.of_kind("AWS::Serverless::Function"))
        assert functions
        for function in functions:
            assert function.properties["MemorySize"] == 1024  # from Globals in most of them


def test_a_real_load_balanced_group_is_wired():
    stack = read_template(shared("iac/cloudformation/asg_multi_az_alb_step_scaling.yaml"))
    group = next(stack.of_kind("AWS::AutoScaling::AutoScalingGroup"))
    target_group = next(stack.of_kind("AWS::ElasticLoadBalancingV2::TargetGroup"))
    assert group.get("TargetGroupARNs") == (Reference(target_group.name),)
    assert isinstance(group.get("VPCZoneIdentifier"), Unknown)
