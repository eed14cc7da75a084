"""What an Auto Scaling group launches, or an instance is: launch templates, security groups, instance profiles."""

from collections.abc import Iterator, Mapping

from tonnage.workload import Resource, Stack, Value, references

_LAUNCHED = frozenset({"AWS::EC2::LaunchTemplate", "AWS::AutoScaling::LaunchConfiguration"})
INSTANCE = "AWS::EC2::Instance"
_NAMES = ("LaunchTemplateName", "LaunchConfigurationName")


def launched(group: Resource, stack: Stack) -> list[Resource]:
    """Launch templates and configurations that a group refers to, in order, or names by their physical name.

    A single instance stands for itself too.
    """
    values = [group.get(name) for name in ("LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName")]
    found = [reference.resource for reference in references(tuple(values))]
    literal = [*_literals(tuple(values))]
    found += [
        resource.name
        for resource in stack.of_kind(*_LAUNCHED)
        if any(resource.get(name) in literal for name in _NAMES if isinstance(resource.get(name), str))
    ]
    resources = (stack.resources.get(name) for name in dict.fromkeys(found))
    own = [group] if group.kind == INSTANCE else []
    return own + [resource for resource in resources if resource is not None and resource.kind in _LAUNCHED]


def _literals(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, tuple) else ():
        yield from _literals(item)


def data(launch: Resource) -> tuple[tuple[str, ...], Mapping[str, Value]]:
    """Path and values of what a launch template or configuration says of the instances."""
    path = ("LaunchTemplateData",) if launch.kind == "AWS::EC2::LaunchTemplate" else ()
    value = launch.get(*path)
    return path, value if isinstance(value, Mapping) else {}


def security_groups(group: Resource, stack: Stack) -> Iterator[Value]:
    """Values that name the security groups of the instances."""
    for launch in launched(group, stack):
        _, values = data(launch)
        yield from (values[name] for name in ("SecurityGroupIds", "SecurityGroups") if name in values)
        interfaces = values.get("NetworkInterfaces")
        for interface in interfaces if isinstance(interfaces, tuple) else ():
            if isinstance(interface, Mapping):
                yield interface.get("Groups")


def instance_profiles(group: Resource, stack: Stack) -> Iterator[Value]:
    """Values that name the instance profiles."""
    for launch in launched(group, stack):
        yield data(launch)[1].get("IamInstanceProfile")
