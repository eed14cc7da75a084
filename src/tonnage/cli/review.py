"""``tonnage review``: the answer."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from tonnage.cli.progress import progress
from tonnage.workload import WorkloadError


def command(
    path: str,
    *,
    traffic: str | None = None,
    objective: Annotated[list[str] | None, Parameter(negative="")] = None,
    growth: float | None = None,
    region: str | None = None,
    parameter: Annotated[list[str] | None, Parameter(alias="-p", negative="")] = None,
    format: Annotated[Literal["terminal", "json"], Parameter(alias="-f")] = "terminal",  # noqa: A002
    html: str | None = None,
    patch: str | None = None,
    diff: bool = False,
    seed: int = 1,
    window: float | None = None,
    fault: Annotated[list[str] | None, Parameter(negative="")] = None,
    precision: float | None = None,
    advise: bool = True,
    quiet: Annotated[bool, Parameter(alias="-q", negative="")] = False,
) -> int:
    """Judge an architecture under its traffic, and advise.

    Args:
        path: A workload file (tonnage.yaml), a folder with one, a CloudFormation template, or Kubernetes manifests.
        traffic: A traffic history (CSV, CloudWatch JSON) or a shape such as "diurnal 80/s to 400/s".
        objective: What must hold, such as "p99 latency < 300 ms"; may be given several times.
        growth: Factor judged beside today's traffic.
        region: AWS Region, for prices and limits; what the files state, else us-east-1, unless given.
        parameter: Template parameter as Name=Value; may be given several times.
        format: terminal or json, on standard output.
        html: Also write a report to this file.
        patch: Write the best recommendation's patch to this file.
        diff: Show the patches in the terminal.
        seed: Same seed, same answer.
        window: Seconds of the peak to judge; chosen by the traffic unless given.
        fault: What goes wrong during the peak, such as "zone loss at 5 min for 10 min"; may be given several times.
        precision: Run on until every indicator is known within this share of its value (0.05 for 5 %); four runs of
            each load unless given.
        advise: Search what to change.
        quiet: Say nothing on standard error.
    """
    import sys

    from tonnage.cli.engine import start_engine
    from tonnage.intake import Overrides, open_source
    from tonnage.workload import parse_fault

    overrides = Overrides(
        traffic=traffic,
        region=region,
        parameters=parameters_of(parameter or []),
        objectives=objective or (),
        growth=growth,
    )
    source = open_source(path, overrides)
    faults = [parse_fault(text) for text in fault or ()]
    for target in (html, patch):
        refuse_unwritable(target)
    with progress(quiet=quiet) as say:
        start_engine(say)
        from tonnage.review import review

        result = review(
            source, seed=seed, advise=advise, window_s=window, faults=faults, precision=precision, progress=say
        )
    written = []
    if html:
        from tonnage.report.html import to_html

        write_whole(html, to_html(result))
        written.append(f"report: {Path(html).resolve()}")
    if patch:
        best = next((item for item in result.recommendations if item.diff), None)
        if best is not None:
            write_whole(patch, best.patch)
        written.append(f"patch: {patch}" if best else "patch: none of the recommendations has one; nothing was written")
    if format == "json":
        from tonnage.report.json_report import to_json

        sys.stdout.write(to_json(result) + "\n")
    else:
        from rich.console import Console

        from tonnage.report.terminal import print_review

        # Without a terminal to ask, the width is one that diffs and tables are comfortable in.
        console = Console(highlight=False, width=None if sys.stdout.isatty() else 100)
        print_review(result, console, diffs=diff)
        for line in written:
            console.print(line, markup=False, soft_wrap=True)
    return 0 if result.met else 1


def parameters_of(given: Sequence[str]) -> dict[str, str]:
    """Template parameters from ``Name=Value`` arguments.

    Raises:
        WorkloadError: One has no ``=``.
    """
    found = {}
    for item in given:
        name, sign, value = item.partition("=")
        if not sign or not name:
            raise WorkloadError(
                f"--parameter {item!r} is not Name=Value", remedy="Write --parameter InstanceType=m7g.large."
            )
        found[name] = value
    return found


def write_whole(file: str, text: str) -> None:
    """Write a file whole or not at all: an interruption leaves the old one."""
    target = Path(file)
    beside = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            beside.write_text(text, encoding="utf-8", newline="")
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as error:
        raise WorkloadError(f"{file} cannot be written: {error.strerror}", remedy="Give another file.") from None


def write_together(texts: Mapping[str, str]) -> None:
    """Write several files, all or none: what was replaced is put back where a later one fails."""
    before = {file: Path(file).read_bytes() if Path(file).is_file() else None for file in texts}
    done: list[str] = []
    try:
        for file, text in texts.items():
            write_whole(file, text)
            done.append(file)
    except BaseException:
        for file in done:
            old = before[file]
            Path(file).unlink() if old is None else Path(file).write_bytes(old)
        raise


def refuse_unwritable(file: str | None) -> None:
    """Say before a minute's work, not after it, that the result cannot be written."""
    if file is None:
        return
    target = Path(file)
    if target.is_dir():
        raise WorkloadError(f"{file} is a folder", remedy="Give a file name in it.")
    nearest = next(folder for folder in target.absolute().parents if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise WorkloadError(f"{file} cannot be written: {nearest} takes no files", remedy="Give another file.")
