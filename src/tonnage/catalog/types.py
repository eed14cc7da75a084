"""The nouns of the catalogue. A figure that no source states is 0, and the field says so."""

from dataclasses import dataclass

from tonnage.workload import Quantity

_SINGLE_THREADED = ("redis", "valkey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """A unit price.

    Attributes:
        usd: US dollars per unit.
        unit: What for: ``hour``, ``GB-month``, ``1M requests`` …
        region: Region it holds for.
        source: Where it comes from.
        date: Date of the source.
        confidence: A price list or official text, B secondary text or derived with a small stated error, C estimated,
            widely known but not confirmed, or taken from another Region.
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
        graviton: Generation of Graviton; 0 for other processors.
        clock_ghz: Sustained clock as AWS states it; 0 where not stated.
        vcpus: vCPUs.
        cores: Physical cores behind them.
        memory_gib: Memory.
        net_base_gbps: Sustained network bandwidth.
        net_peak_gbps: Burst network bandwidth.
        ebs_base_mbs: Sustained throughput to EBS, MB/s; 0 where not stated.
        ebs_peak_mbs: Burst throughput to EBS, MB/s, at least 30 minutes in 24 hours; 0 where not stated.
        ebs_base_iops: Sustained IOPS to EBS (16 KiB); 0 where not stated.
        ebs_peak_iops: Burst IOPS to EBS; 0 where not stated.
        burstable: Whether it lives on CPU credits.
        credits_per_hour: Credits earned per hour; 0 where not burstable or not published (T8i).
        max_credits: Most credits kept.
        baseline: Share of a vCPU it may use for ever without credits; 1 where not burstable or not published.
        current_generation: Whether AWS calls it current.
        hypervisor: ``nitro``, ``xen`` or ``none``.
        bare_metal: Whether it has no hypervisor.
        accelerated: Whether it has GPUs or other accelerators.
        relative_speed: Speed of one vCPU against one hardware thread of m5; an estimate with its range.
    """

    name: str
    family: str
    generation: int
    arch: str
    cpu_maker: str
    graviton: int
    clock_ghz: float
    vcpus: int
    cores: int
    memory_gib: float
    net_base_gbps: float
    net_peak_gbps: float
    ebs_base_mbs: float
    ebs_peak_mbs: float
    ebs_base_iops: float
    ebs_peak_iops: float
    burstable: bool
    credits_per_hour: float
    max_credits: float
    baseline: float
    current_generation: bool
    hypervisor: str
    bare_metal: bool
    accelerated: bool
    relative_speed: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class DBInstanceClass:
    """An RDS or Aurora instance class.

    Attributes:
        name: ``db.m7g.large``.
        family: ``m7g``.
        generation: 7.
        arch: ``x86_64`` or ``arm64``.
        vcpus: vCPUs.
        memory_gib: Memory.
        net_base_gbps: Sustained network bandwidth.
        net_peak_gbps: Burst network bandwidth.
        ebs_base_mbs: Sustained throughput to storage, MB/s; 0 where not stated.
        ebs_peak_mbs: Burst throughput to storage, MB/s; 0 where not stated.
        ebs_base_iops: Sustained IOPS of the class; 0 where not stated.
        ebs_peak_iops: Burst IOPS of the class; 0 where not stated.
        baseline: Share of a vCPU it may use for ever without credits; 1 where not burstable.
        burstable: Whether it lives on CPU credits.
        credits_per_hour: Credits earned per hour.
        max_credits: Most credits kept.
        engines: Engines that offer it: ``mysql``, ``postgres``, ``aurora-postgresql`` …
        mysql_max_connections: Default ``max_connections`` of MySQL by the documented formula on the class's nominal
            memory; in practice up to 15 % less. 0 where MySQL is not offered.
        postgres_max_connections: Likewise of PostgreSQL.
        relative_speed: Speed of one vCPU against one hardware thread of m5, that of the EC2 family of the same name.
    """

    name: str
    family: str
    generation: int
    arch: str
    vcpus: int
    memory_gib: float
    net_base_gbps: float
    net_peak_gbps: float
    ebs_base_mbs: float
    ebs_peak_mbs: float
    ebs_base_iops: float
    ebs_peak_iops: float
    baseline: float
    burstable: bool
    credits_per_hour: float
    max_credits: float
    engines: tuple[str, ...]
    mysql_max_connections: int
    postgres_max_connections: int
    relative_speed: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheNodeType:
    """An ElastiCache node type.

    Attributes:
        name: ``cache.r7g.large``.
        family: ``r7g``.
        generation: 7.
        arch: ``x86_64`` or ``arm64``.
        vcpus: vCPUs; see `engine_threads`.
        memory_gib: Memory of the host.
        maxmemory_bytes: What the engine may use before the reserved share; 0 where not known.
        net_base_gbps: Sustained network bandwidth.
        net_peak_gbps: Burst network bandwidth.
        burstable: Whether it lives on CPU credits.
        baseline: Share of a vCPU it may use for ever without credits; 1 where not burstable.
        relative_speed: Speed of one vCPU against one hardware thread of m5, that of the EC2 family of the same name.
    """

    name: str
    family: str
    generation: int
    arch: str
    vcpus: int
    memory_gib: float
    maxmemory_bytes: float
    net_base_gbps: float
    net_peak_gbps: float
    burstable: bool
    baseline: float
    relative_speed: Quantity

    def engine_threads(self, engine: str) -> int:
        """Threads that run commands: one for ``redis`` and ``valkey``, every vCPU for ``memcached``.

        Source: ElastiCache user guide, "Choosing an engine" and "Which metrics should I monitor?".
        """
        return 1 if engine in _SINGLE_THREADED else self.vcpus
