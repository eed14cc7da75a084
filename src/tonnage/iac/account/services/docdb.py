"""DocumentDB clusters."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = ("rds:DescribeDBClusters", "rds:DescribeDBInstances")


def read(ask: Ask) -> Iterator[Found]:
    """Clusters of documents and their instances; the service answers those of RDS too."""
    for cluster in ask("docdb", "describe_db_clusters", "DBClusters"):
        if cluster["Engine"] != "docdb":
            continue
        name = cluster["DBClusterIdentifier"]
        yield Found(
            kind="AWS::DocDB::DBCluster",
            name=name,
            properties={
                "VpcSecurityGroupIds": tuple(
                    each["VpcSecurityGroupId"] for each in cluster.get("VpcSecurityGroups", ())
                )
            },
            identifiers={name: None, cluster["DBClusterArn"]: None, cluster.get("Endpoint") or name: "Endpoint"},
        )
    for instance in ask("docdb", "describe_db_instances", "DBInstances"):
        if instance["Engine"] == "docdb":
            yield Found(
                kind="AWS::DocDB::DBInstance",
                name=instance["DBInstanceIdentifier"],
                properties=picked(instance, "DBClusterIdentifier", "DBInstanceClass"),
                identifiers={instance["DBInstanceIdentifier"]: None, instance["DBInstanceArn"]: None},
            )
