"""Settings of a policy as CloudFormation allows them: a number may be a string, a value may be unknown."""

import math
from collections.abc import Mapping

from tonnage.scaling._face import Unsupported
from tonnage.workload import Place, ScalingPolicy, Unknown, Value, WorkloadError, known


class Settings:
    """Typed access to the settings of one policy, or of a mapping inside them.

    Args:
        policy: The policy.
        within: Name of the setting whose mapping is read; empty for the policy's own settings.
        values: That mapping.
    """

    __slots__ = ("policy", "values", "within")

    def __init__(self, policy: ScalingPolicy, values: Mapping[str, Value] | None = None, within: str = "") -> None:
        self.policy = policy
        self.values = policy.settings if values is None else values
        self.within = within

    def has(self, name: str) -> bool:
        """Whether a setting is present and not empty."""
        return self.values.get(name) is not None

    def refuse(self, name: str, problem: str, remedy: str) -> WorkloadError:
        """The error for a setting that AWS would refuse, at its place."""
        what = f"{self.within}.{name}" if self.within else name
        origin = self.policy.origins.get(what) or self.policy.origins.get(self.within)
        place: Place | None = origin.place if origin else None
        return WorkloadError(f"{what} of scaling policy {self.policy.name} {problem}", place=place, remedy=remedy)

    def _known(self, name: str) -> Value:
        found = self.values[name]
        if not known(found):
            why = f": {found.reason}" if isinstance(found, Unknown) else ""
            raise Unsupported(f"{name} is not known from the files{why}")
        return found

    def number(self, name: str, default: float | None = None, *, least: float = -math.inf) -> float:
        """A finite number of at least ``least``; ``default`` where it is absent.

        Raises:
            WorkloadError: It is no such number, or absent without a default.
            Unsupported: Its value cannot be known from the files.
        """
        if not self.has(name):
            if default is None:
                raise self.refuse(name, "is missing", f"Give {name} a number.")
            return default
        found = self._known(name)
        try:
            parsed = math.nan if isinstance(found, bool) else float(str(found))
        except ValueError:
            parsed = math.nan
        if not math.isfinite(parsed) or parsed < least:
            wanted = "a number" if least == -math.inf else f"a number of at least {least:g}"
            raise self.refuse(name, f"is {found!r}", f"Give {name} {wanted}.")
        return parsed

    def whole(self, name: str, default: int | None = None, *, least: float = -math.inf) -> int:
        """A whole number, as ``number``."""
        parsed = self.number(name, default, least=least)
        if parsed != int(parsed):
            raise self.refuse(name, f"is {parsed:g}", f"Give {name} a whole number.")
        return int(parsed)

    def switch(self, name: str, *, default: bool) -> bool:
        """``true`` or ``false``, also as a string."""
        if not self.has(name):
            return default
        found = self._known(name)
        if str(found).lower() not in {"true", "false"}:
            raise self.refuse(name, f"is {found!r}", f"Give {name} true or false.")
        return str(found).lower() == "true"

    def text(self, name: str, default: str | None = None, *, among: tuple[str, ...] = ()) -> str:
        """A string, one of ``among`` where that is given."""
        if not self.has(name):
            if default is None:
                raise self.refuse(name, "is missing", f"Give {name}{_one_of(among)}.")
            return default
        found = self._known(name)
        if not isinstance(found, str) or (among and found not in among):
            raise self.refuse(name, f"is {found!r}", f"Give {name}{_one_of(among) or ' a name'}.")
        return found

    def mapping(self, name: str) -> "Settings | None":
        """The settings inside a mapping; None where it is absent."""
        if not self.has(name):
            return None
        found = self.values[name]
        if isinstance(found, Unknown):
            raise Unsupported(f"{name} is not known from the files: {found.reason}")
        if not isinstance(found, Mapping):
            raise self.refuse(name, f"is {found!r}", f"Give {name} its properties.")
        return Settings(self.policy, found, name)

    def mappings(self, name: str) -> tuple["Settings", ...]:
        """The mappings in a list; empty where it is absent."""
        if not self.has(name):
            return ()
        found = self.values[name]
        if isinstance(found, Unknown):
            raise Unsupported(f"{name} is not known from the files: {found.reason}")
        items = found if isinstance(found, tuple) else (found,)
        read = tuple(Settings(self.policy, item, name) for item in items if isinstance(item, Mapping))
        if len(read) != len(items):
            raise self.refuse(name, f"is {found!r}", f"Give {name} a list of mappings.")
        return read


def _one_of(among: tuple[str, ...]) -> str:
    return f" one of {', '.join(among)}" if among else ""
