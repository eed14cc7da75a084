"""``tonnage emit``: what a judged workload gives its operators."""

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import cyclopts
from cyclopts import Parameter

if TYPE_CHECKING:
    from tonnage.emit.near_limit import NearLimit
    from tonnage.intake import Source
    from tonnage.workload import Addition, Value, Workload

emit_app = cyclopts.App(name="emit", help="Alarms, a dashboard, scaling and load tests, from what was simulated.")

_Path = Annotated[str | None, Parameter(alias="-o", allow_leading_hyphen=True)]
_Quiet = Annotated[bool, Parameter(alias="-q", negative="")]


@emit_app.command
def alarms(
    path: str,
    *,
    patch: str | None = None,
    format: Literal["text", "json"] = "text",  # noqa: A002 (the name of the option)
    seed: int = 1,
    quiet: _Quiet = False,
) -> int:
    """Alarms that ring at four fifths of the load line, and where something is turned away or an objective missed.

    They join your own template or Terraform, as a patch.

    Args:
        path: A workload file, a template, or a folder.
        patch: File for the patch; shown unless given.
        format: text, or json: the resources as CloudFormation has them.
        seed: Seed of the simulation.
        quiet: Say nothing on standard error.
    """
    from tonnage.emit.alarms import alarms as made

    source, workload, near = _judged(path, seed, quiet=quiet)
    return _joined(source, workload, made(workload, near), patch, format)


@emit_app.command
def dashboard(
    path: str,
    *,
    patch: str | None = None,
    format: Literal["text", "json"] = "text",  # noqa: A002 (the name of the option)
    seed: int = 1,
    quiet: _Quiet = False,
) -> int:
    """A CloudWatch dashboard with the lines that each metric must stay below.

    Args:
        path: A workload file, a template, or a folder.
        patch: File for the patch; shown unless given.
        format: text, or json: the resource as CloudFormation has it.
        seed: Seed of the simulation.
        quiet: Say nothing on standard error.
    """
    from tonnage.emit.dashboard import dashboard as made

    source, workload, near = _judged(path, seed, quiet=quiet)
    return _joined(source, workload, [made(workload, near)], patch, format)


@emit_app.command
def scaling(
    path: str,
    *,
    patch: str | None = None,
    format: Literal["text", "json"] = "text",  # noqa: A002 (the name of the option)
    seed: int = 1,
    quiet: _Quiet = False,
) -> int:
    """Scaling policies for groups, services and tables that have none.

    Args:
        path: A workload file, a template, or a folder.
        patch: File for the patch; shown unless given.
        format: text, or json: the resources as CloudFormation has them.
        seed: Seed of the simulation.
        quiet: Say nothing on standard error.
    """
    from tonnage.emit.scaling import scaling as made

    source, workload, near = _judged(path, seed, quiet=quiet)
    return _joined(source, workload, made(workload, near), patch, format)


@emit_app.command(name="load-test")
def load_test(
    path: str,
    *,
    tool: Literal["k6", "locust", "fargate"] = "k6",
    output: _Path = None,
    seed: int = 1,
    quiet: _Quiet = False,
) -> int:
    """The workload as a load test: its mix, its peak, its growth, and just beyond the load line.

    Args:
        path: A workload file, a template, or a folder.
        tool: k6, locust, or fargate: a CloudFormation template that runs k6 as a task.
        output: File to write; standard output unless given.
        seed: Seed of the simulation.
        quiet: Say nothing on standard error.
    """
    from tonnage.cli.review import refuse_unwritable, write_whole
    from tonnage.emit import load_test as written

    if output and output != "-":
        refuse_unwritable(output)
    _, workload, near = _judged(path, seed, quiet=quiet)
    text = {"k6": written.k6, "locust": written.locust, "fargate": written.generator}[tool](workload, near)
    if output and output != "-":
        write_whole(output, text)
        sys.stdout.write(f"load test: {output}\n")
    else:
        sys.stdout.write(text)
    return 0


def _judged(path: str, seed: int, *, quiet: bool) -> "tuple[Source, Workload, NearLimit]":
    """A workload with its load line, and how it stands below it."""
    from tonnage.cli.engine import start_engine
    from tonnage.cli.progress import progress
    from tonnage.intake import Overrides, open_source

    source = open_source(path, Overrides())
    with progress(quiet=quiet) as say:
        start_engine(say)
        from tonnage.catalog import load_catalog
        from tonnage.compile import compile_workload
        from tonnage.emit.near_limit import near_limit
        from tonnage.review import review

        result = review(source, seed=seed, advise=False, progress=say)
        workload = result.workload
        say("simulating four fifths of the load line")
        compiled = compile_workload(workload, load_catalog(workload.region))
        near = near_limit(compiled, result.loads[0].scenario, result.load_line, seed)
    return source, workload, near


def _joined(
    source: "Source", workload: "Workload", additions: "Sequence[Addition]", patch: str | None, shape: str
) -> int:
    """Additions as a patch of the user's own files, or as JSON."""
    import json

    from tonnage.cli.review import refuse_unwritable, write_whole
    from tonnage.iac import patch as patched
    from tonnage.iac.account.template import plain_resources
    from tonnage.iac.masked import masked

    made = {name: body for each in additions for name, body in each.resources.items()}
    if shape == "json":
        sys.stdout.write(json.dumps({"Resources": plain_resources(made)}, indent=2, ensure_ascii=False) + "\n")
        return 0
    if not made:
        sys.stdout.write("nothing to add\n")
        return 0
    refuse_unwritable(patch)
    written = patched(source.architecture, list(additions), workload, parameters=source.parameters)
    for each in additions:
        sys.stdout.write(f"{each.title}\n")
        for name, body in each.resources.items():
            properties = body.get("Properties")
            told = properties.get("AlarmDescription") if isinstance(properties, Mapping) else None
            if told and isinstance(properties, Mapping):
                sys.stdout.write(f"  {name}: {_threshold(properties)}: {told}\n")
    for note in written.notes:
        sys.stdout.write(f"{note}\n")
    if patch:
        write_whole(patch, written.diff)
        sys.stdout.write(f"patch: {patch}\n")
    else:
        sys.stdout.write(f"\n{masked(written.diff, workload.stack)}")
    return 0


def _threshold(properties: "Mapping[str, Value]") -> str:
    sign = "<" if str(properties["ComparisonOperator"]).startswith("Less") else ">"
    statistic = properties.get("Statistic") or properties.get("ExtendedStatistic")
    return f"{properties['MetricName']} {statistic} {sign} {properties['Threshold']}"
