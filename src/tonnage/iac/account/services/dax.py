"""DynamoDB Accelerator clusters."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = ("dax:DescribeClusters",)


def read(ask: Ask) -> Iterator[Found]:
    """Clusters with their nodes."""
    for cluster in ask("dax", "describe_clusters", "Clusters"):
        name = cluster["ClusterName"]
        address = (cluster.get("ClusterDiscoveryEndpoint") or {}).get("URL") or name
        yield Found(
            kind="AWS::DAX::Cluster",
            name=name,
            properties={"ClusterName": name, **picked(cluster, "NodeType", TotalNodes="ReplicationFactor")},
            identifiers={name: None, cluster["ClusterArn"]: "Arn", address: "ClusterDiscoveryEndpointURL"},
        )
