"""Instance types and On-Demand prices, asked of AWS: read-only, page by page.

Needs ``ec2:DescribeInstanceTypes`` and ``pricing:GetProducts``. The Price List API answers in us-east-1 for every
Region.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

from tonnage.catalog import product_price
from tonnage.workload import CatalogError

_PRICES_IN = "us-east-1"
_FILTERS = {
    "operatingSystem": "Linux",
    "tenancy": "Shared",
    "preInstalledSw": "NA",
    "capacitystatus": "Used",
}

Progress = Callable[[str], None]


def ask(region: str, progress: Progress = lambda _: None) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Every instance type of a Region, and the price of each.

    Args:
        region: AWS Region.
        progress: Told what is being done.

    Returns:
        Items of DescribeInstanceTypes, and USD an hour by type.

    Raises:
        CatalogError: boto3 is not installed, there are no credentials, or AWS refuses.
    """
    try:
        import boto3
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise CatalogError("boto3 is not installed", remedy="pip install 'tonnage[aws]'") from None
    try:
        return clients_answer(
            boto3.client("ec2", region_name=region),
            boto3.client("pricing", region_name=_PRICES_IN),
            region,
            progress,
        )
    except (BotoCoreError, ClientError) as error:
        raise CatalogError(
            f"AWS did not answer: {error}",
            remedy="Credentials need ec2:DescribeInstanceTypes and pricing:GetProducts.",
        ) from None


def clients_answer(
    ec2: Any,  # noqa: ANN401 - boto3's clients have no types
    pricing: Any,  # noqa: ANN401
    region: str,
    progress: Progress = lambda _: None,
) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """The same of given clients."""
    types: list[dict[str, Any]] = []
    for page in _pages(ec2.describe_instance_types, "InstanceTypes"):
        types += page
        progress(f"{len(types)} instance types")
    prices: dict[str, float] = {}
    asked = [{"Type": "TERM_MATCH", "Field": field, "Value": value} for field, value in _FILTERS.items()]
    asked.append({"Type": "TERM_MATCH", "Field": "regionCode", "Value": region})
    for page in _pages(pricing.get_products, "PriceList", ServiceCode="AmazonEC2", Filters=asked):
        for product in page:
            found = product_price(json.loads(product) if isinstance(product, str) else product)
            if found is not None:
                prices[found[0]] = found[1]
        progress(f"{len(prices)} prices")
    return types, prices


def _pages(call: Callable[..., dict[str, Any]], key: str, **asked: Any) -> Iterator[list[Any]]:  # noqa: ANN401
    token: str | None = None
    while True:
        answer = call(**asked, **({"NextToken": token} if token else {}))
        yield list(answer.get(key, ()))
        token = answer.get("NextToken")
        if not token:
            return
