"""A name that the catalogue does not know: an error for a person, with the nearest names it does know."""

from collections.abc import Iterable

from tonnage.workload import CatalogError


def unknown(value: str, what: str, known: Iterable[str]) -> CatalogError:
    """An error that names the nearest known names.

    Args:
        value: What was asked for.
        what: What it should have been: ``EC2 instance type``.
        known: All names of that sort.
    """
    # Looked up only when something went wrong: importing difflib costs more than reading a small table.
    import difflib

    near = difflib.get_close_matches(value, list(known), n=3)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "Check the spelling; Tonnage may not know it yet."
    return CatalogError(f"{value!r} is not a known {what}", remedy=remedy)
