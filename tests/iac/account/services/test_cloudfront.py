"""Distributions as CloudFront lists them."""

from collections.abc import Callable
from typing import Any

import pytest

from iac.account.server import Answers, found, only
from tonnage.iac.account.services import cloudfront


def test_a_distribution_is_read_without_counts_and_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    def make(client: Callable[[str], Any]) -> None:
        behavior = {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
            "AllowedMethods": {
                "Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]},
            },
        }  # fmt: skip
        origin = {
            "Id": "site",
            "DomainName": "www.example.com",
            "CustomHeaders": {"Quantity": 1, "Items": [{"HeaderName": "X-Key", "HeaderValue": "hunter2"}]},
            "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
            "OriginShield": {"Enabled": True, "OriginShieldRegion": "eu-west-1"},
        }
        client("cloudfront").create_distribution(
            DistributionConfig={
                "CallerReference": "1",
                "Comment": "",
                "Enabled": True,
                "PriceClass": "PriceClass_100",
                "Origins": {"Quantity": 1, "Items": [origin]},
                "DefaultCacheBehavior": behavior,
            }
        )

    distribution = only(found(monkeypatch, cloudfront, make), "AWS::CloudFront::Distribution")
    config = distribution.properties["DistributionConfig"]
    assert isinstance(config, dict)
    assert config["PriceClass"] == "PriceClass_100"
    assert config["Origins"][0]["DomainName"] == "www.example.com"
    assert config["Origins"][0]["OriginShield"]["OriginShieldRegion"] == "eu-west-1"
    assert config["DefaultCacheBehavior"]["CachedMethods"] == ("HEAD", "GET")
    assert config["DefaultCacheBehavior"]["CachePolicyId"] == "658327ea-f89d-4fab-a63d-7e88639e58f6"
    assert "hunter2" not in str(config)
    assert "DomainName" in distribution.identifiers.values()


def test_an_own_cache_policy_is_read() -> None:
    policy = {
        "Id": "11111111-2222-3333-4444-555555555555",
        "CachePolicyConfig": {
            "Name": "hour",
            "MinTTL": 0,
            "DefaultTTL": 3600,
            "ParametersInCacheKeyAndForwardedToOrigin": {
                "HeadersConfig": {"HeaderBehavior": "whitelist", "Headers": {"Quantity": 1, "Items": ["Accept"]}}
            },
        },
    }
    answers = Answers({"list_cache_policies": {"Items": [{"CachePolicy": policy}]}})
    (each,) = cloudfront.read(answers)
    config = each.properties["CachePolicyConfig"]
    assert isinstance(config, dict)
    assert config["DefaultTTL"] == 3600
    assert config["ParametersInCacheKeyAndForwardedToOrigin"]["HeadersConfig"]["Headers"] == ("Accept",)
