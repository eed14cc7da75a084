"""EFS: throughput by what is stored, credits, modes, price."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, titles, writable
from tonnage.engine.primitives import Bucket
from tonnage.engine.program import Take
from tonnage.services import Burst, Situation, Usage, efs_file_system
from tonnage.services.efs_file_system import bursting_mibs, credits_mib
from tonnage.workload import Call, Component, declared

FILES = "Files: {Type: AWS::EFS::FileSystem, Properties: {%s}}"


def files(tmp_path: Path, properties: str = "", gib: float = 200.0) -> Component:
    component = gathered(efs_file_system, a_stack(tmp_path, FILES % properties), "Files")
    return replace(component, characteristics={"size": declared(gib, "GiB", "a test")})


def test_the_worked_example_of_a_burst() -> None:
    # Amazon EFS user guide, performance: 200 GiB carry 9.8 MiB/s for ever and 100 MiB/s for 6.8 hours.
    base, burst = bursting_mibs(200.0)
    assert base == pytest.approx(9.8, abs=0.05)
    assert burst == 100.0
    assert credits_mib() / (burst - base) / 3600.0 == pytest.approx(6.8, abs=0.05)


@pytest.mark.parametrize(
    ("gib", "base", "burst"), [(1.0, 1.0, 100.0), (1024.0, 50.0, 100.0), (10_240.0, 500.0, 1000.0)]
)
def test_throughput_grows_with_what_is_stored(gib: float, base: float, burst: float) -> None:
    assert bursting_mibs(gib) == (pytest.approx(base), pytest.approx(burst))


def throughput(component: Component) -> float:
    found = efs_file_system.behaviour(component, CATALOG).primitives["Files/throughput"]
    assert isinstance(found, Bucket)
    return found.rate_per_s


def test_modes(tmp_path: Path) -> None:
    bursting = files(tmp_path)
    assert isinstance(efs_file_system.behaviour(bursting, CATALOG).controls[0], Burst)
    provisioned = files(tmp_path, "ThroughputMode: provisioned, ProvisionedThroughputInMibps: 64")
    assert throughput(provisioned) == 64.0
    assert efs_file_system.behaviour(provisioned, CATALOG).controls == ()
    elastic = files(tmp_path, "ThroughputMode: elastic")
    assert throughput(elastic) > 1_000.0
    one_zone = files(tmp_path, "AvailabilityZoneName: us-east-1a")
    assert efs_file_system.behaviour(one_zone, CATALOG).zone_loss_s == float("inf")
    assert efs_file_system.behaviour(bursting, CATALOG).zone_loss_s == 0.0


def test_a_byte_read_costs_a_third_of_a_byte_written(tmp_path: Path) -> None:
    def metered(component: Component, **amounts: float) -> float:
        demands = {name: declared(value, "1", "a test") for name, value in amounts.items()}
        steps = efs_file_system.visit(component, Call(component="Files", demands=demands), CATALOG)
        (found,) = (s.amount for s in steps.enter if isinstance(s, Take) and s.bucket == "Files/throughput")
        return found

    component, mib = files(tmp_path), 2.0**20
    assert metered(component, reads=3, writes=0, bytes=mib) == pytest.approx(1.0)
    assert metered(component, reads=0, writes=1, bytes=mib) == pytest.approx(1.0)
    assert metered(files(tmp_path, "ThroughputMode: elastic"), reads=3, writes=0, bytes=mib) == pytest.approx(3.0)


def test_price_by_mode(tmp_path: Path) -> None:
    usage = Usage(visits_per_s=10.0, per_visit={"read_bytes": 1e6, "written_bytes": 0.0})
    items = efs_file_system.price(files(tmp_path), usage, CATALOG).items
    assert items == {"storage": pytest.approx(200 * 0.3 / 730)}
    elastic = efs_file_system.price(files(tmp_path, "ThroughputMode: elastic"), usage, CATALOG).items
    assert elastic["elastic reads"] == pytest.approx(10 * 3600 * 1e6 / 1e9 * 0.03)
    provisioned = files(tmp_path, "ThroughputMode: provisioned, ProvisionedThroughputInMibps: 64")
    items = efs_file_system.price(provisioned, usage, CATALOG).items
    # What the storage brings by itself is free.
    assert items["provisioned throughput"] * 730 == pytest.approx((64 - 200 / 1024 * 50) * 6)


def test_elastic_throughput_is_proposed_where_it_is_full(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, FILES % "ThroughputMode: provisioned, ProvisionedThroughputInMibps: 1")
    component = gathered(efs_file_system, stack, "Files")
    found = writable(efs_file_system, stack, component, Situation(pressures=("iops",)))
    assert titles(found) == ["Files ThroughputMode provisioned → elastic"]
