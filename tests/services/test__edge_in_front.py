"""A distribution in front of what answers reads."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, a_workload, gathered
from tonnage.iac import patch
from tonnage.iac.read_architecture import entries, read_architecture
from tonnage.services import Room, Situation, http_api, load_balancer
from tonnage.workload import Addition, Component

RESOURCES = """
Web: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: application}}
Tcp: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network}}
Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}
"""
READING = Situation(declared_reads=0.8)


def additions(room: Room, component: Component, situation: Situation) -> list[Addition]:
    return [knob for knob in room.knobs(component, situation, CATALOG) if isinstance(knob, Addition)]


@pytest.mark.parametrize(("room", "name"), [(load_balancer, "Web"), (http_api, "Api")])
def test_what_is_written_is_read_as_the_new_way_in(room: Room, name: str, tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    component = gathered(room, stack, name)
    (added,) = additions(room, component, READING)
    assert added.because.startswith("80% of the requests are GETs")
    assert "0.09 USD/GB" in added.caveat
    file = tmp_path / "after.yaml"
    file.write_text(patch(stack.file, [added], a_workload(stack, component)).after)
    read = read_architecture(file)
    assert (f"{name}Distribution", name) in {(edge.caller, edge.callee) for edge in read.edges}
    assert f"{name}Distribution" in entries(read)
    assert name not in entries(read)
    assert read.parts[f"{name}ReadsPolicy"] == f"{name}Distribution"
    assert read.components[f"{name}Distribution"].settings["DefaultTTL"] == 60


def test_nothing_is_put_in_front_of_what_is_not_known_to_be_read(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    for room, name, situation in (
        (load_balancer, "Web", Situation()),
        (load_balancer, "Tcp", READING),
        (http_api, "Api", replace(READING, declared_reads=0.0)),
    ):
        assert additions(room, gathered(room, stack, name), situation) == []
