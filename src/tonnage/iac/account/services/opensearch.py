"""OpenSearch domains."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = ("es:ListDomainNames", "es:DescribeDomain")


def read(ask: Ask) -> Iterator[Found]:
    """Domains with their nodes."""
    for each in ask("opensearch", "list_domain_names", "DomainNames"):
        for domain in ask("opensearch", "describe_domain", "DomainStatus", DomainName=each["DomainName"]):
            name = domain["DomainName"]
            identifiers: dict[str, str | None] = {name: None, domain["ARN"]: "Arn"}
            if domain.get("Endpoint"):
                identifiers[domain["Endpoint"]] = "DomainEndpoint"
            yield Found(
                kind="AWS::OpenSearchService::Domain",
                name=name,
                properties=picked(domain, "DomainName", "EngineVersion", "ClusterConfig", "EBSOptions"),
                identifiers=identifiers,
            )
