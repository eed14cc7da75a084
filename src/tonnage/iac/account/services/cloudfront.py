"""CloudFront distributions with the cache policies of the account."""

from collections.abc import Iterator, Mapping
from typing import Any

from tonnage.iac.account.found import Ask, Found, plain
from tonnage.workload import Value

CALLS = ("cloudfront:ListDistributions", "cloudfront:ListCachePolicies")
_BEHAVIOR = (
    "PathPattern", "TargetOriginId", "ViewerProtocolPolicy", "CachePolicyId", "Compress", "ForwardedValues", "MinTTL",
    "DefaultTTL", "MaxTTL",
)  # fmt: skip
_ORIGIN = (
    "Id", "DomainName", "OriginPath", "CustomOriginConfig", "S3OriginConfig", "OriginShield", "ConnectionAttempts",
    "ConnectionTimeout",
)  # fmt: skip


def read(ask: Ask) -> Iterator[Found]:
    """Distributions, which belong to no Region, and own cache policies."""
    for page in ask("cloudfront", "list_distributions", "DistributionList"):
        for each in page.get("Items", ()):
            yield _distribution(each)
    for page in ask("cloudfront", "list_cache_policies", "CachePolicyList", Type="custom"):
        for each in page.get("Items", ()):
            policy = each["CachePolicy"]
            config = _listed(policy["CachePolicyConfig"])
            name = str(policy["CachePolicyConfig"]["Name"])
            yield Found(
                kind="AWS::CloudFront::CachePolicy",
                name=name,
                properties={"CachePolicyConfig": config},
                identifiers={policy["Id"]: None},
            )


def _distribution(answer: Mapping[str, Any]) -> Found:
    behaviors = answer.get("CacheBehaviors", {}).get("Items", ())
    config: dict[str, Value] = {
        "Enabled": bool(answer.get("Enabled", True)),
        "PriceClass": answer.get("PriceClass"),
        "Origins": tuple(_listed(_kept(each, _ORIGIN)) for each in answer.get("Origins", {}).get("Items", ())),
        "DefaultCacheBehavior": _behavior(answer["DefaultCacheBehavior"]),
        "CacheBehaviors": tuple(_behavior(each) for each in behaviors),
    }
    return Found(
        kind="AWS::CloudFront::Distribution",
        name=f"distribution-{answer['Id']}",
        properties={"DistributionConfig": {key: value for key, value in config.items() if value not in (None, ())}},
        identifiers={answer["Id"]: None, answer["DomainName"]: "DomainName"},
    )


def _behavior(answer: Mapping[str, Any]) -> Value:
    methods = answer.get("AllowedMethods", {})
    own = _listed(_kept(answer, _BEHAVIOR))
    cached = methods.get("CachedMethods", {}).get("Items")
    functions = answer.get("FunctionAssociations", {}).get("Items")
    return {
        **(own if isinstance(own, dict) else {}),
        **({"AllowedMethods": plain(methods["Items"])} if methods.get("Items") else {}),
        **({"CachedMethods": plain(cached)} if cached else {}),
        **({"FunctionAssociations": plain(functions)} if functions else {}),
    }


def _kept(answer: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: answer[name] for name in names if answer.get(name) not in (None, "")}


def _listed(value: object) -> Value:
    """``{"Quantity": 2, "Items": [...]}`` as a list, as templates have it; custom headers are left out."""
    if isinstance(value, Mapping):
        if "Quantity" in value:
            return tuple(_listed(each) for each in value.get("Items", ()))
        return {key: _listed(each) for key, each in value.items()}
    return tuple(_listed(each) for each in value) if isinstance(value, list) else plain(value)
