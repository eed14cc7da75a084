"""What may be changed in a live account: one module for each kind of resource; the folder is the registry.

Nothing here deletes or replaces a resource. What a change makes anew, its undoing takes away again.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import cast

from tonnage.iac.account.actions._face import Action, Call, Step, Wanted

__all__ = ["Action", "Call", "Step", "Wanted", "actions"]


@cache
def actions() -> Mapping[str, Action]:
    """What can be changed, by CloudFormation resource type."""
    modules = [
        cast("Action", importlib.import_module(f"{__name__}.{entry.name}"))
        for entry in sorted(pkgutil.iter_modules(__path__), key=lambda item: item.name)
        if not entry.name.startswith("_")
    ]
    return MappingProxyType({module.KIND: module for module in modules})
