from pathlib import Path

import pytest

from tonnage.iac import read_template
from tonnage.workload import TemplateError

TEMPLATE = """
Parameters:
  Stage: {{ Type: String, Default: dev }}
  Type: {{ Type: String, Default: t3.micro }}
  Zones: {{ Type: CommaDelimitedList, Default: "a,b" }}
  Vpc: {{ Type: AWS::EC2::VPC::Id }}
Rules:
  Production:
    RuleCondition: !Equals [!Ref Stage, prod]
    Assertions:
      - Assert: {claim}
        AssertDescription: production needs more
Resources: {{ R: {{ Type: AWS::SQS::Queue }} }}
"""


def read(tmp_path: Path, claim: str, **parameters: str) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE.format(claim=claim))
    read_template(file, parameters=parameters)


@pytest.mark.parametrize(
    "claim",
    [
        "!Contains [[m5.large, m5.xlarge], !Ref Type]",
        "!Not [!Equals [!Ref Type, t3.micro]]",
        "!EachMemberIn [!Ref Zones, [a, c]]",
        "!EachMemberEquals [!Ref Zones, a]",
        "!And [!Equals [!Ref Stage, prod], !Contains [[m5.large], !Ref Type]]",
        "!Or [!Equals [!Ref Stage, dev], !Contains [[m5.large], !Ref Type]]",
    ],
)
def test_a_false_assertion_refuses_the_parameters(tmp_path: Path, claim: str) -> None:
    # CloudFormation user guide, Rules: the condition decides whether the assertions are looked at.
    read(tmp_path, claim)
    with pytest.raises(TemplateError, match="break rule Production: production needs more") as raised:
        read(tmp_path, claim, Stage="prod")
    assert raised.value.place is not None
    assert raised.value.place.line == 11


@pytest.mark.parametrize(
    "claim",
    [
        "!Contains [[m5.large], !Ref Vpc]",
        "!EachMemberIn [!ValueOfAll [AWS::EC2::Subnet::Id, VpcId], !RefAll AWS::EC2::VPC::Id]",
        "!Equals [!Ref Vpc, vpc-1]",
        "!Contains [[t3.micro], !Ref Type]",
    ],
)
def test_what_is_not_known_or_holds_refuses_nothing(tmp_path: Path, claim: str) -> None:
    read(tmp_path, claim, Stage="prod")
