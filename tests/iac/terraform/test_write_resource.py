import pytest

from tonnage.iac.edit import AddResource
from tonnage.iac.terraform.write_resource import hcl, written_resource
from tonnage.workload import Reference, TemplateError, Text, Unknown, Value

LB = Reference("aws_lb.web")


@pytest.mark.parametrize(
    ("value", "attribute", "text"),
    [
        (5, "id", "5"),
        (True, "id", "true"),
        ('a"${b}', "id", '"a\\"$${b}"'),
        (("a", 1), "id", '["a", 1]'),
        ({"a": 1, "b c": 2}, "id", '{\n  a = 1\n  "b c" = 2\n}'),
        (LB, "load_balancer_arn", "aws_lb.web.arn"),
        (LB, "autoscaling_group_name", "aws_lb.web.name"),
        (LB, "vpc_id", "aws_lb.web.id"),
        (Text(("x/", LB)), "id", '"x/${aws_lb.web.name}"'),
    ],
)
def test_values_are_written_as_expressions(value: Value, attribute: str, text: str) -> None:
    assert hcl(value, attribute=attribute) == text


def test_what_is_not_known_is_not_written() -> None:
    with pytest.raises(TemplateError, match="cannot be written"):
        hcl(Unknown("why"))
    unknown = AddResource(name="X", body={"Type": "AWS::Quantum::Thing", "Properties": {}})
    with pytest.raises(TemplateError, match="is not spelled in Terraform"):
        written_resource(unknown)
    odd = AddResource(name="X", body={"Type": "AWS::SQS::Queue", "Properties": {"RedrivePolicy": {"a": 1}}})
    with pytest.raises(TemplateError, match="RedrivePolicy"):
        written_resource(odd)
