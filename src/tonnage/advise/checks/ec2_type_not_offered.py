"""An instance type that does not exist, or that the Region does not offer as far as the catalogue's prices tell."""

from collections.abc import Iterator, Mapping

from tonnage.advise.checks._face import Check, Hit, NotKnownError, View, text
from tonnage.workload import CatalogError, Resource

_TYPES: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::Instance": ("InstanceType",),
    "AWS::EC2::LaunchTemplate": ("LaunchTemplateData", "InstanceType"),
    "AWS::AutoScaling::LaunchConfiguration": ("InstanceType",),
}


def _look(resource: Resource, view: View) -> Iterator[Hit]:
    path = _TYPES[resource.kind]
    name = text(resource, *path)
    if name is None:
        return
    try:
        view.catalog.instance_type(name)
    except CatalogError as error:
        yield Hit(what=error.what, path=path, remedy=error.remedy or "")
        return
    try:
        view.catalog.instance_price(name)
    except CatalogError as error:
        raise NotKnownError(f"{error.what}: it may not be offered there") from None


CHECK = Check(
    id="ec2-type-not-offered",
    title="The instance type exists",
    why="A launch with a type that does not exist or is not offered in the Region fails.",
    remedy="Choose another type.",
    source="EC2 API reference, DescribeInstanceTypes; cfn-lint E3628",
    best_practice="PERF02-BP01",
    severity="impossible",
    kinds=tuple(_TYPES),
    look=_look,
)
