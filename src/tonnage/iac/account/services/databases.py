"""DynamoDB tables, RDS instances and clusters, ElastiCache."""

from collections.abc import Iterator, Mapping
from typing import Any

from tonnage.iac.account.found import Ask, Found, picked, plain, tags_of
from tonnage.workload import Value

CALLS = (
    "dynamodb:ListTables",
    "dynamodb:DescribeTable",
    "rds:DescribeDBInstances",
    "rds:DescribeDBClusters",
    "elasticache:DescribeReplicationGroups",
    "elasticache:DescribeCacheClusters",
)


def read(ask: Ask) -> Iterator[Found]:
    """Everything that keeps data and is asked for it."""
    yield from _tables(ask)
    yield from _relational(ask)
    yield from _caches(ask)


def _throughput(table: Mapping[str, Any], mode: str) -> dict[str, Value]:
    """Provisioned units; an on-demand table answers zeros."""
    answer = table.get("ProvisionedThroughput")
    if mode != "PROVISIONED" or not answer:
        return {}
    return {"ProvisionedThroughput": picked(answer, "ReadCapacityUnits", "WriteCapacityUnits")}


def _tables(ask: Ask) -> Iterator[Found]:
    for name in ask("dynamodb", "list_tables", "TableNames"):
        for table in ask("dynamodb", "describe_table", "Table", TableName=name):
            mode = table.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
            indexes: tuple[Value, ...] = tuple(
                {**picked(each, "IndexName", "Projection"), **_throughput(each, mode)}
                for each in table.get("GlobalSecondaryIndexes", ())
            )
            stream = table.get("LatestStreamArn")
            yield Found(
                kind="AWS::DynamoDB::Table",
                name=name,
                properties={
                    "TableName": name,
                    "BillingMode": mode,
                    **_throughput(table, mode),
                    **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
                    **({"StreamSpecification": plain(table.get("StreamSpecification"))} if stream else {}),
                },
                identifiers={name: None, table["TableArn"]: "Arn", **({stream: "StreamArn"} if stream else {})},
            )


def _relational(ask: Ask) -> Iterator[Found]:
    for cluster in ask("rds", "describe_db_clusters", "DBClusters"):
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


def _caches(ask: Ask) -> Iterator[Found]:
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
