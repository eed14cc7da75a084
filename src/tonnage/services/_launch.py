"""What an Auto Scaling group launches: its launch template or launch configuration, and mixed instances.

Sources: CloudFormation, AWS::AutoScaling::AutoScalingGroup, AWS::AutoScaling::LaunchConfiguration (detailed monitoring
is on unless switched off), AWS::EC2::LaunchTemplate (it is off unless switched on).
"""

from collections.abc import Mapping

from tonnage.services._mixed_instances import gather_mixed
from tonnage.services._properties import Gathered, named, number_in
from tonnage.workload import Path, Resource, Stack, Unknown, Value

LAUNCH_TEMPLATE = "AWS::EC2::LaunchTemplate"
LAUNCH_CONFIGURATION = "AWS::AutoScaling::LaunchConfiguration"
DETAILED_MONITORING = "Monitoring.Enabled"

_MIXED: Path = ("MixedInstancesPolicy", "LaunchTemplate")


def gather_launch(gathered: Gathered, group: Resource, stack: Stack) -> str | None:
    """Take the settings of what a group launches.

    Returns:
        Why the group cannot be modelled; None if it can.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    configuration = group.get("LaunchConfigurationName")
    if configuration is not None:
        carrier = named(configuration, stack, LAUNCH_CONFIGURATION, "LaunchConfigurationName")
        if carrier is None:
            return f"its launch configuration is not in the files{_why(configuration)}"
        _gather_configuration(gathered, carrier)
    else:
        mixed = group.get(*_MIXED) is not None
        specification = group.get(*_MIXED, "LaunchTemplateSpecification") if mixed else group.get("LaunchTemplate")
        if specification is None:
            return "it has no launch template or launch configuration (it may copy a running instance)"
        carrier = _template(specification, stack)
        if carrier is None:
            return f"its launch template is not in the files{_why(specification)}"
        _gather_template(gathered, carrier)
        if mixed:
            gather_mixed(gathered, group)
    if "InstanceType" not in gathered.settings:
        return _no_type(gathered, group, carrier)
    return None


def _no_type(gathered: Gathered, group: Resource, carrier: Resource) -> str:
    by_attributes = carrier.get("LaunchTemplateData", "InstanceRequirements") or group.get(
        *_MIXED, "Overrides", 0, "InstanceRequirements"
    )
    if by_attributes is not None:
        return "it chooses instance types by attributes (InstanceRequirements), so which ones run is not known"
    why = gathered.unknown.get("InstanceType")
    return f"its instance type is not known{f': {why}' if why else ''}"


def _why(value: Value) -> str:
    return f": {value.reason}" if isinstance(value, Unknown) else ""


def _template(specification: Value, stack: Stack) -> Resource | None:
    if not isinstance(specification, Mapping):
        return None
    for key in ("LaunchTemplateId", "LaunchTemplateName"):
        if specification.get(key) is not None:
            return named(specification[key], stack, LAUNCH_TEMPLATE, "LaunchTemplateName")
    return None


def _gather_configuration(gathered: Gathered, carrier: Resource) -> None:
    gathered.text("InstanceType", carrier)
    gathered.switch(DETAILED_MONITORING, carrier, "InstanceMonitoring")
    gathered.settings.setdefault(DETAILED_MONITORING, True)
    _gather_volumes(gathered, carrier, ("BlockDeviceMappings",))


def _gather_template(gathered: Gathered, carrier: Resource) -> None:
    data = "LaunchTemplateData"
    gathered.text("InstanceType", carrier, data, "InstanceType")
    gathered.switch(DETAILED_MONITORING, carrier, data, "Monitoring", "Enabled")
    gathered.text("CpuCredits", carrier, data, "CreditSpecification", "CpuCredits")
    _gather_volumes(gathered, carrier, (data, "BlockDeviceMappings"))


def _gather_volumes(gathered: Gathered, carrier: Resource, path: Path) -> None:
    """Take the size of all volumes together and the type of the first."""
    mappings = carrier.get(*path)
    if not isinstance(mappings, tuple):
        return
    sizes = [number_in(carrier.get(*path, index, "Ebs", "VolumeSize")) for index in range(len(mappings))]
    if any(size is not None for size in sizes):
        gathered.settings["VolumeSize"] = sum(size or 0.0 for size in sizes)
    kind = carrier.get(*path, 0, "Ebs", "VolumeType")
    if isinstance(kind, str):
        gathered.settings["VolumeType"] = kind
