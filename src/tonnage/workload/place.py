"""Where something stands in the user's files."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in a file, as people and editors count: lines and columns from 1.

    Attributes:
        file: Path as the user gave it.
        line: Line, from 1.
        column: Column, from 1.
    """

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.column <= 1 else f"{self.file}:{self.line}:{self.column}"
