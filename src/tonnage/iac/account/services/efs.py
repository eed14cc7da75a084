"""EFS file systems."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked, tags_of

CALLS = ("elasticfilesystem:DescribeFileSystems", "elasticfilesystem:DescribeAccessPoints")


def read(ask: Ask) -> Iterator[Found]:
    """File systems with their access points."""
    for each in ask("efs", "describe_file_systems", "FileSystems"):
        own = each["FileSystemId"]
        yield Found(
            kind="AWS::EFS::FileSystem",
            name=each.get("Name") or own,
            properties=picked(
                each, "PerformanceMode", "ThroughputMode", "ProvisionedThroughputInMibps", "AvailabilityZoneName"
            ),
            identifiers={own: None, each.get("FileSystemArn", own): "Arn"},
            tags=tags_of(each.get("Tags")),
        )
    for point in ask("efs", "describe_access_points", "AccessPoints"):
        yield Found(
            kind="AWS::EFS::AccessPoint",
            name=point["AccessPointId"],
            properties={"FileSystemId": point["FileSystemId"]},
            identifiers={point["AccessPointId"]: None, point["AccessPointArn"]: "Arn"},
        )
