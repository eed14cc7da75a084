"""EBS volumes: how many operations and bytes a second they carry, how long a burst lasts, and what the instance allows.

Operations of up to 256 KiB count as one on SSD volumes, larger ones as several; on st1 and sc1 every operation that is
not sequential counts as 1 MiB.

Sources: Amazon EBS user guide, "Amazon EBS volume types", "General Purpose SSD volumes", "Provisioned IOPS SSD
volumes", "Throughput Optimized HDD and Cold HDD volumes", "Amazon EBS-optimized instances".
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from tonnage.catalog import EC2InstanceType, fact
from tonnage.engine.primitives import Bucket
from tonnage.services._face import Burst

MIB = 2.0**20
GIB_PER_TIB = 1024.0
METERED_OVER_S = 1.0
"""A volume's IOPS are a mean over about a second: operations of less than a second's worth are not held up."""
DAY_S = 86_400.0
_IO2_MIBS_PER_IOPS, _IO2_MOST_MIBS = 0.256, 4_000.0
_IO1_SMALL_MIBS_PER_IOPS, _IO1_KNEE_IOPS, _IO1_KNEE_MIBS = 0.25, 32_000.0, 500.0
_IO1_LARGE_MIBS_PER_IOPS, _IO1_MOST_MIBS = 1.0 / 64.0, 1_000.0
_HDD_IO_BYTES = MIB
_MAGNETIC, _MAGNETIC_MIBS, _MAGNETIC_LATENCY_S = 100.0, 40.0, 0.010
"""Magnetic storage delivers about 100 operations a second (Amazon EBS user guide, previous generation volumes)."""
_HDD_LATENCY_S = 0.008
"""Seek and half a turn of a disk of 7,200 a minute: not documented for st1 and sc1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """What a volume carries.

    Attributes:
        baseline_per_s: Operations a second for ever.
        burst_per_s: Operations a second while the balance lasts; equals the baseline where there is no burst.
        balance: Operations in a full balance.
        latency_s: Latency of one operation without queueing.
        write_latency_s: The same of a write.
    """

    baseline_per_s: float
    burst_per_s: float
    balance: float
    latency_s: float
    write_latency_s: float = 0.0

    @property
    def burst_s(self) -> float:
        """How long a full balance lasts at the burst rate; infinite where there is no burst."""
        above = self.burst_per_s - self.baseline_per_s
        return self.balance / above if above > 0 else math.inf

    @property
    def refill_s(self) -> float:
        """How long an empty balance takes to fill while nothing is asked."""
        return self.balance / self.baseline_per_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """A hard disk volume.

    Attributes:
        base: MiB/s for ever and TiB.
        burst: MiB/s while the balance lasts and TiB.
        most: Most MiB/s.
    """

    base: float
    burst: float
    most: float


DISKS: Mapping[str, Disk] = {
    "st1": Disk(base=40.0, burst=250.0, most=500.0),
    "sc1": Disk(base=12.0, burst=80.0, most=250.0),
}
"""Rates by TiB; a full balance is 1 TiB and TiB (Amazon EBS user guide)."""


def volume_storage(kind: str, gib: float, iops: float | None, mibs: float | None, io_bytes: float) -> Storage:
    """What a volume carries, before the limit of the instance.

    Args:
        kind: ``gp2``, ``gp3``, ``io1``, ``io2``, ``st1``, ``sc1`` or ``standard``.
        gib: Its size.
        iops: Provisioned IOPS; None where none are written.
        mibs: Provisioned throughput of gp3, MiB/s; None where none is written.
        io_bytes: Mean size of an operation.
    """
    gp_s, gp_write_s = fact("ebs.latency_gp_s").value, fact("ebs.write_latency_gp_s").value
    if kind in DISKS:
        disk, tib = DISKS[kind], gib / GIB_PER_TIB
        base, burst = (min(disk.most, rate * tib) for rate in (disk.base, disk.burst))
        mib_each = max(_HDD_IO_BYTES, io_bytes) / MIB
        return Storage(
            baseline_per_s=base / mib_each,
            burst_per_s=burst / mib_each,
            balance=tib * GIB_PER_TIB * GIB_PER_TIB / mib_each,
            latency_s=_HDD_LATENCY_S,
            write_latency_s=_HDD_LATENCY_S,
        )
    units = max(1.0, io_bytes / fact("ebs.io_unit_bytes").value)
    if kind == "gp2":
        least, most = fact("ebs.gp2_least_iops").value, fact("ebs.gp2_most_iops").value
        baseline = min(max(fact("ebs.gp2_iops_per_gib").value * gib, least), most)
        rate = max(baseline, fact("ebs.gp2_burst_iops").value)
        small = gib <= fact("ebs.gp2_small_below_gib").value
        carried = fact("ebs.gp2_small_mibs" if small else "ebs.gp2_large_mibs").value * MIB / io_bytes
        return Storage(
            baseline_per_s=min(baseline / units, carried),
            burst_per_s=min(rate / units, carried),
            balance=fact("ebs.gp2_credits").value / units,
            latency_s=gp_s,
            write_latency_s=gp_write_s,
        )
    if kind == "gp3":
        rate = max(iops or 0.0, fact("ebs.gp3_baseline_iops").value)
        carried = max(mibs or 0.0, fact("ebs.gp3_baseline_mibs").value)
        return _steady(min(rate / units, carried * MIB / io_bytes), gp_s, gp_write_s)
    if kind == "io1":
        rate = iops or fact("ebs.io1_least_iops").value
        return _steady(min(rate / units, io1_mibs(rate, io_bytes) * MIB / io_bytes), gp_s, gp_write_s)
    if kind == "io2":
        rate = iops or fact("ebs.io2_least_iops").value
        carried = min(_IO2_MIBS_PER_IOPS * rate, _IO2_MOST_MIBS)
        reading_s, writing_s = fact("ebs.latency_io2_s").value, fact("ebs.write_latency_io2_s").value
        return _steady(min(rate / units, carried * MIB / io_bytes), reading_s, writing_s)
    return _steady(min(_MAGNETIC, _MAGNETIC_MIBS * MIB / io_bytes), _MAGNETIC_LATENCY_S, _MAGNETIC_LATENCY_S)


def io1_mibs(iops: float, io_bytes: float) -> float:
    """Throughput of an io1 volume: 256 KiB an operation up to 500 MiB/s, above 32,000 IOPS 16 KiB each more."""
    if iops <= _IO1_KNEE_IOPS:
        return min(iops * min(io_bytes, fact("ebs.io_unit_bytes").value) / MIB, _IO1_KNEE_MIBS)
    return min(_IO1_LARGE_MIBS_PER_IOPS * iops, _IO1_MOST_MIBS)


def _steady(per_s: float, latency_s: float, write_latency_s: float) -> Storage:
    return Storage(
        baseline_per_s=per_s, burst_per_s=per_s, balance=0.0, latency_s=latency_s, write_latency_s=write_latency_s
    )


def instance_storage(instance: EC2InstanceType, io_bytes: float) -> Storage | None:
    """What an instance's own connection to EBS carries; None where the catalogue has no figures.

    Where the peak is above the baseline it is there for at least 30 minutes a day: a balance of so much, filled in a
    day.
    """
    if instance.ebs_base_iops <= 0:
        return None
    units = max(1.0, io_bytes / fact("ebs.instance_io_bytes").value)
    base = min(instance.ebs_base_iops / units, instance.ebs_base_mbs * 1e6 / io_bytes)
    peak = min(instance.ebs_peak_iops / units, instance.ebs_peak_mbs * 1e6 / io_bytes)
    balance = fact("ebs.instance_burst_s").value * (peak - base)
    return Storage(baseline_per_s=base, burst_per_s=peak, balance=balance, latency_s=0.0)


def bucket_of(storage: Storage) -> Bucket:
    """The volume as a bucket of operations that delays what exceeds it."""
    return Bucket(
        rate_per_s=storage.baseline_per_s,
        capacity=storage.baseline_per_s * METERED_OVER_S,
        when_empty="delay",
        refusal="storage full",
    )


def burst_of(name: str, storage: Storage, refill_s: float | None = None) -> Burst | None:
    """The burst of the bucket ``name``; None where it has none.

    Args:
        name: The bucket.
        storage: What it carries.
        refill_s: How long an empty balance takes to fill whatever is asked meanwhile; None: it is earned at the
            baseline.
    """
    if storage.burst_per_s <= storage.baseline_per_s:
        return None
    return Burst(
        bucket=name,
        baseline_per_s=storage.baseline_per_s,
        burst_per_s=storage.burst_per_s,
        capacity=storage.balance,
        refill_per_s=0.0 if refill_s is None else storage.balance / refill_s,
    )


def limited(storage: Storage, iops: float) -> Storage:
    """The same volume behind a connection that carries so many operations for ever; 0 means that none are stated."""
    if iops <= 0:
        return storage
    return replace(
        storage, baseline_per_s=min(storage.baseline_per_s, iops), burst_per_s=min(storage.burst_per_s, iops)
    )
