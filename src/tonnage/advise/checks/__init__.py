"""One check per file. The folder is the registry: a module without a leading underscore is a check."""

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from types import MappingProxyType
from typing import Literal

from tonnage.advise.checks._face import SEVERITIES, Check, Hit, NotKnownError, Seen, Severity, View
from tonnage.advise.finding import Finding
from tonnage.workload import Resource

__all__ = ["SEVERITIES", "Check", "Checked", "Hit", "Seen", "Severity", "View", "checks", "run", "told"]

Answer = Literal["met", "not met", "cannot determine", "not applicable"]


@cache
def checks() -> Mapping[str, Check]:
    """All checks by their id, in the order of their file names."""
    found: dict[str, Check] = {}
    for entry in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if entry.name.startswith("_"):
            continue
        check: Check = importlib.import_module(f"{__name__}.{entry.name}").CHECK
        assert check.id == entry.name.replace("_", "-"), f"{entry.name}.py calls itself {check.id}"
        assert (check.look is None) != (check.survey is None), f"{check.id} must look or survey"
        found[check.id] = check
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What one check said.

    Attributes:
        check: The check.
        looked_at: How many resources it looked at.
        hits: What it found, with the resource; None for the workload as a whole.
        cannot_tell: By resource (or ``""``), why there is no answer.
    """

    check: Check
    looked_at: int
    hits: tuple[tuple[Resource | None, Hit], ...]
    cannot_tell: Mapping[str, str]

    @property
    def answer(self) -> Answer:
        """The check as a whole: one hit is enough for "not met"; no answer counts for nothing."""
        if self.hits:
            return "not met"
        if self.cannot_tell:
            return "cannot determine"
        return "met" if self.looked_at else "not applicable"


def run(view: View, overrides: Mapping[str, Mapping[str, float]] = MappingProxyType({})) -> tuple[Checked, ...]:
    """Ask every check.

    Args:
        view: What they look at.
        overrides: By check, parameters of the user.
    """
    return tuple(
        _ask(check, replace(view, parameters={**check.parameters, **overrides.get(check.id, {})}))
        for check in checks().values()
    )


def _ask(check: Check, view: View) -> Checked:
    hits: list[tuple[Resource | None, Hit]] = []
    silent: dict[str, str] = {}
    looked_at = 0
    if check.survey is not None:
        looked_at = 1
        try:
            hits += check.survey(view)
        except NotKnownError as reason:
            silent[""] = reason.reason
    elif check.look is not None:
        for resource in view.stack.of_kind(*check.kinds):
            looked_at += 1
            try:
                hits += [(resource, hit) for hit in check.look(resource, view)]
            except NotKnownError as reason:
                silent[resource.name] = reason.reason
    return Checked(check=check, looked_at=looked_at, hits=tuple(hits), cannot_tell=silent)


def told(found: tuple[Checked, ...]) -> Iterator[Finding]:
    """Every hit as a finding, the worst first."""
    for severity in SEVERITIES:
        for each in found:
            if each.check.severity != severity:
                continue
            for resource, hit in each.hits:
                yield Finding(
                    component="" if resource is None else resource.name,
                    what=hit.what,
                    remedy=hit.remedy or each.check.remedy,
                    place=None if resource is None else resource.place_of(*hit.path),
                    check=each.check.id,
                    severity=severity,
                    best_practice=each.check.best_practice,
                    source=each.check.source,
                )
