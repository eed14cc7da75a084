"""The nouns of the catalogue."""

from dataclasses import dataclass

from tonnage.workload import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A unit price.

    Attributes:
        usd: US dollars per unit.
        unit: What for: ``hour``, ``GB-month``, ``1M requests`` …
        region: Region it holds for.
        source: Where it comes from.
        date: Date of the source.
        confidence: A price list or official text, B secondary text, C widely known but not confirmed.
        basis: ``listed``, or how it was estimated.
    """

    usd: float
    unit: str
    region: str
    source: str
    date: str
    confidence: str
    basis: str = "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class EC2InstanceType:
    """An EC2 instance type.

    Attributes:
        name: ``m7g.large``.
        family: ``m7g``.
        generation: 7.
        arch: ``x86_64`` or ``arm64``.
        cpu_maker: ``Intel``, ``AMD``, ``AWS``.
        vcpus: vCPUs.
        cores: Physical cores behind them.
        memory_gib: Memory.
        net_base_gbps: Sustained network bandwidth.
        net_peak_gbps: Burst network bandwidth.
        ebs_base_iops: Sustained IOPS to EBS (16 KiB); 0 where not stated.
        ebs_peak_iops: Burst IOPS to EBS.
        burstable: Whether it lives on CPU credits.
        credits_per_hour: Credits earned per hour; 0 where not burstable or not published.
        max_credits: Most credits kept.
        baseline: Share of a vCPU it may use for ever without credits; 1 where not burstable.
        current_generation: Whether AWS calls it current.
        bare_metal: Whether it has no hypervisor.
        accelerated: Whether it has GPUs or other accelerators.
        relative_speed: Speed of one vCPU against one hardware thread of m5; an estimate with its range.
    """

    name: str
    family: str
    generation: int
    arch: str
    cpu_maker: str
    vcpus: int
    cores: int
    memory_gib: float
    net_base_gbps: float
    net_peak_gbps: float
    ebs_base_iops: float
    ebs_peak_iops: float
    burstable: bool
    credits_per_hour: float
    max_credits: float
    baseline: float
    current_generation: bool
    bare_metal: bool
    accelerated: bool
    relative_speed: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class DBInstanceClass:
    """An RDS or Aurora instance class.

    Attributes:
        name: ``db.m7g.large``.
        family: ``m7g``.
        arch: ``x86_64`` or ``arm64``.
        vcpus: vCPUs.
        memory_gib: Memory.
        ebs_base_iops: Sustained IOPS of the class; 0 where not stated.
        ebs_peak_iops: Burst IOPS of the class.
        baseline: Share of a vCPU it may use for ever without credits; 1 where not burstable.
        burstable: Whether it lives on CPU credits.
        credits_per_hour: Credits earned per hour.
        max_credits: Most credits kept.
        engines: Engines that offer it.
        relative_speed: Speed of one vCPU against one hardware thread of m5.
    """

    name: str
    family: str
    arch: str
    vcpus: int
    memory_gib: float
    ebs_base_iops: float
    ebs_peak_iops: float
    baseline: float
    burstable: bool
    credits_per_hour: float
    max_credits: float
    engines: tuple[str, ...]
    relative_speed: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheNodeType:
    """An ElastiCache node type.

    Attributes:
        name: ``cache.r7g.large``.
        family: ``r7g``.
        arch: ``x86_64`` or ``arm64``.
        vcpus: vCPUs; the engine thread of Redis and Valkey uses one.
        maxmemory_bytes: What the engine may use before the reserved share; 0 where not known.
        net_base_gbps: Sustained network bandwidth.
        baseline: Share of a vCPU it may use for ever without credits; 1 where not burstable.
        relative_speed: Speed of one vCPU against one hardware thread of m5.
    """

    name: str
    family: str
    arch: str
    vcpus: int
    maxmemory_bytes: float
    net_base_gbps: float
    baseline: float
    relative_speed: Quantity
