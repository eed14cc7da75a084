"""RDS instances, Aurora clusters, RDS Proxy."""

from collections.abc import Iterator, Mapping
from typing import Any

from tonnage.iac.account.found import Ask, Found, picked, tags_of

CALLS = (
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    "rds:DescribeDBProxies",
    "rds:DescribeDBProxyTargetGroups",
    "rds:DescribeDBProxyTargets",
)


def read(ask: Ask) -> Iterator[Found]:
    """Clusters of Aurora and of Multi-AZ, instances, then proxies with their targets."""
    for cluster in ask("rds", "describe_db_clusters", "DBClusters"):
        if cluster["Engine"] == "docdb":
            continue
        name = cluster["DBClusterIdentifier"]
        groups = tuple(each["VpcSecurityGroupId"] for each in cluster.get("VpcSecurityGroups", ()))
        yield Found(
            kind="AWS::RDS::DBCluster",
            name=name,
            properties={
                **picked(cluster, "Engine"),
                **(picked(cluster, "StorageType") if cluster.get("StorageType") == "aurora-iopt1" else {}),
                **picked(cluster, ServerlessV2ScalingConfiguration="ServerlessV2ScalingConfiguration"),
                "VpcSecurityGroupIds": groups,
            },
            identifiers={
                name: None,
                cluster["DBClusterArn"]: None,
                cluster.get("Endpoint") or name: "Endpoint.Address",
                cluster.get("ReaderEndpoint") or name: "ReadEndpoint.Address",
            },
            tags=tags_of(cluster.get("TagList")),
        )
    for instance in ask("rds", "describe_db_instances", "DBInstances"):
        if instance["Engine"] == "docdb":
            continue
        name = instance["DBInstanceIdentifier"]
        member = instance.get("DBClusterIdentifier")
        own = (
            picked(instance, "DBInstanceClass", "Engine", "DBClusterIdentifier")
            if member
            else picked(
                instance,
                "DBInstanceClass",
                "Engine",
                "AllocatedStorage",
                "StorageType",
                "Iops",
                "MultiAZ",
                "MaxAllocatedStorage",
                ReadReplicaSourceDBInstanceIdentifier="SourceDBInstanceIdentifier",
            )
        )
        groups = tuple(each["VpcSecurityGroupId"] for each in instance.get("VpcSecurityGroups", ()))
        address = (instance.get("Endpoint") or {}).get("Address") or name
        yield Found(
            kind="AWS::RDS::DBInstance",
            name=name,
            properties={**own, "VPCSecurityGroups": groups},
            identifiers={name: None, instance["DBInstanceArn"]: None, address: "Endpoint.Address"},
            tags=tags_of(instance.get("TagList")),
        )
    for proxy in ask("rds", "describe_db_proxies", "DBProxies"):
        yield from _proxy(ask, proxy)


def _proxy(ask: Ask, proxy: Mapping[str, Any]) -> Iterator[Found]:
    name = proxy["DBProxyName"]
    yield Found(
        kind="AWS::RDS::DBProxy",
        name=name,
        properties=picked(proxy, "DBProxyName", "EngineFamily", "VpcSecurityGroupIds"),
        identifiers={name: None, proxy.get("Endpoint") or name: "Endpoint"},
    )
    targets = list(ask("rds", "describe_db_proxy_targets", "Targets", DBProxyName=name))
    clusters = {each["TrackedClusterId"] for each in targets if each.get("TrackedClusterId")}
    instances = {
        each["RdsResourceId"]
        for each in targets
        if each.get("Type") == "RDS_INSTANCE" and not each.get("TrackedClusterId")
    }
    for group in ask("rds", "describe_db_proxy_target_groups", "TargetGroups", DBProxyName=name):
        pool = picked(group.get("ConnectionPoolConfig", {}), "MaxConnectionsPercent", "ConnectionBorrowTimeout")
        yield Found(
            kind="AWS::RDS::DBProxyTargetGroup",
            name=f"{name}-targets",
            properties={
                "DBProxyName": name,
                "TargetGroupName": "default",
                "ConnectionPoolConfigurationInfo": pool,
                **({"DBClusterIdentifiers": tuple(sorted(clusters))} if clusters else {}),
                **({"DBInstanceIdentifiers": tuple(sorted(instances))} if instances else {}),
            },
            physical_id=group.get("TargetGroupArn", ""),
        )
