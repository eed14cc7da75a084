"""Every error a user can meet, as one tree.

::

    TonnageError                what went wrong, where, and what to do
    └── InputError              the user's input cannot be used; exit code 2
        ├── TemplateError       an infrastructure file: syntax, unknown parameter, unresolvable value
        ├── TrafficError        a traffic history or shape
        ├── WorkloadError       the workload file, its routes, calls or components
        ├── ObjectiveError      an objective that cannot be read or can never be met
        └── CatalogError        a name that the catalogue does not know (an instance type, a class, a node)
"""

from tonnage.workload.place import Place


class TonnageError(Exception):
    """An error meant for a person.

    Args:
        what: One sentence: what was found, with the value.
        place: File, line and column, where known.
        remedy: What to do about it, as an imperative.
    """

    def __init__(self, what: str, *, place: Place | None = None, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.place = place
        self.remedy = remedy

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        what = self.what if self.what.endswith((".", "?", "!")) else f"{self.what}."
        return f"{where}{what} {self.remedy}".strip()


class InputError(TonnageError):
    """The user's input cannot be used."""


class TemplateError(InputError):
    """An infrastructure file cannot be read."""


class TrafficError(InputError):
    """A traffic history or shape cannot be used."""


class WorkloadError(InputError):
    """The workload file, or what it says about routes, calls and components, cannot be used."""


class ObjectiveError(InputError):
    """An objective cannot be read, or can never be met."""


class CatalogError(InputError):
    """The catalogue does not know a name."""
