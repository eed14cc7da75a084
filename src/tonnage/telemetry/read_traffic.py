"""Traffic histories: which reader a file needs."""

import gzip
from pathlib import Path

from tonnage.telemetry.cloudwatch_json import read_cloudwatch
from tonnage.telemetry.regular import regular
from tonnage.telemetry.traffic_csv import read_csv
from tonnage.workload import Traffic, TrafficError


def read_traffic(file: Path | str) -> Traffic:
    """Read a traffic history.

    A CSV of timestamp and count or rate (also gzipped, also one row per request), or the JSON answer of CloudWatch's
    ``get-metric-data`` or ``get-metric-statistics``.

    Raises:
        TrafficError: The file cannot be read as traffic; the sentence says which line.
    """
    shown, path = str(file), Path(file)
    if path.is_dir():
        raise TrafficError(f"{shown} is a folder", remedy="Give the traffic file inside it.")
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        text = data.decode("utf-8-sig")
    except FileNotFoundError:
        raise TrafficError(f"There is no traffic file {shown}", remedy="Check the path.") from None
    except UnicodeDecodeError:
        raise TrafficError(f"{shown} is not text in UTF-8", remedy="Save it as UTF-8.") from None
    except (OSError, EOFError) as error:
        raise TrafficError(f"{shown} cannot be read: {error}") from None
    if not text.strip():
        raise TrafficError(f"{shown} is empty", remedy="Give a history with at least two rows.")
    samples = read_cloudwatch(text, shown) if text.lstrip()[0] in "{[" else read_csv(text, shown)
    return regular(samples, Path(shown).name, shown)
