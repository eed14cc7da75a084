"""A DAX cluster in a Region that has none."""

from collections.abc import Iterator

from tonnage.advise.checks._face import Check, Hit, View
from tonnage.workload import Resource

REGIONS = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "sa-east-1"),
        *("eu-central-1", "eu-north-1", "eu-south-2", "eu-west-1", "eu-west-2", "eu-west-3"),
        *("ap-northeast-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
    }
)
"""Regions with an endpoint of DAX (endpoint data of botocore 1.43.11)."""


def _look(_: Resource, view: View) -> Iterator[Hit]:
    if view.stack.region not in REGIONS:
        yield Hit(what=f"{view.stack.region} has no DAX")


CHECK = Check(
    id="dax-not-in-region",
    title="DAX is offered in the Region",
    why="DAX is not in every Region; a stack with a cluster in another cannot be created.",
    remedy="Cache with ElastiCache, or choose a Region that has DAX.",
    source="endpoint data of botocore 1.43.11",
    best_practice="PERF03-BP05",
    severity="impossible",
    kinds=("AWS::DAX::Cluster",),
    look=_look,
)
