"""``tonnage init``: a first workload file."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter


def command(
    template: str,
    *,
    output: Annotated[str | None, Parameter(alias="-o", allow_leading_hyphen=True)] = None,
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
) -> int:
    """Write a first workload file for a template: what was understood, what is assumed, what to fill in.

    Args:
        template: A CloudFormation template, Kubernetes manifests, or a folder of them.
        output: File to write; tonnage.yaml beside the template unless given, "-" for standard output.
        region: AWS Region; what the files state, else us-east-1, unless given.
        parameter: Template parameter as Name=Value; may be given several times.
    """
    import os
    import sys

    from rich import print as show

    from tonnage.cli.review import parameters_of, write_whole
    from tonnage.intake import Overrides, load, open_source, starter
    from tonnage.workload import WorkloadError

    overrides = Overrides(region=region, parameters=parameters_of(parameter or []))
    source = open_source(template, overrides)
    if source.located is not None:
        raise WorkloadError(f"{template} is a workload file already", remedy="Give a template.")
    target = Path(output) if output and output != "-" else Path(template).parent / "tonnage.yaml"
    text = starter(load(source), os.path.relpath(template, target.parent))
    if output == "-":
        sys.stdout.write(text)
        return 0
    if target.exists():
        raise WorkloadError(f"{target} exists already", remedy="Give another file with --output.")
    write_whole(str(target), text)
    show(f"wrote {target}: fill in what it says, then run 'tonnage review {target}'")
    return 0
