"""A CloudFront distribution in front of what answers reads: the same resources whatever stands behind it."""

import re
from collections.abc import Iterator

from tonnage.catalog import Catalog
from tonnage.services._face import Situation
from tonnage.workload import Addition, Component, Reference, Value

_TTL_S, _MOST_S = 60, 86_400
_ALL_VIEWER = "216adef6-5c7f-47e4-b989-5492eafa07d3"
_ALL_BUT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
"""Managed origin request policies AllViewer and AllViewerExceptHostHeader (CloudFront developer guide, "Using managed
origin request policies"): the second where the origin goes by its own host name."""


def edge_in_front(
    component: Component, situation: Situation, catalog: Catalog, domain: Value, *, own_host: bool
) -> Iterator[Addition]:
    """A distribution that keeps the answers to GETs for a minute, where routes say that they are GETs.

    Args:
        component: What becomes the origin.
        situation: What the simulation saw.
        catalog: The catalogue.
        domain: Its domain name.
        own_host: Whether it answers, over HTTPS only, to its own host name (an API).
    """
    if situation.declared_reads <= 0:
        return
    out = catalog.unit_price("data_transfer", "internet_out_first_10TB")
    name, policy = f"{component.name}Distribution", f"{component.name}ReadsPolicy"
    key: Value = {
        "EnableAcceptEncodingGzip": True,
        "EnableAcceptEncodingBrotli": True,
        "HeadersConfig": {"HeaderBehavior": "none"},
        "CookiesConfig": {"CookieBehavior": "none"},
        "QueryStringsConfig": {"QueryStringBehavior": "all"},
    }
    behavior: Value = {
        "TargetOriginId": component.name,
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"),
        "CachedMethods": ("GET", "HEAD"),
        "Compress": True,
        "CachePolicyId": Reference(policy),
        "OriginRequestPolicyId": _ALL_BUT_HOST if own_host else _ALL_VIEWER,
    }
    origin: Value = {
        "Id": component.name,
        "DomainName": domain,
        "CustomOriginConfig": {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "https-only" if own_host else "http-only",
            "OriginSSLProtocols": ("TLSv1.2",),
        },
    }
    yield Addition(
        component=component.name,
        title=f"CloudFront in front of {component.name}",
        resources={
            policy: {
                "Type": "AWS::CloudFront::CachePolicy",
                "Properties": {
                    "CachePolicyConfig": {
                        "Name": re.sub(r"[^A-Za-z0-9_-]+", "-", f"{component.name}-reads"),
                        "MinTTL": 0,
                        "DefaultTTL": _TTL_S,
                        "MaxTTL": _MOST_S,
                        "ParametersInCacheKeyAndForwardedToOrigin": key,
                    }
                },
            },
            name: {
                "Type": "AWS::CloudFront::Distribution",
                "Properties": {
                    "DistributionConfig": {
                        "Enabled": True,
                        "HttpVersion": "http2and3",
                        "Origins": (origin,),
                        "DefaultCacheBehavior": behavior,
                    }
                },
            },
        },
        because=f"{situation.declared_reads:.0%} of the requests are GETs: what is asked again within {_TTL_S} s need "
        "not reach the origin",
        caveat="the share that hits is assumed (hit_ratio of the distribution): count repeated GETs in the logs; "
        "answers that differ by user must say Cache-Control: private; clients must call the distribution; its cost "
        f"contains the data sent to clients, which else costs {out.usd:g} USD/GB and is in no other figure here"
        + ("" if own_host else "; it asks the origin over HTTP, https-only needs a certificate there"),
    )
