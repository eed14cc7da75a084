"""``tonnage simulate``: the history through the policies of the template."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tonnage.cli.progress import progress
from tonnage.cli.review import parameters_of, refuse_unwritable, write_whole


def command(
    path: str,
    *,
    factor: float = 1.0,
    hours: float | None = None,
    busy: float = 0.7,
    by_request: Annotated[bool, Parameter(negative="")] = False,
    fault: Annotated[list[str] | None, Parameter(negative="")] = None,
    traffic: str | None = None,
    objective: Annotated[list[str] | None, Parameter(negative="")] = None,
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
    html: str | None = None,
    seed: int = 1,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Replay the traffic through the scaling policies: capacity against need, activities with their reasons, cost.

    Args:
        path: A workload file (tonnage.yaml), a folder with one, a CloudFormation template, or Kubernetes manifests.
        factor: Multiple of the traffic.
        hours: Replay only the busiest stretch of so many hours; all of it unless given.
        busy: Utilization at which a group has the capacity it needs.
        by_request: Every request instead of flows: slower, and with what flows leave out.
        fault: What goes wrong, by time from the beginning, such as "spike x3 at 5 h for 10 min"; may be given several
            times.
        traffic: A traffic history (CSV, CloudWatch JSON) or a shape such as "diurnal 80/s to 400/s".
        objective: What must hold, such as "p99 latency < 300 ms"; may be given several times.
        region: AWS Region.
        parameter: Template parameter as Name=Value; may be given several times.
        format: terminal or json, on standard output.
        html: Also write a page with charts to this file.
        seed: Same seed, same answer.
        quiet: Say nothing on standard error.
    """
    import sys

    from tonnage.cli.engine import start_engine
    from tonnage.intake import Overrides, load, open_source
    from tonnage.workload import Scenario, WorkloadError, parse_fault

    if hours is not None and not 0.1 <= hours <= 8784.0:
        raise WorkloadError(f"{hours:g} hours are outside 0.1 to 8784", remedy="Give 24 for a day.")
    refuse_unwritable(html)
    overrides = Overrides(
        traffic=traffic, region=region, parameters=parameters_of(parameter or []), objectives=objective or ()
    )
    workload = load(open_source(path, overrides))
    length_s = workload.traffic.duration_s if hours is None else min(3600.0 * hours, workload.traffic.duration_s)
    faults = tuple(parse_fault(text) for text in fault or ())
    name = "as recorded" if factor == 1.0 else f"{factor:g} times"
    scenario = Scenario(name=name, factor=factor, window_s=length_s, faults=faults)
    with progress(quiet=quiet) as say:
        start_engine(say)
        from tonnage.advise.replay import replay
        from tonnage.catalog import load_catalog
        from tonnage.compile import compile_workload

        compiled = compile_workload(workload, load_catalog(workload.region))
        say(f"replaying {length_s / 3600:,.1f} hours {'request by request' if by_request else 'as flows'}")
        result = replay(compiled, scenario, busy=busy, by_request=by_request, seed=seed)
    if html:
        from tonnage.report.html.replay_page import replay_html

        write_whole(html, replay_html(workload.name, workload.region, result))
    if format == "json":
        from tonnage.report.replay_report import replay_json

        sys.stdout.write(replay_json(workload.name, seed, result) + "\n")
    else:
        from rich.console import Console

        from tonnage.report.replay_report import print_replay

        console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
        print_replay(workload.name, result, console)
        if html:
            console.print(f"report: {Path(html).resolve()}", markup=False, soft_wrap=True)
    return 0 if result.met else 1
