import textwrap

import pytest

from tonnage.iac.parameters import read_parameters
from tonnage.iac.yaml_marks import parse
from tonnage.workload import TemplateError, Unknown

DECLARED = textwrap.dedent("""\
    Parameters:
      Size: {Type: String, Default: t3.small, AllowedValues: [t3.small, t3.large]}
      Count: {Type: Number, Default: "2", MinValue: 1, MaxValue: 10}
      Share: {Type: Number, Default: 0.5}
      Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}
      Zones: {Type: CommaDelimitedList, Default: "a, b"}
      Ports: {Type: List<Number>, Default: "80,443"}
      Image: {Type: "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", Default: /aws/ami}
      Name: {Type: String, AllowedPattern: "[a-z]+", MinLength: 2, MaxLength: 5}
      Odd: {Type: String, AllowedPattern: "(?<java>\\\\p{L}+)"}
      Version: {Type: String, Default: 1.10}
    """)


def values(**given):
    parameters = read_parameters(parse(DECLARED, "t.yaml"), given)
    return {name: parameter.value for name, parameter in parameters.items()}


def test_defaults_take_the_type_of_the_parameter():
    read = values()
    assert read["Size"] == "t3.small"
    assert (read["Count"], read["Share"]) == (2, 0.5)
    assert read["Zones"] == ("a", "b")
    assert read["Ports"] == (80, 443)
    assert read["Version"] == "1.10"


def test_a_parameter_without_value_says_how_to_give_it():
    value = values()["Subnets"]
    assert isinstance(value, Unknown)
    assert "--parameter Subnets=" in value.reason


def test_what_the_parameter_store_keeps_is_unknown():
    assert values()["Image"] == Unknown("SSM parameter /aws/ami")
    assert values(Image="/mine")["Image"] == Unknown("SSM parameter /mine")


def test_given_values_override_defaults():
    read = values(Count="7", Subnets="s-1,s-2", Name="abc", Odd="anything")
    assert (read["Count"], read["Subnets"], read["Name"], read["Odd"]) == (7, ("s-1", "s-2"), "abc", "anything")


def test_only_given_parameters_are_marked_so():
    parameters = read_parameters(parse(DECLARED, "t.yaml"), {"Count": "2"})
    assert parameters["Count"].given
    assert not parameters["Size"].given


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"Size": "t3.huge"}, "AllowedValues are t3.small, t3.large"),
        ({"Count": "11"}, "MaxValue is 10"),
        ({"Count": "0"}, "MinValue is 1"),
        ({"Count": "many"}, "is a Number, but its value is 'many'"),
        ({"Name": "ABC"}, "AllowedPattern"),
        ({"Name": "abcx1"}, "AllowedPattern"),
        ({"Name": "abcdef"}, "MaxLength is 5"),
        ({"Name": "a"}, "MinLength is 2"),
        ({"Ports": "80,x"}, "is a Number"),
    ],
)
def test_a_given_value_must_keep_the_rules(given, what):
    with pytest.raises(TemplateError, match=what) as caught:
        values(**given)
    assert caught.value.place.file == "t.yaml"


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(TemplateError, match=r"has no parameter Cuont.*Did you mean Count\?"):
        values(Cuont="1")
    with pytest.raises(TemplateError, match="There is none at all"):
        read_parameters(parse("Resources: {}", "t.yaml"), {"X": "1"})
