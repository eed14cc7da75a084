import dataclasses

import pytest

from tonnage.workload import Component, Edge, NotModelled, Origin, ScalingPolicy


def test_a_component_needs_no_more_than_a_name_and_a_kind():
    component = Component(name="Fn", kind="AWS::Lambda::Function")
    assert (component.settings, component.origins, component.policies, component.characteristics) == ({}, {}, (), {})
    assert component.place is None


def test_components_do_not_share_their_defaults():
    assert Component(name="A", kind="k").settings is not Component(name="B", kind="k").settings


@pytest.mark.parametrize(
    "noun",
    [
        Component(name="Fn", kind="k"),
        ScalingPolicy(name="P", mechanism="step", settings={}),
        Origin(resource="Fn", path=("MemorySize",)),
        Edge(caller="a", callee="b", evidence="because", certainty="stated"),
        NotModelled(name="X", kind="AWS::X::Y", reason="not known"),
    ],
)
def test_nouns_do_not_change_and_compare_by_value(noun):
    field = dataclasses.fields(noun)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(noun, field, "other")
    assert noun == dataclasses.replace(noun)
    assert noun != dataclasses.replace(noun, **{field: "other"})


def test_what_is_not_modelled_does_not_matter_unless_said():
    assert not NotModelled(name="X", kind="AWS::X::Y", reason="not known").matters
