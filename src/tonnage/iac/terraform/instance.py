"""Terraform's resources as every reader of it knows them, before they are spelled as CloudFormation's."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tonnage.iac.terraform.syntax import Span
from tonnage.workload import Path, Place, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a value is written as a literal, for editing.

    Attributes:
        file: The file.
        span: The literal's characters.
        variable: The variable whose default it is; empty for the attribute itself.
        shared: Whether a count, a loop or a module makes several values of it.
    """

    file: str
    span: Span
    variable: str = ""
    shared: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a resource.

    Attributes:
        address: For example ``module.app.aws_lb.web[0]``.
        kind: For example ``aws_lb``.
        values: Attributes, and blocks as tuples of mappings; a reference names an address and a Terraform attribute.
        place: Where it begins.
        places: Place of each attribute by its path, as far as it is known.
        sources: Where attributes are written, by path.
        body: Where the resource's block ends, for what is put into it; None where there is no source.
    """

    address: str
    kind: str
    values: Mapping[str, Value]
    place: Place
    places: Mapping[Path, Place] = field(default_factory=dict)
    sources: Mapping[Path, Source] = field(default_factory=dict)
    body: Source | None = None
