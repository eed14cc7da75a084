"""S3 buckets of the Region."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found

CALLS = ("s3:ListAllMyBuckets", "s3:GetBucketLocation", "s3:GetAccelerateConfiguration")
_HOSTS = "s3.{region}.amazonaws.com"


def read(ask: Ask) -> Iterator[Found]:
    """Buckets with Transfer Acceleration."""
    for bucket in ask("s3", "list_buckets", "Buckets"):
        name = bucket["Name"]
        # No location is us-east-1: AWS answers null for the oldest Region.
        places = list(ask("s3", "get_bucket_location", "LocationConstraint", Bucket=name)) or ["us-east-1"]
        if places != [ask.region]:
            continue
        status = list(ask("s3", "get_bucket_accelerate_configuration", "Status", Bucket=name))
        accelerated = {"AccelerateConfiguration": {"AccelerationStatus": status[0]}} if status else {}
        yield Found(
            kind="AWS::S3::Bucket",
            name=name,
            properties={"BucketName": name, **accelerated},
            identifiers={
                name: None,
                f"arn:aws:s3:::{name}": "Arn",
                f"{name}.s3.amazonaws.com": "DomainName",
                f"{name}.{_HOSTS.format(region=ask.region)}": "RegionalDomainName",
            },
        )
