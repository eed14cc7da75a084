"""Changes: edits of a workload that can be written back as infrastructure code."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tonnage.workload.resource import Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One setting gets another value.

    Attributes:
        component: Name of the component changed.
        setting: The room's setting (a CloudFormation property name), or a policy's setting.
        before: Value now; None where the property is absent.
        after: Value wanted.
        policy: Name of the scaling policy whose setting it is; None for the component's own.
        because: Why an expert would try it, in one sentence.
        caveat: What the change asks of the user beyond the template ("rebuild the image for arm64"); empty if nothing.
        also: Edits that must go with it: a property that AWS refuses beside the new value.
    """

    component: str
    setting: str
    before: Value
    after: Value
    policy: str | None = None
    because: str = ""
    caveat: str = ""
    also: tuple["Change", ...] = ()

    @property
    def title(self) -> str:
        """The change in a few words, for a list."""
        where = self.policy or self.component
        return f"{where} {self.setting} {'(unset)' if self.before is None else self.before} → {self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """New resources join the architecture.

    Attributes:
        component: Name of the component they make or complete.
        title: What is added, in a few words.
        resources: Logical id to the resource as CloudFormation would have it: ``{"Type": …, "Properties": …}``, where
            a :class:`~tonnage.workload.resource.Reference` stands for ``Ref`` or ``Fn::GetAtt``.
        because: Why an expert would try it.
        caveat: What it asks of the user beyond the template.
    """

    component: str
    title: str
    resources: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    because: str = ""
    caveat: str = ""
