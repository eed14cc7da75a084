"""A finding: something that cannot be meant, with its place and what to do."""

from dataclasses import dataclass

from tonnage.workload import Place, ScalingPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something about the scaling of a component that cannot be meant.

    Attributes:
        component: The component.
        what: What it is, in one sentence without a full stop.
        remedy: What to do.
        place: Where it stands, if that is known.
    """

    component: str
    what: str
    remedy: str
    place: Place | None = None

    @property
    def text(self) -> str:
        """All of it in a line."""
        return f"{f'{self.place}: ' if self.place else ''}{self.component}: {self.what}. {self.remedy}"


def place_of(policy: ScalingPolicy, setting: str = "") -> Place | None:
    """Where a setting of a policy is written, else where any of its settings is."""
    if setting in policy.origins:
        return policy.origins[setting].place
    return next((origin.place for origin in policy.origins.values() if origin.place is not None), None)
