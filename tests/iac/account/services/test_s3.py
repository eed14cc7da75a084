"""Buckets, those of the Region."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import found, only
from tonnage.iac.account.services import s3


def test_buckets_of_the_region_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        s3 = client("s3")
        s3.create_bucket(Bucket="uploads-of-mine")
        s3.put_bucket_accelerate_configuration(Bucket="uploads-of-mine", AccelerateConfiguration={"Status": "Enabled"})
        s3.create_bucket(Bucket="elsewhere-1", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    bucket = only(found(monkeypatch, s3, make), "AWS::S3::Bucket")
    assert bucket.properties == {
        "BucketName": "uploads-of-mine",
        "AccelerateConfiguration": {"AccelerationStatus": "Enabled"},
    }
    assert bucket.identifiers["arn:aws:s3:::uploads-of-mine"] == "Arn"
