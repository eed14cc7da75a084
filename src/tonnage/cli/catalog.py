"""``tonnage catalog``: which types fit, and what is known of one."""

from typing import Annotated, Literal

import cyclopts
from cyclopts import Parameter

catalog_app = cyclopts.App(name="catalog", help="Which types fit, and what is known of one.")


@catalog_app.command
def find(
    *,
    vcpus: str | None = None,
    memory: str | None = None,
    network: str | None = None,
    ebs_iops: str | None = None,
    ebs_bandwidth: str | None = None,
    speed: str | None = None,
    max_price: float | None = None,
    arch: Literal["x86_64", "arm64"] | None = None,
    burstable: Literal["yes", "no"] | None = None,
    family: str | None = None,
    previous: Annotated[bool, Parameter(negative="")] = False,
    accelerated: Annotated[bool, Parameter(negative="")] = False,
    bare_metal: Annotated[bool, Parameter(negative="")] = False,
    engine: str | None = None,
    for_: Annotated[Literal["ec2", "rds", "elasticache"], Parameter(name="--for")] = "ec2",
    sort: Literal["price", "price per speed", "vcpus", "memory", "network", "speed", "name"] = "price per speed",
    region: str = "us-east-1",
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
) -> int:
    """Types that fit, by what an m5 vCPU's work costs on them. A range is 4, 4-8, 4: or :8.

    Args:
        vcpus: vCPUs, exactly or a range.
        memory: Memory in GiB, exactly or a range.
        network: Sustained Gbps, at least or a range.
        ebs_iops: Sustained IOPS to EBS, at least or a range.
        ebs_bandwidth: Sustained MB/s to EBS, at least or a range.
        speed: Speed of a vCPU against one of m5, at least or a range.
        max_price: Most US dollars an hour.
        arch: Processor architecture.
        burstable: Whether it may live on CPU credits.
        family: Pattern of the family, such as "m7*".
        previous: Previous generations too.
        accelerated: With accelerators instead of without.
        bare_metal: Without hypervisor instead of with.
        engine: Engine of a database (postgres, mysql, aurora-postgresql …) or cache (valkey, redis, memcached).
        for_: What for.
        sort: By what.
        region: AWS Region, for prices.
        all_: Show all that fit.
        format: terminal or json, on standard output.
    """
    import sys

    from rich.console import Console

    from tonnage.catalog import Bounds, Criteria, bounds, in_the_way, load_catalog, select
    from tonnage.report.catalog_report import candidates_json, print_candidates, refusal
    from tonnage.workload import CatalogError

    exact = {"vcpus": vcpus, "memory": memory}
    least = {"network": network, "ebs-iops": ebs_iops, "ebs-bandwidth": ebs_bandwidth, "speed": speed}
    numbers = {name: bounds(text, alone="exactly") for name, text in exact.items() if text is not None}
    numbers |= {name: bounds(text, alone="at least") for name, text in least.items() if text is not None}
    if max_price is not None:
        numbers["max-price"] = Bounds(low=0.0, high=max_price)
    criteria = Criteria(
        numbers=numbers,
        arch=arch,
        burstable=None if burstable is None else burstable == "yes",
        previous=previous,
        accelerated=accelerated,
        bare_metal=bare_metal,
        family=family,
        engine=engine,
    )
    catalog = load_catalog(region)
    found = select(catalog, for_, criteria, sort)
    if not found:
        raise CatalogError("Nothing in the catalogue fits", remedy=refusal(in_the_way(catalog, for_, criteria)))
    if format == "json":
        sys.stdout.write(candidates_json(found, region) + "\n")
    else:
        console = Console(highlight=False, width=None if sys.stdout.isatty() else 140)
        print_candidates(found, region, console, every=all_)
    return 0


@catalog_app.command
def show(
    name: str,
    *,
    region: str = "us-east-1",
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
) -> int:
    """Everything that is known of a type, with where it comes from.

    Args:
        name: Such as m7g.large, db.r7g.xlarge or cache.r7g.large.
        region: AWS Region, for prices.
        format: terminal or json, on standard output.
    """
    import sys

    from rich.console import Console

    from tonnage.catalog import DBInstanceClass, load_catalog, machine_of, price_of
    from tonnage.report.catalog_report import machine_json, print_machine

    catalog = load_catalog(region)
    kind, machine = machine_of(catalog, name)
    engines = {"ec2": ("",), "elasticache": ("valkey", "redis", "memcached")}.get(kind, ())
    if isinstance(machine, DBInstanceClass):
        engines = machine.engines
    prices = {engine: price_of(catalog, machine, engine) for engine in engines}
    if format == "json":
        sys.stdout.write(machine_json(machine, prices) + "\n")
    else:
        print_machine(machine, prices, Console(highlight=False, width=None if sys.stdout.isatty() else 120))
    return 0


@catalog_app.command
def refresh(
    *,
    region: str = "us-east-1",
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Ask AWS for the instance types and On-Demand prices of a Region, and keep them for later runs.

    Needs boto3 (pip install 'tonnage[aws]') and credentials that may ec2:DescribeInstanceTypes and pricing:GetProducts.
    Nothing is replaced unless all of it can be read.

    Args:
        region: AWS Region.
        quiet: Say nothing on standard error.
    """
    import datetime as dt
    import sys

    from tonnage.catalog import refreshed_tables, write_tables
    from tonnage.cli.progress import progress
    from tonnage.telemetry.price_list import ask

    with progress(quiet=quiet) as say:
        types, prices = ask(region, say)
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    tables, left_out = refreshed_tables(types, prices, region, today)
    folder = write_tables(tables)
    sys.stdout.write(f"{len(types) - len(left_out)} instance types and {len(prices)} prices of {region} in {folder}\n")
    if left_out:
        families = sorted({name.partition(".")[0] for name in left_out})
        sys.stdout.write(f"left out, as the speed of their family is not known: {', '.join(families)}\n")
    return 0
