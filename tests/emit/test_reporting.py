"""Every kind that reports is modelled, and names itself as a template can."""

import pytest

from tonnage.emit.reporting import REPORTING
from tonnage.iac.account.metric_sources import SOURCES
from tonnage.services import main_resource_kinds
from tonnage.workload import Place, Reference, Resource, Text

PLACE = Place(file="t", line=1)


@pytest.mark.parametrize("kind", REPORTING)
def test_a_kind_names_itself(kind: str) -> None:
    assert kind in main_resource_kinds()
    resource = Resource(name="X", kind=kind, properties={"Name": "api"}, place=PLACE)
    dimensions = REPORTING[kind].dimensions(resource)
    assert dimensions
    assert all(isinstance(value, str | Reference | Text) for value in dimensions.values())


@pytest.mark.parametrize("kind", sorted(REPORTING.keys() & SOURCES.keys()))
def test_the_account_is_asked_in_the_same_namespace(kind: str) -> None:
    assert REPORTING[kind].namespace == SOURCES[kind].namespace


def test_nodes_of_a_group_are_called_after_shard_and_group() -> None:
    kind = "AWS::ElastiCache::ReplicationGroup"
    for properties, end in (({}, "-001"), ({"NumNodeGroups": 2}, "-0001-001")):
        resource = Resource(name="X", kind=kind, properties=properties, place=PLACE)  # type: ignore[arg-type]
        assert REPORTING[kind].dimensions(resource) == {"CacheClusterId": Text((Reference("X"), end))}


def test_an_api_without_a_name_cannot_be_told_apart() -> None:
    kind = "AWS::ApiGateway::RestApi"
    assert REPORTING[kind].dimensions(Resource(name="X", kind=kind, properties={}, place=PLACE)) is None
