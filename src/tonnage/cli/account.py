"""``tonnage account``: a live account read into a template, and the policy that reading needs."""

import sys
from typing import Annotated

import cyclopts
from cyclopts import Parameter

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
def policy() -> int:
    """Print the IAM policy that 'tonnage account read' needs."""
    import json

    from tonnage.iac.account.read import policy as needed

    sys.stdout.write(json.dumps(needed(), indent=2) + "\n")
    return 0
