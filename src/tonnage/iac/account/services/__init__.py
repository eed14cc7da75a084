"""One module for each service that is read; the folder is the registry."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from tonnage.iac.account.found import Reader

__all__ = ["readers"]


@cache
def readers() -> Mapping[str, Reader]:
    """Every reader by its name, in the order of their files."""
    found = {
        entry.name: cast("Reader", importlib.import_module(f"{__name__}.{entry.name}"))
        for entry in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name)
        if not entry.name.startswith("_")
    }
    return MappingProxyType(found)
