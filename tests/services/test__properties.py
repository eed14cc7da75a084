from pathlib import Path

import pytest

from services.gathering import a_stack
from tonnage.services import load_balancer
from tonnage.services._properties import Gathered, attribute_path, named, number_in, number_of, referred, setting
from tonnage.workload import Component, TemplateError, Unknown

RESOURCES = """
Thing:
  Type: AWS::Test::Thing
  Properties:
    Size: "60"
    Share: 0.5
    Switch: "true"
    Name: web
    Lookup: !ImportValue network
    Other: !Ref Friend
    Joined: !Sub "${Friend}-x"
    List: [1, 2]
    Attributes:
      - {Key: first, Value: 1}
      - {Key: second, Value: 2}
    Friends: [!Ref Friend, !Ref Friend, !GetAtt Stranger.Arn]
Friend:
  Type: AWS::Test::Friend
  Properties: {Title: best}
Stranger:
  Type: AWS::Test::Stranger
"""


def test_values_are_taken_with_their_places(tmp_path: Path) -> None:
    thing = a_stack(tmp_path, RESOURCES).resources["Thing"]
    found = Gathered()
    assert found.number("Size", thing) == 60
    assert found.number("Share", thing) == 0.5
    assert found.switch("Switch", thing) is True
    assert found.text("Name", thing) == "web"
    assert found.number("Missing", thing, "Deep", "Missing") is None
    assert found.settings == {"Size": 60, "Share": 0.5, "Switch": True, "Name": "web"}
    assert isinstance(found.settings["Size"], int)
    assert found.origins["Size"].place is not None
    assert (found.origins["Missing"].path, found.origins["Missing"].place) == (("Deep", "Missing"), None)


def test_what_is_not_known_is_left_out_with_its_reason(tmp_path: Path) -> None:
    thing = a_stack(tmp_path, RESOURCES).resources["Thing"]
    found = Gathered()
    assert found.number("Lookup", thing) is None
    assert found.text("Other", thing) is None
    assert found.text("Joined", thing) is None
    assert found.settings == {}
    assert "network" in found.unknown["Lookup"]
    assert "Friend" in found.unknown["Other"]
    assert found.unknown["Joined"]


def test_a_value_of_another_kind_is_refused_at_its_place(tmp_path: Path) -> None:
    thing = a_stack(tmp_path, RESOURCES).resources["Thing"]
    for take, name in ((Gathered().number, "Name"), (Gathered().switch, "Name"), (Gathered().text, "List")):
        with pytest.raises(TemplateError, match=rf"template.yaml:\d+.*Thing: {name} is"):
            take(name, thing)


@pytest.mark.parametrize(
    ("value", "number"),
    [("60", 60), (1.5, 1.5), ("1.50", 1.5), (True, None), ("x", None), ("nan", None), ("inf", None), (None, None)],
)
def test_numbers(value: bool | float | str | None, number: float | None) -> None:
    assert number_in(value) == number


def test_unknown_is_no_number() -> None:
    assert number_in(Unknown("no value")) is None


def test_attributes_references_and_names_are_found(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    thing = stack.resources["Thing"]
    assert attribute_path(thing, "Attributes", "second") == ("Attributes", 1, "Value")
    assert attribute_path(thing, "Attributes", "third") is None
    assert attribute_path(thing, "Nothing", "first") is None
    assert [each.name for each in referred(thing.get("Friends"), stack, "AWS::Test::Friend")] == ["Friend"]
    friend = named("best", stack, "AWS::Test::Friend", "Title")
    assert friend is not None
    assert friend.name == "Friend"
    assert named("worst", stack, "AWS::Test::Friend", "Title") is None


def test_a_setting_is_the_components_own_or_the_default() -> None:
    own = Component(name="Web", kind=load_balancer.KIND, settings={"idle_timeout.timeout_seconds": 5})
    plain = Component(name="Web", kind=load_balancer.KIND)
    assert number_of(load_balancer, own, "idle_timeout.timeout_seconds") == 5
    assert number_of(load_balancer, plain, "idle_timeout.timeout_seconds") == 60
    assert setting(load_balancer, plain, "Type") == "application"
    with pytest.raises(TemplateError, match="Web: Type is not known"):
        number_of(load_balancer, plain, "Type")
