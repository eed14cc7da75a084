"""``tonnage account``: a live account read into a template, and the policy that reading needs."""

import contextlib
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

import cyclopts
from cyclopts import Parameter

if TYPE_CHECKING:
    from tonnage.catalog import Catalog
    from tonnage.workload import Component

account_app = cyclopts.App(name="account", help="Read a live account; nothing in it is changed.")


@account_app.command
def read(
    *,
    output: Annotated[str, Parameter(alias="-o", allow_leading_hyphen=True)],
    region: str = "us-east-1",
    tag: Annotated[list[str] | None, Parameter(negative="")] = None,
    endpoint_url: str | None = None,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Write what an account has as a CloudFormation template, which every other command reads.

    Values of environment variables that name no resource are left out: they may be secrets. Needs boto3
    (pip install 'tonnage[aws]') and credentials that may do what 'tonnage account policy' prints.

    Args:
        output: File to write; "-" for standard output.
        region: AWS Region.
        tag: Only resources with this tag, as Key=Value; may be given several times.
        endpoint_url: Where to ask instead of AWS.
        quiet: Say nothing on standard error.
    """
    from tonnage.cli.progress import progress
    from tonnage.cli.review import parameters_of, refuse_unwritable, write_whole
    from tonnage.iac.account.read import read_account
    from tonnage.iac.account.template import as_template

    if output != "-":
        refuse_unwritable(output)
    with progress(quiet=quiet) as say:
        stack = read_account(region, tags=parameters_of(tag or []), progress=say, endpoint_url=endpoint_url)
    text = as_template(stack)
    if output == "-":
        sys.stdout.write(text)
        return 0
    write_whole(output, text)
    sys.stdout.write(f"{len(stack.resources)} resources of {region} in {output}\n")
    for note in stack.notes:
        sys.stdout.write(f"{note}\n")
    return 0


@account_app.command
def metrics(
    template: str,
    *,
    output: Annotated[str | None, Parameter(alias="-o", allow_leading_hyphen=True)] = None,
    days: float = 14,
    format: Literal["text", "json"] = "text",  # noqa: A002 (the name of the option)
    endpoint_url: str | None = None,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Read what CloudWatch has kept: offered load as traffic, and how busy each component was.

    Args:
        template: What 'tonnage account read' wrote.
        output: File for the offered load, which --traffic reads.
        days: How far back; up to 15 days by the minute, 63 by five minutes, 455 by the hour.
        format: text or json.
        endpoint_url: Where to ask instead of AWS.
        quiet: Say nothing on standard error.
    """
    import datetime as dt
    import json

    from rich.console import Console

    from tonnage.catalog import load_catalog
    from tonnage.cli.progress import progress
    from tonnage.cli.review import refuse_unwritable, write_whole
    from tonnage.iac.account.asking import Account
    from tonnage.iac.account.metrics import (
        LONGEST_DAYS,
        as_traffic,
        cpu_per_request,
        hit_ratios,
        period_for,
        physical_id,
        read_metrics,
    )  # fmt: skip
    from tonnage.iac.read_architecture import entries, read_architecture
    from tonnage.iac.stated_region import DEFAULT_REGION, stated_region
    from tonnage.report.metrics_report import measured_lines, metrics_json, print_metrics
    from tonnage.workload import WorkloadError

    if not 0 < days <= LONGEST_DAYS:
        raise WorkloadError(f"CloudWatch keeps no metrics for {days:g} days", remedy=f"Give 1 to {LONGEST_DAYS}.")
    refuse_unwritable(output)
    region = stated_region(template) or DEFAULT_REGION
    found = read_architecture(template, region=region)
    if not any(physical_id(each) for each in found.stack.resources.values()):
        raise WorkloadError(
            f"{template} does not say what AWS calls its resources",
            remedy="Read the account with 'tonnage account read' and give the file that it writes.",
        )
    account = Account(region, endpoint_url=endpoint_url)
    with progress(quiet=quiet) as say:
        resources = found.stack.resources.values()
        series = list(read_metrics(account, resources, end=dt.datetime.now(dt.UTC), days=days, progress=say))
    if not series:
        refused = next(iter(account.notes), "CloudWatch has no datapoint of its resources")
        raise WorkloadError(f"No metrics: {refused}", remedy="Check the Region, --days and 'tonnage account policy'.")
    entrances = entries(found)
    machines = _vcpus(found.components.values(), load_catalog(region))
    hits, demands = hit_ratios(series), cpu_per_request(series, entrances, machines)
    traffic = as_traffic(series, entrances)
    if output and traffic is None:
        raise WorkloadError(f"No load: CloudWatch has no requests of {', '.join(entrances)}", remedy="Check --days.")
    if output:
        write_whole(output, json.dumps(traffic, indent=1) + "\n")
    if format == "json":
        sys.stdout.write(metrics_json(series, period_for(days), hits, demands))
        return 0
    print_metrics(series, period_for(days), Console())
    sys.stdout.write("".join(f"{line}\n" for line in ("", *measured_lines(hits, demands), *account.notes)))
    if output:
        sys.stdout.write(f"offered load of {', '.join(entrances)} in {output}: give it with --traffic\n")
    return 0


def _vcpus(components: "Iterable[Component]", catalog: "Catalog") -> dict[str, float]:
    """VCPUs of the machines of fixed size."""
    from tonnage.workload import CatalogError

    found: dict[str, float] = {}
    for each in components:
        name = each.settings.get("DBInstanceClass") or each.settings.get("InstanceType")
        with contextlib.suppress(CatalogError):
            if each.kind == "AWS::RDS::DBInstance":
                found[each.name] = float(catalog.db_class(str(name)).vcpus)
            elif each.kind == "AWS::EC2::Instance":
                found[each.name] = float(catalog.instance_type(str(name)).vcpus)
    return found


@account_app.command
def policy(*, apply: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Print the IAM policy that 'tonnage account read' and 'metrics' need.

    Args:
        apply: With what 'tonnage apply' may change.
    """
    import json

    from tonnage.iac.account.read import policy as needed

    sys.stdout.write(json.dumps(needed(apply=apply), indent=2) + "\n")
    return 0
