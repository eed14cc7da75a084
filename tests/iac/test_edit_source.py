import pytest

from tonnage.iac import SetProperty, patch_template
from tonnage.workload import TemplateError

TEMPLATE = """\
Parameters:
  Size:
    Type: String
    Default: 't3.small' # cheap
    AllowedValues:
      - 't3.small'
      - 't3.large'
  Count: {Type: Number, Default: "2", MaxValue: 10}
  Zones: {Type: CommaDelimitedList, Default: "a,b"}
  Image: {Type: AWS::SSM::Parameter::Value<String>, Default: /x}
  Key: {Type: String}
Mappings:
  Sizes:
    us-east-1: {db: db.t3.small, list: [a]}
Conditions:
  Big: !Equals [!Ref Size, m7g.large]
Resources:
  A:
    Type: X
    Properties:
      Size: !Ref Size
      Count: !If [Big, 9, !Ref Count]
      Zones: !Ref Zones
      Image: !Ref Image
      Key: !Ref Key
      Db: !FindInMap [Sizes, !Ref AWS::Region, db]
      List: !FindInMap [Sizes, !Ref AWS::Region, list]
      Lost: !FindInMap [Sizes, !Ref Key, db]
  B: {Type: X, Properties: {Size: !Ref Size}}
"""


def patched(name, value, text=TEMPLATE, **parameters):
    edit = SetProperty(resource="A", path=(name,), value=value)
    return patch_template(text, [edit], file="t.yaml", parameters=parameters)


def test_the_default_of_a_parameter_is_edited_and_allowed():
    patch = patched("Size", "m7g.medium")
    assert patch.after == TEMPLATE.replace("Default: 't3.small' #", "Default: 'm7g.medium' #").replace(
        "      - 't3.large'\n", "      - 't3.large'\n      - 'm7g.medium'\n"
    )
    assert "m7g.medium joins the AllowedValues of parameter Size." in patch.notes
    assert "A Size shares parameter Size with B Size, which changes with it." in patch.notes


def test_a_default_may_decide_a_condition():
    notes = patched("Size", "m7g.large").notes
    assert any("B Size" in note and "A Count" in note for note in notes)


def test_a_default_keeps_its_quotes():
    assert 'Default: "5"' in patched("Count", 5).after


def test_a_list_default_is_written_with_commas():
    assert 'Default: "a,b,c"' in patched("Zones", ("a", "b", "c")).after


def test_json_allowed_values_get_a_comma():
    text = """{
  "Parameters": {
    "Size": {
      "Type": "String",
      "Default": "a",
      "AllowedValues": [
        "a"
      ]
    }
  },
  "Resources": {"A": {"Type": "X", "Properties": {"Size": {"Ref": "Size"}}}}
}
"""
    after = patched("Size", "b", text).after
    assert after == text.replace('"Default": "a"', '"Default": "b"').replace(
        '        "a"\n', '        "a",\n        "b"\n'
    )


def test_a_value_given_outside_is_only_noted():
    patch = patched("Size", "t3.large", Size="t3.small")
    assert patch.after == patch.before
    assert patch.diff == ""
    assert patch.notes == (
        "Set parameter Size to t3.large where you deploy: A Size is given as t3.small outside the template.",
    )


def test_a_parameter_without_default_is_only_noted():
    patch = patched("Key", "k")
    assert patch.diff == ""
    assert "has no default and is given outside the template" in patch.notes[0]


def test_an_entry_of_a_mapping_is_edited():
    patch = patched("Db", "db.m7g.large")
    assert patch.after == TEMPLATE.replace("db.t3.small", "db.m7g.large")
    assert "the entry (line 14) is edited" in patch.notes[0]


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("Count", 11, r"t\.yaml:8.*cannot become 11: parameter Count does not allow '11'; MaxValue is 10"),
        ("Image", "ami", "Parameter Store"),
        ("Size", {"a": 1}, "cannot hold such a value"),
        ("List", ("b",), "not a plain value"),
        ("Lost", "x", "parameter Key has no value"),
    ],
)
def test_what_cannot_be_edited_safely_is_refused(name, value, what):
    with pytest.raises(TemplateError, match=what):
        patched(name, value)


def test_two_wishes_for_one_parameter_are_refused():
    edits = [
        SetProperty(resource="A", path=("Size",), value="t3.large"),
        SetProperty(resource="B", path=("Size",), value="t3.small"),
    ]
    with pytest.raises(TemplateError, match="they share a parameter"):
        patch_template(TEMPLATE, edits, file="t.yaml")
