"""Traffic from separated text: counts or rates over time, one row per request, or one column per minute."""

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from tonnage.telemetry.column_names import Demand, Fit, demand_of, relative_unit_s, says_clock, says_time, words
from tonnage.telemetry.samples import MOST_REQUESTS, Kind, Samples
from tonnage.telemetry.time_grid import is_regular
from tonnage.telemetry.timestamps import Timestamps, form_of, parse_timestamps
from tonnage.workload import Place, TrafficError

MINUTES_OF_A_DAY = [str(minute) for minute in range(1, 1441)]
"""The columns of a day in the Azure Functions 2019 trace: one row per function, one column per minute."""
_MOST_HEAD_ROWS = 30
_THOUSANDS = re.compile(r"^\d{1,3}(,\d{3})+(\.\d+)?$")
_COLUMNS_REMEDY = "Give a timestamp column and a column 'count' (per step) or 'rate' (per second)."


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A separated text, split.

    Attributes:
        name: The file's name, for the report.
        file: Path as the user gave it.
        header: Column names; ``column 1`` and so on where the file names none.
        header_line: Line of the header, or of the first row.
        rows: The cells of each row.
        lines: Line of each row.
        decimal_comma: Whether ``12,5`` is a number here.
    """

    name: str
    file: str
    header: tuple[str, ...]
    header_line: int
    rows: list[list[str]] = field(repr=False)
    lines: list[int] = field(repr=False)
    decimal_comma: bool = False

    def column(self, index: int) -> list[str]:
        """The cells of one column.

        Raises:
            TrafficError: A row is too short to have it.
        """
        try:
            return [row[index] for row in self.rows]
        except IndexError:
            row = next(k for k, row in enumerate(self.rows) if len(row) <= index)
            raise TrafficError(
                f"The row has {len(self.rows[row])} columns, and {self.header[index]!r} is column {index + 1}",
                place=Place(file=self.file, line=self.lines[row]),
                remedy="Complete the row or delete it.",
            ) from None


def read_csv(text: str, *, name: str, file: str, kind: Kind | None = None) -> Samples:
    """Read traffic from comma, semicolon or tab separated text, with or without a header.

    Which column is the time and which the demand is judged by their names, then by their contents; ``kind`` says it
    where that errs.

    Args:
        text: The whole file.
        name: The file's name, for the report.
        file: Path as the user gave it, for errors.
        kind: What the rows are; None to find out.

    Raises:
        TrafficError: It has no rows, no time, no demand, or a cell that is not a number; with its line.
    """
    table = _table(text, name, file)
    if [column for column in table.header if column.strip().isdigit()] == MINUTES_OF_A_DAY:
        return _minutes_of_a_day(table)
    time = _time_column(table)
    if time is None:
        raise TrafficError(
            f"No timestamp column was recognised among {_names(table.header)}",
            place=Place(file=file, line=table.header_line),
            remedy=_COLUMNS_REMEDY,
        )
    stamps = parse_timestamps(
        [cell.strip() for cell in table.column(time)],
        file=file,
        lines=table.lines,
        relative_unit_s=relative_unit_s(table.header[time]),
    )
    notes = ["timestamps are not dates: the history starts at time 0"] if stamps.relative else []
    column = None if kind == "requests" else _demand_column(table, time, stamps, kind)
    if column is None:
        return Samples(
            name=name,
            file=file,
            kind="requests",
            times_s=stamps.times_s,
            values=np.ones(len(table.rows)),
            naive=stamps.naive,
            notes=tuple(notes),
        )
    demand = demand_of(table.header[column])
    rates = kind == "rates" or (kind is None and demand.per_s is not None)
    if demand.vague and kind is None:
        notes.append(
            f"column {table.header[column]!r} was read as requests per step; name it 'rate' if it is per second"
        )
    return _samples(table, stamps, column, 1.0 if demand.per_s is None else demand.per_s, rates, notes)


def _samples(table: Table, stamps: Timestamps, column: int, per_s: float, rates: bool, notes: list[str]) -> Samples:
    values = np.array(
        [_number(cell, table, row, column) for row, cell in enumerate(table.column(column))], dtype=np.float64
    )
    stated = ~np.isnan(values)
    if not stated.all():
        notes.append(f"{np.count_nonzero(~stated):,} rows without a value were taken for missing")
    if not rates and stated.any() and np.any(values[stated] % 1.0 > 0.0):
        notes.append(f"column {table.header[column]!r} was read as counts, and not all of them are whole numbers")
    if not stated.any():
        raise TrafficError(
            f"Column {table.header[column]!r} has no value in any row",
            place=Place(file=table.file, line=table.header_line),
            remedy=_COLUMNS_REMEDY,
        )
    return Samples(
        name=table.name,
        file=table.file,
        kind="rates" if rates else "counts",
        times_s=stamps.times_s[stated],
        values=values[stated] * (per_s if rates else 1.0),
        naive=stamps.naive,
        notes=tuple(notes),
    )


def _table(text: str, name: str, file: str) -> Table:
    delimiter = _delimiter(text)
    rows, lines = [], []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as error:
        raise TrafficError(
            f"The text cannot be split into columns: {error}",
            place=Place(file=file, line=max(1, reader.line_num)),
            remedy="Give comma, semicolon or tab separated text.",
        ) from None
    if not rows:
        raise TrafficError(f"{file} is empty", remedy=_COLUMNS_REMEDY)
    head = _head_rows(rows)
    named = rows[head - 1] if head else []
    header = tuple(cell.strip().lstrip("#").strip() for cell in named) or tuple(
        f"column {k + 1}" for k in range(len(rows[0]))
    )
    body = [k for k in range(head, len(rows)) if not rows[k][0].startswith("#")]
    if not body:
        raise TrafficError(f"{file} has a header and no rows", remedy="Give at least two rows.")
    return Table(
        name=name,
        file=file,
        header=header,
        header_line=lines[max(0, head - 1)],
        rows=[rows[k] for k in body],
        lines=[lines[k] for k in body],
        decimal_comma=delimiter == ";",
    )


def _delimiter(text: str) -> str:
    """The separator that is commonest in the first lines; a comma where there is none."""
    begin = "\n".join(text.split("\n", 5)[:5])
    return max(",;\t", key=begin.count)


def _head_rows(rows: Sequence[Sequence[str]]) -> int:
    """How many rows stand before the first with a date; where none has one, the first row is the header."""
    for index, row in enumerate(rows[:_MOST_HEAD_ROWS]):
        if any(form_of(cell) in {"date", "epoch"} for cell in row):
            return index
    return 0 if all(form_of(cell) for cell in rows[0]) else 1


def _time_column(table: Table) -> int | None:
    """A column named for a time that has one; else the first with dates; else numbers below a name like ``minute``."""
    first = [form_of(cell) for cell in table.rows[0]][: len(table.header)]
    for index, form in enumerate(first):
        if form in {"date", "epoch"} and says_time(table.header[index]):
            return index
    for index, form in enumerate(first):
        if form == "date" or (form == "epoch" and index == 0):
            return index
    for index, form in enumerate(first):
        if form == "relative" and says_clock(table.header[index]):
            return index
    return None


def _demand_column(table: Table, time: int, stamps: Timestamps, kind: Kind | None) -> int | None:
    """The column of counts or rates; None where no column can be one and each row is a request."""
    others = [index for index in range(len(table.header)) if index != time]
    if kind is not None and len(others) == 1:
        return others[0]
    demands: dict[int, Demand] = {index: demand_of(table.header[index]) for index in others}
    if kind == "rates" and (rates := [index for index in others if demands[index].fit is Fit.RATE]):
        return rates[0]
    usable = [index for index in others if demands[index].fit < Fit.OTHER]
    best = min((demands[index].fit for index in usable), default=Fit.OTHER)
    fitting = [index for index in usable if demands[index].fit == best]
    regular = is_regular(stamps.times_s)
    if best is Fit.UNKNOWN and kind is None:
        fitting = [index for index in fitting if _is_numeric(table, index)] if regular else []
    if len(fitting) > 1 and (plain := _plain(table, fitting)):
        fitting = plain
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise TrafficError(
            f"Several columns could be the demand: {_names([table.header[index] for index in fitting])}",
            place=Place(file=table.file, line=table.header_line),
            remedy="Keep the timestamp and one of them, named 'count' (per step) or 'rate' (per second).",
        )
    if kind is None and (not others or not regular):
        return None
    raise TrafficError(
        f"No column of request counts or rates was recognised among {_names(table.header)}",
        place=Place(file=table.file, line=table.header_line),
        remedy="Name it 'count' (requests per step) or 'rate' (requests per second).",
    )


def _plain(table: Table, columns: Sequence[int]) -> list[int]:
    """Those of several columns that are named ``count`` or ``requests`` and nothing else."""
    return [k for k in columns if "".join(words(table.header[k])) in {"count", "requests", "requestcount"}]


def _is_numeric(table: Table, column: int) -> bool:
    try:
        float(table.rows[0][column])
    except (ValueError, IndexError):
        return False
    return True


def _minutes_of_a_day(table: Table) -> Samples:
    first = next(index for index, name in enumerate(table.header) if name.strip() == "1")
    totals = np.zeros(len(MINUTES_OF_A_DAY))
    for row, cells in enumerate(table.rows):
        if len(cells) < first + len(totals):
            table.column(first + len(totals) - 1)
        totals += [_number(cells[first + k], table, row, first + k) for k in range(len(totals))]
    return Samples(
        name=table.name,
        file=table.file,
        kind="counts",
        times_s=np.arange(len(totals), dtype=np.float64) * 60.0,
        values=totals,
        notes=(f"{len(table.rows):,} rows of one day by the minute were summed; the day has no date: it starts at 0",),
    )


def _number(cell: str, table: Table, row: int, column: int) -> float:
    """A count or rate; NaN where the cell is empty."""
    try:
        number = float(cell)
    except ValueError:
        text = cell.strip()
        if not text:
            return math.nan
        if _THOUSANDS.match(text):
            return float(text.replace(",", ""))
        if table.decimal_comma and re.match(r"^-?\d+,\d+$", text):
            number = float(text.replace(",", "."))
        else:
            raise _refused(cell, "is not a number", table, row, column) from None
    if not math.isfinite(number):
        raise _refused(cell, "is not a number", table, row, column)
    if number < 0:
        raise _refused(cell, "is negative", table, row, column)
    if number > MOST_REQUESTS:
        raise _refused(cell, "is too large for a number of requests", table, row, column)
    return number


def _refused(cell: str, why: str, table: Table, row: int, column: int) -> TrafficError:
    return TrafficError(
        f"{cell.strip()!r} in column {table.header[column]!r} {why}",
        place=Place(file=table.file, line=table.lines[row]),
        remedy="Correct it, or leave the cell empty where the value is not known.",
    )


def _names(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in columns[:8])
    return f"{shown} and {len(columns) - 8} more" if len(columns) > 8 else shown
