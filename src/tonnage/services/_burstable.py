"""CPU credits of burstable instances.

One credit is one vCPU at full speed for one minute; credits earned but not spent are kept for at most a day. In
standard mode an instance without credits runs at its baseline; in unlimited mode it goes on, and what it spends beyond
its credits is billed by the vCPU-hour (up to a day of earning is free if it is paid back, which is not counted here: an
instance that ends the day in debt pays). Source: Amazon EC2 user guide, "Burstable performance instances".
"""

from tonnage.catalog import DBInstanceClass, EC2InstanceType, fact
from tonnage.services._face import Credits

MINUTE_S = 60.0
HOUR_S = 3600.0
_LAUNCH_CREDITS = 30.0
"""Launch credits of a T2 standard instance, per vCPU; other families have none."""


def credits_of(fleet: str, instance: EC2InstanceType, mode: str) -> Credits | None:
    """Credits of an EC2 instance; None where it is not burstable, or where AWS publishes no figures (T8i).

    Args:
        fleet: The fleet of such instances.
        instance: The type.
        mode: ``standard`` or ``unlimited``; empty for the family's default: standard for T2, unlimited for all others.
    """
    if not instance.burstable or instance.credits_per_hour <= 0:
        return None
    unlimited = mode == "unlimited" or (mode != "standard" and instance.family != "t2")
    surplus = "t4g_unlimited" if instance.family == "t4g" else "t_unlimited"
    launch = _LAUNCH_CREDITS * instance.vcpus * MINUTE_S if instance.family == "t2" and not unlimited else 0.0
    return Credits(
        fleet=fleet,
        earn_per_s=instance.credits_per_hour * MINUTE_S / HOUR_S,
        capacity=instance.max_credits * MINUTE_S,
        baseline=instance.baseline,
        unlimited=unlimited,
        surplus_usd_per_server_hour=fact(f"ec2.{surplus}_surplus_usd_per_vcpu_h").value,
        initial=launch,
    )


def credits_of_class(
    fleet: str, db_class: DBInstanceClass, surplus_usd_per_vcpu_h: float | None = None
) -> Credits | None:
    """Credits of a database instance: db.t3 and db.t4g run unlimited and pay for surplus, db.t2 and older run standard.

    Args:
        fleet: The fleet that is the instance.
        db_class: Its class.
        surplus_usd_per_vcpu_h: Price of surplus credits; None for that of RDS.

    Source: Amazon RDS user guide, "DB instance class types" (db.t3, db.t4g: Unlimited mode), and RDS pricing.
    """
    if not db_class.burstable:
        return None
    return Credits(
        fleet=fleet,
        earn_per_s=db_class.credits_per_hour * MINUTE_S / HOUR_S,
        capacity=db_class.max_credits * MINUTE_S,
        baseline=db_class.baseline,
        unlimited=db_class.family not in {"t1", "t2"},
        surplus_usd_per_server_hour=fact("rds.surplus_usd_per_vcpu_h").value
        if surplus_usd_per_vcpu_h is None
        else surplus_usd_per_vcpu_h,
    )
