"""ElastiCache: replication groups, single clusters, serverless caches."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = (
    "elasticache:DescribeReplicationGroups",
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeServerlessCaches",
)


def read(ask: Ask) -> Iterator[Found]:
    """Groups, then the clusters that belong to none, then serverless ones."""
    for group in ask("elasticache", "describe_replication_groups", "ReplicationGroups"):
        name = group["ReplicationGroupId"]
        members = group.get("MemberClusters", [])
        shards = max(1, len(group.get("NodeGroups", [])))
        address = (group.get("ConfigurationEndpoint") or {}).get("Address")
        primary = next((each.get("PrimaryEndpoint", {}).get("Address") for each in group.get("NodeGroups", ())), None)
        sizes = (
            {"NumNodeGroups": shards, "ReplicasPerNodeGroup": max(0, len(members) // shards - 1)}
            if group.get("ClusterEnabled")
            else {"NumCacheClusters": max(1, len(members))}
        )
        yield Found(
            kind="AWS::ElastiCache::ReplicationGroup",
            name=name,
            properties={**picked(group, "CacheNodeType", "Engine"), "ReplicationGroupDescription": name, **sizes},
            identifiers={
                name: None,
                **({address: "ConfigurationEndPoint.Address"} if address else {}),
                **({primary: "PrimaryEndPoint.Address"} if primary else {}),
            },
        )
    for cluster in ask("elasticache", "describe_cache_clusters", "CacheClusters"):
        if cluster.get("ReplicationGroupId"):
            continue
        name = cluster["CacheClusterId"]
        groups = tuple(each["SecurityGroupId"] for each in cluster.get("SecurityGroups", ()))
        yield Found(
            kind="AWS::ElastiCache::CacheCluster",
            name=name,
            properties={**picked(cluster, "CacheNodeType", "Engine", "NumCacheNodes"), "VpcSecurityGroupIds": groups},
            identifiers={name: None},
        )
    for cache in ask("elasticache", "describe_serverless_caches", "ServerlessCaches"):
        name = cache["ServerlessCacheName"]
        endpoint = (cache.get("Endpoint") or {}).get("Address")
        yield Found(
            kind="AWS::ElastiCache::ServerlessCache",
            name=name,
            properties=picked(cache, "ServerlessCacheName", "Engine", "CacheUsageLimits", "SecurityGroupIds"),
            identifiers={name: None, **({endpoint: "Endpoint.Address"} if endpoint else {})},
        )
