"""Policies that watch what is not there."""

from pathlib import Path

from tonnage.advise.findings import findings
from workloads import a_worker_workload, compiled


def test_a_queue_that_no_route_sends_to_is_told_with_its_place(tmp_path: Path) -> None:
    assert findings(compiled(a_worker_workload(tmp_path))) == ()
    (found,) = findings(compiled(a_worker_workload(tmp_path, sent=False)))
    assert found.component == "Workers"
    assert found.what == "Backlog watches the queue Jobs, which no route sends to"
    assert found.place is not None
    assert found.place.file.endswith("template.yaml")
