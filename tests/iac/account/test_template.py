"""What was read is written as a template that reads the same."""

import json
from pathlib import Path

from tonnage.iac.account.template import as_template
from tonnage.iac.read_cloudformation import read_template
from tonnage.workload import Place, Reference, Resource, Stack, Text, Unknown


def test_references_and_texts_survive(tmp_path: Path) -> None:
    place = Place(file="eu-west-1", line=1)
    queue = Resource(name="Queue", kind="AWS::SQS::Queue", properties={}, place=place)
    function = Resource(
        name="F",
        kind="AWS::Lambda::Function",
        properties={
            "Uri": Text(("arn:${x}/", Reference("Queue", "Arn"), "/end")),
            "Plain": (Reference("Queue"), 3, {"Not": Unknown("gone"), "Is": True}),
        },
        place=place,
        attributes={"Metadata": {"Tonnage": {"PhysicalId": "f"}}},
    )
    stack = Stack(file="eu-west-1", resources={"Queue": queue, "F": function}, region="eu-west-1", notes=("one",))
    file = tmp_path / "account.json"
    file.write_text(as_template(stack))
    read = read_template(file).resources["F"]
    assert read.get("Uri") == function.get("Uri")
    assert read.get("Plain") == (Reference("Queue"), 3, {"Is": True})
    assert read.attributes["Metadata"] == {"Tonnage": {"PhysicalId": "f"}}
    assert json.loads(file.read_text())["Metadata"]["Tonnage"] == {"Region": "eu-west-1", "Notes": ["one"]}
