"""Domains as OpenSearch answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import opensearch


def test_a_domain_is_read_with_its_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        client("opensearch").create_domain(
            DomainName="search", ClusterConfig={"InstanceType": "r6g.large.search", "InstanceCount": 3}
        )

    domain = only(found(monkeypatch, opensearch, make), "AWS::OpenSearchService::Domain")
    config = domain.properties["ClusterConfig"]
    assert isinstance(config, dict)
    assert (config["InstanceType"], config["InstanceCount"]) == ("r6g.large.search", 3)
