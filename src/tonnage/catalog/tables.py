"""The package's own tables, read once each and only when asked for."""

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

Row = Mapping[str, str]

_FOLDER = Path(__file__).with_name("tables")


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table, in its order."""
    with (_FOLDER / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return tuple(csv.DictReader(file))


@cache
def indexed(name: str, *columns: str) -> Mapping[str, Row]:
    """Rows of a table by one of its columns, or by several joined with ``/``."""
    return MappingProxyType({"/".join(row[column] for column in columns): row for row in table(name)})


def number(row: Row, column: str) -> float:
    """A number of a row; 0 where the field is empty."""
    return float(row[column] or 0.0)
