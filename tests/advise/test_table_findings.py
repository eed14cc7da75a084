"""A key that is asked for more than a partition serves is found before anything is run."""

from pathlib import Path

import pytest

from tonnage.advise.finding import Finding
from tonnage.advise.findings import findings
from tonnage.intake import Overrides, load, open_source
from workloads import an_api_source, compiled


def found(folder: Path, demands: str, hottest_key: str, factor: float = 1.0) -> tuple[Finding, ...]:
    """Findings at 1,000 requests/s."""
    an_api_source(folder, traffic="constant 1000/s for 20 min", growth=1.0, reads=9000)
    file = folder / "tonnage.yaml"
    text = file.read_text().replace("reads: 1, writes: 0", demands)
    file.write_text(f"{text}components:\n  Table:\n    hottest_key: {hottest_key}\n")
    return findings(compiled(load(open_source(str(folder), Overrides()))), factor)


@pytest.mark.parametrize(
    ("demands", "what", "remedy"),
    [
        (
            "reads: 0, writes: 2",
            "1,200 write units/s at the highest peak judged, but",
            "write sharding",
        ),
        ("reads: 6, writes: 0", "3,600 read units/s at the highest peak judged, but", "DAX"),
    ],
)
def test_a_key_above_its_partition(tmp_path: Path, demands: str, what: str, remedy: str) -> None:
    (finding,) = found(tmp_path, demands, "60 %")
    assert finding.component == "Table"
    assert what in finding.what
    assert remedy in finding.remedy
    assert finding.place is not None


def test_a_key_below_it_is_not_told(tmp_path: Path) -> None:
    assert found(tmp_path, "reads: 0, writes: 2", "49 %") == ()
    assert found(tmp_path, "reads: 0, writes: 2", "49 %", factor=1.5) != ()
    assert found(tmp_path, "item_size: 2 KB, item_writes: 1", "49 %") == ()
