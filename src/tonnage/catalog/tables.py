"""Tables of the catalogue, read once each and only when asked for: the package's own, or those the user refreshed."""

import csv
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from tonnage.workload import CatalogError

Row = Mapping[str, str]

_FOLDER = Path(__file__).with_name("tables")


def refreshed_folder() -> Path:
    """Where refreshed tables lie: ``TONNAGE_CATALOG``, else below the user's data folder (``XDG_DATA_HOME``)."""
    given = os.environ.get("TONNAGE_CATALOG")
    if given:
        return Path(given)
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "tonnage" / "catalog"


@cache
def table(name: str) -> tuple[Row, ...]:
    """All rows of a table, in its order.

    Raises:
        CatalogError: A refreshed table does not have the columns of the package's.
    """
    file = refreshed_folder() / f"{name}.csv"
    if not file.is_file():
        return own_table(name)
    rows = _read(file)
    if not rows or rows[0].keys() != own_table(name)[0].keys():
        raise CatalogError(
            f"{file} is no table of this version", remedy="Delete it, or run 'tonnage catalog refresh' again."
        )
    return rows


@cache
def own_table(name: str) -> tuple[Row, ...]:
    """All rows of a table of the package, whatever the user has refreshed."""
    return _read(_FOLDER / f"{name}.csv")


def _read(file: Path) -> tuple[Row, ...]:
    with file.open(newline="", encoding="utf-8") as lines:
        return tuple(csv.DictReader(lines))


@cache
def indexed(name: str, *columns: str) -> Mapping[str, Row]:
    """Rows of a table by one of its columns, or by several joined with ``/``."""
    return MappingProxyType({"/".join(row[column] for column in columns): row for row in table(name)})


def number(row: Row, column: str) -> float:
    """A number of a row; 0 where the field is empty."""
    return float(row[column] or 0.0)
