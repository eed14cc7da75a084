"""A finding: something that should not be so, with its place and what to do."""

from dataclasses import dataclass

from tonnage.workload import Place, ScalingPolicy

CONTRADICTION = "contradiction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about a resource that cannot be meant, or that a rule advises against.

    Attributes:
        component: The component or resource; empty for the workload as a whole.
        what: What it is, in one sentence without a full stop.
        remedy: What to do.
        place: Where it stands, if that is known.
        check: The check that found it.
        severity: ``impossible``, ``high``, ``medium`` or ``low``.
        best_practice: Best practice of the Well-Architected Performance Efficiency pillar, if it belongs to one.
        source: Who states the rule, if somebody does.
    """

    component: str
    what: str
    remedy: str
    place: Place | None = None
    check: str = CONTRADICTION
    severity: str = "high"
    best_practice: str = ""
    source: str = ""

    @property
    def text(self) -> str:
        """All of it in a line."""
        place = f"{self.place}: " if self.place else ""
        component = f"{self.component}: " if self.component else ""
        return f"{place}{component}{self.what}. {self.remedy}"


def place_of(policy: ScalingPolicy, setting: str = "") -> Place | None:
    """Where a setting of a policy is written, else where any of its settings is."""
    if setting in policy.origins:
        return policy.origins[setting].place
    return next((origin.place for origin in policy.origins.values() if origin.place is not None), None)
