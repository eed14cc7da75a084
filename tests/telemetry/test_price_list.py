"""Instance types and prices page by page, from stubbed clients; what is said where AWS does not answer."""

import json

import boto3
import pytest
from botocore.stub import ANY, Stubber

from refusals import refusal
from tonnage.telemetry import price_list
from tonnage.workload import CatalogError

CREDENTIALS = {"aws_access_key_id": "x", "aws_secret_access_key": "y"}


def product(name: str, usd: float) -> str:
    dimensions = {"a": {"unit": "Hrs", "pricePerUnit": {"USD": str(usd)}}}
    terms = {"OnDemand": {"b": {"priceDimensions": dimensions}}}
    return json.dumps({"product": {"attributes": {"instanceType": name}}, "terms": terms})


def test_every_page_is_asked_for() -> None:
    ec2 = boto3.client("ec2", region_name="eu-west-1", **CREDENTIALS)
    pricing = boto3.client("pricing", region_name="us-east-1", **CREDENTIALS)
    told: list[str] = []
    with Stubber(ec2) as types, Stubber(pricing) as prices:
        types.add_response(
            "describe_instance_types", {"InstanceTypes": [{"InstanceType": "m7g.large"}], "NextToken": "2"}
        )
        types.add_response(
            "describe_instance_types", {"InstanceTypes": [{"InstanceType": "m8g.large"}]}, {"NextToken": "2"}
        )
        asked = {"ServiceCode": "AmazonEC2", "Filters": ANY}
        prices.add_response("get_products", {"PriceList": [product("m7g.large", 0.09)], "NextToken": "n"}, asked)
        prices.add_response("get_products", {"PriceList": [product("m8g.large", 0.1)]}, {**asked, "NextToken": "n"})
        found, by_type = price_list.clients_answer(ec2, pricing, "eu-west-1", told.append)
        types.assert_no_pending_responses()
        prices.assert_no_pending_responses()
    assert [each["InstanceType"] for each in found] == ["m7g.large", "m8g.large"]
    assert by_type == {"m7g.large": 0.09, "m8g.large": 0.1}
    assert told[-1] == "2 prices"


def test_without_credentials_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_CONFIG_FILE", f"{tmp_path}/none")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    error = refusal(CatalogError, lambda: price_list.ask("us-east-1"))
    assert "did not answer" in error.what
    assert "pricing:GetProducts" in (error.remedy or "")
