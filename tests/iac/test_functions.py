import pytest

from tonnage.iac.read_cloudformation import interpret
from tonnage.workload import Reference, TemplateError, Unknown

HEAD = "Parameters: {Name: {Type: String}}\nResources:\n  LB: {Type: X}\n  R: {Type: X, Properties: {P: "


def value_of(expression):
    return (
        interpret(HEAD + expression + "}}\n", "t.yaml", parameters={}, region="us-east-1").stack.resources["R"].get("P")
    )


@pytest.mark.parametrize(
    "expression",
    [
        "!Join [a]",
        "!Join text",
        "!Split [',']",
        "!Select [1]",
        "!Sub [a]",
        "!FindInMap [A, B]",
        "!GetAtt [LB]",
        "!Equals [a]",
        "!Not [a, b]",
    ],
)
def test_wrong_arguments_say_which_function_and_where(expression):
    with pytest.raises(TemplateError, match=r"t\.yaml:4.*needs a list of") as caught:
        value_of(expression)
    assert caught.value.place.line == 4


def test_an_attribute_that_is_not_known_keeps_the_reference():
    assert value_of("!GetAtt [LB, !Ref Name]") == Reference("LB", "?")


def test_a_resource_that_is_not_known_is_unknown():
    assert isinstance(value_of("{'Fn::GetAtt': [!Ref Name, Arn]}"), Unknown)


def test_a_template_of_sub_must_be_text():
    assert isinstance(value_of("{'Fn::Sub': {a: b}}"), Unknown)


def test_why_a_mapping_is_unknown_is_passed_on():
    assert "parameter Name has no value" in value_of("!FindInMap [M, !Ref Name, k]").reason
    assert "after deployment" in value_of("!FindInMap [M, !Ref LB, k]").reason


def test_an_imported_name_that_is_not_known():
    assert value_of("!ImportValue {'Fn::GetAtt': [LB, Arn]}") == Unknown("imported value whose name is not known")
