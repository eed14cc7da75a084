"""Spellings of Terraform's resource types, one module for a family; the folder is the registry."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tonnage.iac.terraform.kinds._spelling import Spelling

__all__ = ["Spelling", "spellings"]


@cache
def spellings() -> Mapping[str, Spelling]:
    """Every spelling by Terraform's name of the type."""
    found: dict[str, Spelling] = {}
    for entry in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name):
        if not entry.name.startswith("_"):
            found |= importlib.import_module(f"{__name__}.{entry.name}").KINDS
    return MappingProxyType(found)
