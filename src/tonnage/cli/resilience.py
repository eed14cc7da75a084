"""``tonnage resilience``: after a trigger, does it recover?"""

from typing import Annotated, Literal

from cyclopts import Parameter

from tonnage.cli.progress import progress
from tonnage.cli.review import parameters_of


def command(
    path: str,
    *,
    trigger: Annotated[list[str] | None, Parameter(negative="")] = None,
    traffic: str | None = None,
    objective: Annotated[list[str] | None, Parameter(negative="")] = None,
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
    seed: int = 1,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Put triggers to loads below the load line, take them away, and see whether the architecture recovers.

    Args:
        path: A workload file (tonnage.yaml), a folder with one, a CloudFormation template, or Kubernetes manifests.
        trigger: What goes wrong, such as "spike x3 for 1 min" or "latency Database +200 ms for 2 min"; may be given
            several times. Unless given: a minute of three times the traffic, and every cache emptied.
        traffic: A traffic history (CSV, CloudWatch JSON) or a shape such as "diurnal 80/s to 400/s".
        objective: What must hold, such as "p99 latency < 300 ms"; may be given several times.
        region: AWS Region.
        parameter: Template parameter as Name=Value; may be given several times.
        format: terminal or json, on standard output.
        seed: Same seed, same answer.
        quiet: Say nothing on standard error.
    """
    import dataclasses
    import sys

    from tonnage.cli.engine import start_engine
    from tonnage.intake import Overrides, load, open_source
    from tonnage.workload import parse_fault

    overrides = Overrides(
        traffic=traffic, region=region, parameters=parameters_of(parameter or []), objectives=objective or ()
    )
    workload = load(open_source(path, overrides))
    triggers = [dataclasses.replace(parse_fault(text), at_s=0.0) for text in trigger or ()]
    with progress(quiet=quiet) as say:
        start_engine(say)
        from tonnage.advise.load_line import find_load_line, judged_time_s
        from tonnage.advise.resilience import default_triggers, resilience
        from tonnage.catalog import load_catalog
        from tonnage.compile import compile_workload
        from tonnage.workload import Scenario

        compiled = compile_workload(workload, load_catalog(workload.region))
        window_s = judged_time_s(workload.traffic.peak_per_s, workload.traffic.duration_s)
        line = find_load_line(compiled, Scenario(name="load line", window_s=window_s), seed, progress=say)
        chosen = triggers or default_triggers(compiled)
        results = resilience(compiled, chosen, line.rate_per_s, seed, progress=say)
    if format == "json":
        from tonnage.report.resilience_report import resilience_json

        sys.stdout.write(resilience_json(workload.name, seed, results) + "\n")
    else:
        from rich.console import Console

        from tonnage.report.resilience_report import print_resilience

        print_resilience(workload.name, results, Console(highlight=False, width=None if sys.stdout.isatty() else 100))
    return 1 if any(result.unsafe_from_per_s is not None for result in results) else 0
