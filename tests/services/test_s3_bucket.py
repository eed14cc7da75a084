from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered, holds_for_every_room
from tonnage.engine.primitives import Bucket
from tonnage.engine.program import Take, Wait
from tonnage.services import GrowingCapacity, Steps, Usage, s3_bucket
from tonnage.services.s3_bucket import parts
from tonnage.workload import Call, Component, WorkloadError, declared

RESOURCES = """
Files: {Type: AWS::S3::Bucket}
Fast:
  Type: AWS::S3Express::DirectoryBucket
  Properties: {LocationName: use1-az4, DataRedundancy: SingleAvailabilityZone}
Far:
  Type: AWS::S3::Bucket
  Properties: {AccelerateConfiguration: {AccelerationStatus: Enabled}}
"""
MIB = 2**20


def visited(component: Component, **demands: float) -> Steps:
    asked = {name: declared(value, "1", "the test") for name, value in demands.items()}
    return s3_bucket.visit(component, Call(component=component.name, demands=asked), CATALOG)


def time_s(steps: Steps) -> float:
    return sum(step.time.mean_s for step in steps.enter if isinstance(step, Wait))


def test_a_prefix_serves_the_documented_rates_and_ten_serve_ten_times(tmp_path: Path) -> None:
    # Amazon S3 user guide, optimizing performance: 5,500 GET and 3,500 PUT a prefix; 10 prefixes, 55,000 reads/s.
    files = gathered(s3_bucket, a_stack(tmp_path, RESOURCES), "Files")
    holds_for_every_room(s3_bucket, files)
    limits = s3_bucket.behaviour(files, CATALOG).limits
    assert (limits["reads/s"], limits["writes/s"]) == (5500.0, 3500.0)
    ten = replace(files, characteristics={"prefixes": declared(10.0, "1", "the test")})
    assert s3_bucket.behaviour(ten, CATALOG).limits["reads/s"] == 55_000.0


def test_prefixes_are_split_under_load_but_not_those_of_a_directory_bucket(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    controls = s3_bucket.behaviour(gathered(s3_bucket, stack, "Files"), CATALOG).controls
    assert [(c.bucket, c.doubling_s) for c in controls if isinstance(c, GrowingCapacity)] == [
        ("Files/reads", 900.0),
        ("Files/writes", 900.0),
    ]
    fast = s3_bucket.behaviour(gathered(s3_bucket, stack, "Fast"), CATALOG)
    assert fast.controls == ()
    assert fast.zone_loss_s == float("inf")
    reads = fast.primitives["Fast/reads"]
    assert isinstance(reads, Bucket)
    assert reads.rate_per_s == 2_000_000.0


def test_a_large_object_takes_its_transfer_which_connections_share(tmp_path: Path) -> None:
    files = gathered(s3_bucket, a_stack(tmp_path, RESOURCES), "Files")
    small, large = visited(files, object_size=1.0), visited(files, object_size=875e6)
    assert time_s(large) - time_s(small) == pytest.approx(10.0)
    shared = visited(files, object_size=875e6, connections=10.0)
    assert time_s(shared) - time_s(small) == pytest.approx(1.0)
    assert shared.usage["gets"] == 10.0
    stack = a_stack(tmp_path, RESOURCES)
    assert time_s(visited(gathered(s3_bucket, stack, "Fast"), object_size=1.0)) < time_s(small) / 5


def test_reads_only_writes_only_and_both(tmp_path: Path) -> None:
    files = gathered(s3_bucket, a_stack(tmp_path, RESOURCES), "Files")
    taken = lambda steps: [(s.bucket, s.amount) for s in steps.enter if isinstance(s, Take)]  # noqa: E731
    assert taken(visited(files)) == [("Files/reads", 1.0)]
    assert taken(visited(files, writes=2.0)) == [("Files/writes", 2.0)]
    assert taken(visited(files, reads=3.0, writes=1.0)) == [("Files/reads", 3.0), ("Files/writes", 1.0)]


def test_parts_of_an_upload() -> None:
    # Amazon S3 user guide, multipart upload limits: 1 TB in parts of 100 MiB are 9,537; at most 10,000 of them.
    assert parts(1e12, 100 * MIB) == 9_537
    assert parts(8 * MIB, 8 * MIB) == 1
    assert parts(8 * MIB + 1, 8 * MIB) == 2
    with pytest.raises(WorkloadError, match=r"11,921 parts.*10,000"):
        parts(1e12, 80 * MIB)
    with pytest.raises(WorkloadError, match="5 MiB to 5 GiB"):
        parts(1e9, 1 * MIB)
    with pytest.raises(WorkloadError, match="5 GiB in one request"):
        parts(6 * 2**30, 7 * 2**30)


def test_an_upload_in_parts_has_a_request_for_each_and_two_around_them(tmp_path: Path) -> None:
    files = gathered(s3_bucket, a_stack(tmp_path, RESOURCES), "Files")
    assert visited(files, writes=1.0, object_size=80.0 * MIB).usage["puts"] == 12.0
    assert visited(files, writes=1.0, object_size=8.0 * MIB).usage["puts"] == 1.0


def test_price_of_express_one_zone_is_the_documented_example(tmp_path: Path) -> None:
    # Amazon S3 FAQ: 10 GB kept, 1 million PUT and 9 million GET of 10 KB in a month: 2.58 USD.
    fast = gathered(s3_bucket, a_stack(tmp_path, RESOURCES), "Fast")
    fast = replace(fast, characteristics={"stored": declared(10e9, "bytes", "the test")})
    month_s = 730.0 * 3600.0
    used = {"gets": 0.9, "puts": 0.1, "bytes_out": 0.9 * 10_000.0, "bytes_in": 0.1 * 10_000.0}
    cost = s3_bucket.price(fast, Usage(visits_per_s=10e6 / month_s, per_visit=used), CATALOG)
    assert cost.usd_per_h * 730.0 == pytest.approx(2.58, abs=0.01)


def test_requests_of_a_general_purpose_bucket(tmp_path: Path) -> None:
    stack = a_stack(tmp_path, RESOURCES)
    usage = Usage(visits_per_s=1000.0 / 3600.0, per_visit={"gets": 1.0, "puts": 2.0})
    cost = s3_bucket.price(gathered(s3_bucket, stack, "Files"), usage, CATALOG)
    assert cost.usd_per_h == pytest.approx(0.0004 + 2 * 0.005)
    assert any("storage is not counted" in note for note in cost.notes)
    far = s3_bucket.price(gathered(s3_bucket, stack, "Far"), usage, CATALOG)
    assert any("Transfer Acceleration" in note for note in far.notes)
