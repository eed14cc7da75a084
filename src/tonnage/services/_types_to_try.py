"""Which types an expert would try first out of those that the catalogue offers: one of each architecture."""

from collections.abc import Iterable, Iterator
from typing import Protocol

ARM_CODE = "image and code must run on arm64"


class Typed(Protocol):
    """A type, class or node with a processor architecture."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def arch(self) -> str:
        """``x86_64`` or ``arm64``."""
        ...


def one_of_each_architecture(found: Iterable[Typed], arch: str) -> Iterator[str]:
    """The first of the present architecture, then the first of the other one."""
    best: dict[str, str] = {}
    for each in found:
        best.setdefault(each.arch, each.name)
    for each_arch in sorted(best, key=lambda item: item != arch):
        yield best[each_arch]
