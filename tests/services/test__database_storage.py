import pytest
from hypothesis import given
from hypothesis import strategies as st

from tonnage.services._database_storage import storage_of
from tonnage.services._volumes import bucket_of, burst_of, limited


@pytest.mark.parametrize(
    ("kind", "engine", "gib", "iops", "baseline", "burst", "balance"),
    [
        # Amazon EBS user guide, gp2: 100 GiB has 300 IOPS; RDS: striped over four volumes from 400 GiB.
        ("gp2", "mysql", 20, None, 100, 3000, 5.4e6),
        ("gp2", "mysql", 100, None, 300, 3000, 5.4e6),
        ("gp2", "postgres", 399, None, 1197, 3000, 5.4e6),
        ("gp2", "postgres", 400, None, 1200, 12_000, 21.6e6),
        ("gp2", "postgres", 5000, None, 15_000, 15_000, 21.6e6),
        ("gp2", "sqlserver-se", 1000, None, 3000, 3000, 5.4e6),
        ("gp2", "sqlserver-se", 16_000, None, 16_000, 16_000, 5.4e6),
        ("gp3", "mysql", 100, None, 3000, 3000, 0),
        ("gp3", "mysql", 100, 9000, 3000, 3000, 0),
        ("gp3", "mysql", 400, None, 12_000, 12_000, 0),
        ("gp3", "mysql", 400, 20_000, 20_000, 20_000, 0),
        ("gp3", "oracle-se2", 200, None, 12_000, 12_000, 0),
        ("gp3", "sqlserver-se", 100, 6000, 6000, 6000, 0),
        ("io1", "mysql", 100, 5000, 5000, 5000, 0),
        ("standard", "mysql", 100, None, 100, 100, 0),
    ],
)
def test_volumes_carry_what_the_user_guide_says(
    kind: str, engine: str, gib: float, iops: float | None, baseline: float, burst: float, balance: float
) -> None:
    storage = storage_of(kind, engine, gib, iops)
    assert (storage.baseline_per_s, storage.burst_per_s, storage.balance) == (baseline, burst, balance)


@given(kind=st.sampled_from(["gp2", "gp3"]), gib=st.floats(20, 60_000), more=st.floats(0, 5_000))
def test_a_larger_volume_never_carries_less(kind: str, gib: float, more: float) -> None:
    small, large = storage_of(kind, "mysql", gib, None), storage_of(kind, "mysql", gib + more, None)
    assert small.baseline_per_s <= large.baseline_per_s
    assert small.baseline_per_s <= small.burst_per_s


def test_an_instance_class_limits_baseline_and_burst() -> None:
    behind = limited(storage_of("gp2", "mysql", 100, None), 2000.0)
    assert (behind.baseline_per_s, behind.burst_per_s) == (300, 2000)
    assert burst_of("Db/io", behind) is not None
    slow = limited(storage_of("gp2", "mysql", 1000, None), 500.0)
    assert burst_of("Db/io", slow) is None
    assert bucket_of(slow).rate_per_s == 500
    assert limited(slow, 0.0) == slow
