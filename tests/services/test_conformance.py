"""Every room keeps to the rules that all share, and so does a room that is written tomorrow."""

import importlib
import itertools
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tonnage.services
from services import conformance
from services.conformance import EXAMPLES, declares_what_it_is, example_stack, room_file, rules, takes_any_template
from tonnage.services import Room, main_resource_kinds, rooms

ROOMS = list(rooms().values())
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**9), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["", "banana", "-1", "0", "1e9", "true", "t3.medium", "arn:aws:x:y:z"]),
    lambda inner: st.lists(inner, max_size=2).map(tuple) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@pytest.mark.parametrize("room", ROOMS, ids=room_file)
def test_it_declares_what_it_is(room: Room) -> None:
    declares_what_it_is(room)


@pytest.mark.parametrize(
    ("room", "rule"),
    list(itertools.product(ROOMS, rules())),
    ids=lambda it: it if isinstance(it, str) else room_file(it),
)
def test_it_keeps_the_rule(room: Room, rule: str) -> None:
    getattr(conformance, rule)(room, example_stack(room))


@pytest.mark.parametrize("room", ROOMS, ids=room_file)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_no_property_brings_it_down(room: Room, data: st.DataObject) -> None:
    stack = example_stack(room)
    resource = next(each for each in stack.resources.values() if each.kind in (room.KIND, *room.ALSO))
    names = sorted({*resource.properties, *(setting.name for setting in room.SETTINGS)})
    name = data.draw(st.sampled_from(names))
    takes_any_template(room, resource, stack, {name: data.draw(VALUES)})


def test_there_is_no_example_without_its_room() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.yaml")} == {room_file(room) for room in ROOMS}


TOY = '''
"""A toy: one thread that plays for ten milliseconds.

Source: nobody's guide, "Toys".
"""

import sys

from tonnage.engine.primitives import Fleet, exponential
from tonnage.engine.program import Choose, Leave, Work
from tonnage.services._face import Behaviour, Characteristic, Cost, Demand, Setting, Steps
from tonnage.services._properties import Gathered, room_of
from tonnage.workload import Change, Component, assumed

KIND = "AWS::Toys::Toy"
ALSO = ()
SPELLINGS = {"terraform": "aws_toy", "boto3": "toys:DescribeToys"}
TITLE = "toy"
ENTRY = False
ROLE = "server"
SETTINGS = (Setting(name="Size", unit="1", default=1, meaning="Toys.", source="Toys guide"),)
CHARACTERISTICS: tuple[Characteristic, ...] = ()
DEMANDS = (
    Demand(name="play", quantity=assumed(0.01, "s", "a short game", low=0.005, high=0.02), meaning="Time of a game."),
)


def gather(resource, stack):
    gathered = Gathered()
    gathered.number("Size", resource)
    return Component(
        name=resource.name, kind=KIND, settings=gathered.settings, origins=gathered.origins, place=resource.place
    )


def behaviour(component, catalog):
    size = max(1, int(component.settings.get("Size", 1)))
    fleet = Fleet(servers=1, discipline="fifo", max_instances=size, instances=size)
    return Behaviour(primitives={f"{component.name}/toys": fleet})


def visit(component, call, catalog):
    name = f"{component.name}/toys"
    return Steps(enter=(Choose(name), Work(name, exponential(0.01))), leave=(Leave(name),))


def price(component, usage, catalog):
    items = {"toys": 0.01 * usage.instances}
    return Cost(usd_per_h=sum(items.values()), items=items, sources=("a toy shop, 2026",))


def knobs(component, situation, catalog):
    size = component.settings.get("Size")
    if size is not None and "Size" in component.origins:
        yield Change(component=component.name, setting="Size", before=size, after=size + 1, because="more toys")


_ROOM = room_of(sys.modules[__name__])
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    (tmp_path / "toy.py").write_text(TOY)
    (tmp_path / "toy.yaml").write_text(
        dedent("""\
        Resources:
          Toy:
            Type: AWS::Toys::Toy
            Properties:
              Size: 2
        """)
    )
    monkeypatch.setattr(tonnage.services, "__path__", [*tonnage.services.__path__, str(tmp_path)])
    caches: list[Any] = [rooms, main_resource_kinds]
    for cached in caches:
        cached.cache_clear()
    yield cast("Room", importlib.import_module("tonnage.services.toy"))
    for cached in caches:
        cached.cache_clear()


def test_a_service_is_added_by_one_file(toy: Room, tmp_path: Path) -> None:
    assert rooms()["AWS::Toys::Toy"] is toy
    declares_what_it_is(toy)
    stack = example_stack(toy, tmp_path)
    for rule in rules():
        getattr(conformance, rule)(toy, stack)
    resource = stack.resources["Toy"]
    for value in ("banana", -5, None, {"a": ()}):
        takes_any_template(toy, resource, stack, {"Size": value})
