"""EKS clusters with their managed node groups."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, plain

CALLS = ("eks:ListClusters", "eks:ListNodegroups", "eks:DescribeNodegroup")


def read(ask: Ask) -> Iterator[Found]:
    """Clusters and node groups; what runs on them is in manifests, which are read beside the template."""
    for cluster in ask("eks", "list_clusters", "clusters"):
        yield Found(kind="AWS::EKS::Cluster", name=cluster, properties={"Name": cluster}, identifiers={cluster: None})
        for name in ask("eks", "list_nodegroups", "nodegroups", clusterName=cluster):
            for group in ask("eks", "describe_nodegroup", "nodegroup", clusterName=cluster, nodegroupName=name):
                sizes = group.get("scalingConfig", {})
                yield Found(
                    kind="AWS::EKS::Nodegroup",
                    name=name,
                    properties={
                        "ClusterName": cluster,
                        "NodegroupName": name,
                        "ScalingConfig": {key[:1].upper() + key[1:]: plain(value) for key, value in sizes.items()},
                        **({"InstanceTypes": plain(group["instanceTypes"])} if group.get("instanceTypes") else {}),
                        **({"CapacityType": group["capacityType"]} if group.get("capacityType") else {}),
                    },
                    identifiers={f"{cluster}/{name}": None, group.get("nodegroupArn", name): "Arn"},
                )
