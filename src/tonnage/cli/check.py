"""``tonnage check``: what the files alone decide, without a simulation."""

import sys
from typing import Annotated, Literal

from cyclopts import Parameter


def command(
    *paths: str,
    format: Literal["text", "json"] = "text",  # noqa: A002 (the name of the option)
    fail_on: Literal["impossible", "high", "medium", "low"] = "high",
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
) -> int:
    """Check architectures without simulating anything: one line for each finding.

    Args:
        paths: Templates, Terraform folders or plans, manifests, cloud assemblies, or folders of them.
        format: text or json.
        fail_on: Exit with 1 where a finding is at least this severe.
        region: AWS Region; what the files state, else us-east-1, unless given.
        parameter: Parameter as Name=Value; may be given several times.
    """
    from tonnage.cli.review import parameters_of
    from tonnage.iac.check import check_all
    from tonnage.report.check_report import check_json, check_lines
    from tonnage.workload import WorkloadError

    if not paths:
        raise WorkloadError("Nothing to check", remedy="Give a template, a folder or a plan.")
    checked = list(check_all(list(paths), parameters=parameters_of(parameter or []), region=region))
    if format == "json":
        sys.stdout.write(check_json(checked))
    else:
        sys.stdout.write("".join(f"{line}\n" for line in check_lines(checked)))
    if all(each.refused for each in checked):
        return 2
    severities = ("impossible", "high", "medium", "low")
    gating = severities[: severities.index(fail_on) + 1]
    return 1 if any(finding.severity in gating for each in checked for finding in each.findings) else 0
