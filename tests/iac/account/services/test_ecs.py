"""Services and tasks as ECS answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import ecs


def test_a_service_is_read_with_the_task_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        ecs = client("ecs")
        ecs.create_cluster(clusterName="c")
        containers = [{"name": "a", "image": "a", "cpu": 128, "memory": 128}]
        ecs.register_task_definition(family="app", cpu="256", memory="512", containerDefinitions=containers)
        ecs.register_task_definition(family="unused", containerDefinitions=containers)
        ecs.create_service(cluster="c", serviceName="app", taskDefinition="app", desiredCount=2)

    things = found(monkeypatch, ecs, make)
    task = only(things, "AWS::ECS::TaskDefinition")
    assert task.properties["Cpu"] == "256"
    assert task.properties["ContainerDefinitions"][0]["Name"] == "a"  # type: ignore[index,call-overload]
    service = only(things, "AWS::ECS::Service").properties
    assert service["DesiredCount"] == 2
    assert service["TaskDefinition"] in task.identifiers
