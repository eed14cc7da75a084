from pathlib import Path

import pytest

from tonnage.iac import read_template
from tonnage.workload import Stack, TemplateError

HEAD = """
Transform: AWS::LanguageExtensions
Parameters: { Names: { Type: CommaDelimitedList, Default: "orders,dead-letters" } }
Mappings: { Sizes: { Stages: { All: [small, large] } } }
Resources:
"""


def read(tmp_path: Path, resources: str, head: str = HEAD, **parameters: str) -> Stack:
    file = tmp_path / "template.yaml"
    file.write_text(head + resources)
    return read_template(file, parameters=parameters)


def test_a_loop_makes_its_body_for_each_item(tmp_path: Path) -> None:
    # CloudFormation user guide, Fn::ForEach: &{Item} is the item without what is neither letter nor digit.
    stack = read(
        tmp_path,
        """
  Fn::ForEach::Queues:
    - Name
    - !Ref Names
    - "Queue&{Name}":
        Type: AWS::SQS::Queue
        Properties: { QueueName: !Sub "${Name}-queue", Tags: [{ Key: name, Value: !Ref Name }] }
""",
    )
    assert list(stack.resources) == ["Queueorders", "Queuedeadletters"]
    assert stack.resources["Queuedeadletters"].get("QueueName") == "dead-letters-queue"
    assert stack.resources["Queueorders"].get("Tags", 0, "Value") == "orders"
    assert stack.resources["Queuedeadletters"].place.line == 10
    assert [*read(tmp_path, LOOP, Names="a,b,c").resources] == ["Qa", "Qb", "Qc"]


LOOP = '  Fn::ForEach::Q: [Name, !Ref Names, {"Q${Name}": {Type: AWS::SQS::Queue}}]\n'


def test_loops_nest_and_stand_in_properties(tmp_path: Path) -> None:
    stack = read(
        tmp_path,
        """
  Fn::ForEach::Sizes:
    - Size
    - !FindInMap [Sizes, Stages, All]
    - Fn::ForEach::Stages:
        - Stage
        - [dev, prod]
        - "Table${Stage}${Size}":
            Type: AWS::DynamoDB::Table
            Properties:
              TableName: !Sub "${Stage}-${Size}"
              Fn::ForEach::Flags: [Flag, [One, Two], { "${Flag}Of${Size}": !Sub "${Flag}" }]
""",
    )
    assert list(stack.resources) == ["Tabledevsmall", "Tableprodsmall", "Tabledevlarge", "Tableprodlarge"]
    assert stack.resources["Tableprodlarge"].properties == {
        "TableName": "prod-large",
        "OneOflarge": "One",
        "TwoOflarge": "Two",
    }


@pytest.mark.parametrize(
    ("loop", "what"),
    [
        ("  Fn::ForEach::Q: [Name, [a]]\n  R: {Type: T}", "needs a list of a name"),
        ("  Fn::ForEach::Q: {a: b}\n  R: {Type: T}", "needs a list of a name"),
        (
            "  " + "".join(f'Fn::ForEach::Q{k}: [N{k}, ["1", "2"], {{' for k in range(6)) + "A: {Type: T}" + "}]" * 6,
            "6th loop",
        ),
        (
            (
                f"  Fn::ForEach::Q: [N, [{', '.join(map(str, range(600)))}], {{Fn::ForEach::P: [M, "
                f'[{", ".join(map(str, range(600)))}], {{"Q${{N}}x${{M}}": {{Type: T}}}}]}}]'
            ),
            "more than",
        ),
    ],
)
def test_what_is_no_loop_is_refused(tmp_path: Path, loop: str, what: str) -> None:
    with pytest.raises(TemplateError, match=what):
        read(tmp_path, loop)


def test_without_the_transform_nothing_is_unfolded(tmp_path: Path) -> None:
    stack = read(tmp_path, LOOP + "  R: {Type: AWS::SQS::Queue}\n", HEAD.replace("Transform", "Description"))
    assert list(stack.resources) == ["R"]
    assert any("was not expanded" in note for note in stack.notes)
