"""EBS volumes: the tables and examples of the Amazon EBS user guide."""

import math

import pytest

from services.gathering import CATALOG
from tonnage.services._volumes import (
    DAY_S,
    MIB,
    Storage,
    burst_of,
    instance_storage,
    io1_mibs,
    volume_storage,
)

KIB = 1024.0


def gp2(gib: float, io_bytes: float = 16 * KIB) -> Storage:
    return volume_storage("gp2", gib, None, None, io_bytes)


@pytest.mark.parametrize(
    ("gib", "baseline", "burst_s", "refill_s"),
    [
        (1, 100, 1_862, 54_000),
        (33, 100, 1_862, 54_000),
        (100, 300, 2_000, 18_000),
        (334, 1_002, 2_703, 5_389),
        (500, 1_500, 3_600, 3_600),
        (750, 2_250, 7_200, 2_400),
    ],
)
def test_gp2_bursts_as_in_the_table(gib: float, baseline: float, burst_s: float, refill_s: float) -> None:
    # Amazon EBS user guide, "General Purpose SSD volumes": burst duration and time to fill an empty balance.
    found = gp2(gib)
    assert (found.baseline_per_s, found.burst_per_s) == (baseline, 3_000)
    assert found.burst_s == pytest.approx(burst_s, abs=1)
    assert found.refill_s == pytest.approx(refill_s, abs=1)


@pytest.mark.parametrize(("gib", "baseline"), [(1_000, 3_000), (5_334, 16_000), (16_384, 16_000)])
def test_large_gp2_volumes_need_no_burst(gib: float, baseline: float) -> None:
    found = gp2(gib)
    assert found.baseline_per_s == found.burst_per_s == baseline
    assert found.burst_s == math.inf
    assert burst_of("v", found) is None


def test_a_bursting_gp2_volume_with_large_operations_is_bound_by_its_throughput() -> None:
    # The same guide: 3,000 operations of 256 KiB would be 750 MiB/s; 250 MiB/s are 1,000 of them.
    assert gp2(400, 256 * KIB).burst_per_s == 1_000
    assert gp2(170, 256 * KIB).burst_per_s == 512


@pytest.mark.parametrize(
    ("kind", "tib", "base", "burst", "burst_s"),
    [
        ("st1", 0.125, 5, 31.25, None),
        ("st1", 0.5, 20, 125, 4_993),
        ("st1", 1, 40, 250, 4_993),
        ("st1", 2, 80, 500, 4_993),
        ("st1", 5, 200, 500, 17_476),
        ("st1", 12.5, 500, 500, math.inf),
        ("st1", 16, 500, 500, math.inf),
        ("sc1", 0.5, 6, 40, None),
        ("sc1", 1, 12, 80, None),
        ("sc1", 5, 60, 250, None),
        ("sc1", 16, 192, 250, None),
    ],
)
def test_disks_carry_and_burst_as_in_the_tables(
    kind: str, tib: float, base: float, burst: float, burst_s: float | None
) -> None:
    # Amazon EBS user guide, "Throughput Optimized HDD and Cold HDD volumes": MiB/s, here operations of 1 MiB.
    found = volume_storage(kind, 1024 * tib, None, None, MIB)
    assert (found.baseline_per_s, found.burst_per_s) == (pytest.approx(base), pytest.approx(burst))
    if burst_s is not None:
        assert found.burst_s == pytest.approx(burst_s, abs=1)


def test_a_scan_of_a_disk() -> None:
    # The same guide: 5 TiB of st1 at 500 MiB/s take 2.91 hours.
    found = volume_storage("st1", 5 * 1024, None, None, MIB)
    assert 5 * MIB / found.burst_per_s / 3600.0 == pytest.approx(2.91, abs=0.005)


def test_small_operations_of_a_disk_count_as_a_whole_mebibyte() -> None:
    small, large = (volume_storage("st1", 1024, None, None, size) for size in (16 * KIB, MIB))
    assert small.baseline_per_s == large.baseline_per_s == pytest.approx(40.0)


@pytest.mark.parametrize(("iops", "mibs"), [(1_000, 250), (2_000, 500), (32_000, 500), (48_000, 750), (64_000, 1_000)])
def test_throughput_of_io1(iops: float, mibs: float) -> None:
    # Amazon EBS user guide, "Provisioned IOPS SSD volumes": 256 KiB an operation to 500 MiB/s, 16 KiB above 32,000.
    assert io1_mibs(iops, 256 * KIB) == pytest.approx(mibs)


def test_io2_block_express_reaches_its_throughput_at_16000() -> None:
    # The same guide: 0.256 MiB/s an operation, 4,000 MiB/s at most.
    found = volume_storage("io2", 1000, 16_000, None, 256 * KIB)
    assert found.baseline_per_s == pytest.approx(16_000)
    assert volume_storage("io2", 1000, 64_000, None, 256 * KIB).baseline_per_s == pytest.approx(16_000)
    assert found.latency_s < gp2(100).latency_s


def test_gp3_iops_and_throughput_are_set_apart() -> None:
    assert volume_storage("gp3", 100, None, None, 16 * KIB).baseline_per_s == 3_000
    assert volume_storage("gp3", 100, 12_000, None, 16 * KIB).baseline_per_s == pytest.approx(8_000)
    assert volume_storage("gp3", 100, 12_000, 1_000, 16 * KIB).baseline_per_s == 12_000


def test_a_gp3_volume_behind_a_small_instance() -> None:
    # m7g.large: 3,600 operations of 16 KiB for ever, 40,000 for half an hour a day (DescribeInstanceTypes); a volume of
    # 6,000 is carried whole in the peak, and 3,600 in the long run.
    link = instance_storage(CATALOG.instance_type("m7g.large"), 16 * KIB)
    assert link is not None
    assert link.baseline_per_s == pytest.approx(3_600)
    volume = volume_storage("gp3", 100, 6_000, 500, 16 * KIB)
    assert min(volume.baseline_per_s, link.burst_per_s) == 6_000
    assert link.burst_s == pytest.approx(1_800)
    burst = burst_of("ebs", link, DAY_S)
    assert burst is not None
    assert burst.refill_per_s * DAY_S == pytest.approx(burst.capacity)


def test_large_operations_are_bound_by_the_bandwidth_of_the_instance() -> None:
    link = instance_storage(CATALOG.instance_type("m7g.large"), 256 * KIB)
    assert link is not None
    assert link.baseline_per_s == pytest.approx(min(3_600 / 16, 78.75e6 / (256 * KIB)))
