"""Clients far from the Region, and what would bring them nearer."""

from dataclasses import replace
from pathlib import Path

import pytest

from tonnage.advise.client_findings import client_findings, second_region
from tonnage.compile import Compiled
from workloads import an_api_workload, compiled


def with_clients(tmp_path: Path, clients: dict[str, float]) -> Compiled:
    return compiled(replace(an_api_workload(tmp_path / "api"), clients=clients))


def test_what_each_remedy_takes_is_told_in_milliseconds(tmp_path: Path) -> None:
    (found,) = client_findings(with_clients(tmp_path, {"us-east-1": 0.5, "ap-northeast-1": 0.5}))
    assert found.component == "Api"
    # 5 and 147 ms, half each, and a tenth of the requests with two round trips more: 76 x 1.2 = 91 ms.
    assert "50% of the clients are 100 ms or more from us-east-1 (Tokyo: 147 ms)" in found.what
    assert "takes 91 ms a request" in found.what
    # Edge 15 ms: 15 x 1.2 = 18; miss 18 + 76 = 94; accelerator 15 x 0.2 + 76 = 79; Tokyo too: 5 x 1.2 = 6.
    for words in ("hit takes 18 ms", "miss 94 ms", "79 ms", "second Region in ap-northeast-1", "routing 6 ms"):
        assert words in found.remedy


@pytest.mark.parametrize("clients", [{}, {"us-east-1": 1.0}, {"us-east-1": 0.97, "tokyo": 0.03}])
def test_nothing_is_told_where_few_are_far(tmp_path: Path, clients: dict[str, float]) -> None:
    assert list(client_findings(with_clients(tmp_path, clients))) == []


def test_the_second_region_is_where_the_far_ones_are() -> None:
    assert second_region({"us-east-1": 0.5, "mumbai": 0.5}, "us-east-1") == "ap-south-1"
    assert second_region({"beijing": 1.0}, "us-east-1") == "ap-northeast-2", "Regions in China are not for everyone"
