"""Mixed instances of an Auto Scaling group: which types it launches, On-Demand and Spot, and what they count.

Source: Amazon EC2 Auto Scaling user guide, "Auto Scaling groups with multiple instance types and purchase options",
"Allocation strategies for multiple instance types", "Configure an Auto Scaling group to use instance weights".
"""

from collections.abc import Iterator, Mapping

from tonnage.catalog import Catalog, fact
from tonnage.services._face import Characteristic, Offer, Setting
from tonnage.services._properties import Gathered, number_in
from tonnage.workload import CatalogError, Component, Path, Resource

OVERRIDES: Path = ("MixedInstancesPolicy", "LaunchTemplate", "Overrides")
_DISTRIBUTION = ("MixedInstancesPolicy", "InstancesDistribution")
_GUIDE = "Amazon EC2 Auto Scaling user guide, Auto Scaling groups with multiple instance types"
_NUMBERS = ("OnDemandBaseCapacity", "OnDemandPercentageAboveBaseCapacity", "SpotInstancePools")
_NAMES = ("OnDemandAllocationStrategy", "SpotAllocationStrategy")
UNPREDICTABLE = ("price-capacity-optimized", "capacity-optimized")
"""Strategies that go by capacity that only AWS knows: the types cheapest per unit stand for what they choose."""

MIXED_SETTINGS = (
    Setting(
        name="WeightedCapacity",
        unit="1",
        default=1,
        meaning="How much of the group's capacity an instance of the first override counts.",
        source=_GUIDE,
    ),
    Setting(
        name="Overrides",
        unit="",
        default=None,
        meaning="The other instance types that a mixed instances policy may launch, each with its weight.",
        source=_GUIDE,
    ),
    Setting(
        name="OnDemandBaseCapacity",
        unit="1",
        default=0,
        meaning="Units that are On-Demand before any Spot.",
        source=_GUIDE,
    ),
    Setting(
        name="OnDemandPercentageAboveBaseCapacity",
        unit="%",
        default=100,
        meaning="Share of On-Demand above the base, rounded up; the rest is Spot.",
        source=_GUIDE,
    ),
    Setting(
        name="OnDemandAllocationStrategy",
        unit="",
        default="prioritized",
        meaning="prioritized takes the first override, lowest-price the cheapest per unit.",
        source=_GUIDE,
    ),
    Setting(
        name="SpotAllocationStrategy",
        unit="",
        default="lowest-price",
        meaning="Which Spot types are launched; what goes by capacity is taken to choose the cheapest per unit.",
        source=_GUIDE,
    ),
    Setting(
        name="SpotInstancePools",
        unit="1",
        default=2,
        meaning="How many Spot types lowest-price uses in each zone.",
        source=_GUIDE,
    ),
)
MIXED_CHARACTERISTICS = (
    Characteristic(
        name="spot_price",
        quantity=fact("asg.spot_price_share").assumed(),
        meaning="Spot price as a share of the On-Demand price. Read it off the Spot Instance pricing history.",
        needs="OnDemandPercentageAboveBaseCapacity",
    ),
)


def gather_mixed(gathered: Gathered, group: Resource) -> None:
    """Take the overrides of a mixed instances policy, and how they are divided.

    The first override's type and weight are the group's own; a type chosen by attributes leaves it unknown.

    Raises:
        TemplateError: A setting that must be a number is none.
    """
    for name in (*_NUMBERS, *_NAMES):
        if group.get(*_DISTRIBUTION, name) is not None:
            take = gathered.number if name in _NUMBERS else gathered.text
            take(name, group, *_DISTRIBUTION, name)
    overrides = group.get(*OVERRIDES)
    if not isinstance(overrides, tuple) or not overrides:
        # Without overrides the launch template's own type is bought both ways.
        gathered.settings["Overrides"] = ""
        return
    if group.get(*OVERRIDES, 0, "InstanceType") is not None:
        gathered.settings.pop("InstanceType", None)
        gathered.text("InstanceType", group, *OVERRIDES, 0, "InstanceType")
    if group.get(*OVERRIDES, 0, "InstanceRequirements") is not None:
        gathered.settings.pop("InstanceType", None)
    if group.get(*OVERRIDES, 0, "WeightedCapacity") is not None:
        gathered.number("WeightedCapacity", group, *OVERRIDES, 0, "WeightedCapacity")
    gathered.settings["Overrides"] = ", ".join(_written(item) for item in overrides[1:] if isinstance(item, Mapping))


def _written(override: Mapping[str, object]) -> str:
    name, weight = override.get("InstanceType"), override.get("WeightedCapacity")
    text = name if isinstance(name, str) else "?"
    return text if weight is None else f"{text} ({weight})"


def types_of(component: Component) -> tuple[tuple[str, int], ...]:
    """Instance types that a group may launch, each with its weight, in order of priority.

    The first is the group's ``InstanceType`` and ``WeightedCapacity`` as they are now; those not known are left out.
    """
    first = (str(component.settings["InstanceType"]), _whole(component, "WeightedCapacity", 1))
    written = str(component.settings.get("Overrides") or "")
    rest = [_read(item) for item in written.split(", ") if item]
    return (first, *(each for each in rest if each[0] != "?"))


def _read(text: str) -> tuple[str, int]:
    name, _, weight = text.partition(" ")
    return name, max(1, int(number_in(weight.strip("()")) or 1))


def _whole(component: Component, name: str, default: int) -> int:
    value = number_in(component.settings.get(name))
    return default if value is None else max(0 if name == "OnDemandBaseCapacity" else 1, int(value))


def is_mixed(component: Component) -> bool:
    """Whether a group has a mixed instances policy."""
    return component.settings.get("Overrides") is not None


def offers_of(component: Component, catalog: Catalog) -> tuple[Offer, ...]:
    """How a group gets its instances: first the one On-Demand type, then the Spot types, used evenly.

    A type that the catalogue does not know is left out.

    Raises:
        CatalogError: The group's own instance type is not known.
    """
    own = catalog.instance_type(str(component.settings["InstanceType"]))
    one = own.vcpus * own.relative_speed.value
    if not is_mixed(component):
        return (Offer(name=own.name),)
    known = [
        Offer(name=name, weight=weight, speed=speed / one)
        for name, weight in types_of(component)
        if (speed := _speed(catalog, name)) is not None
    ]
    by_price = sorted(known, key=lambda offer: per_unit(catalog, offer))
    cheapest_first = component.settings.get("OnDemandAllocationStrategy") == "lowest-price"
    on_demand = by_price[0] if cheapest_first else known[0]
    share = number_in(component.settings.get("OnDemandPercentageAboveBaseCapacity"))
    if share is None or share >= 100:
        return (on_demand,)
    strategy = str(component.settings.get("SpotAllocationStrategy") or "lowest-price")
    if strategy == "lowest-price":
        chosen = by_price[: _whole(component, "SpotInstancePools", 2)]
    else:
        chosen = known[:1] if strategy == "capacity-optimized-prioritized" else by_price[:1]
    spot = (Offer(name=f"{o.name} Spot", weight=o.weight, speed=o.speed, spot=True) for o in chosen)
    return (on_demand, *spot)


def _speed(catalog: Catalog, name: str) -> float | None:
    try:
        found = catalog.instance_type(name)
    except CatalogError:
        return None
    return found.vcpus * found.relative_speed.value


def per_unit(catalog: Catalog, offer: Offer) -> float:
    """On-Demand price of a unit of capacity, USD per hour; infinity where there is none."""
    try:
        return catalog.instance_price(offer.name).usd / offer.weight
    except CatalogError:
        return float("inf")


def mixed_notes(component: Component, offers: tuple[Offer, ...], zones: int) -> Iterator[str]:
    """What is assumed of a group's types and prices."""
    types = types_of(component)
    spot = [offer.name for offer in offers if offer.spot]
    if len(types) > 1:
        used = ", ".join(dict.fromkeys(offer.name for offer in offers))
        yield f"of {len(types)} instance types that it may launch it is taken to launch {used}"
    if spot:
        strategy = str(component.settings.get("SpotAllocationStrategy") or "lowest-price")
        why = ": AWS chooses by capacity, the cheapest per unit is assumed" if strategy in UNPREDICTABLE else ""
        yield (
            f"Spot Instances at an assumed share of the On-Demand price, from {pools(len(types), zones)} Spot pools"
            f" ({strategy}{why})"
        )


def pools(types: int, zones: int) -> int:
    """Spot pools that a group may draw on: one for each type in each zone."""
    return types * zones
