"""CloudFront, Route 53, S3 and EFS.

Source: AWS provider for Terraform, aws_cloudfront_distribution, aws_route53_record, aws_s3_bucket, aws_efs_file_system.
"""

from collections.abc import Mapping

from tonnage.iac.terraform.kinds._spelling import Made, Spec, Spelling
from tonnage.workload import Value

_CONFIG = "DistributionConfig"
_FORWARDED: Spec = {"cookies": ("Cookies", {}), "headers": "Headers"}
_BEHAVIOR: Spec = {
    "min_ttl": "MinTTL",
    "default_ttl": "DefaultTTL",
    "max_ttl": "MaxTTL",
    "forwarded_values": ("ForwardedValues", _FORWARDED),
    "function_association": None,
    "lambda_function_association": None,
}
_ORIGIN: Spec = {
    "origin_id": "Id",
    "custom_origin_config": (
        "CustomOriginConfig",
        {"http_port": "HTTPPort", "https_port": "HTTPSPort", "origin_ssl_protocols": "OriginSSLProtocols"},
    ),
    "s3_origin_config": ("S3OriginConfig", {}),
    "origin_shield": ("OriginShield", {}),
    "custom_header": None,
}


def _alias(value: Value) -> Made:
    block = value[0] if isinstance(value, tuple) and value else value
    if not isinstance(block, Mapping):
        return {}
    return {"AliasTarget": {"DNSName": block.get("name"), "HostedZoneId": block.get("zone_id")}}


KINDS: Mapping[str, Spelling] = {
    "aws_cloudfront_distribution": Spelling(
        kind="AWS::CloudFront::Distribution",
        spec={
            "enabled": f"{_CONFIG}.Enabled",
            "price_class": f"{_CONFIG}.PriceClass",
            "http_version": f"{_CONFIG}.HttpVersion",
            "web_acl_id": f"{_CONFIG}.WebACLId",
            "aliases": f"{_CONFIG}.Aliases",
            "origin": [(f"{_CONFIG}.Origins", _ORIGIN)],
            "default_cache_behavior": (f"{_CONFIG}.DefaultCacheBehavior", _BEHAVIOR),
            "ordered_cache_behavior": [(f"{_CONFIG}.CacheBehaviors", _BEHAVIOR)],
            "viewer_certificate": None,
            "restrictions": None,
            "logging_config": None,
            "custom_error_response": None,
        },
        demanded=(
            'restrictions {\n  geo_restriction {\n    restriction_type = "none"\n  }\n}',
            "viewer_certificate {\n  cloudfront_default_certificate = true\n}",
        ),
    ),
    "aws_cloudfront_cache_policy": Spelling(
        kind="AWS::CloudFront::CachePolicy",
        spec={
            "name": "CachePolicyConfig.Name",
            "min_ttl": "CachePolicyConfig.MinTTL",
            "default_ttl": "CachePolicyConfig.DefaultTTL",
            "max_ttl": "CachePolicyConfig.MaxTTL",
            "parameters_in_cache_key_and_forwarded_to_origin": (
                "CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin",
                {
                    "cookies_config": ("CookiesConfig", {"cookies": ("", {"items": "Cookies"})}),
                    "headers_config": ("HeadersConfig", {"headers": ("", {"items": "Headers"})}),
                    "query_strings_config": ("QueryStringsConfig", {"query_strings": ("", {"items": "QueryStrings"})}),
                },
            ),
        },
    ),
    "aws_route53_record": Spelling(
        kind="AWS::Route53::RecordSet",
        spec={
            "records": "ResourceRecords",
            "ttl": "TTL",
            "alias": _alias,
            "latency_routing_policy": ("", {}),
            "weighted_routing_policy": ("", {}),
            "geolocation_routing_policy": ("GeoLocation", {}),
            "failover_routing_policy": ("", {"type": "Failover"}),
            "multivalue_answer_routing_policy": "MultiValueAnswer",
        },
    ),
    "aws_s3_bucket": Spelling(
        kind="AWS::S3::Bucket",
        spec={
            "bucket": "BucketName",
            "bucket_prefix": None,
            "acceleration_status": "AccelerateConfiguration.AccelerationStatus",
        },
    ),
    "aws_s3_bucket_accelerate_configuration": Spelling(
        kind="",
        spec={"bucket": None, "status": "AccelerateConfiguration.AccelerationStatus"},
        into=("bucket", ""),
    ),
    "aws_efs_file_system": Spelling(
        kind="AWS::EFS::FileSystem",
        spec={"lifecycle_policy": None, "creation_token": None, "protection": None},
    ),
    "aws_efs_mount_target": Spelling(kind="AWS::EFS::MountTarget"),
    "aws_efs_access_point": Spelling(kind="AWS::EFS::AccessPoint"),
    "aws_globalaccelerator_accelerator": Spelling(kind="AWS::GlobalAccelerator::Accelerator"),
}
