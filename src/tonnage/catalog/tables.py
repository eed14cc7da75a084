"""The package's own tables, read once each and only when asked for."""

import csv
import io
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

Row = Mapping[str, str]


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table, in its order."""
    text = files("tonnage.catalog").joinpath("tables", f"{name}.csv").read_text(encoding="utf-8")
    return tuple(csv.DictReader(io.StringIO(text)))


@cache
def indexed(name: str, column: str) -> Mapping[str, Row]:
    """Rows of a table by one of its columns."""
    return MappingProxyType({row[column]: row for row in table(name)})


def number(row: Row, column: str) -> float:
    """A number of a row; 0 where the field is empty."""
    return float(row[column] or 0.0)
