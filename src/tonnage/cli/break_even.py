"""``tonnage break-even``: the same work on instances, on Fargate and on Lambda."""

from typing import Annotated, Literal

from cyclopts import Parameter

from tonnage.cli.progress import progress
from tonnage.cli.review import parameters_of


def command(
    path: str,
    *,
    component: str | None = None,
    utilization: float = 60.0,
    traffic: str | None = None,
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
    seed: int = 1,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Compare what a component's work costs on EC2, on Fargate and on Lambda as the load grows.

    Args:
        path: A workload file (tonnage.yaml), a folder with one, or a template.
        component: The component; unless given, the first that computes.
        utilization: CPU in percent at which instances and tasks are kept.
        traffic: A traffic history (CSV, CloudWatch JSON) or a shape such as "diurnal 80/s to 400/s".
        region: AWS Region.
        parameter: Template parameter as Name=Value; may be given several times.
        format: terminal or json, on standard output.
        seed: Same seed, same answer.
        quiet: Say nothing on standard error.
    """
    import sys

    from tonnage.cli.engine import start_engine
    from tonnage.intake import Overrides, load, open_source
    from tonnage.workload import WorkloadError

    overrides = Overrides(traffic=traffic, region=region, parameters=parameters_of(parameter or []))
    workload = load(open_source(path, overrides))
    with progress(quiet=quiet) as say:
        start_engine(say)
        from tonnage.advise.break_even import break_even, comparable, work_of
        from tonnage.catalog import load_catalog
        from tonnage.compile import compile_workload
        from tonnage.simulate import simulate
        from tonnage.workload import Scenario

        names = comparable(workload)
        name = component or next(iter(names), None)
        if name is None:
            raise WorkloadError(f"{workload.name}: no route calls what computes", remedy="Name it under 'routes:'.")
        if name not in names:
            raise WorkloadError(f"{name} computes nothing that routes call", remedy=f"Name one of: {', '.join(names)}.")
        catalog = load_catalog(workload.region)
        say("a run at a tenth of the traffic, for what a request waits for")
        quiet_load = Scenario(name="a tenth", factor=0.1, window_s=600.0)
        seen = simulate(compile_workload(workload, catalog), quiet_load, seed=seed).components[name]
        work = work_of(workload, name, seen.residence_s)
        found = break_even(workload, catalog, name, work, utilization=utilization / 100.0)
    if format == "json":
        from tonnage.report.break_even_report import break_even_json

        sys.stdout.write(break_even_json(workload.name, found) + "\n")
    else:
        from rich.console import Console

        from tonnage.report.break_even_report import print_break_even

        print_break_even(workload.name, found, Console(highlight=False, width=None if sys.stdout.isatty() else 100))
    return 0
