"""OpenSearch: data nodes by their machine, more of them where they are busy."""

from pathlib import Path

import pytest

from services.gathering import CATALOG, PRESSED, a_stack, gathered, refused, titles, writable
from tonnage.engine.primitives import Fleet
from tonnage.services import Situation, Usage, opensearch_domain

DOMAIN = "Search: {Type: %s, Properties: {%s: {InstanceType: %s, InstanceCount: 3}}}"
NEW, OLD = "AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"


@pytest.mark.parametrize(
    ("kind", "config", "name"),
    [
        (NEW, "ClusterConfig", "r6g.large.search"),
        (OLD, "ElasticsearchClusterConfig", "r6g.large.elasticsearch"),
    ],
)
def test_nodes_have_the_vcpus_of_their_machine(tmp_path: Path, kind: str, config: str, name: str) -> None:
    component = gathered(opensearch_domain, a_stack(tmp_path, DOMAIN % (kind, config, name)), "Search")
    fleet = opensearch_domain.behaviour(component, CATALOG).primitives["Search/nodes"]
    assert isinstance(fleet, Fleet)
    assert (fleet.servers, fleet.instances) == (2, 3)


def test_a_type_that_a_parameter_gives(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, DOMAIN % (NEW, "ClusterConfig", "!ImportValue type"))
    assert "instance type is not known" in refused(opensearch_domain, stack, "Search").reason


def test_no_price_is_invented(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, DOMAIN % (NEW, "ClusterConfig", "r6g.large.search"))
    component = gathered(opensearch_domain, stack, "Search")
    cost = opensearch_domain.price(component, Usage(visits_per_s=1.0), CATALOG)
    assert cost.usd_per_h == 0.0
    assert "not in the catalogue" in cost.notes[0]


def test_more_nodes_where_they_are_busy(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, DOMAIN % (NEW, "ClusterConfig", "r6g.large.search"))
    component = gathered(opensearch_domain, stack, "Search")
    assert titles(writable(opensearch_domain, stack, component, PRESSED)) == [
        "Search InstanceCount 3 → 4",
        "Search InstanceCount 3 → 6",
    ]
    assert writable(opensearch_domain, stack, component, Situation()) == []
