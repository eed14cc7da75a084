"""``tonnage sensitivity``: which assumptions move the verdict?"""

from typing import Annotated, Literal

from cyclopts import Parameter

from tonnage.cli.progress import progress
from tonnage.cli.review import parameters_of


def command(
    path: str,
    *,
    factor: float = 1.0,
    trajectories: int = 10,
    sobol: int = 0,
    traffic: str | None = None,
    objective: Annotated[list[str] | None, Parameter(negative="")] = None,
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
    seed: int = 1,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Move every assumed quantity over its range, all together, and rank them by what they do to the verdict.

    Args:
        path: A workload file (tonnage.yaml), a folder with one, a CloudFormation template, or Kubernetes manifests.
        factor: Multiple of the traffic that is judged.
        trajectories: Paths of the screening (Morris); each evaluates one design more than there are quantities.
        sobol: Base samples of Sobol's total indices of those that matter, a power of two such as 64; 0: none.
        traffic: A traffic history (CSV, CloudWatch JSON) or a shape such as "diurnal 80/s to 400/s".
        objective: What must hold, such as "p99 latency < 300 ms"; may be given several times.
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

    if not 2 <= trajectories <= 1000:
        raise WorkloadError(f"{trajectories} trajectories are outside 2 to 1000", remedy="Ten are usual.")
    if sobol and (sobol < 8 or sobol & (sobol - 1)):
        raise WorkloadError(f"{sobol} base samples are no power of two from 8 on", remedy="Give 64 or 128.")
    overrides = Overrides(
        traffic=traffic, region=region, parameters=parameters_of(parameter or []), objectives=objective or ()
    )
    workload = load(open_source(path, overrides))
    with progress(quiet=quiet) as say:
        start_engine(say)
        from tonnage.advise.load_line import judged_time_s
        from tonnage.advise.sensitivity import sensitivity
        from tonnage.catalog import load_catalog
        from tonnage.compile import compile_workload
        from tonnage.workload import Scenario

        compiled = compile_workload(workload, load_catalog(workload.region))
        window_s = judged_time_s(workload.traffic.peak_per_s * factor, workload.traffic.duration_s)
        name = "today's peak" if factor == 1.0 else f"{factor:g} times today's peak"
        scenario = Scenario(name=name, factor=factor, window_s=window_s)
        result = sensitivity(compiled, scenario, seed, trajectories=trajectories, refine=sobol, progress=say)
    if format == "json":
        from tonnage.report.sensitivity_report import sensitivity_json

        sys.stdout.write(sensitivity_json(workload.name, seed, result) + "\n")
    else:
        from rich.console import Console

        from tonnage.report.sensitivity_report import print_sensitivity

        print_sensitivity(workload.name, result, Console(highlight=False, width=None if sys.stdout.isatty() else 100))
    return 0 if result.met else 1
