import pytest

from tonnage.iac.read_cloudformation import interpret
from tonnage.workload import Reference, Text, Unknown

HEAD = """\
Parameters:
  Size: {Type: String, Default: t3.small}
  Count: {Type: Number, Default: 2}
  Nets: {Type: CommaDelimitedList, Default: "s-1,s-2"}
  Vpc: {Type: AWS::EC2::VPC::Id}
Mappings:
  Sizes:
    us-east-1: {small: t3.small, list: [a, b]}
    "111122223333": {small: x}
Conditions:
  Yes: !Equals [a, a]
  No: !Equals [a, b]
  Maybe: !Equals [!Ref Vpc, x]
  Same: !Equals [!Ref Count, "2"]
Resources:
  LB: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer}
  R:
    Type: AWS::SQS::Queue
    Properties:
      P: """

VPC = Unknown("parameter Vpc has no value; give it with --parameter Vpc=… or under parameters: in the workload file")


def resource_with(expression):
    return interpret(HEAD + expression + "\n", "web-shop.yaml", parameters={}, region="us-east-1").stack.resources["R"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Size", "t3.small"),
        ("{Ref: Count}", 2),
        ("!Ref Nets", ("s-1", "s-2")),
        ("!Ref Vpc", VPC),
        ("!Ref LB", Reference("LB")),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref AWS::AccountId", "123456789012"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::StackName", "web-shop"),
        ("!GetAtt LB.DNSName", Reference("LB", "DNSName")),
        ("!GetAtt LB.Endpoint.Address", Reference("LB", "Endpoint.Address")),
        ("!GetAtt [LB, DNSName]", Reference("LB", "DNSName")),
        ("{'Fn::GetAtt': [LB, Endpoint.Address]}", Reference("LB", "Endpoint.Address")),
        ("!Sub 'a-${Size}-${AWS::Region}'", "a-t3.small-us-east-1"),
        ("!Sub '${!Literal}-${Count}'", "${Literal}-2"),
        ("!Sub ['${X}/${LB.Arn}', {X: !Ref Size}]", Text(("t3.small/", Reference("LB", "Arn")))),
        ("!Sub '${LB}'", Reference("LB")),
        ("!Sub '${Vpc}-x'", Text((VPC, "-x"))),
        ("!Join [',', !Ref Nets]", "s-1,s-2"),
        ("!Join ['', [arn, !Ref LB]]", Text(("arn", Reference("LB")))),
        ("!Select [1, !Split ['.', 'a.b.c']]", "b"),
        ("!Select [0, !GetAZs '']", "us-east-1a"),
        ("!GetAZs {Ref: 'AWS::Region'}", ("us-east-1a", "us-east-1b", "us-east-1c")),
        ("!FindInMap [Sizes, !Ref AWS::Region, small]", "t3.small"),
        ("!FindInMap [Sizes, !Ref AWS::Region, list]", ("a", "b")),
        ("!FindInMap [Sizes, 111122223333, small]", "x"),
        ("!FindInMap [Sizes, eu-west-1, small]", Unknown("mapping Sizes has no eu-west-1.small")),
        ("!FindInMap [Sizes, eu-west-1, small, {DefaultValue: d}]", "d"),
        ("!FindInMap [Sizes, !Ref Vpc, small]", VPC),
        ("!If [Yes, a, b]", "a"),
        ("!If [No, a, b]", "b"),
        ("!If [Maybe, a, b]", "a"),
        ("!If [Maybe, !Ref AWS::NoValue, b]", "b"),
        ("!If [Same, a, b]", "a"),
        ("!If [Yes, [!If [No, a, !Ref 'AWS::NoValue'], c], []]", ("c",)),
        ("!Base64 text", "text"),
        ("!Base64 {'Fn::Sub': 'x${Size}'}", "xt3.small"),
        ("!Cidr [10.0.0.0/16, 4, 8]", Unknown("Fn::Cidr is not computed")),
        ("!ImportValue net-vpc", Unknown("imported value net-vpc")),
        ("{'Fn::ImportValue': !Sub 'net-${Size}'}", Unknown("imported value net-t3.small")),
        ("!Transform {Name: X}", Unknown("made by a CloudFormation macro (Fn::Transform)")),
        ("{'Fn::New': 1}", Unknown("Fn::New is a function that Tonnage does not know")),
        ("'{{resolve:ssm:/x}}'", Unknown("dynamic reference {{resolve:ssm:/x}}")),
        ("!Length [a, b]", 2),
        ("2012-10-17", "2012-10-17"),
        ("{Condition: {StringEquals: x}}", {"Condition": {"StringEquals": "x"}}),
        ("{A: !Ref AWS::NoValue, B: 1}", {"B": 1}),
    ],
)
def test_every_function(expression, value):
    assert resource_with(expression).properties == {"P": value}


@pytest.mark.parametrize("expression", ["!Ref AWS::NoValue", "!If [No, a, !Ref 'AWS::NoValue']"])
def test_no_value_removes_the_property_and_its_place(expression):
    resource = resource_with(expression)
    assert resource.properties == {}
    assert resource.places == {}


def test_places_lead_into_the_branch_taken():
    resource = resource_with("\n        Fn::If:\n          - Yes\n          - A: 1\n          - B: 2")
    assert resource.properties == {"P": {"A": 1}}
    assert resource.places[("P", "A")].line == 23


def test_an_undecided_condition_is_noted_once():
    text = HEAD + "!If [Maybe, a, b]\n      Q: !If [Maybe, c, d]\n"
    notes = interpret(text, "t.yaml", parameters={}, region="us-east-1").stack.notes
    assert sum("Condition Maybe cannot be decided" in note for note in notes) == 1


def test_other_partitions():
    text = "Resources: {R: {Type: X, Properties: {P: !Ref AWS::Partition, U: !Ref AWS::URLSuffix}}}"
    china = interpret(text, "t.yaml", parameters={}, region="cn-north-1").stack.resources["R"]
    assert china.properties == {"P": "aws-cn", "U": "amazonaws.com.cn"}
