"""Traffic from CSV: a timestamp and a count or a rate, one row per request, or one column per minute of a day."""

import csv
import io
import math
import re
from collections.abc import Sequence
from datetime import UTC, datetime

from tonnage.telemetry.samples import Samples
from tonnage.workload import Place, TrafficError

_TIME_NAMES = {"timestamp", "time", "date", "datetime", "minute", "ds", "period", "hour", "day", "start", "bucket"}
_COUNT_NAMES = {"value", "count", "requests", "sum", "requestcount", "invocations", "hits", "n", "total", "calls"}
_RATE_NAMES = {"rate", "rps", "qps", "rate_per_s", "requests_per_second", "requests_per_s", "req/s", "rps_mean", "tps"}
_PER_SECOND = re.compile(r"(per_?s(ec(ond)?)?|/s)$")


def read_csv(text: str, file: str) -> Samples:
    """Samples of a CSV.

    Args:
        text: Content of the file.
        file: Path, for errors.

    Raises:
        TrafficError: No column is a time, a cell is not what its column is, or a count is negative.
    """
    rows = _rows(text)
    header = [cell.strip() for cell in rows[0][1]]
    if [cell for cell in header if cell.isdigit()] == [str(k) for k in range(1, 1441)]:
        return _minutes_of_a_day(header, rows[1:], file)
    named = not _is_time(header[0])
    names = [name.lower() for name in header] if named else ["timestamp", *(["value"] * (len(header) - 1))]
    body = rows[1:] if named else rows
    if not body:
        raise TrafficError(f"{file} has a header and no rows", remedy="Give a history with at least two rows.")
    time_column = _time_column(names, body[0][1], header, file)
    times = _times([(line, _cell(row, time_column, line, file)) for line, row in body], file)
    rate_column = next((k for k, name in enumerate(names) if name in _RATE_NAMES or _PER_SECOND.search(name)), None)
    count_column = next((k for k, name in enumerate(names) if _stem(name) in _COUNT_NAMES and k != time_column), None)
    if rate_column is not None:
        return Samples(times_s=times, values=_values(body, rate_column, header, file), kind="rates")
    if count_column is None and len(names) == 2 and named:
        count_column = 1 - time_column
        note = f"column {header[count_column]!r} was taken as counts per interval; name it 'rate' if it is one"
        return Samples(times_s=times, values=_values(body, count_column, header, file), kind="counts", notes=(note,))
    if count_column is not None:
        return Samples(times_s=times, values=_values(body, count_column, header, file), kind="counts")
    return _one_row_per_request(times)


def _rows(text: str) -> list[tuple[int, list[str]]]:
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    return [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]


def _stem(name: str) -> str:
    return re.sub(r"[\s\[(].*$", "", name)


def _time_column(names: Sequence[str], first: Sequence[str], header: Sequence[str], file: str) -> int:
    for k, name in enumerate(names):
        if _stem(name) in _TIME_NAMES or _stem(name).endswith(("timestamp", "time")):
            return k
    for k, cell in enumerate(first):
        if _is_time(cell) and not _is_number(cell):
            return k
    raise TrafficError(
        f"No column of {file} is a time: there are {', '.join(header[:8])}",
        place=Place(file=file, line=1),
        remedy="Name one 'timestamp'.",
    )


def _cell(row: Sequence[str], column: int, line: int, file: str) -> str:
    if column >= len(row):
        raise TrafficError(
            f"The row has {len(row)} columns, too few", place=Place(file=file, line=line), remedy="Complete the row."
        )
    return row[column].strip()


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _is_time(cell: str) -> bool:
    try:
        _parse_time(cell.strip())
    except ValueError:
        return False
    return True


def _parse_time(cell: str) -> float:
    """Unix time of an ISO text (UTC unless it says otherwise), of epoch seconds or of epoch milliseconds."""
    if cell.replace(".", "", 1).lstrip("-").isdigit():
        value = float(cell)
        return value / 1000.0 if value > 1e11 else value
    moment = datetime.fromisoformat(cell)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _times(cells: Sequence[tuple[int, str]], file: str) -> tuple[float, ...]:
    times = []
    for line, cell in cells:
        try:
            times.append(_parse_time(cell))
        except (ValueError, OverflowError):
            raise TrafficError(
                f"{cell!r} is not a time",
                place=Place(file=file, line=line),
                remedy="Write it like 2026-11-23T14:05:00Z, or as Unix seconds.",
            ) from None
    return tuple(times)


def _values(body: Sequence[tuple[int, list[str]]], column: int, header: Sequence[str], file: str) -> tuple[float, ...]:
    values = []
    for line, row in body:
        cell = _cell(row, column, line, file)
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise TrafficError(
                f"{cell!r} in column {header[column] if column < len(header) else column + 1} is not a number",
                place=Place(file=file, line=line),
                remedy="Leave the row out if there is no data: a gap is not zero traffic.",
            )
        if value < 0:
            raise TrafficError(
                f"{cell} requests is negative", place=Place(file=file, line=line), remedy="Counts are zero or more."
            )
        values.append(value)
    return tuple(values)


def _one_row_per_request(times: tuple[float, ...]) -> Samples:
    span_s = max(times) - min(times)
    step_s = 1.0 if span_s <= 600 else 10.0 if span_s <= 7200 else 60.0
    counts: dict[int, int] = {}
    for time_s in times:
        index = math.floor(time_s / step_s)
        counts[index] = counts.get(index, 0) + 1
    every = range(min(counts), max(counts) + 1)
    note = f"one row per request: {len(times):,} requests counted in steps of {step_s:g} s"
    return Samples(
        times_s=tuple(index * step_s for index in every),
        values=tuple(float(counts.get(index, 0)) for index in every),
        kind="counts",
        step_s=step_s,
        notes=(note,),
    )


def _minutes_of_a_day(header: Sequence[str], rows: Sequence[tuple[int, list[str]]], file: str) -> Samples:
    columns = [k for k, cell in enumerate(header) if cell.isdigit()]
    totals = [0.0] * 1440
    for column, minute in zip(columns, range(1440), strict=True):
        totals[minute] = math.fsum(_values(rows, column, header, file))
    return Samples(
        times_s=tuple(60.0 * minute for minute in range(1440)),
        values=tuple(totals),
        kind="counts",
        step_s=60.0,
        notes=(f"{len(rows)} functions summed, one column per minute of a day",),
    )
