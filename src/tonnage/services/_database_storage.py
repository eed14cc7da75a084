"""Volumes of RDS instances: how many operations a second they carry, and for how long more.

Sources: Amazon RDS user guide, "Amazon RDS DB instance storage"; Amazon EBS user guide, "General Purpose SSD volumes"
(gp2: 3 IOPS per GiB, a balance of 5.4 million operations, bursts to 3,000 IOPS). RDS stripes MySQL, MariaDB and
PostgreSQL over four volumes from 400 GiB, Oracle from 200 GiB, SQL Server never; a striped gp2 volume bursts to 12,000
IOPS and holds four balances.
"""

from tonnage.catalog import fact
from tonnage.services._volumes import Storage

_ORACLE_STRIPED_FROM_GIB = 200
_STRIPES = 4
_GP2_LEAST, _GP2_MOST, _GP2_STRIPED_MOST = 100.0, 16_000.0, 64_000.0
_GP3_MOST, _GP3_STRIPED_MOST = 16_000.0, 64_000.0
_IO1_DEFAULT = 1_000.0
_MAGNETIC, _MAGNETIC_LATENCY_S = 100.0, 0.010
"""Magnetic storage delivers about 100 operations a second (Amazon EBS user guide, previous generation volumes)."""


def striped(engine: str, gib: float) -> bool:
    """Whether RDS stripes the storage of an instance over four volumes."""
    if engine.startswith("sqlserver-"):
        return False
    threshold = _ORACLE_STRIPED_FROM_GIB if engine.startswith("oracle-") else fact("rds.striped_from_gib").value
    return gib >= threshold


def storage_of(kind: str, engine: str, gib: float, iops: float | None) -> Storage:
    """What a volume carries, before the limit of the instance class.

    Args:
        kind: ``gp2``, ``gp3``, ``io1``, ``io2`` or ``standard``.
        engine: The engine, which decides whether it is striped.
        gib: Allocated storage.
        iops: Provisioned IOPS; None where the volume type brings its own.
    """
    wide = striped(engine, gib)
    latency_s = fact("ebs.latency_gp_s").value
    if kind == "gp2":
        most = _GP2_STRIPED_MOST if wide else _GP2_MOST
        baseline = min(max(fact("ebs.gp2_iops_per_gib").value * gib, _GP2_LEAST), most)
        burst = fact("rds.gp2_striped_burst_iops").value if wide else fact("ebs.gp2_burst_iops").value
        balance = fact("ebs.gp2_credits").value * (_STRIPES if wide else 1)
        return Storage(baseline_per_s=baseline, burst_per_s=max(baseline, burst), balance=balance, latency_s=latency_s)
    if kind == "gp3":
        free = fact("rds.gp3_striped_iops").value if wide else fact("ebs.gp3_baseline_iops").value
        # Below the striping threshold RDS does not let gp3 be raised, except for SQL Server.
        adjustable = wide or engine.startswith("sqlserver-")
        rate = min(max(free, iops or 0.0), _GP3_STRIPED_MOST if wide else _GP3_MOST) if adjustable else free
    elif kind in {"io1", "io2"}:
        rate = iops or _IO1_DEFAULT
        latency_s = fact("ebs.latency_io2_s").value if kind == "io2" else latency_s
    else:
        rate, latency_s = _MAGNETIC, _MAGNETIC_LATENCY_S
    return Storage(baseline_per_s=rate, burst_per_s=rate, balance=0.0, latency_s=latency_s)
