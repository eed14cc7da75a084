"""S3: rates of prefixes, the time of a transfer, directory buckets, multipart uploads."""

from dataclasses import replace
from pathlib import Path

import pytest

from services.gathering import CATALOG, a_stack, gathered
from tonnage.engine.primitives import Bucket
from tonnage.engine.program import Take, Wait
from tonnage.services import GrowingCapacity, Usage, s3_bucket
from tonnage.workload import Call, Component, declared


def bucket(tmp_path: Path, kind: str = "AWS::S3::Bucket") -> Component:
    return gathered(s3_bucket, a_stack(tmp_path, f"Files: {{Type: {kind}}}"), "Files")


def asked(**amounts: float) -> Call:
    return Call(component="Files", demands={name: declared(value, "1", "a test") for name, value in amounts.items()})


def rate(component: Component, kind: str) -> float:
    found = s3_bucket.behaviour(component, CATALOG).primitives[f"Files/{kind}"]
    assert isinstance(found, Bucket)
    return found.rate_per_s


def waited(component: Component, call: Call) -> float:
    return sum(step.time.mean_s for step in s3_bucket.visit(component, call, CATALOG).enter if isinstance(step, Wait))


def test_ten_prefixes_carry_ten_times_as_much(tmp_path: Path) -> None:
    # Amazon S3 user guide: 5,500 reads and 3,500 writes per second and prefix; ten prefixes carry 55,000 reads.
    component = bucket(tmp_path)
    assert (rate(component, "reads"), rate(component, "writes")) == (5_500.0, 3_500.0)
    ten = replace(component, characteristics={"prefixes": declared(10.0, "1", "a test")})
    assert (rate(ten, "reads"), rate(ten, "writes")) == (55_000.0, 35_000.0)


def test_prefixes_grow_with_what_is_asked(tmp_path: Path) -> None:
    controls = s3_bucket.behaviour(bucket(tmp_path), CATALOG).controls
    assert [control.bucket for control in controls if isinstance(control, GrowingCapacity)] == [
        "Files/reads",
        "Files/writes",
    ]


def test_a_directory_bucket_is_fast_and_does_not_grow(tmp_path: Path) -> None:
    # Amazon S3 user guide, S3 Express One Zone: 2,000,000 reads and 200,000 writes a second, single-digit milliseconds.
    component = bucket(tmp_path, "AWS::S3Express::DirectoryBucket")
    assert (rate(component, "reads"), rate(component, "writes")) == (2e6, 2e5)
    assert s3_bucket.behaviour(component, CATALOG).controls == ()
    assert waited(component, asked(reads=1, bytes=0)) < 0.01 < waited(bucket(tmp_path), asked(reads=1, bytes=0))


def test_a_large_object_takes_as_long_as_its_connections_carry(tmp_path: Path) -> None:
    component = bucket(tmp_path)
    first_s = waited(component, asked(reads=1, bytes=0))
    assert waited(component, asked(reads=1, bytes=850e6)) - first_s == pytest.approx(10.0)
    assert waited(component, asked(reads=1, bytes=850e6, connections=10)) - first_s == pytest.approx(1.0)


def test_parts_are_requests_of_their_own(tmp_path: Path) -> None:
    steps = s3_bucket.visit(bucket(tmp_path), asked(writes=2, connections=8), CATALOG)
    assert [(step.bucket, step.amount) for step in steps.enter if isinstance(step, Take)] == [("Files/writes", 16.0)]
    assert steps.usage["writes"] == 16.0
    assert steps.usage["reads"] == 0.0


def test_the_worked_example_of_express_one_zone(tmp_path: Path) -> None:
    # Amazon S3 FAQ: 1 M PUT and 9 M GET of 10 KB: 1.13 + 0.27 dollars of requests, 0.03 + 0.05 of bytes (GiB there).
    component = bucket(tmp_path, "AWS::S3Express::DirectoryBucket")
    usage = Usage(
        visits_per_s=10e6 / 3600.0,
        per_visit={"reads": 0.9, "writes": 0.1, "read_bytes": 9_000.0, "written_bytes": 1_000.0},
    )
    items = s3_bucket.price(component, usage, CATALOG).items
    assert items["writes"] == pytest.approx(1.13)
    assert items["reads"] == pytest.approx(0.27)
    assert items["read bytes"] == pytest.approx(0.05, abs=0.005)
    assert items["written bytes"] == pytest.approx(0.03, abs=0.005)
