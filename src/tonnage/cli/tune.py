"""``tonnage tune``: settings of the scaling that meet the objectives at least cost."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tonnage.cli.progress import progress
from tonnage.cli.review import parameters_of, refuse_unwritable, write_whole


def command(
    path: str,
    *,
    designs: int = 60,
    busy: float = 0.7,
    traffic: str | None = None,
    objective: Annotated[list[str] | None, Parameter(negative="")] = None,
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
    patch: str | None = None,
    diff: bool = False,
    seed: int = 1,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Find settings of the scaling that meet the objectives at least cost, on the history and under stress.

    Designs are chosen by the first two thirds of the days and by a day with spikes; the other days, the peak request by
    request and a lost Availability Zone confirm them. Ctrl-C ends the search and shows what was found.

    Args:
        path: A workload file (tonnage.yaml), a folder with one, a CloudFormation template, or Kubernetes manifests.
        designs: Most designs that are replayed.
        busy: Utilization at which a group has the capacity it needs.
        traffic: A traffic history (CSV, CloudWatch JSON) or a shape such as "diurnal 80/s to 400/s".
        objective: What must hold, such as "p99 latency < 300 ms"; may be given several times.
        region: AWS Region.
        parameter: Template parameter as Name=Value; may be given several times.
        format: terminal or json, on standard output.
        patch: Write the patch of the best design to this file.
        diff: Show the patch in the terminal.
        seed: Same seed, same answer.
        quiet: Say nothing on standard error.
    """
    import sys

    from tonnage.cli.engine import start_engine
    from tonnage.iac.masked import masked
    from tonnage.intake import Overrides, load, open_source
    from tonnage.intake import rebuilt as through_files
    from tonnage.workload import Change, InputError

    refuse_unwritable(patch)
    overrides = Overrides(
        traffic=traffic, region=region, parameters=parameters_of(parameter or []), objectives=objective or ()
    )
    source = open_source(path, overrides)
    workload = load(source)
    with progress(quiet=quiet) as say:
        start_engine(say)
        from tonnage.advise.levers import Proposal
        from tonnage.advise.tune import tune
        from tonnage.catalog import load_catalog
        from tonnage.compile import Compiled, compile_workload
        from tonnage.iac import patch as written

        catalog = load_catalog(workload.region)

        def build(changes: Sequence[Proposal]) -> Compiled:
            settings = [change for change in changes if isinstance(change, Change)]
            whole = len(settings) == len(changes)
            return compile_workload(
                workload.changed(*settings) if whole else through_files(source, workload, changes), catalog
            )

        result = tune(compile_workload(workload, catalog), build, designs=designs, busy=busy, seed=seed, progress=say)
    text, notes = "", []
    if result.best is not None:
        try:
            edited = written(source.architecture, result.best.changes, workload, parameters=source.parameters)
            text, notes = edited.diff, list(edited.notes)
        except InputError as error:
            notes = [f"no patch: {error}"]
    if patch and text:
        write_whole(patch, text)
    if format == "json":
        from tonnage.report.tune_report import tuning_json

        sys.stdout.write(tuning_json(workload.name, seed, result, masked(text, workload.stack), notes) + "\n")
    else:
        from rich.console import Console

        from tonnage.report.tune_report import print_tuning

        console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
        print_tuning(workload.name, result, console, diff=masked(text, workload.stack) if diff else "", notes=notes)
        if patch:
            done = f"patch: {Path(patch).resolve()}" if text else "patch: there is none; nothing was written"
            console.print(done, markup=False, soft_wrap=True)
    return 0 if result.now.met or (result.best is not None and result.best.met) else 1
