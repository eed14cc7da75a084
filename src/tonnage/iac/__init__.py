"""Infrastructure as code: architecture files read into stacks, and changes written back into them."""

from tonnage.iac.edit import AddResource, Edit, SetProperty
from tonnage.iac.read_cloudformation import read_template
from tonnage.iac.write_cloudformation import Patch, edits_for, patch, patch_template, unified_diff

__all__ = [
    "AddResource",
    "Edit",
    "Patch",
    "SetProperty",
    "edits_for",
    "patch",
    "patch_template",
    "read_template",
    "unified_diff",
]
