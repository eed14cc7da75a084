"""Caches as ElastiCache answers them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import Answers, found, only
from tonnage.iac.account.services import elasticache


def test_groups_and_single_clusters_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        caches = client("elasticache")
        caches.create_cache_cluster(
            CacheClusterId="single", CacheNodeType="cache.t3.micro", Engine="memcached", NumCacheNodes=2
        )
        caches.create_replication_group(
            ReplicationGroupId="group", ReplicationGroupDescription="g", CacheNodeType="cache.r6g.large",
            Engine="redis", NumNodeGroups=2, ReplicasPerNodeGroup=1, AutomaticFailoverEnabled=True,
        )  # fmt: skip

    things = found(monkeypatch, elasticache, make)
    assert only(things, "AWS::ElastiCache::CacheCluster").properties["NumCacheNodes"] == 2
    group = only(things, "AWS::ElastiCache::ReplicationGroup").properties
    assert group["CacheNodeType"] == "cache.r6g.large"


def test_shards_replicas_and_serverless_caches() -> None:
    group = {
        "ReplicationGroupId": "g",
        "CacheNodeType": "cache.r6g.large",
        "ClusterEnabled": True,
        "MemberClusters": ["g-1", "g-2", "g-3", "g-4", "g-5", "g-6"],
        "NodeGroups": [{}, {}],
        "ConfigurationEndpoint": {"Address": "g.cache.amazonaws.com"},
    }
    serverless = {"ServerlessCacheName": "s", "Engine": "valkey", "Endpoint": {"Address": "s.cache.amazonaws.com"}}
    answers = {"describe_replication_groups": [group], "describe_serverless_caches": [serverless]}
    things = list(elasticache.read(Answers(answers)))
    sharded = only(things, "AWS::ElastiCache::ReplicationGroup")
    assert (sharded.properties["NumNodeGroups"], sharded.properties["ReplicasPerNodeGroup"]) == (2, 2)
    assert sharded.identifiers["g.cache.amazonaws.com"] == "ConfigurationEndPoint.Address"
    assert only(things, "AWS::ElastiCache::ServerlessCache").properties["Engine"] == "valkey"
