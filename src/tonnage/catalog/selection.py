"""Types that fit criteria, with price and speed: what ec2-instance-selector answers, for EC2, RDS and ElastiCache."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal

from tonnage.catalog.catalog import Catalog
from tonnage.catalog.types import CacheNodeType, DBInstanceClass, EC2InstanceType, Price
from tonnage.workload import CatalogError, Quantity, WorkloadError

Kind = Literal["ec2", "rds", "elasticache"]
Sorting = Literal["price", "price per speed", "vcpus", "memory", "network", "speed", "name"]
SORTINGS: tuple[Sorting, ...] = ("price", "price per speed", "vcpus", "memory", "network", "speed", "name")
_RANGE = re.compile(r"(?P<low>[\d.]*)(?P<dash>[-:])?(?P<high>[\d.]*)")
Machine = EC2InstanceType | DBInstanceClass | CacheNodeType


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A range of a figure, both ends included.

    Attributes:
        low: Least.
        high: Most.
    """

    low: float
    high: float

    def hold(self, value: float) -> bool:
        """Whether a figure lies in the range."""
        return self.low <= value <= self.high


def bounds(text: str, *, alone: Literal["exactly", "at least", "at most"]) -> Bounds:
    """Read ``4``, ``4-8``, ``4:`` (at least) or ``:8`` (at most).

    Args:
        text: As a person writes it.
        alone: What a single number means.

    Raises:
        WorkloadError: It is no range.
    """
    match = _RANGE.fullmatch(text.strip())
    infinity = float("inf")
    try:
        if match is None or not (match["low"] or match["high"]):
            raise ValueError
        low = float(match["low"]) if match["low"] else 0.0
        if match["dash"] is None:
            ends = {"exactly": (low, low), "at least": (low, infinity), "at most": (0.0, low)}
            return Bounds(low=ends[alone][0], high=ends[alone][1])
        high = float(match["high"]) if match["high"] else infinity
    except ValueError:
        raise WorkloadError(f"{text!r} is no range", remedy="Write 4, 4-8, 4: or :8.") from None
    if high < low:
        raise WorkloadError(f"{text!r} is no range: {high:g} is below {low:g}", remedy="Write the smaller one first.")
    return Bounds(low=low, high=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Criteria:
    """What is asked of a type; what is None or empty does not matter.

    Attributes:
        numbers: Ranges by name: ``vcpus``, ``memory``, ``network`` (sustained Gbps), ``ebs-iops``, ``ebs-bandwidth``
            (sustained MB/s), ``max-price`` (USD an hour), ``speed`` (of a vCPU, of which m5 has 1).
        arch: ``x86_64`` or ``arm64``.
        burstable: Whether it lives on CPU credits.
        previous: Whether previous generations may be among them.
        accelerated: Whether it has accelerators.
        bare_metal: Whether it has no hypervisor.
        family: Pattern of the family's name: ``m7*``.
        engine: Engine of a database or cache, for the price and what is offered.
    """

    numbers: Mapping[str, Bounds] = field(default_factory=dict)
    arch: str | None = None
    burstable: bool | None = None
    previous: bool = False
    accelerated: bool = False
    bare_metal: bool = False
    family: str | None = None
    engine: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A type that fits.

    Attributes:
        machine: The type.
        price: Per hour; None where the catalogue has none in the Region.
        speed: Speed of one vCPU against one of m5.
    """

    machine: Machine
    price: Price | None
    speed: Quantity

    @property
    def usd_per_speed(self) -> float:
        """Dollars an hour for what one m5 vCPU does; infinite without a price."""
        if self.price is None:
            return float("inf")
        return self.price.usd / (self.machine.vcpus * self.speed.value)


_FIGURES: Mapping[str, Callable[[Machine], float]] = {
    "vcpus": lambda each: float(each.vcpus),
    "memory": lambda each: each.memory_gib,
    "network": lambda each: each.net_base_gbps,
    "ebs-iops": lambda each: 0.0 if isinstance(each, CacheNodeType) else each.ebs_base_iops,
    "ebs-bandwidth": lambda each: 0.0 if isinstance(each, CacheNodeType) else each.ebs_base_mbs,
    "speed": lambda each: each.relative_speed.value,
}
DEFAULT_ENGINES: Mapping[Kind, str] = {"ec2": "", "rds": "postgres", "elasticache": "valkey"}


def select(catalog: Catalog, kind: Kind, criteria: Criteria, sort: Sorting = "price") -> tuple[Candidate, ...]:
    """Types that fit, sorted; those without a price come last where prices decide.

    Args:
        catalog: Facts of the Region.
        kind: What for.
        criteria: What is asked.
        sort: By what.
    """
    found = [each for each in _candidates(catalog, kind, criteria) if not misfits(each, criteria)]
    keys: Mapping[Sorting, Callable[[Candidate], tuple[float, str]]] = {
        "price": lambda each: (each.price.usd if each.price else float("inf"), each.machine.name),
        "price per speed": lambda each: (each.usd_per_speed, each.machine.name),
        "vcpus": lambda each: (each.machine.vcpus, each.machine.name),
        "memory": lambda each: (each.machine.memory_gib, each.machine.name),
        "network": lambda each: (-each.machine.net_base_gbps, each.machine.name),
        "speed": lambda each: (-each.speed.value, each.machine.name),
        "name": lambda each: (0.0, each.machine.name),
    }
    return tuple(sorted(found, key=keys[sort]))


def misfits(candidate: Candidate, criteria: Criteria) -> tuple[str, ...]:
    """Names of the criteria that a type does not meet."""
    machine = candidate.machine
    usd = candidate.price.usd if candidate.price else float("nan")
    numbers = {name: _FIGURES[name](machine) if name in _FIGURES else usd for name in criteria.numbers}
    missed = [name for name, value in numbers.items() if not criteria.numbers[name].hold(value)]
    asked = {
        "arch": criteria.arch in {None, machine.arch},
        "burstable": criteria.burstable in {None, machine.burstable},
        "family": criteria.family is None or fnmatchcase(machine.family, criteria.family),
    }
    if isinstance(machine, EC2InstanceType):
        asked["previous"] = criteria.previous or machine.current_generation
        asked["accelerated"] = criteria.accelerated == machine.accelerated
        asked["bare-metal"] = criteria.bare_metal == machine.bare_metal
    if isinstance(machine, DBInstanceClass) and criteria.engine:
        asked["engine"] = criteria.engine in machine.engines
    return (*missed, *(name for name, fits in asked.items() if not fits))


def in_the_way(catalog: Catalog, kind: Kind, criteria: Criteria) -> tuple[tuple[str, int], ...]:
    """Where nothing fits: each criterion without which something would, and how many types; the most first."""
    counts: dict[str, int] = {}
    for each in _candidates(catalog, kind, criteria):
        missed = misfits(each, criteria)
        if len(missed) == 1:
            counts[missed[0]] = counts.get(missed[0], 0) + 1
    return tuple(sorted(counts.items(), key=lambda item: -item[1]))


def machine_of(catalog: Catalog, name: str) -> tuple[Kind, Machine]:
    """A type of any service by its name.

    Raises:
        CatalogError: There is none; the error names the nearest.
    """
    if name.startswith("db."):
        return "rds", catalog.db_class(name)
    if name.startswith("cache."):
        return "elasticache", catalog.cache_node(name)
    return "ec2", catalog.instance_type(name)


def price_of(catalog: Catalog, machine: Machine, engine: str) -> Price | None:
    """Price of a type an hour; None where the catalogue has none."""
    try:
        if isinstance(machine, EC2InstanceType):
            return catalog.instance_price(machine.name)
        if isinstance(machine, DBInstanceClass):
            return catalog.db_price(machine.name, engine)
        return catalog.cache_price(machine.name, engine)
    except CatalogError:
        return None


def _candidates(catalog: Catalog, kind: Kind, criteria: Criteria) -> Iterator[Candidate]:
    all_of: Mapping[Kind, Callable[[], Iterator[Machine]]] = {
        "ec2": catalog.instance_types,
        "rds": catalog.db_classes,
        "elasticache": catalog.cache_nodes,
    }
    engine = criteria.engine or DEFAULT_ENGINES[kind]
    for machine in all_of[kind]():
        yield Candidate(machine=machine, price=price_of(catalog, machine, engine), speed=machine.relative_speed)
