"""Architectures checked without simulating anything: what their files alone decide."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tonnage.advise.checks import Checked, View, run, told
from tonnage.advise.finding import Finding
from tonnage.catalog import load_catalog
from tonnage.iac.read_architecture import Architecture, read_architecture
from tonnage.iac.stated_region import DEFAULT_REGION, stated_region
from tonnage.workload import TonnageError, Traffic, Workload

_NO_TRAFFIC = Traffic(name="none", start_s=0.0, step_s=60.0, rates_per_s=(1.0,), evidence="assumed")
"""No check looks at the traffic where nothing was simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFile:
    """One architecture after all checks.

    Attributes:
        path: As the user gave it.
        architecture: What was read; None where it could not be.
        findings: What is wrong, the worst first.
        answers: What each check said.
        refused: Why it could not be read; empty otherwise.
    """

    path: str
    architecture: Architecture | None = None
    findings: tuple[Finding, ...] = ()
    answers: tuple[Checked, ...] = ()
    refused: str = ""


def check_all(paths: list[str], *, parameters: Mapping[str, str], region: str | None = None) -> Iterator[CheckedFile]:
    """Check architectures one after the other; one that cannot be read does not stop the others.

    Args:
        paths: Files or folders.
        parameters: Parameter values from outside, by name.
        region: Region to resolve for; what each states, else us-east-1, unless given.
    """
    for path in paths:
        where = region or stated_region(path) or DEFAULT_REGION
        try:
            read = read_architecture(path, parameters=parameters, region=where)
        except TonnageError as error:
            yield CheckedFile(path=path, refused=str(error))
            continue
        workload = Workload(
            name=path,
            region=where,
            architecture=path,
            components=read.components,
            edges=read.edges,
            routes=(),
            traffic=_NO_TRAFFIC,
            objectives=(),
            not_modelled=read.not_modelled,
            stack=read.stack,
        )
        answers = run(View(workload=workload, stack=read.stack, catalog=load_catalog(where)))
        yield CheckedFile(path=path, architecture=read, findings=tuple(told(answers)), answers=answers)
