"""Traffic histories from files: CSV in its dialects, CloudWatch's JSON, each also compressed with gzip."""

import gzip
import zlib
from pathlib import Path

from tonnage.telemetry.cloudwatch_json import read_cloudwatch
from tonnage.telemetry.samples import Kind
from tonnage.telemetry.time_grid import to_traffic
from tonnage.telemetry.traffic_csv import read_csv
from tonnage.workload import Traffic, TrafficError

_KINDS: dict[str, Kind] = {"counts": "counts", "rates": "rates", "requests": "requests"}


def read_traffic(file: Path | str, *, kind: str | None = None) -> Traffic:
    """Read a traffic history.

    Read are comma, semicolon and tab separated text with a timestamp column and a column of counts per step or of rates
    per second, traces with one row per request, days with one column per minute, and the JSON of
    ``aws cloudwatch get-metric-data`` and ``get-metric-statistics``; which one it is, the content says. The step is the
    commonest spacing; a missing step is not zero demand; whatever was assumed or repaired is in the traffic's notes.

    Args:
        file: The file.
        kind: ``counts`` (per step), ``rates`` (per second) or ``requests`` (one row each), where the column names do
            not say it or say it wrongly; None to find out.

    Returns:
        Rates in requests/s with evidence ``measured``, named like the file.

    Raises:
        TrafficError: The file is missing or cannot be used; with the line, and what to do.
    """
    if kind is not None and kind not in _KINDS:
        raise TrafficError(f"Traffic kind {kind!r} is unknown", remedy=f"Give one of {', '.join(_KINDS)}.")
    path = Path(file)
    text = _text(path)
    if not text.strip():
        raise TrafficError(f"{path} is empty", remedy="Give rows with a timestamp and a count.")
    read = read_cloudwatch if text.lstrip()[0] in "{[" else read_csv
    return to_traffic(read(text, name=path.name, file=str(path), kind=None if kind is None else _KINDS[kind]))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        # Spreadsheets save "Unicode text" as UTF-16 with a byte order mark.
        return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except FileNotFoundError:
        raise TrafficError(f"There is no traffic file {path}", remedy="Check the path.") from None
    except IsADirectoryError:
        raise TrafficError(f"{path} is a folder", remedy="Name a file in it.") from None
    except (OSError, EOFError, zlib.error) as error:
        raise TrafficError(f"{path} cannot be read: {error}", remedy="Check the file, or export it again.") from None
    except UnicodeDecodeError:
        raise TrafficError(f"{path} is not text in UTF-8", remedy="Save it as CSV in UTF-8, or give JSON.") from None
